//! Who is expected on a day, at the windows, at home, or nowhere because it is done for them; and what staff do with one
//! of them. Names, telephone numbers and addresses are opened here, as far as a member of staff may know them.

use crate::access::sealed::Seal;
use crate::access::{Role, StaffRole, fresh_token};
use crate::pages::{DayListPage, DayRow};
use crate::runtime::Owner;
use crate::web::http::app::surely;
use crate::web::http::caller::{Staff, app, id_of};
use crate::web::http::date;
use crate::web::http::page::{name_of, render, see_other, shell_of};
use crate::web::http::{App, Asks, KeyedBody, OrNotFound, Problem, RequestKey};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Days, NaiveDate};
use hall::id::{ActorId, AppointmentCode, AppointmentId, HallId};
use hall::record::command::Action;
use hall::rules::who_may;
use hall::state::appointment::StandingName;
use hall::state::ticket::VisitOutcome;
use hall::text::Text;
use hall::view::{self, ExpectedView};
use hall::{Actor, Hall, Rejection};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

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

/// `?date=`.
#[derive(Debug, Deserialize)]
pub struct DatedQuery {
    #[serde(default, deserialize_with = "date::optional")]
    date: Option<NaiveDate>,
}

/// What a line's forms send.
#[derive(Debug, Deserialize)]
pub struct LineForm {
    idempotency_key: String,
    #[serde(deserialize_with = "date::date")]
    date: NaiveDate,
    officer: Option<ActorId>,
    #[serde(default)]
    outcome: VisitOutcome,
    note: Option<String>,
    reason: Option<String>,
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
        let expected = view::expected(hall, date, officer).into_iter();
        let appointments = expected.map(|expected| listed(hall, expected, &seal, staff));
        DayList {
            date,
            appointments: appointments.collect(),
        }
    })
}

fn listed(hall: &Hall, expected: ExpectedView, seal: &Seal, staff: &Staff) -> ListedAppointment {
    let appointment = hall.appointment(expected.appointment);
    let visitor = appointment.and_then(|appointment| appointment.visitor.as_ref());
    let contact = visitor.and_then(|visitor| seal.open(&visitor.contact));
    let goes_there = match &staff.actor {
        _ if expected.kind.is_window() => false,
        Actor::Officer(id) => expected.officer.as_ref() == Some(id),
        _ => staff.role == Role::Manager,
    };
    ListedAppointment {
        name: contact.as_ref().map(|contact| contact.name.clone()),
        phone: contact.as_ref().map(|contact| match goes_there {
            true => contact.phone.clone(),
            false => contact.masked_phone(),
        }),
        address: contact
            .filter(|_| goes_there)
            .and_then(|contact| contact.address),
        expected,
    }
}

impl StaffAction {
    /// Whether the rules let him do it.
    fn is_for(self, actor: &Actor) -> bool {
        match self {
            StaffAction::Assign => who_may::assign_officers(actor),
            StaffAction::Visited => who_may::record_home_visits(actor),
            StaffAction::Cancel => who_may::cancel_appointments(actor),
        }
    }
}

/// What a member of staff does with the appointment of this code.
pub async fn act_as_staff(
    staff: &Staff,
    code: &AppointmentCode,
    action: StaffAction,
    KeyedBody { form, key }: KeyedBody<StaffForm>,
) -> Result<AppointmentId, Problem> {
    let appointment = with_code(&staff.hall, code).await?;
    if !action.is_for(&staff.actor) {
        return Err(Problem::from_rejection(&Rejection::NotAllowed)); // before a field that only a manager fills in
    }
    let missing = || Problem::invalid("/officer", "请选择人员。", "Name the officer.");
    let action = match action {
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
    };
    staff.asks(&key, action).await?;
    Ok(appointment)
}

/// The appointment with this code. Another instance may have booked it a moment ago.
async fn with_code(hall: &Owner<Hall>, code: &AppointmentCode) -> Result<AppointmentId, Problem> {
    let find = |hall: &Hall| hall.appointment_by_code(code).map(|found| found.id);
    surely(hall, find)
        .await?
        .or_not_found("该预约", "appointment")
}

pub async fn appointments(
    staff: Staff,
    query: web::Query<DatedQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    show(&staff, query.date, None, &request)
}

pub async fn act_on_line(
    staff: Staff,
    path: web::Path<(String, AppointmentCode, StaffAction)>,
    form: web::Form<LineForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (_, code, action) = path.into_inner();
    let form = form.into_inner();
    let date = form.date;
    let content = json!([form.officer, form.outcome, form.note, form.reason]);
    let done = async {
        let key = RequestKey::of_form(&request, &form.idempotency_key, &content)?;
        let form = StaffForm {
            officer: form.officer,
            outcome: form.outcome,
            note: form.note.filter(|note| !note.trim().is_empty()),
            reason: form.reason.filter(|reason| !reason.trim().is_empty()),
        };
        act_as_staff(&staff, &code, action, KeyedBody { form, key }).await
    };
    match done.await {
        Ok(_) => {
            let hall = id_of(&staff.hall);
            Ok(see_other(&format!("/{hall}/appointments?date={date}")))
        }
        Err(problem) => show(&staff, Some(date), Some(problem.detail), &request),
    }
}

fn show(
    staff: &Staff,
    date: Option<NaiveDate>,
    message: Option<Text>,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let app = app(request);
    let list = day_list(staff, date, None, app);
    let now = staff.hall.now();
    let (hall, hall_name, today) = staff.hall.read(|hall| {
        let today = hall.plan().date(now);
        (hall.id().clone(), name_of(hall), today)
    });
    let path = format!("/{hall}/appointments");
    let lines = list.appointments.into_iter();
    let page = DayListPage {
        shell: shell_of(&path, request, Some(&staff.actor)),
        officers: match staff.role {
            Role::Manager => officers(app, &hall),
            Role::Officer | Role::Usher | Role::Kiosk | Role::Display => Vec::new(),
        },
        hall,
        hall_name,
        role: staff.role.name(),
        today,
        date: list.date,
        previous: list.date.checked_sub_days(Days::new(1)),
        next: list.date.checked_add_days(Days::new(1)),
        rows: lines.map(|line| row(line, &staff.actor)).collect(),
        idempotency_key: fresh_token(),
        message,
    };
    render(request, &page)
}

fn row(line: ListedAppointment, actor: &Actor) -> DayRow {
    let is_booked = line.expected.standing == StandingName::Booked;
    let goes_out = !line.expected.kind.is_window();
    let actions = [
        ("visited", StaffAction::Visited, goes_out),
        ("assign", StaffAction::Assign, goes_out),
        ("cancel", StaffAction::Cancel, true),
    ];
    let possible = actions
        .into_iter()
        .filter(|(_, action, fits)| is_booked && *fits && action.is_for(actor));
    DayRow {
        actions: possible.map(|(name, ..)| name).collect(),
        expected: line.expected,
        name: line.name,
        phone: line.phone,
        address: line.address,
    }
}

/// The officers who can be sent somewhere.
fn officers(app: &App, hall: &HallId) -> Vec<ActorId> {
    app.halls.access.read(|access| {
        let here = access.accounts().filter(|account| {
            let belongs = account.hall.as_ref().is_none_or(|to| to == hall);
            belongs && !account.disabled && account.role == StaffRole::Officer
        });
        here.map(|account| account.id.clone()).collect()
    })
}
