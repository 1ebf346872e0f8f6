//! What stands in one cell: dates and hours as people and spreadsheets write them, and what a spreadsheet writes when it
//! does not know a value.
//!
//! Everything goes through [`plain`] first: cells are typed with the same input methods as everything else.

use chrono::{Days, NaiveDate};
use hall::text::typed;

/// The first and last year that a date of a hall may have. What is outside is a slip of the keyboard.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// What is wrong with a cell that has no value, in Chinese and English.
pub type Fault = (&'static str, &'static str);

/// What a spreadsheet shows for a formula without a result.
const ERRORS: [&str; 12] = [
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#GETTING_DATA",
];

/// As it would be typed on a plain keyboard, by the same door as everything that people type. Two marks mean something
/// between hours that is lost there: the wave dash (until) and the ratio (a colon).
pub fn plain(text: &str) -> String {
    let marks = text.chars().map(|c| match c {
        '\u{301C}' | '\u{3030}' | '\u{223C}' => '~',
        '\u{2236}' | '\u{A789}' => ':',
        c => c,
    });
    typed::plain(&marks.collect::<String>())
}

/// Why a cell has no value, if a spreadsheet wrote so: a formula without a result, a column that was too narrow, or a
/// long number that it shortened.
pub fn fault(text: &str) -> Option<Fault> {
    let text = plain(text);
    if ERRORS.iter().any(|error| error.eq_ignore_ascii_case(&text)) {
        return Some((
            "表格没有算出这一格的值，请直接填写。",
            "the spreadsheet could not work this cell out; type the value itself",
        ));
    }
    if text.len() >= 3 && text.bytes().all(|byte| byte == b'#') {
        return Some((
            "列太窄，表格没有保存这一格的值；请把列拉宽后重新保存。",
            "the column was too narrow, and the value was not saved; widen it and save again",
        ));
    }
    is_shortened(&text).then_some((
        "表格把长号码改成了科学计数，位数已丢失；请把该列设为“文本”后重新填写。",
        "the spreadsheet shortened a long number; set the column to \"text\" and type it again",
    ))
}

/// `4.30211E+17`
fn is_shortened(text: &str) -> bool {
    let Some((number, power)) = text.split_once("E+") else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    is_number(whole) && is_number(fraction) && is_number(power)
}

/// A date: `2026-11-16`, `2026/3/2`, `2026.3.2`, `2026年3月2日`, `20261116`, with a weekday or midnight behind it, or the
/// days since 1899-12-30 that a spreadsheet counts. A form that names the year last has two readings, so it is none.
pub fn date(text: &str) -> Option<NaiveDate> {
    let text = plain(text);
    let written = match text.contains('年') {
        true => text.replace(' ', ""),
        false => text
            .split_once([' ', 'T'])
            .map_or(text.as_str(), |(date, rest)| {
                let rest = rest.trim_end_matches('Z');
                match is_midnight(rest) || is_weekday(rest) {
                    true => date,
                    false => "",
                }
            })
            .into(),
    };
    let date = serial(&written).or_else(|| by_parts(&written))?;
    YEARS
        .contains(&chrono::Datelike::year(&date))
        .then_some(date)
}

fn by_parts(written: &str) -> Option<NaiveDate> {
    let digits = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        let fits = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.parse::<u32>().ok()).flatten()
    };
    if let Some(number) = digits(written, 8..=8) {
        return NaiveDate::from_ymd_opt((number / 10_000) as i32, number / 100 % 100, number % 100);
    }
    let mut parts = written.splitn(3, ['-', '/', '.', '年', '月']);
    let year = digits(parts.next()?, 4..=4)?;
    let month = digits(parts.next()?, 1..=2)?;
    let day = parts.next()?;
    let end = day.find(|c: char| !c.is_ascii_digit()).unwrap_or(day.len());
    let (day, rest) = day.split_at(end);
    let rest = rest.trim_start_matches(['日', '号']);
    if !(rest.is_empty() || is_weekday(rest)) {
        return None;
    }
    NaiveDate::from_ymd_opt(year as i32, month, digits(day, 1..=2)?)
}

