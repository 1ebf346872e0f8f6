//! A hall over HTTP: the same calls as a kiosk, the officers' consoles, a phone and the manager make.
//!
//! One connection is kept open, since every request waits for the one before it: the order is the recording's. An answer
//! that says the outcome is unknown, or none at all, is asked for again with the same key.

use super::Server;
use super::hall_api::{
    CLOSED_WITHOUT_CALL, DayFigures, Failure, HallApi, RECORDED_ORDER, Reply, Wish,
};
use chrono::NaiveDate;
use hall::Plan;
use hall::Time;
use hall::id::{HallId, TicketNumber, WindowNumber};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often one request is sent before replay gives up on the server.
const TRIES: u32 = 5;
/// Between two tries; grows by itself each time.
const PAUSE: Duration = Duration::from_millis(200);
/// Longer than a server may take to carry out a whole night of due work.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that is everybody in the hall.
#[derive(Debug)]
pub(crate) struct HttpHall {
    client: reqwest::Client,
    api: String,
    hall: HallId,
    kiosk: String,
    officer: String,
    manager: String,
    requests: AtomicU64,
}

#[derive(Deserialize)]
struct SignedIn {
    bearer: String,
}

#[derive(Deserialize)]
struct Taken {
    number: TicketNumber,
    token: String,
}

#[derive(Deserialize)]
struct AtWindow {
    #[serde(default)]
    ticket: Option<Numbered>,
}

#[derive(Deserialize)]
struct Numbered {
    number: TicketNumber,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    title: Option<String>,
}

#[derive(Deserialize)]
struct HallNow {
    now: Time,
}

/// One request as it goes out.
struct Call<'a> {
    path: String,
    bearer: Option<&'a str>,
    key: &'a str,
    body: Value,
}

impl HttpHall {
    /// Signs in as a kiosk, an officer and the manager.
    pub(crate) async fn sign_in(server: &Server, hall: &HallId) -> Result<HttpHall, Failure> {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .no_proxy()
            .build()?;
        let api = format!("{}/api/v1", server.base_url.trim_end_matches('/'));
        let mut this = HttpHall {
            client,
            api,
            hall: hall.clone(),
            kiosk: String::new(),
            officer: String::new(),
            manager: String::new(),
            requests: AtomicU64::new(0),
        };
        this.kiosk = this.bearer("kiosk").await?;
        this.officer = this.bearer("officer").await?;
        this.manager = this.bearer("manager").await?;
        Ok(this)
    }

    /// The hall's clock.
    pub(crate) async fn now(&self) -> Result<Time, Failure> {
        let path = format!("/halls/{}", self.hall);
        Ok(self.get::<HallNow>(&path, None).await?.now)
    }

    /// Puts a plan in force, whatever plan is there.
    pub(crate) async fn adopt(&self, plan: &Plan) -> Result<(), Failure> {
        let path = format!("/halls/{}/plan", self.hall);
        let current: Value = self.get(&path, Some(&self.manager)).await?;
        let revision = current.get("revision").and_then(Value::as_u64).unwrap_or(0);
        let request = self
            .client
            .put(format!("{}{path}", self.api))
            .bearer_auth(&self.manager);
        let request = request.header("If-Match", format!("\"{revision}\""));
        let request = request
            .header("Idempotency-Key", format!("replay/plan/{revision}"))
            .json(plan);
        self.requests.fetch_add(1, Ordering::Relaxed);
        let (status, body) = read(request.send().await?).await?;
        if (200..300).contains(&status) {
            Ok(())
        } else {
            Err(Failure::Answer {
                call: path,
                status,
                body,
            })
        }
    }

