//! The papers that wait for one printer. A task of its own prints them, so nobody who takes a number waits for paper.
//!
//! The queue is in memory only, on purpose. An acknowledged number is in the hall's log, and its paper can be asked for
//! again. A queue on disk would print slips after a restart for people who went to a window long ago. So after a
//! restart no slip is known. A kiosk that asks for one then shows the number on its screen, as after a failed print.
//!
//! Invariants: a slip is never printed twice as a whole without a mark on the second paper. A slip older than
//! [`Habits::slip_lives`] is not printed. The queue is bounded; if it is full, the oldest slip is given up.

use super::charset::Charset;
use super::escpos;
use super::layout::Width;
use super::paper::Paper;
use super::place::NetworkPrinter;
use super::printer::{Patience, PrintJob, PrintOutcome, Printer};
use super::status::Condition;
use super::typesetting::{Edition, Typesetter};
use crate::words::Words;
use hall::id::TicketNumber;
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

/// Most slips that wait: more than a kiosk gives out in two minutes.
const WAITING_MOST: usize = 100;
/// Most slips that are remembered, so that a repeated request is not printed twice.
const REMEMBERED: usize = 200;
/// Most slips in an answer: a kiosk asks for no older ones.
const ANSWERED_MOST: usize = 60;

/// When a printer is asked, and how long a slip is worth printing.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    pub patience: Patience,
    /// An older slip is not printed: its citizen has gone.
    pub slip_lives: Duration,
    /// Until the next look while something is wrong.
    pub look_again: Duration,
    /// Until the next look while all is well, so that staff hear of a roll that ends before the next number is taken.
    pub look_now_and_then: Duration,
}

impl Default for Habits {
    fn default() -> Habits {
        Habits {
            patience: Patience::default(),
            slip_lives: Duration::from_secs(120),
            look_again: Duration::from_secs(3),
            look_now_and_then: Duration::from_secs(30),
        }
    }
}

/// A printer with what waits for it.
#[derive(Debug)]
pub struct PrintQueue {
    shared: Arc<SharedQueue>,
    task: JoinHandle<()>,
}

/// How far a slip is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlipState {
    Queued,
    Printing,
    Printed,
    /// Not printed, or nobody knows: show the number on the screen.
    Failed,
}

/// One slip, as it is told to whoever asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlipLine {
    pub slip: String,
    #[schema(value_type = Option<String>)]
    pub number: Option<TicketNumber>,
    pub state: SlipState,
}

/// The same id came with another paper before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdReused;

#[derive(Debug)]
struct SharedQueue {
    state: Mutex<QueueState>,
    /// Wakes the task when a slip comes; it may be waiting for the next look.
    wake: Notify,
    lives: Duration,
}

#[derive(Debug)]
struct QueueState {
    condition: Condition,
    /// Oldest first.
    slips: VecDeque<QueuedSlip>,
}

#[derive(Clone, Debug)]
struct QueuedSlip {
    id: String,
    paper: Paper,
    asked: Instant,
    state: SlipState,
    edition: Edition,
    /// Bytes of it were sent, so a paper may exist.
    begun: bool,
}

/// The task. Only it talks to the printer.
struct Worker {
    shared: Arc<SharedQueue>,
    printer: Printer,
    width: Width,
    charset: Charset,
    words: Arc<Words>,
    habits: Habits,
    /// Whether to print although the printer does not answer. This is done once; then it must answer before the next
    /// slip.
    may_print_blindly: bool,
}

impl PrintQueue {
    /// Starts the queue of a printer.
    pub fn start(device: NetworkPrinter, words: Arc<Words>, habits: Habits) -> PrintQueue {
        let shared = Arc::new(SharedQueue {
            state: Mutex::new(QueueState {
                condition: Condition::Unknown,
                slips: VecDeque::new(),
            }),
            wake: Notify::new(),
            lives: habits.slip_lives,
        });
        let worker = Worker {
            shared: shared.clone(),
            printer: Printer::at(device.address, device.dialect, habits.patience),
            width: device.width,
            charset: device.charset,
            words,
            habits,
            may_print_blindly: true,
        };
        PrintQueue {
            shared,
            task: tokio::spawn(worker.work()),
        }
    }

    /// Adds a paper, once for each id. A ticket that may have been printed before is marked 「补打」.
    pub fn put(&self, id: String, paper: Paper) -> Result<SlipLine, IdReused> {
        let mut state = self.shared.state.lock();
        if let Some(known) = state.slips.iter().find(|entry| entry.id == id) {
            let is_same = known.paper.clone().as_reprint() == paper.clone().as_reprint()
                || known.paper.is_of_the_ticket(&paper);
            return is_same.then(|| known.line()).ok_or(IdReused);
        }
        let was_printed = |entry: &QueuedSlip| entry.begun && entry.paper.is_of_the_ticket(&paper);
        let paper = match state.slips.iter().any(was_printed) {
            true => paper.as_reprint(),
            false => paper,
        };
        let entry = QueuedSlip {
            id,
            paper,
            asked: Instant::now(),
            state: SlipState::Queued,
            edition: Edition::First,
            begun: false,
        };
        let line = entry.line();
        state.slips.push_back(entry);
        state.make_room();
        drop(state);
        self.shared.wake.notify_one();
        Ok(line)
    }

