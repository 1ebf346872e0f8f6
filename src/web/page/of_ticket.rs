//! The ticket's page: works without JavaScript, each form answering 303.

use super::of_word::days_until;
use super::{qr_code, render, see_other, shell_of};
use crate::access::fresh_token;
use crate::pages::{OtherHall, ServiceChoice, TicketPage, TicketStep};
use crate::web::alternatives::{Alternative, elsewhere_for};
use crate::web::ask::Asker;
use crate::web::body::{RequestKey, fingerprint};
use crate::web::caller::{Holder, app};
use crate::web::moving::carry_over;
use crate::web::problem::Problem;
use crate::web::site::site;
use crate::web::tickets::{HolderAction, HolderForm, ticket_view, wanted};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::Actor;
use hall::id::{HallId, ServiceId};
use hall::text::Text;
use serde::Deserialize;
use serde_json::json;

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
    let (_, action) = path.into_inner();
    let form = form.into_inner();
    let reasons = form.reasons();
    let TicketForm {
        idempotency_key,
        service,
        stars,
        text,
        ..
    } = form;
    let content = json!({ "service": service, "stars": stars, "reasons": reasons, "text": text });
    let fingerprint = fingerprint(&app(&request).secret, content.to_string().as_bytes());
    let done = async {
        let key = RequestKey::of_form(&request, &idempotency_key)?;
        let action = wanted(
            &holder,
            action,
            HolderForm {
                service,
                stars,
                reasons,
                text,
            },
        )?;
        let asker = Asker {
            hall: &holder.hall,
            actor: Actor::Citizen,
            key: &key,
            fingerprint: &fingerprint,
        };
        asker.ask(action).await
    };
    match done.await {
        Ok(_) => Ok(see_other(&format!("/t/{}", holder.token))),
        Err(problem) => ticket_page(&holder, &request, Some(problem.detail)),
    }
}

/// What the form of another hall sends.
#[derive(Debug, Deserialize)]
pub struct MoveForm {
    idempotency_key: String,
    hall: HallId,
}

/// Exchanges the number for one in another hall, and leads to that one's page.
pub async fn move_ticket(
    holder: Holder,
    form: web::Form<MoveForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let MoveForm {
        idempotency_key,
        hall,
    } = form.into_inner();
    let app = app(&request);
    let content = json!({ "hall": hall });
    let fingerprint = fingerprint(&app.secret, content.to_string().as_bytes());
    let moved = async {
        let key = RequestKey::of_form(&request, &idempotency_key)?;
        carry_over(app, &holder, &key, &fingerprint, hall).await
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
pub(super) fn other_services(holder: &Holder, own: &ServiceId) -> Vec<ServiceChoice> {
    holder.hall.read(|hall| {
        let others = hall.plan().services.iter();
        let others = others.filter(|service| service.id != *own);
        let choice = |service: &hall::plan::Service| ServiceChoice {
            id: service.id.clone(),
            name: service.name.clone(),
        };
        others.map(choice).collect()
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
