//! A disk for one server, on which only synced writes survive a power cut, and which can be made to fail.
//!
//! What makes it so is a small C library that the server is started with (`failing_disk.c`), compiled here: the bundled
//! SQLite needs a C compiler anyway. Linux only.

use anyhow::{Context, ensure};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

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
        }
    }

    /// The kind that `/readyz` must say, where a server can know.
    pub fn kind(self) -> Option<&'static str> {
        Some(match self {
            DiskFault::FailingSync => "sync-failed",
            DiskFault::Full => "disk-full",
            DiskFault::FailingWrites => "write-failed",
            DiskFault::ReadOnly => "read-only",
            DiskFault::LyingSync => return None,
        })
    }
}

/// The disk, its shadow and the library, in one folder.
#[derive(Clone, Debug)]
pub struct FailingDisk {
    folder: PathBuf,
}

impl FailingDisk {
    /// Whether this machine can have one.
    pub fn is_possible() -> bool {
        let compiler = Command::new("cc").arg("--version").output();
        cfg!(target_os = "linux") && compiler.is_ok_and(|said| said.status.success())
    }

    /// An empty one.
    pub fn new(folder: &Path) -> anyhow::Result<FailingDisk> {
        let folder = folder.to_owned();
        let disk = FailingDisk { folder };
        fs::create_dir(disk.directory())?;
        fs::create_dir(disk.shadow())?;
        let source = disk.folder.join("failing_disk.c");
        fs::write(&source, SOURCE)?;
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&disk.library(), &source])
            .output()
            .context("no C compiler (cc)")?;
        let said = String::from_utf8_lossy(&compiled.stderr);
        ensure!(
            compiled.status.success(),
            "failing_disk.c does not compile: {said}"
        );
        Ok(disk)
    }

    /// Where the server's files are.
    pub fn directory(&self) -> PathBuf {
        self.folder.join("disk")
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
