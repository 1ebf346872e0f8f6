//! The guide's pages: they work without JavaScript, while the hall is closed, and on the kiosk's tall screen.

use crate::access::{digest, fresh_token};
use crate::guide::catalogue::{Document, EntryId, Form, Matter, Variant};
use crate::guide::floor_map::{floor_map, windows_for};
use crate::guide::found::of_matter;
use crate::pages::{
    GuideAnswerPage, GuideCard, GuideMissesPage, GuidePage, GuidePlace, GuidePrintPage,
    GuideVariant,
};
use crate::web::guide::verbs::{self, GuideAnswer, answer, in_force, note_miss, ready};
use crate::web::http::body::of_drawn_key;
use crate::web::http::caller::{Guest, Manager, app, id_of};
use crate::web::http::page::{name_of, qr_code, render, see_other, shell};
use crate::web::http::site::site;
use crate::web::http::{App, Problem, RequestKey};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::ServiceId;
use hall::text::Text;
use hall::{Hall, Time, view};
use serde::Deserialize;

/// How many matters that people ask for most often the front page shows.
const FREQUENT: usize = 6;

/// `?q&kiosk`, and of an answer `?as&large`.
#[derive(Debug, Deserialize)]
pub struct GuideQuery {
    #[serde(default)]
    q: String,
    kiosk: Option<String>,
    /// Which rule of a matter.
    #[serde(rename = "as")]
    variant: Option<String>,
    large: Option<String>,
}

pub async fn guide(
    guest: Guest,
    query: web::Query<GuideQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let question = query.q.trim().to_owned();
    let found = match question.is_empty() {
        true => GuideAnswer::default(),
        false => answer(&guest.hall, &question, &request).await?,
    };
    note_miss(&guest.hall, &question, &found, &request);
    let ready = ready(&guest.hall, &request).await;
    let matters = ready.guide.matters.iter();
    let (mut first, others): (Vec<&Matter>, Vec<&Matter>) =
        matters.partition(|matter| matter.frequent);
    first.extend(others);
    let page = guest.hall.read(|hall| GuidePage {
        shell: shell(&request, None),
        hall: hall.id().clone(),
        hall_name: name_of(hall),
        hotline: hall.plan().hotline.clone(),
        kiosk: query.kiosk.is_some(),
        question,
        results: found.results,
        nearest: found.nearest,
        elsewhere: found.elsewhere,
        frequent: first.into_iter().take(FREQUENT).map(of_matter).collect(),
    });
    render(&request, &page)
}

pub async fn guide_answer(
    guest: Guest,
    path: web::Path<(String, String)>,
    query: web::Query<GuideQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = answer_page(&guest, &path.1, &query, &request).await?;
    let id = EntryId::parse(&page.id).map_err(|_| not_found())?;
    app(&request).shelf.opened(&page.hall, &id);
    render(&request, &page)
}

/// The same on paper.
pub async fn guide_print(
    guest: Guest,
    path: web::Path<(String, String)>,
    query: web::Query<GuideQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = answer_page(&guest, &path.1, &query, &request).await?;
    render(&request, &GuidePrintPage(page))
}

/// The answer's page as a picture that a phone reads.
pub async fn guide_qr(
    guest: Guest,
    path: web::Path<(String, String)>,
    query: web::Query<GuideQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = answer_page(&guest, &path.1, &query, &request).await?;
    let chosen = page.card.and_then(|card| card.chosen);
    let chosen = chosen.map_or(String::new(), |chosen| format!("?as={chosen}"));
    qr_code(&format!("{}{chosen}", page.address))
}

fn not_found() -> Problem {
    Problem::not_found("该内容", "entry in this guide")
}

