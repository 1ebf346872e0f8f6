//! Who waits, in order: an index over the tickets, derived from them and never stored.
//!
//! A lane is one service's tickets of one class, oldest first; those with an appointment stand in the order of their
//! slots, and whoever of them came late stands in a lane behind. Within a lane the first is always called first, so the
//! calling rule looks at the heads of lanes only, however many people wait. Those who go first (vouchers, holders back
//! with a paper) stand apart: they are few.

use crate::id::{PersonId, ServiceId, TicketId, TicketNumber, Token};
use crate::plan::class::Class;
use crate::state::ticket::{Stage, Ticket};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// The index; every ticket passes through [`Queue::add`] and [`Queue::remove`]. Nothing empty stays behind, so that an
/// index kept for weeks equals one built anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    lanes: BTreeMap<(ServiceId, Lane), BTreeSet<(Time, TicketId)>>,
    first: BTreeSet<(Time, TicketId)>,
    waiting_of: BTreeMap<ServiceId, u32>,
    open: BTreeSet<TicketId>,
    open_of: BTreeMap<ServiceId, u32>,
    parked: BTreeSet<TicketId>,
    missed: BTreeMap<ServiceId, BTreeSet<(Time, TicketId)>>,
    /// The open tickets of those who showed a document.
    by_person: BTreeMap<PersonId, BTreeSet<TicketId>>,
    /// Those on their way to another hall.
    leaving: BTreeSet<TicketId>,
    by_token: BTreeMap<Token, TicketId>,
    /// A face may be there twice: yesterday's `A001` and today's.
    by_number: BTreeSet<(TicketNumber, TicketId)>,
}

/// Whose lane it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    Of(Class),
    /// Came too late for the appointment.
    Late,
}

impl Lane {
    /// Those who came in time for their appointment.
    pub const PUNCTUAL: Lane = Lane::Of(Class::Appointment);

    /// Every lane of a service, the normal one first.
    pub const ALL: [Lane; 7] = [
        Lane::Of(Class::Normal),
        Lane::Of(Class::Elderly),
        Lane::Of(Class::Disabled),
        Lane::Of(Class::Pregnant),
        Lane::Of(Class::Military),
        Lane::PUNCTUAL,
        Lane::Late,
    ];

    /// The lane a ticket stands in.
    pub fn of(ticket: &Ticket) -> Lane {
        match &ticket.appointment {
            Some(appointment) if appointment.late => Lane::Late,
            Some(_) | None => Lane::Of(ticket.class),
        }
    }

    /// Whether its tickets gain on normal ones.
    pub fn is_prioritised(self) -> bool {
        match self {
            Lane::Of(class) => class.is_prioritised(),
            Lane::Late => false,
        }
    }
}

