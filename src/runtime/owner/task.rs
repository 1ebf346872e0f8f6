//! The task that owns a stream: takes what waits, decides, appends, applies, publishes, replies.

use super::reading::{self, Folded, PAGE, records};
use super::{ANSWER_WITHIN, AskError, Asked, Letter, Outcome, Reply, Shared, Wish};
use crate::log::{AppendError, Commit, Head, Log, ReadError, SCHEMA, Snapshot, verify_chain};
use crate::runtime::model::Model;
use hall::Record;
use hall::decide::Decision;
use hall::id::Fingerprint;
use hall::record::command::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc, oneshot};
use tracing::{error, warn};

/// Commands of one commit.
const COMMIT_LARGEST: usize = 256;
/// Records between two snapshots: a start folds at most about this many.
const SNAPSHOT_EVERY: u64 = 5_000;
/// Records until the next try after a snapshot that could not be kept.
const SNAPSHOT_RETRY: u64 = 500;
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
    shared: Arc<Shared<M>>,
    log: Arc<dyn Log>,
    /// Where the next commit goes; always the head that the published state was folded to.
    head: Head,
    /// The published state and what the commit in flight will add.
    working: M,
    /// Something may be in the log that is not in the state: read it before deciding anything.
    is_behind: bool,
    /// Not before then is anything tried that nobody asked for.
    due_rests_until: Instant,
    snapshots: Snapshots,
}

/// What is known of the stream's snapshots.
struct Snapshots {
    kept: Arc<AtomicU64>,
    tried: u64,
    under_way: Option<tokio::task::JoinHandle<()>>,
}

/// One command while its commit is made; nobody asked for what is due.
struct Case<M: Model> {
    asked: Option<Asked<M>>,
    verdict: Verdict<M>,
}

enum Verdict<M: Model> {
    /// In this commit.
    Recorded(Record<M::Event>),
    Nothing(M::Answer),
    Remembered {
        version: u64,
    },
    Rejected(M::Rejection),
}

/// How an attempt to commit ended.
enum Attempt {
    Done,
    /// Read the log and decide again.
    Again {
        outcome_known: bool,
    },
    /// Nothing was written, and nothing can be.
    Impossible(String),
}

/// What waited in the queue, sorted.
struct Post<M: Model> {
    asked: Vec<Asked<M>>,
    caught_up: Vec<oneshot::Sender<bool>>,
    carried_out: Vec<oneshot::Sender<()>>,
    stop: bool,
}

