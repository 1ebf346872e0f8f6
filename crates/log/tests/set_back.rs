//! What restarts, older copies and hands do to a Redis, while it is used and before a start. In each case nothing that was
//! acknowledged is lost without a word.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "support/commits.rs"]
mod commits;
#[path = "support/redis_server.rs"]
mod redis_server;

use commits::{commit, fill, read_all, stream};
use hall_log::redis::{RedisLog, RedisOptions};
use hall_log::{
    AppendError, Commit, Finding, Grade, Log, LostTail, OpenError, ServerClock, StoreOptions,
    StreamId, TroubleKind,
};
use redis_server::TestRedis;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// A condition that is not there by then will not come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at it.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A Redis with twelve commits of one hall and a secret, and the mark of the server that wrote them.
struct Store {
    redis: TestRedis,
    directory: TempDir,
    hall: StreamId,
    written: Vec<Commit>,
}

impl Store {
    async fn filled() -> Store {
        let mut store = Store {
            redis: TestRedis::start(),
            directory: tempfile::tempdir().unwrap(),
            hall: stream("east"),
            written: Vec::new(),
        };
        let log = store.open().await.unwrap();
        store.written = fill(&log, &store.hall, 12).await;
        log.secret([7; 32]).await.unwrap();
        store
    }

    fn mark(&self) -> PathBuf {
        self.directory.path().join("marks/hall.mark")
    }

    async fn open(&self) -> Result<RedisLog, OpenError> {
        self.open_accepting(&[]).await
    }

    async fn open_accepting(&self, lost: &[&str]) -> Result<RedisLog, OpenError> {
        let accept_lost: Vec<LostTail> = lost.iter().map(|name| name.parse().unwrap()).collect();
        self.open_with(StoreOptions {
            accept_lost,
            mark: Some(self.mark()),
            ..StoreOptions::default()
        })
        .await
    }

    async fn open_with(&self, options: StoreOptions) -> Result<RedisLog, OpenError> {
        RedisLog::open_with(&self.redis.url(), options).await
    }

    /// Another server on the same Redis, elsewhere.
    async fn open_elsewhere(&self) -> RedisLog {
        self.open_with(self.elsewhere()).await.unwrap()
    }

    fn elsewhere(&self) -> StoreOptions {
        StoreOptions {
            mark: Some(self.directory.path().join("elsewhere.mark")),
            ..StoreOptions::default()
        }
    }

    /// One more acknowledged commit.
    async fn append(&mut self, log: &RedisLog) -> Result<(), AppendError> {
        let head = self.written.last().unwrap().head();
        let next = commit(&head, "more");
        log.append(&self.hall, &head, &next).await?;
        self.written.push(next);
        Ok(())
    }

    /// The same to a Redis that was just started again: the first may only find out that the connection is gone.
    async fn goes_on(&mut self, log: &RedisLog) {
        let goes_on = async {
            while self.append(log).await.is_err() {
                sleep(LOOK_AGAIN).await;
            }
        };
        timeout(PATIENCE, goes_on).await.unwrap();
    }

    /// Everything that was acknowledged is there, and more can be.
    async fn is_whole(&mut self, log: &RedisLog) {
        self.goes_on(log).await;
        assert_eq!(read_all(log, &self.hall).await.unwrap(), self.written);
        assert_eq!(log.secret([9; 32]).await.unwrap(), [7; 32]);
        assert!(log.trouble().is_none());
    }

    async fn refusal(&self) -> String {
        let refusal = self.open().await.unwrap_err().to_string();
        let directory = self.directory.path().to_string_lossy().into_owned();
        let refusal = refusal.replace(&directory, "DIR");
        refusal.replace(&self.redis.url(), "REDIS")
    }

    /// What a hand with `redis-cli` does.
    async fn hand(&self, words: &[&str]) {
        let client = ::redis::Client::open(self.redis.url()).unwrap();
        let mut hand = client.get_multiplexed_async_connection().await.unwrap();
        let mut cmd = ::redis::cmd(words[0]);
        words[1..].iter().for_each(|word| {
            cmd.arg(word);
        });
        cmd.exec_async(&mut hand).await.unwrap();
    }
}

