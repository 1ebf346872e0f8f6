//! What happens to the one Redis behind a server: emptied, exchanged, set back, changed, weakened, frozen, killed.

use super::scene::{Scene, Working, copy_files};
use super::swaps::{accept, kill_and_judge};
use super::{FaultSize, LinkTo, Tally, redis_files};
use crate::process::Redis;
use anyhow::{Context, anyhow, ensure};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The hall works this many milliseconds before and between what happens, drawn anew each time.
pub const WORK_MS: std::ops::Range<u64> = 300..900;
/// A trouble that is not told by then is not told.
const SAID_WITHIN: Duration = Duration::from_secs(20);
/// A Redis is frozen for so many milliseconds: shorter and longer than an append waits.
const FROZEN_MS: std::ops::Range<u64> = 500..3_500;
/// A replica has not so many of the numbers that its primary acknowledged.
const LOST_NUMBERS: usize = 40;
/// As the command stands in the file of a Redis.
const FLUSH: &[u8] = b"*1\r\n$8\r\nFLUSHALL\r\n";

/// What happens to the Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedisFault {
    /// A hand types FLUSHALL.
    Emptied,
    /// An empty server takes its place.
    Exchanged,
    /// It comes back with older files, under a server that runs.
    OlderServed,
    /// It has older files when the server starts.
    OlderAtStart,
    /// A hand sets the store's secret.
    SecretChanged,
    /// A hand lets it sync less.
    Weakened,
    /// It stops answering for a while.
    Frozen,
    /// It is killed and started again.
    Killed,
    /// The power goes under it.
    PowerCut,
    /// Its disk says that it has synced, and has not, and then the power goes.
    LyingSync,
    /// One bit of its file is another one at its next start.
    Flipped,
    /// The end of its file is missing at its next start.
    Cut,
    /// It is lost, and a replica that was behind takes its place.
    Promoted,
}

impl RedisFault {
    /// All of them.
    pub const ALL: [RedisFault; 13] = [
        RedisFault::Emptied,
        RedisFault::Exchanged,
        RedisFault::OlderServed,
        RedisFault::OlderAtStart,
        RedisFault::SecretChanged,
        RedisFault::Weakened,
        RedisFault::Frozen,
        RedisFault::Killed,
        RedisFault::PowerCut,
        RedisFault::LyingSync,
        RedisFault::Flipped,
        RedisFault::Cut,
        RedisFault::Promoted,
    ];

    /// In reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            RedisFault::Emptied => "redis-emptied",
            RedisFault::Exchanged => "redis-exchanged",
            RedisFault::OlderServed => "redis-older-served",
            RedisFault::OlderAtStart => "redis-older-start",
            RedisFault::SecretChanged => "redis-secret",
            RedisFault::Weakened => "redis-weakened",
            RedisFault::Frozen => "redis-frozen",
            RedisFault::Killed => "redis-killed",
            RedisFault::PowerCut => "redis-power-cut",
            RedisFault::LyingSync => "redis-lying-sync",
            RedisFault::Flipped => "redis-bit-flip",
            RedisFault::Cut => "redis-file-cut",
            RedisFault::Promoted => "redis-promoted",
        }
    }

    /// Whether its disk has to fail for it.
    pub fn needs_failing_disk(self) -> bool {
        matches!(self, RedisFault::PowerCut | RedisFault::LyingSync)
    }
}

/// So many of one kind.
pub async fn storm(fault: RedisFault, size: &FaultSize, tally: &mut Tally) -> anyhow::Result<()> {
    match fault {
        RedisFault::PowerCut => redis_files::power_cut(size, tally).await,
        RedisFault::LyingSync => redis_files::lying_sync(size, tally).await,
        RedisFault::Flipped => redis_files::flipped(size, tally).await,
        RedisFault::Cut => redis_files::cut(size, tally).await,
        _ => each_in_its_hall(fault, size, tally).await,
    }
}

async fn each_in_its_hall(
    fault: RedisFault,
    size: &FaultSize,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    for time in 0..size.times {
        tally.times += 1;
        if fault == RedisFault::Promoted {
            promoted(size, time, tally).await?;
            continue;
        }
        let mut scene = Scene::on_redis(&size.paihao).await?;
        let work = scene.begin_work();
        pause(WORK_MS).await;
        if fault == RedisFault::OlderAtStart {
            older_at_start(scene, work, tally).await?;
            continue;
        }
        let happened = happens(fault, &mut scene, time, tally).await;
        pause(WORK_MS).await;
        let is_idle = scene.end_work(work, happened).await;
        kill_and_judge(scene, is_idle, tally).await?;
    }
    Ok(())
}

