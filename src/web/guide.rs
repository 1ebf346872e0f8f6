//! The guide over HTTP: a question for everybody, the sheets for managers.

use super::body::{RequestKey, fingerprint, too_large};
use super::caller::{Manager, Visitor, app};
use super::problem::{Kind, Problem};
use crate::guide::catalogue::{Article, EntryId, Form, Guide, Matter, Wrong};
use crate::guide::guides::{Action, Answer, Rejection};
use crate::guide::miss::Miss;
use crate::guide::search::Fit;
use crate::guide::sheet::{Fault, Sheet, SheetKind, write_articles, write_matters, write_words};
use crate::guide::{Guides, Ready};
use crate::runtime::{AskError, Owner, Wish};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use hall::id::{CommandId, ServiceId};
use hall::text::Text;
use hall::{Actor, Hall};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::ToSchema;

/// Largest sheet: ten times 2,000 articles of ordinary length.
const SHEET_LARGEST: usize = 8 * 1024 * 1024;
/// Longest excerpts, in characters: two lines on a phone.
const EXCERPT_ZH: usize = 60;
const EXCERPT_EN: usize = 140;

/// `?q=`.
#[derive(Debug, Deserialize)]
pub struct Question {
    #[serde(default)]
    pub q: String,
    /// Asked while somebody still types: what is not found then is no missed question.
    #[serde(default)]
    pub typing: Option<String>,
}

/// What a question came to.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct GuideAnswer {
    /// Best first; empty when nothing fits.
    pub results: Vec<Found>,
    /// Where nothing fits: the entries that come nearest. They are no answers.
    pub nearest: Vec<Found>,
    /// Where another office does this: who.
    pub elsewhere: Option<Text>,
}

/// An entry that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Found {
    pub id: EntryId,
    pub kind: FoundKind,
    pub title: Text,
    pub service: Option<ServiceId>,
    pub excerpt: Text,
    /// Of an article.
    pub category: Option<Text>,
    /// Where it was read; none of what the hall's plan says.
    pub source: Option<String>,
    pub checked_on: Option<NaiveDate>,
}

/// A card with what to bring, or an answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FoundKind {
    Service,
    Article,
}

pub async fn ask(
    visitor: Visitor,
    question: web::Query<Question>,
    request: HttpRequest,
) -> web::Json<GuideAnswer> {
    let answer = answer(&visitor.hall, &question.q, &request).await;
    if question.typing.is_none() {
        note_miss(&visitor.hall, &question.q, &answer, &request);
    }
    web::Json(answer)
}

/// The guide of a hall, ready for questions.
pub async fn ready(hall: &Owner<Hall>, request: &HttpRequest) -> Arc<Ready> {
    let app = app(request);
    let plan = hall.read(|hall| hall.plan().clone());
    app.shelf.ready(&app.halls.guides, &plan).await
}

/// Looks a question up.
pub async fn answer(hall: &Owner<Hall>, question: &str, request: &HttpRequest) -> GuideAnswer {
    let ready = ready(hall, request).await;
    let search = app(request).shelf.search(&ready, question);
    let listed = |fits: &[Fit]| {
        fits.iter()
            .filter_map(|fit| found(&ready.guide, &fit.id))
            .collect()
    };
    let word = search
        .elsewhere
        .and_then(|idea| ready.guide.words.get(usize::from(idea)));
    GuideAnswer {
        results: listed(&search.answers),
        nearest: listed(&search.nearest),
        elsewhere: word.and_then(|word| word.says.clone()),
    }
}

/// Keeps a question that was asked in vain for the manager. Nobody waits for it, and if the store cannot take it, the
/// answer is as good.
pub fn note_miss(hall: &Owner<Hall>, question: &str, answer: &GuideAnswer, request: &HttpRequest) {
    if !answer.results.is_empty() || question.trim().is_empty() {
        return;
    }
    let guides = app(request).halls.guides.clone();
    let wish = Wish {
        id: CommandId::parse(format!("miss/{}", crate::access::fresh_token()))
            .expect("a word and hex digits make a command id"),
        fingerprint: super::body::of_drawn_key(),
        actor: Actor::Citizen,
        action: Action::NoteMiss {
            hall: hall.read(|hall| hall.id().clone()),
            question: question.to_owned(),
        },
    };
    tokio::spawn(async move {
        if let Err(error) = guides.ask(wish).await {
            tracing::warn!(?error, "a missed question was not kept");
        }
    });
}

/// An entry as a line of a list.
pub fn found(guide: &Guide, id: &EntryId) -> Option<Found> {
    guide
        .matter(id)
        .map(of_matter)
        .or_else(|| guide.article(id).map(of_article))
}

