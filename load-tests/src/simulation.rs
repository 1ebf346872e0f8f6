//! Days that never happened, with everything that can go wrong on them: the server's own owner and the hall's own rules,
//! two of each over one store that fails, in one thread and on a clock of its own.
//!
//! A seed draws a hall, its people, the faults of the store, the kills and the clocks, and plays four days. The same seed
//! plays the same days, so whatever is found is found again: time is the runtime's and stands still while anybody works,
//! nothing but the seed is drawn, and nothing runs beside. After every answer the judge reads the store past all faults
//! and holds against it what was told.
//!
//! | module | |
//! | --- | --- |
//! | [`run`] | one seed: its days, its people, whoever disturbs them |
//! | [`client`] | asks with the same key until it knows |
//! | [`servers`] | two owners, killed and started again |
//! | [`store`] | one store that fails, and each server's handle of it |
//! | [`judge`] | what was told against what is stored |
//! | [`planted`] | mistakes that must be found |
//! | [`sometimes`] | what a long run must have met |
//!
//! What is not simulated: a stop in order, whose snapshot is written by another thread (snapshots are put into the store
//! from outside instead), the stores' own code, and everything above the owner.

pub mod client;
pub mod judge;
pub mod planted;
pub mod run;
pub mod servers;
pub mod sometimes;
pub mod store;

use hall::Hall;
use planted::{Bug, Careless};
use run::{DAYS, Played};
use serde::Serialize;
use sometimes::{Met, Sometimes};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

/// A run of so many days has met everything, or something is wrong with it.
pub const DAYS_ENOUGH: u64 = 2_000;
/// Failures after which a run ends: more of them say nothing new.
const FAILURES_MOST: usize = 10;

/// What a run of many seeds found.
#[derive(Clone, Debug, Serialize)]
pub struct SimulationReport {
    pub first_seed: u64,
    pub seeds: u64,
    pub days: u64,
    pub seconds: f64,
    pub commands: u64,
    pub answers: u64,
    pub records: u64,
    pub met: BTreeMap<&'static str, u64>,
    /// What a run of enough days never met.
    pub never: Vec<&'static str>,
    pub failures: Vec<FailedSeed>,
}

/// A seed that found something.
#[derive(Clone, Debug, Serialize)]
pub struct FailedSeed {
    pub seed: u64,
    pub name: &'static str,
    pub what: String,
}

impl SimulationReport {
    /// Nothing was found, and everything was met.
    pub fn is_clean(&self) -> bool {
        self.failures.is_empty() && self.never.is_empty()
    }
}

/// Plays a seed with the real rules, or with a mistake in the store or in them.
pub fn play(seed: u64, bug: Option<Bug>) -> Played {
    match bug {
        Some(Bug::IdNotLookedUp) => run::play::<Careless<false>>(seed, bug),
        Some(Bug::LentTwice) => run::play::<Careless<true>>(seed, bug),
        _ => run::play::<Hall>(seed, bug),
    }
}

/// Plays seeds until so many days have passed, or, with a limit, that long.
pub fn simulate(first_seed: u64, days: u64, during: Option<Duration>) -> SimulationReport {
    let (begun, mut met) = (Instant::now(), Met::default());
    let mut report = SimulationReport {
        first_seed,
        seeds: 0,
        days: 0,
        seconds: 0.0,
        commands: 0,
        answers: 0,
        records: 0,
        met: BTreeMap::new(),
        never: Vec::new(),
        failures: Vec::new(),
    };
    for seed in first_seed.. {
        let is_over = during.is_some_and(|during| begun.elapsed() > during);
        if report.days >= days || is_over || report.failures.len() >= FAILURES_MOST {
            break;
        }
        let Ok(played) = catch_unwind(|| play(seed, None)) else {
            let (name, what) = ("panicked", "see above".to_owned());
            report.failures.push(FailedSeed { seed, name, what });
            continue;
        };
        met += &played.met;
        report.seeds += 1;
        report.days += played.days;
        report.commands += played.commands;
        report.answers += played.answers;
        report.records += played.records;
        if let Some(failure) = played.failure {
            report.days += 1; // the day that was not played to its end
            let (name, what) = (failure.name, failure.what);
            report.failures.push(FailedSeed { seed, name, what });
        }
    }
    report.seconds = begun.elapsed().as_secs_f64();
    let all = Sometimes::ALL.into_iter();
    report.met = all.map(|what| (what.name(), met.times(what))).collect();
    if report.days >= DAYS_ENOUGH {
        report.never = met.never();
    }
    report
}

/// The first seed of a few that finds a planted bug, and under which name.
pub fn find(bug: Bug, seeds: u64) -> Option<(u64, &'static str)> {
    (0..seeds).find_map(|seed| Some((seed, play(seed, Some(bug)).failure?.name)))
}

/// For people: under which name each planted bug is found, and after how many days.
pub fn table_of_planted(seeds: u64) -> String {
    let mut text = String::from("planted                days  found as\n");
    for bug in Bug::ALL {
        let name = format!("{bug:?}");
        match find(bug, seeds) {
            Some((seed, found)) => {
                writeln!(text, "{name:<20} {:>6}  {found}", (seed + 1) * DAYS).ok();
            }
            None => {
                writeln!(text, "{name:<20}      -  MISSED in {seeds} seeds").ok();
            }
        }
    }
    text
}

/// For people: what was played, what was met, what was found.
pub fn table(report: &SimulationReport) -> String {
    let mut text =
        String::from("seeds    days seconds  days/s commands answers records failures      3/n\n");
    let SimulationReport {
        seeds,
        days,
        seconds,
        commands,
        answers,
        records,
        ..
    } = report;
    let per_second = *days as f64 / seconds;
    // with none of n days failed, the chance that one does is below 3/n at 95 % confidence
    let bound = 3.0 / (*days).max(1) as f64;
    let failures = report.failures.len();
    writeln!(
        text,
        "{seeds:>5} {days:>7} {seconds:>7.1} {per_second:>7.0} {commands:>8} {answers:>7} {records:>7} {failures:>8} {bound:>8.6}\n"
    )
    .ok();
    for what in Sometimes::ALL {
        let name = what.name();
        writeln!(text, "{:>9}  {name}", report.met[name]).ok();
    }
    for name in &report.never {
        writeln!(text, "never met: {name}").ok();
    }
    for FailedSeed { seed, name, what } in &report.failures {
        let short: String = what.chars().take(600).collect();
        writeln!(text, "\nseed {seed}: {name}: {short}").ok();
        writeln!(
            text,
            "    again: cargo run --release -p load-tests -- simulate --seed {seed} --days {DAYS}"
        )
        .ok();
    }
    text
}
