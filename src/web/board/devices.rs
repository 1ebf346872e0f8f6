//! What boards say of themselves, and who wants to know.

use crate::access::DeviceKind;
use crate::devices::{BoardLine, BoardReport, HeardBoard};
use crate::voice::VoiceStatus;
use crate::web::http::caller::{Manager, WallBoard, id_of};
use crate::web::http::{App, Body, Problem, describe};
use actix_web::web;
use hall::Time;
use hall::id::{ActorId, HallId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Whether a report was noted: one from a board that nobody enrolled is not.
#[derive(Debug, Serialize, ToSchema)]
pub struct Noted {
    pub noted: bool,
}

/// `GET /halls/{hall}/devices`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DevicesAnswer {
    pub voice: VoiceStatus,
    /// Enrolled displays, and whatever else reported.
    pub boards: Vec<BoardLine>,
}

describe!(report_board: "A board says whether it sounds; each report replaces the one before");
pub async fn report_board(
    board: WallBoard,
    app: web::Data<App>,
    body: Body<BoardReport>,
) -> web::Json<Noted> {
    let noted = board.device.is_some();
    if let Some(device) = &board.device {
        let hall = id_of(&board.hall);
        app.boards.hear(&hall, device, body.0, board.hall.now());
    }
    web::Json(Noted { noted })
}

describe!(show: "The hall's voice, and how its boards are");
pub async fn show(
    manager: Manager,
    app: web::Data<App>,
) -> Result<web::Json<DevicesAnswer>, Problem> {
    let plan = manager.hall.read(|hall| hall.plan().clone());
    Ok(web::Json(DevicesAnswer {
        voice: app.voices.status(&plan),
        boards: boards(&app, &plan.hall, manager.hall.now()),
    }))
}

/// The boards of a hall: those that are enrolled, whether they were heard of or not, and whatever else reported.
pub fn boards(app: &App, hall: &HallId, now: Time) -> Vec<BoardLine> {
    let mut heard: BTreeMap<ActorId, HeardBoard> = app.boards.of(hall);
    let enrolled: BTreeSet<ActorId> = app.halls.access.read(|access| {
        let displays = access.devices().filter(|device| {
            let is_here = device.hall.as_ref() == Some(hall);
            is_here && device.kind == DeviceKind::Display && !device.revoked
        });
        displays.map(|device| device.id.clone()).collect()
    });
    if !app.is_demo() {
        heard.retain(|device, _| enrolled.contains(device)); // a revoked one is none any more
    }
    let names: BTreeSet<ActorId> = enrolled.into_iter().chain(heard.keys().cloned()).collect();
    let line = |device: ActorId| BoardLine::new(heard.get(&device).cloned(), device, now);
    names.into_iter().map(line).collect()
}
