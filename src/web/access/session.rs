//! Sessions: signing in and out, and the cookie that a browser keeps.

use crate::access::action::{Action, close_session, open_session};
use crate::access::{
    Access, Answer, Attempted, Line, Proof, Rejection, Role, SecretError, TooManyAttempts, digest,
    fresh_token,
};
use crate::runtime::{Owner, Reply};
use crate::web::http::app::confirmed;
use crate::web::http::caller::{Anyone, app};
use crate::web::http::desk;
use crate::web::http::identity::{
    bearer, cookie_name, demo_identity, is_from_our_pages, not_from_our_pages,
};
use crate::web::http::limits;
use crate::web::http::page::own_cookie;
use crate::web::http::site::client;
use crate::web::http::{App, Body, Problem, ProblemKind, describe};
use actix_web::cookie::time::Duration as CookieAge;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse};
use chrono::Duration;
use hall::id::ActorId;
use hall::record::command::Command;
use hall::text::typed;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A shift.
pub const SESSION: Duration = Duration::hours(12);
/// A device keeps its token until it is revoked; no browser keeps a cookie much longer than a year.
pub const DEVICE: Duration = Duration::days(365);

/// A number or name, and a PIN or password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SignInForm {
    pub account: String,
    pub secret: String,
}

describe!(sign_in: "Opens a session");
pub async fn sign_in(
    _: Anyone,
    body: Body<SignInForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (token, role) = open_for(&request, &body.0.account, &body.0.secret).await?;
    let mut response = HttpResponse::Ok();
    // A page keeps the cookie, a program the bearer.
    if is_from_our_pages(&request) {
        response.cookie(session_cookie(&request, role, &token, SESSION));
        if let Some(cookie) = desk::cookie_of(&request, &body.0.account) {
            response.cookie(cookie);
        }
    }
    Ok(response.json(json!({ "bearer": token })))
}

describe!(sign_out: "Ends the bearer's session, or a browser's");
pub async fn sign_out(_: Anyone, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::NoContent().finish();
    match bearer(&request) {
        Some(token) => end(&request, token).await?,
        None => end_in_browser(&request, &mut response).await?,
    }
    Ok(response)
}

/// Ends the sessions of a browser's cookies. A device is not signed out but revoked: its link works only once.
pub async fn end_in_browser(
    request: &HttpRequest,
    response: &mut HttpResponse,
) -> Result<(), Problem> {
    let cookies = [Role::Officer, Role::Usher, Role::Manager]
        .map(|role| request.cookie(&cookie_name(role)))
        .into_iter()
        .flatten();
    for cookie in cookies {
        if !is_from_our_pages(request) {
            return Err(not_from_our_pages());
        }
        end(request, cookie.value()).await?;
        let gone = Cookie::build(cookie.name(), "")
            .path("/")
            .max_age(CookieAge::ZERO)
            .finish();
        response
            .add_cookie(&gone)
            .expect("a cookie's name that was read can be written");
    }
    Ok(())
}

/// Ends the session of a token.
async fn end(request: &HttpRequest, token: &str) -> Result<(), Problem> {
    let access = &app(request).halls.access;
    ask(access, close_session(digest(token), access.now())).await?;
    Ok(())
}

/// Verifies a secret and opens a session; answers its token and the account's role.
pub async fn open_for(
    request: &HttpRequest,
    account: &str,
    secret: &str,
) -> Result<(String, Role), Problem> {
    let app = app(request);
    let account = &*typed::plain(account); // however it is written, its attempts are one account's
    let desk = desk::of(request, account);
    let taken = app.sign_ins.attempts.take(Attempted {
        account,
        address: client(request),
        desk: desk.as_deref(),
    });
    let attempt = taken.map_err(too_many_attempts)?;
    let line = match attempt.is_known {
        true => Line::Known,
        false => Line::Strangers,
    };
    let access = &app.halls.access;
    let wrong = || Problem::from_access(&Rejection::WrongCredentials);
    let known = ActorId::parse(account).ok();
    let secret_of = |id: &ActorId| access.read(|access| access.secret_of(id).cloned());
    // Another instance may have made the account a moment ago. KeyedBody for every id, so that the time does not tell which
    // exist; the attempts bound how often.
    confirmed(access.catch_up().await)?;
    let stored = known.as_ref().and_then(secret_of);
    // An unknown account costs the same time as a known one.
    let is_right = app
        .sign_ins
        .secrets
        .verify(secret, stored.as_ref(), line)
        .await
        .map_err(secret_problem)?;
    let (Some(id), Some(stored), true) = (known, stored, is_right) else {
        return Err(wrong());
    };
    let role = access
        .read(|access| access.identity_of(&id).map(|identity| identity.role))
        .ok_or_else(wrong)?;
    let token = open(app, id, Proof::Secret(stored)).await?;
    attempt.succeeded();
    Ok((token, role))
}

/// Opens a session of a demo identity; answers its token.
pub async fn demo_session(app: &App, role: Role) -> Result<String, Problem> {
    open(app, demo_identity(role), Proof::Demo).await
}

/// The cookie of a session: not even a link from elsewhere brings it along.
pub fn session_cookie(
    request: &HttpRequest,
    role: Role,
    token: &str,
    keep: Duration,
) -> Cookie<'static> {
    let (name, hours) = (cookie_name(role), keep.num_hours());
    own_cookie(request, name, token, SameSite::Strict, hours)
}

async fn open(app: &App, who: ActorId, proof: Proof) -> Result<String, Problem> {
    let (token, access) = (fresh_token(), &app.halls.access);
    let now = access.now();
    let command = open_session(digest(&token), who, proof, now + SESSION, now);
    ask(access, command).await?;
    Ok(token)
}

/// A command of the register whose id follows from what is wanted.
async fn ask(access: &Owner<Access>, command: Command<Action>) -> Result<Reply<Answer>, Problem> {
    Ok(access.ask(command.into()).await?)
}

pub fn too_many_attempts(wait: TooManyAttempts) -> Problem {
    limits::WRONG_SIGN_INS.problem_until(wait.retry_after)
}

pub fn secret_problem(error: SecretError) -> Problem {
    match error {
        SecretError::Weak(rejection) => Problem::from_access(&rejection),
        SecretError::Busy => limits::SIGN_INS_WAITING.problem(),
        SecretError::Failed { .. } => ProblemKind::Unavailable
            .because("暂时无法登录。", "Secrets cannot be verified right now."),
    }
}
