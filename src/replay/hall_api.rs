//! What replay asks of a hall, and nothing of how: over HTTP in [`super::http`], in memory in the tests.

use chrono::NaiveDate;
use hall::Time;
use hall::id::{ServiceId, TicketNumber, WindowNumber};
use hall::plan::class::Class;
use hall::state::closing::ClosingRecord;
use hall::state::day_report::Figures;
use serde::Deserialize;

/// A hall that somebody else runs, on a clock that replay sets.
pub(crate) trait HallApi {
    /// Moves the hall's clock forward to this moment, after everything due up to then.
    async fn advance(&mut self, to: Time) -> Result<(), Failure>;

    /// Asks for one change. `key` names it for good: the same wish sent again is answered, not done twice.
    async fn ask(&mut self, key: &str, wish: &Wish) -> Result<Reply, Failure>;

    /// A day's closing record and figures.
    async fn day(&mut self, date: NaiveDate) -> Result<DayFigures, Failure>;
}

/// One change that a person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Take {
        service: ServiceId,
        class: Class,
    },
    OpenWindow {
        window: WindowNumber,
    },
    CloseWindow {
        window: WindowNumber,
    },
    CallNext {
        window: WindowNumber,
    },
    Call {
        window: WindowNumber,
        number: TicketNumber,
    },
    Recall {
        window: WindowNumber,
    },
    Start {
        window: WindowNumber,
    },
    Finish {
        window: WindowNumber,
    },
    Transfer {
        window: WindowNumber,
        service: ServiceId,
    },
    Park {
        window: WindowNumber,
    },
    Miss {
        window: WindowNumber,
    },
    ResumeByHolder {
        token: String,
    },
    Return {
        token: String,
    },
    Change {
        token: String,
        service: ServiceId,
    },
    Cancel {
        token: String,
    },
    HandOn {
        number: TicketNumber,
    },
}

/// Why a call came out of order.
pub(crate) const RECORDED_ORDER: &str = "recorded order";
/// Why the manager closes a ticket that nobody called.
pub(crate) const CLOSED_WITHOUT_CALL: &str = "closed without a call, as recorded";

/// What a hall answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Taken {
        number: TicketNumber,
        token: String,
    },
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
