//! The cast: a hall on a free port with a clock that stands still until the test moves it, and people with verbs.
//!
//! An answer is looked at by asking for what was expected of it: `given(200)` or `refused("not-open")`. Both show the
//! whole answer when it is another one.

#![allow(dead_code, reason = "not every module needs every verb")]

use chrono::{DateTime, FixedOffset};
use futures_util::{SinkExt, StreamExt};
use paihao::application::Application;
use paihao::clock::HallClock;
use paihao::config::{Mode, Printing, Settings, sample_plans};
use paihao::log::{StoreOptions, StoreUrl};
use paihao::notify::Endpoint;
use paihao::voice::VoiceSettings;
use paihao::web::Proxies;
use reqwest::Method;
use serde_json::{Value, json};
use std::fs::File;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Long enough for a busy machine; only reached when something is wrong.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A Monday.
pub const MONDAY: &str = "2026-11-23";
/// The password of every manager and the PIN of every officer that tests create.
pub const PASSWORD: &str = "correct horse battery";
pub const PIN: &str = "204816";

static KEYS: AtomicU64 = AtomicU64::new(0);

/// An `Idempotency-Key` that was never used.
pub fn fresh_key() -> String {
    // as long as a stranger's has to be
    format!("key-of-the-tests-{}", KEYS.fetch_add(1, Ordering::Relaxed))
}

/// `2026-11-23` and `08:50:00` as an instant in Zhuzhou.
pub fn time(date: &str, clock: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(&format!("{date}T{clock}+08:00")).unwrap()
}

/// A server at work.
pub struct TestHall {
    pub application: Application,
    pub url: String,
    date: Mutex<String>,
    client: reqwest::Client,
    folder: TempDir,
}

/// How it starts.
pub struct Start {
    pub mode: Mode,
    pub store: Option<String>,
    pub plans: Vec<hall::Plan>,
    pub date: &'static str,
    pub clock: &'static str,
    pub proxies: Proxies,
    pub webhooks: Vec<Endpoint>,
    /// Without a speech engine: most tests hear nothing.
    pub voices: VoiceSettings,
    pub printing: Printing,
}

impl Default for Start {
    fn default() -> Start {
        Start {
            mode: Mode::Demo,
            store: None,
            plans: sample_plans(),
            date: MONDAY,
            clock: "08:00:00",
            proxies: Proxies::default(),
            webhooks: Vec::new(),
            voices: VoiceSettings::default(),
            printing: Printing::default(),
        }
    }
}

impl TestHall {
    /// The sample halls, open to everybody, on a Monday at eight in the morning.
    pub async fn start() -> TestHall {
        TestHall::start_as(Start::default()).await
    }

    /// The sample halls at this time of that Monday.
    pub async fn start_at(clock: &'static str) -> TestHall {
        let hall = TestHall::start_as(Start {
            clock,
            ..Start::default()
        });
        hall.await
    }

    /// The sample halls as `paihao serve` has them: nobody acts who did not sign in.
    pub async fn serve() -> TestHall {
        let hall = TestHall::start_as(Start {
            mode: Mode::Serve,
            clock: "09:00:00",
            ..Start::default()
        });
        hall.await
    }

    pub async fn start_as(start: Start) -> TestHall {
        let folder = tempfile::tempdir().unwrap();
        let settings = start.settings(&folder);
        let application = Application::start(settings.unwrap()).await.unwrap();
        TestHall {
            url: application.url(),
            application,
            date: Mutex::new(start.date.into()),
            client: reqwest::Client::new(),
            folder,
        }
    }

    /// Stops it and starts it again on the same store, at the time it had.
    pub async fn restart(self, start: Start) -> TestHall {
        let folder = self.stop().await;
        let settings = start.settings(&folder).unwrap();
        let application = Application::start(settings).await.unwrap();
        TestHall {
            url: application.url(),
            application,
            date: Mutex::new(start.date.into()),
            client: reqwest::Client::new(),
            folder,
        }
    }

    /// Ends it in order; what it keeps stays until the folder is dropped.
    pub async fn stop(self) -> TempDir {
        self.application.stop().await;
        // the server's threads let go of the store a moment after they have served their last
        let lock = self.folder.path().join("paihao.db.lock");
        until("the store is free", async || {
            File::open(&lock).is_ok_and(|lock| lock.try_lock().is_ok())
        })
        .await;
        self.folder
    }

