//! All rules of the register: what an action does to it, or why it may not.
//!
//! The rules look up who acts and believe no claim: an actor is a manager only if its account says so at this version.

use crate::access::account::{Account, NewAccount, SecretHash, StaffRole};
use crate::access::action::{Action, Proof};
use crate::access::device::DeviceKind;
use crate::access::event::{Answer, Event};
use crate::access::register::Access;
use crate::access::rejection::Rejection;
use crate::access::session::{SignInSession, TokenDigest};
use chrono::Duration;
use hall::decide::Decision;
use hall::id::{ActorId, HallId};
use hall::{Actor, Command, Time};

/// A shift and its overtime: nobody stays signed in longer, whatever the sign-in asks.
pub const SESSION_LONGEST: Duration = Duration::hours(12);
/// Long enough to walk from the server to a desk.
pub const SETUP_TOKEN_LONGEST: Duration = Duration::minutes(30);
/// Counter, office and phone; one more sign-in ends the oldest.
pub const SESSIONS_MOST: usize = 3;
/// One demo identity is everybody who tries the product out, and every console of a load test.
pub const DEMO_SESSIONS_MOST: usize = 1_000;
/// Expired sessions forgotten by one record, so that no record grows beyond about 40 kB.
pub const PRUNED_MOST: usize = 500;
/// Longest name of a person, in characters.
pub const NAME_LONGEST: usize = 50;

/// Decides one command against the register as it stands.
pub fn decide(
    access: &Access,
    command: &Command<Action>,
) -> Result<Decision<Event, Answer>, Rejection> {
    if let Some(version) = access.applied_version(&command.id) {
        return Ok(Decision::Remembered { version });
    }
    let act = Deciding {
        access,
        actor: &command.actor,
        now: access.time(command.at),
    };
    let events = match &command.action {
        Action::IssueSetupToken { digest, expires_at } => {
            act.issue_setup_token(digest, *expires_at)?
        }
        Action::CreateFirstManager {
            setup,
            id,
            name,
            secret,
        } => act.create_first_manager(setup, id, name, secret)?,
        Action::AdmitDemo => act.admit_demo()?,

        Action::CreateAccount(wanted) => act.create_account(wanted)?,
        Action::SetSecret { account, secret } => act.set_secret(account, secret)?,
        Action::DisableAccount { account } => act.disable_account(account)?,
        Action::EnrolDevice {
            device,
            kind,
            hall,
            digest,
        } => act.enrol_device(device, *kind, hall, digest)?,
        Action::RevokeDevice { device } => act.revoke_device(device)?,

        Action::OpenSession {
            digest,
            who,
            proof,
            expires_at,
        } => act.open_session(digest, who, proof, *expires_at)?,
        Action::CloseSession { digest } => act.close_session(digest),
        Action::PruneSessions => act.prune_sessions(),
    };
    Ok(if events.is_empty() {
        Decision::Nothing(Answer::Done)
    } else {
        Decision::Events(events)
    })
}

/// One command being decided; its methods are the rules, one per action.
struct Deciding<'a> {
    access: &'a Access,
    actor: &'a Actor,
    now: Time,
}

/// First run.
impl Deciding<'_> {
    fn issue_setup_token(&self, digest: &TokenDigest, expires_at: Time) -> DecidedEvents {
        self.is_the_service()?;
        setup_is_open(self.access)?;
        let expires_at = expires_at.min(self.now + SETUP_TOKEN_LONGEST);
        let digest = digest.clone();
        Ok(vec![Event::SetupTokenIssued { digest, expires_at }])
    }

    /// Wrong tries are not counted here: a token has 256 random bits, and a record for each guess would let anybody
    /// fill the log.
    fn create_first_manager(
        &self,
        setup: &TokenDigest,
        id: &ActorId,
        name: &str,
        secret: &SecretHash,
    ) -> DecidedEvents {
        setup_admits(self.access, setup, self.now)?;
        self.is_free(id)?;
        let manager = NewAccount {
            id: id.clone(),
            role: StaffRole::Manager,
            hall: None,
            name: name.into(),
            secret: secret.clone(),
            may_hold_several_windows: false,
        };
        Ok(vec![Event::SetupCompleted, account_created(&manager)?])
    }

    fn admit_demo(&self) -> DecidedEvents {
        self.is_the_service()?;
        if self.access.is_demo() {
            return Ok(Vec::new());
        }
        demand(self.access.is_empty(), || Rejection::NotADemo)?;
        Ok(vec![
            Event::DemoAdmitted,
            demo_account("demo-officer", StaffRole::Officer, "演示窗口人员"),
            demo_account("demo-usher", StaffRole::Usher, "演示引导员"),
            demo_account("demo-manager", StaffRole::Manager, "演示负责人"),
            demo_device("demo-kiosk", DeviceKind::Kiosk),
            demo_device("demo-display", DeviceKind::Display),
        ])
    }
}

