//! The business day under way: from the first command of a date until everyone who took a number is done.

use crate::Time;
use crate::closing::ClosingRecord;
use crate::id::{Prefix, ServiceId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// One date's business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Day {
    pub date: NaiveDate,
    pub opened_at: Time,
    /// The last number of each series.
    pub series: BTreeMap<Prefix, u32>,
    pub services: BTreeMap<ServiceId, ServiceDay>,
    /// Citizens whom an usher helped on the phone instead.
    pub helped_online: BTreeMap<ServiceId, u32>,
    /// The sums, once the day is over.
    pub closed: Option<ClosingRecord>,
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

    /// Keeps a service time.
    pub fn learn(&mut self, seconds: u32) {
        if self.recent_seconds.len() == Self::RECENT {
            self.recent_seconds.pop_front();
        }
        self.recent_seconds.push_back(seconds);
    }

    /// Takes back what the record with this version made of `before`, namely `after`, whatever else has happened since.
    pub fn take_back(&mut self, version: u64, before: &ServiceDay, after: &ServiceDay) {
        if self == after {
            *self = before.clone();
            return;
        }
        self.row.take_back(version);
        self.calls -= (after.calls - before.calls).min(self.calls);
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
    /// A date with nothing done yet.
    pub fn new(date: NaiveDate, opened_at: Time) -> Day {
        Day {
            date,
            opened_at,
            series: BTreeMap::new(),
            services: BTreeMap::new(),
            helped_online: BTreeMap::new(),
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
