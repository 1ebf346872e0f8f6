//! The register itself: what its log folds into.
//!
//! Ordered collections only, as in a hall. Whatever a token may do is answered from here at each request, so a disabled
//! account or a revoked device is nobody as soon as the record is applied, on every instance.

use crate::access::account::{Account, SecretHash, StaffRole};
use crate::access::action::{self, Action};
use crate::access::decide::{DEMO_SESSIONS_MOST, SESSION_LONGEST, SESSIONS_MOST, decide};
use crate::access::device::Device;
use crate::access::event::{Answer, Event};
use crate::access::identity::Identity;
use crate::access::rejection::Rejection;
use crate::access::session::{SignInSession, TokenDigest};
use crate::runtime::model::Model;
use chrono::Duration;
use data_encoding::HEXLOWER;
use hall::decide::Decision;
use hall::id::{ActorId, CommandId};
use hall::state::hall::Applied;
use hall::{Command, Record, Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// How long a command's id is remembered: as long as a hall remembers.
const KEYS_KEPT: Duration = Duration::hours(24);

/// The register at one version of its log.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Access {
    version: u64,
    /// The register's time never steps back behind it.
    last_at: Option<Time>,
    /// Made by a demo; for ever.
    demo: bool,
    setup: Option<SetupToken>,
    accounts: BTreeMap<ActorId, Account>,
    devices: BTreeMap<ActorId, Device>,
    sessions: BTreeMap<TokenDigest, SignInSession>,
    /// A repeated command is answered from its record.
    applied: BTreeMap<CommandId, Applied>,
}

/// With its token the first manager is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetupToken {
    pub digest: TokenDigest,
    pub expires_at: Time,
}

impl Access {
    /// Who holds the token with this digest; none if nobody may act with it at `now`.
    pub fn identify(&self, digest: &TokenDigest, now: Time) -> Option<Identity> {
        match self.sessions.get(digest) {
            Some(session) if session.is_live(now) => self.identity_of(&session.who),
            Some(_) => None,
            // A hall has a handful of devices, so they need no index by digest.
            None => self
                .devices
                .values()
                .find(|device| device.digest.as_ref() == Some(digest))
                .and_then(Identity::of_device),
        }
    }

    /// What an account or device may act as; none if it is unknown, disabled or revoked.
    pub fn identity_of(&self, id: &ActorId) -> Option<Identity> {
        match self.accounts.get(id) {
            Some(account) => Identity::of_account(account),
            None => self.devices.get(id).and_then(Identity::of_device),
        }
    }

    /// What a typed secret is verified against; none if nothing can be right: unknown, disabled, or the demo's.
    pub fn secret_of(&self, id: &ActorId) -> Option<&SecretHash> {
        self.accounts
            .get(id)
            .filter(|account| !account.disabled)
            .and_then(|account| account.secret.as_ref())
    }

    /// An account by id, disabled or not.
    pub fn account(&self, id: &ActorId) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// Every account there ever was, in order of id.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// A device by id, revoked or not.
    pub fn device(&self, id: &ActorId) -> Option<&Device> {
        self.devices.get(id)
    }

    /// Every device there ever was, in order of id.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.values()
    }

    /// A session by the digest of its token, expired or not.
    pub fn session(&self, digest: &TokenDigest) -> Option<&SignInSession> {
        self.sessions.get(digest)
    }

    /// Whether a demo made this store: `serve` refuses it.
    pub fn is_demo(&self) -> bool {
        self.demo
    }

    /// Whether anybody has ever been made manager; until then the service offers nothing but its setup.
    pub fn has_manager(&self) -> bool {
        self.accounts
            .values()
            .any(|account| account.role == StaffRole::Manager)
    }

    /// Whether the command with this id has taken effect within the last day.
    pub fn has_applied(&self, id: &CommandId) -> bool {
        self.applied.contains_key(id)
    }

    /// The register's time for a command: never behind what has happened.
    pub fn time(&self, at: Time) -> Time {
        self.last_at.map_or(at, |last_at| at.max(last_at))
    }

    pub(super) fn setup(&self) -> Option<&SetupToken> {
        self.setup.as_ref()
    }

    pub(super) fn sessions(&self) -> impl Iterator<Item = &SignInSession> {
        self.sessions.values()
    }

    pub(super) fn sessions_of(&self, who: &ActorId) -> impl Iterator<Item = &SignInSession> {
        self.sessions
            .values()
            .filter(move |session| session.who == *who)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.version == 0
    }

    pub(super) fn is_demo_identity(&self, id: &ActorId) -> bool {
        let is_account = self.accounts.get(id).is_some_and(Account::is_demo);
        is_account || self.devices.get(id).is_some_and(Device::is_demo)
    }

    pub(super) fn is_known(&self, digest: &TokenDigest) -> bool {
        let is_of_device = self
            .devices
            .values()
            .any(|device| device.digest.as_ref() == Some(digest));
        is_of_device || self.sessions.contains_key(digest)
    }

    pub(super) fn applied_version(&self, id: &CommandId) -> Option<u64> {
        self.applied.get(id).map(|applied| applied.version)
    }
}