/// A matter as a line of a list.
pub fn of_matter(matter: &Matter) -> Found {
    let names = |language: fn(&Text) -> &String, between: &str| {
        let documents = matter
            .documents
            .iter()
            .filter(|document| document.form != Form::OnSite);
        documents
            .map(|document| language(&document.name).as_str())
            .collect::<Vec<_>>()
            .join(between)
    };
    let excerpt = if matter.documents.is_empty() {
        matter
            .steps
            .first()
            .cloned()
            .unwrap_or_else(|| matter.fee.words.clone())
    } else {
        let (zh, en) = (names(|text| &text.zh, "、"), names(|text| &text.en, ", "));
        Text::new(format!("带{zh}"), format!("Bring: {en}"))
    };
    Found {
        id: matter.id.clone(),
        kind: FoundKind::Service,
        title: matter.title.clone(),
        service: Some(matter.service.clone()),
        excerpt: shortened(&excerpt),
        category: None,
        source: matter.source.as_ref().map(|source| source.name.clone()),
        checked_on: matter.source.as_ref().map(|source| source.checked_on),
    }
}

fn of_article(article: &Article) -> Found {
    Found {
        id: article.id.clone(),
        kind: FoundKind::Article,
        title: article.question.clone(),
        service: article.service.clone(),
        excerpt: shortened(&article.answer),
        category: Some(article.category.clone()),
        source: Some(article.source.name.clone()),
        checked_on: Some(article.source.checked_on),
    }
}

fn shortened(text: &Text) -> Text {
    let short = |text: &str, most: usize| match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    };
    Text::new(short(&text.zh, EXCERPT_ZH), short(&text.en, EXCERPT_EN))
}

/// What the manager is told of missed questions.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissList {
    /// The most asked first.
    pub misses: Vec<Missed>,
}

/// One question, without anything of a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Missed {
    pub question: String,
    #[serde(flatten)]
    pub miss: Miss,
}

pub async fn misses(manager: Manager, request: HttpRequest) -> web::Json<MissList> {
    web::Json(MissList {
        misses: missed(&manager.hall, &request),
    })
}

/// A hall's missed questions, the most asked first.
pub fn missed(hall: &Owner<Hall>, request: &HttpRequest) -> Vec<Missed> {
    let id = hall.read(|hall| hall.id().clone());
    let mut misses: Vec<Missed> = app(request).halls.guides.read(|guides| {
        let kept = guides.of(&id).into_iter().flat_map(|kept| &kept.misses);
        kept.map(|(question, miss)| Missed {
            question: question.clone(),
            miss: miss.clone(),
        })
        .collect()
    });
    misses.sort_by_key(|missed| std::cmp::Reverse((missed.miss.count, missed.miss.last_at)));
    misses
}

/// One part of the guide as a sheet that can be changed and sent back.
pub async fn sheet(
    manager: Manager,
    path: web::Path<(String, SheetKind)>,
    request: HttpRequest,
) -> HttpResponse {
    let id = manager.hall.read(|hall| hall.id().clone());
    let (revision, guide) = app(&request).halls.guides.read(|guides| {
        guides
            .of(&id)
            .map_or_else(Default::default, |kept| (kept.revision, kept.guide.clone()))
    });
    let kind = path.into_inner().1;
    let (text, content_type, ending) = match kind {
        SheetKind::Articles => (
            write_articles(&guide.articles),
            "text/csv; charset=utf-8",
            "articles.csv",
        ),
        SheetKind::Words => (
            write_words(&guide.words),
            "text/csv; charset=utf-8",
            "words.csv",
        ),
        SheetKind::Matters => (
            write_matters(&guide.matters),
            "application/toml; charset=utf-8",
            "services.toml",
        ),
    };
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::ETAG, format!("\"{revision}\"")))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{id}-{ending}\""),
        ))
        .body(text)
}

/// `?dry_run`.
#[derive(Debug, Deserialize)]
pub struct DryRun {
    dry_run: Option<String>,
}

/// What is in force after a sheet was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdoptedGuide {
    /// 0 after a dry run of a first guide.
    pub revision: u64,
    pub dry_run: bool,
    pub matters: usize,
    pub articles: usize,
    pub words: usize,
}

