//! WebSockets: whole views, and nothing comes in.

use super::app::App;
use super::caller::{self, Anyone, Manager, WatchesWindows};
use super::problem::{Kind, Problem};
use crate::access::Role;
use crate::push::{AllowedCheck, Topic, Watching, serve};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::{HallId, Token, WindowNumber};

/// A client has nothing to say, so a small frame is a large one.
const FRAME_LARGEST: usize = 4 * 1024;

pub async fn board(
    _: Anyone,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    of_hall(request, body, Topic::Board, &[])
}

pub async fn kiosk(
    _: Anyone,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    of_hall(request, body, Topic::Kiosk, &[])
}

pub async fn overview(
    _: Manager,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    of_hall(request, body, Topic::Overview, &[Role::Manager])
}

pub async fn window(
    _: WatchesWindows,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let number = request
        .match_info()
        .query("n")
        .parse()
        .map_err(|_| Problem::not_found("该窗口", "window"))?;
    of_hall(
        request,
        body,
        Topic::Window(WindowNumber(number)),
        &[Role::Officer, Role::Manager],
    )
}

pub async fn ticket(
    holder: caller::Holder,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let hall = holder.hall.read(|hall| hall.id().clone());
    let token: Token = holder.token;
    open(
        request,
        body,
        &hall,
        Topic::Ticket(token),
        AllowedCheck(Box::new(|| true)),
    )
}

pub async fn family(
    relative: caller::Relative,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let found = relative.hall.read(|hall| {
        let token = hall.ticket(relative.ticket)?.token.clone();
        Some((hall.id().clone(), token))
    });
    let (hall, token) = found.ok_or_else(|| Problem::not_found("该号码", "ticket"))?;
    open(
        request,
        body,
        &hall,
        Topic::Family(token),
        AllowedCheck(Box::new(|| true)),
    )
}

/// A socket of a hall; with roles, only as long as the caller has one of them.
fn of_hall(
    request: HttpRequest,
    body: web::Payload,
    topic: Topic,
    roles: &[Role],
) -> Result<HttpResponse, Problem> {
    let hall = caller::hall_of(&request)?.read(|hall| hall.id().clone());
    let mut allowed = AllowedCheck(Box::new(|| true));
    if !roles.is_empty() {
        let (request, roles) = (request.clone(), roles.to_vec());
        allowed = AllowedCheck(Box::new(move || caller::known(&request, &roles).is_some()));
    }
    open(request, body, &hall, topic, allowed)
}

fn open(
    request: HttpRequest,
    body: web::Payload,
    hall: &HallId,
    topic: Topic,
    allowed: AllowedCheck,
) -> Result<HttpResponse, Problem> {
    is_welcome(&request)?;
    let app: &web::Data<App> = caller::app(&request);
    let publisher = app
        .publisher(hall)
        .ok_or_else(|| Problem::not_found("该大厅", "hall"))?;
    let frames = publisher
        .subscribe(&topic)
        .ok_or_else(|| Problem::not_found("该窗口", "window"))?;
    let (response, session, messages) = actix_ws::handle(&request, body).map_err(|error| {
        Problem::invalid(
            "",
            "需要 WebSocket 连接",
            format!("This is a WebSocket address: {error}"),
        )
    })?;
    let messages = messages
        .max_frame_size(FRAME_LARGEST)
        .aggregate_continuations()
        .max_continuation_size(FRAME_LARGEST);
    let watching = Watching {
        frames,
        clock: app.halls.clock.clone(),
        going_away: app.going_away.subscribe(),
        allowed,
    };
    serve(session, messages, watching);
    Ok(response)
}

/// Cookies go along with other sites' upgrade requests, so a browser's `Origin` must be exactly ours. Programs send
/// none; a display may be served from elsewhere if it has no cookie.
fn is_welcome(request: &HttpRequest) -> Result<(), Problem> {
    let from_browser = request.headers().contains_key(header::ORIGIN);
    let carries_cookies = request.headers().contains_key(header::COOKIE);
    if from_browser && carries_cookies && !caller::is_from_our_pages(request) {
        return Err(Problem::new(
            Kind::Forbidden,
            "来源不符。",
            "The Origin is not this server's own.",
        ));
    }
    Ok(())
}
