//! What a question to the guide costs: with the sample, and with 2,000 articles.
//!
//! Rounds alternate between the two, because the machine is shared: the figures are of this machine, their ratio is not.

use paihao::guide::sample::{guide, large_guide};
use paihao::guide::{Guide, Ready, Shelf};
use paihao::samples::sample_plans;
use serde::Serialize;
use std::time::Instant;

/// As many as a large city's guide has.
const ARTICLES: usize = 2_000;
/// The questions of the product's own tests: as people ask.
const QUESTIONS: &str = include_str!("../../tests/golden/guide-queries.csv");

/// The figures of each round.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GuideReport {
    pub articles: usize,
    /// Milliseconds to make the index.
    pub index_ms: f64,
    /// Milliseconds of a question with the sample's articles: the middle one and the longest.
    pub sample_p50_ms: Vec<f64>,
    pub sample_max_ms: Vec<f64>,
    /// The same with all articles.
    pub p50_ms: Vec<f64>,
    pub max_ms: Vec<f64>,
    /// The middle one with all articles by that with the sample's.
    pub ratio: Vec<f64>,
}

/// Alternating rounds of every question.
pub fn run(rounds: usize) -> GuideReport {
    let small = ready(&guide());
    let begun = Instant::now();
    let large = ready(&large_guide(ARTICLES));
    let mut report = GuideReport {
        articles: ARTICLES,
        index_ms: begun.elapsed().as_secs_f64() * 1_000.0,
        ..GuideReport::default()
    };
    for _ in 0..rounds {
        let (p50, max) = asked(&small);
        report.sample_p50_ms.push(p50);
        report.sample_max_ms.push(max);
        let (large_p50, large_max) = asked(&large);
        report.p50_ms.push(large_p50);
        report.max_ms.push(large_max);
        report.ratio.push(large_p50 / p50);
    }
    report
}

fn ready(guide: &Guide) -> Ready {
    let plans = sample_plans();
    let plan = plans.first().expect("the sample has a hall");
    Ready::new(guide, plan, (1, 1))
}

/// Milliseconds of a question: the middle one and the longest.
fn asked(ready: &Ready) -> (f64, f64) {
    let shelf = Shelf::default();
    let questions = QUESTIONS
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next());
    let mut took: Vec<f64> = questions
        .map(|question| {
            let begun = Instant::now();
            std::hint::black_box(shelf.search(ready, question));
            begun.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    took.sort_by(f64::total_cmp);
    let longest = took.last().copied().unwrap_or(0.0);
    (took.get(took.len() / 2).copied().unwrap_or(0.0), longest)
}

/// A line for people.
pub fn table(report: &GuideReport) -> String {
    let middle = |figures: &[f64]| {
        let mut figures = figures.to_vec();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or(0.0)
    };
    let most = report.max_ms.iter().copied().fold(0.0, f64::max);
    format!(
        "guide with {} articles: index {:.0} ms; a question {:.2} ms (p50), {:.2} ms (longest), {:.1} times the sample's\n",
        report.articles,
        report.index_ms,
        middle(&report.p50_ms),
        most,
        middle(&report.ratio),
    )
}
