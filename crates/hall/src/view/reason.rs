//! Why a ticket waits, in words: what stands in its way, and why it takes as long as it does.

use crate::id::ServiceId;
use crate::rules::estimate;
use crate::state::hall::Hall;
use crate::state::ticket::{PlaceInLine, Stage, Ticket};
use crate::text::{Text, text};
use serde::Serialize;
use utoipa::ToSchema;

/// Those who took their number later and were called before a ticket that waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct OvertakenBy {
    pub priority: u32,
    pub appointment: u32,
    /// For another reason: a voucher, a named window, an officer's choice.
    pub other: u32,
}

/// What stands between a ticket and the next call.
pub(super) fn why_not_yet(hall: &Hall, ticket: &Ticket) -> Option<Text> {
    let Stage::Waiting { place, .. } = &ticket.stage else {
        return None;
    };
    if ticket.leaving.is_some() {
        return Some(Text::new("正在转往另一大厅", "On the way to another hall"));
    }
    if hall.calling_paused().is_some() {
        return Some(Text::new(
            "暂停叫号,号码保留",
            "Calling is paused; your number is kept",
        ));
    }
    let calls = hall.service_day(&ticket.service).map_or(0, |day| day.calls);
    match place {
        PlaceInLine::AfterCalls(after) if *after > calls => {
            let more = after - calls;
            Some(text!(
                "再叫{more}位后可叫到您",
                "You can be called after {more} more calls"
            ))
        }
        PlaceInLine::OnlyAt(window) => Some(text!(
            "请等{window}号窗口叫号",
            "Window {window} will call you"
        )),
        PlaceInLine::FirstAt(window) => Some(text!(
            "{window}号窗口下一位叫您",
            "Window {window} calls you next"
        )),
        PlaceInLine::First => Some(Text::new(
            "凭证优先,下一位叫您",
            "With your voucher you are next",
        )),
        PlaceInLine::InLine | PlaceInLine::AfterCalls(_) => None,
    }
}

/// How many windows are at it and how long one matter takes there, and who was called first although he came later.
pub(super) fn reason(
    hall: &Hall,
    service: &ServiceId,
    windows: usize,
    overtaken_by: OvertakenBy,
) -> Text {
    let minutes = estimate::typical_seconds(hall, service).div_ceil(60);
    let at_work = match windows {
        0 => Text::new("这项业务的窗口现在没开", "No window takes this service now"),
        1 => text!(
            "有1个窗口在办,每人约{minutes}分钟",
            "1 window at work, about {minutes} min each"
        ),
        _ => text!(
            "有{windows}个窗口在办,每人约{minutes}分钟",
            "{windows} windows at work, about {minutes} min each"
        ),
    };
    let Some(others) = called_first(overtaken_by) else {
        return at_work;
    };
    Text::new(
        format!("{};刚才先叫了{}", at_work.zh, others.zh),
        format!("{}; called before you: {}", at_work.en, others.en),
    )
}

fn called_first(overtaken_by: OvertakenBy) -> Option<Text> {
    let kinds = [
        (overtaken_by.priority, "优先", "with priority"),
        (overtaken_by.appointment, "预约", "booked"),
        (overtaken_by.other, "先办的", "for another reason"),
    ];
    let said = kinds.iter().filter(|(count, ..)| *count > 0);
    let said = said.map(|(count, zh, en)| (format!("{count}位{zh}"), format!("{count} {en}")));
    let (zh, en): (Vec<String>, Vec<String>) = said.unzip();
    (!zh.is_empty()).then(|| Text::new(zh.join("、"), en.join(", ")))
}
