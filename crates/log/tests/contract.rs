//! What every log keeps, asked of all of them: memory, SQLite, Redis.
//!
//! The contract is the first half: functions that know nothing of the store behind the trait, run on each. Behind it
//! stands what only one store can be asked: what happens to its files, its server, its locks.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![expect(
    clippy::print_stdout,
    reason = "the figures of a run are read in its output"
)]

#[path = "support/commits.rs"]
mod commits;
#[path = "support/redis_server.rs"]
mod redis_server;

use std::{path::Path, sync::Arc, time::Duration};

use commits::{commit, fill, read_all, stream};
use hall_log::{
    AppendError, Commit, Defect, Durability, Epoch, Hash, Head, Hint, Log, Note, NoteName,
    OpenError, ReadError, Snapshot, StoreOptions, StoreUrl, StreamId, TroubleKind,
    memory::MemoryLog,
    open_store,
    redis::{RedisLog, RedisOptions},
    sqlite::SqliteLog,
};
use redis_server::TestRedis;
use tempfile::TempDir;
use tokio::{sync::mpsc, time::timeout};

/// Long enough for a busy machine; only reached when something is wrong.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for a hint of `stream`, however many others come before it.
async fn hinted(hints: &mut mpsc::Receiver<Hint>, stream: &StreamId) {
    let wanted =
        async { while hints.recv().await.expect("the log still follows").stream != *stream {} };
    timeout(PATIENCE, wanted).await.expect("a hint arrives");
}

// ---- the contract; `other` is the same store as another instance sees it ----

async fn what_is_appended_is_read_back_byte_for_byte(log: Arc<dyn Log>, other: Arc<dyn Log>) {
    let hall = stream("east");
    let written = fill(&*log, &hall, 25).await;
    for log in [&log, &other] {
        assert_eq!(read_all(&**log, &hall).await.unwrap(), written);
        assert_eq!(log.head(&hall).await.unwrap(), written[24].head());
        assert_eq!(
            log.open(&hall).await.unwrap(),
            written[24].head(),
            "opening again changes nothing"
        );
    }
}

async fn an_empty_stream_begins_at_genesis(log: Arc<dyn Log>, other: Arc<dyn Log>) {
    let hall = stream("new");
    assert!(
        matches!(log.head(&hall).await, Err(ReadError::NoSuchStream(missing)) if missing == hall)
    );
    let head = log.open(&hall).await.unwrap();
    assert_eq!((head.version, head.hash), (0, Hash::GENESIS));
    assert_eq!(
        other.open(&hall).await.unwrap(),
        head,
        "the epoch is drawn once"
    );
    assert!(log.read(&hall, 0, 10).await.unwrap().is_empty());
    assert_ne!(log.open(&stream("newer")).await.unwrap().epoch, head.epoch);
}

async fn only_the_exact_head_is_appended_to(log: Arc<dyn Log>, other: Arc<dyn Log>) {
    let hall = stream("east");
    let written = fill(&*log, &hall, 3).await;
    let head = written[2].head();
    let stale = written[1].head();
    match other.append(&hall, &stale, &commit(&stale, "stale")).await {
        Err(AppendError::Conflict(actual)) => assert_eq!(actual, head),
        answer => panic!("a stale head was answered with {answer:?}"),
    }
    // A head that this store never had: the store went back, or it is another one.
    let future = Head {
        version: head.version + 5,
        ..head.clone()
    };
    let answer = other
        .append(&hall, &future, &commit(&future, "future"))
        .await;
    assert!(matches!(answer, Err(AppendError::Forked(_))), "{answer:?}");
    assert_eq!(
        read_all(&*log, &hall).await.unwrap(),
        written,
        "nothing was written"
    );
}

async fn another_history_is_forked(log: Arc<dyn Log>, _: Arc<dyn Log>) {
    let hall = stream("east");
    let written = fill(&*log, &hall, 3).await;
    let head = written[2].head();
    let epoch = Head {
        epoch: Epoch::from_random([9; 16]),
        ..head.clone()
    };
    let hash = Head {
        hash: Hash::of(b"another commit"),
        ..head
    };
    for forked in [epoch, hash] {
        let answer = log.append(&hall, &forked, &commit(&forked, "forked")).await;
        assert!(matches!(answer, Err(AppendError::Forked(_))), "{answer:?}");
    }
    let nowhere = Head::genesis(Epoch::from_random([9; 16]));
    let answer = log
        .append(&stream("nowhere"), &nowhere, &commit(&nowhere, "nowhere"))
        .await;
    assert!(matches!(answer, Err(AppendError::Forked(_))), "{answer:?}");
    assert_eq!(
        read_all(&*log, &hall).await.unwrap(),
        written,
        "nothing was written"
    );
}

