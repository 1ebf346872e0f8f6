//! The database as the one thread that writes sees it: sure of its file before each batch, and of its disk after it.
//!
//! **After a failed COMMIT nothing counts until something newer was made durable.** A sync that failed once tells nothing
//! when it succeeds later: the kernel has marked the pages clean, and what reads them reads its cache (the PostgreSQL
//! project's "fsyncgate" of 2018). So the whole database is then written anew into another file, checked there from its
//! first commit, synced, and put in the old one's place; until that worked nothing is read and nothing is answered.
//! The same way heals a file that was deleted or whose write-ahead log was, because the open file still has everything.
//!
//! **The place is taken in two steps**, so that a cut between them loses nothing: the complete copy gets the name
//! `PATH.whole` and its directory is synced; then the old write-ahead log goes and the copy takes the old name. A start
//! that finds `PATH.whole` finishes the second step.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::file::{self, Readers};
use super::tables;
use super::watched::{Change, Watched};
use crate::mark::{self, Mark, Marked};
use crate::recent::{Kept, Recent};
use crate::trouble::{CurrentTrouble, TroubleKind};
use crate::{Finding, Head, LostTail, OpenError, ReadError, StoreError, StreamId};

/// Pause between two attempts to become sure of a disk again: each writes the whole database.
const ATTEMPT_EVERY: Duration = Duration::from_secs(1);
/// A file of up to this many bytes is read from its first commit before it is served, which takes less than a second; a
/// larger one while it is.
const READ_WHOLE_MAX: u64 = 64 * 1024 * 1024;
/// What a person can do about a file that lacks something.
const WAY_BACK: &str = "Put the right file back (with its -wal, if it has one).";

/// Why nothing can be written now.
pub(super) struct NotSure {
    pub kind: TroubleKind,
    pub source: StoreError,
}

impl NotSure {
    fn new(kind: TroubleKind, source: impl Into<StoreError>) -> Self {
        let source = source.into();
        Self { kind, source }
    }
}

impl From<rusqlite::Error> for NotSure {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(file::kind_of(&error), error)
    }
}

impl From<std::io::Error> for NotSure {
    fn from(error: std::io::Error) -> Self {
        Self::new(file::kind_of_io(&error), error)
    }
}

impl From<ReadError> for NotSure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(source) => Self::new(TroubleKind::Other, source),
            damaged => Self::new(TroubleKind::Damaged, damaged),
        }
    }
}

impl From<OpenError> for NotSure {
    fn from(error: OpenError) -> Self {
        let kind = match &error {
            OpenError::File { source, .. } => file::kind_of_source(&**source),
            OpenError::Locked { .. } => TroubleKind::Held,
            OpenError::Damaged { .. } => TroubleKind::Damaged,
            _ => TroubleKind::FileReplaced,
        };
        Self::new(kind, error)
    }
}

/// A database that may be served, and what was found out about it.
pub(super) struct Opened {
    pub database: Database,
    pub findings: Vec<Finding>,
    /// What it had lost, accepted by name.
    pub lost: Vec<LostTail>,
}

/// See the module's comment.
pub(super) struct Database {
    path: PathBuf,
    db: Option<Connection>,
    /// `PATH.lock`, for programs that come by the same path and people who read who holds it.
    path_lock: File,
    /// The lock on the database itself, for those that come by another name of it. It stays open: closing any handle of a
    /// file drops the locks that SQLite holds on it.
    file_lock: File,
    readers: Arc<Readers>,
    trouble: Arc<CurrentTrouble>,
    watched: Watched,
    mark: Mark,
    /// Every stream's head as of the last batch that was made durable.
    heads: BTreeMap<StreamId, Head>,
    recent: Recent,
    last_attempt: Option<Instant>,
    /// Something was written since the write-ahead log was last emptied.
    is_dirty: bool,
}

