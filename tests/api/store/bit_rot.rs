//! `verify` against bytes that change by themselves: every single one is found, and its commit is named.

#![expect(clippy::print_stderr, reason = "the count is what the test is for")]

use crate::support::TestHall;
use hall_log::{Log, StreamId, sqlite::SqliteLog};
use paihao::command::verify::stream_holds;
use rusqlite::{Connection, params};
use std::path::Path;
use std::sync::Arc;

/// How many bytes are changed, one at a time.
const CHANGES: usize = 200;
/// Always the same changes.
const SEED: u64 = 20_261_123;

/// A stored commit.
struct Entry {
    last: i64,
    body: String,
}

#[tokio::test]
async fn verify_finds_and_places_every_changed_byte() {
    let hall = TestHall::start_at("16:15:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(6).await.given(200);
    for service in ["fine", "licence", "vehicle", "mark"] {
        kiosk.gives(service).await;
        officer.finishes_and_calls_next(6).await.given(200);
    }
    officer.finishes(6).await.given(200);
    hall.clock_to("17:00:00").await;
    let folder = hall.stop().await;
    let path = TestHall::store_in(&folder);
    let path = Path::new(path.trim_start_matches("sqlite:"));
    let stream = StreamId::parse("zhuzhou").unwrap();
    let entries = entries(path, &stream);
    stream_holds(&log(path), &stream).await.unwrap();

    let mut chance = fastrand::Rng::with_seed(SEED);
    let mut found = 0;
    for _ in 0..CHANGES {
        let entry = &entries[chance.usize(..entries.len())];
        let changed = with_one_byte_changed(&entry.body, &mut chance);
        write(path, &stream, entry.last, &changed);
        let defect = stream_holds(&log(path), &stream).await;
        let defect = defect.expect_err("a changed byte is a defect");
        let place = format!("version {}", entry.last);
        assert!(
            defect.contains(&place),
            "{place} is not named: {defect}\n{changed:?}"
        );
        write(path, &stream, entry.last, entry.body.as_bytes());
        found += 1;
    }
    eprintln!(
        "{found} of {CHANGES} single-byte changes in {} commits were found and placed",
        entries.len()
    );
    stream_holds(&log(path), &stream).await.unwrap();
}

fn log(path: &Path) -> Arc<dyn Log> {
    Arc::new(SqliteLog::open_read_only(path).unwrap())
}

fn entries(path: &Path, stream: &StreamId) -> Vec<Entry> {
    let db = Connection::open(path).unwrap();
    let mut query = db
        .prepare("SELECT last, body FROM commits WHERE hall = ?1 ORDER BY last")
        .unwrap();
    let rows = query.query_map(params![stream.as_str()], |row| {
        Ok(Entry {
            last: row.get(0)?,
            body: row.get(1)?,
        })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn with_one_byte_changed(body: &str, chance: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    let at = chance.usize(..bytes.len());
    bytes[at] ^= chance.u8(1..=255);
    bytes
}

fn write(path: &Path, stream: &StreamId, last: i64, body: &[u8]) {
    let db = Connection::open(path).unwrap();
    let text = rusqlite::types::Value::Text(String::from_utf8_lossy(body).into_owned());
    let value = match std::str::from_utf8(body) {
        Ok(_) => text,
        // not text any more; the store's column takes it all the same
        Err(_) => rusqlite::types::Value::Blob(body.to_vec()),
    };
    let changed = db.execute(
        "UPDATE commits SET body = ?1 WHERE hall = ?2 AND last = ?3",
        params![value, stream.as_str(), last],
    );
    assert_eq!(changed.unwrap(), 1);
}
