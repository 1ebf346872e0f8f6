//! Storms: the hall at work by many clients at once, with faults, and a verdict at the end.
//!
//! Eight kiosks give out numbers and all seven windows call and finish until nobody waits, at any of the processes on
//! one store. The verdict comes from what the clients heard and from the log read past the servers, and from the
//! servers' own views, sums and `paihao verify`.

mod failing_disk;
pub mod faults;
mod floor;
mod views;

use crate::client::{Clients, Manner};
use crate::history::{self, Operation, Verdict};
use crate::log_reader::{LogReader, plant_secret};
use crate::process::{Redis, Server, store_in, verify};
use crate::report::StormReport;
use anyhow::Context;
pub use failing_disk::DiskFault;
use floor::Floor;
pub use floor::SERVICES;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Between two kills the hall works this many milliseconds, drawn anew each time.
const BETWEEN_KILLS_MS: std::ops::Range<u64> = 100..600;
/// A server is frozen for so many milliseconds, and until so many numbers were given out elsewhere.
const FROZEN_MS: std::ops::Range<u64> = 500..2_500;
const WRITTEN_MEANWHILE: usize = 10;
/// As many numbers as a day has in seven series, with room.
const NUMBERS_MOST: usize = 60_000;

/// How large a storm is.
#[derive(Clone, Debug)]
pub struct StormSize {
    /// The built binary.
    pub paihao: PathBuf,
    /// Numbers to give out, where no kills end the storm.
    pub tickets: usize,
    /// Kills of one victim.
    pub kills: usize,
}

/// Which storm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StormKind {
    /// Two processes on one Redis.
    TwoProcesses,
    /// The same, each request one to three times, to either process, some hanging up.
    Retries,
    /// kill -9 of the one server on a SQLite file.
    KillOnSqlite,
    /// kill -9 of either of two servers on one Redis.
    KillOnRedis,
    /// kill -9 of the Redis behind two servers.
    KillRedis,
    /// Either of two servers on one Redis stands still while the other one goes on.
    FreezeOnRedis,
}

impl StormKind {
    /// All of them.
    pub const ALL: [StormKind; 6] = [
        StormKind::TwoProcesses,
        StormKind::Retries,
        StormKind::KillOnSqlite,
        StormKind::KillOnRedis,
        StormKind::KillRedis,
        StormKind::FreezeOnRedis,
    ];

    /// In reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            StormKind::TwoProcesses => "two-processes",
            StormKind::Retries => "retries",
            StormKind::KillOnSqlite => "kill-on-sqlite",
            StormKind::KillOnRedis => "kill-on-redis",
            StormKind::KillRedis => "kill-redis",
            StormKind::FreezeOnRedis => "freeze-on-redis",
        }
    }

    fn has_kills(self) -> bool {
        match self {
            StormKind::TwoProcesses | StormKind::Retries => false,
            StormKind::KillOnSqlite
            | StormKind::KillOnRedis
            | StormKind::KillRedis
            | StormKind::FreezeOnRedis => true,
        }
    }

    fn manner(self) -> Manner {
        match self {
            StormKind::Retries => Manner::Impatient,
            StormKind::TwoProcesses
            | StormKind::KillOnSqlite
            | StormKind::KillOnRedis
            | StormKind::KillRedis
            | StormKind::FreezeOnRedis => Manner::Calm,
        }
    }
}

/// Lets a storm happen and holds everything against everything.
pub async fn run(kind: StormKind, size: &StormSize) -> anyhow::Result<StormReport> {
    let mut scene = StormScene::set(kind, size).await?;
    let begun = Instant::now();
    let floor = Arc::new(Floor::new(scene.clients.clone(), kind.manner()));
    let mut verdict = Verdict::default();
    let restarts = if kind.has_kills() {
        scene.kill_under_load(kind, &floor, size.kills).await?
    } else {
        floor.work_until(size.tickets, size.tickets * 4 / 5).await?;
        Vec::new()
    };
    views::agree(&scene.clients, &mut verdict).await?;
    floor.drain().await?;
    let working = begun.elapsed();
    views::agree(&scene.clients, &mut verdict).await?;
    views::day_adds_up(&scene.clients, floor.taken(), &mut verdict).await?;
    scene
        .verdict(kind, size, &floor, verdict, working, restarts)
        .await
}

/// The processes of one storm, in a folder that goes with it.
struct StormScene {
    servers: Vec<Server>,
    redis: Option<Redis>,
    clients: Arc<Clients>,
    store: String,
    paihao: PathBuf,
    folder: TempDir,
}

impl StormScene {
    async fn set(kind: StormKind, size: &StormSize) -> anyhow::Result<StormScene> {
        let folder = tempfile::tempdir()?;
        let is_redis = kind != StormKind::KillOnSqlite;
        let (redis, store, processes) = store_in(folder.path(), is_redis)?;
        let secret = plant_secret(&store).await?;
        let start = |_| start_server(&size.paihao, &store, folder.path());
        let servers: Vec<Server> = (0..processes).map(start).collect::<anyhow::Result<_>>()?;
        let addresses = servers.iter().map(|server| server.url.clone()).collect();
        let clients = Clients::sign_in(addresses, secret, LogReader::new(&store)?).await?;
        Ok(StormScene {
            servers,
            redis,
            clients: Arc::new(clients),
            store,
            paihao: size.paihao.clone(),
            folder,
        })
    }

