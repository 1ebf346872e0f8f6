//! The one thread that writes to the file: takes all that waits, writes it in one transaction, answers all.
//!
//! One sync to disk then carries the commits of many halls. Nothing is answered before COMMIT has returned, refusals
//! included, because a refusal may rest on another append of the same transaction. When it has nothing to do, the thread
//! empties the write-ahead log, and tries a disk that failed.

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use rusqlite::{Transaction, TransactionBehavior};
use tokio::runtime::{self, Runtime};
use tokio::sync::{mpsc, oneshot};

use super::{
    database::{Database, NotSure},
    tables,
};
use crate::{AppendError, Epoch, Head, NoteName, ReadError, StoreError, StreamId, hints::Hints};

/// Most that one transaction carries: past this the time of one commit grows faster than it saves.
const BATCH_MAX: usize = 256;
/// Asks that may wait for the writer; who comes later waits for room, which slows the halls down instead of growing.
const WAITING_MAX: usize = 1024;
/// Without anything to write for this long, the write-ahead log is emptied, or a disk that failed is tried again.
const REST_AFTER: Duration = Duration::from_secs(1);

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
    /// The mark of a stream that lost its end is set back to where it stands.
    SettleLoss {
        stream: StreamId,
    },
    /// Only whether what is in the file can be trusted.
    BecomeSure,
    /// Whether the disk takes a write.
    Probe,
}

/// What the writer answers when the transaction is on disk.
#[derive(Debug)]
pub(super) enum Answer {
    Opened(Result<Head, ReadError>),
    Appended(Result<(), AppendError>),
    Saved,
    Replaced(bool),
    Secret(Result<[u8; 32], StoreError>),
    Sure,
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
    pub(super) fn start(database: Database, hints: Arc<Hints>) -> std::io::Result<Self> {
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let timer = runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let state = State { database, hints };
        let thread = thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || state.run(waiting, &timer))?;
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
    database: Database,
    hints: Arc<Hints>,
}

/// What a transaction adds, known as true only after its COMMIT.
#[derive(Default)]
struct Added {
    heads: BTreeMap<StreamId, Head>,
    bodies: Vec<(StreamId, u64, String)>,
    secret: Option<[u8; 32]>,
}

impl State {
    fn run(mut self, mut waiting: mpsc::Receiver<Job>, timer: &Runtime) {
        while let Some(job) = self.next_job(&mut waiting, timer) {
            let mut batch = vec![job];
            while batch.len() < BATCH_MAX
                && let Ok(job) = waiting.try_recv()
            {
                batch.push(job);
            }
            self.serve(batch);
        }
        self.database.close();
    }

    /// Waits for something to do. `None` when nobody can ask any more.
    fn next_job(&mut self, waiting: &mut mpsc::Receiver<Job>, timer: &Runtime) -> Option<Job> {
        loop {
            if !self.database.is_dirty() && !self.database.has_trouble() {
                return waiting.blocking_recv();
            }
            let soon = async { tokio::time::timeout(REST_AFTER, waiting.recv()).await };
            match timer.block_on(soon) {
                Ok(job) => return job,
                Err(_) if self.database.has_trouble() => self.try_again(),
                Err(_) => self.database.rest(),
            }
        }
    }

