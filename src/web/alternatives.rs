//! Where a citizen who gets no number is led: the app, later, another hall, the hotline. Never a closed door.

use crate::runtime::{Halls, Owner};
use hall::estimate::Wait;
use hall::id::ServiceId;
use hall::slot::SlotId;
use hall::text::Text;
use hall::view::SlotView;
use hall::{Hall, Time};
use serde::Serialize;
use utoipa::ToSchema;

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
    let own = here.read(|hall| hall.id().clone());
    for (_, other) in halls.all().into_iter().filter(|(id, _)| *id != own) {
        ways.extend(other.read(|hall| elsewhere(hall, service, now)));
    }
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

/// Another hall of the store that gives numbers for the service now.
fn elsewhere(hall: &Hall, service: &ServiceId, now: Time) -> Option<Alternative> {
    let view = hall::view::kiosk(hall, now);
    let tile = view
        .services
        .into_iter()
        .find(|tile| tile.id == *service && tile.open)?;
    let url = format!("/{}/kiosk", view.hall);
    Some(Alternative {
        url: Some(url),
        wait: tile.wait,
        ..Alternative::new("hall", view.name)
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
