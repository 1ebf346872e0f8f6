//! Whether the files of the database are still the ones that this process wrote, as this process left them.
//!
//! A file that was deleted or replaced goes on taking writes that nobody will ever find again, so each batch looks before
//! it begins and before it is answered: two `stat` calls.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Bytes before the first page of a write-ahead log, and before each page of it (see SQLite's file format).
const LOG_HEADER: u64 = 32;
const PAGE_HEADER: u64 = 24;

/// The database and its write-ahead log, as they were when they were last looked at.
#[derive(Debug)]
pub(super) struct Watched {
    database: PathBuf,
    wal: PathBuf,
    seen: [Option<Seen>; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    place: (u64, u64),
    length: u64,
    changed: (i64, i64),
}

/// What happened to a file behind our back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It is not there.
    Gone(PathBuf),
    /// Another file has its name.
    Replaced(PathBuf),
    /// It is shorter than we left it.
    Cut(PathBuf),
    /// Somebody wrote into it.
    Touched(PathBuf),
}

impl Watched {
    pub(super) fn new(database: &Path) -> Self {
        let mut watched = Self {
            database: database.to_owned(),
            wal: super::file::beside(database, "-wal"),
            seen: [None, None],
        };
        watched.remember();
        watched
    }

    /// What is there now is right: this process has just written it.
    pub(super) fn remember(&mut self) {
        self.seen = [&self.database, &self.wal].map(|path| seen(path));
    }

    /// The worst change that was not ours.
    pub(super) fn change(&self) -> Option<Change> {
        self.change_of_place().or_else(|| {
            self.find(|path, before, after| match after {
                Some(after) if after.length < before.length => Some(Change::Cut(path)),
                after => (after != Some(before)).then_some(Change::Touched(path)),
            })
        })
    }

    /// The same while we write ourselves: lengths and times are then ours, but the files must be the same ones.
    pub(super) fn change_of_place(&self) -> Option<Change> {
        self.find(|path, before, after| match after {
            None => Some(Change::Gone(path)),
            Some(after) if after.place != before.place => Some(Change::Replaced(path)),
            Some(_) => None,
        })
    }

    /// Whether the write-ahead log was cut while we wrote: then our pages lie behind a hole, and no start will find them.
    pub(super) fn log_has_hole(&self) -> bool {
        let [_, Some(before)] = &self.seen else {
            return false;
        };
        before.length > LOG_HEADER && self.is_hole_before(before.length).unwrap_or(true)
    }

    /// Whether the page that ended there, as the log was before, has no header any more. A page always has one.
    fn is_hole_before(&self, end: u64) -> io::Result<bool> {
        let log = File::open(&self.wal)?;
        let mut page_size = [0; 4];
        log.read_exact_at(&mut page_size, 8)?;
        let last = u64::from(u32::from_be_bytes(page_size)) + PAGE_HEADER;
        if !(end - LOG_HEADER).is_multiple_of(last) {
            return Ok(false); // somebody cut it before that, which was seen
        }
        let mut header = [0; PAGE_HEADER as usize];
        log.read_exact_at(&mut header, end - last)?;
        Ok(header == [0; PAGE_HEADER as usize])
    }

    /// Removes the write-ahead log if it is still ours.
    pub(super) fn remove_log(&self) -> io::Result<()> {
        let [_, Some(ours)] = &self.seen else {
            return Ok(());
        };
        match seen(&self.wal) {
            Some(found) if found.place == ours.place => super::file::remove_if_there(&self.wal),
            _ => Ok(()),
        }
    }

    fn find(
        &self,
        change: impl Fn(PathBuf, Seen, Option<Seen>) -> Option<Change>,
    ) -> Option<Change> {
        let paths = [&self.database, &self.wal];
        paths.into_iter().zip(self.seen).find_map(|(path, before)| {
            let before = before?; // a log that is written for the first time
            change(path.clone(), before, seen(path))
        })
    }
}

fn seen(path: &Path) -> Option<Seen> {
    let of = |found: Metadata| Seen {
        place: (found.dev(), found.ino()),
        length: found.len(),
        changed: (found.mtime(), found.mtime_nsec()),
    };
    fs::metadata(path).ok().map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of so many pages, each with something in its header.
    fn write_pages(file: &File, pages: std::ops::Range<u64>) {
        file.write_all_at(&512_u32.to_be_bytes(), 8).unwrap();
        for page in pages {
            file.write_all_at(&[7; 536], LOG_HEADER + page * 536)
                .unwrap();
        }
    }

    #[test]
    fn a_log_that_was_cut_while_it_was_written_is_known() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("hall.db");
        let log = File::create(super::super::file::beside(&database, "-wal")).unwrap();
        write_pages(&log, 0..4);
        let watched = Watched::new(&database);
        write_pages(&log, 4..6);
        assert!(!watched.log_has_hole(), "it only grew");
        write_pages(&log, 0..2);
        assert!(!watched.log_has_hole(), "it was begun anew");
        for length in [0, LOG_HEADER, LOG_HEADER + 700] {
            log.set_len(length).unwrap();
            write_pages(&log, 4..6);
            assert!(watched.log_has_hole(), "cut to {length}");
        }
    }
}
