//! The log, read from the store itself and told in the checker's words.
//!
//! A command's name in the log is an HMAC under the store's secret. A storm plants that secret before the first server
//! starts, so that it can name every command it sends and find it in the log by itself.

use crate::history::{Entry, Happening};
use anyhow::Context;
use hall::id::TicketId;
use hall::{Actor, Event, Hall, Record};
use hall_log::{Head, Log, StoreOptions, StoreUrl, StreamId, open_store, verify_chain};
use hmac::{Hmac, KeyInit, Mac};
use paihao::runtime::records;
use sha2::Sha256;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The hall that every storm is in.
pub const HALL: &str = "zhuzhou";
/// Commits read at a time.
const PAGE: usize = 500;

/// Draws the store's secret in the servers' place.
pub async fn plant_secret(store: &str) -> anyhow::Result<[u8; 32]> {
    let log = open_store(&StoreUrl::parse(store)?, &StoreOptions::default()).await?;
    let mut fresh = [0; 32];
    fresh.fill_with(|| fastrand::u8(..));
    let secret = log.secret(fresh).await;
    secret.map_err(|error| anyhow::anyhow!("the secret cannot be planted: {error}"))
}

/// Every record of the hall's log, and how many commits they came in; chain and checksums are checked on the way.
pub async fn all_records(store: &str) -> anyhow::Result<(Vec<Record<Event>>, usize)> {
    let log = open_to_read(store).await?;
    let stream: StreamId = HALL.parse()?;
    let mut at = Head::genesis(log.head(&stream).await?.epoch);
    let (mut all, mut count) = (Vec::new(), 0);
    loop {
        let commits = log.read(&stream, at.version, PAGE).await?;
        if commits.is_empty() {
            return Ok((all, count));
        }
        for commit in commits {
            at = verify_chain(&stream, &at, &commit)?;
            all.extend(records::<Hall>(&commit, &stream)?);
            count += 1;
        }
    }
}

async fn open_to_read(store: &str) -> anyhow::Result<Arc<dyn Log>> {
    let options = StoreOptions {
        read_only: true,
        ..StoreOptions::default()
    };
    Ok(open_store(&StoreUrl::parse(store)?, &options).await?)
}

/// The command that a request makes, as the log names it.
pub fn command_id(
    secret: &[u8; 32],
    actor: &Actor,
    path: &str,
    key: &str,
) -> anyhow::Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret)?;
    let principal = serde_json::to_string(actor)?;
    for part in [principal.as_str(), &format!("POST {path}"), key] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    let digest = mac.finalize().into_bytes();
    Ok(digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// A reader that keeps up with the hall's log.
#[derive(Debug)]
pub struct LogReader {
    store: String,
    log: Option<Arc<dyn Log>>,
    stream: StreamId,
    at: Option<Head>,
    /// The hall, folded from what was read.
    pub hall: Hall,
    pub entries: Vec<Entry>,
    ids: HashSet<String>,
    numbers: HashMap<TicketId, String>,
    pub commits: usize,
}

impl LogReader {
    /// A reader that has read nothing yet.
    pub fn new(store: &str) -> anyhow::Result<LogReader> {
        Ok(LogReader {
            store: store.to_owned(),
            log: None,
            stream: HALL.parse()?,
            at: None,
            hall: Hall::empty(),
            entries: Vec::new(),
            ids: HashSet::new(),
            numbers: HashMap::new(),
            commits: 0,
        })
    }

    /// Reads to the end, checking chain and checksums on the way.
    pub async fn catch_up(&mut self) -> anyhow::Result<()> {
        let log = self.log().await?;
        let read = self.read_on(&*log).await;
        if read.is_err() {
            self.log = None; // the store may come back as another process
        }
        read
    }

    /// Whether the log had this command at the last catching up.
    pub fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    async fn log(&mut self) -> anyhow::Result<Arc<dyn Log>> {
        if let Some(log) = &self.log {
            return Ok(log.clone());
        }
        let log = open_to_read(&self.store).await?;
        self.log = Some(log.clone());
        Ok(log)
    }

    async fn read_on(&mut self, log: &dyn Log) -> anyhow::Result<()> {
        let mut at = match self.at.take() {
            Some(at) => at,
            None => Head::genesis(log.head(&self.stream).await?.epoch),
        };
        loop {
            self.at = Some(at.clone());
            let commits = log.read(&self.stream, at.version, PAGE).await?;
            if commits.is_empty() {
                return Ok(());
            }
            for commit in commits {
                at = verify_chain(&self.stream, &at, &commit)?;
                for record in records::<Hall>(&commit, &self.stream)? {
                    self.take_in(&record)?;
                }
                self.commits += 1;
                self.at = Some(at.clone());
            }
        }
    }

    fn take_in(&mut self, record: &Record<Event>) -> anyhow::Result<()> {
        let mut happened = Vec::new();
        for event in &record.events {
            happened.push(self.happening(event)?);
        }
        hall::apply(&mut self.hall, record);
        let id = record.key.to_string();
        self.ids.insert(id.clone());
        self.entries.push(Entry {
            version: record.version,
            id,
            by_client: record.actor != Actor::Timer,
            happened,
        });
        Ok(())
    }

    fn happening(&mut self, event: &Event) -> anyhow::Result<Happening> {
        if let Event::TicketTaken(taken) = event {
            let number = taken.number.to_string();
            self.numbers.insert(taken.ticket, number.clone());
            let token = taken.token.to_string();
            return Ok(Happening::Taken { number, token });
        }
        let number = |ticket: &TicketId| {
            let number = self.numbers.get(ticket).cloned();
            number.with_context(|| format!("{ticket:?} was never taken"))
        };
        Ok(match event {
            Event::TicketCalled { ticket, window, .. } => Happening::Called {
                number: number(ticket)?,
                window: window.0,
            },
            Event::ServiceStarted { ticket, window, .. } => Happening::Started {
                number: number(ticket)?,
                window: window.0,
            },
            Event::ServiceFinished { ticket, window, .. } => Happening::Finished {
                number: number(ticket)?,
                window: window.0,
            },
            Event::PlanAdopted { .. }
            | Event::DayOpened { .. }
            | Event::WindowOpened { .. }
            | Event::OverrunForeseen { .. } // a line may be long while a server hangs
            | Event::OverrunOver { .. }
            | Event::DayClosed { .. } => Happening::Aside,
            other => Happening::Unexpected(format!("{other:?}")),
        })
    }
}