    /// The name of the store in a test's folder, for commands.
    pub fn store_in(folder: &TempDir) -> String {
        format!("sqlite:{}", folder.path().join("paihao.db").display())
    }

    pub fn someone(&self) -> Someone {
        Someone {
            client: self.client.clone(),
            ..Someone::at(&self.url)
        }
    }

    /// Somebody with a demo identity.
    async fn demo(&self, role: &str) -> Someone {
        self.someone().signed_in_to_demo(role).await
    }

    /// Somebody with this bearer.
    pub fn bearing(&self, bearer: &str) -> Someone {
        Someone {
            bearer: Some(bearer.into()),
            ..self.someone()
        }
    }

    pub async fn kiosk(&self) -> Kiosk {
        Kiosk(self.demo("kiosk").await)
    }

    pub async fn officer(&self) -> Officer {
        Officer(self.demo("officer").await)
    }

    pub async fn usher(&self) -> Usher {
        Usher(self.demo("usher").await)
    }

    pub async fn manager(&self) -> Manager {
        Manager(self.demo("manager").await)
    }

    pub fn citizen(&self) -> Citizen {
        Citizen(self.someone())
    }

    pub fn holder(&self) -> Holder {
        Holder(self.someone())
    }

    /// The hall's clock shows this; what falls due by then has happened when this returns.
    pub async fn clock_to(&self, clock: &str) {
        let at = time(&self.date.lock().unwrap(), clock);
        self.clock_shows(at).await;
    }

    /// As [`TestHall::clock_to`], on another date that the test then stays on.
    pub async fn date_to(&self, date: &str, clock: &str) {
        *self.date.lock().unwrap() = date.into();
        self.clock_to(clock).await;
    }

    async fn clock_shows(&self, at: DateTime<FixedOffset>) {
        let app = &self.application.app;
        if app.is_demo() {
            let body = json!({ "at": at.to_rfc3339() });
            self.someone().posts("/demo/clock", body).await.given(200);
            return;
        }
        app.halls.clock.set_demo(at, None);
        for (_, owner) in app.halls.all() {
            owner.carry_out_due().await;
        }
    }

    /// A hall for real with its first people: a manager of everything, and an officer, an usher, a kiosk and a display
    /// of Zhuzhou.
    pub async fn set_up(&self) -> Staff {
        let token = self.application.setup_token.clone().unwrap();
        let first =
            json!({ "token": token, "account": "chief", "name": "周敏", "secret": PASSWORD });
        self.someone().posts("/setup", first).await.given(201);
        let manager = Manager(self.signs_in("chief", PASSWORD).await);
        manager.creates("1024", "officer", Some("zhuzhou")).await;
        manager.creates("2048", "usher", Some("zhuzhou")).await;
        Staff {
            officer: Officer(self.signs_in("1024", PIN).await),
            usher: Usher(self.signs_in("2048", PIN).await),
            kiosk: Kiosk(self.bearing(&manager.enrols("kiosk-1", "kiosk", "zhuzhou").await)),
            display: self.bearing(&manager.enrols("display-1", "display", "zhuzhou").await),
            manager,
        }
    }

    /// Signs in with the right secret.
    pub async fn signs_in(&self, account: &str, secret: &str) -> Someone {
        let body = json!({ "account": account, "secret": secret });
        let answer = self.someone().posts("/sign-in", body).await.given(200);
        self.bearing(answer["bearer"].as_str().unwrap())
    }

    /// What the store has of a hall, as a hash.
    pub fn state(&self, hall: &str) -> String {
        let id = hall::id::HallId::parse(hall).unwrap();
        let owner = self.application.app.halls.get(&id).unwrap();
        owner.read(hall::Hall::hash)
    }

    /// What everybody may see of the hall.
    pub async fn shows(&self) -> Value {
        self.someone().gets("/halls/zhuzhou").await.given(200)
    }

    /// Watches a socket.
    pub async fn watches(&self, path: &str) -> Watcher {
        self.someone().watches(path).await
    }

