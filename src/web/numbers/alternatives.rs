//! Where a citizen who gets no number is led: the app, a later time, another hall, the hotline. A refusal never stands
//! alone.

use crate::halls::Halls;
use crate::runtime::{AskError, Owner, Reply};
use crate::web::http::{Asks, Problem, RequestKey};
use chrono::Duration;
use hall::id::{HallId, ServiceId, TicketId};
use hall::plan::authorisation::Neighbour;
use hall::plan::slot::SlotId;
use hall::record::command::Action;
use hall::record::rejection::Late;
use hall::record::wait::Wait;
use hall::rules::estimate;
use hall::rules::phase;
use hall::state::ticket::PlaceInLine;
use hall::text::Text;
use hall::view::SlotView;
use hall::{Answer, Hall, Rejection, Time};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Most other halls that are named: a choice, not a list.
const ELSEWHERE_MOST: usize = 3;

/// One other way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Alternative {
    /// `app`, `later_today`, `appointment`, `hall` or `hotline`.
    pub kind: &'static str,
    pub title: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
    /// `appointment`: what to book.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub slot: Option<SlotId>,
    /// A picture that a phone reads instead of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qr: Option<String>,
    /// Another hall's id: a number can be moved there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub hall: Option<HallId>,
    /// A hall's way from here, where the plan knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub walking_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driving_minutes: Option<u32>,
}

impl Alternative {
    fn new(kind: &'static str, title: Text) -> Alternative {
        Alternative {
            kind,
            title,
            ..Alternative::default()
        }
    }
}

/// How many times to book are named.
const TIMES_NAMED: usize = 3;

/// What else can be done about a service. The most useful comes first: at once on the phone, later today, at a booked
/// time, in another hall that is quicker, and last the hotline. On a day by appointment only, booking comes first.
pub fn alternatives(halls: &Halls, here: &Owner<Hall>, service: &ServiceId) -> Vec<Alternative> {
    let now = here.now();
    let (mut others, called_by) = here.read(|hall| {
        let today = hall.business_date(now);
        let times = times(hall, service, now);
        let app = online(hall, service).into_iter();
        let soon = app.chain(later_today(hall, service, now));
        let others: Vec<_> = match hall.plan().appointments_only(today, service) {
            true => times.into_iter().chain(soon).collect(),
            false => soon.chain(times).collect(),
        };
        (others, called_here_by(hall, service, now))
    });
    others.extend(elsewhere(halls, here, service, now, called_by));
    others.extend(here.read(hotline));
    others
}

/// The next free times of a service.
fn times(hall: &Hall, service: &ServiceId, now: Time) -> Vec<Alternative> {
    let slots = hall::view::next_free_slots(hall, service, now, TIMES_NAMED);
    let alternative = |slot: SlotView| {
        let at = slot.starts_at;
        let title = Text::new(
            at.format("%-m月%-d日 %H:%M 预约").to_string(),
            at.format("Book for %H:%M on %-d %B").to_string(),
        );
        let hall = hall.id();
        Alternative {
            url: Some(format!("/{hall}/book?service={service}&slot={}", slot.id)),
            starts_at: Some(at),
            slot: Some(slot.id),
            ..Alternative::new("appointment", title)
        }
    };
    slots.into_iter().map(alternative).collect()
}

fn online(hall: &Hall, service: &ServiceId) -> Option<Alternative> {
    let route = hall.plan().service(service)?.online.clone()?;
    Some(Alternative {
        url: Some(route.url),
        qr: Some(format!("/{}/services/{service}/qr.svg", hall.id())),
        ..Alternative::new("app", route.name)
    })
}

fn later_today(hall: &Hall, service: &ServiceId, now: Time) -> Option<Alternative> {
    let plan = hall.plan();
    let starts_at = plan.next_issuing(service, now);
    let starts_at = starts_at.filter(|at| plan.date(*at) == plan.date(now))?;
    let clock = starts_at.format("%H:%M");
    let title = Text::new(format!("今天{clock}起取号"), format!("Today from {clock}"));
    Some(Alternative {
        starts_at: Some(plan.local(starts_at)),
        ..Alternative::new("later_today", title)
    })
}

/// When somebody who comes now would be called here. While no numbers are given out, that is when they next are; `None`
/// when there will be none, and while nobody is at work here.
fn called_here_by(hall: &Hall, service: &ServiceId, now: Time) -> Option<Time> {
    if !phase::of_service(hall, service, now).issues() || hall.suspensions().contains_key(service) {
        return phase::next_issuing(hall, service, now);
    }
    let wait = estimate::wait_of_one_more(hall, service, now).ok()?;
    Some(now + middle(wait))
}

/// The halls where a ticket that waits here would be served sooner; none where it is about to be called.
pub fn elsewhere_for(halls: &Halls, here: &Owner<Hall>, ticket: TicketId) -> Vec<Alternative> {
    let now = here.now();
    let movable = here.read(|hall| {
        let ticket = hall.ticket(ticket)?;
        let can_move = ticket.leaving.is_none() && ticket.appointment.is_none();
        let place = ticket.stage.place();
        let in_line = matches!(
            place,
            Some(PlaceInLine::InLine | PlaceInLine::AfterCalls(_))
        );
        let ahead = hall::view::ticket(hall, ticket, now).ahead?;
        let wait = estimate::wait(hall, &ticket.service, ahead, now);
        let by = wait.ok().map(|wait| now + middle(wait));
        (can_move && in_line).then(|| (ticket.service.clone(), by))
    });
    let Some((service, called_by)) = movable else {
        return Vec::new();
    };
    elsewhere(halls, here, &service, now, called_by)
}

