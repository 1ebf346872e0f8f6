//! Who is next.
//!
//! Accumulating priority (Kleinrock's delay-dependent priorities, 1964): a waiting ticket's score is its waiting time ×
//! the rate of its class; the highest score that the window can serve is called, ties by order of issue. So within a
//! class it is first come, first served, and nobody starves. Around that stand, in this order:
//!
//! 1. who is back with a paper at this window, and who has a voucher, goes first;
//! 2. a window's primary services go before its others, until one of those has waited too long;
//! 3. a window that prefers a class takes it first;
//! 4. at most two prioritised tickets of a service in a row while a normal one of it waits;
//! 5. returned and deferred tickets wait for a few further calls, or until nobody else is callable.
//!
//! The same function picks and explains: [`candidates`].

use crate::Time;
use crate::hall::Hall;
use crate::id::{ServiceId, TicketId, WindowNumber};
use crate::plan::WindowPlan;
use crate::ticket::{Class, Place, Ticket};
use crate::window::Staffing;
use chrono::Duration;
use serde::Serialize;
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
    let Some(staffing) = hall
        .windows
        .get(&window)
        .and_then(|window| window.staffing.as_ref())
    else {
        return Vec::new();
    };
    if staffing.pause.is_some() || hall.calling_paused.is_some() {
        return Vec::new();
    }
    let desk = Desk {
        hall,
        window,
        plan: hall.plan().window(window),
        staffing,
        now,
    };
    let callable = desk.in_order(limit, false);
    if callable.is_empty() {
        desk.in_order(limit, true)
    } else {
        callable
    }
}

/// How fast a class gains.
pub fn rate(hall: &Hall, class: Class) -> i64 {
    if class.is_prioritised() {
        i64::from(hall.plan().policy.priority_rate)
    } else {
        1
    }
}

/// A ticket's score at `now`.
pub fn score(hall: &Hall, ticket: &Ticket, now: Time) -> i64 {
    (now - ticket.taken_at).num_milliseconds().max(0) * rate(hall, ticket.class)
}

/// One window's view of the queue.
struct Desk<'a> {
    hall: &'a Hall,
    window: WindowNumber,
    plan: Option<&'a WindowPlan>,
    staffing: &'a Staffing,
    now: Time,
}

impl Desk<'_> {
    fn in_order(&self, limit: usize, held_too: bool) -> Vec<Candidate> {
        let mut found = self.first_in_line();
        for service in &self.staffing.services {
            let normal_is_due = self.normal_is_due(service, held_too);
            for class in Class::ALL {
                if !(class.is_prioritised() && normal_is_due) {
                    found.extend(self.head_of_lane(service, class, limit, held_too));
                }
            }
        }
        self.keep_to_primary(&mut found);
        found.sort_by_key(|candidate| (candidate.why, -candidate.score, candidate.ticket));
        found.truncate(limit);
        found
    }

    fn first_in_line(&self) -> Vec<Candidate> {
        let first = self.hall.queue.first().map(|id| self.hall.known_ticket(id));
        first
            .filter(|ticket| self.staffing.takes(&ticket.service))
            .filter(|ticket| self.may_call(ticket))
            .map(|ticket| match ticket.stage.place() {
                Some(Place::FirstAt(window)) if window == self.window => {
                    self.candidate(ticket, Why::BackAtWindow)
                }
                _ => self.candidate(ticket, Why::Voucher),
            })
            .collect()
    }

    fn head_of_lane(
        &self,
        service: &ServiceId,
        class: Class,
        limit: usize,
        held_too: bool,
    ) -> Vec<Candidate> {
        let prefers = self.plan.and_then(|plan| plan.prefers) == Some(class);
        let why = match (held_too, prefers) {
            (true, _) => Why::NobodyElse,
            (false, true) => Why::Preferred,
            (false, false) => Why::Score,
        };
        let lane = self
            .hall
            .queue
            .lane(service, class)
            .map(|id| self.hall.known_ticket(id));
        let callable = lane.filter(|ticket| self.is_callable(ticket, held_too));
        callable
            .take(limit)
            .map(|ticket| self.candidate(ticket, why))
            .collect()
    }

    fn is_callable(&self, ticket: &Ticket, held_too: bool) -> bool {
        match ticket.stage.place() {
            Some(Place::InLine) => true,
            Some(Place::AfterCalls(calls)) => {
                held_too
                    || self
                        .hall
                        .service_day(&ticket.service)
                        .map_or(0, |day| day.calls)
                        >= calls
            }
            Some(Place::OnlyAt(_)) => self.may_call(ticket),
            Some(Place::First | Place::FirstAt(_)) | None => false,
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
                .head_of_lane(service, Class::Normal, 1, held_too)
                .is_empty()
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
        if found.iter().any(is_primary) {
            found.retain(|candidate| {
                is_primary(candidate)
                    || candidate.waited > patience
                    || candidate.why <= Why::Voucher
            });
        }
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

/// The one window that may call a waiting ticket, while there is one: passed on to it alone, or back with the paper
/// there. A window that nobody staffs, or that does not take the service any more, has no claim.
pub(crate) fn reserved_for(hall: &Hall, ticket: &Ticket, now: Time) -> Option<WindowNumber> {
    let (window, may_wait_for_break) = match ticket.stage.place()? {
        Place::OnlyAt(window) => (window, true),
        Place::FirstAt(window) => (window, false),
        Place::InLine | Place::AfterCalls(_) | Place::First => return None,
    };
    let staffing = hall.windows.get(&window)?.staffing.as_ref()?;
    let patience = Duration::minutes(hall.plan().policy.resume_elsewhere_minutes.into());
    let pause = staffing.pause.as_ref();
    let is_away = pause.is_some_and(|pause| now >= pause.since + patience);
    let holds = staffing.takes(&ticket.service) && (may_wait_for_break || !is_away);
    holds.then_some(window)
}
