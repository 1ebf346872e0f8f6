//! What an event is about: the one list of all events beside the fold itself.
//!
//! The match has no default arm, so a new event does not compile until it is said here what it touches. Whoever cares
//! for a few events only (the answer, the notifications) defaults the rest.

use crate::id::{AppointmentId, TicketId, WindowNumber};
use crate::record::event::Event;

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
    const NARROW: About = About {
        ticket: None,
        appointment: None,
        undoable_at: None,
        is_narrow: true,
    };

    /// It may change anything in the hall.
    const WIDE: About = About {
        is_narrow: false,
        ..About::NARROW
    };

    fn ticket(ticket: TicketId) -> About {
        About {
            ticket: Some(ticket),
            ..About::NARROW
        }
    }

    fn appointment(appointment: AppointmentId) -> About {
        About {
            appointment: Some(appointment),
            ..About::NARROW
        }
    }

    fn undoable_at(self, window: WindowNumber) -> About {
        About {
            undoable_at: Some(window),
            ..self
        }
    }

    fn wide(self) -> About {
        About {
            is_narrow: false,
            ..self
        }
    }
}

impl Event {
    /// What it touches.
    pub fn about(&self) -> About {
        match self {
            // one that stands for another command leaves that command's mark too
            Event::TicketTaken(taken) if taken.instead_of.is_some() => {
                About::ticket(taken.ticket).wide()
            }
            Event::TicketTaken(taken) => About::ticket(taken.ticket),
            Event::TicketCalled { ticket, window, .. }
            | Event::TicketRecalled { ticket, window, .. }
            | Event::ServiceStarted { ticket, window, .. }
            | Event::ServiceFinished { ticket, window, .. }
            | Event::TicketMissed { ticket, window }
            | Event::TicketParked { ticket, window, .. }
            | Event::ServiceResumed { ticket, window, .. }
            | Event::TicketTransferred { ticket, window, .. }
            | Event::NextServiceAdded { ticket, window, .. } => {
                About::ticket(*ticket).undoable_at(*window)
            }
            Event::TicketReturned { ticket, .. }
            | Event::TicketDeferred { ticket, .. }
            | Event::HolderResumed { ticket, .. }
            | Event::ServiceChanged { ticket, .. }
            | Event::TicketReprinted { ticket }
            | Event::TicketCancelled { ticket }
            | Event::TicketRated { ticket, .. }
            | Event::VoucherGiven { ticket, .. }
            | Event::TicketLeaving { ticket, .. }
            | Event::TicketMoved { ticket, .. }
            | Event::TicketStayed { ticket, .. } => About::ticket(*ticket),
            Event::TicketHandedOn { ticket, .. } | Event::TicketUnserved { ticket } => {
                About::ticket(*ticket).wide()
            }
            Event::ComplaintLeft { ticket, .. } => About {
                ticket: *ticket,
                ..About::WIDE
            },

            Event::AppointmentBooked(booked) => About::appointment(booked.appointment),
            Event::AppointmentListed(listed) => About::appointment(listed.appointment),
            Event::PlaceHeld { appointment, .. }
            | Event::HoldEnded { appointment }
            | Event::WaitListJoined { appointment, .. }
            | Event::WaitListLeft { appointment }
            | Event::PlaceOffered { appointment, .. }
            | Event::OfferConfirmed { appointment }
            | Event::AppointmentMoved { appointment, .. }
            | Event::AppointmentCancelled { appointment, .. }
            | Event::AppointmentCheckedIn { appointment, .. }
            | Event::PlaceGivenOnTheSpot { appointment, .. }
            | Event::OfficerAssigned { appointment, .. }
            | Event::HomeVisitRecorded { appointment, .. } => About::appointment(*appointment),
            Event::NoShowRecorded { appointment, .. } => About::appointment(*appointment).wide(),

            Event::WindowPaused { window, .. } | Event::WindowResumed { window } => {
                About::NARROW.undoable_at(*window)
            }
            Event::WindowOpened { .. }
            | Event::CitizenRedirected { .. }
            | Event::OverrunForeseen { .. }
            | Event::OverrunOver { .. }
            | Event::ArrivalDeclined { .. } => About::NARROW,
            Event::PlanAdopted { .. }
            | Event::DayOpened { .. }
            | Event::DayClosed { .. }
            | Event::WindowTakenOver { .. }
            | Event::WindowClosed { .. }
            | Event::SignOffOverridden { .. }
            | Event::CommandUndone { .. }
            | Event::HallInterrupted { .. }
            | Event::ServiceSuspended { .. }
            | Event::SuspensionEnded { .. }
            | Event::CallingPaused { .. }
            | Event::CallingResumed
            | Event::NoticesPosted { .. }
            | Event::HelpedOnline { .. }
            | Event::NumbersLeased { .. }
            | Event::NumbersSkipped { .. }
            | Event::HelpAsked { .. }
            | Event::HelpAnswered { .. }
            | Event::ComplaintAnswered { .. } => About::WIDE,
        }
    }

    /// The ticket that came into being with it.
    pub fn taken(&self) -> Option<TicketId> {
        match self {
            Event::TicketTaken(taken) => Some(taken.ticket),
            _ => None,
        }
    }
}
