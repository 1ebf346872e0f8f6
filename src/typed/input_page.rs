//! `docs/input.md` held against the code: each row of its tables is read as it says, or refused with its words.

use super::{DocumentKind, IdDocument, Name, Phone};
use chrono::NaiveDate;
use hall::id::{ActorId, AppointmentCode, TicketNumber};
use hall::text::{Text, typed};

const PAGE: &str = include_str!("../../docs/input.md");

/// What the field makes of it: its one form, or the words that refuse it.
fn read(field: &str, text: &str) -> Result<String, String> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let words = |text: Text| text.zh;
    let number = |document: IdDocument| document.number().to_string();
    match field {
        "any" => IdDocument::parse_any(text, today)
            .map(number)
            .map_err(words),
        "phone" => Phone::parse(text)
            .map(|phone| phone.as_str().into())
            .map_err(words),
        "name" => Name::parse(text)
            .map(|name| name.as_str().into())
            .map_err(words),
        "compared" => Name::parse(text).map(|name| name.folded()).map_err(words),
        "number" => TicketNumber::parse(text)
            .map(|number| number.to_string())
            .map_err(|_| "号码有误，例如 A012。".into()),
        "code" => AppointmentCode::parse(text)
            .map(String::from)
            .map_err(|_| "预约码是6位数字。".into()),
        "account" => ActorId::parse(text)
            .map(String::from)
            .map_err(|no| no.to_string()),
        "search" => Ok(typed::plain(text)),
        kind => {
            let kind = DocumentKind::named(kind).unwrap_or_else(|| panic!("no field {kind}"));
            IdDocument::parse(kind, text, today)
                .map(number)
                .map_err(words)
        }
    }
}

/// The rows: field, what is typed, what comes of it.
fn rows() -> Vec<(String, String, Result<String, String>)> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').splitn(3, " | ").collect();
        let [field, typed, outcome] = cells[..] else {
            panic!("not a row: {line}")
        };
        let quoted = |cell: &str| {
            let cell = cell.trim().strip_prefix('`')?.strip_suffix('`')?;
            Some(unescaped(cell))
        };
        let outcome = quoted(outcome).ok_or_else(|| outcome.trim().to_string());
        (quoted(field).unwrap(), quoted(typed).unwrap(), outcome)
    };
    rows.map(row).collect()
}

fn unescaped(cell: &str) -> String {
    let mut text = cell.replace("\\r", "\r").replace("\\n", "\n");
    while let Some((before, rest)) = text.split_once("\\u{") {
        let (code, after) = rest.split_once('}').unwrap();
        let c = char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap();
        text = format!("{before}{c}{after}");
    }
    text
}

#[test]
fn every_row_of_the_page_is_so() {
    let rows = rows();
    assert!(rows.len() > 50, "{}", rows.len());
    for (field, typed, outcome) in rows {
        assert_eq!(read(&field, &typed), outcome, "{field} {typed:?}");
    }
}

#[test]
fn every_kind_of_document_is_on_the_page_and_each_is_refused_somehow() {
    let rows = rows();
    for kind in DocumentKind::ALL {
        let of_kind = rows.iter().filter(|(field, ..)| field == kind.name());
        let (read, refused): (Vec<_>, Vec<_>) = of_kind.partition(|(.., outcome)| outcome.is_ok());
        assert!(!read.is_empty() && !refused.is_empty(), "{}", kind.name());
    }
}
