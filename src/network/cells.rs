//! Reads the cells of a network's spreadsheet: hours, dates, windows, authorisations. Says why a cell makes no sense.

use super::HallKind;
use chrono::NaiveDate;
use hall::id::{ServiceId, WindowNumber};
use hall::plan::WindowPlan;
use hall::plan::authorisation::{Authorisation, Mode};
use hall::plan::hours::{DayHours, FromTo, SpecialDay};
use office::cell::{self, plain};
use std::str::FromStr;

/// Most windows of a hall that only gives their number.
const WINDOWS_MOST: u16 = 99;

/// A code or another short word, typed with whatever input method.
pub(super) fn word<T: FromStr>(text: &str) -> Result<T, T::Err> {
    plain(text).parse()
}

pub(super) fn count(text: &str, least: u32, most: u32) -> Result<u32, String> {
    let number = plain(text)
        .parse()
        .ok()
        .filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| format!("a whole number from {least} to {most}"))
}

pub(super) fn yes_or_no(text: &str) -> Result<bool, String> {
    match plain(text).to_lowercase().as_str() {
        "是" | "yes" | "y" | "true" | "1" => Ok(true),
        "否" | "no" | "n" | "false" | "0" => Ok(false),
        _ => Err("是 yes or 否 no".into()),
    }
}

pub(super) fn kind_of(text: &str) -> Result<HallKind, String> {
    match plain(text).to_lowercase().as_str() {
        "主厅" | "main" => Ok(HallKind::Main),
        "分厅" | "branch" => Ok(HallKind::Branch),
        "流动" | "mobile" => Ok(HallKind::Mobile),
        _ => Err("主厅 main, 分厅 branch or 流动 mobile".into()),
    }
}

/// The parts of a list, between semicolons of either width.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let parts = text.split([';', '\u{ff1b}', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}

/// `09:00-12:00 13:30-17:00`, with 预约 or `appointment` before them if an appointment is needed.
pub(super) fn hours_of(text: &str) -> Result<DayHours, String> {
    let mut hours = DayHours::default();
    for word in cell::hours(text).split(' ').filter(|word| !word.is_empty()) {
        match word {
            "预约" | "appointment" => hours.appointments_only = true,
            word => hours.sessions.push(FromTo::parse(word)?),
        }
    }
    let fault = hours.faults().next();
    fault.map_or(Ok(hours), Err)
}

/// `2026-11-25 09:00-12:00; 2026-11-27 09:00-12:00 13:30-16:00`
pub(super) fn dates_of(text: &str) -> Result<Vec<SpecialDay>, String> {
    let mut days: Vec<SpecialDay> = Vec::new();
    for part in parts(text) {
        let (date, hours) = date_and_rest(part)
            .ok_or_else(|| format!("{part} has no hours, such as 2026-11-25 09:00-12:00"))?;
        let date = date_of(date)?;
        if days.iter().any(|known| known.date == date) {
            return Err(format!("{date} is listed twice"));
        }
        days.push(SpecialDay {
            date,
            name: None,
            as_weekday: None,
            official: None,
            hours: Some(hours_of(hours)?),
        });
    }
    Ok(days)
}

/// Behind `2026年11月25日` no space is needed.
fn date_and_rest(part: &str) -> Option<(&str, &str)> {
    match part.find(['日', '号']) {
        Some(at) if part.contains('年') => Some(part.split_at(at + '日'.len_utf8())),
        Some(_) | None => part.split_once(char::is_whitespace),
    }
}

pub(super) fn date_of(text: &str) -> Result<NaiveDate, String> {
    cell::date(text).ok_or_else(|| format!("{text} is not a date such as 2026-11-25"))
}

/// The plain forms, with the lines that part a list.
fn plain_list(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(plain).collect();
    lines.join("\n")
}

