//! What wall boards last reported: whether they can be heard, which voice level they play, and what they spoke last.

use crate::voice::VoiceLevel;
use hall::Time;
use hall::id::{ActorId, HallId};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Boards of one hall that are kept. No hall has so many screens; a broken one reports under many names.
const BOARDS_PER_HALL: usize = 64;
/// A board that has not reported for this long is lost. It reports every half minute.
const LOST_AFTER_SECONDS: i64 = 120;

/// `POST /halls/{hall}/devices/board`: how a board is. What a board of another release says more is passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardReport {
    /// What its own clock shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub device_time: Option<Time>,
    pub sound: BoardSound,
    /// The voice it plays.
    #[serde(rename = "rung")]
    pub level: VoiceLevel,
    /// The hall's version that it shows: its newest announcement's, or its frame's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// How long after its call the last announcement was spoken, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoken_age_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<BoardPage>,
}

/// Whether anything can be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Sound)]
pub enum BoardSound {
    /// It sounds.
    Running,
    /// The browser wants a tap first.
    Suspended,
    /// Somebody turned it off.
    Muted,
    /// The device cannot sound.
    None,
}

/// The screen it is on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct BoardPage {
    /// In CSS pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The zone of the hall that it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// A board's last report, and when it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Heard)]
pub struct HeardBoard {
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    pub report: BoardReport,
}

/// The boards of all halls.
#[derive(Debug, Default)]
pub struct Boards {
    heard: Mutex<BTreeMap<HallId, BTreeMap<ActorId, HeardBoard>>>,
}

impl Boards {
    /// Notes a report. If there are too many boards, the one that was silent the longest is forgotten.
    pub fn hear(&self, hall: &HallId, device: &ActorId, report: BoardReport, at: Time) {
        let mut heard = self.heard.lock();
        let boards = heard.entry(hall.clone()).or_default();
        if boards.len() >= BOARDS_PER_HALL && !boards.contains_key(device) {
            let silent = boards.iter().min_by_key(|(_, heard)| heard.at);
            if let Some(silent) = silent.map(|(device, _)| device.clone()) {
                boards.remove(&silent);
            }
        }
        boards.insert(device.clone(), HeardBoard { at, report });
    }

    /// The boards of a hall by name.
    pub fn of(&self, hall: &HallId) -> BTreeMap<ActorId, HeardBoard> {
        let heard = self.heard.lock();
        heard.get(hall).cloned().unwrap_or_default()
    }
}

/// One wall board.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoardLine {
    pub device: ActorId,
    /// Nothing if it never reported since this server started.
    pub heard: Option<HeardBoard>,
    /// Whole seconds since it was heard of.
    pub silent_seconds: Option<i64>,
    pub state: BoardState,
}

/// Whether a board does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BoardState {
    /// It shows and speaks.
    Well,
    /// It shows, and nothing can be heard, or no words.
    Soundless,
    /// It was not heard of for some time.
    Lost,
    /// It was never heard of.
    Unheard,
}

impl BoardLine {
    /// A board as it is now.
    pub fn new(heard: Option<HeardBoard>, device: ActorId, now: Time) -> BoardLine {
        let silent_seconds = heard
            .as_ref()
            .map(|heard| (now - heard.at).num_seconds().max(0));
        let state = match (&heard, silent_seconds) {
            (None, _) => BoardState::Unheard,
            (_, Some(seconds)) if seconds > LOST_AFTER_SECONDS => BoardState::Lost,
            (Some(heard), _) if heard.report.sound != BoardSound::Running => BoardState::Soundless,
            (Some(heard), _) if heard.report.level == VoiceLevel::Chime => BoardState::Soundless,
            _ => BoardState::Well,
        };
        BoardLine {
            device,
            heard,
            silent_seconds,
            state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_board_too_many_takes_the_place_of_the_longest_silent_one() {
        let boards = Boards::default();
        let hall = HallId::parse("zhuzhou").unwrap();
        let start = Time::parse_from_rfc3339("2026-11-23T09:00:00+08:00").unwrap();
        let report = BoardReport {
            device_time: None,
            sound: BoardSound::Running,
            level: VoiceLevel::Hall,
            version: None,
            spoken_age_ms: None,
            page: None,
        };
        for number in 0..70 {
            let device = ActorId::parse(format!("board-{number:02}")).unwrap();
            let at = start + chrono::Duration::seconds(number);
            boards.hear(&hall, &device, report.clone(), at);
        }
        let kept = boards.of(&hall);
        assert_eq!(kept.len(), BOARDS_PER_HALL);
        assert_eq!(kept.keys().next().unwrap().as_str(), "board-06");
    }
}
