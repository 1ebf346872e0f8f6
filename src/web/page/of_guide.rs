//! The guide's pages: they work without JavaScript, while the hall is closed, and on the kiosk's tall screen.

use super::{name_of, qr_code, render, see_other, shell};
use crate::access::fresh_token;
use crate::guide::catalogue::{Article, Document, EntryId, Form, Matter};
use crate::guide::floor_map::{floor_map, windows_for};
use crate::pages::{
    GuideAnswerPage, GuideCard, GuideDocument, GuideMissesPage, GuidePage, GuidePlace,
    GuidePrintPage, GuideVariant,
};
use crate::web::body::RequestKey;
use crate::web::caller::{Manager, Visitor, app};
use crate::web::guide::{GuideAnswer, answer, missed, note_miss, of_matter, ready, settle};
use crate::web::problem::Problem;
use crate::web::site::site;
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::ServiceId;
use hall::text::Text;
use hall::{Hall, Time, view};
use serde::Deserialize;

/// Asked most often, on the front page.
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
    visitor: Visitor,
    query: web::Query<GuideQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let question = query.q.trim().to_owned();
    let found = if question.is_empty() {
        GuideAnswer::default()
    } else {
        answer(&visitor.hall, &question, &request).await
    };
    note_miss(&visitor.hall, &question, &found, &request);
    let ready = ready(&visitor.hall, &request).await;
    let (frequent, others): (Vec<&Matter>, Vec<&Matter>) = ready
        .guide
        .matters
        .iter()
        .partition(|matter| matter.frequent);
    let page = visitor.hall.read(|hall| GuidePage {
        shell: shell(&request, None),
        hall: hall.id().clone(),
        hall_name: name_of(hall),
        hotline: hall.plan().hotline.clone(),
        kiosk: query.kiosk.is_some(),
        question,
        results: found.results,
        nearest: found.nearest,
        elsewhere: found.elsewhere,
        frequent: frequent
            .into_iter()
            .chain(others)
            .take(FREQUENT)
            .map(of_matter)
            .collect(),
    });
    render(&request, &page)
}

pub async fn guide_answer(
    visitor: Visitor,
    path: web::Path<(String, String)>,
    query: web::Query<GuideQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = answer_page(&visitor, &path.1, &query, &request).await?;
    let id = EntryId::parse(&page.id).map_err(|_| not_found())?;
    app(&request).shelf.opened(&page.hall, &id);
    render(&request, &page)
}

/// The same on paper.
pub async fn guide_print(
    visitor: Visitor,
    path: web::Path<(String, String)>,
    query: web::Query<GuideQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    render(
        &request,
        &GuidePrintPage(answer_page(&visitor, &path.1, &query, &request).await?),
    )
}

/// The answer's page as a picture that a phone reads.
pub async fn guide_qr(
    visitor: Visitor,
    path: web::Path<(String, String)>,
    query: web::Query<GuideQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = answer_page(&visitor, &path.1, &query, &request).await?;
    let chosen = page
        .card
        .and_then(|card| card.chosen)
        .map_or(String::new(), |chosen| format!("?as={chosen}"));
    qr_code(&format!("{}{chosen}", page.address))
}

fn not_found() -> Problem {
    Problem::not_found("该内容", "entry in this guide")
}

async fn answer_page(
    visitor: &Visitor,
    id: &str,
    query: &GuideQuery,
    request: &HttpRequest,
) -> Result<GuideAnswerPage, Problem> {
    let id = EntryId::parse(id).map_err(|_| not_found())?;
    let ready = ready(&visitor.hall, request).await;
    let now = visitor.hall.now();
    visitor.hall.read(|hall| {
        let bare = |title: &Text| GuideAnswerPage {
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
            return Ok(of_matter_page(
                bare(&matter.title),
                matter,
                query.variant.as_deref(),
                hall,
                now,
            ));
        }
        let article = ready.guide.article(&id).ok_or_else(not_found)?;
        Ok(of_article_page(bare(&article.question), article, hall, now))
    })
}

