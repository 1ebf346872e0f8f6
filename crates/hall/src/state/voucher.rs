//! The right to be first in line later, given when the hall could not finish or a paper was missing.

use crate::id::{ServiceId, TicketId, TicketNumber, Token};
use crate::text::Text;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A voucher's key is the token of the ticket that earned it, so its holder already has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Voucher {
    pub token: Token,
    pub ticket: TicketId,
    pub number: TicketNumber,
    pub service: ServiceId,
    pub reason: VoucherReason,
    pub given_at: Time,
    pub valid_until: Time,
    /// The ticket it became.
    pub used: Option<TicketId>,
}

/// Why it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoucherReason {
    /// A document was missing (补件).
    DocumentsMissing,
    /// Power, network or alarm ended the session.
    Interruption,
    /// No window left that could do it.
    HandedOn,
}

impl VoucherReason {
    /// For people.
    pub fn label(self) -> Text {
        match self {
            VoucherReason::DocumentsMissing => Text::new("补件凭证", "Voucher: missing document"),
            VoucherReason::Interruption => Text::new("中断凭证", "Voucher: service interrupted"),
            VoucherReason::HandedOn => Text::new("优先凭证", "Voucher: first in line"),
        }
    }
}
