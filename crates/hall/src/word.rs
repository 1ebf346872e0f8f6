//! What a citizen leaves in writing when something could not be done (办不成事), with a ticket or without one: it has a
//! date by which a manager answers it (事事有回音).

use crate::Time;
use crate::id::{ServiceId, TicketId, WordId};
use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Working days until it is answered.
pub const ANSWERED_WITHIN: u32 = 5;

/// How long an answered one is kept.
pub const ANSWERED_KEPT: Duration = Duration::days(30);

/// Most that are kept: the oldest answered ones go first.
pub const WORDS_KEPT: usize = 2_000;

/// What somebody wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    pub id: WordId,
    pub ticket: Option<TicketId>,
    pub service: Option<ServiceId>,
    pub text: String,
    pub at: Time,
    pub due: NaiveDate,
    pub answer: Option<WordAnswer>,
}

/// What a manager wrote back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WordAnswer {
    pub text: String,
    pub at: Time,
}

/// A word as its writer and managers see it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WordView {
    pub id: WordId,
    pub service: Option<ServiceId>,
    pub text: String,
    #[schema(value_type = String, format = DateTime)]
    pub left_at: Time,
    /// The working day by whose end it is answered.
    pub due: NaiveDate,
    pub answer: Option<String>,
}

impl From<&Word> for WordView {
    fn from(word: &Word) -> WordView {
        WordView {
            id: word.id,
            service: word.service.clone(),
            text: word.text.clone(),
            left_at: word.at,
            due: word.due,
            answer: word.answer.as_ref().map(|answer| answer.text.clone()),
        }
    }
}
