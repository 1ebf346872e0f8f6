//! Numbers as JSON: taking one, looking at it, and what its holder can do with it.

use crate::web::http::caller::{Holder, Relative, TakesNumbers};
use crate::web::http::entity_tag::view_unless_known;
use crate::web::http::{App, Created, KeyedBody, Problem, Typed, describe};
use crate::web::numbers::verbs::{
    self, HolderAction, HolderForm, TakeForm, TicketAnswer, family_view, ticket_view,
};
use actix_web::http::header::IfNoneMatch;
use actix_web::web;
use hall::view::{FamilyView, TicketView};

describe!(take: "Takes a number");
pub async fn take(
    caller: TakesNumbers,
    asked: KeyedBody<TakeForm>,
    app: web::Data<App>,
) -> Result<Created<TicketAnswer>, Problem> {
    verbs::take(&caller, asked, &app).await.map(Created)
}

describe!(show: "A ticket: stage, window, ahead, wait; with ETag");
pub async fn show(
    holder: Holder,
    known: web::Header<IfNoneMatch>,
) -> Result<Typed<TicketView>, Problem> {
    let view = ticket_view(&holder)?;
    Ok(view_unless_known(&view, view.now, &known).into())
}

describe!(show_to_family: "A ticket for those who may only look; with ETag");
pub async fn show_to_family(
    relative: Relative,
    known: web::Header<IfNoneMatch>,
) -> Result<Typed<FamilyView>, Problem> {
    let view = family_view(&relative)?;
    Ok(view_unless_known(&view, view.now, &known).into())
}

describe!(act: "cancel, return, defer, resume, change, rating, report or reprint");
pub async fn act(
    holder: Holder,
    asked: KeyedBody<HolderForm>,
    path: web::Path<(String, HolderAction)>,
) -> Result<web::Json<TicketView>, Problem> {
    verbs::act(&holder, path.1, asked).await?;
    ticket_view(&holder).map(web::Json)
}
