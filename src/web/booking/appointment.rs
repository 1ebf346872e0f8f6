//! The appointment's page: works without JavaScript, each form answering 303.

use crate::access::{digest, fresh_token};
use crate::calendar::ics::{self, BookingEvent, BookingStatus};
use crate::pages::AppointmentPage;
use crate::web::booking::verbs::{BookingAction, BookingForm, act, appointment_view};
use crate::web::http::caller::AppointmentHolder;
use crate::web::http::page::{qr_code, render, see_other, shell_of};
use crate::web::http::problem::language_of;
use crate::web::http::site::site;
use crate::web::http::{KeyedBody, OrNotFound, Problem, RequestKey};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Duration;
use hall::plan::slot::SlotId;
use hall::state::appointment::StandingName;
use hall::text::{Language, Text};
use hall::view::{AppointmentView, slots_to_move_to, slots_to_wait_for};
use serde::Deserialize;
use serde_json::json;

/// Time enough to find the documents and come.
const REMIND_HOURS_BEFORE: i64 = 2;

/// What the page's forms send.
#[derive(Debug, Deserialize)]
pub struct AppointmentForm {
    idempotency_key: String,
    slot: Option<SlotId>,
}

/// `?again`: the form was sent once more after it had led here.
#[derive(Debug, Deserialize)]
pub struct AgainQuery {
    again: Option<String>,
}

pub async fn appointment(
    holder: AppointmentHolder,
    query: web::Query<AgainQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    appointment_page(
        &holder,
        &request,
        query.again.as_ref().map(|_| booked_already()),
    )
}

fn booked_already() -> Text {
    Text::new(
        "这张表已经预约成功，就是下面这个预约；后来改动的内容没有保存。要改时间或取消，请在本页操作；要为别人预约，请从头再填一次。",
        "This form has booked already: the appointment below. What you changed afterwards was not kept. Move or cancel it \
         here; to book for somebody else, begin again.",
    )
}

/// A form of the page; a refusal shows the page again with the reason.
pub async fn act_on_appointment(
    holder: AppointmentHolder,
    path: web::Path<(String, BookingAction)>,
    form: web::Form<AppointmentForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let AppointmentForm {
        idempotency_key,
        slot,
    } = form.into_inner();
    let content = json!({ "slot": slot });
    let done = async {
        let key = RequestKey::of_form(&request, &idempotency_key, &content)?;
        let form = BookingForm { slot, reason: None };
        act(&holder, path.1, KeyedBody { form, key }).await
    };
    match done.await {
        Ok(()) => Ok(see_other(&format!("/a/{}", holder.token))),
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
    let time = time.or_not_found("该预约的时间", "time of this appointment")?;
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
        free: slots_to_move_to(hall, &view, now),
        full: slots_to_wait_for(hall, &view, now),
        view,
        idempotency_key: fresh_token(),
        message,
    });
    render(request, &page)
}
