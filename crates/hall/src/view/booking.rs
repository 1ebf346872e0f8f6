//! What somebody who books chooses from: a service, a day, a time of it, and what to take instead of a time that is gone.

use super::{AppointmentView, ServiceView, SlotView, next_free_slots, slots};
use crate::id::{ServiceId, Token};
use crate::plan::slot::SlotId;
use crate::state::appointment::Standing;
use crate::state::hall::Hall;
use crate::text::Text;
use crate::time::Time;
use chrono::{Days, NaiveDate};
use serde::Serialize;
use std::collections::BTreeMap;

/// A day with so few places left says so.
const FEW: u32 = 3;
/// How many times are named in place of one that is gone.
const NEAREST_NAMED: usize = 6;
/// Among how many free times those are looked for.
const NEAREST_AMONG: usize = 200;
/// How many times an appointment can be moved to, or wait for, are listed.
const TIMES_LISTED: usize = 24;
/// How many days ahead a full time can be waited for.
const WAITED_FOR_DAYS: u64 = 31;

/// A service that can be booked, and from when.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServiceOffer {
    pub id: ServiceId,
    pub name: Text,
    pub next: Option<SlotView>,
}

/// A day with times.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BookDay {
    pub date: NaiveDate,
    pub places: BookPlaces,
    pub free: u32,
    /// It has more room than most other days.
    pub quiet: bool,
    pub special: Option<Text>,
}

/// How much of a day is left, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BookPlaces {
    Many,
    Few,
    Full,
    /// Not open yet, or not any more.
    Shut,
}

/// A time of a day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BookSlot {
    pub slot: SlotView,
    /// It has more room than most other times of the day.
    pub quiet: bool,
}

/// The services of the kiosk that can be booked, with their next free time, and the others.
pub fn book_services(
    hall: &Hall,
    services: Vec<ServiceView>,
    now: Time,
) -> (Vec<ServiceOffer>, Vec<ServiceView>) {
    let (bookable, walk_in): (Vec<_>, Vec<_>) =
        services.into_iter().partition(|service| service.bookable);
    let offer = |service: ServiceView| ServiceOffer {
        next: next_free_slot(hall, &service.id, now),
        id: service.id,
        name: service.name,
    };
    (bookable.into_iter().map(offer).collect(), walk_in)
}

/// The first time of a service that can be booked now and has a place.
pub fn next_free_slot(hall: &Hall, service: &ServiceId, now: Time) -> Option<SlotView> {
    next_free_slots(hall, service, now, 1).pop()
}

/// Every day with times, as far ahead as booking goes.
pub fn book_days(hall: &Hall, service: &ServiceId, now: Time) -> Vec<BookDay> {
    let plan = hall.plan();
    let today = plan.date(now);
    let last = today + Days::new(plan.booking_horizon(service).unwrap_or(0).into());
    let mut by_date: BTreeMap<NaiveDate, Vec<SlotView>> = BTreeMap::new();
    for slot in slots(hall, service, today, last, now) {
        by_date.entry(slot.id.date()).or_default().push(slot);
    }
    let days = by_date.into_iter();
    let mut days: Vec<BookDay> = days
        .map(|(date, slots)| book_day(hall, date, &slots))
        .collect();
    let most = room_of_quiet(days.iter().map(|day| day.free));
    for day in &mut days {
        day.quiet = Some(day.free) == most;
    }
    days
}

fn book_day(hall: &Hall, date: NaiveDate, slots: &[SlotView]) -> BookDay {
    let open: Vec<&SlotView> = slots.iter().filter(|slot| slot.bookable).collect();
    let free = open.iter().map(|slot| u32::from(slot.free)).sum();
    let places = match free {
        _ if open.is_empty() => BookPlaces::Shut,
        0 => BookPlaces::Full,
        free if free <= FEW => BookPlaces::Few,
        _ => BookPlaces::Many,
    };
    let special = hall.plan().special_day(date);
    BookDay {
        date,
        places,
        free,
        quiet: false,
        special: special.and_then(|day| day.name.clone()),
    }
}

