//! The business day under way: from the first command of a date until everyone who took a number is done.

use crate::id::{LeaseId, Prefix, ServiceId, TicketId, WindowNumber};
use crate::state::closing::ClosingRecord;
use crate::state::lease::Lease;
use crate::state::ticket::Ticket;
use crate::time::Time;
use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use utoipa::ToSchema;

/// One date's business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Day {
    pub date: NaiveDate,
    pub opened_at: Time,
    /// The last number of each series that the server gave out itself.
    pub series: BTreeMap<Prefix, u32>,
    pub services: BTreeMap<ServiceId, ServiceDay>,
    /// Citizens whom an usher helped on the phone instead.
    pub helped_online: BTreeMap<ServiceId, u32>,
    /// Who was led elsewhere instead of getting a number.
    #[serde(default)]
    pub redirects: BTreeMap<ServiceId, Redirects>,
    /// Numbers lent to kiosks.
    #[serde(default)]
    pub leases: BTreeMap<LeaseId, Lease>,
    /// When calling stood still in the whole hall: whoever comes late because of it is not late.
    #[serde(default)]
    pub pauses: Vec<Standstill>,
    /// The hall was interrupted: nobody who did not come is to blame.
    #[serde(default)]
    pub interrupted: bool,
    /// Who came into this day with the night: the day before went on into it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub carried: BTreeSet<TicketId>,
    /// Whom the next day goes on with, if this one went on into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goes_on: Option<BTreeSet<TicketId>>,
    /// The sums, once the day is over.
    pub closed: Option<ClosingRecord>,
}

/// How many were led elsewhere, and how many of a service insisted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Redirects {
    pub redirected: u32,
    /// Took a number nevertheless.
    pub insisted: u32,
}

/// Nobody could be called: in the whole hall, or for one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standstill {
    pub from: Time,
    /// Nothing while it lasts.
    pub to: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
}

impl Standstill {
    fn is_of(&self, service: &ServiceId) -> bool {
        self.service.as_ref().is_none_or(|only| only == service)
    }

    /// How much of it lies between two moments.
    fn between(&self, from: Time, to: Time) -> Duration {
        let end = self.to.map_or(to, |end| end.min(to));
        (end - self.from.max(from)).max(Duration::zero())
    }
}

/// What the calling rule and the estimate remember of a service today.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServiceDay {
    /// Calls so far; returned and deferred tickets wait for this to grow.
    pub calls: u64,
    /// The newest calls from the line.
    pub row: Row,
    /// The last service times, in seconds, newest last.
    pub recent_seconds: VecDeque<u32>,
    /// How fast each window has been.
    #[serde(default)]
    pub paces: BTreeMap<WindowNumber, Pace>,
    /// Since when a ticket taken now would be called too long after closing.
    #[serde(default)]
    pub overrun_since: Option<Time>,
}

/// What one window needed for a service today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    pub finishes: u32,
    pub seconds: u64,
}

/// Which calls let a prioritised ticket go before a normal one. The newest are kept one by one: any of them may be taken
/// back, and the others then count as if it had never been.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Prioritised calls in a row just before the turns.
    before: u32,
    turns: VecDeque<Turn>,
}

/// One call from the line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Turn {
    version: u64,
    /// A prioritised ticket was called while a normal one waited.
    overtook: bool,
}

impl Row {
    /// More calls of one service than windows make in the seconds in which one can be taken back.
    const TURNS: usize = 16;

    /// Prioritised tickets called in a row while a normal one waited.
    pub fn prioritised(&self) -> u32 {
        let newest = self.turns.iter().rev().take_while(|turn| turn.overtook);
        let newest = newest.count();
        let earlier = if newest == self.turns.len() {
            self.before
        } else {
            0
        };
        earlier.saturating_add(newest as u32)
    }

    /// Adds the call of the record with this version.
    pub fn called(&mut self, version: u64, overtook: bool) {
        self.turns.push_back(Turn { version, overtook });
        if self.turns.len() > Self::TURNS
            && let Some(oldest) = self.turns.pop_front()
        {
            self.before = match oldest.overtook {
                true => self.before.saturating_add(1),
                false => 0,
            };
        }
    }

    fn take_back(&mut self, version: u64) {
        self.turns.retain(|turn| turn.version != version);
    }
}

impl ServiceDay {
    /// How many service times the estimate looks back.
    pub const RECENT: usize = 20;

    /// Keeps a service time of a window.
    pub fn learn(&mut self, window: WindowNumber, seconds: u32) {
        let pace = self.paces.entry(window).or_default();
        pace.finishes += 1;
        pace.seconds += u64::from(seconds);
        if self.recent_seconds.len() == Self::RECENT {
            self.recent_seconds.pop_front();
        }
        self.recent_seconds.push_back(seconds);
    }

