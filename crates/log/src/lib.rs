//! Where a hall's history is kept: an append-only log of commits, one stream per hall.
//!
//! The unit of storage is a [`Commit`]: the records of one or more commands, kept whole or not at all. Versions are
//! dense from 1, every commit carries the hash of the one before it, and an append must name the exact head it was
//! decided on. A log knows nothing of rules: to it a record is bytes, and this crate imports no other one of ours.
//!
//! Invariant: what [`Log::append`] answered with `Ok` is durable at the log's [`Durability`] and is never changed.

mod commit;
mod files;
mod hash;
mod hints;
mod mark;
mod note;
mod recent;
mod report;
mod server_clock;
mod snapshot;
mod store;
mod stream_id;
mod trouble;

pub mod memory;
pub mod redis;
pub mod sqlite;

pub use commit::{Commit, Defect, SCHEMA, verify_chain};
pub use hash::{Epoch, Hash, NotHex};
pub use note::{InvalidNoteName, Note, NoteName};
pub use report::{Finding, Grade, Report};
pub use server_clock::ServerClock;
pub use snapshot::Snapshot;
pub use store::{
    InvalidLostTail, InvalidStoreUrl, LostTail, OpenError, StoreOptions, StoreUrl, open_store,
};
pub use stream_id::{InvalidStreamId, StreamId};
pub use trouble::{Trouble, TroubleKind};

use std::cmp::Ordering;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// The newest state of a stream that the store knows: the exact place where the next commit goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Version of the last record, 0 for an empty stream.
    pub version: u64,
    /// Hash of the last commit; of the empty stream, [`Hash::GENESIS`].
    pub hash: Hash,
    /// Drawn when the stream was made; another epoch is another history.
    pub epoch: Epoch,
}

impl Head {
    /// The head of a stream in which nothing was written yet.
    pub fn genesis(epoch: Epoch) -> Self {
        Self {
            version: 0,
            hash: Hash::GENESIS,
            epoch,
        }
    }

    /// Says why nothing may be appended behind `expected` when the store's head is this one. A head that moved on is
    /// somebody else's append; one that went back, or has another hash or epoch, is another history.
    pub fn demand(&self, expected: &Self) -> Result<(), AppendError> {
        let forked = |what: String| Err(AppendError::Forked(what));
        let (here, there) = (self.version, expected.version);
        if self.epoch != expected.epoch {
            return forked(format!(
                "its epoch is {}, not {}",
                self.epoch, expected.epoch
            ));
        }
        match here.cmp(&there) {
            Ordering::Greater => Err(AppendError::Conflict(self.clone())),
            Ordering::Less => forked(format!(
                "it ends at version {here}, but version {there} has been read from it"
            )),
            Ordering::Equal if self.hash != expected.hash => forked(format!(
                "its version {here} has another hash than the one that was read"
            )),
            Ordering::Equal => Ok(()),
        }
    }
}

/// How much an `Ok` from [`Log::append`] is worth, named and never lowered silently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Durability {
    /// Embedded store, synced to disk before the answer: survives a kill and a power cut.
    E,
    /// One Redis with `appendfsync always` and `noeviction`: survives a kill and a power cut of that host.
    R1,
    /// R1, and a replica had the write before the answer.
    R2,
    /// Anything weaker: memory, or a Redis that may lose the last second.
    R0,
}