async fn happens(
    fault: RedisFault,
    scene: &mut Scene,
    time: usize,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    match fault {
        RedisFault::Emptied => emptied(scene, time, tally).await,
        RedisFault::Exchanged => exchanged(scene, time, tally).await,
        RedisFault::OlderServed => older_served(scene, tally).await,
        RedisFault::SecretChanged => {
            let secret = scene.redis()?.answers("GET paihao:secret")?;
            let other = "0a".repeat(32);
            let back = format!("SET paihao:secret {secret}");
            let deed = format!("SET paihao:secret {other}");
            changed(scene, "secret-changed", &deed, &back, tally).await
        }
        RedisFault::Weakened => {
            let deed = "CONFIG SET appendfsync no";
            let back = "CONFIG SET appendfsync always";
            changed(scene, "weakened", deed, back, tally).await
        }
        RedisFault::Frozen => {
            scene.redis()?.freeze()?;
            pause(FROZEN_MS).await;
            scene.redis()?.thaw()?;
            tally.became("thawed");
            goes_on(scene, tally).await
        }
        RedisFault::Killed => {
            let redis = scene.redis()?;
            redis.kill_9();
            redis.restart()?;
            tally.became("started again");
            goes_on(scene, tally).await
        }
        RedisFault::OlderAtStart
        | RedisFault::PowerCut
        | RedisFault::LyingSync
        | RedisFault::Flipped
        | RedisFault::Cut
        | RedisFault::Promoted => Err(anyhow!("this one has a course of its own")),
    }
}

/// The file still has everything that was before the command.
async fn emptied(scene: &mut Scene, time: usize, tally: &mut Tally) -> anyhow::Result<()> {
    scene.redis()?.answers("FLUSHALL")?;
    let put_back = |redis: &mut Redis| {
        redis.kill_9();
        cut_at_flush(redis.folder())?;
        redis.restart()
    };
    is_gone_until(scene, put_back, time, tally).await
}

async fn exchanged(scene: &mut Scene, time: usize, tally: &mut Tally) -> anyhow::Result<()> {
    let redis = scene.redis()?;
    redis.kill_9();
    let (folder, aside) = (
        redis.folder().to_owned(),
        redis.folder().with_extension("own"),
    );
    fs::rename(&folder, &aside)?;
    fs::create_dir(&folder)?;
    redis.restart()?;
    let put_back = move |redis: &mut Redis| {
        redis.kill_9();
        fs::remove_dir_all(&folder)?;
        fs::rename(&aside, &folder)?;
        redis.restart()
    };
    is_gone_until(scene, put_back, time, tally).await
}

/// Nothing is there: it is told, nothing is acknowledged, and when everything is back the server goes on. Every second time
/// the server is started in between, and refuses.
async fn is_gone_until(
    scene: &mut Scene,
    put_back: impl FnOnce(&mut Redis) -> anyhow::Result<()>,
    time: usize,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let from = scene.clients.elapsed();
    scene.must_say("emptied", SAID_WITHIN, tally).await;
    pause(WORK_MS).await;
    let starts = time % 2 == 1;
    if starts {
        scene.kill();
        match scene.start(&[]) {
            Err(words) if words.contains("is empty, but") && words.contains("--accept-lost") => {
                tally.became("refused at a start");
            }
            other => {
                let what = format!("a start on an empty Redis: {other:?}");
                scene.verdict.add("fault not told", what);
            }
        }
    }
    scene.silences.push((from, scene.clients.elapsed()));
    put_back(scene.redis()?)?;
    tally.became("put back");
    if starts {
        let back = scene.is_back().await?;
        tally.recovery.push(back);
        return Ok(());
    }
    goes_on(scene, tally).await
}

/// A setting or the secret is another one for a while. What was taken before anybody could see it counts.
async fn changed(
    scene: &mut Scene,
    kind: &str,
    deed: &str,
    back: &str,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    scene.redis()?.answers(deed)?;
    scene.must_say(kind, SAID_WITHIN, tally).await;
    let from = scene.clients.elapsed();
    pause(WORK_MS).await;
    scene.silences.push((from, scene.clients.elapsed()));
    scene.redis()?.answers(back)?;
    tally.became("set back");
    goes_on(scene, tally).await
}

