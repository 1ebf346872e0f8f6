//! The day's sums: issued = served + cancelled + missed + handed on + unserved, each ticket by its final stage.

use crate::id::WindowNumber;
use crate::state::day::Day;
use crate::state::hall::Hall;
use crate::state::ticket::{Stage, StageName, Ticket, Visit, VisitEnding};
use crate::time::DateTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is written down when a day closes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClosingRecord {
    pub issued: u32,
    pub served: u32,
    pub cancelled: u32,
    pub missed: u32,
    pub handed_on: u32,
    /// Broken promises.
    pub unserved: u32,
    pub last_served_at: Option<DateTime>,
    /// How long after the last session's close each window was done with its last ticket, in seconds.
    pub overtime_seconds: BTreeMap<WindowNumber, u32>,
}

impl ClosingRecord {
    /// The sums of a day whose tickets all have their final stage.
    pub fn of(hall: &Hall, day: &Day) -> ClosingRecord {
        let mut closing = ClosingRecord::default();
        for ticket in hall.tickets_of(day) {
            closing.count(ticket.stage.name());
        }
        let visits = || hall.tickets_of(day).flat_map(|ticket| &ticket.visits);
        let is_finish = |visit: &&Visit| matches!(visit.ending, VisitEnding::Finished { .. });
        let finishes = visits().filter(is_finish);
        closing.last_served_at = finishes.map(|visit| visit.finished_at).max();
        if let Some(span) = hall.plan().span(day.date) {
            let worked = hall.tickets_of(day).flat_map(worked_visits);
            for visit in worked.filter(|visit| visit.finished_at > span.closes) {
                let seconds = (visit.finished_at - span.closes).num_seconds() as u32;
                let overtime = closing.overtime_seconds.entry(visit.window).or_default();
                *overtime = (*overtime).max(seconds);
            }
        }
        closing
    }

    /// Whether every issued ticket is accounted for.
    pub fn agrees(&self) -> bool {
        self.issued == self.served + self.cancelled + self.missed + self.handed_on + self.unserved
    }

    fn count(&mut self, stage: StageName) {
        self.issued += 1;
        match stage {
            StageName::Served => self.served += 1,
            StageName::Cancelled => self.cancelled += 1,
            StageName::Missed => self.missed += 1,
            StageName::HandedOn => self.handed_on += 1,
            StageName::Unserved => self.unserved += 1,
            // open: issued and not yet in a final sum, so the record of a running day does not agree
            StageName::Waiting | StageName::Called | StageName::Serving | StageName::Parked => {}
        }
    }
}

/// The visits that an officer brought to an end; a settlement the next morning is nobody's overtime.
fn worked_visits(ticket: &Ticket) -> impl Iterator<Item = &Visit> {
    let settled_at = match ticket.stage {
        Stage::Unserved { at } => Some(at),
        _ => None,
    };
    let visits = ticket.visits.iter();
    visits.filter(move |visit| Some(visit.finished_at) != settled_at)
}

impl Hall {
    /// The tickets of a business day that is the open or the last one.
    pub fn tickets_of<'a>(&'a self, day: &'a Day) -> impl Iterator<Item = &'a Ticket> {
        self.tickets().values().filter(|ticket| day.has(ticket))
    }
}
