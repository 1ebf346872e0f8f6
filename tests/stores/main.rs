//! Stores that the version before made: today's program starts on them, verifies them, shows the same to everybody, gives
//! the first answer again to every command sent twice, and goes on as that version did.
//!
//! `make.py` made them with the binary of that version and kept what it answered. They hold two and a half days of two
//! halls: tickets in every stage, bookings, moves between times and between halls, lent numbers, what was left in
//! writing. The last snapshot stands in the middle of the last day. The program runs as a process here, because a store
//! is a promise of the binary, whatever the names inside become.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "../../crates/log/tests/support/redis_server.rs"]
mod redis_server;

use flate2::read::GzDecoder;
use futures_util::StreamExt;
use redis_server::TestRedis;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// What is drawn at random; `make.py` leaves out the same.
const DRAWN: [&str; 11] = [
    "token",
    "page",
    "ics",
    "code",
    "bearer",
    "link",
    "family",
    "enrol",
    "url",
    "client",
    "revision_of",
];

/// What views have had since: whom a day is for, and which kiosks have numbers that are lent.
const ADDED: [&str; 3] = ["today", "date", "lent"];

/// Another program that is told nothing more, so that what it was told stays where it was.
const NOBODY_THERE: &str = "http://127.0.0.1:9/hook";
const SECRET: &str = "whsec_YSBzZWNyZXQgb2YgdGhlIG9sZCBzdG9yZXM=";

#[tokio::test]
async fn a_file_of_the_version_before_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite_in(folder.path());
    goes_on(&store, "sqlite").await;
}

#[tokio::test]
async fn a_file_of_the_version_before_goes_on_without_its_snapshots() {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite_in(folder.path());
    let db = rusqlite::Connection::open(folder.path().join("paihao.db")).unwrap();
    let gone = db.execute("DELETE FROM snapshots", []).unwrap();
    assert!(gone >= 2, "the halls had snapshots");
    drop(db);
    goes_on(&store, "sqlite").await;
}

#[tokio::test]
async fn a_redis_of_the_version_before_goes_on() {
    let redis = redis();
    goes_on(&redis.url(), "redis").await;
}

#[tokio::test]
async fn a_redis_of_the_version_before_goes_on_without_its_snapshots() {
    let redis = redis();
    for hall in ["tianyuan", "lusong"] {
        let delete = format!("DEL paihao:{{{hall}}}:snapshot\r\n");
        assert_eq!(
            says(&redis, delete.as_bytes()),
            ":1\r\n",
            "{hall} had a snapshot"
        );
    }
    goes_on(&redis.url(), "redis").await;
}

/// The whole promise, on one store.
async fn goes_on(store: &str, kind: &str) {
    let kept: Value = serde_json::from_slice(&unpacked(&format!("{kind}.json.gz"))).unwrap();
    assert_eq!(verified(store), records(&kept["made"]), "as it was made");

    let server = Server::on(store, &kept).await;
    let mut differences = server.looks(&kept).await;
    differences.extend(server.asks_again(&kept["repeats"], |answer| answer).await);
    drop(server); // killed, as the version before was: nothing of this was worth a record
    assert_eq!(
        of_halls(verified(store)),
        of_halls(records(&kept["after_repeats"])),
        "nothing happened"
    );

    let server = Server::on(store, &kept).await;
    differences.extend(server.asks_again(&kept["then"], masked).await);
    drop(server);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(
        of_halls(verified(store)),
        of_halls(records(&kept["after_then"])),
        "as it went on"
    );
}

fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/stores")
        .join(name);
    let mut bytes = Vec::new();
    let file =
        std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

fn sqlite_in(folder: &Path) -> String {
    let path = folder.join("paihao.db");
    std::fs::write(&path, unpacked("sqlite.db.gz")).unwrap();
    format!("sqlite:{}", path.display())
}

/// A Redis that was told again everything that the store's Redis knew.
fn redis() -> TestRedis {
    let redis = TestRedis::start();
    let said = says(&redis, &unpacked("redis.resp.gz"));
    let refusal = said.lines().find(|line| line.starts_with('-'));
    assert_eq!(refusal, None, "Redis did not take the store");
    redis
}

/// What Redis answers to these commands.
fn says(redis: &TestRedis, commands: &[u8]) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", redis.port())).unwrap();
    connection.write_all(commands).unwrap();
    connection.write_all(b"QUIT\r\n").unwrap();
    let mut answers = String::new();
    connection.read_to_string(&mut answers).unwrap();
    answers.trim_end_matches("+OK\r\n").to_string()
}

/// What `paihao verify` finds: the records and closed days of each stream.
fn verified(store: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_paihao"))
        .args(["verify", "--store", store])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    said.lines().map(without_state).collect()
}