/// Five digits at least, so that no year and no count is taken for a date.
fn serial(written: &str) -> Option<NaiveDate> {
    let whole = written
        .split_once('.')
        .map_or(written, |(whole, fraction)| {
            match fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                true => whole,
                false => "",
            }
        });
    let is_number =
        (5..=6).contains(&whole.len()) && whole.bytes().all(|byte| byte.is_ascii_digit());
    let days = is_number.then(|| whole.parse().ok()).flatten()?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))
}

fn is_midnight(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0' | b':' | b'.'))
}

fn is_weekday(text: &str) -> bool {
    let text = text.trim().trim_matches(['(', ')']);
    let day = ["星期", "周", "礼拜"]
        .into_iter()
        .find_map(|word| text.strip_prefix(word));
    day.is_some_and(|day| ["一", "二", "三", "四", "五", "六", "日", "天"].contains(&day))
}

/// A cell of hours as plain words between spaces: `9：00 — 12：00、下午1点半至5点` is `09:00-12:00 13:30-17:00`. A word that
/// is no hour stays as it is; what it means, or that it means nothing, the reader of the hours says.
pub fn hours(text: &str) -> String {
    let text = plain(text);
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(BETWEEN);
    while !rest.is_empty() {
        let (word, behind) = session(rest).unwrap_or_else(|| {
            let end = rest.find(BETWEEN).unwrap_or(rest.len());
            (rest[..end].to_string(), &rest[end..])
        });
        words.push(word);
        rest = behind.trim_start_matches(BETWEEN);
    }
    words.join(" ")
}

/// How a session says that it ends on the next day.
const NEXT_DAY: [&str; 3] = ["次日", "翌日", "第二天"];

/// What stands between two sessions of a day.
const BETWEEN: [char; 5] = [' ', ',', ';', '、', '。'];

/// The session that this text begins with, and what is behind it.
fn session(text: &str) -> Option<(String, &str)> {
    let (opens, is_late, rest) = time(text, false)?;
    let rest = rest.trim_start_matches(' ');
    let to = ["--", "-", "~~", "~", "至", "到"];
    let rest = to.into_iter().find_map(|to| rest.strip_prefix(to))?;
    let rest = rest.trim_start_matches(' ');
    let next_day = NEXT_DAY
        .into_iter()
        .find_map(|word| rest.strip_prefix(word));
    let (closes, _, rest) = time(next_day.unwrap_or(rest), is_late && next_day.is_none())?;
    let next_day = next_day.map_or("", |_| NEXT_DAY[0]);
    Some((format!("{opens}-{next_day}{closes}"), rest))
}

/// The time that this text begins with, whether it is one of the afternoon, and what is behind it.
fn time(text: &str, is_late: bool) -> Option<(String, bool, &str)> {
    let early = ["上午", "早上", "早晨", "凌晨"].map(|word| (word, false));
    let late = ["下午", "晚上", "傍晚"].map(|word| (word, true));
    let mut named = early.into_iter().chain(late);
    let named = named.find_map(|(word, is_late)| Some((text.strip_prefix(word)?, is_late)));
    let (text, is_late) = named.unwrap_or((text, is_late));
    let (hour, rest) = digits(text.trim_start_matches(' '))?;
    let (minute, rest) = match rest.strip_prefix(':') {
        Some(rest) => {
            let (minute, rest) = digits(rest)?;
            (minute, rest.strip_prefix(":00").unwrap_or(rest))
        }
        None => minutes_in_words(rest.strip_prefix(['点', '时', '點'])?),
    };
    let hour = if is_late && hour < 12 {
        hour + 12
    } else {
        hour
    };
    Some((format!("{hour:02}:{minute:02}"), is_late, rest))
}

