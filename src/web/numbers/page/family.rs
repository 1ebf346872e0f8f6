//! The page that a holder gives to family: the same state in larger type, and nothing to press.

use crate::access::{Purpose, SealedLink};
use crate::pages::FamilyPage;
use crate::web::http::caller::{Holder, Relative, app};
use crate::web::http::page::{qr_code, render, shell};
use crate::web::http::site::site;
use crate::web::http::{App, Problem};
use crate::web::numbers::verbs::family_view;
use actix_web::{HttpRequest, HttpResponse};
use hall::id::Token;

pub async fn family(relative: Relative, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let moved_to = relative.hall.read(|hall| {
        let ticket = hall.ticket(relative.ticket)?;
        Some(ticket.moved_to.as_ref()?.token.clone())
    });
    let page = FamilyPage {
        shell: shell(&request, None),
        view: family_view(&relative)?,
        moved_page: moved_to.map(|token| family_path(app(&request), &token)),
        link: relative.link,
    };
    render(&request, &page)
}

/// The family's address as a QR code, on the holder's own page.
pub async fn family_qr(holder: Holder, request: HttpRequest) -> Result<HttpResponse, Problem> {
    qr_code(&family_url(&request, &holder.token))
}

/// The whole address, as the family is sent it.
pub fn family_url(request: &HttpRequest, token: &Token) -> String {
    let path = family_path(app(request), token);
    format!("{}{path}", site(request).origin())
}

fn family_path(app: &App, token: &Token) -> String {
    let links = SealedLink::of(&app.secret, Purpose::Family);
    format!("/f/{}", links.seal(token.as_str()))
}