/// `4` (four windows that do everything) or `1=fine licence; 2=*`.
pub(super) fn windows_of(text: &str) -> Result<Vec<WindowPlan>, String> {
    let text = plain_list(text);
    let text = text.as_str();
    if !text.contains('=') {
        let last = count(text, 1, WINDOWS_MOST.into())
            .map_err(|_| "a number of windows, or a list such as 1=fine licence; 2=*")?;
        return Ok((1..=last as u16).map(|n| window(n, Vec::new())).collect());
    }
    let mut windows: Vec<WindowPlan> = Vec::new();
    for part in parts(text) {
        let (number, services) = part
            .split_once('=')
            .ok_or_else(|| format!("{part}: such as 1=fine licence"))?;
        let number =
            count(number.trim(), 1, 999).map_err(|why| format!("window {number}: {why}"))?;
        let number = number as u16;
        if windows.iter().any(|known| known.number.0 == number) {
            return Err(format!("window {number} is listed twice"));
        }
        let words: Vec<&str> = services.split_whitespace().collect();
        windows.push(match words.as_slice() {
            [] => return Err(format!("window {number} does nothing; * is everything")),
            ["*"] => window(number, Vec::new()),
            words => {
                let ids: Result<Vec<ServiceId>, _> =
                    words.iter().map(|word| ServiceId::parse(*word)).collect();
                window(number, ids.map_err(|error| error.to_string())?)
            }
        });
    }
    Ok(windows)
}

/// A window for these services; for everything if none is named.
pub(super) fn window(number: u16, services: Vec<ServiceId>) -> WindowPlan {
    WindowPlan {
        number: WindowNumber(number),
        everything: services.is_empty(),
        services,
        primary: Vec::new(),
        label: None,
        prefers: None,
        zone: None,
    }
}

/// Done on the spot, without an end.
pub(super) fn on_the_spot() -> Authorisation {
    Authorisation {
        mode: Mode::OnTheSpot,
        from: None,
        until: None,
        suspended: false,
    }
}

/// `当场`, `代理 2026-03-01~2026-12-31`, `by-network 2027-01-01~`, `on-the-spot suspended`.
pub(super) fn authorisation_of(text: &str) -> Result<Authorisation, String> {
    let text = with_plain_periods(text);
    let mut words = text.split_whitespace();
    let mode = match words.next().unwrap_or_default() {
        "当场" | "on-the-spot" => Mode::OnTheSpot,
        "代理" | "by-proxy" => Mode::ByProxy,
        "网络" | "by-network" => Mode::ByNetwork,
        other => {
            return Err(format!(
                "\"{other}\" is not 当场 on-the-spot, 代理 by-proxy or 网络 by-network"
            ));
        }
    };
    let mut authorisation = Authorisation {
        mode,
        ..on_the_spot()
    };
    for word in words {
        if matches!(word, "暂停" | "suspended") {
            authorisation.suspended = true;
            continue;
        }
        let (from, until) = word.split_once('~').ok_or_else(|| {
            format!("\"{word}\" is not 暂停 suspended, nor dates such as 2026-03-01~2026-12-31")
        })?;
        let bound = |text: &str| (!text.is_empty()).then(|| date_of(text)).transpose();
        (authorisation.from, authorisation.until) = (bound(from)?, bound(until)?);
        if let (Some(from), Some(until)) = (authorisation.from, authorisation.until)
            && until < from
        {
            return Err(format!("{word} ends before it begins"));
        }
    }
    Ok(authorisation)
}

