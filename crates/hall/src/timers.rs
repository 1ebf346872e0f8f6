//! What falls due by itself. Each due action is an ordinary command with a deterministic id, so that any instance may
//! send it and only one takes effect.

use crate::Time;
use crate::command::{Action, Actor, Command};
use crate::day::Day;
use crate::hall::Hall;
use crate::id::{CommandId, Fingerprint};
use chrono::{Duration, NaiveTime};

/// A day that nobody closed is settled at this time of the next date if that date has no early open.
const SETTLE_AT: NaiveTime = NaiveTime::from_hms_opt(4, 0, 0).expect("04:00 exists");

/// The next action that is due at `now`, if any. Ask again after it was carried out: one may bring the next.
///
/// Several at once come in this order: suspensions end, parked tickets become missed (also on a day that was
/// forgotten), a forgotten day is settled, the day closes, the next one opens.
pub fn due(hall: &Hall, now: Time) -> Option<Command> {
    if !hall.has_plan() {
        return None;
    }
    let now = hall.time(now); // what fell due stays due when the clock steps back
    let due = suspension(hall, now).or_else(|| match &hall.day {
        Some(day) if day.closed.is_none() => parked(hall, day, now)
            .or_else(|| settlement(hall, day, now))
            .or_else(|| closing(hall, day, now)),
        Some(_) | None => opening(hall, now),
    });
    due.filter(|(id, _)| !hall.applied.contains_key(id))
        .map(|(id, action)| Command {
            id,
            fingerprint: Fingerprint::parse("0").expect("a digit is a fingerprint"),
            actor: Actor::Timer,
            at: now,
            action,
        })
}

/// The next moment after `now` at which something may fall due by the clock alone; nothing is due between the two unless
/// a command comes in.
pub fn next_due(hall: &Hall, now: Time) -> Option<Time> {
    if !hall.has_plan() {
        return None;
    }
    let ends = hall.suspensions.values().filter_map(|s| s.until);
    let of_day = match &hall.day {
        Some(day) if day.closed.is_none() => moments_of(hall, day),
        Some(_) | None => next_opening(hall, now).into_iter().collect(),
    };
    ends.chain(of_day).filter(|at| *at > now).min()
}

fn moments_of(hall: &Hall, day: &Day) -> Vec<Time> {
    let services = hall.plan().services.iter().map(|service| &service.id);
    let grace_ends = services
        .filter_map(|service| hall.last_miss(service))
        .map(|at| at + hall.grace());
    let closes = hall.plan().span(day.date).map(|span| span.closes);
    let parked = hall.parked().next().map(|_| parked_until(hall, day));
    let settles = settles_at(hall, day);
    let fixed = [closes, parked, settles].into_iter().flatten();
    grace_ends.chain(fixed).collect()
}

fn next_opening(hall: &Hall, now: Time) -> Option<Time> {
    let plan = hall.plan();
    let last = hall.day.as_ref().map(|day| day.date);
    let dates = std::iter::successors(Some(plan.date(now)), |date| date.succ_opt()).take(367);
    dates
        .filter(|date| last.is_none_or(|last| last < *date))
        .filter_map(|date| plan.span(date))
        .map(|span| span.opens - plan.early_open())
        .find(|opens| *opens > now)
}

fn suspension(hall: &Hall, now: Time) -> Option<(CommandId, Action)> {
    let ended = |until: Option<Time>| until.is_some_and(|until| now >= until);
    let (service, suspension) = hall
        .suspensions
        .iter()
        .find(|(_, suspension)| ended(suspension.until))?;
    let until = suspension.until?.to_utc().to_rfc3339(); // to the nanosecond: two ends are never one command
    Some((
        id(format!("timer/suspension/{service}/{until}")),
        Action::EndSuspension {
            service: service.clone(),
        },
    ))
}

fn opening(hall: &Hall, now: Time) -> Option<(CommandId, Action)> {
    let date = hall.plan().date(now);
    let span = hall.plan().span(date)?;
    let is_new = hall.day.as_ref().is_none_or(|day| day.date < date);
    let is_due = now >= span.opens - hall.plan().early_open() && now < span.closes;
    (is_new && is_due).then(|| (id(format!("timer/open/{date}")), Action::OpenDay { date }))
}

/// What is still open at the next date's first early open (or 04:00) is settled then, running or not.
fn settlement(hall: &Hall, day: &Day, now: Time) -> Option<(CommandId, Action)> {
    (now >= settles_at(hall, day)?).then(|| {
        (
            id(format!("timer/settle/{}", day.date)),
            Action::SettleDay { date: day.date },
        )
    })
}

fn settles_at(hall: &Hall, day: &Day) -> Option<Time> {
    let plan = hall.plan();
    let next = day.date.succ_opt()?;
    let early_open = plan.span(next).map(|span| span.opens - plan.early_open());
    Some(early_open.unwrap_or_else(|| plan.at(next, SETTLE_AT)))
}

fn parked(hall: &Hall, day: &Day, now: Time) -> Option<(CommandId, Action)> {
    let ticket = hall.parked().next()?;
    if now < parked_until(hall, day) {
        return None;
    }
    let key = format!(
        "timer/parked/{}/{}/{}",
        day.date, ticket.id.0, ticket.changed
    );
    Some((id(key), Action::MissParked { ticket: ticket.id }))
}

fn parked_until(hall: &Hall, day: &Day) -> Time {
    let grace = Duration::minutes(hall.plan().policy.parked_grace_minutes.into());
    let span = hall.plan().span(day.date);
    span.map_or(day.opened_at, |span| span.closes) + grace
}

fn closing(hall: &Hall, day: &Day, now: Time) -> Option<(CommandId, Action)> {
    let over = hall
        .plan()
        .span(day.date)
        .is_none_or(|span| now >= span.closes);
    (!hall.is_anyone_open() && over && !hall.is_anyone_unresolved(None, now)).then(|| {
        (
            id(format!("timer/close/{}", day.date)),
            Action::CloseDay { date: day.date },
        )
    })
}

fn id(text: String) -> CommandId {
    CommandId::parse(text).expect("dates, ids and digits make a command id")
}
