//! The lines as an usher walks up to them: whom to lead to the app, from when, and the next time to book.

use super::{ServiceView, SlotView, next_free_slot};
use crate::id::ServiceId;
use crate::plan::OnlineRoute;
use crate::record::wait::{UnknownWait, Wait};
use crate::state::hall::Hall;
use crate::text::Text;
use crate::time::Time;
use serde::Serialize;
use std::collections::BTreeSet;

/// A service as the usher walks up to its line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UsherLine {
    pub id: ServiceId,
    pub name: Text,
    pub waiting: u32,
    pub wait: Option<Wait>,
    /// Why there is no range.
    pub wait_unknown: Option<UnknownWait>,
    pub online: Option<OnlineRoute>,
    /// People are led to the app now.
    pub leads: bool,
    /// The first that leads to this app: what to say, and its code, stand there once.
    pub says: bool,
    /// Or from then on.
    pub leads_from: Option<Time>,
    pub leads_in_minutes: Option<i64>,
    /// The next time to book.
    pub next: Option<SlotView>,
    pub bookable: bool,
}

/// The lines of the kiosk's services.
pub fn usher_lines(hall: &Hall, services: Vec<ServiceView>, now: Time) -> Vec<UsherLine> {
    let services = services.into_iter();
    let mut lines: Vec<UsherLine> = services.map(|service| line(hall, service, now)).collect();
    let mut said = BTreeSet::new();
    for line in lines.iter_mut().filter(|line| line.leads) {
        let app = line.online.as_ref().map(|online| online.url.clone());
        line.says = app.is_some_and(|app| said.insert(app));
    }
    lines
}

fn line(hall: &Hall, service: ServiceView, now: Time) -> UsherLine {
    let leads = service.redirect.is_some();
    let leads_from = match &service.online {
        Some(_) if !leads => near_closing_from(hall, &service.id, now),
        _ => None,
    };
    UsherLine {
        next: next_free_slot(hall, &service.id, now),
        leads_in_minutes: leads_from.map(|at| (at - now).num_minutes()),
        leads_from: leads_from.map(|at| hall.plan().local(at)),
        leads,
        says: false,
        id: service.id,
        name: service.name,
        waiting: service.waiting,
        wait: service.wait,
        wait_unknown: service.wait_unknown,
        online: service.online,
        bookable: service.bookable,
    }
}

/// When near closing begins for a service today, in the session that runs or comes next.
fn near_closing_from(hall: &Hall, service: &ServiceId, now: Time) -> Option<Time> {
    let plan = hall.plan();
    let today = hall.business_date(now);
    if plan.appointments_only(today, service) {
        return None;
    }
    let sessions = plan.sessions(today, service).into_iter();
    let mut begins = sessions.map(|session| session.closes - plan.near_closing());
    begins.find(|begins| now < *begins)
}
