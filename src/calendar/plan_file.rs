//! Brings official calendars into a plan file and leaves everything else in it unchanged.
//!
//! A day set by hand wins a date; after that the calendar of the later year, because its notice is newer. An import of
//! a year replaces only what an earlier import of that year wrote. So the order of imports does not matter, and a
//! repeated import changes nothing. Imported days stand after the days set by hand, in order of dates.

use super::official::OfficialCalendar;
use chrono::{NaiveDate, Weekday};
use hall::Plan;
use hall::plan::check::PlanError;
use hall::plan::hours::SpecialDay;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// A plan file with the calendars in it.
#[derive(Clone, Debug)]
pub struct Imported {
    pub text: String,
    pub plan: Plan,
    /// In order of dates.
    pub changes: Vec<Change>,
    /// Days set by hand that were kept although an official day has the same date.
    pub kept: Vec<SpecialDay>,
    /// Years that the plan did not know before.
    pub new_years: Vec<i32>,
    /// Years of which a file names some days and not all, with the holidays that are missing. They stay unknown.
    pub incomplete: Vec<(i32, Vec<&'static str>)>,
}

/// What an import did to a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Added(SpecialDay),
    Replaced(SpecialDay),
    /// The calendar does not name it any more.
    Removed(SpecialDay),
}

/// Why the calendars cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{}", lines(.0))]
    Plan(Vec<PlanError>),
    #[error("{weekday} has no ordinary hours in this plan, so a make-up day cannot work as one")]
    NoHours { weekday: Weekday },
    #[error("the year {year} is given twice")]
    YearTwice { year: i32 },
    #[error(
        "the calendar of {year} names no day: its notice is not out yet. Nothing was changed / {year} 年的放假安排没有任何日期，通知尚未公布，没有改动"
    )]
    Empty { year: i32 },
    #[error(
        "the plan knows the whole year {year}, and this file lacks {}. Nothing was changed / 方案已有 {year} 年完整安排，该文件缺少{}，没有改动", .missing.join(", "), .missing.join("、")
    )]
    LessThanKnown {
        year: i32,
        missing: Vec<&'static str>,
    },
}

