//! A recording: what one hall's queue system wrote down about some days, in one form for every export.
//!
//! A recording is days → tickets → legs, one leg per row. The `importers` fill it and report each row that they
//! cannot read with its line; they correct nothing. What a hall must do in another way is decided afterwards, in
//! [`super::itinerary`].

use chrono::{NaiveDate, NaiveTime};
use hall::plan::class::Class;
use office::Encoding;
use serde::{Deserialize, Serialize};

/// Days as they were recorded, in order of date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    pub days: Vec<Day>,
    /// Rows that could not be read.
    pub problems: Vec<UnreadableRow>,
    /// Rows of the file, without its header.
    pub rows: usize,
    /// How the file was written.
    pub encoding: Encoding,
}

/// One date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: NaiveDate,
    /// In the order in which they were taken.
    pub tickets: Vec<Ticket>,
}

/// One citizen's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// As the other system printed it.
    pub number: String,
    /// In the order of the file.
    pub legs: Vec<Leg>,
}

/// One wait in a queue and what came of it: one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Its line in the file, counted from 1.
    pub line: u64,
    pub service: String,
    pub class: Class,
    /// The room or window that called; nobody called if `None`.
    pub room: Option<String>,
    /// Joined this queue.
    pub joined: NaiveTime,
    /// Called, if a room did.
    pub called: Option<NaiveTime>,
    /// Service began; with the call if not said.
    pub started: Option<NaiveTime>,
    pub finished: Option<NaiveTime>,
    /// Declared void: cancelled, printed twice, closed at once.
    pub void: bool,
    /// How it ended, where the file says so.
    pub outcome: Option<LegOutcome>,
}

/// How a leg ended, in a file that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegOutcome {
    Served,
    Transferred,
    Cancelled,
    Missed,
    HandedOn,
}

/// A row that cannot be read, or is there twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableRow {
    pub line: u64,
    pub reason: String,
    /// Nothing is lost with it: the same stands in another row.
    #[serde(default)]
    pub twice: bool,
}

impl Recording {
    /// How many tickets the days have.
    pub fn tickets(&self) -> usize {
        self.days.iter().map(|day| day.tickets.len()).sum()
    }

    /// The same days, later by whole weeks: weekdays stay, so a recording can follow on a hall whose clock is past it.
    pub fn shifted_by_weeks(mut self, weeks: i64) -> Recording {
        for day in &mut self.days {
            day.date = day
                .date
                .checked_add_signed(chrono::Duration::weeks(weeks))
                .unwrap_or(day.date);
        }
        self
    }
}

impl Leg {
    /// When something last happened to it: the call, else its closing, else joining the queue.
    pub fn acted_at(&self) -> NaiveTime {
        self.called.or(self.finished).unwrap_or(self.joined)
    }
}
