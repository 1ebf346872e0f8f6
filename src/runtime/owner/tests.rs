//! What happens after something that must never happen: a bug in the rules, or a store with another history.

use super::*;
use crate::runtime::sum::{Sum, Wanted};
use async_trait::async_trait;
use hall_log::memory::MemoryLog;
use hall_log::{
    AppendError, Commit, Durability, Hash, Head, Hint, Note, NoteName, ReadError, Snapshot,
    StoreError,
};
use std::sync::atomic::{AtomicBool, Ordering};

/// A store that at some moment shows another commit at the version that was read: what a failover leaves.
#[derive(Debug, Default)]
struct Replaced {
    log: MemoryLog,
    is_replaced: AtomicBool,
}

#[async_trait]
impl Log for Replaced {
    async fn open(&self, stream: &StreamId) -> Result<Head, ReadError> {
        self.log.open(stream).await
    }

    async fn head(&self, stream: &StreamId) -> Result<Head, ReadError> {
        let head = self.log.head(stream).await?;
        let hash = if self.is_replaced.load(Ordering::Relaxed) {
            Hash::of(b"another")
        } else {
            head.hash
        };
        Ok(Head { hash, ..head })
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: &Head,
        commit: &Commit,
    ) -> Result<(), AppendError> {
        self.log.append(stream, expected, commit).await
    }

    async fn read(
        &self,
        stream: &StreamId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Commit>, ReadError> {
        self.log.read(stream, after, limit).await
    }

    async fn follow(&self, streams: Vec<StreamId>) -> mpsc::Receiver<Hint> {
        self.log.follow(streams).await
    }

    async fn save_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        self.log.save_snapshot(stream, snapshot).await
    }

    async fn load_snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        self.log.load_snapshot(stream).await
    }

    async fn note(&self, stream: &StreamId, name: &NoteName) -> Result<Option<Note>, StoreError> {
        self.log.note(stream, name).await
    }

    async fn replace_note(
        &self,
        stream: &StreamId,
        name: &NoteName,
        expected: u64,
        text: &str,
    ) -> Result<bool, StoreError> {
        self.log.replace_note(stream, name, expected, text).await
    }

    async fn streams(&self) -> Result<Vec<StreamId>, ReadError> {
        self.log.streams().await
    }

    async fn secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        self.log.secret(fresh).await
    }

    fn durability(&self) -> Durability {
        self.log.durability()
    }

    fn is_shared(&self) -> bool {
        self.log.is_shared()
    }

    fn describe(&self) -> String {
        self.log.describe()
    }
}

async fn owner(log: Arc<dyn Log>) -> Owner<Sum> {
    let stream = StreamId::parse("sum").unwrap();
    Owner::start(log, stream, Arc::new(HallClock::system()), Arc::default())
        .await
        .unwrap()
}

fn request(id: &str, action: Wanted) -> Request<Wanted> {
    Request::of_program(CommandId::parse(id).unwrap(), Actor::Timer, action)
}

/// A panic used to leave a task that was gone and a hall that answered *too many commands wait* for ever.
#[tokio::test]
async fn a_bug_in_the_rules_closes_the_hall_for_a_moment_and_loses_nothing() {
    let owner = owner(Arc::new(MemoryLog::new())).await;
    owner.ask(request("a", Wanted::Add(2))).await.unwrap();
    let broken = owner.ask(request("b", Wanted::Bug)).await;
    assert!(
        matches!(broken, Err(AskError::OutcomeUnknown)),
        "{broken:?}"
    );
    let after = loop {
        match owner.ask(request("c", Wanted::Add(3))).await {
            Ok(reply) => break reply,
            Err(AskError::Unavailable(_)) => tokio::task::yield_now().await,
            Err(error) => panic!("{error:?}"),
        }
    };
    assert_eq!((after.answer, after.version), (5, 2));
    assert_eq!(owner.stopped(), None);
}

/// The store had our version and another hash: the owner asked for the head for ever, and nobody got an answer.
#[tokio::test]
async fn another_commit_at_our_version_stops_the_hall_in_words() {
    let log = Arc::new(Replaced::default());
    let owner = owner(log.clone()).await;
    owner.ask(request("a", Wanted::Add(2))).await.unwrap();
    log.is_replaced.store(true, Ordering::Relaxed);
    let answer = owner.ask(request("b", Wanted::Nothing)).await;
    assert!(
        matches!(answer, Err(AskError::Unavailable(_))),
        "{answer:?}"
    );
    assert!(
        owner
            .stopped()
            .unwrap()
            .contains("the store ends at version 1")
    );
}
