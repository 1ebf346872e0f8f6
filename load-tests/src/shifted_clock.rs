//! A clock for one process that is wrong by as much as a test says, while it runs.
//!
//! What makes it so is a small C library that the process is started with (`shifted_clock.c`). Linux only.

use crate::preload;
use std::fs;
use std::path::{Path, PathBuf};

const SOURCE: &str = include_str!("shifted_clock.c");

/// The library, and the file that says by how much.
#[derive(Debug)]
pub struct ShiftedClock {
    library: PathBuf,
    shift: PathBuf,
}

impl ShiftedClock {
    /// One that is right.
    pub fn new(folder: &Path) -> anyhow::Result<ShiftedClock> {
        let clock = ShiftedClock {
            library: preload::compile(folder, "shifted_clock", SOURCE)?,
            shift: folder.join("shift"),
        };
        clock.is_wrong_by(0)?;
        Ok(clock)
    }

    /// From now on it is ahead by so many seconds.
    pub fn is_wrong_by(&self, seconds: i64) -> anyhow::Result<()> {
        // in one step: a process reads it at any moment
        let next = self.shift.with_extension("next");
        fs::write(&next, seconds.to_string())?;
        Ok(fs::rename(next, &self.shift)?)
    }

    /// Lets a process have it.
    pub fn environment(&self) -> [(&'static str, &Path); 2] {
        [
            ("LD_PRELOAD", &self.library),
            ("SHIFTED_CLOCK", &self.shift),
        ]
    }
}
