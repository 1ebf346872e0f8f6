//! What keeps a store from making a write durable at this moment, by name, so that everybody can be told the same.
//!
//! A store that has a trouble acknowledges nothing until it is over. `/readyz`, `/status`, the operator's log and the
//! answer to a command all read it from here.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// One trouble, from its first failure until a write was made durable again.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub kind: TroubleKind,
    /// What the system or the store's own library said, and where.
    pub what: String,
    pub since: SystemTime,
    /// Writes that failed of it so far.
    pub failures: u64,
}

/// The kinds of trouble that are told apart, because a person does something else about each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// No space is left (ENOSPC, EDQUOT).
    DiskFull,
    /// The process may not write a file as large as this (EFBIG, SIGXFSZ).
    FileTooLarge,
    /// The file system or the file became read-only (EROFS, EACCES).
    ReadOnly,
    /// The disk refuses to write (EIO).
    WriteFailed,
    /// The disk does not confirm that what was written is on it (fsync failed).
    SyncFailed,
    /// The store's file is not at its place any more.
    FileGone,
    /// The store's file is another one, or was changed by somebody else.
    FileReplaced,
    /// What is stored is not what was written.
    Damaged,
    /// What an acknowledged append is worth has become less than it was at the start.
    Weakened,
    /// The Redis does not answer, or only that it cannot now.
    NotAnswering,
    /// The memory of the Redis is full.
    MemoryFull,
    /// The Redis misses the replicas that it was told to wait for.
    ReplicasMissing,
    /// This server's clock and the store's differ.
    ClockApart,
    /// Nothing is in the store any more.
    Emptied,
    /// The store ends before what it had confirmed.
    HistoryLost,
    /// The store has another history than the one it had confirmed.
    HistoryReplaced,
    /// The store's secret key is another one.
    SecretChanged,
    /// Another program holds the store.
    Held,
    /// Something else.
    Other,
}

impl TroubleKind {
    /// For programs: `disk-full`.
    pub fn name(self) -> &'static str {
        match self {
            Self::DiskFull => "disk-full",
            Self::FileTooLarge => "file-too-large",
            Self::ReadOnly => "read-only",
            Self::WriteFailed => "write-failed",
            Self::SyncFailed => "sync-failed",
            Self::FileGone => "file-gone",
            Self::FileReplaced => "file-replaced",
            Self::Damaged => "damaged",
            Self::Weakened => "weakened",
            Self::NotAnswering => "not-answering",
            Self::MemoryFull => "memory-full",
            Self::ReplicasMissing => "replicas-missing",
            Self::ClockApart => "clock-apart",
            Self::Emptied => "emptied",
            Self::HistoryLost => "history-lost",
            Self::HistoryReplaced => "history-replaced",
            Self::SecretChanged => "secret-changed",
            Self::Held => "held",
            Self::Other => "store-failed",
        }
    }

    /// A write that was refused as a whole: the last page of a commit was not written, so nobody will ever find one. Of
    /// every other failure at the end of a commit nobody can tell.
    pub(crate) fn leaves_no_commit(self) -> bool {
        matches!(self, Self::DiskFull | Self::FileTooLarge | Self::ReadOnly)
    }

    /// What is in the store is as it should be, and can be read and relied on.
    pub(crate) fn concerns_writes_alone(self) -> bool {
        matches!(
            self,
            Self::MemoryFull | Self::ReplicasMissing | Self::ClockApart
        )
    }

    /// It may be over in a moment: who asked can wait for that instead of asking again.
    pub fn may_pass_at_once(self) -> bool {
        self == Self::NotAnswering
    }

    /// It does not pass by itself, and waiting tells nobody more.
    pub fn needs_a_hand(self) -> bool {
        match self {
            Self::DiskFull
            | Self::FileTooLarge
            | Self::ReadOnly
            | Self::WriteFailed
            | Self::SyncFailed
            | Self::Weakened
            | Self::NotAnswering
            | Self::MemoryFull
            | Self::ReplicasMissing
            | Self::ClockApart
            | Self::Held
            | Self::Other => false,
            Self::FileGone
            | Self::FileReplaced
            | Self::Damaged
            | Self::Emptied
            | Self::HistoryLost
            | Self::HistoryReplaced
            | Self::SecretChanged => true,
        }
    }

    /// What a person who runs the machine does about it, in one sentence.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::DiskFull => "make room on the disk of the store; it goes on by itself",
            Self::FileTooLarge => "raise the limit of the size of files (ulimit -f, LimitFSIZE=)",
            Self::ReadOnly => "make the store's disk and file writable; it goes on by itself",
            Self::WriteFailed | Self::SyncFailed => {
                "look at the disk (dmesg, smartctl); it goes on by itself when the disk takes writes again"
            }
            Self::FileGone | Self::FileReplaced => {
                "put the file back that was there; do not start the server on another one"
            }
            Self::Damaged => "run `paihao verify`, and put a whole copy of the store back",
            Self::Weakened => "set the Redis back as it was; it goes on by itself",
            Self::NotAnswering => {
                "see whether the Redis runs and the network leads there; it goes on by itself"
            }
            Self::MemoryFull => {
                "give the Redis more memory (maxmemory), or take from it what is not the halls'; it goes on by itself"
            }
            Self::ReplicasMissing => "bring the replicas of the Redis back; it goes on by itself",
            Self::ClockApart => {
                "compare this machine's clock and that of the Redis, and set the wrong one (timedatectl, chronyc); it goes \
                 on by itself when they agree"
            }
            Self::Emptied | Self::HistoryLost | Self::HistoryReplaced => {
                "whoever runs the Redis decides: put its own data back, then it goes on; only if that is gone for good, \
                 start the servers again with what their refusal prints (--accept-lost)"
            }
            Self::SecretChanged => {
                "whoever runs the Redis decides: put the key paihao:secret back as it was, then it goes on"
            }
            Self::Held => "end the program that holds the store, such as an open sqlite3",
            Self::Other => "see what the store says",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({}): {}",
            self.kind.name(),
            self.what,
            self.kind.remedy()
        )
    }
}

