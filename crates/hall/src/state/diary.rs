//! Who has booked what: an index over the appointments, derived from them and never stored.
//!
//! It answers the questions the rules ask at every booking at the cost of one slot, however many appointments the hall
//! keeps: who claims places of a slot, who waits for one, what a person has open, what falls due next.

use crate::id::{AppointmentCode, AppointmentId, PersonId, Token};
use crate::plan::slot::{Slot, SlotId};
use crate::state::appointment::{Appointment, Standing, Visitor};
use crate::state::hall::Hall;
use crate::state::queue::take_out;
use crate::time::Time;
use chrono::Duration;
use std::collections::{BTreeMap, BTreeSet};

/// The index; every appointment passes through [`Diary::add`] and [`Diary::remove`]. Nothing empty stays behind, so
/// that an index kept for weeks equals one built anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diary {
    by_token: BTreeMap<Token, AppointmentId>,
    by_code: BTreeMap<AppointmentCode, AppointmentId>,
    /// By each digest that is one person's: document and name, number and name, telephone.
    by_person: BTreeMap<PersonId, BTreeSet<AppointmentId>>,
    by_document: BTreeMap<PersonId, BTreeSet<AppointmentId>>,
    /// The hold of each client.
    held_by: BTreeMap<Token, AppointmentId>,
    /// Who has or is promised places of a slot, how many, and until when if that is limited.
    claims: BTreeMap<SlotId, BTreeMap<(AppointmentId, bool), Claim>>,
    /// Who waits for places of a row of slots that begins here, first come first.
    wishes: BTreeMap<SlotId, BTreeSet<(Time, AppointmentId)>>,
    /// Booked and not checked in, in order of time.
    expected: BTreeSet<(Time, AppointmentId)>,
    due: BTreeSet<(Time, AppointmentId)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Claim {
    places: u16,
    until: Option<Time>,
}

