//! The contexts of the pages that citizens open on their own phones: booking, an appointment, taking a number.

use super::page::{Page, Shell, page};
use chrono::NaiveDate;
use hall::Time;
use hall::id::{HallId, Token};
use hall::plan::class::Class;
use hall::text::Text;
use hall::view::{AppointmentView, BookDay, BookSlot, ServiceOffer, ServiceView, SlotView};
use serde::Serialize;

/// `/{hall}/book`: service, day, time, confirm, one after the other at one address.
#[derive(Clone, Debug, Serialize)]
pub struct BookPage {
    pub shell: Shell,
    pub hall: HallId,
    pub hall_name: Text,
    pub hotline: Option<String>,
    pub step: BookStep,
    /// Those that can be booked, to choose from.
    pub services: Vec<ServiceOffer>,
    /// Those that cannot.
    pub walk_in: Vec<ServiceView>,
    pub service: Option<ServiceView>,
    pub minutes: u32,
    pub days: Vec<BookDay>,
    pub date: Option<NaiveDate>,
    pub slots: Vec<BookSlot>,
    pub chosen: Option<SlotView>,
    pub hold: Option<Token>,
    /// The place is kept until then.
    pub held_until: Option<Time>,
    /// It was kept, and is not any more.
    pub hold_over: bool,
    /// The form joins the waiting list.
    pub waits: bool,
    pub typed: TypedFields,
    pub message: Option<Text>,
    /// The field that the message is about.
    pub wrong: Option<String>,
    /// Other times, where the chosen one is gone.
    pub others: Vec<SlotView>,
    /// Other ways, where a service cannot be booked.
    pub alternatives: serde_json::Value,
    pub phone_tickets: bool,
    pub idempotency_key: String,
}
page!(BookPage, "book.html");

/// Where in the four steps somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BookStep {
    Service,
    /// The service cannot be booked: other ways.
    Elsewhere,
    Day,
    Time,
    Confirm,
}

/// What was typed, so that a refusal costs nobody a second time; the document's number is not sent back.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TypedFields {
    pub name: String,
    pub phone: String,
    pub document: String,
    pub cases: String,
    pub wheelchair: bool,
    pub sign_language: bool,
    pub written_language: bool,
    pub address: String,
    pub booker_name: String,
    pub booker_phone: String,
    pub booker_document: String,
}

/// `/a/{token}`.
#[derive(Clone, Debug, Serialize)]
pub struct AppointmentPage {
    pub shell: Shell,
    pub token: Token,
    pub view: AppointmentView,
    pub hotline: Option<String>,
    /// Times it could be moved to.
    pub free: Vec<SlotView>,
    /// Times it could wait for.
    pub full: Vec<SlotView>,
    pub idempotency_key: String,
    pub message: Option<Text>,
}
page!(AppointmentPage, "appointment.html");

/// `/{hall}/take`: a number by phone.
#[derive(Clone, Debug, Serialize)]
pub struct TakePage {
    pub shell: Shell,
    pub hall: HallId,
    pub hall_name: Text,
    pub sentence: Text,
    pub hotline: Option<String>,
    /// Whether this hall gives numbers by phone.
    pub phone_tickets: bool,
    pub services: Vec<ServiceView>,
    /// Which one was asked for.
    pub service: Option<ServiceView>,
    /// `normal`, or the priority class that was chosen.
    pub class: Class,
    pub refusal: Option<Refused>,
    pub idempotency_key: String,
}
page!(TakePage, "take.html");

/// No number, but other ways.
#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    pub detail: Text,
    pub may_insist: bool,
    /// As the API names them.
    pub alternatives: serde_json::Value,
}