impl Model for Access {
    const SNAPSHOT_SCHEMA: u32 = 1;

    type Action = Action;
    type Event = Event;
    type Answer = Answer;
    type Rejection = Rejection;

    fn version(&self) -> u64 {
        self.version
    }

    fn last_at(&self) -> Option<Time> {
        self.last_at
    }

    fn decide(&self, command: &Command<Action>) -> Result<Decision<Event, Answer>, Rejection> {
        decide(self, command)
    }

    fn apply(&mut self, record: &Record<Event>) {
        assert_eq!(
            record.version,
            self.version + 1,
            "records are applied in order, without a gap"
        );
        for event in &record.events {
            self.apply_event(record.at, event);
        }
        self.version = record.version;
        self.last_at = Some(record.at);
        self.applied
            .retain(|_, applied| record.at < applied.at + KEYS_KEPT);
        let applied = Applied {
            version: record.version,
            at: record.at,
            ticket: None,
        };
        self.applied.insert(record.key.clone(), applied);
    }

    fn answer(&self, record: &Record<Event>) -> Answer {
        Answer::of(&record.events)
    }

    fn due(&self, now: Time) -> Option<Command<Action>> {
        let has_expired = self.sessions.values().any(|session| !session.is_live(now));
        has_expired
            .then(|| action::prune_sessions(now))
            .filter(|command| !self.applied.contains_key(&command.id))
    }

    fn hash(&self) -> String {
        let bytes = serde_json::to_vec(self).expect("the state has string keys only");
        HEXLOWER.encode(&Sha256::digest(bytes))
    }

    fn check(&self) -> Result<(), String> {
        self.check_sessions()?;
        self.check_ids()?;
        if self.setup.is_some() && self.has_manager() {
            return Err("the setup is open although there is a manager".into());
        }
        let mut versions = self.applied.values().map(|applied| applied.version);
        match versions.find(|version| *version > self.version) {
            Some(version) => Err(format!("version {version} is applied before it exists")),
            None => Ok(()),
        }
    }
}

/// Folding.
impl Access {
    fn apply_event(&mut self, at: Time, event: &Event) {
        match event {
            Event::SetupTokenIssued { digest, expires_at } => {
                self.setup = Some(SetupToken {
                    digest: digest.clone(),
                    expires_at: *expires_at,
                });
            }
            Event::SetupCompleted => self.setup = None,
            Event::DemoAdmitted => self.demo = true,
            Event::AccountCreated {
                account,
                role,
                hall,
                name,
                secret,
                may_hold_several_windows,
            } => {
                let created = Account {
                    id: account.clone(),
                    role: *role,
                    hall: hall.clone(),
                    name: name.clone(),
                    secret: secret.clone(),
                    may_hold_several_windows: *may_hold_several_windows,
                    disabled: false,
                };
                self.accounts.insert(account.clone(), created);
            }
            Event::SecretSet { account, secret } => {
                self.account_mut(account).secret = Some(secret.clone())
            }
            Event::AccountDisabled { account } => self.account_mut(account).disabled = true,
            Event::DeviceEnrolled {
                device,
                kind,
                hall,
                digest,
            } => {
                let enrolled = Device {
                    id: device.clone(),
                    kind: *kind,
                    hall: hall.clone(),
                    digest: digest.clone(),
                    revoked: false,
                };
                self.devices.insert(device.clone(), enrolled);
            }
            Event::DeviceRevoked { device } => self.device_mut(device).revoked = true,
            Event::SessionOpened {
                digest,
                who,
                expires_at,
            } => {
                let session = SignInSession {
                    digest: digest.clone(),
                    who: who.clone(),
                    opened_at: at,
                    expires_at: *expires_at,
                };
                self.sessions.insert(digest.clone(), session);
            }
            Event::SessionsClosed { digests } => {
                for digest in digests {
                    self.sessions.remove(digest);
                }
            }
        }
    }