impl Diary {
    /// The index over these appointments.
    pub fn of<'a>(appointments: impl Iterator<Item = &'a Appointment>) -> Diary {
        let mut diary = Diary::default();
        appointments.for_each(|appointment| diary.add(appointment));
        diary
    }

    /// Puts an appointment where its standing says.
    pub fn add(&mut self, appointment: &Appointment) {
        let id = appointment.id;
        self.by_token.insert(appointment.token.clone(), id);
        self.by_code.insert(appointment.code.clone(), id);
        if let Some(visitor) = &appointment.visitor {
            for digest in digests(visitor) {
                put_in(&mut self.by_person, digest, id);
            }
            put_in(&mut self.by_document, &visitor.document, id);
        }
        if let Some(client) = client(appointment) {
            self.held_by.insert(client.clone(), id);
        }
        for (key, slot, claim) in claims(appointment) {
            let of_slot = self.claims.entry(slot.clone()).or_default();
            of_slot.insert(key, claim);
        }
        if let Some((slot, wish)) = wish(appointment) {
            self.wishes.entry(slot.clone()).or_default().insert(wish);
        }
        self.expected.extend(expected(appointment));
        self.due.extend(appointment.due_at().map(|at| (at, id)));
    }

    /// Takes an appointment out, as it stood when it was added.
    pub fn remove(&mut self, appointment: &Appointment) {
        let id = appointment.id;
        self.by_token.remove(&appointment.token);
        self.by_code.remove(&appointment.code);
        if let Some(visitor) = &appointment.visitor {
            for digest in digests(visitor) {
                take_out(&mut self.by_person, digest, &id);
            }
            take_out(&mut self.by_document, &visitor.document, &id);
        }
        if let Some(client) = client(appointment)
            && self.held_by.get(client) == Some(&id)
        {
            self.held_by.remove(client); // unless, when records are taken back, the client's hold before is here again
        }
        for (key, slot, _) in claims(appointment) {
            if let Some(of_slot) = self.claims.get_mut(slot) {
                of_slot.remove(&key);
                if of_slot.is_empty() {
                    self.claims.remove(slot);
                }
            }
        }
        if let Some((slot, wish)) = wish(appointment) {
            take_out(&mut self.wishes, slot, &wish);
        }
        if let Some(expected) = expected(appointment) {
            self.expected.remove(&expected);
        }
        if let Some(at) = appointment.due_at() {
            self.due.remove(&(at, id));
        }
    }

    /// How many places of a slot are taken at `now`: booked, or held or offered and not yet expired. Those of `but` do
    /// not count. A booking that is offered a row over a slot it already has claims that slot once: it needs those
    /// places only once, and its two rows have equally many.
    pub fn taken(&self, slot: &SlotId, now: Time, but: impl Fn(AppointmentId) -> bool) -> u32 {
        let claims = self.claims.get(slot).into_iter().flatten();
        let counts = |(id, _): &(AppointmentId, bool), claim: &Claim| {
            !but(*id) && claim.until.is_none_or(|until| now < until)
        };
        let mut counted = None;
        claims
            .filter(|(key, claim)| counts(key, claim))
            .filter(|((id, _), _)| counted.replace(*id) != Some(*id))
            .map(|(_, claim)| u32::from(claim.places))
            .sum()
    }

    /// The appointments with a claim on a slot, in order of booking.
    pub fn claiming(&self, slot: &SlotId) -> impl Iterator<Item = AppointmentId> + '_ {
        let claims = self.claims.get(slot).into_iter().flatten();
        claims.map(|((id, _), _)| *id)
    }

    /// Those who wait for a row that begins with this slot, first come first.
    pub fn wishing(&self, slot: &SlotId) -> impl Iterator<Item = AppointmentId> + '_ {
        let wishes = self.wishes.get(slot).into_iter().flatten();
        wishes.map(|(_, id)| *id)
    }

    /// Every slot somebody waits for, in order of name.
    pub fn wished_slots(&self) -> impl Iterator<Item = &SlotId> {
        self.wishes.keys()
    }

    /// Booked and not checked in, whose slot starts in `[from, to)`, in order of time.
    pub fn expected(&self, from: Time, to: Time) -> impl Iterator<Item = AppointmentId> + '_ {
        let key = |at| (at, AppointmentId(0));
        let range = self.expected.range(key(from)..key(to.max(from)));
        range.map(|(_, id)| *id)
    }

    /// What falls due next, and when.
    pub fn next_due(&self) -> Option<(Time, AppointmentId)> {
        self.due.first().copied()
    }

    /// Everything due at `now`, the longest overdue first.
    pub fn due(&self, now: Time) -> impl Iterator<Item = AppointmentId> + '_ {
        let due = self.due.iter().take_while(move |(at, _)| *at <= now);
        due.map(|(_, id)| *id)
    }

    /// Everything a person has booked and the hall still keeps, in order of booking.
    pub fn of_person(&self, person: &PersonId) -> impl Iterator<Item = AppointmentId> + '_ {
        self.by_person.get(person).into_iter().flatten().copied()
    }

    /// Everything booked with a document and still kept, in order of booking.
    pub fn of_document(&self, document: &PersonId) -> impl Iterator<Item = AppointmentId> + '_ {
        let theirs = self.by_document.get(document);
        theirs.into_iter().flatten().copied()
    }

    /// The hold of a client.
    pub fn held_by(&self, client: &Token) -> Option<AppointmentId> {
        self.held_by.get(client).copied()
    }

    /// The appointment of a holder.
    pub fn by_token(&self, token: &Token) -> Option<AppointmentId> {
        self.by_token.get(token).copied()
    }

    /// The appointment with this code.
    pub fn by_code(&self, code: &AppointmentCode) -> Option<AppointmentId> {
        self.by_code.get(code).copied()
    }
}

type ByPerson = BTreeMap<PersonId, BTreeSet<AppointmentId>>;

fn put_in(sets: &mut ByPerson, person: &PersonId, id: AppointmentId) {
    sets.entry(person.clone()).or_default().insert(id);
}