impl Database {
    /// Opens the file for the holder of `PATH.lock`, and refuses one that lost what it had acknowledged.
    pub(super) fn open(
        path: &Path,
        path_lock: File,
        readers: Arc<Readers>,
        trouble: Arc<CurrentTrouble>,
        accepted: &[LostTail],
    ) -> Result<Opened, OpenError> {
        file::finish_taking_place(path).map_err(|error| file::file_error(path, error))?;
        let db = file::open_for_writing(path)?;
        let file_lock = file::lock_itself(path)?;
        file::has_one_name(&file_lock, path)?;
        let mark_path = file::beside(path, ".mark");
        let marked = mark::read(&mark_path).map_err(|error| file::file_error(&mark_path, error))?;
        let is_small = path
            .metadata()
            .is_ok_and(|found| found.len() <= READ_WHOLE_MAX);
        let heads = if is_small {
            heads_of(&db)
        } else {
            newest_heads_of(&db)
        };
        let heads = heads.map_err(|error| file::damaged(path, error))?;
        if !is_small {
            read_whole_beside(path.to_owned(), Arc::clone(&trouble));
        }
        mark::tells_something(&mark_path, marked.as_ref(), &heads)?;
        let marked = marked.unwrap_or_default();
        nothing_newer_was_saved(path, &heads)?;
        let lost = missing_of(&db, &heads, &marked).map_err(|error| file::damaged(path, error))?;
        is_acknowledged_whole(path, &heads, &lost, accepted)?;
        if !heads.is_empty() {
            has_its_secret(&db, path, &marked)?; // of a store of which nothing is left there is nothing to unseal
        }
        let true_mark = marked.renewed(&heads, kept_secret(&db).as_ref(), &lost);
        let lost = true_mark.with_earlier_losses(lost);
        let mark = Mark::create(&mark_path, true_mark);
        let is_ahead = is_ahead(&heads, &marked);
        trouble.set_unsure(is_ahead);
        let mut database = Self {
            watched: Watched::new(path),
            path: path.to_owned(),
            path_lock,
            file_lock,
            readers,
            trouble,
            mark: mark.map_err(|error| file::file_error(&mark_path, error))?,
            recent: Recent::default(),
            last_attempt: None,
            is_dirty: true,
            db: Some(db),
            heads,
        };
        if is_ahead {
            // what stands behind the mark was read from a cache, and may never have reached the disk
            let sure = database.become_sure();
            sure.map_err(|error| file::file_error(path, error.source))?;
        }
        database.rest();
        Ok(Opened {
            database,
            findings: Vec::from_iter(marked.finding(&mark_path)),
            lost,
        })
    }

    /// The connection, when the file is ours and the disk is to be trusted.
    /// With it, every stream's head as of the last batch.
    pub(super) fn ready(
        &mut self,
    ) -> Result<(&mut Connection, &BTreeMap<StreamId, Head>), NotSure> {
        if let Some(trouble) = self.trouble.lasting() {
            return Err(NotSure::new(trouble.kind, trouble.what));
        }
        match self.watched.change() {
            None => {}
            Some(Change::Replaced(path)) if path == self.path => return Err(self.replaced()),
            Some(Change::Gone(path)) if path == self.path && self.is_moved() => {
                let what = "it was moved, or its folder was: stop the server, and start it with the new path";
                return Err(NotSure::new(TroubleKind::FileGone, what));
            }
            Some(Change::Touched(_)) if self.holds_everything() => self.watched.remember(),
            Some(change) => {
                tracing::warn!(?change, "the store's file was changed by somebody else");
                self.trouble.set_unsure(true);
            }
        }
        if self.trouble.is_unsure() {
            self.become_sure()?;
        }
        let db = match &mut self.db {
            Some(db) => db,
            closed @ None => {
                let opened = closed.insert(file::open_for_writing(&self.path)?);
                self.watched.remember();
                opened
            }
        };
        Ok((db, &self.heads))
    }

    /// COMMIT has returned: whether it went into the file that has our name, and then how far everything is.
    pub(super) fn committed(
        &mut self,
        heads: BTreeMap<StreamId, Head>,
        bodies: Vec<(StreamId, u64, String)>,
        secret: Option<[u8; 32]>,
    ) -> Result<(), NotSure> {
        self.is_dirty = true;
        if let Some(change) = self.watched.change_of_place() {
            self.trouble.set_unsure(true);
            let kind = match &change {
                Change::Replaced(path) if *path == self.path => return Err(self.replaced()),
                Change::Gone(_) => TroubleKind::FileGone,
                Change::Replaced(_) | Change::Cut(_) | Change::Touched(_) => {
                    TroubleKind::FileReplaced
                }
            };
            let what = format!("while it was written: {change:?}");
            return Err(NotSure::new(kind, what));
        }
        if self.watched.log_has_hole() {
            self.trouble.set_unsure(true);
            let what = "its write-ahead log was cut while it was written";
            return Err(NotSure::new(TroubleKind::FileReplaced, what));
        }
        self.watched.remember();
        self.mark.add(heads.iter());
        if let Some(secret) = &secret {
            self.mark.add_secret(secret);
        }
        self.heads.extend(heads);
        for (stream, last, body) in bodies {
            self.recent.keep(&stream, last, || body);
        }
        self.trouble.over();
        Ok(())
    }

