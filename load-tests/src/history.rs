//! The checker: what the clients saw against what the log has.
//!
//! The log is the witness of the order, so the check is a few sorted passes, and it says by name what is broken. It
//! keeps a model of its own (who is at which window), written without the hall's rules, so that a mistake there is not
//! repeated here.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

/// What a client wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A number for this service.
    Take(&'static str),
    /// This window's action, such as `call-next`.
    Window(u16, &'static str),
}

/// One answer that a client heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A number was given out.
    Took { number: String, token: String },
    /// A window acted and has this ticket now.
    AtWindow(Option<String>),
    /// Refused, with the problem's type.
    Refused(String),
}

/// One request of one client with everything it heard about it, over all its attempts.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The command's name in the log.
    pub id: String,
    pub request: Request,
    /// From the start of the first attempt to the end of the last, on one clock for all clients.
    pub begun: Duration,
    pub ended: Duration,
    /// In the order in which they came; none when the outcome was never learnt.
    pub heard: Vec<Heard>,
    /// Attempts without an answer: cut connections, time-outs, 503.
    pub unknown: u32,
    /// After the first attempt without an answer: whether the log had the command before it was sent again.
    pub was_applied: Option<bool>,
}

/// One record of the log.
#[derive(Clone, Debug)]
pub struct Entry {
    pub version: u64,
    /// The command's name.
    pub id: String,
    /// Whether a client sent it; else it fell due by itself or made the hall.
    pub by_client: bool,
    pub happened: Vec<Happening>,
}

/// What the checker needs of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    Taken {
        number: String,
        token: String,
    },
    Called {
        number: String,
        window: u16,
    },
    Started {
        number: String,
        window: u16,
    },
    Finished {
        number: String,
        window: u16,
    },
    /// No ticket moves.
    Aside,
    /// Something that no storm asks for.
    Unexpected(String),
}

/// What must not be, by name, with the first cases of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub violations: BTreeMap<&'static str, Vec<String>>,
}

impl Verdict {
    /// Nothing was found.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// How often this was found.
    pub fn count(&self, name: &str) -> usize {
        self.violations.get(name).map_or(0, Vec::len)
    }

    /// Notes a violation.
    pub fn add(&mut self, name: &'static str, what: String) {
        self.violations.entry(name).or_default().push(what);
    }
}

/// Holds the clients' history against the log.
pub fn check(operations: &[Operation], log: &[Entry]) -> Verdict {
    let mut verdict = Verdict::default();
    the_log_is_whole(log, &mut verdict);
    numbers_are_unique_and_without_gap(log, &mut verdict);
    nobody_is_at_two_windows(log, &mut verdict);
    no_two_clients_have_one_number(operations, &mut verdict);
    answers_are_in_the_log(operations, log, &mut verdict);
    nothing_happened_unasked(operations, log, &mut verdict);
    order_is_kept(operations, log, &mut verdict);
    verdict
}

/// Versions are dense, and each command is there once.
fn the_log_is_whole(log: &[Entry], verdict: &mut Verdict) {
    let mut seen = HashSet::new();
    for (entry, version) in log.iter().zip(1..) {
        if entry.version != version {
            verdict.add(
                "hole in the log",
                format!("{} follows {}", entry.version, version - 1),
            );
        }
        if !seen.insert(&entry.id) {
            verdict.add("command applied twice", entry.id.clone());
        }
        for happening in &entry.happened {
            if let Happening::Unexpected(what) = happening {
                verdict.add(
                    "unexpected event",
                    format!("version {}: {what}", entry.version),
                );
            }
        }
    }
}

fn numbers_are_unique_and_without_gap(log: &[Entry], verdict: &mut Verdict) {
    let (mut numbers, mut tokens) = (HashSet::new(), HashSet::new());
    let mut last: BTreeMap<&str, u32> = BTreeMap::new();
    for happening in log.iter().flat_map(|entry| &entry.happened) {
        let Happening::Taken { number, token } = happening else {
            continue;
        };
        if !numbers.insert(number) || !tokens.insert(token) {
            verdict.add("duplicate number", number.clone());
        }
        let letters = number.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
        let (prefix, ordinal) = number.split_at(letters);
        let before = last.entry(prefix).or_default();
        if ordinal.parse() != Ok(*before + 1) {
            verdict.add(
                "gap in a series",
                format!("{number} follows {prefix}{before:03}"),
            );
        }
        *before = ordinal.parse().unwrap_or(*before);
    }
}

/// A model of the hall's floor: each ticket waits, is at one window, or is done.
fn nobody_is_at_two_windows(log: &[Entry], verdict: &mut Verdict) {
    let mut at: HashMap<&str, u16> = HashMap::new();
    let mut has: BTreeMap<u16, &str> = BTreeMap::new();
    let mut done: HashSet<&str> = HashSet::new();
    for entry in log {
        for happening in &entry.happened {
            match happening {
                Happening::Called { number, window } => {
                    let elsewhere = at.insert(number, *window);
                    if elsewhere.is_some() || done.contains(number.as_str()) {
                        let what = format!("{number} at window {window} and {elsewhere:?}");
                        verdict.add("called twice", what);
                    }
                    if let Some(other) = has.insert(*window, number) {
                        let what = format!("window {window} has {other} and {number}");
                        verdict.add("two tickets at a window", what);
                    }
                }
                Happening::Started { number, window } | Happening::Finished { number, window } => {
                    if at.get(number.as_str()) != Some(window) {
                        verdict.add("served elsewhere", format!("{number} at window {window}"));
                    }
                    if matches!(happening, Happening::Finished { .. }) {
                        at.remove(number.as_str());
                        has.remove(window);
                        done.insert(number);
                    }
                }
                Happening::Taken { .. } | Happening::Aside | Happening::Unexpected(_) => {}
            }
        }
    }
}