/// Waits until the store tells a trouble of this kind, without being asked for anything.
async fn tells(log: &RedisLog, kind: TroubleKind) {
    let told = async {
        while log.trouble().is_none_or(|trouble| trouble.kind != kind) {
            sleep(LOOK_AGAIN).await;
        }
    };
    let told = timeout(PATIENCE, told).await;
    told.unwrap_or_else(|_| panic!("{:?} instead of {kind:?}", log.trouble()));
}

fn told(findings: &[Finding], words: &str) -> bool {
    findings.iter().any(|finding| finding.text.contains(words))
}

// ---- before a start ----

#[tokio::test]
async fn an_older_copy_is_refused_until_what_is_lost_is_accepted_by_name() {
    let mut store = Store::filled().await;
    let older = store.redis.copy();
    let log = store.open().await.unwrap();
    for _ in 0..5 {
        store.append(&log).await.unwrap();
    }
    drop(log);
    let newest = store.redis.copy();
    store.redis.restart_with(older.path());

    expect_test::expect![[r#"
        REDIS does not hold all that was acknowledged: DIR/marks/hall.mark says that there was more.
          east: ends at version 24, version 29 was acknowledged 0 minutes ago
        Stop this Redis and put the right data back. If another Redis is meant than the one of DIR/marks/hall.mark: name another mark with --mark. Only if it is gone for good: start once with --accept-lost east:24-29. The numbers that were lost are then skipped, so that none is given out twice. Nothing was changed"#]]
    .assert_eq(&store.refusal().await);
    let reader = store.open_with(StoreOptions {
        read_only: true,
        mark: Some(store.mark()),
        ..StoreOptions::default()
    });
    let findings = reader.await.unwrap().findings();
    let lost = findings.iter().find(|finding| finding.grade == Grade::Lost);
    assert!(lost.unwrap().text.contains("east: ends at version 24"));

    // what the sentence says first is what helps
    store.redis.restart_with(newest.path());
    let log = store.open().await.unwrap();
    store.is_whole(&log).await;
    drop(log);

    store.redis.restart_with(older.path());
    let another = store.open_accepting(&["east:24-29"]).await.unwrap_err();
    assert!(matches!(another, OpenError::Behind { .. }), "{another}");
    // accepted, but nothing was recorded about it before the process ended
    let accepted = store.open_accepting(&["east:24-30"]).await.unwrap();
    assert_eq!(accepted.lost_tails()[0].to_string(), "east:24-30");
    accepted.head(&store.hall).await.unwrap();
    drop(accepted);
    assert!(store.refusal().await.contains("--accept-lost east:24-30"));
    let log = store.open_accepting(&["east:24-30"]).await.unwrap();
    store.written.truncate(12);
    store.is_whole(&log).await;
    drop(log);
    let log = store.open().await.unwrap();
    store.is_whole(&log).await;
}

/// Each server has a mark of its own, and the numbers of one loss are skipped once.
#[tokio::test]
async fn a_loss_that_was_recorded_at_one_server_is_not_asked_about_at_another() {
    let mut store = Store::filled().await;
    let older = store.redis.copy();
    let (log, other) = (store.open().await.unwrap(), store.open_elsewhere().await);
    store.append(&log).await.unwrap();
    other.head(&store.hall).await.unwrap(); // it knows one less than is lost
    store.append(&log).await.unwrap();
    drop((log, other));
    let newest = store.redis.copy();
    store.redis.restart_with(older.path());
    let refusal = |opened: Result<RedisLog, OpenError>| opened.unwrap_err().to_string();
    let elsewhere = async || store.open_with(store.elsewhere()).await;
    assert!(refusal(elsewhere().await).contains("--accept-lost east:24-25"));
    assert!(store.refusal().await.contains("--accept-lost east:24-26"));

    // accepted, and not recorded yet: the other one asks, too
    let log = store.open_accepting(&["east:24-26"]).await.unwrap();
    assert!(refusal(elsewhere().await).contains("--accept-lost east:24-25"));
    store.written.truncate(12);
    let head = store.written[11].head();
    let skipped = commit(&head, "what was lost is skipped");
    log.append(&store.hall, &head, &skipped).await.unwrap();
    store.written.push(skipped);
    let other = store.open_with(store.elsewhere()).await.unwrap();
    assert!(other.lost_tails().is_empty());
    assert!(told(&other.findings(), "accepted at another server"));
    drop((log, other));
    assert!(store.open().await.unwrap().lost_tails().is_empty());
    let other = store.open_with(store.elsewhere()).await.unwrap();
    assert!(!told(&other.findings(), "accepted at another server"));
    store.is_whole(&other).await;
    drop(other);

    // what is lost of the history that follows is another loss
    let recorded = store.redis.copy();
    let log = store.open_with(store.elsewhere()).await.unwrap();
    store.append(&log).await.unwrap();
    drop(log);
    store.redis.restart_with(recorded.path());
    assert!(refusal(store.open_with(store.elsewhere()).await).contains("--accept-lost east:"));
    store.redis.restart_with(newest.path());
    assert!(refusal(store.open_with(store.elsewhere()).await).contains("--accept-lost east:"));
}

#[tokio::test]
async fn a_loss_that_needs_no_record_is_settled() {
    let mut store = Store::filled().await;
    let older = store.redis.copy();
    let log = store.open().await.unwrap();
    store.append(&log).await.unwrap();
    drop(log);
    store.redis.restart_with(older.path());
    let log = store.open_accepting(&["east:24-25"]).await.unwrap();
    log.settle_loss(&store.hall).await.unwrap();
    drop(log);
    let opened = store.open().await;
    opened.expect("a loss that is settled is not asked about again");
}

#[tokio::test]
async fn an_empty_redis_beside_an_old_mark_is_no_new_hall() {
    let store = Store::filled().await;
    store.hand(&["FLUSHALL"]).await;
    let refusal = store.refusal().await;
    assert!(
        refusal.starts_with("REDIS is empty, but DIR/marks/hall.mark says"),
        "{refusal}"
    );
    // and what it prints is accepted: with everything else the secret is gone too
    let log = store.open_accepting(&["east:0-24"]).await.unwrap();
    assert_eq!(log.lost_tails().len(), 1);
    assert_eq!(log.open(&store.hall).await.unwrap().version, 0);
    assert_eq!(log.secret([8; 32]).await.unwrap(), [8; 32]);
}

#[tokio::test]
async fn another_secret_and_another_redis_are_refused() {
    let mut store = Store::filled().await;
    store
        .hand(&["SET", "paihao:secret", &"ab".repeat(32)])
        .await;
    let refusal = store.refusal().await;
    assert!(
        refusal.starts_with("the secret key in REDIS was changed"),
        "{refusal}"
    );
    let other = Store::filled().await;
    other
        .hand(&["SET", "paihao:secret", &"cd".repeat(32)])
        .await;
    store.redis = other.redis;
    let refusal = store.refusal().await;
    assert!(
        refusal.contains("name another mark with --mark"),
        "{refusal}"
    );
    store.open_elsewhere().await;
}

#[tokio::test]
async fn a_store_that_is_new_says_so_and_one_without_a_mark_gets_one() {
    let mut store = Store::filled().await;
    fs::remove_file(store.mark()).unwrap();
    let log = store.open().await.unwrap();
    assert!(told(
        &log.findings(),
        "hall.mark is new: whether this Redis lost"
    ));
    store.is_whole(&log).await;
    drop(log);
    let log = store.open().await.unwrap();
    assert!(told(&log.findings(), "everything that"));
    let new = TestRedis::start();
    let options = StoreOptions {
        mark: Some(store.directory.path().join("new.mark")),
        ..StoreOptions::default()
    };
    let log = RedisLog::open_with(&new.url(), options).await.unwrap();
    assert!(told(&log.findings(), "this store is new"));
}

#[tokio::test]
async fn servers_on_one_machine_have_marks_of_their_own() {
    let mut store = Store::filled().await;
    let (one, two) = (store.open().await.unwrap(), store.open().await.unwrap());
    let second = store.directory.path().join("marks/hall.mark-2");
    assert!(second.exists());
    store.append(&one).await.unwrap();
    assert_eq!(two.head(&store.hall).await.unwrap().version, 25);
    drop(one);
    store.append(&two).await.unwrap();
    // one that is merely older is as it should be
    let one = store.open().await.unwrap();
    store.is_whole(&one).await;
}

#[tokio::test]
async fn a_mark_that_says_nothing_any_more_does_not_let_everything_pass() {
    let store = Store::filled().await;
    for garbage in ["", "head east 3\r\n", "nothing\nto be read\n"] {
        fs::write(store.mark(), garbage).unwrap();
        let refusal = store.refusal().await;
        assert!(refusal.contains("does not say any more"), "{refusal}");
    }
}

#[tokio::test]
async fn a_mark_that_is_taken_away_while_it_is_used_is_written_again() {
    let mut store = Store::filled().await;
    let older = store.redis.copy();
    let log = store.open().await.unwrap();
    store.append(&log).await.unwrap();
    fs::remove_file(store.mark()).unwrap();
    let written = async {
        while !store.mark().exists() {
            sleep(LOOK_AGAIN).await;
        }
    };
    timeout(PATIENCE, written).await.unwrap();
    drop(log);
    store.redis.restart_with(older.path());
    assert!(store.refusal().await.contains("--accept-lost east:24-25"));
}

// ---- while it is used ----

/// Without being asked, and then to whoever asks; put right, it goes on.
#[tokio::test]
async fn what_hands_do_to_a_redis_in_use_is_told_and_nothing_is_acknowledged() {
    for (words, kind) in [
        (&["FLUSHALL"][..], TroubleKind::Emptied),
        (&["SET", "paihao:secret", "ab"], TroubleKind::SecretChanged),
        (&["DEL", "paihao:secret"], TroubleKind::SecretChanged),
        (
            &["DEL", "paihao:{east}:log", "paihao:{east}:meta"],
            TroubleKind::HistoryLost,
        ),
        (&["DEL", "paihao:{east}:log"], TroubleKind::Damaged),
        (
            &[
                "HSET",
                "paihao:{east}:meta",
                "epoch",
                "00112233445566778899aabbccddeeff",
            ],
            TroubleKind::HistoryReplaced,
        ),
    ] {
        let mut store = Store::filled().await;
        let log = store.open().await.unwrap();
        // another stream is still there, so not everything is gone
        log.open(&stream("west")).await.unwrap();
        let whole = store.redis.copy();
        store.hand(words).await;
        tells(&log, kind).await;
        let refused = store.append(&log).await;
        assert!(
            matches!(refused, Err(AppendError::Unavailable(_))),
            "{refused:?}"
        );
        assert!(
            log.head(&store.hall).await.is_err(),
            "nor is anything confirmed"
        );
        assert!(log.open(&store.hall).await.is_err(), "nor begun anew");
        assert!(log.trouble().unwrap().failures > 1, "counted");
        store.redis.restart_with(whole.path());
        store.is_whole(&log).await;
    }
}

/// Also by whoever asks first, before anybody has looked.
#[tokio::test]
async fn a_redis_that_is_emptied_acknowledges_nothing() {
    let mut store = Store::filled().await;
    let log = store.open().await.unwrap();
    store.hand(&["FLUSHALL"]).await;
    let refused = store.append(&log).await;
    assert!(
        matches!(refused, Err(AppendError::Unavailable(_))),
        "{refused:?}"
    );
    assert_eq!(log.trouble().unwrap().kind, TroubleKind::Emptied);
}

#[tokio::test]
async fn an_empty_server_in_its_place_is_told() {
    let mut store = Store::filled().await;
    let log = store.open().await.unwrap();
    let nothing = tempfile::tempdir().unwrap();
    store.redis.restart_with(nothing.path());
    tells(&log, TroubleKind::Emptied).await;
    assert!(store.append(&log).await.is_err());
}

/// Also a longer one than ours: whoever only compares versions would take it for progress.
#[tokio::test]
async fn another_history_behind_an_older_end_is_told() {
    for longer in [1, 3] {
        let mut store = Store::filled().await;
        let older = store.redis.copy();
        let log = store.open().await.unwrap();
        store.append(&log).await.unwrap();
        // elsewhere somebody goes on from the older copy
        let mut other = TestRedis::start();
        other.restart_with(older.path());
        let stranger = RedisLog::connect(&other.url(), RedisOptions::default()).await;
        let (stranger, mut head) = (stranger.unwrap(), store.written[11].head());
        for _ in 0..longer {
            let strange = commit(&head, "strange");
            stranger.append(&store.hall, &head, &strange).await.unwrap();
            head = strange.head();
        }
        store.redis.restart_with(other.copy().path());
        let answers = async {
            while log.trouble().is_none() {
                assert!(log.head(&store.hall).await.is_err(), "it is not ours");
            }
        };
        timeout(PATIENCE, answers).await.unwrap();
        assert_eq!(log.trouble().unwrap().kind, TroubleKind::HistoryReplaced);
        assert!(store.append(&log).await.is_err());
        drop(log);
        let refusal = store.refusal().await;
        assert!(refusal.contains("of another history"), "{refusal}");
    }
}

// ---- healing ----

#[tokio::test]
async fn an_older_copy_under_a_server_that_remembers_the_rest_is_healed() {
    let mut store = Store::filled().await;
    let older = store.redis.copy();
    let log = store.open().await.unwrap();
    for _ in 0..5 {
        store.append(&log).await.unwrap();
    }
    store.redis.restart_with(older.path());
    store.is_whole(&log).await;
    assert!(
        told(&log.findings(), "5 commits were written back"),
        "{:?}",
        log.findings()
    );
    drop(log);
    let log = store.open().await.unwrap();
    store.is_whole(&log).await;
}

/// Also while nobody asks for anything.
#[tokio::test]
async fn a_redis_is_healed_without_being_asked() {
    let mut store = Store::filled().await;
    let older = store.redis.copy();
    let log = store.open().await.unwrap();
    store.append(&log).await.unwrap();
    store.redis.restart_with(older.path());
    let healed = async {
        while !told(&log.findings(), "1 commits were written back") {
            sleep(LOOK_AGAIN).await;
        }
    };
    timeout(PATIENCE, healed).await.unwrap();
    store.is_whole(&log).await;
}

/// Several servers write the same thing, each what it has read.
#[tokio::test]
async fn several_servers_heal_one_redis_at_once() {
    let mut store = Store::filled().await;
    let older = store.redis.copy();
    let (one, two) = (store.open().await.unwrap(), store.open_elsewhere().await);
    for _ in 0..20 {
        store.append(&one).await.unwrap();
    }
    assert_eq!(read_all(&two, &store.hall).await.unwrap(), store.written);
    for _ in 0..20 {
        store.append(&two).await.unwrap();
    }
    // the first has not read what the second wrote, and heals half
    store.redis.restart_with(older.path());
    let both = async {
        let whole = store.written.last().unwrap().head();
        let mut heads = [None, None];
        while heads.iter().any(|head| head.as_ref() != Some(&whole)) {
            let (first, second) = tokio::join!(one.head(&store.hall), two.head(&store.hall));
            heads = [first.ok(), second.ok()];
        }
    };
    timeout(PATIENCE, both).await.unwrap();
    store.is_whole(&two).await;
    assert_eq!(read_all(&one, &store.hall).await.unwrap(), store.written);
}

/// What memory does not have it cannot prove: then a person decides. And what is put back goes on.
#[tokio::test]
async fn what_is_not_in_memory_any_more_is_not_guessed() {
    let mut store = Store::filled().await;
    let older = store.redis.copy();
    let log = store.open().await.unwrap();
    store.append(&log).await.unwrap();
    drop(log);
    let log = store.open().await.unwrap();
    store.append(&log).await.unwrap();
    let newest = store.redis.copy();
    store.redis.restart_with(older.path());
    tells(&log, TroubleKind::HistoryLost).await;
    let trouble = log.trouble().unwrap().to_string();
    assert!(
        trouble.contains("east ends at version 24, and version 26 was confirmed"),
        "{trouble}"
    );
    assert!(store.append(&log).await.is_err());
    assert!(!told(&log.findings(), "written back"));
    store.redis.restart_with(newest.path());
    store.is_whole(&log).await;
}

/// What is written back has to be kept, too.
#[tokio::test]
async fn a_redis_that_became_weaker_is_not_healed_before_it_is_as_it_was() {
    let mut store = Store::filled().await;
    store
        .hand(&["COPY", "paihao:{east}:log", "paihao:{kept}:log"])
        .await;
    store
        .hand(&["COPY", "paihao:{east}:meta", "paihao:{kept}:meta"])
        .await;
    let log = store.open().await.unwrap();
    store.append(&log).await.unwrap();
    store.hand(&["CONFIG", "SET", "appendfsync", "no"]).await;
    tells(&log, TroubleKind::Weakened).await;
    store
        .hand(&["RENAME", "paihao:{kept}:log", "paihao:{east}:log"])
        .await;
    store
        .hand(&["RENAME", "paihao:{kept}:meta", "paihao:{east}:meta"])
        .await;
    assert!(store.append(&log).await.is_err());
    assert_eq!(log.trouble().unwrap().kind, TroubleKind::Weakened);
    let there = read_all(&log, &store.hall).await;
    assert!(there.is_err(), "its head is not confirmed");
    store
        .hand(&["CONFIG", "SET", "appendfsync", "always"])
        .await;
    store.is_whole(&log).await;
    assert!(told(&log.findings(), "1 commits were written back"));
}

/// Its memory is full, or a replica is missing: well to whoever reads, so nobody but a probe notices while nobody writes.
#[tokio::test]
async fn a_redis_that_would_refuse_a_write_says_why_before_anybody_writes() {
    let mut store = Store::filled().await;
    let log = store.open().await.unwrap();
    for (setting, value, back, kind) in [
        ("maxmemory", "1", "0", TroubleKind::MemoryFull),
        (
            "min-replicas-to-write",
            "1",
            "0",
            TroubleKind::ReplicasMissing,
        ),
    ] {
        store.hand(&["CONFIG", "SET", setting, value]).await;
        tells(&log, kind).await;
        let refused = store.append(&log).await.unwrap_err();
        assert!(matches!(refused, AppendError::Unavailable(_)), "{refused}");
        // what is there can still be relied on
        let head = log.head(&store.hall).await.unwrap();
        assert_eq!(head, store.written.last().unwrap().head());
        store.hand(&["CONFIG", "SET", setting, back]).await;
        store.is_whole(&log).await;
    }
}

/// A server whose clock is wrong: at its start, and later.
#[tokio::test]
async fn a_server_whose_clock_is_apart_takes_nothing_until_it_agrees() {
    let mut store = Store::filled().await;
    let wrong_by = Arc::new(AtomicI64::new(90_000));
    let clock = Arc::clone(&wrong_by);
    let clock = ServerClock::new(move |other| {
        let since = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let ahead = since(SystemTime::now()).as_millis() as i64 - since(other).as_millis() as i64;
        ahead + clock.load(Ordering::SeqCst)
    });
    let options = StoreOptions {
        mark: Some(store.mark()),
        clock: Some(clock),
        ..StoreOptions::default()
    };
    let log = store.open_with(options).await.unwrap();
    for seconds in [90, -3_600] {
        wrong_by.store(seconds * 1_000, Ordering::SeqCst);
        tells(&log, TroubleKind::ClockApart).await;
        let refused = store.append(&log).await.unwrap_err();
        assert!(matches!(refused, AppendError::Unavailable(_)), "{refused}");
        let what = log.trouble().unwrap().what;
        let side = if seconds > 0 { "ahead of" } else { "behind" };
        assert!(what.contains(side), "{what}");
        log.head(&store.hall).await.unwrap();
        // within a minute is what clocks may differ by
        wrong_by.store(45_000, Ordering::SeqCst);
        store.is_whole(&log).await;
    }
}

/// A user with the rights that an earlier version needed.
#[tokio::test]
async fn a_user_with_few_rights_is_served_without_what_needs_more() {
    let mut store = Store::filled().await;
    let rights = "on >geheim ~* +@all -lpushx -time -lrange -rpush";
    let words = ["ACL", "SETUSER", "hall"].into_iter();
    let words: Vec<&str> = words.chain(rights.split(' ')).collect();
    store.hand(&words).await;
    let url = store.redis.url().replace("//", "//hall:geheim@");
    let options = StoreOptions {
        mark: Some(store.mark()),
        clock: Some(ServerClock::new(|_| 90_000)),
        ..StoreOptions::default()
    };
    let log = RedisLog::open_with(&url, options).await.unwrap();
    store.is_whole(&log).await;
}
