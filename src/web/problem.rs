//! Every refusal over HTTP, in one place: RFC 9457 problem details, in the reader's language.

use crate::access;
use crate::runtime::AskError;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use hall::Rejection;
use hall::record::answer::Redirected;
use hall::record::redirect::RedirectReason;
use hall::text::{Language, Text};
use serde_json::{Map, Value, json};
use std::fmt;

/// A refusal with what the caller can do about it.
#[derive(Clone, Debug)]
pub struct Problem {
    pub kind: Kind,
    pub detail: Text,
    /// What else the type carries: `opens_at`, `alternatives`, `tickets` …
    pub extra: Map<String, Value>,
}

/// The types of `urn:paihao:…`, each with its status and title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    NotOpen,
    Redirect,
    WouldStrand,
    WouldEndDay,
    WindowBusy,
    NotYourWindow,
    WrongStage,
    AlreadyOpen,
    AlreadyExists,
    LimitReached,
    TooEarly,
    TooLate,
    SlotFull,
    StalePlan,
    Validation,
    KeyReused,
    Unauthorized,
    Forbidden,
    NotFound,
    TooManyRequests,
    OutcomeUnknown,
    Unavailable,
}

impl Kind {
    /// Its name behind `urn:paihao:`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::NotOpen => "not-open",
            Kind::Redirect => "redirect",
            Kind::WouldStrand => "would-strand",
            Kind::WouldEndDay => "would-end-day",
            Kind::WindowBusy => "window-busy",
            Kind::NotYourWindow => "not-your-window",
            Kind::WrongStage => "wrong-stage",
            Kind::AlreadyOpen => "already-open",
            Kind::AlreadyExists => "already-exists",
            Kind::LimitReached => "limit-reached",
            Kind::TooEarly => "too-early",
            Kind::TooLate => "too-late",
            Kind::SlotFull => "slot-full",
            Kind::StalePlan => "stale-plan",
            Kind::Validation => "validation",
            Kind::KeyReused => "key-reused",
            Kind::Unauthorized => "unauthorized",
            Kind::Forbidden => "forbidden",
            Kind::NotFound => "not-found",
            Kind::TooManyRequests => "too-many-requests",
            Kind::OutcomeUnknown => "outcome-unknown",
            Kind::Unavailable => "unavailable",
        }
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Kind::NotOpen
            | Kind::Redirect
            | Kind::WouldStrand
            | Kind::WouldEndDay
            | Kind::WindowBusy
            | Kind::NotYourWindow
            | Kind::WrongStage
            | Kind::AlreadyOpen
            | Kind::AlreadyExists
            | Kind::LimitReached
            | Kind::TooEarly
            | Kind::TooLate
            | Kind::SlotFull => StatusCode::CONFLICT,
            Kind::StalePlan => StatusCode::PRECONDITION_FAILED,
            Kind::Validation | Kind::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Unauthorized => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Kind::OutcomeUnknown | Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// For people.
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Kind::NotOpen => ("现在不能取号", "Not open"),
            Kind::Redirect => ("请换一种方式办理", "Better done elsewhere"),
            Kind::WouldStrand => ("还有人等候", "People would be stranded"),
            Kind::WouldEndDay => ("当天会提前结束", "The day would end"),
            Kind::WindowBusy => ("窗口正在办理", "Window busy"),
            Kind::NotYourWindow => ("不是您的窗口", "Not your window"),
            Kind::WrongStage => ("当前状态不能操作", "Not possible now"),
            Kind::AlreadyOpen => ("窗口已开", "Already open"),
            Kind::AlreadyExists => ("已经存在", "Already exists"),
            Kind::LimitReached => ("次数已用完", "Limit reached"),
            Kind::TooEarly => ("太早了", "Too early"),
            Kind::TooLate => ("已过时限", "Too late"),
            Kind::SlotFull => ("已约满", "No place left"),
            Kind::StalePlan => ("方案已被修改", "Plan changed meanwhile"),
            Kind::Validation => ("内容有误", "Invalid request"),
            Kind::KeyReused => ("重复的请求编号", "Key used for another request"),
            Kind::Unauthorized => ("请先登录", "Sign in first"),
            Kind::Forbidden => ("没有权限", "Not allowed"),
            Kind::NotFound => ("没有找到", "Not found"),
            Kind::TooManyRequests => ("请求过多", "Too many requests"),
            Kind::OutcomeUnknown => ("结果未知", "Outcome unknown"),
            Kind::Unavailable => ("暂时不可用", "Unavailable"),
        };
        Text::new(zh, en)
    }
}

