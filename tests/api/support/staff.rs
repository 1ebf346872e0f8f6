//! Who and what works in the hall: the kiosk, officers, ushers, managers.

use super::{PASSWORD, PIN, Reply, Someone, send};
use reqwest::Method;
use serde_json::{Value, json};

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
