//! What a command is answered, rebuilt from its record: the first time and every time it is sent again.

use crate::id::{
    AppointmentCode, AppointmentId, ComplaintId, HelpId, LeaseId, ServiceId, TicketId,
    TicketNumber, Token, WindowNumber,
};
use crate::plan::class::Class;
use crate::plan::slot::SlotId;
use crate::record::Record;
use crate::record::event::{AppointmentListed, Event, TicketTaken};
use crate::record::redirect::RedirectReason;
use crate::record::wait::{UnknownWait, Wait};
use crate::state::appointment::StandingName;
use crate::state::hall::Hall;
use crate::state::ticket::StageName;
use crate::text::Text;
use crate::time::{DateTime, Time};
use serde::Serialize;
use utoipa::ToSchema;

/// The answer to a command that the rules allowed.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A number was given out.
    Taken(TakenTicket),
    /// A window acted; its ticket now.
    Window(WindowAnswer),
    /// Something happened to one ticket.
    Ticket(TicketId),
    /// No number for now, but other ways: not a refusal, because it is kept.
    Redirected(Redirected),
    /// Places are kept while the form is filled.
    Held(HeldPlace),
    /// Booked, or on the waiting list.
    Booked(BookedPlace),
    /// Something happened to one appointment.
    Appointment(AppointmentId),
    /// Whoever wanted to come from another hall gets no number here.
    Declined { why: Text },
    /// The plan in force, and the bookings that were moved for it.
    Plan {
        revision: u64,
        moved: Vec<AppointmentId>,
    },
    /// These blocks of numbers are the kiosk's.
    Leased(Vec<LeaseId>),
    /// Somebody was called for help.
    HelpAsked(HelpId),
    /// What could not be done is in writing.
    ComplaintLeft(ComplaintId),
    /// It is so.
    Done,
}

/// Why a citizen got no number, and whether he can have one all the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Redirected {
    pub service: ServiceId,
    pub reason: RedirectReason,
    pub may_insist: bool,
    pub opens_at: Option<Time>,
}

/// A place that is kept for a while.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HeldPlace {
    /// The hold's key: say it when booking.
    pub token: Token,
    pub service: ServiceId,
    pub slot: SlotId,
    pub places: u16,
    pub until: DateTime,
}

/// What whoever booked gets.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BookedPlace {
    #[serde(skip)]
    pub appointment: AppointmentId,
    /// To type at the kiosk.
    pub code: AppointmentCode,
    pub token: Token,
    pub service: ServiceId,
    /// `booked`, or `listed` while it waits for a place.
    pub standing: StandingName,
    pub slot: SlotId,
    pub places: u16,
    pub starts_at: DateTime,
    pub ends_at: DateTime,
}

/// What the citizen gets.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TakenTicket {
    #[serde(skip)]
    pub ticket: TicketId,
    pub number: TicketNumber,
    pub token: Token,
    pub service: ServiceId,
    pub class: Class,
    /// How many are ahead.
    pub ahead: u32,
    /// How long it may take.
    pub wait: Option<Wait>,
    /// Why that is not known.
    pub wait_unknown: Option<UnknownWait>,
    pub taken_at: DateTime,
}

/// What the officer gets.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WindowAnswer {
    pub window: WindowNumber,
    /// The ticket in called or serving here after the command.
    pub ticket: Option<WindowTicket>,
}

/// A ticket at a window.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WindowTicket {
    pub number: TicketNumber,
    pub service: ServiceId,
    pub class: Class,
    pub stage: StageName,
}

impl Answer {
    /// The answer to the command of this record. `hall` has applied it, perhaps long ago.
    pub fn of(hall: &Hall, record: &Record<Event>) -> Answer {
        let mut answer = Answer::Done;
        for event in &record.events {
            answer = Answer::after(hall, record, event, answer);
        }
        answer
    }

    /// What a window has now.
    pub(crate) fn window_now(hall: &Hall, window: WindowNumber) -> Answer {
        let current = hall.staffing(window).and_then(|staffing| staffing.current);
        let ticket = current.and_then(|id| hall.ticket(id));
        let ticket = ticket.and_then(|now| window_ticket(hall, (now.id, None, now.stage.name())));
        Answer::Window(WindowAnswer { window, ticket })
    }

    /// The answer of a window that had nothing to do.
    pub fn idle(window: WindowNumber) -> Answer {
        Answer::Window(WindowAnswer {
            window,
            ticket: None,
        })
    }