    fn account_mut(&mut self, id: &ActorId) -> &mut Account {
        self.accounts
            .get_mut(id)
            .expect("an event names an account that was created, and none is deleted")
    }

    fn device_mut(&mut self, id: &ActorId) -> &mut Device {
        self.devices
            .get_mut(id)
            .expect("an event names a device that was enrolled, and none is deleted")
    }
}

/// What must hold.
impl Access {
    fn check_sessions(&self) -> Result<(), String> {
        let mut counts: BTreeMap<&ActorId, usize> = BTreeMap::new();
        for session in self.sessions.values() {
            *counts.entry(&session.who).or_default() += 1;
            if session.expires_at > session.opened_at + SESSION_LONGEST {
                return Err(format!("a session of {} lives too long", session.who));
            }
            if self.identity_of(&session.who).is_none() {
                return Err(format!("{} has a session but may not act", session.who));
            }
        }
        let most = |who: &ActorId| match self.is_demo_identity(who) {
            true => DEMO_SESSIONS_MOST,
            false => SESSIONS_MOST,
        };
        match counts.into_iter().find(|(who, count)| *count > most(who)) {
            Some((who, count)) => Err(format!("{who} has {count} sessions")),
            None => Ok(()),
        }
    }

    fn check_ids(&self) -> Result<(), String> {
        let mut ids = self.accounts.keys();
        if let Some(id) = ids.find(|id| self.devices.contains_key(*id)) {
            return Err(format!("{id} is an account and a device"));
        }
        let of_devices = self.devices.values();
        let of_devices = of_devices.filter_map(|device| device.digest.as_ref());
        let mut distinct = BTreeSet::new();
        match of_devices
            .chain(self.sessions.keys())
            .all(|digest| distinct.insert(digest))
        {
            true => Ok(()),
            false => Err("one token is two identities".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::decide::PRUNED_MOST;
    use crate::access::story::{AccessStory, chief, disables};

    fn busy_morning() -> AccessStory {
        let mut story = AccessStory::staffed();
        for token in ["first", "second", "third", "fourth"] {
            story
                .later(Duration::minutes(1))
                .signs_in("1024", token)
                .unwrap();
        }
        story.wants(chief(), disables("1024")).unwrap();
        story
    }

    #[test]
    fn replay_and_snapshot_give_the_same_hash() {
        let story = busy_morning();
        assert_eq!(story.replayed().hash(), story.access.hash());
        let snapshot = serde_json::to_string(&story.access).unwrap();
        let read: Access = serde_json::from_str(&snapshot).unwrap();
        assert_eq!(read.hash(), story.access.hash());
    }

    #[test]
    fn records_survive_being_stored() {
        for record in busy_morning().records {
            let stored = serde_json::to_string(&record).unwrap();
            let read: Record<Event> = serde_json::from_str(&stored).unwrap();
            assert_eq!(read, record);
        }
    }

    #[test]
    fn expired_sessions_are_forgotten_in_batches_once_an_hour() {
        let mut story = AccessStory::demo();
        for visitor in 0..=PRUNED_MOST {
            story
                .signs_in("demo-officer", &format!("visitor-{visitor}"))
                .unwrap();
        }
        assert_eq!(story.access.due(story.now), None);
        story.later(SESSION_LONGEST);
        let first = story.access.due(story.now).unwrap();
        assert!(first.id.as_str().starts_with("timer/sessions/"));
        story.sends(first.clone()).unwrap();
        assert_eq!(story.access.sessions().count(), 1);
        assert_eq!(story.access.due(story.now), None, "not twice in an hour");
        let elsewhere = story.access.decide(&first);
        assert!(matches!(elsewhere, Ok(Decision::Remembered { .. })));
        story.later(Duration::hours(1));
        let second = story.access.due(story.now).unwrap();
        story.sends(second).unwrap();
        assert_eq!(story.access.sessions().count(), 0);
    }

    #[test]
    fn a_repeated_command_is_remembered_for_a_day() {
        let mut story = AccessStory::staffed();
        let answer = story.signs_in("1024", "morning").unwrap();
        let version = story.access.version();
        let again = story
            .later(Duration::seconds(2))
            .signs_in("1024", "morning");
        assert_eq!(again, Ok(answer));
        assert_eq!(story.access.version(), version, "nothing happened twice");
        story.later(KEYS_KEPT).signs_in("1024", "next day").unwrap();
        assert_eq!(story.access.applied.len(), 1);
    }

    #[test]
    fn debug_output_shows_no_hash() {
        let story = busy_morning();
        assert!(!format!("{:?}", story.records).contains("m=19456"));
    }
}
