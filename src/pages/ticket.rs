//! The contexts of the pages around a ticket: the step before something is done with it, and what the family sees.

use super::page::{Page, ServiceChoice, Shell, page};
use hall::id::{HallId, ServiceId, Token};
use hall::state::complaint::ComplaintView;
use hall::text::Text;
use hall::view::{FamilyView, TicketView};
use serde::Serialize;

/// `/t/{token}/{step}`: asks once more, or explains, before anything happens.
#[derive(Clone, Debug, Serialize)]
pub struct TicketStepPage {
    pub shell: Shell,
    pub token: Token,
    pub view: TicketView,
    pub step: TicketStep,
    /// The other services of the hall, for a change.
    pub services: Vec<ServiceChoice>,
    /// The stars that were chosen before words were asked for.
    pub stars: u8,
    /// The whole address of the family's page.
    pub family_url: String,
    pub hotline: Option<String>,
    /// Fresh for each rendering: a form sent twice is one command.
    pub idempotency_key: String,
}
page!(TicketStepPage, "ticket-step.html");

/// What is asked or explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TicketStep {
    /// Lets others go first.
    Defer,
    Cancel,
    /// To another service.
    Change,
    /// Called, and on the way.
    Coming,
    /// Called, and not able to come now.
    Away,
    /// Dissatisfied: why, if one likes to say.
    Rating,
    /// A page for the family.
    Family,
    /// What could not be done, in writing.
    Report,
}

/// `/{hall}/word` and what became of it: for whoever was turned away without a number.
#[derive(Clone, Debug, Serialize)]
pub struct WordPage {
    pub shell: Shell,
    pub hall: HallId,
    pub hall_name: Text,
    pub hotline: Option<String>,
    pub services: Vec<ServiceChoice>,
    /// What it is about, if that is known.
    pub service: Option<ServiceId>,
    /// What was left already.
    pub word: Option<ComplaintView>,
    /// Until it has to be answered.
    pub days_left: i64,
    /// What was typed, so that a refusal costs nobody a second time.
    pub text: String,
    pub message: Option<Text>,
    pub idempotency_key: String,
}
page!(WordPage, "word.html");

/// `/f/{link}`.
#[derive(Clone, Debug, Serialize)]
pub struct FamilyPage {
    pub shell: Shell,
    pub link: String,
    pub view: FamilyView,
    /// The family's page of the number it became in another hall.
    pub moved_page: Option<String>,
}
page!(FamilyPage, "family.html");
