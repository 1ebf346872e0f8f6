//! What a run found: one JSON file, and a table for people.

use crate::age::{MemoryReport, StartReport};
use crate::network::NetworkReport;
use crate::speed::SpeedReport;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Cases of one violation that a table shows; the file has them all.
const CASES_SHOWN: usize = 3;

/// One storm's figures.
#[derive(Clone, Debug, Serialize)]
pub struct StormReport {
    pub storm: &'static str,
    pub processes: usize,
    pub tickets: usize,
    /// Commands that some client was told are done.
    pub commands: usize,
    pub requests_without_answer: u64,
    /// Of the commands whose first attempts had no answer: in the log before they were sent again, or not.
    pub unknown_and_applied: usize,
    pub unknown_and_not_applied: usize,
    pub records: usize,
    /// Each is one sync.
    pub commits: usize,
    pub seconds: f64,
    pub kills: usize,
    /// From each restart to the first new number.
    pub restart_ms: Vec<u64>,
    /// Lines that the servers wrote to their log of errors.
    pub complaints: usize,
    pub violations: BTreeMap<&'static str, Vec<String>>,
}

impl StormReport {
    /// Nothing was violated.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// Acknowledged commands that the log does not have.
    pub fn lost(&self) -> usize {
        let lost = self.violations.get("acknowledged and lost");
        lost.map_or(0, Vec::len)
    }

    /// With none lost of n, the chance of losing one is below 3/n at 95 % confidence (rule of three).
    pub fn bound_per_command(&self) -> f64 {
        3.0 / self.commands.max(1) as f64
    }

    fn median_restart(&self) -> Option<u64> {
        let mut sorted = self.restart_ms.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}

/// The storms as a table, and every violation below it.
pub fn table(reports: &[StormReport]) -> String {
    let mut text = String::from(
        "storm            tickets  commands  seconds   cmd/s cmd/sync  kills  unknown+  unknown-   lost       3/n back ms p50/max wrong\n",
    );
    text.extend(reports.iter().map(line));
    for report in reports {
        text += &cases(report.storm, &report.violations);
    }
    text
}

/// Every violation of a storm, with its first cases.
pub(crate) fn cases(storm: &str, violations: &BTreeMap<&'static str, Vec<String>>) -> String {
    let mut text = String::new();
    for (name, cases) in violations {
        writeln!(text, "{storm}: {name} ({})", cases.len()).ok();
        for case in cases.iter().take(CASES_SHOWN) {
            let short: String = case.chars().take(600).collect();
            writeln!(text, "    {short}").ok();
        }
    }
    text
}

fn line(report: &StormReport) -> String {
    let max = report.restart_ms.iter().max();
    let back = report.median_restart().zip(max);
    let back = back.map_or("-".into(), |(median, max)| format!("{median}/{max}"));
    format!(
        "{:<15} {:>8} {:>9} {:>8.1} {:>7.0} {:>7.1} {:>6} {:>9} {:>9} {:>6} {:>9.5} {:>14} {:>5}\n",
        report.storm,
        report.tickets,
        report.commands,
        report.seconds,
        report.commands as f64 / report.seconds,
        report.records as f64 / report.commits.max(1) as f64,
        report.kills,
        report.unknown_and_applied,
        report.unknown_and_not_applied,
        report.lost(),
        report.bound_per_command(),
        back,
        report.violations.values().map(Vec::len).sum::<usize>(),
    )
}

/// Speed: medians with min and max over the rounds, and the ratio to the bare server of the same round.
pub fn speed_table(reports: &[SpeedReport]) -> String {
    let mut text = String::from(
        "store   work     clients           commands/s     of a bare POST          sync ms cmd/sync    open/s           p50 ms           p99 ms           max ms\n",
    );
    for report in reports {
        let pairs = report.commands.iter().zip(&report.bare_posts);
        let ratios: Vec<f64> = pairs.map(|(commands, bare)| commands / bare).collect();
        writeln!(
            text,
            "{:<7} {:<8} {:>7} {:>20} {:>18} {:>16} {:>8.1} {:>9.0} {:>16} {:>16} {:>16}",
            report.store,
            format!("{:?}", report.work).to_lowercase(),
            report.clients,
            spread(&report.commands, 0),
            spread(&ratios, 3),
            spread(&report.sync_ms, 2),
            report.commands_per_sync,
            median(&report.arrivals),
            spread(&report.p50_ms, 2),
            spread(&report.p99_ms, 1),
            spread(&report.max_ms, 0),
        )
        .ok();
    }
    text
}

/// Start-up by age.
pub fn start_table(reports: &[StartReport]) -> String {
    let mut text = String::from(" days   records       MiB   snapshot           start ms\n");
    for report in reports {
        let times: Vec<f64> = report.start_ms.iter().map(|ms| *ms as f64).collect();
        let kept = if report.snapshot { "yes" } else { "no" };
        let (days, records, mib) = (report.days, report.records, report.store_mib);
        writeln!(
            text,
            "{days:>5} {records:>9} {mib:>9.1} {kept:>10} {:>18}",
            spread(&times, 0)
        )
        .ok();
    }
    text
}

/// Memory by tickets.
pub fn memory_table(reports: &[MemoryReport]) -> String {
    let mut text = format!("{:>8} {:>10}\n", "tickets", "RSS MiB");
    for report in reports {
        let mib = report.resident_kib as f64 / 1024.0;
        writeln!(text, "{:>8} {mib:>10.1}", report.tickets).ok();
    }
    text
}

/// What a command costs with one hall and with many.
pub fn network_table(report: &NetworkReport) -> String {
    let halls = report.halls;
    format!(
        "command, 1 hall, us      {}\n\
         command, {halls} halls, us    {}\n\
         ratio                    {}\n\
         GET /halls, 1 hall, us   {}\n\
         GET /halls, {halls} halls, us {}\n\
         resident, 1 hall, MiB    {:.1}\n\
         resident, {halls} halls, MiB  {:.1}\n",
        spread(&report.alone_us, 0),
        spread(&report.among_us, 0),
        spread(&report.ratio, 2),
        spread(&report.list_alone_us, 0),
        spread(&report.list_us, 0),
        report.alone_mib,
        report.among_mib,
    )
}

/// `median (min-max)`
fn spread(values: &[f64], digits: usize) -> String {
    let low = values.iter().copied().fold(f64::MAX, f64::min);
    let high = values.iter().copied().fold(f64::MIN, f64::max);
    let median = median(values);
    format!("{median:.digits$} ({low:.digits$}-{high:.digits$})")
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Writes anything as pretty JSON, making the folder.
pub fn write_json(path: &Path, content: &impl Serialize) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, serde_json::to_string_pretty(content)?)?;
    Ok(())
}
