//! Who is offered a place that has become free: the first who waits for it and whom it is enough for.

use super::booking::offer_ends;
use crate::Time;
use crate::apply::apply_event;
use crate::appointment::Appointment;
use crate::event::Event;
use crate::hall::Hall;
use crate::id::AppointmentId;
use crate::slot::{Reservation, SlotId};

/// The offers that become possible with these events of one record.
pub(super) fn offers(hall: &Hall, now: Time, events: &[Event]) -> Vec<Event> {
    let mut after = After::new(hall, now);
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
    touched: Hall,
    now: Time,
}

impl After<'_> {
    fn new(hall: &Hall, now: Time) -> After<'_> {
        let touched = Hall::empty();
        After { hall, touched, now }
    }

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
        let first = slots.filter_map(|slot| self.first_in_line(slot)).next()?;
        let wish = first.wish.as_ref()?;
        Some(Event::PlaceOffered {
            appointment: first.id,
            until: offer_ends(self.hall.plan(), self.now, wish.until),
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
        line.sort_by_key(|appointment| {
            (appointment.wish.as_ref().map(|w| w.since), appointment.id)
        });
        line.into_iter()
            .find(|appointment| self.can_be_offered(appointment))
    }

    fn can_be_offered(&self, appointment: &Appointment) -> bool {
        let wish = appointment.wish.as_ref();
        wish.is_some_and(|wish| self.now < wish.until && self.has_room_for(&wish.reservation))
    }

    fn has_room_for(&self, wanted: &Reservation) -> bool {
        wanted.slots.iter().all(|slot| {
            let rule = self.hall.plan().appointment_rule(slot.rule());
            let others = self.hall.diary.taken(slot, self.now, |id| self.touches(id));
            let taken = others + self.touched.diary.taken(slot, self.now, |_| false);
            rule.is_some_and(|rule| taken + u32::from(wanted.places) <= u32::from(rule.places))
        })
    }

    fn touches(&self, id: AppointmentId) -> bool {
        self.touched.appointments.contains_key(&id)
    }
}
