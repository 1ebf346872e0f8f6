//! What floods cost the officer beside them, as a table for people.

use super::Calls;
use super::strangers::{Flood, Told};
use serde::Serialize;
use std::fmt::Write;

/// A call beside a flood takes at most so many times as long as before it, 99 of 100.
const SLOWER_MOST: f64 = 5.0;
/// Memory afterwards is at most so many times what it was, where nobody may stay.
const LARGER_MOST: f64 = 1.2;

/// One flood's figures.
#[derive(Clone, Debug, Serialize)]
pub struct FloodReport {
    pub flood: &'static str,
    pub strangers: usize,
    /// The officer's calls beside it, and how many of them were served.
    pub calls: usize,
    pub served: usize,
    pub quiet_p50_ms: f64,
    pub quiet_p99_ms: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Before and afterwards.
    pub resident_kib: (u64, u64),
    /// What the strangers were told, and how often.
    pub told: Told,
    pub refused: Vec<String>,
    /// What must not be.
    pub violations: Vec<String>,
}

impl FloodReport {
    pub(super) fn new(
        flood: Flood,
        is_short: bool,
        quiet: &Calls,
        beside: &Calls,
        resident_kib: (u64, u64),
        told: Told,
    ) -> FloodReport {
        let ms = |calls: &Calls, part| calls.took.value_at_quantile(part) as f64 / 1_000.0;
        let mut report = FloodReport {
            flood: flood.name(),
            strangers: told.values().sum(),
            calls: beside.took.len() as usize + beside.refused.len(),
            served: beside.took.len() as usize,
            quiet_p50_ms: ms(quiet, 0.5),
            quiet_p99_ms: ms(quiet, 0.99),
            p50_ms: ms(beside, 0.5),
            p99_ms: ms(beside, 0.99),
            resident_kib,
            told,
            refused: beside.refused.clone(),
            violations: Vec::new(),
        };
        report.violations = report.judged(flood, is_short);
        report
    }

    /// Nothing that must not be.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// How many times as long a call takes.
    pub fn slower(&self) -> f64 {
        self.p99_ms / self.quiet_p99_ms
    }

    fn larger(&self) -> f64 {
        self.resident_kib.1 as f64 / self.resident_kib.0 as f64
    }

    /// A short flood is part of the tests, which share the machine with other work: it is judged by what was answered.
    fn judged(&self, flood: Flood, is_short: bool) -> Vec<String> {
        let mut found = Vec::new();
        if self.served < self.calls {
            found.push(format!(
                "{} of {} calls: {:?}",
                self.served, self.calls, self.refused
            ));
        }
        let wordless = self
            .told
            .keys()
            .find(|told| told.ends_with("without a word"));
        found.extend(wordless.map(|told| format!("refused with {told}")));
        let is_unbounded = |told: &str| {
            matches!(
                told,
                "no answer" | "waited for to the end" | "heard to the end"
            )
        };
        found.extend(self.told.keys().filter(|told| is_unbounded(told)).cloned());
        if !is_short && self.slower() > SLOWER_MOST {
            found.push(format!("calls take {:.1} times as long", self.slower()));
        }
        if flood == Flood::WrongSignIns && self.larger() > LARGER_MOST {
            found.push(format!("memory grew to {:.2}", self.larger()));
        }
        let has_bound = |told: &str| told.ends_with("in words");
        if flood.is_bounded_in_words() && !self.told.keys().any(|told| has_bound(told)) {
            found.push("nobody was refused in words".to_owned());
        }
        found
    }
}

/// The floods as a table, and what must not be below it.
pub fn table(reports: &[FloodReport]) -> String {
    let mut text = format!(
        "{:<15} {:>9} {:>7} {:>16} {:>16} {:>6} {:>13}  {}\n",
        "flood",
        "strangers",
        "served",
        "quiet p50/p99 ms",
        "p50/p99 ms",
        "ratio",
        "MiB",
        "what they were told"
    );
    for report in reports {
        let told: Vec<String> = report
            .told
            .iter()
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        let mib = |kib: u64| format!("{:.0}", kib as f64 / 1_024.0);
        let (before, after) = report.resident_kib;
        writeln!(
            text,
            "{:<15} {:>9} {:>7} {:>16} {:>16} {:>6.1} {:>13}  {}",
            report.flood,
            report.strangers,
            format!("{}/{}", report.served, report.calls),
            format!("{:.1}/{:.1}", report.quiet_p50_ms, report.quiet_p99_ms),
            format!("{:.1}/{:.1}", report.p50_ms, report.p99_ms),
            report.slower(),
            format!("{} -> {}", mib(before), mib(after)),
            told.join(", "),
        )
        .ok();
    }
    for report in reports {
        for violation in &report.violations {
            writeln!(text, "WRONG {}: {violation}", report.flood).ok();
        }
    }
    text
}
