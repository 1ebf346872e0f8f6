//! Reads the export of a walk-in clinic's queue system (`--format qms-clinic`).
//!
//! One row per leg: `QDate, Queue No, index, Svc, Counter, UserID, QTime, Start, End, WT, ST, Valid, Remark`. The whole
//! minutes in WT and ST are not read, because the times are exact to the second and ST is capped. `index` starts again
//! when a ticket is queued again, so the order of legs comes from their times.

use super::rows::{Row, read_rows};
use crate::error::ReplayError;
use crate::recording::{Leg, Recording};
use chrono::NaiveDate;
use hall::plan::class::Class;

const COLUMNS: [&str; 8] = [
    "QDate", "Queue No", "Svc", "Counter", "QTime", "Start", "End", "Valid",
];

pub(super) fn read(text: &str) -> Result<Recording, ReplayError> {
    read_rows(text, &COLUMNS, leg)
}

fn leg(line: u64, row: &Row<'_>) -> Result<(NaiveDate, String, Leg), String> {
    let date = row.date("QDate", |cell| {
        NaiveDate::parse_from_str(cell, "%d-%b-%y").ok()
    })?;
    let number = row.required("Queue No")?.to_string();
    let room = row.cell("Counter").map(String::from);
    let start = row.time("Start")?;
    if let (Some(room), None) = (&room, start) {
        return Err(format!("{room} called, but Start is empty"));
    }
    let void = match row.required("Valid")? {
        "Y" => false,
        "N" => true,
        other => return Err(format!("Valid is \"{other}\", neither Y nor N")),
    };
    let leg = Leg {
        line,
        service: row.required("Svc")?.to_string(),
        class: Class::Normal,
        // without a counter, Start repeats End: the moment the leg was closed
        called: start.filter(|_| room.is_some()),
        room,
        joined: row.required_time("QTime")?,
        started: None,
        finished: row.time("End")?,
        void,
        outcome: None,
    };
    Ok((date, number, leg))
}

#[cfg(test)]
mod tests {
    use crate::importers::{Format, from_bytes};
    use crate::recording::Recording;

    const HEADER: &str =
        "QDate,Queue No,index,Svc,Counter,UserID,QTime,Start,End,WT,ST,Valid,Remark\n";

    fn read(rows: &str) -> Recording {
        from_bytes(
            format!("{HEADER}{rows}").as_bytes(),
            "x.csv",
            Format::QmsClinic,
        )
        .unwrap()
    }

    #[test]
    fn a_row_becomes_a_leg() {
        let recording = read(
            "1-Aug-19,1004,0,Review,Room 5,8888,7:36:35,7:57:53,7:58:17,21,1,Y,\n\
             1-Aug-19,1006,0,Review,,,7:55:32,7:55:32,7:55:32,0,0,N,\n\
             1-Aug-19,1004,1,Review,Room 4,8888,7:58:17,8:33:59,8:40:17,31,7,Y,Transferred\n",
        );
        assert_eq!(
            (recording.rows, recording.days.len(), recording.tickets()),
            (3, 1, 2)
        );
        let [first, second] = &recording.days[0].tickets[..] else {
            panic!("two tickets")
        };
        assert_eq!((first.legs.len(), first.legs[1].line), (2, 4));
        assert_eq!((second.legs[0].void, second.legs[0].called), (true, None));
    }

    #[test]
    fn a_bad_row_is_named_and_the_rest_is_read() {
        let recording = read(
            "32-Aug-19,1,0,Review,Room 5,,7:00:00,7:01:00,7:02:00,0,0,Y,\n\
             1-Aug-19,2,0,Review,Room 5,,7:00:00,,7:02:00,0,0,Y,\n\
             1-Aug-19,3,0,Review,Room 5,,7:00:61,7:01:00,7:02:00,0,0,Y,\n\
             1-Aug-19,4,0,Review,Room 5,,7:00:00,7:01:00,7:02:00,0,0,maybe,\n\
             1-Aug-19,5\n\
             1-Aug-19,6,0,Review,Room 5,,7:00:00,7:01:00,7:02:00,0,0,Y,\n\
             1-Aug-19,6,0,Review,Room 5,,7:00:00,7:01:00,7:02:00,0,0,Y,\n",
        );
        let problems: Vec<String> = recording
            .problems
            .iter()
            .map(|problem| format!("{}: {}", problem.line, problem.reason))
            .collect();
        expect_test::expect![[r#"
            2: QDate "32-Aug-19" is not a date
            3: Room 5 called, but Start is empty
            4: QTime "7:00:61" is not a time of day
            5: Valid is "maybe", neither Y nor N
            6: Valid is empty
            8: the same row as line 7"#]]
        .assert_eq(&problems.join("\n"));
        assert_eq!((recording.rows, recording.tickets()), (7, 1));
    }
}
