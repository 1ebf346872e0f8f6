//! Clients that ask with the same key until they know: kiosks and officers of the demo hall.

use crate::history::{Heard, Operation, Request};
use crate::log_reader::{HALL, LogReader, command_id};
use anyhow::{Context, bail, ensure};
use futures_util::future::join_all;
use hall::Actor;
use hall::id::ActorId;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Mutex as AsyncMutex;

/// An attempt without an answer for this long is sent again; longer than the server's own limit for an outcome.
pub(crate) const ATTEMPT_WITHIN: Duration = Duration::from_secs(12);
/// A client that does not know by then gives up, and the storm has failed.
pub(crate) const KNOW_WITHIN: Duration = Duration::from_secs(120);
/// Pause before an attempt that follows one without an answer.
pub(crate) const AGAIN_AFTER: Duration = Duration::from_millis(10);
/// A client in a hurry hangs up within this many microseconds.
const HURRY_MICROS: u64 = 4_000;

/// How a storm's clients behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// One attempt at a time.
    Calm,
    /// One to three at once, to any process, some of them hung up on.
    Impatient,
}

/// Where the clients of a storm go, what they prove who they are with, and what they heard.
#[derive(Debug)]
pub struct Clients {
    http: reqwest::Client,
    /// The processes' addresses; a restarted one has a new address.
    addresses: RwLock<Vec<String>>,
    kiosk: String,
    officer: String,
    manager: String,
    secret: [u8; 32],
    started: Instant,
    keys: AtomicU64,
    /// The log read past the servers, for what became of attempts without an answer.
    pub log: Arc<AsyncMutex<LogReader>>,
    operations: Mutex<Vec<Operation>>,
}

impl Clients {
    /// Signs in at the first process and waits until all of them know.
    pub async fn sign_in(
        addresses: Vec<String>,
        secret: [u8; 32],
        log: LogReader,
    ) -> anyhow::Result<Clients> {
        let http = http_client()?;
        let bearer = async |role: &str| sign_in(&http, &addresses[0], role).await;
        let clients = Clients {
            kiosk: bearer("kiosk").await?,
            officer: bearer("officer").await?,
            manager: bearer("manager").await?,
            http: http.clone(),
            addresses: RwLock::new(addresses),
            secret,
            started: Instant::now(),
            keys: AtomicU64::new(0),
            log: Arc::new(AsyncMutex::new(log)),
            operations: Mutex::default(),
        };
        for process in 0..clients.processes() {
            clients.wait_to_be_known(process).await?;
        }
        Ok(clients)
    }

    /// How many processes there are.
    pub fn processes(&self) -> usize {
        self.addresses().len()
    }

    /// A process listens elsewhere now.
    pub fn moved(&self, process: usize, address: String) {
        self.write_addresses()[process] = address;
    }

    /// The clock of every operation's beginning and end.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// What `/readyz` says at a process, if it answers: whether all is well, and the kind of the store's trouble.
    pub async fn readiness(&self, process: usize) -> Option<(bool, Option<String>)> {
        let address = self.addresses()[process].clone();
        let request = self.http.get(format!("{address}/readyz"));
        let response = request.timeout(ATTEMPT_WITHIN).send().await.ok()?;
        let is_ready = response.status().is_success();
        let body: Value = response.json().await.ok()?;
        let kind = body["trouble"]["kind"].as_str().map(str::to_owned);
        Some((is_ready, kind))
    }

    /// What everybody heard so far, taken out.
    pub fn take_history(&self) -> Vec<Operation> {
        std::mem::take(&mut *self.lock_operations())
    }

    /// A kiosk takes a number, at any process or at a given one; answers the number.
    pub async fn takes(
        &self,
        service: &'static str,
        manner: Manner,
        at: Option<usize>,
    ) -> anyhow::Result<String> {
        let wanted = self.wanted(Request::Take(service), at)?;
        let operation = self.ask(&wanted, manner).await?;
        let number = operation.heard.iter().find_map(|heard| match heard {
            Heard::Took { number, .. } => Some(number.clone()),
            Heard::AtWindow(_) | Heard::Refused(_) => None,
        });
        let refused = format!("a number was refused: {:?}", operation.heard);
        self.lock_operations().push(operation);
        number.context(refused)
    }

