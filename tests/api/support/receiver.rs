//! Somebody who is told: a real HTTP server that takes webhooks, in the mood that the test gives it.
//!
//! Every signature is checked with the receivers' own library, which shares no line with the sender.

use crate::support::until;
use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use hyper::http::HeaderMap;
use paihao::notify::Endpoint;
use paihao::notify::endpoint::{EndpointArgs, EndpointOptions, endpoints};
use serde_json::Value;
use standardwebhooks::Webhook;
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// 32 bytes that nobody guesses.
pub const SECRET: &str = "whsec_cGFpaGFvLXRlc3RzLWtub3ctdGhpcy1zZWNyZXQtd2VsbA==";

/// How it treats whoever calls.
#[derive(Clone, Debug, PartialEq)]
pub enum Mood {
    Well,
    /// Answers 500 to everything.
    Down,
    /// Takes the request and does not answer until it is in another mood.
    Hangs,
    /// Answers 422 to one type.
    Refuses(&'static str),
    /// By chance: well, 500, 500 although it has taken it, or hanging for ever.
    Fickle,
}

/// A notification that was taken: what the sender thinks of it is another matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    pub id: String,
    pub text: String,
    pub event: Value,
}

/// A receiver at work; it ends with this value.
pub struct Receiver {
    pub url: String,
    shared: Arc<Shared>,
    handle: ServerHandle,
}

struct Shared {
    mood: watch::Sender<Mood>,
    chance: Mutex<fastrand::Rng>,
    book: Mutex<Book>,
}

/// What it remembers.
#[derive(Default)]
struct Book {
    arrivals: Vec<Arrival>,
    calls: usize,
    hanging: usize,
    /// What was not as it should be.
    wrong: Vec<String>,
}

