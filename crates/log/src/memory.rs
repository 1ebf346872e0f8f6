//! A log that lives as long as its process: for tests and quick demonstrations.
//!
//! It keeps the same contract as the others, except that nothing survives: [`Durability::R0`].

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{
    AppendError, Commit, Durability, Epoch, Finding, Head, Hint, Log, Note, NoteName, ReadError,
    Snapshot, StoreError, StreamId, hints::Hints,
};

/// See the module's comment.
#[derive(Debug)]
pub struct MemoryLog {
    store: Mutex<Store>,
    hints: Hints,
}

#[derive(Debug, Default)]
struct Store {
    streams: BTreeMap<StreamId, Stream>,
    secret: Option<[u8; 32]>,
}

#[derive(Debug)]
struct Stream {
    epoch: Epoch,
    commits: Vec<Commit>,
    snapshot: Option<Snapshot>,
    notes: BTreeMap<NoteName, Note>,
}

impl MemoryLog {
    /// An empty log.
    pub fn new() -> Self {
        Self {
            store: Mutex::default(),
            hints: Hints::new(),
        }
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store
            .lock()
            .expect("nothing panics while it holds the store")
    }
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self::new()
    }
}

impl Stream {
    fn head(&self) -> Head {
        self.commits
            .last()
            .map_or_else(|| Head::genesis(self.epoch), Commit::head)
    }
}

#[async_trait]
impl Log for MemoryLog {
    async fn open(&self, stream: &StreamId) -> Result<Head, ReadError> {
        let epoch = Epoch::draw().map_err(|error| ReadError::Unavailable(error.into()))?;
        let new = || Stream {
            epoch,
            commits: Vec::new(),
            snapshot: None,
            notes: BTreeMap::new(),
        };
        Ok(self
            .store()
            .streams
            .entry(stream.clone())
            .or_insert_with(new)
            .head())
    }

    async fn head(&self, stream: &StreamId) -> Result<Head, ReadError> {
        let head = self.store().streams.get(stream).map(Stream::head);
        head.ok_or_else(|| ReadError::NoSuchStream(stream.clone()))
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: &Head,
        commit: &Commit,
    ) -> Result<(), AppendError> {
        commit.assert_follows(expected);
        {
            let mut store = self.store();
            let kept = store
                .streams
                .get_mut(stream)
                .ok_or_else(|| AppendError::Forked("it is not there".to_owned()))?;
            kept.head().demand(expected)?;
            kept.commits.push(commit.clone());
        }
        self.hints.tell(stream, commit.last);
        Ok(())
    }

    async fn read(
        &self,
        stream: &StreamId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Commit>, ReadError> {
        let store = self.store();
        let commits = store
            .streams
            .get(stream)
            .map_or(&[][..], |kept| &kept.commits);
        let start = commits.partition_point(|commit| commit.last <= after);
        Ok(commits[start..].iter().take(limit).cloned().collect())
    }

    async fn follow(&self, streams: Vec<StreamId>) -> mpsc::Receiver<Hint> {
        self.hints.follow(streams)
    }

    async fn save_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let mut store = self.store();
        let kept = store
            .streams
            .get_mut(stream)
            .ok_or_else(|| ReadError::NoSuchStream(stream.clone()))?;
        kept.snapshot = Some(snapshot.clone());
        Ok(())
    }

    async fn load_snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        Ok(self
            .store()
            .streams
            .get(stream)
            .and_then(|kept| kept.snapshot.clone()))
    }

    async fn note(&self, stream: &StreamId, name: &NoteName) -> Result<Option<Note>, StoreError> {
        let store = self.store();
        let kept = store.streams.get(stream);
        Ok(kept.and_then(|kept| kept.notes.get(name)).cloned())
    }

    async fn replace_note(
        &self,
        stream: &StreamId,
        name: &NoteName,
        expected: u64,
        text: &str,
    ) -> Result<bool, StoreError> {
        let mut store = self.store();
        let kept = store
            .streams
            .get_mut(stream)
            .ok_or_else(|| ReadError::NoSuchStream(stream.clone()))?;
        let revision = kept.notes.get(name).map_or(0, |note| note.revision);
        if revision != expected {
            return Ok(false);
        }
        let note = Note {
            revision: revision + 1,
            text: text.to_owned(),
        };
        kept.notes.insert(name.clone(), note);
        Ok(true)
    }

    async fn streams(&self) -> Result<Vec<StreamId>, ReadError> {
        Ok(self.store().streams.keys().cloned().collect())
    }

    async fn secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        Ok(*self.store().secret.get_or_insert(fresh))
    }

    fn durability(&self) -> Durability {
        Durability::R0
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn findings(&self) -> Vec<Finding> {
        vec![Finding::weak(
            "everything is kept in memory and gone when this process ends; use sqlite:PATH to keep it",
        )]
    }

    fn describe(&self) -> String {
        "memory:".to_owned()
    }
}