/// Periods as `2026-03-01~2026-12-31`, one word: `2026/3/1 至 2026/12/31` is one too. A long dash is taken for the period's
/// before dashes become plain, because plain ones stand within dates.
fn with_plain_periods(text: &str) -> String {
    let long = text.replace(['—', '–', '至', '到', '\u{ff5e}', '\u{301c}'], "~");
    let text = plain(&long.replace("~~", "~"));
    let mut parts = text.split('~');
    let mut periods = parts.next().unwrap_or_default().to_string();
    for part in parts {
        if periods
            .trim_end()
            .ends_with(|c: char| c.is_ascii_digit() || "日号".contains(c))
        {
            periods.truncate(periods.trim_end().len());
        }
        let begins_with_date = part.trim_start().starts_with(|c: char| c.is_ascii_digit());
        periods.push('~');
        periods.push_str(if begins_with_date {
            part.trim_start()
        } else {
            part
        });
    }
    periods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_offices_write_them() {
        let hours = |text: &str| hours_of(text).map(|hours| hours.sessions.len());
        for text in [
            "09:00-12:00 13:30-17:00",
            "9：00－12：00　13：30－17：00",
            "9:00至12:00、13:30至17:00",
            "上午9点—12点，下午1点半—5点",
        ] {
            assert_eq!(hours(text), Ok(2), "{text}");
        }
        assert!(hours_of("预约　9：00～12：00").unwrap().appointments_only);
        for (text, read) in [
            ("晚上10点至次日凌晨2点", "22:00-02:00"),
            ("18:00-24:00", "18:00-24:00"),
            ("0:00-24:00", "00:00-24:00"),
        ] {
            let night = hours_of(text).unwrap();
            assert_eq!(night.sessions[0].to_string(), read, "{text}");
        }
        for text in [
            "12:00-9:00",
            "9-12",
            "25:00-26:00",
            "9:00",
            "休",
            "9:00-次日12:00",
        ] {
            assert!(hours(text).is_err(), "{text}");
        }
        let dates = "2026年11月25日9:00-12:00；2026/3/2 9：00－12：00；46342 9:00-12:00";
        let dates: Vec<String> = dates_of(dates)
            .unwrap()
            .iter()
            .map(|day| day.date.to_string())
            .collect();
        assert_eq!(dates, ["2026-11-25", "2026-03-02", "2026-11-16"]);
        assert_eq!(windows_of("４").unwrap().len(), 4);
        assert_eq!(windows_of("１＝fine　licence；２＝＊").unwrap().len(), 2);
        assert_eq!((count("６", 1, 9), yes_or_no("ＹＥＳ")), (Ok(6), Ok(true)));
        assert_eq!(
            word::<hall::id::HallId>("ｔｉａｎｘｉｎ").unwrap().as_str(),
            "tianxin"
        );
    }

    #[test]
    fn a_period_of_an_authorisation_is_one_word_however_it_is_written() {
        let day = |text: &str| cell::date(text);
        for text in [
            "代理 2026-03-01~2026-12-31",
            "代理　2026/3/1 至 2026/12/31",
            "by-proxy 2026年3月1日－－2026年12月31日"
                .replace("－－", "～")
                .as_str(),
            "代理 2026-3-1 — 2026-12-31",
        ] {
            let read = authorisation_of(text).unwrap();
            assert_eq!(
                (read.from, read.until),
                (day("2026-03-01"), day("2026-12-31")),
                "{text}"
            );
        }
        let open = authorisation_of("网络 2027-01-01~ 暂停").unwrap();
        assert_eq!(
            (open.from, open.until, open.suspended),
            (day("2027-01-01"), None, true)
        );
        let until = authorisation_of("当场 ～2026/12/31").unwrap();
        assert_eq!((until.from, until.until), (None, day("2026-12-31")));
        assert!(authorisation_of("当场 2026-12-31~2026-01-01").is_err());
    }

    /// Thousands of cells that nobody would write.
    #[test]
    fn no_cell_panics_whatever_stands_in_it() {
        let pieces = [
            "代理",
            "当场",
            "暂停",
            "2026",
            "-",
            "/",
            "年",
            "日",
            "9",
            ":",
            "00",
            "～",
            "至",
            "—",
            "=",
            "*",
            ";",
            "；",
            " ",
            "\n",
            "预约",
            "fine",
            "46342",
            "-1",
            "99999999999",
            "\u{200b}",
            "𠮷",
            "#N/A",
            "号",
        ];
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..20_000 {
            let text: String = (0..random.usize(..10))
                .map(|_| *random.choice(&pieces).unwrap())
                .collect();
            let _ = (
                hours_of(&text),
                dates_of(&text),
                windows_of(&text),
                authorisation_of(&text),
            );
            let _ = (
                count(&text, 0, 9),
                yes_or_no(&text),
                kind_of(&text),
                word::<ServiceId>(&text),
            );
        }
    }
}
