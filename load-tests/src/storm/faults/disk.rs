//! Power cuts, and a disk that fails for a while.

use super::scene::Scene;
use super::swaps::{kill_and_judge, wait_for_rest};
use super::{FaultSize, Tally};
use crate::storm::failing_disk::{DiskFault, FailingDisk};
use anyhow::{Context, anyhow};
use std::time::{Duration, Instant};

/// Faults of one hall; more of them go to a new one, so that a day's numbers suffice.
const PER_HALL: usize = 25;
/// Between two faults the hall works this many milliseconds, drawn anew each time.
const BETWEEN_MS: std::ops::Range<u64> = 100..600;
/// A disk fails for so many milliseconds after the first word about it.
const FAILING_MS: std::ops::Range<u64> = 1_000..3_000;
/// A server is killed so often while it starts, after so many milliseconds.
const STARTS: usize = 4;
const STARTING_MS: std::ops::Range<u64> = 1..1_500;
/// Smaller than the write-ahead log of a moment's work.
const LARGEST_FILE: &str = "16384";
/// A trouble that is not told by then is not told; generous, because other work may share the machine.
const SAID_WITHIN: Duration = Duration::from_secs(10);

/// How a failing disk goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// It works again.
    Works,
    /// The power goes while it fails; with the power it works again.
    PowerCut,
    /// It works again, a number is given out, and then the power goes.
    WorksThenPowerCut,
}

const ENDINGS: [Ending; 3] = [Ending::PowerCut, Ending::WorksThenPowerCut, Ending::Works];

/// What happens under load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    PowerCut,
    /// Killed under load, and then again and again while it starts.
    KilledStarting,
    Fails(DiskFault),
}

/// So many of them.
pub async fn storm(deed: Deed, size: &FaultSize, tally: &mut Tally) -> anyhow::Result<()> {
    while tally.times < size.times {
        let times = PER_HALL.min(size.times - tally.times);
        hall(deed, size, times, tally).await?;
    }
    Ok(())
}

async fn hall(deed: Deed, size: &FaultSize, times: usize, tally: &mut Tally) -> anyhow::Result<()> {
    let mut scene = Scene::set(&size.paihao, true).await?;
    let before = tally.times;
    if deed == Deed::Fails(DiskFault::LyingSync) {
        disk(&scene)?.begin(DiskFault::LyingSync)?;
    }
    let work = scene.begin_work();
    let happened = happen(&mut scene, deed, times, tally).await;
    tally.times = before + times;
    let mut is_idle = scene.end_work(work, happened).await;
    // what is judged is what a last power cut leaves
    scene.kill();
    disk(&scene)?.cut_power()?;
    if let Err(words) = scene.start(&[]) {
        scene.verdict.add("the start was refused", words);
        is_idle = false;
    }
    scene.judge(is_idle, tally).await
}

async fn happen(
    scene: &mut Scene,
    deed: Deed,
    times: usize,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    for time in 0..times {
        pause(BETWEEN_MS).await;
        let back = match deed {
            Deed::PowerCut | Deed::Fails(DiskFault::LyingSync) => {
                power_goes(scene, time, tally).await?
            }
            Deed::KilledStarting => killed_starting(scene, tally).await?,
            Deed::Fails(fault) => fails(scene, fault, ENDINGS[time % ENDINGS.len()], tally).await?,
        };
        tally.recovery.push(back);
    }
    Ok(())
}

/// Every fourth time the server is only killed: what it had not synced is still there at the next start, and gone at the
/// next power cut.
async fn power_goes(scene: &mut Scene, time: usize, tally: &mut Tally) -> anyhow::Result<Duration> {
    scene.kill();
    if time % 4 == 3 {
        tally.became("killed");
    } else {
        disk(scene)?.cut_power()?;
        tally.became("cut");
    }
    scene.is_back().await
}

/// However far each start came, the next one finds everything; before some of them the power goes, too.
async fn killed_starting(scene: &mut Scene, tally: &mut Tally) -> anyhow::Result<Duration> {
    scene.kill();
    for _ in 0..STARTS {
        if fastrand::bool() {
            disk(scene)?.cut_power()?;
        }
        scene.start_and_kill(Duration::from_millis(fastrand::u64(STARTING_MS)))?;
        tally.became("killed while it started");
    }
    scene.is_back().await
}

