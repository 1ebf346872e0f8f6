//! Places at another time: which are free, holding and booking one, what its holder can do with it, checking in, and
//! the staff's list of a day.
//!
//! Names, telephone numbers and addresses are sealed here before anything is asked of the hall, and opened here for
//! staff; document numbers become digests and are not kept at all.

use super::app::{App, confirmed};
use super::ask::Asker;
use super::body::{Body, RequestKey};
use super::caller::{AppointmentHolder, Books, ChecksIn, Staff, Visitor as VisitorOfHall};
use super::person::{PersonForm, pseudonym, words};
use super::problem::{Kind, Problem};
use super::tickets::taken;
use crate::access::Role;
use crate::access::fresh_token;
use crate::access::sealed::{Booker, Contact, Seal};
use crate::runtime::Owner;
use actix_web::{HttpResponse, web};
use chrono::{Days, NaiveDate};
use hall::id::{ActorId, AppointmentCode, AppointmentId, ServiceId, Token};
use hall::plan::slot::AppointmentKind;
use hall::plan::slot::SlotId;
use hall::record::answer::BookedPlace;
use hall::record::command::{Action, Book, CheckIn, CheckInBy, HoldPlace};
use hall::state::appointment::Visitor;
use hall::state::ticket::{Need, VisitOutcome};
use hall::text::Language;
use hall::view::{self, AppointmentView, ExpectedView, SlotView};
use hall::{Actor, Answer, Hall};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Longest stretch of dates one request may ask about.
const DAYS_MOST: u64 = 62;

/// `GET /halls/{hall}/slots?service&from&to`.
#[derive(Debug, Deserialize)]
pub struct SlotQuery {
    service: ServiceId,
    /// Today if not said.
    from: Option<NaiveDate>,
    /// Two weeks on if not said.
    to: Option<NaiveDate>,
}

/// The times a service can be booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlotsAnswer {
    pub slots: Vec<SlotView>,
}

/// Keeps a place while the form is filled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldForm {
    pub service: ServiceId,
    #[schema(value_type = String)]
    pub slot: SlotId,
    #[serde(default = "one")]
    pub places: u16,
    /// A random text of the client's, 22 characters or more: its next hold ends this one.
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
    /// Who books, if it is not the visitor.
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
}

/// `GET /halls/{hall}/appointments?date&officer`.
#[derive(Debug, Deserialize)]
pub struct DayQuery {
    /// Today if not said.
    date: Option<NaiveDate>,
    /// Only this officer's.
    officer: Option<ActorId>,
}

/// The staff's list of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayList {
    pub date: NaiveDate,
    pub appointments: Vec<ListedAppointment>,
}

/// One line of it, with what staff may know of the visitor.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedAppointment {
    #[serde(flatten)]
    pub expected: ExpectedView,
    /// Nothing for a place given on the spot.
    pub name: Option<String>,
    /// Masked, but for who has to go there.
    pub phone: Option<String>,
    pub address: Option<String>,
}

/// `{action}` of `POST /halls/{hall}/appointments/{code}/{action}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StaffAction {
    Assign,
    Visited,
    Cancel,
}

/// What those actions need.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffForm {
    /// `assign`: who goes.
    pub officer: Option<ActorId>,
    /// `visited`: what came of it.
    #[serde(default)]
    pub outcome: VisitOutcome,
    pub note: Option<String>,
    /// `cancel`: why.
    pub reason: Option<String>,
}

pub async fn slots(
    visitor: VisitorOfHall,
    query: web::Query<SlotQuery>,
) -> Result<web::Json<SlotsAnswer>, Problem> {
    let SlotQuery { service, from, to } = query.into_inner();
    let now = visitor.hall.now();
    let answer = visitor.hall.read(|hall| {
        hall.plan().service(&service)?;
        let from = from.unwrap_or_else(|| hall.plan().date(now));
        let to = to.unwrap_or_else(|| from + Days::new(14));
        let last = from + Days::new(DAYS_MOST);
        Some(view::slots(hall, &service, from, to.min(last), now))
    });
    let slots = answer.ok_or_else(|| Problem::not_found("该业务", "service"))?;
    Ok(web::Json(SlotsAnswer { slots }))
}