    /// Kills, restarts, and asks the restarted process for a number, so many times; the time each took.
    async fn kill_under_load(
        &mut self,
        kind: StormKind,
        floor: &Arc<Floor>,
        kills: usize,
    ) -> anyhow::Result<Vec<Duration>> {
        let work = tokio::spawn({
            let floor = floor.clone();
            async move { floor.work_until(NUMBERS_MOST, usize::MAX).await }
        });
        let mut restarts = Vec::new();
        for _ in 0..kills {
            let pause = Duration::from_millis(fastrand::u64(BETWEEN_KILLS_MS));
            tokio::time::sleep(pause).await;
            restarts.push(self.kill_once(kind, floor).await?);
        }
        floor.stop();
        work.await??;
        Ok(restarts)
    }

    async fn kill_once(&mut self, kind: StormKind, floor: &Floor) -> anyhow::Result<Duration> {
        let (begun, at) = match kind {
            StormKind::KillRedis => {
                let redis = self.redis.as_mut().context("this storm has a Redis")?;
                redis.kill_9();
                let begun = Instant::now();
                redis.restart()?;
                (begun, None)
            }
            StormKind::FreezeOnRedis => {
                let victim = fastrand::usize(..self.servers.len());
                self.freeze_while_others_go_on(victim, floor).await?;
                (Instant::now(), Some(victim))
            }
            StormKind::TwoProcesses
            | StormKind::Retries
            | StormKind::KillOnSqlite
            | StormKind::KillOnRedis => {
                let victim = fastrand::usize(..self.servers.len());
                self.servers[victim].kill_9();
                let begun = Instant::now();
                self.servers[victim] = start_server(&self.paihao, &self.store, self.folder.path())?;
                let address = self.servers[victim].url.clone();
                self.clients.moved(victim, address);
                (begun, Some(victim))
            }
        };
        floor.one_takes_at(at).await?;
        Ok(begun.elapsed())
    }

    /// Nobody new is led to the frozen server until the others have written what it has not read. Whoever asked it before
    /// waits.
    async fn freeze_while_others_go_on(&self, victim: usize, floor: &Floor) -> anyhow::Result<()> {
        let other = (victim + 1) % self.servers.len();
        let frozen = &self.servers[victim];
        self.clients.moved(victim, self.servers[other].url.clone());
        frozen.freeze()?;
        let pause = Duration::from_millis(fastrand::u64(FROZEN_MS));
        tokio::time::sleep(pause).await;
        for _ in 0..WRITTEN_MEANWHILE {
            floor.one_takes_at(Some(other)).await?;
        }
        self.clients.moved(victim, frozen.url.clone());
        frozen.thaw()
    }

    async fn verdict(
        self,
        kind: StormKind,
        size: &StormSize,
        floor: &Floor,
        mut verdict: Verdict,
        working: Duration,
        restarts: Vec<Duration>,
    ) -> anyhow::Result<StormReport> {
        let operations = judge(&self.clients, &self.paihao, &self.store, &mut verdict).await?;
        let log = self.clients.log.lock().await;
        let complaints = std::fs::read_to_string(errors_of(self.folder.path()))?;
        let restart_ms = restarts.iter().map(|took| took.as_millis() as u64);
        Ok(StormReport {
            storm: kind.name(),
            processes: self.servers.len(),
            tickets: floor.taken(),
            commands: acknowledged(&operations),
            requests_without_answer: operations.iter().map(|o| u64::from(o.unknown)).sum(),
            unknown_and_applied: count(&operations, Some(true)),
            unknown_and_not_applied: count(&operations, Some(false)),
            records: log.entries.len(),
            commits: log.commits,
            seconds: working.as_secs_f64(),
            kills: if kind.has_kills() { size.kills } else { 0 },
            restart_ms: restart_ms.collect(),
            complaints: complaints.lines().count(),
            violations: verdict.violations,
        })
    }
}

/// Holds what the clients heard against the log, and lets the binary verify the store.
async fn judge(
    clients: &Clients,
    paihao: &Path,
    store: &str,
    verdict: &mut Verdict,
) -> anyhow::Result<Vec<Operation>> {
    let operations = clients.take_history();
    let mut log = clients.log.lock().await;
    if let Err(error) = log.catch_up().await {
        verdict.add("the log cannot be read", format!("{error:#}"));
    }
    for (name, found) in history::check(&operations, &log.entries).violations {
        found.into_iter().for_each(|what| verdict.add(name, what));
    }
    let (is_whole, said) = verify(paihao, store)?;
    if !is_whole {
        verdict.add("verify finds a defect", said);
    }
    Ok(operations)
}

fn start_server(paihao: &Path, store: &str, folder: &Path) -> anyhow::Result<Server> {
    let started = Server::start(paihao, store, &errors_of(folder));
    started.with_context(|| {
        let said = std::fs::read_to_string(errors_of(folder)).unwrap_or_default();
        format!("it said: {said}")
    })
}

fn errors_of(folder: &Path) -> PathBuf {
    folder.join("complaints")
}

/// Operations whose outcome was told as done.
fn acknowledged(operations: &[Operation]) -> usize {
    let is_done = |o: &&Operation| {
        let done = |heard: &history::Heard| !matches!(heard, history::Heard::Refused(_));
        o.heard.iter().any(done) && !o.is_empty_call()
    };
    operations.iter().filter(is_done).count()
}

fn count(operations: &[Operation], was_applied: Option<bool>) -> usize {
    let same = |o: &&Operation| o.was_applied == was_applied;
    operations.iter().filter(same).count()
}
