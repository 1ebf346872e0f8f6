//! The contexts of the pages that staff open besides console and overview: the day's appointments, the usher's page.

use super::page::{Page, Shell, page};
use chrono::NaiveDate;
use hall::Time;
use hall::id::{ActorId, HallId, TicketNumber, Token};
use hall::state::phase::Phase;
use hall::text::Text;
use hall::view::{ExpectedView, UsherLine, Waiting};
use serde::Serialize;

/// `/{hall}/appointments`.
#[derive(Clone, Debug, Serialize)]
pub struct DayListPage {
    pub shell: Shell,
    pub hall: HallId,
    pub hall_name: Text,
    /// `officer`, `usher` or `manager`.
    pub role: &'static str,
    pub today: NaiveDate,
    pub previous: Option<NaiveDate>,
    pub next: Option<NaiveDate>,
    pub date: NaiveDate,
    pub rows: Vec<DayRow>,
    /// Who can be sent somewhere; for managers.
    pub officers: Vec<ActorId>,
    pub idempotency_key: String,
    pub message: Option<Text>,
}
page!(DayListPage, "day-list.html");

/// Somebody expected, as this member of staff may know it.
#[derive(Clone, Debug, Serialize)]
pub struct DayRow {
    #[serde(flatten)]
    pub expected: ExpectedView,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    /// `visited`, `assign`, `cancel`.
    pub actions: Vec<&'static str>,
}

/// `/{hall}/usher`.
#[derive(Clone, Debug, Serialize)]
pub struct UsherPage {
    pub shell: Shell,
    pub hall: HallId,
    pub hall_name: Text,
    pub phase: Phase,
    pub sentence: Text,
    pub now: Time,
    pub appointments_only: bool,
    /// In a booked slot of today, still to come.
    pub expected: usize,
    pub lines: Vec<UsherLine>,
    /// Every service, for the forms.
    pub waiting: Vec<Waiting>,
    /// What the last form did: `issue`, `check-in`, `change`, `readmit`, `reprint`, `helped-online`.
    pub did: Option<String>,
    /// The number that came of it.
    pub number: Option<UsherNumber>,
    pub idempotency_key: String,
    pub message: Option<Text>,
}
page!(UsherPage, "usher.html");

/// A number to show to whoever it is for.
#[derive(Clone, Debug, Serialize)]
pub struct UsherNumber {
    pub number: TicketNumber,
    pub token: Token,
    pub service: Text,
}
