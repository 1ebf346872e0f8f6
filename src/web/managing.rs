//! What a manager does.

use super::ask::Asker;
use super::body::{Body, RequestKey, parse, too_large};
use super::caller::{Manager, app};
use super::problem::{Kind, Problem};
use super::voice::refuse_unspeakable;
use crate::access::sealed::Seal;
use crate::clock::HallClock;
use crate::runtime::Owner;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::{AppointmentCode, AppointmentId};
use hall::id::{Fingerprint, ServiceId, TicketNumber, WindowNumber};
use hall::plan::notice::Notice;
use hall::plan::slot::SlotId;
use hall::record::command::Action;
use hall::{Answer, Hall, Plan, Time};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// `{action}` of `POST /halls/{hall}/{action}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ManagerAction {
    Notices,
    Pause,
    Resume,
    HandOn,
    OverrideSignOff,
    Interruption,
    Suspend,
    EndSuspension,
}

/// What those actions need.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ManagerForm {
    /// `notices`: all that are shown from now on.
    pub notices: Option<Vec<Notice>>,
    /// Why; all but `notices` and `resume`.
    pub reason: Option<String>,
    /// `hand-on`.
    #[schema(value_type = Option<String>)]
    pub number: Option<TicketNumber>,
    /// `override-sign-off`.
    pub window: Option<WindowNumber>,
    /// `override-sign-off`: the stranded tickets that are handed on; the others end as unserved.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub hand_on: Vec<TicketNumber>,
    /// `suspend`, `end-suspension`.
    pub service: Option<ServiceId>,
    /// `suspend`: for good if not said.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Time>,
}

pub async fn act(
    manager: Manager,
    key: RequestKey,
    body: Body<ManagerForm>,
    path: web::Path<(String, ManagerAction)>,
) -> Result<HttpResponse, Problem> {
    let (_, action) = path.into_inner();
    let action = wanted(action, body.form)?;
    let asker = Asker {
        hall: &manager.hall,
        actor: manager.actor,
        key: &key,
        fingerprint: &body.fingerprint,
    };
    let reply = asker.ask(action).await?;
    Ok(HttpResponse::Ok().json(json!({ "done": true, "version": reply.version, "at": reply.at })))
}

fn wanted(action: ManagerAction, form: ManagerForm) -> Result<Action, Problem> {
    let missing = |pointer: &str| Problem::invalid(pointer, "缺少此项", "this field is required");
    let reason = form.reason.ok_or_else(|| missing("/reason"));
    Ok(match action {
        ManagerAction::Notices => Action::PostNotices {
            notices: form.notices.ok_or_else(|| missing("/notices"))?,
        },
        ManagerAction::Pause => Action::PauseCalling { reason: reason? },
        ManagerAction::Resume => Action::ResumeCalling,
        ManagerAction::HandOn => Action::HandOn {
            number: form.number.ok_or_else(|| missing("/number"))?,
            reason: reason?,
        },
        ManagerAction::OverrideSignOff => Action::OverrideSignOff {
            window: form.window.ok_or_else(|| missing("/window"))?,
            reason: reason?,
            hand_on: form.hand_on,
        },
        ManagerAction::Interruption => Action::Interrupt { reason: reason? },
        ManagerAction::Suspend => Action::Suspend {
            service: form.service.ok_or_else(|| missing("/service"))?,
            reason: reason?,
            until: form.until,
        },
        ManagerAction::EndSuspension => Action::EndSuspension {
            service: form.service.ok_or_else(|| missing("/service"))?,
        },
    })
}

/// The plan in force; its revision is the entity tag.
pub async fn plan(manager: Manager, request: HttpRequest) -> HttpResponse {
    let plan = manager.hall.read(|hall| hall.plan().clone());
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, format!("\"{}\"", plan.revision)));
    let wants_toml = request.query_string().contains("format=toml");
    if wants_toml {
        response
            .content_type("application/toml")
            .body(plan.to_toml())
    } else {
        response.json(plan)
    }
}

/// Adopts a plan, as JSON or TOML, if nobody changed it since `If-Match`.
/// `PUT /halls/{hall}/plan?move_bookings=true`: bookings without a place in the new plan go to the nearest free one.
#[derive(Debug, Deserialize)]
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

