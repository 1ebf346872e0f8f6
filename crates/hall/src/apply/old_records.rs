//! What old records leave unsaid, worked out as it was when they were written.
//!
//! An event holds what the rules decided. Records from before a field was added lack it, and the fold of that time worked
//! it out from the state and the plan. That way is frozen here, with the numbers of that time: a rule or a policy that
//! improves must not change what an old log means. So nothing here calls a rule, and nothing here is improved.
//! `tests/golden/old_records` holds logs of that time and the states they fold to.

use crate::id::{ServiceId, TicketId, WindowNumber};
use crate::plan::Plan;
use crate::plan::class::Class;
use crate::plan::slot::Reservation;
use crate::record::event::{CountsAs, Forgets};
use crate::state::appointment::WaitListEntry;
use crate::state::hall::Hall;
use crate::state::queue::Lane;
use crate::state::ticket::{PlaceInLine, Ticket};
use crate::time::Time;
use chrono::{Datelike, Duration, NaiveDate, NaiveTime};

/// `DayOpened` without `forgets`.
pub(super) fn forgets(hall: &Hall, at: Time, date: NaiveDate) -> Forgets {
    let plan = hall.plan();
    let rated_for = Duration::hours(plan.policy.rating_hours.into());
    Forgets {
        vouchers: at - Duration::days(7),
        commands: begins(plan, date.pred_opt().unwrap_or(date)),
        complaints: at - Duration::days(30),
        tickets: at - rated_for,
        appointments: at - Duration::days(7),
        no_shows: at - Duration::days(365),
        keeps_numbers: false,
        leases: None,
    }
}

/// The first moment of a date; where the clock is put back over midnight there are two midnights, an hour apart.
fn begins(plan: &Plan, date: NaiveDate) -> Time {
    let midnight = plan.at(date, NaiveTime::MIN);
    let earlier = midnight - Duration::hours(1);
    match plan.date(earlier) == date {
        true => earlier,
        false => midnight,
    }
}

/// `TicketCalled` without `counts_as`.
pub(super) fn counts_as(hall: &Hall, at: Time, ticket: TicketId, window: WindowNumber) -> CountsAs {
    let ticket = hall.known_ticket(ticket);
    let goes_first = matches!(
        ticket.stage.place(),
        Some(PlaceInLine::First | PlaceInLine::FirstAt(_))
    );
    if goes_first || serves_appointments_first(hall.plan(), window, at) {
        return CountsAs::Apart;
    }
    let normal = Lane::Of(Class::Normal);
    let normal_waits = hall.queue.lane(&ticket.service, normal).next().is_some();
    match is_prioritised(ticket) && normal_waits {
        true => CountsAs::Overtaking,
        false => CountsAs::InTurn,
    }
}

fn is_prioritised(ticket: &Ticket) -> bool {
    let is_late = ticket.appointment.is_some_and(|booked| booked.late);
    !is_late && ticket.class != Class::Normal
}

/// A slot of a rule that names the window runs, or check-in for the first one of the date has begun.
fn serves_appointments_first(plan: &Plan, window: WindowNumber, at: Time) -> bool {
    let early = Duration::minutes(plan.policy.check_in_early_minutes.into());
    let date = plan.date(at);
    let special = plan.special_day(date).and_then(|day| day.as_weekday);
    let weekday = special.unwrap_or(date.weekday());
    let mut rules = plan.appointments.iter();
    rules.any(|rule| {
        let applies = rule.dates.contains(&date) || rule.weekdays.contains(&weekday);
        let begins = plan.at(date, rule.hours.opens) - early;
        let ends = plan.at(date, rule.hours.closes);
        rule.windows.contains(&window) && applies && begins <= at && at < ends
    })
}

/// `ServiceChanged` without `after_calls`: the ticket lets as many further calls pass as before, counted in its new
/// service.
pub(super) fn after_calls(hall: &Hall, ticket: TicketId, service: &ServiceId) -> Option<u64> {
    let ticket = hall.known_ticket(ticket);
    let Some(PlaceInLine::AfterCalls(after)) = ticket.stage.place() else {
        return None;
    };
    let calls_of = |service: &ServiceId| hall.service_day(service).map_or(0, |day| day.calls);
    Some(calls_of(service) + after.saturating_sub(calls_of(&ticket.service)))
}

/// `WaitListJoined` without `since`: whoever waited for these places before waits on.
pub(super) fn since(before: Option<&WaitListEntry>, reservation: &Reservation, at: Time) -> Time {
    let same = before.filter(|wish| wish.reservation.slots == reservation.slots);
    same.map_or(at, |wish| wish.since)
}
