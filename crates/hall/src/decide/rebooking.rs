//! A plan change and the bookings in its way: each keeps its place, or is moved to the nearest free one, or the change
//! is refused with their names.
//!
//! Whoever is in the hall keeps the place whatever the plan says; then come bookings, in order of booking, then holds,
//! then offers. Moved bookings get what is left, so that one displacement never causes the next.

use crate::id::ActorId;
use crate::plan::Plan;
use crate::plan::slot::{Reservation, Slot, SlotId, reservation};
use crate::record::event::Event;
use crate::record::rejection::StrandedBooking;
use crate::state::appointment::{Appointment, Standing, WaitListEntry};
use crate::state::hall::Hall;
use crate::time::Time;
use chrono::{Duration, NaiveTime};
use std::collections::BTreeMap;

/// How far from its day a booking may be moved.
const MOVED_AT_MOST: Duration = Duration::days(28);

/// The events that bring the appointments into a new plan; the bookings it has no room for if that cannot be done.
pub(super) fn rebook(
    hall: &Hall,
    plan: &Plan,
    now: Time,
    may_move: bool,
) -> Result<Vec<Event>, Vec<StrandedBooking>> {
    let mut room = Room {
        hall,
        plan,
        now,
        taken: BTreeMap::new(),
    };
    room.take_used();
    let displaced = room.displaced();
    let mut events = room.holds_ended();
    events.extend(room.wishes_changed());
    let mut stranded = Vec::new();
    for appointment in displaced {
        match may_move.then(|| room.moved(appointment)).flatten() {
            Some(moved) => events.extend(moved),
            None => stranded.extend(named(appointment)),
        }
    }
    if stranded.is_empty() {
        Ok(events)
    } else {
        Err(stranded)
    }
}

/// Where officers are named, the one with the fewest appointments that day.
pub(super) fn officer_for(hall: &Hall, plan: &Plan, slot: &Slot) -> Option<ActorId> {
    let of_day = |officer: &ActorId| {
        let from = plan.at(slot.id.date(), NaiveTime::MIN);
        let expected = hall.diary.expected(from, from + Duration::days(1));
        let theirs = expected.filter_map(|id| hall.appointments().get(&id));
        let theirs = theirs.filter(|a| a.officer.as_ref() == Some(officer));
        theirs.count()
    };
    let officers = slot.rule.officers.iter();
    officers.min_by_key(|officer| of_day(officer)).cloned()
}

/// One of the officers whom a slot's rule names, if the appointment has none of them.
pub(super) fn officer_named(
    hall: &Hall,
    plan: &Plan,
    appointment: &Appointment,
    slot: &Slot,
) -> Option<Event> {
    let has = appointment.officer.as_ref();
    if has.is_some_and(|officer| slot.rule.officers.contains(officer)) {
        return None;
    }
    officer_for(hall, plan, slot).map(|officer| Event::OfficerAssigned {
        appointment: appointment.id,
        officer,
    })
}

/// The new plan's places, filled one appointment after the other.
struct Room<'a> {
    hall: &'a Hall,
    plan: &'a Plan,
    now: Time,
    taken: BTreeMap<SlotId, u32>,
}

impl<'a> Room<'a> {
    /// Places of those who are in the hall, were visited, or should have come by now.
    fn take_used(&mut self) {
        for appointment in self.hall.appointments().values() {
            let Some(has) = &appointment.reservation else {
                continue;
            };
            let is_used = match appointment.standing {
                Standing::CheckedIn { .. } | Standing::Visited { .. } | Standing::NoShow { .. } => {
                    true
                }
                Standing::Booked => has.starts_at <= self.now,
                Standing::Held { .. }
                | Standing::Listed
                | Standing::Cancelled { .. }
                | Standing::Lapsed { .. } => false,
            };
            if is_used {
                self.take(has);
            }
        }
    }

