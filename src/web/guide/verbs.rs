//! What is asked of the guide and done to it, once for the JSON and for the pages.

use crate::access::fresh_token;
use crate::guide::Ready;
use crate::guide::catalogue::{Guide, Wrong};
use crate::guide::found::{Found, found};
use crate::guide::guides::{GuidesAction, GuidesAnswer, GuidesRejection, services_of_plan};
use crate::guide::search::Fit;
use crate::guide::sheet::{GuideSheet, SheetFault};
use crate::runtime::{AskError, Owner, Request};
use crate::web::http::body::fingerprint;
use crate::web::http::caller::{Manager, app, id_of};
use crate::web::http::entity_tag::IfMatch;
use crate::web::http::rate_limit::Who;
use crate::web::http::{App, Problem, ProblemKind, RequestKey};
use actix_web::HttpRequest;
use hall::id::{CommandId, HallId};
use hall::text::Text;
use hall::text::typed;
use hall::{Actor, Hall};
use office::Encoding;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use utoipa::ToSchema;

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

/// What is in force after a sheet was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdoptedGuide {
    /// 0 after a dry run of a first guide.
    pub revision: u64,
    pub dry_run: bool,
    pub matters: usize,
    pub articles: usize,
    pub words: usize,
    /// The encoding of the sheet, unless it was UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_as: Option<&'static str>,
}

/// The guide of a hall, ready for questions.
pub async fn ready(hall: &Owner<Hall>, request: &HttpRequest) -> Arc<Ready> {
    let app = app(request);
    let plan = hall.read(|hall| hall.plan().clone());
    app.shelf.ready(&app.halls.guides, &plan).await
}

/// Looks a question up.
pub async fn answer(
    hall: &Owner<Hall>,
    question: &str,
    request: &HttpRequest,
) -> Result<GuideAnswer, Problem> {
    app(request).limits.questions.admit(&Who::sends(request))?;
    let ready = ready(hall, request).await;
    let question = typed::plain(question);
    let search = app(request).shelf.search(&ready, &question);
    let listed = |fits: &[Fit]| {
        let found = fits.iter().filter_map(|fit| found(&ready.guide, &fit.id));
        found.collect()
    };
    let word = search
        .elsewhere
        .and_then(|idea| ready.guide.words.get(usize::from(idea)));
    Ok(GuideAnswer {
        results: listed(&search.answers),
        nearest: listed(&search.nearest),
        elsewhere: word.and_then(|word| word.says.clone()),
    })
}

/// Keeps a question that was asked in vain for the manager. Nobody waits for it, and if the store cannot take it, the
/// answer is as good.
pub fn note_miss(hall: &Owner<Hall>, question: &str, answer: &GuideAnswer, request: &HttpRequest) {
    if !answer.results.is_empty() || question.trim().is_empty() {
        return;
    }
    let guides = app(request).halls.guides.clone();
    let id = CommandId::parse(format!("miss/{}", fresh_token()))
        .expect("a word and hex digits make a command id");
    let action = GuidesAction::NoteMiss {
        hall: id_of(hall),
        question: question.to_owned(),
    };
    let request = Request::of_program(id, Actor::Citizen, action);
    tokio::spawn(async move {
        if let Err(error) = guides.ask(request).await {
            tracing::warn!(?error, "a missed question was not kept");
        }
    });
}

/// A manager has seen to a missed question.
pub async fn settle_miss(
    manager: &Manager,
    key: &RequestKey,
    question: String,
    app: &App,
) -> Result<(), Problem> {
    let hall = id_of(&manager.hall);
    let action = GuidesAction::SettleMiss { hall, question };
    let request = key.request(manager.actor.clone(), action);
    let settled = app.halls.guides.ask(request).await;
    settled.map(drop).map_err(problem_of)
}

/// The guide in force and its revision; an empty one if the hall has none of its own.
pub fn in_force(hall: &HallId, app: &App) -> (u64, Arc<Guide>) {
    let kept = app.halls.guides.read(|guides| {
        let kept = guides.of(hall)?;
        Some((kept.revision, kept.guide.clone()))
    });
    kept.unwrap_or_default()
}

