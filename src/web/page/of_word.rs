//! What could not be done, in writing, from somebody who has no number: the form, and the page that shows by when it is
//! answered, and the answer.
//!
//! Who left it is not known. So its page has a sealed link: ids count upwards, and nobody reads others' words by counting.

use super::{render, see_other, shell, shell_of};
use crate::access::{Purpose, SealedLink, fresh_token};
use crate::pages::{ServiceChoice, WordPage};
use crate::web::app::App;
use crate::web::body::{RequestKey, fingerprint};
use crate::web::caller::{Books, Visitor, app};
use crate::web::help::left_word;
use crate::web::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use hall::id::{ComplaintId, HallId, ServiceId};
use hall::state::complaint::ComplaintView;
use hall::{Hall, Time};
use serde::Deserialize;
use serde_json::json;

/// `?service=`.
#[derive(Debug, Deserialize)]
pub struct About {
    service: Option<String>,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct WordByForm {
    idempotency_key: String,
    /// Empty for nothing in particular.
    #[serde(default)]
    service: String,
    text: String,
}

pub async fn word(
    visitor: Visitor,
    about: web::Query<About>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let service = about.into_inner().service.unwrap_or_default();
    let page = visitor.hall.read(|hall| page_of(hall, &service, &request));
    render(&request, &page)
}

pub async fn leave_word(
    caller: Books,
    form: web::Form<WordByForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let form = form.into_inner();
    let content = json!({ "service": form.service, "text": form.text });
    let fingerprint = fingerprint(&app(&request).secret, content.to_string().as_bytes());
    let id = caller.hall.read(|hall| hall.id().clone());
    let service = ServiceId::parse(form.service.clone()).ok();
    let left = async {
        let key = RequestKey::of_form(&request, &form.idempotency_key)?;
        left_word(&caller, &key, &fingerprint, service, form.text.clone()).await
    };
    match left.await {
        Ok(word) => Ok(see_other(&link(app(&request), &id, word.id))),
        Err(problem) => {
            let page = caller.hall.read(|hall| WordPage {
                shell: shell_of(&format!("/{id}/word"), &request, None),
                text: form.text,
                message: Some(problem.detail),
                ..page_of(hall, &form.service, &request)
            });
            render(&request, &page)
        }
    }
}

/// `/{hall}/word/{link}`.
pub async fn word_left(
    visitor: Visitor,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let not_found = || Problem::not_found("该留言", "word");
    let named = SealedLink::of(&app(&request).secret, Purpose::Word).open(&path.1);
    let now = visitor.hall.now();
    let page = visitor.hall.read(|hall| {
        let named = named?;
        let (of, id) = named.split_once('/')?;
        let word = hall.complaints.get(&ComplaintId(id.parse().ok()?));
        let word = word.filter(|_| of == hall.id().as_str())?;
        Some(WordPage {
            days_left: days_until(word.due, now),
            word: Some(ComplaintView::from(word)),
            ..page_of(hall, "", &request)
        })
    });
    render(&request, &page.ok_or_else(not_found)?)
}

/// Whole days from today to that one.
pub(super) fn days_until(due: NaiveDate, now: Time) -> i64 {
    (due - now.date_naive()).num_days().max(0)
}

fn link(app: &App, hall: &HallId, word: ComplaintId) -> String {
    let links = SealedLink::of(&app.secret, Purpose::Word);
    format!("/{hall}/word/{}", links.seal(&format!("{hall}/{}", word.0)))
}

fn page_of(hall: &Hall, service: &str, request: &HttpRequest) -> WordPage {
    let plan = hall.plan();
    let choice = |service: &hall::plan::Service| ServiceChoice {
        id: service.id.clone(),
        name: service.name.clone(),
    };
    WordPage {
        shell: shell(request, None),
        hall: hall.id().clone(),
        hall_name: plan.name.clone(),
        hotline: plan.hotline.clone(),
        services: plan.services.iter().map(choice).collect(),
        service: ServiceId::parse(service).ok(),
        word: None,
        days_left: 0,
        text: String::new(),
        message: None,
        idempotency_key: fresh_token(),
    }
}
