//! All SQL of the embedded log.
//!
//! `commits.body` is the commit's JSON, byte for byte what [`Commit::encode`] wrote; everything else about a commit is
//! in it, and `last` is only its place. A stream without commits is recognised by `streams.epoch`.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{
    Commit, Defect, Epoch, Head, Note, NoteName, ReadError, Snapshot, StoreError, StreamId,
    commit::{verify_chain, verify_neighbours},
    hash::{from_hex, to_hex},
};

/// Commits that are read at once.
const PAGE: usize = 1_000;

pub(super) fn create(db: &mut Connection, schema: u32) -> rusqlite::Result<()> {
    let tx = db.transaction()?;
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS commits (
             hall TEXT NOT NULL, last INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (hall, last)
         ) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS streams (hall TEXT PRIMARY KEY, epoch TEXT NOT NULL) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS snapshots (hall TEXT PRIMARY KEY, body TEXT NOT NULL);
         CREATE TABLE IF NOT EXISTS memos (
             hall TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL, text TEXT NOT NULL,
             PRIMARY KEY (hall, name)
         );
         CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;",
    )?;
    tx.execute(
        "INSERT OR IGNORE INTO meta VALUES ('store_schema', ?1)",
        [schema.to_string()],
    )?;
    tx.commit()
}

pub(super) fn schema(db: &Connection) -> rusqlite::Result<u32> {
    db.query_row(
        "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'store_schema'",
        [],
        |row| row.get(0),
    )
}

pub(super) fn streams(db: &Connection) -> Result<Vec<StreamId>, ReadError> {
    let mut select = db.prepare_cached("SELECT hall FROM streams ORDER BY hall")?;
    let names = select
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let parse =
        |name: &String| StreamId::parse(name).map_err(|error| ReadError::Unavailable(error.into()));
    names.iter().map(parse).collect()
}

/// Adds a stream, unless it is there.
pub(super) fn add_stream(
    tx: &Transaction<'_>,
    stream: &StreamId,
    epoch: Epoch,
) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO streams VALUES (?1, ?2)")?;
    insert.execute(params![stream.as_str(), epoch.to_string()])?;
    Ok(())
}

/// The head, read from the last commit itself, or `None` for a stream that is not there.
pub(super) fn head(db: &Connection, stream: &StreamId) -> Result<Option<Head>, ReadError> {
    let Some(epoch) = epoch(db, stream)? else {
        return Ok(None);
    };
    let mut select = db.prepare_cached(
        "SELECT last, body FROM commits WHERE hall = ?1 ORDER BY last DESC LIMIT 1",
    )?;
    let Some((last, body)) = select
        .query_row([stream.as_str()], place_and_body)
        .optional()?
    else {
        return Ok(Some(Head::genesis(epoch)));
    };
    let head = Commit::decode(stream, last, &body)?.head();
    if head.epoch != epoch {
        let what = format!(
            "it belongs to another history (epoch {} instead of {epoch})",
            head.epoch
        );
        return Err(Defect {
            stream: stream.clone(),
            version: last,
            what,
        }
        .into());
    }
    Ok(Some(head))
}

fn epoch(db: &Connection, stream: &StreamId) -> Result<Option<Epoch>, ReadError> {
    let mut select = db.prepare_cached("SELECT epoch FROM streams WHERE hall = ?1")?;
    let epoch: Option<String> = select
        .query_row([stream.as_str()], |row| row.get(0))
        .optional()?;
    let unreadable = |_| Defect {
        stream: stream.clone(),
        version: 0,
        what: "its epoch cannot be read".to_owned(),
    };
    Ok(epoch
        .map(|hex| hex.parse())
        .transpose()
        .map_err(unreadable)?)
}

/// The head, after reading the stream from its first commit.
pub(super) fn verified_head(db: &Connection, stream: &StreamId) -> Result<Head, ReadError> {
    let epoch = epoch(db, stream)?;
    let mut head = Head::genesis(epoch.ok_or_else(|| ReadError::NoSuchStream(stream.clone()))?);
    loop {
        let commits = commits(db, stream, head.version, PAGE)?;
        for commit in &commits {
            head = verify_chain(stream, &head, commit)?;
        }
        if commits.len() < PAGE {
            return Ok(head);
        }
    }
}

/// Whether a stream has had this head: it holds that commit, or nothing yet in that epoch.
pub(super) fn has(db: &Connection, stream: &StreamId, head: &Head) -> Result<bool, ReadError> {
    if epoch(db, stream)? != Some(head.epoch) {
        return Ok(false);
    }
    if head.version == 0 {
        return Ok(true);
    }
    let mut select =
        db.prepare_cached("SELECT last, body FROM commits WHERE hall = ?1 AND last = ?2")?;
    let commit = select
        .query_row(
            params![stream.as_str(), integer(head.version)],
            place_and_body,
        )
        .optional()?;
    Ok(match commit {
        Some((last, body)) => Commit::decode(stream, last, &body)?.head() == *head,
        None => false,
    })
}

/// Writes something without meaning, to learn whether the disk takes writes.
pub(super) fn probe(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    let sql = "INSERT INTO meta VALUES ('probe', '1') ON CONFLICT DO UPDATE SET value = value + 1";
    tx.execute(sql, []).map(drop)
}

