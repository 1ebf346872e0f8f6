//! Storms of faults: power cuts, failing disks, flipped bits and swapped files under the embedded store, and what happens to
//! the one Redis behind a server.
//!
//! The hall works as in the other storms. What a fault may do is always the same: nothing that was acknowledged is missing
//! without a word, and no number is given out twice. What a word is: `/readyz`, the error of a start, or the answer.

mod crowd;
mod disk;
mod flips;
mod links;
mod redis;
mod redis_files;
mod report;
mod scene;
mod swaps;

use super::failing_disk::DiskFault;
use crate::history::Verdict;
use crate::preload;
use crate::process;
use crate::proxy::LinkFault;
use disk::Deed;
pub use links::LinkTo;
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
    /// Killed, and then again and again while it starts.
    KilledStarting,
    /// The disk fails for a while.
    Disk(DiskFault),
    /// The disk fails while nobody asks for anything.
    IdleDisk(DiskFault),
    /// One bit of a file is another one at the next start.
    FlippedBit,
    /// A file is deleted, cut or exchanged.
    Swapped(Swap),
    /// Something happens to the Redis.
    Redis(RedisFault),
    /// A link goes wrong for a while.
    Link(LinkTo, LinkFault),
    /// Hundreds of screens come back at once.
    Crowd,
    /// The server may open nothing more for a while.
    Descriptors,
}

impl Fault {
    /// All that must be survived. A disk that lies is not among them: it shows that the storms see a loss.
    pub fn all() -> Vec<Fault> {
        let mut all = vec![
            Fault::PowerCut,
            Fault::KilledStarting,
            Fault::Disk(DiskFault::FailingSync),
            Fault::Disk(DiskFault::Full),
            Fault::Disk(DiskFault::FailingWrites),
            Fault::Disk(DiskFault::ReadOnly),
            Fault::Disk(DiskFault::FileLimit),
            Fault::IdleDisk(DiskFault::Full),
            Fault::IdleDisk(DiskFault::ReadOnly),
            Fault::FlippedBit,
        ];
        all.extend(Swap::ALL.map(Fault::Swapped));
        all.extend(RedisFault::ALL.map(Fault::Redis));
        all.extend([Fault::Crowd, Fault::Descriptors]);
        for to in [LinkTo::Redis, LinkTo::Server] {
            all.extend(LinkFault::ALL.map(|fault| Fault::Link(to, fault)));
        }
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
            Fault::Disk(DiskFault::FileLimit) => "file-limit",
            Fault::IdleDisk(DiskFault::Full) => "idle-disk-full",
            Fault::IdleDisk(_) => "idle-read-only",
            Fault::KilledStarting => "killed-starting",
            Fault::FlippedBit => "bit-flip",
            Fault::Swapped(swap) => swap.name(),
            Fault::Redis(fault) => fault.name(),
            Fault::Link(to, fault) => links::name(to, fault),
            Fault::Crowd => "crowd",
            Fault::Descriptors => "descriptors",
        }
    }

    /// How often in a long run, and in a short one.
    pub fn times(self, is_short: bool) -> usize {
        let (long, short) = match self {
            Fault::PowerCut => (100, 8),
            Fault::Disk(DiskFault::FailingSync) => (30, 3),
            Fault::Disk(_) | Fault::IdleDisk(_) => (10, 1),
            Fault::KilledStarting => (30, 2),
            Fault::Crowd => (2_000, 200),
            Fault::Descriptors => (10, 2),
            Fault::FlippedBit => (200, 12),
            Fault::Redis(RedisFault::PowerCut) => (25, 4),
            Fault::Redis(RedisFault::Flipped | RedisFault::Cut) => (200, 12),
            Fault::Redis(RedisFault::Promoted) => (10, 2),
            Fault::Swapped(_) => (6, 1),
            Fault::Redis(_) | Fault::Link(..) => (10, 1),
        };
        if is_short { short } else { long }
    }

    /// What this machine lacks to do it.
    pub fn lacks(self) -> Option<&'static str> {
        match self {
            Fault::PowerCut | Fault::KilledStarting | Fault::Disk(_) | Fault::IdleDisk(_) => {
                (!preload::is_possible()).then_some(preload::LACKING)
            }
            Fault::FlippedBit | Fault::Swapped(_) | Fault::Crowd => None,
            Fault::Descriptors => (!cfg!(target_os = "linux")).then_some("Linux (prlimit)"),
            Fault::Redis(fault) if fault.needs_failing_disk() && !preload::is_possible() => {
                Some(preload::LACKING)
            }
            Fault::Redis(_) | Fault::Link(..) => (!process::has_redis()).then_some("redis-server"),
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
        Fault::PowerCut => disk::storm(Deed::PowerCut, size, &mut tally).await?,
        Fault::KilledStarting => disk::storm(Deed::KilledStarting, size, &mut tally).await?,
        Fault::Disk(fault) => disk::storm(Deed::Fails(fault), size, &mut tally).await?,
        Fault::IdleDisk(fault) => disk::idle(fault, size, &mut tally).await?,
        Fault::FlippedBit => flips::storm(size, &mut tally).await?,
        Fault::Swapped(swap) => swaps::storm(swap, size, &mut tally).await?,
        Fault::Redis(fault) => redis::storm(fault, size, &mut tally).await?,
        Fault::Link(to, fault) => links::storm(to, &[fault], size, &mut tally).await?,
        Fault::Crowd => crowd::storm(size, &mut tally).await?,
        Fault::Descriptors => disk::descriptors(size, &mut tally).await?,
    }
    Ok(FaultReport::new(fault.name(), tally))
}

/// Everything that a link can do wrong, once, one after the other in one hall.
pub async fn run_links(to: LinkTo, paihao: PathBuf) -> anyhow::Result<FaultReport> {
    let (mut tally, size) = (Tally::default(), FaultSize { paihao, times: 1 });
    links::storm(to, &LinkFault::ALL, &size, &mut tally).await?;
    Ok(FaultReport::new("links", tally))
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
