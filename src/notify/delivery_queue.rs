//! What is to be sent next, and how far everything is settled. No IO and no clock of its own: the courier brings both.
//!
//! Notifications stand in line by subject; of each line only the first is sent, so a subject's order is kept whatever
//! fails. The mark follows the oldest that is not settled: a line that is stuck holds it back, but not the other lines,
//! until the window is full.
//!
//! A failure may be the receiver's or the notification's own; what else arrives tells which. An attempt counts against
//! a notification only if the receiver refused it explicitly (4xx), or accepted something else since the attempt
//! before. So no notification loses an attempt while the receiver is down, and a receiver that refuses a single
//! notification is not taken for down.

use super::notification::{Notification, Subject};
use super::story::Mark;
use super::webhook::DeliveryOutcome;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Notifications that are not settled; past this nothing is read from the log.
pub const WINDOW: usize = 256;
/// Steps of the log between the oldest notification that is not settled and the newest: what may be sent again after a
/// crash. Several minutes of a busy hall, so that a line that is stuck until it is given up does not hold up the others.
const STEPS: usize = 1_024;
/// Requests at the same time to one endpoint from one hall.
pub const AT_ONCE: usize = 8;
/// Attempts that count against a notification before it is a dead letter: with the pauses below about five minutes.
pub const ATTEMPTS: u32 = 12;
/// Pause after the first failure, unless the endpoint says otherwise; it doubles with each.
pub const PAUSE_FIRST: Duration = Duration::from_millis(500);
/// The longest pause, as a multiple of the first: a receiver that is back is noticed within a minute.
const PAUSE_LONGEST: u32 = 120;
/// Failures in a row, of whatever, after which the receiver counts as down and is tried with one request at a time.
const DOWN_AFTER: u32 = 3;

/// See the module's comment.
#[derive(Debug, Default)]
pub struct DeliveryQueue {
    /// Everything up to here is settled.
    mark: Mark,
    steps: VecDeque<QueuedStep>,
    /// Number of the first of `steps`.
    first: u64,
    lines: BTreeMap<Subject, SubjectLine>,
    unsettled: usize,
    under_way: usize,
    accepted: u64,
    failures_in_row: u32,
    /// While the receiver is down, or asked for it, nothing is sent before then.
    rests_until: Option<Instant>,
    pause_first: Duration,
}

/// A place in the log that notifications came of.
#[derive(Debug)]
struct QueuedStep {
    /// Where the mark goes when this one and all before it are settled.
    mark: Mark,
    unsettled: usize,
}

/// What waits about one subject, the oldest first.
#[derive(Debug, Default)]
struct SubjectLine {
    waiting: VecDeque<(u64, Arc<Notification>)>,
    is_under_way: bool,
    /// Attempts of the first in line, and how many of them count against it.
    attempts: u32,
    counted: u32,
    /// What the receiver had accepted when it was tried last.
    accepted_before: u64,
    not_before: Option<Instant>,
}

/// What an attempt led to.
#[derive(Debug, PartialEq)]
pub enum Settled {
    Accepted,
    /// It is tried again later.
    Later,
    /// It has had its chances: to be kept among the dead letters, and then [`DeliveryQueue::bury`].
    Dead(Arc<Notification>),
}

impl DeliveryQueue {
    /// Nothing to send, everything settled up to the mark.
    pub fn new(mark: Mark, pause_first: Duration) -> DeliveryQueue {
        DeliveryQueue {
            mark,
            pause_first,
            ..DeliveryQueue::default()
        }
    }

    /// Up to where everything is settled.
    pub fn mark(&self) -> &Mark {
        &self.mark
    }

    /// Whether more of the log may be read.
    pub fn has_room(&self) -> bool {
        self.unsettled < WINDOW && self.steps.len() < STEPS
    }

    /// How many notifications wait.
    pub fn waiting(&self) -> usize {
        self.unsettled
    }

    /// Whether the receiver takes nothing at all.
    pub fn is_down(&self) -> bool {
        self.failures_in_row >= DOWN_AFTER
    }

    /// Puts the notifications of this mark into line.
    pub fn take_in(&mut self, notifications: Vec<Notification>, mark: &Mark) {
        if notifications.is_empty() {
            // nothing to wait for: the mark goes there together with the step before
            match self.steps.back_mut() {
                Some(step) => step.mark.clone_from(mark),
                None => self.mark.clone_from(mark),
            }
            return;
        }
        let number = self.first + self.steps.len() as u64;
        self.unsettled += notifications.len();
        self.steps.push_back(QueuedStep {
            mark: mark.clone(),
            unsettled: notifications.len(),
        });
        for notification in notifications {
            let line = self.lines.entry(notification.subject.clone());
            let line = line.or_default();
            line.waiting.push_back((number, Arc::new(notification)));
        }
    }

