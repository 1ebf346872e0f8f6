//! The hall for search engines and map services: schema.org's `GovernmentOffice` as JSON-LD.
//!
//! The week is in `openingHoursSpecification`, and every special day to come in `specialOpeningHoursSpecification`. A
//! day off opens and closes at midnight, as search engines ask for. By schema.org alone both times could be left out,
//! but then a day off would look like a day with unknown hours. There is no term for "by appointment only", so the
//! specification's description says it.

use super::opening::Offer;
use chrono::{NaiveDate, NaiveTime, Weekday};
use hall::Plan;
use hall::plan::hours::FromTo;
use hall::text::{Language, Text};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The hall as of this date; `url` is its page.
pub fn government_office(plan: &Plan, today: NaiveDate, language: Language, url: &str) -> Value {
    let other = match language {
        Language::Zh => Language::En,
        Language::En => Language::Zh,
    };
    let mut office = json!({
        "@context": "https://schema.org",
        "@type": "GovernmentOffice",
        "@id": url,
        "url": url,
        "name": plan.name.in_language(language),
        "alternateName": plan.name.in_language(other),
        "openingHoursSpecification": week(plan, language),
    });
    let special_days = special_days(plan, today, language);
    if !special_days.is_empty() {
        office["specialOpeningHoursSpecification"] = special_days.into();
    }
    if let Some(address) = &plan.address {
        office["address"] = address.in_language(language).into();
    }
    if let Some(hotline) = &plan.hotline {
        office["telephone"] = hotline.as_str().into();
    }
    office
}

/// The same for a script element of a page: nothing in it can end the element.
pub fn for_script(office: &Value) -> String {
    office.to_string().replace('<', "\\u003c")
}

/// A session that ends at midnight ends a minute before it: search engines take midnight to midnight for a day off.
fn times(session: &FromTo) -> (String, String) {
    let closes = match session.closes {
        NaiveTime::MIN => "23:59".into(),
        closes => closes.format("%H:%M").to_string(),
    };
    (session.opens.format("%H:%M").to_string(), closes)
}

/// One specification per session, with the weekdays that have it.
fn week(plan: &Plan, language: Language) -> Vec<Value> {
    let mut days: BTreeMap<(String, String, bool), Vec<&str>> = BTreeMap::new();
    let weekdays = std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ()));
    for weekday in weekdays.take(7) {
        let hours = plan.week.on(weekday);
        for session in &hours.sessions {
            let (opens, closes) = times(session);
            let key = (opens, closes, hours.appointments_only);
            days.entry(key).or_default().push(term(weekday));
        }
    }
    let specification = |((opens, closes, appointments_only), days)| {
        let mut specification = json!({
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": days,
            "opens": opens,
            "closes": closes,
        });
        if appointments_only {
            specification["description"] = by_appointment(language).into();
        }
        specification
    };
    days.into_iter().map(specification).collect()
}

fn term(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "https://schema.org/Monday",
        Weekday::Tue => "https://schema.org/Tuesday",
        Weekday::Wed => "https://schema.org/Wednesday",
        Weekday::Thu => "https://schema.org/Thursday",
        Weekday::Fri => "https://schema.org/Friday",
        Weekday::Sat => "https://schema.org/Saturday",
        Weekday::Sun => "https://schema.org/Sunday",
    }
}

fn by_appointment(language: Language) -> &'static str {
    match language {
        Language::Zh => "仅限预约",
        Language::En => "By appointment only",
    }
}

/// Dates in a row with one name and the same hours.
struct Span<'a> {
    first: NaiveDate,
    last: NaiveDate,
    name: Option<&'a Text>,
    hours: Offer,
}