/// The times of a day.
pub fn book_times(hall: &Hall, service: &ServiceId, date: NaiveDate, now: Time) -> Vec<BookSlot> {
    let slots = slots(hall, service, date, date, now);
    let open = slots.iter().filter(|slot| slot.bookable);
    let most = room_of_quiet(open.map(|slot| u32::from(slot.free)));
    let times = slots.into_iter().map(|slot| BookSlot {
        quiet: slot.bookable && Some(u32::from(slot.free)) == most,
        slot,
    });
    times.collect()
}

/// How much room the quiet ones have: the most of all, if at most half of them have that much.
fn room_of_quiet(free: impl Iterator<Item = u32>) -> Option<u32> {
    let free: Vec<u32> = free.collect();
    let most = *free.iter().max()?;
    let so_free = free.iter().filter(|each| **each == most).count();
    (so_free * 2 <= free.len()).then_some(most)
}

/// A time of a service, unless it is over or the plan has it no more.
pub fn book_slot(hall: &Hall, service: &ServiceId, slot: &SlotId, now: Time) -> Option<SlotView> {
    let date = slot.date();
    let of_day = slots(hall, service, date, date, now);
    of_day.into_iter().find(|view| view.id == *slot)
}

/// Until when a hold keeps a place at this time.
pub fn held_until(hall: &Hall, hold: &Token, slot: &SlotId, now: Time) -> Option<Time> {
    let appointment = hall.appointment_by_token(hold)?;
    let is_there = appointment.reservation.as_ref()?.first_slot() == slot;
    match appointment.standing {
        Standing::Held { until, .. } if is_there && now < until => Some(hall.plan().local(until)),
        _ => None,
    }
}

/// The free times nearest to the one that is gone, in order of time.
pub fn nearest_free_slots(
    hall: &Hall,
    service: &ServiceId,
    gone: Option<&SlotId>,
    now: Time,
) -> Vec<SlotView> {
    let mut free = next_free_slots(hall, service, now, NEAREST_AMONG);
    if let Some(gone) = gone.and_then(|slot| hall.plan().slot(slot, service)) {
        free.sort_by_key(|slot| (slot.starts_at - gone.starts_at).abs());
    }
    free.truncate(NEAREST_NAMED);
    free.sort_by_key(|slot| slot.starts_at);
    free
}

/// The times that an appointment can be moved to.
pub fn slots_to_move_to(hall: &Hall, appointment: &AppointmentView, now: Time) -> Vec<SlotView> {
    if !appointment.actions.contains(&"move") {
        return Vec::new();
    }
    let own = appointment.slot.as_ref();
    let places = own.map_or(1, |own| own.places);
    let free = next_free_slots(hall, &appointment.service, now, TIMES_LISTED).into_iter();
    free.filter(|slot| own.is_none_or(|own| own.id != slot.id) && slot.free >= places)
        .collect()
}

/// The full times that an appointment can wait for.
pub fn slots_to_wait_for(hall: &Hall, appointment: &AppointmentView, now: Time) -> Vec<SlotView> {
    if !appointment.actions.contains(&"wait-list") {
        return Vec::new();
    }
    let own = appointment.slot.as_ref().map(|slot| &slot.id);
    let awaited = appointment.wish.as_ref().map(|wish| &wish.slot.id);
    let today = hall.plan().date(now);
    let last = today + Days::new(WAITED_FOR_DAYS);
    let slots = slots(hall, &appointment.service, today, last, now).into_iter();
    let full = slots.filter(|slot| slot.bookable && slot.free == 0);
    full.filter(|slot| Some(&slot.id) != own && Some(&slot.id) != awaited)
        .take(TIMES_LISTED)
        .collect()
}
