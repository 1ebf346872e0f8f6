//! A workplace that proves by a cookie that an account has signed in there. Wrong secrets from elsewhere do not lock
//! the account out of this workplace, and requests of strangers behind the same router are not counted as its own.
//!
//! The cookie lets nobody in. It has a number of its own under the store's secret, so it counts on every instance and
//! after a restart, and of two desks behind one router each has its own attempts.

use crate::access::fresh_token;
use crate::web::http::caller::app;
use crate::web::http::keyed::keyed_digest;
use crate::web::http::page::own_cookie;
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use hall::text::typed;
use subtle::ConstantTimeEq;

/// A desk that nobody used for a year starts anew.
const KEPT_HOURS: i64 = 365 * 24;

const NAME: &str = "paihao-desk-";

/// The workplace of this account that the browser proves, if any.
pub fn of(request: &HttpRequest, account: &str) -> Option<String> {
    let cookie = request.cookie(&name(request, account))?;
    proven(request, &cookie).map(str::to_owned)
}

/// The workplace of any account.
pub fn of_anybody(request: &HttpRequest) -> Option<String> {
    let cookies = request.cookies().ok()?;
    let mut desks = cookies
        .iter()
        .filter(|cookie| cookie.name().starts_with(NAME));
    desks.find_map(|cookie| proven(request, cookie).map(str::to_owned))
}

/// The number in a cookie of ours.
fn proven<'a>(request: &HttpRequest, cookie: &'a Cookie<'_>) -> Option<&'a str> {
    let (number, proof) = cookie.value().split_once('.')?;
    let expected = proof_of(request, cookie.name(), number);
    bool::from(expected.as_bytes().ct_eq(proof.as_bytes())).then_some(number)
}

/// What the browser keeps from now on; nothing if it has it already.
pub fn cookie_of(request: &HttpRequest, account: &str) -> Option<Cookie<'static>> {
    if of(request, account).is_some() {
        return None;
    }
    let (name, number) = (name(request, account), fresh_token());
    let value = format!("{number}.{}", proof_of(request, &name, &number));
    Some(own_cookie(
        request,
        name,
        &value,
        SameSite::Strict,
        KEPT_HOURS,
    ))
}

/// Several accounts share a desk; none is named in the browser.
fn name(request: &HttpRequest, account: &str) -> String {
    let account = typed::plain(account);
    let digest = keyed_digest(&app(request).secret, &[b"desk of|", account.as_bytes()]);
    format!("{NAME}{digest}")
}

fn proof_of(request: &HttpRequest, name: &str, number: &str) -> String {
    let parts: [&[u8]; 4] = [b"desk|", name.as_bytes(), b"|", number.as_bytes()];
    keyed_digest(&app(request).secret, &parts)
}
