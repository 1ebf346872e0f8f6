//! The usher's actions as JSON.

use crate::web::http::caller::Usher;
use crate::web::http::{App, KeyedBody, Problem, describe};
use crate::web::numbers::verbs::taken;
use crate::web::usher::verbs::{self, UsherAction, UsherForm};
use actix_web::{HttpResponse, web};
use serde_json::json;

describe!(act: "issue, change, readmit, reprint or helped-online");
pub async fn act(
    usher: Usher,
    asked: KeyedBody<UsherForm>,
    path: web::Path<(String, UsherAction)>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let action = path.1;
    let reply = verbs::act(&usher, action, asked, &app).await?;
    Ok(match action {
        UsherAction::Issue => HttpResponse::Created().json(taken(reply.answer)?),
        UsherAction::Change
        | UsherAction::Readmit
        | UsherAction::Reprint
        | UsherAction::HelpedOnline => {
            HttpResponse::Ok().json(json!({ "done": true, "version": reply.version }))
        }
    })
}
