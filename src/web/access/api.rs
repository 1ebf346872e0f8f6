//! The first manager, accounts and devices.

use crate::access::action::Action;
use crate::access::decide::setup_admits;
use crate::access::{DeviceKind, NewAccount, SecretHash, StaffRole, digest, fresh_token};
use crate::web::access::session::{secret_problem, too_many_attempts};
use crate::web::http::app::confirmed;
use crate::web::http::caller::{AnyManager, Anyone, app};
use crate::web::http::site::client;
use crate::web::http::{App, KeyedBody, OrNotFound, Problem, ProblemKind, RequestKey, describe};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::Actor;
use hall::id::{ActorId, HallId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

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

describe!(set_up: "Makes the first manager");
pub async fn set_up(
    _: Anyone,
    asked: KeyedBody<SetupForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let form = &asked.form;
    let first = FirstManager {
        token: &form.token,
        account: form.account.as_str(),
        name: &form.name,
        secret: &form.secret,
    };
    first_manager(&request, &asked.key, first).await?;
    Ok(made())
}

/// Somebody who wants to be the first manager.
#[derive(Debug)]
pub struct FirstManager<'a> {
    /// What the first start printed.
    pub token: &'a str,
    pub account: &'a str,
    pub name: &'a str,
    pub secret: &'a str,
}

/// Makes the first manager. Nothing is hashed for somebody who has no such token.
pub async fn first_manager(
    request: &HttpRequest,
    key: &RequestKey,
    first: FirstManager<'_>,
) -> Result<(), Problem> {
    let app = app(request);
    let attempt = app.sign_ins.attempts.take_of_address(client(request));
    let attempt = attempt.map_err(too_many_attempts)?;
    let id = ActorId::parse(first.account.trim()).map_err(|error| {
        let zh = "账号有误:只能用字母、数字和 -";
        Problem::invalid("/account", zh, error.to_string())
    })?;
    let (actor, setup) = (Actor::Manager(id.clone()), digest(first.token.trim()));
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
    let action = Action::CreateFirstManager {
        setup,
        id,
        name: first.name.into(),
        secret: hash(app, StaffRole::Manager, first.secret).await?,
    };
    change(app, &actor, key, action).await?;
    attempt.succeeded();
    Ok(())
}

describe!(create_account: "Makes an account");
pub async fn create_account(
    manager: AnyManager,
    asked: KeyedBody<AccountForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let form = asked.form;
    let action = Action::CreateAccount(NewAccount {
        secret: hash(&app, form.role, &form.secret).await?,
        id: form.account,
        role: form.role,
        hall: form.hall,
        name: form.name,
        may_hold_several_windows: form.several_windows,
    });
    change(&app, &manager.actor, &asked.key, action).await?;
    Ok(made())
}

describe!(set_secret: "Sets an account's secret");
pub async fn set_secret(
    manager: AnyManager,
    asked: KeyedBody<NamedForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let NamedForm { id, secret } = asked.form;
    let access = &app.halls.access;
    let role = access.read(|access| access.account(&id).map(|account| account.role));
    let role = role.or_not_found("该账号", "account")?;
    let action = Action::SetSecret {
        secret: hash(&app, role, &secret.unwrap_or_default()).await?,
        account: id,
    };
    change(&app, &manager.actor, &asked.key, action).await?;
    Ok(done())
}

describe!(disable_account: "Ends an account");
pub async fn disable_account(
    manager: AnyManager,
    KeyedBody { form, key }: KeyedBody<NamedForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let action = Action::DisableAccount { account: form.id };
    change(&app, &manager.actor, &key, action).await?;
    Ok(done())
}

describe!(enrol_device: "Enrols a kiosk or display");
/// The token is answered once and never again: the register keeps its digest. A browser gets it by the link, which works
/// once and carries a code instead, because addresses are kept in histories and logs.
pub async fn enrol_device(
    manager: AnyManager,
    asked: KeyedBody<DeviceForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let device = asked.form.device.clone();
    let token = enrol(&app, &manager.actor, asked).await?;
    // The register says whether it was this token that was enrolled, now or by a first try whose outcome was unknown.
    let digest = digest(&token);
    let is_enrolled = app.halls.access.read(|access| {
        let device = access.device(&device);
        device.is_some_and(|device| device.digest.as_ref() == Some(&digest))
    });
    if !is_enrolled {
        let zh = "该设备已登记,口令只显示一次;如已遗失请撤销后重新登记。";
        let en = "Enrolled before; its token is shown only once. Revoke and enrol again.";
        return Err(ProblemKind::AlreadyExists.because(zh, en));
    }
    let sign_in = enrolment_link(&app, &token);
    Ok(HttpResponse::Created().json(json!({ "token": token, "sign_in": sign_in })))
}

/// Enrols a device with a fresh token, and answers that.
pub async fn enrol(
    app: &App,
    manager: &Actor,
    asked: KeyedBody<DeviceForm>,
) -> Result<String, Problem> {
    let token = fresh_token();
    let DeviceForm { device, kind, hall } = asked.form;
    let action = Action::EnrolDevice {
        device,
        kind,
        hall,
        digest: digest(&token),
    };
    change(app, manager, &asked.key, action).await?;
    Ok(token)
}

/// Where a device's browser gets its token, once.
pub fn enrolment_link(app: &App, token: &str) -> String {
    let code = app.sign_ins.enrolments.issue(token.into());
    format!("/sign-in?enrol={code}")
}

describe!(revoke_device: "Revokes a device");
pub async fn revoke_device(
    manager: AnyManager,
    KeyedBody { form, key }: KeyedBody<NamedForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let action = Action::RevokeDevice { device: form.id };
    change(&app, &manager.actor, &key, action).await?;
    Ok(done())
}

/// Changes the register as this manager wants it.
pub async fn change(
    app: &App,
    manager: &Actor,
    key: &RequestKey,
    action: Action,
) -> Result<(), Problem> {
    let request = key.request(manager.clone(), action);
    app.halls.access.ask(request).await?;
    Ok(())
}

/// A secret's hash, if it is good enough for the role.
pub async fn hash(app: &App, role: StaffRole, plain: &str) -> Result<SecretHash, Problem> {
    let hash = app.sign_ins.secrets.hash(role, plain).await;
    hash.map_err(secret_problem)
}

fn made() -> HttpResponse {
    HttpResponse::Created().json(json!({ "done": true }))
}

fn done() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "done": true }))
}