    pub async fn board(&self) -> Watcher {
        self.watches("/ws/halls/zhuzhou/board").await
    }
}

impl Start {
    pub fn settings(&self, folder: &TempDir) -> Result<Settings, paihao::log::InvalidStoreUrl> {
        let store = match &self.store {
            Some(store) => StoreUrl::parse(store)?,
            None => StoreUrl::parse(&TestHall::store_in(folder))?,
        };
        Ok(Settings {
            mode: self.mode,
            store,
            store_options: StoreOptions::default(),
            listen: ([127, 0, 0, 1], 0).into(),
            plans: self.plans.clone(),
            clock: HallClock::demo(time(self.date, self.clock), 0.0),
            proxies: self.proxies.clone(),
            webhooks: self.webhooks.clone(),
            voices: self.voices.clone(),
            printing: self.printing.clone(),
            accept_weak: true,
        })
    }
}

/// Whoever sends requests, signed in or not.
#[derive(Clone)]
pub struct Someone {
    url: String,
    client: reqwest::Client,
    pub bearer: Option<String>,
}

impl Someone {
    /// Nobody in particular, at this server.
    pub fn at(url: &str) -> Someone {
        Someone {
            url: url.into(),
            client: reqwest::Client::new(),
            bearer: None,
        }
    }

    /// With a demo's identity.
    pub async fn signed_in_to_demo(self, role: &str) -> Someone {
        let body = json!({ "role": role, "hall": "zhuzhou" });
        let answer = self.posts("/demo/sign-in", body).await.given(200);
        let bearer = answer["bearer"].as_str().map(str::to_owned);
        Someone { bearer, ..self }
    }

    /// A request to any path of the server, with a fresh key.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self
            .client
            .request(method.clone(), format!("{}{path}", self.url))
            .header("accept-language", "en");
        let request = match &self.bearer {
            Some(bearer) => request.bearer_auth(bearer),
            None => request,
        };
        match method == Method::GET {
            true => request,
            false => request.header("idempotency-key", fresh_key()),
        }
    }

    /// `GET` below `/api/v1`.
    pub async fn gets(&self, path: &str) -> Reply {
        send(self.request(Method::GET, &format!("/api/v1{path}"))).await
    }

    /// `POST` below `/api/v1` with a fresh key.
    pub async fn posts(&self, path: &str, body: Value) -> Reply {
        send(
            self.request(Method::POST, &format!("/api/v1{path}"))
                .json(&body),
        )
        .await
    }

    /// `POST` below `/api/v1` with this key.
    pub async fn posts_as(&self, key: &str, path: &str, body: &Value) -> Reply {
        let url = format!("{}/api/v1{path}", self.url);
        let request = self
            .client
            .post(url)
            .header("idempotency-key", key)
            .header("accept-language", "en");
        let request = match &self.bearer {
            Some(bearer) => request.bearer_auth(bearer),
            None => request,
        };
        send(request.json(body)).await
    }

    /// `POST` below `/api/v1` with exactly these bytes.
    pub async fn posts_bytes(&self, path: &str, body: impl Into<reqwest::Body>) -> Reply {
        send(
            self.request(Method::POST, &format!("/api/v1{path}"))
                .header("content-type", "application/json")
                .body(body),
        )
        .await
    }

    /// Opens a socket that must be let in.
    pub async fn watches(&self, path: &str) -> Watcher {
        self.tries_to_watch(path, &[])
            .await
            .unwrap_or_else(|status| panic!("{path} answered {status}"))
    }

    /// Opens a socket, or answers the status of the refusal.
    pub async fn tries_to_watch(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Watcher, u16> {
        let url = format!("{}{path}", self.url.replace("http://", "ws://"));
        let mut request = url.into_client_request().unwrap();
        if let Some(bearer) = &self.bearer {
            let bearer = format!("Bearer {bearer}").parse().unwrap();
            request.headers_mut().insert("authorization", bearer);
        }
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Watcher { socket }),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{path}: {error}"),
        }
    }
}

