//! How long it will take: a plain estimate behind one function, to be replaced by a better one without touching others.
//!
//! What one citizen is told ([`wait`]): people ahead × the median of the last service times ÷ the windows at work
//! for the service, as a range; where nobody is at work, why there is no range. What decides when near closing begins
//! ([`called_by_forecast`]): the work that waits before the windows of a service, shared with the other services of those
//! windows.

use crate::id::{ServiceId, WindowNumber};
use crate::record::wait::{ToldWait, Wait, WaitUnknown};
use crate::rules::phase;
use crate::state::hall::Hall;
use crate::state::phase::Phase;
use crate::state::ticket::{Stage, Ticket};
use crate::state::window::Staffing;
use crate::time::Time;
use chrono::{Duration, Timelike};
use std::collections::BTreeMap;

/// The low end takes every service a little shorter than usual, the high end half as long again, in percent.
const RANGE_PERCENT: (u64, u64) = (70, 150);

/// How long someone with `ahead` people of the same service before him may wait.
pub fn wait(hall: &Hall, service: &ServiceId, ahead: u32, now: Time) -> ToldWait {
    let windows = windows_to_count(hall, service, now)? as u64;
    let work = u64::from(ahead) * u64::from(typical_seconds(hall, service)) / windows;
    let minutes = |percent: u64| (work * percent / 100).div_ceil(60);
    let whole = |minutes: u64| u32::try_from(minutes * 60).unwrap_or(u32::MAX);
    Ok(Wait {
        low: whole(minutes(RANGE_PERCENT.0)),
        high: whole(minutes(RANGE_PERCENT.1)),
    })
}

/// How long someone would wait who took a number now.
pub fn wait_of_one_more(hall: &Hall, service: &ServiceId, now: Time) -> ToldWait {
    let issues = phase::of_service(hall, service, now).issues();
    if !issues || hall.suspensions().contains_key(service) {
        return Err(WaitUnknown::NoNumbers);
    }
    wait(hall, service, hall.waiting(service), now)
}

/// The median of today's last service times; the plan's figure until there are three.
pub fn typical_seconds(hall: &Hall, service: &ServiceId) -> u32 {
    let recent = hall
        .service_day(service)
        .map(|day| &day.recent_seconds)
        .filter(|recent| recent.len() >= 3);
    match recent {
        Some(recent) => {
            let mut sorted: Vec<u32> = recent.iter().copied().collect();
            sorted.sort_unstable();
            sorted[sorted.len() / 2]
        }
        None => hall
            .plan()
            .service(service)
            .map_or(0, |service| service.typical_minutes * 60),
    }
}

/// When a ticket of this service taken now would be called: the work that waits before its windows, at the pace each
/// of them has shown today. `None` while nobody serves it.
///
/// A service's waiting tickets spread evenly over the staffed windows that take it, so a window that does everything
/// brings only its share. Whoever booked and is still to come before `until` counts as waiting.
pub fn called_by_forecast(
    hall: &Hall,
    service: &ServiceId,
    now: Time,
    until: Time,
) -> Option<Time> {
    let windows = windows_taking(hall, service);
    if windows.is_empty() {
        return None;
    }
    let mut expected: BTreeMap<&ServiceId, u32> = BTreeMap::new();
    for appointment in hall.expected(now, until) {
        *expected.entry(&appointment.service).or_default() += 1;
    }
    let mut work = 0.0;
    for other in &hall.plan().services {
        let of_other = windows_taking(hall, &other.id);
        let shared = of_other.iter().filter(|window| windows.contains(window));
        let seconds: f64 = shared
            .map(|window| seconds_at(hall, &other.id, *window))
            .sum();
        if seconds > 0.0 {
            let booked = expected.get(&other.id).copied().unwrap_or(0);
            let waiting = f64::from(hall.waiting(&other.id) + booked);
            work += waiting * seconds / of_other.len() as f64;
        }
    }
    let seconds = work / windows.len() as f64;
    Some(now + Duration::seconds(seconds as i64))
}

