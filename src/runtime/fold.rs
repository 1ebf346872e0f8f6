//! From a stream of commits to a state: the one way in which a log is read.
//!
//! An owner folds its whole stream when it starts. A courier folds a hall up to where it stopped and then goes on record
//! by record. Both begin at the newest snapshot that fits. A snapshot is never the truth: if the log does not continue it,
//! an older one is tried, and at last the log from its first commit.

use super::model::Model;
use hall::Record;
use hall_log::{Commit, Defect, Epoch, Head, Log, ReadError, Snapshot, StreamId, verify_chain};
use std::collections::VecDeque;
use std::sync::Arc;
use tracing::warn;

/// Commits read at a time.
pub(super) const PAGE: usize = 500;

/// Why a stream could not be folded.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    #[error("{stream}: {source}")]
    Read { stream: StreamId, source: ReadError },
    #[error("{stream}, version {version}: the record cannot be read: {reason}")]
    Record {
        stream: StreamId,
        version: u64,
        reason: String,
    },
}

impl StreamError {
    /// What is wrong, without the stream's name: for a reader who knows it.
    pub fn reason(&self) -> String {
        match self {
            StreamError::Read { source, .. } => source.to_string(),
            record @ StreamError::Record { .. } => record.to_string(),
        }
    }
}

/// One record of a stream.
#[derive(Debug)]
pub struct Step<M: Model> {
    pub record: Record<M::Event>,
    /// The head behind its commit, if it is the last of it.
    pub head: Option<Head>,
}

/// Reads a stream record by record and checks that each commit continues the one before it.
#[derive(Debug)]
pub struct StreamReader<M: Model> {
    log: Arc<dyn Log>,
    stream: StreamId,
    /// Behind the last commit whose records were decoded.
    head: Head,
    commits: VecDeque<Commit>,
    steps: VecDeque<Step<M>>,
}

/// A state, and where it stands in its stream.
#[derive(Debug)]
pub struct Folded<M: Model> {
    pub state: M,
    /// Behind the last commit that is whole in the state.
    pub head: Head,
    /// Version of the snapshot it began with, 0 without one.
    pub snapshot_version: u64,
    /// Goes on behind the state.
    pub reader: StreamReader<M>,
}

/// Folds a stream of this history up to a version, or to its end; begins at the newest of these snapshots that fits.
pub async fn fold<M: Model>(
    log: &Arc<dyn Log>,
    stream: &StreamId,
    epoch: Epoch,
    mut snapshots: Vec<Snapshot>,
    up_to: Option<u64>,
) -> Result<Folded<M>, StreamError> {
    snapshots.retain(|snapshot| {
        snapshot.schema == M::SNAPSHOT_SCHEMA
            && snapshot.head.epoch == epoch
            && up_to.is_none_or(|last| snapshot.head.version <= last)
    });
    snapshots.sort_by_key(|snapshot| snapshot.head.version);
    while let Some(snapshot) = snapshots.pop() {
        let Some(state) = state_of::<M>(&snapshot) else {
            continue;
        };
        match Folded::at(log, stream, snapshot.head, state)
            .go_on(up_to)
            .await
        {
            Ok(folded) => return Ok(folded),
            Err(error) => {
                warn!(%stream, %error, "a snapshot does not fit the log; reading more of the log");
            }
        }
    }
    let nothing = Folded::at(log, stream, Head::genesis(epoch), M::default());
    nothing.go_on(up_to).await
}

/// Writes a state down as a snapshot. A large one takes a moment, so this is kept off the threads that serve.
pub fn snapshot_of<M: Model>(state: &M, head: Head) -> Snapshot {
    Snapshot {
        head,
        schema: M::SNAPSHOT_SCHEMA,
        state: serde_json::to_string(state).expect("a state has string and integer keys only"),
    }
}

/// The records of a commit, decoded.
pub fn records<M: Model>(
    commit: &Commit,
    stream: &StreamId,
) -> Result<Vec<Record<M::Event>>, StreamError> {
    let unreadable = |reason: String| StreamError::Record {
        stream: stream.clone(),
        version: commit.first,
        reason,
    };
    let records: Vec<Record<M::Event>> = serde_json::from_str(commit.records.get())
        .map_err(|error| unreadable(error.to_string()))?;
    let named = records.iter().map(|record| record.version);
    if named.eq(commit.first..=commit.last) {
        Ok(records)
    } else {
        Err(unreadable(
            "its records are not the versions it names".into(),
        ))
    }
}

impl<M: Model> StreamReader<M> {
    /// Reads on behind this head.
    pub fn at(log: &Arc<dyn Log>, stream: &StreamId, head: Head) -> StreamReader<M> {
        StreamReader {
            log: log.clone(),
            stream: stream.clone(),
            head,
            commits: VecDeque::new(),
            steps: VecDeque::new(),
        }
    }

    /// The next record; none at the log's end.
    pub async fn next(&mut self) -> Result<Option<Step<M>>, StreamError> {
        if self.steps.is_empty() {
            self.decode_next().await?;
        }
        Ok(self.steps.pop_front())
    }

    async fn decode_next(&mut self) -> Result<(), StreamError> {
        if self.commits.is_empty() {
            let commits = self.log.read(&self.stream, self.head.version, PAGE).await;
            self.commits = commits.map_err(|source| self.unread(source))?.into();
        }
        let Some(commit) = self.commits.pop_front() else {
            return Ok(());
        };
        let head = verify_chain(&self.stream, &self.head, &commit)
            .map_err(|defect| self.unread(defect.into()))?;
        for record in records::<M>(&commit, &self.stream)? {
            let is_last = record.version == commit.last;
            let head = is_last.then(|| head.clone());
            self.steps.push_back(Step { record, head });
        }
        self.head = head;
        Ok(())
    }

    fn unread(&self, source: ReadError) -> StreamError {
        StreamError::Read {
            stream: self.stream.clone(),
            source,
        }
    }
}

impl<M: Model> Folded<M> {
    fn at(log: &Arc<dyn Log>, stream: &StreamId, head: Head, state: M) -> Folded<M> {
        Folded {
            state,
            snapshot_version: head.version,
            reader: StreamReader::at(log, stream, head.clone()),
            head,
        }
    }

    async fn go_on(mut self, up_to: Option<u64>) -> Result<Folded<M>, StreamError> {
        while up_to.is_none_or(|last| self.state.version() < last) {
            match (self.reader.next().await?, up_to) {
                (Some(step), _) => {
                    self.state.apply(&step.record);
                    self.head = step.head.unwrap_or(self.head);
                }
                (None, None) => break,
                (None, Some(last)) => return Err(self.ends_before(last)),
            }
        }
        Ok(self)
    }

    fn ends_before(&self, version: u64) -> StreamError {
        let defect = Defect {
            stream: self.reader.stream.clone(),
            version,
            what: "the log ends before it".to_owned(),
        };
        self.reader.unread(defect.into())
    }
}

/// The state of a snapshot, if this program can read it.
fn state_of<M: Model>(snapshot: &Snapshot) -> Option<M> {
    let state: M = serde_json::from_str(&snapshot.state).ok()?;
    (state.version() == snapshot.head.version).then_some(state)
}

#[cfg(test)]
mod tests;