    /// The bookings whose places the plan does not have any more. Where the slot has begun, whoever is late needs a
    /// service to check in for.
    fn displaced(&mut self) -> Vec<&'a Appointment> {
        let hall = self.hall;
        let booked = hall.appointments().values().filter(|a| a.is_booked());
        let mut displaced = Vec::new();
        for appointment in booked {
            let Some(has) = &appointment.reservation else {
                continue;
            };
            let stays = match self.now < has.starts_at {
                true => self.keeps(appointment, has),
                false => self.plan.service(&appointment.service).is_some(),
            };
            if !stays {
                displaced.push(appointment);
            }
        }
        displaced
    }

    fn holds_ended(&mut self) -> Vec<Event> {
        let mut ended = Vec::new();
        for appointment in self.hall.appointments().values() {
            let is_held = matches!(appointment.standing, Standing::Held { .. });
            let held = appointment.reservation.as_ref().filter(|_| is_held);
            if let Some(held) = held
                && !self.keeps(appointment, held)
            {
                ended.push(Event::HoldEnded {
                    appointment: appointment.id,
                });
            }
        }
        ended
    }

    /// A wish for a slot that is gone is over; an offer whose places are gone is a wish again.
    fn wishes_changed(&mut self) -> Vec<Event> {
        let mut changed = Vec::new();
        for appointment in self.hall.appointments().values() {
            let Some(wish) = &appointment.wish else {
                continue;
            };
            if !self.exists(appointment, &wish.reservation) {
                changed.push(Event::WaitListLeft {
                    appointment: appointment.id,
                });
            } else if wish.offered && !self.keeps(appointment, &wish.reservation) {
                changed.push(self.waits_again(appointment, wish));
            }
        }
        changed
    }

    fn waits_again(&self, appointment: &Appointment, wish: &WaitListEntry) -> Event {
        let slot = wish.reservation.first_slot();
        let cut_off = self.plan.slot(slot, &appointment.service);
        let cut_off = cut_off.map(|slot| slot.starts_at - slot.rule.cut_off());
        Event::WaitListJoined {
            appointment: appointment.id,
            reservation: wish.reservation.clone(),
            until: cut_off.unwrap_or(wish.until),
            since: Some(wish.since), // an offer that has to be taken back costs nobody his turn
        }
    }

    /// The events that move a booking to the free places nearest in time to those it had.
    fn moved(&mut self, appointment: &Appointment) -> Option<Vec<Event>> {
        let reservation = self.nearest(appointment)?;
        let slot = self
            .plan
            .slot(reservation.first_slot(), &appointment.service);
        let officer = slot.and_then(|slot| officer_named(self.hall, self.plan, appointment, &slot));
        let moved = Event::AppointmentMoved {
            appointment: appointment.id,
            reservation,
            by_plan: true,
        };
        Some([moved].into_iter().chain(officer).collect())
    }

    fn nearest(&mut self, appointment: &Appointment) -> Option<Reservation> {
        let had = appointment.reservation.as_ref()?;
        let middle = self.plan.date(had.starts_at);
        let days = -MOVED_AT_MOST.num_days()..=MOVED_AT_MOST.num_days();
        let dates = days.filter_map(|day| middle.checked_add_signed(Duration::days(day)));
        let slots = dates.flat_map(|date| self.plan.slots(date, &appointment.service));
        let mut slots: Vec<_> = slots
            .filter(|slot| self.now < slot.starts_at && slot.rule.kind == appointment.kind)
            .collect();
        slots.sort_by_key(|slot| ((slot.starts_at - had.starts_at).abs(), slot.starts_at));
        let free = slots.iter().find_map(|slot| {
            let row = self.plan.row_of_slots(&slot.id, &appointment.service)?;
            let has_room = row.iter().all(|slot| self.has_room(&slot.id, had.places));
            reservation(&row, had.places).filter(|_| has_room)
        })?;
        self.take(&free);
        Some(free)
    }

    /// Takes the places of a reservation, if the plan still has them all.
    fn keeps(&mut self, appointment: &Appointment, has: &Reservation) -> bool {
        let mut slots = has.slots.iter();
        let fits =
            self.exists(appointment, has) && slots.all(|slot| self.has_room(slot, has.places));
        if fits {
            self.take(has);
        }
        fits
    }

    fn exists(&self, appointment: &Appointment, reservation: &Reservation) -> bool {
        let mut slots = reservation.slots.iter();
        slots.all(|slot| self.plan.slot(slot, &appointment.service).is_some())
    }

    fn has_room(&self, slot: &SlotId, places: u16) -> bool {
        let rule = self.plan.appointment_rule(slot.rule());
        let taken = self.taken.get(slot).copied().unwrap_or(0);
        rule.is_some_and(|rule| taken + u32::from(places) <= u32::from(rule.places))
    }

    fn take(&mut self, reservation: &Reservation) {
        for slot in &reservation.slots {
            *self.taken.entry(slot.clone()).or_default() += u32::from(reservation.places);
        }
    }
}

fn named(appointment: &Appointment) -> Option<StrandedBooking> {
    Some(StrandedBooking {
        code: appointment.code.clone(),
        service: appointment.service.clone(),
        starts_at: appointment.reservation.as_ref()?.starts_at,
    })
}
