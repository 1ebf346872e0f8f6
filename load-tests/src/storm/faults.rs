//! Storms of faults: power cuts, failing disks, flipped bits and swapped files under the embedded store, and what happens to
//! the one Redis behind a server.
//!
//! The hall works as in the other storms. What a fault may do is always the same: nothing that was acknowledged is missing
//! without a word, and no number is given out twice. What a word is: `/readyz`, the error of a start, or the answer.

mod disk;
mod flips;
mod redis;
mod report;
mod scene;
mod swaps;

use super::failing_disk::{DiskFault, FailingDisk};
use crate::history::Verdict;
use crate::process;
pub use redis::RedisFault;
pub use report::{FaultReport, table};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
pub use swaps::Swap;

/// One kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server is killed, and only what was synced is there when the power is back.
    PowerCut,
    /// The disk fails for a while.
    Disk(DiskFault),
    /// One bit of a file is another one at the next start.
    FlippedBit,
    /// A file is deleted, cut or exchanged.
    Swapped(Swap),
    /// Something happens to the Redis.
    Redis(RedisFault),
}

impl Fault {
    /// All that must be survived. A disk that lies is not among them: it shows that the storms see a loss.
    pub fn all() -> Vec<Fault> {
        let mut all = vec![
            Fault::PowerCut,
            Fault::Disk(DiskFault::FailingSync),
            Fault::Disk(DiskFault::Full),
            Fault::Disk(DiskFault::FailingWrites),
            Fault::Disk(DiskFault::ReadOnly),
            Fault::FlippedBit,
        ];
        all.extend(Swap::ALL.map(Fault::Swapped));
        all.extend(RedisFault::ALL.map(Fault::Redis));
        all
    }

    /// In reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Fault::PowerCut => "power-cut",
            Fault::Disk(DiskFault::FailingSync) => "failing-sync",
            Fault::Disk(DiskFault::Full) => "disk-full",
            Fault::Disk(DiskFault::FailingWrites) => "failing-writes",
            Fault::Disk(DiskFault::ReadOnly) => "read-only",
            Fault::Disk(DiskFault::LyingSync) => "lying-sync",
            Fault::FlippedBit => "bit-flip",
            Fault::Swapped(swap) => swap.name(),
            Fault::Redis(fault) => fault.name(),
        }
    }

    /// How often in a long run, and in a short one.
    pub fn times(self, is_short: bool) -> usize {
        let (long, short) = match self {
            Fault::PowerCut => (100, 8),
            Fault::Disk(DiskFault::FailingSync) => (30, 3),
            Fault::Disk(_) => (10, 1),
            Fault::FlippedBit => (200, 12),
            Fault::Swapped(_) => (6, 1),
            Fault::Redis(_) => (10, 1),
        };
        if is_short { short } else { long }
    }

    /// What this machine lacks to do it.
    pub fn lacks(self) -> Option<&'static str> {
        match self {
            Fault::PowerCut | Fault::Disk(_) => {
                (!FailingDisk::is_possible()).then_some("Linux and a C compiler (cc)")
            }
            Fault::FlippedBit | Fault::Swapped(_) => None,
            Fault::Redis(_) => (!process::has_redis()).then_some("redis-server"),
        }
    }
}

/// How large a storm of faults is.
#[derive(Clone, Debug)]
pub struct FaultSize {
    /// The built binary.
    pub paihao: PathBuf,
    /// How often the fault happens.
    pub times: usize,
}

/// Lets a fault happen, as often as was asked for, and holds everything against everything.
pub async fn run(fault: Fault, size: &FaultSize) -> anyhow::Result<FaultReport> {
    let mut tally = Tally::default();
    match fault {
        Fault::PowerCut => disk::storm(None, size, &mut tally).await?,
        Fault::Disk(fault) => disk::storm(Some(fault), size, &mut tally).await?,
        Fault::FlippedBit => flips::storm(size, &mut tally).await?,
        Fault::Swapped(swap) => swaps::storm(swap, size, &mut tally).await?,
        Fault::Redis(fault) => redis::storm(fault, size, &mut tally).await?,
    }
    Ok(FaultReport::new(fault.name(), tally))
}

/// What is counted over all halls of one storm.
#[derive(Debug, Default)]
struct Tally {
    times: usize,
    /// Of these, how many were told by name.
    said: usize,
    acknowledged: usize,
    /// From the end of the fault, or the start of the next server, to the first new number.
    recovery: Vec<Duration>,
    /// What became of it, in a few words each.
    outcomes: BTreeMap<String, usize>,
    verdict: Verdict,
}

impl Tally {
    fn became(&mut self, what: impl Into<String>) {
        *self.outcomes.entry(what.into()).or_default() += 1;
    }
}
