//! A hall over HTTP: the same calls as a kiosk, the officers' consoles, a phone and the manager make.
//!
//! Every request waits for the one before it, so that the order is the recording's, and one connection is enough. If
//! there is no answer, or the answer says that the outcome is unknown, the request is sent again with the same key.

use super::hall_api::{
    CLOSED_WITHOUT_CALL, DayFigures, Failure, HallApi, HolderAction, Issued, RECORDED_ORDER, Reply,
    Request, WindowAction,
};
use chrono::NaiveDate;
use hall::Plan;
use hall::Time;
use hall::id::{HallId, TicketNumber};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

/// How often one request is sent before replay gives up on the server.
const TRIES: u32 = 5;
/// Between two tries; multiplied by the number of tries so far.
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
}

#[derive(Deserialize)]
struct SignedIn {
    bearer: String,
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
struct ProblemBody {
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

/// One POST as it goes out.
struct Post<'a> {
    path: String,
    bearer: Option<&'a str>,
    key: &'a str,
    body: Value,
}

impl HttpHall {
    /// Signs in as a kiosk, an officer and the manager.
    pub(crate) async fn sign_in(url: &str, hall: &HallId) -> Result<HttpHall, Failure> {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .no_proxy()
            .build()?;
        let mut this = HttpHall {
            client,
            api: format!("{}/api/v1", url.trim_end_matches('/')),
            hall: hall.clone(),
            kiosk: String::new(),
            officer: String::new(),
            manager: String::new(),
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

    /// Adopts a plan instead of the one in force.
    pub(crate) async fn adopt(&self, plan: &Plan) -> Result<(), Failure> {
        let path = format!("/halls/{}/plan", self.hall);
        let current: Value = self.get(&path, Some(&self.manager)).await?;
        let revision = current.get("revision").and_then(Value::as_u64).unwrap_or(0);
        let request = self
            .client
            .put(format!("{}{path}", self.api))
            .bearer_auth(&self.manager)
            .header("If-Match", format!("\"{revision}\""))
            .header("Idempotency-Key", format!("replay/plan/{revision}"))
            .json(plan);
        accepted(&path, read(request.send().await?).await?).map(drop)
    }

    async fn bearer(&self, role: &str) -> Result<String, Failure> {
        let call = Post {
            path: "/demo/sign-in".into(),
            bearer: None,
            key: &format!("replay/sign-in/{role}"),
            body: json!({"role": role, "hall": self.hall}),
        };
        let body = accepted(&call.path, self.post(&call).await?)?;
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
        let body = accepted(path, read(request.send().await?).await?)?;
        decode(path, &body)
    }

    /// Sends until there is an answer that says what happened.
    async fn post(&self, call: &Post<'_>) -> Result<(u16, String), Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
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

    async fn send(&self, call: &Post<'_>) -> Result<reqwest::Response, Failure> {
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

    fn call<'a>(&'a self, key: &'a str, request: &Request) -> Post<'a> {
        let hall = format!("/halls/{}", self.hall);
        let name = request.name();
        let path = match request {
            Request::Take { .. } => format!("{hall}/tickets"),
            Request::Call { window, .. } | Request::AtWindow { window, .. } => {
                format!("{hall}/windows/{window}/{name}")
            }
            Request::ByHolder { ticket, .. } => format!("/tickets/{}/{name}", ticket.token),
            Request::HandOn { .. } => format!("{hall}/{name}"),
        };
        Post {
            path,
            bearer: self.bearer_for(request),
            key,
            body: body(request),
        }
    }

    fn bearer_for(&self, request: &Request) -> Option<&str> {
        match request {
            Request::Take { .. } => Some(&self.kiosk),
            Request::Call { .. } | Request::AtWindow { .. } => Some(&self.officer),
            Request::ByHolder { .. } => None, // the token in the path is enough
            Request::HandOn { .. } => Some(&self.manager),
        }
    }
}

impl HallApi for HttpHall {
    async fn advance(&mut self, to: Time) -> Result<(), Failure> {
        let call = Post {
            path: "/demo/clock".into(),
            bearer: None,
            key: &format!("replay/clock/{}", to.timestamp()),
            body: json!({"at": to.to_rfc3339()}),
        };
        accepted(&call.path, self.post(&call).await?).map(drop)
    }

    async fn ask(&mut self, key: &str, request: &Request) -> Result<Reply, Failure> {
        let call = self.call(key, request);
        let (status, body) = self.post(&call).await?;
        if (400..500).contains(&status) {
            let reason = refusal(&call.path, status, &body)?;
            return Ok(Reply::Refused { reason });
        }
        reply(&call.path, request, &accepted(&call.path, (status, body))?)
    }

    async fn day(&mut self, date: NaiveDate) -> Result<DayFigures, Failure> {
        let path = format!("/halls/{}/days/{date}", self.hall);
        self.get(&path, Some(&self.manager)).await
    }
}

fn body(request: &Request) -> Value {
    match request {
        // who came then wanted a number
        Request::Take { service, class } => {
            json!({"service": service, "class": class, "insist": true})
        }
        Request::Call { ticket, .. } => {
            json!({"number": ticket.number, "reason": RECORDED_ORDER})
        }
        Request::HandOn { ticket } => {
            json!({"number": ticket.number, "reason": CLOSED_WITHOUT_CALL})
        }
        Request::AtWindow {
            action: WindowAction::Transfer { service },
            ..
        }
        | Request::ByHolder {
            action: HolderAction::Change { service },
            ..
        } => json!({"service": service}),
        Request::AtWindow { .. } | Request::ByHolder { .. } => json!({}),
    }
}

fn reply(path: &str, request: &Request, body: &str) -> Result<Reply, Failure> {
    match request {
        Request::Take { .. } => decode::<Issued>(path, body).map(Reply::Taken),
        Request::Call { .. } | Request::AtWindow { .. } => {
            let at: AtWindow = decode(path, body)?;
            let number = at.ticket.map(|ticket| ticket.number);
            Ok(Reply::AtWindow { number })
        }
        Request::ByHolder { .. } | Request::HandOn { .. } => Ok(Reply::Done),
    }
}

/// For what the contract does not refuse.
fn accepted(call: &str, (status, body): (u16, String)) -> Result<String, Failure> {
    if (200..300).contains(&status) {
        return Ok(body);
    }
    Err(Failure::Answer {
        call: call.into(),
        status,
        body,
    })
}

/// A refusal in the hall's words. 401 and 403 are errors: the rules did not refuse, and every row would get the same.
fn refusal(path: &str, status: u16, body: &str) -> Result<String, Failure> {
    if status == 401 || status == 403 {
        return accepted(path, (status, body.into()));
    }
    let Ok(problem) = serde_json::from_str::<ProblemBody>(body) else {
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
    use hall::id::WindowNumber;

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
