//! A recording: what one hall's queue system wrote down about some days, whatever its export looked like.
//!
//! A recording is days → tickets → legs, one leg per row. Readers (`qms_clinic`, `own_format`) fill it
//! through a `Collector` and report each row that they cannot read with its line; they correct nothing. What has to be
//! understood differently so that a hall can follow it is decided afterwards, in [`super::itinerary`].

use super::{ReplayError, own_format, qms_clinic};
use chrono::{NaiveDate, NaiveTime};
use hall::plan::class::Class;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Days as they were recorded, in order of date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    pub days: Vec<Day>,
    /// Rows that could not be read.
    pub problems: Vec<Problem>,
    /// Rows of the file, without its header.
    pub rows: usize,
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

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub line: u64,
    pub reason: String,
}

/// Which export a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// docs/replay-format.md
    #[default]
    Own,
    /// A walk-in clinic's queue system: one row per leg, rooms as counters.
    QmsClinic,
}

impl std::str::FromStr for Format {
    type Err = String;
    fn from_str(text: &str) -> Result<Format, String> {
        match text {
            "own" | "paihao" => Ok(Format::Own),
            "qms-clinic" => Ok(Format::QmsClinic),
            other => Err(format!("there is no format \"{other}\": own, qms-clinic")),
        }
    }
}

impl Recording {
    /// Reads a file; only a file that cannot be opened, or has another header, is an error.
    pub fn read(path: &Path, format: Format) -> Result<Recording, ReplayError> {
        let file = std::fs::File::open(path).map_err(|source| ReplayError::File {
            path: path.display().to_string(),
            source,
        })?;
        Recording::from_reader(file, format)
    }

    /// Reads from anywhere.
    pub fn from_reader(
        reader: impl std::io::Read,
        format: Format,
    ) -> Result<Recording, ReplayError> {
        match format {
            Format::Own => own_format::read(reader),
            Format::QmsClinic => qms_clinic::read(reader),
        }
    }

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
    /// When something was done about it: the call, else the moment it was closed, else nothing but joining.
    pub fn acted_at(&self) -> NaiveTime {
        self.called.or(self.finished).unwrap_or(self.joined)
    }
}

/// Puts rows together as they are read.
#[derive(Debug, Default)]
pub(super) struct Collector {
    days: BTreeMap<NaiveDate, Vec<Ticket>>,
    places: BTreeMap<(NaiveDate, String), usize>,
    problems: Vec<Problem>,
    rows: usize,
}

impl Collector {
    /// One row: read, or not.
    pub(super) fn add(&mut self, line: u64, row: Result<(NaiveDate, String, Leg), String>) {
        self.rows += 1;
        match row.and_then(|row| self.place(row)) {
            Ok(()) => {}
            Err(reason) => self.problems.push(Problem { line, reason }),
        }
    }

    /// The whole recording.
    pub(super) fn finish(self) -> Recording {
        let in_order = |(date, mut tickets): (NaiveDate, Vec<Ticket>)| {
            tickets.sort_by_key(|ticket| ticket.legs.iter().map(|leg| leg.joined).min());
            Day { date, tickets }
        };
        Recording {
            days: self.days.into_iter().map(in_order).collect(),
            problems: self.problems,
            rows: self.rows,
        }
    }

    fn place(&mut self, (date, number, leg): (NaiveDate, String, Leg)) -> Result<(), String> {
        let tickets = self.days.entry(date).or_default();
        let place = *self
            .places
            .entry((date, number.clone()))
            .or_insert(tickets.len());
        if place == tickets.len() {
            tickets.push(Ticket {
                number,
                legs: Vec::new(),
            });
        }
        let legs = &mut tickets[place].legs;
        if let Some(same) = legs.iter().find(|before| {
            Leg {
                line: leg.line,
                ..(*before).clone()
            } == leg
        }) {
            return Err(format!("the same row as line {}", same.line));
        }
        legs.push(leg);
        Ok(())
    }
}

