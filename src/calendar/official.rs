//! A year's official calendar: which days are off, and on which weekend days work is made up (调休).
//!
//! It is read from the JSON that the holiday-cn project makes from the State Council's notices, one file a year. A file
//! may have days of the year before or after. The notice says *that* people work on a weekend day, but not *as on which
//! weekday*. This matters to a hall whose weekdays differ.
//!
//! The rule here: a make-up day gives back a workday that its holiday took. The notices take workdays at the end of a
//! holiday, after its statutory days. So the make-up days of a holiday work, in order, as the last workdays among its
//! days off. An example is 1 to 7 October 2024 (Tuesday to Monday): 29 September works as the Friday and 12 October as
//! the Monday. If that weekday has no ordinary hours, the nearest weekday before it that has some is used, so that the
//! day is not empty. `--make-up-as` names another weekday, and a day can be set by hand.

use chrono::{Datelike, NaiveDate, Weekday};
use hall::plan::hours::{SpecialDay, Week};
use hall::text::Text;
use serde::Deserialize;
use serde_path_to_error::Segment;
use std::collections::BTreeSet;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OfficialCalendar {
    pub year: i32,
    pub days: Vec<OfficialDay>,
}

/// A day that does not follow its weekday.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfficialDay {
    /// Of the holiday that it belongs to, in Chinese.
    pub name: String,
    pub date: NaiveDate,
    /// Off, or worked to make up for one that is.
    pub is_off_day: bool,
}

/// The holidays that every year has by law, and the fewest days off that each of them takes. A notice names all of them; a
/// file that lacks one was made before the notice, or cut.
const OF_EVERY_YEAR: [(&str, usize); 7] = [
    ("元旦", 1),
    ("春节", 3),
    ("清明节", 1),
    ("劳动节", 1),
    ("端午节", 1),
    ("中秋节", 1),
    ("国庆节", 3),
];

/// Why a file is not a calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACalendar {
    /// With the line and the JSON pointer of the value.
    #[error("line {line}, {pointer}: {reason}")]
    Unreadable {
        line: usize,
        pointer: String,
        reason: String,
    },
    #[error("{pointer}: {reason}")]
    Senseless { pointer: String, reason: String },
}

impl OfficialCalendar {
    /// Reads and checks a file's text.
    pub fn parse(json: &str) -> Result<OfficialCalendar, NotACalendar> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let calendar: OfficialCalendar =
            serde_path_to_error::deserialize(&mut reader).map_err(|error| {
                let pointer = pointer(error.path());
                let inner = error.into_inner();
                NotACalendar::Unreadable {
                    line: inner.line(),
                    reason: in_words(&pointer, &inner),
                    pointer,
                }
            })?;
        calendar.check()?;
        Ok(calendar)
    }

    fn check(&self) -> Result<(), NotACalendar> {
        let senseless =
            |pointer: String, reason: String| Err(NotACalendar::Senseless { pointer, reason });
        let mut seen = BTreeSet::new();
        for (index, day) in self.days.iter().enumerate() {
            let OfficialDay { date, name, .. } = day;
            if (date.year() - self.year).abs() > 1 {
                return senseless(
                    format!("/days/{index}/date"),
                    format!("{date} does not belong to the calendar of {}", self.year),
                );
            }
            if !seen.insert(date) {
                return senseless(
                    format!("/days/{index}/date"),
                    format!("{date} is listed twice"),
                );
            }
            if name.trim().is_empty() {
                return senseless(
                    format!("/days/{index}/name"),
                    "the holiday has no name".into(),
                );
            }
        }
        Ok(())
    }

    /// The holidays of every year that it does not name, or not whole. Only without any is the year known.
    pub fn missing(&self) -> Vec<&'static str> {
        let days_off = |holiday: &str| {
            let of_year = self.days.iter().filter(|day| day.date.year() == self.year);
            let off = of_year.filter(|day| day.is_off_day);
            // 国庆节、中秋节 in a year in which they meet
            off.filter(|day| day.name.split('、').any(|name| name.trim() == holiday))
                .count()
        };
        let missing = OF_EVERY_YEAR
            .iter()
            .filter(|(holiday, least)| days_off(holiday) < *least);
        missing.map(|(holiday, _)| *holiday).collect()
    }

    /// What it means for a hall with this week, in order of dates.
    pub fn special_days(&self, week: &Week, make_up_as: Option<Weekday>) -> Vec<SpecialDay> {
        let mut days: Vec<SpecialDay> = self
            .days
            .iter()
            .map(|day| SpecialDay {
                date: day.date,
                name: Some(name(day)),
                as_weekday: (!day.is_off_day).then(|| {
                    make_up_as.unwrap_or_else(|| with_hours(week, self.given_back_by(day)))
                }),
                hours: None,
                official: Some(self.year),
            })
            .collect();
        days.sort_by_key(|day| day.date);
        days
    }

    /// The weekday that a make-up day gives back; Friday if its holiday took no workday.
    fn given_back_by(&self, make_up: &OfficialDay) -> Weekday {
        let of_holiday = |day: &&OfficialDay| day.name == make_up.name;
        let (mut worked, mut taken) = (Vec::new(), Vec::new());
        for day in self.days.iter().filter(of_holiday) {
            if !day.is_off_day {
                worked.push(day.date);
            } else if !is_weekend(day.date) {
                taken.push(day.date);
            }
        }
        worked.sort_unstable();
        taken.sort_unstable();
        let after = worked.iter().filter(|date| **date > make_up.date).count();
        let given_back = taken.iter().rev().nth(after).or(taken.first());
        given_back.map_or(Weekday::Fri, Datelike::weekday)
    }
}

