//! The embedded log: one SQLite file, no server, synced to disk before an append is answered.
//!
//! One OS thread owns the only connection that writes (`sqlite/writer.rs`); reads have connections of their own and run on
//! blocking threads, so nothing here waits for the disk on the runtime's threads. Serving a file needs the lock beside
//! it, because a second writer would decide on a head that the first one moves; reading it ([`SqliteLog::open_read_only`])
//! needs none, and works while a server runs.
//!
//! Failure cases: an append whose COMMIT failed is `Unknown`, since SQLite may or may not find it again; nothing is read
//! or answered until the whole was written anew and synced (`sqlite/database.rs`). A file that was swapped while it is
//! open, or that ends before what was acknowledged, is known by `sqlite/watched.rs` and `mark.rs`. Alternative not
//! taken: an own file format, which would be faster and would make torn tails, snapshots and reading with common tools
//! our work.

mod database;
mod file;
mod tables;
mod watched;
mod writer;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use rusqlite::Connection;
use tokio::sync::mpsc;

use self::{
    database::Database,
    file::Readers,
    writer::{Answer, Ask, Failure, Writer},
};
use super::{
    AppendError, Commit, Durability, Epoch, Finding, Head, Hint, Log, LostTail, Note, NoteName,
    OpenError, ReadError, Snapshot, StoreError, StreamId, Trouble, hints::Hints,
    trouble::CurrentTrouble,
};

/// See the module's comment.
pub struct SqliteLog {
    path: PathBuf,
    readers: Arc<Readers>,
    /// `None` when opened only for reading.
    writer: Option<Writer>,
    hints: Arc<Hints>,
    trouble: Arc<CurrentTrouble>,
    findings: Vec<Finding>,
    lost: Vec<LostTail>,
    last_probe: Mutex<Option<Instant>>,
}

/// Between two writes that only try the disk: each is synced, and whoever looks after the server may ask often.
const PROBE_EVERY: Duration = Duration::from_secs(5);

impl SqliteLog {
    /// Opens the file for serving, making it and its directory when they are not there.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_accepting(path, Vec::new())
    }

    /// The same for a file of which it was accepted, by name, that it has lost what it had acknowledged.
    pub fn open_accepting(path: &Path, lost: Vec<LostTail>) -> Result<Self, OpenError> {
        let lock = file::lock(path)?;
        let (readers, hints) = (Arc::new(Readers::new(path)), Arc::new(Hints::new()));
        let trouble = Arc::new(CurrentTrouble::default());
        let opened = Database::open(
            path,
            lock,
            Arc::clone(&readers),
            Arc::clone(&trouble),
            &lost,
        )?;
        let writer = Writer::start(opened.database, Arc::clone(&hints))
            .map_err(|error| file::file_error(path, error))?;
        let mut findings = vec![Finding::good(
            "SQLite in WAL mode with synchronous=FULL: synced to disk before each answer",
        )];
        findings.extend(opened.findings);
        Ok(Self {
            path: path.to_owned(),
            readers,
            writer: Some(writer),
            hints,
            trouble,
            findings,
            lost: opened.lost,
            last_probe: Mutex::default(),
        })
    }

    /// Opens the file only for reading, also while a server has it open. Writes answer with an error, and `follow`
    /// names each stream once.
    ///
    /// What a start would refuse can still be read, so that it can be looked at and saved; the findings say it.
    pub fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        let db = file::check_for_reading(path)?;
        let findings = match database::lost_of(&db, path) {
            Ok(()) => Vec::new(),
            Err(error) => vec![Finding::lost(error.to_string())],
        };
        Ok(Self {
            path: path.to_owned(),
            readers: Arc::new(Readers::new(path)),
            writer: None,
            hints: Arc::new(Hints::new()),
            trouble: Arc::default(),
            findings,
            lost: Vec::new(),
            last_probe: Mutex::default(),
        })
    }

    /// Runs a read on a blocking thread.
    async fn reading<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        if self.trouble.is_unsure() {
            // what is in the kernel's cache is no answer while nobody knows whether the disk has it
            let sure = self.ask(Ask::BecomeSure).await;
            sure.map_err(|failure| ReadError::Unavailable(failure.into_source()))?;
        }
        let readers = Arc::clone(&self.readers);
        match tokio::task::spawn_blocking(move || readers.read(read)).await {
            Ok(result) => result,
            Err(gone) => Err(ReadError::Unavailable(gone.into())),
        }
    }

    /// Whether the disk was not tried for a while, and is to be tried now.
    fn is_probe_due(&self) -> bool {
        let mut last = self
            .last_probe
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| last.elapsed() >= PROBE_EVERY);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }

    async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        match &self.writer {
            Some(writer) => writer.ask(ask).await,
            None => Err(Failure::NotWritten(
                format!("{} is open only for reading", self.path.display()).into(),
            )),
        }
    }
}

