//! A link that goes wrong for a while: between the server and its Redis, or between everybody and the server.

use super::scene::Scene;
use super::swaps::kill_and_judge;
use super::{FaultSize, Tally};
use crate::proxy::LinkFault;
use anyhow::Context;
use std::time::{Duration, Instant};

/// The hall works this many milliseconds before and between faults, drawn anew each time.
const WORK_MS: std::ops::Range<u64> = 300..900;
/// A link fails for so many milliseconds, after the first word about it where there is one.
const FAILING_MS: std::ops::Range<u64> = 1_000..3_000;
/// What is not told by then is not told.
const SAID_WITHIN: Duration = Duration::from_secs(20);

/// What a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkTo {
    /// From the server to its Redis.
    Redis,
    /// From clients to the server, which is on a Redis, too.
    Server,
}

/// In reports and on the command line.
pub fn name(to: LinkTo, fault: LinkFault) -> &'static str {
    match (to, fault) {
        (LinkTo::Redis, LinkFault::Slow) => "redis-link-slow",
        (LinkTo::Redis, LinkFault::Sliced) => "redis-link-sliced",
        (LinkTo::Redis, LinkFault::Throttled) => "redis-link-throttled",
        (LinkTo::Redis, LinkFault::BlackHole) => "redis-link-silent",
        (LinkTo::Redis, LinkFault::Reset) => "redis-link-reset",
        (LinkTo::Redis, LinkFault::HalfClosed) => "redis-link-half",
        (LinkTo::Redis, LinkFault::SwallowedAnswers) => "redis-link-mute",
        (LinkTo::Server, LinkFault::Slow) => "link-slow",
        (LinkTo::Server, LinkFault::Sliced) => "link-sliced",
        (LinkTo::Server, LinkFault::Throttled) => "link-throttled",
        (LinkTo::Server, LinkFault::BlackHole) => "link-silent",
        (LinkTo::Server, LinkFault::Reset) => "link-reset",
        (LinkTo::Server, LinkFault::HalfClosed) => "link-half",
        (LinkTo::Server, LinkFault::SwallowedAnswers) => "link-mute",
    }
}

/// One fault after the other under load, all of them so often, in one hall.
pub async fn storm(
    to: LinkTo,
    faults: &[LinkFault],
    size: &FaultSize,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let seed = fastrand::u64(..);
    let played = play(to, faults, size, seed, tally).await;
    played.with_context(|| format!("the link had the seed {seed}"))
}

async fn play(
    to: LinkTo,
    faults: &[LinkFault],
    size: &FaultSize,
    seed: u64,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let mut scene = Scene::on_link(&size.paihao, to, seed).await?;
    let work = scene.begin_work();
    let happened = async {
        for _ in 0..size.times {
            for fault in faults {
                tally.times += 1;
                pause(WORK_MS).await;
                fails(&mut scene, to, *fault, tally).await?;
            }
        }
        Ok(())
    };
    let happened = happened.await;
    pause(WORK_MS).await;
    let is_idle = scene.end_work(work, happened).await;
    kill_and_judge(scene, is_idle, tally).await
}

async fn fails(
    scene: &mut Scene,
    to: LinkTo,
    fault: LinkFault,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let touched = scene.proxy()?.touched();
    let from = scene.clients.elapsed();
    scene.proxy()?.begin(fault);
    if fault.lets_through() {
        scene.floor.one_takes_at(Some(0)).await?;
        tally.became("served meanwhile");
    } else if to == LinkTo::Redis {
        scene.must_say("not-answering", SAID_WITHIN, tally).await;
    }
    pause(FAILING_MS).await;
    if !fault.lets_through() {
        scene.silences.push((from, scene.clients.elapsed()));
    }
    scene.proxy()?.end();
    let begun = Instant::now();
    scene.floor.one_takes_at(Some(0)).await?;
    tally.recovery.push(begun.elapsed());
    scene.is_ready_again().await;
    if scene.proxy()?.touched() == touched {
        let what = format!("{fault:?} has met nothing");
        scene.verdict.add("fault without effect", what);
    }
    Ok(())
}

async fn pause(ms: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(fastrand::u64(ms))).await;
}
