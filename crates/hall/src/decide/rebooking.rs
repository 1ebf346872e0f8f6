//! A plan change and the bookings in its way: each keeps its place, or is moved to the nearest free one, or the change
//! is refused with their names.

use crate::Time;
use crate::appointment::{Appointment, Standing};
use crate::event::Event;
use crate::hall::Hall;
use crate::plan::Plan;
use crate::rejection::StrandedBooking;
use crate::slot::{Reservation, SlotId, reservation};
use chrono::Duration;
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
        plan,
        now,
        taken: BTreeMap::new(),
    };
    let mut events = Vec::new();
    let mut displaced = Vec::new();
    for appointment in hall.appointments.values() {
        let is_to_come = appointment.starts_at().is_some_and(|at| now < at);
        match &appointment.standing {
            Standing::Booked if is_to_come && !room.keeps(appointment) => {
                displaced.push(appointment);
            }
            Standing::Held { .. } if is_to_come && !room.keeps(appointment) => {
                events.push(Event::HoldEnded {
                    appointment: appointment.id,
                });
            }
            Standing::CheckedIn { .. } if is_to_come => room.keeps_used(appointment),
            _ => {}
        }
        if !room.keeps_wish(appointment) {
            events.push(Event::WaitListLeft {
                appointment: appointment.id,
            });
        }
    }
    let mut stranded = Vec::new();
    for appointment in displaced {
        match room.nearest(appointment).filter(|_| may_move) {
            Some(reservation) => events.push(Event::AppointmentMoved {
                appointment: appointment.id,
                reservation,
                by_plan: true,
            }),
            None => stranded.extend(named(appointment)),
        }
    }
    if stranded.is_empty() {
        Ok(events)
    } else {
        Err(stranded)
    }
}

/// The new plan's places, filled one booking after the other, in order of booking.
struct Room<'a> {
    plan: &'a Plan,
    now: Time,
    taken: BTreeMap<SlotId, u32>,
}

impl Room<'_> {
    /// Takes the places an appointment has, if the plan still has them all.
    fn keeps(&mut self, appointment: &Appointment) -> bool {
        let Some(has) = &appointment.reservation else {
            return true;
        };
        let fits = has.slots.iter().all(|slot| {
            self.plan.slot(slot, &appointment.service).is_some() && self.has_room(slot, has.places)
        });
        if fits {
            self.take(has);
        }
        fits
    }

    /// Whoever is in the hall already keeps the place, whatever the plan says.
    fn keeps_used(&mut self, appointment: &Appointment) {
        if let Some(has) = &appointment.reservation {
            self.take(has);
        }
    }

    fn keeps_wish(&mut self, appointment: &Appointment) -> bool {
        let Some(wish) = &appointment.wish else {
            return true;
        };
        let slots = &wish.reservation.slots;
        let exists = |slot: &SlotId| self.plan.slot(slot, &appointment.service).is_some();
        let fits = |slot: &SlotId| !wish.offered || self.has_room(slot, wish.reservation.places);
        let keeps = slots.iter().all(|slot| exists(slot) && fits(slot));
        if keeps && wish.offered {
            self.take(&wish.reservation);
        }
        keeps
    }

    /// The free places nearest in time to those it had.
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
