//! What happens to the files of a Redis: the power goes under it, its disk lies, a bit flips, its end is cut.

use super::flips::nothing_is_missing;
use super::redis::{WORK_MS, goes_on, pause};
use super::scene::{Scene, copy_files};
use super::swaps::{accept, kill_and_judge};
use super::{FaultSize, Tally};
use crate::storm::acknowledged;
use crate::storm::failing_disk::{DiskFault, FailingDisk};
use anyhow::{Context, ensure};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Numbers and calls in the Redis that is damaged.
const NUMBERS: usize = 200;
const CALLS: usize = 100;
/// The end of the file, in which a power cut or a disk does harm.
const END: u64 = 8 * 1024;

/// The Redis loses its power under load, and finds what it had synced; every second time the server starts anew, so that
/// nothing comes back from its memory.
pub async fn power_cut(size: &FaultSize, tally: &mut Tally) -> anyhow::Result<()> {
    let (mut scene, disk) = on_a_disk(size).await?;
    let work = scene.begin_work();
    let happened = async {
        for time in 0..size.times {
            tally.times += 1;
            pause(WORK_MS).await;
            let redis = scene.redis()?;
            redis.kill_9();
            disk.cut_power()?;
            redis.restart()?;
            if time % 2 == 0 {
                tally.became("cut");
                goes_on(&mut scene, tally).await?;
            } else {
                tally.became("cut, and the server killed");
                let back = scene.is_back().await?;
                tally.recovery.push(back);
            }
        }
        Ok(())
    };
    let happened = happened.await;
    let is_idle = scene.end_work(work, happened).await;
    kill_and_judge(scene, is_idle, tally).await
}

/// Its disk says that it has synced, and has not, and then the power goes under both. The server's mark is on another disk,
/// and tells.
pub async fn lying_sync(size: &FaultSize, tally: &mut Tally) -> anyhow::Result<()> {
    for _ in 0..size.times {
        tally.times += 1;
        let (mut scene, disk) = on_a_disk(size).await?;
        let work = scene.begin_work();
        pause(WORK_MS).await;
        disk.begin(DiskFault::LyingSync)?;
        pause(WORK_MS).await;
        scene.end_work(work, Ok(())).await;
        scene.kill();
        scene.redis()?.kill_9();
        disk.cut_power()?;
        disk.end(DiskFault::LyingSync)?;
        scene.redis()?.restart()?;
        match scene.start(&[]) {
            // by chance everything had been written; or the verdict tells what is missing
            Ok(()) => kill_and_judge(scene, true, tally).await?,
            Err(words) => {
                tally.said += usize::from(words.contains("--accept-lost"));
                tally.became("refused");
                accept(scene, &words, tally).await?;
            }
        }
    }
    Ok(())
}

async fn on_a_disk(size: &FaultSize) -> anyhow::Result<(Scene, FailingDisk)> {
    let mut scene = Scene::on_redis(&size.paihao).await?;
    let (folder, redis) = (scene.aside(""), scene.redis()?);
    redis.kill_9();
    let disk = FailingDisk::over(&folder, redis.folder().join("appendonlydir"))?;
    redis.write_through(disk.environment());
    redis.restart()?;
    scene.is_ready_again().await;
    Ok((scene, disk))
}

/// One bit of the file is another one when the Redis starts.
pub async fn flipped(size: &FaultSize, tally: &mut Tally) -> anyhow::Result<()> {
    damaged(size, tally, |file| {
        let length = file.metadata()?.len();
        let (at, bit) = (fastrand::u64(..length), fastrand::u32(..8));
        let mut byte = [0];
        file.read_exact_at(&mut byte, at)?;
        byte[0] ^= 1 << bit;
        file.write_all_at(&byte, at)?;
        Ok(format!("bit {bit} of byte {at} of a Redis' file"))
    })
    .await
}

/// The end of the file is missing, wherever that is in a command.
pub async fn cut(size: &FaultSize, tally: &mut Tally) -> anyhow::Result<()> {
    damaged(size, tally, |file| {
        let length = file.metadata()?.len();
        let at = length - fastrand::u64(1..=END.min(length));
        file.set_len(at)?;
        Ok(format!("a Redis' file of {length} bytes cut at {at}"))
    })
    .await
}

/// The Redis refuses its file, or the server refuses the Redis, or nothing that was acknowledged is missing.
async fn damaged(
    size: &FaultSize,
    tally: &mut Tally,
    damage: impl Fn(&File) -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let mut scene = Scene::on_redis(&size.paihao).await?;
    scene.floor.work_until(NUMBERS, CALLS).await?;
    scene.kill();
    scene.redis()?.kill_9();
    let operations = scene.clients.take_history();
    tally.acknowledged += acknowledged(&operations);
    let intact = Intact::of(&mut scene)?;
    for _ in 0..size.times {
        tally.times += 1;
        intact.put_back(&mut scene)?;
        let path = append_only_file(scene.redis()?.folder())?;
        let place = damage(&File::options().read(true).write(true).open(path)?)?;
        let starts = scene.redis()?.try_restart()?;
        let started = starts.then(|| scene.start(&[]));
        match started {
            None => told(tally, "refused by Redis"),
            // by the Redis, or by the log and its version
            Some(Err(words)) if words.contains("redis://") || words.contains("is damaged at") => {
                told(tally, "refused by the server");
            }
            Some(Err(words)) => {
                let what = format!("{place}: {words}");
                scene.verdict.add("refused without a place", what);
            }
            Some(Ok(())) => {
                tally.became("harmless");
                nothing_is_missing(&mut scene, &operations, &place).await;
                scene.close_the_log().await?;
            }
        }
        scene.kill();
        scene.redis()?.kill_9();
    }
    intact.put_back(&mut scene)?;
    scene.redis()?.restart()?;
    let back = scene.is_back().await?;
    tally.recovery.push(back);
    scene.give_verdict(tally);
    Ok(())
}

fn told(tally: &mut Tally, what: &str) {
    tally.said += 1;
    tally.became(what);
}

/// The files of a Redis and the server's mark, as both left them.
struct Intact {
    files: PathBuf,
    mark: PathBuf,
    marked: Vec<u8>,
}

impl Intact {
    fn of(scene: &mut Scene) -> anyhow::Result<Intact> {
        let files = scene.aside("intact");
        copy_files(scene.redis()?.folder(), &files)?;
        let mark = only(&scene.aside(""), ".mark")?;
        let marked = fs::read(&mark)?;
        Ok(Intact {
            files,
            mark,
            marked,
        })
    }

    fn put_back(&self, scene: &mut Scene) -> anyhow::Result<()> {
        copy_files(&self.files, scene.redis()?.folder())?;
        Ok(fs::write(&self.mark, &self.marked)?)
    }
}

fn append_only_file(folder: &Path) -> anyhow::Result<PathBuf> {
    only(&folder.join("appendonlydir"), ".incr.aof")
}

/// The one file with such a name.
fn only(folder: &Path, suffix: &str) -> anyhow::Result<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(suffix) {
            found.push(path);
        }
    }
    ensure!(found.len() == 1, "files with {suffix}: {found:?}");
    found.pop().context("there is one")
}
