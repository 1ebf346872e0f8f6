//! The hall that is flooded: served as to people, with an officer at her window and a line before it.

use crate::process::Server;
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use tokio::time::sleep;

const HALL: &str = "zhuzhou";
const WINDOW: &str = "/halls/zhuzhou/windows/6";
const PASSWORD: &str = "correct horse battery";
const PIN: &str = "204816";
/// Her own machine, and not one that strangers share.
const OFFICER_AT: [u8; 4] = [127, 0, 0, 5];
/// Longer than a citizen waits for an officer who says that the machine hangs.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Until a kiosk that was too fast tries again.
const SLOWER: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub struct Hall {
    pub server: Server,
    http: reqwest::Client,
    officer: String,
    calls: usize,
}

impl Hall {
    /// Opens one, with so many waiting.
    pub async fn open(paihao: &Path, folder: &Path, line: usize) -> anyhow::Result<Hall> {
        let plan = folder.join("zhuzhou.toml");
        std::fs::write(&plan, include_str!("../../../plans/zhuzhou.toml"))?;
        let store = format!("sqlite:{}", folder.join("hall.db").display());
        let (server, token) = Server::serve(paihao, &store, &plan, &folder.join("errors"))?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(ANSWER_WITHIN)
            .local_address(IpAddr::from(OFFICER_AT))
            .build()?;
        let mut hall = Hall {
            server,
            http,
            officer: String::new(),
            calls: 0,
        };
        let manager = hall.first_manager(&token).await?;
        hall.officer = hall.first_officer(&manager).await?;
        let kiosk = json!({ "device": "kiosk-1", "kind": "kiosk", "hall": HALL });
        let kiosk = hall.post("/devices", &manager, &kiosk).await?;
        let kiosk = text(&kiosk, "token")?;
        let wanted = json!({ "service": "fine", "no_smartphone": true });
        let path = format!("/halls/{HALL}/tickets");
        let mut waiting = 0;
        while waiting < line {
            match hall.post(&path, &kiosk, &wanted).await {
                Ok(_) => waiting += 1,
                // no kiosk is as fast as this one
                Err(error) if error.to_string().contains("429") => sleep(SLOWER).await,
                Err(error) => return Err(error),
            }
        }
        let officer = hall.officer.clone();
        hall.post(&format!("{WINDOW}/open"), &officer, &json!({}))
            .await?;
        Ok(hall)
    }

    /// Where strangers go.
    pub fn target(&self) -> SocketAddr {
        let address = self.server.url.trim_start_matches("http://");
        address.parse().expect("a server prints its address")
    }

    /// Ends a visit and calls the next citizen.
    pub async fn calls_next(&mut self) -> anyhow::Result<()> {
        let action = match self.calls {
            0 => "call-next",
            _ => "finish-and-call-next",
        };
        self.calls += 1;
        let path = format!("{WINDOW}/{action}");
        let officer = self.officer.clone();
        let answer = self.post(&path, &officer, &json!({})).await?;
        ensure!(!answer["ticket"].is_null(), "nobody was called: {answer}");
        Ok(())
    }

    async fn first_manager(&self, token: &str) -> anyhow::Result<String> {
        let first =
            json!({ "token": token, "account": "chief", "name": "Chief", "secret": PASSWORD });
        self.post("/setup", "", &first).await?;
        self.signs_in("chief", PASSWORD).await
    }

    async fn first_officer(&self, manager: &str) -> anyhow::Result<String> {
        let account = json!({
            "account": "1001", "name": "1001", "secret": PIN, "role": "officer", "hall": HALL
        });
        self.post("/accounts", manager, &account).await?;
        self.signs_in("1001", PIN).await
    }

    async fn signs_in(&self, account: &str, secret: &str) -> anyhow::Result<String> {
        let who = json!({ "account": account, "secret": secret });
        text(&self.post("/sign-in", "", &who).await?, "bearer")
    }

    async fn post(&self, path: &str, bearer: &str, body: &Value) -> anyhow::Result<Value> {
        let key = format!("flood-{}", fastrand::u64(..));
        let mut request = self
            .http
            .post(format!("{}/api/v1{path}", self.server.url))
            .header("Idempotency-Key", key)
            .json(body);
        if !bearer.is_empty() {
            request = request.bearer_auth(bearer);
        }
        let response = request.send().await?;
        let status = response.status();
        let answer: Value = response.json().await.unwrap_or_default();
        ensure!(status.is_success(), "{path}: {status} {answer}");
        Ok(answer)
    }
}

fn text(answer: &Value, field: &str) -> anyhow::Result<String> {
    let text = answer[field].as_str().context("an answer with a text")?;
    Ok(text.to_owned())
}