fn special_days(plan: &Plan, today: NaiveDate, language: Language) -> Vec<Value> {
    let mut days: Vec<_> = plan
        .special_days
        .iter()
        .filter(|day| day.date >= today)
        .collect();
    days.sort_by_key(|day| day.date);
    let mut spans: Vec<Span> = Vec::new();
    for day in days {
        let hours = plan.hours(day.date).map(Offer::of).unwrap_or_default();
        let name = day.name.as_ref();
        match spans.last_mut() {
            Some(span)
                if span.last.succ_opt() == Some(day.date)
                    && span.name == name
                    && span.hours == hours =>
            {
                span.last = day.date;
            }
            _ => spans.push(Span {
                first: day.date,
                last: day.date,
                name,
                hours,
            }),
        }
    }
    spans
        .iter()
        .flat_map(|span| specifications(span, language))
        .collect()
}

fn specifications(span: &Span, language: Language) -> Vec<Value> {
    let specification = |opens: String, closes: String| {
        let mut specification = json!({
            "@type": "OpeningHoursSpecification",
            "validFrom": span.first,
            "validThrough": span.last,
            "opens": opens,
            "closes": closes,
        });
        if let Some(name) = span.name {
            specification["name"] = name.in_language(language).into();
        }
        if span.hours.appointments_only {
            specification["description"] = by_appointment(language).into();
        }
        specification
    };
    if span.hours.sessions.is_empty() {
        return vec![specification("00:00".into(), "00:00".into())];
    }
    let sessions = span.hours.sessions.iter();
    let each = sessions.map(|session| {
        let (opens, closes) = times(session);
        specification(opens, closes)
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::sample;
    use expect_test::expect;

    fn office(language: Language) -> Value {
        let mut plan = sample::plan();
        plan.special_days
            .extend(sample::national_day().special_days(&plan.week, None));
        let days = &mut plan.special_days;
        // the day set by hand stays, the imported one of that date would not have come
        days.retain(|day| day.date != sample::date("2024-10-03") || day.official.is_none());
        government_office(
            &plan,
            sample::date("2024-10-01"),
            language,
            "https://hall.example/tianxin",
        )
    }

    #[test]
    fn the_week_and_the_special_days_to_come() {
        let text = serde_json::to_string_pretty(&office(Language::Zh)).unwrap();
        expect![[r#"
            {
              "@context": "https://schema.org",
              "@id": "https://hall.example/tianxin",
              "@type": "GovernmentOffice",
              "address": "天心区湘府路1号, 二楼",
              "alternateName": "Tianxin Service Hall",
              "name": "天心办事大厅",
              "openingHoursSpecification": [
                {
                  "@type": "OpeningHoursSpecification",
                  "closes": "12:00",
                  "dayOfWeek": [
                    "https://schema.org/Monday",
                    "https://schema.org/Tuesday",
                    "https://schema.org/Wednesday",
                    "https://schema.org/Thursday",
                    "https://schema.org/Friday"
                  ],
                  "opens": "09:00"
                },
                {
                  "@type": "OpeningHoursSpecification",
                  "closes": "12:00",
                  "dayOfWeek": [
                    "https://schema.org/Saturday"
                  ],
                  "description": "仅限预约",
                  "opens": "09:00"
                },
                {
                  "@type": "OpeningHoursSpecification",
                  "closes": "17:00",
                  "dayOfWeek": [
                    "https://schema.org/Monday",
                    "https://schema.org/Tuesday",
                    "https://schema.org/Wednesday",
                    "https://schema.org/Thursday"
                  ],
                  "opens": "13:30"
                }
              ],
              "specialOpeningHoursSpecification": [
                {
                  "@type": "OpeningHoursSpecification",
                  "closes": "00:00",
                  "name": "国庆节",
                  "opens": "00:00",
                  "validFrom": "2024-10-01",
                  "validThrough": "2024-10-02"
                },
                {
                  "@type": "OpeningHoursSpecification",
                  "closes": "11:00",
                  "opens": "10:00",
                  "validFrom": "2024-10-03",
                  "validThrough": "2024-10-03"
                },
                {
                  "@type": "OpeningHoursSpecification",
                  "closes": "00:00",
                  "name": "国庆节",
                  "opens": "00:00",
                  "validFrom": "2024-10-04",
                  "validThrough": "2024-10-07"
                },
                {
                  "@type": "OpeningHoursSpecification",
                  "closes": "12:00",
                  "name": "国庆节调休上班",
                  "opens": "09:00",
                  "validFrom": "2024-10-12",
                  "validThrough": "2024-10-12"
                },
                {
                  "@type": "OpeningHoursSpecification",
                  "closes": "17:00",
                  "name": "国庆节调休上班",
                  "opens": "13:30",
                  "validFrom": "2024-10-12",
                  "validThrough": "2024-10-12"
                }
              ],
              "telephone": "0731-12345",
              "url": "https://hall.example/tianxin"
            }"#]]
        .assert_eq(&text);
    }

    /// Every property used, by the type that it is used on; each is defined at `https://schema.org/` and its name. One
    /// belongs to a type if that, or what it is a kind of, is among the definition's `domainIncludes`: GovernmentOffice
    /// is a LocalBusiness, so an Organization and a Place; OpeningHoursSpecification is a StructuredValue; both are
    /// Things. So it stands in release 30.0 of the vocabulary (`data/releases` of github.com/schemaorg/schemaorg).
    const TERMS: [(&str, &[&str]); 2] = [
        (
            "GovernmentOffice",
            &[
                "name",                             // Thing
                "alternateName",                    // Thing
                "url",                              // Thing
                "address",                          // Organization, Place; PostalAddress or Text
                "telephone",                        // Organization, Place
                "openingHoursSpecification",        // Place
                "specialOpeningHoursSpecification", // Place
            ],
        ),
        (
            "OpeningHoursSpecification",
            &[
                "dayOfWeek",    // itself; DayOfWeek
                "opens",        // itself; Time
                "closes",       // itself; Time
                "validFrom",    // itself; Date or DateTime
                "validThrough", // itself; Date or DateTime
                "name",         // Thing
                "description",  // Thing
            ],
        ),
    ];

    fn check_terms(value: &Value) {
        match value {
            Value::Object(fields) => {
                let of_type = fields["@type"].as_str().unwrap();
                for (name, field) in fields {
                    let mut terms = TERMS.iter();
                    let is_term = terms.any(|(each, properties)| {
                        *each == of_type && properties.contains(&name.as_str())
                    });
                    assert!(name.starts_with('@') || is_term, "{of_type} has no {name}");
                    check_value(name, field);
                    check_terms(field);
                }
            }
            Value::Array(all) => all.iter().for_each(check_terms),
            Value::Null => panic!("nothing is worth no value"),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// What the terms' pages expect: Time, Date, one of DayOfWeek, URL.
    fn check_value(name: &str, value: &Value) {
        match name {
            "opens" | "closes" => {
                let time = chrono::NaiveTime::parse_from_str(value.as_str().unwrap(), "%H:%M");
                assert!(time.is_ok(), "{value}");
            }
            "validFrom" | "validThrough" => {
                assert!(
                    value.as_str().unwrap().parse::<NaiveDate>().is_ok(),
                    "{value}"
                );
            }
            "dayOfWeek" => {
                for day in value.as_array().unwrap() {
                    let day = day.as_str().unwrap().strip_prefix("https://schema.org/");
                    let weekday: Weekday = day.unwrap().parse().unwrap();
                    assert_eq!(term(weekday).strip_prefix("https://schema.org/"), day);
                }
            }
            "url" | "@id" => assert!(value.as_str().unwrap().starts_with("https://")),
            "@context" => assert_eq!(value, "https://schema.org"),
            _ => {}
        }
    }

    #[test]
    fn only_terms_of_schema_org_are_used() {
        for language in [Language::Zh, Language::En] {
            check_terms(&office(language));
        }
    }

    #[test]
    fn a_name_cannot_end_the_script() {
        let mut plan = sample::plan();
        plan.name = Text::new("</script><script>alert(1)</script>", "<!--");
        let office = government_office(
            &plan,
            sample::date("2024-10-01"),
            Language::Zh,
            "https://x.example",
        );
        let text = for_script(&office);
        assert!(!text.contains('<'), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), office);
    }
}
