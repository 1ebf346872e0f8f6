//! People who book, hold and move, and ask with the same key until they know.

use super::{SERVICE, WEEKEND};
use crate::client::{
    AGAIN_AFTER, ATTEMPT_WITHIN, KNOW_WITHIN, Manner, answer_within, http_client,
    patience_of_copies, set_clock, sign_in,
};
use crate::log_reader::{HALL, command_id};
use anyhow::{Context, bail, ensure};
use futures_util::future::join_all;
use hall::Actor;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Who is in a hurry hangs up within this many microseconds.
const HURRY_MICROS: u64 = 20_000;

/// One request of one person with everything that was heard about it, over all its attempts.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The command's name in the log.
    pub id: String,
    pub person: usize,
    pub heard: Vec<BookingHeard>,
    /// Attempts without an answer.
    pub unknown: u64,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BookingHeard {
    Held {
        token: String,
    },
    Booked {
        token: String,
        code: String,
        slot: String,
    },
    Moved {
        token: String,
        slot: String,
    },
    /// Refused, with the problem's type.
    Refused(String),
}

impl Asked {
    pub fn is_booked(&self) -> bool {
        self.heard
            .iter()
            .any(|heard| matches!(heard, BookingHeard::Booked { .. }))
    }

    pub fn is_moved(&self) -> bool {
        self.heard
            .iter()
            .any(|heard| matches!(heard, BookingHeard::Moved { .. }))
    }

    pub fn found_it_full(&self) -> bool {
        self.heard
            .iter()
            .all(|heard| *heard == BookingHeard::Refused("slot-full".into()))
    }

    /// The key of what was held.
    pub fn hold(&self) -> Option<String> {
        self.heard.iter().find_map(|heard| match heard {
            BookingHeard::Held { token } => Some(token.clone()),
            _ => None,
        })
    }

    /// The key of what was booked.
    pub fn token(&self) -> Option<String> {
        self.heard.iter().find_map(|heard| match heard {
            BookingHeard::Booked { token, .. } => Some(token.clone()),
            _ => None,
        })
    }
}

/// Where they go, and what they heard.
#[derive(Debug)]
pub struct Bookers {
    http: reqwest::Client,
    addresses: Vec<String>,
    secret: [u8; 32],
    keys: AtomicU64,
    requests: AtomicU64,
    heard: Mutex<Vec<Asked>>,
}

/// What is asked for.
enum BookingRequest<'a> {
    Hold,
    Book,
    Move(&'a str),
}

impl Bookers {
    pub fn new(addresses: Vec<String>, secret: [u8; 32]) -> anyhow::Result<Bookers> {
        Ok(Bookers {
            http: http_client()?,
            addresses,
            secret,
            keys: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            heard: Mutex::default(),
        })
    }