impl Problem {
    /// A problem with nothing more to say than its detail.
    pub fn new(kind: Kind, zh: impl Into<String>, en: impl Into<String>) -> Problem {
        Problem {
            kind,
            detail: Text::new(zh, en),
            extra: Map::new(),
        }
    }

    /// A field that makes no sense.
    pub fn invalid(
        pointer: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Problem {
        let problem = Problem::new(Kind::Validation, zh, en);
        let message = problem.detail.en.clone();
        problem.with(
            "errors",
            json!([{ "pointer": pointer.into(), "message": message }]),
        )
    }

    /// Something that is not there.
    pub fn not_found(zh: &str, en: &str) -> Problem {
        Problem::new(
            Kind::NotFound,
            format!("没有找到{zh}。"),
            format!("There is no such {en}."),
        )
    }

    /// An `Idempotency-Key`, or a paper's id, that named something else before.
    pub fn key_reused() -> Problem {
        key_reused()
    }

    /// The same problem carrying something more.
    pub fn with(mut self, name: &str, value: Value) -> Problem {
        self.extra.insert(name.into(), value);
        self
    }

    /// The rules say no.
    pub fn from_rejection(rejection: &Rejection) -> Problem {
        let problem = Problem {
            kind: kind_of(rejection),
            detail: rejection.detail(),
            extra: Map::new(),
        };
        match rejection {
            Rejection::NotOpen {
                reason,
                phase,
                opens_at,
            } => problem
                .with("reason", json!(reason))
                .with("phase", json!(phase))
                .with("opens_at", json!(opens_at)),
            Rejection::NumbersUsedUp { opens_at } => problem
                .with("reason", json!(RedirectReason::Full))
                .with("may_insist", json!(false))
                .with("opens_at", json!(opens_at)),
            Rejection::WouldStrandBookings { bookings } => {
                problem.with("bookings", json!(bookings))
            }
            Rejection::SlotFull { slot, may_wait } => problem
                .with("slot", json!(slot))
                .with("may_wait", json!(may_wait)),
            Rejection::Blocked { until } => problem.with("until", json!(until)),
            Rejection::WrongStanding { standing } => problem.with("standing", json!(standing)),
            Rejection::CheckInNotYet { at } | Rejection::BookingOpensLater { at } => {
                problem.with("at", json!(at))
            }
            Rejection::WouldStrand { tickets } => problem.with("tickets", json!(tickets)),
            Rejection::WouldEndDay { date } => problem.with("date", json!(date)),
            Rejection::WindowBusy { window, ticket } => problem
                .with("window", json!(window))
                .with("ticket", json!(ticket)),
            Rejection::NotYourWindow { window, .. }
            | Rejection::AlreadyOpen { window }
            | Rejection::WindowPaused { window }
            | Rejection::NoTicket { window } => problem.with("window", json!(window)),
            Rejection::NotOffered { window, service } => problem
                .with("window", json!(window))
                .with("service", json!(service)),
            Rejection::WrongStage { ticket, stage } => problem
                .with("ticket", json!(ticket))
                .with("stage", json!(stage)),
            Rejection::Leaving { ticket } => problem.with("ticket", json!(ticket)),
            Rejection::TooEarly { at } => problem.with("at", json!(at)),
            Rejection::Invalid { pointer, message } => problem.with(
                "errors",
                json!([{ "pointer": pointer, "message": message.en }]),
            ),
            Rejection::StaleRevision { current } => problem.with("revision", json!(current)),
            Rejection::CallingPaused { reason } => problem.with("reason", json!(reason)),
            Rejection::LimitReached { .. }
            | Rejection::TooLate { .. }
            | Rejection::ComesToYou { .. }
            | Rejection::NotFound { .. } => problem,
        }
    }

    /// No number, but other ways.
    pub fn redirect(redirected: &Redirected) -> Problem {
        let Redirected {
            service,
            reason,
            may_insist,
            opens_at,
        } = redirected;
        let detail = reason.detail(*opens_at);
        Problem {
            kind: Kind::Redirect,
            detail,
            extra: Map::new(),
        }
        .with("service", json!(service))
        .with("reason", json!(reason))
        .with("may_insist", json!(may_insist))
        .with("opens_at", json!(opens_at))
    }

    /// The register says no.
    pub fn from_access(rejection: &access::Rejection) -> Problem {
        let kind = match rejection {
            access::Rejection::SetupClosed
            | access::Rejection::WrongSetupToken
            | access::Rejection::NotADemo => Kind::Forbidden,
            access::Rejection::WrongCredentials => Kind::Unauthorized,
            access::Rejection::NotAllowed | access::Rejection::DemoIdentity { .. } => {
                Kind::Forbidden
            }
            access::Rejection::UnknownAccount { .. } | access::Rejection::UnknownDevice { .. } => {
                Kind::NotFound
            }
            access::Rejection::AlreadyExists { .. } => Kind::AlreadyExists,
            access::Rejection::Disabled { .. } => Kind::WrongStage,
            access::Rejection::LastManager { .. } => Kind::LimitReached,
            access::Rejection::WeakSecret { .. } | access::Rejection::Name { .. } => {
                Kind::Validation
            }
            access::Rejection::TokenInUse => Kind::Unavailable,
        };
        let problem = Problem {
            kind,
            detail: rejection.detail(),
            extra: Map::new(),
        };
        let pointer = match rejection {
            access::Rejection::WeakSecret { .. } => "/secret",
            access::Rejection::Name { .. } => "/name",
            _ => return problem,
        };
        let message = problem.detail.en.clone();
        problem.with(
            "errors",
            json!([{ "pointer": pointer, "message": message }]),
        )
    }

    /// The body, for a reader of `language`.
    pub fn body(&self, language: Language) -> Value {
        let mut body = json!({
            "type": format!("urn:paihao:{}", self.kind.name()),
            "title": self.kind.title().in_language(language),
            "status": self.kind.status().as_u16(),
            "detail": self.detail.in_language(language),
            "detail_text": self.detail,
        });
        body.as_object_mut()
            .expect("a literal object")
            .extend(self.extra.clone());
        body
    }

    /// The response for a reader of `language`.
    pub fn respond(&self, language: Language) -> HttpResponse {
        let mut response = HttpResponse::build(self.kind.status());
        if self.kind == Kind::OutcomeUnknown {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
        let body =
            serde_json::to_vec(&self.body(language)).expect("problems have string keys only");
        response.content_type("application/problem+json").body(body)
    }
}

impl From<AskError<Rejection>> for Problem {
    fn from(error: AskError<Rejection>) -> Problem {
        match error {
            AskError::Rejected(rejection) => Problem::from_rejection(&rejection),
            AskError::KeyReused => key_reused(),
            AskError::Unavailable(reason) => unavailable(&reason),
            AskError::OutcomeUnknown => outcome_unknown(),
        }
    }
}

impl From<AskError<access::Rejection>> for Problem {
    fn from(error: AskError<access::Rejection>) -> Problem {
        match error {
            AskError::Rejected(rejection) => Problem::from_access(&rejection),
            AskError::KeyReused => key_reused(),
            AskError::Unavailable(reason) => unavailable(&reason),
            AskError::OutcomeUnknown => outcome_unknown(),
        }
    }
}

fn kind_of(rejection: &Rejection) -> Kind {
    match rejection {
        Rejection::NotOpen { .. } => Kind::NotOpen,
        Rejection::NumbersUsedUp { .. } => Kind::Redirect,
        Rejection::WouldStrand { .. } | Rejection::WouldStrandBookings { .. } => Kind::WouldStrand,
        Rejection::SlotFull { .. } => Kind::SlotFull,
        Rejection::WouldEndDay { .. } => Kind::WouldEndDay,
        Rejection::WindowBusy { .. } => Kind::WindowBusy,
        Rejection::Leaving { .. } => Kind::WrongStage,
        Rejection::NotYourWindow { .. } => Kind::NotYourWindow,
        Rejection::AlreadyOpen { .. } => Kind::AlreadyOpen,
        Rejection::WindowPaused { .. }
        | Rejection::CallingPaused { .. }
        | Rejection::NotOffered { .. }
        | Rejection::NoTicket { .. }
        | Rejection::WrongStanding { .. }
        | Rejection::ComesToYou { .. }
        | Rejection::WrongStage { .. } => Kind::WrongStage,
        Rejection::LimitReached { .. } | Rejection::Blocked { .. } => Kind::LimitReached,
        Rejection::TooEarly { .. }
        | Rejection::CheckInNotYet { .. }
        | Rejection::BookingOpensLater { .. } => Kind::TooEarly,
        Rejection::TooLate { .. } => Kind::TooLate,
        Rejection::Invalid { .. } => Kind::Validation,
        Rejection::NotFound { .. } => Kind::NotFound,
        Rejection::StaleRevision { .. } => Kind::StalePlan,
    }
}

fn key_reused() -> Problem {
    Problem::new(
        Kind::KeyReused,
        "该请求编号已用于另一请求,请换一个编号。",
        "This Idempotency-Key came with another body before. Use a new key for a new request.",
    )
}

fn unavailable(reason: &str) -> Problem {
    Problem::new(
        Kind::Unavailable,
        format!("系统暂时无法处理,没有任何改动,请稍后再试({reason})。"),
        format!("Nothing has happened; try again in a moment ({reason})."),
    )
}

fn outcome_unknown() -> Problem {
    Problem::new(
        Kind::OutcomeUnknown,
        "尚不能确定是否成功,请用同一请求编号重试。",
        "It is not known whether this took effect. Retry with the same Idempotency-Key.",
    )
}

/// The cookie that remembers a browser's language.
pub const LANGUAGE_COOKIE: &str = "paihao-lang";

/// The language a request asks for: `?lang=`, else the one chosen before, else the first of `Accept-Language` that we
/// have, else Chinese.
pub fn language_of(request: &HttpRequest) -> Language {
    let chosen = request.cookie(LANGUAGE_COOKIE);
    let accepted = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|list| list.to_str().ok());
    language_asked_for(request)
        .or_else(|| chosen.and_then(|cookie| language_named(cookie.value())))
        .or_else(|| {
            accepted?
                .split(',')
                .find_map(|entry| language_named(entry.trim()))
        })
        .unwrap_or_default()
}

/// The language that the address itself asks for.
pub fn language_asked_for(request: &HttpRequest) -> Option<Language> {
    request
        .query_string()
        .split('&')
        .find_map(|pair| language_named(pair.strip_prefix("lang=")?))
}

fn language_named(tag: &str) -> Option<Language> {
    match tag.get(..2)? {
        "zh" => Some(Language::Zh),
        "en" => Some(Language::En),
        _ => None,
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.detail.en)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    /// In Chinese; the outer middleware says it again in the reader's language.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        self.respond(Language::Zh)
    }
}
