//! Who sends a request: by a session's or device's token, in a cookie (people) or as a bearer (programs).
//!
//! A cookie counts for a change only when the request comes from our own pages; a bearer is never sent by accident.

use crate::access::{self, Identity, Role};
use crate::web::http::caller::app;
use crate::web::http::header_of;
use crate::web::http::problem::{Problem, ProblemKind};
use crate::web::http::site;
use actix_web::HttpRequest;
use actix_web::http::header;
use hall::id::ActorId;

/// The cookie that holds a role's session: one browser may be kiosk, officer and manager at once.
pub fn cookie_name(role: Role) -> String {
    format!("paihao-{}", role.name())
}

/// The demo identity of a role.
pub fn demo_identity(role: Role) -> ActorId {
    ActorId::parse(format!("demo-{}", role.name())).expect("roles' names are actor ids")
}

/// Who of these roles sends this request, if anybody.
pub async fn identify(request: &HttpRequest, roles: &[Role]) -> Result<Option<Identity>, Problem> {
    let app = app(request);
    if let Some(bearer) = bearer(request) {
        let digest = access::digest(bearer);
        return match app.identify_surely(&digest, request).await? {
            Some(identity) if roles.contains(&identity.role) => Ok(Some(identity)),
            Some(_) => Err(ProblemKind::Forbidden
                .because("该账号不能这样操作。", "This account may not do that.")),
            None => Err(unknown_bearer()),
        };
    }
    let mut by_cookie = by_cookie(request, roles);
    let has_cookie = roles
        .iter()
        .any(|role| request.cookie(&cookie_name(*role)).is_some());
    if by_cookie.is_none() && has_cookie {
        app.catch_up_access(request).await?;
        by_cookie = self::by_cookie(request, roles);
    }
    if by_cookie.is_some() && !request.method().is_safe() && !is_from_our_pages(request) {
        return Err(not_from_our_pages());
    }
    Ok(by_cookie)
}

/// Who of these roles sends this request, as far as this instance knows: for what is only shown, and for a socket that
/// asks again and again.
pub fn known(request: &HttpRequest, roles: &[Role]) -> Option<Identity> {
    match bearer(request) {
        Some(bearer) => app(request)
            .identify(&access::digest(bearer))
            .filter(|identity| roles.contains(&identity.role)),
        None => by_cookie(request, roles),
    }
}

/// Whoever sends this request, as far as this instance knows, in whatever role.
pub fn somebody(request: &HttpRequest) -> Option<Identity> {
    known(request, &Role::ALL)
}

/// Who of these roles a cookie of this request stands for, as far as this instance knows.
fn by_cookie(request: &HttpRequest, roles: &[Role]) -> Option<Identity> {
    roles.iter().find_map(|role| {
        let cookie = request.cookie(&cookie_name(*role))?;
        app(request)
            .identify(&access::digest(cookie.value()))
            .filter(|identity| roles.contains(&identity.role))
    })
}

/// Whether a browser says that our own page sent this: exact `Origin`.
pub fn is_from_our_pages(request: &HttpRequest) -> bool {
    let origin = header_of(request, header::ORIGIN);
    origin.is_some_and(|origin| origin == site::site(request).origin())
}

/// Refuses a token that nobody has, before anything else in the request is refused.
pub async fn no_unknown_bearer(request: &HttpRequest) -> Result<(), Problem> {
    let Some(bearer) = bearer(request) else {
        return Ok(());
    };
    let digest = access::digest(bearer);
    let identity = app(request).identify_surely(&digest, request);
    identity.await?.map(drop).ok_or_else(unknown_bearer)
}

fn unknown_bearer() -> Problem {
    ProblemKind::Unauthorized.because(
        "登录已失效,请重新登录。",
        "The token is not valid. Sign in again.",
    )
}

/// A cookie alone proves nothing about who made the browser send it.
pub fn not_from_our_pages() -> Problem {
    ProblemKind::Forbidden.because(
        "请从本系统页面操作。",
        "A change with a cookie must come from this server's own pages.",
    )
}

/// The token that a program sends.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    header_of(request, header::AUTHORIZATION)?.strip_prefix("Bearer ")
}
