//! When numbers are given out and when the doors are open: asked by several views and pages, answered here once.

use crate::id::ServiceId;
use crate::plan::hours::Session;
use crate::rules::phase;
use crate::state::hall::Hall;
use crate::time::Time;
use chrono::NaiveDate;

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
    let plan = hall.plan();
    let early_open = plan.early_open();
    let sessions = plan.sessions(hall.business_date(now), service).into_iter();
    sessions.filter(move |session| session.opens - early_open <= now && now < session.closes)
}

/// Until when the doors are open, by the hall's own hours; nothing outside of them and on a day by appointment.
pub fn open_until(hall: &Hall, now: Time) -> Option<Time> {
    let plan = hall.plan();
    let today = plan.date(now);
    let hours = plan.hours(today).filter(|hours| !hours.appointments_only)?;
    let mut sessions = hours.sessions.iter();
    let running = sessions.find(|session| {
        plan.at(today, session.opens) <= now && now < plan.at(today, session.closes)
    })?;
    Some(plan.at(today, running.closes))
}

/// Whether on this date every service is only for those who booked.
pub fn appointments_only(hall: &Hall, date: NaiveDate) -> bool {
    let plan = hall.plan();
    let mut services = plan.services.iter();
    services.all(|service| plan.appointments_only(date, &service.id))
}
