//! The waiting list once more, slowly: nobody waits for a place that is free, and nobody is passed by who came later.

use hall::id::AppointmentId;
use hall::plan::slot::SlotId;
use hall::state::appointment::{Appointment, WaitListEntry};
use hall::{Event, Hall, Record, Time};

/// While a place can still be booked it is not left free beside somebody who waits for it.
pub fn no_place_is_left(hall: &Hall, now: Time) {
    for (appointment, wish) in waiting(hall).filter(|(_, wish)| now < wish.until) {
        let wanted = &wish.reservation;
        let free = |slot: &SlotId| {
            let rule = hall.plan().appointment_rule(slot.rule()).unwrap();
            let taken = taken(hall, slot, now, appointment.id);
            u32::from(rule.places).saturating_sub(taken)
        };
        let enough = |slot| free(slot) >= u32::from(wanted.places);
        assert!(
            !wanted.slots.iter().all(enough),
            "{:?} waits for {:?}, which are free",
            appointment.id,
            wanted.slots
        );
    }
}

/// Nobody who has waited longer, and for whom it would have been enough, still waits.
pub fn first_come_first_offered(hall: &Hall, record: &Record<Event>) {
    for event in &record.events {
        let Event::PlaceOffered { appointment, .. } = event else {
            continue;
        };
        let offered = hall.appointment(*appointment).unwrap();
        let Some(wish) = offered.wish.as_ref().filter(|wish| wish.offered) else {
            continue; // not any more
        };
        let has = offered.reservation.iter().flat_map(|has| &has.slots);
        if has
            .into_iter()
            .any(|slot| wish.reservation.slots.contains(slot))
        {
            continue; // its own place is part of the row
        }
        for (other, waits) in waiting(hall) {
            let was_first = (waits.since, other.id) < (wish.since, offered.id);
            let (wants, got) = (&waits.reservation, &wish.reservation);
            let enough = wants.places <= got.places
                && wants.slots.iter().all(|slot| got.slots.contains(slot));
            let (other, id) = (other.id, offered.id);
            assert!(!(was_first && enough), "{other:?} waited before {id:?}");
        }
    }
}

fn waiting(hall: &Hall) -> impl Iterator<Item = (&Appointment, &WaitListEntry)> {
    let wishes = hall
        .appointments()
        .values()
        .filter_map(|a| Some((a, a.wish.as_ref()?)));
    wishes.filter(|(_, wish)| !wish.offered)
}

/// The places of a slot that somebody else has.
fn taken(hall: &Hall, slot: &SlotId, now: Time, own: AppointmentId) -> u32 {
    let others = hall.appointments().values().filter(|other| other.id != own);
    let places = others.map(|other| {
        let claims = other.claims();
        let lasting = claims.filter(|(_, until)| until.is_none_or(|until| now < until));
        let of_slot = lasting.filter(|(reservation, _)| reservation.slots.contains(slot));
        let most = of_slot
            .map(|(reservation, _)| u32::from(reservation.places))
            .max();
        most.unwrap_or(0)
    });
    places.sum()
}
