//! What a manager does.

use crate::clock::HallClock;
use crate::web::http::caller::Manager;
use crate::web::http::{Asks, KeyedBody, Needed, Problem, describe};
use actix_web::{HttpResponse, web};
use hall::Time;
use hall::id::{ServiceId, TicketNumber, WindowNumber};
use hall::plan::notice::Notice;
use hall::record::command::Action;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// `{action}` of `POST /halls/{hall}/{action}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ManagerAction {
    Notices,
    Pause,
    Resume,
    HandOn,
    OverrideSignOff,
    Interruption,
    Suspend,
    EndSuspension,
}

/// What those actions need.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ManagerForm {
    /// `notices`: all that are shown from now on.
    pub notices: Option<Vec<Notice>>,
    /// Why; all but `notices` and `resume`.
    pub reason: Option<String>,
    /// `hand-on`.
    #[schema(value_type = Option<String>)]
    pub number: Option<TicketNumber>,
    /// `override-sign-off`.
    pub window: Option<WindowNumber>,
    /// `override-sign-off`: the stranded tickets that are handed on; the others end as unserved.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub hand_on: Vec<TicketNumber>,
    /// `suspend`, `end-suspension`.
    pub service: Option<ServiceId>,
    /// `suspend`: for good if not said.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Time>,
}

describe!(
    act: "notices, pause, resume, hand-on, override-sign-off, interruption, suspend or end-suspension"
);
pub async fn act(
    manager: Manager,
    asked: KeyedBody<ManagerForm>,
    path: web::Path<(String, ManagerAction)>,
) -> Result<HttpResponse, Problem> {
    let action = wanted(path.1, asked.form)?;
    let reply = manager.asks(&asked.key, action).await?;
    Ok(HttpResponse::Ok().json(json!({ "done": true, "version": reply.version, "at": reply.at })))
}

fn wanted(action: ManagerAction, form: ManagerForm) -> Result<Action, Problem> {
    let reason = form.reason.needed("/reason");
    Ok(match action {
        ManagerAction::Notices => Action::PostNotices {
            notices: form.notices.needed("/notices")?,
        },
        ManagerAction::Pause => Action::PauseCalling { reason: reason? },
        ManagerAction::Resume => Action::ResumeCalling,
        ManagerAction::HandOn => Action::HandOn {
            number: form.number.needed("/number")?,
            reason: reason?,
        },
        ManagerAction::OverrideSignOff => Action::OverrideSignOff {
            window: form.window.needed("/window")?,
            reason: reason?,
            hand_on: form.hand_on,
        },
        ManagerAction::Interruption => Action::Interrupt { reason: reason? },
        ManagerAction::Suspend => Action::Suspend {
            service: form.service.needed("/service")?,
            reason: reason?,
            until: form.until,
        },
        ManagerAction::EndSuspension => Action::EndSuspension {
            service: form.service.needed("/service")?,
        },
    })
}

describe!(confirm_clock: "Confirms that the clock's jump forward is right");
/// The manager's word that the clock's jump forward is right.
pub async fn confirm_clock(_: Manager, clock: web::Data<HallClock>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "now": clock.confirm_jump() }))
}