/// The trouble a store has now, if any; shared by everything that writes, reads and reports.
#[derive(Debug, Default)]
pub(crate) struct CurrentTrouble {
    now: Mutex<Option<Trouble>>,
    is_lasting: AtomicBool,
    is_unsure: AtomicBool,
}

impl CurrentTrouble {
    pub(crate) fn get(&self) -> Option<Trouble> {
        self.lock().clone()
    }

    /// Another write failed. The operator's log gets a line for the first of a kind and for each tenfold.
    pub(crate) fn found(&self, kind: TroubleKind, what: String) {
        let mut current = self.lock();
        let same = current.take().filter(|before| before.kind == kind);
        let (since, failures) = match &same {
            Some(before) => (before.since, before.failures + 1),
            None => (SystemTime::now(), 1),
        };
        if failures.ilog10() > (failures - 1).checked_ilog10().unwrap_or(0) || failures == 1 {
            let (kind, remedy) = (kind.name(), kind.remedy());
            tracing::error!(kind, failures, what, remedy, "the store takes no writes");
        }
        *current = Some(Trouble {
            kind,
            what,
            since,
            failures,
        });
    }

    /// Whether what can be read may not be on the disk.
    pub(crate) fn is_unsure(&self) -> bool {
        self.is_unsure.load(Ordering::Acquire)
    }

    pub(crate) fn set_unsure(&self, is_unsure: bool) {
        self.is_unsure.store(is_unsure, Ordering::Release);
    }

    /// What no later write can mend: a person has to.
    pub(crate) fn found_lasting(&self, kind: TroubleKind, what: String) {
        self.is_lasting.store(true, Ordering::Release);
        self.found(kind, what);
    }

    /// The trouble that no write can mend, if there is one.
    pub(crate) fn lasting(&self) -> Option<Trouble> {
        self.get()
            .filter(|_| self.is_lasting.load(Ordering::Acquire))
    }

    /// A write was made durable after all that failed.
    pub(crate) fn over(&self) {
        if self.is_lasting.load(Ordering::Acquire) {
            return;
        }
        if let Some(past) = self.lock().take() {
            let (kind, failures) = (past.kind.name(), past.failures);
            let seconds = past.since.elapsed().unwrap_or_default().as_secs();
            tracing::warn!(kind, failures, seconds, "the store takes writes again");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
