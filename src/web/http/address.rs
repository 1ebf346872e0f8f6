//! Addresses as they come out of a text message or a chat: with the full stop, the comma or the bracket of the sentence
//! around them, or with one slash too many. They mean the address without it, and open.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, Uri};
use actix_web::middleware::Next;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// What a sentence puts behind a link. None of our addresses ends so.
const BEHIND: &str = "。，、；：！？）】》」』”’…．.,;:!?)]}>'\"";
/// The same behind a question mark, where an answer may end in one of the others.
const BEHIND_QUERY: &str = "。，、；）).,";
/// Below these stand files, and an address is what it is.
const FILES: [&str; 3] = ["/assets/", "/display/", "/voice/"];

/// Lets routes see the address that was meant.
pub async fn tidied<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let is_read = [Method::GET, Method::HEAD].contains(request.method());
    if let Some(meant) = meant(request.uri(), is_read) {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(meant);
        if let Ok(uri) = Uri::from_parts(parts) {
            request.match_info_mut().get_mut().update(&uri);
            request.head_mut().uri = uri;
        }
    }
    next.call(request).await
}

/// The address that was meant, if it is another one. What changes something is only freed of its slash.
fn meant(uri: &Uri, is_read: bool) -> Option<PathAndQuery> {
    let (path, query) = (uri.path(), uri.query());
    if FILES.iter().any(|files| path.starts_with(files)) {
        return None;
    }
    let ends = if is_read && query.is_none() {
        BEHIND
    } else {
        ""
    };
    let meant_path = without_slash(without(path, ends));
    let is_of_page = is_read && !path.starts_with("/api/");
    let meant_query = query.map(|query| match is_of_page && !is_free(query) {
        true => without(query, BEHIND_QUERY),
        false => query,
    });
    if (meant_path, meant_query) == (path, query) {
        return None;
    }
    let mark = if meant_query.is_some() { "?" } else { "" };
    let meant = format!("{meant_path}{mark}{}", meant_query.unwrap_or_default());
    meant.parse().ok()
}

/// Whether the last field may end in anything: a question, and the way back after a sign-in.
fn is_free(query: &str) -> bool {
    let last = query.rsplit('&').next().unwrap_or_default();
    last.starts_with("q=") || last.starts_with("next=")
}

fn without_slash(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(path) => path,
    }
}

/// Without these characters at its end, as they are or with percent signs.
fn without<'a>(text: &'a str, ends: &str) -> &'a str {
    let mut text = text;
    while let Some(shorter) = ends.chars().find_map(|end| without_one(text, end)) {
        text = shorter;
    }
    text
}

fn without_one(text: &str, end: char) -> Option<&str> {
    let encoded = utf8_percent_encode(end.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC).to_string();
    text.strip_suffix(end).or_else(|| {
        let at = text.len().checked_sub(encoded.len())?;
        let has_it = text.get(at..)?.eq_ignore_ascii_case(&encoded);
        has_it.then(|| &text[..at])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uri: &str, is_read: bool) -> String {
        let read: Uri = uri.parse().unwrap();
        meant(&read, is_read).map_or_else(|| uri.to_string(), |meant| meant.to_string())
    }

    #[test]
    fn what_a_sentence_puts_behind_a_link_is_not_of_the_link() {
        let cases = [
            ("/zhuzhou", "/zhuzhou"),
            ("/", "/"),
            ("/zhuzhou/", "/zhuzhou"),
            ("/zhuzhou%E3%80%82", "/zhuzhou"),
            ("/zhuzhou%e3%80%82", "/zhuzhou"),
            ("/zhuzhou/%EF%BC%8C", "/zhuzhou"),
            ("/t/AbC-_%EF%BC%89%E3%80%82", "/t/AbC-_"),
            ("/t/AbC-_)", "/t/AbC-_"),
            ("/t/AbC-_).", "/t/AbC-_"),
            ("/%E3%80%82", "/"),
            (
                "/zhuzhou/book?service=licence%E3%80%82",
                "/zhuzhou/book?service=licence",
            ),
            (
                "/zhuzhou/book/?service=licence",
                "/zhuzhou/book?service=licence",
            ),
            ("/zhuzhou/guide?q=a)", "/zhuzhou/guide?q=a)"),
            ("/sign-in?next=/zhuzhou/", "/sign-in?next=/zhuzhou/"),
            ("/api/v1/halls/zhuzhou/?a=b)", "/api/v1/halls/zhuzhou?a=b)"),
            ("/display/", "/display/"),
            ("/assets/a.js", "/assets/a.js"),
            ("/a/x/appointment.ics", "/a/x/appointment.ics"),
        ];
        for (uri, expected) in cases {
            assert_eq!(check(uri, true), expected, "{uri}");
        }
        assert_eq!(check("/api/v1/sign-in/", false), "/api/v1/sign-in");
        assert_eq!(check("/api/v1/sign-in.", false), "/api/v1/sign-in.");
    }

    #[test]
    fn whatever_the_address_is_nothing_panics() {
        let pieces = [
            "/",
            "%",
            "E3",
            "%E3%80%82",
            "%e3",
            "?",
            "=",
            "&",
            "q=",
            ")",
            ".",
            "a",
            "..",
            "%00",
            ";",
        ];
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let rest: String = (0..random.usize(..8))
                .map(|_| *random.choice(&pieces).unwrap())
                .collect();
            if let Ok(uri) = format!("/{rest}").parse::<Uri>() {
                let meant = meant(&uri, random.bool());
                assert!(
                    meant.is_none_or(|meant| meant.path().starts_with('/')),
                    "{uri}"
                );
            }
        }
    }
}
