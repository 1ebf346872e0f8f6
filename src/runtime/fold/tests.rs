//! Where folding begins, where it ends, and what it makes of a snapshot that is not the log's.

use super::*;
use crate::runtime::sum::Sum;
use hall::id::{CommandId, Fingerprint};
use hall::{Actor, Time};
use hall_log::memory::MemoryLog;
use hall_log::{Hash, SCHEMA};

fn stream() -> StreamId {
    StreamId::parse("sum").unwrap()
}

fn record(version: u64, count: u64) -> Record<u64> {
    Record {
        version,
        at: Time::parse_from_rfc3339("2026-11-23T09:00:00+08:00").unwrap(),
        actor: Actor::Timer,
        key: CommandId::parse(format!("add/{version}")).unwrap(),
        fingerprint: Fingerprint::parse("0").unwrap(),
        events: vec![count],
    }
}

/// A log of these commits, each with these counts, and the heads behind them.
async fn log_of(commits: &[&[u64]]) -> (Arc<dyn Log>, Vec<Head>) {
    let log: Arc<dyn Log> = Arc::new(MemoryLog::new());
    let mut heads = vec![log.open(&stream()).await.unwrap()];
    for counts in commits {
        let head = heads.last().unwrap();
        let records = (head.version + 1..).zip(*counts);
        let records: Vec<_> = records
            .map(|(version, count)| record(version, *count))
            .collect();
        let json = serde_json::value::to_raw_value(&records).unwrap();
        let commit = Commit::seal(head, head.version + counts.len() as u64, SCHEMA, json);
        log.append(&stream(), head, &commit).await.unwrap();
        heads.push(commit.head());
    }
    (log, heads)
}

fn snapshot(head: &Head, sum: u64) -> Snapshot {
    let version = head.version;
    snapshot_of(&Sum { version, sum }, head.clone())
}

#[tokio::test]
async fn folding_stops_inside_a_commit_and_reading_goes_on_there() {
    let (log, heads) = log_of(&[&[1, 2, 3], &[4]]).await;
    let folded = fold::<Sum>(&log, &stream(), heads[0].epoch, Vec::new(), Some(2)).await;
    let mut folded = folded.unwrap();
    assert_eq!((folded.state.version, folded.state.sum), (2, 3));
    assert_eq!(folded.head, heads[0], "no commit is whole in the state");
    let mut rest = Vec::new();
    while let Some(step) = folded.reader.next().await.unwrap() {
        rest.push((step.record.version, step.head));
    }
    assert_eq!(
        rest,
        [(3, Some(heads[1].clone())), (4, Some(heads[2].clone()))]
    );
}

#[tokio::test]
async fn the_newest_snapshot_that_the_log_continues_is_taken() {
    let (log, heads) = log_of(&[&[1], &[2], &[3], &[4]]).await;
    let other_history = Head {
        hash: Hash::of(b"another"),
        ..heads[2].clone()
    };
    let snapshots = vec![
        snapshot(&heads[1], 1),
        snapshot(&other_history, 1_000),
        snapshot(&heads[4], 10),
    ];
    let stream = stream();
    let up_to_3 = fold::<Sum>(&log, &stream, heads[0].epoch, snapshots.clone(), Some(3));
    let up_to_3 = up_to_3.await.unwrap();
    assert_eq!((up_to_3.state.sum, up_to_3.snapshot_version), (6, 1));
    let whole = fold::<Sum>(&log, &stream, heads[0].epoch, snapshots, None);
    let whole = whole.await.unwrap();
    assert_eq!((whole.state.sum, whole.snapshot_version), (10, 4));
    assert_eq!(whole.head, heads[4]);
}

#[tokio::test]
async fn a_log_that_ends_too_early_is_an_error() {
    let (log, heads) = log_of(&[&[1]]).await;
    let folded = fold::<Sum>(&log, &stream(), heads[0].epoch, Vec::new(), Some(2)).await;
    let error = folded.unwrap_err().to_string();
    assert!(error.contains("the log ends before it"), "{error}");
}
