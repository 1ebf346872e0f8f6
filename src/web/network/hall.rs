//! What everybody may know of a hall: its page, and its opening hours for calendar programs.

use crate::calendar::{ics, json_ld, opening};
use crate::pages::HallPage;
use crate::web::http::caller::{Guest, app};
use crate::web::http::entity_tag::{tag_of_text, unless_known};
use crate::web::http::page::{render, shell};
use crate::web::http::problem::language_of;
use crate::web::http::site::site;
use crate::web::http::{App, Problem};
use actix_web::http::header::{self, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::plan::hours::DayOffer;
use hall::{Hall, Time, view};

/// How many days the page lists.
const DAYS_LISTED: usize = 14;

pub async fn hall(guest: Guest, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let now = guest.hall.now();
    let language = language_of(&request);
    let page = guest.hall.read(|hall| {
        let (plan, today) = (hall.plan(), hall.plan().date(now));
        let office = json_ld::government_office(plan, today, language, &address(&request, hall));
        HallPage {
            shell: shell(&request, None),
            view: view::kiosk(hall, now),
            open_until: view::open_until(hall, now),
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
    guest: Guest,
    known: web::Header<IfNoneMatch>,
    request: HttpRequest,
) -> HttpResponse {
    let now = guest.hall.now();
    let language = language_of(&request);
    let calendar = guest.hall.read(|hall| {
        let today = hall.plan().date(now);
        ics::opening_hours(hall.plan(), today, language, &address(&request, hall))
    });
    unless_known(tag_of_text(&calendar), Some(&known), |mut response| {
        response
            .content_type("text/calendar; charset=utf-8")
            .insert_header((
                header::CONTENT_DISPOSITION,
                "inline; filename=\"hours.ics\"",
            ))
            .body(calendar.clone())
    })
}

/// Under which address people know the hall's page.
fn address(request: &HttpRequest, hall: &Hall) -> String {
    format!("{}/{}", site(request).origin(), hall.id())
}

/// On a day that is for nobody; on another the hall's own sentence says it.
fn numbers_from(hall: &Hall, now: Time) -> Option<Time> {
    if view::offer_today(hall, now) != DayOffer::Closed {
        return None;
    }
    let services = hall.plan().services.iter().map(|service| &service.id);
    view::numbers_from(hall, services, now)
}

/// In a demo every browser is a kiosk.
fn gives_numbers_by_phone(app: &App, hall: &Hall) -> bool {
    app.is_demo() || hall.plan().policy.phone_tickets
}
