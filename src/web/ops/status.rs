//! `/status`: for the technician.

use crate::clock::Doubt;
use crate::notify::figures::CourierId;
use crate::pages::{
    ClockDoubt, HallDevices, HallStatus, PrinterStatus, StatusPage, StoreTrouble, WebhookStatus,
};
use crate::runtime::Owner;
use crate::web::board::devices::boards;
use crate::web::http::caller::{Anyone, app};
use crate::web::http::page::{name_of, render, shell};
use crate::web::http::problem::store_trouble;
use crate::web::http::{App, Problem};
use crate::web::kiosk::slips::printer_lines;
use actix_web::{HttpRequest, HttpResponse};
use hall::Hall;
use hall::id::HallId;
use hall::rules::phase;
use hall_log::{Grade, Log};

/// `/status`: for the technician.
pub async fn status(_: Anyone, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let app = app(&request);
    let owners = app.halls.all();
    let owners = || owners.iter().map(|(_, owner)| owner);
    let halls: Vec<HallStatus> = owners().map(|owner| status_of(app, owner)).collect();
    let trouble = app.halls.log.trouble();
    let devices = owners().map(|owner| devices_of(app, owner));
    let page = StatusPage {
        shell: shell(&request, None),
        version: env!("CARGO_PKG_VERSION").into(),
        store: app.halls.log.describe(),
        durability: format!("{:?}", app.halls.log.durability()),
        now: app.halls.clock.now(),
        clock: owners().find_map(|owner| clock_doubt(app, owner)),
        uptime_seconds: app.uptime().as_secs(),
        ready: trouble.is_none()
            && !app.halls.clock.is_held()
            && halls.iter().all(|hall| hall.ready),
        notes: notes_of(&*app.halls.log),
        trouble: trouble_of(app),
        webhooks: owners().flat_map(|owner| webhooks_of(app, owner)).collect(),
        devices: devices
            .filter(|hall| !hall.boards.is_empty() || hall.voice.problem.is_some())
            .collect(),
        printers: owners().flat_map(|owner| printers_of(app, owner)).collect(),
        halls,
    };
    render(&request, &page)
}

/// What is the matter with the store.
pub fn trouble_of(app: &App) -> Option<StoreTrouble> {
    app.halls.log.trouble().map(|trouble| StoreTrouble {
        cause: store_trouble(trouble.kind),
        detail: trouble.to_string(),
    })
}

/// What does not fit about the time of a hall, on the hall's own clock face.
pub fn clock_doubt(app: &App, owner: &Owner<Hall>) -> Option<ClockDoubt> {
    let clock = &app.halls.clock;
    let hall = owner.now();
    let last_at = owner.read(Hall::last_at);
    let (kind, wall, hall) = match clock.doubted() {
        Some(Doubt::Ahead(wall)) => ("ahead", wall, hall),
        Some(Doubt::AheadAtStart(wall)) => ("ahead-at-start", wall, hall),
        Some(Doubt::Behind(wall)) => ("behind", wall, hall),
        None => (
            "hall-ahead",
            hall,
            last_at.filter(|at| clock.is_behind(*at))?,
        ),
    };
    let local = |at| owner.read(|owned| owned.plan().local(at));
    Some(ClockDoubt {
        kind,
        wall: local(wall),
        hall: local(hall),
    })
}

/// Without what is as it should be: that is the durability's name.
fn notes_of(log: &dyn Log) -> Vec<String> {
    let findings = log.findings().into_iter();
    let notes = findings.filter(|finding| finding.grade != Grade::Good);
    notes.map(|finding| finding.text).collect()
}

fn status_of(app: &App, owner: &Owner<Hall>) -> HallStatus {
    let now = app.halls.clock.now();
    owner.read(|hall| HallStatus {
        hall: hall.id().clone(),
        name: name_of(hall),
        phase: phase::of_hall(hall, now),
        version: hall.version(),
        sockets: sockets(app, hall.id()),
        ready: owner.stopped().is_none() && app.halls.log.trouble().is_none(),
    })
}

fn sockets(app: &App, hall: &HallId) -> u64 {
    let publisher = app.publisher(hall);
    publisher.map_or(0, |publisher| publisher.sockets() as u64)
}

/// What a hall's boards speak with, and how they are.
pub fn devices_of(app: &App, owner: &Owner<Hall>) -> HallDevices {
    let now = owner.now();
    owner.read(|hall| HallDevices {
        hall: hall.id().clone(),
        name: name_of(hall),
        voice: app.voices.status(hall.plan()),
        boards: boards(app, hall.id(), now),
    })
}

/// What this process sends, and how far it is.
fn webhooks_of(app: &App, owner: &Owner<Hall>) -> Vec<WebhookStatus> {
    let (id, name) = owner.read(|hall| (hall.id().clone(), name_of(hall)));
    let endpoints = app.notifier.endpoints_of(&id);
    let status = endpoints.map(|endpoint| {
        let courier = CourierId::new(&id, &endpoint.name);
        let health = app.notifier.figures.health(&courier);
        WebhookStatus {
            hall: name.clone(),
            endpoint: endpoint.name.to_string(),
            here: health.is_some(),
            behind: health.as_ref().map_or(0, |health| health.behind),
            failing_since: health.and_then(|health| Some(health.failing?.0)),
        }
    });
    status.collect()
}

/// What this process prints on.
fn printers_of(app: &App, owner: &Owner<Hall>) -> Vec<PrinterStatus> {
    let (id, name) = owner.read(|hall| (hall.id().clone(), name_of(hall)));
    let status = |line| PrinterStatus {
        hall: name.clone(),
        line,
    };
    printer_lines(app, &id).into_iter().map(status).collect()
}