/// One record of a CSV file with its cells by column name.
pub(super) struct Row<'a> {
    columns: &'a BTreeMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    /// A cell without surrounding space; `None` when it is empty or missing.
    pub(super) fn cell(&self, column: &str) -> Option<&str> {
        let index = *self.columns.get(column)?;
        self.record
            .get(index)
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
    }

    pub(super) fn required(&self, column: &str) -> Result<&str, String> {
        self.cell(column)
            .ok_or_else(|| format!("{column} is empty"))
    }

    pub(super) fn date(&self, column: &str, format: &str) -> Result<NaiveDate, String> {
        let cell = self.required(column)?;
        NaiveDate::parse_from_str(cell, format)
            .map_err(|_| format!("{column} \"{cell}\" is not a date"))
    }

    pub(super) fn time(&self, column: &str) -> Result<Option<NaiveTime>, String> {
        let Some(cell) = self.cell(column) else {
            return Ok(None);
        };
        ["%H:%M:%S", "%H:%M"]
            .iter()
            .find_map(|format| NaiveTime::parse_from_str(cell, format).ok())
            .map(Some)
            .ok_or_else(|| format!("{column} \"{cell}\" is not a time of day"))
    }

    pub(super) fn required_time(&self, column: &str) -> Result<NaiveTime, String> {
        self.time(column)?
            .ok_or_else(|| format!("{column} is empty"))
    }
}

/// Reads every row of a CSV file whose header has at least the `required` columns.
pub(super) fn read_rows(
    mut reader: impl std::io::Read,
    required: &[&str],
    read: impl Fn(u64, &Row<'_>) -> Result<(NaiveDate, String, Leg), String>,
) -> Result<Recording, ReplayError> {
    let mut bytes = Vec::new();
    reader
        .read_to_end(&mut bytes)
        .map_err(|error| ReplayError::Csv(error.into()))?;
    let mut lines = Lines {
        bytes: &bytes,
        at: 0,
        line: 1,
    };
    let mut csv = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(bytes.as_slice());
    let columns = columns(&mut csv, required)?;
    let mut collector = Collector::default();
    let mut record = csv::StringRecord::new();
    loop {
        let line = lines.at(csv.position().byte());
        match csv.read_record(&mut record) {
            Ok(false) => return Ok(collector.finish()),
            Ok(true) => collector.add(
                line,
                read(
                    line,
                    &Row {
                        columns: &columns,
                        record: &record,
                    },
                ),
            ),
            Err(error) => collector.add(line, Err(error.to_string())),
        }
    }
}

/// Counts lines as an editor does; the CSV reader is one short where lines end with a carriage return.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the row that begins at this byte, or behind the line ends and empty lines that follow it.
    fn at(&mut self, byte: u64) -> u64 {
        let begins = usize::try_from(byte)
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        let ends = self.bytes[begins..]
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let passed = self.bytes[self.at..begins + ends]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        self.at = begins + ends;
        self.line += passed as u64;
        self.line
    }
}

fn columns(
    csv: &mut csv::Reader<impl std::io::Read>,
    required: &[&str],
) -> Result<BTreeMap<String, usize>, ReplayError> {
    let header = csv.headers().map_err(ReplayError::Csv)?;
    // spreadsheets begin a file with a byte order mark
    let name = |cell: &str| cell.trim_start_matches('\u{feff}').trim().to_string();
    let columns: BTreeMap<String, usize> = header
        .iter()
        .enumerate()
        .map(|(index, cell)| (name(cell), index))
        .collect();
    let missing: Vec<&str> = required
        .iter()
        .copied()
        .filter(|column| !columns.contains_key(*column))
        .collect();
    if missing.is_empty() {
        Ok(columns)
    } else {
        Err(ReplayError::Header {
            missing: missing.join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Recording};

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        let header = "date,ticket,service,window,taken_at,called_at,finished_at";
        let (good, bad) = (
            "2026-03-02,A001,licence,3,09:00,09:01,09:11",
            "2026-03-02,A001,licence,3,late,09:01,09:11",
        );
        for end in ["\n", "\r\n"] {
            let text = [header, good, bad, "", bad, "\"\n\",,", bad].join(end);
            let recording = Recording::from_reader(text.as_bytes(), Format::Own).unwrap();
            let lines: Vec<u64> = recording
                .problems
                .iter()
                .map(|problem| problem.line)
                .collect();
            assert_eq!(
                (lines, recording.days[0].tickets[0].legs[0].line),
                (vec![3, 5, 6, 8], 2),
                "{end:?}"
            );
        }
        let text = [
            header.as_bytes(),
            b"\n2026-03-02,\xff,licence,,09:00,,\n",
            good.as_bytes(),
        ]
        .concat();
        let recording = Recording::from_reader(text.as_slice(), Format::Own).unwrap();
        assert_eq!((recording.problems[0].line, recording.tickets()), (2, 1));
    }
}