async fn of_sixteen_writers_one_wins_each_version(log: Arc<dyn Log>, other: Arc<dyn Log>) {
    const EACH: usize = 12;
    let hall = stream("east");
    log.open(&hall).await.unwrap();
    let writers: Vec<_> = (0..16)
        .map(|writer| {
            let log = if writer % 2 == 0 {
                Arc::clone(&log)
            } else {
                Arc::clone(&other)
            };
            let hall = hall.clone();
            tokio::spawn(async move {
                let mut head = log.open(&hall).await.unwrap();
                let mut won = Vec::new();
                while won.len() < EACH {
                    let commit = commit(&head, &format!("writer-{writer}"));
                    match log.append(&hall, &head, &commit).await {
                        Ok(()) => {
                            head = commit.head();
                            won.push(commit);
                        }
                        Err(AppendError::Conflict(newer)) => head = newer,
                        Err(error) => panic!("{error}"),
                    }
                }
                won
            })
        })
        .collect();
    let mut won = Vec::new();
    for writer in writers {
        won.extend(writer.await.unwrap());
    }
    won.sort_by_key(|commit| commit.last);
    assert_eq!(won.len(), 16 * EACH);
    assert_eq!(
        read_all(&*log, &hall).await.unwrap(),
        won,
        "every winner is there, and nothing else"
    );
}

