//! What the hall is doing at a moment: a pure function of plan, state and time, never an event.
//!
//! Boundaries are half-open: numbers are issued in `[open − 10 min, close)`.

use crate::id::ServiceId;
use crate::plan::Service;
use crate::plan::hours::Session;
use crate::record::redirect::RedirectReason;
use crate::state::hall::Hall;
use crate::state::phase::Phase;
use crate::time::Time;
use chrono::NaiveDate;

/// The phase of one service.
pub fn of_service(hall: &Hall, service: &ServiceId, now: Time) -> Phase {
    let date = hall.business_date(now);
    let sessions = hall.sessions(service, now);
    if day_is_over(hall, date) {
        return if sessions.is_empty() {
            Phase::Closed
        } else {
            Phase::Done
        };
    }
    let early_open = hall.plan().early_open();
    let near_closing = hall.plan().near_closing();
    for session in &sessions {
        if now < session.opens - early_open || now >= session.closes {
            continue;
        }
        return if now < session.opens {
            Phase::EarlyOpen
        } else if now < session.closes - near_closing && !hall.overruns(service) {
            Phase::Open
        } else {
            Phase::NearClosing
        };
    }
    let begun = sessions
        .first()
        .is_some_and(|session| now >= session.closes);
    let over = sessions.last().is_some_and(|session| now >= session.closes);
    if hall.is_anyone_unresolved(Some(service), now) && (begun || sessions.is_empty()) {
        Phase::ServingOut
    } else if over {
        Phase::Done
    } else if begun {
        Phase::Between
    } else {
        Phase::Closed
    }
}

/// Why whoever could do this service online is led there first, while that is so.
pub fn redirecting(hall: &Hall, service: &Service, now: Time) -> Option<RedirectReason> {
    service.online.as_ref()?;
    if of_service(hall, &service.id, now) != Phase::NearClosing {
        return None;
    }
    let near_closing = hall.plan().near_closing();
    let sessions = hall.sessions(&service.id, now);
    let is_near = |s: &Session| s.closes - near_closing <= now && now < s.closes;
    Some(match sessions.iter().any(is_near) {
        true => RedirectReason::NearClosing,
        false => RedirectReason::Forecast,
    })
}

/// The phase of the hall: that of its latest-open service.
pub fn of_hall(hall: &Hall, now: Time) -> Phase {
    let phases = hall
        .plan()
        .services
        .iter()
        .map(|service| of_service(hall, &service.id, now));
    phases.max().unwrap_or(Phase::Closed)
}

/// When numbers for a service are next issued to whoever walks in: not before its suspension ends, and `None` while
/// that has no end.
pub fn next_issuing(hall: &Hall, service: &ServiceId, now: Time) -> Option<Time> {
    let Some(suspension) = hall.suspensions().get(service) else {
        return hall.plan().next_issuing(service, now);
    };
    let until = suspension.until?.max(now);
    if hall.plan().issues_at(service, until) {
        Some(hall.plan().local(until))
    } else {
        hall.plan().next_issuing(service, until)
    }
}

/// When the phase of the hall or of a service next changes by the clock alone.
pub fn next_change(hall: &Hall, now: Time) -> Option<Time> {
    let early_open = hall.plan().early_open();
    let near_closing = hall.plan().near_closing();
    let dates =
        std::iter::successors(Some(hall.business_date(now)), |date| date.succ_opt()).take(15);
    dates
        .filter_map(|date| {
            let sessions = hall
                .plan()
                .services
                .iter()
                .flat_map(|service| hall.plan().sessions(date, &service.id));
            sessions
                .flat_map(|s| {
                    [
                        s.opens - early_open,
                        s.opens,
                        s.closes - near_closing,
                        s.closes,
                    ]
                })
                .filter(|change| *change > now)
                .min()
        })
        .next()
}

fn day_is_over(hall: &Hall, date: NaiveDate) -> bool {
    hall.day()
        .is_some_and(|day| day.date == date && day.closed.is_some())
}
