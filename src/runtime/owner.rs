//! The one owner of a hall: every command goes through [`Owner::ask`], always in this order:
//! decide → append → apply → publish → reply.
//!
//! **The idea.** One task per hall takes what waits in a bounded queue, decides all of it against the state as it will
//! be (each command sees the ones before it), and appends the records as one commit: one sync for many commands. What
//! arrives meanwhile forms the next commit; one is in flight at a time. Two copies of the state make this simple:
//! `working` runs ahead of the log by at most the commit in flight, `published` is what the log has and what readers
//! see. Readers never wait for the log.
//!
//! **What can go wrong.** If the append fails or its outcome is unknown, `working` is thrown away, the log is read to
//! its head, and each command is decided again: if it was in the log after all, its id is found there and the answer
//! rebuilt from its record; if not, the exact head demanded by the store lets only one of the two attempts in. A
//! conflict (another instance was first) takes the same path. Refusals, empty calls and remembered answers leave only
//! when the store confirms that its head is still the state's version: a refusal that was right a moment ago may be
//! wrong now. A forked log stops the hall.
//! A panic in the task is a bug: the hall is closed for a moment and read anew from its log.
//!
//! **Not taken.** Deciding under a lock in the request's own task, with the first of a batch committing for all, is up
//! to 1.4 times as fast. But a request's future dies with its client, and then another one must take over the commit;
//! nobody can cancel the owner's task. `ask` is the only door, so the inside can change.

mod reading;
mod task;

use super::figures::Figures;
use super::fold::StreamError;
use super::model::Model;
use crate::clock::HallClock;
use hall::Time;
use hall::id::{CommandId, Fingerprint};
use hall::record::command::{Actor, Command};
use hall_log::{Log, StreamId, TroubleKind};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;
use task::Task;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::time::Instant;

/// Commands that may wait for the owner; more are refused at once instead of piling up.
const QUEUE_LONGEST: usize = 4_096;
/// A caller waits this long for an outcome; then the answer is that it is unknown.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(8);

/// A command before the owner gives it the hall's time.
#[derive(Clone, Debug)]
pub struct Request<A> {
    pub id: CommandId,
    pub fingerprint: Fingerprint,
    pub actor: Actor,
    pub action: A,
}

impl<A> Request<A> {
    /// A command that programs send. Its id says which one it is, so there is no other body to tell it from.
    pub fn of_program(id: CommandId, actor: Actor, action: A) -> Request<A> {
        Request {
            id,
            fingerprint: Fingerprint::parse("0").expect("a digit is a fingerprint"),
            actor,
            action,
        }
    }

    fn at(self, at: Time) -> Command<A> {
        let Request {
            id,
            fingerprint,
            actor,
            action,
        } = self;
        Command {
            id,
            fingerprint,
            actor,
            at,
            action,
        }
    }
}

impl<A> From<Command<A>> for Request<A> {
    fn from(command: Command<A>) -> Request<A> {
        let Command {
            id,
            fingerprint,
            actor,
            action,
            at: _,
        } = command;
        Request {
            id,
            fingerprint,
            actor,
            action,
        }
    }
}

/// A command's outcome.
#[derive(Clone, Debug)]
pub struct Reply<A> {
    pub answer: A,
    /// The record that answers, or the state's version if there was nothing to do.
    pub version: u64,
    /// When the record happened.
    pub at: Time,
    /// The command had taken effect before.
    pub remembered: bool,
}

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AskError<R> {
    /// The rules say no.
    #[error("refused")]
    Rejected(R),
    /// The same key came with another body before.
    #[error("the key was used for another request")]
    KeyReused,
    /// Nothing has happened: too many wait, or the store cannot take it.
    #[error("{0}")]
    Unavailable(String),
    /// The store cannot make anything durable now, for a reason that has a name. Whether an earlier attempt with the same
    /// key has taken effect is not known before that is over.
    #[error("{}", .0.name())]
    StoreTrouble(TroubleKind),
    /// Nothing has happened: the server's clock was too far ahead at the start, and nobody has confirmed it.
    #[error("the server's clock waits for a manager")]
    ClockHeld,
    /// It may or may not have happened; asking again with the same key tells.
    #[error("the outcome is unknown")]
    OutcomeUnknown,
}

type AskResult<M> = Result<Reply<<M as Model>::Answer>, AskError<<M as Model>::Rejection>>;

/// The handle to a hall's owner; clones lead to the same one.
#[derive(Debug)]
pub struct Owner<M: Model> {
    shared: Arc<OwnerShared<M>>,
}

impl<M: Model> Clone for Owner<M> {
    fn clone(&self) -> Owner<M> {
        Owner {
            shared: self.shared.clone(),
        }
    }
}

/// What the handle and the task have in common.
#[derive(Debug)]
struct OwnerShared<M: Model> {
    stream: StreamId,
    clock: Arc<HallClock>,
    /// What the log has; written by the owner's task alone.
    published: RwLock<M>,
    /// Tells watchers that `published` has a new version.
    version: watch::Sender<u64>,
    epoch: String,
    messages: mpsc::Sender<Message<M>>,
    figures: Arc<Figures>,
    /// Why the owner writes no more, if so.
    stopped: RwLock<Option<String>>,
    /// The owner's task and the one that passes hints on; both hold the log.
    tasks: Mutex<Vec<tokio::task::JoinHandle<()>>>,
}

