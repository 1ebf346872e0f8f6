//! Days that never happened: seeded random days at random halls, with the invariants looked at after every step and the
//! whole day looked over at its end.
//!
//! Each seed draws its own hall and its own mix of actions, so that some days have nothing but transfers and others no
//! return at all, and on some nobody can book and on others nobody comes without. A failure names its seed; `PAIHAO_SEED=…` plays that day alone, `PAIHAO_DAYS=…` plays more of them.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod fairness;
mod nights;
mod random_day;
mod reference;
mod waiting_list;

use nights::Night;
use random_day::RandomDay;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

/// Enough that a rule broken once in a thousand days is found in every run.
const DAYS: u64 = 10_000;

/// A night is a fifth of a day's work, and has few ways to go.
const NIGHTS: u64 = 3_000;

#[test]
fn ten_thousand_days() {
    play_all(DAYS, |seed| RandomDay::new(seed).play());
}

#[test]
fn three_thousand_nights() {
    play_all(NIGHTS, |seed| Night::new(seed).play());
}

fn play_all(days: u64, play: impl Fn(u64) + Sync) {
    if let Some(seed) = number_from("PAIHAO_SEED") {
        return play(seed);
    }
    let days = number_from("PAIHAO_DAYS").unwrap_or(days);
    let play = &play;
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= days {
                        return;
                    }
                    play_or_name(seed, play);
                }
            });
        }
    });
}

fn play_or_name(seed: u64, play: impl Fn(u64)) {
    let played = catch_unwind(AssertUnwindSafe(|| play(seed)));
    assert!(
        played.is_ok(),
        "the day above failed: play it alone with PAIHAO_SEED={seed}"
    );
}

fn number_from(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a whole number"))
}
