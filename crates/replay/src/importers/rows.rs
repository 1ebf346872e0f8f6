//! The rows of a CSV file, collected into a recording; a row that cannot be read is kept with its line.

use crate::error::ReplayError;
use crate::recording::{Day, Leg, Recording, Ticket, UnreadableRow};
use chrono::{NaiveDate, NaiveTime};
use office::Encoding;
use office::cell::{self, fault, plain};
use office::table::delimiter;
use std::collections::BTreeMap;

/// Why a row is left out.
enum LeftOut {
    Unreadable(String),
    /// The same stands in this line.
    Twice(u64),
}

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
        let placed = row
            .map_err(LeftOut::Unreadable)
            .and_then(|row| self.place(row));
        let (reason, twice) = match placed {
            Ok(()) => return,
            Err(LeftOut::Unreadable(reason)) => (reason, false),
            Err(LeftOut::Twice(before)) => (format!("the same row as line {before}"), true),
        };
        self.problems.push(UnreadableRow {
            line,
            reason,
            twice,
        });
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
            encoding: Encoding::Utf8,
        }
    }

    fn place(&mut self, (date, number, leg): (NaiveDate, String, Leg)) -> Result<(), LeftOut> {
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
            return Err(LeftOut::Twice(same.line));
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

    /// A date as the export writes it, or as a spreadsheet does that opened and saved it.
    pub(super) fn date(
        &self,
        column: &str,
        as_exported: impl Fn(&str) -> Option<NaiveDate>,
    ) -> Result<NaiveDate, String> {
        let cell = self.required(column)?;
        as_exported(cell)
            .or_else(|| cell::date(cell))
            .ok_or_else(|| format!("{column} \"{cell}\" is not a date"))
    }

    /// A cell that the spreadsheet did not know, in words.
    fn broken(&self, required: &[&str]) -> Option<String> {
        required.iter().find_map(|column| {
            let cell = self.cell(column)?;
            let (zh, en) = fault(cell)?;
            Some(format!("{column} \"{cell}\": {zh} / {en}"))
        })
    }

    pub(super) fn time(&self, column: &str) -> Result<Option<NaiveTime>, String> {
        let Some(cell) = self.cell(column) else {
            return Ok(None);
        };
        let typed = plain(cell);
        ["%H:%M:%S", "%H:%M"]
            .iter()
            .find_map(|format| NaiveTime::parse_from_str(&typed, format).ok())
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
    text: &str,
    required: &[&str],
    read: impl Fn(u64, &Row<'_>) -> Result<(NaiveDate, String, Leg), String>,
) -> Result<Recording, ReplayError> {
    let bytes = text.as_bytes();
    let mut lines = Lines {
        bytes,
        at: 0,
        line: 1,
    };
    let mut csv = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .from_reader(bytes);
    let columns = columns(&mut csv, required)?;
    let mut collector = Collector::default();
    let mut record = csv::StringRecord::new();
    loop {
        let line = lines.at(csv.position().byte());
        match csv.read_record(&mut record) {
            Ok(false) => return Ok(collector.finish()),
            Ok(true) => {
                let (columns, record) = (&columns, &record);
                let row = Row { columns, record };
                let leg = row.broken(required).map_or_else(|| read(line, &row), Err);
                collector.add(line, leg);
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
    let columns: BTreeMap<String, usize> = header
        .iter()
        .enumerate()
        .map(|(index, cell)| (plain(cell), index))
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
    use crate::importers::{Format, from_bytes};

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        let header = "date,ticket,service,window,taken_at,called_at,finished_at";
        let (good, bad) = (
            "2026-03-02,A001,licence,3,09:00,09:01,09:11",
            "2026-03-02,A001,licence,3,late,09:01,09:11",
        );
        for end in ["\n", "\r\n"] {
            let text = [header, good, bad, "", bad, "\"\n\",,", bad].join(end);
            let recording = from_bytes(text.as_bytes(), "x.csv", Format::Own).unwrap();
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
        let error = from_bytes(&text, "x.csv", Format::Own).unwrap_err();
        assert!(error.to_string().starts_with("x.csv:2: "), "{error}");
    }

    /// A recording that went through a spreadsheet was once followed by half, or not at all, with a good end.
    #[test]
    fn a_recording_that_a_spreadsheet_saved_is_the_same() {
        let header = "date,ticket,service,window,taken_at,called_at,finished_at\n";
        let rows = "2026-03-02,A001,违法处理,3,09:00:05,09:02:40,09:09:00\n";
        let text = format!("{header}{rows}");
        let as_written = from_bytes(text.as_bytes(), "x.csv", Format::Own).unwrap();
        let gbk = {
            let (bytes, ..) = encoding_rs::GB18030.encode(&text);
            bytes.into_owned()
        };
        let unicode_text = text.replace(',', "\t");
        let unicode_text = unicode_text.encode_utf16().flat_map(u16::to_le_bytes);
        let unicode_text: Vec<u8> = [0xFF, 0xFE].into_iter().chain(unicode_text).collect();
        let saved = [
            text.replace("2026-03-02", "2026/3/2").into_bytes(),
            text.replace("09:0", "9:0").into_bytes(),
            text.replace(':', "：").into_bytes(),
            text.replace("2026-03-02", "2026年3月2日").into_bytes(),
            format!("\u{feff}{text}").into_bytes(),
            gbk,
            unicode_text,
        ];
        for bytes in saved {
            let recording = from_bytes(&bytes, "x.csv", Format::Own).unwrap();
            assert_eq!(
                (&recording.days, recording.problems.len()),
                (&as_written.days, 0)
            );
        }
        let broken = text.replace("09:02:40", "#N/A");
        let recording = from_bytes(broken.as_bytes(), "x.csv", Format::Own).unwrap();
        assert!(
            recording.problems[0]
                .reason
                .starts_with("called_at \"#N/A\"")
        );
    }

    /// Thousands of files that nobody would write: read or refused, each row counted once.
    #[test]
    fn no_recording_panics_whatever_is_in_it() {
        let header = "date,ticket,service,window,taken_at,called_at,finished_at,outcome\n";
        let pieces = [
            "2026-03-02",
            "2026/3/2",
            "46083",
            "A001",
            "licence",
            "09:00",
            "24:00",
            "9：1",
            "#REF!",
            ",",
            ",",
            ",",
            "\n",
            "\r\n",
            "\"",
            "\t",
            ";",
            "served",
            "𠮷",
            "-",
            "#",
            " ",
        ];
        let mut random = fastrand::Rng::with_seed(6);
        for _ in 0..5_000 {
            let text: String = (0..random.usize(..60))
                .map(|_| *random.choice(&pieces).unwrap())
                .collect();
            for format in [Format::Own, Format::QmsClinic] {
                let text = format!("{header}{text}");
                if let Ok(recording) = from_bytes(text.as_bytes(), "x.csv", format) {
                    let days = recording.days.iter().flat_map(|day| &day.tickets);
                    let legs: usize = days.map(|ticket| ticket.legs.len()).sum();
                    assert_eq!(legs + recording.problems.len(), recording.rows, "{text:?}");
                }
            }
        }
    }
}