/// What the server remembers it writes back.
async fn older_served(scene: &mut Scene, tally: &mut Tally) -> anyhow::Result<()> {
    let older = older_copy(scene)?;
    pause(WORK_MS).await;
    set_back(scene, &older)?;
    tally.became("healed");
    goes_on(scene, tally).await
}

async fn older_at_start(mut scene: Scene, work: Working, tally: &mut Tally) -> anyhow::Result<()> {
    let older = older_copy(&mut scene)?;
    pause(WORK_MS).await;
    scene.end_work(work, Ok(())).await;
    scene.kill();
    set_back(&mut scene, &older)?;
    is_refused(scene, tally).await
}

/// A replica takes the place of the primary, without the last that the primary acknowledged. What the server remembers it
/// writes back; every second time it is started anew, and refuses.
async fn promoted(size: &FaultSize, time: usize, tally: &mut Tally) -> anyhow::Result<()> {
    let mut scene = Scene::on_link(&size.paihao, LinkTo::Redis, fastrand::u64(..)).await?;
    let replica = Redis::start(&scene.aside("replica"))?;
    scene
        .redis()?
        .answers("CONFIG SET repl-diskless-sync-delay 0")?;
    let primary = scene.redis()?.address();
    replica.answers(&format!("REPLICAOF {} {}", primary.ip(), primary.port()))?;
    let work = scene.begin_work();
    pause(WORK_MS).await;
    let begun = Instant::now();
    let has_log = |length: String| length != ":0";
    // while it loads what it was sent, it answers nothing else
    while !replica
        .answers("XLEN paihao:{zhuzhou}:log")
        .is_ok_and(has_log)
    {
        ensure!(begun.elapsed() < SAID_WITHIN, "the replica gets nothing");
        pause(10..20).await;
    }
    // the link between the two is cut, and nobody notices
    if time % 2 == 1 {
        scene.end_work(work, Ok(())).await;
        replica.answers("REPLICAOF NO ONE")?;
        for _ in 0..LOST_NUMBERS {
            scene.floor.one_takes_at(Some(0)).await?;
        }
        scene.kill();
        scene.goes_over_to(replica)?;
        return is_refused(scene, tally).await;
    }
    replica.answers("REPLICAOF NO ONE")?;
    pause(WORK_MS).await;
    scene.goes_over_to(replica)?;
    tally.became("healed");
    let happened = goes_on(&mut scene, tally).await;
    let is_idle = scene.end_work(work, happened).await;
    kill_and_judge(scene, is_idle, tally).await
}

/// The start names what is lost, and that is the way on.
async fn is_refused(mut scene: Scene, tally: &mut Tally) -> anyhow::Result<()> {
    let Err(words) = scene.start(&[]) else {
        return kill_and_judge(scene, true, tally).await; // which tells what is missing
    };
    tally.said += usize::from(words.contains("--accept-lost"));
    tally.became("refused");
    accept(scene, &words, tally).await
}

/// A number is given out again, and all is well.
pub async fn goes_on(scene: &mut Scene, tally: &mut Tally) -> anyhow::Result<()> {
    let begun = Instant::now();
    scene.floor.one_takes_at(Some(0)).await?;
    tally.recovery.push(begun.elapsed());
    scene.is_ready_again().await;
    Ok(())
}

/// A copy of the files as they are at one moment.
fn older_copy(scene: &mut Scene) -> anyhow::Result<PathBuf> {
    let copy = scene.aside("older");
    let redis = scene.redis()?;
    redis.freeze()?;
    copy_files(redis.folder(), &copy)?;
    redis.thaw()?;
    Ok(copy)
}

/// The Redis comes back with these files.
fn set_back(scene: &mut Scene, files: &Path) -> anyhow::Result<()> {
    let redis = scene.redis()?;
    redis.kill_9();
    copy_files(files, redis.folder())?;
    redis.restart()
}

/// Ends the file of a Redis before the command that emptied it.
fn cut_at_flush(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder.join("appendonlydir"))? {
        let path = entry?.path();
        let bytes = fs::read(&path)?;
        let at = bytes.windows(FLUSH.len()).rposition(|found| found == FLUSH);
        if let Some(at) = at {
            let file = File::options().write(true).open(&path)?;
            return Ok(file.set_len(at as u64)?);
        }
    }
    None.context("no file of this Redis has a FLUSHALL")
}

pub async fn pause(ms: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(ms))).await;
}
