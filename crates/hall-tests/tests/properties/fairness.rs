//! Who was overtaken, and how often: for those who simply stand in line.
//!
//! Within a service and class it is first come, first served; for those who booked, in the order of their slots, and
//! whoever came late stands in a line apart. Where nothing can be booked, the overtaking between the classes of a service
//! is bounded: with at most *k* prioritised tickets in a row,
//!
//! * a normal ticket is passed by at most *k × (n + 1)* prioritised ones while *n* normal ones were called;
//! * a prioritised ticket is passed by at most *⌊q ÷ k⌋ + 1* normal ones taken later, while *q* prioritised ones were
//!   called.
//!
//! Vouchers, and holders back with a paper, go before the line by right. Calls out of order, which need a reason, are an officer's and not counted as the rule's; calls that were taken back
//! passed nobody.

use hall::id::{ServiceId, TicketId};
use hall::plan::class::Class;
use hall::state::queue::Lane;
use hall::state::ticket::{PlaceInLine, Ticket};
use hall::{Event, Hall, Record, Time};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Fairness {
    passed: BTreeMap<TicketId, Passed>,
    /// A window preferred a class, or something could be booked, and be it by a plan of earlier today.
    preferred: bool,
    bookable: bool,
    /// Whom the call with this version passed.
    by_call: BTreeMap<u64, Vec<TicketId>>,
}

/// What happened in one's service while one stood in line.
#[derive(Default)]
struct Passed {
    /// By the other class, against one's claim.
    by_others: u32,
    normal_calls: u32,
    prioritised_calls: u32,
}

/// One who stands in line.
#[derive(Clone)]
struct InLine {
    id: TicketId,
    service: ServiceId,
    lane: Lane,
    since: (Time, TicketId),
}

/// Those who waited before a command: in line, and before it.
pub struct Line {
    plain: Vec<InLine>,
    first: Vec<TicketId>,
}

impl Line {
    pub fn of(hall: &Hall) -> Line {
        let in_line = |ticket: &Ticket| InLine {
            id: ticket.id,
            service: ticket.service.clone(),
            lane: Lane::of(ticket),
            since: ticket.seniority(),
        };
        let waits = |ticket: &&Ticket| ticket.stage.place() == Some(PlaceInLine::InLine);
        let is_first = |ticket: &&Ticket| ticket.stage.place().is_some_and(PlaceInLine::is_first);
        Line {
            plain: hall.open_tickets().filter(waits).map(in_line).collect(),
            first: hall
                .open_tickets()
                .filter(is_first)
                .map(|ticket| ticket.id)
                .collect(),
        }
    }
}

impl Fairness {
    /// Looks at what a record did to those who stood in line before it.
    pub fn look(&mut self, before: &Line, hall: &Hall, record: &Record<Event>) {
        let after = Line::of(hall);
        let plan = hall.plan();
        self.preferred |= plan.windows.iter().any(|window| window.prefers.is_some());
        self.bookable |= !plan.appointments.is_empty();
        for event in &record.events {
            match event {
                Event::TicketCalled { ticket, reason, .. } => {
                    self.called(before, hall, record.version, *ticket, reason.is_none());
                }
                Event::CommandUndone { version, .. } => self.undone(*version),
                _ => {}
            }
        }
        // who joins the line of another service begins anew there
        let same_line = |id: &TicketId| {
            let one = after.plain.iter().find(|one| one.id == *id);
            let was = before.plain.iter().find(|one| one.id == *id);
            one.is_some_and(|one| was.is_none_or(|was| was.service == one.service))
        };
        self.passed.retain(|id, _| same_line(id));
    }

    fn called(&mut self, before: &Line, hall: &Hall, version: u64, id: TicketId, in_order: bool) {
        if before.first.contains(&id) {
            return; // a voucher, or back with the paper: passes everyone by right
        }
        let ticket = hall.ticket(id).unwrap();
        let called = InLine {
            id,
            service: ticket.service.clone(),
            lane: Lane::of(ticket),
            since: ticket.seniority(),
        };
        let stood_in_line = before.plain.iter().any(|one| one.id == id);
        let others = before
            .plain
            .iter()
            .filter(|one| one.id != id && one.service == called.service);
        for one in others {
            let earlier = one.since < called.since;
            assert!(
                !(in_order && stood_in_line && earlier && one.lane == called.lane),
                "O1: {} went before {:?}, who came first",
                ticket.number,
                one.id
            );
            self.note(one, &called, version, in_order && earlier);
            self.is_bounded(hall, one);
        }
    }

    fn note(&mut self, one: &InLine, called: &InLine, version: u64, overtakes: bool) {
        let passed = self.passed.entry(one.id).or_default();
        if called.lane.is_prioritised() {
            passed.prioritised_calls += 1;
        } else {
            passed.normal_calls += 1;
        }
        if overtakes && one.lane.is_prioritised() != called.lane.is_prioritised() {
            passed.by_others += 1;
            self.by_call.entry(version).or_default().push(one.id);
        }
    }

    fn undone(&mut self, version: u64) {
        for id in self.by_call.remove(&version).unwrap_or_default() {
            if let Some(passed) = self.passed.get_mut(&id) {
                passed.by_others -= 1;
            }
        }
    }

    fn is_bounded(&self, hall: &Hall, one: &InLine) {
        let passed = &self.passed[&one.id];
        let in_a_row = hall.plan().policy.prioritised_in_a_row;
        if self.bookable {
            return; // a dedicated window neither counts nor obeys the row
        }
        let bound = match one.lane {
            Lane::Of(Class::Normal) => in_a_row * (passed.normal_calls + 1),
            _ if self.preferred => return, // a window that prefers another class takes that first
            _ => passed.prioritised_calls / in_a_row + 1,
        };
        assert!(
            passed.by_others <= bound,
            "O2: {:?} was passed {} times, at most {bound} are fair",
            one.id,
            passed.by_others
        );
    }
}
