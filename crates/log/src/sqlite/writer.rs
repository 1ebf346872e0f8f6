//! The one thread that writes to the file: takes all that waits, writes it in one transaction, answers all.
//!
//! One sync to disk then carries the commits of many halls. Nothing is answered before COMMIT has returned, refusals
//! included, because a refusal may rest on another append of the same transaction. When anything fails, the connection
//! is dropped (which rolls back), everything known about heads is forgotten, and the next batch opens the file anew.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::{
    file::{self, Readers},
    tables,
};
use crate::{AppendError, Epoch, Head, NoteName, ReadError, StoreError, StreamId, hints::Hints};

/// Most that one transaction carries: past this the time of one commit grows faster than it saves.
const BATCH_MAX: usize = 256;
/// Asks that may wait for the writer; who comes later waits for room, which slows the halls down instead of growing.
const WAITING_MAX: usize = 1024;

/// What can be asked of the writer.
#[derive(Debug)]
pub(super) enum Ask {
    Open {
        stream: StreamId,
        fresh: Epoch,
    },
    Append {
        stream: StreamId,
        expected: Head,
        head: Head,
        body: String,
    },
    SaveSnapshot {
        stream: StreamId,
        body: String,
    },
    ReplaceNote {
        stream: StreamId,
        name: NoteName,
        expected: u64,
        text: String,
    },
    Secret {
        fresh: [u8; 32],
    },
}

/// What the writer answers when the transaction is on disk.
#[derive(Debug)]
pub(super) enum Answer {
    Opened(Result<Head, ReadError>),
    Appended(Result<(), AppendError>),
    Saved,
    Replaced(bool),
    Secret(Result<[u8; 32], StoreError>),
}

/// The transaction is not on disk, or nobody can tell.
#[derive(Debug)]
pub(super) enum Failure {
    NotWritten(StoreError),
    Unknown(StoreError),
}

impl Answer {
    /// Each ask has its own kind of answer, decided in [`perform`].
    pub(super) fn out_of_place(self) -> ! {
        panic!("the writer answered another question: {self:?}")
    }
}

impl Failure {
    pub(super) fn into_source(self) -> StoreError {
        match self {
            Self::NotWritten(source) | Self::Unknown(source) => source,
        }
    }
}

struct Job {
    ask: Ask,
    answer: oneshot::Sender<Result<Answer, Failure>>,
}

/// The other side of the thread. Dropping it waits until the file is closed and the lock let go.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        path: &Path,
        db: Connection,
        lock: File,
        readers: Arc<Readers>,
        hints: Arc<Hints>,
    ) -> std::io::Result<Self> {
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let state = State {
            path: path.to_owned(),
            db: Some(db),
            heads: BTreeMap::new(),
            readers,
            hints,
            _lock: lock,
        };
        let thread = thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || state.run(waiting))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    pub(super) async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        let (answer, answered) = oneshot::channel();
        let jobs = self
            .jobs
            .as_ref()
            .expect("the sender is taken only by drop");
        if jobs.send(Job { ask, answer }).await.is_err() {
            return Err(Failure::NotWritten(
                "the thread that writes the log has ended".into(),
            ));
        }
        answered.await.unwrap_or_else(|_| {
            Err(Failure::Unknown(
                "the thread that writes the log has ended".into(),
            ))
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has told its story already.
            let _ = thread.join();
        }
    }
}

struct State {
    path: PathBuf,
    /// `None` after a failure, until the file is opened again.
    db: Option<Connection>,
    /// Heads as of the last COMMIT, so that an append need not read and hash the commit before it.
    heads: BTreeMap<StreamId, Head>,
    readers: Arc<Readers>,
    hints: Arc<Hints>,
    /// Held for as long as this thread may write.
    _lock: File,
}

impl State {
    fn run(mut self, mut waiting: mpsc::Receiver<Job>) {
        while let Some(job) = waiting.blocking_recv() {
            let mut batch = vec![job];
            while batch.len() < BATCH_MAX
                && let Ok(job) = waiting.try_recv()
            {
                batch.push(job);
            }
            self.serve(batch);
        }
    }

    fn serve(&mut self, batch: Vec<Job>) {
        match self.write(&batch) {
            Ok(answers) => {
                for (job, answer) in batch.into_iter().zip(answers) {
                    self.tell_followers(&job.ask, &answer);
                    // Whoever asked may have gone; what was asked is done all the same.
                    let _ = job.answer.send(Ok(answer));
                }
            }
            Err(failure) => {
                self.start_anew();
                for job in batch {
                    let _ = job.answer.send(Err(failure.for_one()));
                }
            }
        }
    }

