//! What only a demo offers, and only to this machine: signing in as anybody, and setting the clock.

use crate::access::Role;
use crate::web::access::session::demo_session;
use crate::web::http::caller::DemoOnly;
use crate::web::http::{App, Body, Problem, ProblemKind, date, describe};
use actix_web::{HttpResponse, web};
use hall::Time;
use hall::id::HallId;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Who to be.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DemoSignInForm {
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
    #[serde(deserialize_with = "date::moment")]
    pub at: Time,
    /// Seconds of hall time in a real one; 0 stands still, which is the default.
    #[serde(default)]
    pub speed: f64,
}

describe!(sign_in: "A demo's bearer for any role");
pub async fn sign_in(
    _: DemoOnly,
    body: Body<DemoSignInForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let role = role_named(&body.0.role)?;
    let hall = body.0.hall.as_ref();
    if hall.is_some_and(|hall| app.halls.get(hall).is_none()) {
        return Err(Problem::not_found("该大厅", "hall"));
    }
    let bearer = demo_session(&app, role).await?;
    Ok(HttpResponse::Ok().json(json!({ "bearer": bearer })))
}

describe!(clock: "What a demo's clock shows");
/// What the made-up clock shows, and how fast it runs.
pub async fn clock(_: DemoOnly, app: web::Data<App>) -> HttpResponse {
    let clock = &app.halls.clock;
    HttpResponse::Ok().json(json!({ "now": clock.now(), "speed": clock.speed() }))
}

describe!(set_clock: "Sets a demo's clock");
/// Sets the made-up clock and answers when everything due by then has been carried out.
pub async fn set_clock(
    _: DemoOnly,
    body: Body<ClockForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let ClockForm { at, speed } = body.0;
    if !(0.0..=100_000.0).contains(&speed) {
        return Err(Problem::invalid(
            "/speed",
            "应在0到100000之间",
            "must be between 0 and 100000",
        ));
    }
    let now = app.halls.clock.set_demo(at, Some(speed)).ok_or_else(|| {
        ProblemKind::Forbidden.because(
            "当前使用真实时钟。",
            "This process runs on the real clock; start it with --clock.",
        )
    })?;
    for (_, owner) in app.halls.all() {
        owner.carry_out_due().await;
    }
    Ok(HttpResponse::Ok().json(json!({ "now": now })))
}

/// The role of this name.
pub fn role_named(name: &str) -> Result<Role, Problem> {
    let zh = "应为 officer、usher、manager、kiosk 或 display";
    let en = "must be officer, usher, manager, kiosk or display";
    Role::named(name).ok_or_else(|| Problem::invalid("/role", zh, en))
}
