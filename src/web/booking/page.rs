//! Booking in four steps at one address: service, day, time, confirm. Plain links and forms: it works without JavaScript,
//! the browser's back key works, and a refusal comes on the form with what was typed.
//!
//! Choosing a time holds a place. A cookie with a random text says whose hold it is, and the address says which one it
//! is.

use crate::access::fresh_token;
use crate::pages::{BookPage, BookStep, Shell, TypedFields};
use crate::runtime::Owner;
use crate::web::booking::form::{BookQuery, ConfirmForm};
use crate::web::booking::verbs::{self, HoldForm};
use crate::web::http::caller::{Books, Guest, app};
use crate::web::http::keyed::draw_token;
use crate::web::http::page::{own_cookie, qr_code, render, see_other, shell};
use crate::web::http::problem::language_of;
use crate::web::http::site::site;
use crate::web::http::{KeyedBody, OrNotFound, Problem, ProblemKind, RequestKey};
use crate::web::numbers::alternatives::alternatives;
use actix_web::cookie::SameSite;
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::{ServiceId, Token};
use hall::plan::slot::SlotId;
use hall::rules::estimate;
use hall::text::{Language, Text};
use hall::{Answer, Hall, Time, view};
use serde::Deserialize;

/// Remembers whose hold it is; a browser's next hold ends the one before.
const CLIENT_COOKIE: &str = "paihao-booking";
/// As long as somebody may think about it.
const CLIENT_REMEMBERED_HOURS: i64 = 2;

/// A time was chosen.
#[derive(Debug, Deserialize)]
pub struct ChosenForm {
    service: ServiceId,
    slot: SlotId,
}

/// A form that was refused: the page shows it again.
#[derive(Debug, Default)]
struct Refusal {
    typed: TypedFields,
    problem: Option<Problem>,
}

pub async fn book(
    guest: Guest,
    query: web::Query<BookQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut response = book_page(&guest.hall, &query, Refusal::default(), &request)?;
    remember(&mut response, &client_of(&request), &request);
    Ok(response)
}

/// A time was chosen: its place is kept while the form is filled.
pub async fn hold(
    booker: Books,
    form: web::Form<ChosenForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let ChosenForm { service, slot } = form.into_inner();
    // a browser that keeps no cookie is one with the others like it at its address
    let client = known_client(&request).unwrap_or_else(|| booker.owner.clone());
    let form = HoldForm {
        service: service.clone(),
        slot: slot.clone(),
        places: 1,
        client: Some(client),
    };
    let key = RequestKey::drawn(&request);
    let mut response = match verbs::hold(&booker, KeyedBody { form, key }, app(&request)).await {
        Ok(held) => {
            let chosen = BookQuery {
                service: Some(held.service),
                slot: Some(held.slot),
                hold: Some(held.token),
                ..BookQuery::default()
            };
            see_other(&chosen.address(&booker.hall))
        }
        Err(problem) => {
            let query = BookQuery {
                service: Some(service),
                date: Some(slot.date()),
                ..BookQuery::default()
            };
            let refusal = Refusal {
                problem: Some(problem),
                ..Refusal::default()
            };
            book_page(&booker.hall, &query, refusal, &request)?
        }
    };
    remember(&mut response, &client_of(&request), &request);
    Ok(response)
}

/// The form: a booking leads to its page, a refusal back to the form.
pub async fn confirm(
    booker: Books,
    form: web::Form<ConfirmForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut form = form.into_inner();
    if let Some(other) = form.other_slot.take() {
        form.slot = other;
        form.hold.clear();
    }
    let query = form.query();
    let key = RequestKey::of_form(&request, &form.idempotency_key, &form);
    let id = key.as_ref().ok().map(|key| key.command_id(&booker.actor));
    let booked = async {
        let key = key?;
        let form = form.booking(&booker.hall, language_of(&request))?;
        verbs::book(&booker, KeyedBody { form, key }, app(&request)).await
    };
    match booked.await {
        Ok(booked) => Ok(see_other(&booked.page)),
        Err(problem) => {
            if let (ProblemKind::KeyReused, Some(id)) = (problem.kind, id)
                && let Some(Answer::Booked(first)) =
                    app(&request).halls.first_answer(&booker.hall, &id).await
            {
                // Back, a change, and Send again: the booking is there, and its page is where it is changed
                return Ok(see_other(&format!("/a/{}?again", first.token)));
            }
            let refusal = Refusal {
                typed: form.typed(),
                problem: Some(problem),
            };
            book_page(&booker.hall, &query, refusal, &request)
        }
    }
}

/// Where a service is booked, as a QR code for the kiosk and the usher.
pub async fn book_qr(
    guest: Guest,
    path: web::Path<(String, ServiceId)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (_, service) = path.into_inner();
    let hall = guest.hall.read(|hall| {
        hall.plan().service(&service)?;
        Some(hall.id().clone())
    });
    let hall = hall.or_not_found("该业务", "service")?;
    let origin = site(&request).origin();
    qr_code(&format!("{origin}/{hall}/book?service={service}"))
}