/// This weekday, or the nearest before it on which people need no appointment; itself if the week has no such day.
fn with_hours(week: &Week, weekday: Weekday) -> Weekday {
    let backwards = std::iter::successors(Some(weekday), |day| Some(day.pred())).take(7);
    let is_ordinary = |day: &Weekday| {
        let hours = week.on(*day);
        !hours.sessions.is_empty() && !hours.appointments_only
    };
    let mut ordinary = backwards.filter(is_ordinary);
    ordinary.next().unwrap_or(weekday)
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

fn name(day: &OfficialDay) -> Text {
    let english = english(&day.name);
    if day.is_off_day {
        Text::new(&day.name, english)
    } else {
        Text::new(
            format!("{}调休上班", day.name),
            format!("Make-up workday ({english})"),
        )
    }
}

/// The holidays' usual English names; a new one is called a public holiday.
fn english(name: &str) -> String {
    let each = name.split('、').map(|name| match name {
        "元旦" => "New Year's Day",
        "春节" => "Spring Festival",
        "清明节" => "Tomb-Sweeping Day",
        "劳动节" => "Labour Day",
        "端午节" => "Dragon Boat Festival",
        "中秋节" => "Mid-Autumn Festival",
        "国庆节" => "National Day",
        _ => "Public holiday",
    });
    each.collect::<Vec<_>>().join(" and ")
}

/// `/days/3/date`; the pointer of the whole document is empty, so words stand for it.
fn pointer(path: &serde_path_to_error::Path) -> String {
    let steps: String = path
        .iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{key}"),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect();
    if steps.is_empty() {
        "the file".into()
    } else {
        steps
    }
}

/// What was expected, where the reader's own message would not help.
fn in_words(pointer: &str, error: &serde_json::Error) -> String {
    if error.is_data() && pointer.ends_with("/date") {
        return "expected a date such as \"2026-10-01\"".into();
    }
    // without its own "at line 3 column 9"
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((reason, _)) => reason.into(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::sample;
    use expect_test::{Expect, expect};

    fn check(json: &str, expected: Expect) {
        let text = match OfficialCalendar::parse(json) {
            Ok(calendar) => format!("{} days of {}", calendar.days.len(), calendar.year),
            Err(error) => error.to_string(),
        };
        expected.assert_eq(&text);
    }

    #[test]
    fn what_is_no_calendar_is_named_with_its_place() {
        check(
            "{",
            expect!["line 1, the file: EOF while parsing an object"],
        );
        check(
            "[]",
            expect![
                "line 1, the file: invalid length 0, expected struct OfficialCalendar with 2 elements"
            ],
        );
        check(
            r#"{"days": []}"#,
            expect!["line 1, the file: missing field `year`"],
        );
        check(
            "{\"year\": 2026, \"days\": [\n  {\"name\": \"元旦\", \"date\": \"1 January\", \"isOffDay\": true}]}",
            expect![[r#"line 2, /days/0/date: expected a date such as "2026-10-01""#]],
        );
        check(
            "{\"year\": 2026, \"days\": [\n{\"name\": \"元旦\", \"date\": \"2026-01-01\", \"isOffDay\": 1}]}",
            expect!["line 2, /days/0/isOffDay: invalid type: integer `1`, expected a boolean"],
        );
        let days = |days: &str| format!("{{\"year\": 2026, \"days\": [{days}]}}");
        let day = |date: &str| {
            format!("{{\"name\": \"元旦\", \"date\": \"{date}\", \"isOffDay\": true}}")
        };
        check(
            &days(&[day("2026-01-01"), day("2026-01-01")].join(",")),
            expect!["/days/1/date: 2026-01-01 is listed twice"],
        );
        check(
            &days(&day("2024-01-01")),
            expect!["/days/0/date: 2024-01-01 does not belong to the calendar of 2026"],
        );
        check(&days(&day("2025-12-31")), expect!["1 days of 2026"]);
    }

    /// Before the notice comes out there is a file without days, and a cut one looks like a whole one.
    #[test]
    fn a_year_is_whole_only_with_every_holiday() {
        let whole = sample::whole_year(2027);
        assert_eq!(whole.missing(), [""; 0]);
        let without = |holiday: &str, kept: usize| {
            let (mut calendar, mut seen) = (whole.clone(), 0);
            calendar.days.retain(|day| {
                seen += usize::from(day.name == holiday);
                day.name != holiday || seen <= kept
            });
            calendar.missing()
        };
        assert_eq!(without("春节", 0), ["春节"]);
        assert_eq!(
            without("春节", 2),
            ["春节"],
            "two days are no Spring Festival"
        );
        assert_eq!(without("元旦", 0), ["元旦"]);
        let mut met = whole.clone();
        met.days.retain(|day| day.name != "中秋节");
        for day in met.days.iter_mut().filter(|day| day.name == "国庆节") {
            day.name = "国庆节、中秋节".into();
        }
        assert_eq!(met.missing(), [""; 0]);
        let empty = OfficialCalendar {
            year: 2027,
            days: Vec::new(),
        };
        assert_eq!(empty.missing().len(), 7);
        let of_next_year = OfficialCalendar {
            year: 2026,
            ..whole
        };
        assert_eq!(
            of_next_year.missing().len(),
            7,
            "its days are of another year"
        );
    }

    /// The make-up days of a calendar, and as what they work.
    fn made_up(week: &str, make_up_as: Option<Weekday>) -> String {
        let week: Week = toml::from_str(week).unwrap();
        let days = sample::national_day().special_days(&week, make_up_as);
        let days = days.iter().filter_map(|day| {
            let weekday = day.as_weekday?;
            Some(format!("{} as {weekday}", day.date))
        });
        days.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_make_up_day_works_as_the_workday_that_its_holiday_took() {
        let weekdays = "monday = ['09:00-17:00']\ntuesday = ['09:00-17:00']\nwednesday = ['09:00-17:00']\n\
                        thursday = ['09:00-17:00']\n";
        let all = format!("{weekdays}friday = ['09:00-12:00']");
        expect!["2024-09-29 as Fri, 2024-10-12 as Mon"].assert_eq(&made_up(&all, None));
        expect!["2024-09-29 as Thu, 2024-10-12 as Mon"].assert_eq(&made_up(weekdays, None));
        expect!["2024-09-29 as Wed, 2024-10-12 as Wed"]
            .assert_eq(&made_up(&all, Some(Weekday::Wed)));
        let by_appointment = "friday = { sessions = ['09:00-12:00'], appointments_only = true }\n\
                              tuesday = ['09:00-17:00']";
        expect!["2024-09-29 as Tue, 2024-10-12 as Tue"].assert_eq(&made_up(by_appointment, None));
        expect!["2024-09-29 as Fri, 2024-10-12 as Mon"].assert_eq(&made_up("", None));
    }

    #[test]
    fn days_are_named_in_both_languages() {
        let names: Vec<String> = ["国庆节、中秋节", "春节", "新的节日"]
            .into_iter()
            .map(english)
            .collect();
        assert_eq!(
            names,
            [
                "National Day and Mid-Autumn Festival",
                "Spring Festival",
                "Public holiday"
            ]
        );
    }
}
