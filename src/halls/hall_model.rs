//! A hall as something that can be owned.

use crate::runtime::model::Model;
use chrono::DateTime;
use hall::decide::Decision;
use hall::record::command::{Action, Command};
use hall::state::lease::TailLost;
use hall::{Answer, Event, Hall, Record, Rejection, Time};
use hall_log::LostTail;

impl Model for Hall {
    /// Raise this by one with every change of what the stored state means (a field's type, a name, a figure kept in
    /// another way). An older snapshot is then passed over and the hall is folded from its log; otherwise the snapshot
    /// would be misread.
    const SNAPSHOT_SCHEMA: u32 = 5;
    type Action = Action;
    type Event = Event;
    type Answer = Answer;
    type Rejection = Rejection;

    fn version(&self) -> u64 {
        self.version()
    }

    fn last_at(&self) -> Option<Time> {
        self.last_at()
    }

    fn decide(&self, command: &Command) -> Result<Decision, Rejection> {
        hall::decide(self, command)
    }

    fn apply(&mut self, record: &Record<Event>) {
        hall::apply(self, record);
    }

    fn rewind(&mut self, to: &Hall, records: &[&Record<Event>]) {
        hall::rewind(self, to, records);
    }

    fn answer(&self, record: &Record<Event>) -> Answer {
        Answer::of(self, record)
    }

    fn due(&self, now: Time) -> Option<Command> {
        hall::rules::timers::due(self, now)
    }

    fn after_loss(lost: &LostTail) -> Option<Action> {
        let at = i64::try_from(lost.at).unwrap_or(i64::MAX);
        Some(Action::RecordLoss(TailLost {
            found: lost.found,
            acknowledged: lost.acknowledged,
            at: DateTime::from_timestamp(at, 0)
                .unwrap_or_default()
                .fixed_offset(),
        }))
    }

    fn hash(&self) -> String {
        Hall::hash(self)
    }

    fn check(&self) -> Result<(), String> {
        hall::invariants::check(self)
    }
}
