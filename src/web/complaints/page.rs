//! A complaint's pages, for somebody who has no number: the form, and the page that shows by when the complaint is
//! answered, and the answer.
//!
//! Nobody knows who left it. So its page has a sealed link: ids count upwards, and counting must not lead to what others
//! wrote.

use crate::access::{Purpose, SealedLink, fresh_token};
use crate::pages::WordPage;
use crate::web::complaints::api::{ComplaintForm, left};
use crate::web::http::caller::{Books, Guest, app, id_of};
use crate::web::http::page::{choice_of, render, see_other, shell, shell_of};
use crate::web::http::{App, KeyedBody, OrNotFound, Problem, RequestKey};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use hall::id::{ComplaintId, HallId, ServiceId};
use hall::state::complaint::ComplaintView;
use hall::{Hall, Time};
use serde::Deserialize;
use serde_json::json;

/// `?service=`.
#[derive(Debug, Deserialize)]
pub struct ComplaintQuery {
    service: Option<String>,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct SentForm {
    idempotency_key: String,
    /// Empty for nothing in particular.
    #[serde(default)]
    service: String,
    text: String,
}

pub async fn form(
    guest: Guest,
    query: web::Query<ComplaintQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let service = query.into_inner().service.unwrap_or_default();
    let page = guest.hall.read(|hall| page_of(hall, &service, &request));
    render(&request, &page)
}

pub async fn leave(
    caller: Books,
    form: web::Form<SentForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let form = form.into_inner();
    let content = json!({ "service": form.service, "text": form.text });
    let id = id_of(&caller.hall);
    let complaint = ComplaintForm {
        service: ServiceId::parse(form.service.clone()).ok(),
        text: form.text.clone(),
    };
    let left = async {
        let key = RequestKey::of_form(&request, &form.idempotency_key, &content)?;
        let form = complaint;
        left(&caller, KeyedBody { form, key }).await
    };
    match left.await {
        Ok(complaint) => Ok(see_other(&link(app(&request), &id, complaint.id))),
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
pub async fn show(
    guest: Guest,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let named = SealedLink::of(&app(&request).secret, Purpose::Word).open(&path.1);
    let now = guest.hall.now();
    let page = guest.hall.read(|hall| {
        let named = named?;
        let (of, id) = named.split_once('/')?;
        let complaint = hall.complaints().get(&ComplaintId(id.parse().ok()?));
        let complaint = complaint.filter(|_| of == hall.id().as_str())?;
        Some(WordPage {
            days_left: days_until(complaint.due, now),
            word: Some(ComplaintView::from(complaint)),
            ..page_of(hall, "", &request)
        })
    });
    render(&request, &page.or_not_found("该留言", "word")?)
}

/// Whole days from today to that one.
pub fn days_until(due: NaiveDate, now: Time) -> i64 {
    (due - now.date_naive()).num_days().max(0)
}

fn link(app: &App, hall: &HallId, complaint: ComplaintId) -> String {
    let links = SealedLink::of(&app.secret, Purpose::Word);
    let link = links.seal(&format!("{hall}/{}", complaint.0));
    format!("/{hall}/word/{link}")
}

fn page_of(hall: &Hall, service: &str, request: &HttpRequest) -> WordPage {
    let plan = hall.plan();
    WordPage {
        shell: shell(request, None),
        hall: hall.id().clone(),
        hall_name: plan.name.clone(),
        hotline: plan.hotline.clone(),
        services: plan.services.iter().map(choice_of).collect(),
        service: ServiceId::parse(service).ok(),
        word: None,
        days_left: 0,
        text: String::new(),
        message: None,
        idempotency_key: fresh_token(),
    }
}
