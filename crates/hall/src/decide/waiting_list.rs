//! Who is offered places that have become free: the first one who waits for them and needs no more than there are.

use crate::apply::appointment;
use crate::id::AppointmentId;
use crate::plan::Plan;
use crate::plan::slot::SlotId;
use crate::record::event::Event;
use crate::state::appointment::Appointment;
use crate::state::diary::Diary;
use crate::state::hall::Hall;
use crate::time::Time;
use chrono::{Duration, NaiveTime};
use std::collections::BTreeMap;

/// At night people sleep and cannot accept a place, so the time to accept it does not run.
const NIGHT: (NaiveTime, NaiveTime) = (
    NaiveTime::from_hms_opt(21, 0, 0).expect("21:00 exists"),
    NaiveTime::from_hms_opt(8, 0, 0).expect("08:00 exists"),
);

/// The offers that become possible with these events of one record, by the plan that is in force after it.
pub(super) fn offers(hall: &Hall, plan: &Plan, now: Time, events: &[Event]) -> Vec<Event> {
    let mut after = After {
        hall,
        plan,
        touched: Touched::default(),
        now,
    };
    events.iter().for_each(|event| after.apply(event));
    let mut offers = Vec::new();
    while let Some(offer) = after.next_offer() {
        after.apply(&offer);
        offers.push(offer);
    }
    offers
}

/// The appointments as they will stand: those the record touches as it leaves them, the others as they are.
struct After<'a> {
    hall: &'a Hall,
    plan: &'a Plan,
    touched: Touched,
    now: Time,
}

/// The few appointments that a record touches.
#[derive(Default)]
struct Touched {
    appointments: BTreeMap<AppointmentId, Appointment>,
    diary: Diary,
}

impl Touched {
    fn put(&mut self, appointment: Appointment) {
        if let Some(before) = self.appointments.get(&appointment.id) {
            self.diary.remove(before);
        }
        self.diary.add(&appointment);
        self.appointments.insert(appointment.id, appointment);
    }
}

impl After<'_> {
    fn apply(&mut self, event: &Event) {
        let Some(id) = event.about().appointment else {
            return;
        };
        let touched = self.touched.appointments.get(&id);
        let before = touched.or_else(|| self.hall.appointments().get(&id));
        let version = self.hall.version() + 1;
        if let Some(after) = appointment::after(before, version, self.now, event) {
            self.touched.put(after);
        }
    }

    fn next_offer(&self) -> Option<Event> {
        let known = self.hall.diary.wished_slots();
        let slots = known.chain(self.touched.diary.wished_slots());
        let firsts = slots.filter_map(|slot| self.first_in_line(slot));
        // rows that begin at different slots may want the same place
        let first = firsts.min_by_key(|appointment| place_in_line(appointment))?;
        let wish = first.wish.as_ref()?;
        Some(Event::PlaceOffered {
            appointment: first.id,
            until: offer_ends(self.plan, self.now, wish.until),
        })
    }

    fn first_in_line(&self, slot: &SlotId) -> Option<&Appointment> {
        let known = self
            .hall
            .diary
            .wishing(slot)
            .filter(|id| !self.touches(*id));
        let known = known.filter_map(|id| self.hall.appointments().get(&id));
        let touched = self.touched.diary.wishing(slot);
        let touched = touched.filter_map(|id| self.touched.appointments.get(&id));
        let mut line: Vec<&Appointment> = known.chain(touched).collect();
        line.sort_by_key(|appointment| place_in_line(appointment));
        line.into_iter()
            .find(|appointment| self.can_be_offered(appointment))
    }

    fn can_be_offered(&self, appointment: &Appointment) -> bool {
        let wish = appointment.wish.as_ref();
        wish.is_some_and(|wish| {
            let slots = &wish.reservation.slots;
            let has_room = |slot| self.has_room(slot, wish.reservation.places, appointment.id);
            self.now < wish.until && slots.iter().all(has_room)
        })
    }

    /// Whether a slot has so many places, counting those that `own` has there as free.
    fn has_room(&self, slot: &SlotId, places: u16, own: AppointmentId) -> bool {
        let (known, touched) = (&self.hall.diary, &self.touched.diary);
        let rule = self.plan.appointment_rule(slot.rule());
        let others = known.taken(slot, self.now, |id| id == own || self.touches(id));
        let taken = others + touched.taken(slot, self.now, |id| id == own);
        rule.is_some_and(|rule| taken + u32::from(places) <= u32::from(rule.places))
    }

    fn touches(&self, id: AppointmentId) -> bool {
        self.touched.appointments.contains_key(&id)
    }
}

/// First come, first offered.
fn place_in_line(appointment: &Appointment) -> (Option<Time>, AppointmentId) {
    let since = appointment.wish.as_ref().map(|wish| wish.since);
    (since, appointment.id)
}

/// When an offer made now comes to an end: the night does not count, and booking closes before the slot.
fn offer_ends(plan: &Plan, now: Time, cut_off: Time) -> Time {
    let mut left = Duration::minutes(plan.policy.offer_minutes.into());
    let mut at = now;
    loop {
        let date = plan.date(at);
        let (evening, morning) = (plan.at(date, NIGHT.0), plan.at(date, NIGHT.1));
        if at < morning {
            at = morning;
        }
        if at + left <= evening || at >= cut_off {
            return (at + left).min(cut_off);
        }
        left -= (evening - at).max(Duration::zero());
        at = match date.succ_opt() {
            Some(next) => plan.at(next, NIGHT.1),
            None => return cut_off,
        };
    }
}
