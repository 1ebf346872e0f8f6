//! The plan in force, and adopting another.

use crate::access::digest;
use crate::access::sealed::Seal;
use crate::runtime::Owner;
use crate::web::board::voice::refuse_unspeakable;
use crate::web::http::body::{parse, text_of, too_large};
use crate::web::http::caller::{Manager, app, id_of};
use crate::web::http::entity_tag::{IfMatch, tag_of_revision};
use crate::web::http::{
    Asks, Problem, ProblemKind, RequestKey, Typed, Unread, describe, header_of,
};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::{AppointmentCode, AppointmentId, Fingerprint, ServiceId};
use hall::plan::slot::SlotId;
use hall::record::command::Action;
use hall::state::appointment::Appointment;
use hall::{Answer, Hall, Plan, Time};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// `GET /halls/{hall}/plan?format=toml`.
#[derive(Debug, Deserialize, IntoParams)]
pub struct PlanQuery {
    format: Option<String>,
}

/// `PUT /halls/{hall}/plan?move_bookings=true`: bookings without a place in the new plan go to the nearest free one.
#[derive(Debug, Deserialize, IntoParams)]
pub struct MovingBookings {
    #[serde(default)]
    move_bookings: bool,
}

/// A plan that was adopted.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdoptedPlan {
    pub revision: u64,
    /// Whoever has another time now: to be telephoned.
    pub moved: Vec<MovedBooking>,
}

/// A booking that a plan gave another time, and how to reach who booked it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovedBooking {
    pub code: AppointmentCode,
    pub service: ServiceId,
    #[schema(value_type = Option<String>)]
    pub slot: Option<SlotId>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Time>,
    pub name: Option<String>,
    pub phone: Option<String>,
}

describe!(show: "The plan in force");
/// Its revision is the entity tag.
pub async fn show(manager: Manager, query: web::Query<PlanQuery>) -> Typed<Plan> {
    let plan = manager.hall.read(|hall| hall.plan().clone());
    let mut response = HttpResponse::Ok();
    response.insert_header(tag_of_revision(plan.revision));
    let response = match query.format.as_deref() {
        Some("toml") => response
            .content_type("application/toml")
            .body(plan.to_toml()),
        _ => response.json(plan),
    };
    response.into()
}

describe!(
    adopt: "Adopts a plan; with move_bookings=true bookings in its way get the nearest free place"
);
pub async fn adopt(
    manager: Manager,
    key: RequestKey,
    if_match: IfMatch,
    request: HttpRequest,
    bytes: Unread<Result<web::Bytes, actix_web::Error>, Plan>,
    moving: web::Query<MovingBookings>,
) -> Result<Typed<AdoptedPlan>, Problem> {
    let bytes = bytes.0.map_err(|error| too_large(&error))?;
    let plan = read_plan(&request, &bytes)?;
    let revision = if_match.required(
        "请求缺少 If-Match(方案的版本号)。",
        "Send If-Match with the revision you changed, as GET …/plan gives it in ETag.",
    )?;
    if plan.hall == id_of(&manager.hall) {
        refuse_unspeakable(app(&request), &plan).await?;
    }
    let digest = digest(&plan.to_toml()).as_str().to_string();
    let fingerprint = Fingerprint::parse(digest).expect("a digest in hex is a fingerprint");
    let action = Action::AdoptPlan {
        plan: Box::new(plan),
        move_bookings: moving.move_bookings,
        expected_revision: Some(revision),
    };
    let reply = manager.asks(&key.saying(fingerprint), action).await?;
    let Answer::Plan { revision, moved } = reply.answer else {
        return Ok(HttpResponse::Ok().json(json!({ "done": true })).into());
    };
    let adopted = AdoptedPlan {
        revision,
        moved: moved_bookings(&manager.hall, &app(&request).secret, &moved),
    };
    let mut response = HttpResponse::Ok();
    response.insert_header(tag_of_revision(revision));
    Ok(response.json(adopted).into())
}

/// The bookings that the plan gave another time.
fn moved_bookings(
    hall: &Owner<Hall>,
    secret: &[u8; 32],
    moved: &[AppointmentId],
) -> Vec<MovedBooking> {
    hall.read(|hall| {
        let seal = Seal::of(secret, hall.id());
        let moved = moved.iter().filter_map(|id| hall.appointment(*id));
        moved.map(|one| MovedBooking::new(one, &seal)).collect()
    })
}

impl MovedBooking {
    fn new(appointment: &Appointment, seal: &Seal) -> MovedBooking {
        let visitor = appointment.visitor.as_ref();
        let contact = visitor.and_then(|visitor| seal.open(&visitor.contact));
        let reserved = appointment.reservation.as_ref();
        MovedBooking {
            code: appointment.code.clone(),
            service: appointment.service.clone(),
            slot: reserved.map(|reserved| reserved.first_slot().clone()),
            starts_at: reserved.map(|reserved| reserved.starts_at),
            name: contact.as_ref().map(|contact| contact.name.clone()),
            phone: contact.map(|contact| contact.phone),
        }
    }
}

fn read_plan(request: &HttpRequest, bytes: &web::Bytes) -> Result<Plan, Problem> {
    let content_type = header_of(request, header::CONTENT_TYPE).unwrap_or("");
    let checked = if content_type.contains("toml") {
        Plan::from_toml(&text_of(bytes, "方案文件", "The plan")?)
    } else {
        let plan: Plan = parse(bytes)?;
        plan.check().map(|()| plan)
    };
    checked.map_err(|errors| {
        let named = errors.iter();
        let named = named.map(|error| (pointer(&error.field), error.reason.as_str()));
        let first = errors.first().map(ToString::to_string).unwrap_or_default();
        ProblemKind::Validation
            .because(
                format!("方案有误:{first}"),
                format!("The plan has errors: {first}"),
            )
            .with_errors(named)
    })
}

/// `services[2].prefix` as `/services/2/prefix`.
fn pointer(field: &str) -> String {
    match field {
        "" => String::new(),
        _ => format!("/{}", field.replace(['.', '['], "/").replace(']', "")),
    }
}
