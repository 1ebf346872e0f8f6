//! Reads the cells of a network's spreadsheet: hours, dates, windows, authorisations. Says why a cell makes no sense.

use super::HallKind;
use chrono::NaiveDate;
use hall::id::{ServiceId, WindowNumber};
use hall::plan::WindowPlan;
use hall::plan::authorisation::{Authorisation, Mode};
use hall::plan::hours::{DayHours, FromTo, SpecialDay};

/// Most windows of a hall that only gives their number.
const WINDOWS_MOST: u16 = 99;

pub(super) fn count(text: &str, least: u32, most: u32) -> Result<u32, String> {
    let number = text.parse().ok().filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| format!("a whole number from {least} to {most}"))
}

pub(super) fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "是" | "yes" | "y" | "true" | "1" => Ok(true),
        "否" | "no" | "n" | "false" | "0" => Ok(false),
        _ => Err("是 yes or 否 no".into()),
    }
}

pub(super) fn kind_of(text: &str) -> Result<HallKind, String> {
    match text.to_lowercase().as_str() {
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
    for word in text
        .replace(['—', '–', '~'], "-")
        .replace('\u{ff1a}', ":")
        .split_whitespace()
    {
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
        let (date, hours) = part
            .split_once(char::is_whitespace)
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

pub(super) fn date_of(text: &str) -> Result<NaiveDate, String> {
    text.parse()
        .map_err(|_| format!("{text} is not a date such as 2026-11-25"))
}

/// `4` (four windows that do everything) or `1=fine licence; 2=*`.
pub(super) fn windows_of(text: &str) -> Result<Vec<WindowPlan>, String> {
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
        let (from, until) = word.split_once(['~', '\u{ff5e}']).ok_or_else(|| {
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