fn no_two_clients_have_one_number(operations: &[Operation], verdict: &mut Verdict) {
    let mut owner: HashMap<&str, &str> = HashMap::new();
    for operation in operations {
        let numbers: BTreeSet<&str> = operation.heard.iter().filter_map(Heard::number).collect();
        for number in numbers {
            if let Some(other) = owner.insert(number, &operation.id) {
                let what = format!("{number} was given to {other} and {}", operation.id);
                verdict.add("duplicate number", what);
            }
        }
    }
}

/// Everything acknowledged is there, as it was told, and every client was told the same each time.
fn answers_are_in_the_log(operations: &[Operation], log: &[Entry], verdict: &mut Verdict) {
    let records: HashMap<&str, &Entry> =
        log.iter().map(|entry| (entry.id.as_str(), entry)).collect();
    for operation in operations {
        let record = records.get(operation.id.as_str());
        let told = operation.told();
        if operation.heard.is_empty() {
            verdict.add("outcome never learnt", format!("{operation:?}"));
        }
        if told.windows(2).any(|pair| pair[0] != pair[1]) {
            verdict.add("different answers", format!("{operation:?}"));
        }
        match (told.first(), record) {
            (Some(heard), Some(record)) if !record.says(&operation.request, heard) => {
                verdict.add(
                    "answer is not the record",
                    format!("{operation:?} {record:?}"),
                );
            }
            (Some(_), Some(_)) | (None, None) => {}
            (Some(_), None) if operation.is_empty_call() => {}
            (Some(_), None) => verdict.add("acknowledged and lost", format!("{operation:?}")),
            (None, Some(record)) => {
                verdict.add("refused and applied", format!("{operation:?} {record:?}"));
            }
        }
    }
}

fn nothing_happened_unasked(operations: &[Operation], log: &[Entry], verdict: &mut Verdict) {
    let asked: HashSet<&str> = operations.iter().map(|o| o.id.as_str()).collect();
    for entry in log.iter().filter(|entry| entry.by_client) {
        if !asked.contains(entry.id.as_str()) {
            verdict.add("applied unasked", format!("{entry:?}"));
        }
    }
}

/// What was answered before something else was asked is before it in the log.
fn order_is_kept(operations: &[Operation], log: &[Entry], verdict: &mut Verdict) {
    let versions: HashMap<&str, u64> = log
        .iter()
        .map(|entry| (entry.id.as_str(), entry.version))
        .collect();
    let placed = |operation: &&Operation| versions.contains_key(operation.id.as_str());
    let version_of = |operation: &Operation| versions[operation.id.as_str()];
    let mut by_begin: Vec<&Operation> = operations.iter().filter(placed).collect();
    let mut by_end = by_begin.clone();
    by_begin.sort_by_key(|operation| operation.begun);
    by_end.sort_by_key(|operation| operation.ended);
    let mut ended = by_end.into_iter().peekable();
    let mut latest: Option<&Operation> = None;
    for operation in by_begin {
        while let Some(before) = ended.next_if(|other| other.ended < operation.begun) {
            if latest.is_none_or(|latest| version_of(latest) < version_of(before)) {
                latest = Some(before);
            }
        }
        if let Some(before) = latest.filter(|before| version_of(before) > version_of(operation)) {
            let what = format!(
                "{} (version {}) was answered before {} (version {}) was asked",
                before.id,
                version_of(before),
                operation.id,
                version_of(operation)
            );
            verdict.add("order not kept", what);
        }
    }
}

impl Heard {
    fn number(&self) -> Option<&str> {
        match self {
            Heard::Took { number, .. } => Some(number),
            Heard::AtWindow(_) | Heard::Refused(_) => None,
        }
    }
}

impl Operation {
    /// What must be told alike: refusals and empty calls are decided anew each time, so a later answer may be another.
    fn told(&self) -> Vec<&Heard> {
        let counts = |heard: &&Heard| match heard {
            Heard::Refused(_) => false,
            Heard::AtWindow(None) => !self.calls() || self.is_empty_call(),
            Heard::Took { .. } | Heard::AtWindow(Some(_)) => true,
        };
        self.heard.iter().filter(counts).collect()
    }

    /// A call into an empty room: it changes nothing and leaves no record.
    pub fn is_empty_call(&self) -> bool {
        let empty = |heard: &Heard| matches!(heard, Heard::AtWindow(None) | Heard::Refused(_));
        self.calls() && self.heard.iter().all(empty)
    }

    fn calls(&self) -> bool {
        matches!(self.request, Request::Window(_, "call-next"))
    }
}

impl Entry {
    /// Whether this record gives that answer.
    fn says(&self, request: &Request, heard: &Heard) -> bool {
        match (request, heard) {
            (Request::Take(_), Heard::Took { number, token }) => {
                self.happened.iter().any(|happening| {
                    matches!(happening, Happening::Taken { number: n, token: t } if n == number && t == token)
                })
            }
            (Request::Window(at, _), Heard::AtWindow(ticket)) => {
                let now = self.happened.iter().rev().find_map(|happening| match happening {
                    Happening::Called { number, window } | Happening::Started { number, window } => {
                        Some((*window, Some(number)))
                    }
                    Happening::Finished { window, .. } => Some((*window, None)),
                    _ => None,
                });
                now.map_or(ticket.is_none(), |now| now == (*at, ticket.as_ref()))
            }
            (Request::Take(_), Heard::AtWindow(_) | Heard::Refused(_))
            | (Request::Window(..), Heard::Took { .. } | Heard::Refused(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests;