    /// What the events so far are answered, one more counted in. Most events leave the answer as it is.
    fn after(hall: &Hall, record: &Record<Event>, event: &Event, before: Answer) -> Answer {
        if let Some((window, left)) = event.leaves_at_window() {
            let ticket = left.and_then(|left| window_ticket(hall, left));
            return Answer::Window(WindowAnswer { window, ticket });
        }
        match event {
            Event::TicketTaken(taken) => Answer::Taken(taken_ticket(taken, record.at)),
            Event::TicketReturned { ticket, .. }
            | Event::TicketDeferred { ticket, .. }
            | Event::HolderResumed { ticket, .. }
            | Event::ServiceChanged { ticket, .. }
            | Event::TicketReprinted { ticket }
            | Event::TicketCancelled { ticket }
            | Event::TicketRated { ticket, .. }
            | Event::TicketLeaving { ticket, .. }
            | Event::TicketMoved { ticket, .. }
            | Event::TicketStayed { ticket, .. } => match before {
                Answer::Done => Answer::Ticket(*ticket),
                other => other,
            },
            Event::TicketHandedOn { ticket, window, .. }
            | Event::VoucherGiven { ticket, window, .. } => match (window, before) {
                (Some(window), Answer::Done) => Answer::idle(*window),
                (None, Answer::Done) if record.events.first() == Some(event) => {
                    Answer::Ticket(*ticket) // else the whole hall was interrupted
                }
                (_, before) => before,
            },
            Event::HelpAsked { help, .. } => Answer::HelpAsked(*help),
            Event::ComplaintLeft { complaint, .. } => match before {
                // a line for the manager about a number that was reported late
                taken @ Answer::Taken(_) => taken,
                _ => Answer::ComplaintLeft(*complaint),
            },
            Event::NumbersLeased { lease, .. } => match before {
                Answer::Leased(leases) => Answer::Leased([leases, vec![*lease]].concat()),
                _ => Answer::Leased(vec![*lease]),
            },
            Event::ArrivalDeclined { why, .. } => Answer::Declined { why: why.clone() },
            Event::PlanAdopted { plan } => Answer::Plan {
                revision: plan.revision,
                moved: Vec::new(),
            },
            Event::CitizenRedirected {
                service,
                reason,
                may_insist,
                opens_at,
            } => Answer::Redirected(Redirected {
                service: service.clone(),
                reason: *reason,
                may_insist: *may_insist,
                opens_at: *opens_at,
            }),
            Event::PlaceHeld {
                token,
                service,
                reservation,
                until,
                ..
            } => Answer::Held(HeldPlace {
                token: token.clone(),
                service: service.clone(),
                slot: reservation.first_slot().clone(),
                places: reservation.places,
                until: *until,
            }),
            Event::AppointmentBooked(booked) => Answer::Booked(BookedPlace {
                appointment: booked.appointment,
                code: booked.code.clone(),
                token: booked.token.clone(),
                service: booked.service.clone(),
                standing: StandingName::Booked,
                slot: booked.reservation.first_slot().clone(),
                places: booked.reservation.places,
                starts_at: booked.reservation.starts_at,
                ends_at: booked.reservation.ends_at,
            }),
            Event::AppointmentListed(listed) => listed_for(record, listed),
            Event::AppointmentMoved { appointment, .. } => match before {
                Answer::Plan {
                    revision,
                    mut moved,
                } => {
                    moved.push(*appointment);
                    Answer::Plan { revision, moved }
                }
                before => touched(*appointment, before),
            },
            Event::HoldEnded { appointment }
            | Event::WaitListJoined { appointment, .. }
            | Event::WaitListLeft { appointment }
            | Event::OfferConfirmed { appointment }
            | Event::AppointmentCancelled { appointment, .. }
            | Event::NoShowRecorded { appointment, .. }
            | Event::OfficerAssigned { appointment, .. }
            | Event::HomeVisitRecorded { appointment, .. } => touched(*appointment, before),
            _ => before,
        }
    }
}

/// The first appointment a record touches is the one it was about.
fn touched(appointment: AppointmentId, before: Answer) -> Answer {
    match before {
        Answer::Done => Answer::Appointment(appointment),
        other => other,
    }
}

/// What a newcomer on the waiting list gets: the place it waits for is in the same record.
fn listed_for(record: &Record<Event>, listed: &AppointmentListed) -> Answer {
    let wished = record.events.iter().find_map(|event| match event {
        Event::WaitListJoined {
            appointment,
            reservation,
            ..
        } if *appointment == listed.appointment => Some(reservation),
        _ => None,
    });
    let Some(wished) = wished else {
        return Answer::Appointment(listed.appointment);
    };
    Answer::Booked(BookedPlace {
        appointment: listed.appointment,
        code: listed.code.clone(),
        token: listed.token.clone(),
        service: listed.service.clone(),
        standing: StandingName::Listed,
        slot: wished.first_slot().clone(),
        places: wished.places,
        starts_at: wished.starts_at,
        ends_at: wished.ends_at,
    })
}

fn taken_ticket(taken: &TicketTaken, at: Time) -> TakenTicket {
    TakenTicket {
        ticket: taken.ticket,
        number: taken.number.clone(),
        token: taken.token.clone(),
        service: taken.service.clone(),
        class: taken.class,
        ahead: taken.ahead,
        wait: taken.wait,
        wait_unknown: taken.wait_unknown.map(UnknownWait::from),
        taken_at: taken.taken_at.unwrap_or(at),
    }
}

fn window_ticket(
    hall: &Hall,
    (ticket, service, stage): (TicketId, Option<&ServiceId>, StageName),
) -> Option<WindowTicket> {
    let ticket = hall.ticket(ticket)?;
    Some(WindowTicket {
        number: ticket.number.clone(),
        service: service.unwrap_or(&ticket.service).clone(),
        class: ticket.class,
        stage,
    })
}
