//! The rows of a CSV file, collected into a recording; a row that cannot be read is kept with its line.

use crate::error::ReplayError;
use crate::recording::{Day, Leg, Recording, Ticket, UnreadableRow};
use chrono::{NaiveDate, NaiveTime};
use std::collections::BTreeMap;

/// Puts rows together as they are read.
#[derive(Debug, Default)]
struct Collector {
    days: BTreeMap<NaiveDate, Vec<Ticket>>,
    places: BTreeMap<(NaiveDate, String), usize>,
    problems: Vec<UnreadableRow>,
    rows: usize,
}

impl Collector {
    /// One row: read, or not.
    fn add(&mut self, line: u64, row: Result<(NaiveDate, String, Leg), String>) {
        self.rows += 1;
        match row.and_then(|row| self.place(row)) {
            Ok(()) => {}
            Err(reason) => self.problems.push(UnreadableRow { line, reason }),
        }
    }

    /// The whole recording.
    fn finish(self) -> Recording {
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
        let place = self.places.entry((date, number.clone()));
        let place = *place.or_insert(tickets.len());
        if place == tickets.len() {
            tickets.push(Ticket {
                number,
                legs: Vec::new(),
            });
        }
        let legs = &mut tickets[place].legs;
        let at_line = |before: &Leg| Leg {
            line: leg.line,
            ..before.clone()
        };
        if let Some(same) = legs.iter().find(|before| at_line(before) == leg) {
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
        let cell = self.record.get(index).map(str::trim);
        cell.filter(|cell| !cell.is_empty())
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
            Ok(true) => {
                let (columns, record) = (&columns, &record);
                collector.add(line, read(line, &Row { columns, record }));
            }
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
        let begins = usize::try_from(byte).map_or(self.bytes.len(), |at| at.min(self.bytes.len()));
        let is_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let at = begins + self.bytes[begins..].iter().take_while(is_end).count();
        let passed = self.bytes[self.at..at].iter().filter(|b| **b == b'\n');
        self.line += passed.count() as u64;
        self.at = at;
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
    use crate::importers::{Format, from_reader};

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        let header = "date,ticket,service,window,taken_at,called_at,finished_at";
        let (good, bad) = (
            "2026-03-02,A001,licence,3,09:00,09:01,09:11",
            "2026-03-02,A001,licence,3,late,09:01,09:11",
        );
        for end in ["\n", "\r\n"] {
            let text = [header, good, bad, "", bad, "\"\n\",,", bad].join(end);
            let recording = from_reader(text.as_bytes(), Format::Own).unwrap();
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
        let recording = from_reader(text.as_slice(), Format::Own).unwrap();
        assert_eq!((recording.problems[0].line, recording.tickets()), (2, 1));
    }
}
