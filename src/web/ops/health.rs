//! Is it alive, can it serve, what does it count.

use crate::clock::Doubt;
use crate::printing::status::Condition;
use crate::runtime::Owner;
use crate::web::http::caller::Anyone;
use crate::web::http::rate_limit::Who;
use crate::web::http::{App, Problem, describe};
use crate::web::kiosk::slips::printer_lines;
use crate::web::ops::status::clock_doubt;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::join_all;
use hall::Hall;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Between two looks at the store's trouble while the halls are asked.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A disk that takes no write for this long hangs.
const PROBE_WITHIN: Duration = Duration::from_secs(5);

/// One condition of one printer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PrinterLabels {
    hall: String,
    /// `*` for every kiosk of the hall; not the address, which is nobody's business on an open page.
    kiosk: String,
    condition: String,
}

describe!(alive: "The process answers");
/// The process answers.
pub async fn alive(_: Anyone) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "alive": true, "version": env!("CARGO_PKG_VERSION") }))
}

describe!(ready: "Every hall can write");
/// Every hall can write: its owner runs, the store confirms its head and takes a write that only tries it.
pub async fn ready(
    _: Anyone,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    app.limits.questions.admit(&Who::sends(&request))?;
    let owners = app.halls.all();
    // an idle hall has not noticed that its disk became full
    let probe = tokio::time::timeout(PROBE_WITHIN, app.halls.log.probe());
    let answers = probe.await.is_ok();
    let states = join_all(owners.iter().map(|(_, owner)| state_of(owner)));
    let states = tokio::select! {
        states = states => states,
        // an owner that waits for the store looks at its head no sooner; who asks for health is to know at once
        () = has_trouble(&app) => owners.iter().map(|(_, owner)| state_in_trouble(owner)).collect(),
    };
    let trouble = app.halls.log.trouble();
    let is_ready = answers
        && trouble.is_none()
        && !app.halls.clock.is_held()
        && states.iter().all(|state| state == "ready");
    let halls: BTreeMap<String, Value> = owners
        .iter()
        .zip(states)
        .map(|((id, owner), state)| {
            let version = owner.read(|hall| hall.version());
            let of_hall = json!({ "state": state, "version": version });
            (id.to_string(), of_hall)
        })
        .collect();
    let mut response = match is_ready {
        true => HttpResponse::Ok(),
        false => HttpResponse::ServiceUnavailable(),
    };
    Ok(response.json(json!({
        "ready": is_ready,
        "store": app.halls.log.describe(),
        "durability": app.halls.log.durability(),
        "trouble": trouble.map(|trouble| json!({
            "kind": trouble.kind.name(),
            "what": trouble.what,
            "remedy": trouble.kind.remedy(),
            "failures": trouble.failures,
        })),
        "halls": halls,
        "clock": owners.iter().find_map(|(_, owner)| clock_doubt(&app, owner)),
        "clock_doubted": app.halls.clock.doubted().map(Doubt::wall),
    })))
}

fn state_in_trouble(owner: &Owner<Hall>) -> String {
    let stopped = owner.stopped().map(|reason| format!("stopped: {reason}"));
    stopped.unwrap_or_else(|| "the store takes no writes".into())
}

/// Waits until the store has a trouble.
async fn has_trouble(app: &App) {
    while app.halls.log.trouble().is_none() {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Whether a hall can write.
async fn state_of(owner: &Owner<Hall>) -> String {
    match owner.stopped() {
        Some(reason) => format!("stopped: {reason}"),
        None if owner.catch_up().await => "ready".into(),
        None => "the store does not answer".into(),
    }
}

/// How the printers are at this moment; there is nothing to count between two looks.
fn printers(app: &App) -> Registry {
    let condition = Family::<PrinterLabels, Gauge>::default();
    for (hall, _) in app.halls.all() {
        for line in printer_lines(app, &hall) {
            let label = |condition: Condition| PrinterLabels {
                hall: hall.to_string(),
                kiosk: line.kiosk.as_ref().map_or("*".into(), ToString::to_string),
                condition: condition.name().into(),
            };
            for possible in Condition::ALL {
                let is_so = i64::from(possible == line.printer);
                condition.get_or_create(&label(possible)).set(is_so);
            }
        }
    }
    let mut registry = Registry::with_prefix("paihao_printers");
    let help = "1 for the condition a printer is in";
    registry.register("condition", help, condition);
    registry
}

describe!(metrics: "OpenMetrics");
/// OpenMetrics text.
pub async fn metrics(_: Anyone, app: web::Data<App>) -> HttpResponse {
    let mut body = String::new();
    let registries = [&app.halls.figures.registry, &app.notifier.figures.registry];
    for registry in registries {
        text::encode_registry(&mut body, registry).expect("writing to memory cannot fail");
    }
    text::encode_registry(&mut body, &printers(&app)).expect("writing to memory cannot fail");
    text::encode_eof(&mut body).expect("writing to memory cannot fail");
    HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(body)
}
