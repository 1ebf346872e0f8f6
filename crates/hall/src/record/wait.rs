//! How long a citizen was told that it may take, or why nobody could say.

use crate::text::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A range, in whole seconds, on full minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Wait {
    pub low: u32,
    pub high: u32,
}

/// Why no range can be said. What is not known is not made up: people plan their morning by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaitUnknown {
    /// No window that takes the service is staffed.
    NobodyAtWork,
    /// Those that take it are on a break, and not on a short one.
    OnBreak,
    /// Calling is paused in the whole hall.
    CallingPaused,
    /// No numbers are given out now, so there is no wait to begin.
    NoNumbers,
}

/// Why no range is said, for programs and in words for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnknownWait {
    pub reason: WaitUnknown,
    pub text: Text,
}

/// What is said of a wait.
pub type ToldWait = Result<Wait, WaitUnknown>;

impl WaitUnknown {
    /// Short enough for a tile of the kiosk.
    pub fn text(self) -> Text {
        match self {
            WaitUnknown::NobodyAtWork => Text::new("窗口暂无人员", "no staff yet"),
            WaitUnknown::OnBreak => Text::new("窗口人员暂离", "on a break"),
            WaitUnknown::CallingPaused => Text::new("暂停叫号", "calling paused"),
            WaitUnknown::NoNumbers => Text::new("现在不取号", "no numbers now"),
        }
    }
}

impl From<WaitUnknown> for UnknownWait {
    fn from(reason: WaitUnknown) -> UnknownWait {
        UnknownWait {
            text: reason.text(),
            reason,
        }
    }
}
