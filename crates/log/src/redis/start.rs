//! What a Redis holds when it is opened, against the mark of what this server knew of it.
//!
//! Every server has a mark of its own. One that is older than the Redis is as it should be: others went on. A Redis that
//! ends before the mark, or that is another one, is refused in words.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use redis::{Script, aio::ConnectionManager};

use super::script::{HEAD, read_head};
use super::watched::{Known, ask_head, has, kept_secret};
use super::{open_error, stream_names};
use crate::files::{self, LET_GO_WITHIN, Lock};
use crate::mark::{self, Mark, Marked};
use crate::{Finding, Head, LostTail, OpenError, ReadError, StoreOptions, StreamId};

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
    is_whole(store, &path, &found, &marked, &lost, &options.accept_lost)?;
    let renewed = marked.renewed(&found.heads, found.secret.as_ref(), &lost);
    let lost = renewed.with_earlier_losses(lost);
    let mark = Mark::create(&path, renewed).map_err(|error| mark_error(&path, error))?;
    let unsettled = lost.iter().map(|lost| lost.stream.clone()).collect();
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
    let (mut heads, head) = (BTreeMap::new(), Script::new(HEAD));
    for stream in stream_names(connection).await.map_err(failed)? {
        let Ok(stream) = StreamId::parse(&stream) else {
            continue; // `streams` tells it
        };
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
    Ok(Found { heads, secret })
}

impl Found {
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
