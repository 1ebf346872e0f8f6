//! The result of a replay: a table for people, JSON for programs.
//!
//! Two runs of one recording over different stores must give equal closing records. So [`Report`] has nothing that
//! depends on the machine or the time.

use super::drive::Followed;
use super::importers::Format;
use super::itinerary::{DayPlan, Ending};
use super::plan::{Officers, RoomWindow};
use super::recording::UnreadableRow;
use super::remark::{Remark, RemarkKind};
use chrono::NaiveDate;
use hall::state::closing::ClosingRecord;
use hall::state::day_report::percentile;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Write};

/// A whole recording, followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The file's name, as lines are cited.
    pub file: String,
    pub format: Format,
    pub officers: Officers,
    pub rooms: Vec<RoomWindow>,
    /// Rows of the file, without its header.
    pub rows: usize,
    pub days: Vec<DayOfReport>,
    /// Rows that could not be read.
    pub unreadable: Vec<UnreadableRow>,
    /// How the file was written, unless in UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_as: Option<String>,
}

/// One date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayOfReport {
    pub date: NaiveDate,
    /// The hall's closing record; `None` if the day would not close.
    pub closing: Option<ClosingRecord>,
    /// How many tickets ended how in the recording.
    pub recorded: BTreeMap<Ending, u32>,
    /// As the hall's log has them, and as the recording has them; in seconds.
    pub wait: Waits,
    pub recorded_wait: Waits,
    /// Rows that happened in another way, or not.
    pub remarks: Vec<Remark>,
}

/// Percentiles of waits in seconds (nearest rank).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    pub p50: Option<u32>,
    pub p90: Option<u32>,
}

impl DayOfReport {
    /// Puts the hall's account beside the recording's.
    pub(crate) fn of(day: &DayPlan, followed: Followed, officers: Officers) -> DayOfReport {
        let mut recorded = BTreeMap::new();
        for visit in &day.visits {
            *recorded.entry(visit.ending).or_default() += 1;
        }
        let waits = day.recorded_waits();
        let Followed {
            figures,
            remarks: refused,
        } = followed;
        let mut remarks = day.remarks.clone();
        if officers == Officers::Auto {
            // neither happens when rooms follow the hall's rule
            let is_left_out = |kind| matches!(kind, RemarkKind::Pause | RemarkKind::SecondPlace);
            remarks.retain(|remark| !is_left_out(remark.kind));
        }
        remarks.extend(refused);
        remarks.sort_by_key(|remark| remark.line);
        DayOfReport {
            date: day.date,
            closing: figures.closing,
            recorded,
            wait: Waits {
                p50: figures.total.wait_p50,
                p90: figures.total.wait_p90,
            },
            recorded_wait: Waits {
                p50: percentile(&waits, 50),
                p90: percentile(&waits, 90),
            },
            remarks,
        }
    }

    /// Whether the day closed and every number is accounted for.
    pub fn sums_agree(&self) -> bool {
        self.closing.as_ref().is_some_and(ClosingRecord::agrees)
    }

    /// Whether as many tickets ended in each way as recorded.
    pub fn as_recorded(&self) -> bool {
        let recorded = |ending| self.recorded.get(&ending).copied().unwrap_or(0);
        self.closing.as_ref().is_some_and(|closing| {
            closing.issued == self.recorded.values().sum::<u32>()
                && closing.served == recorded(Ending::Served)
                && closing.cancelled == recorded(Ending::Cancelled)
                && closing.missed == recorded(Ending::Missed)
                && closing.handed_on == recorded(Ending::HandedOn)
        })
    }

    /// Rows that did not happen in the hall.
    pub fn not_followed(&self) -> impl Iterator<Item = &Remark> {
        self.remarks
            .iter()
            .filter(|remark| !remark.kind.is_followed())
    }
}

impl Report {
    /// Whether every row of the file was read; the same row twice counts once.
    pub fn is_whole(&self) -> bool {
        self.unreadable.iter().all(|row| row.twice)
    }