async fn answer_page(
    guest: &Guest,
    id: &str,
    query: &GuideQuery,
    request: &HttpRequest,
) -> Result<GuideAnswerPage, Problem> {
    let id = EntryId::parse(id).map_err(|_| not_found())?;
    let ready = ready(&guest.hall, request).await;
    let now = guest.hall.now();
    guest.hall.read(|hall| {
        let empty = |title: &Text| GuideAnswerPage {
            shell: shell(request, None),
            hall: hall.id().clone(),
            hall_name: name_of(hall),
            hotline: hall.plan().hotline.clone(),
            kiosk: query.kiosk.is_some(),
            large: query.large.is_some(),
            id: id.to_string(),
            address: format!("{}/{}/guide/{id}", site(request).origin(), hall.id()),
            title: title.clone(),
            answer: None,
            card: None,
            place: None,
            source: None,
            checked_on: None,
        };
        if let Some(matter) = ready.guide.matter(&id) {
            return Ok(GuideAnswerPage {
                card: Some(card(hall, matter, query.variant.as_deref())),
                place: place(hall, &matter.service, matter.online, now),
                source: matter.source.as_ref().map(|source| source.name.clone()),
                checked_on: matter.source.as_ref().map(|source| source.checked_on),
                ..empty(&matter.title)
            });
        }
        let article = ready.guide.article(&id).ok_or_else(not_found)?;
        let service = article.service.as_ref();
        Ok(GuideAnswerPage {
            answer: Some(article.answer.clone()),
            place: service.and_then(|service| place(hall, service, true, now)),
            source: Some(article.source.name.clone()),
            checked_on: Some(article.source.checked_on),
            ..empty(&article.question)
        })
    })
}

fn card(hall: &Hall, matter: &Matter, variant: Option<&str>) -> GuideCard {
    let service = hall.plan().service(&matter.service);
    let typical_minutes = service.map_or(0, |service| service.typical_minutes);
    let is_chosen = |known: &Variant| variant == Some(known.id.as_str());
    let chosen = matter.variants.iter().find(|known| is_chosen(known));
    let documents = chosen.map_or(&matter.documents, |chosen| &chosen.documents);
    let of_chosen = chosen.and_then(|chosen| chosen.note.as_ref());
    let notes = matter.note.iter().chain(of_chosen);
    let variants = matter.variants.iter().map(|known| GuideVariant {
        id: known.id.to_string(),
        title: known.title.clone(),
        chosen: is_chosen(known),
    });
    GuideCard {
        variants: variants.collect(),
        chosen: chosen.map(|chosen| chosen.id.to_string()),
        lines: documents.iter().map(line).collect(),
        documents: documents.clone(),
        steps: matter.steps.clone(),
        amount: matter.fee.amount.map(|amount| format!("{amount:.2}")),
        fee: matter.fee.words.clone(),
        minutes: matter.minutes.unwrap_or(typical_minutes),
        notes: notes.cloned().collect(),
    }
}

/// A document as one line of a printed list.
fn line(document: &Document) -> Text {
    let (zh, en) = match document.form {
        Form::Original => ("原件", "original"),
        Form::Copy => ("复印件", "copy"),
        Form::OriginalAndCopy => ("原件和复印件", "original and copy"),
        Form::OnSite => ("现场填写", "filled in here"),
    };
    Text::new(
        format!("□ {}({zh})", document.name.zh),
        format!("[ ] {} ({en})", document.name.en),
    )
}

fn place(hall: &Hall, service: &ServiceId, online: bool, now: Time) -> Option<GuidePlace> {
    let mut services = view::kiosk(hall, now).services.into_iter();
    let mut shown = services.find(|shown| shown.id == *service)?;
    shown.online = shown.online.filter(|_| online);
    Some(GuidePlace {
        service: shown,
        windows: windows_for(hall.plan(), service),
        map: floor_map(hall.plan(), service),
    })
}

pub async fn guide_misses(
    manager: Manager,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let hall = id_of(&manager.hall);
    let (revision, guide) = in_force(&hall, &app);
    let page = GuideMissesPage {
        shell: shell(&request, Some(&manager.actor)),
        hall_name: manager.hall.read(name_of),
        misses: app.halls.guides.read(|guides| guides.missed(&hall)),
        hall,
        matters: guide.matters.len(),
        articles: guide.articles.len(),
        revision,
        idempotency_key: fresh_token(),
    };
    render(&request, &page)
}

/// `Done` beside a missed question.
#[derive(Debug, Deserialize)]
pub struct SettledForm {
    idempotency_key: String,
    question: String,
}

pub async fn settle_miss(
    manager: Manager,
    form: web::Form<SettledForm>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let SettledForm {
        idempotency_key,
        question,
    } = form.into_inner();
    // the page's key and the question: each line of the page is a command of its own
    let key = format!("{idempotency_key}/{}", digest(&question));
    let key = RequestKey::of_form(&request, &key, &question)?.saying(of_drawn_key());
    verbs::settle_miss(&manager, &key, question, &app).await?;
    let hall = id_of(&manager.hall);
    Ok(see_other(&format!("/{hall}/guide/misses")))
}