/// When everyone who is here will be done, on a full minute: each service's waiting tickets spread evenly over the
/// windows that take it, on top of what those have before them. `None` while somebody waits for whom nobody is there.
pub fn done_by(hall: &Hall, now: Time) -> Option<Time> {
    let mut busy: BTreeMap<WindowNumber, f64> = BTreeMap::new();
    for (window, _) in hall.staffed() {
        let current = window.current().map(|id| hall.known_ticket(id));
        let left = current.map_or(0.0, |ticket| seconds_left(hall, ticket, window.number, now));
        busy.insert(window.number, left);
    }
    for service in &hall.plan().services {
        let waiting = f64::from(hall.waiting(&service.id));
        let windows = windows_at_work(hall, &service.id, now);
        if waiting > 0.0 && (windows.is_empty() || hall.calling_paused().is_some()) {
            return None;
        }
        for window in &windows {
            *busy.entry(*window).or_default() +=
                waiting * seconds_at(hall, &service.id, *window) / windows.len() as f64;
        }
    }
    let seconds = busy.values().copied().fold(0.0, f64::max);
    Some(full_minute(now + Duration::seconds(seconds as i64)))
}

/// When someone who waits so long will be done at the latest, on a full minute.
pub fn done_after(hall: &Hall, service: &ServiceId, wait: Wait, now: Time) -> Time {
    let seconds = wait.high.saturating_add(typical_seconds(hall, service));
    full_minute(now + Duration::seconds(seconds.into()))
}

/// How long the ticket at a window still takes: what is left of its usual time, a minute at least.
fn seconds_left(hall: &Hall, ticket: &Ticket, window: WindowNumber, now: Time) -> f64 {
    let usual = seconds_at(hall, &ticket.service, window);
    let so_far = match ticket.stage {
        Stage::Serving { since, .. } => (now - since).num_seconds() as f64,
        _ => 0.0,
    };
    (usual - so_far).max(60.0)
}

/// What a window needs for a service: its own mean of today, leaning on the service's usual time while it has seen
/// few (as if it had done three of those).
fn seconds_at(hall: &Hall, service: &ServiceId, window: WindowNumber) -> f64 {
    const USUAL_COUNTS: f64 = 3.0;
    let usual = f64::from(typical_seconds(hall, service));
    let pace = hall
        .service_day(service)
        .and_then(|day| day.paces.get(&window));
    let pace = pace.copied().unwrap_or_default();
    (usual * USUAL_COUNTS + pace.seconds as f64) / (USUAL_COUNTS + f64::from(pace.finishes))
}

/// The staffed windows that take a service.
fn windows_taking(hall: &Hall, service: &ServiceId) -> Vec<WindowNumber> {
    let staffed = hall
        .staffed()
        .filter(|(_, staffing)| staffing.takes(service));
    staffed.map(|(window, _)| window.number).collect()
}

/// The staffed windows that take a service and are not away.
pub fn windows_at_work(hall: &Hall, service: &ServiceId, now: Time) -> Vec<WindowNumber> {
    let mut windows = windows_taking(hall, service);
    windows.retain(|window| {
        let staffing = hall.staffing(*window);
        staffing.is_some_and(|staffing| !is_away(hall, staffing, now))
    });
    windows
}

/// Whether an officer has been on a break for longer than people need to wait for him.
pub(crate) fn is_away(hall: &Hall, staffing: &Staffing, now: Time) -> bool {
    let patience = Duration::minutes(hall.plan().policy.resume_elsewhere_minutes.into());
    let pause = staffing.pause.as_ref();
    pause.is_some_and(|pause| now >= pause.since + patience)
}

/// How many windows a wait is divided by, at least one. Before the doors open the plan is what one knows; once they are
/// open only who sits there counts.
fn windows_to_count(hall: &Hall, service: &ServiceId, now: Time) -> Result<usize, WaitUnknown> {
    if hall.calling_paused().is_some() {
        return Err(WaitUnknown::CallingPaused);
    }
    let at_work = windows_at_work(hall, service, now).len();
    let planned = match phase::of_service(hall, service, now) {
        Phase::Closed | Phase::EarlyOpen | Phase::Between => {
            let windows = hall.plan().windows.iter();
            windows.filter(|window| window.offers(service)).count()
        }
        Phase::Open | Phase::NearClosing | Phase::ServingOut | Phase::Done => 0,
    };
    match at_work.max(planned) {
        0 if windows_taking(hall, service).is_empty() => Err(WaitUnknown::NobodyAtWork),
        0 => Err(WaitUnknown::OnBreak),
        windows => Ok(windows),
    }
}

fn full_minute(at: Time) -> Time {
    let seconds = (60 - at.second()) % 60;
    at + Duration::seconds(seconds.into()) - Duration::nanoseconds(at.nanosecond().into())
}