/// Behind 点: 半, 30分, 整 or nothing.
fn minutes_in_words(rest: &str) -> (u32, &str) {
    if let Some(rest) = rest.strip_prefix('半') {
        return (30, rest);
    }
    match digits(rest) {
        Some((minute, rest)) => (minute, rest.strip_prefix('分').unwrap_or(rest)),
        None => (0, rest.strip_prefix('整').unwrap_or(rest)),
    }
}

/// One or two digits.
fn digits(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number = (1..=2)
        .contains(&end)
        .then(|| text[..end].parse().ok())
        .flatten()?;
    Some((number, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_spreadsheets_and_people_write_it() {
        let same = [
            "2026-03-02",
            "2026-3-2",
            "2026/3/2",
            "2026/03/02",
            "2026.3.2",
            "２０２６／３／２",
            "2026年3月2日",
            "2026 年 3 月 2 日",
            "2026年03月02号",
            "2026年3月2日星期一",
            "20260302",
            "46083",
            "46083.0",
            "2026/3/2 0:00",
            "2026-03-02 00:00:00",
            "2026-03-02T00:00:00",
            " 2026/3/2\u{3000}",
            "2026—3—2",
            "2026/3/2 星期一",
            "\u{FEFF}2026-3-2",
            "2026－3－2",
        ];
        for text in same {
            assert_eq!(date(text), NaiveDate::from_ymd_opt(2026, 3, 2), "{text:?}");
        }
        let none = [
            "",
            "3/2/2026",
            "2/3/26",
            "26-3-2",
            "2026-13-01",
            "2026-02-30",
            "2026-3",
            "2026",
            "1899-12-31",
            "2201-01-01",
            "+262142-12-31",
            "262142-12-31",
            "2026-3-2 14:30",
            "2026-3-2x",
            "2026-3-2-1",
            "tomorrow",
            "#N/A",
            "4608",
            "999999",
            "2026--3-2",
            "-2026-3-2",
            "2026-03-02 to",
        ];
        for text in none {
            assert_eq!(date(text), None, "{text:?}");
        }
    }

    #[test]
    fn hours_may_end_on_the_next_day() {
        for (text, expected) in [
            ("22:00-次日02:00", "22:00-次日02:00"),
            ("晚上10点至次日凌晨2点", "22:00-次日02:00"),
            ("22：00－第二天2：00", "22:00-次日02:00"),
            ("18:00-24:00", "18:00-24:00"),
            ("下午6点到24点", "18:00-24:00"),
        ] {
            assert_eq!(hours(text), expected, "{text:?}");
        }
    }

    #[test]
    fn hours_are_read_with_every_dash_colon_and_space() {
        let cases = [
            ("09:00-12:00 13:30-17:00", "09:00-12:00 13:30-17:00"),
            ("9：00－12：00", "09:00-12:00"),
            ("9:00—12:00", "09:00-12:00"),
            ("9:00——12:00", "09:00-12:00"),
            ("9:00–12:00", "09:00-12:00"),
            ("9:00~12:00", "09:00-12:00"),
            ("9:00～12:00", "09:00-12:00"),
            ("9:00至12:00", "09:00-12:00"),
            ("9:00 到 12:00", "09:00-12:00"),
            ("9:00 - 12:00、13:30 - 17:00", "09:00-12:00 13:30-17:00"),
            (
                "９：００－１２：００，１３：３０－１７：００",
                "09:00-12:00 13:30-17:00",
            ),
            ("9:00-12:00\n13:30-17:00", "09:00-12:00 13:30-17:00"),
            ("09:00:00-12:00:00", "09:00-12:00"),
            ("9点-12点", "09:00-12:00"),
            ("上午9点半至12点整 下午1:30-5:00", "09:30-12:00 13:30-17:00"),
            ("上午9:00-下午5点30分", "09:00-17:30"),
            ("预约 9:00-12:00", "预约 09:00-12:00"),
            ("appointment 9:00-12:00", "appointment 09:00-12:00"),
            ("22:00-24:00", "22:00-24:00"),
            ("9-12", "9-12"),
            ("9:00", "9:00"),
            ("休息", "休息"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(hours(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_a_spreadsheet_does_not_know_has_a_reason() {
        for text in [
            "#N/A",
            "#REF!",
            "#value!",
            " #DIV/0! ",
            "########",
            "4.30211E+17",
            "1E+10",
            "＃N/A",
        ] {
            assert!(fault(text).is_some(), "{text:?}");
        }
        for text in [
            "",
            "#",
            "##",
            "# N/A",
            "A001",
            "0731-12345",
            "E+1",
            "1.5",
            "2E+",
            "12E+x",
            "00731",
        ] {
            assert!(fault(text).is_none(), "{text:?}");
        }
    }

    /// The door of everything that people type, and two marks of hours.
    #[test]
    fn a_cell_is_plain_however_it_was_typed() {
        for (typed, plain) in [
            ("ｆｉｎｅ　＝\u{A0}１", "fine = 1"),
            ("\u{202A}fine\u{202C}\u{200B}", "fine"),
            ("٠٧٣١", "0731"),
            ("00731", "00731"),
            ("②", "2"),
            ("9\u{FE13}00", "9:00"),
            ("9∶00〜12∶00", "9:00~12:00"),
            ("2026﹣3﹣2", "2026-3-2"),
            ("2026ー3ー2", "2026-3-2"),
            ("  a \n\t b ", "a b"),
            ("e\u{301}", "é"),
            ("𠮷", "𠮷"),
        ] {
            assert_eq!(super::plain(typed), plain, "{typed:?}");
        }
        assert_eq!(date("２０２６ー３ー２"), date("2026-03-02"));
        assert_eq!(hours("９∶００〜１２∶００"), "09:00-12:00");
        assert!(fault("＃\u{200B}REF！").is_some());
    }

    #[test]
    fn whatever_is_typed_nothing_panics() {
        let pieces = [
            "2026",
            "3",
            "2",
            "/",
            "-",
            "年",
            "月",
            "日",
            "点",
            "半",
            "分",
            "整",
            "上午",
            "下午",
            "9",
            "00",
            ":",
            "：",
            "－",
            "至",
            "～",
            " ",
            "\u{3000}",
            "\u{200B}",
            "、",
            "#N/A",
            "E+",
            ".",
            "0",
            "星期",
            "一",
            "T",
            "Z",
            "𠮷",
            "é",
            "99999999999999999999",
            "-1",
            "+",
            "\n",
            "\"",
        ];
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..50_000 {
            let count = random.usize(0..9);
            let text: String = (0..count)
                .map(|_| *random.choice(&pieces).unwrap())
                .collect();
            let text = match random.u8(..4) {
                0 => text + &random.char(..).to_string(),
                _ => text,
            };
            if let Some(date) = date(&text) {
                assert!(YEARS.contains(&chrono::Datelike::year(&date)), "{text:?}");
            }
            hours(&text);
            assert_eq!(plain(&plain(&text)), plain(&text));
            fault(&text);
        }
    }

    #[test]
    fn every_date_comes_back_in_every_form() {
        let mut random = fastrand::Rng::with_seed(4);
        let first = NaiveDate::from_ymd_opt(1930, 1, 1).unwrap();
        for _ in 0..5_000 {
            let day = first + Days::new(random.u64(..98_000));
            let days = (day - NaiveDate::from_ymd_opt(1899, 12, 30).unwrap()).num_days();
            let forms = [
                "%Y-%m-%d",
                "%Y/%-m/%-d",
                "%Y年%-m月%-d日",
                "%Y.%m.%d",
                "%Y%m%d",
                "%Y/%-m/%-d 0:00",
            ];
            for form in forms {
                assert_eq!(date(&day.format(form).to_string()), Some(day));
            }
            assert_eq!(date(&days.to_string()), Some(day));
        }
    }
}
