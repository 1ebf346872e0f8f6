//! The contexts of the pages that staff open besides console and overview: the day's appointments, the usher's page.

use super::page::{Page, Shell, page};
use chrono::NaiveDate;
use hall::Time;
use hall::id::{ActorId, HallId, ServiceId, TicketNumber, Token};
use hall::plan::OnlineRoute;
use hall::record::wait::Wait;
use hall::state::phase::Phase;
use hall::text::Text;
use hall::view::{ExpectedView, SlotView, Waiting};
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

/// A service as the usher walks up to its line.
#[derive(Clone, Debug, Serialize)]
pub struct UsherLine {
    pub id: ServiceId,
    pub name: Text,
    pub waiting: u32,
    pub wait: Option<Wait>,
    pub online: Option<OnlineRoute>,
    /// People are led to the app now.
    pub leads: bool,
    /// The first that leads to this app: what to say, and its code, stand there once.
    pub says: bool,
    /// Or from then on.
    pub leads_from: Option<Time>,
    pub leads_in_minutes: Option<i64>,
    /// The next time to book.
    pub next: Option<SlotView>,
    pub bookable: bool,
}

/// A number to show to whoever it is for.
#[derive(Clone, Debug, Serialize)]
pub struct UsherNumber {
    pub number: TicketNumber,
    pub token: Token,
    pub service: Text,
}
