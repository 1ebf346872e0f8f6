//! What happens to a window.

use super::{change_staffing, change_window};
use crate::id::{ActorId, ServiceId, TicketId, WindowNumber};
use crate::state::hall::Hall;
use crate::state::ticket::{PlaceInLine, Stage, Ticket};
use crate::state::window::{Pause, Staffing};
use crate::time::Time;

pub(super) fn opened(
    hall: &mut Hall,
    version: u64,
    at: Time,
    window: WindowNumber,
    officer: &ActorId,
    services: &[ServiceId],
) {
    change_window(hall, window, version, |window| {
        window.undo = None;
        window.staffing = Some(Staffing {
            officer: officer.clone(),
            since: at,
            services: services.to_vec(),
            current: None,
            last_finished: None,
            pause: None,
        });
    });
}

pub(super) fn taken_over(
    hall: &mut Hall,
    version: u64,
    at: Time,
    window: WindowNumber,
    officer: &ActorId,
    services: &[ServiceId],
) {
    let mut serving = None;
    change_window(hall, window, version, |window| {
        window.undo = None;
        if let Some(staffing) = &mut window.staffing {
            staffing.officer = officer.clone();
            staffing.since = at;
            staffing.services = services.to_vec();
            staffing.pause = None;
            serving = staffing.current;
        }
    });
    if let Some(ticket) = serving {
        hall.change_ticket(ticket, version, |ticket| {
            if let Stage::Serving { officer: by, .. } = &mut ticket.stage {
                *by = officer.clone();
            }
        });
    }
}

pub(super) fn paused(
    hall: &mut Hall,
    version: u64,
    at: Time,
    window: WindowNumber,
    reason: String,
) {
    change_staffing(hall, window, version, |staffing| {
        staffing.pause = Some(Pause { since: at, reason });
    });
}

pub(super) fn resumed(hall: &mut Hall, version: u64, window: WindowNumber) {
    change_staffing(hall, window, version, |staffing| staffing.pause = None);
}

pub(super) fn closed(hall: &mut Hall, version: u64, window: WindowNumber) {
    change_window(hall, window, version, |window| {
        window.staffing = None;
        window.undo = None;
    });
    release(hall, version, window);
}

/// Whoever was passed on to this window alone stands in line again, also when it opens later. The event does not name
/// them: they follow from the state, without a plan or a policy, because no place points to a window that has closed.
fn release(hall: &mut Hall, version: u64, window: WindowNumber) {
    let meant_for_it = |ticket: &&Ticket| ticket.stage.place() == Some(PlaceInLine::OnlyAt(window));
    let ids: Vec<TicketId> = hall
        .open_tickets()
        .filter(meant_for_it)
        .map(|ticket| ticket.id)
        .collect();
    for id in ids {
        hall.change_ticket(id, version, |ticket| {
            if let Stage::Waiting { place, .. } = &mut ticket.stage {
                *place = PlaceInLine::InLine;
            }
        });
    }
}