    /// A write failed; `is_unsure` when COMMIT was reached.
    pub(super) fn failed(&mut self, error: &NotSure, is_unsure: bool) {
        if is_unsure {
            self.trouble.set_unsure(true);
        }
        // a connection that cannot read is of no use, one that cannot write still knows what is there
        if matches!(error.kind, TroubleKind::Damaged | TroubleKind::Other) && !is_unsure {
            self.close_to_open_anew();
        }
        let (path, said) = (self.path.display().to_string(), error.source.to_string());
        let what = match said.starts_with(&path) {
            true => said,
            false => format!("{path}: {said}"),
        };
        self.trouble.found(self.kind_of_write(error.kind), what);
    }

    /// Of a write SQLite says only that it failed. The system says why to whoever writes into the file beside it.
    fn kind_of_write(&self, kind: TroubleKind) -> TroubleKind {
        if kind != TroubleKind::WriteFailed {
            return kind;
        }
        let tried = self.path_lock.write_all_at(b"process", 0); // what its text begins with
        tried.map_or_else(|error| file::kind_of_io(&error), |()| kind)
    }

    /// A connection that failed is of no more use, unless the file's name is gone: then it is all that is left of the file.
    fn close_to_open_anew(&mut self) {
        if self.path.exists() {
            self.db = None;
            self.readers.forget();
        }
    }