    /// How many requests went out.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    async fn bearer(&self, role: &str) -> Result<String, Failure> {
        let body = json!({"role": role, "hall": self.hall});
        let key = format!("replay/sign-in/{role}");
        let call = Call {
            path: "/demo/sign-in".into(),
            bearer: None,
            key: &key,
            body,
        };
        let body = self.must_post(&call).await?;
        Ok(decode::<SignedIn>(&call.path, &body)?.bearer)
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        bearer: Option<&str>,
    ) -> Result<T, Failure> {
        let mut request = self.client.get(format!("{}{path}", self.api));
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let (status, body) = read(request.send().await?).await?;
        if !(200..300).contains(&status) {
            return Err(Failure::Answer {
                call: path.into(),
                status,
                body,
            });
        }
        decode(path, &body)
    }

    /// For what the contract does not refuse.
    async fn must_post(&self, call: &Call<'_>) -> Result<String, Failure> {
        let (status, body) = self.post(call).await?;
        if (200..300).contains(&status) {
            Ok(body)
        } else {
            Err(Failure::Answer {
                call: call.path.clone(),
                status,
                body,
            })
        }
    }

    /// Sends until there is an answer that says what happened.
    async fn post(&self, call: &Call<'_>) -> Result<(u16, String), Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.requests.fetch_add(1, Ordering::Relaxed);
            let answer = match self.send(call).await {
                Ok(response) => read(response).await,
                Err(error) => Err(error),
            };
            match answer {
                Ok((429 | 502 | 503 | 504, _)) | Err(_) if tries < TRIES => {
                    tokio::time::sleep(PAUSE * tries).await
                }
                answer => return answer,
            }
        }
    }

    async fn send(&self, call: &Call<'_>) -> Result<reqwest::Response, Failure> {
        let mut request = self.client.post(format!("{}{}", self.api, call.path));
        request = request
            .header("Idempotency-Key", call.key)
            .header("Accept-Language", "en")
            .json(&call.body);
        if let Some(bearer) = call.bearer {
            request = request.bearer_auth(bearer);
        }
        Ok(request.send().await?)
    }

    fn call<'a>(&'a self, key: &'a str, wish: &Wish) -> Call<'a> {
        let at = |window: &WindowNumber, action: &str| {
            format!("/halls/{}/windows/{window}/{action}", self.hall)
        };
        let of = |token: &str, action: &str| format!("/tickets/{token}/{action}");
        let (path, body) = match wish {
            Wish::Take { service, class } => (
                format!("/halls/{}/tickets", self.hall),
                json!({"service": service, "class": class, "insist": true}), // who came then wanted a number
            ),
            Wish::OpenWindow { window } => (at(window, "open"), json!({})),
            Wish::CloseWindow { window } => (at(window, "close"), json!({})),
            Wish::CallNext { window } => (at(window, "call-next"), json!({})),
            Wish::Call { window, number } => (
                at(window, "call"),
                json!({"number": number, "reason": RECORDED_ORDER}),
            ),
            Wish::Recall { window } => (at(window, "recall"), json!({})),
            Wish::Start { window } => (at(window, "start"), json!({})),
            Wish::Finish { window } => (at(window, "finish"), json!({})),
            Wish::Transfer { window, service } => {
                (at(window, "transfer"), json!({"service": service}))
            }
            Wish::Park { window } => (at(window, "park"), json!({})),
            Wish::Miss { window } => (at(window, "missed"), json!({})),
            Wish::ResumeByHolder { token } => (of(token, "resume"), json!({})),
            Wish::Return { token } => (of(token, "return"), json!({})),
            Wish::Change { token, service } => (of(token, "change"), json!({"service": service})),
            Wish::Cancel { token } => (of(token, "cancel"), json!({})),
            Wish::HandOn { number } => (
                format!("/halls/{}/hand-on", self.hall),
                json!({"number": number, "reason": CLOSED_WITHOUT_CALL}),
            ),
        };
        Call {
            path,
            bearer: self.bearer_for(wish),
            key,
            body,
        }
    }

    fn bearer_for(&self, wish: &Wish) -> Option<&str> {
        match wish {
            Wish::Take { .. } => Some(&self.kiosk),
            Wish::OpenWindow { .. }
            | Wish::CloseWindow { .. }
            | Wish::CallNext { .. }
            | Wish::Call { .. }
            | Wish::Recall { .. }
            | Wish::Start { .. }
            | Wish::Finish { .. }
            | Wish::Transfer { .. }
            | Wish::Park { .. }
            | Wish::Miss { .. } => Some(&self.officer),
            // a holder shows nothing but the token
            Wish::ResumeByHolder { .. }
            | Wish::Return { .. }
            | Wish::Change { .. }
            | Wish::Cancel { .. } => None,
            Wish::HandOn { .. } => Some(&self.manager),
        }
    }
}

