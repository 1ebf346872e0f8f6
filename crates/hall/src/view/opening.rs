//! When numbers are given out and when the doors are open: asked by several views and pages, answered here once.

use crate::id::ServiceId;
use crate::plan::hours::{DayOffer, Session};
use crate::rules::phase;
use crate::state::hall::Hall;
use crate::time::Time;
use chrono::Duration;

/// When the first of these services next gives out numbers.
pub fn numbers_from<'a>(
    hall: &Hall,
    services: impl IntoIterator<Item = &'a ServiceId>,
    now: Time,
) -> Option<Time> {
    let services = services.into_iter();
    let next = services.filter_map(|service| phase::next_issuing(hall, service, now));
    next.min()
}

/// The sessions of a service whose numbers are given out now: from the early opening to the close.
pub(super) fn issuing(
    hall: &Hall,
    service: &ServiceId,
    now: Time,
) -> impl Iterator<Item = Session> {
    let early_open = hall.plan().early_open();
    let sessions = hall.sessions(service, now).into_iter();
    sessions.filter(move |session| session.opens - early_open <= now && now < session.closes)
}

/// Until when the doors are open, by the hall's own hours; nothing outside of them and on a day by appointment.
pub fn open_until(hall: &Hall, now: Time) -> Option<Time> {
    let plan = hall.plan();
    let today = plan.working_date(now);
    plan.hours(today).filter(|hours| !hours.appointments_only)?;
    let mut sessions = plan.doors(today).into_iter();
    let running = sessions.find(|session| session.opens <= now && now < session.closes)?;
    Some(running.closes)
}

/// Whom today is for: every surface that could say "closed today" asks this. A day without sessions on which somebody has
/// booked is his.
pub fn offer_today(hall: &Hall, now: Time) -> DayOffer {
    let plan = hall.plan();
    let date = hall.business_date(now);
    let midnight = plan.at(date, chrono::NaiveTime::MIN);
    let is_booked = || {
        hall.expected(midnight, midnight + Duration::days(1))
            .next()
            .is_some()
    };
    match plan.offer(date) {
        DayOffer::Closed if is_booked() => DayOffer::BookedOnly,
        offer => offer,
    }
}

/// On a day by appointment: from when whoever booked can check in; nothing once he can, or when no time is left.
pub fn check_in_from(hall: &Hall, now: Time) -> Option<Time> {
    let plan = hall.plan();
    if offer_today(hall, now) != DayOffer::BookedOnly {
        return None;
    }
    let date = hall.business_date(now);
    let early = Duration::minutes(plan.policy.check_in_early_minutes.into());
    let services = plan.services.iter();
    let slots = services.flat_map(|service| plan.slots(date, &service.id));
    let at_windows = slots.filter(|slot| slot.rule.kind.is_window());
    let ahead = at_windows.filter(|slot| now < slot.session_closes);
    let from = ahead.map(|slot| slot.starts_at - early).min()?;
    (now < from).then(|| plan.local(from))
}
