//! Floods: strangers who want more of the server than is good for the others, beside an officer who calls the next citizen
//! twenty times a second.
//!
//! Her calls are timed before the flood and in it, in one run: a ratio says what the flood costs her. What the strangers
//! are told is counted, because a bound that nobody explains looks like a broken system.

mod hall;
mod report;
mod strangers;

use anyhow::ensure;
use hall::Hall;
use hdrhistogram::Histogram;
pub use report::{FloodReport, table};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::path::PathBuf;
use std::time::Duration;
use strangers::Crowd;
pub use strangers::Flood;
use tokio::time::{Instant, interval};

/// Calls that are timed, before the flood and in it.
const CALLS: usize = 210;
const CALLS_SHORT: usize = 30;
/// Between two calls.
const CALL_EVERY: Duration = Duration::from_millis(50);
/// The crowd is there when so many of it have come.
const CROWD: usize = 20;
/// It comes within that, on a machine with other work too.
const CROWD_WITHIN: Duration = Duration::from_secs(60);

/// How large a flood is.
#[derive(Clone, Debug)]
pub struct FloodSize {
    /// The built binary.
    pub paihao: PathBuf,
    /// Whether a tenth of the strangers will do.
    pub is_short: bool,
}

impl FloodSize {
    fn calls(&self) -> usize {
        if self.is_short { CALLS_SHORT } else { CALLS }
    }
}

/// What an officer's calls came to.
#[derive(Clone, Debug)]
struct Calls {
    /// Microseconds.
    took: Histogram<u64>,
    refused: Vec<String>,
}

/// Lets one flood come over a hall of its own.
pub async fn run(flood: Flood, size: &FloodSize) -> anyhow::Result<FloodReport> {
    takes_all_descriptors()?;
    let folder = tempfile::tempdir()?;
    let mut hall = Hall::open(&size.paihao, folder.path(), 2 * size.calls() + 1).await?;
    let quiet = calls(&mut hall, size.calls()).await?;
    let memory = hall.server.resident_kib()?;
    let crowd = Crowd::comes(flood, hall.target(), size.is_short)?;
    let begun = Instant::now();
    while crowd.came() < CROWD {
        ensure!(begun.elapsed() < CROWD_WITHIN, "no flood came");
        tokio::time::sleep(CALL_EVERY).await;
    }
    let beside = calls(&mut hall, size.calls()).await?;
    let told = crowd.leaves().await?;
    let memory = (memory, hall.server.resident_kib()?);
    hall.server.stop()?;
    Ok(FloodReport::new(
        flood,
        size.is_short,
        &quiet,
        &beside,
        memory,
        told,
    ))
}

/// A process may open few connections unless it asks.
fn takes_all_descriptors() -> anyhow::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let all = Rlimit {
        current: maximum,
        maximum,
    };
    Ok(setrlimit(Resource::Nofile, all)?)
}

async fn calls(hall: &mut Hall, count: usize) -> anyhow::Result<Calls> {
    let mut calls = Calls {
        took: Histogram::new(3)?,
        refused: Vec::new(),
    };
    let mut ticks = interval(CALL_EVERY);
    for _ in 0..count {
        ticks.tick().await;
        let begun = Instant::now();
        match hall.calls_next().await {
            Ok(()) => calls.took.record(begun.elapsed().as_micros() as u64)?,
            Err(error) => calls.refused.push(format!("{error:#}")),
        }
    }
    Ok(calls)
}
