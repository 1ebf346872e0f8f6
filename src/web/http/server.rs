//! The HTTP server around the routes: limits, security headers, refusals in the reader's language, an orderly end.

use super::site;
use crate::access::attempt_limit::network;
use crate::web::http::address::tidied;
use crate::web::http::app::App;
use crate::web::http::connections::{Connection, Connections};
use crate::web::http::date;
use crate::web::http::limits;
use crate::web::http::payload::{Arrival, in_time};
use crate::web::http::problem::{LANGUAGE_COOKIE, Problem, language_asked_for, language_of};
use crate::web::http::rate_limit::Who;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{Extensions, ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::error::{InternalError, UrlencodedError};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::web::ServiceConfig;
use actix_web::{HttpMessage, HttpRequest, HttpServer, web};
use hall::text::Language;
use std::any::Any;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::sync::Arc;

/// Open requests are given this long when the server stops.
const STOP_WITHIN_SECONDS: u64 = 5;
/// Largest body that is read at all; what a form may hold is smaller.
const BODY_LARGEST: usize = 1024 * 1024;

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    handle: ServerHandle,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
    sweeping: tokio::task::JoinHandle<()>,
}

/// Why it cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "{address} is in use by another program; stop that, or choose another address with --listen"
    )]
    InUse { address: SocketAddr },
    #[error("cannot listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
}

impl Server {
    /// Binds and begins to serve these routes.
    pub fn start(
        app: web::Data<App>,
        listen: SocketAddr,
        routes: fn(&mut ServiceConfig),
    ) -> Result<Server, ServeError> {
        let listener = TcpListener::bind(listen).map_err(|source| match source.kind() {
            std::io::ErrorKind::AddrInUse => ServeError::InUse { address: listen },
            _ => ServeError::Listen {
                address: listen,
                source,
            },
        })?;
        let failed = |source| ServeError::Listen {
            address: listen,
            source,
        };
        let address = listener.local_addr().map_err(failed)?;
        let clock = web::Data::from(app.halls.clock.clone());
        let (connections, most) = (app.clone(), app.connections_most());
        let sweeping = tokio::spawn(end_slow_heads(app.connections.clone()));
        let factory = move || {
            actix_web::App::new()
                .app_data(app.clone())
                .app_data(clock.clone())
                .app_data(web::PayloadConfig::new(BODY_LARGEST))
                .app_data(
                    web::PathConfig::default()
                        .error_handler(|_, _| Problem::not_found("该地址", "address").into()),
                )
                .app_data(
                    web::QueryConfig::default().error_handler(|error, _| bad_query(&error).into()),
                )
                .app_data(
                    web::FormConfig::default().error_handler(|error, _| bad_form(&error).into()),
                )
                .wrap(from_fn(limit))
                .wrap(from_fn(dress))
                .wrap(Compress::default())
                .wrap(from_fn(in_time))
                .wrap(from_fn(tidied))
                .configure(routes)
                .default_service(web::to(async || {
                    Err::<actix_web::HttpResponse, _>(Problem::not_found("该页面", "page"))
                }))
        };
        let server = HttpServer::new(factory)
            .workers(std::thread::available_parallelism().map_or(2, usize::from))
            .client_request_timeout(limits::HEAD.seconds())
            .keep_alive(limits::KEEP_ALIVE.seconds())
            // a worker that is full takes nobody, known or not: strangers are pushed out long before
            .max_connections(most)
            .on_connect(move |io, data| connected(&connections, io, data))
            .shutdown_timeout(STOP_WITHIN_SECONDS)
            .tcp_nodelay(true)
            .disable_signals()
            .listen(listener)
            .map_err(failed)?
            .run();
        let handle = server.handle();
        Ok(Server {
            address,
            handle,
            task: tokio::spawn(server),
            sweeping,
        })
    }

    /// Lets open requests finish and ends.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        self.task.await.ok();
        self.sweeping.abort();
    }
}

/// Looks again and again.
async fn end_slow_heads(connections: Arc<Connections>) {
    let longest = limits::KEEP_ALIVE.seconds() + limits::HEAD.seconds();
    loop {
        tokio::time::sleep(limits::KEEP_ALIVE.seconds()).await;
        connections.end_slow_heads(longest);
    }
}

