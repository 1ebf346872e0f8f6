//! What replay asks of a hall. [`super::http`] asks a server, the tests ask the rules in memory.

use chrono::NaiveDate;
use hall::Time;
use hall::id::{ServiceId, TicketNumber, WindowNumber};
use hall::plan::class::Class;
use hall::state::closing::ClosingRecord;
use hall::state::day_report::Figures;
use serde::Deserialize;

/// Why a call came out of order.
pub(crate) const RECORDED_ORDER: &str = "recorded order";
/// Why the manager closes a ticket that nobody called.
pub(crate) const CLOSED_WITHOUT_CALL: &str = "closed without a call, as recorded";

/// A hall on a clock that replay sets.
pub(crate) trait HallApi {
    /// Moves the hall's clock forward to this moment, after everything due up to then.
    async fn advance(&mut self, to: Time) -> Result<(), Failure>;

    /// Asks for one change. `key` names the request for good: sent again it is answered again, not done again.
    async fn ask(&mut self, key: &str, request: &Request) -> Result<Reply, Failure>;

    /// A day's closing record and figures.
    async fn day(&mut self, date: NaiveDate) -> Result<DayFigures, Failure>;
}

/// What the hall gave a citizen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Issued {
    pub(crate) number: TicketNumber,
    pub(crate) token: String,
}

/// One change that a person asks for. `T` is `()` in a script: its tickets have no number yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request<T = Issued> {
    /// At the kiosk.
    Take { service: ServiceId, class: Class },
    /// An officer calls this ticket, whoever is first in line.
    Call { window: WindowNumber, ticket: T },
    /// An officer acts at a window, on the ticket that is there.
    AtWindow {
        window: WindowNumber,
        action: WindowAction,
    },
    /// A citizen acts on a ticket of their own.
    ByHolder { ticket: T, action: HolderAction },
    /// The manager closes the ticket.
    HandOn { ticket: T },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WindowAction {
    Open,
    Close,
    CallNext,
    Recall,
    Start,
    Finish,
    Transfer { service: ServiceId },
    Park,
    Miss,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HolderAction {
    /// The holder of a parked ticket is back.
    Resume,
    /// The holder of a missed ticket is back.
    Return,
    Change {
        service: ServiceId,
    },
    Cancel,
}

impl<T> Request<T> {
    /// Its name in URLs, idempotency keys and reports.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Request::Take { .. } => "take",
            Request::Call { .. } => "call",
            Request::AtWindow { action, .. } => action.name(),
            Request::ByHolder { action, .. } => action.name(),
            Request::HandOn { .. } => "hand-on",
        }
    }
}

impl Request<()> {
    /// The same for a ticket with a number; nothing if it has none and needs one.
    pub(crate) fn for_ticket(&self, issued: Option<&Issued>) -> Option<Request> {
        let ticket = issued.cloned();
        Some(match self.clone() {
            Request::Take { service, class } => Request::Take { service, class },
            Request::Call { window, .. } => Request::Call {
                window,
                ticket: ticket?,
            },
            Request::AtWindow { window, action } => {
                ticket.map(|_| Request::AtWindow { window, action })?
            }
            Request::ByHolder { action, .. } => Request::ByHolder {
                ticket: ticket?,
                action,
            },
            Request::HandOn { .. } => Request::HandOn { ticket: ticket? },
        })
    }
}

impl WindowAction {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            WindowAction::Open => "open",
            WindowAction::Close => "close",
            WindowAction::CallNext => "call-next",
            WindowAction::Recall => "recall",
            WindowAction::Start => "start",
            WindowAction::Finish => "finish",
            WindowAction::Transfer { .. } => "transfer",
            WindowAction::Park => "park",
            WindowAction::Miss => "missed",
        }
    }
}

impl HolderAction {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            HolderAction::Resume => "resume",
            HolderAction::Return => "return",
            HolderAction::Change { .. } => "change",
            HolderAction::Cancel => "cancel",
        }
    }
}

/// What a hall answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Taken(Issued),
    /// The ticket that a window has now.
    AtWindow {
        number: Option<TicketNumber>,
    },
    Done,
    /// The rules say no; in their words.
    Refused {
        reason: String,
    },
}

/// `GET /halls/{hall}/days/{date}`, as far as replay reads it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct DayFigures {
    /// `None` while the day runs.
    pub closing: Option<ClosingRecord>,
    pub total: Figures,
}

/// The hall could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("no connection to the server: {0}")]
    Connection(#[from] reqwest::Error),
    #[error("{call} was answered {status}: {body}")]
    Answer {
        call: String,
        status: u16,
        body: String,
    },
    #[error("{call} was answered with something else than its contract: {source}")]
    Unreadable {
        call: String,
        source: serde_json::Error,
    },
}
