//! Who is next.
//!
//! Accumulating priority (Kleinrock's delay-dependent priorities, 1964): a waiting ticket's score is its waiting time ×
//! the rate of its class; the highest score that the window can serve is called, ties by order of issue. So within a
//! class it is first come, first served, and nobody starves. Around that stand, in this order:
//!
//! 1. who is back with a paper at this window, and who has a voucher, goes first;
//! 2. an appointment whose slot began ten minutes ago goes next;
//! 3. a window dedicated to appointments takes those first, stays free for one that is due within a service time, and
//!    helps the others when none is;
//! 4. a window's primary services go before its others, until one of those has waited too long;
//! 5. a window that prefers a class takes it first;
//! 6. at most two prioritised tickets of a service in a row while a normal one of it waits, but for dedicated windows;
//! 7. whoever booked with an officer is called by him while he sits at a window;
//! 8. who is on the way to another hall is not called;
//! 9. returned and deferred tickets wait for a few further calls, or until nobody else is callable.
//!
//! In an appointment's score the minutes before the slot count once and those after it count four times, so its head
//! start is bounded. Appointments are called in the order of their slots, and whoever came late after the punctual
//! ones.
//!
//! The same function picks and explains: [`candidates`].

use crate::id::{ServiceId, TicketId, WindowNumber};
use crate::plan::WindowPlan;
use crate::plan::class::Class;
use crate::record::event::CountsAs;
use crate::rules::estimate;
use crate::state::appointment::Appointment;
use crate::state::hall::Hall;
use crate::state::queue::Lane;
use crate::state::ticket::{PlaceInLine, Ticket};
use crate::state::window::{Staffing, Window};
use crate::time::Time;
use chrono::Duration;
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::ToSchema;

/// One ticket that a window could call, and why it stands where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub ticket: TicketId,
    pub class: Class,
    pub waited: Duration,
    /// Milliseconds of waiting × rate of the class.
    pub score: i64,
    pub why: Why,
}

/// What put a candidate into its place, the strongest reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Back with the paper at the window that sent for it.
    BackAtWindow,
    /// Has a voucher.
    Voucher,
    /// Has an appointment whose slot began a while ago.
    Overdue,
    /// Has an appointment, and the window is dedicated to those.
    Booked,
    /// The window prefers its class.
    Preferred,
    /// The highest score.
    Score,
    /// Was returned or deferred, and nobody else is callable.
    NobodyElse,
}

/// The first `limit` tickets this window would call, in order. Empty when it has nobody, is not staffed, or calling is
/// paused there.
pub fn candidates(hall: &Hall, window: WindowNumber, now: Time, limit: usize) -> Vec<Candidate> {
    let Some(staffing) = hall.staffing(window) else {
        return Vec::new();
    };
    if staffing.pause.is_some() || hall.calling_paused().is_some() {
        return Vec::new();
    }
    let desk = Desk {
        hall,
        window,
        plan: hall.plan().window(window),
        staffing,
        now,
        is_dedicated: is_dedicated(hall, window, now),
    };
    let callable = desk.in_order(limit, false);
    if callable.is_empty() {
        desk.in_order(limit, true)
    } else {
        callable
    }
}

/// Whether a window serves appointments before anyone else at this moment: a slot of a rule that names it runs, or
/// check-in for its first one has begun.
pub fn is_dedicated(hall: &Hall, window: WindowNumber, now: Time) -> bool {
    let early = Duration::minutes(hall.plan().policy.check_in_early_minutes.into());
    let mut rules = hall.plan().dedicating(window, now, early);
    rules.next().is_some()
}

/// What a call counts as in the row of prioritised calls, before it happens. Somebody without a number (`None`) overtakes
/// nobody.
pub fn counts_as(
    hall: &Hall,
    window: WindowNumber,
    ticket: Option<&Ticket>,
    now: Time,
) -> CountsAs {
    let place = ticket.and_then(|ticket| ticket.stage.place());
    if place.is_some_and(PlaceInLine::is_first) || is_dedicated(hall, window, now) {
        return CountsAs::Apart;
    }
    let normal = Lane::Of(Class::Normal);
    let overtakes = |ticket: &Ticket| {
        let mut normal_ones = hall.queue.lane(&ticket.service, normal);
        Lane::of(ticket).is_prioritised() && normal_ones.next().is_some()
    };
    match ticket.is_some_and(overtakes) {
        true => CountsAs::Overtaking,
        false => CountsAs::InTurn,
    }
}

