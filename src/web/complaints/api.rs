//! What could not be done, in writing, and the manager's answer.

use crate::web::http::caller::{Books, Manager};
use crate::web::http::{Asks, Created, KeyedBody, OrNotFound, Problem, describe};
use actix_web::web;
use hall::id::{ComplaintId, ServiceId};
use hall::record::command::Action;
use hall::state::complaint::ComplaintView;
use hall::{Answer, Hall};
use serde::Deserialize;
use utoipa::ToSchema;

/// What somebody without a ticket writes.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WordForm)]
#[serde(deny_unknown_fields)]
pub struct ComplaintForm {
    pub service: Option<ServiceId>,
    pub text: String,
}

/// What a manager writes back.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WordAnswerForm)]
#[serde(deny_unknown_fields)]
pub struct ComplaintAnswerForm {
    pub text: String,
}

describe!(leave: "Leaves in writing what could not be done");
/// Anybody may, as rarely as anybody may book.
pub async fn leave(
    caller: Books,
    asked: KeyedBody<ComplaintForm>,
) -> Result<Created<ComplaintView>, Problem> {
    left(&caller, asked).await.map(Created)
}

/// The complaint as it was left, the first time and every time the request is repeated.
pub async fn left(
    caller: &Books,
    KeyedBody { form, key }: KeyedBody<ComplaintForm>,
) -> Result<ComplaintView, Problem> {
    let action = Action::LeaveComplaint {
        ticket: None,
        service: form.service,
        text: form.text,
    };
    let answer = caller.asks(&key, action).await?.answer;
    let left = |hall: &Hall| {
        let mut complaints = hall.complaints().values();
        let left = complaints.find(|one| answer == Answer::ComplaintLeft(one.id));
        left.map(ComplaintView::from)
    };
    caller.hall.read(left).or_not_found("该留言", "word")
}

describe!(answer: "Answers it, once");
pub async fn answer(
    manager: Manager,
    asked: KeyedBody<ComplaintAnswerForm>,
    path: web::Path<(String, u64)>,
) -> Result<web::Json<ComplaintView>, Problem> {
    let (complaint, text) = (ComplaintId(path.1), asked.form.text);
    let action = Action::AnswerComplaint { complaint, text };
    manager.asks(&asked.key, action).await?;
    let answered = |hall: &Hall| hall.complaints().get(&complaint).map(ComplaintView::from);
    let answered = manager.hall.read(answered);
    answered.map(web::Json).or_not_found("该留言", "word")
}
