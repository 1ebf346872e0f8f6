//! The agent: a small server on the kiosk's own machine that prints what the kiosk's page sends it, also while the hall's
//! server is away. The same papers, the same queue.
//!
//! Any page that the browser shows could speak to it, so it listens on this machine only, does what one page asks (an
//! exact `Origin`), and answers to its own name only, so that no foreign name can be led here.

use super::http::body::parse;
use super::http::problem::language_of;
use super::http::{Problem, ProblemKind};
use crate::printing::paper::Paper;
use crate::printing::queue::{PrintQueue, SlipLine};
use crate::printing::status::Condition;
use crate::site::PublicUrl;
use actix_web::dev::{ServerHandle, Service, ServiceRequest};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

/// Larger than any paper.
const BODY_LARGEST: usize = 64 * 1024;
/// Longest id of a paper.
const ID_LONGEST: usize = 100;
/// A browser asks again after this many seconds whether the page may print.
const MAY_ASK_FOR_SECONDS: &str = "600";

/// An agent that listens.
#[derive(Debug)]
pub struct Agent {
    pub address: SocketAddr,
    handle: ServerHandle,
    queue: Arc<PrintQueue>,
}

/// What is printed, once for each id.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PutForm {
    id: String,
    paper: Paper,
}

/// As the server answers a kiosk.
#[derive(Debug, Serialize)]
struct PrinterAnswer {
    printer: Condition,
    slips: Vec<SlipLine>,
}

/// Who may ask, and under which name.
#[derive(Clone, Debug)]
struct Door {
    origin: String,
    port: u16,
    /// Listens to other machines too, under names that it cannot know.
    any_name: bool,
}

impl Agent {
    /// Begins to listen; only pages of this origin may print.
    pub fn start(queue: PrintQueue, listen: SocketAddr, origin: &PublicUrl) -> io::Result<Agent> {
        let listener = TcpListener::bind(listen)?;
        let address = listener.local_addr()?;
        let door = Door {
            origin: origin.origin(),
            port: address.port(),
            any_name: !address.ip().is_loopback(),
        };
        let queue = Arc::new(queue);
        let shared = queue.clone();
        let server = HttpServer::new(move || {
            let door = door.clone();
            App::new()
                .app_data(web::Data::from(shared.clone()))
                .app_data(web::PayloadConfig::new(BODY_LARGEST))
                .route("/slips", web::post().to(put))
                .route("/printer", web::get().to(printer))
                .default_service(web::to(|| async {
                    Err::<HttpResponse, _>(Problem::not_found("该地址", "address"))
                }))
                .wrap_fn(move |request, next| match door.answer(&request) {
                    Some(response) => {
                        let response = request.into_response(response);
                        std::future::ready(Ok(response)).left_future()
                    }
                    None => {
                        let door = door.clone();
                        let response = next.call(request).map(move |made| {
                            let mut response = made?;
                            door.admit(response.headers_mut());
                            Ok(response)
                        });
                        response.right_future()
                    }
                })
        });
        let server = server.workers(1).disable_signals().listen(listener)?.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Agent {
            address,
            handle,
            queue,
        })
    }

    /// Ends.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        self.queue.stop();
    }
}

async fn put(body: web::Bytes, queue: web::Data<PrintQueue>) -> Result<HttpResponse, Problem> {
    let form: PutForm = parse(&body)?;
    if !(1..=ID_LONGEST).contains(&form.id.len()) {
        let en = format!("an id of 1 to {ID_LONGEST} characters, new for each paper");
        return Err(Problem::invalid("/id", "缺少编号或过长", en));
    }
    let paper = form.paper.checked()?;
    let line = queue.put(form.id, paper);
    let line = line.map_err(|_| Problem::key_reused())?;
    Ok(HttpResponse::Accepted().json(line))
}

async fn printer(queue: web::Data<PrintQueue>) -> HttpResponse {
    HttpResponse::Ok().json(PrinterAnswer {
        printer: queue.condition().for_citizens(),
        slips: queue.slips(),
    })
}

impl Door {
    /// What is answered without looking at the request any further: a browser's question, or a refusal.
    fn answer(&self, request: &ServiceRequest) -> Option<HttpResponse> {
        if !self.is_own_name(request.headers()) {
            return Some(refused(request.request(), "主机名", "host name"));
        }
        let origin = request.headers().get(header::ORIGIN);
        if origin.is_some_and(|origin| origin.as_bytes() != self.origin.as_bytes()) {
            return Some(refused(request.request(), "页面来源", "origin"));
        }
        if *request.method() != Method::OPTIONS {
            return None;
        }
        let mut response = HttpResponse::NoContent().finish();
        let headers = response.headers_mut();
        let may = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
            (header::ACCESS_CONTROL_MAX_AGE, MAY_ASK_FOR_SECONDS),
        ];
        for (name, value) in may {
            headers.insert(name, HeaderValue::from_static(value));
        }
        // Chromium before 142 asks so before a page of the network may speak to the machine it runs on
        let private = "access-control-request-private-network";
        if request.headers().contains_key(private) {
            let allow = HeaderName::from_static("access-control-allow-private-network");
            headers.insert(allow, HeaderValue::from_static("true"));
        }
        self.admit(headers);
        Some(response)
    }

    /// The page may read what is answered to it.
    fn admit(&self, headers: &mut HeaderMap) {
        if let Ok(origin) = HeaderValue::from_str(&self.origin) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }

    fn is_own_name(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or("");
        let own = ["127.0.0.1", "localhost", "[::1]"];
        let is_own = |name| host == format!("{name}:{}", self.port);
        self.any_name || own.into_iter().any(is_own)
    }
}

fn refused(request: &HttpRequest, zh: &str, en: &str) -> HttpResponse {
    let problem = ProblemKind::Forbidden.because(
        format!("打印代理不接受该{zh}。"),
        format!("The print agent does not serve this {en}; see --allow-origin and --listen."),
    );
    problem.respond(language_of(request))
}
