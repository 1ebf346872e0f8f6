//! The accounts of people who sign in. An account is never deleted, only disabled: the audit names it for years, and
//! nobody else may get its id.

use crate::written::{hidden, stored_as_text};
use hall::id::{ActorId, HallId};
use serde::{Deserialize, Serialize};

/// One person's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What is typed to sign in; an officer's number.
    pub id: ActorId,
    pub role: StaffRole,
    /// The one hall it works in; none means every hall of this store.
    pub hall: Option<HallId>,
    pub name: String,
    /// None for a demo identity: nothing that could be typed opens it.
    pub secret: Option<SecretHash>,
    pub may_hold_several_windows: bool,
    pub disabled: bool,
}

impl Account {
    /// Whether the demo made it, for people who try the product out.
    pub fn is_demo(&self) -> bool {
        self.secret.is_none()
    }

    /// Whether this manager decides over accounts and devices of `hall` (none: those of the whole store).
    pub fn manages(&self, hall: Option<&HallId>) -> bool {
        self.role == StaffRole::Manager
            && !self.disabled
            && (self.hall.is_none() || self.hall.as_ref() == hall)
    }
}

/// An account that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    pub id: ActorId,
    pub role: StaffRole,
    pub hall: Option<HallId>,
    pub name: String,
    pub secret: SecretHash,
    pub may_hold_several_windows: bool,
}

/// What a person is in the hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    Officer,
    Usher,
    Manager,
}

/// The argon2id hash of a password or PIN, as a PHC string.
///
/// The type is the wall that keeps plain secrets out of the log: nothing else parses as one. It is not shown in
/// debug output, so that a logged command does not give it away.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretHash(String);

impl SecretHash {
    /// Longest PHC string kept; ours have 97 characters.
    const LONGEST: usize = 255;

    /// Checks and keeps a PHC string.
    pub fn parse(phc: impl Into<String>) -> Result<SecretHash, NotAHash> {
        let phc = phc.into();
        let valid =
            phc.starts_with("$argon2id$v=19$") && phc.len() <= Self::LONGEST && phc.is_ascii();
        valid.then_some(SecretHash(phc)).ok_or(NotAHash)
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

hidden!(SecretHash);
stored_as_text!(SecretHash or NotAHash);

/// The text is no argon2id PHC string. It is not repeated: it may be somebody's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an argon2id PHC string")]
pub struct NotAHash;
