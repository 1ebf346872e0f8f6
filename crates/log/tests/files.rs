//! What people and disks do to the embedded store's files, while it runs and before it starts. In each case nothing that
//! was acknowledged is lost without a word.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![expect(
    clippy::print_stdout,
    reason = "the figures of a run are read in its output"
)]

#[path = "support/commits.rs"]
mod commits;

use commits::{commit, fill, read_all, stream};
use hall_log::sqlite::SqliteLog;
use hall_log::{AppendError, Commit, Log, OpenError, StreamId, TroubleKind};
use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A store in a directory of its own, with twelve commits of one hall.
struct Store {
    directory: TempDir,
    hall: StreamId,
    written: Vec<Commit>,
}

impl Store {
    async fn filled() -> Store {
        let mut store = Store {
            directory: tempfile::tempdir().unwrap(),
            hall: stream("east"),
            written: Vec::new(),
        };
        let log = store.open().unwrap();
        store.written = fill(&log, &store.hall, 12).await;
        log.secret([7; 32]).await.unwrap();
        store
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("hall.db")
    }

    /// A file beside the database: `-wal`, `.mark`.
    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path().into_os_string();
        name.push(suffix);
        name.into()
    }

    fn open(&self) -> Result<SqliteLog, OpenError> {
        SqliteLog::open(&self.path())
    }

    /// One more acknowledged commit.
    async fn append(&mut self, log: &SqliteLog) -> Result<(), AppendError> {
        let head = self.written.last().unwrap().head();
        let next = commit(&head, "more");
        log.append(&self.hall, &head, &next).await?;
        self.written.push(next);
        Ok(())
    }

    /// Everything that was acknowledged is there, and more can be.
    async fn is_whole(&mut self, log: &SqliteLog) {
        assert_eq!(read_all(log, &self.hall).await.unwrap(), self.written);
        self.append(log).await.unwrap();
        assert_eq!(log.secret([9; 32]).await.unwrap(), [7; 32]);
    }

    /// The same after a restart.
    async fn is_whole_after_a_restart(&mut self, log: SqliteLog) {
        self.is_whole(&log).await;
        drop(log);
        let log = self.open().unwrap();
        self.is_whole(&log).await;
    }

    fn refusal(&self) -> String {
        let refusal = self.open().unwrap_err().to_string();
        let directory = self.directory.path().to_string_lossy().into_owned();
        refusal.replace(&directory, "DIR")
    }
}

fn copy_of(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

#[tokio::test]
async fn a_copy_of_the_one_file_after_a_stop_is_a_backup() {
    let mut store = Store::filled().await;
    let backup = store.directory.path().join("backup.db");
    fs::copy(store.path(), &backup).unwrap();
    let log = SqliteLog::open(&backup).unwrap();
    store.is_whole(&log).await;
}

#[tokio::test]
async fn the_files_are_for_their_own_user_alone() {
    let store = Store::filled().await;
    let _log = store.open().unwrap();
    for suffix in ["", "-wal", "-shm", ".lock", ".mark"] {
        let mode = fs::metadata(store.beside(suffix)).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600, "hall.db{suffix}");
    }
}