impl HallApi for HttpHall {
    async fn advance(&mut self, to: Time) -> Result<(), Failure> {
        let key = format!("replay/clock/{}", to.timestamp());
        let call = Call {
            path: "/demo/clock".into(),
            bearer: None,
            key: &key,
            body: json!({"at": to.to_rfc3339()}),
        };
        self.must_post(&call).await.map(drop)
    }

    async fn ask(&mut self, key: &str, wish: &Wish) -> Result<Reply, Failure> {
        let call = self.call(key, wish);
        let (status, body) = self.post(&call).await?;
        match status {
            200..=299 => reply(&call.path, wish, &body),
            400..=499 => Ok(Reply::Refused {
                reason: refusal(&call.path, status, &body)?,
            }),
            _ => Err(Failure::Answer {
                call: call.path,
                status,
                body,
            }),
        }
    }

    async fn day(&mut self, date: NaiveDate) -> Result<DayFigures, Failure> {
        let path = format!("/halls/{}/days/{date}", self.hall);
        self.get(&path, Some(&self.manager)).await
    }
}

fn reply(path: &str, wish: &Wish, body: &str) -> Result<Reply, Failure> {
    match wish {
        Wish::Take { .. } => {
            let Taken { number, token } = decode(path, body)?;
            Ok(Reply::Taken { number, token })
        }
        Wish::OpenWindow { .. }
        | Wish::CloseWindow { .. }
        | Wish::CallNext { .. }
        | Wish::Call { .. }
        | Wish::Recall { .. }
        | Wish::Start { .. }
        | Wish::Finish { .. }
        | Wish::Transfer { .. }
        | Wish::Park { .. }
        | Wish::Miss { .. } => {
            let at: AtWindow = decode(path, body)?;
            Ok(Reply::AtWindow {
                number: at.ticket.map(|ticket| ticket.number),
            })
        }
        Wish::ResumeByHolder { .. }
        | Wish::Return { .. }
        | Wish::Change { .. }
        | Wish::Cancel { .. }
        | Wish::HandOn { .. } => Ok(Reply::Done),
    }
}

/// A refusal in the hall's words. Not being let in is no refusal of the rules: it would repeat on every row.
fn refusal(path: &str, status: u16, body: &str) -> Result<String, Failure> {
    if status == 401 || status == 403 {
        return Err(Failure::Answer {
            call: path.into(),
            status,
            body: body.into(),
        });
    }
    let Ok(problem) = serde_json::from_str::<Problem>(body) else {
        return Ok(format!("{status} {body}"));
    };
    let kind = problem.kind.trim_start_matches("urn:paihao:").to_string();
    match problem.detail.or(problem.title) {
        Some(words) => Ok(format!("{kind}: {words}")),
        None => Ok(kind),
    }
}

async fn read(response: reqwest::Response) -> Result<(u16, String), Failure> {
    let status = response.status().as_u16();
    Ok((status, response.text().await?))
}

fn decode<T: DeserializeOwned>(call: &str, body: &str) -> Result<T, Failure> {
    serde_json::from_str(body).map_err(|source| Failure::Unreadable {
        call: call.into(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_the_halls_words() {
        let body =
            r#"{"type":"urn:paihao:window-busy","status":409,"detail":"Window 4 still has A012."}"#;
        assert_eq!(
            refusal("/x", 409, body).unwrap(),
            "window-busy: Window 4 still has A012."
        );
        assert_eq!(refusal("/x", 418, "tea").unwrap(), "418 tea");
        assert!(refusal("/x", 401, body).is_err());
    }

    #[test]
    fn a_day_that_runs_has_no_closing_yet() {
        let day: DayFigures = decode(
            "/x",
            r#"{"date":"2026-03-02","closing":null,"total":{"issued":1,"finished":0}}"#,
        )
        .unwrap();
        assert_eq!((day.closing, day.total.issued), (None, 1));
        let closed = r#"{"closing":{"issued":1,"served":1,"cancelled":0,"missed":0,"handed_on":0,"unserved":0,
            "last_served_at":null,"overtime_seconds":{"4":30}},"total":{"issued":1,"finished":1,"wait_p50":7}}"#;
        let day: DayFigures = decode("/x", closed).unwrap();
        assert_eq!(day.closing.unwrap().overtime_seconds[&WindowNumber(4)], 30);
    }
}
