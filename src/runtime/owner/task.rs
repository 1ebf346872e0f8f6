//! The task that owns a stream: takes what waits, decides, appends, applies, publishes, replies.

mod catching_up;
mod replying;
mod snapshots;

use super::reading;
use super::{Asked, Message, OwnerShared, Request};
use crate::runtime::fold::Folded;
use crate::runtime::model::Model;
use hall::Record;
use hall::decide::Decision;
use hall::id::CommandId;
use hall::record::command::{Actor, Command};
use hall_log::{AppendError, Commit, Head, Log, SCHEMA};
use replying::NoAnswer;
use snapshots::SnapshotKeeper;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::Instant;
use tracing::{error, warn};

/// Commands of one commit.
const COMMIT_LARGEST: usize = 256;
/// How often the owner looks whether something has fallen due.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Pause between two attempts to reach a store that does not answer, or whose head keeps moving.
const RETRY_AFTER: Duration = Duration::from_millis(50);
/// Attempts without a pause: another instance that is first a few times in a row is nothing unusual.
const ATTEMPTS_AT_ONCE: u32 = 8;
/// Pause before what is due is tried again with a store that takes no writes.
const DUE_RETRY_AFTER: Duration = Duration::from_secs(1);
/// Pause before a hall is read anew after a panic; a bug that comes back at once must not keep a core busy.
const REBUILD_AFTER: Duration = Duration::from_secs(1);

/// The owner's own side.
pub(super) struct Task<M: Model> {
    shared: Arc<OwnerShared<M>>,
    log: Arc<dyn Log>,
    /// Where the next commit goes; always the head that the published state was folded to.
    head: Head,
    /// The published state and what the commit in flight will add.
    working: M,
    /// Something may be in the log that is not in the state: read it before deciding anything.
    is_behind: bool,
    /// Nothing is tried before this moment unless somebody asked for it.
    due_rests_until: Instant,
    snapshots: SnapshotKeeper,
}

/// One command whose commit is being made.
struct Pending<M: Model> {
    /// None for a command that fell due by itself.
    asked: Option<Asked<M>>,
    decided: Decided<M>,
}

/// What the rules said to a command.
enum Decided<M: Model> {
    /// In this commit.
    Recorded(Record<M::Event>),
    Nothing(M::Answer),
    Remembered {
        version: u64,
    },
    Rejected(M::Rejection),
}

/// How an attempt to commit ended.
enum CommitAttempt {
    Done,
    /// Read the log and decide again.
    Again {
        outcome_known: bool,
    },
    /// Nothing was written, and nothing can be.
    Impossible(String),
}

/// What waited in the queue, sorted.
struct Batch<M: Model> {
    asked: Vec<Asked<M>>,
    caught_up: Vec<oneshot::Sender<bool>>,
    carried_out: Vec<oneshot::Sender<()>>,
    stop: bool,
}

/// Runs a task until it is asked to stop. A panic is a bug: the hall is closed, read anew and goes on.
pub(super) async fn keep_running<M: Model>(task: Task<M>, inbox: mpsc::Receiver<Message<M>>) {
    let (shared, log) = (task.shared.clone(), task.log.clone());
    let inbox = Arc::new(Mutex::new(inbox));
    let mut task = task;
    loop {
        let mailbox = inbox.clone();
        let run = tokio::spawn(async move { task.run(&mut *mailbox.lock().await).await });
        let Err(panic) = run.await else { return };
        error!(stream = %shared.stream, %panic, "the owner has panicked; reading the hall anew");
        shared.set_stopped(Some(
            "an error in the program; the hall is being read anew".into(),
        ));
        task = read_anew(&shared, &log).await;
        shared.set_stopped(None);
    }
}

async fn read_anew<M: Model>(shared: &Arc<OwnerShared<M>>, log: &Arc<dyn Log>) -> Task<M> {
    loop {
        tokio::time::sleep(REBUILD_AFTER).await;
        match reading::read_whole::<M>(log, &shared.stream).await {
            Ok(folded) => {
                *shared.state_mut() = folded.state.clone();
                shared.published.clear_poison();
                shared.version.send_replace(folded.head.version);
                return Task::new(shared.clone(), log.clone(), folded);
            }
            Err(error) => error!(stream = %shared.stream, %error, "the hall cannot be read"),
        }
    }
}

impl<M: Model> Task<M> {
    pub(super) fn new(
        shared: Arc<OwnerShared<M>>,
        log: Arc<dyn Log>,
        folded: Folded<M>,
    ) -> Task<M> {
        if let Some(last_at) = folded.state.last_at() {
            shared.clock.starts_behind(last_at);
        }
        Task {
            shared,
            log,
            head: folded.head,
            working: folded.state,
            is_behind: false,
            due_rests_until: Instant::now(),
            snapshots: SnapshotKeeper::behind(folded.snapshot_version),
        }
    }

