//! A disk for one server, on which only synced writes survive a power cut, and which can be made to fail.
//!
//! What makes it so is a small C library that the server is started with (`failing_disk.c`). Linux only.

use crate::preload;
use anyhow::Context;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const SOURCE: &str = include_str!("failing_disk.c");

/// What a disk can do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFault {
    /// Every sync fails, and what it did not write is never written by a later one.
    FailingSync,
    /// No write finds room.
    Full,
    /// A few of a hundred writes fail or are cut short.
    FailingWrites,
    /// No write is allowed.
    ReadOnly,
    /// No file of the server may grow any more: a limit of its process, not of the disk.
    FileLimit,
    /// A sync says that it has synced, and has not. No program can know; a check that finds no loss behind it is blind.
    LyingSync,
}

impl DiskFault {
    /// As the library knows it.
    fn file(self) -> &'static str {
        match self {
            DiskFault::FailingSync => "failsync",
            DiskFault::Full => "full",
            DiskFault::FailingWrites => "failwrite",
            DiskFault::ReadOnly => "readonly",
            DiskFault::LyingSync => "liesync",
            DiskFault::FileLimit => "no switch of the library",
        }
    }

    /// The kind that `/readyz` must say, where a server can know.
    pub fn kind(self) -> Option<&'static str> {
        Some(match self {
            DiskFault::FailingSync => "sync-failed",
            DiskFault::Full => "disk-full",
            DiskFault::FailingWrites => "write-failed",
            DiskFault::ReadOnly => "read-only",
            DiskFault::FileLimit => "file-too-large",
            DiskFault::LyingSync => return None,
        })
    }
}

/// The disk, its shadow and the library, in one folder.
#[derive(Clone, Debug)]
pub struct FailingDisk {
    folder: PathBuf,
    directory: PathBuf,
}

impl FailingDisk {
    /// An empty one.
    pub fn new(folder: &Path) -> anyhow::Result<FailingDisk> {
        let directory = folder.join("disk");
        fs::create_dir(&directory)?;
        FailingDisk::over(folder, directory)
    }

    /// One that holds what is in a directory already; its own things lie in `folder`, on the same disk.
    pub fn over(folder: &Path, directory: PathBuf) -> anyhow::Result<FailingDisk> {
        let disk = FailingDisk {
            folder: folder.to_owned(),
            directory,
        };
        fs::create_dir(disk.shadow())?;
        preload::compile(folder, "failing_disk", SOURCE)?;
        Ok(disk)
    }

    /// Where the server's files are.
    pub fn directory(&self) -> PathBuf {
        self.directory.clone()
    }

    /// Lets a server write through the library.
    pub fn environment(&self) -> [(&'static str, PathBuf); 3] {
        [
            ("LD_PRELOAD", self.library()),
            ("FAILING_DISK_DIR", self.directory()),
            ("FAILING_DISK_SHADOW", self.shadow()),
        ]
    }

    /// From now on this goes wrong.
    pub fn begin(&self, fault: DiskFault) -> anyhow::Result<()> {
        Ok(fs::write(self.folder.join(fault.file()), "")?)
    }

    /// The disk works again.
    pub fn end(&self, fault: DiskFault) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.folder.join(fault.file()))?)
    }

    /// The server was killed, the power is back: the directory holds what was synced. Of what was not, some files may have
    /// been written by chance; each is then whole, as the server saw it last.
    pub fn cut_power(&self) -> anyhow::Result<()> {
        let seen = self.folder.join("seen");
        fs::rename(self.directory(), &seen)?;
        fs::create_dir(self.directory())?;
        let names = fs::read_to_string(self.shadow().join("names"))?;
        for line in names.lines() {
            let (inode, name) = line.split_once(' ').context("names have inodes")?;
            let written = seen.join(name);
            let same = |found: fs::Metadata| found.ino().to_string() == inode;
            let by_chance = fastrand::u8(..4) == 0 && written.metadata().is_ok_and(same);
            let (kept, place) = (self.shadow().join(inode), self.directory().join(name));
            if by_chance {
                fs::copy(written, place)?;
            } else if kept.exists() {
                fs::copy(kept, place)?;
            } else {
                fs::write(place, "")?; // made, but never synced
            }
        }
        fs::remove_dir_all(seen)?;
        fs::remove_dir_all(self.shadow())?;
        Ok(fs::create_dir(self.shadow())?)
    }

    fn shadow(&self) -> PathBuf {
        self.folder.join("shadow")
    }

    fn library(&self) -> PathBuf {
        self.folder.join("failing_disk.so")
    }
}
