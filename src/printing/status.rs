//! How a printer reports its condition: in one of three dialects, because cheap printers know only one.
//!
//! | dialect | asked | answers | even while out of paper |
//! | --- | --- | --- | --- |
//! | `dle-eot` | `DLE EOT 1`, `2`, `4` | at once, past what is still in the buffer | yes |
//! | `gs-r` | `GS r 1` | in its turn, after what was sent before | depends on the make |
//! | `esc-v` | `ESC v` | in its turn | depends on the make |
//! | `none` | nothing | never | – |
//!
//! An answer is one byte in which some bits are fixed. A byte without these bits is no answer and is skipped.

use crate::written::named;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

named! {
    /// How a printer is asked.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
    pub enum Dialect {
        DleEot = "dle-eot",
        GsR = "gs-r",
        EscV = "esc-v",
        /// It prints and never answers: all that was sent counts as printed.
        None = "none",
    }
}

named! {
    /// How a printer is, worst last.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
    pub enum Condition {
        Ready = "ready",
        /// A few metres are left: staff bring a roll, the citizen sees nothing of it.
        NearEnd = "near_end",
        /// It was never reached yet, or prints without answering.
        Unknown = "unknown",
        /// Cannot be reached, does not answer, cover open, an error.
        Offline = "offline",
        PaperEnd = "paper_end",
    }
}

/// One question and the bits that its answer must have.
#[derive(Clone, Copy, Debug)]
pub struct StatusQuestion {
    pub bytes: &'static [u8],
    fixed: u8,
    fixed_to: u8,
}

const DLE: u8 = 0x10;
const EOT: u8 = 0x04;

/// Is it online; what stops it; how much paper.
const OF_DLE_EOT: &[StatusQuestion] = &[
    StatusQuestion::real_time(&[DLE, EOT, 1]),
    StatusQuestion::real_time(&[DLE, EOT, 2]),
    StatusQuestion::real_time(&[DLE, EOT, 4]),
];

impl StatusQuestion {
    /// Bits 0 and 7 of an answer to DLE EOT are 0, bits 1 and 4 are 1.
    const fn real_time(bytes: &'static [u8]) -> StatusQuestion {
        StatusQuestion {
            bytes,
            fixed: 0b1001_0011,
            fixed_to: 0b0001_0010,
        }
    }

    /// Bits 4 and 7 of an answer to GS r and ESC v are 0.
    const fn in_turn(bytes: &'static [u8]) -> StatusQuestion {
        StatusQuestion {
            bytes,
            fixed: 0b1001_0000,
            fixed_to: 0,
        }
    }

    /// Whether a byte can be the answer.
    pub fn accepts(&self, byte: u8) -> bool {
        byte & self.fixed == self.fixed_to
    }
}

impl Dialect {
    /// In the order in which an unknown printer is tried: the one that answers without paper first.
    pub const TRIED: [Dialect; 3] = [Dialect::DleEot, Dialect::GsR, Dialect::EscV];

    /// What is asked, each answered by one byte.
    pub fn questions(self) -> &'static [StatusQuestion] {
        match self {
            Dialect::DleEot => OF_DLE_EOT,
            Dialect::GsR => const { &[StatusQuestion::in_turn(&[0x1D, b'r', 1])] },
            Dialect::EscV => const { &[StatusQuestion::in_turn(&[0x1B, b'v'])] },
            Dialect::None => &[],
        }
    }

    /// What the answers to its questions mean.
    pub fn read(self, answers: &[u8]) -> Condition {
        let bit = |index: usize, mask: u8| answers.get(index).is_some_and(|byte| byte & mask != 0);
        let signs = match self {
            Dialect::DleEot => [
                (bit(1, 0x20) || bit(2, 0x60), Condition::PaperEnd),
                (bit(0, 0x08) || bit(1, 0x44), Condition::Offline), // cover 0x04, error 0x40
                (bit(2, 0x0C), Condition::NearEnd),
            ],
            Dialect::GsR | Dialect::EscV => [
                (bit(0, 0x0C), Condition::PaperEnd),
                (false, Condition::Offline),
                (bit(0, 0x03), Condition::NearEnd),
            ],
            Dialect::None => [(true, Condition::Unknown); 3],
        };
        let first = signs.into_iter().find(|(shown, _)| *shown);
        first.map_or(Condition::Ready, |(_, condition)| condition)
    }

    /// Whether it answers before the earlier bytes are on paper.
    pub fn answers_at_once(self) -> bool {
        self == Dialect::DleEot
    }
}

impl Condition {
    /// Whether a slip can be expected to come out.
    pub fn prints(self) -> bool {
        matches!(self, Condition::Ready | Condition::NearEnd)
    }

    /// The condition that citizens see. Only staff need to know that the roll is nearly used up.
    pub fn for_citizens(self) -> Condition {
        match self {
            Condition::NearEnd => Condition::Ready,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes are those of printers' manuals: 0x12 all well, 0x1A offline, 0x32 and 0x7E out of paper.
    #[test]
    fn answers_mean_what_the_manuals_say() {
        use Condition::*;
        let cases: [(Dialect, &[u8], Condition); 12] = [
            (Dialect::DleEot, &[0x12, 0x12, 0x12], Ready),
            (Dialect::DleEot, &[0x12, 0x12, 0x1E], NearEnd),
            (Dialect::DleEot, &[0x1A, 0x32, 0x7E], PaperEnd),
            (Dialect::DleEot, &[0x1A, 0x12, 0x72], PaperEnd),
            (Dialect::DleEot, &[0x1A, 0x12, 0x12], Offline),
            (Dialect::DleEot, &[0x1A, 0x16, 0x12], Offline),
            (Dialect::DleEot, &[0x12, 0x52, 0x12], Offline),
            (Dialect::GsR, &[0x00], Ready),
            (Dialect::GsR, &[0x03], NearEnd),
            (Dialect::GsR, &[0x0F], PaperEnd),
            (Dialect::EscV, &[0x04], PaperEnd),
            (Dialect::None, &[], Unknown),
        ];
        for (dialect, answers, condition) in cases {
            assert_eq!(dialect.read(answers), condition, "{dialect:?} {answers:x?}");
        }
    }

    #[test]
    fn a_byte_that_is_no_answer_is_passed_over() {
        let real_time = Dialect::DleEot.questions()[0];
        assert!(
            [0x12, 0x1A, 0x7E]
                .iter()
                .all(|byte| real_time.accepts(*byte))
        );
        assert!(
            [0x00, 0x0F, 0x41, 0xFF]
                .iter()
                .all(|byte| !real_time.accepts(*byte))
        );
        let in_turn = Dialect::GsR.questions()[0];
        assert!([0x00, 0x03, 0x0F].iter().all(|byte| in_turn.accepts(*byte)));
        assert!(!in_turn.accepts(0x12));
    }
}
