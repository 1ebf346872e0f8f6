//! What happens to a ticket, and to the window that has it.

use super::{change_staffing, free, free_of, touch};
use crate::id::{ActorId, ServiceId, TicketId, WindowNumber};
use crate::record::event::{CountsAs, TicketTaken};
use crate::state::hall::{Applied, Call, Hall};
use crate::state::moving::{Leaving, Moved};
use crate::state::ticket::{PassedOn, PlaceInLine, Rating, Stage, Ticket, Visit, VisitEnding};
use crate::state::voucher::{Voucher, VoucherReason};
use crate::time::Time;

pub(super) fn taken(hall: &mut Hall, version: u64, at: Time, taken: &TicketTaken) {
    let recorded_at = at;
    let at = taken.taken_at.unwrap_or(at);
    let place = if taken.voucher.is_some() {
        PlaceInLine::First
    } else {
        PlaceInLine::InLine
    };
    hall.put_ticket(Ticket {
        id: taken.ticket,
        number: taken.number.clone(),
        token: taken.token.clone(),
        service: taken.service.clone(),
        class: taken.class,
        needs: taken.needs.clone(),
        party: taken.party,
        cases: taken.cases,
        also: taken.also.clone(),
        language: taken.language,
        person: taken.person.clone(),
        appointment: taken.appointment,
        channel: taken.channel,
        ahead_when_taken: taken.ahead,
        taken_at: at,
        stage: Stage::Waiting { since: at, place },
        returns: 0,
        service_changed: false,
        reprints: 0,
        visits: Vec::new(),
        rating: None,
        complaint: None,
        leaving: None,
        moved_to: None,
        came_from: taken.came_from.clone(),
        passed_on: None,
        changed: version,
    });
    let state = hall.state_mut();
    state.next_ticket = taken.ticket.0 + 1;
    let ordinal = taken.number.ordinal();
    if let Some(day) = &mut state.day {
        match taken.lease.and_then(|lease| day.leases.get_mut(&lease)) {
            Some(lease) => {
                lease.taken.insert(ordinal);
            }
            None => {
                day.series.insert(taken.number.prefix().clone(), ordinal);
            }
        }
    }
    if let Some(command) = &taken.instead_of {
        let applied = Applied {
            version,
            at: recorded_at,
            ticket: Some(taken.ticket),
        };
        state.applied.insert(command.clone(), applied);
    }
    if taken.insisted
        && let Some(day) = &mut state.day
    {
        day.redirects
            .entry(taken.service.clone())
            .or_default()
            .insisted += 1;
    }
    if let Some(voucher) = taken
        .voucher
        .as_ref()
        .and_then(|token| state.vouchers.get_mut(token))
    {
        voucher.used = Some(taken.ticket);
    }
}

pub(super) fn called(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: TicketId,
    window: WindowNumber,
    counts_as: CountsAs,
) {
    let service = hall.known_ticket(id).service.clone();
    hall.change_ticket(id, version, |ticket| {
        let waited_since = match ticket.stage {
            Stage::Waiting { since, .. } => since,
            _ => at,
        };
        ticket.stage = Stage::Called {
            window,
            called_at: at,
            announced_at: at,
            times: 1,
            waited_since,
        };
    });
    if let Some(day) = &mut hall.state_mut().day {
        let service = day.services.entry(service).or_default();
        service.calls += 1;
        match counts_as {
            CountsAs::Overtaking => service.row.called(version, true),
            CountsAs::InTurn => service.row.called(version, false),
            CountsAs::Apart => {}
        }
    }
    change_staffing(hall, window, version, |staffing| {
        staffing.current = Some(id)
    });
    announce(
        hall,
        Call {
            version,
            ticket: id,
            window,
            times: 1,
            at,
        },
    );
}

pub(super) fn recalled(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: TicketId,
    window: WindowNumber,
) {
    let mut announced = 1;
    hall.change_ticket(id, version, |ticket| {
        if let Stage::Called {
            announced_at,
            times,
            ..
        } = &mut ticket.stage
        {
            *announced_at = at;
            *times = times.saturating_add(1);
            announced = *times;
        }
    });
    touch(hall, window, version);
    announce(
        hall,
        Call {
            version,
            ticket: id,
            window,
            times: announced,
            at,
        },
    );
}

pub(super) fn started(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: TicketId,
    window: WindowNumber,
    officer: &ActorId,
) {
    hall.change_ticket(id, version, |ticket| {
        if let Stage::Called {
            called_at,
            waited_since,
            ..
        } = ticket.stage
        {
            ticket.stage = Stage::Serving {
                window,
                officer: officer.clone(),
                called_at,
                since: at,
                waited_since: Some(waited_since),
            };
        }
    });
    touch(hall, window, version);
}

