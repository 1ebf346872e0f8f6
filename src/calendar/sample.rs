//! What the tests of the calendars share: a hall's plan and the days around one holiday.

use super::official::{OfficialCalendar, OfficialDay};
use chrono::NaiveDate;
use hall::Plan;

/// It has comments, different hours, a day set by hand, and a service with a week of its own.
pub const PLAN: &str = r#"# the plan of a hall
hall = "tianxin"
name = { zh = "天心办事大厅", en = "Tianxin Service Hall" }
address = { zh = "天心区湘府路1号, 二楼", en = "1 Xiangfu Road; second floor" }
hotline = "0731-12345"
time_zone = "Asia/Shanghai" # all of China

# the week
[week]
monday = ["09:00-12:00", "13:30-17:00"]
tuesday = ["09:00-12:00", "13:30-17:00"]
wednesday = ["09:00-12:00", "13:30-17:00"]
thursday = ["09:00-12:00", "13:30-17:00"]
friday = ["09:00-12:00"] # meetings in the afternoon
saturday = { sessions = ["09:00-12:00"], appointments_only = true }

# set by hand
[[special_days]]
date = "2024-10-03"   # somebody thought about it
hours = ["10:00-11:00"]

# what there is
[[services]]
id = "fine"
name = { zh = "违法处理", en = "Fines" }
prefix = "A"

[[services]]
id = "inspection"
name = { zh = "机动车检验", en = "Inspection" }
prefix = "J"
week = { sunday = ["08:00-12:00"] }

[[windows]]
number = 1
everything = true
# the end
"#;

pub fn plan() -> Plan {
    Plan::from_toml(PLAN).unwrap()
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn day(name: &str, on: &str, is_off_day: bool) -> OfficialDay {
    OfficialDay {
        name: name.into(),
        date: date(on),
        is_off_day,
    }
}

/// 1 to 7 October 2024 off; 29 September and 12 October worked.
pub fn national_day() -> OfficialCalendar {
    national_day_of(2024)
}

/// The same dates in another year; their weekdays differ.
pub fn national_day_of(year: i32) -> OfficialCalendar {
    let mut days = vec![
        day("国庆节", &format!("{year}-10-12"), false),
        day("国庆节", &format!("{year}-09-29"), false),
    ];
    for number in 1..=7 {
        days.push(day("国庆节", &format!("{year}-10-{number:02}"), true));
    }
    OfficialCalendar { year, days }
}

/// A year of which every holiday is known.
pub fn whole_year(year: i32) -> OfficialCalendar {
    let of = |name: &'static str, dates: &'static [&'static str]| {
        dates
            .iter()
            .map(move |date| day(name, &format!("{year}-{date}"), true))
    };
    let others = of("元旦", &["01-01"])
        .chain(of("春节", &["02-05", "02-06", "02-07", "02-08"]))
        .chain(of("清明节", &["04-05"]))
        .chain(of("劳动节", &["05-01"]))
        .chain(of("端午节", &["06-09"]))
        .chain(of("中秋节", &["09-15"]));
    let days = others.chain(national_day_of(year).days);
    OfficialCalendar {
        year,
        days: days.collect(),
    }
}

/// A year whose calendar begins in the year before.
pub fn new_year(year: i32) -> OfficialCalendar {
    let days = [
        format!("{}-12-31", year - 1),
        format!("{year}-01-01"),
        format!("{year}-01-02"),
    ];
    OfficialCalendar {
        year,
        days: days.map(|on| day("元旦", &on, true)).into(),
    }
}
