//! Every refusal over HTTP, in one place: RFC 9457 problem details, in the reader's language.

use crate::access;
use crate::runtime::AskError;
use crate::web::http::header_of;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use hall::Rejection;
use hall::record::answer::Redirected;
use hall::record::redirect::RedirectReason;
use hall::text::{Language, Text};
use hall_log::TroubleKind;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt;

/// A refusal with what the caller can do about it.
#[derive(Clone, Debug)]
pub struct Problem {
    pub kind: ProblemKind,
    pub detail: Text,
    /// What else the type carries: `opens_at`, `alternatives`, `tickets` …
    pub extra: Map<String, Value>,
}

macro_rules! kinds {
    ($($Kind:ident: $name:literal, $status:literal, $zh:literal, $en:literal;)+) => {
        /// The types of `urn:paihao:…`, each with its status and title.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemKind {
            $($Kind,)+
        }

        impl ProblemKind {
            /// Its name behind `urn:paihao:`, its status, and its title for people, in Chinese and English.
            fn facts(self) -> (&'static str, u16, &'static str, &'static str) {
                match self {
                    $(ProblemKind::$Kind => ($name, $status, $zh, $en),)+
                }
            }
        }
    };
}

kinds! {
    NotOpen: "not-open", 409, "现在不能取号", "Not open";
    Redirect: "redirect", 409, "请换一种方式办理", "Better done elsewhere";
    WouldStrand: "would-strand", 409, "还有人等候", "People would be stranded";
    WouldEndDay: "would-end-day", 409, "当天会提前结束", "The day would end";
    WindowBusy: "window-busy", 409, "窗口正在办理", "Window busy";
    NotYourWindow: "not-your-window", 409, "不是您的窗口", "Not your window";
    WrongStage: "wrong-stage", 409, "当前状态不能操作", "Not possible now";
    AlreadyOpen: "already-open", 409, "窗口已开", "Already open";
    AlreadyExists: "already-exists", 409, "已经存在", "Already exists";
    LimitReached: "limit-reached", 409, "次数已用完", "Limit reached";
    TooEarly: "too-early", 409, "太早了", "Too early";
    TooLate: "too-late", 409, "已过时限", "Too late";
    SlotFull: "slot-full", 409, "已约满", "No place left";
    StalePlan: "stale-plan", 412, "方案已被修改", "Plan changed meanwhile";
    Validation: "validation", 422, "内容有误", "Invalid request";
    KeyReused: "key-reused", 422, "重复的请求编号", "Key used for another request";
    Unauthorized: "unauthorized", 401, "请先登录", "Sign in first";
    Forbidden: "forbidden", 403, "没有权限", "Not allowed";
    NotFound: "not-found", 404, "没有找到", "Not found";
    RequestTimeout: "request-timeout", 408, "请求没有及时送达", "Request too slow";
    TooManyRequests: "too-many-requests", 429, "请求过多", "Too many requests";
    OutcomeUnknown: "outcome-unknown", 503, "结果未知", "Outcome unknown";
    Unavailable: "unavailable", 503, "暂时不可用", "Unavailable";
}

impl ProblemKind {
    /// Its name behind `urn:paihao:`.
    pub fn name(self) -> &'static str {
        self.facts().0
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.facts().1).expect("the table has statuses only")
    }

    /// For people.
    pub fn title(self) -> Text {
        let (_, _, zh, en) = self.facts();
        Text::new(zh, en)
    }

    /// A problem with nothing more to say than this: what is the matter, and what to do.
    pub fn because(self, zh: impl Into<String>, en: impl Into<String>) -> Problem {
        Problem::of(self, Text::new(zh, en))
    }
}

impl Problem {
    fn of(kind: ProblemKind, detail: Text) -> Problem {
        let extra = Map::new();
        Problem {
            kind,
            detail,
            extra,
        }
    }

    /// A field that makes no sense.
    pub fn invalid(
        pointer: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Problem {
        let en = en.into();
        let errors = [(pointer.into(), en.clone())];
        ProblemKind::Validation.because(zh, en).with_errors(errors)
    }

    /// Something that is not there.
    pub fn not_found(zh: &str, en: &str) -> Problem {
        ProblemKind::NotFound.because(format!("没有找到{zh}。"), format!("There is no such {en}."))
    }

    /// An `Idempotency-Key`, or a paper's id, that named something else before.
    pub fn key_reused() -> Problem {
        ProblemKind::KeyReused.because(
            "该请求编号已用于另一请求,请换一个编号。",
            "This Idempotency-Key came with another body before. Use a new key for a new request.",
        )
    }

    /// The same problem carrying something more.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Problem {
        self.extra.insert(name.into(), json!(value));
        self
    }

    /// The same problem naming each wrong place, and what is wrong there.
    pub fn with_errors<M: Serialize>(
        self,
        errors: impl IntoIterator<Item = (String, M)>,
    ) -> Problem {
        let error = |(pointer, message)| json!({ "pointer": pointer, "message": message });
        let errors: Vec<Value> = errors.into_iter().map(error).collect();
        self.with("errors", errors)
    }