/// Whether the first manager can be made with this token at `now`: asked here, and before a secret is hashed in vain.
pub fn setup_admits(access: &Access, setup: &TokenDigest, now: Time) -> Result<(), Rejection> {
    setup_is_open(access)?;
    let issued = access.setup().filter(|issued| now < issued.expires_at);
    let is_it = issued.is_some_and(|issued| issued.digest == *setup);
    demand(is_it, || Rejection::WrongSetupToken)
}

/// A demo has a manager from its first record on, so it is never set up.
fn setup_is_open(access: &Access) -> Result<(), Rejection> {
    demand(!access.has_manager(), || Rejection::SetupClosed)
}

/// What managers do.
impl Deciding<'_> {
    fn create_account(&self, wanted: &NewAccount) -> DecidedEvents {
        self.manages(wanted.hall.as_ref())?;
        self.is_free(&wanted.id)?;
        Ok(vec![account_created(wanted)?])
    }

    /// People set their own, managers those of their hall. A session of the old one ends.
    fn set_secret(&self, id: &ActorId, secret: &SecretHash) -> DecidedEvents {
        let is_own = self.acting().is_some_and(|account| account.id == *id);
        let account = match is_own {
            true => self.account(id)?,
            false => self.managed_account(id)?,
        };
        demand(!account.disabled, || Rejection::Disabled(id.clone()))?;
        let (account, secret) = (id.clone(), secret.clone());
        let mut events = vec![Event::SecretSet { account, secret }];
        events.extend(closed(self.access.sessions_of(id)));
        Ok(events)
    }

    fn disable_account(&self, id: &ActorId) -> DecidedEvents {
        let account = self.managed_account(id)?;
        if account.disabled {
            return Ok(Vec::new());
        }
        let mut others = self.access.accounts().filter(|other| other.id != *id);
        let leaves_one = !account.manages(None) || others.any(|other| other.manages(None));
        demand(leaves_one, || Rejection::LastManager(id.clone()))?;
        let account = id.clone();
        let mut events = vec![Event::AccountDisabled { account }];
        events.extend(closed(self.access.sessions_of(id)));
        Ok(events)
    }

    fn enrol_device(
        &self,
        id: &ActorId,
        kind: DeviceKind,
        hall: &HallId,
        digest: &TokenDigest,
    ) -> DecidedEvents {
        self.manages(Some(hall))?;
        self.is_free(id)?;
        self.is_new(digest)?;
        Ok(vec![Event::DeviceEnrolled {
            device: id.clone(),
            kind,
            hall: Some(hall.clone()),
            digest: Some(digest.clone()),
        }])
    }

    fn revoke_device(&self, id: &ActorId) -> DecidedEvents {
        self.is_any_manager()?;
        let known = self.access.device(id);
        let device = known.ok_or_else(|| Rejection::UnknownDevice(id.clone()))?;
        demand(!device.is_demo(), || Rejection::DemoIdentity(id.clone()))?;
        self.manages(device.hall.as_ref())?;
        let revoked = Event::DeviceRevoked { device: id.clone() };
        Ok((!device.revoked).then_some(revoked).into_iter().collect())
    }

    /// An account that exists, is nobody's demo, and is this manager's to change.
    fn managed_account(&self, id: &ActorId) -> Result<&Account, Rejection> {
        self.is_any_manager()?;
        let account = self.account(id)?;
        self.manages(account.hall.as_ref())?;
        Ok(account)
    }

    fn account(&self, id: &ActorId) -> Result<&Account, Rejection> {
        let known = self.access.account(id);
        let account = known.ok_or_else(|| Rejection::UnknownAccount(id.clone()))?;
        demand(!account.is_demo(), || Rejection::DemoIdentity(id.clone()))?;
        Ok(account)
    }

    fn manages(&self, hall: Option<&HallId>) -> Result<(), Rejection> {
        let manages = |account: &Account| account.manages(hall);
        demand(self.acting().is_some_and(manages), || Rejection::NotAllowed)
    }

    /// Asked before anything is looked up, so that only managers learn which ids exist.
    fn is_any_manager(&self) -> Result<(), Rejection> {
        let is_manager = |account: &Account| account.role == StaffRole::Manager;
        demand(self.acting().is_some_and(is_manager), || {
            Rejection::NotAllowed
        })
    }

    /// The account that acts, if it may still act.
    fn acting(&self) -> Option<&Account> {
        match self.actor {
            Actor::Officer(id) | Actor::Usher(id) | Actor::Manager(id) => {
                self.access.account(id).filter(|account| !account.disabled)
            }
            Actor::Citizen | Actor::Kiosk(_) | Actor::Timer => None,
        }
    }

    fn is_the_service(&self) -> Result<(), Rejection> {
        demand(*self.actor == Actor::Timer, || Rejection::NotAllowed)
    }

    /// Accounts and devices share their ids: a log names both the same way.
    fn is_free(&self, id: &ActorId) -> Result<(), Rejection> {
        let is_taken = self.access.account(id).is_some() || self.access.device(id).is_some();
        demand(!is_taken, || Rejection::AlreadyExists(id.clone()))
    }

    fn is_new(&self, digest: &TokenDigest) -> Result<(), Rejection> {
        demand(!self.access.is_known(digest), || Rejection::TokenInUse)
    }
}

