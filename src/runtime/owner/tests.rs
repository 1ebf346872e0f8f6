//! What happens when what must not happen happens: a bug in the rules, a store with another history.

use super::*;
use crate::log::memory::MemoryLog;
use crate::log::{
    AppendError, Commit, Durability, Hash, Head, Hint, Memo, MemoName, Snapshot, StoreError,
};
use async_trait::async_trait;
use hall::Record;
use hall::decide::Decision;
use hall::record::command::Command;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};

/// The smallest model: a sum, and rules that panic when they are told to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Sum {
    version: u64,
    sum: u64,
}

#[derive(Clone, Debug)]
enum Wanted {
    Add(u64),
    Nothing,
    Bug,
}

impl Model for Sum {
    const SNAPSHOT_SCHEMA: u32 = 1;
    type Action = Wanted;
    type Event = u64;
    type Answer = u64;
    type Rejection = ();

    fn version(&self) -> u64 {
        self.version
    }

    fn last_at(&self) -> Option<Time> {
        None
    }

    fn decide(&self, command: &Command<Wanted>) -> Result<Decision<u64, u64>, ()> {
        match command.action {
            Wanted::Add(count) => Ok(Decision::Events(vec![count])),
            Wanted::Nothing => Ok(Decision::Nothing(self.sum)),
            Wanted::Bug => panic!("the rules have a bug"),
        }
    }

    fn apply(&mut self, record: &Record<u64>) {
        self.version = record.version;
        self.sum += record.events.iter().sum::<u64>();
    }

    fn answer(&self, _: &Record<u64>) -> u64 {
        self.sum
    }

    fn due(&self, _: Time) -> Option<Command<Wanted>> {
        None
    }

    fn hash(&self) -> String {
        self.sum.to_string()
    }

    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

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

    async fn memo(&self, stream: &StreamId, name: &MemoName) -> Result<Option<Memo>, StoreError> {
        self.log.memo(stream, name).await
    }

    async fn keep_memo(
        &self,
        stream: &StreamId,
        name: &MemoName,
        expected: u64,
        text: &str,
    ) -> Result<bool, StoreError> {
        self.log.keep_memo(stream, name, expected, text).await
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

fn wish(id: &str, action: Wanted) -> Wish<Wanted> {
    let fingerprint = Fingerprint::parse("0").unwrap();
    Wish {
        id: CommandId::parse(id).unwrap(),
        fingerprint,
        actor: Actor::Timer,
        action,
    }
}

/// A panic used to leave a task that was gone and a hall that answered *too many commands wait* for ever.
#[tokio::test]
async fn a_bug_in_the_rules_closes_the_hall_for_a_moment_and_loses_nothing() {
    let owner = owner(Arc::new(MemoryLog::new())).await;
    owner.ask(wish("a", Wanted::Add(2))).await.unwrap();
    let broken = owner.ask(wish("b", Wanted::Bug)).await;
    assert!(
        matches!(broken, Err(AskError::OutcomeUnknown)),
        "{broken:?}"
    );
    let after = loop {
        match owner.ask(wish("c", Wanted::Add(3))).await {
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
    owner.ask(wish("a", Wanted::Add(2))).await.unwrap();
    log.is_replaced.store(true, Ordering::Relaxed);
    let answer = owner.ask(wish("b", Wanted::Nothing)).await;
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
