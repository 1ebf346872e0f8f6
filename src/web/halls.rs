//! Halls and boards: what everybody may see.
//!
//! Whoever asks for halls is answered from memory: each hall's answer is kept until the hall changes or its clock shows
//! another second, so that however many ask, it is computed once. (By the clock alone an answer changes at whole
//! seconds: the plan's times are whole minutes, and whatever else falls due makes a new version.)

use super::app::App;
use super::caller::{Anyone, Visitor};
use crate::runtime::Owner;
use actix_web::http::header::{self, ETag, EntityTag, IfNoneMatch};
use actix_web::{HttpResponse, web};
use hall::id::HallId;
use hall::plan::authorisation::Neighbour;
use hall::view::{self, BoardView, KioskView};
use hall::{Hall, Time};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use utoipa::ToSchema;

/// `GET /halls`.
#[derive(Debug, Serialize, ToSchema)]
pub struct HallList {
    #[schema(value_type = Vec<KioskView>)]
    pub halls: Vec<Shown>,
}

/// `GET /halls/{hall}`: the hall, and the others of this network.
#[derive(Debug, Serialize, ToSchema)]
pub struct HallAnswer {
    #[serde(flatten)]
    #[schema(value_type = KioskView)]
    pub hall: Shown,
    /// The halls that the plan calls near, the nearest first; all others where it calls none so.
    pub others: Vec<OtherHall>,
}

/// Another hall with what it offers now, and the way there where the plan knows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OtherHall {
    #[serde(flatten)]
    #[schema(value_type = KioskView)]
    pub hall: Shown,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub walking_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driving_minutes: Option<u32>,
}

/// An answer that was computed once for everybody who asks.
#[derive(Clone, Debug)]
pub struct Shown(Arc<KioskView>);

impl std::ops::Deref for Shown {
    type Target = KioskView;
    fn deref(&self) -> &KioskView {
        &self.0
    }
}

impl Serialize for Shown {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The newest answer of each hall.
#[derive(Debug, Default)]
pub struct HallAnswers {
    kept: Mutex<BTreeMap<HallId, Kept>>,
}

#[derive(Debug)]
struct Kept {
    version: u64,
    second: i64,
    view: Shown,
}

impl HallAnswers {
    /// The hall as a citizen meets it at this moment.
    pub fn of(&self, id: &HallId, owner: &Owner<Hall>, now: Time) -> Shown {
        let version = owner.read(|hall| hall.version);
        let second = now.timestamp();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(id)
            && (known.version, known.second) == (version, second)
        {
            return known.view.clone();
        }
        let (view, version) = owner.read(|hall| (view::kiosk(hall, now), hall.version));
        let view = Shown(Arc::new(view));
        let fresh = Kept {
            version,
            second,
            view: view.clone(),
        };
        kept.insert(id.clone(), fresh);
        view
    }
}

pub async fn list(_: Anyone, app: web::Data<App>) -> web::Json<HallList> {
    web::Json(HallList { halls: all(&app) })
}

/// Every hall, in order of id.
pub fn all(app: &App) -> Vec<Shown> {
    let now = app.halls.clock.now();
    let halls = app.halls.all();
    let answer = |(id, owner): &(HallId, Owner<Hall>)| app.hall_answers.of(id, owner, now);
    halls.iter().map(answer).collect()
}

pub async fn one(visitor: Visitor, app: web::Data<App>) -> web::Json<HallAnswer> {
    let now = visitor.hall.now();
    let id = visitor.hall.read(|hall| hall.id().clone());
    let others = near(&visitor.hall, &app)
        .into_iter()
        .map(|(neighbour, owner)| OtherHall {
            hall: app.hall_answers.of(&neighbour.hall, &owner, now),
            walking_minutes: neighbour.walking_minutes,
            driving_minutes: neighbour.driving_minutes,
        })
        .collect();
    let hall = app.hall_answers.of(&id, &visitor.hall, now);
    web::Json(HallAnswer { hall, others })
}

/// The halls that a hall's plan calls near, the nearest first; every other one where it calls none so.
fn near(here: &Owner<Hall>, app: &App) -> Vec<(Neighbour, Owner<Hall>)> {
    let (own, mut near) = here.read(|hall| (hall.id().clone(), hall.plan().neighbours.clone()));
    if near.is_empty() {
        let anywhere = |id: HallId| Neighbour {
            hall: id,
            walking_minutes: None,
            driving_minutes: None,
        };
        let all = app.halls.all().into_iter();
        let others = all.filter(|(id, _)| *id != own);
        return others.map(|(id, owner)| (anywhere(id), owner)).collect();
    }
    near.sort_by_key(Neighbour::minutes);
    let found = |neighbour: Neighbour| {
        let owner = app.halls.get(&neighbour.hall)?;
        let is_at_work = owner.read(Hall::has_plan);
        is_at_work.then_some((neighbour, owner))
    };
    near.into_iter().filter_map(found).collect()
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