/// Takes a sheet in place of the part that it is, whole or not at all. The other parts must still be those that the
/// manager saw.
pub async fn adopt(
    manager: &Manager,
    key: RequestKey,
    sheet: &[u8],
    seen: &IfMatch,
    dry_run: bool,
    app: &App,
) -> Result<AdoptedGuide, Problem> {
    let read = GuideSheet::read_with_encoding(sheet);
    let (part, encoding) = read.map_err(|faults| of_faults(&faults))?;
    let (hall, services) = manager.hall.read(services_of_plan);
    let (revision, before) = in_force(&hall, app);
    let guide = part.into_guide(Guide::clone(&before));
    let checked = guide.check(&services);
    checked.map_err(|wrongs| of_wrongs(&wrongs))?;
    let adopted = |revision| AdoptedGuide {
        revision,
        dry_run,
        matters: guide.matters.len(),
        articles: guide.articles.len(),
        words: guide.words.len(),
        read_as: (encoding != Encoding::Utf8).then(|| encoding.name()),
    };
    if dry_run {
        return Ok(adopted(revision));
    }
    let seen = seen.revision(
        "If-Match 应为指南的版本号。",
        "If-Match is the guide's revision, as its sheets give it in ETag.",
    )?;
    let action = GuidesAction::AdoptGuide {
        hall,
        guide: Arc::new(guide.clone()),
        services,
        expected_revision: Some(seen.unwrap_or(revision)),
        first_only: false,
    };
    let key = key.saying(fingerprint(&app.secret, sheet));
    let request = key.request(manager.actor.clone(), action);
    let reply = app.halls.guides.ask(request).await;
    Ok(match reply.map_err(problem_of)?.answer {
        GuidesAnswer::Adopted { revision } => adopted(revision),
        GuidesAnswer::Done => adopted(revision),
    })
}

/// Why the owner did not do it.
fn problem_of(error: AskError<GuidesRejection>) -> Problem {
    Problem::from_ask(error, |rejection| {
        match rejection {
        GuidesRejection::Changed { revision } => ProblemKind::StalePlan.because(format!("指南刚被别人改过(现为第{revision}版),请重新下载后再改。"),
            format!("Somebody else changed the guide (it is revision {revision} now); download it again and change that."),
        )
        .with("revision", revision),
        GuidesRejection::Wrong(wrongs) => of_wrongs(&wrongs),
    }
    })
}

fn of_faults(faults: &[SheetFault]) -> Problem {
    let errors = faults.iter().map(|fault| {
        let (line, column) = (fault.line, &fault.column);
        let pointer = format!("/{line}/{column}");
        json!({ "line": line, "column": column, "message": fault.reason, "pointer": pointer })
    });
    let first = faults.first().map(ToString::to_string).unwrap_or_default();
    let count = faults.len();
    invalid(
        format!("表格有{count}处错误,什么都没改。第一处:{first}"),
        format!("The sheet has {count} faults, and nothing was changed. The first: {first}"),
        errors.collect(),
    )
}

fn of_wrongs(wrongs: &[Wrong]) -> Problem {
    let pointer = |field: &str| format!("/{}", field.replace(['.', '['], "/").replace(']', ""));
    let errors = wrongs
        .iter()
        .map(|wrong| json!({ "pointer": pointer(&wrong.field), "message": wrong.reason }));
    let first = wrongs.first();
    let first = first.map(|wrong| format!("{} {}", wrong.field, wrong.reason));
    let (count, first) = (wrongs.len(), first.unwrap_or_default());
    invalid(
        format!("指南有{count}处错误,什么都没改。第一处:{first}"),
        format!("The guide has {count} faults, and nothing was changed. The first: {first}"),
        errors.collect(),
    )
}

fn invalid(zh: String, en: String, errors: Vec<Value>) -> Problem {
    ProblemKind::Validation
        .because(zh, en)
        .with("errors", json!(errors))
}