    /// Before anything else is decided: what the store has lost is in the log, with all that follows from it.
    pub(super) async fn record_loss(&mut self) {
        let lost = self.log.lost_tails();
        let Some(lost) = lost.iter().find(|lost| lost.stream == self.shared.stream) else {
            return;
        };
        let Some(action) = M::after_loss(lost) else {
            if let Err(error) = self.log.settle_loss(&lost.stream).await {
                warn!(%lost, %error, "the next start will ask about this loss again");
            }
            return;
        };
        let id = CommandId::parse(format!("lost/{}-{}", lost.found, lost.acknowledged));
        let id = id.expect("numbers and letters make a command id");
        let (reply, recorded) = oneshot::channel();
        let since = Instant::now();
        let request = Request::of_program(id, Actor::Timer, action);
        self.serve(vec![Asked {
            request,
            since,
            reply,
        }])
        .await;
        match recorded.await {
            Ok(Ok(_)) => {
                warn!(%lost, "the loss is recorded, and numbers that may be on paper are skipped")
            }
            outcome => self.halt(format!(
                "the loss {lost} could not be recorded: {outcome:?}"
            )),
        }
    }

    /// Why there is no answer: the store's trouble by name, if it has one.
    fn no_answer(&self, reason: String) -> NoAnswer {
        let trouble = self.log.trouble();
        trouble.map_or(NoAnswer::Because(reason), |trouble| {
            NoAnswer::Trouble(trouble.kind)
        })
    }

