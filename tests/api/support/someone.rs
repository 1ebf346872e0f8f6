//! Whoever sends requests, signed in or not.

use super::{PATIENCE, Reply, Watcher, fresh_key};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Whoever sends requests, signed in or not.
#[derive(Clone)]
pub struct Someone {
    pub(super) url: String,
    pub(super) client: reqwest::Client,
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
