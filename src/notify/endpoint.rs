//! Where notifications go, as the person who installs the system says it, and checked.
//!
//! An endpoint is trusted by being configured: it learns ticket numbers and, unless it is told not to, the links to
//! tickets. So it is spoken to by https, or on this machine.

use super::delivery_queue::PAUSE_FIRST;
use super::notification::NotificationKind;
use super::webhook::{NotASecret, Secret};
use crate::site::is_this_machine;
use crate::written::shown_as_text;
use clap::Args;
use hall::id::HallId;
use hall_log::NoteName;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// More gateways than a network of halls has; each costs a copy of every hall.
pub const MOST: usize = 8;

/// One `[[webhooks]]` of the configuration file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointOptions {
    /// What its mark is kept under; the host of the URL if not said. Another URL under the same name goes on where the
    /// old one stopped.
    pub name: Option<String>,
    pub url: String,
    /// `whsec_…`; better kept in a file of its own.
    pub secret: Option<String>,
    /// A file with `whsec_…`; several lines while a secret is being changed, the newest first.
    pub secret_file: Option<PathBuf>,
    /// Only these halls; all if not said.
    #[serde(default)]
    pub halls: Vec<HallId>,
    /// Only these types; all if not said.
    #[serde(default)]
    pub types: Vec<NotificationKind>,
    /// Whether the links to tickets are sent; yes if not said.
    pub links: Option<bool>,
    /// Whether name and telephone of whoever booked are sent: for the gateway that writes to them. No if not said.
    pub contact: Option<bool>,
    /// Milliseconds before the second attempt; each further pause is twice as long, up to 120 times this. 500 if not said.
    pub first_retry_ms: Option<u64>,
}

/// One endpoint for every hall and type, without a file.
#[derive(Args, Clone, Debug, Default)]
pub struct EndpointArgs {
    /// Tell this address what happens (Standard Webhooks); more than one, and what they are told, in the file of --config
    #[arg(long, env = "PAIHAO_WEBHOOK", value_name = "URL")]
    pub webhook: Option<String>,
    /// A file with the endpoint's secret, whsec_…
    #[arg(long, env = "PAIHAO_WEBHOOK_SECRET_FILE", value_name = "FILE")]
    pub webhook_secret_file: Option<PathBuf>,
    /// Milliseconds before the second attempt; each further pause is twice as long, up to 120 times this [default: 500]
    #[arg(long, env = "PAIHAO_WEBHOOK_FIRST_RETRY_MS", value_name = "MS")]
    pub webhook_first_retry_ms: Option<u64>,
}

/// A receiver of notifications.
#[derive(Clone)]
pub struct Endpoint {
    pub name: EndpointName,
    pub url: Url,
    /// Each signs, so that a receiver may know the new one or still the old one.
    pub secrets: Vec<Secret>,
    /// Empty for all.
    pub halls: BTreeSet<HallId>,
    /// Empty for all.
    pub kinds: BTreeSet<NotificationKind>,
    pub links: bool,
    pub contact: bool,
    pub pause_first: Duration,
}

/// Names an endpoint in the store, in figures and to people: like a host's name, with `-` for `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointName(String);

/// Why an endpoint cannot be used: which field, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidEndpoint {
    pub field: String,
    pub reason: String,
}

impl fmt::Debug for Endpoint {
    /// A URL may hold somebody's key in its query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({} at {})", self.name, self.shown())
    }
}

impl EndpointName {
    /// 1 to 40 of a-z, 0-9 and `-`.
    pub fn parse(name: &str) -> Option<EndpointName> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_name = (1..=40).contains(&name.len()) && name.bytes().all(plain);
        is_name.then(|| EndpointName(name.into()))
    }

    /// What is kept of it beside a hall's log.
    pub fn note(&self, what: &str) -> NoteName {
        NoteName::parse(&format!("webhooks.{what}.{self}"))
            .expect("an endpoint's name is part of a note's")
    }
}

shown_as_text!(EndpointName);

impl Endpoint {
    /// The address without what may be secret in it.
    pub fn shown(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        url.to_string()
    }