fn lines(errors: &[PlanError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The plan file with these calendars in it.
pub fn import(
    text: &str,
    calendars: &[OfficialCalendar],
    make_up_as: Option<Weekday>,
) -> Result<Imported, ImportError> {
    let plan = Plan::from_toml(text).map_err(ImportError::Plan)?;
    if let Some(weekday) = make_up_as
        && plan.week.on(weekday).sessions.is_empty()
    {
        return Err(ImportError::NoHours { weekday });
    }
    let years = years(calendars)?;
    let incomplete = incomplete(&plan, calendars)?;
    let (wanted, kept) = wanted(&plan, calendars, &years, make_up_as);
    let before: BTreeMap<NaiveDate, &SpecialDay> = plan
        .special_days
        .iter()
        .filter(|day| day.official.is_some())
        .map(|day| (day.date, day))
        .collect();
    let changes = changes(&before, &wanted);
    let known: BTreeSet<i32> = plan.calendar_years.iter().copied().collect();
    let is_whole = |year: &&i32| incomplete.iter().all(|(other, _)| other != *year);
    let new_years: Vec<i32> = years.difference(&known).filter(is_whole).copied().collect();
    let mut text = text.to_string();
    if !changes.is_empty() || !new_years.is_empty() {
        let known = known.into_iter().chain(new_years.iter().copied());
        text = write(&text, &plan, &wanted, known.collect());
    }
    Ok(Imported {
        plan: Plan::from_toml(&text).map_err(ImportError::Plan)?,
        text,
        changes,
        kept,
        new_years,
        incomplete,
    })
}

fn years(calendars: &[OfficialCalendar]) -> Result<BTreeSet<i32>, ImportError> {
    let mut years = BTreeSet::new();
    for calendar in calendars {
        if !years.insert(calendar.year) {
            return Err(ImportError::YearTwice {
                year: calendar.year,
            });
        }
    }
    Ok(years)
}

/// The years that are not whole, with what they lack. Less than the plan knows is no news.
fn incomplete(
    plan: &Plan,
    calendars: &[OfficialCalendar],
) -> Result<Vec<(i32, Vec<&'static str>)>, ImportError> {
    let mut incomplete = Vec::new();
    for calendar in calendars {
        let (year, missing) = (calendar.year, calendar.missing());
        if calendar.days.is_empty() {
            return Err(ImportError::Empty { year });
        }
        if !missing.is_empty() && plan.calendar_years.contains(&year) {
            return Err(ImportError::LessThanKnown { year, missing });
        }
        if !missing.is_empty() {
            incomplete.push((year, missing));
        }
    }
    Ok(incomplete)
}

/// The imported days that the plan must have, by date, and the days set by hand that are kept instead of one.
fn wanted(
    plan: &Plan,
    calendars: &[OfficialCalendar],
    years: &BTreeSet<i32>,
    make_up_as: Option<Weekday>,
) -> (BTreeMap<NaiveDate, SpecialDay>, Vec<SpecialDay>) {
    let of_other_years = plan
        .special_days
        .iter()
        .filter(|day| day.official.is_some_and(|year| !years.contains(&year)));
    let fresh = calendars
        .iter()
        .flat_map(|calendar| calendar.special_days(&plan.week, make_up_as));
    let mut wanted: BTreeMap<NaiveDate, SpecialDay> = BTreeMap::new();
    let mut kept = BTreeMap::new();
    for day in of_other_years.cloned().chain(fresh) {
        let known = plan.special_day(day.date);
        if let Some(by_hand) = known.filter(|known| known.official.is_none()) {
            kept.insert(day.date, by_hand.clone());
            continue;
        }
        let newer = wanted
            .get(&day.date)
            .is_none_or(|other| other.official < day.official);
        if newer {
            wanted.insert(day.date, day);
        }
    }
    (wanted, kept.into_values().collect())
}

fn changes(
    before: &BTreeMap<NaiveDate, &SpecialDay>,
    wanted: &BTreeMap<NaiveDate, SpecialDay>,
) -> Vec<Change> {
    let dates: BTreeSet<NaiveDate> = before.keys().chain(wanted.keys()).copied().collect();
    let change = |date: NaiveDate| match (before.get(&date), wanted.get(&date)) {
        (None, Some(day)) => Some(Change::Added(day.clone())),
        (Some(was), None) => Some(Change::Removed((*was).clone())),
        (Some(was), Some(day)) if *was != day => Some(Change::Replaced(day.clone())),
        (Some(_), Some(_)) | (None, None) => None,
    };
    dates.into_iter().filter_map(change).collect()
}

fn write(
    text: &str,
    plan: &Plan,
    wanted: &BTreeMap<NaiveDate, SpecialDay>,
    years: BTreeSet<i32>,
) -> String {
    let mut document: DocumentMut = text
        .parse()
        .expect("what reads as a plan reads as TOML again");
    if !years.iter().eq(&plan.calendar_years) {
        let years: Array = years.into_iter().map(i64::from).collect();
        set_value(&mut document, "calendar_years", years.into());
    }
    match document.get("special_days") {
        Some(Item::Value(Value::Array(array))) => {
            let array = with_inline(array.clone(), plan, wanted);
            set_value(&mut document, "special_days", array.into());
        }
        Some(Item::ArrayOfTables(tables)) => {
            let tables = with_tables(tables, plan, wanted);
            document["special_days"] = Item::ArrayOfTables(tables);
        }
        Some(Item::None | Item::Table(_) | Item::Value(_)) | None => {
            let tables = with_tables(&ArrayOfTables::new(), plan, wanted);
            document["special_days"] = Item::ArrayOfTables(tables);
        }
    }
    let written = document.to_string();
    if text.contains("\r\n") {
        written.replace('\n', "\r\n") // the lines of the document end without it
    } else {
        written
    }
}

/// Sets a value of the file's head and keeps the comment beside the old one.
fn set_value(document: &mut DocumentMut, key: &str, mut value: Value) {
    if let Some(old) = document.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    document[key] = Item::Value(value);
}

/// `[[special_days]]`: those set by hand as they are, then the imported ones.
fn with_tables(
    tables: &ArrayOfTables,
    plan: &Plan,
    wanted: &BTreeMap<NaiveDate, SpecialDay>,
) -> ArrayOfTables {
    let (mut all, mut known) = (ArrayOfTables::new(), BTreeMap::new());
    let mut place = None;
    for (day, table) in plan.special_days.iter().zip(tables.iter()) {
        if day.official.is_some() {
            place = place.or(table.position());
            known.insert(day.date, (day, table));
        } else {
            all.push(table.clone());
        }
    }
    for (date, day) in wanted {
        let mut table = match known.get(date) {
            Some((was, table)) if *was == day => (*table).clone(),
            Some((_, table)) => {
                let mut fresh = as_table(day);
                *fresh.decor_mut() = table.decor().clone(); // the comment above it
                fresh
            }
            None => as_table(day),
        };
        // all stand where the first one stood; if there was none, after the last day set by hand or at the end
        table.set_position(place);
        all.push(table);
    }
    all
}

/// The same for `special_days = [ … ]`; each imported day gets a line of its own.
fn with_inline(mut array: Array, plan: &Plan, wanted: &BTreeMap<NaiveDate, SpecialDay>) -> Array {
    let mut days = plan.special_days.iter();
    array.retain(|_| days.next().is_none_or(|day| day.official.is_none()));
    for day in wanted.values() {
        let mut value = Value::InlineTable(fields(day));
        value.decor_mut().set_prefix("\n    ");
        array.push_formatted(value);
    }
    array.set_trailing_comma(true);
    array.set_trailing("\n");
    array
}

fn as_table(day: &SpecialDay) -> Table {
    let mut table = Table::new();
    for (key, value) in fields(day) {
        table.insert(&key, Item::Value(value));
    }
    table.decor_mut().set_prefix("\n");
    table
}

/// An imported day never has hours of its own.
fn fields(day: &SpecialDay) -> InlineTable {
    let mut fields = InlineTable::new();
    fields.insert("date", day.date.to_string().into());
    if let Some(name) = &day.name {
        let mut words = InlineTable::new();
        words.insert("zh", name.zh.as_str().into());
        words.insert("en", name.en.as_str().into());
        fields.insert("name", words.into());
    }
    if let Some(weekday) = day.as_weekday {
        fields.insert("as", weekday.to_string().into());
    }
    if let Some(year) = day.official {
        fields.insert("official", i64::from(year).into());
    }
    fields
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Added(day) => write!(f, "+ {}", DayInWords(day)),
            Change::Replaced(day) => write!(f, "~ {}", DayInWords(day)),
            Change::Removed(day) => write!(f, "- {}", DayInWords(day)),
        }
    }
}

