//! The ticket's page: works without JavaScript, each form answering 303.

use crate::access::fresh_token;
use crate::pages::{OtherHall, ServiceChoice, TicketPage, TicketStep};
use crate::web::complaints::page::days_until;
use crate::web::http::caller::{Holder, app};
use crate::web::http::page::{choice_of, qr_code, render, see_other, shell_of};
use crate::web::http::site::site;
use crate::web::http::{KeyedBody, Problem, RequestKey};
use crate::web::numbers::alternatives::{Alternative, elsewhere_for};
use crate::web::numbers::moving::{MoveForm, carry_over};
use crate::web::numbers::verbs::{HolderAction, HolderForm, act, ticket_view};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::{HallId, ServiceId};
use hall::text::Text;
use serde::Deserialize;

/// What the page's forms send.
#[derive(Debug, Deserialize)]
pub struct TicketForm {
    idempotency_key: String,
    service: Option<ServiceId>,
    stars: Option<u8>,
    text: Option<String>,
    /// Why somebody was dissatisfied, each a box that was ticked: the three kinds of the national rating.
    #[serde(default)]
    efficiency: bool,
    #[serde(default)]
    skill: bool,
    #[serde(default)]
    manner: bool,
}

impl TicketForm {
    /// The same as a program would send it.
    fn into_form(self) -> HolderForm {
        HolderForm {
            reasons: self.reasons(),
            service: self.service,
            stars: self.stars,
            text: self.text,
        }
    }

    fn reasons(&self) -> Vec<String> {
        let boxes = [
            (self.efficiency, "服务效率"),
            (self.skill, "服务水平"),
            (self.manner, "服务态度"),
        ];
        let ticked = boxes.iter().filter(|(is_ticked, _)| *is_ticked);
        ticked.map(|(_, reason)| (*reason).into()).collect()
    }
}

/// `?skip=rating`.
#[derive(Debug, Deserialize)]
pub struct Skipped {
    skip: Option<TicketStep>,
}

pub async fn ticket(holder: Holder, request: HttpRequest) -> Result<HttpResponse, Problem> {
    ticket_page(&holder, &request, None)
}

/// A form of the page; a refusal shows the page again with the reason.
pub async fn act_on_ticket(
    holder: Holder,
    path: web::Path<(String, HolderAction)>,
    form: web::Form<TicketForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let idempotency_key = form.idempotency_key.clone();
    let form = form.into_inner().into_form();
    let done = async {
        let key = RequestKey::of_form(&request, &idempotency_key, &form)?;
        act(&holder, path.1, KeyedBody { form, key }).await
    };
    match done.await {
        Ok(()) => Ok(see_other(&format!("/t/{}", holder.token))),
        Err(problem) => ticket_page(&holder, &request, Some(problem.detail)),
    }
}

/// What the form of another hall sends.
#[derive(Debug, Deserialize)]
pub struct OtherHallForm {
    idempotency_key: String,
    hall: HallId,
}

/// Exchanges the number for one in another hall, and leads to that one's page.
pub async fn move_ticket(
    holder: Holder,
    form: web::Form<OtherHallForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let idempotency_key = &form.idempotency_key;
    let form = MoveForm {
        hall: form.hall.clone(),
    };
    let moved = async {
        let key = RequestKey::of_form(&request, idempotency_key, &form)?;
        carry_over(app(&request), &holder, KeyedBody { form, key }).await
    };
    match moved.await {
        Ok(moved) => Ok(see_other(&format!("/t/{}", moved.token))),
        Err(problem) => ticket_page(&holder, &request, Some(problem.detail)),
    }
}

/// The page's address as a QR code, for the kiosk's screen and the slip.
pub async fn ticket_qr(holder: Holder, request: HttpRequest) -> Result<HttpResponse, Problem> {
    qr_code(&format!("{}/t/{}", site(&request).origin(), holder.token))
}

fn ticket_page(
    holder: &Holder,
    request: &HttpRequest,
    message: Option<Text>,
) -> Result<HttpResponse, Problem> {
    let view = ticket_view(holder)?;
    let elsewhere = elsewhere_for(&app(request).halls, &holder.hall, holder.ticket);
    let page = TicketPage {
        elsewhere: elsewhere.into_iter().filter_map(other_hall).collect(),
        shell: shell_of(&format!("/t/{}", holder.token), request, None),
        token: holder.token.clone(),
        moved_page: view.moved_to.as_ref().map(|to| format!("/t/{}", to.token)),
        phone_tickets: holder.hall.read(|hall| hall.plan().policy.phone_tickets),
        skips_rating: skips_rating(request),
        word_days: view
            .word
            .as_ref()
            .map_or(0, |word| days_until(word.due, view.now)),
        view,
        idempotency_key: fresh_token(),
        message,
    };
    render(request, &page)
}

fn skips_rating(request: &HttpRequest) -> bool {
    let query = web::Query::<Skipped>::from_query(request.query_string());
    query.is_ok_and(|query| query.skip == Some(TicketStep::Rating))
}

/// What else the hall does.
pub fn other_services(holder: &Holder, own: &ServiceId) -> Vec<ServiceChoice> {
    holder.hall.read(|hall| {
        let services = hall.plan().services.iter();
        let others = services.filter(|service| service.id != *own);
        others.map(choice_of).collect()
    })
}

fn other_hall(alternative: Alternative) -> Option<OtherHall> {
    Some(OtherHall {
        hall: alternative.hall?,
        name: alternative.title,
        wait: alternative.wait,
        walking_minutes: alternative.walking_minutes,
        driving_minutes: alternative.driving_minutes,
    })
}
