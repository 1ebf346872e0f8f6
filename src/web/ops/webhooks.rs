//! What a manager sees of the webhooks of a hall, and does with dead letters.

use crate::notify::notifier::NotifierError;
use crate::notify::{EndpointReport, Resent};
use crate::web::http::caller::{Manager, id_of};
use crate::web::http::{App, Body, Problem, ProblemKind, describe};
use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Every endpoint of a hall.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhooksAnswer {
    pub endpoints: Vec<EndpointReport>,
}

/// `{action}` of `POST /halls/{hall}/webhooks/{action}`. Sent again, a letter has the id that it had, so the receiver knows
/// it; and a letter is taken out once. So neither needs an `Idempotency-Key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterAction {
    Resend,
    Dismiss,
}

/// Which dead letter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LetterForm {
    pub id: String,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct LetterAnswer {
    /// Nobody has it as a dead letter any more.
    pub done: bool,
    /// `resend`: what each endpoint said.
    pub endpoints: Vec<Resent>,
}

describe!(show: "Where the hall tells what happens, how far, and dead letters");
pub async fn show(
    manager: Manager,
    app: web::Data<App>,
) -> Result<web::Json<WebhooksAnswer>, Problem> {
    let hall = id_of(&manager.hall);
    let report = app.notifier.report(&hall, &manager.hall).await;
    let endpoints = report.map_err(|error| unavailable(&error))?;
    Ok(web::Json(WebhooksAnswer { endpoints }))
}

describe!(act: "resend or dismiss a dead letter");
pub async fn act(
    manager: Manager,
    app: web::Data<App>,
    path: web::Path<(String, LetterAction)>,
    body: Body<LetterForm>,
) -> Result<web::Json<LetterAnswer>, Problem> {
    let (_, action) = path.into_inner();
    let (hall, id) = (id_of(&manager.hall), &body.0.id);
    let answer = match action {
        LetterAction::Resend => {
            let resent = app.notifier.resend(&hall, id).await;
            let endpoints = resent.map_err(|error| unavailable(&error))?;
            let is_known = !endpoints.is_empty();
            is_known.then(|| LetterAnswer {
                done: endpoints.iter().all(|endpoint| endpoint.accepted),
                endpoints,
            })
        }
        LetterAction::Dismiss => {
            let dismissed = app.notifier.dismiss(&hall, id).await;
            let was_there = dismissed.map_err(|error| unavailable(&error))?;
            was_there.then_some(LetterAnswer {
                done: true,
                endpoints: Vec::new(),
            })
        }
    };
    let not_found = || Problem::not_found("该通知", "dead letter");
    answer.map(web::Json).ok_or_else(not_found)
}

fn unavailable(error: &NotifierError) -> Problem {
    tracing::warn!(%error, "the webhooks could not be looked at");
    ProblemKind::Unavailable.because(
        "系统暂时无法读取通知状态,请稍后再试。",
        "The store does not answer about the webhooks; try again in a moment.",
    )
}
