//! What several surfaces show of the waiting room: who waits, which windows are open, what things are called.

use crate::id::{ServiceId, WindowNumber, ZoneId};
use crate::plan::Service;
use crate::plan::class::Class;
use crate::record::wait::{UnknownWait, Wait};
use crate::rules::estimate;
use crate::state::hall::Hall;
use crate::state::help::HelpView;
use crate::state::window::Window;
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
    /// Why there is no range.
    pub wait_unknown: Option<UnknownWait>,
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

pub(super) fn waiting(hall: &Hall, now: Time) -> Vec<Waiting> {
    let of = |service: &Service| {
        let told = estimate::wait_of_one_more(hall, &service.id, now);
        Waiting {
            service: service.id.clone(),
            name: service.name.clone(),
            count: hall.waiting(&service.id),
            wait: told.ok(),
            wait_unknown: told.err().map(UnknownWait::from),
        }
    };
    hall.plan().services.iter().map(of).collect()
}

pub(super) fn window_states(hall: &Hall) -> Vec<WindowState> {
    let label = |number| hall.plan().window(number)?.label.clone();
    let state = |window: &Window| WindowState {
        window: window.number,
        label: label(window.number),
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

pub(super) fn help(hall: &Hall, now: Time) -> Vec<HelpView> {
    let calls = hall.help().iter().filter(|call| call.is_shown(now));
    calls.map(HelpView::from).collect()
}

pub(super) fn zone_of(hall: &Hall, window: WindowNumber) -> Option<ZoneId> {
    hall.plan().zone_of(window).map(|zone| zone.id.clone())
}

pub(super) fn service_name(hall: &Hall, service: &ServiceId) -> Text {
    let named = hall.plan().service(service);
    let named = named.map(|service| service.name.clone());
    named.unwrap_or_else(|| Text::new(service.as_str(), service.as_str()))
}

pub(super) fn class_label(class: Class) -> Option<Text> {
    class.is_prioritised().then(|| class.label())
}

/// What to bring for a service.
pub(super) fn documents(hall: &Hall, service: &ServiceId) -> Vec<Text> {
    let service = hall.plan().service(service);
    service.map_or(Vec::new(), |service| service.documents.clone())
}
