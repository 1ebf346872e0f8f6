//! The checker: what the clients heard about places against what the log has.
//!
//! It counts places with a model of its own, record by record: who has them for good, and who until when.

use super::booker::{Asked, BookingHeard};
use crate::history::Verdict;
use hall::id::AppointmentId;
use hall::plan::slot::{Reservation, SlotId};
use hall::{Event, Plan, Record, Time};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the log has at its end.
#[derive(Debug, Default)]
pub struct Seen {
    pub bookings: usize,
    /// Holds that ended without a booking.
    pub expired: usize,
    by_slot: BTreeMap<SlotId, usize>,
}

impl Seen {
    /// Places of this slot that are booked.
    pub fn of_slot(&self, name: &str) -> usize {
        let of_slot = self
            .by_slot
            .iter()
            .find(|(slot, _)| slot.to_string() == name);
        of_slot.map_or(0, |(_, places)| *places)
    }
}

/// Holds what the clients heard against the log.
pub fn check(asked: &[Asked], records: &[Record<Event>], verdict: &mut Verdict) -> Seen {
    let mut book = Book::default();
    let known: HashSet<&str> = asked.iter().map(|asked| asked.id.as_str()).collect();
    for record in records {
        book.take_in(record, &known, verdict);
    }
    answers_are_in_the_log(asked, &book, verdict);
    Seen {
        bookings: book
            .claims
            .values()
            .filter(|claim| claim.until.is_none())
            .count(),
        expired: book.expired,
        by_slot: book.places_of(|claim| claim.until.is_none()),
    }
}

/// Who has which places.
#[derive(Debug, Default)]
struct Book {
    plan: Option<Plan>,
    claims: BTreeMap<AppointmentId, Claim>,
    tokens: HashMap<String, AppointmentId>,
    /// What each command booked or held, and where each moved.
    by_command: HashMap<String, Vec<Done>>,
    expired: usize,
}

#[derive(Debug)]
struct Claim {
    reservation: Reservation,
    /// For good, if there is no end.
    until: Option<Time>,
}

#[derive(Debug, PartialEq)]
enum Done {
    Held {
        token: String,
    },
    Booked {
        token: String,
        code: String,
        slot: String,
    },
    Moved {
        token: String,
        slot: String,
    },
}

impl Done {
    /// The key of what it moved.
    fn moved(&self) -> Option<&str> {
        match self {
            Done::Moved { token, .. } => Some(token),
            Done::Held { .. } | Done::Booked { .. } => None,
        }
    }
}

impl Book {
    fn take_in(&mut self, record: &Record<Event>, known: &HashSet<&str>, verdict: &mut Verdict) {
        let id = record.key.to_string();
        for event in &record.events {
            let done = self.happened(event, record.version, verdict);
            if done.is_some() && !known.contains(id.as_str()) {
                let what = format!("version {}: {event:?}", record.version);
                verdict.add("an effect nobody asked for", what);
            }
            self.by_command.entry(id.clone()).or_default().extend(done);
        }
        self.nothing_is_sold_twice(record, verdict);
    }

    fn happened(&mut self, event: &Event, version: u64, verdict: &mut Verdict) -> Option<Done> {
        match event {
            Event::PlanAdopted { plan } => {
                self.plan = Some((**plan).clone());
                None
            }
            Event::PlaceHeld {
                appointment,
                token,
                reservation,
                until,
                ..
            } => {
                self.claim(*appointment, reservation, Some(*until));
                self.tokens.insert(token.to_string(), *appointment);
                Some(Done::Held {
                    token: token.to_string(),
                })
            }
            Event::HoldEnded { appointment } => {
                self.claims.remove(appointment);
                self.expired += 1;
                None
            }
            Event::AppointmentBooked(booked) => {
                self.claim(booked.appointment, &booked.reservation, None);
                self.tokens
                    .insert(booked.token.to_string(), booked.appointment);
                Some(Done::Booked {
                    token: booked.token.to_string(),
                    code: booked.code.to_string(),
                    slot: booked.reservation.first_slot().to_string(),
                })
            }
            Event::AppointmentMoved {
                appointment,
                reservation,
                ..
            } => {
                self.claim(*appointment, reservation, None);
                let token = self.tokens.iter().find(|(_, id)| *id == appointment);
                let slot = reservation.first_slot().to_string();
                token.map(|(token, _)| Done::Moved {
                    token: token.clone(),
                    slot,
                })
            }
            Event::DayOpened { .. } | Event::DayClosed { .. } => None,
            other => {
                verdict.add("unexpected", format!("version {version}: {other:?}"));
                None
            }
        }
    }

    fn claim(
        &mut self,
        appointment: AppointmentId,
        reservation: &Reservation,
        until: Option<Time>,
    ) {
        let reservation = reservation.clone();
        self.claims
            .insert(appointment, Claim { reservation, until });
    }

