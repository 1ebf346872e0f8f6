//! What storms of faults found, as a table for people.

use super::Tally;
use crate::report::cases;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// One fault's figures.
#[derive(Clone, Debug, Serialize)]
pub struct FaultReport {
    pub fault: &'static str,
    pub times: usize,
    /// Commands that some client was told are done.
    pub acknowledged: usize,
    /// Of these, those that are gone without a word.
    pub lost: usize,
    /// Numbers given twice, commands applied twice.
    pub doubled: usize,
    /// How often the fault was told: by `/readyz`, the error of a start, or the answer. Nothing has to be told of a fault
    /// that lost nothing.
    pub said: usize,
    pub recovery_ms: Vec<u64>,
    /// What became of it.
    pub outcomes: BTreeMap<String, usize>,
    pub violations: BTreeMap<&'static str, Vec<String>>,
}

impl FaultReport {
    pub(super) fn new(fault: &'static str, tally: Tally) -> FaultReport {
        let count = |name| tally.verdict.count(name);
        let mut recovery_ms: Vec<u64> = tally
            .recovery
            .iter()
            .map(|took| took.as_millis() as u64)
            .collect();
        recovery_ms.sort_unstable();
        FaultReport {
            fault,
            times: tally.times,
            acknowledged: tally.acknowledged,
            lost: count("acknowledged and lost"),
            doubled: count("duplicate number") + count("command applied twice"),
            said: tally.said,
            recovery_ms,
            outcomes: tally.outcomes,
            violations: tally.verdict.violations,
        }
    }

    /// Nothing was violated.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// With no loss in n faults, the chance that one of them loses something is below 3/n at 95 % confidence (rule of
    /// three). The commands of one fault are not independent, so they do not count.
    pub fn bound_per_fault(&self) -> f64 {
        (3.0 / self.times.max(1) as f64).min(1.0)
    }

    fn recovery(&self, part: f64) -> Option<u64> {
        let last = self.recovery_ms.len().checked_sub(1)?;
        let place = (last as f64 * part).round() as usize;
        self.recovery_ms.get(place).copied()
    }
}

/// The faults as a table, what became of them, and every violation below it.
pub fn table(reports: &[FaultReport]) -> String {
    let mut text = format!(
        "{:<19} {:>5} {:>12} {:>5} {:>7} {:>7} {:>20} {:>6} {:>5}  {}\n",
        "fault",
        "times",
        "acknowledged",
        "lost",
        "doubled",
        "said",
        "back ms p50/p95/max",
        "3/n",
        "wrong",
        "what became of it"
    );
    for report in reports {
        let back = [0.5, 0.95, 1.0].map(|part| report.recovery(part));
        let back = match back {
            [Some(p50), Some(p95), Some(max)] => format!("{p50}/{p95}/{max}"),
            _ => "-".to_owned(),
        };
        let outcomes: Vec<String> = report
            .outcomes
            .iter()
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        writeln!(
            text,
            "{:<19} {:>5} {:>12} {:>5} {:>7} {:>7} {back:>20} {:>6.3} {:>5}  {}",
            report.fault,
            report.times,
            report.acknowledged,
            report.lost,
            report.doubled,
            format!("{}/{}", report.said, report.times),
            report.bound_per_fault(),
            report.violations.values().map(Vec::len).sum::<usize>(),
            outcomes.join(", "),
        )
        .ok();
    }
    for report in reports {
        text += &cases(report.fault, &report.violations);
    }
    text
}
