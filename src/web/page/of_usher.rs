//! The usher's page, on the phone in his hand while he walks along the line: whom to lead to the app and from when, codes
//! to hold up, and what he can do for somebody who stands before him.

use super::{name_of, render, see_other, shell_of};
use crate::access::fresh_token;
use crate::pages::{UsherLine, UsherNumber, UsherPage};
use crate::web::app::App;
use crate::web::appointments::{CheckInForm, check_in_by, drawn};
use crate::web::ask::Asker;
use crate::web::body::{RequestKey, fingerprint};
use crate::web::caller::Usher;
use crate::web::problem::Problem;
use crate::web::usher::{UsherAction, UsherForm, wanted};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::{AppointmentCode, ServiceId, TicketNumber};
use hall::plan::class::Class;
use hall::record::command::{Action, CheckIn};
use hall::state::ticket::Channel;
use hall::text::Text;
use hall::view::{self, ServiceView};
use hall::{Answer, Hall, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the page's forms do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Did {
    Issue,
    Change,
    Readmit,
    Reprint,
    HelpedOnline,
    CheckIn,
}

/// What the last form did, told after its 303.
#[derive(Debug, Default, Deserialize)]
pub struct DidQuery {
    did: Option<Did>,
    number: Option<TicketNumber>,
}

/// What the page's forms send.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeskForm {
    #[serde(skip_serializing)]
    idempotency_key: String,
    service: Option<ServiceId>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    class: Class,
    #[serde(default)]
    number: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    id_number: String,
}

pub async fn usher_page(
    usher: Usher,
    query: web::Query<DidQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    show(&usher, query.into_inner(), None, &request)
}

pub async fn usher_act(
    usher: Usher,
    path: web::Path<(String, UsherAction)>,
    form: web::Form<DeskForm>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let (_, action) = path.into_inner();
    let form = form.into_inner();
    let named = form.number.trim().to_uppercase();
    let done = async {
        let wish = wanted(&usher, action, form.wish()?, &app).await?;
        asked(&usher, wish, &form, &request, &app).await
    };
    let did = match action {
        UsherAction::Issue => Did::Issue,
        UsherAction::Change => Did::Change,
        UsherAction::Readmit => Did::Readmit,
        UsherAction::Reprint => Did::Reprint,
        UsherAction::HelpedOnline => Did::HelpedOnline,
    };
    told(&usher, done.await, did, &named, &request)
}

/// For somebody who has booked and cannot use the kiosk.
pub async fn usher_check_in(
    usher: Usher,
    form: web::Form<DeskForm>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let form = form.into_inner();
    let done = async {
        let by = check_in_by(form.check_in()?, &app)?;
        let wish = Action::CheckIn(CheckIn {
            by,
            token: drawn(),
            channel: Channel::Usher,
        });
        asked(&usher, wish, &form, &request, &app).await
    };
    told(&usher, done.await, Did::CheckIn, "", &request)
}

async fn asked(
    usher: &Usher,
    wish: Action,
    form: &DeskForm,
    request: &HttpRequest,
    app: &App,
) -> Result<Answer, Problem> {
    let content = serde_json::to_vec(form).expect("a form has string keys only");
    let body = fingerprint(&app.secret, &content);
    let key = RequestKey::of_form(request, &form.idempotency_key)?;
    let asker = Asker {
        hall: &usher.hall,
        actor: usher.actor.clone(),
        key: &key,
        fingerprint: &body,
    };
    Ok(asker.ask_for_number(wish, &app.halls).await?.answer)
}

fn told(
    usher: &Usher,
    done: Result<Answer, Problem>,
    did: Did,
    named: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let hall = usher.hall.read(|hall| hall.id().clone());
    let did = name(did);
    match done {
        Ok(Answer::Taken(ticket)) => Ok(see_other(&format!(
            "/{hall}/usher?did={did}&number={}",
            ticket.number
        ))),
        Ok(_) if named.is_empty() => Ok(see_other(&format!("/{hall}/usher?did={did}"))),
        Ok(_) => Ok(see_other(&format!(
            "/{hall}/usher?did={did}&number={named}"
        ))),
        Err(problem) => show(usher, DidQuery::default(), Some(problem.detail), request),
    }
}

/// As it stands in the address and in the catalogue.
fn name(did: Did) -> String {
    let name = serde_json::to_value(did).expect("an enum without fields is its name");
    name.as_str().unwrap_or_default().into()
}

