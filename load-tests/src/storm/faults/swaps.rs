//! Files that are deleted, cut or exchanged, while they are served and before a start.

use super::scene::{Scene, Working, copy_files, store_of};
use super::{FaultSize, Tally};
use crate::history::{self, Operation};
use crate::log_reader::plant_secret;
use crate::storm::{SERVICES, acknowledged};
use crate::{client::Manner, log_reader::LogReader};
use anyhow::{Context, anyhow, ensure};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The hall works this many milliseconds before and between what happens, drawn anew each time.
const WORK_MS: std::ops::Range<u64> = 300..900;
/// A trouble that is not told by then is not told.
const SAID_WITHIN: Duration = Duration::from_secs(20);
/// A server without anything to do has emptied its write-ahead log by then.
const RESTS_WITHIN: Duration = Duration::from_secs(60);
/// Whoever asks a server whose file is damaged goes away after this.
const PATIENCE: Duration = Duration::from_secs(4);
/// Numbers that are given out after a loss was accepted; each must be new.
const NUMBERS_AFTER: usize = 60;

/// What happens to the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// The database is deleted while it is served.
    Deleted,
    /// Its write-ahead log is.
    WalDeleted,
    /// Its write-ahead log is cut.
    WalCut,
    /// The database is cut while it is served and nobody asks.
    Cut,
    /// An older copy is renamed over it while it is served.
    OlderServed,
    /// An older copy is there at the start.
    OlderAtStart,
    /// An empty file is.
    EmptyAtStart,
    /// A second server is started on another name of the file.
    HardLink,
}

impl Swap {
    /// All of them.
    pub const ALL: [Swap; 8] = [
        Swap::Deleted,
        Swap::WalDeleted,
        Swap::WalCut,
        Swap::Cut,
        Swap::OlderServed,
        Swap::OlderAtStart,
        Swap::EmptyAtStart,
        Swap::HardLink,
    ];

    /// In reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Swap::Deleted => "file-deleted",
            Swap::WalDeleted => "wal-deleted",
            Swap::WalCut => "wal-cut",
            Swap::Cut => "file-cut",
            Swap::OlderServed => "older-while-served",
            Swap::OlderAtStart => "older-at-start",
            Swap::EmptyAtStart => "empty-at-start",
            Swap::HardLink => "hard-link",
        }
    }
}

/// So many swaps, each in a hall of its own.
pub async fn storm(swap: Swap, size: &FaultSize, tally: &mut Tally) -> anyhow::Result<()> {
    for time in 0..size.times {
        tally.times += 1;
        let scene = Scene::set(&size.paihao, false).await?;
        let work = scene.begin_work();
        match swap {
            Swap::Deleted | Swap::WalDeleted | Swap::WalCut => {
                served_on(swap, scene, work, tally).await?;
            }
            Swap::Cut => cut(scene, work, tally).await?,
            Swap::OlderServed => older_served(scene, work, time, tally).await?,
            Swap::OlderAtStart => older_at_start(scene, work, time, tally).await?,
            Swap::EmptyAtStart => empty_at_start(scene, work, time, tally).await?,
            Swap::HardLink => hard_link(scene, work, tally).await?,
        }
    }
    Ok(())
}

/// What the open file still has, or memory, the server writes again.
async fn served_on(
    swap: Swap,
    mut scene: Scene,
    work: Working,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let older = older_copy(&mut scene).await?;
    pause().await;
    let wal = scene.beside("-wal");
    match swap {
        Swap::WalDeleted => fs::remove_file(wal)?,
        Swap::WalCut => {
            let file = fs::File::options().write(true).open(wal)?;
            file.set_len(fastrand::u64(..file.metadata()?.len().max(1)))?;
        }
        _ => fs::remove_file(&scene.path)?,
    }
    let begun = Instant::now();
    let goes_on = scene.floor.one_takes_at(Some(0));
    let goes_on = tokio::time::timeout(SAID_WITHIN, goes_on).await;
    let Ok(goes_on) = goes_on else {
        // what was cut away while it was written is in no memory
        let (is_said, _) = scene.says(None, SAID_WITHIN).await;
        ensure!(is_said, "the server neither goes on nor says why");
        tally.became("stopped and told");
        work.abort();
        return start_again(scene, &older, false, tally).await;
    };
    tally.recovery.push(begun.elapsed());
    pause().await;
    let is_idle = scene.end_work(work, goes_on).await;
    start_again(scene, &older, is_idle, tally).await
}