pub(super) fn finished(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: TicketId,
    window: WindowNumber,
    ending: VisitEnding,
    cases: u16,
) {
    learn(hall, version, at, id, window);
    end_visit(hall, version, at, id, ending);
    hall.change_ticket(id, version, |ticket| {
        ticket.cases = cases;
        ticket.stage = Stage::Served { at };
    });
    free(hall, window, version);
    change_staffing(hall, window, version, |staffing| {
        staffing.last_finished = Some(id)
    });
}

pub(super) fn missed(hall: &mut Hall, version: u64, at: Time, id: TicketId, window: WindowNumber) {
    hall.change_ticket(id, version, |ticket| {
        let was_parked = matches!(ticket.stage, Stage::Parked { .. });
        ticket.stage = Stage::Missed {
            window,
            at,
            was_parked,
        }
    });
    free_of(hall, window, id, version);
}

pub(super) fn returned(hall: &mut Hall, version: u64, at: Time, id: TicketId, after_calls: u64) {
    hall.change_ticket(id, version, |ticket| ticket.returns += 1);
    wait(hall, version, at, id, PlaceInLine::AfterCalls(after_calls));
}

pub(super) fn deferred(hall: &mut Hall, version: u64, id: TicketId, after_calls: u64) {
    hall.change_ticket(id, version, |ticket| {
        if let Stage::Waiting { place, .. } = &mut ticket.stage {
            *place = PlaceInLine::AfterCalls(after_calls);
        }
    });
}

pub(super) fn parked(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: TicketId,
    window: WindowNumber,
    note: Option<String>,
) {
    end_visit(hall, version, at, id, VisitEnding::Interrupted);
    hall.change_ticket(id, version, |ticket| {
        ticket.stage = Stage::Parked {
            window,
            since: at,
            note,
        }
    });
    free(hall, window, version);
}

pub(super) fn resumed(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: TicketId,
    window: WindowNumber,
    officer: &ActorId,
) {
    hall.change_ticket(id, version, |ticket| {
        ticket.stage = Stage::Serving {
            window,
            officer: officer.clone(),
            called_at: at,
            since: at,
            waited_since: None,
        }
    });
    change_staffing(hall, window, version, |staffing| {
        staffing.current = Some(id)
    });
}

pub(super) fn resumed_by_holder(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: TicketId,
    window: WindowNumber,
) {
    wait(hall, version, at, id, PlaceInLine::FirstAt(window));
}

pub(super) fn transferred(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: TicketId,
    service: &ServiceId,
    only_at: Option<WindowNumber>,
    passed_on: PassedOn,
) {
    let window = passed_on.from;
    end_visit(hall, version, at, id, VisitEnding::Interrupted);
    hall.change_ticket(id, version, |ticket| {
        ticket.service = service.clone();
        ticket.passed_on = Some(passed_on);
    });
    wait(
        hall,
        version,
        at,
        id,
        only_at.map_or(PlaceInLine::InLine, PlaceInLine::OnlyAt),
    );
    free(hall, window, version);
}

pub(super) fn next_service_added(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: TicketId,
    window: WindowNumber,
    service: &ServiceId,
) {
    hall.change_ticket(id, version, |ticket| {
        ticket.service = service.clone();
        ticket.also.retain(|other| other != service);
    });
    wait(hall, version, at, id, PlaceInLine::InLine);
    change_staffing(hall, window, version, |staffing| {
        staffing.last_finished = None
    });
}

/// The wrong service is corrected. A returned or deferred ticket counts the calls of its new service.
pub(super) fn service_changed(
    hall: &mut Hall,
    version: u64,
    id: TicketId,
    service: &ServiceId,
    after_calls: Option<u64>,
) {
    hall.change_ticket(id, version, |ticket| {
        ticket.service = service.clone();
        ticket.service_changed = true;
        if let Some(calls) = after_calls
            && let Stage::Waiting { place, .. } = &mut ticket.stage
        {
            *place = PlaceInLine::AfterCalls(calls);
        }
    });
}

pub(super) fn reprinted(hall: &mut Hall, version: u64, id: TicketId) {
    hall.change_ticket(id, version, |ticket| ticket.reprints += 1);
}

pub(super) fn cancelled(hall: &mut Hall, version: u64, at: Time, id: TicketId) {
    end(hall, version, at, id, Stage::Cancelled { at });
}

pub(super) fn leaving(hall: &mut Hall, version: u64, id: TicketId, leaving: Leaving) {
    hall.change_ticket(id, version, |ticket| ticket.leaving = Some(leaving));
}

