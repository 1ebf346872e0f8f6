//! What must hold of the appointments: nothing is oversold, nobody is booked twice, each becomes one ticket at most.

use super::agree::agree;
use crate::id::{AppointmentId, TicketId};
use crate::plan::slot::SlotId;
use crate::state::appointment::{Appointment, Standing};
use crate::state::diary::Diary;
use crate::state::hall::Hall;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// The first thing that does not hold, in words. Looks at every appointment once.
pub(super) fn check(hall: &Hall) -> Result<(), String> {
    keys_are_unique(hall)?;
    rows_are_unbroken(hall)?;
    nothing_is_oversold(hall)?;
    nobody_is_booked_twice(hall)?;
    a_client_holds_one_place(hall)?;
    each_becomes_one_ticket(hall)?;
    agree(
        hall.diary == Diary::of(hall.appointments().values()),
        || "A7: the diary does not agree with the appointments".into(),
    )
}

/// A1: no token, no code and no key names two appointments.
fn keys_are_unique(hall: &Hall) -> Result<(), String> {
    let (mut tokens, mut codes) = (BTreeSet::new(), BTreeSet::new());
    for appointment in hall.appointments().values() {
        let is_new = tokens.insert(&appointment.token) && codes.insert(&appointment.code);
        agree(is_new, || {
            format!("A1: {:?} shares its token or code", appointment.id)
        })?;
    }
    let last = hall.appointments().last_key_value().map(|(id, _)| id.0);
    let next = hall.next_appointment();
    agree(last.is_none_or(|last| last < next), || {
        format!("A1: the next appointment is {next}, but {last:?} is there")
    })
}

/// A2: the slots of a reservation follow one another, in one rule and on one date.
fn rows_are_unbroken(hall: &Hall) -> Result<(), String> {
    for appointment in hall.appointments().values() {
        let wished = appointment.wish.iter().map(|wish| &wish.reservation);
        for reservation in appointment.reservation.iter().chain(wished) {
            agree(reservation.is_in_a_row(), || {
                format!("A2: {:?} has {:?}", appointment.id, reservation.slots)
            })?;
        }
    }
    Ok(())
}

/// What is taken of one slot.
#[derive(Default)]
struct Taken {
    /// By those who are in the hall, or whose time has begun: a new plan cannot take it back.
    used: u32,
    /// Booked for later, held or offered.
    promised: u32,
    is_ahead: bool,
}

/// A3: of every slot that is still ahead no more places are promised than the plan has.
fn nothing_is_oversold(hall: &Hall) -> Result<(), String> {
    let Some(now) = hall.last_at() else {
        return Ok(());
    };
    let mut slots: BTreeMap<&SlotId, Taken> = BTreeMap::new();
    for appointment in hall.appointments().values() {
        for (slot, places) in claimed(appointment, now) {
            let taken = slots.entry(slot).or_default();
            match has_begun(appointment, now) {
                true => taken.used += places,
                false => taken.promised += places,
            }
            let of_plan = hall.plan().slot(slot, &appointment.service);
            taken.is_ahead |= of_plan.is_some_and(|slot| now < slot.starts_at);
        }
    }
    for (slot, taken) in slots.iter().filter(|(_, taken)| taken.is_ahead) {
        let rule = hall.plan().appointment_rule(slot.rule());
        let places = rule.map_or(0, |rule| u32::from(rule.places));
        let Taken { used, promised, .. } = taken;
        agree(*promised == 0 || used + promised <= places, || {
            format!("A3: {slot} has {places} places, {used} used and {promised} promised")
        })?;
    }
    Ok(())
}

/// The slots an appointment has at `now` and how many places of each; a slot it has twice counts once.
fn claimed(appointment: &Appointment, now: Time) -> BTreeMap<&SlotId, u32> {
    let lasting = appointment
        .claims()
        .filter(|(_, until)| until.is_none_or(|until| now < until));
    let slots = lasting.flat_map(|(reservation, _)| {
        let places = u32::from(reservation.places);
        reservation.slots.iter().map(move |slot| (slot, places))
    });
    slots.collect()
}

fn has_begun(appointment: &Appointment, now: Time) -> bool {
    match appointment.standing {
        Standing::CheckedIn { .. } | Standing::Visited { .. } | Standing::NoShow { .. } => true,
        Standing::Held { .. }
        | Standing::Listed
        | Standing::Booked
        | Standing::Cancelled { .. }
        | Standing::Lapsed { .. } => {
            let has = appointment.reservation.as_ref();
            has.is_some_and(|has| has.starts_at <= now)
        }
    }
}

/// A4: a person has one open booking of a service. (How many in all is the plan's to change, so what was booked before
/// may be more.)
fn nobody_is_booked_twice(hall: &Hall) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for appointment in hall.appointments().values() {
        let is_open = appointment.standing.name().is_open();
        let Some(visitor) = appointment.visitor.as_ref().filter(|_| is_open) else {
            continue;
        };
        agree(seen.insert((&visitor.person, &appointment.service)), || {
            format!("A4: {:?} is its visitor's second", appointment.id)
        })?;
    }
    Ok(())
}

/// A5: a client has one hold at most.
fn a_client_holds_one_place(hall: &Hall) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for appointment in hall.appointments().values() {
        if let Standing::Held {
            client: Some(client),
            ..
        } = &appointment.standing
        {
            agree(seen.insert(client), || {
                format!("A5: {:?} is its client's second hold", appointment.id)
            })?;
        }
    }
    Ok(())
}

/// A6: an appointment becomes one ticket at most, and the two name each other. A place given on the spot names the ticket
/// alone; either may have been forgotten before the other.
fn each_becomes_one_ticket(hall: &Hall) -> Result<(), String> {
    let mut tickets: BTreeMap<AppointmentId, TicketId> = BTreeMap::new();
    for ticket in hall.tickets().values() {
        let Some(of) = ticket.appointment else {
            continue;
        };
        let before = tickets.insert(of.id, ticket.id);
        let number = &ticket.number;
        agree(before.is_none(), || {
            format!("A6: {number} is the second ticket of {:?}", of.id)
        })?;
        let became = hall.appointment(of.id).map(|of| of.standing.ticket());
        agree(became.is_none_or(|id| id == Some(ticket.id)), || {
            format!("A6: {number} is of {:?}, which became {became:?}", of.id)
        })?;
    }
    for appointment in hall.appointments().values() {
        let Some(id) = appointment.standing.ticket() else {
            continue;
        };
        let of = hall.ticket(id).map(|ticket| ticket.appointment);
        let names_it = of.is_none_or(|of| match of {
            Some(of) => of.id == appointment.id,
            None => appointment.visitor.is_none(),
        });
        agree(names_it, || {
            format!("A6: {:?} became {id:?}, which is of {of:?}", appointment.id)
        })?;
    }
    Ok(())
}
