//! WebSockets: whole views, and nothing comes in.

use crate::access::Role;
use crate::access::attempt_limit::network;
use crate::push::{AllowedCheck, NoPlace, Place, Seat, Topic, Watching, serve};
use crate::runtime::Owner;
use crate::web::http::caller::{
    Guest, Holder, Manager, Relative, Right, WatchesWindows, app, id_of, right,
};
use crate::web::http::connections::Connection;
use crate::web::http::identity::{is_from_our_pages, known, somebody};
use crate::web::http::limits;
use crate::web::http::site::client;
use crate::web::http::{OrNotFound, Problem, ProblemKind};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use hall::Hall;
use hall::id::WindowNumber;

/// Clients have nothing to send, so the largest frame that is accepted is small.
const FRAME_LARGEST: usize = 4 * 1024;

pub async fn board(
    guest: Guest,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    open(&request, body, &guest.hall, Topic::Board, &[])
}

pub async fn kiosk(
    guest: Guest,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    open(&request, body, &guest.hall, Topic::Kiosk, &[])
}

pub async fn overview(
    manager: Manager,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let topic = Topic::Overview;
    open(&request, body, &manager.hall, topic, right::Manager::ROLES)
}

pub async fn window(
    watcher: WatchesWindows,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let number = request.match_info().query("n").parse().ok();
    let topic = Topic::Window(WindowNumber(number.or_not_found("该窗口", "window")?));
    let roles = right::WatchesWindows::ROLES;
    open(&request, body, &watcher.hall, topic, roles)
}

pub async fn ticket(
    holder: Holder,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let topic = Topic::Ticket(holder.token);
    open(&request, body, &holder.hall, topic, &[])
}

pub async fn family(
    relative: Relative,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let token = |hall: &Hall| Some(hall.ticket(relative.ticket)?.token.clone());
    let token = relative.hall.read(token).or_not_found("该号码", "ticket")?;
    open(&request, body, &relative.hall, Topic::Family(token), &[])
}

/// A socket of a hall; with roles, only as long as the caller has one of them.
fn open(
    request: &HttpRequest,
    body: web::Payload,
    hall: &Owner<Hall>,
    topic: Topic,
    roles: &'static [Role],
) -> Result<HttpResponse, Problem> {
    is_welcome(request)?;
    let app = app(request);
    let publisher = app.publisher(&id_of(hall));
    let publisher = publisher.or_not_found("该大厅", "hall")?;
    let place = place(request, &topic)?;
    let frames = publisher.subscribe(&topic);
    let frames = frames.or_not_found("该窗口", "window")?;
    let (response, session, messages) = actix_ws::handle(request, body).map_err(|error| {
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
    // a request is kept only where it is asked again: sockets of citizens are many
    let allowed: Box<dyn Fn() -> bool> = match roles {
        [] => Box::new(|| true),
        _ => {
            let request = request.clone();
            Box::new(move || known(&request, roles).is_some())
        }
    };
    let watching = Watching {
        frames,
        clock: app.halls.clock.clone(),
        going_away: app.going_away(),
        allowed: AllowedCheck(allowed),
    };
    serve(session, messages, watching, place);
    if let Some(connection) = request.conn_data::<Connection>() {
        connection.became_a_socket();
    }
    Ok(response)
}

/// Somebody known has a place of his own, and so has each number; boards of nobody in particular share those of their
/// address.
fn place(request: &HttpRequest, topic: &Topic) -> Result<Place, Problem> {
    let seat = match (somebody(request), topic) {
        (Some(identity), _) => Seat::Staff(identity.id),
        (None, Topic::Ticket(token) | Topic::Family(token)) => Seat::Phone(token.clone()),
        (None, Topic::Board | Topic::Kiosk | Topic::Overview | Topic::Window(_)) => {
            Seat::Stranger(network(client(request)))
        }
    };
    let limit = match seat {
        Seat::Staff(_) => limits::SOCKETS_OF_ONE,
        Seat::Phone(_) => limits::SOCKETS_OF_TICKET,
        Seat::Stranger(_) => limits::SOCKETS_AT_ADDRESS,
    };
    app(request).sockets.take(seat).map_err(|none| match none {
        NoPlace::OfOne => limit.problem(),
        NoPlace::InAll => limits::SOCKETS.problem(),
    })
}

/// Cookies go along with other sites' upgrade requests, so a browser's `Origin` must be exactly ours. Programs send
/// none; a display may be served from elsewhere if it has no cookie.
fn is_welcome(request: &HttpRequest) -> Result<(), Problem> {
    let from_browser = request.headers().contains_key(header::ORIGIN);
    let carries_cookies = request.headers().contains_key(header::COOKIE);
    if from_browser && carries_cookies && !is_from_our_pages(request) {
        return Err(
            ProblemKind::Forbidden.because("来源不符。", "The Origin is not this server's own.")
        );
    }
    Ok(())
}
