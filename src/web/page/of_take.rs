//! A number by phone, where the plan allows it: choose a service, one form, and on to the ticket's page. A refusal shows
//! the other ways, as the kiosk does.

use super::{name_of, render, see_other, shell_of};
use crate::access::fresh_token;
use crate::pages::{Refused, TakePage};
use crate::runtime::Owner;
use crate::web::app::App;
use crate::web::ask::Asker;
use crate::web::body::{RequestKey, fingerprint};
use crate::web::caller::{TakesNumbers, Visitor};
use crate::web::problem::{Problem, language_of};
use crate::web::tickets::{TakeForm, wanted_number};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::ServiceId;
use hall::plan::class::Class;
use hall::{Actor, Answer, Hall, view};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// `?service=`.
#[derive(Debug, Deserialize)]
pub struct TakeQuery {
    service: Option<ServiceId>,
}

/// What the page's form sends.
#[derive(Debug, Serialize, Deserialize)]
pub struct WantedForm {
    #[serde(skip_serializing)]
    idempotency_key: String,
    service: ServiceId,
    #[serde(default)]
    class: Class,
    #[serde(default)]
    insist: bool,
    #[serde(default)]
    no_smartphone: bool,
    #[serde(default)]
    person: String,
}

pub async fn take_page(
    visitor: Visitor,
    query: web::Query<TakeQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let service = query.into_inner().service;
    show(&visitor.hall, service, Class::Normal, None, &request)
}

pub async fn take_by_form(
    caller: TakesNumbers,
    form: web::Form<WantedForm>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let form = form.into_inner();
    let (service, class) = (form.service.clone(), form.class);
    let content = serde_json::to_vec(&form).expect("a form has string keys only");
    let body = fingerprint(&app.secret, &content);
    let taken = async {
        let key = RequestKey::of_form(&request, &form.idempotency_key)?;
        if caller.actor == Actor::Citizen && !app.is_demo() {
            key.is_for_a_stranger()?;
        }
        let wish = form.wish(&request);
        let action = wanted_number(wish, caller.channel, &app)?;
        let asker = Asker {
            hall: &caller.hall,
            actor: caller.actor.clone(),
            key: &key,
            fingerprint: &body,
        };
        let reply = asker.ask_for_number(action, &app.halls).await?;
        match reply.answer {
            Answer::Taken(ticket) => Ok(ticket),
            _ => Err(Problem::not_found("该号码", "ticket")),
        }
    };
    match taken.await {
        Ok(ticket) => Ok(see_other(&format!("/t/{}", ticket.token))),
        Err(problem) => show(&caller.hall, Some(service), class, Some(problem), &request),
    }
}

impl WantedForm {
    fn wish(&self, request: &HttpRequest) -> TakeForm {
        TakeForm {
            also: Vec::new(),
            service: self.service.clone(),
            class: self.class,
            insist: self.insist,
            no_smartphone: self.no_smartphone,
            needs: BTreeSet::new(),
            party: 1,
            cases: 1,
            language: language_of(request),
            person: Some(self.person.clone()).filter(|person| !person.trim().is_empty()),
            voucher: None,
        }
    }
}

fn show(
    hall: &Owner<Hall>,
    service: Option<ServiceId>,
    class: Class,
    problem: Option<Problem>,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let now = hall.now();
    let page = hall.read(|hall| {
        let view = view::kiosk(hall, now);
        let chosen =
            service.and_then(|id| view.services.iter().find(|tile| tile.id == id).cloned());
        TakePage {
            shell: shell_of(&format!("/{}/take", view.hall), request, None),
            hall_name: name_of(hall),
            hall: view.hall,
            sentence: view.sentence,
            hotline: view.hotline,
            phone_tickets: hall.plan().policy.phone_tickets,
            services: view.services,
            service: chosen,
            class: named(class),
            refusal: problem.map(refused),
            idempotency_key: fresh_token(),
        }
    });
    render(request, &page)
}

fn named(class: Class) -> String {
    let name = serde_json::to_value(class).ok();
    name.and_then(|name| name.as_str().map(str::to_string))
        .unwrap_or_default()
}

fn refused(mut problem: Problem) -> Refused {
    let may_insist = problem
        .extra
        .get("may_insist")
        .and_then(|may| may.as_bool());
    Refused {
        may_insist: may_insist.unwrap_or(false),
        alternatives: problem.extra.remove("alternatives").unwrap_or_default(),
        detail: problem.detail,
    }
}
