//! Giving up a place here for one in another hall: what a ticket knows of its way.
//!
//! A move is three records in two logs. Here the ticket is *leaving*: it keeps its place and nobody calls it. There the
//! arrival is decided once, under the command id that the leaving named: a number or a refusal, whichever was first,
//! for ever. Here again the ticket has *moved* or it *stays*. Who carries a move from one log to the other is not of
//! this crate.

use crate::id::{CommandId, HallId, TicketNumber, Token};
use crate::time::Time;
use chrono::Duration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An arrival that was asked for longer ago than this is refused: a place nobody reckons with any more is not taken.
/// It is also far shorter than a hall remembers its commands, so no arrival can be decided twice.
pub const ARRIVES_WITHIN: Duration = Duration::minutes(10);

/// On its way: how the place in the other hall is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    pub hall: HallId,
    /// The other hall decides this command once.
    pub arrival: CommandId,
    /// The key of the ticket there.
    pub token: Token,
    pub since: Time,
}

/// Where a ticket went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Moved {
    pub hall: HallId,
    pub number: TicketNumber,
    pub token: Token,
}

/// Where a ticket came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CameFrom {
    pub hall: HallId,
    pub number: TicketNumber,
}
