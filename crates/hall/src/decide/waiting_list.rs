//! Who is offered a place that has become free: the first who waits for it and whom it is enough for.

use super::booking::offer_ends;
use crate::apply::apply_event;
use crate::id::AppointmentId;
use crate::plan::Plan;
use crate::plan::slot::SlotId;
use crate::record::event::Event;
use crate::state::appointment::Appointment;
use crate::state::hall::Hall;
use crate::time::Time;

/// The offers that become possible with these events of one record, by the plan that is in force after it.
pub(super) fn offers(hall: &Hall, plan: &Plan, now: Time, events: &[Event]) -> Vec<Event> {
    let mut after = After {
        hall,
        plan,
        touched: Hall::empty(),
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
    touched: Hall,
    now: Time,
}

impl After<'_> {
    fn apply(&mut self, event: &Event) {
        let Some(id) = event.appointment() else {
            return;
        };
        if !self.touches(id)
            && let Some(before) = self.hall.appointments.get(&id)
        {
            self.touched.put_appointment(before.clone());
        }
        apply_event(&mut self.touched, self.hall.version + 1, self.now, event);
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
        let known = known.filter_map(|id| self.hall.appointments.get(&id));
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