fn records(kept: &Value) -> Vec<String> {
    let lines = kept.as_array().unwrap().iter();
    lines
        .map(|line| without_state(line.as_str().unwrap()))
        .collect()
}

/// Without who signed in meanwhile.
fn of_halls(mut lines: Vec<String>) -> Vec<String> {
    lines.retain(|line| !line.starts_with("access"));
    lines
}

/// The hash of the state changes with its form, and how many commits there are with what waits at the same moment.
fn without_state(line: &str) -> String {
    let (records, rest) = line.split_once(" in ").unwrap_or((line, ""));
    let days = rest.split(", ").find(|part| part.ends_with("closed"));
    format!("{records}, {}", days.unwrap_or_default())
}

/// The sample halls, the first under the name that it has in the stores: there it is without the sample's guide.
fn plans_in(folder: &Path) -> String {
    let plans = ["zhuzhou", "lusong"].map(|name| {
        let sample = format!("{}/plans/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let plan = std::fs::read_to_string(sample).unwrap();
        let path = folder.join(format!("{name}.toml"));
        std::fs::write(
            &path,
            plan.replace("hall = \"zhuzhou\"", "hall = \"tianyuan\""),
        )
        .unwrap();
        path.display().to_string()
    });
    plans.join(",")
}

/// A process that serves a store, on a clock that stands where the version before left it.
struct Server {
    process: Child,
    address: String,
    client: reqwest::Client,
    bearers: Value,
    /// Of its plans.
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    async fn on(store: &str, kept: &Value) -> Server {
        let clock = kept["clock"].as_str().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let plans = plans_in(folder.path());
        let secret = folder.path().join("secret");
        std::fs::write(&secret, SECRET).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_paihao"))
            .env("STATE_DIRECTORY", folder.path()) // the mark of a Redis
            .args(["demo", "--store", store, "--listen", "127.0.0.1:0"])
            .args(["--plan", &plans, "--webhook", NOBODY_THERE])
            .arg("--webhook-secret-file")
            .arg(secret)
            .args(["--clock", clock, "--speed", "0", "--speech-engine", "none"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, rest) = line.split_once("http://")?;
            Some(rest.split('/').next()?.to_string())
        });
        for line in lines.map_while(Result::ok) {
            if line.contains("stop with") {
                break; // the last that it says
            }
        }
        let mut server = Server {
            process,
            address: address.expect("it starts on the store"),
            client: reqwest::Client::new(),
            bearers: kept["bearers"].clone(),
            _folder: folder,
        };
        server.people_sign_in().await;
        server
    }

    /// A session lasts half a day of the real clock, and the stores are kept for longer. Devices have no sessions.
    async fn people_sign_in(&mut self) {
        for role in ["kiosk", "officer", "usher", "manager", "display"] {
            let body = json!({ "role": role, "hall": "tianyuan" });
            self.signs_in(role, "/api/v1/demo/sign-in", body).await;
        }
        let body = json!({ "account": "1024", "secret": "204816" });
        self.signs_in("1024", "/api/v1/sign-in", body).await;
    }

    async fn signs_in(&mut self, who: &str, path: &str, body: Value) {
        let (status, answer) = self
            .asks(&json!({ "method": "POST", "path": path, "body": body }))
            .await;
        assert_eq!(status, 200, "{answer}");
        self.bearers[who] = answer["bearer"].clone();
    }

    fn bearer(&self, who: &Value) -> Option<&str> {
        self.bearers[who.as_str()?].as_str()
    }

    async fn asks(&self, request: &Value) -> (u16, Value) {
        let method = request["method"].as_str().unwrap_or("GET").parse().unwrap();
        let path = request["path"].as_str().unwrap();
        let mut sent = self
            .client
            .request(method, format!("http://{}{path}", self.address));
        sent = sent.header("accept-language", "en");
        if let Some(bearer) = self.bearer(&request["as"]) {
            sent = sent.bearer_auth(bearer);
        }
        if let Some(key) = request["key"].as_str() {
            sent = sent.header("idempotency-key", key);
        }
        if request["method"] == "POST" {
            sent = sent.json(&request["body"]);
        }
        let answer = sent.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let text = text.replace(&self.address, "127.0.0.1"); // the port is another each time
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    /// The first view of a socket.
    async fn watches(&self, socket: &Value) -> Value {
        let path = socket["path"].as_str().unwrap();
        let mut request = format!("ws://{}{path}", self.address)
            .into_client_request()
            .unwrap();
        if let Some(bearer) = self.bearer(&socket["as"]) {
            let bearer = format!("Bearer {bearer}").parse().unwrap();
            request.headers_mut().insert("authorization", bearer);
        }
        let (mut socket, _) = connect_async(request).await.unwrap();
        loop {
            if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
                let mut frame: Value = serde_json::from_str(&text).unwrap();
                if !frame["view"].is_null() {
                    return frame["view"].take();
                }
            }
        }
    }

    /// Everything that the version before showed; answers where today's shows something else.
    async fn looks(&self, kept: &Value) -> Vec<String> {
        let mut differences = Vec::new();
        for seen in kept["seen"].as_array().unwrap() {
            let (_, shown) = self.asks(seen).await;
            compare(&seen["path"], &seen["body"], &shown, &mut differences);
        }
        for socket in kept["sockets"].as_array().unwrap() {
            let shown = self.watches(socket).await;
            compare(&socket["path"], &socket["view"], &shown, &mut differences);
        }
        let webhooks = "/api/v1/halls/tianyuan/webhooks";
        let request = json!({ "as": "manager", "path": webhooks });
        let (_, shown) = self.asks(&request).await;
        compare(
            &webhooks.into(),
            &kept["told"],
            &told(&shown),
            &mut differences,
        );
        differences
    }

    /// Sends these requests; answers where one is answered in another way.
    async fn asks_again(&self, steps: &Value, of: impl Fn(Value) -> Value) -> Vec<String> {
        let mut differences = Vec::new();
        for step in steps.as_array().unwrap() {
            let (status, answer) = self.asks(&with_a_number_of_today(step)).await;
            if step["status"] != status {
                differences.push(format!(
                    "{}: {} became {status}: {answer}",
                    step["path"], step["status"]
                ));
            } else {
                compare(
                    &step["path"],
                    &step["answer"],
                    &of(answer),
                    &mut differences,
                );
            }
        }
        differences
    }
}