impl DeskForm {
    fn wish(&self) -> Result<UsherForm, Problem> {
        let number = Some(self.number.trim()).filter(|number| !number.is_empty());
        let parse = |number: &str| {
            TicketNumber::parse(&number.to_uppercase()).map_err(|_| {
                Problem::invalid(
                    "/number",
                    "号码有误,例如 A012。",
                    "Not a number such as A012.",
                )
            })
        };
        Ok(UsherForm {
            service: self.service.clone(),
            reason: Some(self.reason.clone()).filter(|reason| !reason.trim().is_empty()),
            class: self.class,
            person: None,
            needs: BTreeSet::new(),
            number: number.map(parse).transpose()?,
        })
    }

    fn check_in(&self) -> Result<CheckInForm, Problem> {
        let wrong = |_| Problem::invalid("/code", "预约码是6位数字。", "The code has six digits.");
        let code = Some(self.code.trim()).filter(|code| !code.is_empty());
        let document = Some(self.id_number.trim()).filter(|number| !number.is_empty());
        Ok(CheckInForm {
            code: code
                .map(AppointmentCode::parse)
                .transpose()
                .map_err(wrong)?,
            token: None,
            id_number: document.map(str::to_string),
        })
    }
}

fn show(
    usher: &Usher,
    did: DidQuery,
    message: Option<Text>,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let now = usher.hall.now();
    let page = usher.hall.read(|hall| {
        let kiosk = view::kiosk(hall, now);
        let overview = view::overview(hall, now);
        let today = hall.plan().date(now);
        let services = &hall.plan().services;
        UsherPage {
            shell: shell_of(
                &format!("/{}/usher", kiosk.hall),
                request,
                Some(&usher.actor),
            ),
            hall_name: name_of(hall),
            phase: kiosk.phase,
            sentence: kiosk.sentence,
            now: kiosk.now,
            appointments_only: services
                .iter()
                .all(|service| hall.plan().appointments_only(today, &service.id)),
            expected: overview.appointments.expected as usize,
            lines: lines(hall, kiosk.services, now),
            waiting: overview.waiting,
            did: did.did.map(name),
            number: did.number.and_then(|number| number_of(hall, &number)),
            hall: kiosk.hall,
            idempotency_key: fresh_token(),
            message,
        }
    });
    render(request, &page)
}

fn lines(hall: &Hall, services: Vec<ServiceView>, now: Time) -> Vec<UsherLine> {
    let services = services.into_iter();
    let mut lines: Vec<UsherLine> = services.map(|service| line(hall, service, now)).collect();
    let mut said = BTreeSet::new();
    for line in lines.iter_mut().filter(|line| line.leads) {
        let app = line.online.as_ref().map(|online| online.url.clone());
        line.says = app.is_some_and(|app| said.insert(app));
    }
    lines
}

fn line(hall: &Hall, service: ServiceView, now: Time) -> UsherLine {
    let leads = service.redirect.is_some();
    let leads_from = service
        .online
        .as_ref()
        .filter(|_| !leads)
        .and_then(|_| leads_from(hall, &service.id, now));
    UsherLine {
        next: view::next_free_slots(hall, &service.id, now, 1)
            .into_iter()
            .next(),
        leads_in_minutes: leads_from.map(|at| (at - now).num_minutes()),
        leads_from: leads_from.map(|at| hall.plan().local(at)),
        leads,
        says: false,
        id: service.id,
        name: service.name,
        waiting: service.waiting,
        wait: service.wait,
        online: service.online,
        bookable: service.bookable,
    }
}

/// When near closing begins for a service today; the session that runs or comes next.
fn leads_from(hall: &Hall, service: &ServiceId, now: Time) -> Option<Time> {
    let plan = hall.plan();
    let today = plan.date(now);
    if plan.appointments_only(today, service) {
        return None;
    }
    let sessions = plan.sessions(today, service).into_iter();
    sessions
        .map(|session| session.closes - plan.near_closing())
        .find(|begins| now < *begins)
}

fn number_of(hall: &Hall, number: &TicketNumber) -> Option<UsherNumber> {
    let ticket = hall.ticket_by_number(number)?;
    let service = hall.plan().service(&ticket.service);
    Some(UsherNumber {
        number: ticket.number.clone(),
        token: ticket.token.clone(),
        service: service
            .map(|service| service.name.clone())
            .unwrap_or_default(),
    })
}