/// How fast a class gains; an appointment's pace changes with its slot, see [`score`].
pub fn rate(hall: &Hall, class: Class) -> i64 {
    if class.is_courtesy() {
        i64::from(hall.plan().policy.priority_rate)
    } else {
        1
    }
}

/// A ticket's score at `now`.
pub fn score(hall: &Hall, ticket: &Ticket, now: Time) -> i64 {
    let milliseconds = |duration: Duration| duration.num_milliseconds().max(0);
    match ticket.appointment.filter(|appointment| !appointment.late) {
        Some(appointment) => {
            let slot = appointment.starts_at;
            let before = milliseconds(now.min(slot) - ticket.taken_at);
            let after = milliseconds(now - slot.max(ticket.taken_at));
            before + after * i64::from(hall.plan().policy.appointment_rate)
        }
        None => milliseconds(now - ticket.taken_at) * rate(hall, ticket.class),
    }
}

/// One window's view of the queue.
struct Desk<'a> {
    hall: &'a Hall,
    window: WindowNumber,
    plan: Option<&'a WindowPlan>,
    staffing: &'a Staffing,
    now: Time,
    is_dedicated: bool,
}

impl Desk<'_> {
    fn in_order(&self, limit: usize, held_too: bool) -> Vec<Candidate> {
        let mut found = self.first_in_line();
        let mut punctual_lets_by = false;
        for service in &self.staffing.services {
            let normal_is_due = !self.is_dedicated && self.normal_is_due(service, held_too);
            for lane in Lane::ALL {
                let mut of_lane = self.head_of_lane(service, lane, limit, held_too);
                if lane.is_prioritised() && normal_is_due {
                    let before = of_lane.len();
                    of_lane.retain(|candidate| candidate.why == Why::Overdue);
                    punctual_lets_by |= lane == Lane::PUNCTUAL && of_lane.len() < before;
                }
                found.extend(of_lane);
            }
        }
        if punctual_lets_by {
            found.retain(|candidate| !self.is_late(candidate)); // it does not let those by who came late
        }
        self.keep_to_appointments(&mut found);
        self.keep_to_primary(&mut found);
        self.put_late_behind(&mut found);
        found.sort_by_key(|candidate| self.order(candidate));
        found.truncate(limit);
        found
    }

    /// First by reason, then by score, with those who came late behind the punctual ones. Candidates whose reason is
    /// the appointment alone have no score here, so they stand in the order of the slots.
    fn order(&self, candidate: &Candidate) -> (Why, Reverse<i64>, bool, (Time, TicketId)) {
        let ticket = self.hall.known_ticket(candidate.ticket);
        let score = match candidate.why {
            Why::Overdue | Why::Booked => 0,
            Why::BackAtWindow | Why::Voucher | Why::Preferred | Why::Score | Why::NobodyElse => {
                candidate.score
            }
        };
        let is_late = self.is_late(candidate);
        (candidate.why, Reverse(score), is_late, ticket.seniority())
    }

    /// Stands in the lane of those who came late; whoever goes first by right does not.
    fn is_late(&self, candidate: &Candidate) -> bool {
        self.lane(candidate).1 == Some(Lane::Late)
    }

    fn lane(&self, candidate: &Candidate) -> (&ServiceId, Option<Lane>) {
        let ticket = self.hall.known_ticket(candidate.ticket);
        let stands_in = (candidate.why > Why::Voucher).then(|| Lane::of(ticket));
        (&ticket.service, stands_in)
    }

    fn first_in_line(&self) -> Vec<Candidate> {
        let first = self.hall.queue.first().map(|id| self.hall.known_ticket(id));
        first
            .filter(|ticket| self.staffing.takes(&ticket.service))
            .filter(|ticket| self.may_call(ticket))
            .map(|ticket| match ticket.stage.place() {
                Some(PlaceInLine::FirstAt(window)) if window == self.window => {
                    self.candidate(ticket, Why::BackAtWindow)
                }
                _ => self.candidate(ticket, Why::Voucher),
            })
            .collect()
    }

    fn head_of_lane(
        &self,
        service: &ServiceId,
        lane: Lane,
        limit: usize,
        held_too: bool,
    ) -> Vec<Candidate> {
        let line = self.hall.queue.lane(service, lane);
        let line = line.map(|id| self.hall.known_ticket(id));
        let callable = line.filter(|ticket| self.is_callable(ticket, held_too));
        let mut before = i64::MAX; // whoever stands behind somebody in a lane is not called before him
        callable
            .take(limit)
            .map(|ticket| {
                let candidate = self.candidate(ticket, self.why(ticket, lane, held_too));
                before = before.min(candidate.score);
                Candidate {
                    score: before,
                    ..candidate
                }
            })
            .collect()
    }

    fn why(&self, ticket: &Ticket, lane: Lane, held_too: bool) -> Why {
        let prefers = self.plan.and_then(|plan| plan.prefers);
        match lane {
            _ if held_too => Why::NobodyElse,
            Lane::PUNCTUAL if self.is_overdue(ticket) => Why::Overdue,
            Lane::PUNCTUAL | Lane::Late if self.is_dedicated => Why::Booked,
            Lane::Of(class) if prefers == Some(class) => Why::Preferred,
            Lane::Of(_) | Lane::Late => Why::Score,
        }
    }

    fn is_overdue(&self, ticket: &Ticket) -> bool {
        let latest = Duration::minutes(self.hall.plan().policy.latest_call_minutes.into());
        let appointment = ticket.appointment.as_ref();
        appointment.is_some_and(|appointment| self.now >= appointment.starts_at + latest)
    }

    fn is_callable(&self, ticket: &Ticket, held_too: bool) -> bool {
        match ticket.stage.place() {
            _ if ticket.leaving.is_some() => false,
            Some(PlaceInLine::InLine) => self.may_call(ticket),
            Some(PlaceInLine::AfterCalls(_)) if !self.may_call(ticket) => false,
            Some(PlaceInLine::AfterCalls(calls)) => {
                held_too
                    || self
                        .hall
                        .service_day(&ticket.service)
                        .map_or(0, |day| day.calls)
                        >= calls
            }
            Some(PlaceInLine::OnlyAt(_)) => self.may_call(ticket),
            Some(PlaceInLine::First | PlaceInLine::FirstAt(_)) | None => false,
        }
    }

    fn may_call(&self, ticket: &Ticket) -> bool {
        reserved_for(self.hall, ticket, self.now).is_none_or(|window| window == self.window)
    }

    /// Two prioritised tickets of a service were called in a row, and a normal one of it waits.
    fn normal_is_due(&self, service: &ServiceId, held_too: bool) -> bool {
        let in_a_row = self
            .hall
            .service_day(service)
            .map_or(0, |day| day.row.prioritised());
        in_a_row >= self.hall.plan().policy.prioritised_in_a_row
            && !self
                .head_of_lane(service, Lane::Of(Class::Normal), 1, held_too)
                .is_empty()
    }

    /// A dedicated window that has no appointment to call stays free for one that is due.
    fn keep_to_appointments(&self, found: &mut Vec<Candidate>) {
        let is_booked = |candidate: &Candidate| {
            self.hall
                .known_ticket(candidate.ticket)
                .appointment
                .is_some()
        };
        let has_booked = found
            .iter()
            .any(|c| c.why < Why::NobodyElse && is_booked(c));
        if self.is_dedicated && !has_booked && self.is_awaiting() {
            found.retain(|candidate| candidate.why <= Why::Voucher || is_booked(candidate));
        }
    }

    /// Whether somebody who booked is due here within a service time, and the free dedicated windows before this one are
    /// not enough.
    fn is_awaiting(&self) -> bool {
        let plan = self.hall.plan();
        let early = Duration::minutes(plan.policy.check_in_early_minutes.into());
        let rules: Vec<_> = plan.dedicating(self.window, self.now, early).collect();
        let service_time = |service: &ServiceId| {
            Duration::seconds(estimate::typical_seconds(self.hall, service).into())
        };
        let longest = self.staffing.services.iter().map(service_time).max();
        let horizon = self.now + longest.unwrap_or_default();
        let is_due = |appointment: &&Appointment| {
            let service = &appointment.service;
            let slot = appointment
                .reservation
                .as_ref()
                .map(|r| r.first_slot().rule());
            let starts_at = appointment.starts_at();
            self.staffing.takes(service)
                && rules.iter().any(|rule| Some(&rule.id) == slot)
                && starts_at.is_some_and(|at| at < self.now + service_time(service))
        };
        let due = self.hall.expected(self.now, horizon).filter(is_due);
        let due: Vec<&Appointment> = due.collect();
        let is_free_too = |(window, staffing): &(&Window, &Staffing)| {
            let mut rules = rules.iter();
            window.number < self.window
                && staffing.current.is_none()
                && staffing.pause.is_none()
                && rules.any(|rule| rule.windows.contains(&window.number))
                && due.iter().any(|booked| staffing.takes(&booked.service))
        };
        due.len() > self.hall.staffed().filter(is_free_too).count()
    }

    /// Whoever came late is served after the punctual ones.
    fn put_late_behind(&self, found: &mut [Candidate]) {
        let is_punctual = |candidate: &&Candidate| self.lane(candidate).1 == Some(Lane::PUNCTUAL);
        let Some(last) = found.iter().filter(is_punctual).map(|c| c.score).min() else {
            return;
        };
        for late in found.iter_mut().filter(|c| self.is_late(c)) {
            late.score = late.score.min(last);
        }
    }

    fn keep_to_primary(&self, found: &mut Vec<Candidate>) {
        let Some(primary) = self
            .plan
            .map(|plan| &plan.primary)
            .filter(|primary| !primary.is_empty())
        else {
            return;
        };
        let patience = Duration::minutes(self.hall.plan().policy.primary_patience_minutes.into());
        let is_primary = |candidate: &Candidate| {
            primary.contains(&self.hall.known_ticket(candidate.ticket).service)
        };
        if !found.iter().any(is_primary) {
            return;
        }
        let goes = |candidate: &Candidate| {
            is_primary(candidate) || candidate.waited > patience || candidate.why <= Why::Booked
        };
        let mut held_up = Vec::new(); // lanes: who booked for later may have waited longer than who stands before him
        found.retain(|candidate| {
            let lane = self.lane(candidate);
            let has_turn = goes(candidate) && !held_up.contains(&lane);
            if !has_turn {
                held_up.push(lane);
            }
            has_turn
        });
    }

    fn candidate(&self, ticket: &Ticket, why: Why) -> Candidate {
        Candidate {
            ticket: ticket.id,
            class: ticket.class,
            waited: (self.now - ticket.taken_at).max(Duration::zero()),
            score: score(self.hall, ticket, self.now),
            why,
        }
    }
}