/// Zoe books with a number that nobody can have, and numbers are checked now: she has another.
fn with_a_number_of_today(step: &Value) -> Value {
    let mut step = step.clone();
    if let Some(number) = step.pointer_mut("/body/person/id_number")
        && *number == "430204000000000009"
    {
        *number = "43020419900101009X".into();
    }
    step
}

/// Notes each place where two answers differ.
fn compare(place: &Value, before: &Value, now: &Value, differences: &mut Vec<String>) {
    let mut note = |path: String, before: &Value, now: &Value| {
        differences.push(format!(
            "{} {path}: {before} became {now}",
            place.as_str().unwrap_or("")
        ));
    };
    let mut open = vec![(String::new(), before, now)];
    while let Some((path, before, now)) = open.pop() {
        match (before, now) {
            (Value::Object(was), Value::Object(is)) => {
                let is_new = |key: &String| !was.contains_key(key) && ADDED.contains(&key.as_str());
                let is_told = |key: &String| !is_new(key) && !is_reckoned_anew(place, key, is);
                let keys: std::collections::BTreeSet<&String> =
                    was.keys().chain(is.keys()).collect();
                open.extend(
                    keys.into_iter()
                        .filter(|key| is_told(key))
                        .map(|key| (format!("{path}/{key}"), &before[key], &now[key])),
                );
            }
            (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
                let pairs = was.iter().zip(is).enumerate();
                open.extend(pairs.map(|(n, (was, is))| (format!("{path}/{n}"), was, is)));
            }
            _ if before != now => note(path, before, now),
            _ => {}
        }
    }
}

/// The version before guessed a wait where nobody was at work, and recommended such halls. No record has that: it is
/// reckoned when somebody looks, and now it is not known.
fn is_reckoned_anew(place: &Value, key: &str, now: &serde_json::Map<String, Value>) -> bool {
    let is_unknown = now.get("wait_unknown").is_some_and(Value::is_object);
    let of_the_wait = ["wait", "wait_unknown", "be_back_by", "reason"].contains(&key);
    let recommended = place
        .as_str()
        .is_some_and(|path| path.ends_with("/elsewhere"));
    is_unknown && of_the_wait || recommended && now["halls"] == json!([])
}

/// How far another program was told, and what it would not take.
fn told(webhooks: &Value) -> Value {
    let letter =
        |letter: &Value| ["id", "type", "subject", "body"].map(|name| letter[name].clone());
    let endpoints = webhooks["endpoints"].as_array().unwrap().iter();
    let told = endpoints.map(|endpoint| {
        let letters = endpoint["dead_letters"].as_array().unwrap().iter();
        let letters: Vec<_> = letters.map(letter).collect();
        json!([endpoint["name"], endpoint["version"], letters])
    });
    told.collect()
}

/// Without what was drawn at random.
fn masked(mut answer: Value) -> Value {
    match &mut answer {
        Value::Object(fields) => {
            for (name, field) in fields {
                let is_drawn = field.is_string() && DRAWN.contains(&name.as_str());
                *field = if is_drawn {
                    "drawn".into()
                } else {
                    masked(field.take())
                };
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|item| *item = masked(item.take())),
        _ => {}
    }
    answer
}
