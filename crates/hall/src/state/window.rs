//! A counter, and the officer who staffs it. A window has one ticket in called or serving at most.

use crate::id::{ActorId, ServiceId, TicketId, WindowNumber};
use crate::state::day::ServiceDay;
use crate::state::ticket::Ticket;
use crate::state::voucher::Voucher;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// A window of the plan as it stands now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    pub number: WindowNumber,
    /// Nobody sits here when `None`.
    pub staffing: Option<Staffing>,
    /// What the last command here can be taken back to.
    pub undo: Option<Undo>,
    /// Version of the last record that touched it.
    pub changed: u64,
}

/// One officer's time at a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Staffing {
    pub officer: ActorId,
    pub since: Time,
    /// The services taken here now; a subset of what the plan's window offers.
    pub services: Vec<ServiceId>,
    /// The ticket in called or serving.
    pub current: Option<TicketId>,
    /// The ticket finished here last: another service of the same visit can be added to it.
    pub last_finished: Option<TicketId>,
    pub pause: Option<Pause>,
}

/// A break.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pause {
    pub since: Time,
    pub reason: String,
}

/// How the window and its tickets stood before its last command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Undo {
    /// The record to take back.
    pub version: u64,
    pub at: Time,
    pub staffing: Option<Staffing>,
    pub tickets: Vec<Ticket>,
    /// Tickets whose finish gave a voucher.
    pub vouchers: Vec<TicketId>,
    /// The vouchers of these tickets that the command replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Voucher>,
    /// What the day remembered of their services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<UndoFigures>,
}

/// The day's figures of one service around a command: put back as they were if nothing else has changed them since,
/// else only what the command itself added is taken out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UndoFigures {
    pub service: ServiceId,
    pub before: ServiceDay,
    pub after: ServiceDay,
}

impl Window {
    /// A window that nobody has staffed yet.
    pub fn unstaffed(number: WindowNumber) -> Window {
        Window {
            number,
            staffing: None,
            undo: None,
            changed: 0,
        }
    }

    /// The ticket in called or serving here.
    pub fn current(&self) -> Option<TicketId> {
        self.staffing.as_ref().and_then(|staffing| staffing.current)
    }
}

impl Staffing {
    /// Whether this officer takes the service at this window now.
    pub fn takes(&self, service: &ServiceId) -> bool {
        self.services.contains(service)
    }
}
