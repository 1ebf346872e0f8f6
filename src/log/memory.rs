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
    AppendError, Commit, Durability, Epoch, Finding, Head, Hint, Log, Memo, MemoName, ReadError,
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
    memos: BTreeMap<MemoName, Memo>,
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
            memos: BTreeMap::new(),
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

    async fn memo(&self, stream: &StreamId, name: &MemoName) -> Result<Option<Memo>, StoreError> {
        let store = self.store();
        let kept = store.streams.get(stream);
        Ok(kept.and_then(|kept| kept.memos.get(name)).cloned())
    }

    async fn keep_memo(
        &self,
        stream: &StreamId,
        name: &MemoName,
        expected: u64,
        text: &str,
    ) -> Result<bool, StoreError> {
        let mut store = self.store();
        let kept = store
            .streams
            .get_mut(stream)
            .ok_or_else(|| ReadError::NoSuchStream(stream.clone()))?;
        let revision = kept.memos.get(name).map_or(0, |memo| memo.revision);
        if revision != expected {
            return Ok(false);
        }
        let memo = Memo {
            revision: revision + 1,
            text: text.to_owned(),
        };
        kept.memos.insert(name.clone(), memo);
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
