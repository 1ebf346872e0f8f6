//! Mistakes that the simulation must find: each was once made here or by somebody else, and each gives numbers twice,
//! loses them or tells something untrue.
//!
//! Most are the store's, so [`super::store`] makes them when it is told to. Two are the rules'; [`Careless`] wraps the
//! real ones and makes them. No line of the product knows any of this.

use hall::record::command::{Action, Command};
use hall::{Answer, Decision, Event, Hall, Record, Rejection, Time};
use hall_log::LostTail;
use paihao::runtime::model::Model;
use serde::{Deserialize, Serialize};

/// What is done wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A commit that the disk did not confirm is read again from the cache, and taken for durable.
    CacheBelieved,
    /// An append is taken whenever its version is a new one, as `XADD` does.
    AnyHead,
    /// The answer goes out a second before the sync.
    AnsweredBeforeSync,
    /// A store that ends before its mark is served without a word.
    LostTailAccepted,
    /// *Nothing was written* is said of what was written.
    WrittenAndDenied,
    /// The head is confirmed from what this server has read last.
    StaleHeadConfirmed,
    /// Nobody looks whether a command took effect before.
    IdNotLookedUp,
    /// A block of numbers that is out is lent again.
    LentTwice,
}

impl Bug {
    pub const ALL: [Bug; 8] = [
        Bug::CacheBelieved,
        Bug::AnyHead,
        Bug::AnsweredBeforeSync,
        Bug::LostTailAccepted,
        Bug::WrittenAndDenied,
        Bug::StaleHeadConfirmed,
        Bug::IdNotLookedUp,
        Bug::LentTwice,
    ];
}

/// Rules of a hall, the real ones or careless ones.
pub trait Rules:
    Model<Action = Action, Event = Event, Answer = Answer, Rejection = Rejection>
{
    fn hall(&self) -> &Hall;
}

impl Rules for Hall {
    fn hall(&self) -> &Hall {
        self
    }
}

/// The real rules with one mistake: `LEND` lends a block twice, else the command's id is not looked up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Careless<const LEND: bool>(Hall);

impl<const LEND: bool> Rules for Careless<LEND> {
    fn hall(&self) -> &Hall {
        &self.0
    }
}

impl<const LEND: bool> Careless<LEND> {
    /// Every block is one that is out already, if there is one.
    fn lend_again(&self, events: &mut [Event]) {
        for event in events {
            if let Event::NumbersLeased { numbers, .. } = event
                && let Some(day) = self.0.day()
                && let mut out = day.leases.values().map(|lease| &lease.numbers)
                && let Some(block) = out.find(|block| block.prefix == numbers.prefix)
            {
                numbers.clone_from(block);
            }
        }
    }
}

impl<const LEND: bool> Model for Careless<LEND> {
    const SNAPSHOT_SCHEMA: u32 = Hall::SNAPSHOT_SCHEMA;
    type Action = Action;
    type Event = Event;
    type Answer = Answer;
    type Rejection = Rejection;

    fn version(&self) -> u64 {
        self.0.version()
    }

    fn last_at(&self) -> Option<Time> {
        self.0.last_at()
    }

    fn decide(&self, command: &Command) -> Result<Decision, Rejection> {
        let mut command = command.clone();
        if !LEND && self.0.applied().contains_key(&command.id) {
            command.id = format!("{}-again", command.id).parse().expect("letters");
        }
        let mut decision = hall::decide(&self.0, &command)?;
        if let Decision::Events(events) = &mut decision
            && LEND
            && matches!(command.action, Action::LeaseNumbers { .. })
        {
            self.lend_again(events);
        }
        Ok(decision)
    }

    fn apply(&mut self, record: &Record<Event>) {
        hall::apply(&mut self.0, record);
    }

    fn answer(&self, record: &Record<Event>) -> Answer {
        Model::answer(&self.0, record)
    }

    fn due(&self, now: Time) -> Option<Command> {
        Model::due(&self.0, now)
    }

    fn after_loss(lost: &LostTail) -> Option<Action> {
        Hall::after_loss(lost)
    }

    fn hash(&self) -> String {
        Hall::hash(&self.0)
    }

    fn check(&self) -> Result<(), String> {
        Model::check(&self.0)
    }
}