/// With everything, or as the refusal says: a whole copy is put back, and what it lacks is accepted.
async fn start_again(
    mut scene: Scene,
    older: &Path,
    is_idle: bool,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    scene.kill();
    let Err(words) = scene.start(&[]) else {
        tally.became("went on");
        return scene.judge(is_idle, tally).await;
    };
    tally.said += 1;
    if words.contains("--accept-lost") {
        tally.became("its end was lost as told");
        return accept(scene, &words, tally).await;
    }
    tally.became("damaged as told");
    names_the_file(&mut scene, &words);
    put_back(&scene, older)?;
    match scene.start(&[]) {
        Ok(()) => scene.judge(is_idle, tally).await,
        Err(words) => accept(scene, &words, tally).await,
    }
}

/// Of a database that is cut, the store either has everything in memory or stops; then its last copy is put back.
async fn cut(mut scene: Scene, work: Working, tally: &mut Tally) -> anyhow::Result<()> {
    pause().await;
    let is_idle = scene.end_work(work, Ok(())).await;
    wait_for_rest(&scene).await?;
    let copy = scene.aside("copy.db");
    fs::copy(&scene.path, &copy)?;
    let file = fs::File::options().write(true).open(&scene.path)?;
    file.set_len(fastrand::u64(..file.metadata()?.len()))?;
    let begun = Instant::now();
    let goes_on = tokio::time::timeout(PATIENCE, scene.floor.one_takes_at(Some(0))).await;
    if goes_on.is_ok() {
        tally.recovery.push(begun.elapsed());
        tally.became("written again");
    } else {
        let (is_said, _) = scene.says(None, SAID_WITHIN).await;
        if !is_said {
            let what = "a cut file was not told, and nothing went on".to_owned();
            scene.verdict.add("fault not told", what);
        }
        tally.said += usize::from(is_said);
    }
    scene.kill();
    if let Err(words) = scene.start(&[]) {
        names_the_file(&mut scene, &words);
        tally.became("refused at the next start");
        put_back(&scene, &copy)?;
        let begun = Instant::now();
        if let Err(words) = scene.start(&[]) {
            return accept(scene, &words, tally).await; // the copy lacks what was taken since
        }
        scene.floor.one_takes_at(Some(0)).await?;
        tally.recovery.push(begun.elapsed());
    }
    scene.judge_in_the_midst(is_idle, tally).await
}

/// Another file has the name: the store stops, and has saved everything where it says. What the sentence says is done.
async fn older_served(
    mut scene: Scene,
    work: Working,
    time: usize,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let older = older_copy(&mut scene).await?;
    pause().await;
    if time % 2 == 1 {
        for suffix in ["-wal", "-shm"] {
            fs::remove_file(scene.beside(suffix))?;
        }
    }
    fs::rename(older, &scene.path)?;
    let from = scene.clients.elapsed();
    let is_said = scene.must_say("file-replaced", SAID_WITHIN, tally).await;
    if is_said {
        scene.silences.push((from, scene.clients.elapsed()));
        scene.kill();
        fs::rename(scene.beside(".rescued"), &scene.path).context("nothing was saved")?;
        tally.became("went on with what was saved");
    }
    let back = match is_said {
        true => scene.is_back().await,
        false => Ok(Duration::ZERO),
    };
    let happened = back.map(|back| tally.recovery.push(back));
    let is_idle = scene.end_work(work, happened).await;
    kill_and_judge(scene, is_idle, tally).await
}