async fn reading_starts_and_stops_where_it_is_asked_to(log: Arc<dyn Log>, _: Arc<dyn Log>) {
    let hall = stream("east");
    let written = fill(&*log, &hall, 9).await;
    let middle = written[4].last;
    assert_eq!(log.read(&hall, middle, 100).await.unwrap(), written[5..]);
    assert_eq!(log.read(&hall, middle, 2).await.unwrap(), written[5..7]);
    // Version 2 is the first record of the second commit, which ends at 3: a commit is not cut.
    assert_eq!(log.read(&hall, 2, 1).await.unwrap(), written[1..2]);
    assert!(
        log.read(&hall, written[8].last, 100)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(log.read(&hall, u64::MAX, 100).await.unwrap().is_empty());
}

async fn followers_are_told_of_appends(log: Arc<dyn Log>, other: Arc<dyn Log>) {
    let (east, west, deaf) = (stream("east"), stream("west"), stream("deaf"));
    let mut heads = Vec::new();
    for hall in [&east, &west, &deaf] {
        heads.push(log.open(hall).await.unwrap());
    }
    let mut hints = other.follow(vec![east.clone(), west.clone()]).await;
    // named once each at the start, in any order
    let mut unnamed = vec![&east, &west];
    while !unnamed.is_empty() {
        let hint = timeout(PATIENCE, hints.recv())
            .await
            .expect("a hint arrives");
        let hint = hint.expect("the log still follows");
        unnamed.retain(|stream| **stream != hint.stream);
    }
    for (hall, at) in [(&deaf, 2), (&west, 1), (&east, 0), (&west, 1)] {
        let commit = commit(&heads[at], "hint");
        log.append(hall, &heads[at], &commit).await.unwrap();
        heads[at] = commit.head();
        if *hall != deaf {
            hinted(&mut hints, hall).await;
        }
    }
    assert!(
        hints.try_recv().is_err(),
        "nobody is told of a stream that is not followed"
    );
}

async fn a_slow_follower_misses_nothing(log: Arc<dyn Log>, other: Arc<dyn Log>) {
    let (busy, quiet) = (stream("busy"), stream("quiet"));
    let head = log.open(&quiet).await.unwrap();
    let mut hints = other.follow(vec![busy.clone(), quiet.clone()]).await;
    hinted(&mut hints, &quiet).await;
    fill(&*log, &busy, 200).await;
    log.append(&quiet, &head, &commit(&head, "one"))
        .await
        .unwrap();
    fill(&*log, &busy, 200).await;
    hinted(&mut hints, &quiet).await;
}

async fn a_snapshot_takes_the_place_of_the_older_one(log: Arc<dyn Log>, other: Arc<dyn Log>) {
    let (east, west) = (stream("east"), stream("west"));
    let written = fill(&*log, &east, 2).await;
    log.open(&west).await.unwrap();
    assert_eq!(log.load_snapshot(&east).await.unwrap(), None);
    for commit in &written {
        let state = format!(r#"{{"waiting":{},"name":"东"}}"#, commit.last);
        let snapshot = Snapshot {
            head: commit.head(),
            schema: 3,
            state,
        };
        log.save_snapshot(&east, &snapshot).await.unwrap();
        assert_eq!(other.load_snapshot(&east).await.unwrap(), Some(snapshot));
    }
    assert_eq!(log.load_snapshot(&west).await.unwrap(), None);
}

async fn a_note_is_replaced_only_by_who_has_read_it(log: Arc<dyn Log>, other: Arc<dyn Log>) {
    let (east, west) = (stream("east"), stream("west"));
    for hall in [&east, &west] {
        log.open(hall).await.unwrap();
    }
    let [cursor, letters] =
        ["webhooks.cursor", "webhooks.letters"].map(|name| NoteName::parse(name).unwrap());
    assert_eq!(log.note(&east, &cursor).await.unwrap(), None);
    let early = log.replace_note(&east, &cursor, 1, "too early").await;
    assert!(!early.unwrap(), "there is no revision 1 yet");
    for (expected, text) in [(0, "过号 \"1\""), (1, ""), (2, "three")] {
        assert!(
            log.replace_note(&east, &cursor, expected, text)
                .await
                .unwrap()
        );
        for stale in [0, expected, expected + 2] {
            let kept = other.replace_note(&east, &cursor, stale, "stale").await;
            assert!(!kept.unwrap(), "{stale} is not the revision");
        }
        let note = other.note(&east, &cursor).await.unwrap().unwrap();
        assert_eq!((note.revision, note.text.as_str()), (expected + 1, text));
    }
    assert_eq!(log.note(&west, &cursor).await.unwrap(), None);
    assert_eq!(log.note(&east, &letters).await.unwrap(), None);
}

async fn of_eight_writers_one_keeps_each_revision(log: Arc<dyn Log>, other: Arc<dyn Log>) {
    let (hall, name) = (stream("east"), NoteName::parse("count").unwrap());
    log.open(&hall).await.unwrap();
    let writers = (0..8).map(|writer| {
        let log = Arc::clone(if writer % 2 == 0 { &log } else { &other });
        let (hall, name) = (hall.clone(), name.clone());
        tokio::spawn(async move {
            let mut added = 0;
            while added < 10 {
                let note = log.note(&hall, &name).await.unwrap();
                let Note { revision, text } = note.unwrap_or(Note {
                    revision: 0,
                    text: "0".to_owned(),
                });
                let more = (text.parse::<u64>().unwrap() + 1).to_string();
                let kept = log.replace_note(&hall, &name, revision, &more).await;
                added += usize::from(kept.unwrap());
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let note = log.note(&hall, &name).await.unwrap().unwrap();
    assert_eq!((note.revision, note.text.as_str()), (80, "80"));
}

async fn the_secret_is_the_same_for_all(log: Arc<dyn Log>, other: Arc<dyn Log>) {
    let secret = log.secret([1; 32]).await.unwrap();
    assert_eq!(secret, [1; 32]);
    assert_eq!(other.secret([2; 32]).await.unwrap(), secret);
    assert_eq!(log.secret([3; 32]).await.unwrap(), secret);
}

async fn streams_are_listed_by_name(log: Arc<dyn Log>, other: Arc<dyn Log>) {
    assert!(log.streams().await.unwrap().is_empty());
    for name in ["west", "east", "hall-3"] {
        log.open(&stream(name)).await.unwrap();
    }
    fill(&*log, &stream("east"), 2).await;
    assert_eq!(
        other.streams().await.unwrap(),
        ["east", "hall-3", "west"].map(stream)
    );
}

async fn a_commit_sealed_on_another_head_is_a_bug(log: Arc<dyn Log>, _: Arc<dyn Log>) {
    let hall = stream("east");
    let head = log.open(&hall).await.unwrap();
    let next = commit(&commit(&head, "first").head(), "second");
    let caller = tokio::spawn(async move { log.append(&hall, &head, &next).await });
    assert!(caller.await.unwrap_err().is_panic());
}

/// Runs the contract on one store; the store's own value is kept until the end, and tells the two instances.
macro_rules! contract {
    ($($function:ident),+ $(,)?) => {
        mod memory { $(
            #[tokio::test]
            async fn $function() {
                let log: std::sync::Arc<dyn super::Log> = std::sync::Arc::new(super::MemoryLog::new());
                super::$function(std::sync::Arc::clone(&log), log).await;
            }
        )+ }
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $function() {
                let directory = tempfile::tempdir().unwrap();
                let log = super::SqliteLog::open(&directory.path().join("log.db")).unwrap();
                let log: std::sync::Arc<dyn super::Log> = std::sync::Arc::new(log);
                super::$function(std::sync::Arc::clone(&log), log).await;
            }
        )+ }
        mod redis { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $function() {
                let server = super::TestRedis::start();
                super::$function(super::redis(&server).await, super::redis(&server).await).await;
            }
        )+ }
    };
}

contract!(
    what_is_appended_is_read_back_byte_for_byte,
    an_empty_stream_begins_at_genesis,
    only_the_exact_head_is_appended_to,
    another_history_is_forked,
    of_sixteen_writers_one_wins_each_version,
    reading_starts_and_stops_where_it_is_asked_to,
    followers_are_told_of_appends,
    a_slow_follower_misses_nothing,
    a_snapshot_takes_the_place_of_the_older_one,
    a_note_is_replaced_only_by_who_has_read_it,
    of_eight_writers_one_keeps_each_revision,
    the_secret_is_the_same_for_all,
    streams_are_listed_by_name,
    a_commit_sealed_on_another_head_is_a_bug,
);

// ---- damage, on the stores that keep bytes ----

const CHANGES: usize = 200;

/// One stored text with one byte changed to another.
fn change_one_byte(rng: &mut fastrand::Rng, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_owned();
    let at = rng.usize(..bytes.len());
    bytes[at] ^= rng.u8(1..);
    bytes
}

/// Where reading stops, and that it stops.
async fn defect_found(log: &dyn Log, stream: &StreamId) -> Defect {
    match read_all(log, stream).await {
        Err(ReadError::Defect(defect)) => defect,
        // The head is the last commit's: damage there is found by asking for it.
        other => panic!("the damage was not found: {other:?}"),
    }
}

#[tokio::test]
async fn any_changed_byte_in_sqlite_is_found_and_placed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.db");
    let (hall, mut rng) = (stream("east"), fastrand::Rng::with_seed(20261121));
    let log = SqliteLog::open(&path).unwrap();
    let written = fill(&log, &hall, 12).await;
    let hand = rusqlite::Connection::open(&path).unwrap();
    let mut put = hand
        .prepare("UPDATE commits SET body = CAST(?2 AS TEXT) WHERE last = ?1")
        .unwrap();
    let mut found = 0;
    for _ in 0..CHANGES {
        let commit = &written[rng.usize(..written.len())];
        let place = i64::try_from(commit.last).unwrap();
        let changed = change_one_byte(&mut rng, &commit.encode());
        assert_eq!(put.execute(rusqlite::params![place, changed]).unwrap(), 1);
        let defect = defect_found(&log, &hall).await;
        assert_eq!(
            (&defect.stream, defect.version),
            (&hall, commit.last),
            "{defect}"
        );
        found += 1;
        put.execute(rusqlite::params![place, commit.encode().into_bytes()])
            .unwrap();
    }
    assert_eq!(
        read_all(&log, &hall).await.unwrap(),
        written,
        "all changes were taken back"
    );
    println!("SQLite: {found} of {CHANGES} single-byte changes found at their commit");
}

#[tokio::test]
async fn any_changed_byte_in_redis_is_found_and_placed() {
    let server = TestRedis::start_with(&[("appendfsync", "no")]);
    let (hall, mut rng) = (stream("east"), fastrand::Rng::with_seed(20261121));
    let log = redis(&server).await;
    let written = fill(&*log, &hall, 12).await;
    let mut hand = hand(&server).await;
    let mut found = 0;
    for _ in 0..CHANGES {
        let damaged = &written[rng.usize(..written.len())];
        // Redis has no command that changes an entry, so all of them are written anew.
        let mut rewrite = ::redis::pipe();
        rewrite.cmd("DEL").arg("paihao:{east}:log").ignore();
        for commit in &written {
            let text = commit.encode();
            let body = if commit == damaged {
                change_one_byte(&mut rng, &text)
            } else {
                text.into_bytes()
            };
            rewrite
                .cmd("XADD")
                .arg("paihao:{east}:log")
                .arg(format!("{}-0", commit.last))
                .arg("c")
                .arg(body)
                .ignore();
        }
        rewrite.exec_async(&mut hand).await.unwrap();
        let defect = defect_found(&*log, &hall).await;
        assert_eq!(
            (&defect.stream, defect.version),
            (&hall, damaged.last),
            "{defect}"
        );
        found += 1;
    }
    println!("Redis: {found} of {CHANGES} single-byte changes found at their commit");
}

#[tokio::test]
async fn a_missing_commit_breaks_the_chain_at_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.db");
    let (log, hall) = (SqliteLog::open(&path).unwrap(), stream("east"));
    let written = fill(&log, &hall, 5).await;
    let hand = rusqlite::Connection::open(&path).unwrap();
    hand.execute(
        "DELETE FROM commits WHERE last = ?1",
        [i64::try_from(written[2].last).unwrap()],
    )
    .unwrap();
    assert_eq!(defect_found(&log, &hall).await.version, written[3].last);
}

// ---- SQLite ----

fn sqlite(directory: &TempDir) -> Result<SqliteLog, OpenError> {
    SqliteLog::open(&directory.path().join("deep/down/log.db"))
}

#[tokio::test]
async fn sqlite_keeps_everything_over_reopening() {
    let (directory, hall) = (tempfile::tempdir().unwrap(), stream("east"));
    let (written, snapshot) = {
        let log = sqlite(&directory).unwrap();
        let written = fill(&log, &hall, 10).await;
        let snapshot = Snapshot {
            head: written[9].head(),
            schema: 1,
            state: "{}".to_owned(),
        };
        log.save_snapshot(&hall, &snapshot).await.unwrap();
        log.secret([5; 32]).await.unwrap();
        (written, snapshot)
    };
    let log = sqlite(&directory).unwrap();
    assert_eq!(log.durability(), Durability::E);
    assert_eq!(log.streams().await.unwrap(), std::slice::from_ref(&hall));
    assert_eq!(read_all(&log, &hall).await.unwrap(), written);
    assert_eq!(log.load_snapshot(&hall).await.unwrap(), Some(snapshot));
    assert_eq!(log.secret([6; 32]).await.unwrap(), [5; 32]);
    let next = commit(&written[9].head(), "next");
    log.append(&hall, &written[9].head(), &next).await.unwrap();
}

#[tokio::test]
async fn sqlite_is_served_once_and_read_by_many() {
    let (directory, hall) = (tempfile::tempdir().unwrap(), stream("east"));
    let log = sqlite(&directory).unwrap();
    let written = fill(&log, &hall, 4).await;
    let refusal = sqlite(&directory).unwrap_err().to_string();
    assert!(
        refusal.contains("log.db is already served by another paihao process"),
        "{refusal}"
    );
    assert!(
        refusal.contains(&format!("process {}", std::process::id())),
        "{refusal}"
    );

    let path = directory.path().join("deep/down/log.db");
    let reader = SqliteLog::open_read_only(&path).unwrap();
    assert_eq!(read_all(&reader, &hall).await.unwrap(), written);
    assert_eq!(reader.open(&hall).await.unwrap(), written[3].head());
    let head = written[3].head();
    let answer = reader.append(&hall, &head, &commit(&head, "reader")).await;
    assert!(
        matches!(answer, Err(AppendError::Unavailable(_))),
        "{answer:?}"
    );

    let next = commit(&head, "next");
    log.append(&hall, &head, &next).await.unwrap();
    assert_eq!(
        reader.head(&hall).await.unwrap(),
        next.head(),
        "what is appended meanwhile is seen"
    );
    drop(log);
    sqlite(&directory).expect("the lock is let go with the log");
}

#[test]
fn sqlite_refuses_files_that_are_not_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let refusal = |path: &Path| {
        let refusals = [SqliteLog::open(path), SqliteLog::open_read_only(path)]
            .map(|answer| answer.unwrap_err().to_string());
        assert_eq!(refusals[0], refusals[1]);
        refusals[0].replace(&*directory.path().to_string_lossy(), "DIR")
    };

    let text = directory.path().join("letter.txt");
    std::fs::write(&text, "Dear Sir or Madam, ".repeat(100)).unwrap();
    expect_test::expect!["DIR/letter.txt is not a paihao database (it is not a SQLite file): give the path of another file"].assert_eq(&refusal(&text));

    expect_test::expect![
        "DIR is not a paihao database (it is a directory): give the path of another file"
    ]
    .assert_eq(&refusal(directory.path()));

    let other = directory.path().join("other.db");
    rusqlite::Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE birds (name TEXT)")
        .unwrap();
    expect_test::expect!["DIR/other.db is not a paihao database (it is another program's SQLite database): give the path of another file"].assert_eq(&refusal(&other));

    let newer = directory.path().join("newer.db");
    drop(SqliteLog::open(&newer).unwrap());
    let hand = rusqlite::Connection::open(&newer).unwrap();
    hand.execute("UPDATE meta SET value = '2' WHERE key = 'store_schema'", [])
        .unwrap();
    drop(hand);
    expect_test::expect!["DIR/newer.db was written by a newer paihao (store schema 2, this one knows 1): run that version or a newer one; nothing was changed"].assert_eq(&refusal(&newer));

    let missing = SqliteLog::open_read_only(&directory.path().join("missing.db")).unwrap_err();
    assert!(matches!(missing, OpenError::File { .. }), "{missing}");
    assert!(
        !directory.path().join("missing.db").exists(),
        "looking makes nothing"
    );
}

#[tokio::test]
async fn a_failed_commit_is_unknown_and_the_log_goes_on_from_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.db");
    let (log, hall) = (SqliteLog::open(&path).unwrap(), stream("east"));
    let written = fill(&log, &hall, 3).await;
    let head = written[2].head();
    // A constraint that is only looked at by COMMIT makes COMMIT fail as a failing disk would.
    let hand = rusqlite::Connection::open(&path).unwrap();
    hand.execute_batch(
        "CREATE TABLE broken (gone INTEGER REFERENCES meta(key) DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER breaks AFTER INSERT ON commits BEGIN INSERT INTO broken VALUES ('nothing'); END;",
    )
    .unwrap();
    let next = commit(&head, "next");
    let answer = log.append(&hall, &head, &next).await;
    assert!(matches!(answer, Err(AppendError::Unknown(_))), "{answer:?}");
    assert_eq!(
        log.head(&hall).await.unwrap(),
        head,
        "reading tells that it is not there"
    );
    // the database was written anew, so this is another file
    let hand = rusqlite::Connection::open(&path).unwrap();
    hand.execute_batch("DROP TRIGGER breaks").unwrap();
    log.append(&hall, &head, &next).await.unwrap();
    assert_eq!(log.head(&hall).await.unwrap(), next.head());
}

