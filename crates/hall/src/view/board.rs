//! The wall board: recent calls, windows, who waits, notices. Nothing personal.

use super::waiting_room::{Waiting, WindowState, service_name, waiting, window_states, zone_of};
use crate::id::{HallId, ServiceId, TicketNumber, WindowNumber, ZoneId};
use crate::plan::zone::ZoneView;
use crate::rules::phase;
use crate::state::hall::{Call, Hall};
use crate::state::phase::Phase;
use crate::state::ticket::{Channel, Stage, Ticket};
use crate::text::{Language, Text};
use crate::time::{DateTime, Time};
use crate::view::announcement::announcement;
use crate::view::clip::Clip;
use crate::view::sentence::{Surface, sentence};
use chrono::Duration;
use serde::Serialize;
use utoipa::ToSchema;

/// A call stays at least this long, so that a board that was away still shows and speaks it.
const SHOWN_AT_LEAST: Duration = Duration::seconds(60);

/// What a wall display shows.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BoardView {
    pub hall: HallId,
    pub name: Text,
    pub phase: Phase,
    pub sentence: Text,
    pub now: DateTime,
    /// Newest first; each until it is served, and at least a minute.
    pub calls: Vec<CallView>,
    pub windows: Vec<WindowState>,
    /// The parts of the waiting room that a board may be for.
    pub zones: Vec<ZoneView>,
    pub waiting: Vec<Waiting>,
    pub notices: Vec<Text>,
    /// Why nobody is called in the whole hall just now; absent while calling goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calling_paused: Option<String>,
}

/// One ticket's newest announcement.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CallView {
    /// Identifies the announcement: each is spoken once.
    pub version: u64,
    #[schema(value_type = String)]
    pub number: TicketNumber,
    pub window: WindowNumber,
    /// Where that window is.
    pub zone: Option<ZoneId>,
    pub service: ServiceId,
    pub service_name: Text,
    /// How often it has been announced.
    pub times: u8,
    pub at: DateTime,
    /// What to say.
    pub speak: Text,
    /// What is said in: the language that the ticket was taken in.
    pub language: Language,
    /// What to say, as clips of the hall's voice in the order in which they are played.
    #[schema(value_type = Vec<String>)]
    pub clips: Vec<Clip>,
}

/// The board at this moment.
pub fn board(hall: &Hall, now: Time) -> BoardView {
    let notices = hall
        .notices()
        .iter()
        .filter(|notice| notice.until.is_none_or(|until| now < until));
    BoardView {
        hall: hall.id().clone(),
        name: hall.plan().name.clone(),
        phase: phase::of_hall(hall, now),
        sentence: sentence(hall, now, Surface::Board),
        now: hall.plan().local(now),
        calls: calls(hall, now),
        windows: window_states(hall),
        zones: hall.plan().zones.iter().map(ZoneView::from).collect(),
        waiting: waiting(hall, now),
        notices: notices.map(|notice| notice.text.clone()).collect(),
        calling_paused: hall.calling_paused().map(str::to_owned),
    }
}

fn calls(hall: &Hall, now: Time) -> Vec<CallView> {
    let mut seen = std::collections::BTreeSet::new();
    let newest = hall.calls().iter().filter(|call| seen.insert(call.ticket));
    let shown = newest.filter_map(|call| Some((call, hall.ticket(call.ticket)?)));
    let announced = shown.filter(|(_, ticket)| ticket.channel != Channel::Window);
    announced
        .filter(|(call, ticket)| is_shown(call, ticket, now))
        .map(|(call, ticket)| call_view(hall, call, ticket))
        .collect()
}

fn is_shown(call: &Call, ticket: &Ticket, now: Time) -> bool {
    let still_here = match ticket.stage {
        Stage::Called { window, .. } | Stage::Serving { window, .. } => window == call.window,
        _ => false,
    };
    still_here || now < call.at + SHOWN_AT_LEAST
}

fn call_view(hall: &Hall, call: &Call, ticket: &Ticket) -> CallView {
    let (number, window) = (&ticket.number, call.window);
    let said = announcement(number, window, ticket.language);
    CallView {
        version: call.version,
        number: number.clone(),
        window,
        zone: zone_of(hall, window),
        service: ticket.service.clone(),
        service_name: service_name(hall, &ticket.service),
        times: call.times,
        at: hall.plan().local(call.at),
        speak: said.text,
        language: said.language,
        clips: said.clips,
    }
}
