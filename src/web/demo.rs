//! What only a demo offers, and only to this machine: signing in as anybody, and setting the clock.

use super::app::App;
use super::body::Body;
use super::caller::DemoOnly;
use super::problem::{Kind, Problem};
use crate::access::{self, Proof, Role};
use actix_web::{HttpResponse, web};
use hall::Time;
use hall::id::{ActorId, HallId};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Who to be.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SignInForm {
    /// `officer`, `usher`, `manager`, `kiosk` or `display`.
    pub role: String,
    /// Demo identities are at home in every hall; one that does not exist is a mistake all the same.
    #[serde(default)]
    pub hall: Option<HallId>,
}

/// What the clock shall show.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ClockForm {
    /// Forward: hall time follows at once, and the clock then runs at `speed`. Backward: only the wall clock steps back.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// Seconds of hall time in a real one; 0 stands still, which is the default.
    #[serde(default)]
    pub speed: f64,
}

pub async fn sign_in(
    _: DemoOnly,
    body: Body<SignInForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let role = role_named(&body.form.role)?;
    if body
        .form
        .hall
        .as_ref()
        .is_some_and(|hall| app.halls.get(hall).is_none())
    {
        return Err(Problem::not_found("该大厅", "hall"));
    }
    let bearer = super::access::demo_session(&app, role).await?;
    Ok(HttpResponse::Ok().json(json!({ "bearer": bearer })))
}

/// What the made-up clock shows, and how fast it runs.
pub async fn clock(_: DemoOnly, app: web::Data<App>) -> HttpResponse {
    let clock = &app.halls.clock;
    HttpResponse::Ok().json(json!({ "now": clock.now(), "speed": clock.speed() }))
}

/// Sets the made-up clock and answers when everything due by then has been carried out.
pub async fn set_clock(
    _: DemoOnly,
    body: Body<ClockForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let ClockForm { at, speed } = body.form;
    if !(0.0..=100_000.0).contains(&speed) {
        return Err(Problem::invalid(
            "/speed",
            "应在0到100000之间",
            "must be between 0 and 100000",
        ));
    }
    let now = app.halls.clock.set_demo(at, Some(speed)).ok_or_else(|| {
        Problem::new(
            Kind::Forbidden,
            "当前使用真实时钟。",
            "This process runs on the real clock; start it with --clock.",
        )
    })?;
    for (_, owner) in app.halls.all() {
        owner.carry_out_due().await;
    }
    Ok(HttpResponse::Ok().json(json!({ "now": now })))
}

/// The demo identity of a role.
pub fn demo_identity(role: Role) -> ActorId {
    let name = match role {
        Role::Officer => "demo-officer",
        Role::Usher => "demo-usher",
        Role::Manager => "demo-manager",
        Role::Kiosk => "demo-kiosk",
        Role::Display => "demo-display",
    };
    ActorId::parse(name).expect("the constants are actor ids")
}

/// A session of a demo identity needs no secret.
pub fn proof() -> Proof {
    access::Proof::Demo
}

/// The role of this name.
pub fn role_named(name: &str) -> Result<Role, Problem> {
    match name {
        "officer" => Ok(Role::Officer),
        "usher" => Ok(Role::Usher),
        "manager" => Ok(Role::Manager),
        "kiosk" => Ok(Role::Kiosk),
        "display" => Ok(Role::Display),
        _ => Err(Problem::invalid(
            "/role",
            "应为 officer、usher、manager、kiosk 或 display",
            "must be officer, usher, manager, kiosk or display",
        )),
    }
}
