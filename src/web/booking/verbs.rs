//! What is done with appointments, once for the JSON and for the pages: holding and booking a place, what its holder does
//! with it, and checking in.
//!
//! Names, telephone numbers and addresses are sealed here before the hall is asked; document numbers become digests and
//! are not kept at all.

use crate::access::sealed::{Booker, Contact, Seal};
use crate::runtime::AskError;
use crate::typed::{IdDocument, Name};
use crate::web::booking::person::{PersonForm, words};
use crate::web::http::caller::{AppointmentHolder, Books, Member, id_of, today};
use crate::web::http::document::{names, rung_at, shown, shown_as_before};
use crate::web::http::keyed::draw_token;
use crate::web::http::{App, Asks, KeyedBody, Problem};
use crate::web::numbers::alternatives::ask_for_place;
use chrono::NaiveDate;
use hall::id::{AppointmentCode, PersonId, ServiceId, Token};
use hall::plan::slot::SlotId;
use hall::record::answer::{BookedPlace, HeldPlace};
use hall::record::command::{Action, Book, CheckIn, CheckInBy, HoldPlace, ShownDocument};
use hall::state::appointment::Visitor;
use hall::state::ticket::Need;
use hall::text::{Language, Text};
use hall::view::{self, AppointmentView};
use hall::{Answer, Rejection};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Keeps a place while the form is filled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldForm {
    pub service: ServiceId,
    #[schema(value_type = String)]
    pub slot: SlotId,
    #[serde(default = "one")]
    pub places: u16,
    /// A random text of the client's, 22 characters or more: its next hold ends this one. All clients behind an address
    /// that say none are one client.
    #[serde(default)]
    pub client: Option<Token>,
}

/// Books a place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookForm {
    pub service: ServiceId,
    #[schema(value_type = String)]
    pub slot: SlotId,
    pub person: PersonForm,
    /// The token of the hold that this fills, if there is one.
    #[serde(default)]
    pub hold: Option<Token>,
    #[serde(default = "one")]
    pub places: u16,
    /// How many matters.
    #[serde(default = "one")]
    pub cases: u16,
    #[serde(default)]
    pub needs: BTreeSet<Need>,
    #[serde(default)]
    pub language: Language,
    /// KnownPerson books, if it is not the visitor.
    #[serde(default)]
    pub booker: Option<PersonForm>,
    /// Where an officer is to come, for a home visit.
    #[serde(default)]
    pub address: Option<String>,
    /// Joins the waiting list when no place is left.
    #[serde(default)]
    pub wait_list: bool,
}

fn one() -> u16 {
    1
}

/// A booking, or a place on the waiting list.
#[derive(Debug, Serialize, ToSchema)]
pub struct BookingAnswer {
    #[serde(flatten)]
    pub booked: BookedPlace,
    /// Where its holder follows it.
    pub page: String,
    /// For a calendar.
    pub ics: String,
}

/// `{action}` of `POST /appointments/{token}/{action}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BookingAction {
    Cancel,
    Move,
    WaitList,
    LeaveWaitList,
    Confirm,
}

/// What some of those actions need.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingForm {
    /// `move`, `wait-list`: the new time.
    #[schema(value_type = Option<String>)]
    pub slot: Option<SlotId>,
    /// `cancel`: why.
    pub reason: Option<String>,
}

/// How a visitor says which appointment it is: exactly one of these.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckInForm {
    /// Six digits.
    pub code: Option<AppointmentCode>,
    /// From the QR code of the appointment's page.
    pub token: Option<Token>,
    /// The number of the document.
    pub id_number: Option<String>,
    /// With a document's number: the name, where several people have booked with that number.
    pub name: Option<String>,
}

/// Keeps a place while the form is filled.
pub async fn hold(
    booker: &Books,
    KeyedBody { form, key }: KeyedBody<HoldForm>,
    app: &App,
) -> Result<HeldPlace, Problem> {
    let action = Action::HoldPlace(HoldPlace {
        token: draw_token(),
        // whoever does not say which of the clients behind an address he is holds for the address
        client: Some(form.client.unwrap_or_else(|| booker.owner.clone())),
        service: form.service,
        slot: form.slot,
        places: form.places,
    });
    key.check_for(&booker.actor, app)?;
    match ask_for_place(booker, &key, action).await?.answer {
        Answer::Held(held) => Ok(held),
        _ => Err(not_found()),
    }
}

/// Books a place, or joins the waiting list. Everything personal is sealed or digested before the hall is asked. The
/// answer is the same each time that the request is repeated.
pub async fn book(
    booker: &Books,
    KeyedBody { form, key }: KeyedBody<BookForm>,
    app: &App,
) -> Result<BookingAnswer, Problem> {
    let (visitor, known_as) = visitor(booker, &form, app)?;
    let action = Action::Book(Book {
        visitor,
        known_as,
        says_where: form.address.is_some(),
        token: draw_token(),
        hold: form.hold,
        service: form.service,
        slot: form.slot,
        places: form.places,
        or_wait: form.wait_list,
    });
    key.check_for(&booker.actor, app)?;
    let Answer::Booked(booked) = ask_for_place(booker, &key, action).await?.answer else {
        return Err(not_found());
    };
    let page = format!("/a/{}", booked.token);
    let ics = format!("{page}/appointment.ics");
    Ok(BookingAnswer { booked, page, ics })
}