    /// One transaction for the whole batch.
    fn write(&mut self, batch: &[Job]) -> Result<Vec<Answer>, BatchFailure> {
        let db = match &mut self.db {
            Some(db) => db,
            closed @ None => closed
                .insert(file::open_for_writing(&self.path).map_err(BatchFailure::not_written)?),
        };
        let tx = db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(BatchFailure::not_written)?;
        let perform = |job: &Job| perform(&tx, &mut self.heads, &job.ask);
        let answers = batch
            .iter()
            .map(perform)
            .collect::<rusqlite::Result<_>>()
            .map_err(BatchFailure::not_written)?;
        tx.commit().map_err(BatchFailure::at_commit)?;
        Ok(answers)
    }

    fn tell_followers(&self, ask: &Ask, answer: &Answer) {
        if let (Ask::Append { stream, head, .. }, Answer::Appended(Ok(()))) = (ask, answer) {
            self.hints.tell(stream, head.version);
        }
    }

    fn start_anew(&mut self) {
        self.db = None;
        self.heads.clear();
        self.readers.forget();
    }
}

/// One failure, told to everybody in the batch.
struct BatchFailure {
    source: Arc<dyn std::error::Error + Send + Sync>,
    /// Whether COMMIT was reached, after which nobody can tell.
    at_commit: bool,
}

impl BatchFailure {
    fn not_written(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            source: Arc::new(error),
            at_commit: false,
        }
    }

    fn at_commit(error: rusqlite::Error) -> Self {
        Self {
            source: Arc::new(error),
            at_commit: true,
        }
    }

    fn for_one(&self) -> Failure {
        let source = Box::new(Arc::clone(&self.source));
        if self.at_commit {
            Failure::Unknown(source)
        } else {
            Failure::NotWritten(source)
        }
    }
}

fn perform(
    tx: &Transaction<'_>,
    heads: &mut BTreeMap<StreamId, Head>,
    ask: &Ask,
) -> rusqlite::Result<Answer> {
    match ask {
        Ask::Open { stream, fresh } => {
            tables::add_stream(tx, stream, *fresh)?;
            let no_stream = || ReadError::NoSuchStream(stream.clone());
            Ok(Answer::Opened(
                tables::head(tx, stream).and_then(|head| head.ok_or_else(no_stream)),
            ))
        }
        Ask::Append {
            stream,
            expected,
            head,
            body,
        } => {
            if let Err(refusal) =
                current_head(tx, heads, stream)?.and_then(|current| current.demand(expected))
            {
                return Ok(Answer::Appended(Err(refusal)));
            }
            tables::insert(tx, stream, head.version, body)?;
            heads.insert(stream.clone(), head.clone());
            Ok(Answer::Appended(Ok(())))
        }
        Ask::SaveSnapshot { stream, body } => {
            tables::save_snapshot(tx, stream, body).map(|()| Answer::Saved)
        }
        Ask::ReplaceNote {
            stream,
            name,
            expected,
            text,
        } => tables::replace_note(tx, stream, name, *expected, text).map(Answer::Replaced),
        Ask::Secret { fresh } => tables::secret(tx, fresh).map(Answer::Secret),
    }
}

/// The head from memory if the file still ends there, otherwise from the file: the lock keeps other servers out, but not
/// a person with `sqlite3` or a restored copy.
fn current_head(
    tx: &Transaction<'_>,
    heads: &BTreeMap<StreamId, Head>,
    stream: &StreamId,
) -> rusqlite::Result<Result<Head, AppendError>> {
    let top = tables::top(tx, stream)?;
    if let Some(head) = heads.get(stream).filter(|head| head.version == top) {
        return Ok(Ok(head.clone()));
    }
    Ok(match tables::head(tx, stream) {
        Ok(Some(head)) => Ok(head),
        Ok(None) => Err(AppendError::Forked(
            "it is not in the store any more".to_owned(),
        )),
        Err(ReadError::Unavailable(source)) => Err(AppendError::Unavailable(source)),
        Err(damaged @ (ReadError::Defect(_) | ReadError::NoSuchStream(_))) => {
            Err(AppendError::Forked(damaged.to_string()))
        }
    })
}
