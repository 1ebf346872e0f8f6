//! Places at another time as JSON: which are free, holding and booking one, what its holder can do with it, checking in,
//! and the staff's list of a day.

use crate::web::booking::day_list::{self, DayList, StaffAction, StaffForm, day_list};
use crate::web::booking::verbs::{
    self, BookForm, BookingAction, BookingAnswer, BookingForm, CheckInForm, HoldForm,
    appointment_view,
};
use crate::web::http::caller::{AppointmentHolder, Books, ChecksIn, Guest, Staff};
use crate::web::http::{App, Created, KeyedBody, OrNotFound, Problem, date, describe};
use crate::web::numbers::verbs::{TicketAnswer, taken};
use actix_web::web;
use chrono::{Days, NaiveDate};
use hall::id::{ActorId, AppointmentCode, ServiceId};
use hall::record::answer::HeldPlace;
use hall::view::{self, AppointmentView, SlotView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Longest stretch of dates one request may ask about.
const DAYS_MOST: u64 = 62;

/// `GET /halls/{hall}/slots?service&from&to`.
#[derive(Debug, Deserialize, IntoParams)]
pub struct SlotQuery {
    service: ServiceId,
    /// Today if not said.
    #[serde(default, deserialize_with = "date::optional")]
    from: Option<NaiveDate>,
    /// Two weeks on if not said.
    #[serde(default, deserialize_with = "date::optional")]
    to: Option<NaiveDate>,
}

/// The times a service can be booked.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlotsAnswer {
    pub slots: Vec<SlotView>,
}

/// `GET /halls/{hall}/appointments?date&officer`.
#[derive(Debug, Deserialize, IntoParams)]
pub struct DayQuery {
    /// Today if not said.
    #[serde(default, deserialize_with = "date::optional")]
    date: Option<NaiveDate>,
    /// Only this officer's.
    officer: Option<ActorId>,
}

describe!(slots: "The times a service can be booked");
pub async fn slots(
    guest: Guest,
    query: web::Query<SlotQuery>,
) -> Result<web::Json<SlotsAnswer>, Problem> {
    let SlotQuery { service, from, to } = query.into_inner();
    let now = guest.hall.now();
    let slots = guest.hall.read(|hall| {
        hall.plan().service(&service)?;
        let from = from.unwrap_or_else(|| hall.plan().date(now));
        let to = to.unwrap_or_else(|| from + Days::new(14));
        let last = from + Days::new(DAYS_MOST);
        Some(view::slots(hall, &service, from, to.min(last), now))
    });
    let slots = slots.or_not_found("该业务", "service")?;
    Ok(web::Json(SlotsAnswer { slots }))
}

describe!(hold: "Keeps a place while the form is filled");
pub async fn hold(
    booker: Books,
    asked: KeyedBody<HoldForm>,
    app: web::Data<App>,
) -> Result<Created<HeldPlace>, Problem> {
    verbs::hold(&booker, asked, &app).await.map(Created)
}

describe!(book: "Books a place, or joins the waiting list");
pub async fn book(
    booker: Books,
    asked: KeyedBody<BookForm>,
    app: web::Data<App>,
) -> Result<Created<BookingAnswer>, Problem> {
    verbs::book(&booker, asked, &app).await.map(Created)
}

describe!(show: "An appointment as its holder sees it");
pub async fn show(holder: AppointmentHolder) -> Result<web::Json<AppointmentView>, Problem> {
    appointment_view(&holder).map(web::Json)
}

describe!(act: "cancel, move, wait-list, leave-wait-list or confirm");
pub async fn act(
    holder: AppointmentHolder,
    asked: KeyedBody<BookingForm>,
    path: web::Path<(String, BookingAction)>,
) -> Result<web::Json<AppointmentView>, Problem> {
    verbs::act(&holder, path.1, asked).await?;
    appointment_view(&holder).map(web::Json)
}

describe!(check_in: "Makes an appointment a ticket, once");
pub async fn check_in(
    caller: ChecksIn,
    asked: KeyedBody<CheckInForm>,
    app: web::Data<App>,
) -> Result<Created<TicketAnswer>, Problem> {
    let answer = verbs::check_in(&caller, asked, &app).await?;
    taken(answer).map(Created)
}

describe!(of_day: "The appointments and visits of a day");
pub async fn of_day(
    staff: Staff,
    query: web::Query<DayQuery>,
    app: web::Data<App>,
) -> web::Json<DayList> {
    let DayQuery { date, officer } = query.into_inner();
    web::Json(day_list(&staff, date, officer.as_ref(), &app))
}

describe!(act_as_staff: "assign, visited or cancel");
pub async fn act_as_staff(
    staff: Staff,
    asked: KeyedBody<StaffForm>,
    path: web::Path<(String, AppointmentCode, StaffAction)>,
    app: web::Data<App>,
) -> Result<web::Json<DayList>, Problem> {
    let found = day_list::act_as_staff(&staff, &path.1, path.2, asked).await?;
    let date = staff.hall.read(|hall| {
        let starts_at = hall.appointment(found)?.starts_at()?;
        Some(hall.plan().date(starts_at))
    });
    Ok(web::Json(day_list(&staff, date, None, &app)))
}