fn moved_bookings(
    hall: &Owner<Hall>,
    secret: &[u8; 32],
    moved: &[AppointmentId],
) -> Vec<MovedBooking> {
    hall.read(|hall| {
        let seal = Seal::of(secret, hall.id());
        let moved = moved.iter().filter_map(|id| hall.appointment(*id));
        moved
            .map(|appointment| {
                let visitor = appointment.visitor.as_ref();
                let contact = visitor.and_then(|visitor| seal.open(&visitor.contact));
                let has = appointment.reservation.as_ref();
                MovedBooking {
                    code: appointment.code.clone(),
                    service: appointment.service.clone(),
                    slot: has.map(|has| has.first_slot().clone()),
                    starts_at: has.map(|has| has.starts_at),
                    name: contact.as_ref().map(|contact| contact.name.clone()),
                    phone: contact.map(|contact| contact.phone),
                }
            })
            .collect()
    })
}

pub async fn adopt_plan(
    manager: Manager,
    key: RequestKey,
    request: HttpRequest,
    bytes: Result<web::Bytes, actix_web::Error>,
    moving: web::Query<MovingBookings>,
) -> Result<HttpResponse, Problem> {
    let bytes = bytes.map_err(|error| too_large(&error))?;
    let plan = read_plan(&request, &bytes)?;
    let expected_revision = Some(if_match(request.headers())?);
    if plan.hall == manager.hall.read(|hall| hall.id().clone()) {
        refuse_unspeakable(app(&request), &plan).await?;
    }
    let fingerprint =
        Fingerprint::parse(crate::access::digest(&plan.to_toml()).as_str().to_string())
            .expect("a digest in hex is a fingerprint");
    let asker = Asker {
        hall: &manager.hall,
        actor: manager.actor,
        key: &key,
        fingerprint: &fingerprint,
    };
    let reply = asker
        .ask(Action::AdoptPlan {
            plan: Box::new(plan),
            move_bookings: moving.move_bookings,
            expected_revision,
        })
        .await?;
    match reply.answer {
        Answer::Plan { revision, moved } => Ok(HttpResponse::Ok()
            .insert_header((header::ETAG, format!("\"{revision}\"")))
            .json(AdoptedPlan {
                revision,
                moved: moved_bookings(&manager.hall, &app(&request).secret, &moved),
            })),
        Answer::Done
        | Answer::Taken(_)
        | Answer::Declined { .. }
        | Answer::Leased(_)
        | Answer::Ticket(_)
        | Answer::Window(_)
        | Answer::Redirected(_)
        | Answer::Held(_)
        | Answer::Booked(_)
        | Answer::Appointment(_) => Ok(HttpResponse::Ok().json(json!({ "done": true }))),
    }
}

/// The manager's word that the clock's jump forward is right.
pub async fn confirm_clock(_: Manager, clock: web::Data<HallClock>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "now": clock.confirm_jump() }))
}

fn read_plan(request: &HttpRequest, bytes: &web::Bytes) -> Result<Plan, Problem> {
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("");
    let checked = if content_type.contains("toml") {
        Plan::from_toml(std::str::from_utf8(bytes).unwrap_or("not UTF-8"))
    } else {
        let plan: Plan = parse(bytes)?;
        plan.check().map(|()| plan)
    };
    checked.map_err(|errors| {
        let list: Vec<_> = errors
            .iter()
            .map(|error| json!({ "pointer": pointer(&error.field), "message": error.reason }))
            .collect();
        let first = errors.first().map(ToString::to_string).unwrap_or_default();
        Problem::new(
            Kind::Validation,
            format!("方案有误:{first}"),
            format!("The plan has errors: {first}"),
        )
        .with("errors", json!(list))
    })
}

/// `services[2].prefix` as `/services/2/prefix`.
fn pointer(field: &str) -> String {
    if field.is_empty() {
        String::new()
    } else {
        format!("/{}", field.replace(['.', '['], "/").replace(']', ""))
    }
}

fn if_match(headers: &HeaderMap) -> Result<u64, Problem> {
    let tag = headers
        .get(header::IF_MATCH)
        .and_then(|tag| tag.to_str().ok())
        .unwrap_or("");
    tag.trim().trim_matches('"').parse().map_err(|_| {
        Problem::invalid(
            "/headers/if-match",
            "请求缺少 If-Match(方案的版本号)。",
            "Send If-Match with the revision you changed, as GET …/plan gives it in ETag.",
        )
    })
}
