//! Calls for help from kiosks and windows, and what citizens leave in writing.

use super::ask::Asker;
use super::body::{Body, RequestKey};
use super::caller::{AsksForHelp, Books, Manager, Staff};
use super::problem::Problem;
use actix_web::{HttpResponse, web};
use hall::id::{ComplaintId, Fingerprint, HelpId, ServiceId, WindowNumber};
use hall::record::command::Action;
use hall::state::complaint::ComplaintView;
use hall::state::help::{HelpFrom, HelpView};
use hall::{Actor, Hall};
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

/// What somebody without a ticket writes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordForm {
    pub service: Option<ServiceId>,
    pub text: String,
}

/// What a manager writes back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordAnswerForm {
    pub text: String,
}

pub async fn ask(
    caller: AsksForHelp,
    key: RequestKey,
    body: Body<HelpForm>,
) -> Result<HttpResponse, Problem> {
    let from = match (&caller.actor, body.form.window) {
        (Actor::Kiosk(kiosk), None) => Some(HelpFrom::Kiosk(kiosk.clone())),
        (_, window) => window.map(HelpFrom::Window),
    };
    let asker = Asker {
        hall: &caller.hall,
        actor: caller.actor,
        key: &key,
        fingerprint: &body.fingerprint,
    };
    let action = Action::AskForHelp {
        window: body.form.window,
        urgent: body.form.urgent,
    };
    asker.ask(action).await?;
    let newest = |hall: &Hall| {
        let mut calls = hall
            .help
            .iter()
            .filter(|call| Some(&call.from) == from.as_ref());
        calls.next_back().map(HelpView::from)
    };
    let call = caller.hall.read(newest);
    call.map(|call| HttpResponse::Created().json(call))
        .ok_or_else(|| Problem::not_found("该求助", "call for help"))
}

pub async fn answer(
    staff: Staff,
    key: RequestKey,
    body: Body<HelpAnswerForm>,
    path: web::Path<(String, u64)>,
) -> Result<web::Json<HelpView>, Problem> {
    let help = HelpId(path.into_inner().1);
    let asker = Asker {
        hall: &staff.hall,
        actor: staff.actor,
        key: &key,
        fingerprint: &body.fingerprint,
    };
    let window = body.form.window;
    asker.ask(Action::AnswerHelp { help, window }).await?;
    let call = |hall: &Hall| {
        let call = hall.help.iter().find(|call| call.id == help);
        call.map(HelpView::from)
    };
    let call = staff.hall.read(call);
    call.map(web::Json)
        .ok_or_else(|| Problem::not_found("该求助", "call for help"))
}

/// Anybody may leave word, as rarely as anybody may book.
pub async fn leave_word(
    caller: Books,
    key: RequestKey,
    body: Body<WordForm>,
) -> Result<HttpResponse, Problem> {
    let WordForm { service, text } = body.form;
    let word = left_word(&caller, &key, &body.fingerprint, service, text).await?;
    Ok(HttpResponse::Created().json(word))
}

/// The word as it was left, the first time and every time the request is repeated.
pub async fn left_word(
    caller: &Books,
    key: &RequestKey,
    fingerprint: &Fingerprint,
    service: Option<ServiceId>,
    text: String,
) -> Result<ComplaintView, Problem> {
    let asker = Asker {
        hall: &caller.hall,
        actor: caller.actor.clone(),
        key,
        fingerprint,
    };
    let wrote = text.trim().to_string();
    let action = Action::LeaveComplaint {
        ticket: None,
        service,
        text,
    };
    let reply = asker.ask(action).await?;
    let left = |hall: &Hall| {
        let mut newest = hall.complaints.values().rev();
        let word = newest.find(|word| word.at == reply.at && word.text == wrote);
        word.map(ComplaintView::from)
    };
    let word = caller.hall.read(left);
    word.ok_or_else(|| Problem::not_found("该留言", "word"))
}

pub async fn answer_word(
    manager: Manager,
    key: RequestKey,
    body: Body<WordAnswerForm>,
    path: web::Path<(String, u64)>,
) -> Result<web::Json<ComplaintView>, Problem> {
    let word = ComplaintId(path.into_inner().1);
    let asker = Asker {
        hall: &manager.hall,
        actor: manager.actor,
        key: &key,
        fingerprint: &body.fingerprint,
    };
    let text = body.form.text.clone();
    asker
        .ask(Action::AnswerComplaint {
            complaint: word,
            text,
        })
        .await?;
    let answered = manager
        .hall
        .read(|hall| hall.complaints.get(&word).map(ComplaintView::from));
    answered
        .map(web::Json)
        .ok_or_else(|| Problem::not_found("该留言", "word"))
}