impl fmt::Debug for SqliteLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqliteLog({})", self.describe())
    }
}

#[async_trait]
impl Log for SqliteLog {
    async fn open(&self, stream: &StreamId) -> Result<Head, ReadError> {
        if self.writer.is_none() {
            return self.head(stream).await;
        }
        let fresh = Epoch::draw().map_err(|error| ReadError::Unavailable(error.into()))?;
        match self
            .ask(Ask::Open {
                stream: stream.clone(),
                fresh,
            })
            .await
        {
            Ok(Answer::Opened(opened)) => opened,
            Ok(other) => other.out_of_place(),
            Err(failure) => Err(ReadError::Unavailable(failure.into_source())),
        }
    }

    async fn head(&self, stream: &StreamId) -> Result<Head, ReadError> {
        let stream = stream.clone();
        self.reading(move |db| tables::head(db, &stream)?.ok_or(ReadError::NoSuchStream(stream)))
            .await
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: &Head,
        commit: &Commit,
    ) -> Result<(), AppendError> {
        commit.assert_follows(expected);
        let (stream, expected) = (stream.clone(), expected.clone());
        match self
            .ask(Ask::Append {
                stream,
                expected,
                head: commit.head(),
                body: commit.encode(),
            })
            .await
        {
            Ok(Answer::Appended(appended)) => appended,
            Ok(other) => other.out_of_place(),
            Err(Failure::NotWritten(source)) => Err(AppendError::Unavailable(source)),
            Err(Failure::Unknown(source)) => Err(AppendError::Unknown(source)),
        }
    }

    async fn read(
        &self,
        stream: &StreamId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Commit>, ReadError> {
        let stream = stream.clone();
        self.reading(move |db| tables::commits(db, &stream, after, limit))
            .await
    }

    async fn follow(&self, streams: Vec<StreamId>) -> mpsc::Receiver<Hint> {
        self.hints.follow(streams)
    }

    async fn save_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let ask = Ask::SaveSnapshot {
            stream: stream.clone(),
            body: snapshot.encode(),
        };
        match self.ask(ask).await {
            Ok(Answer::Saved) => Ok(()),
            Ok(other) => other.out_of_place(),
            Err(failure) => Err(failure.into_source()),
        }
    }

    async fn load_snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        let stream = stream.clone();
        Ok(self
            .reading(move |db| Ok(tables::snapshot(db, &stream)?))
            .await?)
    }

    async fn note(&self, stream: &StreamId, name: &NoteName) -> Result<Option<Note>, StoreError> {
        let (stream, name) = (stream.clone(), name.clone());
        Ok(self
            .reading(move |db| Ok(tables::note(db, &stream, &name)?))
            .await?)
    }

    async fn replace_note(
        &self,
        stream: &StreamId,
        name: &NoteName,
        expected: u64,
        text: &str,
    ) -> Result<bool, StoreError> {
        let ask = Ask::ReplaceNote {
            stream: stream.clone(),
            name: name.clone(),
            expected,
            text: text.to_owned(),
        };
        match self.ask(ask).await {
            Ok(Answer::Replaced(kept)) => Ok(kept),
            Ok(other) => other.out_of_place(),
            Err(failure) => Err(failure.into_source()),
        }
    }

    async fn streams(&self) -> Result<Vec<StreamId>, ReadError> {
        self.reading(tables::streams).await
    }

    async fn secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        if self.writer.is_none() {
            return self
                .reading(|db| Ok(tables::kept_secret(db)?))
                .await
                .unwrap_or_else(|error| Err(error.into()));
        }
        match self.ask(Ask::Secret { fresh }).await {
            Ok(Answer::Secret(secret)) => secret,
            Ok(other) => other.out_of_place(),
            Err(failure) => Err(failure.into_source()),
        }
    }

    fn durability(&self) -> Durability {
        Durability::E
    }

    /// The lock beside the file keeps every other writer out.
    fn is_shared(&self) -> bool {
        false
    }

    fn findings(&self) -> Vec<Finding> {
        self.findings.clone()
    }

    async fn probe(&self) {
        if self.writer.is_some() && self.trouble.get().is_none() && self.is_probe_due() {
            let _ = self.ask(Ask::Probe).await; // the outcome is the trouble itself, or none
        }
    }

    fn trouble(&self) -> Option<Trouble> {
        self.trouble.get()
    }

    fn lost_tails(&self) -> Vec<LostTail> {
        self.lost.clone()
    }

    async fn settle_loss(&self, stream: &StreamId) -> Result<(), StoreError> {
        let stream = stream.clone();
        let settled = self.ask(Ask::SettleLoss { stream }).await;
        settled.map(drop).map_err(Failure::into_source)
    }

    fn describe(&self) -> String {
        format!("sqlite:{}", self.path.display())
    }
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(error.into())
    }
}
