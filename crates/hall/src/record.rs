//! One command's whole batch of events, as the log keeps it: never torn apart.

use crate::Time;
use crate::command::Actor;
use crate::id::{CommandId, Fingerprint};
use serde::{Deserialize, Serialize};

/// A decided command. `version` counts records of one log from 1, without a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record<E> {
    pub version: u64,
    pub at: Time,
    pub actor: Actor,
    pub key: CommandId,
    pub fingerprint: Fingerprint,
    pub events: Vec<E>,
}
