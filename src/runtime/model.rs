//! What an owner can own: a state that is its log.
//!
//! A hall is one, and so is the register of who may do what. Both are pure: the owner brings the clock, the log, the
//! retries and the watchers.

use hall::decide::Decision;
use hall::record::command::Command;
use hall::{Record, Time};
use hall_log::LostTail;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A state folded from records, with the rules that make new ones.
pub trait Model: Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The form of a stored snapshot; one of another form is not read.
    const SNAPSHOT_SCHEMA: u32;

    /// What can be wanted.
    type Action: Clone + std::fmt::Debug + Send + Sync + 'static;
    /// What can happen; stored as JSON for ever.
    type Event: Clone + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What a command is answered.
    type Answer: Clone + std::fmt::Debug + Send + 'static;
    /// Why the rules say no.
    type Rejection: Clone + std::fmt::Debug + Send + 'static;

    /// Version of the last record applied, 0 before the first.
    fn version(&self) -> u64;
    /// When the last record happened.
    fn last_at(&self) -> Option<Time>;
    /// All rules; changes nothing.
    fn decide(
        &self,
        command: &Command<Self::Action>,
    ) -> Result<Decision<Self::Event, Self::Answer>, Self::Rejection>;
    /// No rules; cannot fail. The record is the next one.
    fn apply(&mut self, record: &Record<Self::Event>);
    /// Becomes `to` again, which is this state without `records`; cheaper than a copy where it matters.
    fn rewind(&mut self, to: &Self, _records: &[&Record<Self::Event>]) {
        self.clone_from(to);
    }
    /// The answer to a record that was applied, now or long ago.
    fn answer(&self, record: &Record<Self::Event>) -> Self::Answer;
    /// The next command that falls due by itself, if any.
    fn due(&self, now: Time) -> Option<Command<Self::Action>>;
    /// What is to be recorded first when the store has lost what this stream had acknowledged.
    fn after_loss(_lost: &LostTail) -> Option<Self::Action> {
        None
    }
    /// Equal for equal states, on every path that leads to them.
    fn hash(&self) -> String;
    /// What must hold at every version; the first thing that does not, in words.
    fn check(&self) -> Result<(), String>;
}
