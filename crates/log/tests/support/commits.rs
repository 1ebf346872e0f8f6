//! Commits for tests, and reading them back as a hall's owner does.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![allow(
    dead_code,
    reason = "each test binary that includes this file uses a part of it"
)]

use hall_log::{Commit, Head, Log, ReadError, SCHEMA, StreamId, verify_chain};
use serde_json::value::RawValue;

pub fn stream(name: &str) -> StreamId {
    StreamId::parse(name).unwrap()
}

/// A commit of `records` records behind `head`.
pub fn commit_of(head: &Head, records: u64, note: &str) -> Commit {
    let versions = head.version + 1..=head.version + records;
    let records: Vec<String> = versions
        .clone()
        .map(|version| {
            format!(
                r#"{{"version":{version},"at":"2026-11-21T09:00:00+08:00","actor":"kiosk-1","key":"{note}-{version}","events":[{{"type":"TicketTaken","number":"A{version:03}","note":"窗口 {note}"}}]}}"#
            )
        })
        .collect();
    let records = RawValue::from_string(format!("[{}]", records.join(", "))).unwrap();
    Commit::seal(head, *versions.end(), SCHEMA, records)
}

pub fn commit(head: &Head, note: &str) -> Commit {
    commit_of(head, 1, note)
}

/// Appends `count` commits of one, two, three, one, … records, and answers them.
pub async fn fill(log: &dyn Log, stream: &StreamId, count: u64) -> Vec<Commit> {
    let mut head = log.open(stream).await.unwrap();
    let mut commits = Vec::new();
    for number in 0..count {
        let commit = commit_of(&head, number % 3 + 1, "fill");
        log.append(stream, &head, &commit).await.unwrap();
        head = commit.head();
        commits.push(commit);
    }
    commits
}

/// Reads everything in small steps and checks the whole chain, as a hall's owner does.
pub async fn read_all(log: &dyn Log, stream: &StreamId) -> Result<Vec<Commit>, ReadError> {
    let mut head = Head::genesis(log.head(stream).await?.epoch);
    let mut all = Vec::new();
    loop {
        let commits = log.read(stream, head.version, 7).await?;
        if commits.is_empty() {
            return Ok(all);
        }
        for commit in commits {
            head = verify_chain(stream, &head, &commit)?;
            all.push(commit);
        }
    }
}