    /// The rules say no.
    pub fn from_rejection(rejection: &Rejection) -> Problem {
        use ProblemKind as Kind;
        let of = |kind| Problem::of(kind, rejection.detail());
        match rejection {
            Rejection::NotOpen {
                reason,
                phase,
                opens_at,
            } => of(Kind::NotOpen)
                .with("reason", reason)
                .with("phase", phase)
                .with("opens_at", opens_at),
            Rejection::NumbersUsedUp { opens_at } => of(Kind::Redirect)
                .with("reason", RedirectReason::Full)
                .with("may_insist", false)
                .with("opens_at", opens_at),
            Rejection::NotAllowed => of(Kind::Forbidden),
            Rejection::WouldStrand { tickets } => of(Kind::WouldStrand).with("tickets", tickets),
            Rejection::WouldStrandBookings { bookings } => {
                of(Kind::WouldStrand).with("bookings", bookings)
            }
            Rejection::WouldEndDay { date } => of(Kind::WouldEndDay).with("date", date),
            Rejection::SlotFull { slot, may_wait } => of(Kind::SlotFull)
                .with("slot", slot)
                .with("may_wait", may_wait),
            Rejection::WindowBusy { window, ticket } => of(Kind::WindowBusy)
                .with("window", window)
                .with("ticket", ticket),
            Rejection::NotYourWindow { window, .. } => {
                of(Kind::NotYourWindow).with("window", window)
            }
            Rejection::AlreadyOpen { window } => of(Kind::AlreadyOpen).with("window", window),
            Rejection::WindowPaused { window } | Rejection::NoTicket { window } => {
                of(Kind::WrongStage).with("window", window)
            }
            Rejection::NotOffered { window, service } => of(Kind::WrongStage)
                .with("window", window)
                .with("service", service),
            Rejection::WrongStage { ticket, stage } => of(Kind::WrongStage)
                .with("ticket", ticket)
                .with("stage", stage),
            Rejection::Leaving { ticket } => of(Kind::WrongStage).with("ticket", ticket),
            Rejection::WrongStanding { standing } => {
                of(Kind::WrongStage).with("standing", standing)
            }
            Rejection::CallingPaused { reason } => of(Kind::WrongStage).with("reason", reason),
            Rejection::ComesToYou { .. } => of(Kind::WrongStage),
            Rejection::LimitReached { .. } => of(Kind::LimitReached),
            Rejection::Blocked { until } => of(Kind::LimitReached).with("until", until),
            Rejection::TooEarly { at }
            | Rejection::CheckInNotYet { at }
            | Rejection::BookingOpensLater { at } => of(Kind::TooEarly).with("at", at),
            Rejection::TooLate { .. } => of(Kind::TooLate),
            Rejection::Invalid { pointer, message } => {
                of(Kind::Validation).with_errors([(pointer.to_string(), &message.en)])
            }
            Rejection::NotFound { .. } => of(Kind::NotFound),
            Rejection::StaleRevision { current } => of(Kind::StalePlan).with("revision", current),
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
        Problem::of(ProblemKind::Redirect, reason.detail(*opens_at))
            .with("service", service)
            .with("reason", reason)
            .with("may_insist", may_insist)
            .with("opens_at", opens_at)
    }

    /// The register says no.
    pub fn from_access(rejection: &access::Rejection) -> Problem {
        use access::Rejection as No;
        let (kind, field) = match rejection {
            No::SetupClosed
            | No::WrongSetupToken
            | No::NotADemo
            | No::NotAllowed
            | No::DemoIdentity { .. } => (ProblemKind::Forbidden, None),
            No::WrongCredentials => (ProblemKind::Unauthorized, None),
            No::UnknownAccount { .. } | No::UnknownDevice { .. } => (ProblemKind::NotFound, None),
            No::AlreadyExists { .. } => (ProblemKind::AlreadyExists, None),
            No::Disabled { .. } => (ProblemKind::WrongStage, None),
            No::LastManager { .. } => (ProblemKind::LimitReached, None),
            No::WeakSecret { .. } => (ProblemKind::Validation, Some("/secret")),
            No::Name { .. } => (ProblemKind::Validation, Some("/name")),
            No::TokenInUse => (ProblemKind::Unavailable, None),
        };
        let detail = rejection.detail();
        let errors = field.map(|field| (field.to_string(), detail.en.clone()));
        let problem = Problem::of(kind, detail);
        match errors {
            Some(error) => problem.with_errors([error]),
            None => problem,
        }
    }

    /// No answer from an owner; what a rejection of its rules means, `rejected` says.
    pub fn from_ask<R>(error: AskError<R>, rejected: impl FnOnce(R) -> Problem) -> Problem {
        match error {
            AskError::Rejected(rejection) => rejected(rejection),
            AskError::KeyReused => Problem::key_reused(),
            AskError::Unavailable(reason) => ProblemKind::Unavailable.because(
                format!("系统暂时无法处理,没有任何改动,请稍后再试({reason})。"),
                format!("Nothing has happened; try again in a moment ({reason})."),
            ),
            AskError::StoreTrouble(kind) => Problem::of_store(kind),
            AskError::ClockHeld => ProblemKind::Unavailable.because(
                "服务器的时钟可能不准，须经理确认时间后才能取号和叫号。请联系工作人员。",
                "The server's clock may be wrong; a manager has to confirm the time before anything can happen. Please tell \
                 the staff.",
            ),
            AskError::OutcomeUnknown => ProblemKind::OutcomeUnknown.because(
                "尚不能确定是否成功,请用同一请求编号重试。",
                "It is not known whether this took effect. Retry with the same Idempotency-Key.",
            ),
        }
    }

    /// The store takes nothing now, and why.
    fn of_store(kind: TroubleKind) -> Problem {
        let Text { zh, en } = store_trouble(kind);
        let (do_zh, do_en) = match kind.needs_a_hand() {
            false => (
                "请稍后再试，并告诉工作人员",
                "Try again in a moment and tell the staff",
            ),
            true => (
                "要等技术人员处理，请到服务台，工作人员会安排",
                "A technician has to act first; go to the desk, the staff will help",
            ),
        };
        let zh = format!("系统现在存不下数据：{zh}。{do_zh}；同一请求不会办两次。");
        let en = format!(
            "The server cannot keep anything now: {en}. {do_en}; the same request is not carried out twice."
        );
        ProblemKind::Unavailable
            .because(zh, en)
            .with("trouble", kind.name())
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
        if self.kind == ProblemKind::OutcomeUnknown {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
        let body =
            serde_json::to_vec(&self.body(language)).expect("problems have string keys only");
        response.content_type("application/problem+json").body(body)
    }
}

/// What is the matter with the store, as part of a sentence.
pub fn store_trouble(kind: TroubleKind) -> Text {
    let (zh, en) = match kind {
        TroubleKind::DiskFull => ("磁盘已满", "its disk is full"),
        TroubleKind::FileTooLarge => ("文件大小到了上限", "its file may not grow"),
        TroubleKind::ReadOnly => ("磁盘变成只读", "its disk is read-only"),
        TroubleKind::WriteFailed => ("磁盘写入失败", "its disk does not write"),
        TroubleKind::SyncFailed => ("磁盘不确认写入", "its disk does not confirm what it writes"),
        TroubleKind::FileGone => ("数据文件不见了", "its file is gone"),
        TroubleKind::FileReplaced => ("数据文件被换掉了", "its file was replaced"),
        TroubleKind::Damaged => ("数据文件已损坏", "its file is damaged"),
        TroubleKind::Weakened => (
            "Redis 的设置变了，断电会丢号",
            "its Redis may lose what it takes",
        ),
        TroubleKind::NotAnswering => ("Redis 没有回应", "its Redis does not answer"),
        TroubleKind::MemoryFull => ("Redis 的内存已满", "the memory of its Redis is full"),
        TroubleKind::ReplicasMissing => ("Redis 的副本不在", "its Redis misses its replicas"),
        TroubleKind::ClockApart => (
            "本机时钟与 Redis 的时钟不一致",
            "this server's clock and that of its Redis differ",
        ),
        TroubleKind::Emptied => ("Redis 被清空了", "its Redis was emptied"),
        TroubleKind::HistoryLost => (
            "Redis 丢了已确认的记录",
            "its Redis has lost what it had confirmed",
        ),
        TroubleKind::HistoryReplaced => {
            ("Redis 的数据被换掉了", "its Redis has another history now")
        }
        TroubleKind::SecretChanged => ("Redis 的密钥被改了", "the key in its Redis was changed"),
        TroubleKind::Held => ("数据文件被别的程序占用", "another program holds its file"),
        TroubleKind::Other => ("存储出错", "its store fails"),
    };
    Text::new(zh, en)
}

/// What is looked for and may not be there: `view.or_not_found("该窗口", "window")?`.
pub trait OrNotFound<T> {
    fn or_not_found(self, zh: &str, en: &str) -> Result<T, Problem>;
}

impl<T> OrNotFound<T> for Option<T> {
    fn or_not_found(self, zh: &str, en: &str) -> Result<T, Problem> {
        self.ok_or_else(|| Problem::not_found(zh, en))
    }
}

impl From<AskError<Rejection>> for Problem {
    fn from(error: AskError<Rejection>) -> Problem {
        Problem::from_ask(error, |rejection| Problem::from_rejection(&rejection))
    }
}

impl From<AskError<access::Rejection>> for Problem {
    fn from(error: AskError<access::Rejection>) -> Problem {
        Problem::from_ask(error, |rejection| Problem::from_access(&rejection))
    }
}

/// The cookie that remembers a browser's language.
pub const LANGUAGE_COOKIE: &str = "paihao-lang";

/// The language a request asks for: `?lang=`, else the one chosen before, else the first of `Accept-Language` that we
/// have, else Chinese.
pub fn language_of(request: &HttpRequest) -> Language {
    let chosen = request.cookie(LANGUAGE_COOKIE);
    let accepted = header_of(request, header::ACCEPT_LANGUAGE);
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
