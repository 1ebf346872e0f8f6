//! The client against a server that knows the contract's paths and bodies, and decides with the rules themselves: what
//! was followed in memory must come out the same over HTTP.

use super::hall_api::{HallApi, HolderAction, Issued, Reply, Request, WindowAction};
use super::importers::Format;
use super::in_memory::HallInMemory;
use super::tests::{MORNING, options, recording_of};
use super::{Officers, Prepared, follow, run};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use hall::Time;
use hall::id::{ServiceId, TicketNumber, WindowNumber};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Mutex;

type Shared = web::Data<Mutex<HallInMemory>>;

/// The paths that replay uses, and who may.
async fn answer(request: HttpRequest, hall: Shared, body: web::Bytes) -> HttpResponse {
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let bearer = header("authorization")
        .trim_start_matches("Bearer ")
        .to_string();
    let key = header("idempotency-key").to_string();
    let is_post = request.method() == actix_web::http::Method::POST;
    assert_eq!(is_post, !key.is_empty(), "a change has a key");
    let path = request.path().trim_start_matches("/api/v1/").to_string();
    let parts: Vec<&str> = path.split('/').collect();
    let mut hall = hall.lock().await;
    let request = match (parts.as_slice(), bearer.as_str()) {
        (["demo", "sign-in"], "") => {
            return HttpResponse::Ok().json(json!({"bearer": body["role"]}));
        }
        (["demo", "clock"], "") => {
            let to: Time = body["at"].as_str().unwrap().parse().unwrap();
            hall.advance(to).await.unwrap();
            return HttpResponse::Ok().json(json!({"now": to}));
        }
        (["halls", _, "days", date], "manager") => {
            let day = hall.day(date.parse().unwrap()).await.unwrap();
            return HttpResponse::Ok()
                .json(json!({"date": date, "closing": day.closing, "total": day.total}));
        }
        (["halls", _, "tickets"], "kiosk") => Request::Take {
            service: service(&body),
            class: serde_json::from_value(body["class"].clone()).unwrap(),
        },
        (["halls", _, "hand-on"], "manager") => Request::HandOn {
            ticket: numbered(&body),
        },
        (["halls", _, "windows", window, "call"], "officer") => {
            assert_eq!(body["reason"], "recorded order");
            Request::Call {
                window: window.parse().map(WindowNumber).unwrap(),
                ticket: numbered(&body),
            }
        }
        (["halls", _, "windows", window, action], "officer") => Request::AtWindow {
            window: window.parse().map(WindowNumber).unwrap(),
            action: at_window(action, &body),
        },
        (["tickets", token, action], "") => Request::ByHolder {
            ticket: with_token(token),
            action: of_holder(action, &body),
        },
        (other, who) => panic!("{who} has no {other:?}"),
    };
    match hall.ask(&key, &request).await.unwrap() {
        Reply::Taken(Issued { number, token }) => {
            HttpResponse::Created().json(json!({"number": number, "token": token}))
        }
        Reply::AtWindow { number } => HttpResponse::Ok()
            .json(json!({"window": 1, "ticket": number.map(|number| json!({"number": number}))})),
        Reply::Done => HttpResponse::Ok().json(json!({})),
        Reply::Refused { reason } => HttpResponse::Conflict()
            .json(json!({"type": "urn:paihao:wrong-stage", "detail": reason})),
    }
}

fn at_window(action: &str, body: &Value) -> WindowAction {
    match action {
        "open" => WindowAction::Open,
        "close" => WindowAction::Close,
        "call-next" => WindowAction::CallNext,
        "recall" => WindowAction::Recall,
        "start" => WindowAction::Start,
        "finish" => WindowAction::Finish,
        "transfer" => WindowAction::Transfer {
            service: service(body),
        },
        "park" => WindowAction::Park,
        "missed" => WindowAction::Miss,
        other => panic!("a window has no {other}"),
    }
}

fn of_holder(action: &str, body: &Value) -> HolderAction {
    match action {
        "resume" => HolderAction::Resume,
        "return" => HolderAction::Return,
        "change" => HolderAction::Change {
            service: service(body),
        },
        "cancel" => HolderAction::Cancel,
        other => panic!("a holder has no {other}"),
    }
}

fn service(body: &Value) -> ServiceId {
    ServiceId::parse(body["service"].as_str().unwrap()).unwrap()
}

/// A ticket that is named by its number alone.
fn numbered(body: &Value) -> Issued {
    Issued {
        number: TicketNumber::parse(body["number"].as_str().unwrap()).unwrap(),
        token: String::new(),
    }
}

/// A ticket that is named by its token alone.
fn with_token(token: &str) -> Issued {
    Issued {
        number: TicketNumber::parse("A001").unwrap(),
        token: token.into(),
    }
}

#[test]
fn over_http_a_morning_comes_out_as_in_memory() {
    for officers in [Officers::Recorded, Officers::Auto] {
        let prepared = Prepared::of(options(officers, Format::Own), recording_of(MORNING)).unwrap();
        let opened = || HallInMemory::open(prepared.plan(), prepared.starts_at().unwrap());
        let shared: Shared = web::Data::from(Arc::new(Mutex::new(opened())));
        actix_web::rt::System::new().block_on(async {
            let app = move || {
                App::new()
                    .app_data(shared.clone())
                    .default_service(web::to(answer))
            };
            let server = HttpServer::new(app)
                .workers(1)
                .disable_signals()
                .bind(("127.0.0.1", 0))
                .unwrap();
            let base_url = format!("http://{}", server.addrs()[0]);
            let running = server.run();
            let handle = running.handle();
            let serving = actix_web::rt::spawn(running);
            let over_http = run(prepared.clone(), &base_url, |_| {}).await.unwrap();
            handle.stop(false).await;
            serving.await.unwrap().unwrap();
            let in_memory = follow(&prepared, &mut opened(), &mut |_| {}).await.unwrap();
            assert_eq!(over_http, in_memory);
        });
    }
}

#[test]
fn a_server_in_process_can_spawn_it() {
    fn spawnable<T: Send>(_: &T) {}
    let prepared =
        Prepared::of(options(Officers::Auto, Format::Own), recording_of(MORNING)).unwrap();
    spawnable(&run(prepared, "", |_| {}));
}
