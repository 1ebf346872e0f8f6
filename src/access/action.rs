//! What somebody wants of the register. Hashes, digests and times arrive in it; deciding draws and reads nothing.
//!
//! Managers' actions come with the id of their request. The others have no such id, so the functions below make their
//! commands, each with an id that follows from what is wanted: sent twice, or by two instances, one takes effect.

use crate::access::account::{NewAccount, SecretHash};
use crate::access::device::DeviceKind;
use crate::access::session::TokenDigest;
use hall::id::{ActorId, CommandId, Fingerprint, HallId};
use hall::{Actor, Command, Time};

/// Everything that can be wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    // first run
    IssueSetupToken {
        digest: TokenDigest,
        expires_at: Time,
    },
    CreateFirstManager {
        setup: TokenDigest,
        id: ActorId,
        name: String,
        secret: SecretHash,
    },
    AdmitDemo,

    // managers
    CreateAccount(NewAccount),
    SetSecret {
        account: ActorId,
        secret: SecretHash,
    },
    DisableAccount {
        account: ActorId,
    },
    EnrolDevice {
        device: ActorId,
        kind: DeviceKind,
        hall: HallId,
        digest: TokenDigest,
    },
    RevokeDevice {
        device: ActorId,
    },

    // signing in and out
    OpenSession {
        digest: TokenDigest,
        who: ActorId,
        proof: Proof,
        expires_at: Time,
    },
    CloseSession {
        digest: TokenDigest,
    },
    PruneSessions,
}

/// What stands behind a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The secret was verified against this hash. If it was changed meanwhile, the old one opens nothing.
    Secret(SecretHash),
    /// The demo lets everybody in, and only as its own identities.
    Demo,
}

/// The service prints a token with which the first manager is made.
pub fn issue_setup_token(digest: TokenDigest, expires_at: Time, at: Time) -> Command<Action> {
    let id = format!("setup/{digest}");
    let action = Action::IssueSetupToken { digest, expires_at };
    command(id, Actor::Timer, action, at)
}

/// The service is a demo and lets everybody in.
pub fn admit_demo(at: Time) -> Command<Action> {
    let id = "demo/identities".into();
    command(id, Actor::Timer, Action::AdmitDemo, at)
}

/// Expired sessions are forgotten, at most once an hour: each time is a record.
pub(super) fn prune_sessions(at: Time) -> Command<Action> {
    let id = format!("timer/sessions/{}", at.timestamp().div_euclid(3_600));
    command(id, Actor::Timer, Action::PruneSessions, at)
}

/// Somebody has proved to be `who`. Draw a new token for every attempt: the id follows from it.
pub fn open_session(
    digest: TokenDigest,
    who: ActorId,
    proof: Proof,
    expires_at: Time,
    at: Time,
) -> Command<Action> {
    let id = format!("session/{digest}");
    let action = Action::OpenSession {
        digest,
        who,
        proof,
        expires_at,
    };
    command(id, Actor::Citizen, action, at)
}

/// The holder of a token signs out.
pub fn close_session(digest: TokenDigest, at: Time) -> Command<Action> {
    let id = format!("session-end/{digest}");
    command(id, Actor::Citizen, Action::CloseSession { digest }, at)
}

fn command(id: String, actor: Actor, action: Action, at: Time) -> Command<Action> {
    Command {
        id: CommandId::parse(id).expect("a word and at most 64 digits make a command id"),
        fingerprint: Fingerprint::parse("0").expect("a digit is a fingerprint"),
        actor,
        at,
        action,
    }
}
