//! One hall in the list of a network's managers: whether it needs somebody to look.

use crate::id::HallId;
use crate::rules::phase;
use crate::state::hall::Hall;
use crate::state::phase::Phase;
use crate::text::Text;
use crate::time::Time;
use crate::view::sentence::{Surface, sentence};
use chrono::Duration;
use serde::Serialize;

/// A wait that a manager should know of.
const LONG_WAIT: Duration = Duration::minutes(30);

/// A hall's line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NetworkLine {
    pub hall: HallId,
    pub name: Text,
    pub phase: Phase,
    pub sentence: Text,
    pub waiting: u32,
    /// How long the one has waited who waits longest, in seconds.
    pub longest_wait: Option<i64>,
    pub windows_open: usize,
    pub windows: usize,
    /// Tickets of the newest closed day that nobody served.
    pub unserved: u32,
    pub trouble: Option<Trouble>,
}

/// What is the matter, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Somebody waits and no window is staffed.
    NobodyThere,
    CallingPaused,
    /// The day closed with people who were not served.
    Unserved,
    /// After closing, and not everyone is done.
    ServingOut,
    LongWait,
    /// The session ends soon and people wait.
    ClosingSoon,
}

/// The hall's line at this moment.
pub fn network_line(hall: &Hall, now: Time) -> NetworkLine {
    let plan = hall.plan();
    let services = plan.services.iter();
    let closed = hall.day().and_then(|day| day.closed.as_ref());
    let longest = hall.longest_waiting();
    NetworkLine {
        hall: hall.id().clone(),
        name: plan.name.clone(),
        phase: phase::of_hall(hall, now),
        sentence: sentence(hall, now, Surface::Board),
        waiting: services.map(|service| hall.waiting(&service.id)).sum(),
        longest_wait: longest.map(|since| (now - since).num_seconds().max(0)),
        windows_open: hall.staffed().count(),
        windows: plan.windows.len(),
        unserved: closed.map_or(0, |closing| closing.unserved),
        trouble: trouble(hall, now),
    }
}

impl NetworkLine {
    /// Sorts a list by who needs somebody most: trouble first, then the longest wait, then the most people.
    pub fn urgency(&self) -> impl Ord + use<> {
        let worst_first = self.trouble.map_or((1, None), |trouble| (0, Some(trouble)));
        let longest = std::cmp::Reverse(self.longest_wait);
        let phase = std::cmp::Reverse(self.phase);
        (worst_first, longest, phase, self.hall.clone())
    }
}

fn trouble(hall: &Hall, now: Time) -> Option<Trouble> {
    let phase = phase::of_hall(hall, now);
    let longest = hall.longest_waiting();
    let somebody_waits = longest.is_some();
    let closed = hall.day().and_then(|day| day.closed.as_ref());
    if somebody_waits && hall.staffed().next().is_none() {
        Some(Trouble::NobodyThere)
    } else if hall.calling_paused().is_some() {
        Some(Trouble::CallingPaused)
    } else if closed.is_some_and(|closing| closing.unserved > 0) {
        Some(Trouble::Unserved)
    } else if phase == Phase::ServingOut {
        Some(Trouble::ServingOut)
    } else if longest.is_some_and(|since| now - since > LONG_WAIT) {
        Some(Trouble::LongWait)
    } else if phase == Phase::NearClosing && somebody_waits {
        Some(Trouble::ClosingSoon)
    } else {
        None
    }
}
