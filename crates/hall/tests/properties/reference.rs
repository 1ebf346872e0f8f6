//! The calling rule once more, slowly: every waiting ticket is looked at, nothing is indexed. It must choose the same
//! ticket as the hall does.

use hall::id::{TicketId, WindowNumber};
use hall::ticket::{Class, Place, Stage, Ticket};
use hall::{Hall, Time};

/// Whom this window calls next.
pub fn next(hall: &Hall, window: WindowNumber, now: Time) -> Option<TicketId> {
    let staffing = hall.windows[&window].staffing.as_ref()?;
    if staffing.pause.is_some() || hall.calling_paused.is_some() {
        return None;
    }
    let takes = |ticket: &&Ticket| staffing.takes(&ticket.service);
    let mine: Vec<&Ticket> = hall
        .tickets
        .values()
        .filter(takes)
        .filter(|t| rank(hall, window, t, now).is_some())
        .collect();
    let callable: Vec<&Ticket> = mine
        .iter()
        .copied()
        .filter(|ticket| !is_held(hall, ticket))
        .collect();
    let nobody_else = callable.is_empty();
    let mut pool = if nobody_else { mine } else { callable };
    let is_first = |ticket: &Ticket| rank(hall, window, ticket, now) < Some(2);
    let waits = pool.clone();
    pool.retain(|ticket| {
        is_first(ticket) || ticket.class == Class::Normal || !is_normal_due(hall, ticket, &waits)
    });
    let plan = hall.plan();
    let primary = &plan.window(window).unwrap().primary;
    if pool.iter().any(|ticket| primary.contains(&ticket.service)) {
        let patience = chrono::Duration::minutes(plan.policy.primary_patience_minutes.into());
        pool.retain(|t| is_first(t) || primary.contains(&t.service) || now - t.taken_at > patience);
    }
    let score = |ticket: &Ticket| {
        let rate = if ticket.class == Class::Normal {
            1
        } else {
            i64::from(plan.policy.priority_rate)
        };
        (now - ticket.taken_at).num_milliseconds().max(0) * rate
    };
    let prefers = plan.window(window).unwrap().prefers;
    let place_in_line = |ticket: &Ticket| match rank(hall, window, ticket, now) {
        Some(2) if !nobody_else && prefers != Some(ticket.class) => Some(3),
        rank => rank,
    };
    pool.sort_by_key(|ticket| (place_in_line(ticket), -score(ticket), ticket.id));
    pool.first().map(|ticket| ticket.id)
}

/// 0 for the one who is back with the paper here, 1 for a voucher, 2 in line, none if this window may not call it.
fn rank(hall: &Hall, window: WindowNumber, ticket: &Ticket, now: Time) -> Option<u8> {
    let Stage::Waiting { place, .. } = ticket.stage else {
        return None;
    };
    let there = |other: WindowNumber| {
        let staffing = hall
            .windows
            .get(&other)
            .and_then(|window| window.staffing.as_ref());
        staffing.filter(|staffing| staffing.takes(&ticket.service))
    };
    let patience = chrono::Duration::minutes(hall.plan().policy.resume_elsewhere_minutes.into());
    let is_at_work = |other| {
        there(other).is_some_and(|s| s.pause.as_ref().is_none_or(|p| now < p.since + patience))
    };
    match place {
        Place::FirstAt(other) if other == window => Some(0),
        Place::FirstAt(other) => (!is_at_work(other)).then_some(1),
        Place::First => Some(1),
        Place::OnlyAt(other) => (other == window || there(other).is_none()).then_some(2),
        Place::InLine | Place::AfterCalls(_) => Some(2),
    }
}

fn is_held(hall: &Hall, ticket: &Ticket) -> bool {
    let calls = hall.service_day(&ticket.service).map_or(0, |day| day.calls);
    matches!(ticket.stage, Stage::Waiting { place: Place::AfterCalls(after), .. } if calls < after)
}

fn is_normal_due(hall: &Hall, ticket: &Ticket, pool: &[&Ticket]) -> bool {
    let in_a_row = hall
        .service_day(&ticket.service)
        .map_or(0, |day| day.row.prioritised());
    let is_in_line = |t: &&Ticket| {
        !matches!(
            t.stage,
            Stage::Waiting {
                place: Place::First | Place::FirstAt(_),
                ..
            }
        )
    };
    let same = pool.iter().filter(|other| other.service == ticket.service);
    in_a_row >= hall.plan().policy.prioritised_in_a_row
        && same
            .copied()
            .filter(is_in_line)
            .any(|other| other.class == Class::Normal)
}
