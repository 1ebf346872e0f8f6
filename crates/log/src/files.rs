//! Files that a store keeps, and their directories: for their own user alone, made durable, held by one process.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Its own user alone: names and telephone numbers are sealed in a store, and the key is beside them.
pub(crate) const PRIVATE: u32 = 0o600;

/// A process that was asked to end has let go of what it holds by then; a killed one at once, unless it was just starting
/// another program.
pub(crate) const LET_GO_WITHIN: Duration = Duration::from_secs(1);
/// Between two looks at it.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Whether a lock could be taken.
pub(crate) enum Lock {
    /// Held as long as the file is open; the system lets go of it also when the process is killed.
    Taken(File),
    /// By whom, as far as it is known.
    Held(String),
}

/// Takes the lock that this file is, if need be when another process lets go of it: the one before may be about to end.
pub(crate) fn lock(path: &Path, within: Duration) -> io::Result<Lock> {
    let mut file = private().create(true).truncate(false).open(path)?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => {
                // Who holds it is only for the message to the next one; the lock does not depend on it.
                let _ = file
                    .set_len(0)
                    .and_then(|()| write!(file, "process {}", std::process::id()));
                return Ok(Lock::Taken(file));
            }
            Err(TryLockError::WouldBlock) if begun.elapsed() < within => thread::sleep(LOOK_AGAIN),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                return Ok(Lock::Held(holder));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// How files of the store are opened: for reading and writing, and when they are made, for their own user alone.
pub(crate) fn private() -> OpenOptions {
    let mut options = File::options();
    options.read(true).write(true).mode(PRIVATE);
    options
}

/// `PATH` with something behind its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(crate) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

pub(crate) fn make_directory_of(path: &Path) -> io::Result<()> {
    directory_of(path).map_or(Ok(()), fs::create_dir_all)
}

/// That a file is there at all, under this name, is its directory's to keep.
pub(crate) fn sync_directory_of(path: &Path) -> io::Result<()> {
    directory_of(path).map_or(Ok(()), |directory| File::open(directory)?.sync_all())
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