fn of_matter_page(
    page: GuideAnswerPage,
    matter: &Matter,
    variant: Option<&str>,
    hall: &Hall,
    now: Time,
) -> GuideAnswerPage {
    let place = place(hall, &matter.service, matter.online, now);
    let minutes = hall
        .plan()
        .service(&matter.service)
        .map_or(0, |service| service.typical_minutes);
    GuideAnswerPage {
        card: Some(card(matter, variant, matter.minutes.unwrap_or(minutes))),
        place,
        source: matter.source.as_ref().map(|source| source.name.clone()),
        checked_on: matter.source.as_ref().map(|source| source.checked_on),
        ..page
    }
}

fn of_article_page(
    page: GuideAnswerPage,
    article: &Article,
    hall: &Hall,
    now: Time,
) -> GuideAnswerPage {
    GuideAnswerPage {
        answer: Some(article.answer.clone()),
        place: article
            .service
            .as_ref()
            .and_then(|service| place(hall, service, true, now)),
        source: Some(article.source.name.clone()),
        checked_on: Some(article.source.checked_on),
        ..page
    }
}

fn card(matter: &Matter, variant: Option<&str>, minutes: u32) -> GuideCard {
    let chosen = matter
        .variants
        .iter()
        .find(|known| variant == Some(known.id.as_str()));
    let documents = chosen.map_or(&matter.documents, |chosen| &chosen.documents);
    let notes = matter
        .note
        .iter()
        .chain(chosen.and_then(|chosen| chosen.note.as_ref()));
    GuideCard {
        variants: matter
            .variants
            .iter()
            .map(|known| GuideVariant {
                id: known.id.to_string(),
                title: known.title.clone(),
                chosen: variant == Some(known.id.as_str()),
            })
            .collect(),
        chosen: chosen.map(|chosen| chosen.id.to_string()),
        lines: documents.iter().map(line).collect(),
        documents: documents.iter().map(of_document).collect(),
        steps: matter.steps.clone(),
        amount: matter.fee.amount.map(|amount| format!("{amount:.2}")),
        fee: matter.fee.words.clone(),
        minutes,
        notes: notes.cloned().collect(),
    }
}

fn of_document(document: &Document) -> GuideDocument {
    GuideDocument {
        name: document.name.clone(),
        form: document.form,
        who: document.who.clone(),
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
    let plan = hall.plan();
    let shown = view::kiosk(hall, now)
        .services
        .into_iter()
        .find(|shown| shown.id == *service)?;
    Some(GuidePlace {
        service: shown.id,
        name: shown.name,
        windows: windows_for(plan, service),
        zone: plan.waiting_zone(service).map(Into::into),
        map: floor_map(plan, service),
        open: shown.open,
        opens_at: shown.opens_at,
        waiting: shown.waiting,
        wait: shown.wait,
        bookable: shown.bookable,
        online: shown.online.filter(|_| online),
    })
}

pub async fn guide_misses(manager: Manager, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = manager.hall.read(|hall| hall.id().clone());
    let (revision, matters, articles) = app(&request).halls.guides.read(|guides| {
        guides.of(&id).map_or((0, 0, 0), |kept| {
            (
                kept.revision,
                kept.guide.matters.len(),
                kept.guide.articles.len(),
            )
        })
    });
    let page = GuideMissesPage {
        shell: shell(&request, Some(&manager.actor)),
        hall_name: manager.hall.read(name_of),
        misses: missed(&manager.hall, &request),
        hall: id,
        matters,
        articles,
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
) -> Result<HttpResponse, Problem> {
    let SettledForm {
        idempotency_key,
        question,
    } = form.into_inner();
    // the page's key and the question: each line of the page is a command of its own
    let key = RequestKey::of_form(
        &request,
        &format!("{idempotency_key}/{}", crate::access::digest(&question)),
    )?;
    let id = key.command_id(&manager.actor);
    settle(
        &app(&request).halls.guides,
        &manager.hall,
        manager.actor,
        id,
        question,
    )
    .await?;
    let hall = manager.hall.read(|hall| hall.id().clone());
    Ok(see_other(&format!("/{hall}/guide/misses")))
}