/// The one window that may call a waiting ticket, while there is one: passed on to it alone, back with the paper there,
/// or booked with the officer who sits there (专人). A window that nobody staffs, or that does not take the service any more, has no claim.
pub(crate) fn reserved_for(hall: &Hall, ticket: &Ticket, now: Time) -> Option<WindowNumber> {
    let (window, may_wait_for_break) = match ticket.stage.place()? {
        PlaceInLine::OnlyAt(window) => (window, true),
        PlaceInLine::FirstAt(window) => (window, false),
        PlaceInLine::InLine | PlaceInLine::AfterCalls(_) => {
            (window_of_named_officer(hall, ticket)?, false)
        }
        PlaceInLine::First => return None,
    };
    let staffing = hall.staffing(window)?;
    let waits = may_wait_for_break || !estimate::is_away(hall, staffing, now);
    let holds = staffing.takes(&ticket.service) && waits;
    holds.then_some(window)
}

/// Where the officer sits with whom an appointment was made.
fn window_of_named_officer(hall: &Hall, ticket: &Ticket) -> Option<WindowNumber> {
    let appointment = hall.appointment(ticket.appointment?.id)?;
    let officer = appointment.officer.as_ref()?;
    let mut windows = hall.staffed();
    let is_his = |(_, staffing): &(&Window, &Staffing)| {
        staffing.officer == *officer && staffing.takes(&ticket.service)
    };
    windows.find(is_his).map(|(window, _)| window.number)
}