async fn older_at_start(
    mut scene: Scene,
    work: Working,
    time: usize,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let older = older_copy(&mut scene).await?;
    pause().await;
    scene.end_work(work, Ok(())).await;
    scene.kill();
    // with the newer write-ahead log beside it, or without
    if time % 2 == 1 {
        let changed = fs::read(&older)?;
        fs::copy(&older, &scene.path)?;
        match scene.start(&[]) {
            Ok(()) => {
                tally.became("went on with its newer log");
                return kill_and_judge(scene, true, tally).await;
            }
            Err(words) => names_the_file(&mut scene, &words),
        }
        if fs::read(&scene.path)? != changed {
            tally.became("changed before it was refused");
        }
    }
    put_back(&scene, &older)?;
    let older = fs::read(&older)?;
    let Err(words) = scene.start(&[]) else {
        return kill_and_judge(scene, true, tally).await; // which tells what is missing
    };
    if fs::read(&scene.path)? != older {
        let what = "the refusal says that nothing was changed".to_owned();
        scene.verdict.add("changed and refused", what);
    }
    tally.said += usize::from(words.contains("--accept-lost"));
    accept(scene, &words, tally).await
}

async fn empty_at_start(
    mut scene: Scene,
    work: Working,
    time: usize,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    pause().await;
    let is_idle = scene.end_work(work, Ok(())).await;
    match time % 2 {
        0 => scene.kill(),
        _ => scene.stop()?,
    }
    let (directory, copies) = (scene.aside("disk"), scene.aside("copies"));
    copy_files(&directory, &copies)?;
    fs::write(&scene.path, "")?;
    match scene.start(&[]) {
        Ok(()) => return scene.judge(is_idle, tally).await, // which tells what is missing
        Err(words) => names_the_file(&mut scene, &words),
    }
    tally.said += 1;
    tally.became("refused");
    copy_files(&copies, &directory)?;
    let back = scene.is_back().await?;
    tally.recovery.push(back);
    scene.judge_in_the_midst(is_idle, tally).await
}

async fn hard_link(mut scene: Scene, work: Working, tally: &mut Tally) -> anyhow::Result<()> {
    pause().await;
    let elsewhere = scene.aside("elsewhere");
    fs::create_dir(&elsewhere)?;
    let other = elsewhere.join("other.db");
    fs::hard_link(&scene.path, &other)?;
    match scene.another(&store_of(&other), None, &[]) {
        Ok(_) => {
            let what = "two servers served one file".to_owned();
            scene.verdict.add("served twice", what);
        }
        Err(words) if words.contains("other.db") => {
            tally.said += 1;
            tally.became("refused");
        }
        Err(words) => scene.verdict.add("refused without a place", words),
    }
    pause().await;
    let is_idle = scene.end_work(work, Ok(())).await;
    fs::remove_file(&other)?; // a file with two names is not served under either
    kill_and_judge(scene, is_idle, tally).await
}

pub(super) async fn kill_and_judge(
    mut scene: Scene,
    mut is_idle: bool,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    scene.kill();
    if let Err(words) = scene.start(&[]) {
        scene.verdict.add("the start was refused", words);
        is_idle = false;
    }
    scene.judge(is_idle, tally).await
}

