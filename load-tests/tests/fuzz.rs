//! The parsers of people's input in short: nothing they are given makes one panic, and a planted panic is found.
//!
//! The long version is the same code: `cargo run --release -p load-tests -- fuzz`.

use load_tests::fuzz::{Target, Until, keep_panics_quiet, run, table, targets};

/// Inputs for a field of one line; sheets and plans take longer to read.
const OF_LINES: u64 = 4_000;
const OF_FILES: u64 = 400;

#[test]
fn no_parser_panics_whatever_it_is_given() {
    keep_panics_quiet();
    let reports = targets::all().into_iter().map(|target| {
        let most = match target.name {
            "sheet" | "plan" => OF_FILES,
            _ => OF_LINES,
        };
        run(&target, 1, Until::Executions(most))
    });
    let reports: Vec<_> = reports.collect();
    assert_eq!(reports.len(), 8);
    for report in &reports {
        assert!(
            report.answers >= 4,
            "nothing was tried of {}",
            report.target
        );
        assert_eq!(report.panics, 0, "{}", table(&reports));
    }
}

#[test]
fn a_seed_tries_the_same_inputs_every_time() {
    let [first, again] = [(); 2].map(|()| {
        let phone = targets::all().swap_remove(1);
        let report = run(&phone, 7, Until::Executions(500));
        (report.executions, report.answers, report.panics)
    });
    assert_eq!(first, again);
}

/// A run of twelve: no single change makes one, so inputs that are answered in a new way have to be kept.
fn fails_at_twelve(input: &[u8]) -> String {
    let longest = input.split(|byte| *byte != b'#').map(<[u8]>::len).max();
    let longest = longest.unwrap_or_default();
    assert!(longest < 12, "a column that is too narrow");
    "#".repeat(longest)
}

#[test]
fn a_planted_panic_is_found_and_told_once() {
    keep_panics_quiet();
    let planted = Target {
        name: "planted",
        seeds: vec![b"00731".to_vec()],
        dictionary: &["#"],
        longest: 64,
        read: fails_at_twelve,
    };
    let report = run(&planted, 1, Until::Executions(50_000));
    assert!(report.panics > 0, "{report:?}");
    assert_eq!(report.told.len(), 1, "{report:?}");
    assert!(report.told[0].0.contains("too narrow") && report.told[0].1.contains("####"));
}