/// Takes a sheet in place of the part that it is, whole or not at all.
pub async fn adopt(
    manager: Manager,
    key: RequestKey,
    wanted: web::Query<DryRun>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let bytes = payload
        .to_bytes_limited(SHEET_LARGEST)
        .await
        .map_err(|_| too_large(&"more than 8 MiB"))?;
    let bytes = bytes.map_err(|error| too_large(&error))?;
    let sheet = Sheet::read(&bytes).map_err(|faults| of_faults(&faults))?;
    let guides = &app(&request).halls.guides;
    let (hall, services) = manager.hall.read(services);
    let kept = guides.read(|guides| {
        guides
            .of(&hall)
            .map(|kept| (kept.revision, kept.guide.clone()))
    });
    let (revision, before) = kept.unwrap_or_default();
    let guide = sheet.into_guide(Guide::clone(&before));
    guide
        .check(&services)
        .map_err(|wrongs| of_wrongs(&wrongs))?;
    let counts = |revision, dry_run| AdoptedGuide {
        revision,
        dry_run,
        matters: guide.matters.len(),
        articles: guide.articles.len(),
        words: guide.words.len(),
    };
    let is_dry_run = wanted
        .dry_run
        .as_deref()
        .is_some_and(|wanted| wanted != "false");
    if is_dry_run {
        return Ok(HttpResponse::Ok().json(counts(revision, true)));
    }
    let expected_revision = match if_match(&request) {
        Some(named) => named?,
        // a sheet is one part: the others must still be those that it is put beside
        None => revision,
    };
    let wish = Wish {
        id: key.command_id(&manager.actor),
        fingerprint: fingerprint(&app(&request).secret, &bytes),
        actor: manager.actor,
        action: Action::AdoptGuide {
            hall,
            guide: Arc::new(guide.clone()),
            services,
            expected_revision: Some(expected_revision),
            first_only: false,
        },
    };
    match guides.ask(wish).await {
        Ok(reply) => {
            let revision = match reply.answer {
                Answer::Adopted { revision } => revision,
                Answer::Done => revision,
            };
            Ok(HttpResponse::Ok()
                .insert_header((header::ETAG, format!("\"{revision}\"")))
                .json(counts(revision, false)))
        }
        Err(error) => Err(of_error(error)),
    }
}

/// A hall and the services of its plan.
pub fn services(hall: &Hall) -> (hall::id::HallId, BTreeSet<ServiceId>) {
    let services = hall
        .plan()
        .services
        .iter()
        .map(|service| service.id.clone());
    (hall.id().clone(), services.collect())
}

fn if_match(request: &HttpRequest) -> Option<Result<u64, Problem>> {
    let tag = request.headers().get(header::IF_MATCH)?.to_str().ok()?;
    Some(tag.trim().trim_matches('"').parse().map_err(|_| {
        Problem::invalid(
            "/headers/if-match",
            "If-Match 应为指南的版本号。",
            "If-Match is the guide's revision, as its sheets give it in ETag.",
        )
    }))
}

/// The owner's answer when there is none.
pub fn of_error(error: AskError<Rejection>) -> Problem {
    match error {
        AskError::Rejected(Rejection::Changed { revision }) => Problem::new(
                Kind::StalePlan,
                format!("指南刚被别人改过(现为第{revision}版),请重新下载后再改。"),
                format!("Somebody else changed the guide (it is revision {revision} now); download it again and change that."),
            )
            .with("revision", json!(revision)),
        AskError::Rejected(Rejection::Wrong(wrongs)) => of_wrongs(&wrongs),
        // of these the problem is the same, whatever was asked
        AskError::KeyReused => AskError::<hall::Rejection>::KeyReused.into(),
        AskError::Unavailable(reason) => AskError::<hall::Rejection>::Unavailable(reason).into(),
        AskError::OutcomeUnknown => AskError::<hall::Rejection>::OutcomeUnknown.into(),
    }
}

fn of_faults(faults: &[Fault]) -> Problem {
    let list: Vec<_> = faults
        .iter()
        .map(|fault| json!({ "line": fault.line, "column": fault.column, "message": fault.reason, "pointer": format!("/{}/{}", fault.line, fault.column) }))
        .collect();
    let first = faults.first().map(ToString::to_string).unwrap_or_default();
    Problem::new(
        Kind::Validation,
        format!("表格有{}处错误,什么都没改。第一处:{first}", faults.len()),
        format!(
            "The sheet has {} faults, and nothing was changed. The first: {first}",
            faults.len()
        ),
    )
    .with("errors", json!(list))
}

fn of_wrongs(wrongs: &[Wrong]) -> Problem {
    let pointer = |field: &str| format!("/{}", field.replace(['.', '['], "/").replace(']', ""));
    let list: Vec<_> = wrongs
        .iter()
        .map(|wrong| json!({ "pointer": pointer(&wrong.field), "message": wrong.reason }))
        .collect();
    let first = wrongs
        .first()
        .map(|wrong| format!("{} {}", wrong.field, wrong.reason))
        .unwrap_or_default();
    Problem::new(
        Kind::Validation,
        format!("指南有{}处错误,什么都没改。第一处:{first}", wrongs.len()),
        format!(
            "The guide has {} faults, and nothing was changed. The first: {first}",
            wrongs.len()
        ),
    )
    .with("errors", json!(list))
}

/// A manager has seen to a missed question.
pub async fn settle(
    guides: &Owner<Guides>,
    hall: &Owner<Hall>,
    actor: Actor,
    id: CommandId,
    question: String,
) -> Result<(), Problem> {
    let hall = hall.read(|hall| hall.id().clone());
    let wish = Wish {
        id,
        fingerprint: super::body::of_drawn_key(),
        actor,
        action: Action::SettleMiss { hall, question },
    };
    guides.ask(wish).await.map(drop).map_err(of_error)
}