/// What it claims: keyed by whose it is and whether it is an offer, because a booking may be offered another slot.
fn claims(
    appointment: &Appointment,
) -> impl Iterator<Item = ((AppointmentId, bool), &SlotId, Claim)> {
    let id = appointment.id;
    let all = appointment.claims().zip([false, true]);
    all.flat_map(move |((reservation, until), second)| {
        let claim = Claim {
            places: reservation.places,
            until,
        };
        let slots = reservation.slots.iter();
        slots.map(move |slot| ((id, second), slot, claim))
    })
}

fn digests(visitor: &Visitor) -> impl Iterator<Item = &PersonId> {
    let later = visitor.named.iter().chain(&visitor.phone);
    later.chain([&visitor.person])
}

fn client(appointment: &Appointment) -> Option<&Token> {
    match &appointment.standing {
        Standing::Held { client, .. } => client.as_ref(),
        _ => None,
    }
}

fn wish(appointment: &Appointment) -> Option<(&SlotId, (Time, AppointmentId))> {
    let wish = appointment.wish.as_ref().filter(|wish| !wish.offered)?;
    Some((wish.reservation.first_slot(), (wish.since, appointment.id)))
}

fn expected(appointment: &Appointment) -> Option<(Time, AppointmentId)> {
    let reservation = appointment.reservation.as_ref()?;
    let key = (reservation.starts_at, appointment.id);
    appointment.is_booked().then_some(key)
}

impl Hall {
    /// An appointment by key.
    pub fn appointment(&self, id: AppointmentId) -> Option<&Appointment> {
        self.appointments().get(&id)
    }

    /// The holder's appointment.
    pub fn appointment_by_token(&self, token: &Token) -> Option<&Appointment> {
        let id = self.diary.by_token(token)?;
        self.appointment(id)
    }

    /// The appointment with this code.
    pub fn appointment_by_code(&self, code: &AppointmentCode) -> Option<&Appointment> {
        let id = self.diary.by_code(code)?;
        self.appointments().get(&id)
    }

    /// Places of a slot that can be booked at `now`.
    pub fn free_places(&self, slot: &Slot, now: Time) -> u16 {
        let taken = self.diary.taken(&slot.id, now, |_| false);
        let free = u32::from(slot.rule.places).saturating_sub(taken);
        u16::try_from(free).unwrap_or(u16::MAX)
    }

    /// Who is still to come to the hall for a slot that starts in `[from, to)`, in order of time.
    pub fn expected(&self, from: Time, to: Time) -> impl Iterator<Item = &Appointment> {
        let expected = self.diary.expected(from, to);
        let booked = expected.filter_map(|id| self.appointments().get(&id));
        booked.filter(|appointment| appointment.kind.is_window())
    }

    /// What a person, whom records know by any of these digests, has booked or waits for, in order of booking.
    pub fn open_bookings_of(&self, known_as: &BTreeSet<&PersonId>) -> Vec<&Appointment> {
        let theirs = known_as.iter().flat_map(|one| self.diary.of_person(one));
        let theirs: BTreeSet<AppointmentId> = theirs.collect();
        let theirs = theirs.iter().filter_map(|id| self.appointments().get(id));
        theirs
            .filter(|booking| booking.standing.name().is_open())
            .collect()
    }

    /// Until when somebody who kept not coming, under any of these digests, cannot book.
    pub fn blocked_until(&self, known_as: &BTreeSet<&PersonId>, now: Time) -> Option<Time> {
        let limit = self.plan().policy.no_show_limit?;
        let since = now - Duration::days(limit.within_days.into());
        let times = known_as.iter().filter_map(|one| self.no_shows().get(*one));
        let mut recent: Vec<&Time> = times.flatten().filter(|time| **time >= since).collect();
        recent.sort();
        let last = recent
            .last()
            .filter(|_| recent.len() >= limit.count as usize)?;
        let until = **last + Duration::days(limit.blocked_days.into());
        (now < until).then_some(until)
    }
}