pub async fn hold(
    booker: Books,
    key: RequestKey,
    body: Body<HoldForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let form = body.form;
    let action = Action::HoldPlace(HoldPlace {
        token: drawn(),
        client: form.client,
        service: form.service,
        slot: form.slot,
        places: form.places,
    });
    let asker = asker(&booker, &key, &body.fingerprint, &app)?;
    match asker.ask_for_place(action).await?.answer {
        Answer::Held(held) => Ok(HttpResponse::Created().json(held)),
        other => Err(unexpected(&other)),
    }
}

pub async fn book(
    booker: Books,
    key: RequestKey,
    body: Body<BookForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let wish = wanted_booking(&booker.hall, body.form, &app)?;
    let asker = asker(&booker, &key, &body.fingerprint, &app)?;
    let booked = asker.ask_for_place(Action::Book(wish)).await?;
    booking_answer(booked.answer).map(|answer| HttpResponse::Created().json(answer))
}

/// What the rules are asked for, with everything personal sealed or digested.
pub fn wanted_booking(hall: &Owner<Hall>, form: BookForm, app: &App) -> Result<Book, Problem> {
    let (hall, is_visit) = hall.read(|hall| {
        let rule = hall.plan().appointment_rule(form.slot.rule());
        let is_visit = rule.is_some_and(|rule| rule.kind == AppointmentKind::HomeVisit);
        (hall.id().clone(), is_visit)
    });
    if is_visit && form.address.is_none() {
        return Err(Problem::invalid(
            "/address",
            "请填写上门地址。",
            "Say where the officer is to come.",
        ));
    }
    let visitor = visitor(&hall, &form, app)?;
    Ok(Book {
        token: drawn(),
        hold: form.hold,
        service: form.service,
        slot: form.slot,
        places: form.places,
        visitor,
        or_wait: form.wait_list,
    })
}

fn visitor(hall: &hall::id::HallId, form: &BookForm, app: &App) -> Result<Visitor, Problem> {
    form.person.check("/person")?;
    if let Some(booker) = &form.booker {
        booker.check("/booker")?;
    }
    let address = form.address.as_deref().map(|text| words(text, "/address"));
    let contact = Contact {
        name: form.person.name.trim().into(),
        phone: form.person.phone.trim().into(),
        address: address.transpose()?,
        booker: form.booker.as_ref().map(|booker| Booker {
            name: booker.name.trim().into(),
            phone: booker.phone.trim().into(),
        }),
    };
    let booker = form.booker.as_ref();
    Ok(Visitor {
        person: form.person.digest(&app.secret, "/person/id_number")?,
        document: pseudonym(&app.secret, &form.person.id_number, "/person/id_number")?,
        booker: booker
            .map(|booker| booker.digest(&app.secret, "/booker/id_number"))
            .transpose()?,
        contact: Seal::of(&app.secret, hall).seal(&contact),
        needs: form.needs.clone(),
        language: form.language,
        cases: form.cases,
    })
}

/// What whoever booked gets, the first time and every time the request is repeated.
pub fn booking_answer(answer: Answer) -> Result<BookingAnswer, Problem> {
    let Answer::Booked(booked) = answer else {
        return Err(unexpected(&answer));
    };
    let page = format!("/a/{}", booked.token);
    let ics = format!("/a/{}/appointment.ics", booked.token);
    Ok(BookingAnswer { booked, page, ics })
}

pub async fn show(holder: AppointmentHolder) -> Result<web::Json<AppointmentView>, Problem> {
    appointment_view(&holder).map(web::Json)
}