/// Nobody asks for anything, and the server still tells what its disk is like.
pub async fn idle(fault: DiskFault, size: &FaultSize, tally: &mut Tally) -> anyhow::Result<()> {
    let mut scene = Scene::set(&size.paihao, true).await?;
    let kind = fault.kind().context("a server can know of it")?;
    for _ in 0..size.times {
        tally.times += 1;
        scene.floor.one_takes_at(Some(0)).await?;
        wait_for_rest(&scene).await?;
        disk(&scene)?.begin(fault)?;
        scene.must_say(kind, SAID_WITHIN, tally).await;
        disk(&scene)?.end(fault)?;
        let works = Instant::now();
        scene.is_ready_again().await;
        tally.recovery.push(works.elapsed());
        scene.floor.one_takes_at(Some(0)).await?;
    }
    scene.judge_in_the_midst(true, tally).await
}

/// The server may open nothing more, neither connections nor files: whoever has a connection goes on, and so does
/// everybody else as soon as it may again.
pub async fn descriptors(size: &FaultSize, tally: &mut Tally) -> anyhow::Result<()> {
    let mut scene = Scene::set(&size.paihao, false).await?;
    let work = scene.begin_work();
    let happened = async {
        for _ in 0..size.times {
            tally.times += 1;
            pause(BETWEEN_MS).await;
            let server = scene.server().context("it is served")?;
            let (open, most) = server.descriptors()?;
            server.limit("nofile", &open.saturating_sub(1).to_string())?;
            let refused = tokio::net::TcpStream::connect(scene.address()).await;
            pause(FAILING_MS).await;
            drop(refused);
            scene
                .server()
                .context("it is served")?
                .limit("nofile", &most)?;
            let works = Instant::now();
            scene.floor.one_takes_at(Some(0)).await?;
            tally.recovery.push(works.elapsed());
            scene.is_ready_again().await;
        }
        Ok(())
    };
    let happened = happened.await;
    let is_idle = scene.end_work(work, happened).await;
    kill_and_judge(scene, is_idle, tally).await
}

async fn fails(
    scene: &mut Scene,
    fault: DiskFault,
    ending: Ending,
    tally: &mut Tally,
) -> anyhow::Result<Duration> {
    let failing = disk(scene)?;
    begin(scene, fault)?;
    let from = scene.clients.elapsed();
    let kind = fault.kind().context("a server can know of it")?;
    scene.must_say(kind, SAID_WITHIN, tally).await;
    pause(FAILING_MS).await;
    if fault != DiskFault::FailingWrites {
        still_says(scene, kind, tally).await;
        scene.silences.push((from, scene.clients.elapsed()));
    }
    tally.became(format!("{ending:?}"));
    if ending == Ending::PowerCut {
        scene.kill();
        failing.cut_power()?;
        end(scene, fault)?;
        return scene.is_back().await;
    }
    end(scene, fault)?;
    let works = Instant::now();
    scene.floor.one_takes_at(Some(0)).await?;
    let back = works.elapsed();
    scene.is_ready_again().await;
    if ending == Ending::WorksThenPowerCut {
        scene.kill();
        failing.cut_power()?;
        let started = scene.start(&[]);
        started.map_err(|words| anyhow!("the start was refused: {words}"))?;
    }
    Ok(back)
}

fn begin(scene: &Scene, fault: DiskFault) -> anyhow::Result<()> {
    match fault {
        DiskFault::FileLimit => limit_files(scene, LARGEST_FILE),
        _ => disk(scene)?.begin(fault),
    }
}

fn end(scene: &Scene, fault: DiskFault) -> anyhow::Result<()> {
    match fault {
        DiskFault::FileLimit => limit_files(scene, "unlimited"),
        _ => disk(scene)?.end(fault),
    }
}

/// A server that was killed has no limit any more.
fn limit_files(scene: &Scene, most: &str) -> anyhow::Result<()> {
    let limited = scene.server().map(|server| server.limit("fsize", most));
    limited.unwrap_or(Ok(()))
}

/// At its end the fault must still be told, and by the same name.
async fn still_says(scene: &mut Scene, kind: &str, tally: &mut Tally) {
    match scene.clients.readiness(0).await {
        Some((true, _)) => {
            scene.verdict.add("ready while it failed", kind.to_owned());
        }
        Some((false, Some(said))) if said == kind => {}
        Some((false, Some(said))) => tally.became(format!("said {said} at last")),
        Some((false, None)) | None => tally.became("said nothing at last"),
    }
}

fn disk(scene: &Scene) -> anyhow::Result<FailingDisk> {
    scene.disk.clone().context("this hall's disk can fail")
}

async fn pause(ms: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(ms))).await;
}
