//! What people see: pure functions of the hall and the time.
//!
//! A view is always whole. It carries moments rather than durations, so that it changes only when something happened
//! and need not be sent every second. No view has a personal field.

pub mod announcement;
mod appointment;
mod board;
pub mod clip;
mod console;
mod family;
mod kiosk;
mod network;
mod overview;
mod reason;
pub mod sentence;
mod ticket;

pub use appointment::{
    AppointmentView, ExpectedView, SlotView, TicketLink, TimeView, WishView, appointment, expected,
    next_free_slots, slots,
};
pub use board::{BoardView, board};
pub use console::{
    CandidateView, ConsoleTicket, ConsoleView, LeftBehind, SignOffView, console, explain, sign_off,
    to_rate,
};
pub use family::FamilyView;
pub use kiosk::{KioskView, ServiceView, kiosk};
pub use network::{NetworkLine, Trouble, network_line};
pub use overview::{OverviewView, overview};
pub use ticket::{OvertakenBy, TicketView, VoucherView, nearest, ticket};

use crate::id::{ServiceId, WindowNumber, ZoneId};
use crate::plan::class::Class;
use crate::record::wait::Wait;
use crate::state::hall::Hall;
use crate::state::help::HelpView;
use crate::text::Text;
use crate::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// How many wait for a service, and how long one more would.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Waiting {
    pub service: ServiceId,
    pub name: Text,
    pub count: u32,
    pub wait: Option<Wait>,
}

/// A counter as the waiting room sees it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WindowState {
    pub window: WindowNumber,
    pub label: Option<Text>,
    /// `closed`, `open` or `paused`.
    pub state: &'static str,
    /// The number in called or serving.
    pub number: Option<String>,
    pub zone: Option<ZoneId>,
}

fn waiting(hall: &Hall) -> Vec<Waiting> {
    let of = |service: &crate::plan::Service| {
        let count = hall.waiting(&service.id);
        Waiting {
            service: service.id.clone(),
            name: service.name.clone(),
            count,
            wait: hall.wait(&service.id, count),
        }
    };
    hall.plan().services.iter().map(of).collect()
}

fn window_states(hall: &Hall) -> Vec<WindowState> {
    let state = |window: &crate::state::window::Window| WindowState {
        window: window.number,
        label: hall
            .plan()
            .window(window.number)
            .and_then(|plan| plan.label.clone()),
        state: match &window.staffing {
            None => "closed",
            Some(staffing) if staffing.pause.is_some() => "paused",
            Some(_) => "open",
        },
        number: window
            .current()
            .and_then(|id| hall.ticket(id))
            .map(|ticket| ticket.number.to_string()),
        zone: zone_of(hall, window.number),
    };
    hall.windows_in_order().map(state).collect()
}

fn help(hall: &Hall, now: Time) -> Vec<HelpView> {
    let calls = hall.help.iter().filter(|call| call.is_shown(now));
    calls.map(HelpView::from).collect()
}

fn zone_of(hall: &Hall, window: WindowNumber) -> Option<ZoneId> {
    hall.plan().zone_of(window).map(|zone| zone.id.clone())
}

fn service_name(hall: &Hall, service: &ServiceId) -> Text {
    let named = hall
        .plan()
        .service(service)
        .map(|service| service.name.clone());
    named.unwrap_or_else(|| Text::new(service.as_str(), service.as_str()))
}

fn class_label(class: Class) -> Option<Text> {
    class.is_prioritised().then(|| class.label())
}