impl Queue {
    /// The index over these tickets.
    pub fn of<'a>(tickets: impl Iterator<Item = &'a Ticket>) -> Queue {
        let mut queue = Queue::default();
        tickets.for_each(|ticket| queue.add(ticket));
        queue
    }

    /// Puts a ticket where its stage says.
    pub fn add(&mut self, ticket: &Ticket) {
        self.by_token.insert(ticket.token.clone(), ticket.id);
        if !ticket.reported_late {
            // its face may be another citizen's by now
            self.by_number.insert((ticket.number.clone(), ticket.id));
        }
        if ticket.leaving.is_some() {
            self.leaving.insert(ticket.id);
        }
        if ticket.stage.name().is_open() {
            self.open.insert(ticket.id);
            count(&mut self.open_of, &ticket.service);
            if let Some(person) = &ticket.person {
                let theirs = self.by_person.entry(person.clone()).or_default();
                theirs.insert(ticket.id);
            }
        }
        let seniority = ticket.seniority();
        match &ticket.stage {
            Stage::Waiting { place, .. } => {
                if place.is_first() {
                    self.first.insert(seniority);
                } else {
                    let lane = self.lanes.entry(lane_of(ticket)).or_default();
                    lane.insert(seniority);
                }
                count(&mut self.waiting_of, &ticket.service);
            }
            Stage::Parked { .. } => {
                self.parked.insert(ticket.id);
            }
            Stage::Missed { at, .. } => {
                let missed = self.missed.entry(ticket.service.clone()).or_default();
                missed.insert((*at, ticket.id));
            }
            Stage::Called { .. }
            | Stage::Serving { .. }
            | Stage::Served { .. }
            | Stage::Cancelled { .. }
            | Stage::HandedOn { .. }
            | Stage::Unserved { .. } => {}
        }
    }

    /// Takes a ticket out, as it stood when it was added.
    pub fn remove(&mut self, ticket: &Ticket) {
        self.by_token.remove(&ticket.token);
        self.by_number.remove(&(ticket.number.clone(), ticket.id));
        self.leaving.remove(&ticket.id);
        if self.open.remove(&ticket.id) {
            discount(&mut self.open_of, &ticket.service);
            if let Some(person) = &ticket.person {
                take_out(&mut self.by_person, person, &ticket.id);
            }
        }
        let seniority = ticket.seniority();
        match &ticket.stage {
            Stage::Waiting { place, .. } => {
                if place.is_first() {
                    self.first.remove(&seniority);
                } else {
                    take_out(&mut self.lanes, &lane_of(ticket), &seniority);
                }
                discount(&mut self.waiting_of, &ticket.service);
            }
            Stage::Parked { .. } => {
                self.parked.remove(&ticket.id);
            }
            Stage::Missed { at, .. } => {
                take_out(&mut self.missed, &ticket.service, &(*at, ticket.id));
            }
            Stage::Called { .. }
            | Stage::Serving { .. }
            | Stage::Served { .. }
            | Stage::Cancelled { .. }
            | Stage::HandedOn { .. }
            | Stage::Unserved { .. } => {}
        }
    }

    /// The tickets of one service's lane, the first in line first.
    pub fn lane(&self, service: &ServiceId, lane: Lane) -> impl Iterator<Item = TicketId> + '_ {
        let lane = self.lanes.get(&(service.clone(), lane));
        lane.into_iter().flatten().map(|(_, id)| *id)
    }

    /// Those who go before every lane, oldest first.
    pub fn first(&self) -> impl Iterator<Item = TicketId> + '_ {
        self.first.iter().map(|(_, id)| *id)
    }

    /// How many of one service wait.
    pub fn waiting(&self, service: &ServiceId) -> u32 {
        self.waiting_of.get(service).copied().unwrap_or(0)
    }

    /// Every ticket in waiting, called, serving or parked, in order of issue.
    pub fn open(&self) -> impl Iterator<Item = TicketId> + '_ {
        self.open.iter().copied()
    }

    /// How many of one service are in waiting, called, serving or parked.
    pub fn open_of(&self, service: &ServiceId) -> u32 {
        self.open_of.get(service).copied().unwrap_or(0)
    }

    /// The tickets of a service that were missed and did not come back, the last miss first.
    pub fn missed(&self, service: &ServiceId) -> impl Iterator<Item = (Time, TicketId)> + '_ {
        let missed = self.missed.get(service);
        missed.into_iter().flatten().rev().copied()
    }

    /// Every parked ticket, in order of issue.
    pub fn parked(&self) -> impl Iterator<Item = TicketId> + '_ {
        self.parked.iter().copied()
    }

    /// Every ticket that is on its way to another hall.
    pub fn leaving(&self) -> impl Iterator<Item = TicketId> + '_ {
        self.leaving.iter().copied()
    }

    /// The open tickets of a person, in order of issue.
    pub fn open_of_person(&self, person: &PersonId) -> impl Iterator<Item = TicketId> + '_ {
        self.by_person.get(person).into_iter().flatten().copied()
    }

    /// The first of every lane, and of those who go before them.
    pub fn heads(&self) -> impl Iterator<Item = TicketId> + '_ {
        let heads = self.lanes.values().filter_map(|lane| lane.first());
        heads.chain(self.first.first()).map(|(_, id)| *id)
    }

    /// The ticket of a holder.
    pub fn by_token(&self, token: &Token) -> Option<TicketId> {
        self.by_token.get(token).copied()
    }

    /// The newest ticket with this face.
    pub fn by_number(&self, number: &TicketNumber) -> Option<TicketId> {
        let face = |id| (number.clone(), TicketId(id));
        let same = self.by_number.range(face(0)..=face(u64::MAX));
        same.map(|(_, id)| *id).next_back()
    }
}

fn lane_of(ticket: &Ticket) -> (ServiceId, Lane) {
    (ticket.service.clone(), Lane::of(ticket))
}

fn count(counts: &mut BTreeMap<ServiceId, u32>, service: &ServiceId) {
    *counts.entry(service.clone()).or_default() += 1;
}

fn discount(counts: &mut BTreeMap<ServiceId, u32>, service: &ServiceId) {
    if let Some(count) = counts.get_mut(service) {
        *count -= 1;
        if *count == 0 {
            counts.remove(service);
        }
    }
}

/// Takes a value out of the set of this key, and the set with the last one.
pub(super) fn take_out<K: Ord, V: Ord>(sets: &mut BTreeMap<K, BTreeSet<V>>, key: &K, value: &V) {
    if let Some(set) = sets.get_mut(key) {
        set.remove(value);
        if set.is_empty() {
            sets.remove(key);
        }
    }
}