/// Puts a new connection on the list.
fn connected(app: &App, io: &dyn Any, data: &mut Extensions) {
    let Some(stream) = io.downcast_ref::<TcpStream>() else {
        return;
    };
    // without a peer or a second descriptor it is as good as gone
    if let (Ok(peer), Ok(handle)) = (stream.peer_addr(), stream.as_fd().try_clone_to_owned()) {
        let is_proxy = app.proxies.trusted.contains(&peer.ip().to_canonical());
        let connection = app.connections.accept(network(peer.ip()), handle, is_proxy);
        data.insert(connection);
    }
}

/// Changes are limited, for whoever is known by himself.
async fn limit<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let who = Who::sends(request.request());
    if let Some(connection) = request.conn_data::<Connection>() {
        connection.heard(&who);
    }
    let is_change = *request.method() != Method::GET && *request.method() != Method::HEAD;
    if is_change {
        let app = crate::web::http::caller::app(request.request());
        let admitted = app.limits.changes.admit(&who);
        if let Err(problem) = admitted {
            return Ok(request.error_response(problem));
        }
    }
    let response = next.call(request).await?;
    Ok(response.map_into_boxed_body())
}

/// Security headers on everything, and refusals in the reader's language.
async fn dress<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let host = site::site(request.request()).host;
    let language = language_of(request.request());
    let chosen = language_asked_for(request.request());
    let response =
        next.call(request)
            .await
            .map_err(|error| match error.as_error::<Problem>().cloned() {
                Some(problem) => {
                    InternalError::from_response(error, problem.respond(language)).into()
                }
                None => error,
            })?;
    let arrival = response.request().extensions().get::<Arrival>().cloned();
    let problem = match arrival.is_some_and(|arrival| arrival.is_late()) {
        true => Some(limits::BODY.problem()), // whatever the handler made of it
        false => {
            let error = response.response().error();
            error.and_then(|error| error.as_error::<Problem>()).cloned()
        }
    };
    let mut response = match problem {
        Some(problem) => respond(response.request().clone(), &problem, language),
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            let problem = Problem::not_found("该操作", "method at this address");
            respond(response.request().clone(), &problem, language)
        }
        None => response.map_into_boxed_body(),
    };
    if chosen.is_some() {
        remember(&mut response, language);
    }
    let also = response
        .response()
        .extensions()
        .get::<MayAlsoAsk>()
        .cloned();
    let headers = response.headers_mut();
    for (name, value) in security_headers(&host, also) {
        headers.insert(name, value);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// The next page comes in the language that was chosen on this one.
fn remember(response: &mut ServiceResponse, language: Language) {
    let tag = match language {
        Language::Zh => "zh",
        Language::En => "en",
    };
    let cookie = Cookie::build(LANGUAGE_COOKIE, tag)
        .path("/")
        .same_site(SameSite::Lax)
        .finish();
    response.response_mut().add_cookie(&cookie).ok();
}

fn respond(request: HttpRequest, problem: &Problem, language: Language) -> ServiceResponse {
    let response = crate::web::http::page::problem_page(&request, problem, language)
        .unwrap_or_else(|| problem.respond(language));
    ServiceResponse::new(request, response)
}

/// An origin that a page's scripts may speak to besides our own: put into the extensions of its response.
#[derive(Clone, Debug)]
pub struct MayAlsoAsk(pub String);

fn security_headers(host: &str, also: Option<MayAlsoAsk>) -> Vec<(HeaderName, HeaderValue)> {
    let also = also.map_or(String::new(), |also| format!(" {}", also.0));
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self'; \
         connect-src 'self' ws://{host} wss://{host}{also}; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    let mut headers = vec![
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::REFERRER_POLICY,
            // not "no-referrer": with that, a browser sends our own forms with `Origin: null`, which nobody can check
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ),
    ];
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.push((header::CONTENT_SECURITY_POLICY, policy));
    }
    headers
}

fn bad_query(error: &actix_web::error::QueryPayloadError) -> Problem {
    if let Some(problem) = bad_date(error) {
        return problem;
    }
    Problem::invalid(
        "",
        format!("查询参数有误:{error}"),
        format!("The query cannot be read: {error}"),
    )
}

fn bad_form(error: &UrlencodedError) -> Problem {
    if let Some(problem) = bad_date(error) {
        return problem;
    }
    Problem::invalid(
        "",
        "表单不完整，请刷新页面后重新填写。",
        format!("The form cannot be read: {error}"),
    )
}

fn bad_date(error: &impl std::fmt::Display) -> Option<Problem> {
    let (zh, en) = date::EXPECTED;
    let is_date = error.to_string().contains(en);
    is_date.then(|| Problem::invalid("", zh, format!("Send {en}.")))
}