    pub(super) fn has_trouble(&self) -> bool {
        self.trouble.get().is_some()
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Empties the write-ahead log into the database and syncs the mark, so that a copy of the one file is a backup.
    pub(super) fn rest(&mut self) {
        if self.trouble.is_unsure() || self.watched.change().is_some() {
            return;
        }
        let Some(db) = &self.db else { return };
        match file::checkpoint(db) {
            Ok(is_empty) => self.is_dirty = !is_empty, // somebody still reads: at the next rest
            Err(error) => {
                let error = NotSure::from(error);
                let is_sync = error.kind == TroubleKind::SyncFailed;
                self.failed(&error, is_sync);
            }
        }
        self.watched.remember();
        self.mark.rest();
    }

    /// Whether what was acknowledged is in the file, read from its first commit by a connection that remembers nothing.
    fn holds_everything(&self) -> bool {
        let Ok(db) = file::open_for_reading(&self.path) else {
            return false;
        };
        heads_of(&db).is_ok_and(|found| holds(&db, &self.heads, &found))
    }

    /// Writes everything anew where it can be trusted.
    fn become_sure(&mut self) -> Result<(), NotSure> {
        let last = self.last_attempt;
        if last.is_some_and(|last| last.elapsed() < ATTEMPT_EVERY) {
            // too soon for another one, so it is still the same
            let same = self
                .trouble
                .get()
                .map(|now| NotSure::new(now.kind, now.what));
            return Err(same.unwrap_or_else(|| NotSure::new(TroubleKind::Other, "not sure yet")));
        }
        self.last_attempt = Some(Instant::now());
        self.write_anew().or_else(|first| {
            // the end of the file is gone, perhaps the newest commits are still in memory
            self.add_recent().map_err(|_| first)?;
            self.write_anew()
        })?;
        self.trouble.set_unsure(false);
        self.last_attempt = None;
        self.mark_anew();
        Ok(())
    }

    fn write_anew(&mut self) -> Result<(), NotSure> {
        let copy = file::beside(&self.path, ".new");
        file::make_directory_of(&self.path)?;
        let db = match &self.db {
            Some(db) => db,
            None => &*self.db.insert(file::open_existing(&self.path)?),
        };
        let heads = match copy_whole(db, &copy, &self.heads) {
            Ok(heads) => heads,
            Err(error) => {
                self.close_to_open_anew();
                return Err(error);
            }
        };
        let lock = file::lock_itself(&copy)?;
        let taken = file::take_place(&copy, &self.path);
        if !file::has_name(&lock, &self.path) {
            return Err(taken.map_or_else(NotSure::from, |()| self.replaced()));
        }
        // The file of that name is ours now, whatever fails from here on: else it would be taken for somebody's.
        self.readers.forget();
        self.db = None;
        self.file_lock = lock;
        self.watched.remember();
        taken?;
        self.db = Some(file::open_for_writing(&self.path)?);
        self.watched.remember();
        self.readers.forget();
        self.heads = heads;
        self.is_dirty = true;
        Ok(())
    }

    /// Appends the commits of the last minutes that the file has lost, where they continue what it still has.
    fn add_recent(&mut self) -> Result<(), NotSure> {
        self.close_to_open_anew();
        let mut db = file::open_existing(&self.path)?;
        let found = heads_of(&db)?;
        let tx = db.transaction()?;
        for (stream, head) in &found {
            for Kept { last, body } in self.recent.behind(stream, head.version) {
                tables::insert(&tx, stream, *last, body)?;
            }
        }
        tx.commit()?;
        let found = heads_of(&db)?;
        if !holds(&db, &self.heads, &found) {
            let what = "what it has lost is not in memory any more";
            return Err(NotSure::new(TroubleKind::Damaged, what));
        }
        tracing::warn!("the store had lost its end; it was written again from memory");
        self.db = Some(db);
        Ok(())
    }

    /// Another file has our name. Ours is written where somebody can find it, and nothing more is acknowledged.
    fn replaced(&mut self) -> NotSure {
        let rescued = file::beside(&self.path, ".rescued");
        let mut what = "another file has taken its place".to_owned();
        if let Some(db) = &self.db {
            let saved = self.save_into(db, &rescued);
            if let Err(error) = &saved {
                tracing::error!(error = %error.source, "what was acknowledged cannot be saved");
            }
            if saved.is_ok() {
                what.push_str(&format!(
                    "; everything that was acknowledged is in {}: stop the server, put that in its place, start again",
                    rescued.display()
                ));
                self.db = None;
                self.readers.forget();
            }
        } else if rescued.exists() {
            what.push_str(&format!("; ours is in {}", rescued.display()));
        }
        NotSure::new(TroubleKind::FileReplaced, what)
    }

    /// Whether the file still has a name, only not ours. It is then to be served from there, not written here again.
    fn is_moved(&self) -> bool {
        self.file_lock.metadata().is_ok_and(|file| file.nlink() > 0)
    }

    /// A whole copy beside the other file. Our write-ahead log goes then: SQLite would put its pages over whichever file
    /// has the name at the next start.
    fn save_into(&self, db: &Connection, rescued: &Path) -> Result<(), NotSure> {
        copy_whole(db, rescued, &self.heads)?;
        file::sync_directory_of(&self.path)?;
        Ok(self.watched.remove_log()?)
    }

    fn mark_anew(&mut self) {
        let Some(db) = &self.db else { return };
        let marked = self.mark.marked();
        let marked = marked.renewed(&self.heads, kept_secret(db).as_ref(), &[]);
        match Mark::create(&file::beside(&self.path, ".mark"), marked) {
            Ok(mark) => self.mark = mark,
            Err(error) => tracing::warn!(%error, "the mark beside the store cannot be written"),
        }
    }

    /// What was written is in the one file when the process ends.
    pub(super) fn close(mut self) {
        self.readers.forget();
        self.rest();
    }
}

/// Writes everything into another file, reads that from its first commit and syncs it; answers its heads.
fn copy_whole(
    db: &Connection,
    copy: &Path,
    known: &BTreeMap<StreamId, Head>,
) -> Result<BTreeMap<StreamId, Head>, NotSure> {
    file::remove_if_there(copy)?;
    file::copy_into(db, copy)?;
    let copied = file::open_existing(copy)?;
    let heads = heads_of(&copied)?;
    if !holds(&copied, known, &heads) {
        let what = "the copy does not hold what was acknowledged";
        return Err(NotSure::new(TroubleKind::Damaged, what));
    }
    drop(copied);
    File::open(copy)?.sync_all()?;
    Ok(heads)
}

/// Refuses a file beside which a newer one was saved, when it had been replaced while it was served.
fn nothing_newer_was_saved(path: &Path, heads: &BTreeMap<StreamId, Head>) -> Result<(), OpenError> {
    let rescued = file::beside(path, ".rescued");
    let Ok(saved) = file::open_for_reading(&rescued) else {
        return Ok(());
    };
    let saved = newest_heads_of(&saved).unwrap_or_default();
    let is_newer = |(stream, saved): (&StreamId, &Head)| {
        let version = heads.get(stream).map_or(0, |head| head.version);
        saved.version > version
    };
    if !saved.iter().any(is_newer) {
        return Ok(());
    }
    Err(OpenError::Damaged {
        store: path.display().to_string(),
        damage: format!(
            "it was replaced while it was served, and {} has what was acknowledged: put that in its place (or move it \
             away to go on without)",
            rescued.display()
        ),
    })
}

/// Whether something is in the store that was not yet marked when the process before ended. A store of an earlier version
/// has no mark at all, and was served without one.
fn is_ahead(heads: &BTreeMap<StreamId, Head>, marked: &Marked) -> bool {
    let is_marked = |(stream, head): (&StreamId, &Head)| {
        let marked = marked.heads.get(stream);
        marked.is_some_and(|marked| marked.head.version >= head.version)
    };
    !marked.heads.is_empty() && !heads.iter().all(is_marked)
}

/// Every stream's head, each read from its first commit.
fn heads_of(db: &Connection) -> Result<BTreeMap<StreamId, Head>, ReadError> {
    let streams = tables::streams(db)?;
    let head = |stream: StreamId| Ok((stream.clone(), tables::verified_head(db, &stream)?));
    streams.into_iter().map(head).collect()
}

/// Every stream's head, as the last commit says it.
fn newest_heads_of(db: &Connection) -> Result<BTreeMap<StreamId, Head>, ReadError> {
    let streams = tables::streams(db)?;
    let head = |stream: StreamId| {
        let head = tables::head(db, &stream)?;
        let head = head.ok_or_else(|| ReadError::NoSuchStream(stream.clone()))?;
        Ok((stream, head))
    };
    streams.into_iter().map(head).collect()
}

/// Reads a large file from its first commit while it is served already; damage stops the store in words.
fn read_whole_beside(path: PathBuf, trouble: Arc<CurrentTrouble>) {
    thread::spawn(move || {
        let whole = file::open_for_reading(&path).map_err(ReadError::from);
        if let Err(ReadError::Defect(defect)) = whole.and_then(|db| heads_of(&db)) {
            let what = format!("{}: {defect}", path.display());
            trouble.found_lasting(TroubleKind::Damaged, what);
        }
    });
}

/// Whether these heads are in the chains of what was found.
fn holds(
    db: &Connection,
    known: &BTreeMap<StreamId, Head>,
    found: &BTreeMap<StreamId, Head>,
) -> bool {
    known.iter().all(|(stream, head)| {
        found.get(stream).is_some_and(|found| {
            found == head || tables::has(db, stream, head).is_ok_and(|has| has)
        })
    })
}

/// What was marked and is not there.
pub(super) fn missing_of(
    db: &Connection,
    found: &BTreeMap<StreamId, Head>,
    marked: &Marked,
) -> Result<Vec<LostTail>, ReadError> {
    let mut missing = Vec::new();
    for (stream, marked_head) in &marked.heads {
        let head = &marked_head.head;
        // of a stream without a record nothing can be missing
        if head.version > 0 && !tables::has(db, stream, head)? {
            missing.extend(marked.lost(stream, found.get(stream)));
        }
    }
    Ok(missing)
}

/// Refuses a store that ends before its mark, unless exactly that was accepted by name.
fn is_acknowledged_whole(
    path: &Path,
    heads: &BTreeMap<StreamId, Head>,
    missing: &[LostTail],
    accepted: &[LostTail],
) -> Result<(), OpenError> {
    if mark::is_accepted(missing, accepted) {
        return Ok(());
    }
    Err(OpenError::Behind {
        store: path.display().to_string(),
        mark: file::beside(path, ".mark").display().to_string(),
        is_empty: heads.is_empty(),
        lost: missing.to_vec(),
        way_back: WAY_BACK.to_owned(),
    })
}

/// Refuses a store whose secret is not the one its sealed names were sealed with.
fn has_its_secret(db: &Connection, path: &Path, marked: &Marked) -> Result<(), OpenError> {
    if marked.is_secret(kept_secret(db).as_ref()) {
        return Ok(());
    }
    Err(OpenError::AnotherSecret {
        store: path.display().to_string(),
        way_back: WAY_BACK.to_owned(),
    })
}

fn kept_secret(db: &Connection) -> Option<[u8; 32]> {
    tables::kept_secret(db).ok()?.ok()
}

/// What a reader finds: the same that a start would refuse.
pub(super) fn lost_of(db: &Connection, path: &Path) -> Result<(), OpenError> {
    let mark_path = file::beside(path, ".mark");
    let marked = mark::read(&mark_path).map_err(|error| file::file_error(&mark_path, error))?;
    let Some(marked) = marked else { return Ok(()) };
    let mut heads = BTreeMap::new();
    for stream in tables::streams(db).map_err(|error| file::damaged(path, error))? {
        if let Ok(Some(head)) = tables::head(db, &stream) {
            heads.insert(stream, head);
        }
    }
    let missing = missing_of(db, &heads, &marked).map_err(|error| file::damaged(path, error))?;
    is_acknowledged_whole(path, &heads, &missing, &[])?;
    has_its_secret(db, path, &marked)
}