pub(super) fn moved(hall: &mut Hall, version: u64, at: Time, id: TicketId, moved: Moved) {
    end(hall, version, at, id, Stage::Cancelled { at });
    hall.change_ticket(id, version, |ticket| ticket.moved_to = Some(moved));
}

pub(super) fn stayed(hall: &mut Hall, version: u64, id: TicketId) {
    hall.change_ticket(id, version, |ticket| ticket.leaving = None);
}

pub(super) fn handed_on(hall: &mut Hall, version: u64, at: Time, id: TicketId, reason: String) {
    end(hall, version, at, id, Stage::HandedOn { at, reason });
}

pub(super) fn unserved(hall: &mut Hall, version: u64, at: Time, id: TicketId) {
    end(hall, version, at, id, Stage::Unserved { at });
}

pub(super) fn rated(hall: &mut Hall, version: u64, id: TicketId, rating: Rating) {
    hall.change_ticket(id, version, |ticket| ticket.rating = Some(rating));
}

pub(super) fn voucher_given(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: TicketId,
    service: &ServiceId,
    reason: VoucherReason,
    valid_until: Time,
) {
    hall.change_ticket(id, version, |_| {}); // or a finish could be undone and leave its voucher
    let ticket = hall.known_ticket(id);
    let voucher = Voucher {
        token: ticket.token.clone(),
        ticket: ticket.id,
        number: ticket.number.clone(),
        service: service.clone(),
        reason,
        given_at: at,
        valid_until,
        used: None,
    };
    hall.state_mut()
        .vouchers
        .insert(voucher.token.clone(), voucher);
}

/// Puts a ticket in line from now on.
fn wait(hall: &mut Hall, version: u64, at: Time, id: TicketId, place: PlaceInLine) {
    hall.change_ticket(id, version, |ticket| {
        ticket.stage = Stage::Waiting { since: at, place }
    });
}

/// A ticket leaves the queue for good, and its window if one has it: no window points to a ticket that is over.
fn end(hall: &mut Hall, version: u64, at: Time, id: TicketId, stage: Stage) {
    if let Some(window) = hall.known_ticket(id).stage.window() {
        end_visit(hall, version, at, id, VisitEnding::Interrupted);
        free(hall, window, version);
    }
    hall.change_ticket(id, version, |ticket| {
        ticket.stage = stage;
        ticket.leaving = None;
    });
}

fn announce(hall: &mut Hall, call: Call) {
    let calls = &mut hall.state_mut().calls;
    calls.push_front(call);
    calls.truncate(Hall::CALLS_KEPT);
}

/// Remembers a service time for the estimate.
fn learn(hall: &mut Hall, version: u64, at: Time, id: TicketId, window: WindowNumber) {
    let ticket = hall.known_ticket(id);
    let Some(began) = service_began(ticket, version) else {
        return;
    };
    let service = ticket.service.clone();
    let seconds = (at - began).num_seconds().max(0) as u32;
    if let Some(day) = &mut hall.state_mut().day {
        day.services
            .entry(service)
            .or_default()
            .learn(window, seconds);
    }
}

/// When the service at hand began. Started only by the record that ends it, it began with the call: the officer did
/// not press start, and the window was busy all along.
fn service_began(ticket: &Ticket, version: u64) -> Option<Time> {
    match ticket.stage {
        Stage::Serving {
            since, called_at, ..
        } => Some(if ticket.changed == version {
            called_at
        } else {
            since
        }),
        _ => None,
    }
}

/// Writes the visit down that a called or served ticket is in.
fn end_visit(hall: &mut Hall, version: u64, at: Time, id: TicketId, ending: VisitEnding) {
    let officer_at = |hall: &Hall, window: WindowNumber| {
        let staffing = hall
            .windows()
            .get(&window)
            .and_then(|window| window.staffing.as_ref());
        staffing.map(|staffing| staffing.officer.clone())
    };
    let ticket = hall.known_ticket(id);
    let (window, officer, called_at, started_at, waited_since) = match &ticket.stage {
        Stage::Serving {
            window,
            officer,
            called_at,
            waited_since,
            ..
        } => (
            *window,
            Some(officer.clone()),
            *called_at,
            service_began(ticket, version).unwrap_or(at),
            *waited_since,
        ),
        Stage::Called {
            window,
            called_at,
            waited_since,
            ..
        } => (
            *window,
            officer_at(hall, *window),
            *called_at,
            at,
            Some(*waited_since),
        ),
        _ => return,
    };
    let Some(officer) = officer else { return };
    hall.change_ticket(id, version, |ticket| {
        let service = ticket.service.clone();
        ticket.visits.push(Visit {
            service,
            window,
            officer,
            waited_since,
            called_at,
            started_at,
            finished_at: at,
            ending,
        });
    });
}
