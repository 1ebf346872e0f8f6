//! The appointment's page: works without JavaScript, each form answering 303.

use super::{qr_code, render, see_other, shell_of};
use crate::access::{digest, fresh_token};
use crate::calendar::ics::{self, BookingEvent, BookingStatus};
use crate::pages::AppointmentPage;
use crate::web::appointments::{BookingAction, BookingForm, appointment_view, wanted};
use crate::web::ask::Asker;
use crate::web::body::{RequestKey, fingerprint};
use crate::web::caller::{AppointmentHolder, app};
use crate::web::problem::{Problem, language_of};
use crate::web::site::site;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Days, Duration};
use hall::plan::slot::SlotId;
use hall::state::appointment::StandingName;
use hall::text::{Language, Text};
use hall::view::{self, AppointmentView, SlotView};
use hall::{Actor, Hall, Time};
use serde::Deserialize;
use serde_json::json;

/// How many times to choose from the page shows.
const TIMES_SHOWN: usize = 24;
/// How many days ahead a full time can be waited for.
const DAYS_AHEAD: u64 = 31;

/// Time enough to find the documents and come.
const REMIND_HOURS_BEFORE: i64 = 2;

/// What the page's forms send.
#[derive(Debug, Deserialize)]
pub struct AppointmentForm {
    idempotency_key: String,
    slot: Option<SlotId>,
}

pub async fn appointment(
    holder: AppointmentHolder,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    appointment_page(&holder, &request, None)
}

/// A form of the page; a refusal shows the page again with the reason.
pub async fn act_on_appointment(
    holder: AppointmentHolder,
    path: web::Path<(String, BookingAction)>,
    form: web::Form<AppointmentForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (_, action) = path.into_inner();
    let AppointmentForm {
        idempotency_key,
        slot,
    } = form.into_inner();
    let content = json!({ "slot": slot }).to_string();
    let fingerprint = fingerprint(&app(&request).secret, content.as_bytes());
    let done = async {
        let key = RequestKey::of_form(&request, &idempotency_key)?;
        let form = BookingForm { slot, reason: None };
        let action = wanted(holder.appointment, action, form)?;
        let asker = Asker {
            hall: &holder.hall,
            actor: Actor::Citizen,
            key: &key,
            fingerprint: &fingerprint,
        };
        asker.ask_for_place(action).await
    };
    match done.await {
        Ok(_) => Ok(see_other(&format!("/a/{}", holder.token))),
        Err(problem) => appointment_page(&holder, &request, Some(problem.detail)),
    }
}

/// For a calendar program: the same entry for ever, changed by each move and by the cancellation.
pub async fn appointment_ics(
    holder: AppointmentHolder,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let view = appointment_view(&holder)?;
    let time = view.slot.as_ref();
    let time =
        time.ok_or_else(|| Problem::not_found("该预约的时间", "time of this appointment"))?;
    let language = language_of(&request);
    let say = |text: &Text| text.in_language(language).to_string();
    let event = BookingEvent {
        // of the token and not the token: calendars are shared
        uid: format!("{}@paihao", digest(holder.token.as_str())),
        sequence: view.sequence,
        changed_at: view.now,
        starts_at: time.starts_at,
        ends_at: time.ends_at,
        time_zone: holder.hall.read(|hall| hall.plan().time_zone),
        summary: format!("{} · {}", say(&view.service_name), say(&view.hall_name)),
        location: view
            .address
            .as_ref()
            .filter(|_| view.kind.is_window())
            .map(say),
        description: description(&view, language),
        url: Some(format!("{}/a/{}", site(&request).origin(), holder.token)),
        status: match view.standing {
            StandingName::Cancelled | StandingName::Lapsed => BookingStatus::Cancelled,
            StandingName::Held
            | StandingName::Listed
            | StandingName::Booked
            | StandingName::CheckedIn
            | StandingName::Visited
            | StandingName::NoShow => BookingStatus::Confirmed,
        },
        remind_before: Some(Duration::hours(REMIND_HOURS_BEFORE)),
    };
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            "inline; filename=\"appointment.ics\"",
        ))
        .body(ics::booking(&event)))
}

/// The code, and what to bring.
fn description(view: &AppointmentView, language: Language) -> Vec<String> {
    let code = Text::new(
        format!("预约码 {}", view.code),
        format!("Booking code {}", view.code),
    );
    let documents = view.documents.iter();
    let lines = std::iter::once(&code).chain(documents);
    lines
        .map(|line| line.in_language(language).to_string())
        .collect()
}

/// The page's address as a QR code: the kiosk reads it, and so does another phone.
pub async fn appointment_qr(
    holder: AppointmentHolder,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    qr_code(&format!("{}/a/{}", site(&request).origin(), holder.token))
}

fn appointment_page(
    holder: &AppointmentHolder,
    request: &HttpRequest,
    message: Option<Text>,
) -> Result<HttpResponse, Problem> {
    let view = appointment_view(holder)?;
    let now = holder.hall.now();
    let page = holder.hall.read(|hall| AppointmentPage {
        shell: shell_of(&format!("/a/{}", holder.token), request, None),
        token: holder.token.clone(),
        hotline: hall.plan().hotline.clone(),
        free: free(hall, &view, now),
        full: full(hall, &view, now),
        view,
        idempotency_key: fresh_token(),
        message,
    });
    render(request, &page)
}

fn free(hall: &Hall, view: &AppointmentView, now: Time) -> Vec<SlotView> {
    if !view.actions.contains(&"move") {
        return Vec::new();
    }
    let own = view.slot.as_ref().map(|slot| &slot.id);
    let places = view.slot.as_ref().map_or(1, |slot| slot.places);
    let free = view::next_free_slots(hall, &view.service, now, TIMES_SHOWN);
    free.into_iter()
        .filter(|slot| Some(&slot.id) != own && slot.free >= places)
        .collect()
}

fn full(hall: &Hall, view: &AppointmentView, now: Time) -> Vec<SlotView> {
    if !view.actions.contains(&"wait-list") {
        return Vec::new();
    }
    let own = view.slot.as_ref().map(|slot| &slot.id);
    let wished = view.wish.as_ref().map(|wish| &wish.slot.id);
    let today = hall.plan().date(now);
    let slots = view::slots(
        hall,
        &view.service,
        today,
        today + Days::new(DAYS_AHEAD),
        now,
    );
    let is_another = |slot: &SlotView| Some(&slot.id) != own && Some(&slot.id) != wished;
    slots
        .into_iter()
        .filter(|slot| slot.bookable && slot.free == 0 && is_another(slot))
        .take(TIMES_SHOWN)
        .collect()
}
