//! What a citizen leaves in writing when something could not be done (办不成事), with a ticket or without one: it has a
//! date by which a manager answers it (事事有回音).

use crate::id::{ComplaintId, ServiceId, TicketId};
use crate::time::{DateTime, Time};
use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Working days until it is answered.
pub const ANSWERED_WITHIN: u32 = 5;

/// How long an answered one is kept.
pub const ANSWERED_KEPT: Duration = Duration::days(30);

/// Most that are kept: the oldest answered ones go first.
pub const COMPLAINTS_KEPT: usize = 2_000;

/// What somebody wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Complaint {
    pub id: ComplaintId,
    pub ticket: Option<TicketId>,
    pub service: Option<ServiceId>,
    pub text: String,
    pub at: Time,
    pub due: NaiveDate,
    pub answer: Option<ComplaintAnswer>,
}

/// What a manager wrote back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComplaintAnswer {
    pub text: String,
    pub at: Time,
}

/// A complaint as its writer and managers see it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = WordView)]
pub struct ComplaintView {
    pub id: ComplaintId,
    pub service: Option<ServiceId>,
    pub text: String,
    pub left_at: DateTime,
    /// The working day by whose end it is answered.
    pub due: NaiveDate,
    pub answer: Option<String>,
}

impl From<&Complaint> for ComplaintView {
    fn from(complaint: &Complaint) -> ComplaintView {
        ComplaintView {
            id: complaint.id,
            service: complaint.service.clone(),
            text: complaint.text.clone(),
            left_at: complaint.at,
            due: complaint.due,
            answer: complaint.answer.as_ref().map(|answer| answer.text.clone()),
        }
    }
}
