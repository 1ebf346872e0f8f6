//! The officer's window: its console, the choice of one, and the code that shows a citizen where to rate the visit.
//!
//! Anybody who has a ticket's token can open its page, so the console's view does not carry the token. The officer gets
//! it as a picture to show the citizen, and only of a ticket that is or was just at the window where he sits.

use crate::pages::ConsolePage;
use crate::web::http::caller::Officer;
use crate::web::http::page::{name_of, qr_code, render, shell};
use crate::web::http::site::site;
use crate::web::http::{OrNotFound, Problem};
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::{TicketNumber, Token, WindowNumber};
use hall::{Actor, Hall, view};
use serde::Deserialize;

/// `?window=`.
#[derive(Debug, Deserialize)]
pub struct WindowQuery {
    window: Option<WindowNumber>,
}

/// `?number=`: whose code is wanted, so that the next citizen's is never shown by mistake.
#[derive(Debug, Deserialize)]
pub struct RatingQuery {
    number: TicketNumber,
}

/// The console of a window; the choice of one without `?window=`.
pub async fn console(
    officer: Officer,
    query: web::Query<WindowQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let now = officer.hall.now();
    let page = officer.hall.read(|hall| ConsolePage {
        shell: shell(&request, Some(&officer.actor)),
        hall: hall.id().clone(),
        hall_name: name_of(hall),
        windows: view::board(hall, now).windows,
        view: query
            .window
            .and_then(|window| view::console(hall, window, now)),
    });
    render(&request, &page)
}

/// Where this window's citizen rates the visit, as a QR code.
pub async fn rating_qr(
    officer: Officer,
    path: web::Path<(String, WindowNumber)>,
    query: web::Query<RatingQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (_, window) = path.into_inner();
    let token = officer
        .hall
        .read(|hall| token_at(hall, window, &query.number, &officer.actor));
    let token = token.or_not_found("可评价的号码", "ticket to rate")?;
    let mut code = qr_code(&format!("{}/t/{token}", site(&request).origin()))?;
    code.headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(code)
}

fn token_at(
    hall: &Hall,
    window: WindowNumber,
    number: &TicketNumber,
    actor: &Actor,
) -> Option<Token> {
    let staffing = hall.windows().get(&window)?.staffing.as_ref()?;
    let sits_there =
        matches!(actor, Actor::Officer(id) | Actor::Manager(id) if *id == staffing.officer);
    let ticket = view::to_rate(hall, window).filter(|ticket| ticket.number == *number)?;
    sits_there.then(|| ticket.token.clone())
}
