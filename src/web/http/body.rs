//! What a request asks for: its typed body and the key that makes it safe to repeat.

use crate::access::fresh_token;
use crate::runtime::Request;
use crate::web::http::app::App;
use crate::web::http::caller::app;
use crate::web::http::header_of;
use crate::web::http::identity::no_unknown_bearer;
use crate::web::http::keyed::keyed_digest;
use crate::web::http::problem::Problem;
use crate::written::hidden;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use hall::Actor;
use hall::id::{CommandId, Fingerprint};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

/// Largest body of an ordinary request; a plan is the largest.
const BODY_LARGEST: usize = 256 * 1024;
/// A byte order mark, which some programs put before their JSON.
const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";
/// Longest `Idempotency-Key`.
const KEY_LONGEST: usize = 200;

/// A JSON body whose every field is already what it should be; no body counts as `{}`.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// Such a body with the caller's key.
#[derive(Debug)]
pub struct KeyedBody<T> {
    pub form: T,
    pub key: RequestKey,
}

/// The caller's `Idempotency-Key` on this route.
pub struct RequestKey {
    key: String,
    route: String,
    secret: [u8; 32],
    /// Of what the request says: the same key with something else is a mistake.
    pub fingerprint: Fingerprint,
}

// it holds the store's secret, and anybody who knows the key gets its answer
hidden!(RequestKey);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Body<T>, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move { Ok(Body(read(&request, bytes.await).await?.0)) })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for KeyedBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<KeyedBody<T>, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let key = RequestKey::of_header(request);
        let bytes = web::Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let key = key?;
            let (form, fingerprint) = read(&request, bytes.await).await?;
            Ok(KeyedBody {
                form,
                key: key.saying(fingerprint),
            })
        })
    }
}

/// A body's form and its digest.
async fn read<T: DeserializeOwned>(
    request: &HttpRequest,
    bytes: Result<web::Bytes, actix_web::Error>,
) -> Result<(T, Fingerprint), Problem> {
    let bytes = bytes.map_err(|error| too_large(&error))?;
    if bytes.len() > BODY_LARGEST {
        return Err(too_large(&"more than 256 KiB"));
    }
    let bytes = bytes.strip_prefix(UTF8_MARK).unwrap_or(&bytes);
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { bytes };
    match parse(text) {
        Ok(form) => Ok((form, fingerprint(&app(request).secret, text))),
        Err(problem) => {
            no_unknown_bearer(request).await?;
            Err(problem)
        }
    }
}

impl FromRequest for RequestKey {
    type Error = Problem;
    type Future = std::future::Ready<Result<RequestKey, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(RequestKey::of_header(request))
    }
}

impl RequestKey {
    fn of_header(request: &HttpRequest) -> Result<RequestKey, Problem> {
        let key = header_of(request, "idempotency-key").map(str::trim);
        match key.filter(|key| (1..=KEY_LONGEST).contains(&key.len())) {
            Some(key) => {
                let route = format!("{} {}", request.method(), request.path());
                Ok(RequestKey::on(request, route, key.into()))
            }
            None => Err(Problem::invalid(
                "/headers/idempotency-key",
                "请求缺少 Idempotency-Key(1到200个字符)。",
                "Send an Idempotency-Key header of 1 to 200 characters, new for each action and the same for its retries.",
            )),
        }
    }

    /// The same key, of a request that says this.
    pub fn saying(self, fingerprint: Fingerprint) -> RequestKey {
        RequestKey {
            fingerprint,
            ..self
        }
    }

    /// Every citizen is the same principal, so only a key that nobody can guess keeps their answers apart. In a demo
    /// any key will do.
    pub fn check_for(&self, actor: &Actor, app: &App) -> Result<(), Problem> {
        if app.is_demo() || self.key.len() >= actor.shortest_key() {
            return Ok(());
        }
        Err(Problem::invalid(
            "/headers/idempotency-key",
            "未登录取号时,Idempotency-Key 至少16个字符,且不可被猜到。",
            "Without a sign-in, send an Idempotency-Key of at least 16 characters that nobody can guess, such as a UUID.",
        ))
    }

    /// A key drawn here, for a form whose repetition is refused by the rules anyway.
    pub fn drawn(request: &HttpRequest) -> RequestKey {
        RequestKey::on(request, request.path().into(), fresh_token())
    }

    /// The key that a page put into its form, so that a form sent twice is one command, with a digest of what the form
    /// says besides.
    pub fn of_form(
        request: &HttpRequest,
        key: &str,
        content: &impl Serialize,
    ) -> Result<RequestKey, Problem> {
        if !(1..=KEY_LONGEST).contains(&key.len()) {
            let zh = "表单已失效,请刷新页面后再试。";
            let en = "The form is not complete; load the page again.";
            return Err(Problem::invalid("/idempotency_key", zh, en));
        }
        let content = serde_json::to_vec(content).expect("a form has string keys only");
        let fingerprint = fingerprint(&app(request).secret, &content);
        let key = RequestKey::on(request, request.path().into(), key.into());
        Ok(key.saying(fingerprint))
    }

