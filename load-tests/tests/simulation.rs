//! The simulation in short: some hundred days without a fault of ours, and every planted one found.
//!
//! The long version is the same code: `cargo run --release -p load-tests -- simulate`.

use load_tests::simulation::planted::Bug;
use load_tests::simulation::{find, play, simulate, table};
use std::time::Duration;

/// As long as it may take beside all other tests; on a slow machine fewer days are played.
const LONGEST: Duration = Duration::from_secs(10);
/// Every planted bug is found within so many seeds.
const SEEDS: u64 = 200;

#[test]
fn two_servers_over_one_failing_store_tell_nothing_untrue() {
    let report = simulate(0, 400, Some(LONGEST));
    assert!(report.is_clean(), "{}", table(&report));
    assert!(report.days > 0);
}

#[test]
fn a_seed_plays_the_same_days_every_time() {
    for seed in 0..5 {
        assert_eq!(play(seed, None), play(seed, None));
    }
}

#[test]
fn every_planted_bug_is_found() {
    let missed = Bug::ALL.map(|bug| (bug, find(bug, SEEDS)));
    let missed: Vec<_> = missed
        .into_iter()
        .filter(|(_, found)| found.is_none())
        .collect();
    assert!(missed.is_empty(), "not found in {SEEDS} seeds: {missed:?}");
}
