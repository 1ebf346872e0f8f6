//! What everybody may know of a hall: its page, and its opening hours for calendar programs.

use super::{App, render, shell};
use crate::calendar::{ics, json_ld, opening};
use crate::pages::HallPage;
use crate::web::caller::{Visitor, app};
use crate::web::problem::{Problem, language_of};
use crate::web::site::site;
use actix_web::http::header::{self, ETag, EntityTag, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::{Hall, Plan, Time, view};

/// How many days the page lists.
const DAYS_LISTED: usize = 14;

pub async fn hall(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let now = visitor.hall.now();
    let language = language_of(&request);
    let page = visitor.hall.read(|hall| {
        let (plan, today) = (hall.plan(), hall.plan().date(now));
        let office = json_ld::government_office(plan, today, language, &address(&request, hall));
        HallPage {
            shell: shell(&request, None),
            view: view::kiosk(hall, now),
            open_until: open_until(plan, now),
            numbers_from: numbers_from(hall, now),
            days: opening::next_days(plan, today, DAYS_LISTED),
            numbers_by_phone: gives_numbers_by_phone(app(&request), hall),
            structured: json_ld::for_script(&office),
        }
    });
    render(&request, &page)
}

/// The opening hours as a calendar, the same all day unless the plan changes.
pub async fn hours(
    visitor: Visitor,
    known: web::Header<IfNoneMatch>,
    request: HttpRequest,
) -> HttpResponse {
    let now = visitor.hall.now();
    let language = language_of(&request);
    let calendar = visitor.hall.read(|hall| {
        let today = hall.plan().date(now);
        ics::opening_hours(hall.plan(), today, language, &address(&request, hall))
    });
    let tag = EntityTag::new_strong(crate::access::digest(&calendar).to_string());
    let is_known = match &known.0 {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(&tag)),
    };
    let mut response = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, "no-cache"));
    if is_known {
        return response.finish();
    }
    response
        .content_type("text/calendar; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "inline; filename=\"hours.ics\"",
        ))
        .body(calendar)
}

/// Under which address people know the hall's page.
fn address(request: &HttpRequest, hall: &Hall) -> String {
    format!("{}/{}", site(request).origin(), hall.id())
}

fn open_until(plan: &Plan, now: Time) -> Option<Time> {
    let today = plan.date(now);
    let hours = plan.hours(today).filter(|hours| !hours.appointments_only)?;
    let on = hours.sessions.iter().find(|session| {
        plan.at(today, session.opens) <= now && now < plan.at(today, session.closes)
    })?;
    Some(plan.at(today, on.closes))
}

/// On a day without sessions; whoever reads it on another is told by the hall's own sentence.
fn numbers_from(hall: &Hall, now: Time) -> Option<Time> {
    let (plan, services) = (hall.plan(), hall.plan().services.iter());
    if plan.span(plan.date(now)).is_some() {
        return None;
    }
    services
        .filter_map(|service| hall.next_issuing(&service.id, now))
        .min()
}

/// In a demo whoever sits at it is the kiosk.
fn gives_numbers_by_phone(app: &App, hall: &Hall) -> bool {
    app.is_demo() || hall.plan().policy.phone_tickets
}
