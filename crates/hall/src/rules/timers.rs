//! What falls due by itself. Each due action is an ordinary command with a deterministic id, so that any instance may
//! send it and only one takes effect.

use crate::id::{CommandId, Fingerprint, ServiceId};
use crate::plan::Service;
use crate::record::command::{Action, Actor, Command};
use crate::rules::estimate;
use crate::state::appointment::Appointment;
use crate::state::day::Day;
use crate::state::hall::Hall;
use crate::state::ticket::{Stage, Ticket};
use crate::time::Time;
use chrono::{Duration, NaiveDate, NaiveTime};

/// A day that nobody closed is settled at this time of the next date if that date has no early open.
const SETTLE_AT: NaiveTime = NaiveTime::from_hms_opt(4, 0, 0).expect("04:00 exists");

/// Longer than anybody is at a window: an officer who pressed nothing for so long has forgotten it.
const VISIT_LONGEST: Duration = Duration::hours(2);

/// Who still waits when a night is shorter than this is still there when the next date begins.
const NIGHT_SHORTEST: Duration = Duration::hours(2);

/// The next action that is due at `now`, if any. Ask again after it was carried out: one may bring the next.
///
/// Several at once come in this order: suspensions end, held and offered places expire, whoever did not come is recorded,
/// parked tickets become missed (also on a day that was forgotten), a forgotten day is settled, the day closes, the next
/// one opens; near closing comes early or is over.
pub fn due(hall: &Hall, now: Time) -> Option<Command> {
    if !hall.has_plan() {
        return None;
    }
    let now = hall.time(now); // what fell due stays due when the clock steps back
    let due = suspension(hall, now)
        .or_else(|| places(hall, now))
        .or_else(|| no_show(hall, now))
        .or_else(|| match hall.day() {
            Some(day) if day.closed.is_none() => parked(hall, day, now)
                .or_else(|| settlement(hall, day, now))
                .or_else(|| closing(hall, day, now))
                .or_else(|| overrun(hall, now)),
            Some(_) | None => opening(hall, now),
        });
    due.map(|(id, action)| (in_true_time(hall, id), action))
        .filter(|(id, _)| !hall.applied().contains_key(id))
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
    let ends = hall.suspensions().values().filter_map(|s| s.until);
    let of_day = match hall.day() {
        Some(day) if day.closed.is_none() => moments_of(hall, day, now),
        Some(_) | None => next_opening(hall, now).into_iter().collect(),
    };
    let of_diary = hall.diary.next_due().map(|(at, _)| at);
    let moments = ends.chain(of_day).chain(of_diary);
    moments.filter(|at| *at > now).min()
}

fn moments_of(hall: &Hall, day: &Day, now: Time) -> Vec<Time> {
    let services = hall.plan().services.iter().map(|service| &service.id);
    let grace_ends = services
        .filter_map(|service| hall.last_miss(service))
        .map(|at| at + hall.grace());
    let closes = hall.plan().span(day.date).map(|span| span.closes);
    let parked = hall.parked().next().map(|_| parked_until(hall, day));
    let settles = settles_at(hall, day);
    let lent = hall.lent_out_until();
    let fixed = [closes, parked, settles, lent].into_iter().flatten();
    let overruns = forecasts(hall, now).map(|forecast| forecast.changes_at(hall));
    grace_ends.chain(fixed).chain(overruns).collect()
}

fn next_opening(hall: &Hall, now: Time) -> Option<Time> {
    let plan = hall.plan();
    let last = hall.day().map(|day| day.date);
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
        .suspensions()
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

/// Holds, offers and wishes that are over.
fn places(hall: &Hall, now: Time) -> Option<(CommandId, Action)> {
    let due = hall.diary.due(now).filter_map(|id| hall.appointment(id));
    let first = due
        .filter(|appointment| appointment.has_expired(now))
        .map(|appointment| (appointment.id, appointment.changed))
        .next()?;
    let key = format!("timer/places/{}/{}", first.0.0, first.1);
    Some((id(key), Action::ExpirePlaces))
}

fn no_show(hall: &Hall, now: Time) -> Option<(CommandId, Action)> {
    let due = hall.diary.due(now).filter_map(|id| hall.appointment(id));
    let is_missing = |appointment: &&Appointment| {
        let until = appointment.reservation.as_ref().map(|r| r.check_in_until);
        appointment.is_booked() && until.is_some_and(|until| until <= now)
    };
    let appointment = due
        .filter(is_missing)
        .map(|appointment| appointment.id)
        .next()?;
    let key = format!("timer/no-show/{}", appointment.0);
    Some((id(key), Action::RecordNoShow { appointment }))
}

/// A service that is open, and when a ticket of it taken now would be called.
struct Forecast<'a> {
    service: &'a ServiceId,
    closes: Time,
    now: Time,
    /// Nothing while no window serves it, or too little was seen today.
    called: Option<Time>,
}

/// Before this many finishes of a service the clock alone decides when near closing begins.
const FINISHES_SEEN: usize = 10;