/// Sends it and keeps all of the answer.
pub async fn send(request: reqwest::RequestBuilder) -> Reply {
    let response = tokio::time::timeout(PATIENCE, request.send())
        .await
        .expect("the server answers in time")
        .unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let bytes = response.bytes().await.unwrap().to_vec();
    Reply {
        status,
        headers,
        bytes,
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The JSON that came with this status.
    #[track_caller]
    pub fn given(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The problem, which must be of this type and complete.
    #[track_caller]
    pub fn refused(&self, kind: &str) -> Value {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{} {}",
            self.status,
            self.text()
        );
        let problem: Value = serde_json::from_slice(&self.bytes).unwrap();
        assert_eq!(problem["type"], format!("urn:paihao:{kind}"), "{problem}");
        assert_eq!(problem["status"], self.status, "{problem}");
        for told in ["title", "detail"] {
            assert!(
                problem[told].as_str().is_some_and(|text| !text.is_empty()),
                "{problem}"
            );
        }
        problem
    }

    /// The fields that a validation problem names.
    #[track_caller]
    pub fn wrong_fields(&self) -> Vec<String> {
        let problem = self.refused("validation");
        assert_eq!(self.status, 422);
        let errors = problem["errors"].as_array();
        let errors = errors.unwrap_or_else(|| panic!("no errors in {problem}"));
        assert!(
            errors.iter().all(|error| error["message"].is_string()),
            "{problem}"
        );
        errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_string())
            .collect()
    }

    /// The number that was taken.
    #[track_caller]
    pub fn number(&self) -> String {
        self.given(201)["number"].as_str().unwrap().into()
    }

    /// The key of the ticket that was taken.
    #[track_caller]
    pub fn token(&self) -> String {
        self.given(201)["token"].as_str().unwrap().into()
    }

    /// The number that a window has now and its stage, such as `A001 called`; `nobody` if it has none.
    #[track_caller]
    pub fn ticket(&self) -> String {
        match &self.given(200)["ticket"] {
            Value::Null => "nobody".into(),
            ticket => format!(
                "{} {}",
                ticket["number"].as_str().unwrap(),
                ticket["stage"].as_str().unwrap()
            ),
        }
    }
}

/// A machine at the door.
pub struct Kiosk(pub Someone);

impl Kiosk {
    pub async fn takes(&self, service: &str) -> Reply {
        self.takes_with(json!({ "service": service })).await
    }

    pub async fn takes_with(&self, body: Value) -> Reply {
        self.0.posts("/halls/zhuzhou/tickets", body).await
    }

    /// Takes a number although it could be done online.
    pub async fn insists_on(&self, service: &str) -> Reply {
        self.takes_with(json!({ "service": service, "insist": true }))
            .await
    }

    /// The same, and it must be given; answers its key.
    pub async fn gives_who_insists(&self, service: &str) -> String {
        self.insists_on(service).await.token()
    }

    /// Makes an appointment a ticket: by `code`, `token` or `id_number`.
    pub async fn checks_in(&self, by: Value) -> Reply {
        self.0.posts("/halls/zhuzhou/check-ins", by).await
    }

    /// Takes a number that must be given; answers its key.
    pub async fn gives(&self, service: &str) -> String {
        self.takes(service).await.token()
    }
}

/// Somebody at a window of Zhuzhou.
pub struct Officer(pub Someone);

impl Officer {
    pub async fn does(&self, window: u16, action: &str, body: Value) -> Reply {
        let path = format!("/halls/zhuzhou/windows/{window}/{action}");
        self.0.posts(&path, body).await
    }

    pub async fn opens(&self, window: u16) -> Reply {
        self.does(window, "open", json!({})).await
    }

    pub async fn calls_next(&self, window: u16) -> Reply {
        self.does(window, "call-next", json!({})).await
    }

    /// Calls the next one and is done with him at once; answers the number, `nobody` if there is none.
    pub async fn serves_next(&self, window: u16) -> String {
        let called = self.calls_next(window).await.ticket();
        if called != "nobody" {
            self.finishes(window).await.given(200);
        }
        called.trim_end_matches(" called").into()
    }

    pub async fn starts(&self, window: u16) -> Reply {
        self.does(window, "start", json!({})).await
    }

    pub async fn finishes(&self, window: u16) -> Reply {
        self.does(window, "finish", json!({})).await
    }

    pub async fn finishes_and_calls_next(&self, window: u16) -> Reply {
        self.does(window, "finish-and-call-next", json!({})).await
    }