    /// Whether the disk takes writes again. This risks nobody's write.
    fn try_again(&mut self) {
        // the outcome is the trouble itself: over, or one failure more
        let _ = self.write(&[]);
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
                for job in batch {
                    let _ = job.answer.send(Err(failure.for_one()));
                }
            }
        }
    }

    /// One transaction for the whole batch; for an empty one, one that only tries the disk.
    fn write(&mut self, batch: &[Job]) -> Result<Vec<Answer>, BatchFailure> {
        let mut added = Added::default();
        let mut reached_commit = false;
        let written = self.write_into(batch, &mut added, &mut reached_commit);
        let Added {
            heads,
            bodies,
            secret,
        } = added;
        let written = written.and_then(|answers| {
            self.database.committed(heads, bodies, secret)?;
            Ok(answers)
        });
        written.map_err(|error| {
            let is_unknown = reached_commit && !error.kind.leaves_no_commit();
            self.database.failed(&error, is_unknown);
            BatchFailure {
                source: Arc::from(error.source),
                is_unknown,
            }
        })
    }

    fn write_into(
        &mut self,
        batch: &[Job],
        added: &mut Added,
        reached_commit: &mut bool,
    ) -> Result<Vec<Answer>, NotSure> {
        let has_trouble = self.database.has_trouble();
        let (db, heads) = self.database.ready()?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if has_trouble {
            tables::probe(&tx)?; // a transaction that writes nothing proves nothing
        }
        let perform = |job: &Job| perform(&tx, heads, added, &job.ask);
        let answers = batch.iter().map(perform).collect::<rusqlite::Result<_>>()?;
        *reached_commit = true;
        tx.commit()?;
        Ok(answers)
    }

    fn tell_followers(&self, ask: &Ask, answer: &Answer) {
        if let (Ask::Append { stream, head, .. }, Answer::Appended(Ok(()))) = (ask, answer) {
            self.hints.tell(stream, head.version);
        }
    }
}

/// One failure, told to everybody in the batch.
struct BatchFailure {
    source: Arc<dyn std::error::Error + Send + Sync>,
    /// Whether COMMIT was reached, after which nobody can tell.
    is_unknown: bool,
}

impl BatchFailure {
    fn for_one(&self) -> Failure {
        let source = Box::new(Arc::clone(&self.source));
        if self.is_unknown {
            Failure::Unknown(source)
        } else {
            Failure::NotWritten(source)
        }
    }
}

fn perform(
    tx: &Transaction<'_>,
    heads: &BTreeMap<StreamId, Head>,
    added: &mut Added,
    ask: &Ask,
) -> rusqlite::Result<Answer> {
    match ask {
        Ask::Open { stream, fresh } => {
            tables::add_stream(tx, stream, *fresh)?;
            let no_stream = || ReadError::NoSuchStream(stream.clone());
            let opened = tables::head(tx, stream).and_then(|head| head.ok_or_else(no_stream));
            if let Ok(head) = &opened
                && !heads.contains_key(stream)
            {
                added.heads.insert(stream.clone(), head.clone());
            }
            Ok(Answer::Opened(opened))
        }
        Ask::Append {
            stream,
            expected,
            head,
            body,
        } => {
            let known = added.heads.get(stream).or_else(|| heads.get(stream));
            if let Err(refusal) =
                current_head(tx, known, stream)?.and_then(|current| current.demand(expected))
            {
                return Ok(Answer::Appended(Err(refusal)));
            }
            tables::insert(tx, stream, head.version, body)?;
            added.heads.insert(stream.clone(), head.clone());
            let body = body.clone();
            added.bodies.push((stream.clone(), head.version, body));
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
        Ask::Secret { fresh } => {
            let secret = tables::secret(tx, fresh)?;
            added.secret = secret.as_ref().ok().copied();
            Ok(Answer::Secret(secret))
        }
        Ask::SettleLoss { stream } => {
            let head = heads.get(stream).map(|head| (stream.clone(), head.clone()));
            added.heads.extend(head);
            Ok(Answer::Sure)
        }
        Ask::BecomeSure => Ok(Answer::Sure),
        Ask::Probe => tables::probe(tx).map(|()| Answer::Sure),
    }
}

/// The head from memory if the file still ends there, otherwise from the file: the lock keeps other servers out, but not
/// a person with `sqlite3` or a restored copy.
fn current_head(
    tx: &Transaction<'_>,
    known: Option<&Head>,
    stream: &StreamId,
) -> rusqlite::Result<Result<Head, AppendError>> {
    let top = tables::top(tx, stream)?;
    if let Some(head) = known.filter(|head| head.version == top) {
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
