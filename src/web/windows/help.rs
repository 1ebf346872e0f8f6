//! Calls for help from kiosks and windows.

use crate::runtime::Owner;
use crate::web::http::caller::{AsksForHelp, Staff};
use crate::web::http::{Asks, Created, KeyedBody, OrNotFound, Problem, describe};
use actix_web::web;
use hall::id::{HelpId, WindowNumber};
use hall::record::command::Action;
use hall::state::help::{HelpCall, HelpView};
use hall::{Answer, Hall};
use serde::Deserialize;
use utoipa::ToSchema;

/// Who wants help.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HelpForm {
    /// An officer's window; a kiosk says by itself who it is.
    pub window: Option<WindowNumber>,
    /// Security is wanted.
    #[serde(default)]
    pub urgent: bool,
}

/// Who comes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HelpAnswerForm {
    pub window: Option<WindowNumber>,
}

describe!(ask: "Calls for a colleague");
pub async fn ask(
    caller: AsksForHelp,
    asked: KeyedBody<HelpForm>,
) -> Result<Created<HelpView>, Problem> {
    let HelpForm { window, urgent } = asked.form;
    let action = Action::AskForHelp { window, urgent };
    let answer = caller.asks(&asked.key, action).await?.answer;
    call(&caller.hall, |call| answer == Answer::HelpAsked(call.id)).map(Created)
}

describe!(answer: "Somebody is on the way");
pub async fn answer(
    staff: Staff,
    asked: KeyedBody<HelpAnswerForm>,
    path: web::Path<(String, u64)>,
) -> Result<web::Json<HelpView>, Problem> {
    let (help, window) = (HelpId(path.1), asked.form.window);
    let action = Action::AnswerHelp { help, window };
    staff.asks(&asked.key, action).await?;
    call(&staff.hall, |call| call.id == help).map(web::Json)
}

/// The call for help that is meant.
fn call(hall: &Owner<Hall>, fits: impl Fn(&HelpCall) -> bool) -> Result<HelpView, Problem> {
    let call = hall.read(|hall| {
        let mut calls = hall.help().iter();
        calls.find(|call| fits(call)).map(HelpView::from)
    });
    call.or_not_found("该求助", "call for help")
}
