//! What the owners count, for `/metrics` and the load tests.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::time::Duration;

/// Counters of one process; each has its registry, so that several can live in one test.
#[derive(Debug)]
pub struct Figures {
    pub registry: Registry,
    commands: Counter,
    refusals: Counter,
    commits: Counter,
    records: Counter,
    conflicts: Counter,
    unknown_outcomes: Counter,
    answer_seconds: Histogram,
    append_seconds: Histogram,
}

impl Default for Figures {
    fn default() -> Figures {
        let seconds = || Histogram::new(exponential_buckets(0.000_1, 2.0, 16));
        let mut figures = Figures {
            registry: Registry::with_prefix("paihao"),
            commands: Counter::default(),
            refusals: Counter::default(),
            commits: Counter::default(),
            records: Counter::default(),
            conflicts: Counter::default(),
            unknown_outcomes: Counter::default(),
            answer_seconds: seconds(),
            append_seconds: seconds(),
        };
        let registry = &mut figures.registry;
        registry.register("commands", "Commands answered", figures.commands.clone());
        registry.register(
            "refusals",
            "Commands refused or not answered",
            figures.refusals.clone(),
        );
        registry.register(
            "commits",
            "Commits appended: one sync each",
            figures.commits.clone(),
        );
        registry.register(
            "records",
            "Records in those commits",
            figures.records.clone(),
        );
        registry.register(
            "conflicts",
            "Commits decided again because another instance was first",
            figures.conflicts.clone(),
        );
        registry.register(
            "unknown_outcomes",
            "Appends whose outcome had to be read",
            figures.unknown_outcomes.clone(),
        );
        registry.register(
            "answer_seconds",
            "From a command's arrival to its answer",
            figures.answer_seconds.clone(),
        );
        registry.register(
            "append_seconds",
            "From a commit to its durability",
            figures.append_seconds.clone(),
        );
        figures
    }
}

impl Figures {
    pub(super) fn committed(&self, records: usize, took: Duration) {
        self.commits.inc();
        self.records.inc_by(records as u64);
        self.append_seconds.observe(took.as_secs_f64());
    }

    pub(super) fn answered(&self, took: Duration, accepted: bool) {
        self.commands.inc();
        if !accepted {
            self.refusals.inc();
        }
        self.answer_seconds.observe(took.as_secs_f64());
    }

    pub(super) fn conflicted(&self) {
        self.conflicts.inc();
    }

    pub(super) fn outcome_unknown(&self) {
        self.unknown_outcomes.inc();
    }
}