    /// A request with a key of its own.
    pub fn wanted(&self, request: Request, at: Option<usize>) -> anyhow::Result<Wanted> {
        let key = format!("storm-{}", self.keys.fetch_add(1, Ordering::Relaxed));
        let (path, body, name) = match &request {
            Request::Take(service) => {
                let path = format!("/api/v1/halls/{HALL}/tickets");
                // nobody is led elsewhere: a storm's line may be longer than its windows can serve
                let body = json!({ "service": service, "no_smartphone": true });
                (path, body, "demo-kiosk")
            }
            Request::Window(window, action) => {
                let path = format!("/api/v1/halls/{HALL}/windows/{window}/{action}");
                (path, json!({}), "demo-officer")
            }
        };
        let name = ActorId::parse(name).map_err(|error| anyhow::anyhow!("{error}"))?;
        let actor = match &request {
            Request::Take(_) => Actor::Kiosk(name),
            Request::Window(..) => Actor::Officer(name),
        };
        Ok(Wanted {
            id: command_id(&self.secret, &actor, &path, &key)?,
            key,
            path,
            body,
            request,
            at,
        })
    }

    /// Asks until the outcome is known.
    pub async fn ask(&self, wanted: &Wanted, manner: Manner) -> anyhow::Result<Operation> {
        let mut operation = Operation {
            id: wanted.id.clone(),
            request: wanted.request.clone(),
            begun: self.started.elapsed(),
            ended: Duration::ZERO,
            heard: Vec::new(),
            unknown: 0,
            was_applied: None,
        };
        self.ask_again(wanted, manner, &mut operation).await?;
        Ok(operation)
    }

    /// Asks the same again, whatever was heard before.
    pub async fn ask_again(
        &self,
        wanted: &Wanted,
        manner: Manner,
        operation: &mut Operation,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        let heard_before = operation.heard.len();
        if manner == Manner::Impatient {
            self.send_copies(wanted, operation).await?;
        }
        while operation.heard.len() == heard_before {
            match self.attempt(wanted, ATTEMPT_WITHIN).await? {
                Some(heard) => operation.heard.push(heard),
                None => {
                    self.note_unknown(operation).await;
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
            }
            ensure!(begun.elapsed() < KNOW_WITHIN, "no outcome for {wanted:?}");
        }
        operation.ended = self.started.elapsed();
        Ok(())
    }

    /// One to three attempts at once; some hang up.
    async fn send_copies(&self, wanted: &Wanted, operation: &mut Operation) -> anyhow::Result<()> {
        let copies = patience_of_copies(HURRY_MICROS);
        let copies = copies.map(|patience| self.attempt(wanted, patience));
        for heard in join_all(copies).await {
            match heard? {
                Some(heard) => operation.heard.push(heard),
                None => operation.unknown += 1,
            }
        }
        Ok(())
    }

    /// Notes an attempt without an answer, and once what the log knows of it before it is sent again.
    async fn note_unknown(&self, operation: &mut Operation) {
        operation.unknown += 1;
        if operation.was_applied.is_none() {
            let mut log = self.log.lock().await;
            if log.catch_up().await.is_ok() {
                operation.was_applied = Some(log.has(&operation.id));
            }
        }
    }

    /// One request: what was heard, or nothing if the outcome is unknown.
    async fn attempt(&self, wanted: &Wanted, within: Duration) -> anyhow::Result<Option<Heard>> {
        let address = {
            let addresses = self.addresses();
            let any = || fastrand::usize(..addresses.len());
            addresses[wanted.at.unwrap_or_else(any)].clone()
        };
        let bearer = match wanted.request {
            Request::Take(_) => &self.kiosk,
            Request::Window(..) => &self.officer,
        };
        let request = self
            .http
            .post(format!("{address}{}", wanted.path))
            .bearer_auth(bearer)
            .header("Idempotency-Key", &wanted.key)
            .json(&wanted.body);
        let answer = answer_within(request, within).await;
        let heard = answer.map(|(is_success, body)| heard(&wanted.request, is_success, &body));
        heard.transpose()
    }

    /// The hall's view at one process, with its version.
    pub async fn board(&self, process: usize) -> anyhow::Result<(u64, Value)> {
        let address = self.addresses()[process].clone();
        let url = format!("{address}/api/v1/halls/{HALL}/board");
        let response = self.http.get(url).send().await?.error_for_status()?;
        let version = response.headers().get("paihao-version");
        let version = version.context("a board names its version")?;
        let version = version.to_str()?.parse()?;
        Ok((version, response.json().await?))
    }

    /// Anything that staff may read at one process.
    pub async fn read(&self, process: usize, path: &str, by: Reader) -> anyhow::Result<Value> {
        let address = self.addresses()[process].clone();
        let bearer = match by {
            Reader::Officer => &self.officer,
            Reader::Manager => &self.manager,
        };
        let request = self
            .http
            .get(format!("{address}/api/v1{path}"))
            .bearer_auth(bearer);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// Sets every process's clock.
    pub async fn set_clocks(&self, at: &str) -> anyhow::Result<()> {
        let addresses = self.addresses().clone();
        for address in addresses {
            set_clock(&self.http, &address, at).await?;
        }
        Ok(())
    }

    /// Keeps what an operation heard.
    pub fn keep(&self, operation: Operation) {
        self.lock_operations().push(operation);
    }

    async fn wait_to_be_known(&self, process: usize) -> anyhow::Result<()> {
        let begun = Instant::now();
        let path = format!("/halls/{HALL}/days/{}", &crate::process::CLOCK[..10]);
        let officer = format!("/halls/{HALL}/windows/1");
        loop {
            let seen = self.read(process, &officer, Reader::Officer).await;
            let manager = self.read(process, &path, Reader::Manager).await;
            let manager = manager.map_err(|error| format!("{error:#}"));
            if seen.is_ok() && !manager.is_err_and(|error| error.contains("401")) {
                return Ok(());
            }
            ensure!(
                begun.elapsed() < KNOW_WITHIN,
                "process {process} does not learn who signed in"
            );
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    fn addresses(&self) -> std::sync::RwLockReadGuard<'_, Vec<String>> {
        self.addresses
            .read()
            .expect("a text is replaced without panicking")
    }

    fn write_addresses(&self) -> std::sync::RwLockWriteGuard<'_, Vec<String>> {
        self.addresses
            .write()
            .expect("a text is replaced without panicking")
    }

    fn lock_operations(&self) -> std::sync::MutexGuard<'_, Vec<Operation>> {
        self.operations.lock().expect("pushing does not panic")
    }
}

/// Who reads.
#[derive(Clone, Copy, Debug)]
pub enum Reader {
    Officer,
    Manager,
}

/// A request ready to be sent, any number of times.
#[derive(Clone, Debug)]
pub struct Wanted {
    id: String,
    key: String,
    path: String,
    body: Value,
    request: Request,
    /// The process to go to; any if not said.
    at: Option<usize>,
}

/// A client for loopback, with connections that stay.
pub fn http_client() -> anyhow::Result<reqwest::Client> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .connect_timeout(Duration::from_secs(5))
        .pool_max_idle_per_host(256);
    Ok(client.build()?)
}