    pub async fn closes(&self, window: u16) -> Reply {
        self.does(window, "close", json!({})).await
    }

    pub async fn console(&self, window: u16) -> Value {
        let path = format!("/halls/zhuzhou/windows/{window}");
        self.0.gets(&path).await.given(200)
    }
}

/// Somebody who walks up to people.
pub struct Usher(pub Someone);

impl Usher {
    pub async fn does(&self, action: &str, body: Value) -> Reply {
        let path = format!("/halls/zhuzhou/usher/{action}");
        self.0.posts(&path, body).await
    }
}

/// The people and devices of a hall that serves for real.
pub struct Staff {
    pub manager: Manager,
    pub officer: Officer,
    pub usher: Usher,
    pub kiosk: Kiosk,
    pub display: Someone,
}

/// Somebody who answers for the hall.
pub struct Manager(pub Someone);

impl Manager {
    pub async fn does(&self, action: &str, body: Value) -> Reply {
        self.0
            .posts(&format!("/halls/zhuzhou/{action}"), body)
            .await
    }

    /// Makes an account with the secret that all tests use.
    pub async fn creates(&self, account: &str, role: &str, hall: Option<&str>) {
        let secret = if role == "manager" { PASSWORD } else { PIN };
        let body = json!({
            "account": account, "name": format!("name of {account}"), "secret": secret, "role": role, "hall": hall
        });
        self.0.posts("/accounts", body).await.given(201);
    }

    /// Enrols a device; answers its token.
    pub async fn enrols(&self, device: &str, kind: &str, hall: &str) -> String {
        let body = json!({ "device": device, "kind": kind, "hall": hall });
        let answer = self.0.posts("/devices", body).await.given(201);
        answer["token"].as_str().unwrap().into()
    }

    /// Adopts the plan in force with a change in it.
    pub async fn changes_plan(&self, change: impl FnOnce(&mut Value)) {
        let (mut plan, tag) = self.plan().await;
        change(&mut plan);
        self.adopts(&plan, &tag).await.given(200);
    }

    pub async fn day(&self, date: &str) -> Value {
        let path = format!("/halls/zhuzhou/days/{date}");
        self.0.gets(&path).await.given(200)
    }

    /// The plan in force, and its revision as an entity tag.
    pub async fn plan(&self) -> (Value, String) {
        let reply = self.0.gets("/halls/zhuzhou/plan").await;
        (reply.given(200), reply.header("etag").into())
    }

    /// Adopts a plan over the revision named by this entity tag.
    pub async fn adopts(&self, plan: &Value, if_match: &str) -> Reply {
        let request = self.0.request(Method::PUT, "/api/v1/halls/zhuzhou/plan");
        send(request.header("if-match", if_match).json(plan)).await
    }
}

/// Somebody with a number.
pub struct Holder(pub Someone);

impl Holder {
    pub async fn does(&self, token: &str, action: &str, body: Value) -> Reply {
        self.0
            .posts(&format!("/tickets/{token}/{action}"), body)
            .await
    }

    pub async fn cancels(&self, token: &str) -> Reply {
        self.does(token, "cancel", json!({})).await
    }

    pub async fn sees(&self, token: &str) -> Value {
        self.0.gets(&format!("/tickets/{token}")).await.given(200)
    }

    pub async fn stage(&self, token: &str) -> String {
        self.sees(token).await["stage"].as_str().unwrap().into()
    }
}

/// Somebody at home who wants a place at another time.
pub struct Citizen(pub Someone);

impl Citizen {
    /// The slots of a service on one date.
    pub async fn slots(&self, service: &str, date: &str) -> Vec<Value> {
        let path = format!("/halls/zhuzhou/slots?service={service}&from={date}&to={date}");
        let answer = self.0.gets(&path).await.given(200);
        answer["slots"].as_array().unwrap().clone()
    }

    /// How many places of a slot are left.
    pub async fn free(&self, service: &str, slot: &str) -> u64 {
        let (_, time) = slot.rsplit_once('-').unwrap();
        let date = format!("{}-{}-{}", &time[..4], &time[4..6], &time[6..8]);
        let slots = self.slots(service, &date).await;
        let found = slots.iter().find(|listed| listed["id"] == slot);
        found.unwrap_or_else(|| panic!("no {slot} among {slots:?}"))["free"]
            .as_u64()
            .unwrap()
    }

