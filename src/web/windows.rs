//! An officer at a window.

use super::ask::Asker;
use super::body::{Body, RequestKey};
use super::caller::Officer;
use super::problem::Problem;
use crate::access::fresh_token;
use actix_web::web;
use hall::Answer;
use hall::id::{ServiceId, TicketNumber, Token, WindowNumber};
use hall::record::answer::WindowAnswer;
use hall::record::command::{Action, Finish, TransferTo};
use hall::state::ticket::VisitOutcome;
use hall::text::Language;
use hall::view::{self, CandidateView, ConsoleView, SignOffView};
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

pub async fn act(
    officer: Officer,
    key: RequestKey,
    body: Body<WindowForm>,
    path: web::Path<(String, u16, WindowAction)>,
) -> Result<web::Json<WindowAnswer>, Problem> {
    let (_, number, action) = path.into_inner();
    let window = WindowNumber(number);
    let action = wanted(window, action, body.form, officer.several_windows)?;
    let asker = Asker {
        hall: &officer.hall,
        actor: officer.actor,
        key: &key,
        fingerprint: &body.fingerprint,
    };
    Ok(web::Json(match asker.ask(action).await?.answer {
        Answer::Window(answer) => answer,
        Answer::Done
        | Answer::Taken(_)
        | Answer::Declined { .. }
        | Answer::Leased(_)
        | Answer::Ticket(_)
        | Answer::Redirected(_)
        | Answer::Held(_)
        | Answer::Booked(_)
        | Answer::Appointment(_)
        | Answer::Plan { .. } => WindowAnswer {
            window,
            ticket: None,
        },
    }))
}

pub async fn show(
    officer: Officer,
    path: web::Path<(String, u16)>,
) -> Result<web::Json<ConsoleView>, Problem> {
    let (_, number) = path.into_inner();
    let now = officer.hall.now();
    let console = officer
        .hall
        .read(|hall| view::console(hall, WindowNumber(number), now));
    console
        .map(web::Json)
        .ok_or_else(|| Problem::not_found("该窗口", "window"))
}

/// Whom a sign-off would leave behind, before it is asked for.
pub async fn sign_off(
    officer: Officer,
    path: web::Path<(String, u16)>,
) -> Result<web::Json<SignOffView>, Problem> {
    let window = WindowNumber(path.into_inner().1);
    let now = officer.hall.now();
    let left = officer.hall.read(|hall| view::sign_off(hall, window, now));
    left.map(web::Json)
        .ok_or_else(|| Problem::not_found("该窗口", "window"))
}

pub async fn next(
    officer: Officer,
    path: web::Path<(String, u16)>,
) -> Result<web::Json<NextAnswer>, Problem> {
    let window = WindowNumber(path.into_inner().1);
    let now = officer.hall.now();
    let candidates = officer.hall.read(|hall| {
        let is_there = hall.windows.contains_key(&window);
        is_there.then(|| view::explain(hall, window, now))
    });
    candidates
        .map(|candidates| web::Json(NextAnswer { window, candidates }))
        .ok_or_else(|| Problem::not_found("该窗口", "window"))
}

fn wanted(
    window: WindowNumber,
    action: WindowAction,
    form: WindowForm,
    several_windows: bool,
) -> Result<Action, Problem> {
    let missing = |pointer: &str| Problem::invalid(pointer, "缺少此项", "this field is required");
    let number = form.number.clone();
    let number = || number.ok_or_else(|| missing("/number"));
    let finish = Finish {
        outcome: form.outcome.unwrap_or_default(),
        fees: form.fees.unwrap_or_default(),
        cases: form.cases,
        note: form.note.clone(),
        number: form.number.clone(),
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
            number: number()?,
            reason: form.reason,
        },
        WindowAction::Recall => Action::Recall { window },
        WindowAction::Start => Action::Start { window },
        WindowAction::Finish => Action::Finish { window, finish },
        WindowAction::FinishAndCallNext => Action::FinishAndCallNext { window, finish },
        WindowAction::Missed => Action::Miss { window },
        WindowAction::Park => Action::Park {
            window,
            note: form.note,
        },
        WindowAction::Resume => Action::Resume {
            window,
            number: number()?,
        },
        WindowAction::Transfer => {
            let to = TransferTo {
                service: form.service,
                window: form.window,
            };
            Action::Transfer {
                window,
                to,
                note: form.note,
            }
        }
        WindowAction::NextService => Action::NextService {
            window,
            service: form.service.ok_or_else(|| missing("/service"))?,
        },
        WindowAction::ServeDirectly => Action::ServeDirectly {
            window,
            service: form.service.ok_or_else(|| missing("/service"))?,
            token: Token::parse(fresh_token()).expect("a fresh token is a token"),
            language: form.language,
        },
        WindowAction::Undo => Action::Undo { window },
        WindowAction::Pause => Action::PauseWindow {
            window,
            reason: form.reason.ok_or_else(|| missing("/reason"))?,
        },
        WindowAction::ResumeWindow => Action::ResumeWindow { window },
        WindowAction::Close => Action::CloseWindow { window },
    })
}