/// The visitor of a booking: personal data sealed for this hall, documents as digests; and what older records may call
/// the same person.
fn visitor(
    booker: &Books,
    form: &BookForm,
    app: &App,
) -> Result<(Visitor, BTreeSet<PersonId>), Problem> {
    let today = today(&booker.hall);
    let person = form.person.read(&app.secret, "/person", today)?;
    let booked_by = form.booker.as_ref();
    let booked_by = booked_by.map(|form| form.read(&app.secret, "/booker", today));
    let booked_by = booked_by.transpose()?;
    let address = form.address.as_deref().map(|text| words(text, "/address"));
    let contact = Contact {
        name: person.name.as_str().into(),
        phone: person.phone.as_str().into(),
        address: address.transpose()?,
        booker: booked_by.as_ref().map(|booker| Booker {
            name: booker.name.as_str().into(),
            phone: booker.phone.as_str().into(),
        }),
    };
    let visitor = Visitor {
        person: person.who.person,
        document: person.who.shown.document,
        named: Some(person.who.named),
        phone: Some(rung_at(&app.secret, &person.phone)),
        booker: booked_by.map(|booker| booker.who.person),
        contact: Seal::of(&app.secret, &id_of(&booker.hall)).seal(&contact),
        needs: form.needs.clone(),
        language: form.language,
        cases: form.cases,
    };
    Ok((visitor, person.who.known_as))
}

/// What the holder of an appointment does with it.
pub async fn act(
    holder: &AppointmentHolder,
    action: BookingAction,
    KeyedBody { form, key }: KeyedBody<BookingForm>,
) -> Result<(), Problem> {
    let appointment = holder.appointment;
    let slot = form.slot;
    let slot =
        || slot.ok_or_else(|| Problem::invalid("/slot", "请选择时段。", "Name the new slot."));
    let action = match action {
        BookingAction::Cancel => Action::CancelAppointment {
            appointment,
            reason: form.reason,
        },
        BookingAction::Move => Action::MoveAppointment {
            appointment,
            slot: slot()?,
        },
        BookingAction::WaitList => Action::JoinWaitList {
            appointment,
            slot: slot()?,
        },
        BookingAction::LeaveWaitList => Action::LeaveWaitList { appointment },
        BookingAction::Confirm => Action::ConfirmOffer { appointment },
    };
    ask_for_place(holder, &key, action).await.map(drop)
}

/// The appointment as its holder sees it now.
pub fn appointment_view(holder: &AppointmentHolder) -> Result<AppointmentView, Problem> {
    let now = holder.hall.now();
    let view = holder.hall.read(|hall| {
        let appointment = hall.appointment(holder.appointment)?;
        Some(view::appointment(hall, appointment, now))
    });
    view.ok_or_else(not_found)
}

/// Makes an appointment a ticket, once. A document's number that is none is looked up all the same, because it may have
/// been booked with before numbers were checked; if nobody has, what is wrong with it is more use than that.
pub async fn check_in<R>(
    caller: &Member<R>,
    KeyedBody { form, key }: KeyedBody<CheckInForm>,
    app: &App,
) -> Result<Answer, Problem> {
    let name = form.name.as_deref();
    let (by, wrong) = match (form.code, form.token, form.id_number) {
        (Some(code), None, None) => (CheckInBy::Code(code), None),
        (None, Some(token), None) => (CheckInBy::Token(token), None),
        (None, None, Some(number)) => by_document(&number, name, today(&caller.hall), app)?,
        _ => {
            let zh = "请提供预约码、二维码或证件号码之一。";
            let en = "Give exactly one of code, token and id_number.";
            return Err(Problem::invalid("/code", zh, en));
        }
    };
    let action = Action::CheckIn(CheckIn {
        by,
        token: draw_token(),
        channel: caller.channel(),
    });
    match (caller.tries(&key, action).await, wrong) {
        (Ok(reply), _) => Ok(reply.answer),
        (Err(AskError::Rejected(Rejection::NotFound { .. })), Some(wrong)) => {
            Err(Problem::invalid("/id_number", wrong.zh, wrong.en))
        }
        (Err(error), _) => Err(Problem::from(error)),
    }
}

/// A document that is shown, and what is wrong with its number, if something is.
fn by_document(
    number: &str,
    name: Option<&str>,
    today: NaiveDate,
    app: &App,
) -> Result<(CheckInBy, Option<Text>), Problem> {
    let wrong = |words: Text| Problem::invalid("/name", words.zh, words.en);
    let name = name.filter(|name| !name.trim().is_empty());
    let name = name.map(Name::parse).transpose().map_err(wrong)?;
    let secret = &app.secret;
    let (numbers, names, wrong) = match IdDocument::parse_any(number, today) {
        Ok(document) => {
            let names = name.map(|name| names(secret, &document, &name, number));
            let shown = shown(secret, &document, number);
            (shown.documents, names.unwrap_or_default(), None)
        }
        Err(wrong) => {
            let shown = shown_as_before(secret, number);
            (shown.documents, BTreeSet::new(), Some(wrong))
        }
    };
    let shown = ShownDocument { numbers, names };
    Ok((CheckInBy::Document(shown), wrong))
}

/// Also where a request is repeated whose first answer this hall no longer knows.
fn not_found() -> Problem {
    Problem::not_found("该预约", "appointment")
}
