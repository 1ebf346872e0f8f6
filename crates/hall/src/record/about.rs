//! What an event is about; which is which stands beside the events, in [`Event::about`](super::event::Event::about).

use crate::id::{AppointmentId, TicketId, WindowNumber};

/// What one event touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    pub ticket: Option<TicketId>,
    pub appointment: Option<AppointmentId>,
    /// The window whose last command it is, if an officer can take that back.
    pub undoable_at: Option<WindowNumber>,
    /// It changes what it names, and beside that only what is small: the day's figures, the windows, the vouchers and the
    /// newest calls. Such an event is taken back without copying the hall.
    pub is_narrow: bool,
}

impl About {
    pub(super) const NARROW: About = About {
        ticket: None,
        appointment: None,
        undoable_at: None,
        is_narrow: true,
    };

    /// It may change anything in the hall.
    pub(super) const WIDE: About = About {
        is_narrow: false,
        ..About::NARROW
    };

    pub(super) fn ticket(ticket: TicketId) -> About {
        About {
            ticket: Some(ticket),
            ..About::NARROW
        }
    }

    pub(super) fn appointment(appointment: AppointmentId) -> About {
        About {
            appointment: Some(appointment),
            ..About::NARROW
        }
    }

    pub(super) fn undoable_at(self, window: WindowNumber) -> About {
        About {
            undoable_at: Some(window),
            ..self
        }
    }

    pub(super) fn wide(self) -> About {
        About {
            is_narrow: false,
            ..self
        }
    }
}
