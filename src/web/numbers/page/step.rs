//! The step before something is done with a ticket. It has a page of its own: so it works without JavaScript, and a tap
//! by mistake does nothing.

use crate::access::fresh_token;
use crate::pages::{TicketStep, TicketStepPage};
use crate::web::http::Problem;
use crate::web::http::caller::Holder;
use crate::web::http::page::{render, shell};
use crate::web::numbers::page::family::family_url;
use crate::web::numbers::page::ticket::other_services;
use crate::web::numbers::verbs::ticket_view;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

/// `?stars=`: what was tapped before words are asked for.
#[derive(Debug, Deserialize)]
pub struct Tapped {
    #[serde(default)]
    stars: u8,
}

pub async fn ticket_step(
    holder: Holder,
    path: web::Path<(String, TicketStep)>,
    tapped: web::Query<Tapped>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (_, step) = path.into_inner();
    let view = ticket_view(&holder)?;
    let page = TicketStepPage {
        shell: shell(&request, None),
        services: other_services(&holder, &view.service),
        stars: tapped.stars.clamp(1, 5),
        family_url: family_url(&request, &holder.token),
        hotline: holder.hall.read(|hall| hall.plan().hotline.clone()),
        idempotency_key: fresh_token(),
        token: holder.token,
        view,
        step,
    };
    render(&request, &page)
}
