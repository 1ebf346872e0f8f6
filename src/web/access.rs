//! Signing in and out, the first manager, accounts and devices.

use super::app::{App, confirmed};
use super::body::{Body, RequestKey};
use super::caller::{
    AnyManager, Anyone, app, bearer, cookie_name, is_from_our_pages, not_from_our_pages,
};
use super::demo::{demo_identity, proof};
use super::problem::{Kind, Problem};
use super::site::{client, site};
use crate::access::action::{Action, close_session, open_session};
use crate::access::decide::setup_admits;
use crate::access::{
    Access, Answer, DeviceKind, NewAccount, Proof, Rejection, Role, SecretError, SecretHash,
    StaffRole, TooManyAttempts, digest, fresh_token,
};
use crate::runtime::{Owner, Reply, Wish};
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Duration;
use hall::Actor;
use hall::id::{ActorId, Fingerprint, HallId};
use hall::record::command::Command;
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

/// The first manager, with the token that the first start printed.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SetupForm {
    pub token: String,
    pub account: ActorId,
    pub name: String,
    pub secret: String,
}

/// A colleague.
#[derive(Debug, Deserialize, ToSchema)]
pub struct AccountForm {
    pub account: ActorId,
    pub name: String,
    pub secret: String,
    /// `officer`, `usher` or `manager`.
    #[schema(value_type = String)]
    pub role: StaffRole,
    pub hall: Option<HallId>,
    #[serde(default)]
    pub several_windows: bool,
}

/// A kiosk or display.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DeviceForm {
    pub device: ActorId,
    /// `kiosk` or `display`.
    #[schema(value_type = String)]
    pub kind: DeviceKind,
    pub hall: HallId,
}

/// A new secret, or a removal.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NamedForm {
    pub id: ActorId,
    #[serde(default)]
    pub secret: Option<String>,
}

pub async fn sign_in(
    _: Anyone,
    body: Body<SignInForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (token, role) = open_for(&request, &body.form.account, &body.form.secret).await?;
    let mut response = HttpResponse::Ok();
    // A page keeps the cookie, a program the bearer.
    if is_from_our_pages(&request) {
        response.cookie(session_cookie(&request, role, &token, SESSION));
    }
    Ok(response.json(json!({ "bearer": token })))
}

pub async fn sign_out(_: Anyone, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::NoContent().finish();
    match bearer(&request) {
        Some(token) => end(&request, token).await?,
        None => end_of_people(&request, &mut response).await?,
    }
    Ok(response)
}

