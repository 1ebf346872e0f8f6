//! An officer at a window.

use crate::web::http::caller::Officer;
use crate::web::http::keyed::draw_token;
use crate::web::http::{Asks, KeyedBody, Needed, OrNotFound, Problem, describe};
use actix_web::web;
use hall::id::{ServiceId, TicketNumber, WindowNumber};
use hall::record::answer::WindowAnswer;
use hall::record::command::{Action, Finish, TransferTo};
use hall::state::ticket::VisitOutcome;
use hall::text::Language;
use hall::view::{self, CandidateView, ConsoleView, SignOffView};
use hall::{Answer, Hall};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `{action}` of `POST /halls/{hall}/windows/{n}/{action}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WindowAction {
    Open,
    CallNext,
    Call,
    Recall,
    Start,
    Finish,
    FinishAndCallNext,
    Missed,
    Park,
    Resume,
    Transfer,
    NextService,
    ServeDirectly,
    Undo,
    Pause,
    ResumeWindow,
    Close,
}

/// What some of those actions need.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowForm {
    /// `open`: the services taken now; all that the window offers if not said.
    pub services: Option<Vec<ServiceId>>,
    /// `call`, `resume`: the printed number. `finish`, `finish-and-call-next`: whose visit is meant, if it matters.
    #[schema(value_type = Option<String>)]
    pub number: Option<TicketNumber>,
    /// `call` out of order, `pause`.
    pub reason: Option<String>,
    /// `finish`.
    pub outcome: Option<VisitOutcome>,
    /// `finish`: at most two decimal places.
    #[schema(value_type = Option<String>)]
    pub fees: Option<Decimal>,
    /// `finish`: how many matters were done.
    pub cases: Option<u16>,
    /// `finish`, `park`, `transfer`.
    pub note: Option<String>,
    /// `transfer`, `next-service`, `serve-directly`.
    pub service: Option<ServiceId>,
    /// `transfer`.
    pub window: Option<WindowNumber>,
    /// `serve-directly`.
    #[serde(default)]
    pub language: Language,
}

/// `GET …/next?explain`.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextAnswer {
    pub window: WindowNumber,
    pub candidates: Vec<CandidateView>,
}

describe!(
    act: "open, call-next, call, recall, start, finish, finish-and-call-next, missed, park, resume, transfer, next-service, serve-directly, undo, pause, resume-window or close"
);
pub async fn act(
    officer: Officer,
    asked: KeyedBody<WindowForm>,
    path: web::Path<(String, WindowNumber, WindowAction)>,
) -> Result<web::Json<WindowAnswer>, Problem> {
    let (_, window, action) = path.into_inner();
    let action = wanted(window, action, asked.form, officer.several_windows)?;
    let reply = officer.asks(&asked.key, action).await?;
    let ticket = None;
    Ok(web::Json(match reply.answer {
        Answer::Window(answer) => answer,
        _ => WindowAnswer { window, ticket },
    }))
}

describe!(show: "The window's console");
pub async fn show(
    officer: Officer,
    path: web::Path<(String, WindowNumber)>,
) -> Result<web::Json<ConsoleView>, Problem> {
    let now = officer.hall.now();
    let console = |hall: &Hall| view::console(hall, path.1, now);
    found(officer.hall.read(console))
}

describe!(sign_off: "Whom a sign-off would leave behind");
pub async fn sign_off(
    officer: Officer,
    path: web::Path<(String, WindowNumber)>,
) -> Result<web::Json<SignOffView>, Problem> {
    let now = officer.hall.now();
    let left = |hall: &Hall| view::sign_off(hall, path.1, now);
    found(officer.hall.read(left))
}

describe!(next: "Who is next, and why");
pub async fn next(
    officer: Officer,
    path: web::Path<(String, WindowNumber)>,
) -> Result<web::Json<NextAnswer>, Problem> {
    let (window, now) = (path.1, officer.hall.now());
    let next = |hall: &Hall| {
        let is_there = hall.windows().contains_key(&window);
        is_there.then(|| NextAnswer {
            window,
            candidates: view::explain(hall, window, now),
        })
    };
    found(officer.hall.read(next))
}

fn found<T>(view: Option<T>) -> Result<web::Json<T>, Problem> {
    view.map(web::Json).or_not_found("该窗口", "window")
}

fn wanted(
    window: WindowNumber,
    action: WindowAction,
    form: WindowForm,
    several_windows: bool,
) -> Result<Action, Problem> {
    let WindowForm {
        number,
        reason,
        note,
        service,
        ..
    } = form;
    let finish = |number| Finish {
        outcome: form.outcome.unwrap_or_default(),
        fees: form.fees.unwrap_or_default(),
        cases: form.cases,
        note: note.clone(),
        number,
    };
    Ok(match action {
        WindowAction::Open => Action::OpenWindow {
            window,
            services: form.services,
            several_windows,
        },
        WindowAction::CallNext => Action::CallNext { window },
        WindowAction::Call => Action::Call {
            window,
            number: number.needed("/number")?,
            reason,
        },
        WindowAction::Recall => Action::Recall { window },
        WindowAction::Start => Action::Start { window },
        WindowAction::Finish => Action::Finish {
            window,
            finish: finish(number),
        },
        WindowAction::FinishAndCallNext => Action::FinishAndCallNext {
            window,
            finish: finish(number),
        },
        WindowAction::Missed => Action::Miss { window },
        WindowAction::Park => Action::Park { window, note },
        WindowAction::Resume => Action::Resume {
            window,
            number: number.needed("/number")?,
        },
        WindowAction::Transfer => {
            let to = TransferTo {
                service,
                window: form.window,
            };
            Action::Transfer { window, to, note }
        }
        WindowAction::NextService => Action::NextService {
            window,
            service: service.needed("/service")?,
        },
        WindowAction::ServeDirectly => Action::ServeDirectly {
            window,
            service: service.needed("/service")?,
            token: draw_token(),
            language: form.language,
        },
        WindowAction::Undo => Action::Undo { window },
        WindowAction::Pause => Action::PauseWindow {
            window,
            reason: reason.needed("/reason")?,
        },
        WindowAction::ResumeWindow => Action::ResumeWindow { window },
        WindowAction::Close => Action::CloseWindow { window },
    })
}
