//! What a reader of the report should know of a row that was not followed as it is recorded.

use serde::{Deserialize, Serialize};

/// Something about one row that a reader of the report should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    pub line: u64,
    pub kind: RemarkKind,
    pub reason: String,
}

/// What a remark is about; the table in [`super::itinerary`] says what is done about each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkKind {
    // followed, in another way
    SelfTransfer,
    QueueWithoutCall,
    Pause,
    TwoQueues,
    SecondPlace,
    JoinedAfterCall,
    NoFinish,
    VoidInRoom,
    VoidWithoutTime,
    LeftOpen,
    // not followed
    WithinAnotherLeg,
    CutShort,
    Refused,
}

impl Remark {
    /// With the usual words.
    pub(crate) fn of(line: u64, kind: RemarkKind) -> Remark {
        Remark {
            line,
            kind,
            reason: kind.words().to_string(),
        }
    }

    /// With the usual words and the line of the row that is the reason.
    pub(crate) fn because_of(line: u64, kind: RemarkKind, other: u64) -> Remark {
        Remark {
            line,
            kind,
            reason: format!("{} (line {other})", kind.words()),
        }
    }
}

impl RemarkKind {
    /// Whether the row happened in the hall, if in another way.
    pub fn is_followed(self) -> bool {
        use RemarkKind::{CutShort, Refused, WithinAnotherLeg};
        !matches!(self, WithinAnotherLeg | CutShort | Refused)
    }

    /// For a reader of the report.
    pub fn words(self) -> &'static str {
        match self {
            RemarkKind::SelfTransfer => {
                "self-transfer in the same room: recalled, the visit goes on"
            }
            RemarkKind::QueueWithoutCall => {
                "moved on without a call: the wait runs on from the first queue"
            }
            RemarkKind::Pause => "between two queues: parked until the next one is joined",
            RemarkKind::TwoQueues => "in two queues at once: one after the other",
            RemarkKind::SecondPlace => {
                "the room had another ticket open: called at the room's second window"
            }
            RemarkKind::JoinedAfterCall => "called before it joined: joined at the call",
            RemarkKind::NoFinish => "no sensible finish: open until the room or the ticket goes on",
            RemarkKind::VoidInRoom => "void while a room had it",
            RemarkKind::VoidWithoutTime => "void without a time: cancelled at the end of the day",
            RemarkKind::LeftOpen => {
                "open for more than an hour: taken as long as the day's median visit"
            }
            RemarkKind::WithinAnotherLeg => "lies within another visit of the same ticket",
            RemarkKind::CutShort => "ended early: the ticket was called elsewhere",
            RemarkKind::Refused => "refused by the hall",
        }
    }
}