/// The appointment as its holder sees it now.
pub fn appointment_view(holder: &AppointmentHolder) -> Result<AppointmentView, Problem> {
    let now = holder.hall.now();
    let view = holder.hall.read(|hall| {
        let appointment = hall.appointment(holder.appointment)?;
        Some(view::appointment(hall, appointment, now))
    });
    view.ok_or_else(|| Problem::not_found("该预约", "appointment"))
}

pub async fn act(
    holder: AppointmentHolder,
    key: RequestKey,
    body: Body<BookingForm>,
    path: web::Path<(String, BookingAction)>,
) -> Result<web::Json<AppointmentView>, Problem> {
    let (_, action) = path.into_inner();
    let action = wanted(holder.appointment, action, body.form)?;
    let asker = Asker {
        hall: &holder.hall,
        actor: Actor::Citizen,
        key: &key,
        fingerprint: &body.fingerprint,
    };
    asker.ask_for_place(action).await?;
    appointment_view(&holder).map(web::Json)
}

/// What an action of the holder's asks of the rules.
pub fn wanted(
    appointment: AppointmentId,
    action: BookingAction,
    form: BookingForm,
) -> Result<Action, Problem> {
    let slot = || {
        let missing = || Problem::invalid("/slot", "请选择时段。", "Name the new slot.");
        form.slot.clone().ok_or_else(missing)
    };
    Ok(match action {
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
    })
}

pub async fn check_in(
    caller: ChecksIn,
    key: RequestKey,
    body: Body<CheckInForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let action = Action::CheckIn(CheckIn {
        by: check_in_by(body.form, &app)?,
        token: drawn(),
        channel: caller.channel,
    });
    let asker = Asker {
        hall: &caller.hall,
        actor: caller.actor,
        key: &key,
        fingerprint: &body.fingerprint,
    };
    taken(asker.ask(action).await?.answer)
}

/// Which appointment is meant.
pub fn check_in_by(form: CheckInForm, app: &App) -> Result<CheckInBy, Problem> {
    match form {
        CheckInForm {
            code: Some(code),
            token: None,
            id_number: None,
        } => Ok(CheckInBy::Code(code)),
        CheckInForm {
            code: None,
            token: Some(token),
            id_number: None,
        } => Ok(CheckInBy::Token(token)),
        CheckInForm {
            code: None,
            token: None,
            id_number: Some(number),
        } => pseudonym(&app.secret, &number, "/id_number").map(CheckInBy::Document),
        _ => Err(Problem::invalid(
            "/code",
            "请提供预约码、二维码或证件号码之一。",
            "Give exactly one of code, token and id_number.",
        )),
    }
}

pub async fn of_day(
    staff: Staff,
    query: web::Query<DayQuery>,
    app: web::Data<App>,
) -> web::Json<DayList> {
    let query = query.into_inner();
    web::Json(day_list(&staff, query.date, query.officer.as_ref(), &app))
}

/// Everybody expected on a date, with what this member of staff may know of them.
pub fn day_list(
    staff: &Staff,
    date: Option<NaiveDate>,
    officer: Option<&ActorId>,
    app: &App,
) -> DayList {
    let now = staff.hall.now();
    staff.hall.read(|hall| {
        let date = date.unwrap_or_else(|| hall.plan().date(now));
        let seal = Seal::of(&app.secret, hall.id());
        let expected = view::expected(hall, date, officer);
        let appointments = expected
            .into_iter()
            .map(|expected| listed(hall, expected, &seal, staff))
            .collect();
        DayList { date, appointments }
    })
}

