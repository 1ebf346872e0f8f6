//! What is printed, as JSON. The server makes it from a ticket; the kiosk page makes it while the server is away; the
//! agent takes it from both. So its fields are a promise, and changes are additions.
//!
//! Invariant: there is no field for a name or a document's number, so nobody can print one.

use chrono::{DateTime, FixedOffset};
use hall::id::TicketNumber;
use hall::record::wait::{UnknownWait, Wait};
use hall::text::{Language, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest single text; a hall's name is the longest that is usual.
const TEXT_LONGEST: usize = 120;
/// Most documents of a ticket, and most lines of a checklist.
const LINES_MOST: usize = 40;
/// Longest address in a QR code: at 3 dots a module it still fits on 58 mm.
const ADDRESS_LONGEST: usize = 200;

/// One piece of paper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every paper is a ticket, and few wait at a time"
)]
pub enum Paper {
    /// A number that somebody took.
    Ticket(Slip),
    /// What to bring, for whoever came without it.
    Checklist(Checklist),
    /// For the technician: widths, Chinese, QR code, cutter.
    Test(TestPage),
}

/// A ticket on paper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Slip {
    pub hall: Text,
    #[schema(value_type = String)]
    pub number: TicketNumber,
    pub service: Text,
    /// How many are before it, when it was asked for; none if it is not waiting.
    #[serde(default)]
    pub ahead: Option<u32>,
    /// In seconds.
    #[serde(default)]
    pub wait: Option<Wait>,
    /// Why that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_unknown: Option<UnknownWait>,
    /// When the number was taken, on the hall's clock.
    #[schema(value_type = String, format = DateTime)]
    pub at: DateTime<FixedOffset>,
    /// Where to sit down.
    #[serde(default)]
    pub zone: Option<Text>,
    #[serde(default)]
    pub documents: Vec<Text>,
    /// The page of the ticket; none where no phone could open it.
    #[serde(default)]
    pub url: Option<String>,
    /// When it is quiet next time, such as 「周三 14:00」.
    #[serde(default)]
    pub quiet: Option<Text>,
    #[serde(default)]
    pub language: Language,
    /// Taken while the server was away, from the kiosk's own reserve.
    #[serde(default)]
    pub reserve: bool,
    /// Printed before: 「补打」.
    #[serde(default)]
    pub reprint: bool,
    /// In large letters.
    #[serde(default)]
    pub large: bool,
}

/// What to bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Checklist {
    pub title: Text,
    pub lines: Vec<Text>,
    /// Where to read more, or to do it online.
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub language: Language,
}

/// Something to look at while a printer is set up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TestPage {
    #[serde(default)]
    pub language: Language,
}

/// Why a paper cannot be printed: which field, and what it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {reason}")]
pub struct Unprintable {
    /// As a JSON pointer.
    pub pointer: &'static str,
    pub reason: String,
}

impl Paper {
    /// Refuses texts and lists that would make an endless paper.
    pub fn checked(self) -> Result<Paper, Unprintable> {
        match &self {
            Paper::Ticket(slip) => slip.check()?,
            Paper::Checklist(list) => list.check()?,
            Paper::Test(_) => {}
        }
        Ok(self)
    }

    /// The number on it, if it has one.
    pub fn number(&self) -> Option<&TicketNumber> {
        match self {
            Paper::Ticket(slip) => Some(&slip.number),
            Paper::Checklist(_) | Paper::Test(_) => None,
        }
    }

    /// The same paper, marked as printed before if it is a ticket.
    pub fn as_reprint(self) -> Paper {
        match self {
            Paper::Ticket(slip) => Paper::Ticket(Slip {
                reprint: true,
                ..slip
            }),
            other => other,
        }
    }

    /// Whether both are the paper of one ticket.
    pub fn is_of_the_ticket(&self, other: &Paper) -> bool {
        match (self, other) {
            (Paper::Ticket(one), Paper::Ticket(other)) => {
                one.number == other.number && one.at == other.at
            }
            _ => false,
        }
    }
}

impl Slip {
    fn check(&self) -> Result<(), Unprintable> {
        texts("/hall", [&self.hall])?;
        texts("/service", [&self.service])?;
        texts("/zone", &self.zone)?;
        texts("/quiet", &self.quiet)?;
        count("/documents", self.documents.len())?;
        texts("/documents", &self.documents)?;
        address(self.url.as_deref())
    }
}

impl Checklist {
    fn check(&self) -> Result<(), Unprintable> {
        texts("/title", [&self.title])?;
        count("/lines", self.lines.len())?;
        texts("/lines", &self.lines)?;
        address(self.url.as_deref())
    }
}

fn texts<'a>(
    pointer: &'static str,
    texts: impl IntoIterator<Item = &'a Text>,
) -> Result<(), Unprintable> {
    let is_long = |text: &str| text.chars().count() > TEXT_LONGEST;
    let mut texts = texts.into_iter();
    if texts.any(|text| is_long(&text.zh) || is_long(&text.en)) {
        let reason = format!("at most {TEXT_LONGEST} characters in one text");
        return Err(Unprintable { pointer, reason });
    }
    Ok(())
}

fn count(pointer: &'static str, lines: usize) -> Result<(), Unprintable> {
    if lines > LINES_MOST {
        let reason = format!("at most {LINES_MOST} lines on one paper");
        return Err(Unprintable { pointer, reason });
    }
    Ok(())
}

fn address(url: Option<&str>) -> Result<(), Unprintable> {
    let is_web = |url: &str| url.starts_with("http://") || url.starts_with("https://");
    let is_plain = |url: &str| url.bytes().all(|byte| byte.is_ascii_graphic());
    match url {
        Some(url) if !is_web(url) || !is_plain(url) || url.len() > ADDRESS_LONGEST => {
            Err(Unprintable {
                pointer: "/url",
                reason: format!("an http address of at most {ADDRESS_LONGEST} ASCII characters"),
            })
        }
        _ => Ok(()),
    }
}
