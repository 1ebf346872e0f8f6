//! The guide over HTTP: a question for everybody, the sheets for managers.

use crate::files;
use crate::guide::catalogue::Guide;
use crate::guide::miss::Missed;
use crate::guide::sheet::{SheetKind, write_articles, write_matters, write_words};
use crate::web::guide::verbs::{self, AdoptedGuide, GuideAnswer, answer, in_force, note_miss};
use crate::web::http::body::too_large;
use crate::web::http::caller::{Guest, Manager, app, id_of};
use crate::web::http::entity_tag::{IfMatch, tag_of_revision};
use crate::web::http::{App, Problem, RequestKey, Typed, Unread, describe};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `?q=`.
#[derive(Debug, Deserialize, IntoParams)]
pub struct QuestionQuery {
    #[serde(default)]
    #[param(required = true)]
    pub q: String,
    /// Asked while somebody still types: what is not found then is no missed question.
    #[serde(default)]
    pub typing: Option<String>,
}

/// What the manager is told of missed questions.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissList {
    /// The most asked first.
    pub misses: Vec<Missed>,
}

/// `?dry_run`.
#[derive(Debug, Deserialize, IntoParams)]
pub struct DryRun {
    dry_run: Option<String>,
}

describe!(ask: "What a question comes to in the hall's guide, best first");
pub async fn ask(
    guest: Guest,
    question: web::Query<QuestionQuery>,
    request: HttpRequest,
) -> Result<web::Json<GuideAnswer>, Problem> {
    let answer = answer(&guest.hall, &question.q, &request).await?;
    if question.typing.is_none() {
        note_miss(&guest.hall, &question.q, &answer, &request);
    }
    Ok(web::Json(answer))
}

describe!(misses: "What was asked in vain, without anything of a person");
pub async fn misses(manager: Manager, app: web::Data<App>) -> web::Json<MissList> {
    let hall = id_of(&manager.hall);
    let misses = app.halls.guides.read(|guides| guides.missed(&hall));
    web::Json(MissList { misses })
}

describe!(sheet: "articles, words or matters: a sheet to change and send back");
/// One part of the guide as a sheet that can be changed and sent back.
pub async fn sheet(
    manager: Manager,
    path: web::Path<(String, SheetKind)>,
    app: web::Data<App>,
) -> HttpResponse {
    const CSV: &str = "text/csv; charset=utf-8";
    const TOML: &str = "application/toml; charset=utf-8";
    let id = id_of(&manager.hall);
    let (revision, guide) = in_force(&id, &app);
    let (text, content_type, ending) = match path.1 {
        SheetKind::Articles => (write_articles(&guide.articles), CSV, "articles.csv"),
        SheetKind::Words => (write_words(&guide.words), CSV, "words.csv"),
        SheetKind::Matters => (write_matters(&guide.matters), TOML, "services.toml"),
    };
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(tag_of_revision(revision))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{id}-{ending}\""),
        ))
        .body(text)
}

describe!(
    adopt: "Takes a sheet of the guide (articles or words as CSV, matters as TOML, or all as JSON), whole or not at all"
);
pub async fn adopt(
    manager: Manager,
    key: RequestKey,
    query: web::Query<DryRun>,
    request: HttpRequest,
    payload: Unread<web::Payload, Guide>,
) -> Result<Typed<AdoptedGuide>, Problem> {
    let sheet = payload.0.to_bytes_limited(files::LARGEST).await;
    let sheet = sheet
        .map_err(|_| too_large(&"more than 8 MiB"))?
        .map_err(|error| too_large(&error))?;
    let seen = IfMatch::of(&request);
    let dry_run = query.dry_run.as_deref();
    let dry_run = dry_run.is_some_and(|wanted| wanted != "false");
    let adopted = verbs::adopt(&manager, key, &sheet, &seen, dry_run, app(&request)).await?;
    let mut response = HttpResponse::Ok();
    if !dry_run {
        response.insert_header(tag_of_revision(adopted.revision));
    }
    Ok(response.json(adopted).into())
}