    /// Takes back the change from `before` to `after` that the record with this version made, whatever else has
    /// happened since.
    pub fn take_back(&mut self, version: u64, before: &ServiceDay, after: &ServiceDay) {
        if self == after {
            *self = before.clone();
            return;
        }
        self.row.take_back(version);
        self.calls -= (after.calls - before.calls).min(self.calls);
        for (window, pace) in &after.paces {
            let was = before.paces.get(window).copied().unwrap_or_default();
            let now = self.paces.entry(*window).or_default();
            now.finishes -= (pace.finishes - was.finishes).min(now.finishes);
            now.seconds -= (pace.seconds - was.seconds).min(now.seconds);
        }
        let learned = after.recent_seconds.back();
        let has_learned = before.recent_seconds != after.recent_seconds;
        if let Some(seconds) = learned.filter(|_| has_learned) {
            let same = |kept: &u32| kept == seconds;
            if let Some(index) = self.recent_seconds.iter().rposition(same) {
                self.recent_seconds.remove(index);
            }
        }
    }
}

impl Day {
    /// How long nobody could be called for a service between two moments.
    pub fn stood_still(&self, service: &ServiceId, from: Time, to: Time) -> Duration {
        let pauses = self.pauses.iter().filter(|pause| pause.is_of(service));
        pauses.map(|pause| pause.between(from, to)).sum()
    }

    /// Calling goes on in the whole hall.
    pub(crate) fn goes_on_at(&mut self, at: Time) {
        let mut pauses = self.pauses.iter_mut().rev();
        if let Some(pause) = pauses.find(|pause| pause.service.is_none()) {
            pause.to.get_or_insert(at);
        }
    }

    /// Calling stands still in the whole hall, unless it does already.
    pub(crate) fn stands_still_at(&mut self, at: Time) {
        let lasts = |pause: &Standstill| pause.service.is_none() && pause.to.is_none();
        if !self.pauses.iter().any(lasts) {
            self.pauses.push(Standstill {
                from: at,
                to: None,
                service: None,
            });
        }
    }

    /// Whether a ticket counts on this day: one that was issued on it or came into it, and did not go on into the next,
    /// nor was reported when it was over.
    pub fn has(&self, ticket: &Ticket) -> bool {
        let went_on = self
            .goes_on
            .as_ref()
            .is_some_and(|on| on.contains(&ticket.id));
        let came = ticket.taken_at >= self.opened_at || self.carried.contains(&ticket.id);
        came && !went_on && !ticket.reported_late
    }

    /// The day that this one goes on into: with who still waits, how fast the windows are, and the numbers that are lent.
    pub(crate) fn continued(self, next: Day) -> Day {
        let Some(carried) = self.goes_on else {
            return next;
        };
        let leases = self.leases.into_iter();
        let lent = leases.filter(|(_, lease)| lease.goes_on(next.opened_at));
        let lent = lent.map(|(id, lease)| (id, lease.carried()));
        let lasts = |pause: &Standstill| pause.to.is_none();
        Day {
            carried,
            services: self.services,
            leases: lent.collect(),
            pauses: self.pauses.into_iter().filter(lasts).collect(),
            ..next
        }
    }

    /// A date with nothing done yet.
    pub fn new(date: NaiveDate, opened_at: Time) -> Day {
        Day {
            date,
            opened_at,
            series: BTreeMap::new(),
            services: BTreeMap::new(),
            helped_online: BTreeMap::new(),
            redirects: BTreeMap::new(),
            leases: BTreeMap::new(),
            pauses: Vec::new(),
            interrupted: false,
            carried: BTreeSet::new(),
            goes_on: None,
            closed: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, ServiceDay};

    fn row(turns: &[bool]) -> Row {
        let mut row = Row::default();
        for (version, overtook) in turns.iter().enumerate() {
            row.called(version as u64, *overtook);
        }
        row
    }

    #[test]
    fn a_call_taken_back_was_never_in_the_row() {
        let rows = [
            (&[true, true][..], 0, 1),
            (&[true, false, true], 1, 2),
            (&[true, false, true], 0, 1),
            (&[false, true, true], 2, 1),
        ];
        for (turns, taken_back, left) in rows {
            let mut row = row(turns);
            row.take_back(taken_back);
            assert_eq!(row.prioritised(), left, "{turns:?} without {taken_back}");
        }
    }

    #[test]
    fn a_long_row_is_counted_to_its_beginning() {
        assert_eq!(row(&[true; 40]).prioritised(), 40);
        let mut broken = vec![true; 40];
        broken[20] = false;
        assert_eq!(row(&broken).prioritised(), 19);
        broken[39] = false;
        assert_eq!(row(&broken).prioritised(), 0);
    }

    #[test]
    fn other_calls_stay_counted() {
        let before = ServiceDay::default();
        let mut after = before.clone();
        after.calls = 1;
        after.row.called(7, true);
        let mut now = after.clone();
        now.calls = 2;
        now.row.called(8, true);
        now.take_back(7, &before, &after);
        assert_eq!((now.calls, now.row.prioritised()), (1, 1));
    }
}
