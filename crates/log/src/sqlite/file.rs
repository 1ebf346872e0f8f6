//! The file itself: who may open it, what must be in it, and the connections to it.
//!
//! Invariant: a connection that writes is only ever opened by the holder of `PATH.lock`, in WAL mode with
//! `synchronous=FULL`, on a file whose store schema this program knows.

use std::{
    fs::{self, File, TryLockError},
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use super::tables;
use crate::{OpenError, ReadError, StoreError};

/// Form of the tables, kept in `meta`.
const STORE_SCHEMA: u32 = 1;
/// A person's `sqlite3` may hold the file for a moment; longer than this and the write is refused.
const BUSY: Duration = Duration::from_secs(5);
/// Reads at the same time that find an open connection; more open one for themselves.
const IDLE_READERS_MAX: usize = 4;

/// Takes the lock of a database, so that two processes cannot serve one file. It is held as long as the file is open;
/// the system lets go of it also when the process is killed.
pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    let lock_path = lock_path(path);
    if let Some(directory) = directory_of(path) {
        fs::create_dir_all(&directory).map_err(|error| file_error(&directory, error))?;
    }
    let options = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&lock_path);
    let mut file = options.map_err(|error| file_error(&lock_path, error))?;
    match file.try_lock() {
        Ok(()) => {
            // Who holds it is only for the message to the next one; the lock does not depend on it.
            let _ = file
                .set_len(0)
                .and_then(|()| write!(file, "process {}", std::process::id()));
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            Err(OpenError::Locked {
                path: path.display().to_string(),
                holder,
            })
        }
        Err(TryLockError::Error(error)) => Err(file_error(&lock_path, error)),
    }
}

/// Opens the connection that writes. Only for the holder of the lock.
pub(super) fn open_for_writing(path: &Path) -> Result<Connection, OpenError> {
    let is_new = !path.exists();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db =
        Connection::open_with_flags(path, flags).map_err(|error| sqlite_error(path, error))?;
    db.busy_timeout(BUSY)
        .map_err(|error| sqlite_error(path, error))?;
    check_schema(&db, path)?;
    set_durable(&db, path)?;
    tables::create(&mut db, STORE_SCHEMA).map_err(|error| sqlite_error(path, error))?;
    if is_new && let Some(directory) = directory_of(path) {
        // The file's own bytes are SQLite's to sync; that the file is there at all is its directory's.
        let synced = File::open(&directory).and_then(|directory| directory.sync_all());
        synced.map_err(|error| file_error(&directory, error))?;
    }
    Ok(db)
}

/// Looks at a file before reading from it, so that a wrong one is named at the start.
pub(super) fn check_for_reading(path: &Path) -> Result<(), OpenError> {
    let db = open_for_reading(path).map_err(|error| sqlite_error(path, error))?;
    match check_schema(&db, path)? {
        Some(_) => Ok(()),
        None => Err(not_ours(path, "it is empty")),
    }
}

fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    Ok(db)
}

/// The schema of a store of ours, `None` for a file without tables, and an error for anything else.
fn check_schema(db: &Connection, path: &Path) -> Result<Option<u32>, OpenError> {
    let failed = |error| sqlite_error(path, error);
    let count = "SELECT count(*), count(*) FILTER (WHERE name = 'meta') FROM sqlite_schema";
    let (all, ours): (u32, u32) = db
        .query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(failed)?;
    if all == 0 {
        return Ok(None);
    }
    if ours == 0 {
        return Err(not_ours(path, "it is another program's SQLite database"));
    }
    match tables::schema(db).optional().map_err(failed)? {
        None => Err(not_ours(path, "it holds no store schema")),
        Some(schema) if schema > STORE_SCHEMA => Err(OpenError::NewerSchema {
            path: path.display().to_string(),
            schema,
            known: STORE_SCHEMA,
        }),
        Some(schema) => Ok(Some(schema)),
    }
}

/// What level E rests on. A file system on which WAL does not work makes SQLite keep another mode, and says so only here.
fn set_durable(db: &Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |error| sqlite_error(path, error);
    let mode: String = db
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(failed)?;
    if mode != "wal" {
        let refused =
            format!("its file system cannot hold a write-ahead log (SQLite stays in mode {mode})");
        return Err(OpenError::File {
            path: path.display().to_string(),
            source: refused.into(),
        });
    }
    db.pragma_update(None, "synchronous", "FULL")
        .map_err(failed)
}

/// Connections that only read, kept open between reads.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    connections: Vec<Connection>,
    /// Counts how often all connections were thrown away, so that one that was out at the time is not put back.
    generation: u64,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            idle: Mutex::default(),
        }
    }

    /// Runs `read` on a connection; one on which a read failed is not used again.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let (kept, generation) = {
            let mut idle = self.idle();
            (idle.connections.pop(), idle.generation)
        };
        let db = match kept {
            Some(db) => db,
            None => open_for_reading(&self.path)?,
        };
        let answer = read(&db)?;
        let mut idle = self.idle();
        if idle.generation == generation && idle.connections.len() < IDLE_READERS_MAX {
            idle.connections.push(db);
        }
        Ok(answer)
    }

    /// Throws all connections away, so that the next read sees what is on the disk.
    pub(super) fn forget(&self) {
        let mut idle = self.idle();
        idle.generation += 1;
        idle.connections.clear();
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle
            .lock()
            .expect("nothing panics while it holds the list")
    }
}

pub(super) fn file_error(path: &Path, error: impl Into<StoreError>) -> OpenError {
    OpenError::File {
        path: path.display().to_string(),
        source: error.into(),
    }
}

fn sqlite_error(path: &Path, error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => not_ours(path, "it is not a SQLite file"),
        _ if path.is_dir() => not_ours(path, "it is a directory"),
        _ => file_error(path, error),
    }
}

fn not_ours(path: &Path, found: &str) -> OpenError {
    OpenError::NotOurs {
        path: path.display().to_string(),
        found: found.to_owned(),
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// The directory a file is in, `.` for a bare name.
fn directory_of(path: &Path) -> Option<PathBuf> {
    let directory = path.parent()?;
    Some(if directory.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        directory.to_owned()
    })
}
