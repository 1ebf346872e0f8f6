//! The file itself: who may open it, what must be in it, and the connections to it.
//!
//! Invariant: a connection that writes is only ever opened by the holder of `PATH.lock`, in WAL mode with
//! `synchronous=FULL`, on a file whose store schema this program knows. Its files are readable for its own user alone.

use std::{
    error::Error,
    fs::{self, File, Permissions, TryLockError},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, ffi};

use super::tables;
use crate::files::{self, LET_GO_WITHIN, Lock, PRIVATE, private};
pub(super) use crate::files::{beside, make_directory_of, remove_if_there, sync_directory_of};
use crate::{OpenError, ReadError, StoreError, trouble::TroubleKind};

/// Form of the tables, kept in `meta`.
const STORE_SCHEMA: u32 = 1;
/// A person's `sqlite3` may hold the file for a moment; longer than this and the write is refused.
const BUSY: Duration = Duration::from_secs(5);
/// Behind the name of a database: a complete copy that takes its place.
const WHOLE: &str = ".whole";
/// Reads at the same time that find an open connection; more open one for themselves.
const IDLE_READERS_MAX: usize = 4;

/// Takes the lock of a database, so that two processes cannot serve one file. It is held as long as the file is open;
/// the system lets go of it also when the process is killed.
pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    let lock_path = beside(path, ".lock");
    make_directory_of(path).map_err(|error| file_error(path, error))?;
    match files::lock(&lock_path, LET_GO_WITHIN).map_err(|error| file_error(&lock_path, error))? {
        Lock::Taken(file) => Ok(file),
        Lock::Held(holder) => Err(locked(
            path,
            format!("{holder}, it holds {}", lock_path.display()),
        )),
    }
}

/// Takes the lock of the file itself: another name of it, such as a hard link in another container's volume, has another
/// `PATH.lock`.
pub(super) fn lock_itself(path: &Path) -> Result<File, OpenError> {
    let file = File::open(path).map_err(|error| file_error(path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(locked(path, "under another name of the file".into())),
        Err(TryLockError::Error(error)) => Err(file_error(path, error)),
    }
}

/// Whether it is this file that has the name.
pub(super) fn has_name(file: &File, path: &Path) -> bool {
    let place = |found: fs::Metadata| (found.dev(), found.ino());
    let named = fs::metadata(path).ok().map(place);
    named.is_some() && named == file.metadata().ok().map(place)
}

/// Refuses a file with two names: SQLite keeps a write-ahead log beside the name by which it is opened, so each name would
/// show another history.
pub(super) fn has_one_name(file: &File, path: &Path) -> Result<(), OpenError> {
    let found = file.metadata().map_err(|error| file_error(path, error))?;
    if found.nlink() <= 1 {
        return Ok(());
    }
    let said = "the file has a second name (a hard link), and what is served by one is not seen by the other: remove one";
    Err(file_error(path, said))
}

fn locked(path: &Path, holder: String) -> OpenError {
    OpenError::Locked {
        path: path.display().to_string(),
        holder,
    }
}

/// Opens the connection that writes, making the file when it is not there. Only for the holder of the lock.
pub(super) fn open_for_writing(path: &Path) -> Result<Connection, OpenError> {
    let is_new = !path.exists();
    if is_new {
        let made = private().create_new(true).open(path);
        made.map_err(|error| file_error(path, error))?;
    } else {
        // What cannot be narrowed was made by somebody else, who then answers for it.
        let _ = fs::set_permissions(path, Permissions::from_mode(PRIVATE));
    }
    let mut db = open_existing(path).map_err(|error| sqlite_error(path, error))?;
    check_schema(&db, path)?;
    set_durable(&db, path)?;
    tables::create(&mut db, STORE_SCHEMA).map_err(|error| sqlite_error(path, error))?;
    if is_new {
        // The file's own bytes are SQLite's to sync; that the file is there at all is its directory's.
        sync_directory_of(path).map_err(|error| file_error(path, error))?;
    }
    Ok(db)
}

/// Opens a file that is there for reading and writing, as it is.
pub(super) fn open_existing(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    // A connection that closes after a failed sync must not copy what may not be on the disk into the database.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(db)
}

/// Brings the write-ahead log into the database and empties it; `false` while somebody still reads from it.
pub(super) fn checkpoint(db: &Connection) -> rusqlite::Result<bool> {
    db.busy_timeout(Duration::ZERO)?;
    let is_busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    db.busy_timeout(BUSY)?;
    is_busy.map(|is_busy: bool| !is_busy)
}

/// Writes everything that a connection sees into a new file.
pub(super) fn copy_into(db: &Connection, copy: &Path) -> rusqlite::Result<()> {
    db.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    // A copy that stays wide open for a moment would be read; its directory is the operator's.
    let _ = fs::set_permissions(copy, Permissions::from_mode(PRIVATE));
    Ok(())
}

/// Puts a complete, synced copy in the database's place; see `database.rs`.
pub(super) fn take_place(copy: &Path, path: &Path) -> io::Result<()> {
    let whole = beside(path, WHOLE);
    fs::rename(copy, &whole)?;
    if let Err(error) = sync_directory_of(path) {
        // it may or may not be there after a power cut, so it must not be found complete later
        remove_if_there(&whole)?;
        return Err(error);
    }
    finish_taking_place(path)
}

/// The second step of taking the place, also for a start after a cut between the two.
pub(super) fn finish_taking_place(path: &Path) -> io::Result<()> {
    let whole = beside(path, WHOLE);
    if !whole.exists() {
        return Ok(());
    }
    remove_if_there(&beside(path, "-wal"))?;
    remove_if_there(&beside(path, "-shm"))?;
    fs::rename(&whole, path)?;
    sync_directory_of(path)
}

/// Looks at a file before reading from it, so that a wrong one is named at the start.
pub(super) fn check_for_reading(path: &Path) -> Result<Connection, OpenError> {
    if !path.exists() {
        let missing = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such file");
        return Err(OpenError::File {
            path: path.display().to_string(),
            source: missing.into(),
        });
    }
    let db = open_for_reading(path).map_err(|error| sqlite_error(path, error))?;
    match check_schema(&db, path)? {
        Some(_) => Ok(db),
        None => Err(not_ours(path, "it is empty")),
    }
}

pub(super) fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
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
    connections: Vec<Reader>,
    /// Counts how often all connections were thrown away, so that one that was out at the time is not put back.
    generation: u64,
}