    /// Requests sent so far, those without an answer included.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// What everybody heard, taken out.
    pub fn take_heard(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.heard.lock().expect("pushing does not panic"))
    }

    /// The manager gives every slot so many places.
    pub async fn set_places(&self, places: usize) -> anyhow::Result<()> {
        let bearer = sign_in(&self.http, &self.addresses[0], "manager").await?;
        let url = format!("{}/api/v1/halls/{HALL}/plan", self.addresses[0]);
        let get = self.http.get(&url).bearer_auth(&bearer);
        let got = get.send().await?.error_for_status()?;
        let tag = got.headers().get("etag");
        let tag = tag.context("a plan has a revision")?.clone();
        let mut plan: Value = got.json().await?;
        plan["appointments"][0]["places"] = json!(places);
        let put = self.http.put(&url).bearer_auth(&bearer);
        let put = put.header("If-Match", tag);
        let put = put.header("Idempotency-Key", "the-storms-plan").json(&plan);
        put.send().await?.error_for_status()?;
        Ok(())
    }

    /// Sets every process's clock, one after the other.
    pub async fn set_clocks(&self, at: &str) -> anyhow::Result<()> {
        for address in &self.addresses {
            set_clock(&self.http, address, at).await?;
        }
        Ok(())
    }

    /// The weekend's slots as one process shows them.
    pub async fn slots(&self, process: usize) -> anyhow::Result<Value> {
        let (from, to) = WEEKEND;
        let address = &self.addresses[process];
        let url =
            format!("{address}/api/v1/halls/{HALL}/slots?service={SERVICE}&from={from}&to={to}");
        let shown = self.http.get(url).send().await?.error_for_status()?;
        let shown: Value = shown.json().await?;
        Ok(shown["slots"].clone())
    }

    /// Their names.
    pub async fn slots_of_weekend(&self) -> anyhow::Result<Vec<String>> {
        let slots = self.slots(0).await?;
        let slots = slots.as_array().context("slots are a list")?;
        let name = |slot: &Value| slot["id"].as_str().map(str::to_owned);
        let names: Option<Vec<String>> = slots.iter().map(name).collect();
        names.context("a slot has a name")
    }

    pub async fn holds(&self, person: usize, slot: &str) -> anyhow::Result<Asked> {
        // all of them come from one address, and a client has one hold
        let client = format!("client-of-person-{person:08}");
        let body = json!({ "service": SERVICE, "slot": slot, "client": client });
        let path = format!("/api/v1/halls/{HALL}/holds");
        self.ask(person, BookingRequest::Hold, path, body, Manner::Calm)
            .await
    }

    pub async fn books(
        &self,
        person: usize,
        slot: &str,
        hold: Option<&String>,
        manner: Manner,
    ) -> anyhow::Result<Asked> {
        let mut body = json!({ "service": SERVICE, "slot": slot, "person": {
            "name": format!("person {person}"),
            "phone": format!("139{person:08}"),
            "id_number": resident_number(person),
        } });
        if let Some(hold) = hold {
            body["hold"] = json!(hold);
        }
        let path = format!("/api/v1/halls/{HALL}/appointments");
        self.ask(person, BookingRequest::Book, path, body, manner)
            .await
    }

    pub async fn moves(&self, person: usize, token: &str, slot: &str) -> anyhow::Result<Asked> {
        let path = format!("/api/v1/appointments/{token}/move");
        let body = json!({ "slot": slot });
        let request = BookingRequest::Move(token);
        self.ask(person, request, path, body, Manner::Impatient)
            .await
    }

    /// Asks until the outcome is known.
    async fn ask(
        &self,
        person: usize,
        request: BookingRequest<'_>,
        path: String,
        body: Value,
        manner: Manner,
    ) -> anyhow::Result<Asked> {
        let count = self.keys.fetch_add(1, Ordering::Relaxed);
        let key = format!("booking-storm-{count:08}");
        let mut asked = Asked {
            id: command_id(&self.secret, &Actor::Citizen, &path, &key)?,
            person,
            heard: Vec::new(),
            unknown: 0,
        };
        let begun = Instant::now();
        if manner == Manner::Impatient {
            let copies = patience_of_copies(HURRY_MICROS)
                .map(|patience| self.attempt(&request, &path, &key, &body, patience));
            for heard in join_all(copies).await {
                asked.note(heard?);
            }
        }
        while asked.heard.is_empty() {
            let heard = self.attempt(&request, &path, &key, &body, ATTEMPT_WITHIN);
            asked.note(heard.await?);
            if asked.heard.is_empty() {
                tokio::time::sleep(AGAIN_AFTER).await;
            }
            ensure!(
                begun.elapsed() < KNOW_WITHIN,
                "no outcome for {path} {body}"
            );
        }
        let mut all = self.heard.lock().expect("pushing does not panic");
        all.push(asked.clone());
        Ok(asked)
    }

    /// One request, at any process: what was heard, or nothing if the outcome is unknown.
    async fn attempt(
        &self,
        asked: &BookingRequest<'_>,
        path: &str,
        key: &str,
        body: &Value,
        within: Duration,
    ) -> anyhow::Result<Option<BookingHeard>> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let address = &self.addresses[fastrand::usize(..self.addresses.len())];
        let request = self
            .http
            .post(format!("{address}{path}"))
            .header("Idempotency-Key", key)
            .json(body);
        let answer = answer_within(request, within).await;
        let heard = answer.map(|(is_success, body)| heard(asked, is_success, &body));
        heard.transpose()
    }
}

impl Asked {
    fn note(&mut self, heard: Option<BookingHeard>) {
        match heard {
            Some(heard) => self.heard.push(heard),
            None => self.unknown += 1,
        }
    }
}

fn heard(request: &BookingRequest, is_success: bool, body: &Value) -> anyhow::Result<BookingHeard> {
    let text = |value: &Value| {
        value
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("{body} lacks a text"))
    };
    if is_success {
        return Ok(match request {
            BookingRequest::Hold => BookingHeard::Held {
                token: text(&body["token"])?,
            },
            BookingRequest::Book => BookingHeard::Booked {
                token: text(&body["token"])?,
                code: text(&body["code"])?,
                slot: text(&body["slot"])?,
            },
            BookingRequest::Move(token) => BookingHeard::Moved {
                token: (*token).to_owned(),
                slot: text(&body["slot"]["id"])?,
            },
        });
    }
    let kind = text(&body["type"])?;
    let kind = kind.trim_start_matches("urn:paihao:");
    let is_same_slot = kind == "validation" && matches!(request, BookingRequest::Move(_));
    if kind != "slot-full" && !is_same_slot {
        bail!("the storm asks wrongly: {body}");
    }
    Ok(BookingHeard::Refused(kind.to_owned()))
}

/// A number that a resident could have: date of birth, sequence, check digit (GB 11643).
fn resident_number(n: usize) -> String {
    let (year, month, day) = (1950 + n % 50, 1 + n / 50 % 12, 1 + n / 600 % 28);
    let body = format!("430204{year}{month:02}{day:02}{:03}", n / 16_800 % 1000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.bytes().map(|digit| usize::from(digit - b'0'));
    let sum: usize = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    format!("{body}{}", &"10X98765432"[sum % 11..=sum % 11])
}
