//! A number by phone, where the plan allows it: choose a service, one form, and on to the ticket's page. A refusal shows
//! the other ways, as the kiosk does.

use crate::access::fresh_token;
use crate::pages::{Refused, TakePage};
use crate::runtime::Owner;
use crate::web::http::caller::{Guest, TakesNumbers};
use crate::web::http::page::{name_of, render, see_other, shell_of};
use crate::web::http::problem::language_of;
use crate::web::http::{App, KeyedBody, Problem, ProblemKind, RequestKey};
use crate::web::numbers::verbs::{TakeForm, take};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::ServiceId;
use hall::plan::class::Class;
use hall::{Answer, Hall, view};
use serde::{Deserialize, Serialize};

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
    guest: Guest,
    query: web::Query<TakeQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let service = query.into_inner().service;
    show(&guest.hall, service, Class::Normal, None, &request)
}

pub async fn take_by_form(
    caller: TakesNumbers,
    form: web::Form<WantedForm>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let form = form.into_inner();
    let (service, class) = (form.service.clone(), form.class);
    let key = RequestKey::of_form(&request, &form.idempotency_key, &form);
    let id = key.as_ref().ok().map(|key| key.command_id(&caller.actor));
    let taken = async {
        let key = key?;
        let form = form.into_form(&request);
        take(&caller, KeyedBody { form, key }, &app).await
    };
    match taken.await {
        Ok(ticket) => Ok(see_other(&ticket.page)),
        Err(problem) => {
            if let (ProblemKind::KeyReused, Some(id)) = (problem.kind, id)
                && let Some(Answer::Taken(first)) = app.halls.first_answer(&caller.hall, &id).await
            {
                return Ok(see_other(&format!("/t/{}", first.token))); // Back, and another service: the number is there
            }
            show(&caller.hall, Some(service), class, Some(problem), &request)
        }
    }
}

impl WantedForm {
    fn into_form(self, request: &HttpRequest) -> TakeForm {
        TakeForm {
            class: self.class,
            insist: self.insist,
            no_smartphone: self.no_smartphone,
            language: language_of(request),
            person: Some(self.person).filter(|person| !person.trim().is_empty()),
            ..TakeForm::of(self.service)
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
            class,
            refusal: problem.map(refused),
            idempotency_key: fresh_token(),
        }
    });
    render(request, &page)
}

fn refused(mut problem: Problem) -> Refused {
    let may_insist = problem.extra.get("may_insist");
    Refused {
        may_insist: may_insist.and_then(|may| may.as_bool()) == Some(true),
        alternatives: problem.extra.remove("alternatives").unwrap_or_default(),
        detail: problem.detail,
    }
}
