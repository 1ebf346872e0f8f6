//! What somebody wants, what happened, and what he is answered.
//!
//! A [`Record`] is one command's whole batch of events, as the log keeps it: never torn apart.

pub mod about;
pub mod answer;
pub mod command;
pub mod event;
pub mod redirect;
pub mod rejection;
pub mod wait;

use crate::id::{CommandId, Fingerprint};
use crate::record::command::Actor;
use crate::time::Time;
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