fn listed(hall: &Hall, expected: ExpectedView, seal: &Seal, staff: &Staff) -> ListedAppointment {
    let appointment = hall.appointment(expected.appointment);
    let visitor = appointment.and_then(|appointment| appointment.visitor.as_ref());
    let contact = visitor.and_then(|visitor| seal.open(&visitor.contact));
    let goes_there = match (expected.kind, &staff.actor) {
        (AppointmentKind::Window, _) => false,
        (_, Actor::Officer(id)) => expected.officer.as_ref() == Some(id),
        (_, _) => staff.role == Role::Manager,
    };
    ListedAppointment {
        name: contact.as_ref().map(|contact| contact.name.clone()),
        phone: contact.as_ref().map(|contact| match goes_there {
            true => contact.phone.clone(),
            false => contact.masked_phone(),
        }),
        address: contact.filter(|_| goes_there).and_then(|c| c.address),
        expected,
    }
}

pub async fn act_as_staff(
    staff: Staff,
    key: RequestKey,
    body: Body<StaffForm>,
    path: web::Path<(String, AppointmentCode, StaffAction)>,
    app: web::Data<App>,
) -> Result<web::Json<DayList>, Problem> {
    let (_, code, action) = path.into_inner();
    let found = coded(&staff.hall, &code).await?;
    let action = wanted_by_staff(&staff, found, action, body.form)?;
    let asker = Asker {
        hall: &staff.hall,
        actor: staff.actor.clone(),
        key: &key,
        fingerprint: &body.fingerprint,
    };
    asker.ask(action).await?;
    let date = staff.hall.read(|hall| {
        let starts_at = hall.appointment(found)?.starts_at()?;
        Some(hall.plan().date(starts_at))
    });
    Ok(web::Json(day_list(&staff, date, None, &app)))
}

/// What an action of the staff's asks of the rules: who goes where is the manager's word, what came of it the officer's.
pub fn wanted_by_staff(
    staff: &Staff,
    appointment: AppointmentId,
    action: StaffAction,
    form: StaffForm,
) -> Result<Action, Problem> {
    let allowed = match action {
        StaffAction::Assign => staff.role == Role::Manager,
        StaffAction::Visited => staff.role == Role::Officer,
        StaffAction::Cancel => matches!(staff.role, Role::Usher | Role::Manager),
    };
    if !allowed {
        return Err(Problem::new(
            Kind::Forbidden,
            "您的身份不能这样操作。",
            "Your role may not do that.",
        ));
    }
    let missing = || Problem::invalid("/officer", "请选择人员。", "Name the officer.");
    Ok(match action {
        StaffAction::Assign => Action::AssignOfficer {
            appointment,
            officer: form.officer.ok_or_else(missing)?,
        },
        StaffAction::Visited => Action::RecordHomeVisit {
            appointment,
            outcome: form.outcome,
            note: form.note,
        },
        StaffAction::Cancel => Action::CancelAppointment {
            appointment,
            reason: form.reason,
        },
    })
}

/// The appointment with this code. Another instance may have booked it a moment ago.
pub async fn coded(hall: &Owner<Hall>, code: &AppointmentCode) -> Result<AppointmentId, Problem> {
    let find = || hall.read(|hall| hall.appointment_by_code(code).map(|found| found.id));
    if let Some(found) = find() {
        return Ok(found);
    }
    confirmed(hall.catch_up().await)?;
    find().ok_or_else(|| Problem::not_found("该预约", "appointment"))
}

/// Whoever books asks; a stranger with a key that nobody else comes upon.
pub fn asker<'a>(
    booker: &'a Books,
    key: &'a RequestKey,
    fingerprint: &'a hall::id::Fingerprint,
    app: &App,
) -> Result<Asker<'a>, Problem> {
    if booker.actor == Actor::Citizen && !app.is_demo() {
        key.is_for_a_stranger()?;
    }
    Ok(Asker {
        hall: &booker.hall,
        actor: booker.actor.clone(),
        key,
        fingerprint,
    })
}

/// A token that nobody has.
pub fn drawn() -> Token {
    Token::parse(fresh_token()).expect("a fresh token is a token")
}

/// A repeated request whose first answer is no longer known to this hall.
pub fn unexpected(_: &Answer) -> Problem {
    Problem::not_found("该预约", "appointment")
}
