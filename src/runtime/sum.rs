//! The smallest model there is, for tests of what owns and reads models.

use super::model::Model;
use hall::decide::Decision;
use hall::record::command::Command;
use hall::{Record, Time};
use serde::{Deserialize, Serialize};

/// The smallest model: a sum, and rules that panic when they are told to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sum {
    pub version: u64,
    pub sum: u64,
}

#[derive(Clone, Debug)]
pub enum Wanted {
    Add(u64),
    Nothing,
    Bug,
}

impl Model for Sum {
    const SNAPSHOT_SCHEMA: u32 = 1;
    type Action = Wanted;
    type Event = u64;
    type Answer = u64;
    type Rejection = ();

    fn version(&self) -> u64 {
        self.version
    }

    fn last_at(&self) -> Option<Time> {
        None
    }

    fn decide(&self, command: &Command<Wanted>) -> Result<Decision<u64, u64>, ()> {
        match command.action {
            Wanted::Add(count) => Ok(Decision::Events(vec![count])),
            Wanted::Nothing => Ok(Decision::Nothing(self.sum)),
            Wanted::Bug => panic!("the rules have a bug"),
        }
    }

    fn apply(&mut self, record: &Record<u64>) {
        self.version = record.version;
        self.sum += record.events.iter().sum::<u64>();
    }

    fn answer(&self, _: &Record<u64>) -> u64 {
        self.sum
    }

    fn due(&self, _: Time) -> Option<Command<Wanted>> {
        None
    }

    fn hash(&self) -> String {
        self.sum.to_string()
    }

    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}
