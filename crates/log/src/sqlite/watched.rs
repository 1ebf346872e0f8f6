//! Whether the files of the database are still the ones that this process wrote, as this process left them.
//!
//! A file that was deleted or replaced goes on taking writes that nobody will ever find again, so each batch looks before
//! it begins and before it is answered: two `stat` calls.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

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
    /// Somebody wrote into it, or cut it.
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
            self.find(|path, before, after| (after != Some(before)).then(|| Change::Touched(path)))
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
