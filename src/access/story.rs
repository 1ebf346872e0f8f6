//! For tests: a register whose commands take effect as an owner would make them, one record after the other.

use crate::access::account::{NewAccount, SecretHash, StaffRole};
use crate::access::action::{Action, Proof, admit_demo, issue_setup_token, open_session};
use crate::access::event::{Answer, Event};
use crate::access::register::Access;
use crate::access::rejection::Rejection;
use crate::access::secret::digest;
use crate::runtime::model::Model;
use chrono::Duration;
use hall::decide::Decision;
use hall::id::{ActorId, CommandId, Fingerprint, HallId};
use hall::{Actor, Command, Record, Time};

/// A register, its log, and the time.
pub(crate) struct AccessStory {
    pub access: Access,
    pub records: Vec<Record<Event>>,
    pub now: Time,
}

impl AccessStory {
    /// An empty store at nine in the morning.
    pub fn empty() -> AccessStory {
        let now = Time::parse_from_rfc3339("2026-11-23T09:00:00+08:00").unwrap();
        AccessStory {
            access: Access::default(),
            records: Vec::new(),
            now,
        }
    }

    /// A store that a demo runs on.
    pub fn demo() -> AccessStory {
        let mut story = AccessStory::empty();
        story.sends(admit_demo(story.now)).unwrap();
        story
    }

    /// A store with its first manager, `chief`.
    pub fn set_up() -> AccessStory {
        let mut story = AccessStory::empty();
        story.prints_setup_token("setup").unwrap();
        story.wants(Actor::Citizen, first_manager("setup")).unwrap();
        story
    }

    /// A store with a manager and the officer `1024`.
    pub fn staffed() -> AccessStory {
        let mut story = AccessStory::set_up();
        let officer = new_account("1024", StaffRole::Officer, Some("zhuzhou"));
        story
            .wants(chief(), Action::CreateAccount(officer))
            .unwrap();
        story
    }

    pub fn later(&mut self, by: Duration) -> &mut AccessStory {
        self.now += by;
        self
    }

    /// Somebody wants something for the first time.
    pub fn wants(&mut self, actor: Actor, action: Action) -> Result<Answer, Rejection> {
        let id = CommandId::parse(format!("request/{}", self.access.version() + 1)).unwrap();
        let fingerprint = Fingerprint::parse("0").unwrap();
        self.sends(Command {
            id,
            fingerprint,
            actor,
            at: self.now,
            action,
        })
    }

    /// Decides, appends, applies, answers; and checks after each step what must hold.
    pub fn sends(&mut self, command: Command<Action>) -> Result<Answer, Rejection> {
        let events = match self.access.decide(&command)? {
            Decision::Events(events) => events,
            Decision::Nothing(answer) => return Ok(answer),
            Decision::Remembered { version } => {
                return Ok(self.access.answer(&self.records[version as usize - 1]));
            }
        };
        let Command {
            id: key,
            fingerprint,
            actor,
            at,
            ..
        } = command;
        let (version, at) = (self.access.version() + 1, self.access.time(at));
        let record = Record {
            version,
            at,
            actor,
            key,
            fingerprint,
            events,
        };
        self.access.apply(&record);
        assert_eq!(self.access.check(), Ok(()));
        let answer = self.access.answer(&record);
        self.records.push(record);
        Ok(answer)
    }

    /// Why it may not be.
    pub fn refusal(&mut self, actor: Actor, action: Action) -> Rejection {
        self.wants(actor, action).unwrap_err()
    }

    /// The service prints this token, and would have it valid for a day.
    pub fn prints_setup_token(&mut self, token: &str) -> Result<Answer, Rejection> {
        let expires_at = self.now + Duration::days(1);
        self.sends(issue_setup_token(digest(token), expires_at, self.now))
    }

    /// Signs in with this proof, and would stay for a day.
    pub fn opens(&mut self, token: &str, who: &str, proof: Proof) -> Result<Answer, Rejection> {
        let expires_at = self.now + Duration::days(1);
        self.sends(open_session(
            digest(token),
            id(who),
            proof,
            expires_at,
            self.now,
        ))
    }

    /// Signs in with the secret it has now, or by the demo's door.
    pub fn signs_in(&mut self, who: &str, token: &str) -> Result<Answer, Rejection> {
        let secret = self.access.secret_of(&id(who)).cloned();
        self.opens(token, who, secret.map_or(Proof::Demo, Proof::Secret))
    }

    /// Who a token is now.
    pub fn who(&self, token: &str) -> Option<String> {
        self.access
            .identify(&digest(token), self.now)
            .map(|identity| identity.id.to_string())
    }

    /// The register as another instance reads it from the log.
    pub fn replayed(&self) -> Access {
        let mut access = Access::default();
        self.records.iter().for_each(|record| access.apply(record));
        access
    }
}

pub(crate) fn id(text: &str) -> ActorId {
    ActorId::parse(text).unwrap()
}

pub(crate) fn hall(text: &str) -> HallId {
    HallId::parse(text).unwrap()
}

/// The first manager, as an actor.
pub(crate) fn chief() -> Actor {
    Actor::Manager(id("chief"))
}

/// A hash by name: deciding compares hashes and computes none.
pub(crate) fn secret(name: &str) -> SecretHash {
    SecretHash::parse(format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ${name}")).unwrap()
}

pub(crate) fn new_account(number: &str, role: StaffRole, at: Option<&str>) -> NewAccount {
    let (name, secret) = (format!("name of {number}"), secret(number));
    NewAccount {
        id: id(number),
        role,
        hall: at.map(hall),
        name,
        secret,
        may_hold_several_windows: false,
    }
}

pub(crate) fn first_manager(token: &str) -> Action {
    Action::CreateFirstManager {
        setup: digest(token),
        id: id("chief"),
        name: "周敏".into(),
        secret: secret("chief"),
    }
}

pub(crate) fn disables(account: &str) -> Action {
    Action::DisableAccount {
        account: id(account),
    }
}

pub(crate) fn sets_secret(account: &str, name: &str) -> Action {
    let (account, secret) = (id(account), secret(name));
    Action::SetSecret { account, secret }
}
