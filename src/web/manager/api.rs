//! What a manager does.

use crate::runtime::Request;
use crate::web::http::caller::Manager;
use crate::web::http::{App, Asks, KeyedBody, Needed, Problem, describe};
use actix_web::{HttpResponse, web};
use hall::id::{CommandId, ServiceId, TicketNumber, WindowNumber};
use hall::plan::notice::Notice;
use hall::record::command::Action;
use hall::{Hall, Time};
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

describe!(confirm_clock: "Says that the server's clock is right: the hall follows it, ahead or back to the true day");
/// A manager's word that the server's clock is right: it is the clock of every hall that this server has.
pub async fn confirm_clock(manager: Manager, app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let clock = &app.halls.clock;
    let now = clock.is_right();
    let is_ahead = |hall: &Hall| hall.last_at().is_some_and(|at| clock.is_behind(at));
    for (_, owner) in app.halls.all() {
        if owner.read(is_ahead) {
            let version = owner.read(Hall::version);
            let id = CommandId::parse(format!("clock-right/{version}"));
            let id = id.expect("letters and digits make a command id");
            let right = Request::of_program(id, manager.actor.clone(), Action::PutClockRight);
            owner.ask(right).await?;
        }
    }
    Ok(HttpResponse::Ok().json(json!({ "now": now })))
}
