//! What a Redis holds when it is opened, against the mark of what this server knew of it.
//!
//! Every server has a mark of its own. One that is older than the Redis is as it should be: others went on. A Redis that
//! ends before the mark, or that is another one, is refused in words.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use redis::{RedisError, Script, aio::ConnectionManager};

use super::keys;
use super::script::{HEAD, read_head};
use super::watched::{Known, ask_head, has, kept_secret};
use super::{open_error, stream_names};
use crate::files::{self, LET_GO_WITHIN, Lock};
use crate::mark::{self, Mark, Marked};
use crate::{Epoch, Finding, Head, LostTail, OpenError, ReadError, StoreOptions, StreamId};

/// Servers on one machine that may share the name of a mark: each takes the next number.
const MARKS_MAX: u32 = 64;

/// A Redis that may be served.
#[derive(Default)]
pub(super) struct Begun {
    pub(super) known: Known,
    pub(super) mark: Option<Mark>,
    /// Keeps other processes from the mark.
    pub(super) lock: Option<File>,
    pub(super) findings: Vec<Finding>,
    /// What it had lost, accepted by name.
    pub(super) lost: Vec<LostTail>,
}

/// What is there.
struct Found {
    heads: BTreeMap<StreamId, Head>,
    secret: Option<[u8; 32]>,
    /// In the order in which they were recorded.
    losses: BTreeMap<StreamId, Vec<AcceptedLoss>>,
}

/// The lost end of a history whose numbers are skipped: accepted at one server, and recorded for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AcceptedLoss {
    /// Of the history that lost it.
    epoch: Epoch,
    found: u64,
    acknowledged: u64,
}

impl AcceptedLoss {
    /// Of the end that a mark knew.
    fn of(lost: &LostTail, marked: &Marked) -> Option<Self> {
        let epoch = marked.heads.get(&lost.stream)?.head.epoch;
        let (found, acknowledged) = (lost.found, lost.acknowledged);
        Some(Self {
            epoch,
            found,
            acknowledged,
        })
    }

    /// Whether this head was in it.
    fn covers(&self, head: &Head) -> bool {
        self.epoch == head.epoch && (self.found + 1..=self.acknowledged).contains(&head.version)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        Some(Self {
            epoch: words.next()?.parse().ok()?,
            found: words.next()?.parse().ok()?,
            acknowledged: words.next()?.parse().ok()?,
        })
    }
}

impl fmt::Display for AcceptedLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.epoch, self.found, self.acknowledged)
    }
}

/// Holds a Redis against the mark, if there is a place for one.
pub(super) async fn begin(
    store: &str,
    connection: &mut ConnectionManager,
    options: &StoreOptions,
) -> Result<Begun, OpenError> {
    let Some(mark_path) = &options.mark else {
        return Ok(Begun::default());
    };
    if options.read_only {
        return look_only(store, connection, mark_path).await;
    }
    let named = mark_path.clone();
    let taken = tokio::task::spawn_blocking(move || take_mark(&named)).await;
    let (path, lock) = taken.expect("taking a lock does not panic")?;
    // the mark first: whatever is in it was in the Redis by then
    let marked = mark::read(&path).map_err(|error| mark_error(&path, error))?;
    let found = find(store, connection).await?;
    mark::tells_something(&path, marked.as_ref(), &found.heads)?;
    let mut findings = vec![first_finding(&path, marked.is_some(), &found)];
    let marked = marked.unwrap_or_default();
    findings.extend(marked.finding(&path));
    let lost = missing_of(store, connection, &found, &marked).await?;
    let (recorded, lost) = found.without_recorded(lost, &marked);
    findings.extend(recorded);
    is_whole(store, &path, &found, &marked, &lost, &options.accept_lost)?;
    let mut renewed = marked.renewed(&found.heads, found.secret.as_ref(), &lost);
    renewed.accepted = found.accepted();
    let accepted = |lost: &LostTail| Some((lost.stream.clone(), AcceptedLoss::of(lost, &marked)?));
    let unsettled = lost.iter().filter_map(accepted).collect();
    let lost = renewed.with_earlier_losses(lost);
    let mark = Mark::create(&path, renewed).map_err(|error| mark_error(&path, error))?;
    Ok(Begun {
        known: Known::at(found.heads, found.secret, unsettled),
        mark: Some(mark),
        lock: Some(lock),
        findings,
        lost,
    })
}

