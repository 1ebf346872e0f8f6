//! Who is expected on a day: at the windows, at home, or nowhere because it is done for them. What each role may do with
//! a line is decided where the API decides it.

use super::{name_of, render, see_other, shell_of};
use crate::access::Role;
use crate::access::{StaffRole, fresh_token};
use crate::pages::{DayListPage, DayRow};
use crate::web::app::App;
use crate::web::appointments::{
    ListedAppointment, StaffAction, StaffForm, coded, day_list, wanted_by_staff,
};
use crate::web::ask::Asker;
use crate::web::body::{RequestKey, fingerprint};
use crate::web::caller::Staff;
use crate::web::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Days, NaiveDate};
use hall::id::{ActorId, AppointmentCode, HallId};
use hall::state::appointment::StandingName;
use hall::state::ticket::VisitOutcome;
use hall::text::Text;
use serde::Deserialize;
use serde_json::json;

/// `?date=`.
#[derive(Debug, Deserialize)]
pub struct DayQuery {
    date: Option<NaiveDate>,
}

/// What a line's forms send.
#[derive(Debug, Deserialize)]
pub struct LineForm {
    idempotency_key: String,
    date: NaiveDate,
    officer: Option<ActorId>,
    #[serde(default)]
    outcome: VisitOutcome,
    note: Option<String>,
    reason: Option<String>,
}

pub async fn appointments(
    staff: Staff,
    query: web::Query<DayQuery>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    show(&staff, query.date, None, &request, &app)
}

pub async fn act_on_line(
    staff: Staff,
    path: web::Path<(String, AppointmentCode, StaffAction)>,
    form: web::Form<LineForm>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let (_, code, action) = path.into_inner();
    let form = form.into_inner();
    let date = form.date;
    let content = json!([form.officer, form.outcome, form.note, form.reason]);
    let body = fingerprint(&app.secret, content.to_string().as_bytes());
    let done = async {
        let key = RequestKey::of_form(&request, &form.idempotency_key)?;
        let found = coded(&staff.hall, &code).await?;
        let wish = StaffForm {
            officer: form.officer,
            outcome: form.outcome,
            note: form.note.filter(|note| !note.trim().is_empty()),
            reason: form.reason.filter(|reason| !reason.trim().is_empty()),
        };
        let action = wanted_by_staff(&staff, found, action, wish)?;
        let asker = Asker {
            hall: &staff.hall,
            actor: staff.actor.clone(),
            key: &key,
            fingerprint: &body,
        };
        asker.ask(action).await
    };
    match done.await {
        Ok(_) => {
            let hall = staff.hall.read(|hall| hall.id().clone());
            Ok(see_other(&format!("/{hall}/appointments?date={date}")))
        }
        Err(problem) => show(&staff, Some(date), Some(problem.detail), &request, &app),
    }
}

fn show(
    staff: &Staff,
    date: Option<NaiveDate>,
    message: Option<Text>,
    request: &HttpRequest,
    app: &App,
) -> Result<HttpResponse, Problem> {
    let list = day_list(staff, date, None, app);
    let now = staff.hall.now();
    let (hall, hall_name, today) = staff.hall.read(|hall| {
        let today = hall.plan().date(now);
        (hall.id().clone(), name_of(hall), today)
    });
    let officers = match staff.role {
        Role::Manager => officers(app, &hall),
        Role::Officer | Role::Usher | Role::Kiosk | Role::Display => Vec::new(),
    };
    let rows = list.appointments.into_iter();
    let page = DayListPage {
        shell: shell_of(
            &format!("/{hall}/appointments"),
            request,
            Some(&staff.actor),
        ),
        hall,
        hall_name,
        role: role_name(staff.role),
        today,
        date: list.date,
        previous: list.date.checked_sub_days(Days::new(1)),
        next: list.date.checked_add_days(Days::new(1)),
        rows: rows.map(|line| row(line, staff.role)).collect(),
        officers,
        idempotency_key: fresh_token(),
        message,
    };
    render(request, &page)
}

fn row(line: ListedAppointment, role: Role) -> DayRow {
    let is_booked = line.expected.standing == StandingName::Booked;
    let goes_out = !line.expected.kind.is_window();
    let mut actions = Vec::new();
    if is_booked && goes_out && role == Role::Officer {
        actions.push("visited");
    }
    if is_booked && goes_out && role == Role::Manager {
        actions.push("assign");
    }
    if is_booked && matches!(role, Role::Usher | Role::Manager) {
        actions.push("cancel");
    }
    DayRow {
        expected: line.expected,
        name: line.name,
        phone: line.phone,
        address: line.address,
        actions,
    }
}

fn officers(app: &App, hall: &HallId) -> Vec<ActorId> {
    app.halls.access.read(|access| {
        let here = access.accounts().filter(|account| {
            let belongs = account.hall.as_ref().is_none_or(|to| to == hall);
            belongs && !account.disabled && account.role == StaffRole::Officer
        });
        here.map(|account| account.id.clone()).collect()
    })
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Officer => "officer",
        Role::Usher => "usher",
        Role::Manager => "manager",
        Role::Kiosk => "kiosk",
        Role::Display => "display",
    }
}