/// A connection, and which file it is on: the server may have put a whole copy in that one's place, or somebody else
/// another file, and who reads on in the old one never learns anything new.
#[derive(Debug)]
struct Reader {
    db: Connection,
    place: Option<(u64, u64)>,
}

impl Reader {
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let place = place_of(path);
        let db = open_for_reading(path)?;
        Ok(Self { db, place })
    }

    /// Whether it is on the file that has the name now. A file whose name is gone is still the newest.
    fn is_current(&self, path: &Path) -> bool {
        let place = place_of(path);
        place.is_none() || place == self.place
    }
}

fn place_of(path: &Path) -> Option<(u64, u64)> {
    let found = fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
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
        let reader = match kept.filter(|reader| reader.is_current(&self.path)) {
            Some(reader) => reader,
            None => Reader::open(&self.path)?,
        };
        let answer = read(&reader.db)?;
        let mut idle = self.idle();
        if idle.generation == generation && idle.connections.len() < IDLE_READERS_MAX {
            idle.connections.push(reader);
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
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged {
            store: path.display().to_string(),
            damage: format!("its structure is damaged ({error})"),
        },
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

/// A store whose file holds something else than what was written.
pub(super) fn damaged(path: &Path, error: ReadError) -> OpenError {
    match error {
        ReadError::Unavailable(source) if kind_of_source(&*source) != TroubleKind::Damaged => {
            file_error(path, source)
        }
        damage => OpenError::Damaged {
            store: path.display().to_string(),
            damage: damage.to_string(),
        },
    }
}

/// What kind of trouble SQLite met.
pub(super) fn kind_of(error: &rusqlite::Error) -> TroubleKind {
    let Some(error) = error.sqlite_error() else {
        return TroubleKind::Other;
    };
    match (error.code, error.extended_code) {
        (ErrorCode::DiskFull, _) => TroubleKind::DiskFull,
        (ErrorCode::ReadOnly | ErrorCode::PermissionDenied, _) => TroubleKind::ReadOnly,
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => TroubleKind::Held,
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => TroubleKind::Damaged,
        (ErrorCode::CannotOpen, _) => TroubleKind::FileGone,
        (_, ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC) => TroubleKind::SyncFailed,
        // SQLite says no more of a write; of the limits that a process can have on one there is a file's size
        (_, ffi::SQLITE_IOERR_WRITE) if has_size_limit() => TroubleKind::FileTooLarge,
        (ErrorCode::SystemIoFailure, code) if code & 0xff == ffi::SQLITE_IOERR => {
            TroubleKind::WriteFailed
        }
        _ => TroubleKind::Other,
    }
}

/// Whether the system limits how large a file of this process may be; false where it does not tell.
fn has_size_limit() -> bool {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let limit = limits
        .lines()
        .find(|line| line.starts_with("Max file size"));
    limit.is_some_and(|limit| limit.split_whitespace().nth(3) != Some("unlimited"))
}

pub(super) fn kind_of_io(error: &io::Error) -> TroubleKind {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => TroubleKind::DiskFull,
        io::ErrorKind::FileTooLarge => TroubleKind::FileTooLarge,
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            TroubleKind::ReadOnly
        }
        io::ErrorKind::NotFound => TroubleKind::FileGone,
        _ => TroubleKind::WriteFailed,
    }
}

/// The same for an error whose type was forgotten.
pub(super) fn kind_of_source(source: &(dyn Error + 'static)) -> TroubleKind {
    if let Some(error) = source.downcast_ref::<rusqlite::Error>() {
        kind_of(error)
    } else if let Some(error) = source.downcast_ref::<io::Error>() {
        kind_of_io(error)
    } else {
        TroubleKind::Other
    }
}