/// The way on when nothing else is left: the loss is accepted as the refusal printed it, and then no number is given out
/// that was on paper before. Nobody else may be acting.
pub(super) async fn accept(mut scene: Scene, words: &str, tally: &mut Tally) -> anyhow::Result<()> {
    let options = printed_options(words);
    ensure!(!options.is_empty(), "a refusal without a way on: {words}");
    let told: u64 = options.iter().filter_map(|option| records_of(option)).sum();
    let begun = Instant::now();
    let accepted = scene.start(&options);
    accepted.map_err(|words| anyhow!("what was printed was not accepted: {words}"))?;
    for _ in 0..NUMBERS_AFTER {
        let service = SERVICES[fastrand::usize(..SERVICES.len())];
        scene.clients.takes(service, Manner::Calm, Some(0)).await?;
        if tally.recovery.len() < tally.times {
            tally.recovery.push(begun.elapsed());
        }
    }
    // the loss is recorded, and need not be accepted again
    scene.kill();
    let started = scene.start(&[]);
    started.map_err(|words| anyhow!("it was refused again: {words}"))?;
    let mut log = LogReader::new(&scene.store())?;
    log.catch_up().await?;
    let operations = scene.clients.take_history();
    tally.acknowledged += acknowledged(&operations);
    let ids: HashSet<&str> = log.entries.iter().map(|entry| entry.id.as_str()).collect();
    let is_gone = |o: &&Operation| acknowledged(std::slice::from_ref(*o)) > 0;
    let gone = operations.iter().filter(is_gone);
    let gone = gone.filter(|o| !ids.contains(o.id.as_str())).count();
    if gone as u64 > told {
        let what = format!("{gone} are missing, {told} were told: {words}");
        scene.verdict.add("acknowledged and lost", what);
    }
    *tally.outcomes.entry("lost as told".into()).or_default() += gone;
    let found = history::check(&operations, &log.entries).violations;
    for name in [
        "duplicate number",
        "command applied twice",
        "hole in the log",
    ] {
        for what in found.get(name).into_iter().flatten() {
            scene.verdict.add(name, what.clone());
        }
    }
    let (is_whole, said) = scene.verify()?;
    if !is_whole {
        scene.verdict.add("verify finds a defect", said);
    }
    scene.give_verdict(tally);
    Ok(())
}

/// `--accept-lost zhuzhou:12-30` as often as it stands there.
fn printed_options(words: &str) -> Vec<String> {
    let mut options = Vec::new();
    let mut words = words.split_whitespace();
    while let Some(word) = words.next() {
        if word == "--accept-lost"
            && let Some(name) = words.next()
        {
            options.extend([word.to_owned(), name.trim_end_matches('.').to_owned()]);
        }
    }
    options
}

fn records_of(option: &str) -> Option<u64> {
    let (_, versions) = option.rsplit_once(':')?;
    let (from, to) = versions.split_once('-')?;
    Some(to.parse::<u64>().ok()? - from.parse::<u64>().ok()?)
}

fn names_the_file(scene: &mut Scene, words: &str) {
    if !words.contains("hall.db") {
        let words = words.to_owned();
        scene.verdict.add("refused without a place", words);
    }
}

/// A copy of the whole store as it is now, in one file, made by killing the server.
async fn older_copy(scene: &mut Scene) -> anyhow::Result<PathBuf> {
    pause().await;
    scene.kill();
    let folder = scene.aside("older");
    copy_files(&scene.aside("disk"), &folder)?;
    let started = scene.start(&[]);
    started.map_err(|words| anyhow!("the start was refused: {words}"))?;
    let older = folder.join("hall.db");
    // opening and closing it brings its write-ahead log into it
    plant_secret(&format!("sqlite:{}", older.display())).await?;
    Ok(older)
}

/// A whole copy in the place of everything that is there, except the mark.
fn put_back(scene: &Scene, copy: &Path) -> anyhow::Result<()> {
    for suffix in ["-wal", "-shm"] {
        let path = scene.beside(suffix);
        if path.exists() {
            fs::remove_file(path)?;
        }
    }
    fs::copy(copy, &scene.path)?;
    Ok(())
}

pub(super) async fn wait_for_rest(scene: &Scene) -> anyhow::Result<()> {
    let begun = Instant::now();
    while fs::metadata(scene.beside("-wal")).is_ok_and(|wal| wal.len() > 0) {
        ensure!(
            begun.elapsed() < RESTS_WITHIN,
            "the write-ahead log is never emptied"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(WORK_MS))).await;
}
