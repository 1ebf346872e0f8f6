//! What a long simulation must have met: every fault, and every way out of one.
//!
//! A simulation that no longer comes to a case tests nothing there, and nothing else would say so. Each name is counted
//! where it happens; a run of enough days with a zero in the list has failed.

use std::ops::AddAssign;

macro_rules! sometimes {
    ($($name:ident $text:literal,)*) => {
        /// One thing that must happen sometimes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Sometimes { $($name,)* }

        impl Sometimes {
            /// All of them, in order of the table.
            pub const ALL: [Sometimes; [$($text),*].len()] = [$(Sometimes::$name,)*];

            /// For the table.
            pub fn name(self) -> &'static str {
                match self { $(Sometimes::$name => $text,)* }
            }
        }
    };
}

sometimes! {
    AppendRefused "append refused",
    AnswerLost "append applied, answer lost",
    NeverThere "append lost on its way",
    LateApplied "append applied after its answer was given up",
    LateConflict "late append found another head",
    TornLost "append not synced and lost at a power cut",
    SlowAppend "append slow",
    ReadFailed "read failed",
    SlowRead "read slow",
    HintLost "hint lost",
    HintLate "hint late",
    HintDoubled "hint doubled",
    Frozen "store frozen",
    Weakened "store weakened",
    PowerCut "power cut of the store",
    SetBack "store set back",
    CrashIdle "server killed between two calls of the store",
    CrashInCall "server killed in a call of the store",
    CrashBeforeAppend "server killed before its append arrived",
    CrashBeforeAnswer "server killed between append and answer",
    ClockForward "clock stepped forward",
    ClockBack "clock stepped back",
    JumpHeld "jump of the clock not believed",
    Conflict "conflict with the other server",
    Redone "conflict resolved by deciding again",
    UnknownApplied "unknown outcome found applied",
    UnknownNotApplied "unknown outcome found not applied",
    FromLog "retry answered from the log",
    TakenOver "retry carried out by the other server",
    BothTimers "timer fired by both servers",
    SnapshotUsed "start from a snapshot",
    SnapshotPassedOver "snapshot of a lost history passed over",
    ForkFound "lost tail found by a running server",
    LossRecorded "lost tail recorded",
    ReportedLate "number of a returned block reported",
    RefusedAsHeadMoved "refusal while the log moved on",
    ManyInOne "several commands in one commit",
    GivenUp "client gave up without an outcome",
    TroubleTold "store's trouble told by name",
    CheckedIn "appointment checked in",
    PlanChanged "plan changed by a manager",
    DayClosed "day closed by its timer",
    DaySettled "forgotten day settled",
}

/// How often each was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met([u64; Sometimes::ALL.len()]);

impl Default for Met {
    fn default() -> Met {
        Met([0; Sometimes::ALL.len()])
    }
}

impl Met {
    /// It happened.
    pub fn once(&mut self, what: Sometimes) {
        self.0[what as usize] += 1;
    }

    /// How often it happened.
    pub fn times(&self, what: Sometimes) -> u64 {
        self.0[what as usize]
    }

    /// What never happened.
    pub fn never(&self) -> Vec<&'static str> {
        let all = Sometimes::ALL.into_iter();
        let never = all.filter(|what| self.times(*what) == 0);
        never.map(Sometimes::name).collect()
    }
}

impl AddAssign<&Met> for Met {
    fn add_assign(&mut self, other: &Met) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum += more;
        }
    }
}
