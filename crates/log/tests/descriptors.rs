//! The process may open no more files, or only so many: whichever of the store's own it is that cannot be opened, nothing that
//! was acknowledged is lost, and the store goes on by itself when it may again. The limit is the whole process', so this
//! test has one of its own.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "support/commits.rs"]
mod commits;

use commits::{commit, fill, read_all, stream};
use hall_log::sqlite::SqliteLog;
use hall_log::{Commit, Log, StreamId};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// More than the store opens to write a commit and, if need be, the whole file anew.
const MOST_OPENED: u64 = 16;
const TRIES: usize = 200;
/// A store that does not go on by then will not.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

fn allows(files: Option<u64>) {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = files;
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
}

fn open_files() -> u64 {
    let found = std::fs::read_dir("/proc/self/fd").unwrap().count();
    found as u64 - 1 // the folder itself
}

/// One more commit, if it was acknowledged.
async fn appends(log: &SqliteLog, hall: &StreamId) -> Option<Commit> {
    let head = log.head(hall).await.ok()?;
    let next = commit(&head, "more");
    log.append(hall, &head, &next).await.ok().map(|()| next)
}

async fn goes_on(log: &SqliteLog, hall: &StreamId) -> Commit {
    let begun = Instant::now();
    loop {
        if let Some(written) = appends(log, hall).await {
            return written;
        }
        assert!(begun.elapsed() < PATIENCE, "{:?}", log.trouble());
        sleep(LOOK_AGAIN).await;
    }
}

async fn is_there(path: &Path, hall: &StreamId, acknowledged: &[Commit]) {
    let found = read_all(&SqliteLog::open(path).unwrap(), hall)
        .await
        .unwrap();
    for commit in acknowledged {
        assert!(found.contains(commit), "{} is lost", commit.last);
    }
}

/// The process' connections come and go meanwhile: they take what is free, a moment at a time.
struct Others {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Others {
    fn come() -> Others {
        let is_over = Arc::new(AtomicBool::new(false));
        let over = is_over.clone();
        let thread = std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let taken: Vec<File> = (0..MOST_OPENED)
                    .map_while(|_| File::open("/dev/null").ok())
                    .collect();
                drop(taken);
                std::thread::yield_now();
            }
        });
        Others {
            is_over,
            thread: Some(thread),
        }
    }
}

impl Drop for Others {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.take().map(JoinHandle::join);
    }
}

#[tokio::test]
async fn whichever_file_cannot_be_opened_the_store_goes_on_when_it_can() {
    let before = getrlimit(Resource::Nofile).current;
    let mut refused = 0;
    for spare in (0..=MOST_OPENED).cycle().take(TRIES) {
        let (directory, hall) = (tempfile::tempdir().unwrap(), stream("east"));
        let path = directory.path().join("hall.db");
        let log = SqliteLog::open(&path).unwrap();
        let mut acknowledged = fill(&log, &hall, 3).await;
        // none for the commit, which is then unsure, and so many to write the file anew
        let open = open_files();
        allows(Some(open));
        acknowledged.extend(appends(&log, &hall).await);
        allows(Some(open + spare));
        let others = Others::come();
        let anew = appends(&log, &hall).await;
        drop(others);
        refused += usize::from(anew.is_none());
        allows(before);
        acknowledged.extend(anew);
        acknowledged.push(goes_on(&log, &hall).await);
        drop(log);
        is_there(&path, &hall, &acknowledged).await;
    }
    assert!(refused > 0, "the limit was felt");
    assert!(refused < TRIES, "and sometimes enough was left");
}