/// Runs a task until it is asked to stop. A panic is a bug: the hall is closed, read anew and goes on.
pub(super) async fn keep_running<M: Model>(task: Task<M>, inbox: mpsc::Receiver<Letter<M>>) {
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

async fn read_anew<M: Model>(shared: &Arc<Shared<M>>, log: &Arc<dyn Log>) -> Task<M> {
    loop {
        tokio::time::sleep(REBUILD_AFTER).await;
        match reading::fold::<M>(&**log, &shared.stream).await {
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
    pub(super) fn new(shared: Arc<Shared<M>>, log: Arc<dyn Log>, folded: Folded<M>) -> Task<M> {
        if let Some(last_at) = folded.state.last_at() {
            shared.clock.not_before(last_at);
        }
        let version = folded.snapshot_version;
        let snapshots = Snapshots {
            kept: Arc::new(AtomicU64::new(version)),
            tried: version,
            under_way: None,
        };
        Task {
            shared,
            log,
            head: folded.head,
            working: folded.state,
            is_behind: false,
            due_rests_until: Instant::now(),
            snapshots,
        }
    }

    async fn run(mut self, inbox: &mut mpsc::Receiver<Letter<M>>) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let mut letters = Vec::new();
            tokio::select! {
                biased;
                count = inbox.recv_many(&mut letters, COMMIT_LARGEST) => if count == 0 { return },
                _ = look.tick() => {}
            }
            let post = self.sort(letters);
            let reached =
                !self.is_behind || self.shared.stopped().is_none() && self.catch_up().await.is_ok();
            for caught_up in post.caught_up {
                caught_up.send(reached).ok();
            }
            if !post.asked.is_empty()
                || reached && self.is_something_due(!post.carried_out.is_empty())
            {
                self.serve(post.asked).await;
            } else if !reached {
                tokio::time::sleep(RETRY_AFTER).await;
            }
            for carried_out in post.carried_out {
                carried_out.send(()).ok();
            }
            self.keep_snapshot(post.stop).await;
            if post.stop {
                return;
            }
        }
    }

    fn sort(&mut self, letters: Vec<Letter<M>>) -> Post<M> {
        let mut post = Post {
            asked: Vec::new(),
            caught_up: Vec::new(),
            carried_out: Vec::new(),
            stop: false,
        };
        for letter in letters {
            match letter {
                Letter::Ask(letter) => post.asked.push(*letter),
                Letter::Appended(version) => {
                    self.is_behind |= version.is_none_or(|version| version > self.head.version);
                }
                Letter::CatchUp(caught_up) => post.caught_up.push(caught_up),
                Letter::CarryOutDue(carried_out) => post.carried_out.push(carried_out),
                Letter::Stop => post.stop = true,
            }
        }
        self.is_behind |= !post.caught_up.is_empty();
        post
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
                asked = give_up_late(asked, outcome_known, "the store's head keeps moving");
                if asked.is_empty() && !nobody_asked {
                    return;
                }
            }
            if attempt >= ATTEMPTS_AT_ONCE {
                tokio::time::sleep(RETRY_AFTER).await;
            }
            if let Some(reason) = self.shared.stopped() {
                return give_up(asked, outcome_known, &reason);
            }
            if self.is_behind
                && let Err(reason) = self.catch_up().await
            {
                asked = give_up_late(asked, outcome_known, &reason);
                if asked.is_empty() {
                    return;
                }
                tokio::time::sleep(RETRY_AFTER).await;
                continue;
            }
            let cases = self.decide(std::mem::take(&mut asked));
            let records = recorded(&cases);
            match self.commit(&records).await {
                Attempt::Done => {
                    self.publish(&records);
                    return self.reply(cases).await;
                }
                Attempt::Again {
                    outcome_known: known,
                } => {
                    outcome_known &= known;
                    self.start_over(&records);
                }
                Attempt::Impossible(reason) => {
                    self.due_rests_until = Instant::now() + DUE_RETRY_AFTER;
                    self.start_over(&records);
                    return refuse(cases, outcome_known, &reason);
                }
            }
            asked = cases.into_iter().filter_map(|case| case.asked).collect();
        }
    }

    /// Decides each command against the state as the ones before it will leave it.
    fn decide(&mut self, asked: Vec<Asked<M>>) -> Vec<Case<M>> {
        let now = self.shared.clock.now();
        let mut cases = Vec::with_capacity(asked.len());
        while let Some(command) = self.working.due(now) {
            let verdict = self.verdict(command);
            let took_effect = matches!(verdict, Verdict::Recorded(_));
            cases.push(Case {
                asked: None,
                verdict,
            });
            if !took_effect {
                break;
            }
        }
        for letter in asked {
            let Wish {
                id,
                fingerprint,
                actor,
                action,
            } = letter.wish.clone();
            let verdict = self.verdict(Command {
                id,
                fingerprint,
                actor,
                at: now,
                action,
            });
            cases.push(Case {
                asked: Some(letter),
                verdict,
            });
        }
        cases
    }

    fn verdict(&mut self, command: Command<M::Action>) -> Verdict<M> {
        match self.working.decide(&command) {
            Ok(Decision::Events(events)) => {
                let at = self
                    .working
                    .last_at()
                    .map_or(command.at, |last_at| command.at.max(last_at));
                let Command {
                    id: key,
                    fingerprint,
                    actor,
                    ..
                } = command;
                let record = Record {
                    version: self.working.version() + 1,
                    at,
                    actor,
                    key,
                    fingerprint,
                    events,
                };
                self.working.apply(&record);
                Verdict::Recorded(record)
            }
            Ok(Decision::Nothing(answer)) => Verdict::Nothing(answer),
            Ok(Decision::Remembered { version }) => Verdict::Remembered { version },
            Err(rejection) => Verdict::Rejected(rejection),
        }
    }

    /// Makes the records durable; without any, confirms that the state the answers rest on is the store's.
    async fn commit(&mut self, records: &[&Record<M::Event>]) -> Attempt {
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
                Attempt::Done
            }
            Err(AppendError::Conflict(_)) => {
                self.shared.figures.conflicted();
                Attempt::Again {
                    outcome_known: true,
                }
            }
            Err(AppendError::Unknown(source)) => {
                warn!(%stream, %source, "outcome unknown, reading the log");
                self.shared.figures.outcome_unknown();
                Attempt::Again {
                    outcome_known: false,
                }
            }
            Err(AppendError::Unavailable(source)) => {
                warn!(%stream, %source, "the store cannot take the write");
                Attempt::Impossible(format!("the store cannot take the write: {source}"))
            }
            Err(AppendError::Forked(what)) => {
                self.halt(format!(
                    "the log is not the one this instance has read: {what}"
                ));
                Attempt::Again {
                    outcome_known: true,
                }
            }
        }
    }

    async fn confirm_head(&mut self) -> Attempt {
        match self.log.head(&self.shared.stream).await {
            Ok(head) if head == self.head => Attempt::Done,
            Ok(_) => Attempt::Again {
                outcome_known: true,
            },
            Err(source) => {
                Attempt::Impossible(format!("the store cannot confirm the answer: {source}"))
            }
        }
    }

    /// Shows durable records to everyone.
    fn publish(&mut self, records: &[&Record<M::Event>]) {
        if records.is_empty() {
            return;
        }
        {
            let mut published = self.shared.state_mut();
            records.iter().for_each(|record| published.apply(record));
        }
        self.shared.version.send_replace(self.head.version);
    }

    async fn reply(&mut self, cases: Vec<Case<M>>) {
        for case in cases {
            let Some(asked) = case.asked else { continue };
            let outcome = match case.verdict {
                Verdict::Recorded(record) => Ok(self.reply_from(&record, false)),
                Verdict::Nothing(answer) => {
                    let (version, at) = (self.head.version, self.shared.clock.now());
                    Ok(Reply {
                        answer,
                        version,
                        at,
                        remembered: false,
                    })
                }
                Verdict::Remembered { version } => {
                    self.remember(version, &asked.wish.fingerprint).await
                }
                Verdict::Rejected(rejection) => Err(AskError::Rejected(rejection)),
            };
            self.shared
                .figures
                .answered(asked.since.elapsed(), outcome.is_ok());
            asked.reply.send(outcome).ok();
        }
    }

    fn reply_from(&self, record: &Record<M::Event>, remembered: bool) -> Reply<M::Answer> {
        let answer = self.shared.state().answer(record);
        Reply {
            answer,
            version: record.version,
            at: record.at,
            remembered,
        }
    }

    /// The first answer again, from the record of the command.
    async fn remember(&self, version: u64, fingerprint: &Fingerprint) -> Outcome<M> {
        let stream = &self.shared.stream;
        // it took effect, so whatever goes wrong here must not be told as *nothing has happened*
        let unreadable = |reason: String| {
            warn!(%stream, version, reason, "a remembered answer cannot be read");
            AskError::OutcomeUnknown
        };
        let commits = self
            .log
            .read(stream, version - 1, 1)
            .await
            .map_err(|error| unreadable(error.to_string()))?;
        let records = commits
            .first()
            .map(|commit| records::<M>(commit, stream))
            .transpose();
        let records = records
            .map_err(|error| unreadable(error.to_string()))?
            .unwrap_or_default();
        let record = records.into_iter().find(|record| record.version == version);
        let record = record.ok_or_else(|| unreadable("it is not in the log".into()))?;
        if record.fingerprint != *fingerprint {
            return Err(AskError::KeyReused);
        }
        Ok(self.reply_from(&record, true))
    }

    /// Forgets what was decided on top of a commit that is not known to be there.
    fn start_over(&mut self, records: &[&Record<M::Event>]) {
        self.working.rewind(&self.shared.state(), records);
        self.is_behind = true;
    }

    /// Reads the log to its head: apply, publish.
    async fn catch_up(&mut self) -> Result<(), String> {
        let stream = self.shared.stream.clone();
        loop {
            let commits = self.log.read(&stream, self.head.version, PAGE).await;
            let commits = commits.map_err(|error| self.unreadable(error))?;
            let Some(last) = commits.last().map(|commit| commit.last) else {
                break;
            };
            for commit in &commits {
                self.follow(commit)?;
            }
            self.shared.version.send_replace(last);
            if commits.len() < PAGE {
                break;
            }
        }
        let head = self
            .log
            .head(&stream)
            .await
            .map_err(|error| self.unreadable(error))?;
        self.is_of_this_history(&head)?;
        self.is_behind = head.version > self.head.version;
        Ok(())
    }

    /// A head that went back, or that has this version and is not ours, is another history: never decide on it.
    fn is_of_this_history(&self, head: &Head) -> Result<(), String> {
        let ours = &self.head;
        let is_ours = head.epoch == ours.epoch && (head == ours || head.version > ours.version);
        if is_ours {
            return Ok(());
        }
        let what = format!(
            "the store ends at version {} ({}, epoch {}), this instance has read version {} ({}, epoch {})",
            head.version, head.hash, head.epoch, ours.version, ours.hash, ours.epoch
        );
        self.halt(what.clone());
        Err(what)
    }

    /// Takes over what another instance appended.
    fn follow(&mut self, commit: &Commit) -> Result<(), String> {
        let stopped = |what: String| {
            self.halt(what.clone());
            what
        };
        let next = verify_chain(&self.shared.stream, &self.head, commit)
            .map_err(|defect| stopped(defect.to_string()))?;
        let records = records::<M>(commit, &self.shared.stream)
            .map_err(|error| stopped(error.to_string()))?;
        let mut published = self.shared.state_mut();
        for record in &records {
            published.apply(record);
            self.working.apply(record);
            self.shared.clock.not_before(record.at);
        }
        drop(published);
        self.head = next;
        Ok(())
    }

    /// Keeps a snapshot when the last one is old; `at_once` also when it is not, and waits for it.
    async fn keep_snapshot(&mut self, at_once: bool) {
        if at_once && let Some(under_way) = self.snapshots.under_way.take() {
            under_way.await.ok(); // it holds the store
        }
        let (version, kept) = (
            self.head.version,
            self.snapshots.kept.load(Ordering::Relaxed),
        );
        let is_free = self
            .snapshots
            .under_way
            .as_ref()
            .is_none_or(|task| task.is_finished());
        let is_due =
            version >= kept + SNAPSHOT_EVERY && version >= self.snapshots.tried + SNAPSHOT_RETRY;
        if !(is_free && is_due || at_once && version > kept) {
            return;
        }
        self.snapshots.tried = version;
        let task = tokio::spawn(self.snapshot());
        if at_once {
            task.await.ok();
        } else {
            self.snapshots.under_way = Some(task);
        }
    }

    /// Writes the published state down, beside the owner's work.
    fn snapshot(&self) -> impl Future<Output = ()> + Send + use<M> {
        let state = self.shared.state().clone();
        let (log, stream, head) = (
            self.log.clone(),
            self.shared.stream.clone(),
            self.head.clone(),
        );
        let kept = self.snapshots.kept.clone();
        async move {
            let json = tokio::task::spawn_blocking(move || serde_json::to_string(&state)).await;
            let Ok(Ok(state)) = json else {
                return error!(%stream, "the state cannot be written as JSON");
            };
            let version = head.version;
            let snapshot = Snapshot {
                head,
                schema: M::SNAPSHOT_SCHEMA,
                state,
            };
            match log.save_snapshot(&stream, &snapshot).await {
                Ok(()) => kept.store(version, Ordering::Relaxed),
                Err(source) => {
                    warn!(%stream, %source, "no snapshot was kept; a start would read more of the log")
                }
            }
        }
    }

    /// A store that does not answer may come back; a log that is damaged or gone stops the hall.
    fn unreadable(&self, error: ReadError) -> String {
        match &error {
            ReadError::Unavailable(_) => {}
            ReadError::Defect(_) | ReadError::NoSuchStream(_) => self.halt(error.to_string()),
        }
        error.to_string()
    }

    fn halt(&self, reason: String) {
        if self.shared.stopped().is_none() {
            error!(stream = %self.shared.stream, reason, "the owner has stopped");
            self.shared.set_stopped(Some(reason));
        }
    }
}