/// Ends the sessions of a browser's cookies. A device is not signed out but revoked: its link works only once.
pub async fn end_of_people(
    request: &HttpRequest,
    response: &mut HttpResponse,
) -> Result<(), Problem> {
    let cookies = [Role::Officer, Role::Usher, Role::Manager]
        .map(|role| request.cookie(cookie_name(role)))
        .into_iter()
        .flatten();
    for cookie in cookies {
        if !is_from_our_pages(request) {
            return Err(not_from_our_pages());
        }
        end(request, cookie.value()).await?;
        let gone = Cookie::build(cookie.name(), "")
            .path("/")
            .max_age(time::Duration::ZERO)
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

pub async fn set_up(
    _: Anyone,
    body: Body<SetupForm>,
    key: RequestKey,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let form = body.form;
    first_manager(
        &request,
        &key,
        &body.fingerprint,
        &form.token,
        form.account.as_str(),
        &form.name,
        &form.secret,
    )
    .await?;
    Ok(HttpResponse::Created().json(json!({ "done": true })))
}

/// Makes the first manager, with the token that the first start printed. Who has no such token makes nobody hash.
pub async fn first_manager(
    request: &HttpRequest,
    key: &RequestKey,
    fingerprint: &Fingerprint,
    token: &str,
    account: &str,
    name: &str,
    secret: &str,
) -> Result<(), Problem> {
    let app = app(request);
    let attempt = app.attempts.take_of_address(client(request));
    let attempt = attempt.map_err(too_many_attempts)?;
    let id = ActorId::parse(account.trim()).map_err(|error| {
        Problem::invalid(
            "/account",
            "账号有误:只能用字母、数字和 -",
            error.to_string(),
        )
    })?;
    let (actor, setup) = (Actor::Manager(id.clone()), digest(token.trim()));
    let access = &app.halls.access;
    confirmed(access.catch_up().await)?;
    let now = access.now();
    let admitted = access.read(|access| {
        match access.has_applied(&key.command_id(&actor)) {
            true => Ok(()), // a repetition gets the first answer
            false => setup_admits(access, &setup, now),
        }
    });
    admitted.map_err(|rejection| Problem::from_access(&rejection))?;
    let secret = hash(app, StaffRole::Manager, secret).await?;
    let action = Action::CreateFirstManager {
        setup,
        id,
        name: name.into(),
        secret,
    };
    wish(app, key, actor, fingerprint, action).await?;
    attempt.succeeded();
    Ok(())
}

pub async fn create_account(
    manager: AnyManager,
    body: Body<AccountForm>,
    key: RequestKey,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let form = body.form;
    let account = NewAccount {
        secret: hash(&app, form.role, &form.secret).await?,
        id: form.account,
        role: form.role,
        hall: form.hall,
        name: form.name,
        may_hold_several_windows: form.several_windows,
    };
    wish(
        &app,
        &key,
        manager.actor,
        &body.fingerprint,
        Action::CreateAccount(account),
    )
    .await?;
    Ok(HttpResponse::Created().json(json!({ "done": true })))
}

pub async fn set_secret(
    manager: AnyManager,
    body: Body<NamedForm>,
    key: RequestKey,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let account = body.form.id;
    let role = app
        .halls
        .access
        .read(|access| access.account(&account).map(|account| account.role));
    let role = role.ok_or_else(|| Problem::not_found("该账号", "account"))?;
    let plain = body.form.secret.unwrap_or_default();
    let action = Action::SetSecret {
        secret: hash(&app, role, &plain).await?,
        account,
    };
    wish(&app, &key, manager.actor, &body.fingerprint, action).await?;
    Ok(HttpResponse::Ok().json(json!({ "done": true })))
}

pub async fn disable_account(
    manager: AnyManager,
    body: Body<NamedForm>,
    key: RequestKey,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    wish(
        &app,
        &key,
        manager.actor,
        &body.fingerprint,
        Action::DisableAccount {
            account: body.form.id,
        },
    )
    .await?;
    Ok(HttpResponse::Ok().json(json!({ "done": true })))
}

/// The token is answered once and never again: the register keeps its digest. A browser gets it by the link, which works
/// once and carries a code instead, because addresses are kept in histories and logs.
pub async fn enrol_device(
    manager: AnyManager,
    body: Body<DeviceForm>,
    key: RequestKey,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let DeviceForm { device, kind, hall } = body.form;
    let token = fresh_token();
    let action = Action::EnrolDevice {
        device: device.clone(),
        kind,
        hall,
        digest: digest(&token),
    };
    wish(&app, &key, manager.actor, &body.fingerprint, action).await?;
    // The register says whether it was this token that was enrolled, now or by a first try whose outcome was unknown.
    let digest = digest(&token);
    let is_enrolled = app.halls.access.read(|access| {
        let device = access.device(&device);
        device.is_some_and(|device| device.digest.as_ref() == Some(&digest))
    });
    if !is_enrolled {
        let zh = "该设备已登记,口令只显示一次;如已遗失请撤销后重新登记。";
        return Err(Problem::new(
            Kind::AlreadyExists,
            zh,
            "Enrolled before; its token is shown only once. Revoke and enrol again.",
        ));
    }
    let code = app.enrolments.issue(token.clone());
    Ok(HttpResponse::Created()
        .json(json!({ "token": token, "sign_in": format!("/sign-in?enrol={code}") })))
}

pub async fn revoke_device(
    manager: AnyManager,
    body: Body<NamedForm>,
    key: RequestKey,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    wish(
        &app,
        &key,
        manager.actor,
        &body.fingerprint,
        Action::RevokeDevice {
            device: body.form.id,
        },
    )
    .await?;
    Ok(HttpResponse::Ok().json(json!({ "done": true })))
}

/// Verifies a secret and opens a session; answers its token and the account's role.
pub async fn open_for(
    request: &HttpRequest,
    account: &str,
    secret: &str,
) -> Result<(String, Role), Problem> {
    let app = app(request);
    let taken = app.attempts.take(account, client(request));
    let attempt = taken.map_err(too_many_attempts)?;
    let access = &app.halls.access;
    let wrong = || Problem::from_access(&Rejection::WrongCredentials);
    let known = ActorId::parse(account).ok();
    let secret_of = |id: &ActorId| access.read(|access| access.secret_of(id).cloned());
    // Another instance may have made the account a moment ago. Asked for every id, so that the time does not tell which
    // exist; the attempts bound how often.
    confirmed(access.catch_up().await)?;
    let stored = known.as_ref().and_then(secret_of);
    // An unknown account costs the same time as a known one.
    let is_right = app
        .secrets
        .verify(secret, stored.as_ref())
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
    open(app, demo_identity(role), proof()).await
}

/// The cookie of a session: for this site only, out of reach of scripts.
pub fn session_cookie(
    request: &HttpRequest,
    role: Role,
    token: &str,
    keep: Duration,
) -> Cookie<'static> {
    Cookie::build(cookie_name(role), token.to_string())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(site(request).scheme == "https")
        .max_age(time::Duration::hours(keep.num_hours()))
        .finish()
}

/// A command of the register whose id follows from what is wanted.
pub async fn ask(
    access: &Owner<Access>,
    command: Command<Action>,
) -> Result<Reply<Answer>, Problem> {
    let Command {
        id,
        fingerprint,
        actor,
        action,
        ..
    } = command;
    Ok(access
        .ask(Wish {
            id,
            fingerprint,
            actor,
            action,
        })
        .await?)
}

async fn open(app: &App, who: ActorId, proof: Proof) -> Result<String, Problem> {
    let token = fresh_token();
    let now = app.halls.access.now();
    ask(
        &app.halls.access,
        open_session(digest(&token), who, proof, now + SESSION, now),
    )
    .await?;
    Ok(token)
}

/// A manager's command of the register.
pub async fn wish(
    app: &App,
    key: &RequestKey,
    actor: Actor,
    fingerprint: &Fingerprint,
    action: Action,
) -> Result<Reply<Answer>, Problem> {
    let id = key.command_id(&actor);
    Ok(app
        .halls
        .access
        .ask(Wish {
            id,
            fingerprint: fingerprint.clone(),
            actor,
            action,
        })
        .await?)
}

/// A secret's hash, if it is good enough for the role.
pub async fn hash(app: &App, role: StaffRole, plain: &str) -> Result<SecretHash, Problem> {
    app.secrets.hash(role, plain).await.map_err(secret_problem)
}

fn too_many_attempts(wait: TooManyAttempts) -> Problem {
    let seconds = wait.retry_after.as_secs() + 1;
    Problem::new(
        Kind::TooManyRequests,
        format!("尝试次数过多,请{seconds}秒后再试。"),
        format!("Too many attempts; try again in {seconds} s."),
    )
}

fn secret_problem(error: SecretError) -> Problem {
    match error {
        SecretError::Weak(rejection) => Problem::from_access(&rejection),
        SecretError::Busy => Problem::new(
            Kind::TooManyRequests,
            "登录繁忙,请稍后再试。",
            "Too many sign-ins at once; try again.",
        ),
        SecretError::Failed { .. } => Problem::new(
            Kind::Unavailable,
            "暂时无法登录。",
            "Secrets cannot be verified right now.",
        ),
    }
}
