//! A hall under test: commands go through decide and apply as in the server's owner, with what is due carried out first,
//! dense versions, and the invariants looked at after every step. Beside it random halls, and what somebody there wants.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

pub mod random_plan;
pub mod random_wish;

use hall::id::{CommandId, Fingerprint};
use hall::record::command::{Action, Actor, Command};
use hall::{Decision, Event, Hall, Plan, Record, Rejection, Time, invariants, rules::timers};

/// What became of a command.
#[derive(Debug)]
pub enum Outcome {
    Done(Record<Event>),
    Nothing,
    Remembered(Record<Event>),
    Refused(Rejection),
}

/// A hall and its log.
#[derive(Debug)]
pub struct Play {
    pub hall: Hall,
    pub records: Vec<Record<Event>>,
    commands: u64,
}

impl Play {
    /// A hall that has just adopted its plan.
    pub fn new(plan: Plan, at: Time) -> Play {
        let mut play = Play {
            hall: Hall::empty(),
            records: Vec::new(),
            commands: 0,
        };
        let plan = Box::new(plan);
        let adopt = Action::AdoptPlan {
            plan,
            move_bookings: false,
            expected_revision: None,
        };
        let adopted = play.ask(manager(), at, adopt);
        assert!(
            matches!(adopted, Outcome::Done(_)),
            "a checked plan is adopted"
        );
        play
    }

    /// Carries out what falls due up to this moment, each when it falls due, and answers those records.
    pub fn time_passes(&mut self, until: Time) -> Vec<Record<Event>> {
        let mut carried_out = Vec::new();
        let mut now = self.hall.last_at().map_or(until, |last| last.min(until));
        loop {
            while let Some(command) = timers::due(&self.hall, now) {
                match self.carry_out(command) {
                    Outcome::Done(record) => carried_out.push(record),
                    Outcome::Refused(no) => panic!("a timer is refused: {no:?}"),
                    Outcome::Nothing | Outcome::Remembered(_) => {
                        panic!("a timer came for nothing")
                    }
                }
            }
            match timers::next_due(&self.hall, now).filter(|next| *next <= until) {
                Some(next) => now = next,
                None if now < until => now = until,
                None => return carried_out,
            }
        }
    }

    /// Asks something new, with a key of its own. What is due by then must have been carried out.
    pub fn ask(&mut self, actor: Actor, at: Time, action: Action) -> Outcome {
        self.commands += 1;
        let id = CommandId::parse(format!("test/{}", self.commands)).unwrap();
        self.carry_out(Command {
            id,
            fingerprint: Fingerprint::parse("f").unwrap(),
            actor,
            at,
            action,
        })
    }

    /// Asks with this command as it is, perhaps for the second time.
    pub fn carry_out(&mut self, command: Command) -> Outcome {
        match hall::decide(&self.hall, &command) {
            Ok(Decision::Events(events)) => {
                let at = self.hall.time(command.at);
                let Command {
                    id: key,
                    fingerprint,
                    actor,
                    ..
                } = command;
                let version = self.hall.version() + 1;
                let record = Record {
                    version,
                    at,
                    actor,
                    key,
                    fingerprint,
                    events,
                };
                hall::apply(&mut self.hall, &record);
                if let Err(broken) = invariants::check(&self.hall) {
                    panic!("after {record:?}: {broken}");
                }
                self.records.push(record.clone());
                Outcome::Done(record)
            }
            Ok(Decision::Nothing(_)) => Outcome::Nothing,
            Ok(Decision::Remembered { version }) => {
                Outcome::Remembered(self.records[version as usize - 1].clone())
            }
            Err(rejection) => Outcome::Refused(rejection),
        }
    }

    /// The log gives this very hall again, and so does a snapshot of it.
    pub fn ends_as_its_log_says(&self) {
        let mut replayed = Hall::empty();
        for record in &self.records {
            let stored = serde_json::to_string(record).unwrap();
            hall::apply(&mut replayed, &serde_json::from_str(&stored).unwrap());
        }
        self.every_commit_can_be_taken_back();
        assert_eq!(
            replayed.hash(),
            self.hall.hash(),
            "replay gives another hall"
        );
        let snapshot = serde_json::to_string(&self.hall).unwrap();
        let restored: Hall = serde_json::from_str(&snapshot).unwrap();
        assert_eq!(
            restored.hash(),
            self.hall.hash(),
            "a snapshot gives another hall"
        );
        invariants::check(&restored).unwrap();
    }

    /// One, two or three records at a time: applied and taken back, they leave the hall as it was.
    fn every_commit_can_be_taken_back(&self) {
        for length in 1..=3 {
            let mut before = Hall::empty();
            for records in self.records.chunks(length) {
                let mut ahead = before.clone();
                records.iter().for_each(|r| hall::apply(&mut ahead, r));
                let after = ahead.clone();
                hall::rewind(&mut ahead, &before, &records.iter().collect::<Vec<_>>());
                assert_eq!(ahead.hash(), before.hash(), "{records:?} leave traces");
                invariants::check(&ahead).unwrap();
                before = after;
            }
        }
    }
}

/// Somebody with the manager's rights.
pub fn manager() -> Actor {
    Actor::Manager("manager".parse().unwrap())
}