    async fn run(mut self, inbox: &mut mpsc::Receiver<Message<M>>) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let mut messages = Vec::new();
            tokio::select! {
                biased;
                count = inbox.recv_many(&mut messages, COMMIT_LARGEST) => if count == 0 { return },
                _ = look.tick() => {}
            }
            let batch = self.sort(messages);
            let reached =
                !self.is_behind || self.shared.stopped().is_none() && self.catch_up().await.is_ok();
            for caught_up in batch.caught_up {
                caught_up.send(reached).ok();
            }
            if self.shared.clock.is_held() {
                replying::give_up(batch.asked, true, &NoAnswer::ClockHeld);
            } else if !batch.asked.is_empty()
                || reached && self.is_something_due(!batch.carried_out.is_empty())
            {
                self.serve(batch.asked).await;
            } else if !reached {
                tokio::time::sleep(RETRY_AFTER).await;
            }
            for carried_out in batch.carried_out {
                carried_out.send(()).ok();
            }
            let (shared, log) = (&self.shared, &self.log);
            let saved = self.snapshots.save(shared, log, &self.head, batch.stop);
            saved.await;
            if batch.stop {
                return;
            }
        }
    }

    fn sort(&mut self, messages: Vec<Message<M>>) -> Batch<M> {
        let mut batch = Batch {
            asked: Vec::new(),
            caught_up: Vec::new(),
            carried_out: Vec::new(),
            stop: false,
        };
        for message in messages {
            match message {
                Message::Ask(asked) => batch.asked.push(*asked),
                Message::Appended(version) => {
                    self.is_behind |= version.is_none_or(|version| version > self.head.version);
                }
                Message::CatchUp(caught_up) => batch.caught_up.push(caught_up),
                Message::CarryOutDue(carried_out) => batch.carried_out.push(carried_out),
                Message::Stop => batch.stop = true,
            }
        }
        self.is_behind |= !batch.caught_up.is_empty();
        batch
    }

    fn is_something_due(&self, at_once: bool) -> bool {
        let rests = !at_once && Instant::now() < self.due_rests_until;
        !rests
            && self.shared.stopped().is_none()
            && self.working.due(self.shared.clock.now()).is_some()
    }

    /// Answers a batch of commands, and carries out what is due before them.
    async fn serve(&mut self, mut asked: Vec<Asked<M>>) {
        let nobody_asked = asked.is_empty();
        let mut outcome_known = true;
        for attempt in 0_u32.. {
            if attempt > 0 {
                let moving = NoAnswer::Because("the store's head keeps moving".into());
                asked = replying::give_up_late(asked, outcome_known, &moving);
                if asked.is_empty() && !nobody_asked {
                    return;
                }
            }
            if attempt >= ATTEMPTS_AT_ONCE {
                tokio::time::sleep(RETRY_AFTER).await;
            }
            if let Some(reason) = self.shared.stopped() {
                return replying::give_up(asked, outcome_known, &NoAnswer::Because(reason));
            }
            if self.is_behind
                && let Err(reason) = self.catch_up().await
            {
                let reason = self.no_answer(reason);
                if outcome_known && reason.stays() {
                    return replying::give_up(asked, true, &reason); // waiting would tell nobody more
                }
                asked = replying::give_up_late(asked, outcome_known, &reason);
                if asked.is_empty() {
                    return;
                }
                tokio::time::sleep(RETRY_AFTER).await;
                continue;
            }
            let pending = self.decide(std::mem::take(&mut asked));
            let records = recorded(&pending);
            match self.commit(&records).await {
                CommitAttempt::Done => {
                    self.publish(&records);
                    return self.reply(pending).await;
                }
                CommitAttempt::Again {
                    outcome_known: known,
                } => {
                    outcome_known &= known;
                    self.start_over(&records);
                }
                CommitAttempt::Impossible(reason) => {
                    self.due_rests_until = Instant::now() + DUE_RETRY_AFTER;
                    self.start_over(&records);
                    let reason = self.no_answer(reason);
                    return replying::refuse(pending, outcome_known, &reason);
                }
            }
            asked = pending.into_iter().filter_map(|one| one.asked).collect();
        }
    }

    /// Decides each command against the state as the ones before it will leave it.
    fn decide(&mut self, asked: Vec<Asked<M>>) -> Vec<Pending<M>> {
        let now = self.shared.clock.now();
        let mut pending = Vec::with_capacity(asked.len());
        while let Some(command) = self.working.due(now) {
            let decided = self.decide_one(command);
            let took_effect = matches!(decided, Decided::Recorded(_));
            pending.push(Pending {
                asked: None,
                decided,
            });
            if !took_effect {
                break;
            }
        }
        for asked in asked {
            let decided = self.decide_one(asked.request.clone().at(now));
            pending.push(Pending {
                asked: Some(asked),
                decided,
            });
        }
        pending
    }

    fn decide_one(&mut self, command: Command<M::Action>) -> Decided<M> {
        match self.working.decide(&command) {
            Ok(Decision::Events(events)) => {
                let last_at = self.working.last_at();
                let record = Record {
                    version: self.working.version() + 1,
                    at: last_at.map_or(command.at, |last_at| command.at.max(last_at)),
                    actor: command.actor,
                    key: command.id,
                    fingerprint: command.fingerprint,
                    events,
                };
                self.working.apply(&record);
                Decided::Recorded(record)
            }
            Ok(Decision::Nothing(answer)) => Decided::Nothing(answer),
            Ok(Decision::Remembered { version }) => Decided::Remembered { version },
            Err(rejection) => Decided::Rejected(rejection),
        }
    }

    /// Makes the records durable; without any, confirms that the state the answers rest on is the store's.
    async fn commit(&mut self, records: &[&Record<M::Event>]) -> CommitAttempt {
        let Some(last) = records.last() else {
            return self.confirm_head().await;
        };
        let json = serde_json::value::to_raw_value(records).expect("events have string keys only");
        let commit = Commit::seal(&self.head, last.version, SCHEMA, json);
        let (stream, begun) = (&self.shared.stream, Instant::now());
        match self.log.append(stream, &self.head, &commit).await {
            Ok(()) => {
                self.shared
                    .figures
                    .committed(records.len(), begun.elapsed());
                self.head = commit.head();
                CommitAttempt::Done
            }
            Err(AppendError::Conflict(_)) => {
                self.shared.figures.conflicted();
                CommitAttempt::Again {
                    outcome_known: true,
                }
            }
            Err(AppendError::Unknown(source)) => {
                warn!(%stream, %source, "outcome unknown, reading the log");
                self.shared.figures.outcome_unknown();
                CommitAttempt::Again {
                    outcome_known: false,
                }
            }
            Err(AppendError::Unavailable(source)) => {
                warn!(%stream, %source, "the store cannot take the write");
                CommitAttempt::Impossible(format!("the store cannot take the write: {source}"))
            }
            Err(AppendError::Forked(what)) => {
                self.halt(format!(
                    "the log is not the one this instance has read: {what}"
                ));
                CommitAttempt::Again {
                    outcome_known: true,
                }
            }
        }
    }

    async fn confirm_head(&mut self) -> CommitAttempt {
        match self.log.head(&self.shared.stream).await {
            Ok(head) if head == self.head => CommitAttempt::Done,
            Ok(_) => CommitAttempt::Again {
                outcome_known: true,
            },
            Err(source) => {
                CommitAttempt::Impossible(format!("the store cannot confirm the answer: {source}"))
            }
        }
    }

    /// Shows durable records to everyone.
    fn publish(&mut self, records: &[&Record<M::Event>]) {
        let Some(last) = records.last() else { return };
        self.shared.clock.not_before(last.at);
        {
            let mut published = self.shared.state_mut();
            records.iter().for_each(|record| published.apply(record));
        }
        self.shared.version.send_replace(self.head.version);
    }

    /// Forgets what was decided on top of a commit that is not known to be there.
    fn start_over(&mut self, records: &[&Record<M::Event>]) {
        self.working.rewind(&self.shared.state(), records);
        self.is_behind = true;
    }
}

fn recorded<M: Model>(pending: &[Pending<M>]) -> Vec<&Record<M::Event>> {
    let records = pending.iter().filter_map(|one| match &one.decided {
        Decided::Recorded(record) => Some(record),
        Decided::Nothing(_) | Decided::Remembered { .. } | Decided::Rejected(_) => None,
    });
    records.collect()
}