/// Version of the last commit, 0 if there is none: far cheaper than [`head`], for a writer that knows the hash.
pub(super) fn top(db: &Connection, stream: &StreamId) -> rusqlite::Result<u64> {
    let mut select =
        db.prepare_cached("SELECT last FROM commits WHERE hall = ?1 ORDER BY last DESC LIMIT 1")?;
    let top = select
        .query_row([stream.as_str()], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(top.unwrap_or(0).cast_unsigned())
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    stream: &StreamId,
    last: u64,
    body: &str,
) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached("INSERT INTO commits VALUES (?1, ?2, ?3)")?;
    insert.execute(params![stream.as_str(), integer(last), body])?;
    Ok(())
}

/// Up to `limit` commits behind version `after`, each checked alone and against its neighbours.
pub(super) fn commits(
    db: &Connection,
    stream: &StreamId,
    after: u64,
    limit: usize,
) -> Result<Vec<Commit>, ReadError> {
    let sql = "SELECT last, body FROM commits WHERE hall = ?1 AND last > ?2 ORDER BY last LIMIT ?3";
    let mut select = db.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = select.query_map(
        params![stream.as_str(), integer(after), limit],
        place_and_body,
    )?;
    let mut commits = Vec::new();
    for row in rows {
        let (last, body) = row?;
        commits.push(Commit::decode(stream, last, &body)?);
    }
    verify_neighbours(stream, &commits)?;
    Ok(commits)
}

/// The body as bytes: a damaged one need not be text.
fn place_and_body(row: &rusqlite::Row<'_>) -> rusqlite::Result<(u64, Vec<u8>)> {
    let body = match row.get_ref(1)?.as_bytes_or_null() {
        Ok(bytes) => bytes.unwrap_or_default().to_owned(),
        // A number: somebody wrote into the table by hand. Nothing is no commit either, and is reported at its place.
        Err(_) => Vec::new(),
    };
    Ok((row.get::<_, i64>(0)?.cast_unsigned(), body))
}

pub(super) fn save_snapshot(
    tx: &Transaction<'_>,
    stream: &StreamId,
    body: &str,
) -> rusqlite::Result<()> {
    let mut replace = tx.prepare_cached("INSERT OR REPLACE INTO snapshots VALUES (?1, ?2)")?;
    replace.execute([stream.as_str(), body])?;
    Ok(())
}

pub(super) fn snapshot(db: &Connection, stream: &StreamId) -> rusqlite::Result<Option<Snapshot>> {
    let mut select =
        db.prepare_cached("SELECT CAST(body AS BLOB) FROM snapshots WHERE hall = ?1")?;
    let body: Option<Vec<u8>> = select
        .query_row([stream.as_str()], |row| row.get(0))
        .optional()?;
    Ok(body.and_then(|body| Snapshot::decode(&body)))
}

pub(super) fn note(
    db: &Connection,
    stream: &StreamId,
    name: &NoteName,
) -> rusqlite::Result<Option<Note>> {
    let mut select =
        db.prepare_cached("SELECT revision, text FROM memos WHERE hall = ?1 AND name = ?2")?;
    let note = |row: &rusqlite::Row<'_>| {
        Ok(Note {
            revision: row.get::<_, i64>(0)?.cast_unsigned(),
            text: row.get(1)?,
        })
    };
    select
        .query_row([stream.as_str(), name.as_str()], note)
        .optional()
}

/// Whether the note with this revision was there, and is replaced.
pub(super) fn replace_note(
    tx: &Transaction<'_>,
    stream: &StreamId,
    name: &NoteName,
    expected: u64,
    text: &str,
) -> rusqlite::Result<bool> {
    let sql = if expected == 0 {
        "INSERT OR IGNORE INTO memos VALUES (?1, ?2, ?3 + 1, ?4)"
    } else {
        "UPDATE memos SET revision = revision + 1, text = ?4 WHERE hall = ?1 AND name = ?2 AND revision = ?3"
    };
    let mut keep = tx.prepare_cached(sql)?;
    let changed = keep.execute(params![
        stream.as_str(),
        name.as_str(),
        integer(expected),
        text
    ])?;
    Ok(changed == 1)
}

/// The secret that is kept, which is `fresh` only for the first who asks.
pub(super) fn secret(
    tx: &Transaction<'_>,
    fresh: &[u8; 32],
) -> rusqlite::Result<Result<[u8; 32], StoreError>> {
    tx.execute(
        "INSERT OR IGNORE INTO meta VALUES ('secret', ?1)",
        [to_hex(fresh)],
    )?;
    kept_secret(tx)
}

/// The secret that is kept already.
pub(super) fn kept_secret(db: &Connection) -> rusqlite::Result<Result<[u8; 32], StoreError>> {
    let kept: String = db.query_row("SELECT value FROM meta WHERE key = 'secret'", [], |row| {
        row.get(0)
    })?;
    Ok(from_hex(&kept)
        .map_err(|error| format!("the store's secret key cannot be read: {error}").into()))
}

/// SQLite counts to 2^63; a version beyond it, which nobody writes, reads as the end of the log.
fn integer(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}