    /// What is to be sent now, if anything; from then on it is under way.
    pub fn next(&mut self, now: Instant) -> Option<Arc<Notification>> {
        let most = if self.is_down() { 1 } else { AT_ONCE };
        if self.under_way >= most || self.rests_until.is_some_and(|until| now < until) {
            return None;
        }
        let is_down = self.is_down();
        let ready = self.lines.values_mut().filter(|line| {
            !line.is_under_way && (is_down || line.not_before.is_none_or(|then| then <= now))
        });
        // the one tried least goes first, so that one that always fails does not make the receiver look down
        let line = ready.min_by_key(|line| (line.attempts, line.oldest()))?;
        line.is_under_way = true;
        if line.attempts == 0 {
            line.accepted_before = self.accepted;
        }
        self.under_way += 1;
        let (_, notification) = line.waiting.front()?;
        Some(notification.clone())
    }

    /// When to ask [`DeliveryQueue::next`] again although nothing has happened.
    pub fn wake_at(&self) -> Option<Instant> {
        if self.is_down() {
            let waits = self.under_way == 0 && self.unsettled > 0;
            return self.rests_until.filter(|_| waits);
        }
        let idle = self.lines.values().filter(|line| !line.is_under_way);
        idle.filter_map(|line| line.not_before.max(self.rests_until))
            .min()
    }

    /// Takes note of an attempt's outcome; `jitter` from 0 to 1 spreads the pauses.
    pub fn settle(
        &mut self,
        subject: &Subject,
        outcome: &DeliveryOutcome,
        now: Instant,
        jitter: f64,
    ) -> Settled {
        self.under_way -= 1;
        match outcome {
            DeliveryOutcome::Accepted => {
                let was_down = self.is_down();
                self.accepted += 1;
                self.failures_in_row = 0;
                self.rests_until = None;
                if was_down {
                    let lines = self.lines.values_mut();
                    lines.for_each(|line| line.not_before = None);
                }
                self.done(subject);
                Settled::Accepted
            }
            DeliveryOutcome::Refused(_) => {
                self.failures_in_row = 0; // it is there and answers
                self.rests_until = None;
                self.failed(subject, true, now, jitter)
            }
            DeliveryOutcome::Unwell { rest, .. } => {
                self.failures_in_row = self.failures_in_row.saturating_add(1);
                let since_down = self.failures_in_row.checked_sub(DOWN_AFTER);
                let pause = since_down.map(|since| self.pause(since + 1, jitter));
                let rest = pause.max(*rest);
                self.rests_until = self.rests_until.max(rest.map(|rest| now + rest));
                self.failed(subject, false, now, jitter)
            }
        }
    }

    /// The first in line is kept as a dead letter: the next one's turn.
    pub fn bury(&mut self, subject: &Subject) {
        self.done(subject);
    }

    fn failed(&mut self, subject: &Subject, refused: bool, now: Instant, jitter: f64) -> Settled {
        let accepted = self.accepted;
        let attempts = self.line(subject).attempts.saturating_add(1);
        let not_before = now + self.pause(attempts, jitter);
        let line = self.line(subject);
        line.is_under_way = false;
        line.attempts = attempts;
        if refused || accepted > line.accepted_before {
            line.counted += 1;
        }
        line.accepted_before = accepted;
        line.not_before = Some(not_before);
        match line.waiting.front() {
            Some((_, first)) if line.counted >= ATTEMPTS => Settled::Dead(first.clone()),
            Some(_) | None => Settled::Later,
        }
    }

    fn done(&mut self, subject: &Subject) {
        let line = self.line(subject);
        let first = line.waiting.pop_front();
        let (number, _) = first.expect("what was under way is the first of its line");
        *line = SubjectLine {
            waiting: std::mem::take(&mut line.waiting),
            ..SubjectLine::default()
        };
        if line.waiting.is_empty() {
            self.lines.remove(subject);
        }
        self.unsettled -= 1;
        let place = usize::try_from(number - self.first).expect("a step of the window");
        self.steps[place].unsettled -= 1;
        while let Some(step) = self.steps.pop_front_if(|step| step.unsettled == 0) {
            self.mark = step.mark;
            self.first += 1;
        }
    }

    /// After so many failures: half of it always, the other half by chance.
    fn pause(&self, failures: u32, jitter: f64) -> Duration {
        let times = 1 << failures.saturating_sub(1).min(16);
        let pause = self.pause_first * PAUSE_LONGEST.min(times);
        pause.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
    }

    fn line(&mut self, subject: &Subject) -> &mut SubjectLine {
        self.lines
            .get_mut(subject)
            .expect("a line is there as long as something of it is under way")
    }
}

impl SubjectLine {
    fn oldest(&self) -> Option<u64> {
        self.waiting.front().map(|(number, _)| *number)
    }
}

#[cfg(test)]
mod tests;