/// What the task finds in its queue.
#[derive(Debug)]
enum Message<M: Model> {
    Ask(Box<Asked<M>>),
    /// Somebody may have appended, up to this version if it is known.
    Appended(Option<u64>),
    /// Bring `published` up to the store's head, then answer whether that worked.
    CatchUp(oneshot::Sender<bool>),
    /// Carry out what is due at the clock's time, then answer.
    CarryOutDue(oneshot::Sender<()>),
    Stop,
}

#[derive(Debug)]
struct Asked<M: Model> {
    request: Request<M::Action>,
    since: Instant,
    reply: oneshot::Sender<AskResult<M>>,
}

impl<M: Model> Owner<M> {
    /// Reads the stream (from its snapshot, if there is a good one) and starts to own it.
    pub async fn start(
        log: Arc<dyn Log>,
        stream: StreamId,
        clock: Arc<HallClock>,
        figures: Arc<Figures>,
    ) -> Result<Owner<M>, StreamError> {
        let folded = reading::read_whole::<M>(&log, &stream).await?;
        let (messages, inbox) = mpsc::channel(QUEUE_LONGEST);
        let shared = Arc::new(OwnerShared {
            stream: stream.clone(),
            clock,
            version: watch::Sender::new(folded.head.version),
            epoch: folded.head.epoch.to_string(),
            published: RwLock::new(folded.state.clone()),
            messages: messages.clone(),
            figures,
            stopped: RwLock::new(None),
            tasks: Mutex::default(),
        });
        let mut task = Task::new(shared.clone(), log.clone(), folded);
        task.record_loss().await;
        *shared.tasks.lock().await = vec![
            tokio::spawn(task::keep_running(task, inbox)),
            tokio::spawn(reading::pass_on_hints(log, stream, messages)),
        ];
        Ok(Owner { shared })
    }

    /// Asks the hall for something. Safe to drop: the command is carried out all the same, and asking again with the
    /// same id tells what became of it.
    pub async fn ask(&self, request: Request<M::Action>) -> AskResult<M> {
        let (reply, outcome) = oneshot::channel();
        let message = Message::Ask(Box::new(Asked {
            request,
            since: Instant::now(),
            reply,
        }));
        if let Some(reason) = self.stopped() {
            return Err(AskError::Unavailable(reason));
        }
        self.shared.post(message).map_err(AskError::Unavailable)?;
        match tokio::time::timeout(ANSWER_WITHIN + Duration::from_secs(2), outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => Err(AskError::OutcomeUnknown),
        }
    }

    /// Looks at the newest durable state. Keep it short: the owner waits to publish.
    pub fn read<T>(&self, look: impl FnOnce(&M) -> T) -> T {
        look(&self.shared.state())
    }

    /// Brings the state up to the store's head, for answers like *not found* that another instance may have outdated.
    /// However many ask at once, the log is read once.
    pub async fn catch_up(&self) -> bool {
        let (done, caught_up) = oneshot::channel();
        match self.shared.post(Message::CatchUp(done)) {
            Ok(()) => caught_up.await.unwrap_or(false),
            Err(_) => false,
        }
    }

    /// Carries out what is due now instead of at the next look.
    pub async fn carry_out_due(&self) {
        let (done, carried_out) = oneshot::channel();
        let message = Message::CarryOutDue(done);
        if self.shared.messages.send(message).await.is_ok() {
            carried_out.await.ok();
        }
    }

    /// Changes whenever the published state has a new version.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.shared.version.subscribe()
    }

    /// The history this owner writes.
    pub fn epoch(&self) -> &str {
        &self.shared.epoch
    }

    /// The hall's time now.
    pub fn now(&self) -> Time {
        self.shared.clock.now()
    }

    /// Why this owner writes no more, if so.
    pub fn stopped(&self) -> Option<String> {
        self.shared.stopped()
    }

    /// Whether [`Owner::stop`] has ended it.
    pub fn has_ended(&self) -> bool {
        self.shared.messages.is_closed()
    }

    /// Finishes what is under way, keeps a snapshot, lets go of the store and ends.
    pub async fn stop(&self) {
        self.shared.messages.send(Message::Stop).await.ok();
        for task in self.shared.tasks.lock().await.drain(..) {
            task.await.ok();
        }
    }
}

impl<M: Model> OwnerShared<M> {
    /// The durable state. A panic while it was written is survived: the task reads the state anew from the log.
    fn state(&self) -> RwLockReadGuard<'_, M> {
        self.published
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, M> {
        self.published
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> Option<String> {
        self.stopped
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set_stopped(&self, reason: Option<String>) {
        *self.stopped.write().unwrap_or_else(PoisonError::into_inner) = reason;
    }

    /// Puts a message into the queue if there is room.
    fn post(&self, message: Message<M>) -> Result<(), String> {
        self.messages
            .try_send(message)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => "too many commands wait".into(),
                mpsc::error::TrySendError::Closed(_) => "the server is going away".into(),
            })
    }
}

#[cfg(test)]
mod tests;