    /// The printer's condition.
    pub fn condition(&self) -> Condition {
        self.shared.state.lock().condition
    }

    /// The last slips, oldest first.
    pub fn slips(&self) -> Vec<SlipLine> {
        let state = self.shared.state.lock();
        let skipped = state.slips.len().saturating_sub(ANSWERED_MOST);
        let last = state.slips.iter().skip(skipped);
        last.map(QueuedSlip::line).collect()
    }

    /// Stops at once, even in the middle of a slip.
    pub fn stop(&self) {
        self.task.abort();
    }
}

impl QueuedSlip {
    fn line(&self) -> SlipLine {
        SlipLine {
            slip: self.id.clone(),
            number: self.paper.number().cloned(),
            state: self.state,
        }
    }
}

impl QueueState {
    /// Gives up the oldest slips that wait, and forgets the oldest of all, until both fit.
    fn make_room(&mut self) {
        let waiting = |entry: &&mut QueuedSlip| entry.state == SlipState::Queued;
        let count = self.slips.iter_mut().filter(waiting).count();
        let too_many = count.saturating_sub(WAITING_MOST);
        for entry in self.slips.iter_mut().filter(waiting).take(too_many) {
            entry.state = SlipState::Failed;
        }
        while self.slips.len() > REMEMBERED {
            self.slips.pop_front();
        }
    }
}

impl SharedQueue {
    /// The oldest slip that is still worth printing. Older ones are given up.
    fn next(&self) -> Option<QueuedSlip> {
        let mut state = self.state.lock();
        let mut waiting = state
            .slips
            .iter_mut()
            .filter(|entry| entry.state == SlipState::Queued);
        waiting.find_map(|entry| {
            let is_fresh = entry.asked.elapsed() < self.lives;
            if !is_fresh {
                entry.state = SlipState::Failed;
            }
            is_fresh.then(|| entry.clone())
        })
    }

    fn begins(&self, id: &str) {
        let mut state = self.state.lock();
        if let Some(entry) = state.slips.iter_mut().find(|entry| entry.id == id) {
            entry.state = SlipState::Printing;
        }
    }

    fn now(&self, condition: Condition) {
        let mut state = self.state.lock();
        if state.condition != condition {
            tracing::info!(?condition, "a printer's condition changed");
        }
        state.condition = condition;
    }

    fn keep(&self, entry: &QueuedSlip) {
        let mut state = self.state.lock();
        let kept = state.slips.iter_mut().find(|kept| kept.id == entry.id);
        if let Some(kept) = kept {
            *kept = entry.clone();
        }
    }
}

impl Worker {
    async fn work(mut self) {
        self.look().await;
        loop {
            let pause = match self.shared.next() {
                Some(entry) => match self.deliver(entry).await {
                    true => continue,
                    false => self.habits.look_again,
                },
                None => self.pause(),
            };
            let woken = timeout(pause, self.shared.wake.notified()).await.is_ok();
            if !woken {
                self.look().await;
            }
        }
    }

    fn pause(&self) -> Duration {
        match self.shared.state.lock().condition.prints() {
            true => self.habits.look_now_and_then,
            false => self.habits.look_again,
        }
    }

    async fn look(&mut self) {
        let condition = match self.printer.look().await {
            Some(condition) => {
                self.may_print_blindly |= condition != Condition::Offline;
                condition
            }
            None if self.may_print_blindly => Condition::Unknown,
            None => Condition::Offline,
        };
        self.shared.now(condition);
    }

    /// Prints one slip. False if the slip has to wait until the printer is well.
    async fn deliver(&mut self, mut entry: QueuedSlip) -> bool {
        loop {
            let job = self.job(&entry);
            let (shared, id) = (self.shared.clone(), entry.id.clone());
            let begins = move || shared.begins(&id);
            let printing = self.printer.print(&job, self.may_print_blindly, begins);
            let outcome = printing.await;
            entry.begun |= !matches!(outcome, PrintOutcome::NotBegun(_));
            let (state, condition) = match outcome {
                PrintOutcome::Printed(condition) => (SlipState::Printed, condition),
                PrintOutcome::NotBegun(condition) => (SlipState::Queued, condition),
                PrintOutcome::Stopped(condition) => (SlipState::Failed, condition),
                PrintOutcome::Unconfirmed => (SlipState::Failed, Condition::Offline),
                PrintOutcome::Cut if entry.edition == Edition::First => {
                    entry.edition = Edition::Again;
                    continue;
                }
                PrintOutcome::Cut => (SlipState::Failed, Condition::Offline),
            };
            self.may_print_blindly = match outcome {
                PrintOutcome::Unconfirmed => false,
                PrintOutcome::Printed(_) | PrintOutcome::Stopped(_) => true,
                PrintOutcome::NotBegun(_) | PrintOutcome::Cut => self.may_print_blindly,
            };
            entry.state = state;
            self.shared.keep(&entry);
            self.shared.now(condition);
            return state != SlipState::Queued;
        }
    }

    fn job(&self, entry: &QueuedSlip) -> PrintJob {
        let typesetter = Typesetter {
            width: self.width,
            words: &self.words,
        };
        let layout = typesetter.set(&entry.paper, entry.edition);
        PrintJob {
            bytes: escpos::encode(&layout, self.charset),
            millimetres: layout.millimetres(),
        }
    }
}