/// For a reader: what a start would refuse, as a finding. Nothing is written.
async fn look_only(
    store: &str,
    connection: &mut ConnectionManager,
    path: &Path,
) -> Result<Begun, OpenError> {
    let marked = mark::read(path).map_err(|error| mark_error(path, error))?;
    let Some(marked) = marked else {
        return Ok(Begun::default());
    };
    let found = find(store, connection).await?;
    let lost = missing_of(store, connection, &found, &marked).await?;
    let (_, lost) = found.without_recorded(lost, &marked);
    let refusal = is_whole(store, path, &found, &marked, &lost, &[]).err();
    let findings = refusal.map(|refusal| Finding::lost(refusal.to_string()));
    Ok(Begun {
        findings: findings.into_iter().collect(),
        ..Begun::default()
    })
}

/// The mark of that name that no other process on this machine has: `NAME`, else `NAME-2` and so on. The first is waited
/// for: what the process before knew must not be passed over.
fn take_mark(path: &Path) -> Result<(PathBuf, File), OpenError> {
    files::make_directory_of(path).map_err(|error| mark_error(path, error))?;
    for number in 1..=MARKS_MAX {
        let (path, within) = match number {
            1 => (path.to_owned(), LET_GO_WITHIN),
            number => (files::beside(path, &format!("-{number}")), Duration::ZERO),
        };
        let lock = files::lock(&files::beside(&path, ".lock"), within);
        if let Lock::Taken(lock) = lock.map_err(|error| mark_error(&path, error))? {
            return Ok((path, lock));
        }
    }
    Err(mark_error(
        path,
        format!("{MARKS_MAX} processes use it already"),
    ))
}

fn mark_error(path: &Path, error: impl std::fmt::Display) -> OpenError {
    OpenError::File {
        path: path.display().to_string(),
        source: format!(
            "{error}. The mark of a Redis is kept there; name another place with --mark"
        )
        .into(),
    }
}

async fn find(store: &str, connection: &mut ConnectionManager) -> Result<Found, OpenError> {
    let failed = |error| open_error(store, error);
    let (mut heads, mut losses) = (BTreeMap::new(), BTreeMap::new());
    let head = Script::new(HEAD);
    for stream in stream_names(connection).await.map_err(failed)? {
        let Ok(stream) = StreamId::parse(&stream) else {
            continue; // `streams` tells it
        };
        let of_stream = accepted_losses(connection, &stream).await;
        losses.insert(stream.clone(), of_stream.map_err(failed)?);
        let meta = ask_head(&head, connection, &stream).await;
        match read_head(&stream, &meta.map_err(failed)?) {
            Ok(head) => drop(heads.insert(stream, head)),
            Err(ReadError::Defect(defect)) => {
                return Err(OpenError::Damaged {
                    store: store.to_owned(),
                    damage: defect.to_string(),
                });
            }
            // named, and nothing was written yet
            Err(ReadError::NoSuchStream(_) | ReadError::Unavailable(_)) => {}
        }
    }
    let secret = kept_secret(connection).await.map_err(failed)?;
    Ok(Found {
        heads,
        secret,
        losses,
    })
}

/// What all servers have recorded about a stream.
async fn accepted_losses(
    connection: &mut ConnectionManager,
    stream: &StreamId,
) -> Result<Vec<AcceptedLoss>, RedisError> {
    let mut range = redis::cmd("LRANGE");
    range.arg(keys::losses(stream)).arg(0).arg(-1);
    let lines: Vec<String> = match range.query_async(connection).await {
        // whoever lost something is asked, as if nothing was recorded
        Err(error) if error.code() == Some("NOPERM") => Vec::new(),
        lines => lines?,
    };
    let unread = |line: &String| {
        // it covers nothing, so whoever lost something is asked
        AcceptedLoss::parse(line).unwrap_or(AcceptedLoss {
            epoch: Epoch::from_random([0; 16]),
            found: 0,
            acknowledged: 0,
        })
    };
    Ok(lines.iter().map(unread).collect())
}

