//! How templates write a text, a time of day, a duration: the filters that tera does not bring.

use crate::words::language;
use chrono::{DateTime, Datelike, NaiveDate};
use hall::text::Language;
use tera::{Kwargs, State, Tera, TeraResult, Value};

/// Adds every filter.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("text", text);
    tera.register_filter("clock", clock);
    tera.register_filter("day", day);
    tera.register_filter("date", date_with_year);
    tera.register_filter("weekday", weekday);
    tera.register_filter("minutes", minutes);
    tera.register_filter("span", span);
    tera.register_filter("json", json);
}

/// `{zh, en}` in the page's language; nothing for none.
fn text(value: Value, _: Kwargs, state: &State) -> TeraResult<String> {
    if value.is_none() {
        return Ok(String::new());
    }
    let field = match language(state)? {
        Language::Zh => "zh",
        Language::En => "en",
    };
    let words = value.get_from_path(field).and_then(Value::as_str);
    words
        .map(str::to_string)
        .ok_or_else(|| tera::Error::message("`text` wants a text in two languages"))
}

/// The time of day, as `09:05`.
fn clock(value: &str, _: Kwargs, _: &State) -> TeraResult<String> {
    let at = DateTime::parse_from_rfc3339(value)
        .map_err(|error| tera::Error::message(format!("`clock` of {value}: {error}")))?;
    Ok(at.format("%H:%M").to_string())
}

/// The date, as `11月26日` or `26 November`.
fn day(value: &str, _: Kwargs, state: &State) -> TeraResult<String> {
    let date = date("day", value)?;
    Ok(match language(state)? {
        Language::Zh => format!("{}月{}日", date.month(), date.day()),
        Language::En => date.format("%-d %B").to_string(),
    })
}

/// The date with its year, as `2026年11月26日` or `26 November 2026`.
fn date_with_year(value: &str, _: Kwargs, state: &State) -> TeraResult<String> {
    let date = date("date", value)?;
    Ok(match language(state)? {
        Language::Zh => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        Language::En => date.format("%-d %B %Y").to_string(),
    })
}

/// The day of the week, as `周四` or `Thursday`.
fn weekday(value: &str, _: Kwargs, state: &State) -> TeraResult<String> {
    let date = date("weekday", value)?;
    let zh = ["一", "二", "三", "四", "五", "六", "日"];
    Ok(match language(state)? {
        Language::Zh => format!("周{}", zh[date.weekday().num_days_from_monday() as usize]),
        Language::En => date.format("%A").to_string(),
    })
}

/// The date of a time or a date, for this filter.
fn date(filter: &str, value: &str) -> TeraResult<NaiveDate> {
    let date = value.get(..10).unwrap_or(value);
    NaiveDate::parse_from_str(date, "%Y-%m-%d")
        .map_err(|error| tera::Error::message(format!("`{filter}` of {value}: {error}")))
}

/// Seconds as whole minutes, rounded up.
fn minutes(seconds: u64, _: Kwargs, _: &State) -> u64 {
    seconds.div_ceil(60)
}

/// Seconds as `4:05` or `1:04:05`, and a dash for none.
fn span(value: Value, _: Kwargs, _: &State) -> String {
    let Some(seconds) = value.as_u64() else {
        return "–".into();
    };
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// For a `data-` attribute that a script reads.
fn json(value: Value, _: Kwargs, _: &State) -> TeraResult<String> {
    serde_json::to_string(&value).map_err(|error| tera::Error::message(error.to_string()))
}
