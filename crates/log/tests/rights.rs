//! What a server needs to be allowed at a Redis: the user that `docs/faults.md` tells an operator to make can do all that a
//! store does, and nothing that could lose a number.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "support/commits.rs"]
mod commits;
#[path = "support/redis_server.rs"]
mod redis_server;

use commits::{commit, fill, read_all, stream};
use hall_log::redis::{RedisLog, RedisOptions};
use hall_log::{Log, NoteName, Snapshot};
use redis_server::TestRedis;
use std::time::Duration;
use tokio::time::timeout;

const FAULTS: &str = include_str!("../../../docs/faults.md");
/// A condition that is not there by then will not come.
const PATIENCE: Duration = Duration::from_secs(60);

async fn asks(redis: &TestRedis, user: &str, words: &[&str]) -> redis::RedisResult<redis::Value> {
    let client = redis::Client::open(url(redis, user)).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async(&mut connection).await
}

fn url(redis: &TestRedis, user: &str) -> String {
    redis.url().replace("redis://", &format!("redis://{user}"))
}

/// A Redis with the user of the documentation.
async fn redis_with_user() -> TestRedis {
    let redis = TestRedis::start();
    let line = FAULTS
        .lines()
        .find(|line| line.starts_with("ACL SETUSER paihao "))
        .unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    assert!(words.contains(&">PASSWORD"));
    asks(&redis, "", &words).await.unwrap();
    redis
}

const USER: &str = "paihao:PASSWORD@";

async fn open(redis: &TestRedis) -> RedisLog {
    let url = url(redis, USER);
    RedisLog::connect(&url, RedisOptions::default())
        .await
        .unwrap()
}

#[tokio::test]
async fn the_user_of_the_documentation_may_do_all_that_a_store_does() {
    let redis = redis_with_user().await;
    let (log, other) = (open(&redis).await, open(&redis).await);
    let hall = stream("east");
    let written = fill(&log, &hall, 12).await;
    assert_eq!(read_all(&other, &hall).await.unwrap(), written);
    assert_eq!(log.streams().await.unwrap(), vec![hall.clone()]);
    assert_eq!(log.secret([1; 32]).await.unwrap(), [1; 32]);

    let mut hints = other.follow(vec![hall.clone()]).await;
    let first = timeout(PATIENCE, hints.recv()).await;
    assert_eq!(first.expect("each is named once").unwrap().stream, hall);
    let head = written.last().unwrap().head();
    let next = commit(&head, "hint");
    log.append(&hall, &head, &next).await.unwrap();
    let told = timeout(PATIENCE, hints.recv()).await;
    assert_eq!(told.expect("a hint arrives").unwrap().stream, hall);

    let snapshot = Snapshot {
        head: next.head(),
        schema: 3,
        state: "{}".to_owned(),
    };
    log.save_snapshot(&hall, &snapshot).await.unwrap();
    assert_eq!(other.load_snapshot(&hall).await.unwrap(), Some(snapshot));
    let cursor = NoteName::parse("webhooks.cursor").unwrap();
    assert!(log.replace_note(&hall, &cursor, 0, "one").await.unwrap());
    assert_eq!(
        other.note(&hall, &cursor).await.unwrap().unwrap().text,
        "one"
    );
}

#[tokio::test]
async fn it_may_do_nothing_that_could_lose_a_number() {
    let redis = redis_with_user().await;
    let (log, hall) = (open(&redis).await, stream("east"));
    let written = fill(&log, &hall, 3).await;
    for words in [
        &["FLUSHALL"][..],
        &["FLUSHDB"],
        &["DEL", "paihao:{east}:log"],
        &["UNLINK", "paihao:{east}:log"],
        &["XTRIM", "paihao:{east}:log", "MAXLEN", "0"],
        &["XDEL", "paihao:{east}:log", "3-0"],
        &["RENAME", "paihao:{east}:log", "paihao:{east}:gone"],
        &["EXPIRE", "paihao:{east}:log", "1"],
        &["SET", "other", "1"],
        &["CONFIG", "SET", "appendfsync", "no"],
        &["REPLICAOF", "127.0.0.1", "1"],
        &["SHUTDOWN"],
        &["ACL", "SETUSER", "paihao", "allcommands"],
    ] {
        let refused = asks(&redis, USER, words).await.unwrap_err();
        assert_eq!(refused.code(), Some("NOPERM"), "{words:?}: {refused}");
    }
    assert_eq!(read_all(&log, &hall).await.unwrap(), written);
}