    /// Whether it wants to know what happens in this hall.
    pub fn listens_to(&self, hall: &HallId) -> bool {
        self.halls.is_empty() || self.halls.contains(hall)
    }

    /// Whether it wants to be told this.
    pub fn wants(&self, kind: NotificationKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

/// The endpoints of a configuration: those of the file, and the one of the command line.
pub fn endpoints(
    file: &[EndpointOptions],
    args: &EndpointArgs,
) -> Result<Vec<Endpoint>, InvalidEndpoint> {
    let mut endpoints = Vec::new();
    for (index, options) in file.iter().enumerate() {
        let named =
            |field: &str, reason: String| invalid(&format!("webhooks[{index}].{field}"), reason);
        let endpoint = options.checked(&named)?;
        let mut names = endpoints.iter().map(|other: &Endpoint| &other.name);
        if names.any(|name| *name == endpoint.name) {
            let name = &endpoint.name;
            let reason = format!("another endpoint is called \"{name}\" already; give each a name");
            return Err(named("name", reason));
        }
        endpoints.push(endpoint);
    }
    endpoints.extend(args.endpoint()?);
    if endpoints.len() > MOST {
        let reason = format!("at most {MOST} endpoints; let one of them pass things on");
        return Err(invalid("webhooks", reason));
    }
    Ok(endpoints)
}

impl EndpointArgs {
    fn endpoint(&self) -> Result<Option<Endpoint>, InvalidEndpoint> {
        let url = match (&self.webhook, &self.webhook_secret_file) {
            (Some(url), _) => url.clone(),
            (None, None) => return Ok(None),
            (None, Some(_)) => {
                let reason = "also say where to send to, with --webhook URL";
                return Err(invalid("--webhook-secret-file", reason.into()));
            }
        };
        let options = EndpointOptions {
            name: Some("webhook".into()),
            url,
            secret_file: self.webhook_secret_file.clone(),
            first_retry_ms: self.webhook_first_retry_ms,
            ..EndpointOptions::default()
        };
        let named = |field: &str, reason: String| {
            let flag = match field {
                "url" => "--webhook",
                "first_retry_ms" => "--webhook-first-retry-ms",
                _ => "--webhook-secret-file",
            };
            invalid(flag, reason)
        };
        options.checked(&named).map(Some)
    }
}

impl EndpointOptions {
    fn checked(
        &self,
        wrong: &dyn Fn(&str, String) -> InvalidEndpoint,
    ) -> Result<Endpoint, InvalidEndpoint> {
        let url = checked_url(&self.url).map_err(|reason| wrong("url", reason))?;
        let own_name = self.name.clone();
        let name = own_name.unwrap_or_else(|| name_of(&url));
        let name = EndpointName::parse(&name).ok_or_else(|| {
            let reason =
                format!("\"{name}\" is not a name: use 1 to 40 lowercase letters, digits or -");
            wrong("name", reason)
        })?;
        Ok(Endpoint {
            name,
            url,
            secrets: self.secrets(wrong)?,
            halls: self.halls.iter().cloned().collect(),
            kinds: self.types.iter().copied().collect(),
            links: self.links.unwrap_or(true),
            contact: self.contact.unwrap_or(false),
            pause_first: match self.first_retry_ms {
                None => PAUSE_FIRST,
                Some(ms) if (5..=60_000).contains(&ms) => Duration::from_millis(ms),
                Some(ms) => {
                    let reason = format!("{ms} is not between 5 and 60000");
                    return Err(wrong("first_retry_ms", reason));
                }
            },
        })
    }

    fn secrets(
        &self,
        wrong: &dyn Fn(&str, String) -> InvalidEndpoint,
    ) -> Result<Vec<Secret>, InvalidEndpoint> {
        let (field, text) = match (&self.secret, &self.secret_file) {
            (Some(secret), None) => ("secret", secret.clone()),
            (None, Some(path)) => {
                let text = read(path).map_err(|reason| wrong("secret_file", reason))?;
                ("secret_file", text)
            }
            (None, None) => {
                let reason = "name a file with the secret that the receiver checks signatures with \
                              (whsec_ and base64 of 24 to 64 random bytes)";
                return Err(wrong("secret_file", reason.into()));
            }
            (Some(_), Some(_)) => {
                let reason = "give secret or secret_file, not both";
                return Err(wrong("secret", reason.into()));
            }
        };
        let secrets: Result<Vec<Secret>, NotASecret> =
            text.split_whitespace().map(Secret::parse).collect();
        match secrets {
            Ok(secrets) if secrets.is_empty() => Err(wrong(field, "it holds no secret".into())),
            Ok(secrets) => Ok(secrets),
            Err(error) => Err(wrong(field, error.to_string())),
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let read = crate::files::read_text(path);
    read.map(|decoded| decoded.text)
        .map_err(|error| format!("{}: {error}", path.display()))
}

fn checked_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("\"{text}\" is not a URL ({error})"))?;
    let host = url
        .host()
        .ok_or_else(|| format!("\"{text}\" names no host"))?;
    let is_local = is_this_machine(&host);
    if !(url.scheme() == "https" || url.scheme() == "http" && is_local) {
        return Err(format!(
            "\"{text}\": use https; http only for a program on this machine (127.0.0.1, [::1], localhost)"
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let reason = "leave user and password out of the URL; the signature says who is speaking";
        return Err(reason.into());
    }
    Ok(url)
}

fn name_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let name = host.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let name: String = name.chars().take(40).collect();
    name.trim_matches('-').into()
}

fn invalid(field: &str, reason: String) -> InvalidEndpoint {
    InvalidEndpoint {
        field: field.into(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn options(toml: &str) -> EndpointOptions {
        toml::from_str(toml).unwrap()
    }

    fn refusal(toml: &str) -> String {
        let named = [
            options(&format!("url='https://one.example'\nsecret='{SECRET}'")),
            options(toml),
        ];
        endpoints(&named, &EndpointArgs::default())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn an_endpoint_says_what_it_wants_to_know() {
        let text = format!(
            "url = 'https://sms.example/in?key=1'\nsecret = '{SECRET}'\nhalls = ['zhuzhou']\ntypes = ['paihao.ticket.called']"
        );
        let endpoint = &endpoints(&[options(&text)], &EndpointArgs::default()).unwrap()[0];
        let [here, there] = ["zhuzhou", "lusong"].map(|hall| HallId::parse(hall).unwrap());
        assert!(endpoint.listens_to(&here) && !endpoint.listens_to(&there));
        assert!(
            endpoint.wants(NotificationKind::TicketCalled)
                && !endpoint.wants(NotificationKind::TicketTaken)
        );
        expect!["Endpoint(sms-example at https://sms.example/in)"]
            .assert_eq(&format!("{endpoint:?}"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_field() {
        let secret = format!("secret = '{SECRET}'");
        expect![[r#"webhooks[1].url: "http://sms.example/": use https; http only for a program on this machine (127.0.0.1, [::1], localhost)"#]]
            .assert_eq(&refusal(&format!("url = 'http://sms.example/'\n{secret}")));
        expect!["webhooks[1].url: leave user and password out of the URL; the signature says who is speaking"]
            .assert_eq(&refusal(&format!("url = 'https://a:b@sms.example/'\n{secret}")));
        expect![[r#"webhooks[1].name: another endpoint is called "one-example" already; give each a name"#]]
            .assert_eq(&refusal(&format!("url = 'https://one.example/other'\n{secret}")));
        expect!["webhooks[1].secret_file: name a file with the secret that the receiver checks signatures with (whsec_ and base64 of 24 to 64 random bytes)"]
            .assert_eq(&refusal("url = 'https://sms.example/'"));
        expect!["webhooks[1].secret: not a secret: whsec_ and base64 of 24 to 64 random bytes, such as from: echo whsec_$(openssl rand -base64 32)"]
            .assert_eq(&refusal("url = 'https://sms.example/'\nsecret = 'whsec_c2hvcnQ='"));
    }
}
