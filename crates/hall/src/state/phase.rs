//! The phases of a day by name; `rules::phase` says which one it is at a moment.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The phases of a day, from the least to the most open: the hall's phase is the greatest of its services'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Start of the day, or a day off.
    Closed,
    /// After the last session, nobody left.
    Done,
    /// After a session's last ticket, before the next session's first number.
    Between,
    /// The session is over and somebody who took a number is not done.
    ServingOut,
    /// Numbers are issued, the doors open soon.
    EarlyOpen,
    /// The last half hour of a session, or longer when so many wait that a ticket taken now would be called too long
    /// after closing.
    NearClosing,
    Open,
}

impl Phase {
    /// Whether numbers are given out.
    pub fn issues(self) -> bool {
        matches!(self, Phase::EarlyOpen | Phase::Open | Phase::NearClosing)
    }

    /// The name other programs see.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Closed => "closed",
            Phase::Done => "done",
            Phase::Between => "between",
            Phase::ServingOut => "serving_out",
            Phase::EarlyOpen => "early_open",
            Phase::NearClosing => "near_closing",
            Phase::Open => "open",
        }
    }
}
