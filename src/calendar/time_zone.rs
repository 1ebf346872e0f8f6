//! A time zone as an iCalendar file must contain it (`VTIMEZONE`), so that a program need not know the zone's name.
//!
//! Laws change the rules of a zone, and a repeating rule written today would be wrong after the next law. So the
//! component lists each change of offset in the years of the file, taken from the zone's own data. A program fetches
//! the file again long before those years are over.

use super::ics::Lines;
use chrono::{DateTime, Datelike, Duration, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

/// One offset, and the time from which it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Observance {
    /// By the clock before the change.
    starts: NaiveDateTime,
    offset_before: i32,
    offset: i32,
    /// Some zones have none.
    name: Option<String>,
    is_summer: bool,
}

/// The zone's offsets in the years from the first moment's to the last one's.
pub(super) fn write(lines: &mut Lines, zone: Tz, first: DateTime<Utc>, last: DateTime<Utc>) {
    lines.plain("BEGIN", "VTIMEZONE");
    lines.plain("TZID", zone.name());
    for observance in observances(zone, first, last) {
        let kind = if observance.is_summer {
            "DAYLIGHT"
        } else {
            "STANDARD"
        };
        lines.plain("BEGIN", kind);
        lines.plain(
            "DTSTART",
            &observance.starts.format("%Y%m%dT%H%M%S").to_string(),
        );
        lines.plain("TZOFFSETFROM", &written(observance.offset_before));
        lines.plain("TZOFFSETTO", &written(observance.offset));
        if let Some(name) = &observance.name {
            lines.text("TZNAME", name);
        }
        lines.plain("END", kind);
    }
    lines.plain("END", "VTIMEZONE");
}

fn observances(zone: Tz, first: DateTime<Utc>, last: DateTime<Utc>) -> Vec<Observance> {
    let new_year = |year: i32| Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).single();
    // a day early, because the hall's new year may come before that of UTC
    let begin = new_year(first.year()).unwrap_or(first) - Duration::days(1);
    let end = new_year(last.year() + 1).unwrap_or(last);
    let offset = seconds(zone, begin);
    let mut all = vec![observance(zone, begin, offset)];
    let mut at = begin;
    while at < end {
        let next = at + Duration::days(1);
        let before = seconds(zone, at);
        if seconds(zone, next) != before {
            all.push(observance(zone, change(zone, at, next), before));
        }
        at = next;
    }
    all
}

/// The first moment of the new offset, between two with different ones.
fn change(zone: Tz, mut old: DateTime<Utc>, mut new: DateTime<Utc>) -> DateTime<Utc> {
    let before = seconds(zone, old);
    while new - old > Duration::seconds(1) {
        let middle = old + (new - old) / 2;
        let middle = middle - Duration::nanoseconds(middle.timestamp_subsec_nanos().into());
        if seconds(zone, middle) == before {
            old = middle;
        } else {
            new = middle;
        }
    }
    new
}

fn observance(zone: Tz, at: DateTime<Utc>, offset_before: i32) -> Observance {
    let offset = zone.offset_from_utc_datetime(&at.naive_utc());
    Observance {
        starts: at.naive_utc() + Duration::seconds(offset_before.into()),
        offset_before,
        offset: offset.fix().local_minus_utc(),
        name: offset.abbreviation().map(str::to_string),
        is_summer: offset.dst_offset() > Duration::zero(),
    }
}

fn seconds(zone: Tz, at: DateTime<Utc>) -> i32 {
    let offset = zone.offset_from_utc_datetime(&at.naive_utc());
    offset.fix().local_minus_utc()
}

/// `+0800`; with seconds where a zone has them.
fn written(offset: i32) -> String {
    let (sign, seconds) = (if offset < 0 { '-' } else { '+' }, offset.abs());
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if seconds == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(zone: Tz, expected: Expect) {
        let at = Utc.with_ymd_and_hms(2026, 11, 23, 1, 0, 0).unwrap();
        let lines = observances(zone, at, at).into_iter().map(|each| {
            let kind = if each.is_summer { "summer" } else { "standard" };
            let (from, to) = (written(each.offset_before), written(each.offset));
            format!(
                "{} {from} {to} {} {kind}",
                each.starts,
                each.name.as_deref().unwrap_or("-")
            )
        });
        expected.assert_eq(&lines.collect::<Vec<_>>().join("\n"));
    }

    /// The changes are those that these places announced for 2026.
    #[test]
    fn every_change_of_the_year_is_listed() {
        check(
            chrono_tz::Asia::Shanghai,
            expect!["2025-12-31 08:00:00 +0800 +0800 CST standard"],
        );
        check(
            chrono_tz::Europe::Berlin,
            expect![[r#"
                2025-12-31 01:00:00 +0100 +0100 CET standard
                2026-03-29 02:00:00 +0100 +0200 CEST summer
                2026-10-25 03:00:00 +0200 +0100 CET standard"#]],
        );
        check(
            chrono_tz::Australia::Lord_Howe,
            expect![[r#"
                2025-12-31 11:00:00 +1100 +1100 - summer
                2026-04-05 02:00:00 +1100 +1030 - standard
                2026-10-04 02:00:00 +1030 +1100 - summer"#]],
        );
        check(
            chrono_tz::America::St_Johns,
            expect![[r#"
                2025-12-30 20:30:00 -0330 -0330 NST standard
                2026-03-08 02:00:00 -0330 -0230 NDT summer
                2026-11-01 02:00:00 -0230 -0330 NST standard"#]],
        );
    }

    #[test]
    fn offsets_are_written_with_what_they_have() {
        let written: Vec<String> = [0, 28_800, -12_600, 20_700, -1_172].map(written).into();
        assert_eq!(written, ["+0000", "+0800", "-0330", "+0545", "-001932"]);
    }
}