fn recorded<M: Model>(cases: &[Case<M>]) -> Vec<&Record<M::Event>> {
    let records = cases.iter().filter_map(|case| match &case.verdict {
        Verdict::Recorded(record) => Some(record),
        Verdict::Nothing(_) | Verdict::Remembered { .. } | Verdict::Rejected(_) => None,
    });
    records.collect()
}

/// Nothing of these cases was written now. What was found in the log has taken effect before, perhaps a moment ago by an
/// append whose answer was lost, so for that one *nothing has happened* would be untrue.
fn refuse<M: Model>(cases: Vec<Case<M>>, outcome_known: bool, reason: &str) {
    for case in cases {
        let Some(letter) = case.asked else { continue };
        let took_effect = matches!(case.verdict, Verdict::Remembered { .. });
        give_up(vec![letter], outcome_known && !took_effect, reason);
    }
}

fn give_up<M: Model>(asked: Vec<Asked<M>>, outcome_known: bool, reason: &str) {
    for letter in asked {
        let error = match outcome_known {
            true => AskError::Unavailable(reason.to_string()),
            false => AskError::OutcomeUnknown,
        };
        letter.reply.send(Err(error)).ok();
    }
}

/// Tells those who have waited long enough that there is no answer; the others go on waiting.
fn give_up_late<M: Model>(
    asked: Vec<Asked<M>>,
    outcome_known: bool,
    reason: &str,
) -> Vec<Asked<M>> {
    let now = Instant::now();
    let (late, patient): (Vec<_>, Vec<_>) = asked
        .into_iter()
        .partition(|letter| now >= letter.since + ANSWER_WITHIN);
    give_up(late, outcome_known, reason);
    patient
}