/// A demo's bearer.
pub async fn sign_in(http: &reqwest::Client, address: &str, role: &str) -> anyhow::Result<String> {
    let request = http.post(format!("{address}/api/v1/demo/sign-in"));
    let response = request.json(&json!({ "role": role })).send().await?;
    let body: Value = response.error_for_status()?.json().await?;
    let bearer = body["bearer"]
        .as_str()
        .context("sign-in answers a bearer")?;
    Ok(bearer.to_owned())
}

/// Sets a demo's clock.
pub(crate) async fn set_clock(
    http: &reqwest::Client,
    address: &str,
    at: &str,
) -> anyhow::Result<()> {
    let request = http.post(format!("{address}/api/v1/demo/clock"));
    let request = request.json(&json!({ "at": at }));
    request.send().await?.error_for_status()?;
    Ok(())
}

/// How long each of one to three copies of a request waits for its answer: some hang up.
pub(crate) fn patience_of_copies(hurry_micros: u64) -> impl Iterator<Item = Duration> {
    let patience = move |_| match fastrand::u8(0..4) {
        0 => Duration::from_micros(fastrand::u64(0..hurry_micros)),
        _ => ATTEMPT_WITHIN,
    };
    (0..fastrand::usize(1..=3)).map(patience)
}

/// Whether a request succeeded, and its answer; nothing if the outcome is unknown.
pub(crate) async fn answer_within(
    request: reqwest::RequestBuilder,
    within: Duration,
) -> Option<(bool, Value)> {
    let answer = async {
        let response = request.send().await?;
        let status = response.status();
        Ok::<_, reqwest::Error>((status, response.json::<Value>().await?))
    };
    let (status, body) = tokio::time::timeout(within, answer).await.ok()?.ok()?;
    (!status.is_server_error()).then_some((status.is_success(), body))
}

fn heard(request: &Request, is_success: bool, body: &Value) -> anyhow::Result<Heard> {
    if !is_success {
        let kind = body["type"].as_str().unwrap_or_default();
        let kind = kind.trim_start_matches("urn:paihao:");
        if let "unauthorized" | "forbidden" | "validation" | "too-many-requests" = kind {
            bail!("the storm asks wrongly: {body}");
        }
        return Ok(Heard::Refused(kind.to_owned()));
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(match request {
        Request::Take(_) => Heard::Took {
            number: text(&body["number"]).context("a ticket has a number")?,
            token: text(&body["token"]).context("a ticket has a token")?,
        },
        Request::Window(..) => Heard::AtWindow(text(&body["ticket"]["number"])),
    })
}