/// The halls where the same is done sooner, including the time to get there: those near that are authorised and open on
/// arrival, the soonest first. Where the plan calls no hall near, the time to get there is not counted.
fn elsewhere(
    halls: &Halls,
    here: &Owner<Hall>,
    service: &ServiceId,
    now: Time,
    called_here_by: Option<Time>,
) -> Vec<Alternative> {
    let near = near(halls, here).into_iter();
    let open =
        near.filter_map(|(near, owner)| owner.read(|hall| other_hall(hall, &near, service, now)));
    let sooner = open.filter(|(by, _)| called_here_by.is_none_or(|here_by| *by < here_by));
    let mut sooner: Vec<(Time, Alternative)> = sooner.collect();
    sooner.sort_by_key(|(by, _)| *by);
    sooner.truncate(ELSEWHERE_MOST);
    sooner.into_iter().map(|(_, other)| other).collect()
}

/// The halls that a hall's plan calls near, and how far each is; where it calls none near, all others.
pub fn near(halls: &Halls, here: &Owner<Hall>) -> Vec<(Neighbour, Owner<Hall>)> {
    let (own, near) = here.read(|hall| (hall.id().clone(), hall.plan().neighbours.clone()));
    if !near.is_empty() {
        let near = near.into_iter();
        return near
            .filter_map(|near| halls.get(&near.hall).map(|owner| (near, owner)))
            .filter(|(_, owner)| owner.read(Hall::has_plan))
            .collect();
    }
    let others = halls.all().into_iter().filter(|(id, _)| *id != own);
    let at_unknown_distance = |hall| Neighbour {
        hall,
        walking_minutes: None,
        driving_minutes: None,
    };
    others
        .map(|(id, owner)| (at_unknown_distance(id), owner))
        .collect()
}

/// Another hall, and when somebody who sets out now would be called there; `None` if it gives no numbers then, or nobody is
/// at work there.
fn other_hall(
    hall: &Hall,
    near: &Neighbour,
    service: &ServiceId,
    now: Time,
) -> Option<(Time, Alternative)> {
    let plan = hall.plan();
    plan.service(service)?;
    let arrives = now + Duration::minutes(near.minutes().unwrap_or(0).into());
    let is_open = phase::of_service(hall, service, now).issues()
        && plan.issues_at(service, arrives)
        && !estimate::windows_at_work(hall, service, now).is_empty();
    if !is_open {
        return None;
    }
    let wait = estimate::wait_of_one_more(hall, service, now).ok()?;
    let alternative = Alternative {
        url: Some(format!("/{}/kiosk", hall.id())),
        wait: Some(wait),
        hall: Some(hall.id().clone()),
        walking_minutes: near.walking_minutes,
        driving_minutes: near.driving_minutes,
        ..Alternative::new("hall", plan.name.clone())
    };
    Some((arrives + middle(wait), alternative))
}

fn middle(wait: Wait) -> Duration {
    Duration::seconds((i64::from(wait.low) + i64::from(wait.high)) / 2)
}

fn hotline(hall: &Hall) -> Option<Alternative> {
    let number = hall.plan().hotline.clone()?;
    let title = Text::new(format!("咨询电话 {number}"), format!("Hotline {number}"));
    Some(Alternative {
        url: Some(format!("tel:{number}")),
        ..Alternative::new("hotline", title)
    })
}

/// Asks for a number; a refusal also says where else to go.
pub async fn ask_for_number(
    caller: &impl Asks,
    key: &RequestKey,
    action: Action,
    halls: &Halls,
) -> Result<Reply<Answer>, Problem> {
    let wanted = match &action {
        Action::TakeTicket(wanted) => Some(wanted.service.clone()),
        _ => None,
    };
    let outcome = caller.tries(key, action).await;
    let (problem, service) = match (outcome, wanted) {
        (Ok(reply), _) => match reply.answer {
            Answer::Redirected(to) => (Problem::redirect(&to), to.service),
            _ => return Ok(reply),
        },
        (Err(AskError::Rejected(rejection)), Some(service)) if leads_on(&rejection) => {
            (Problem::from_rejection(&rejection), service)
        }
        (Err(error), _) => return Err(Problem::from(error)),
    };
    let (hall, _) = caller.principal();
    let others = alternatives(halls, hall, &service);
    Err(problem.with("alternatives", json!(others)))
}

/// Asks for a place at another time; when there is none, the refusal names the next ones that are free.
pub async fn ask_for_place(
    caller: &impl Asks,
    key: &RequestKey,
    action: Action,
) -> Result<Reply<Answer>, Problem> {
    let (hall, _) = caller.principal();
    let service = match &action {
        Action::HoldPlace(wanted) => Some(wanted.service.clone()),
        Action::Book(wanted) => Some(wanted.service.clone()),
        Action::MoveAppointment { appointment, .. } | Action::JoinWaitList { appointment, .. } => {
            hall.read(|hall| Some(hall.appointment(*appointment)?.service.clone()))
        }
        _ => None,
    };
    let outcome = caller.tries(key, action).await;
    outcome.map_err(|error| match (&error, service) {
        (AskError::Rejected(rejection), Some(service)) if lacks_a_place(rejection) => {
            let now = hall.now();
            let times = hall.read(|hall| times(hall, &service, now));
            Problem::from(error).with("alternatives", json!(times))
        }
        _ => Problem::from(error),
    })
}

/// Whether a refusal of a number says where else to go.
fn leads_on(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::NotOpen { .. } | Rejection::NumbersUsedUp { .. } | Rejection::SlotFull { .. }
    )
}

/// Whether another time would do.
fn lacks_a_place(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::SlotFull { .. }
            | Rejection::TooLate(Late::Booking)
            | Rejection::BookingOpensLater { .. }
    )
}
