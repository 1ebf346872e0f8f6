//! Reading a stream into a state: from its snapshot if that belongs to this history, else from the first commit.

use super::{Letter, StartError};
use crate::log::{Commit, Head, Log, ReadError, StreamId, verify_chain};
use crate::runtime::model::Model;
use hall::Record;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;
use tracing::{info, warn};

/// Commits read at a time.
pub(super) const PAGE: usize = 500;

/// A stream folded to its head.
#[derive(Debug)]
pub(super) struct Folded<M> {
    pub state: M,
    pub head: Head,
    /// Version of the snapshot it began with, 0 without one.
    pub snapshot_version: u64,
}

/// Folds a stream. A snapshot that turns out not to belong to the log is forgotten, and the whole log is read.
pub(super) async fn fold<M: Model>(
    log: &dyn Log,
    stream: &StreamId,
) -> Result<Folded<M>, StartError> {
    let begun = Instant::now();
    let head = log
        .open(stream)
        .await
        .map_err(|source| unread(stream, source))?;
    let from_snapshot = snapshot::<M>(log, stream, &head).await;
    let has_snapshot = from_snapshot.is_some();
    let start = from_snapshot.unwrap_or_else(|| from_nothing(&head));
    let folded = match read_on(log, stream, start).await {
        Err(error) if has_snapshot => {
            warn!(%stream, %error, "the snapshot does not fit the log; reading the whole log");
            read_on(log, stream, from_nothing(&head)).await?
        }
        outcome => outcome?,
    };
    let (version, from) = (folded.head.version, folded.snapshot_version);
    info!(%stream, version, from_snapshot = from, ms = begun.elapsed().as_millis() as u64, "read");
    Ok(folded)
}

/// The records of a commit, decoded.
pub fn records<M: Model>(
    commit: &Commit,
    stream: &StreamId,
) -> Result<Vec<Record<M::Event>>, StartError> {
    let unreadable = |reason: String| StartError::Record {
        stream: stream.clone(),
        version: commit.first,
        reason,
    };
    let records: Vec<Record<M::Event>> = serde_json::from_str(commit.records.get())
        .map_err(|error| unreadable(error.to_string()))?;
    let is_dense = records
        .iter()
        .zip(commit.first..)
        .all(|(record, version)| record.version == version);
    let is_whole = records
        .last()
        .is_some_and(|record| record.version == commit.last);
    if is_dense && is_whole {
        Ok(records)
    } else {
        Err(unreadable(
            "its records are not the versions it names".into(),
        ))
    }
}

/// Tells the task whenever the store says that something may have been appended.
pub(super) async fn pass_on_hints<M: Model>(
    log: Arc<dyn Log>,
    stream: StreamId,
    letters: mpsc::Sender<Letter<M>>,
) {
    let mut hints = log.follow(vec![stream]).await;
    loop {
        // when the owner ends this lets go of the log at once: a store that is still held cannot be opened again
        let hint = tokio::select! {
            hint = hints.recv() => hint,
            () = letters.closed() => return,
        };
        let Some(hint) = hint else { return };
        if letters.send(Letter::Appended(hint.version)).await.is_err() {
            return;
        }
    }
}

fn from_nothing<M: Model>(head: &Head) -> Folded<M> {
    Folded {
        state: M::default(),
        head: Head::genesis(head.epoch),
        snapshot_version: 0,
    }
}

/// Folds what comes after.
async fn read_on<M: Model>(
    log: &dyn Log,
    stream: &StreamId,
    mut folded: Folded<M>,
) -> Result<Folded<M>, StartError> {
    loop {
        let commits = log
            .read(stream, folded.head.version, PAGE)
            .await
            .map_err(|source| unread(stream, source))?;
        if commits.is_empty() {
            return Ok(folded);
        }
        for commit in commits {
            let next = verify_chain(stream, &folded.head, &commit);
            let next = next.map_err(|defect| unread(stream, ReadError::Defect(defect)))?;
            for record in records::<M>(&commit, stream)? {
                folded.state.apply(&record);
            }
            folded.head = next;
        }
    }
}

/// The state of a snapshot that may belong to this history.
async fn snapshot<M: Model>(log: &dyn Log, stream: &StreamId, head: &Head) -> Option<Folded<M>> {
    let snapshot = match log.load_snapshot(stream).await {
        Ok(snapshot) => snapshot?,
        Err(source) => {
            warn!(%stream, %source, "the snapshot cannot be read; reading the whole log");
            return None;
        }
    };
    let is_of_this_history = snapshot.head.epoch == head.epoch
        && (snapshot.head == *head || snapshot.head.version < head.version);
    if snapshot.schema != M::SNAPSHOT_SCHEMA || !is_of_this_history {
        return None;
    }
    let state: M = serde_json::from_str(&snapshot.state).ok()?;
    let snapshot_version = snapshot.head.version;
    (state.version() == snapshot_version).then_some(Folded {
        state,
        head: snapshot.head,
        snapshot_version,
    })
}

fn unread(stream: &StreamId, source: ReadError) -> StartError {
    StartError::Read {
        stream: stream.clone(),
        source,
    }
}
