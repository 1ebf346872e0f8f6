//! One notification over the wire: signed as Standard Webhooks say, posted once, and what the receiver made of it.
//!
//! Redirects are not followed: a program that answers at the receiver's address must not send citizens' links elsewhere.
//! Of the answer only the status counts.

use super::endpoint::Endpoint;
use super::notification::Notification;
use crate::access::sealing::mac;
use crate::written::hidden;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tracing::warn;

/// A receiver that has not answered by then is asked again later; it should take the message and work afterwards.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// A host that is there accepts a connection in far less.
const CONNECT_WITHIN: Duration = Duration::from_secs(4);
/// Read of an answer's body, so that its connection can be used again; a longer one costs a new connection.
const ANSWER_LARGEST: usize = 4 * 1024;
/// The longest rest that a receiver may ask for.
const REST_LONGEST: Duration = Duration::from_secs(300);

/// A key shared with a receiver.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

/// The text is no secret of the form that Standard Webhooks use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a secret: whsec_ and base64 of 24 to 64 random bytes, such as from: echo whsec_$(openssl rand -base64 32)"
)]
pub struct NotASecret;

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum DeliveryOutcome {
    /// 2xx.
    Accepted,
    /// The receiver is well and will not take this one: 400, 413, 422 and the like.
    Refused(String),
    /// The receiver, or the way to it, is not well.
    Unwell {
        why: String,
        /// How long it asked to be left alone.
        rest: Option<Duration>,
    },
}

/// Posts; clones share their connections.
#[derive(Clone, Debug)]
pub struct WebhookClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

hidden!(Secret);

impl Secret {
    /// `whsec_` and base64.
    pub fn parse(text: &str) -> Result<Secret, NotASecret> {
        let base64 = text.strip_prefix("whsec_").ok_or(NotASecret)?;
        let key = STANDARD.decode(base64).map_err(|_| NotASecret)?;
        let is_long_enough = (24..=64).contains(&key.len());
        is_long_enough.then_some(Secret(key)).ok_or(NotASecret)
    }

    /// `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`.
    pub fn sign(&self, id: &str, timestamp: u64, body: &str) -> String {
        let signed = format!("{id}.{timestamp}.{body}");
        format!("v1,{}", STANDARD.encode(mac(&self.0, &[signed.as_bytes()])))
    }
}

impl WebhookClient {
    /// With the certificates that this machine trusts.
    #[expect(clippy::new_without_default, reason = "it reads files")]
    pub fn new() -> WebhookClient {
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(CONNECT_WITHIN));
        http.set_nodelay(true);
        http.enforce_http(false);
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls())
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        WebhookClient {
            client: Client::builder(TokioExecutor::new()).build(https),
        }
    }

    /// Posts a notification once.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        notification: &Notification,
        site: &str,
    ) -> DeliveryOutcome {
        let body = notification.body(endpoint.links.then_some(site));
        self.send_body(endpoint, &notification.id, body).await
    }

    /// Posts a body that was made before.
    pub async fn send_body(&self, endpoint: &Endpoint, id: &str, body: String) -> DeliveryOutcome {
        let request = match request(endpoint, id, body) {
            Ok(request) => request,
            Err(error) => return unwell(format!("the request cannot be made: {error}")),
        };
        let answered = async {
            let answer = self.client.request(request).await?;
            let outcome = judge(&answer);
            let rest = Limited::new(answer.into_body(), ANSWER_LARGEST);
            rest.collect().await.ok(); // only to use the connection again
            Ok::<_, hyper_util::client::legacy::Error>(outcome)
        };
        match tokio::time::timeout(ANSWER_WITHIN, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => unwell(in_words(&error)),
            Err(_) => unwell(format!("no answer within {} s", ANSWER_WITHIN.as_secs())),
        }
    }
}

/// A machine without certificates can still reach a gateway on itself; https then fails with the reason.
fn tls() -> ClientConfig {
    let builder = || {
        ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks TLS 1.2 and 1.3")
    };
    let trusting = builder().with_native_roots();
    let trusting = trusting.unwrap_or_else(|error| {
        warn!(%error, "this machine has no trusted certificates; webhooks by https will fail");
        builder().with_root_certificates(RootCertStore::empty())
    });
    trusting.with_no_client_auth()
}

fn request(
    endpoint: &Endpoint,
    id: &str,
    body: String,
) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    // The receiver compares with its own clock, which knows nothing of a demo's.
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let timestamp = now.map_or(0, |since| since.as_secs());
    let signatures: Vec<String> = endpoint
        .secrets
        .iter()
        .map(|secret| secret.sign(id, timestamp, &body))
        .collect();
    Request::post(endpoint.url.as_str())
        .header(CONTENT_TYPE, "application/cloudevents+json; charset=utf-8")
        .header(USER_AGENT, concat!("paihao/", env!("CARGO_PKG_VERSION")))
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signatures.join(" "))
        .body(Full::from(body))
}

fn judge(answer: &Response<hyper::body::Incoming>) -> DeliveryOutcome {
    let status = answer.status();
    let why = format!("answered {status}");
    match status {
        _ if status.is_success() => DeliveryOutcome::Accepted,
        // the address or the secret is wrong, or it wants to be left alone: nothing against this notification
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::PROXY_AUTHENTICATION_REQUIRED
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::GONE
        | StatusCode::TOO_EARLY
        | StatusCode::TOO_MANY_REQUESTS => DeliveryOutcome::Unwell {
            why,
            rest: rest_asked_for(answer),
        },
        _ if status.is_client_error() => DeliveryOutcome::Refused(why),
        _ if status.is_redirection() => unwell(format!("{why}; redirects are not followed")),
        _ => DeliveryOutcome::Unwell {
            why,
            rest: rest_asked_for(answer),
        },
    }
}

fn rest_asked_for(answer: &Response<hyper::body::Incoming>) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let seconds = seconds.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(REST_LONGEST))
}

fn unwell(why: String) -> DeliveryOutcome {
    DeliveryOutcome::Unwell { why, rest: None }
}

/// An error with what lies behind it: the outermost only says that something was wrong.
fn in_words(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let words: Vec<String> = causes.map(ToString::to_string).collect();
    words.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn a_signature_is_the_one_that_everybody_makes() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(
            secret.sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn only_what_is_long_enough_is_a_secret() {
        for text in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_!",
            "whsec_c2hvcnQ=",
        ] {
            assert!(Secret::parse(text).is_err(), "{text}");
        }
    }
}