/// Why an append did not happen, or may not have happened.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else appended first: read to the head and decide again.
    #[error("the log has moved on to version {}", .0.version)]
    Conflict(Head),
    /// The store holds another history than the one this instance knows: stop writing, raise the alarm.
    #[error("the log is not the one this instance has read: {0}")]
    Forked(String),
    /// Nothing was written.
    #[error("the store cannot take the write: {0}")]
    Unavailable(#[source] StoreError),
    /// The write may or may not be there: read to the head and look for the command's id.
    #[error("the store did not answer in time: {0}")]
    Unknown(#[source] StoreError),
}

/// What a store's own library said, kept as the source.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// Why a read failed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store has no stream of this name: nobody has opened it yet.
    #[error("the store has no hall {0}")]
    NoSuchStream(StreamId),
    /// The store did not answer; try again.
    #[error("the store cannot be read: {0}")]
    Unavailable(#[source] StoreError),
    /// A stored commit is damaged; nothing behind it is delivered.
    #[error("{0}")]
    Defect(#[from] Defect),
}

/// Somebody (this process or another) may have appended to a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub stream: StreamId,
    /// The version that was appended, where it is known: an instance that has it need not read.
    pub version: Option<u64>,
}

impl Hint {
    /// A hint that says only that the stream is worth a look.
    fn look_at(stream: &StreamId) -> Self {
        Self {
            stream: stream.clone(),
            version: None,
        }
    }
}

/// An append-only log of commits; see the module's comment for what every implementation keeps.
#[async_trait]
pub trait Log: Send + Sync + std::fmt::Debug {
    /// Opens a stream, making it with a fresh epoch when it does not exist, and answers its head.
    async fn open(&self, stream: &StreamId) -> Result<Head, ReadError>;
    /// The head as the store has it now, asked behind every append that this instance has sent before.
    async fn head(&self, stream: &StreamId) -> Result<Head, ReadError>;
    /// Appends one commit exactly behind `expected`.
    async fn append(
        &self,
        stream: &StreamId,
        expected: &Head,
        commit: &Commit,
    ) -> Result<(), AppendError>;
    /// Up to `limit` commits whose last version is greater than `after`, oldest first, each checked against its hash and
    /// its neighbours. A damaged commit fails the whole read; its place is in the [`Defect`].
    async fn read(
        &self,
        stream: &StreamId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Commit>, ReadError>;
    /// A hint whenever somebody (this process or another) may have appended to a stream. Hints may coalesce or repeat,
    /// and the receiver reads the log to learn what is there. Every stream is named once at the start and
    /// again after a lost connection, so that nothing is missed in between.
    async fn follow(&self, streams: Vec<StreamId>) -> mpsc::Receiver<Hint>;
    /// Keeps a snapshot beside the log, in place of an older one.
    async fn save_snapshot(&self, stream: &StreamId, snapshot: &Snapshot)
    -> Result<(), StoreError>;
    /// The newest snapshot, if there is one that can be read.
    async fn load_snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError>;
    /// What is kept beside a stream under this name, if anything.
    async fn note(&self, stream: &StreamId, name: &NoteName) -> Result<Option<Note>, StoreError>;
    /// Keeps a note in place of the one with the revision `expected` (0: there is none yet), as durably as an append.
    /// `false` when another one is there: somebody else was first. After an error either may be kept; read it to learn
    /// which.
    async fn replace_note(
        &self,
        stream: &StreamId,
        name: &NoteName,
        expected: u64,
        text: &str,
    ) -> Result<bool, StoreError>;
    /// Every stream of this store, in order of name.
    async fn streams(&self) -> Result<Vec<StreamId>, ReadError>;
    /// The store's secret key (32 bytes), drawn by `fresh` on first use and the same for every instance afterwards.
    async fn secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError>;
    /// What an acknowledged append is worth here.
    fn durability(&self) -> Durability;
    /// Whether other processes may write it while this one does.
    fn is_shared(&self) -> bool;
    /// What was found out about the store when it was opened, for the operator.
    fn findings(&self) -> Vec<Finding> {
        Vec::new()
    }
    /// Finds out whether a write would be taken, also where nobody writes; what is wrong is the trouble from then on. It
    /// may be asked at any time: what it costs is bounded.
    async fn probe(&self) {}
    /// Why nothing can be acknowledged at this moment, if so.
    fn trouble(&self) -> Option<Trouble> {
        None
    }
    /// What this store had lost when it was opened, each accepted by name. The first append to a stream that lost
    /// something settles it; until then every start names it again.
    fn lost_tails(&self) -> Vec<LostTail> {
        Vec::new()
    }
    /// Nothing has to be recorded about what this stream has lost: the next start does not ask about it again.
    async fn settle_loss(&self, _stream: &StreamId) -> Result<(), StoreError> {
        Ok(())
    }
    /// For people: `sqlite:/var/lib/paihao.db`, `redis://10.0.0.5:6379` (never a password).
    fn describe(&self) -> String;
}
