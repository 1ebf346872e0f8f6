//! Halls and boards: what everybody may see.

use super::app::App;
use super::caller::{Anyone, Visitor};
use actix_web::http::header::{self, ETag, EntityTag, IfNoneMatch};
use actix_web::{HttpResponse, web};
use hall::view::{self, BoardView, KioskView};
use serde::Serialize;
use utoipa::ToSchema;

/// `GET /halls`.
#[derive(Debug, Serialize, ToSchema)]
pub struct HallList {
    pub halls: Vec<KioskView>,
}

/// `GET /halls/{hall}`: the hall, and the others of this network.
#[derive(Debug, Serialize, ToSchema)]
pub struct HallAnswer {
    #[serde(flatten)]
    pub hall: KioskView,
    /// The other halls, each with what it offers now.
    pub others: Vec<KioskView>,
}

pub async fn list(_: Anyone, app: web::Data<App>) -> web::Json<HallList> {
    let halls = app.halls.all();
    let now = app.halls.clock.now();
    web::Json(HallList {
        halls: halls
            .iter()
            .map(|(_, owner)| owner.read(|hall| view::kiosk(hall, now)))
            .collect(),
    })
}

pub async fn one(visitor: Visitor, app: web::Data<App>) -> web::Json<HallAnswer> {
    let now = visitor.hall.now();
    let hall = visitor.hall.read(|hall| view::kiosk(hall, now));
    let others = app
        .halls
        .all()
        .into_iter()
        .filter(|(id, _)| *id != hall.hall);
    let others = others
        .map(|(_, owner)| owner.read(|hall| view::kiosk(hall, now)))
        .collect();
    web::Json(HallAnswer { hall, others })
}

/// The version of the hall that a board shows, as a frame names it.
const VERSION_HEADER: &str = "paihao-version";

/// The board, for displays that poll.
pub async fn board(visitor: Visitor, known: web::Header<IfNoneMatch>) -> HttpResponse {
    let now = visitor.hall.now();
    let (board, version) = visitor
        .hall
        .read(|hall| (view::board(hall, now), hall.version));
    let tag = EntityTag::new_weak(digest_without_now(&board));
    let is_known = match &known.0 {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(&tag)),
    };
    if is_known {
        return HttpResponse::NotModified()
            .insert_header(ETag(tag))
            .finish();
    }
    HttpResponse::Ok()
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((VERSION_HEADER, version))
        .json(board)
}

/// Names what a board shows: the same for as long as nothing but the clock has changed.
fn digest_without_now(board: &BoardView) -> String {
    let mut body = serde_json::to_value(board).expect("a view has string keys only");
    if let Some(fields) = body.as_object_mut() {
        fields.remove("now");
    }
    crate::access::digest(&body.to_string()).to_string()
}
