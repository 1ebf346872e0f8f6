//! A number here exchanged for one in another hall. How the two halls agree is `halls::moving`.

use crate::access::fresh_token;
use crate::halls::moving::{MoveEnding, finish};
use crate::web::http::caller::Holder;
use crate::web::http::keyed::draw_token;
use crate::web::http::{App, Asks, KeyedBody, Problem, ProblemKind, describe};
use crate::web::numbers::alternatives::{Alternative, elsewhere_for};
use actix_web::web;
use hall::Hall;
use hall::id::{CommandId, HallId};
use hall::record::command::Action;
use hall::state::moving::Moved;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Where the holder wants to be served.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveForm {
    pub hall: HallId,
}

/// The new number.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovedTicket {
    #[serde(flatten)]
    pub moved: Moved,
    /// Where its holder follows it.
    pub page: String,
}

/// The halls where a ticket would be served sooner.
#[derive(Debug, Serialize, ToSchema)]
pub struct Elsewhere {
    pub halls: Vec<Alternative>,
}

describe!(elsewhere: "The halls where a ticket would be served sooner");
pub async fn elsewhere(holder: Holder, app: web::Data<App>) -> web::Json<Elsewhere> {
    let halls = elsewhere_for(&app.halls, &holder.hall, holder.ticket);
    web::Json(Elsewhere { halls })
}

describe!(move_to: "Exchanges a number for one in another hall");
pub async fn move_to(
    holder: Holder,
    asked: KeyedBody<MoveForm>,
    app: web::Data<App>,
) -> Result<web::Json<MovedTicket>, Problem> {
    let moved = carry_over(&app, &holder, asked).await?;
    let page = format!("/t/{}", moved.token);
    Ok(web::Json(MovedTicket { moved, page }))
}

/// Leaves here and arrives there. What is begun goes on when the client does not wait for it.
pub async fn carry_over(
    app: &App,
    holder: &Holder,
    asked: KeyedBody<MoveForm>,
) -> Result<Moved, Problem> {
    let to = asked.form.hall;
    let is_there = app.halls.get(&to);
    if !is_there.is_some_and(|owner| owner.read(Hall::has_plan)) {
        return Err(Problem::not_found("该大厅", "hall"));
    }
    let arrival = CommandId::parse(format!("arrival/{}", fresh_token()))
        .expect("a token and letters make a command id");
    let leave = Action::Leave {
        ticket: holder.ticket,
        hall: to,
        arrival,
        token: draw_token(),
    };
    holder.asks(&asked.key, leave).await?;
    let (halls, here, ticket) = (Arc::clone(&app.halls), holder.hall.clone(), holder.ticket);
    let finished = tokio::spawn(async move { finish(&halls, &here, ticket).await }).await;
    let ending = finished.map_err(|_| under_way())?;
    match ending.map_err(Problem::from)? {
        MoveEnding::Moved(moved) => Ok(moved),
        MoveEnding::Stayed(why) => {
            let why = why.unwrap_or_default();
            Err(ProblemKind::NotOpen.because(
                format!("您的号码保留在原大厅。{}", why.zh),
                format!("You keep your number here. {}", why.en),
            ))
        }
    }
}

fn under_way() -> Problem {
    ProblemKind::OutcomeUnknown.because(
        "正在转厅,请稍候刷新。",
        "The move is under way; look again in a moment.",
    )
}
