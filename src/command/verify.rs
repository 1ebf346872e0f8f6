//! `paihao verify`: reads a store from its first entry.

use super::{exit_code, open_to_read};
use crate::access::{self, Access};
use crate::guide::{self, Guides};
use crate::runtime::model::Model;
use crate::runtime::{Step, StreamReader};
use clap::Args;
use hall::{Event, Hall, Record};
use hall_log::{Grade, Head, Log, StreamId};
use std::process::ExitCode;
use std::sync::Arc;

/// Records between two whole checks, which look at every ticket: so a long day is read in minutes, not in days. What
/// such a check finds stays broken until the day is over, so none is missed, and the first defect's place is looked for.
const CHECK_EVERY: usize = 2_000;

/// What to verify.
#[derive(Args, Debug)]
pub struct Options {
    /// sqlite:PATH or redis://HOST:PORT
    #[arg(long, env = "PAIHAO_STORE", default_value = "sqlite:data/paihao.db")]
    store: String,
    /// One hall only
    #[arg(long)]
    hall: Option<StreamId>,
}

/// What a stream was found to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    pub version: u64,
    pub commits: u64,
    pub days_closed: u64,
    /// Hash of the folded state.
    pub state: String,
}

/// Prints a line per stream; exit 1 at the first defect.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let log = open_to_read(&options.store).await?;
    let mut all_hold = true;
    for finding in log.findings() {
        if finding.grade == Grade::Lost {
            println!("DEFECT: {}", finding.text);
            all_hold = false;
        }
    }
    let mut streams = log.streams().await?;
    if let Some(hall) = options.hall {
        anyhow::ensure!(
            streams.contains(&hall),
            "{}: there is no hall {hall} to verify",
            options.store
        );
        streams = vec![hall];
    }
    for stream in streams {
        match stream_holds(&log, &stream).await {
            Ok(found) => println!(
                "{stream}: {} records in {} commits, {} days closed, state {}",
                found.version,
                found.commits,
                found.days_closed,
                &found.state[..16]
            ),
            Err(defect) => {
                println!("{stream}: DEFECT: {defect}");
                all_hold = false;
            }
        }
    }
    Ok(exit_code(all_hold))
}

/// Versions, chain, checksums, invariants, and closing sums; the first thing that does not hold.
pub async fn stream_holds(log: &Arc<dyn Log>, stream: &StreamId) -> Result<Verified, String> {
    if stream.as_str() == access::STREAM {
        return fold::<Access>(log, stream, |_, _| Ok(0)).await;
    }
    if stream.as_str() == guide::STREAM {
        return fold::<Guides>(log, stream, |_, _| Ok(0)).await;
    }
    fold::<Hall>(log, stream, of_each_event).await
}

async fn fold<M: Model>(
    log: &Arc<dyn Log>,
    stream: &StreamId,
    also: impl Fn(&M, &M::Event) -> Result<u64, String>,
) -> Result<Verified, String> {
    let head = log.head(stream).await.map_err(|error| error.to_string())?;
    let (mut checked, mut at) = (Checked::<M>::empty(), Head::genesis(head.epoch));
    let mut found = Verified::default();
    let mut reader = StreamReader::<M>::at(log, stream, at.clone());
    while let Some(step) = reader.next().await.map_err(|error| error.reason())? {
        let Step { record, head } = step;
        let (version, events) = (record.version, record.events.clone());
        checked.apply(record)?;
        let mut closed = 0;
        for event in &events {
            let place = |what: String| format!("version {version}: {what}");
            closed += also(&checked.state, event).map_err(place)?;
        }
        if closed > 0 {
            checked.check()?; // the next day forgets this one's tickets
        }
        found.days_closed += closed;
        if let Some(head) = head {
            at = head;
            found.commits += 1;
        }
    }
    checked.check()?;
    if at != head {
        return Err(format!(
            "the log ends at version {}, but the store's head is version {}",
            at.version, head.version
        ));
    }
    found.version = at.version;
    found.state = checked.state.hash();
    Ok(found)
}

/// A state, and how it got here since it was last known to be right.
struct Checked<M: Model> {
    state: M,
    right: M,
    since: Vec<Record<M::Event>>,
}

impl<M: Model> Checked<M> {
    fn empty() -> Checked<M> {
        Checked {
            state: M::default(),
            right: M::default(),
            since: Vec::new(),
        }
    }

    fn apply(&mut self, record: Record<M::Event>) -> Result<(), String> {
        self.state.apply(&record);
        self.since.push(record);
        match self.since.len() < CHECK_EVERY {
            true => Ok(()),
            false => self.check(),
        }
    }

    /// Looks at everything; if something is wrong, goes back to find where it began.
    fn check(&mut self) -> Result<(), String> {
        let Err(what) = self.state.check() else {
            self.right = self.state.clone();
            self.since.clear();
            return Ok(());
        };
        for record in &self.since {
            self.right.apply(record);
            let place = |what: String| format!("version {}: {what}", record.version);
            self.right.check().map_err(place)?;
        }
        Err(what)
    }
}

/// Nobody is at two windows, and a closed day's sums agree.
fn of_each_event(hall: &Hall, event: &Event) -> Result<u64, String> {
    hall::invariants::check_windows(hall)?;
    closing_sums(hall, event)
}

/// A closing record must agree in itself and with the tickets it closes over.
fn closing_sums(hall: &Hall, event: &Event) -> Result<u64, String> {
    let Event::DayClosed { date, closing, .. } = event else {
        return Ok(0);
    };
    if !closing.agrees() {
        return Err(format!(
            "{date} was closed with sums that do not agree: {closing:?}"
        ));
    }
    let day = hall
        .day()
        .ok_or_else(|| format!("{date} was closed without being open"))?;
    let counted = hall::state::closing::ClosingRecord::of(hall, day);
    if counted != *closing {
        return Err(format!(
            "{date} was closed with {closing:?}, but its tickets say {counted:?}"
        ));
    }
    Ok(1)
}