    /// A key on a route that no other body can have: it was drawn for one form alone, or it is the key of an earlier
    /// request of the same caller that the body of this one names.
    pub fn on(request: &HttpRequest, route: String, key: String) -> RequestKey {
        RequestKey {
            key,
            route,
            secret: app(request).secret,
            fingerprint: of_drawn_key(),
        }
    }

    /// What an owner is asked, as this actor.
    pub fn request<A>(&self, actor: Actor, action: A) -> Request<A> {
        Request {
            id: self.command_id(&actor),
            fingerprint: self.fingerprint.clone(),
            actor,
            action,
        }
    }

    /// Names the command: (principal, route, key) under the store's secret, so nobody who is signed in can fetch
    /// another's answer. All citizens are one principal: the token in their route keeps them apart, and where there is
    /// no token, the length of their key.
    pub fn command_id(&self, actor: &Actor) -> CommandId {
        let principal = serde_json::to_string(actor).expect("an actor is a role and an id");
        let parts = [principal.as_str(), &self.route, &self.key];
        let lengths = parts.map(|part| (part.len() as u64).to_be_bytes());
        let parts = parts.iter().zip(&lengths);
        let parts: Vec<&[u8]> = parts
            .flat_map(|(part, length)| [length.as_slice(), part.as_bytes()])
            .collect();
        CommandId::parse(keyed_digest(&self.secret, &parts)).expect("hex digits make a command id")
    }
}

/// A field that an action cannot do without: `form.service.needed("/service")?`.
pub trait Needed<T> {
    fn needed(self, pointer: &str) -> Result<T, Problem>;
}

impl<T> Needed<T> for Option<T> {
    fn needed(self, pointer: &str) -> Result<T, Problem> {
        self.ok_or_else(|| Problem::invalid(pointer, "缺少此项", "this field is required"))
    }
}

/// Reads JSON into a form; an error names the field by JSON pointer.
pub fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    let text = text_of(text, "请求内容", "The body")?;
    let mut reader = serde_json::Deserializer::from_str(&text);
    let form = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        let reason = error.inner().to_string();
        Problem::invalid(
            pointer,
            format!("内容有误:{reason}"),
            format!("The body cannot be read: {reason}"),
        )
    })?;
    reader.end().map_err(|error| {
        Problem::invalid(
            "",
            format!("内容有误:{error}"),
            format!("Trailing text: {error}"),
        )
    })?;
    Ok(form)
}

/// A body's text. A request says what it is written in, so another encoding is named and not guessed.
pub fn text_of(bytes: &[u8], zh: &str, en: &str) -> Result<String, Problem> {
    let wrong = match office::decoded(bytes, "") {
        Ok(read) if read.encoding == office::Encoding::Utf8 => return Ok(read.text),
        Ok(read) => format!("（看起来是 {}）", read.encoding),
        Err(_) => String::new(),
    };
    Err(Problem::invalid(
        "",
        format!("{zh}不是 UTF-8 编码{wrong}，请另存为 UTF-8 后再发送。"),
        format!("{en} is not UTF-8; save it as UTF-8 and send it again."),
    ))
}

/// A place in a body as a JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => String::new(), // not a place in the text
    };
    path.iter().map(step).collect()
}

/// What somebody chose, and what the clock shows when the same is sent again.
const NOT_OF_THE_REQUEST: [&str; 2] = ["secret", "sent_at"];

/// A digest of a body that does not depend on its spacing or the order of its fields, nor on when it was sent.
///
/// It goes into the log, so it is keyed with the store's secret and leaves out a secret that somebody chose: from a
/// plain digest of a body a document number or a PIN could be found by trying them all.
pub fn fingerprint(secret: &[u8; 32], text: &[u8]) -> Fingerprint {
    let canonical = serde_json::from_slice::<serde_json::Value>(text).map(|mut value| {
        if let Some(fields) = value.as_object_mut() {
            fields.retain(|name, _| !NOT_OF_THE_REQUEST.contains(&name.as_str()));
        }
        value.to_string()
    });
    let bytes = canonical.map_or_else(|_| text.to_vec(), String::into_bytes);
    let digest = keyed_digest(secret, &[b"body|", &bytes]);
    Fingerprint::parse(digest).expect("hex digits make a fingerprint")
}

/// The fingerprint of a form whose key was drawn for it alone: no other body can have this key.
pub fn of_drawn_key() -> Fingerprint {
    Fingerprint::parse("0").expect("a digit is a fingerprint")
}

/// A body that was cut off, or is larger than anything we read.
pub fn too_large(error: &dyn std::fmt::Display) -> Problem {
    Problem::invalid(
        "",
        format!("内容过大或不完整:{error}"),
        format!("The body is too large or broken: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wrong entry of a list was once named `/services[0]/prefix`, which no program can follow.
    #[test]
    fn a_wrong_field_is_named_by_a_json_pointer() {
        let pointer = |text: &str| {
            let problem = parse::<hall::Plan>(text.as_bytes()).unwrap_err();
            problem.extra["errors"][0]["pointer"].clone()
        };
        assert_eq!(pointer(r#"{"hall":"UP"}"#), "/hall");
        assert_eq!(
            pointer(r#"{"services":[{"id":"a","name":{"zh":"a","en":"a"},"prefix":"1"}]}"#),
            "/services/0/prefix"
        );
        assert_eq!(pointer(r#"["#), "");
    }
}
