//! What a command is answered, rebuilt from its record: the first time and every time it is sent again.

use crate::Time;
use crate::estimate::Wait;
use crate::event::{Event, TicketTaken};
use crate::hall::Hall;
use crate::id::{ServiceId, TicketId, TicketNumber, Token, WindowNumber};
use crate::record::Record;
use crate::ticket::{Class, StageName};
use crate::window::Window;
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
    /// The plan in force.
    Plan { revision: u64 },
    /// It is so.
    Done,
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
    #[schema(value_type = String, format = DateTime)]
    pub taken_at: Time,
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
        window_now(hall, window)
    }

    /// The answer of a window that had nothing to do.
    pub fn idle(window: WindowNumber) -> Answer {
        Answer::Window(WindowAnswer {
            window,
            ticket: None,
        })
    }

    fn after(hall: &Hall, record: &Record<Event>, event: &Event, before: Answer) -> Answer {
        match event {
            Event::TicketTaken(taken) => Answer::Taken(taken_ticket(taken, record.at)),
            Event::TicketCalled {
                ticket,
                window,
                service,
                ..
            }
            | Event::TicketRecalled {
                ticket,
                window,
                service,
            } => has(hall, *window, *ticket, service.as_ref(), StageName::Called),
            Event::ServiceStarted {
                ticket,
                window,
                service,
                ..
            }
            | Event::ServiceResumed {
                ticket,
                window,
                service,
                ..
            } => has(hall, *window, *ticket, service.as_ref(), StageName::Serving),
            Event::ServiceFinished { window, .. }
            | Event::TicketMissed { window, .. }
            | Event::TicketParked { window, .. }
            | Event::TicketTransferred { window, .. }
            | Event::NextServiceAdded { window, .. }
            | Event::WindowOpened { window, .. }
            | Event::WindowClosed { window }
            | Event::WindowPaused { window, .. }
            | Event::WindowResumed { window }
            | Event::SignOffOverridden { window, .. } => Answer::idle(*window),
            Event::WindowTakenOver { window, ticket, .. }
            | Event::CommandUndone { window, ticket, .. } => match ticket {
                Some(at) => has(hall, *window, at.ticket, Some(&at.service), at.stage),
                None => Answer::idle(*window),
            },
            Event::TicketReturned { ticket, .. }
            | Event::TicketDeferred { ticket, .. }
            | Event::HolderCameBack { ticket, .. }
            | Event::ServiceChanged { ticket, .. }
            | Event::TicketReprinted { ticket }
            | Event::TicketCancelled { ticket }
            | Event::TicketRated { ticket, .. } => match before {
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
            Event::TicketUnserved { .. }
            | Event::DayOpened { .. }
            | Event::DayClosed { .. }
            | Event::HallInterrupted { .. }
            | Event::ServiceSuspended { .. }
            | Event::SuspensionEnded { .. }
            | Event::CallingPaused { .. }
            | Event::CallingResumed
            | Event::NoticesPosted { .. }
            | Event::HelpedOnline { .. } => before,
            Event::PlanAdopted { plan } => Answer::Plan {
                revision: plan.revision,
            },
        }
    }
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
        taken_at: at,
    }
}

/// A window that had a ticket. Its service may have changed since, so the event says it; records older than that do not.
fn has(
    hall: &Hall,
    window: WindowNumber,
    ticket: TicketId,
    service: Option<&ServiceId>,
    stage: StageName,
) -> Answer {
    let ticket = hall.ticket(ticket).map(|ticket| WindowTicket {
        number: ticket.number.clone(),
        service: service.unwrap_or(&ticket.service).clone(),
        class: ticket.class,
        stage,
    });
    Answer::Window(WindowAnswer { window, ticket })
}

fn window_now(hall: &Hall, window: WindowNumber) -> Answer {
    let current = hall.windows.get(&window).and_then(Window::current);
    match current.and_then(|id| hall.ticket(id)) {
        Some(ticket) => has(hall, window, ticket.id, None, ticket.stage.name()),
        None => Answer::idle(window),
    }
}
