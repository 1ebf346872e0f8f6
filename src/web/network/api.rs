//! Halls: what everybody may see.

use crate::runtime::Owner;
use crate::web::http::caller::{Anyone, Guest, id_of};
use crate::web::http::shared_views::SharedView;
use crate::web::http::{App, describe};
use crate::web::numbers::alternatives::near;
use actix_web::web;
use hall::Hall;
use hall::id::HallId;
use hall::view::KioskView;
use serde::Serialize;
use utoipa::ToSchema;

/// `GET /halls`.
#[derive(Debug, Serialize, ToSchema)]
pub struct HallList {
    #[schema(value_type = Vec<KioskView>)]
    pub halls: Vec<SharedView>,
}

/// `GET /halls/{hall}`: the hall, and the others of this network.
#[derive(Debug, Serialize, ToSchema)]
pub struct HallAnswer {
    #[serde(flatten)]
    #[schema(value_type = KioskView)]
    pub hall: SharedView,
    /// The halls that the plan calls near, the nearest first; all others where it calls none so.
    pub others: Vec<HallNearby>,
}

/// Another hall with what it offers now, and the way there where the plan knows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OtherHall)]
pub struct HallNearby {
    #[serde(flatten)]
    #[schema(value_type = KioskView)]
    pub hall: SharedView,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub walking_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driving_minutes: Option<u32>,
}

describe!(list: "All halls with their phase and waits");
pub async fn list(_: Anyone, app: web::Data<App>) -> web::Json<HallList> {
    web::Json(HallList { halls: all(&app) })
}

/// Every hall, in order of id.
pub fn all(app: &App) -> Vec<SharedView> {
    let now = app.halls.clock.now();
    let halls = app.halls.all();
    let answer = |(id, owner): &(HallId, Owner<Hall>)| app.shared_views.of(id, owner, now);
    halls.iter().map(answer).collect()
}

describe!(one: "One hall, and the others of the network");
pub async fn one(guest: Guest, app: web::Data<App>) -> web::Json<HallAnswer> {
    let now = guest.hall.now();
    let id = id_of(&guest.hall);
    let mut near = near(&app.halls, &guest.hall);
    near.sort_by_key(|(neighbour, _)| neighbour.minutes());
    let others = near
        .into_iter()
        .map(|(neighbour, owner)| HallNearby {
            hall: app.shared_views.of(&neighbour.hall, &owner, now),
            walking_minutes: neighbour.walking_minutes,
            driving_minutes: neighbour.driving_minutes,
        })
        .collect();
    let hall = app.shared_views.of(&id, &guest.hall, now);
    web::Json(HallAnswer { hall, others })
}