    /// At no version are more places taken than the plan has, holds that still run included.
    fn nothing_is_sold_twice(&self, record: &Record<Event>, verdict: &mut Verdict) {
        let taken = self.places_of(|claim| claim.until.is_none_or(|until| record.at < until));
        for (slot, taken) in taken {
            let rule = self
                .plan
                .as_ref()
                .and_then(|plan| plan.appointment_rule(slot.rule()));
            let places = rule.map_or(0, |rule| usize::from(rule.places));
            if taken > places {
                let what = format!(
                    "version {}: {taken} of {places} places of {slot}",
                    record.version
                );
                verdict.add("a place was sold twice", what);
            }
        }
    }

    fn places_of(&self, counts: impl Fn(&Claim) -> bool) -> BTreeMap<SlotId, usize> {
        let mut places = BTreeMap::new();
        for claim in self.claims.values().filter(|claim| counts(claim)) {
            for slot in &claim.reservation.slots {
                *places.entry(slot.clone()).or_default() += usize::from(claim.reservation.places);
            }
        }
        places
    }

    /// The slot that an appointment has in the end.
    fn slot_of(&self, token: &str) -> Option<String> {
        let claim = self.claims.get(self.tokens.get(token)?)?;
        Some(claim.reservation.first_slot().to_string())
    }
}

fn answers_are_in_the_log(asked: &[Asked], book: &Book, verdict: &mut Verdict) {
    let mut booked_by: HashMap<usize, String> = HashMap::new();
    let mut last_heard: HashMap<String, String> = HashMap::new();
    let mut unsettled: HashSet<&str> = HashSet::new();
    for asked in asked {
        let done = book
            .by_command
            .get(&asked.id)
            .map_or(&[][..], Vec::as_slice);
        let mut answers: Vec<&BookingHeard> = asked.heard.iter().collect();
        answers.dedup();
        let told: Vec<&&BookingHeard> = answers
            .iter()
            .filter(|heard| !matches!(heard, BookingHeard::Refused(_)))
            .collect();
        let mut of_the_key = told
            .iter()
            .filter(|heard| moved_on(heard, done, book).is_none());
        let first = of_the_key.next();
        if of_the_key.any(|heard| Some(heard) != first) {
            verdict.add("two answers to one key", format!("{asked:?}"));
        }
        if done.len() > 1 {
            verdict.add("done twice", format!("{asked:?}: {done:?}"));
        }
        for heard in told {
            if !done.contains(&as_done(heard)) {
                if let Some(token) = moved_on(heard, done, book) {
                    unsettled.insert(token);
                    continue;
                }
                verdict.add("acknowledged and lost", format!("{asked:?}: {done:?}"));
            }
            match heard {
                BookingHeard::Booked { token, slot, .. } => {
                    if booked_by
                        .insert(asked.person, token.clone())
                        .is_some_and(|before| before != *token)
                    {
                        verdict.add("one person has two", format!("{asked:?}"));
                    }
                    last_heard
                        .entry(token.clone())
                        .or_insert_with(|| slot.clone());
                }
                BookingHeard::Moved { token, slot } => {
                    last_heard.insert(token.clone(), slot.clone());
                }
                BookingHeard::Held { .. } | BookingHeard::Refused(_) => {}
            }
        }
        let is_refused = asked
            .heard
            .iter()
            .all(|heard| matches!(heard, BookingHeard::Refused(_)));
        if is_refused && !done.is_empty() && asked.unknown == 0 {
            verdict.add("refused and done", format!("{asked:?}: {done:?}"));
        }
        // a copy whose end nobody heard may have moved it at any later moment
        if is_refused {
            unsettled.extend(done.iter().filter_map(Done::moved));
        }
    }
    last_heard.retain(|token, _| !unsettled.contains(token.as_str()));
    for (token, slot) in last_heard {
        let has = book.slot_of(&token);
        if has.as_deref() != Some(slot.as_str()) {
            verdict.add(
                "not where it was told to be",
                format!("{token}: {has:?} instead of {slot}"),
            );
        }
    }
}

/// A move is answered with the appointment as it stands, and a copy of an earlier move, whose end nobody heard, may have
/// come between: then the command did move it, and the log knows who moved it on to what was told.
fn moved_on<'a>(heard: &BookingHeard, done: &'a [Done], book: &Book) -> Option<&'a str> {
    let BookingHeard::Moved { .. } = heard else {
        return None;
    };
    let told = as_done(heard);
    if done.contains(&told) {
        return None;
    }
    let is_in_log = book.by_command.values().flatten().any(|done| *done == told);
    let own = done.iter().filter_map(Done::moved);
    let same =
        |token: &&str| matches!(heard, BookingHeard::Moved { token: told, .. } if told == token);
    own.filter(|_| is_in_log).find(same)
}

fn as_done(heard: &BookingHeard) -> Done {
    match heard {
        BookingHeard::Held { token } => Done::Held {
            token: token.clone(),
        },
        BookingHeard::Booked { token, code, slot } => Done::Booked {
            token: token.clone(),
            code: code.clone(),
            slot: slot.clone(),
        },
        BookingHeard::Moved { token, slot } => Done::Moved {
            token: token.clone(),
            slot: slot.clone(),
        },
        BookingHeard::Refused(kind) => unreachable!("{kind} was filtered out"),
    }
}

#[cfg(test)]
mod tests;
