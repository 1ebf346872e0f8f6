//! Where a citizen who gets no number is led: the app, later, another hall, the hotline. Never a closed door.

use crate::runtime::{Halls, Owner};
use chrono::Duration;
use hall::id::{HallId, ServiceId, TicketId};
use hall::plan::authorisation::Neighbour;
use hall::plan::slot::SlotId;
use hall::record::wait::Wait;
use hall::state::ticket::PlaceInLine;
use hall::text::Text;
use hall::view::SlotView;
use hall::{Hall, Time};
use serde::Serialize;
use utoipa::ToSchema;

/// Most other halls that are named: a choice, not a list.
const ELSEWHERE_MOST: usize = 3;

/// One other way.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
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
            url: None,
            starts_at: None,
            wait: None,
            slot: None,
            qr: None,
            hall: None,
            walking_minutes: None,
            driving_minutes: None,
        }
    }
}

/// How many times to book are named.
const TIMES_NAMED: usize = 3;

/// The other ways for a service, the most useful first: done at once on the phone, here again today, at a time of one's
/// own, in another hall that is quicker, and last somebody to ask. On a day by appointment only booking comes first.
pub fn of(halls: &Halls, here: &Owner<Hall>, service: &ServiceId) -> Vec<Alternative> {
    let now = here.now();
    let mut ways = here.read(|hall| {
        let today = hall.business_date(now);
        let by_appointment = hall.plan().appointments_only(today, service);
        let times = times(hall, service, now);
        let (first, then) = match by_appointment {
            true => (times, Vec::new()),
            false => (Vec::new(), times),
        };
        let soon = online(hall, service)
            .into_iter()
            .chain(later_today(hall, service, now));
        first
            .into_iter()
            .chain(soon)
            .chain(then)
            .collect::<Vec<_>>()
    });
    let here_by = here.read(|hall| done_here_by(hall, service, now));
    ways.extend(elsewhere(halls, here, service, now, here_by));
    ways.extend(here.read(hotline));
    ways
}

/// Other times for a service, for whoever found one full.
pub fn other_times(here: &Owner<Hall>, service: &ServiceId) -> Vec<Alternative> {
    let now = here.now();
    here.read(|hall| times(hall, service, now))
}

fn times(hall: &Hall, service: &ServiceId, now: Time) -> Vec<Alternative> {
    let slots = hall::view::next_free_slots(hall, service, now, TIMES_NAMED);
    let way = |slot: SlotView| {
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
    slots.into_iter().map(way).collect()
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
    let starts_at = plan
        .next_issuing(service, now)
        .filter(|at| plan.date(*at) == plan.date(now))?;
    let clock = starts_at.format("%H:%M");
    let title = Text::new(format!("今天{clock}起取号"), format!("Today from {clock}"));
    Some(Alternative {
        starts_at: Some(plan.local(starts_at)),
        ..Alternative::new("later_today", title)
    })
}

/// When somebody who comes now would be called here: after the wait while numbers are given out, else after the next
/// ones are; `None` when there are no more to come.
fn done_here_by(hall: &Hall, service: &ServiceId, now: Time) -> Option<Time> {
    if !hall.phase_of(service, now).issues() || hall.suspensions.contains_key(service) {
        return hall.next_issuing(service, now);
    }
    let wait = hall.wait(service, hall.waiting(service));
    Some(now + middle(wait))
}

/// The halls where a ticket that waits here would be served sooner; none where it is about to be called.
pub fn elsewhere_for(halls: &Halls, here: &Owner<Hall>, ticket: TicketId) -> Vec<Alternative> {
    let now = here.now();
    let waits = here.read(|hall| {
        let ticket = hall.ticket(ticket)?;
        let can_move = ticket.leaving.is_none() && ticket.appointment.is_none();
        let in_line = matches!(
            ticket.stage.place(),
            Some(PlaceInLine::InLine | PlaceInLine::AfterCalls(_))
        );
        let ahead = hall::view::ticket(hall, ticket, now).ahead?;
        let by = now + middle(hall.wait(&ticket.service, ahead));
        (can_move && in_line).then(|| (ticket.service.clone(), by))
    });
    let Some((service, here_by)) = waits else {
        return Vec::new();
    };
    elsewhere(halls, here, &service, now, Some(here_by))
}

/// The halls where the same is done sooner, the way there counted: those near that are open on arrival and authorised,
/// the soonest first. A plan that calls no hall near leaves the way out of account.
pub fn elsewhere(
    halls: &Halls,
    here: &Owner<Hall>,
    service: &ServiceId,
    now: Time,
    here_by: Option<Time>,
) -> Vec<Alternative> {
    let mut sooner: Vec<(Time, Alternative)> = near(halls, here)
        .into_iter()
        .filter_map(|(way, other)| other.read(|hall| there(hall, &way, service, now)))
        .filter(|(by, _)| here_by.is_none_or(|here_by| *by < here_by))
        .collect();
    sooner.sort_by_key(|(by, _)| *by);
    sooner.truncate(ELSEWHERE_MOST);
    sooner.into_iter().map(|(_, other)| other).collect()
}

/// The halls in question and the way to each.
fn near(halls: &Halls, here: &Owner<Hall>) -> Vec<(Neighbour, Owner<Hall>)> {
    let (own, near) = here.read(|hall| (hall.id().clone(), hall.plan().neighbours.clone()));
    if !near.is_empty() {
        let near = near.into_iter();
        return near
            .filter_map(|way| halls.get(&way.hall).map(|owner| (way, owner)))
            .filter(|(_, owner)| owner.read(Hall::has_plan))
            .collect();
    }
    let all = halls.all().into_iter().filter(|(id, _)| *id != own);
    let way = |hall| Neighbour {
        hall,
        walking_minutes: None,
        driving_minutes: None,
    };
    all.map(|(id, owner)| (way(id), owner)).collect()
}

/// Another hall, and when somebody who sets out now would be called there; `None` if it gives no numbers then.
fn there(
    hall: &Hall,
    way: &Neighbour,
    service: &ServiceId,
    now: Time,
) -> Option<(Time, Alternative)> {
    let plan = hall.plan();
    plan.service(service)?;
    let arrives = now + Duration::minutes(way.minutes().unwrap_or(0).into());
    let is_open = hall.phase_of(service, now).issues()
        && plan.issues_at(service, arrives)
        && !hall.suspensions.contains_key(service);
    if !is_open {
        return None;
    }
    let wait = hall.wait(service, hall.waiting(service));
    let other = Alternative {
        url: Some(format!("/{}/kiosk", hall.id())),
        wait,
        hall: Some(hall.id().clone()),
        walking_minutes: way.walking_minutes,
        driving_minutes: way.driving_minutes,
        ..Alternative::new("hall", plan.name.clone())
    };
    Some((arrives + middle(wait), other))
}

/// The middle of a range; nobody waits where none is known.
fn middle(wait: Option<Wait>) -> Duration {
    wait.map_or(Duration::zero(), |wait| {
        Duration::seconds((i64::from(wait.low) + i64::from(wait.high)) / 2)
    })
}

fn hotline(hall: &Hall) -> Option<Alternative> {
    let number = hall.plan().hotline.clone()?;
    let title = Text::new(format!("咨询电话 {number}"), format!("Hotline {number}"));
    Some(Alternative {
        url: Some(format!("tel:{number}")),
        ..Alternative::new("hotline", title)
    })
}
