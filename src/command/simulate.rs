//! `--simulate`: citizens who arrive and officers who work, so that a newcomer sees a living hall at once.
//!
//! They are ordinary clients over HTTP without any special right. Times are the hall's, so a fast clock shows a whole
//! day in minutes.

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::time::Duration;

/// Seconds of hall time between two citizens of one hall, on average.
const BETWEEN_CITIZENS: f64 = 45.0;
/// Seconds of hall time that an officer works on one matter, at least and at most.
const SERVICE: (f64, f64) = (60.0, 420.0);
/// One citizen of this many belongs to a prioritised class.
const PRIORITISED_ONE_IN: usize = 8;

/// A demo server, as everybody in its halls sees it.
#[derive(Clone)]
struct Demo {
    client: Client,
    url: String,
}

/// Fills every hall until it is stopped.
pub async fn run(url: String) {
    let client = Client::new();
    let demo = Demo { client, url };
    let Some(halls) = demo.get("/halls").await else {
        return;
    };
    let mut people = tokio::task::JoinSet::new();
    for hall in halls["halls"].as_array().into_iter().flatten() {
        let Some(id) = hall["hall"].as_str() else {
            continue;
        };
        people.spawn(citizens(demo.clone(), id.to_string()));
        let Some(board) = demo.get(&format!("/halls/{id}/board")).await else {
            continue;
        };
        for window in board["windows"].as_array().into_iter().flatten() {
            if let Some(number) = window["window"].as_u64() {
                people.spawn(officer(demo.clone(), id.to_string(), number));
            }
        }
    }
    people.join_all().await;
}

/// Takes numbers as long as they are given out.
async fn citizens(demo: Demo, hall: String) {
    let Some(kiosk) = demo.sign_in("kiosk").await else {
        return;
    };
    loop {
        let view = demo.get(&format!("/halls/{hall}")).await;
        let view = view.unwrap_or_default();
        let services = view["services"].as_array().into_iter().flatten();
        let open: Vec<&str> = services
            .filter(|service| service["open"] == true)
            .filter_map(|service| service["id"].as_str())
            .collect();
        if !open.is_empty() {
            let service = open[draw(open.len())];
            let class = match draw(PRIORITISED_ONE_IN) {
                0 => "elderly",
                _ => "normal",
            };
            let body = json!({ "service": service, "class": class });
            let path = format!("/halls/{hall}/tickets");
            demo.post(&path, &kiosk, body).await;
        }
        demo.wait(BETWEEN_CITIZENS * 2.0 * unit()).await;
    }
}

/// Opens a window while the hall is open, and serves whom it calls.
async fn officer(demo: Demo, hall: String, window: u64) {
    let Some(bearer) = demo.sign_in("officer").await else {
        return;
    };
    let act = async |action: &str| {
        let path = format!("/halls/{hall}/windows/{window}/{action}");
        demo.post(&path, &bearer, json!({})).await
    };
    loop {
        let view = demo.get(&format!("/halls/{hall}")).await;
        let view = view.unwrap_or_default();
        if matches!(
            view["phase"].as_str(),
            Some("closed" | "done" | "between") | None
        ) {
            demo.wait(60.0).await;
            continue;
        }
        act("open").await;
        let called = act("finish-and-call-next").await.unwrap_or_default();
        if called["ticket"].is_null() {
            demo.wait(20.0).await;
            continue;
        }
        demo.wait(15.0).await;
        act("start").await;
        demo.wait(SERVICE.0 + (SERVICE.1 - SERVICE.0) * unit())
            .await;
        act("finish").await;
    }
}

impl Demo {
    async fn sign_in(&self, role: &str) -> Option<String> {
        let request = self.client.post(self.address("/demo/sign-in"));
        let answer = answer(request.json(&json!({ "role": role }))).await?;
        Some(answer["bearer"].as_str()?.to_string())
    }

    async fn get(&self, path: &str) -> Option<Value> {
        answer(self.client.get(self.address(path))).await
    }

    async fn post(&self, path: &str, bearer: &str, body: Value) -> Option<Value> {
        let request = self
            .client
            .post(self.address(path))
            .bearer_auth(bearer)
            .header("idempotency-key", crate::access::fresh_token());
        answer(request.json(&body)).await
    }

    /// Lets seconds of hall time pass at the speed of the hall's clock.
    async fn wait(&self, seconds: f64) {
        let clock = self.get("/demo/clock").await;
        let speed = clock.and_then(|clock| clock["speed"].as_f64());
        let speed = speed.unwrap_or(1.0).max(0.01);
        let seconds = (seconds / speed).clamp(0.02, 600.0);
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.url)
    }
}

async fn answer(request: RequestBuilder) -> Option<Value> {
    request.send().await.ok()?.json().await.ok()
}

/// A number from 0 to 1.
fn unit() -> f64 {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).ok();
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

fn draw(below: usize) -> usize {
    ((unit() * below as f64) as usize).min(below - 1)
}