impl Receiver {
    pub fn start(mood: Mood) -> Receiver {
        let shared = Arc::new(Shared {
            mood: watch::Sender::new(mood),
            chance: Mutex::new(fastrand::Rng::with_seed(20_261_123)),
            book: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/in", listener.local_addr().unwrap());
        let data = web::Data::from(shared.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/in", web::post().to(take))
        });
        let server = server
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        Receiver {
            url,
            shared,
            handle,
        }
    }

    /// The endpoint that leads here, with short pauses; `more` are further lines of its configuration.
    pub fn endpoint(&self, more: &str) -> Endpoint {
        let toml = format!(
            "name = 'gateway'\nurl = '{}'\nsecret = '{SECRET}'\nfirst_retry_ms = 5\n{more}",
            self.url
        );
        let options: EndpointOptions = toml::from_str(&toml).unwrap();
        let endpoints = endpoints(&[options], &EndpointArgs::default());
        endpoints.unwrap().remove(0)
    }

    pub fn is(&self, mood: Mood) {
        self.shared.mood.send_replace(mood);
    }

    /// What was taken, as it came.
    pub fn arrivals(&self) -> Vec<Arrival> {
        let book = self.shared.book();
        assert_eq!(book.wrong, [""; 0]);
        book.arrivals.clone()
    }

    /// How often it was called, whatever came of it.
    pub fn calls(&self) -> usize {
        self.shared.book().calls
    }

    pub fn hanging(&self) -> usize {
        self.shared.book().hanging
    }

    /// What was taken, each once, where it came first.
    pub fn first_arrivals(&self) -> Vec<Arrival> {
        let mut seen: BTreeMap<String, Arrival> = BTreeMap::new();
        let mut first = Vec::new();
        for arrival in self.arrivals() {
            match seen.get(&arrival.id) {
                Some(before) => assert_eq!(*before, arrival, "the same id with another body"),
                None => {
                    seen.insert(arrival.id.clone(), arrival.clone());
                    first.push(arrival);
                }
            }
        }
        first
    }

    /// Of each subject what was taken, in order: `taken`, `called` and so on, each once.
    pub fn told(&self) -> BTreeMap<String, Vec<String>> {
        let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for arrival in self.first_arrivals() {
            let event = &arrival.event;
            let who = match event["data"]["ticket"]["number"].as_str() {
                Some(number) => number.to_owned(),
                None => event["subject"].as_str().unwrap().to_owned(),
            };
            let kind = event["type"].as_str().unwrap().rsplit('.').next().unwrap();
            let what = match kind {
                "phase" => event["data"]["phase"].as_str().unwrap(),
                kind => kind,
            };
            told.entry(who).or_default().push(what.to_owned());
        }
        told
    }

    /// Waits until this was taken, about tickets by their number and about `hall`.
    pub async fn is_told(&self, who: &str, what: &str) {
        until(&format!("{who} {what} is told"), async || {
            let told = self.told();
            told.get(who)
                .is_some_and(|told| told.iter().any(|told| told == what))
        })
        .await;
    }

    /// Every number's sequences never go back.
    pub fn is_in_order(&self) {
        let mut newest: BTreeMap<String, String> = BTreeMap::new();
        for arrival in self.first_arrivals() {
            let subject = arrival.event["subject"].as_str().unwrap().to_owned();
            let sequence = arrival.event["sequence"].as_str().unwrap().to_owned();
            let before = newest.insert(subject.clone(), sequence.clone());
            assert!(
                before.is_none_or(|before| before <= sequence),
                "{subject} went back"
            );
        }
    }

    pub fn ids(&self) -> BTreeSet<String> {
        self.arrivals()
            .into_iter()
            .map(|arrival| arrival.id)
            .collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    fn takes(&self, text: &str, event: Value) {
        self.book().arrivals.push(Arrival {
            id: event["id"].as_str().unwrap_or_default().to_owned(),
            text: text.to_owned(),
            event,
        });
    }
}

async fn take(request: HttpRequest, body: web::Bytes, shared: web::Data<Shared>) -> HttpResponse {
    let text = String::from_utf8_lossy(&body).into_owned();
    shared.book().calls += 1;
    let event = match checked(&request, &body) {
        Ok(event) => event,
        Err(wrong) => {
            shared.book().wrong.push(format!("{wrong}: {text}"));
            return HttpResponse::BadRequest().finish();
        }
    };
    let mood = shared.mood.borrow().clone();
    match mood {
        Mood::Well => {}
        Mood::Down => return HttpResponse::InternalServerError().finish(),
        Mood::Refuses(kind) if event["type"] == kind => {
            return HttpResponse::UnprocessableEntity().finish();
        }
        Mood::Refuses(_) => {}
        Mood::Hangs => {
            shared.book().hanging += 1;
            let mut mood = shared.mood.subscribe();
            mood.wait_for(|mood| *mood != Mood::Hangs).await.ok();
            return HttpResponse::InternalServerError().finish();
        }
        Mood::Fickle => {
            let chance = shared.chance.lock().unwrap().u8(0..100);
            match chance {
                0..25 => return HttpResponse::InternalServerError().finish(),
                25..35 => {
                    shared.takes(&text, event);
                    return HttpResponse::InternalServerError().finish();
                }
                35..36 => std::future::pending().await,
                _ => {}
            }
        }
    }
    shared.takes(&text, event);
    HttpResponse::NoContent().finish()
}

/// The event, if everything is as the two specifications say.
fn checked(request: &HttpRequest, body: &[u8]) -> Result<Value, String> {
    let mut headers = HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let value = request.headers().get(name).ok_or(format!("no {name}"))?;
        headers.insert(name, value.as_bytes().try_into().unwrap());
    }
    let webhook = Webhook::new(SECRET).unwrap();
    webhook
        .verify(body, &headers)
        .map_err(|error| format!("the signature: {error}"))?;
    let event: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let id = headers["webhook-id"].to_str().unwrap();
    let content_type = request.headers().get("content-type").unwrap();
    let is_whole = event["specversion"] == "1.0"
        && event["id"] == id
        && event["source"] == "/halls/zhuzhou"
        && event["type"]
            .as_str()
            .is_some_and(|kind| kind.starts_with("paihao."))
        && event["time"]
            .as_str()
            .is_some_and(|time| chrono::DateTime::parse_from_rfc3339(time).is_ok())
        && event["data"].is_object()
        && content_type
            .to_str()
            .unwrap()
            .starts_with("application/cloudevents+json");
    if is_whole {
        Ok(event)
    } else {
        Err("not a CloudEvent".into())
    }
}
