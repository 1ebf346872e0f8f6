//! Reads the CSV format of our own, documented in docs/replay-format.md: what a hall needs to write down so that its
//! days can be followed again.

use super::rows::{Row, read_rows};
use crate::error::ReplayError;
use crate::recording::{Leg, LegOutcome, Recording};
use chrono::NaiveDate;
use hall::plan::class::Class;
use serde::Deserialize;
use serde::de::{IntoDeserializer, value};

const COLUMNS: [&str; 7] = [
    "date",
    "ticket",
    "service",
    "window",
    "taken_at",
    "called_at",
    "finished_at",
];

pub(super) fn read(text: &str) -> Result<Recording, ReplayError> {
    read_rows(text, &COLUMNS, leg)
}

fn leg(line: u64, row: &Row<'_>) -> Result<(NaiveDate, String, Leg), String> {
    let date = row.date("date", |_| None)?;
    let number = row.required("ticket")?.to_string();
    let room = row.cell("window").map(String::from);
    let called = row.time("called_at")?;
    match (&room, called) {
        (Some(room), None) => return Err(format!("window {room} called, but called_at is empty")),
        (None, Some(_)) => return Err("called_at is given, but window is empty".into()),
        (Some(_), Some(_)) | (None, None) => {}
    }
    let outcome = row.cell("outcome").map(outcome).transpose()?;
    let service = row.required("service")?.to_string();
    let class = row.cell("class").map(class).transpose()?;
    let leg = Leg {
        line,
        service,
        class: class.unwrap_or_default(),
        room,
        joined: row.required_time("taken_at")?,
        called,
        started: row.time("started_at")?,
        finished: row.time("finished_at")?,
        void: outcome == Some(LegOutcome::Cancelled),
        outcome,
    };
    Ok((date, number, leg))
}

fn outcome(cell: &str) -> Result<LegOutcome, String> {
    let outcome = LegOutcome::deserialize(cell.into_deserializer());
    outcome.map_err(|_: value::Error| {
        format!("outcome \"{cell}\": served, transferred, cancelled, missed or handed_on")
    })
}

fn class(cell: &str) -> Result<Class, String> {
    match cell {
        "normal" => Ok(Class::Normal),
        "elderly" => Ok(Class::Elderly),
        "disabled" => Ok(Class::Disabled),
        "pregnant" => Ok(Class::Pregnant),
        "military" => Ok(Class::Military),
        other => Err(format!(
            "class \"{other}\": normal, elderly, disabled, pregnant or military"
        )),
    }
}

#[cfg(test)]
mod tests {
    use crate::error::ReplayError;
    use crate::importers::{Format, from_bytes};
    use crate::recording::{LegOutcome, Recording};
    use hall::plan::class::Class;

    fn read(text: &str) -> Result<Recording, ReplayError> {
        from_bytes(text.as_bytes(), "x.csv", Format::Own)
    }

    #[test]
    fn columns_are_found_by_name_and_others_are_left_aside() {
        let recording = read(
            "\u{feff}ticket,date,service,window,taken_at,called_at,finished_at,outcome,class,weather\n\
             A001,2026-03-02,licence,3,09:00:00,09:04:10,09:11,served,elderly,rain\n",
        )
        .unwrap();
        let leg = &recording.days[0].tickets[0].legs[0];
        assert_eq!(
            (leg.class, leg.outcome),
            (Class::Elderly, Some(LegOutcome::Served))
        );
        assert_eq!(leg.finished.unwrap().to_string(), "09:11:00");
    }

    #[test]
    fn a_missing_column_is_an_error_and_a_bad_row_is_not() {
        assert_eq!(
            read("date,ticket\n").unwrap_err().to_string(),
            "the header lacks service, window, taken_at, called_at, finished_at"
        );
        let recording = read(
            "date,ticket,service,window,taken_at,called_at,finished_at,outcome\n\
             2026-03-02,A001,licence,3,09:00,,09:11,\n\
             2026-03-02,A002,licence,,09:00,09:01,09:11,\n\
             2026-03-02,A003,licence,3,09:00,09:01,09:11,gone\n",
        )
        .unwrap();
        let lines: Vec<u64> = recording
            .problems
            .iter()
            .map(|problem| problem.line)
            .collect();
        assert_eq!((lines, recording.tickets()), (vec![2, 3, 4], 0));
    }
}