/// A special day in one line.
#[derive(Clone, Copy, Debug)]
pub struct DayInWords<'a>(pub &'a SpecialDay);

impl fmt::Display for DayInWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SpecialDay {
            date,
            name,
            as_weekday,
            hours,
            official: _,
        } = self.0;
        write!(f, "{date} ")?;
        match (as_weekday, hours) {
            (Some(weekday), _) => write!(f, "works as {weekday}")?,
            (None, Some(hours)) => {
                let sessions: Vec<String> =
                    hours.sessions.iter().map(ToString::to_string).collect();
                write!(f, "{}", sessions.join(" "))?;
                if hours.appointments_only {
                    f.write_str(" by appointment")?;
                }
            }
            (None, None) => f.write_str("closed")?,
        }
        if let Some(name) = name {
            write!(f, "  {} / {}", name.zh, name.en)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::sample::{self, PLAN};
    use expect_test::expect;

    fn imported(text: &str, calendars: &[OfficialCalendar]) -> Imported {
        import(text, calendars, None).unwrap()
    }

    #[test]
    fn the_file_keeps_its_comments_and_its_layout() {
        let imported = imported(PLAN, &[sample::national_day()]);
        // every line that was there is there, in its order
        let mut lines = imported.text.lines();
        for line in PLAN.lines() {
            assert!(lines.any(|new| new == line), "{line:?} is gone or moved");
        }
        let start = imported.text.find("# set by hand").unwrap();
        let end = imported.text.find("date = \"2024-10-02\"").unwrap();
        expect![[r#"
            # set by hand
            [[special_days]]
            date = "2024-10-03"   # somebody thought about it
            hours = ["10:00-11:00"]

            [[special_days]]
            date = "2024-09-29"
            name = { zh = "国庆节调休上班", en = "Make-up workday (National Day)" }
            as = "Fri"
            official = 2024

            [[special_days]]
            date = "2024-10-01"
            name = { zh = "国庆节", en = "National Day" }
            official = 2024

            [[special_days]]
        "#]]
        .assert_eq(&imported.text[start..end]);
        assert!(
            !imported.text.contains("calendar_years"),
            "one holiday is no year"
        );
        let whole = import(PLAN, &[sample::whole_year(2024)], None).unwrap();
        assert!(
            whole.text.contains(
                "time_zone = \"Asia/Shanghai\" # all of China\ncalendar_years = [2024]\n"
            )
        );
    }

    #[test]
    fn a_year_is_known_only_when_it_is_whole() {
        let some = imported(PLAN, &[sample::national_day()]);
        let (year, missing) = &some.incomplete[0];
        assert_eq!(
            (*year, missing.len(), &some.new_years[..]),
            (2024, 6, &[][..])
        );
        // what the rest of the year is like is not known, and is said
        assert_eq!(
            some.plan.missing_calendar_years(sample::date("2024-06-01")),
            [2024]
        );
        let whole = imported(&some.text, &[sample::whole_year(2024)]);
        assert_eq!(
            (&whole.new_years[..], whole.incomplete.len()),
            (&[2024][..], 0)
        );
        assert_eq!(
            whole
                .plan
                .missing_calendar_years(sample::date("2024-06-01")),
            [0; 0]
        );
        let refused = |calendar| import(&whole.text, &[calendar], None).unwrap_err();
        let less = refused(sample::national_day());
        assert!(
            matches!(less, ImportError::LessThanKnown { year: 2024, .. }),
            "{less}"
        );
        let nothing = OfficialCalendar {
            year: 2027,
            days: Vec::new(),
        };
        assert!(matches!(
            refused(nothing),
            ImportError::Empty { year: 2027 }
        ));
    }

    #[test]
    fn what_was_imported_stays_where_it_is() {
        let early = imported(PLAN, &[sample::national_day_of(2025)]).text;
        // a second day set by hand, behind the imported ones
        let by_hand = "[[special_days]]\ndate = \"2025-12-24\"\n\n# what there is\n";
        let text = early.replacen("# what there is\n", by_hand, 1);
        let imported = imported(&text, &[sample::national_day()]);
        let place = |what: &str| imported.text.find(what).unwrap();
        let inside = place("2024-10-01")..place("2025-12-24");
        assert!(inside.contains(&place("2024-10-12")) && inside.contains(&place("2025-10-12")));
        assert!(place("2024-10-12") < place("2025-09-29"));
        assert!(imported.text.contains(by_hand));
    }

    #[test]
    fn lines_end_as_they_did() {
        let text = PLAN.replace('\n', "\r\n");
        let first = imported(&text, &[sample::national_day()]).text;
        assert!(first.lines().count() > 60 && first.split("\r\n").all(|line| !line.contains('\n')));
        assert_eq!(imported(&first, &[sample::national_day()]).text, first);
        assert_eq!(
            first.replace("\r\n", "\n"),
            imported(PLAN, &[sample::national_day()]).text
        );
    }

    #[test]
    fn what_it_did_is_told() {
        let imported = imported(PLAN, &[sample::national_day()]);
        let joined = |lines: Vec<String>| lines.join("\n");
        expect![[r#"
            + 2024-09-29 works as Fri  国庆节调休上班 / Make-up workday (National Day)
            + 2024-10-01 closed  国庆节 / National Day
            + 2024-10-02 closed  国庆节 / National Day
            + 2024-10-04 closed  国庆节 / National Day
            + 2024-10-05 closed  国庆节 / National Day
            + 2024-10-06 closed  国庆节 / National Day
            + 2024-10-07 closed  国庆节 / National Day
            + 2024-10-12 works as Mon  国庆节调休上班 / Make-up workday (National Day)"#]]
        .assert_eq(&joined(
            imported.changes.iter().map(ToString::to_string).collect(),
        ));
        expect!["2024-10-03 10:00-11:00"].assert_eq(&joined(
            imported
                .kept
                .iter()
                .map(|day| DayInWords(day).to_string())
                .collect(),
        ));
    }

    #[test]
    fn a_second_import_changes_nothing() {
        let first = imported(PLAN, &[sample::national_day()]);
        let second = imported(&first.text, &[sample::national_day()]);
        assert_eq!(second.text, first.text);
        assert!(second.changes.is_empty() && second.new_years.is_empty());
    }

    #[test]
    fn a_corrected_calendar_replaces_what_the_first_one_wrote() {
        let first = imported(
            PLAN,
            &[sample::new_year(2024), sample::national_day_of(2025)],
        );
        let text = first.text.replace(
            "[[special_days]]\ndate = \"2025-10-04\"",
            "# checked by telephone\n[[special_days]]\ndate = \"2025-10-04\"",
        );
        let mut corrected = sample::national_day_of(2025);
        corrected
            .days
            .retain(|day| day.date != sample::date("2025-10-07"));
        corrected.days[2].name = "国庆节、中秋节".into();
        let second = imported(&text, &[corrected]);
        let changes: Vec<String> = second.changes.iter().map(ToString::to_string).collect();
        expect![[r#"
            ~ 2025-09-29 works as Fri  国庆节调休上班 / Make-up workday (National Day)
            ~ 2025-10-01 closed  国庆节、中秋节 / National Day and Mid-Autumn Festival
            - 2025-10-07 closed  国庆节 / National Day
            ~ 2025-10-12 works as Mon  国庆节调休上班 / Make-up workday (National Day)"#]]
        .assert_eq(&changes.join("\n"));
        assert!(
            second
                .text
                .contains("# checked by telephone\n[[special_days]]\ndate = \"2025-10-04\"")
        );
        let of_2024 = |plan: &Plan| {
            let days = plan.special_days.iter();
            days.filter(|day| day.official == Some(2024)).count()
        };
        assert_eq!((of_2024(&second.plan), of_2024(&first.plan)), (3, 3));
    }

    #[test]
    fn a_list_in_one_line_is_added_to() {
        let text = PLAN.replace(
            "# set by hand\n[[special_days]]\ndate = \"2024-10-03\"   # somebody thought about it\nhours = [\"10:00-11:00\"]\n",
            "",
        );
        for inline in [
            "special_days = []",
            "special_days = [{ date = \"2024-10-03\" }]",
        ] {
            let text = text.replace("# the week\n", &format!("{inline}\n\n# the week\n"));
            let first = imported(&text, &[sample::national_day()]);
            assert!(
                first
                    .text
                    .contains("\n    { date = \"2024-10-01\", name = { zh ="),
                "{}",
                first.text
            );
            let second = imported(&first.text, &[sample::national_day()]);
            assert_eq!(second.text, first.text);
            assert_eq!(second.plan.special_days.len(), 9);
        }
        let first = imported(&text, &[sample::national_day()]);
        assert!(
            first.text.ends_with("# the end\n")
                && first.text.contains("# what there is\n[[services]]")
        );
        assert_eq!(
            imported(&first.text, &[sample::national_day()]).text,
            first.text
        );
    }

    #[test]
    fn the_later_year_wins_a_date_that_two_calendars_name() {
        let mut late = sample::new_year(2026);
        late.days[0].name = "国庆节".into();
        let mut early = sample::new_year(2025);
        early.days.push(late.days[0].clone());
        early.days[3].name = "春节".into();
        let one = imported(&imported(PLAN, &[late.clone()]).text, &[early.clone()]);
        let other = imported(&imported(PLAN, &[early]).text, &[late]);
        assert_eq!(one.plan, other.plan);
        let day = one.plan.special_day(sample::date("2025-12-31")).unwrap();
        assert_eq!(
            (day.official, day.name.as_ref().unwrap().zh.as_str()),
            (Some(2026), "国庆节")
        );
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let message = |result: Result<Imported, ImportError>| result.unwrap_err().to_string();
        let twice = [sample::national_day(), sample::national_day()];
        expect!["the year 2024 is given twice"].assert_eq(&message(import(PLAN, &twice, None)));
        let sunday = Some(Weekday::Sun);
        expect!["Sun has no ordinary hours in this plan, so a make-up day cannot work as one"]
            .assert_eq(&message(import(PLAN, &[sample::national_day()], sunday)));
        expect![[r#"
            TOML parse error at line 1, column 8
              |
            1 | hall = 1
              |        ^
            invalid type: integer `1`, expected a string"#]]
        .assert_eq(&message(import("hall = 1", &[], None)));
    }
}
