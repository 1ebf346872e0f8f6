//! Why a citizen is led to another way instead of getting a number.

use crate::text::Text;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a citizen is led elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RedirectReason {
    /// The session closes soon, and it can be done online.
    NearClosing,
    /// A number taken now would be called too long after closing, and it can be done online.
    Forecast,
    Closed,
    Full,
}

impl RedirectReason {
    /// What to tell whoever is led elsewhere.
    pub fn detail(self, opens_at: Option<Time>) -> Text {
        let (zh, en) = when(opens_at);
        match self {
            RedirectReason::NearClosing => Text::new(
                "临近下班,这项业务可以在手机上办,不用等。",
                "Closing soon. This can be done on your phone, without waiting.",
            ),
            RedirectReason::Forecast => Text::new(
                "今天等候的人多,现在取号要等到下班以后。这项业务可以在手机上办,不用等。",
                "Many people are waiting: a number taken now would be called after closing time. This can be done on your phone, without waiting.",
            ),
            RedirectReason::Closed => Text::new(
                format!("今日取号已结束。{zh}"),
                format!("No more numbers today. {en}"),
            ),
            RedirectReason::Full => Text::new(
                format!("今日号码已发完。{zh}"),
                format!("All numbers of today are taken. {en}"),
            ),
        }
    }
}

pub(super) fn when(opens_at: Option<Time>) -> (String, String) {
    match opens_at {
        Some(at) => (
            format!("{}起可以取号。", at.format("%-m月%-d日%H:%M")),
            format!("Numbers from {}.", at.format("%H:%M on %-d %B")),
        ),
        None => ("请咨询工作人员。".into(), "Please ask the staff.".into()),
    }
}
