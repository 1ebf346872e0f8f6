//! The usher's page, on his phone while he walks along the line. It says whom to lead to the app and from when, shows
//! codes, and does what he can do for somebody who stands before him.

use crate::access::fresh_token;
use crate::pages::{UsherNumber, UsherPage};
use crate::web::booking::verbs::{CheckInForm, check_in};
use crate::web::http::caller::{Usher, id_of};
use crate::web::http::page::{name_of, render, see_other, shell_of};
use crate::web::http::{App, KeyedBody, Problem, RequestKey};
use crate::web::usher::verbs::{UsherAction, UsherForm, act};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::{AppointmentCode, ServiceId, TicketNumber};
use hall::plan::class::Class;
use hall::plan::hours::DayOffer;
use hall::text::Text;
use hall::{Answer, Hall, view};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the page's forms do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Did {
    CheckIn,
    #[serde(untagged)]
    Act(UsherAction),
}

/// What the last form did, to be said after its 303.
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
    #[serde(default)]
    name: String,
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
    let action = path.1;
    let form = form.into_inner();
    let number = TicketNumber::parse(&form.number);
    let number = number.map_or_else(|_| String::new(), |number| number.to_string());
    let done = async {
        let key = RequestKey::of_form(&request, &form.idempotency_key, &form)?;
        let form = form.action()?;
        let reply = act(&usher, action, KeyedBody { form, key }, &app).await?;
        Ok(reply.answer)
    };
    respond(&usher, done.await, Did::Act(action), &number, &request)
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
        let key = RequestKey::of_form(&request, &form.idempotency_key, &form)?;
        let form = form.check_in()?;
        check_in(&usher, KeyedBody { form, key }, &app).await
    };
    respond(&usher, done.await, Did::CheckIn, "", &request)
}

/// Back to the page, which says what was done, and with which number if there is one.
fn respond(
    usher: &Usher,
    done: Result<Answer, Problem>,
    did: Did,
    number: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let number = match done {
        Ok(Answer::Taken(ticket)) => ticket.number.to_string(),
        Ok(_) => number.into(),
        Err(problem) => return show(usher, DidQuery::default(), Some(problem.detail), request),
    };
    let mut page = format!("/{}/usher?did={}", id_of(&usher.hall), name(did));
    if !number.is_empty() {
        page += &format!("&number={number}");
    }
    Ok(see_other(&page))
}

/// As it stands in the address and in the catalogue.
fn name(did: Did) -> String {
    let name = serde_json::to_value(did).expect("an enum without fields is its name");
    name.as_str().unwrap_or_default().into()
}

impl DeskForm {
    fn action(&self) -> Result<UsherForm, Problem> {
        let number = filled_in(&self.number);
        let number = number.map(TicketNumber::parse);
        let (zh, en) = ("号码有误，例如 A012。", "Not a number such as A012.");
        let wrong = |_| Problem::invalid("/number", zh, en);
        Ok(UsherForm {
            service: self.service.clone(),
            reason: filled_in(&self.reason).map(|_| self.reason.clone()),
            class: self.class,
            person: None,
            name: None,
            needs: BTreeSet::new(),
            number: number.transpose().map_err(wrong)?,
        })
    }

    fn check_in(&self) -> Result<CheckInForm, Problem> {
        let wrong = |_| Problem::invalid("/code", "预约码是6位数字。", "The code has six digits.");
        let code = filled_in(&self.code).map(AppointmentCode::parse);
        Ok(CheckInForm {
            code: code.transpose().map_err(wrong)?,
            token: None,
            id_number: filled_in(&self.id_number).map(str::to_string),
            name: filled_in(&self.name).map(str::to_string),
        })
    }
}

/// What somebody wrote into a field, if anything.
fn filled_in(field: &str) -> Option<&str> {
    Some(field.trim()).filter(|text| !text.is_empty())
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
        let path = format!("/{}/usher", kiosk.hall);
        UsherPage {
            shell: shell_of(&path, request, Some(&usher.actor)),
            hall_name: name_of(hall),
            phase: kiosk.phase,
            sentence: kiosk.sentence,
            now: kiosk.now,
            appointments_only: kiosk.today == DayOffer::BookedOnly,
            expected: overview.appointments.expected as usize,
            lines: view::usher_lines(hall, kiosk.services, now),
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

fn number_of(hall: &Hall, number: &TicketNumber) -> Option<UsherNumber> {
    let ticket = hall.ticket_by_number(number)?;
    let service = hall.plan().service(&ticket.service);
    let name = service.map(|service| service.name.clone());
    Some(UsherNumber {
        number: ticket.number.clone(),
        token: ticket.token.clone(),
        service: name.unwrap_or_default(),
    })
}