#[tokio::test]
async fn an_older_copy_is_refused_until_what_is_lost_is_accepted_by_name() {
    let mut store = Store::filled().await;
    let older = copy_of(&store.path());
    let log = store.open().unwrap();
    for _ in 0..5 {
        store.append(&log).await.unwrap();
    }
    drop(log);
    fs::write(store.path(), older).unwrap();

    expect_test::expect![[r#"
        DIR/hall.db does not hold all that was acknowledged: DIR/hall.db.mark says that there was more.
          east: ends at version 24, version 29 was acknowledged 0 minutes ago
        Put the right file back (with its -wal, if it has one). Only if it is gone for good: start once with --accept-lost east:24-29. The numbers that were lost are then skipped, so that none is given out twice. Nothing was changed"#]]
    .assert_eq(&store.refusal());
    let reader = SqliteLog::open_read_only(&store.path()).unwrap();
    assert!(
        reader.findings()[0]
            .text
            .contains("east: ends at version 24")
    );

    let accept = |name: &str| SqliteLog::open_accepting(&store.path(), vec![name.parse().unwrap()]);
    let another = accept("east:24-30").unwrap_err();
    assert!(matches!(another, OpenError::Behind { .. }), "{another}");
    // accepted, but nothing was recorded about it before the process ended
    let accepted = accept("east:24-29").unwrap();
    assert_eq!(accepted.lost_tails()[0].to_string(), "east:24-29");
    drop(accepted);
    assert!(store.refusal().contains("--accept-lost east:24-29"));

    let log = accept("east:24-29").unwrap();
    store.written.truncate(12);
    store.append(&log).await.unwrap();
    store.is_whole_after_a_restart(log).await;
}

#[tokio::test]
async fn an_empty_file_beside_an_old_mark_is_no_new_hall() {
    let store = Store::filled().await;
    fs::remove_file(store.path()).unwrap();
    let refusal = store.refusal();
    assert!(
        refusal.starts_with("DIR/hall.db is empty, but DIR/hall.db.mark says"),
        "{refusal}"
    );
    // and what it prints is accepted: with everything else the secret is gone too
    let log = SqliteLog::open_accepting(&store.path(), vec!["east:0-24".parse().unwrap()]);
    assert_eq!(log.unwrap().lost_tails().len(), 1);
}

#[tokio::test]
async fn another_secret_is_refused() {
    let store = Store::filled().await;
    let hand = rusqlite::Connection::open(store.path()).unwrap();
    let other = "ab".repeat(32);
    hand.execute("UPDATE meta SET value = ?1 WHERE key = 'secret'", [other])
        .unwrap();
    drop(hand);
    let refused = store.open().unwrap_err();
    assert!(
        matches!(refused, OpenError::AnotherSecret { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_store_of_the_version_before_has_no_mark_and_gets_one() {
    let mut store = Store::filled().await;
    fs::remove_file(store.beside(".mark")).unwrap();
    let log = store.open().unwrap();
    store.is_whole_after_a_restart(log).await;
    assert!(store.beside(".mark").exists());
}

#[tokio::test]
async fn a_file_that_is_deleted_while_it_is_served_is_written_again() {
    for suffixes in [&["", "-wal", "-shm", ".mark"][..], &["-wal"], &[""]] {
        let mut store = Store::filled().await;
        let log = store.open().unwrap();
        store.append(&log).await.unwrap();
        for suffix in suffixes {
            fs::remove_file(store.beside(suffix)).unwrap();
        }
        store.append(&log).await.unwrap();
        assert!(log.trouble().is_none());
        store.is_whole_after_a_restart(log).await;
    }
}

/// The server writes a whole new file when its own was taken away; a program that reads beside it goes on in the new one.
#[tokio::test]
async fn a_reader_beside_the_server_follows_to_the_file_that_is_written_again() {
    let mut store = Store::filled().await;
    let log = store.open().unwrap();
    let reader = SqliteLog::open_read_only(&store.path()).unwrap();
    store.append(&log).await.unwrap();
    assert_eq!(read_all(&reader, &store.hall).await.unwrap(), store.written);
    fs::remove_file(store.path()).unwrap();
    store.append(&log).await.unwrap();
    assert_eq!(read_all(&reader, &store.hall).await.unwrap(), store.written);
}

/// Also where what was cut away is not needed by anybody now: the next start could not open the file.
#[tokio::test]
async fn a_file_that_is_cut_while_it_is_served_is_written_again_or_takes_nothing() {
    let mut store = Store::filled().await;
    let length = copy_of(&store.path()).len() as u64;
    for cut in [4_096, 8_192, length / 2] {
        let log = store.open().unwrap();
        let backup = copy_of(&store.path());
        let file = fs::File::options().write(true).open(store.path()).unwrap();
        file.set_len(length - cut).unwrap();
        if store.append(&log).await.is_ok() {
            store.is_whole_after_a_restart(log).await;
            continue;
        }
        assert_eq!(log.trouble().unwrap().kind, TroubleKind::Damaged);
        drop(log);
        fs::write(store.path(), backup).unwrap();
        let _ = fs::remove_file(store.beside("-wal"));
        let log = store.open().unwrap();
        store.is_whole(&log).await;
    }
}

#[tokio::test]
async fn a_write_ahead_log_that_is_cut_while_it_is_served_is_written_again_from_memory() {
    let mut store = Store::filled().await;
    let log = store.open().unwrap();
    for _ in 0..5 {
        store.append(&log).await.unwrap();
    }
    let wal = fs::File::options()
        .write(true)
        .open(store.beside("-wal"))
        .unwrap();
    wal.set_len(0).unwrap();
    store.append(&log).await.unwrap();
    store.is_whole_after_a_restart(log).await;
}

#[tokio::test]
async fn an_older_copy_over_the_served_file_loses_nothing_that_is_still_in_memory() {
    let mut store = Store::filled().await;
    let older = copy_of(&store.path());
    let log = store.open().unwrap();
    for _ in 0..5 {
        store.append(&log).await.unwrap();
    }
    fs::write(store.path(), older).unwrap();
    fs::remove_file(store.beside("-wal")).unwrap();
    fs::remove_file(store.beside("-shm")).unwrap();
    store.append(&log).await.unwrap();
    store.is_whole_after_a_restart(log).await;
}

#[tokio::test]
async fn another_file_in_its_place_stops_the_store_and_saves_what_was_acknowledged() {
    for takes_logs_away in [true, false] {
        let mut store = Store::filled().await;
        let older = store.directory.path().join("older.db");
        fs::copy(store.path(), &older).unwrap();
        let log = store.open().unwrap();
        store.append(&log).await.unwrap();
        fs::rename(&older, store.path()).unwrap();
        for suffix in ["-wal", "-shm"] {
            if takes_logs_away {
                fs::remove_file(store.beside(suffix)).unwrap();
            }
        }
        let refused = store.append(&log).await;
        assert!(
            matches!(refused, Err(AppendError::Unavailable(_))),
            "{refused:?}"
        );
        let trouble = log.trouble().unwrap();
        assert_eq!(trouble.kind, TroubleKind::FileReplaced);
        assert!(trouble.what.contains("hall.db.rescued"), "{trouble}");
        drop(log);
        let refusal = store.refusal();
        assert!(
            refusal.contains("hall.db.rescued has what was"),
            "{refusal}"
        );
        // what the sentence says is what helps
        fs::rename(store.beside(".rescued"), store.path()).unwrap();
        let log = store.open().unwrap();
        store.is_whole_after_a_restart(log).await;
    }
}

#[tokio::test]
async fn a_file_that_was_cut_is_refused_with_what_to_do() {
    let store = Store::filled().await;
    let length = copy_of(&store.path()).len() as u64;
    let file = fs::File::options().write(true).open(store.path()).unwrap();
    for length in [length - 5_000, length / 2, 5_000, 1_000] {
        file.set_len(length).unwrap();
        let refusal = store.refusal();
        assert!(refusal.starts_with("DIR/hall.db"), "{length}: {refusal}");
        assert!(
            refusal.contains("Put a whole copy back"),
            "{length}: {refusal}"
        );
    }
}

#[tokio::test]
async fn one_file_under_two_names_is_served_once() {
    let store = Store::filled().await;
    let log = store.open().unwrap();
    let other = store.directory.path().join("other.db");
    fs::hard_link(store.path(), &other).unwrap();
    let refused = SqliteLog::open(&other).unwrap_err();
    assert!(matches!(refused, OpenError::Locked { .. }), "{refused}");
    drop(log);
    // nor one after the other: each name has a write-ahead log and a mark of its own
    assert!(store.refusal().contains("a second name"));
}

#[tokio::test]
async fn a_store_that_is_moved_while_it_is_served_goes_on_at_its_new_place() {
    let mut store = Store::filled().await;
    let log = store.open().unwrap();
    store.append(&log).await.unwrap();
    let moved = store.directory.path().join("moved.db");
    for suffix in ["", "-wal", "-shm", ".mark"] {
        let mut name = moved.clone().into_os_string();
        name.push(suffix);
        fs::rename(store.beside(suffix), name).unwrap();
    }
    assert!(
        store.append(&log).await.is_err(),
        "nobody would find it here"
    );
    assert_eq!(log.trouble().unwrap().kind, TroubleKind::FileGone);
    drop(log);
    let log = SqliteLog::open(&moved).unwrap();
    store.is_whole(&log).await;
}

#[tokio::test]
async fn a_mark_that_says_nothing_any_more_does_not_let_everything_pass() {
    let mut store = Store::filled().await;
    let mark = copy_of(&store.beside(".mark"));
    for garbage in ["", "head east 3\r\n", "nothing\nto be read\n"] {
        fs::write(store.beside(".mark"), garbage).unwrap();
        let refusal = store.refusal();
        assert!(refusal.contains("does not say any more"), "{refusal}");
    }
    // what a power cut leaves of a mark that was only begun lets the store go on
    let begun = String::from_utf8(mark).unwrap();
    fs::write(
        store.beside(".mark"),
        format!("{}\n", begun.lines().next().unwrap()),
    )
    .unwrap();
    let log = store.open().unwrap();
    store.is_whole_after_a_restart(log).await;
}

#[tokio::test]
async fn an_older_copy_that_is_put_back_twice_counts_what_was_lost_the_first_time() {
    let mut store = Store::filled().await;
    let older = copy_of(&store.path());
    let log = store.open().unwrap();
    for _ in 0..5 {
        store.append(&log).await.unwrap();
    }
    drop(log);
    fs::write(store.path(), &older).unwrap();
    let accept = |name: &str| SqliteLog::open_accepting(&store.path(), vec![name.parse().unwrap()]);
    let log = accept("east:24-29").unwrap();
    let head = store.written[11].head();
    log.append(&store.hall, &head, &commit(&head, "other"))
        .await
        .unwrap();
    drop(log);
    fs::write(store.path(), &older).unwrap();
    let log = accept("east:24-25").unwrap();
    assert_eq!(log.lost_tails()[0].to_string(), "east:24-30", "six in all");
    log.settle_loss(&store.hall).await.unwrap();
    drop(log);
    store
        .open()
        .expect("a loss that is settled is not asked about again");
}

/// A complete copy that a power cut left between the two steps takes its place at the next start.
#[tokio::test]
async fn a_copy_that_was_complete_takes_its_place_at_the_start() {
    let mut store = Store::filled().await;
    fs::copy(store.path(), store.beside(".whole")).unwrap();
    fs::write(store.beside("-wal"), b"of the file before").unwrap();
    let log = store.open().unwrap();
    assert!(!store.beside(".whole").exists());
    store.is_whole_after_a_restart(log).await;
}

/// One bit anywhere: in the file as a stop leaves it, and in the files as a kill leaves them. Either the start says what
/// is wrong, or nothing is lost.
#[tokio::test]
async fn a_flipped_bit_is_told_or_harmless() {
    let mut store = Store::filled().await;
    let stopped = vec![
        ("", copy_of(&store.path())),
        (".mark", copy_of(&store.beside(".mark"))),
    ];
    let log = store.open().unwrap();
    for _ in 0..12 {
        store.append(&log).await.unwrap();
    }
    let killed = ["", "-wal", ".mark"].map(|suffix| (suffix, copy_of(&store.beside(suffix))));
    drop(log);
    let all = store.written.clone();
    let mut rng = fastrand::Rng::with_seed(5);
    let (mut refused, mut harmless, mut told) = (0, 0, 0);
    for (files, acknowledged) in [(stopped, &all[..12]), (killed.to_vec(), &all[..])] {
        for (place, (_, bytes)) in files.iter().enumerate() {
            for _ in 0..30 {
                let at = rng.u64(..bytes.len() as u64);
                for suffix in ["-wal", "-shm", ".whole", ".new"] {
                    let _ = fs::remove_file(store.beside(suffix));
                }
                for (suffix, bytes) in &files {
                    fs::write(store.beside(suffix), bytes).unwrap();
                }
                let flipped = fs::File::options()
                    .write(true)
                    .open(store.beside(files[place].0));
                let byte = bytes[usize::try_from(at).unwrap()] ^ (1 << rng.u32(..8));
                flipped.unwrap().write_all_at(&[byte], at).unwrap();
                let Ok(log) = store.open() else {
                    refused += 1;
                    continue;
                };
                let whole = read_all(&log, &store.hall).await.unwrap();
                assert_eq!(whole, acknowledged, "hall.db{} at {at}", files[place].0);
                told += usize::from(log.findings().len() > 1);
                harmless += 1;
            }
        }
    }
    println!("{refused} starts refused, {harmless} without loss, {told} of them with a warning");
    assert!(refused > 20, "the flips must reach what matters");
}

/// Bytes between two cuts of a page in a write-ahead log; heads of frames are cut at every byte.
const CUT_EVERY: usize = 31;
/// Of a write-ahead log, as SQLite documents them.
const LOG_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;
const PAGE: usize = 4096;

/// What a power cut leaves of the last commits, wherever it cuts, and what a disk may add behind them.
#[tokio::test]
async fn a_write_ahead_log_that_ends_anywhere_is_refused_or_whole() {
    let mut store = Store::filled().await;
    let log = store.open().unwrap();
    for _ in 0..3 {
        store.append(&log).await.unwrap();
    }
    let kept = ["", "-wal", ".mark"].map(|suffix| (suffix, copy_of(&store.beside(suffix))));
    drop(log);
    let whole = kept[1].1.clone();
    let frames = (whole.len() - LOG_HEAD) / (FRAME_HEAD + PAGE);
    assert!(frames > 3, "three commits are {frames} frames");
    let begins = |frame: usize| LOG_HEAD + frame * (FRAME_HEAD + PAGE);
    let heads = (0..frames).flat_map(|frame| begins(frame)..=begins(frame) + FRAME_HEAD);
    let pages = (0..frames).flat_map(|frame| {
        let page = begins(frame) + FRAME_HEAD;
        (page..page + PAGE).step_by(CUT_EVERY)
    });
    let cuts = (0..=LOG_HEAD).chain(heads).chain(pages);
    let mut logs: Vec<Vec<u8>> = cuts.map(|at| whole[..at].to_vec()).collect();
    let last = &whole[begins(frames - 1)..];
    let garbage: Vec<u8> = last.iter().rev().copied().collect();
    for behind in [&vec![0; last.len()][..], last, &garbage] {
        logs.push([&whole, behind].concat());
    }
    let (count, mut refused) = (logs.len(), 0);
    for log in logs {
        fs::remove_file(store.beside("-shm")).ok();
        for (suffix, bytes) in &kept {
            fs::write(store.beside(suffix), bytes).unwrap();
        }
        fs::write(store.beside("-wal"), &log).unwrap();
        match store.open() {
            Ok(opened) => {
                let read = read_all(&opened, &store.hall).await.unwrap();
                assert_eq!(read, store.written, "{} bytes", log.len());
            }
            Err(error) => {
                let said = error.to_string();
                assert!(said.contains("hall.db"), "{} bytes: {said}", log.len());
                refused += 1;
            }
        }
    }
    println!("of {count} ends {refused} were refused, the others lost nothing");
    assert!(refused > 0 && refused < count);
}