fn book_page(
    hall: &Owner<Hall>,
    query: &BookQuery,
    refusal: Refusal,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let now = hall.now();
    let page = hall.read(|hall| page_of(hall, query, now));
    let mut page = page.or_not_found("该业务或时段", "service or time")?;
    let other = match language_of(request) {
        Language::Zh => "en",
        Language::En => "zh",
    };
    page.shell = Shell {
        other_language: format!("{}&lang={other}", query.address(hall)),
        ..shell(request, None)
    };
    page.typed = refusal.typed;
    if let (BookStep::Elsewhere, Some(service)) = (page.step, &query.service) {
        let is_open = page.service.as_ref().is_some_and(|service| service.open);
        let mut others = alternatives(&app(request).halls, hall, service);
        others.retain(|other| other.kind != "later_today" || !is_open);
        page.alternatives = serde_json::json!(others);
    }
    if let Some(problem) = refusal.problem {
        page.wrong = wrong_field(&problem);
        let is_gone = problem.extra.contains_key("alternatives");
        if let (true, Some(service)) = (is_gone, &query.service) {
            page.others =
                hall.read(|hall| view::nearest_free_slots(hall, service, query.slot.as_ref(), now));
            page.waits |= problem.extra.get("may_wait") == Some(&serde_json::Value::Bool(true));
        }
        page.message = Some(problem.detail);
    }
    render(request, &page)
}

/// The step that the address names; nothing if it names what is not there.
fn page_of(hall: &Hall, query: &BookQuery, now: Time) -> Option<BookPage> {
    let mut page = empty_page(hall);
    let services = view::kiosk(hall, now).services;
    let Some(service) = &query.service else {
        (page.services, page.walk_in) = view::book_services(hall, services, now);
        return Some(page);
    };
    let chosen = services.into_iter().find(|tile| tile.id == *service)?;
    page.minutes = estimate::typical_seconds(hall, service).div_ceil(60);
    let (bookable, suspended) = (chosen.bookable, chosen.suspended.is_some());
    page.service = Some(chosen);
    if !bookable || suspended {
        page.step = BookStep::Elsewhere;
    } else if let Some(slot) = &query.slot {
        confirm_step(hall, &mut page, query, (service, slot), now);
    } else if let Some(date) = query.date {
        page.step = BookStep::Time;
        page.date = Some(date);
        page.slots = view::book_times(hall, service, date, now);
    } else {
        page.step = BookStep::Day;
        page.days = view::book_days(hall, service, now);
    }
    Some(page)
}

fn empty_page(hall: &Hall) -> BookPage {
    let plan = hall.plan();
    BookPage {
        shell: Shell::default(),
        hall: hall.id().clone(),
        hall_name: plan.name.clone(),
        hotline: plan.hotline.clone(),
        step: BookStep::Service,
        services: Vec::new(),
        walk_in: Vec::new(),
        service: None,
        minutes: 0,
        days: Vec::new(),
        date: None,
        slots: Vec::new(),
        chosen: None,
        hold: None,
        held_until: None,
        hold_over: false,
        waits: false,
        typed: TypedFields::default(),
        message: None,
        wrong: None,
        others: Vec::new(),
        alternatives: serde_json::Value::Null,
        phone_tickets: plan.policy.phone_tickets,
        idempotency_key: fresh_token(),
    }
}

fn confirm_step(
    hall: &Hall,
    page: &mut BookPage,
    query: &BookQuery,
    (service, slot): (&ServiceId, &SlotId),
    now: Time,
) {
    let Some(chosen) = view::book_slot(hall, service, slot, now) else {
        // it is over, or the plan has changed: choose again
        page.step = BookStep::Day;
        page.days = view::book_days(hall, service, now);
        page.message = Some(gone());
        return;
    };
    page.step = BookStep::Confirm;
    page.date = Some(slot.date());
    page.waits = query.wait && chosen.free == 0;
    page.chosen = Some(chosen);
    let hold = query.hold.as_ref();
    page.held_until = hold.and_then(|hold| view::held_until(hall, hold, slot, now));
    page.hold_over = hold.is_some() && page.held_until.is_none();
    page.hold = hold.filter(|_| page.held_until.is_some()).cloned();
}

fn gone() -> Text {
    Text::new(
        "该时段已经不能约了,请另选时间。",
        "That time cannot be booked any more. Choose another.",
    )
}

/// `/person/phone` is the field `phone`, `/booker/phone` is `booker_phone`.
fn wrong_field(problem: &Problem) -> Option<String> {
    let pointer = problem.extra.get("errors")?[0]["pointer"].as_str()?;
    let field = pointer
        .trim_start_matches("/person")
        .trim_start_matches('/');
    Some(field.replace('/', "_")).filter(|field| !field.is_empty())
}

fn client_of(request: &HttpRequest) -> Token {
    known_client(request).unwrap_or_else(draw_token)
}

fn known_client(request: &HttpRequest) -> Option<Token> {
    let known = request.cookie(CLIENT_COOKIE)?;
    Token::parse(known.value()).ok()
}

fn remember(response: &mut HttpResponse, client: &Token, request: &HttpRequest) {
    let (name, hours) = (CLIENT_COOKIE.into(), CLIENT_REMEMBERED_HOURS);
    let cookie = own_cookie(request, name, client.as_str(), SameSite::Lax, hours);
    // a response whose headers cannot take one more cookie is no reason to refuse the booking
    response.add_cookie(&cookie).ok();
}
