//! Dates and moments that a request names: of the years in which a hall can be. With the last dates that a calendar has
//! there is no arithmetic, so they are refused at the door, where everybody reads why.

use chrono::{Datelike, NaiveDate};
use hall::Time;
use hall::time::YEARS;
use serde::de::{Deserialize, Deserializer, Error};

/// What whoever sends another date reads, in Chinese and English.
pub const EXPECTED: (&str, &str) = (
    "日期应在 1900 年至 2200 年之间，写作 2026-11-23。",
    "a date of the years 1900 to 2200, such as 2026-11-23",
);

/// A date, as pages and programs write it.
pub fn parse(text: &str) -> Option<NaiveDate> {
    let date: NaiveDate = text.trim().parse().ok()?;
    YEARS.contains(&date.year()).then_some(date)
}

/// `#[serde(deserialize_with = "date::date")]`
pub fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| Error::custom(EXPECTED.1))
}

/// `#[serde(default, deserialize_with = "date::optional")]`; a field that a form leaves empty is none.
pub fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let text = text.filter(|text| !text.is_empty());
    let date = text.map(|text| parse(&text).ok_or_else(|| Error::custom(EXPECTED.1)));
    date.transpose()
}

/// `#[serde(deserialize_with = "date::moment")]`
pub fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    let at = Time::deserialize(deserializer)?;
    let is_known = YEARS.contains(&at.naive_utc().year());
    is_known
        .then_some(at)
        .ok_or_else(|| Error::custom(EXPECTED.1))
}

/// `#[serde(default, deserialize_with = "date::moment_if_said")]`
pub fn moment_if_said<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Time>, D::Error> {
    #[derive(serde::Deserialize)]
    struct Moment(#[serde(deserialize_with = "moment")] Time);
    let at = Option::<Moment>::deserialize(deserializer)?;
    Ok(at.map(|Moment(at)| at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dates_that_a_hall_can_have_are_taken() {
        for text in ["1900-01-01", "2026-11-23", "2200-12-31", " 2026-11-23 "] {
            assert!(parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "1899-12-31",
            "2201-01-01",
            "+262142-12-31",
            "-262143-01-01",
            "0000-01-01",
            "2026-02-30",
            "2026-11-23T00:00:00",
            "today",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        let (first, last) = YEARS.into_inner();
        for told in [EXPECTED.0, EXPECTED.1] {
            assert!(told.contains(&first.to_string()) && told.contains(&last.to_string()));
        }
        assert_eq!(
            YEARS,
            office::cell::YEARS,
            "the same years in a request and in a sheet"
        );
    }

    #[test]
    fn a_moment_is_refused_as_its_date_is() {
        #[derive(serde::Deserialize)]
        struct Form {
            #[serde(rename = "at", deserialize_with = "moment")]
            _at: Time,
        }
        let read = |text: &str| serde_json::from_str::<Form>(&format!(r#"{{"at":"{text}"}}"#));
        assert!(read("2026-11-23T09:00:00+08:00").is_ok());
        for far in [
            "+262142-12-31T23:59:59Z",
            "1899-12-31T00:00:00Z",
            "-0001-01-01T00:00:00Z",
        ] {
            assert!(read(far).is_err(), "{far}");
        }
    }
}
