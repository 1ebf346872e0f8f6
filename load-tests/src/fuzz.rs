//! What people type, scan and hand in, thrown at its parsers by the million: none may panic, hang, or read its own
//! output as something else.
//!
//! There is no coverage to go by on a stable compiler, so what a parser answers stands in for it: an input that is
//! answered as none before joins the corpus and is changed further. Inputs are bytes; a parser of texts gets them with
//! what is no UTF-8 replaced. The same seed tries the same inputs.

pub mod mutation;
pub mod targets;

use mutation::Mutator;
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::time::{Duration, Instant};

/// Inputs that are kept to be changed further.
const CORPUS_MOST: usize = 4_096;
/// Different panics of one target that are told; the others are counted.
const PANICS_TOLD: usize = 10;
/// Longer than this for one input is as bad as a panic: a request waits for it. A busy machine is slow, too.
const HANG: Duration = Duration::from_secs(5);

/// A parser to be tried.
#[derive(Debug)]
pub struct Target {
    pub name: &'static str,
    /// What people hand in on good days.
    pub seeds: Vec<Vec<u8>>,
    /// Pieces that mean something to it.
    pub dictionary: &'static [&'static str],
    /// Longest input, in bytes.
    pub longest: usize,
    /// Reads an input and checks what must hold. What it answers tells whether the input was a new one.
    pub read: fn(&[u8]) -> String,
}

/// When a target has been tried enough.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    Executions(u64),
    Elapsed(Duration),
}

/// What became of one target.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TargetReport {
    pub target: &'static str,
    pub executions: u64,
    pub seconds: f64,
    /// Different answers.
    pub answers: usize,
    pub slowest_ms: f64,
    pub panics: u64,
    /// The first of each kind: what was said, and the input.
    pub told: Vec<(String, String)>,
}

thread_local! {
    /// What the last panic of this thread said.
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Whether this thread tries an input.
    static TRIES: Cell<bool> = const { Cell::new(false) };
}

/// Keeps what a tried parser's panics say instead of printing it, from now on.
pub fn keep_panics_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let otherwise = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| match TRIES.get() {
            true => SAID.with(|said| *said.borrow_mut() = Some(info.to_string())),
            false => otherwise(info),
        }));
    });
}

/// Tries one target.
pub fn run(target: &Target, seed: u64, until: Until) -> TargetReport {
    let mut report = TargetReport {
        target: target.name,
        ..TargetReport::default()
    };
    let mut mutator = Mutator::new(seed, target);
    let mut answers: HashSet<String> = HashSet::new();
    let begun = Instant::now();
    for input in target.seeds.clone() {
        tried(target, &input, &mut report, &mut answers);
    }
    while !until.is_over(&report, begun) {
        let input = mutator.input();
        if tried(target, &input, &mut report, &mut answers) && mutator.corpus.len() < CORPUS_MOST {
            mutator.corpus.push(input);
        }
    }
    report.seconds = begun.elapsed().as_secs_f64();
    report.answers = answers.len();
    report
}

/// Whether this input was answered as none before.
fn tried(
    target: &Target,
    input: &[u8],
    report: &mut TargetReport,
    answers: &mut HashSet<String>,
) -> bool {
    report.executions += 1;
    let begun = Instant::now();
    TRIES.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.read)(input)));
    TRIES.set(false);
    let took = begun.elapsed();
    report.slowest_ms = report.slowest_ms.max(took.as_secs_f64() * 1_000.0);
    let said = match outcome {
        Ok(_) if took > HANG => Some(format!("took {} s", took.as_secs())),
        Ok(answer) => return answers.insert(kind_of(&answer)),
        Err(_) => SAID.with(|said| said.borrow_mut().take()),
    };
    let said = said.unwrap_or_default();
    report.panics += 1;
    let is_new = !report
        .told
        .iter()
        .any(|(known, _)| kind_of(known) == kind_of(&said));
    if is_new && report.told.len() < PANICS_TOLD {
        report.told.push((said, input.escape_ascii().to_string()));
    }
    is_new
}

/// An answer without its figures and without what it quotes: many inputs are answered alike.
fn kind_of(answer: &str) -> String {
    const LONGEST: usize = 120;
    let mut is_quoted = false;
    let kind = answer.chars().filter(|c| {
        is_quoted ^= matches!(c, '`' | '"');
        !is_quoted && !c.is_ascii_digit()
    });
    kind.take(LONGEST).collect()
}

impl Until {
    fn is_over(self, report: &TargetReport, begun: Instant) -> bool {
        match self {
            Until::Executions(most) => report.executions >= most,
            Until::Elapsed(time) => begun.elapsed() >= time,
        }
    }
}

/// The figures, for people.
pub fn table(reports: &[TargetReport]) -> String {
    let mut table = String::from(
        "| target | executions | answers | slowest, ms | panics |\n| --- | --- | --- | --- | --- |\n",
    );
    for report in reports {
        let TargetReport {
            target,
            executions,
            answers,
            slowest_ms,
            panics,
            ..
        } = report;
        let _ = writeln!(
            table,
            "| {target} | {executions} | {answers} | {slowest_ms:.1} | {panics} |"
        );
        for (said, input) in &report.told {
            let _ = writeln!(table, "\n{said}\n  \"{input}\"\n");
        }
    }
    table
}