fn forecasts<'a>(hall: &'a Hall, now: Time) -> impl Iterator<Item = Forecast<'a>> {
    let seen = |service: &&Service| {
        let day = hall.service_day(&service.id);
        day.is_some_and(|day| {
            day.overrun_since.is_some() || day.recent_seconds.len() >= FINISHES_SEEN
        })
    };
    let services = hall.plan().services.iter().filter(seen);
    services.filter_map(move |service| {
        let sessions = hall.sessions(&service.id, now);
        let session = sessions
            .into_iter()
            .find(|s| s.opens <= now && now < s.closes);
        let called =
            session.and_then(|s| estimate::called_by_forecast(hall, &service.id, now, s.closes));
        let is_set = hall.overruns(&service.id);
        let closes = session.map(|session| session.closes);
        let closes = closes.or(is_set.then_some(now))?; // a session that is over overruns no more
        Some(Forecast {
            service: &service.id,
            closes,
            now,
            called,
        })
    })
}

impl Forecast<'_> {
    /// What it should be now, if that is not what it is.
    fn change(&self, hall: &Hall) -> Option<bool> {
        let policy = &hall.plan().policy;
        let limit = |minutes: u32| self.closes + Duration::minutes(minutes.into());
        let is_over = self.now >= self.closes;
        let called = self.called.unwrap_or(self.now);
        match hall.overruns(self.service) {
            true => (is_over || called < limit(policy.overrun_ends_minutes)).then_some(false),
            false => (called > limit(policy.overrun_begins_minutes)).then_some(true),
        }
    }

    /// When the clock alone changes it: while time passes, everyone who waits will be called later.
    fn changes_at(&self, hall: &Hall) -> Time {
        let begins = Duration::minutes(hall.plan().policy.overrun_begins_minutes.into());
        match (hall.overruns(self.service), self.called) {
            (false, Some(called)) => {
                let waits = called - self.now;
                self.closes + begins - waits + Duration::seconds(1)
            }
            (true, _) => {
                let next = hall.expected(self.now, self.closes).next(); // once its slot began, it need not be counted on
                let begins = next.and_then(|next| next.starts_at());
                begins.map_or(self.closes, |at| at + Duration::milliseconds(1))
            }
            (false, None) => self.closes,
        }
    }
}

fn overrun(hall: &Hall, now: Time) -> Option<(CommandId, Action)> {
    let mut changes = forecasts(hall, now)
        .filter_map(|forecast| Some((forecast.service.clone(), forecast.change(hall)?)));
    let (service, overruns) = changes.next()?;
    let key = format!("timer/overrun/{service}/{}", hall.version());
    Some((id(key), Action::SetOverrun { service, overruns }))
}

fn opening(hall: &Hall, now: Time) -> Option<(CommandId, Action)> {
    let date = hall.working_date(now);
    let span = hall.plan().span(date)?;
    let is_new = hall.day().is_none_or(|day| day.date < date);
    let is_due = now >= span.opens - hall.plan().early_open() && now < span.closes;
    (is_new && is_due).then(|| (id(format!("timer/open/{date}")), Action::OpenDay { date }))
}

/// What is still open when the next date begins (or at 04:00) is settled then, or goes on into it: never before the day's
/// own sessions are over.
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
    let closes = plan.span(day.date).map(|span| span.closes);
    let settles = hall.begins(next).unwrap_or_else(|| {
        let four = plan.at(next, SETTLE_AT);
        let last = at_windows(hall).max();
        last.map_or(four, |since| four.max(since + VISIT_LONGEST))
    });
    Some(closes.map_or(settles, |closes| closes.max(settles)))
}

/// Whether a day goes on into the next one, instead of ending with whoever is still there: around the clock one session
/// meets the next, and nobody is sent away from a window because of the date.
pub fn goes_on(hall: &Hall, day: &Day, now: Time) -> bool {
    let Some(next) = hall.next_begun(now) else {
        return false;
    };
    let waits_through = meets(hall, day, next, NIGHT_SHORTEST);
    waits_through || at_windows(hall).any(|since| now < since + VISIT_LONGEST)
}

/// Whether the next date begins at most this long after the day's last session.
fn meets(hall: &Hall, day: &Day, next: NaiveDate, pause: Duration) -> bool {
    let closes = hall.plan().span(day.date).map(|span| span.closes + pause);
    closes
        .zip(hall.begins(next))
        .is_some_and(|(closes, begins)| begins <= closes)
}

/// Since when somebody has been at each window.
fn at_windows(hall: &Hall) -> impl Iterator<Item = Time> {
    let since = |ticket: &Ticket| match ticket.stage {
        Stage::Called { called_at, .. } => Some(called_at),
        Stage::Serving { since, .. } => Some(since),
        _ => None,
    };
    hall.open_tickets().filter_map(since)
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
    let next = day.date.succ_opt();
    let goes_on = || next.is_some_and(|next| meets(hall, day, next, Duration::zero())); // settled, so that officers stay
    let waits_for_papers = || hall.lent_out_until().is_some_and(|until| now < until);
    let is_anyone_left = || hall.is_anyone_open() || hall.is_anyone_unresolved(None, now);
    (over && !is_anyone_left() && !waits_for_papers() && !goes_on()).then(|| {
        (
            id(format!("timer/close/{}", day.date)),
            Action::CloseDay { date: day.date },
        )
    })
}

/// What fell due while the clock was wrong falls due again.
fn in_true_time(hall: &Hall, due: CommandId) -> CommandId {
    match hall.clock_corrections() {
        0 => due,
        times => id(format!("{due}/{times}")),
    }
}

fn id(text: String) -> CommandId {
    CommandId::parse(text).expect("dates, ids and digits make a command id")
}