    /// Whether every day closed with sums that agree.
    pub fn sums_agree(&self) -> bool {
        self.days.iter().all(DayOfReport::sums_agree)
    }

    /// How many rows were followed in each of the other ways, or not.
    pub fn by_kind(&self) -> BTreeMap<RemarkKind, usize> {
        let mut counts = BTreeMap::new();
        for remark in self.days.iter().flat_map(|day| &day.remarks) {
            *counts.entry(remark.kind).or_default() += 1;
        }
        counts
    }

    fn rooms_in_words(&self, f: &mut impl Write) -> fmt::Result {
        for at in &self.rooms {
            let place = if at.place == 0 {
                String::new()
            } else {
                format!(" (place {})", at.place + 1)
            };
            writeln!(f, "window {:>3}  {}{place}", at.window.0, at.room)?;
        }
        writeln!(f)
    }

    fn days_in_words(&self, f: &mut impl Write) -> fmt::Result {
        let heads = [
            "issued", "served", "cancel.", "missed", "handed", "unserved",
        ];
        write!(f, "{:<10}", "date")?;
        heads.iter().try_for_each(|head| write!(f, " {head:>8}"))?;
        writeln!(
            f,
            "  {:<5} {:>17} {:>17} {:>8}",
            "sums", "wait P50 (rec.)", "wait P90 (rec.)", "left out"
        )?;
        for day in &self.days {
            write!(f, "{}", day.date)?;
            match &day.closing {
                Some(sums) => {
                    let [issued, served, cancelled] = [sums.issued, sums.served, sums.cancelled];
                    write!(f, " {issued:>8} {served:>8} {cancelled:>8}")?;
                    let [missed, handed_on] = [sums.missed, sums.handed_on];
                    write!(f, " {missed:>8} {handed_on:>8} {:>8}", sums.unserved)?;
                }
                None => write!(f, " {:>53}", "not closed")?,
            }
            let sums = if day.sums_agree() { "agree" } else { "NO" };
            let beside = |ours, recorded| format!("{} ({})", minutes(ours), minutes(recorded));
            let p50 = beside(day.wait.p50, day.recorded_wait.p50);
            let p90 = beside(day.wait.p90, day.recorded_wait.p90);
            writeln!(
                f,
                "  {sums:<5} {p50:>17} {p90:>17} {:>8}",
                day.not_followed().count()
            )?;
        }
        writeln!(f)
    }

    fn remarks_in_words(&self, f: &mut impl Write) -> fmt::Result {
        let count = self.unreadable.len();
        write!(f, "{} rows, {count} of them unreadable", self.rows)?;
        match &self.read_as {
            Some(encoding) => writeln!(f, "; read as {encoding}")?,
            None => writeln!(f)?,
        }
        for problem in &self.unreadable {
            writeln!(f, "  {}:{}: {}", self.file, problem.line, problem.reason)?;
        }
        let counts = self.by_kind();
        writeln!(f, "followed in another way:")?;
        for (kind, count) in counts.iter().filter(|(kind, _)| kind.is_followed()) {
            writeln!(f, "  {count:>5}  {}", kind.words())?;
        }
        let not_followed = || self.days.iter().flat_map(DayOfReport::not_followed);
        writeln!(f, "not followed: {}", not_followed().count())?;
        for remark in not_followed() {
            writeln!(f, "  {}:{}: {}", self.file, remark.line, remark.reason)?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rooms_in_words(f)?;
        if self.officers == Officers::Auto {
            writeln!(
                f,
                "Rooms called by the hall's own rule; the recorded waits stand beside."
            )?;
        }
        self.days_in_words(f)?;
        self.remarks_in_words(f)
    }
}

/// `83:05`: minutes and seconds.
fn minutes(seconds: Option<u32>) -> String {
    seconds.map_or("-".into(), |seconds| {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    })
}