#[tokio::test]
async fn a_full_store_writes_nothing_and_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.db");
    let (log, hall) = (SqliteLog::open(&path).unwrap(), stream("east"));
    let written = fill(&log, &hall, 3).await;
    let head = written[2].head();
    let hand = rusqlite::Connection::open(&path).unwrap();
    hand.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON commits BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END",
    )
    .unwrap();
    let next = commit(&head, "next");
    let answer = log.append(&hall, &head, &next).await;
    assert!(
        matches!(answer, Err(AppendError::Unavailable(_))),
        "{answer:?}"
    );
    hand.execute_batch("DROP TRIGGER full").unwrap();
    log.append(&hall, &head, &next).await.unwrap();
}

// ---- Redis ----

async fn redis(server: &TestRedis) -> Arc<dyn Log> {
    Arc::new(
        RedisLog::connect(&server.url(), RedisOptions::default())
            .await
            .unwrap(),
    )
}

/// Answers soon, so that a frozen server does not keep the test waiting.
fn impatient() -> RedisOptions {
    RedisOptions {
        append_within: Duration::from_millis(200),
        ..RedisOptions::default()
    }
}

/// A connection as an administrator has one.
async fn hand(server: &TestRedis) -> ::redis::aio::MultiplexedConnection {
    let client = ::redis::Client::open(server.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

#[tokio::test]
async fn redis_loses_nothing_acknowledged_when_killed() {
    let mut server = TestRedis::start();
    let (log, hall) = (redis(&server).await, stream("east"));
    let snapshot = Snapshot {
        head: log.open(&hall).await.unwrap(),
        schema: 1,
        state: "{}".to_owned(),
    };
    log.save_snapshot(&hall, &snapshot).await.unwrap();
    log.secret([5; 32]).await.unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let writer = {
            let (log, hall) = (Arc::clone(&log), hall.clone());
            tokio::spawn(async move { append_until_it_fails(&*log, &hall).await })
        };
        // Some appends go through, then the server dies under the others.
        let mut hints = log.follow(vec![hall.clone()]).await;
        for _ in 0..100 {
            hinted(&mut hints, &hall).await;
        }
        server.kill_9();
        let (won, error) = writer.await.unwrap();
        assert!(
            matches!(error, AppendError::Unknown(_) | AppendError::Unavailable(_)),
            "round {round}: {error:?}"
        );
        acknowledged.extend(won);
        server.restart();
    }
    let all = read_all(&*log, &hall).await.unwrap();
    assert!(acknowledged.iter().all(|commit| all.contains(commit)));
    println!(
        "Redis: killed 3 times, {} appends acknowledged, {} found, 0 lost",
        acknowledged.len(),
        all.len()
    );
    assert_eq!(log.streams().await.unwrap(), std::slice::from_ref(&hall));
    assert_eq!(log.load_snapshot(&hall).await.unwrap(), Some(snapshot));
    assert_eq!(log.secret([6; 32]).await.unwrap(), [5; 32]);
}

async fn append_until_it_fails(log: &dyn Log, hall: &StreamId) -> (Vec<Commit>, AppendError) {
    let mut won = Vec::new();
    let mut head = head_when_it_answers(log, hall).await;
    loop {
        let commit = commit(&head, "load");
        match log.append(hall, &head, &commit).await {
            Ok(()) => {
                head = commit.head();
                won.push(commit);
            }
            Err(error) => return (won, error),
        }
    }
}

/// After a restart the first answer may still be the old connection's.
async fn head_when_it_answers(log: &dyn Log, hall: &StreamId) -> Head {
    let asking = async {
        loop {
            if let Ok(head) = log.head(hall).await {
                return head;
            }
        }
    };
    timeout(PATIENCE, asking)
        .await
        .expect("the server answers again")
}

#[tokio::test]
async fn an_append_to_a_frozen_redis_is_unknown_and_found_later() {
    let server = TestRedis::start();
    let log = RedisLog::connect(&server.url(), impatient()).await.unwrap();
    let hall = stream("east");
    let head = log.open(&hall).await.unwrap();
    let lost_and_found = commit(&head, "frozen");
    server.freeze();
    let answer = log.append(&hall, &head, &lost_and_found).await;
    assert!(matches!(answer, Err(AppendError::Unknown(_))), "{answer:?}");
    server.thaw();
    assert_eq!(
        head_when_it_answers(&log, &hall).await,
        lost_and_found.head(),
        "the head stands behind the append"
    );
    assert_eq!(log.read(&hall, 0, 10).await.unwrap(), [lost_and_found]);
}

#[tokio::test]
async fn a_redis_that_is_gone_is_unavailable() {
    let mut server = TestRedis::start();
    let (log, hall) = (redis(&server).await, stream("east"));
    let written = fill(&*log, &hall, 2).await;
    let head = written[1].head();
    server.kill_9();
    let next = commit(&head, "next");
    // The first append learns that the connection is cut, which may have been after sending; the next cannot connect.
    let first = log.append(&hall, &head, &next).await;
    assert!(
        matches!(
            first,
            Err(AppendError::Unknown(_) | AppendError::Unavailable(_))
        ),
        "{first:?}"
    );
    let second = log.append(&hall, &head, &next).await;
    assert!(
        matches!(second, Err(AppendError::Unavailable(_))),
        "{second:?}"
    );
    assert!(matches!(
        log.read(&hall, 0, 10).await,
        Err(ReadError::Unavailable(_))
    ));
    server.restart();
    log.append(&hall, &head, &next)
        .await
        .expect("the very first append after the restart goes through");
}

#[tokio::test]
async fn a_redis_that_refuses_writes_is_unavailable() {
    let server = TestRedis::start();
    let (log, hall) = (redis(&server).await, stream("east"));
    let head = fill(&*log, &hall, 2).await[1].head();
    let mut hand = hand(&server).await;
    for (setting, refusing, accepting) in
        [("maxmemory", "1", "0"), ("min-replicas-to-write", "1", "0")]
    {
        let set = |value| {
            ::redis::cmd("CONFIG")
                .arg("SET")
                .arg(setting)
                .arg(value)
                .to_owned()
        };
        set(refusing).exec_async(&mut hand).await.unwrap();
        let answer = log.append(&hall, &head, &commit(&head, "next")).await;
        assert!(
            matches!(answer, Err(AppendError::Unavailable(_))),
            "{setting}: {answer:?}"
        );
        set(accepting).exec_async(&mut hand).await.unwrap();
    }
    assert_eq!(log.head(&hall).await.unwrap(), head);
    log.append(&hall, &head, &commit(&head, "next"))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_redis_that_lost_or_changed_its_history_is_forked() {
    let server = TestRedis::start();
    let (log, hall) = (redis(&server).await, stream("east"));
    let mut hand = hand(&server).await;
    let written = fill(&*log, &hall, 4).await;
    let head = written[3].head();
    // each time by a log that has confirmed nothing itself; one that has tells a trouble by name (`set_back.rs`)
    let forked = async |what: &str| {
        let log = redis(&server).await;
        let answer = log.append(&hall, &head, &commit(&head, "next")).await;
        assert!(
            matches!(answer, Err(AppendError::Forked(_))),
            "{what}: {answer:?}"
        );
    };
    // An older copy restored: meta and entries fit each other, but end before what was read.
    let older = written[1].head();
    ::redis::cmd("COPY")
        .arg("paihao:{east}:log")
        .arg("paihao:{kept}:log")
        .exec_async(&mut hand)
        .await
        .unwrap();
    let mut restore = ::redis::pipe();
    restore.cmd("DEL").arg("paihao:{east}:log");
    for commit in &written[..2] {
        restore
            .cmd("XADD")
            .arg("paihao:{east}:log")
            .arg(format!("{}-0", commit.last))
            .arg("c")
            .arg(commit.encode());
    }
    restore
        .cmd("HSET")
        .arg("paihao:{east}:meta")
        .arg("version")
        .arg(older.version)
        .arg("hash")
        .arg(older.hash.to_string());
    restore.exec_async(&mut hand).await.unwrap();
    forked("older copy").await;
    // Entries gone, meta still there.
    ::redis::cmd("DEL")
        .arg("paihao:{east}:log")
        .exec_async(&mut hand)
        .await
        .unwrap();
    forked("entries deleted").await;
    let opened = redis(&server).await.open(&hall).await;
    assert!(matches!(opened, Err(ReadError::Defect(_))), "{opened:?}");
    // Entries there, meta gone: no new history is begun on top of them.
    ::redis::cmd("RENAME")
        .arg("paihao:{kept}:log")
        .arg("paihao:{east}:log")
        .exec_async(&mut hand)
        .await
        .unwrap();
    ::redis::cmd("DEL")
        .arg("paihao:{east}:meta")
        .exec_async(&mut hand)
        .await
        .unwrap();
    forked("head deleted").await;
    let opened = redis(&server).await.open(&hall).await;
    assert!(matches!(opened, Err(ReadError::Defect(_))), "{opened:?}");
    // Everything gone.
    ::redis::cmd("FLUSHALL")
        .exec_async(&mut hand)
        .await
        .unwrap();
    forked("all deleted").await;
    let anew = redis(&server).await.open(&hall).await.unwrap();
    assert_ne!(anew.epoch, head.epoch);
    forked("all deleted, another instance began anew").await;
}

#[tokio::test]
async fn followers_hear_again_after_a_restart() {
    let mut server = TestRedis::start();
    let (log, hall) = (redis(&server).await, stream("east"));
    let head = log.open(&hall).await.unwrap();
    let mut hints = log.follow(vec![hall.clone()]).await;
    hinted(&mut hints, &hall).await;
    server.kill_9();
    server.restart();
    hinted(&mut hints, &hall).await;
    assert_eq!(head_when_it_answers(&*log, &hall).await, head);
    log.append(&hall, &head, &commit(&head, "after"))
        .await
        .unwrap();
    hinted(&mut hints, &hall).await;
}

#[tokio::test]
async fn a_redis_is_worth_what_its_settings_say() {
    for (settings, durability, word) in [
        (&[][..], Durability::R1, "appendfsync always"),
        (
            &[("appendfsync", "everysec")][..],
            Durability::R0,
            "may lose the last second",
        ),
        (
            &[("appendonly", "no")][..],
            Durability::R0,
            "a restart loses everything",
        ),
        (
            &[("maxmemory-policy", "allkeys-lru")][..],
            Durability::R0,
            "may drop a hall's log",
        ),
        (
            &[("rename-command", "CONFIG ")][..],
            Durability::R0,
            "the settings may not be read",
        ),
    ] {
        let server = TestRedis::start_with(settings);
        let log = RedisLog::connect(&server.url(), RedisOptions::default())
            .await
            .unwrap();
        let report = log.report();
        assert_eq!(log.durability(), durability, "{report}");
        assert!(report.to_string().contains(word), "{report}");
        assert_eq!(log.findings(), report.findings);
    }
}

#[tokio::test]
async fn a_redis_that_became_weaker_takes_nothing_until_it_is_as_before() {
    let server = TestRedis::start();
    let log = RedisLog::connect(&server.url(), RedisOptions::default())
        .await
        .unwrap();
    let hall = stream("east");
    let head = fill(&log, &hall, 3).await[2].head();
    let mut hand = hand(&server).await;
    let set = async |hand: &mut ::redis::aio::MultiplexedConnection, value: &str| {
        let mut set = ::redis::cmd("CONFIG");
        set.arg("SET").arg("appendfsync").arg(value);
        set.exec_async(hand).await.unwrap();
    };
    set(&mut hand, "no").await;
    let mut cut = ::redis::cmd("CLIENT");
    cut.arg("KILL")
        .arg("TYPE")
        .arg("normal")
        .arg("SKIPME")
        .arg("yes");
    cut.exec_async(&mut hand).await.unwrap();
    let next = commit(&head, "next");
    // the first may only find out that its connection is gone
    while log.trouble().is_none() {
        let answer = log.append(&hall, &head, &next).await;
        assert!(answer.is_err(), "{answer:?}");
    }
    assert_eq!(log.trouble().unwrap().kind, TroubleKind::Weakened);
    assert!(log.head(&hall).await.is_err(), "nor is anything confirmed");
    set(&mut hand, "always").await;
    assert_eq!(log.head(&hall).await.unwrap(), head, "nothing was written");
    log.append(&hall, &head, &next).await.unwrap();
    assert!(log.trouble().is_none());
}

#[tokio::test]
async fn with_a_replica_asked_for_an_append_waits_for_it() {
    let server = TestRedis::start();
    let replica = TestRedis::start_with(&[("replicaof", &format!("127.0.0.1 {}", server.port()))]);
    let options = RedisOptions {
        replicas: 1,
        replicas_within: Duration::from_millis(200),
        ..RedisOptions::default()
    };
    let log = RedisLog::connect(&server.url(), options).await.unwrap();
    assert_eq!(log.durability(), Durability::R2);
    let hall = stream("east");
    let head = log.open(&hall).await.unwrap();
    let first = commit(&head, "first");
    // Until the replica has copied everything it confirms nothing, and the append may be there or not.
    let confirmed = async {
        if log.append(&hall, &head, &first).await.is_err() {
            assert_eq!(head_when_it_answers(&log, &hall).await, first.head());
        }
    };
    timeout(PATIENCE, confirmed).await.unwrap();

    replica.freeze();
    let second = commit(&first.head(), "second");
    let answer = log.append(&hall, &first.head(), &second).await;
    assert!(matches!(answer, Err(AppendError::Unknown(_))), "{answer:?}");
    assert!(
        matches!(log.head(&hall).await, Err(ReadError::Unavailable(_))),
        "it is not shown as the head"
    );
    assert!(
        matches!(log.read(&hall, 0, 10).await, Err(ReadError::Unavailable(_))),
        "nor read"
    );
    replica.thaw();
    // What is asked first after the outage waits for the replica, and that leaves no trace in a hall's own keys.
    let opened = async { while log.open(&stream("west")).await.is_err() {} };
    timeout(PATIENCE, opened).await.unwrap();
    assert_eq!(head_when_it_answers(&log, &hall).await, second.head());
    assert_eq!(log.read(&hall, 0, 10).await.unwrap(), [first, second]);

    let replica_itself = RedisLog::connect(&replica.url(), RedisOptions::default())
        .await
        .unwrap();
    assert_eq!(replica_itself.durability(), Durability::R0);
    let answer = replica_itself.open(&stream("west")).await;
    assert!(
        matches!(answer, Err(ReadError::Unavailable(_))),
        "{answer:?}"
    );
}

// ---- opening by name ----

async fn open(url: &str) -> Result<Arc<dyn Log>, OpenError> {
    open_store(&StoreUrl::parse(url)?, &StoreOptions::default()).await
}

#[tokio::test]
async fn stores_are_opened_by_their_names() {
    let (directory, server) = (tempfile::tempdir().unwrap(), TestRedis::start());
    let sqlite = format!("sqlite:{}/log.db", directory.path().display());
    for (url, durability) in [
        ("memory:", Durability::R0),
        (&sqlite, Durability::E),
        (&server.url(), Durability::R1),
    ] {
        let log = open(url).await.unwrap();
        assert_eq!(
            (log.describe(), log.durability()),
            (url.to_owned(), durability)
        );
        fill(&*log, &stream("east"), 1).await;
    }
    let reading = StoreOptions {
        read_only: true,
        ..StoreOptions::default()
    };
    let log = open_store(&sqlite.parse().unwrap(), &reading)
        .await
        .unwrap();
    assert_eq!(read_all(&*log, &stream("east")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_says_what_to_do() {
    let mut server = TestRedis::start_with(&[("requirepass", "geheim")]);
    let address = server.url();
    let refusal = async |url: &str| {
        open(url)
            .await
            .unwrap_err()
            .to_string()
            .replace(&address, "ADDRESS")
    };
    let wrong = address.replace("redis://", "redis://:falsch@");
    expect_test::expect!["ADDRESS refused (Password authentication failed - AuthenticationFailed): are user, password and rights right?"].assert_eq(&refusal(&wrong).await);
    expect_test::expect![[r#"ADDRESS refused ("NOAUTH": Authentication required.): are user, password and rights right?"#]].assert_eq(&refusal(&address).await);
    server.kill_9();
    expect_test::expect!["ADDRESS does not answer (Connection refused (os error 111)): is Redis running there, and are host and port right?"].assert_eq(&refusal(&wrong).await);
    expect_test::expect![[
        r#"unknown kind of store "postgres": use sqlite:PATH, redis://HOST:PORT or memory:"#
    ]]
    .assert_eq(&refusal("postgres://db").await);
}
