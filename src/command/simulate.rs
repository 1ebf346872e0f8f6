//! `--simulate`: citizens who arrive and officers who work, so that a newcomer sees a living hall at once.
//!
//! They are ordinary clients over HTTP with nothing that others lack. Times are the hall's, so a fast clock shows a
//! whole day in minutes.

use reqwest::Client;
use serde_json::{Value, json};
use std::time::Duration;

/// Between two citizens of one hall, in seconds of hall time, on average.
const BETWEEN_CITIZENS: f64 = 45.0;
/// How long an officer works on one matter, in seconds of hall time.
const SERVICE: (f64, f64) = (60.0, 420.0);
/// One in so many belongs to a prioritised class.
const PRIORITISED_ONE_IN: usize = 8;

/// Fills every hall until it is stopped.
pub async fn run(url: String) {
    let client = Client::new();
    let Some(halls) = get(&client, &format!("{url}/api/v1/halls")).await else {
        return;
    };
    let mut people = tokio::task::JoinSet::new();
    for hall in halls["halls"].as_array().into_iter().flatten() {
        let Some(id) = hall["hall"].as_str() else {
            continue;
        };
        people.spawn(citizens(client.clone(), url.clone(), id.to_string()));
        let Some(board) = get(&client, &format!("{url}/api/v1/halls/{id}/board")).await else {
            continue;
        };
        for window in board["windows"].as_array().into_iter().flatten() {
            if let Some(number) = window["window"].as_u64() {
                people.spawn(officer(client.clone(), url.clone(), id.to_string(), number));
            }
        }
    }
    people.join_all().await;
}

/// Takes numbers as long as they are given out.
async fn citizens(client: Client, url: String, hall: String) {
    let Some(kiosk) = sign_in(&client, &url, "kiosk").await else {
        return;
    };
    loop {
        let view = get(&client, &format!("{url}/api/v1/halls/{hall}"))
            .await
            .unwrap_or_default();
        let open: Vec<&str> = view["services"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|service| service["open"] == true)
            .filter_map(|service| service["id"].as_str())
            .collect();
        if !open.is_empty() {
            let service = open[draw(open.len())];
            let class = if draw(PRIORITISED_ONE_IN) == 0 {
                "elderly"
            } else {
                "normal"
            };
            let wish = json!({ "service": service, "class": class });
            post(
                &client,
                &format!("{url}/api/v1/halls/{hall}/tickets"),
                &kiosk,
                wish,
            )
            .await;
        }
        wait(&client, &url, BETWEEN_CITIZENS * 2.0 * unit()).await;
    }
}

/// Opens a window when numbers are given out, serves, and signs off when the hall says that nobody is left.
async fn officer(client: Client, url: String, hall: String, window: u64) {
    let Some(bearer) = sign_in(&client, &url, "officer").await else {
        return;
    };
    let at_window = |action: &str| format!("{url}/api/v1/halls/{hall}/windows/{window}/{action}");
    loop {
        let view = get(&client, &format!("{url}/api/v1/halls/{hall}"))
            .await
            .unwrap_or_default();
        if matches!(
            view["phase"].as_str(),
            Some("closed" | "done" | "between") | None
        ) {
            wait(&client, &url, 60.0).await;
            continue;
        }
        post(&client, &at_window("open"), &bearer, json!({})).await;
        let called = post(
            &client,
            &at_window("finish-and-call-next"),
            &bearer,
            json!({}),
        )
        .await
        .unwrap_or_default();
        if called["ticket"].is_null() {
            wait(&client, &url, 20.0).await;
            continue;
        }
        wait(&client, &url, 15.0).await;
        post(&client, &at_window("start"), &bearer, json!({})).await;
        wait(&client, &url, SERVICE.0 + (SERVICE.1 - SERVICE.0) * unit()).await;
        post(&client, &at_window("finish"), &bearer, json!({})).await;
    }
}

async fn sign_in(client: &Client, url: &str, role: &str) -> Option<String> {
    let answer = client
        .post(format!("{url}/api/v1/demo/sign-in"))
        .json(&json!({ "role": role }))
        .send()
        .await
        .ok()?;
    Some(
        answer.json::<Value>().await.ok()?["bearer"]
            .as_str()?
            .to_string(),
    )
}

async fn get(client: &Client, url: &str) -> Option<Value> {
    client.get(url).send().await.ok()?.json().await.ok()
}

async fn post(client: &Client, url: &str, bearer: &str, body: Value) -> Option<Value> {
    let key = crate::access::fresh_token();
    let request = client
        .post(url)
        .bearer_auth(bearer)
        .header("idempotency-key", key)
        .json(&body);
    request.send().await.ok()?.json().await.ok()
}

/// Lets seconds of hall time pass, whatever the clock's speed.
async fn wait(client: &Client, url: &str, seconds: f64) {
    let speed = get(client, &format!("{url}/api/v1/demo/clock"))
        .await
        .and_then(|clock| clock["speed"].as_f64());
    let speed = speed.unwrap_or(1.0).max(0.01);
    tokio::time::sleep(Duration::from_secs_f64(
        (seconds / speed).clamp(0.02, 600.0),
    ))
    .await;
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
