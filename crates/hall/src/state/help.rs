//! Somebody at a kiosk or an officer at a window calls for a colleague.

use crate::id::{ActorId, HelpId, WindowNumber};
use crate::time::{DateTime, Time};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A call for help, until the day ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HelpCall {
    pub id: HelpId,
    pub from: HelpFrom,
    pub at: Time,
    /// Somebody is threatened: security is wanted.
    pub urgent: bool,
    pub answer: Option<HelpAnswer>,
}

/// Where help is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HelpFrom {
    Kiosk(ActorId),
    Window(WindowNumber),
}

/// Somebody is on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpAnswer {
    /// From that window; an usher or manager comes from none.
    pub window: Option<WindowNumber>,
    pub at: Time,
}

/// A call for help as consoles, kiosks and ushers see it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HelpView {
    pub id: HelpId,
    /// The kiosk that asks, or else
    pub kiosk: Option<ActorId>,
    /// the window.
    pub window: Option<WindowNumber>,
    pub at: DateTime,
    pub urgent: bool,
    pub answered: bool,
    /// The window that somebody comes from.
    pub answered_by: Option<WindowNumber>,
}

/// Most calls that are kept: more than anybody could answer.
pub const HELP_KEPT: usize = 100;

/// How long it is still shown that somebody is on the way.
const ANSWER_SHOWN: Duration = Duration::minutes(2);

impl HelpCall {
    /// Whether it is still to be shown.
    pub fn is_shown(&self, now: Time) -> bool {
        self.answer
            .is_none_or(|answer| now < answer.at + ANSWER_SHOWN)
    }
}

impl From<&HelpCall> for HelpView {
    fn from(call: &HelpCall) -> HelpView {
        let (kiosk, window) = match &call.from {
            HelpFrom::Kiosk(kiosk) => (Some(kiosk.clone()), None),
            HelpFrom::Window(window) => (None, Some(*window)),
        };
        HelpView {
            id: call.id,
            kiosk,
            window,
            at: call.at,
            urgent: call.urgent,
            answered: call.answer.is_some(),
            answered_by: call.answer.and_then(|answer| answer.window),
        }
    }
}