/// Signing in and out.
impl Deciding<'_> {
    fn open_session(
        &self,
        digest: &TokenDigest,
        who: &ActorId,
        proof: &Proof,
        expires_at: Time,
    ) -> DecidedEvents {
        let (is_proved, most) = match proof {
            Proof::Secret(verified) => {
                (self.access.secret_of(who) == Some(verified), SESSIONS_MOST)
            }
            Proof::Demo => (self.access.is_demo_identity(who), DEMO_SESSIONS_MOST),
        };
        demand(is_proved, || Rejection::WrongCredentials)?;
        self.is_new(digest)?;
        let expires_at = expires_at.min(self.now + SESSION_LONGEST);
        let opened = Event::SessionOpened {
            digest: digest.clone(),
            who: who.clone(),
            expires_at,
        };
        let surplus = closed(self.surplus(who, most));
        Ok(surplus.into_iter().chain([opened]).collect())
    }

    /// What ends so that one more session of `who` is within `most`: the expired ones, then the oldest.
    fn surplus(&self, who: &ActorId, most: usize) -> impl Iterator<Item = &SignInSession> {
        let mine = self.access.sessions_of(who);
        let (mut live, ended): (Vec<_>, Vec<_>) =
            mine.partition(|session| session.is_live(self.now));
        live.sort_by_key(|session| (session.opened_at, &session.digest));
        live.truncate((live.len() + 1).saturating_sub(most));
        ended.into_iter().chain(live)
    }

    fn close_session(&self, digest: &TokenDigest) -> Vec<Event> {
        Vec::from_iter(closed(self.access.session(digest)))
    }

    fn prune_sessions(&self) -> Vec<Event> {
        let sessions = self.access.sessions();
        let expired = sessions.filter(|session| !session.is_live(self.now));
        Vec::from_iter(closed(expired.take(PRUNED_MOST)))
    }
}

/// What a rule comes to.
type DecidedEvents = Result<Vec<Event>, Rejection>;

fn demand(holds: bool, rejection: impl FnOnce() -> Rejection) -> Result<(), Rejection> {
    if holds { Ok(()) } else { Err(rejection()) }
}

fn closed<'a>(sessions: impl IntoIterator<Item = &'a SignInSession>) -> Option<Event> {
    let digests = Vec::from_iter(sessions.into_iter().map(|session| session.digest.clone()));
    (!digests.is_empty()).then_some(Event::SessionsClosed { digests })
}

fn account_created(wanted: &NewAccount) -> Result<Event, Rejection> {
    let name = wanted.name.trim();
    let fits = (1..=NAME_LONGEST).contains(&name.chars().count());
    let at_most = NAME_LONGEST;
    let is_name = fits && !name.chars().any(char::is_control);
    demand(is_name, || Rejection::Name { at_most })?;
    Ok(Event::AccountCreated {
        account: wanted.id.clone(),
        role: wanted.role,
        hall: wanted.hall.clone(),
        name: name.into(),
        secret: Some(wanted.secret.clone()),
        may_hold_several_windows: wanted.may_hold_several_windows,
    })
}

/// The demo's officer plays every window of a hall by itself.
fn demo_account(id: &str, role: StaffRole, name: &str) -> Event {
    Event::AccountCreated {
        account: demo_id(id),
        role,
        hall: None,
        name: name.into(),
        secret: None,
        may_hold_several_windows: role == StaffRole::Officer,
    }
}

fn demo_device(id: &str, kind: DeviceKind) -> Event {
    Event::DeviceEnrolled {
        device: demo_id(id),
        kind,
        hall: None,
        digest: None,
    }
}

fn demo_id(id: &str) -> ActorId {
    ActorId::parse(id).expect("the demo's ids are short visible ASCII")
}

#[cfg(test)]
mod tests;