    pub async fn holds(&self, service: &str, slot: &str) -> Reply {
        let body = json!({ "service": service, "slot": slot });
        self.0.posts("/halls/zhuzhou/holds", body).await
    }

    /// Books for a person of this name, who is always the same person.
    pub async fn books(&self, name: &str, service: &str, slot: &str) -> Reply {
        self.books_with(name, json!({ "service": service, "slot": slot }))
            .await
    }

    /// The same with something more to say.
    pub async fn books_with(&self, name: &str, mut body: Value) -> Reply {
        body["person"] = person(name);
        self.0.posts("/halls/zhuzhou/appointments", body).await
    }

    /// Books a place that must be free.
    pub async fn has_booked(&self, name: &str, service: &str, slot: &str) -> Booking {
        Booking::of(&self.books(name, service, slot).await)
    }

    pub async fn does(&self, token: &str, action: &str, body: Value) -> Reply {
        self.0
            .posts(&format!("/appointments/{token}/{action}"), body)
            .await
    }

    pub async fn moves(&self, token: &str, slot: &str) -> Reply {
        self.does(token, "move", json!({ "slot": slot })).await
    }

    pub async fn sees(&self, token: &str) -> Value {
        self.0
            .gets(&format!("/appointments/{token}"))
            .await
            .given(200)
    }

    pub async fn standing(&self, token: &str) -> String {
        self.sees(token).await["standing"].as_str().unwrap().into()
    }
}

/// A booking's two keys: one to type, one to follow it.
#[derive(Clone, Debug)]
pub struct Booking {
    pub code: String,
    pub token: String,
}

impl Booking {
    #[track_caller]
    pub fn of(reply: &Reply) -> Booking {
        let booked = reply.given(201);
        let text = |name: &str| booked[name].as_str().unwrap().to_string();
        Booking {
            code: text("code"),
            token: text("token"),
        }
    }

    pub fn by_code(&self) -> Value {
        json!({ "code": self.code })
    }
}

/// A person with a telephone and a document, both made out of the name.
pub fn person(name: &str) -> Value {
    let digits: u64 = name
        .bytes()
        .fold(7, |sum, byte| (sum * 131 + u64::from(byte)) % 100_000_000);
    json!({ "name": name, "phone": format!("139{digits:08}"), "id_number": id_number(name) })
}

/// The document of a person of this name.
pub fn id_number(name: &str) -> String {
    let digits: u64 = name.bytes().fold(3, |sum, byte| {
        (sum * 257 + u64::from(byte)) % 1_000_000_000_000
    });
    format!("430204{digits:012}")
}

/// Somebody in front of a screen: reads a socket.
pub struct Watcher {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Watcher {
    /// The next view, past all beats.
    pub async fn next_view(&mut self) -> Value {
        self.until(|frame| !frame["view"].is_null()).await
    }

    /// The first frame for which this holds.
    pub async fn until(&mut self, mut holds: impl FnMut(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                let message = self.socket.next().await.expect("the socket stays open");
                if let Message::Text(text) = message.unwrap() {
                    last = serde_json::from_str(&text).unwrap();
                    if holds(&last) {
                        return;
                    }
                }
            }
        })
        .await;
        assert!(found.is_ok(), "never seen; the last frame was {last}");
        last
    }

    /// The first view for which this holds.
    pub async fn shows(&mut self, mut holds: impl FnMut(&Value) -> bool) -> Value {
        self.until(|frame| !frame["view"].is_null() && holds(&frame["view"]))
            .await["view"]
            .clone()
    }

    /// Sends something, which nobody asked for.
    pub async fn says(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.ok();
    }

    /// Reads on until the server closes; answers its code.
    pub async fn closed(&mut self) -> Option<CloseCode> {
        let goodbye = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            }
        };
        tokio::time::timeout(PATIENCE, goodbye)
            .await
            .expect("the server closes the socket in time")
    }
}

/// Asks again until it is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, asked).await;
    assert!(in_time.is_ok(), "waited {PATIENCE:?} until {what}");
}