impl Found {
    /// Without what another server has accepted and recorded since the mark was made: its numbers are skipped already.
    fn without_recorded(
        &self,
        missing: Vec<LostTail>,
        marked: &Marked,
    ) -> (Vec<Finding>, Vec<LostTail>) {
        let is_recorded = |lost: &LostTail| {
            let known = marked.accepted.get(&lost.stream).copied().unwrap_or(0);
            let losses = self.losses.get(&lost.stream).map_or(&[][..], Vec::as_slice);
            let since = losses
                .iter()
                .skip(usize::try_from(known).unwrap_or(usize::MAX));
            let head = marked.heads.get(&lost.stream).map(|marked| &marked.head);
            head.is_some_and(|head| since.into_iter().any(|loss| loss.covers(head)))
        };
        let (recorded, missing): (Vec<_>, Vec<_>) = missing.into_iter().partition(is_recorded);
        let told = recorded.iter().map(|lost| {
            let (stream, acknowledged) = (&lost.stream, lost.acknowledged);
            Finding::warning(format!(
                "{stream} lost what was acknowledged up to version {acknowledged}; that was accepted at another server, and \
                 is recorded"
            ))
        });
        (told.collect(), missing)
    }

    /// How many losses are recorded, stream by stream.
    fn accepted(&self) -> BTreeMap<StreamId, u64> {
        let count = |(stream, losses): (&StreamId, &Vec<_>)| (stream.clone(), losses.len() as u64);
        self.losses.iter().map(count).collect()
    }

    fn is_empty(&self) -> bool {
        self.heads.values().all(|head| head.version == 0)
    }
}

fn first_finding(mark: &Path, is_marked: bool, found: &Found) -> Finding {
    let mark = mark.display();
    match (is_marked, found.is_empty()) {
        (true, _) => Finding::good(format!("everything that {mark} knows of is there")),
        (false, true) => Finding::good(format!(
            "this store is new: nothing is in it. How far it is will be kept in {mark}"
        )),
        (false, false) => Finding::warning(format!(
            "{mark} is new: whether this Redis lost something before now, nobody can tell"
        )),
    }
}

/// What was marked and is not there.
async fn missing_of(
    store: &str,
    connection: &mut ConnectionManager,
    found: &Found,
    marked: &Marked,
) -> Result<Vec<LostTail>, OpenError> {
    let mut missing = Vec::new();
    for (stream, marked_head) in &marked.heads {
        let (head, here) = (&marked_head.head, found.heads.get(stream));
        // of a stream without a record nothing can be missing
        if head.version == 0 || here == Some(head) {
            continue;
        }
        let has = has(connection, stream, head).await;
        if !has.map_err(|error| open_error(store, error))? {
            missing.extend(marked.lost(stream, here));
        }
    }
    Ok(missing)
}

/// Refuses a Redis with another secret, and one that ends before its mark, unless exactly that was accepted by name.
fn is_whole(
    store: &str,
    mark: &Path,
    found: &Found,
    marked: &Marked,
    missing: &[LostTail],
    accepted: &[LostTail],
) -> Result<(), OpenError> {
    let (store, mark) = (store.to_owned(), mark.display().to_string());
    let way_back = format!(
        "Stop this Redis and put the right data back. If another Redis is meant than the one of {mark}: name another mark \
         with --mark."
    );
    // of a Redis in which nothing is left there is nothing to unseal
    if !found.is_empty() && !marked.is_secret(found.secret.as_ref()) {
        return Err(OpenError::AnotherSecret { store, way_back });
    }
    if mark::is_accepted(missing, accepted) {
        return Ok(());
    }
    Err(OpenError::Behind {
        store,
        mark,
        is_empty: found.is_empty(),
        lost: missing.to_vec(),
        way_back,
    })
}
