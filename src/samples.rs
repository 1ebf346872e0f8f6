//! The sample halls: what a demo opens, and what tests are about.

use hall::Plan;

/// The model hall and a smaller one.
pub fn sample_plans() -> Vec<Plan> {
    let samples = [
        include_str!("../plans/zhuzhou.toml"),
        include_str!("../plans/lusong.toml"),
    ];
    samples
        .iter()
        .map(|text| Plan::from_toml(text).expect("a test reads the samples"))
        .collect()
}
