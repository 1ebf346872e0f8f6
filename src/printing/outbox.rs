//! What waits for one printer, in a task of its own: nobody who takes a number waits for paper, or even knows of it.
//!
//! It is kept in memory only, on purpose. An acknowledged number is in the hall's log, and its paper can be asked for
//! again; a queue on disk would print, after a restart, slips of people who have long gone to a window. After a restart
//! nobody knows a slip any more, and a kiosk that asks shows the number on its screen, as it does for one that failed.
//!
//! Invariants: there are never two whole papers of one slip without a mark on the second; a slip older than
//! [`Habits::slip_lives`] is not printed any more; what waits is bounded, and the oldest gives way.

use super::escpos;
use super::layout::Width;
use super::paper::Paper;
use super::printer::{Job, Outcome, Patience, Printer};
use super::status::{Condition, Dialect};
use super::typesetting::{Edition, Typesetter};
use crate::pages::Words;
use hall::id::TicketNumber;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

/// Slips that wait: more than a kiosk gives out in two minutes.
const WAITING_MOST: usize = 100;
/// Slips that are remembered, so that a repeated request is not printed twice.
const REMEMBERED: usize = 200;
/// Slips that are told of: what a kiosk may still ask for.
const TOLD: usize = 60;

/// When a printer is asked, and how long a slip is worth printing.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    pub patience: Patience,
    /// The citizen has gone by then.
    pub slip_lives: Duration,
    /// While something is wrong.
    pub look_again: Duration,
    /// While all is well: so that staff hear of a roll that ends before somebody takes a number.
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
pub struct Outbox {
    shared: Arc<Shared>,
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
struct Shared {
    state: Mutex<State>,
    /// A slip came; the task may be waiting for the next look.
    wake: Notify,
    lives: Duration,
}

#[derive(Debug)]
struct State {
    condition: Condition,
    /// Oldest first.
    slips: VecDeque<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    id: String,
    paper: Paper,
    asked: Instant,
    state: SlipState,
    edition: Edition,
    /// Bytes of it were sent, so there may be a paper.
    begun: bool,
}

/// The task: alone it talks to the printer.
struct Worker {
    shared: Arc<Shared>,
    printer: Printer,
    width: Width,
    words: Arc<Words>,
    habits: Habits,
    /// A printer that does not answer is printed on once; until it has answered again, no more.
    may_print_blindly: bool,
}

impl Outbox {
    /// Begins to look after the printer at HOST:PORT.
    pub fn start(
        address: String,
        width: Width,
        dialect: Option<Dialect>,
        words: Arc<Words>,
        habits: Habits,
    ) -> Outbox {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                condition: Condition::Unknown,
                slips: VecDeque::new(),
            }),
            wake: Notify::new(),
            lives: habits.slip_lives,
        });
        let worker = Worker {
            shared: shared.clone(),
            printer: Printer::at(address, dialect, habits.patience),
            width,
            words,
            habits,
            may_print_blindly: true,
        };
        Outbox {
            shared,
            task: tokio::spawn(worker.work()),
        }
    }

    /// Puts a paper in line, once for each id; a ticket that may have been printed before is marked 「补打」.
    pub fn put(&self, id: String, paper: Paper) -> Result<SlipLine, IdReused> {
        let mut state = self.shared.lock();
        if let Some(known) = state.slips.iter().find(|entry| entry.id == id) {
            let is_same = known.paper.clone().as_reprint() == paper.clone().as_reprint()
                || known.paper.is_of_the_ticket(&paper);
            return is_same.then(|| known.line()).ok_or(IdReused);
        }
        let was_printed = |entry: &Entry| entry.begun && entry.paper.is_of_the_ticket(&paper);
        let paper = match state.slips.iter().any(was_printed) {
            true => paper.as_reprint(),
            false => paper,
        };
        let entry = Entry {
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

    /// How the printer is.
    pub fn condition(&self) -> Condition {
        self.shared.lock().condition
    }

    /// The last slips, oldest first.
    pub fn slips(&self) -> Vec<SlipLine> {
        let state = self.shared.lock();
        let skipped = state.slips.len().saturating_sub(TOLD);
        state.slips.iter().skip(skipped).map(Entry::line).collect()
    }

    /// Stops in the middle of whatever it does.
    pub fn stop(&self) {
        self.task.abort();
    }
}

impl Entry {
    fn line(&self) -> SlipLine {
        SlipLine {
            slip: self.id.clone(),
            number: self.paper.number().cloned(),
            state: self.state,
        }
    }
}

impl State {
    /// The oldest that wait give way, and the oldest that are done are forgotten.
    fn make_room(&mut self) {
        let waiting = |entry: &&mut Entry| entry.state == SlipState::Queued;
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

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds the slips")
    }

    /// The oldest slip that still is worth printing; those that are not are given up.
    fn next(&self) -> Option<Entry> {
        let mut state = self.lock();
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
        let mut state = self.lock();
        if let Some(entry) = state.slips.iter_mut().find(|entry| entry.id == id) {
            entry.state = SlipState::Printing;
        }
    }

    fn now(&self, condition: Condition) {
        let mut state = self.lock();
        if state.condition != condition {
            tracing::info!(?condition, "a printer's condition changed");
        }
        state.condition = condition;
    }

    fn keep(&self, entry: &Entry) {
        let mut state = self.lock();
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
        match self.shared.lock().condition.prints() {
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

    /// Prints one slip; false if it has to wait until the printer is well.
    async fn deliver(&mut self, mut entry: Entry) -> bool {
        loop {
            let job = self.job(&entry);
            let (shared, id) = (self.shared.clone(), entry.id.clone());
            let begins = move || shared.begins(&id);
            let printing = self.printer.print(&job, self.may_print_blindly, begins);
            let outcome = printing.await;
            entry.begun |= !matches!(outcome, Outcome::NotBegun(_));
            let (state, condition) = match outcome {
                Outcome::Printed(condition) => (SlipState::Printed, condition),
                Outcome::NotBegun(condition) => (SlipState::Queued, condition),
                Outcome::Stopped(condition) => (SlipState::Failed, condition),
                Outcome::Unconfirmed => (SlipState::Failed, Condition::Offline),
                Outcome::Cut if entry.edition == Edition::First => {
                    entry.edition = Edition::Again;
                    continue;
                }
                Outcome::Cut => (SlipState::Failed, Condition::Offline),
            };
            self.may_print_blindly = match outcome {
                Outcome::Unconfirmed => false,
                Outcome::Printed(_) | Outcome::Stopped(_) => true,
                Outcome::NotBegun(_) | Outcome::Cut => self.may_print_blindly,
            };
            entry.state = state;
            self.shared.keep(&entry);
            self.shared.now(condition);
            return state != SlipState::Queued;
        }
    }

    fn job(&self, entry: &Entry) -> Job {
        let typesetter = Typesetter {
            width: self.width,
            words: &self.words,
        };
        let layout = typesetter.set(&entry.paper, entry.edition);
        Job {
            bytes: escpos::encode(&layout),
            millimetres: layout.millimetres(),
        }
    }
}
