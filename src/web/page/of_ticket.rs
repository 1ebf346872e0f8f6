//! The ticket's page: works without JavaScript, each form answering 303.

use super::{qr_code, render, see_other, shell_of};
use crate::access::fresh_token;
use crate::pages::{OtherHall, ServiceChoice, TicketPage};
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
    let TicketForm {
        idempotency_key,
        service,
        stars,
        text,
    } = form.into_inner();
    let content = json!({ "service": service, "stars": stars, "text": text });
    let fingerprint = fingerprint(&app(&request).secret, content.to_string().as_bytes());
    let done = async {
        let key = RequestKey::of_form(&request, &idempotency_key)?;
        let action = wanted(
            &holder,
            action,
            HolderForm {
                service,
                stars,
                reasons: Vec::new(),
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
    let choice = |service: &hall::plan::Service| ServiceChoice {
        id: service.id.clone(),
        name: service.name.clone(),
    };
    let services = holder.hall.read(|hall| {
        hall.plan()
            .services
            .iter()
            .filter(|service| service.id != view.service)
            .map(choice)
            .collect()
    });
    let elsewhere = elsewhere_for(&app(request).halls, &holder.hall, holder.ticket);
    let page = TicketPage {
        elsewhere: elsewhere.into_iter().filter_map(other_hall).collect(),
        shell: shell_of(&format!("/t/{}", holder.token), request, None),
        token: holder.token.clone(),
        view,
        services,
        idempotency_key: fresh_token(),
        message,
    };
    render(request, &page)
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
