//! What booking storms found, as a table for people.

use crate::report::cases;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// One storm's figures.
#[derive(Clone, Debug, Serialize)]
pub struct BookingReport {
    pub storm: &'static str,
    pub store: &'static str,
    pub processes: usize,
    pub people: usize,
    /// What they wanted, each with a key of its own.
    pub wishes: usize,
    /// With all copies and repetitions.
    pub requests: u64,
    pub without_answer: u64,
    /// Wishes that were answered so.
    pub booked: usize,
    pub held: usize,
    pub moved: usize,
    pub full: usize,
    /// Holds that ended without a booking.
    pub expired: usize,
    pub records: usize,
    /// Each is one sync.
    pub commits: usize,
    pub seconds: f64,
    /// Lines that the servers wrote to their log of errors.
    pub complaints: usize,
    pub violations: BTreeMap<&'static str, Vec<String>>,
}

impl BookingReport {
    /// Nothing was violated.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }
}

/// The storms as a table, and every violation below it.
pub fn table(reports: &[BookingReport]) -> String {
    let mut text = String::from(
        "storm       store  processes  people  wishes  requests  unheard  booked  held  expired  moved  full  records  commits  seconds  wrong\n",
    );
    for report in reports {
        let wrong: usize = report.violations.values().map(Vec::len).sum();
        writeln!(
            text,
            "{:<11} {:<6} {:>9} {:>7} {:>7} {:>9} {:>8} {:>7} {:>5} {:>8} {:>6} {:>5} {:>8} {:>8} {:>8.1} {:>6}",
            report.storm,
            report.store,
            report.processes,
            report.people,
            report.wishes,
            report.requests,
            report.without_answer,
            report.booked,
            report.held,
            report.expired,
            report.moved,
            report.full,
            report.records,
            report.commits,
            report.seconds,
            wrong,
        )
        .ok();
    }
    for report in reports {
        let storm = format!("{} on {}", report.storm, report.store);
        text += &cases(&storm, &report.violations);
    }
    text
}
