//! One hall with one server on one file or one Redis, which is killed, refused and started again.

use super::Tally;
use super::links::LinkTo;
use crate::client::{Clients, Manner};
use crate::history::Verdict;
use crate::log_reader::{LogReader, plant_secret};
use crate::process::{CLOCK, Redis, Server, start_and_kill};
use crate::proxy::Proxy;
use crate::storm::failing_disk::FailingDisk;
use crate::storm::floor::Floor;
use crate::storm::{acknowledged, judge, views};
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// As many numbers as a day has in seven series, with room.
const NUMBERS_MOST: usize = 60_000;
/// A condition that is not there by then will not come; generous, because other work may share the machine.
const SEEN_WITHIN: Duration = Duration::from_secs(60);
/// Between two looks at it.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// See the module's comment.
pub struct Scene {
    pub clients: Arc<Clients>,
    pub floor: Arc<Floor>,
    pub disk: Option<FailingDisk>,
    /// The database, or what would be one.
    pub path: PathBuf,
    redis: Option<Redis>,
    /// Between the server and its Redis, or between everybody and the server.
    link: Option<(LinkTo, Proxy)>,
    pub verdict: Verdict,
    /// Stretches in which nothing may be acknowledged that was asked for in them.
    pub silences: Vec<(Duration, Duration)>,
    server: Option<Server>,
    paihao: PathBuf,
    starts: usize,
    folder: TempDir,
}

/// The hall at work.
pub type Working = JoinHandle<anyhow::Result<()>>;

impl Scene {
    /// A new hall, on a disk that can fail or on an ordinary one.
    pub async fn set(paihao: &Path, can_fail: bool) -> anyhow::Result<Scene> {
        let folder = tempfile::tempdir()?;
        let disk = match can_fail {
            true => Some(FailingDisk::new(folder.path())?),
            false => None,
        };
        let directory = folder.path().join("disk");
        fs::create_dir_all(&directory)?;
        Scene::begin(paihao, folder, disk, None, None).await
    }

    /// A new hall on a Redis.
    pub async fn on_redis(paihao: &Path) -> anyhow::Result<Scene> {
        let folder = tempfile::tempdir()?;
        let redis = Redis::start(folder.path())?;
        Scene::begin(paihao, folder, None, Some(redis), None).await
    }

    /// A new hall on a Redis, with a link that can go wrong.
    pub async fn on_link(paihao: &Path, to: LinkTo, seed: u64) -> anyhow::Result<Scene> {
        let folder = tempfile::tempdir()?;
        let redis = Redis::start(folder.path())?;
        // until there is a server, both lead to the Redis
        let proxy = Proxy::start(redis.address(), seed).await?;
        Scene::begin(paihao, folder, None, Some(redis), Some((to, proxy))).await
    }

    async fn begin(
        paihao: &Path,
        folder: TempDir,
        disk: Option<FailingDisk>,
        redis: Option<Redis>,
        link: Option<(LinkTo, Proxy)>,
    ) -> anyhow::Result<Scene> {
        let path = folder.path().join("disk").join("hall.db");
        let store = redis.as_ref().map_or_else(|| store_of(&path), Redis::url);
        let secret = plant_secret(&store).await?;
        let mut starts = 0;
        let served = served_through(link.as_ref(), &store);
        let server = start(
            paihao,
            &served,
            disk.as_ref(),
            folder.path(),
            &mut starts,
            &[],
        );
        let server = server.map_err(anyhow::Error::msg)?;
        let addresses = vec![url_through(link.as_ref(), &server)?];
        let clients = Clients::sign_in(addresses, secret, nothing_read(folder.path())?).await?;
        let clients = Arc::new(clients);
        Ok(Scene {
            floor: Arc::new(Floor::new(clients.clone(), Manner::Calm)),
            clients,
            disk,
            path,
            redis,
            link,
            verdict: Verdict::default(),
            silences: Vec::new(),
            server: Some(server),
            paihao: paihao.to_owned(),
            starts,
            folder,
        })
    }

    /// For `--store`.
    pub fn store(&self) -> String {
        let redis = self.redis.as_ref();
        redis.map_or_else(|| store_of(&self.path), Redis::url)
    }

    /// The Redis of a hall that has one.
    pub fn redis(&mut self) -> anyhow::Result<&mut Redis> {
        self.redis.as_mut().context("this hall is on a Redis")
    }

    /// The link of a hall that has one.
    pub fn proxy(&self) -> anyhow::Result<&Proxy> {
        let link = self.link.as_ref().context("this hall has a link")?;
        Ok(&link.1)
    }

    /// A file beside the database: `-wal`, `.mark`.
    pub fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    /// A place outside of the store's directory.
    pub fn aside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Ends the server at once.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Ends the server in order.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.server.take().map_or(Ok(()), Server::stop)
    }

    /// Starts the server on what is there now, or answers with the words in which it refused.
    pub fn start(&mut self, options: &[String]) -> Result<(), String> {
        let (store, disk) = (self.store(), self.disk.clone());
        let served = served_through(self.link.as_ref(), &store);
        self.server = None;
        let server = self.another(&served, disk.as_ref(), options)?;
        let url = url_through(self.link.as_ref(), &server).map_err(|error| error.to_string())?;
        self.clients.moved(0, url);
        self.server = Some(server);
        Ok(())
    }

    /// A server on a store.
    pub fn another(
        &mut self,
        store: &str,
        disk: Option<&FailingDisk>,
        options: &[String],
    ) -> Result<Server, String> {
        start(
            &self.paihao,
            store,
            disk,
            self.folder.path(),
            &mut self.starts,
            options,
        )
    }

    /// Begins to start the server, and kills it after a while.
    pub fn start_and_kill(&mut self, after: Duration) -> anyhow::Result<()> {
        self.server = None;
        self.starts += 1;
        let errors = self.aside(&format!("complaints-{}", self.starts));
        let disk = self.disk.as_ref().map(FailingDisk::environment);
        let disk = disk.as_ref().map_or(&[][..], |names| &names[..]);
        start_and_kill(&self.paihao, &self.store(), &errors, disk, after)
    }

    /// The server, while there is one.
    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// `127.0.0.1:PORT` of the server.
    pub fn address(&self) -> String {
        let url = self.server.as_ref().map(|server| server.url.as_str());
        url.unwrap_or_default()
            .trim_start_matches("http://")
            .to_owned()
    }

    /// Another Redis is the hall's from now on, and the link leads there.
    pub fn goes_over_to(&mut self, redis: Redis) -> anyhow::Result<()> {
        self.proxy()?.leads_to(redis.address());
        self.redis = Some(redis);
        Ok(())
    }

    /// Starts the server where nothing gives it a reason to refuse, and waits for a number; the time that took.
    pub async fn is_back(&mut self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let started = self.start(&[]);
        started.map_err(|words| anyhow::anyhow!("the start was refused: {words}"))?;
        self.floor.one_takes_at(Some(0)).await?;
        Ok(begun.elapsed())
    }

    /// Everybody in the hall begins to work.
    pub fn begin_work(&self) -> Working {
        let floor = self.floor.clone();
        tokio::spawn(async move { floor.work_until(NUMBERS_MOST, usize::MAX).await })
    }

    /// Works on until nobody waits, unless the hall came to a stop before, which is noted. Whether it did not.
    pub async fn end_work(&mut self, work: Working, so_far: anyhow::Result<()>) -> bool {
        if let Err(error) = so_far {
            work.abort();
            self.verdict
                .add("the hall came to a stop", format!("{error:#}"));
            return false;
        }
        self.floor.stop();
        let worked = match work.await {
            Ok(worked) => worked,
            Err(gone) => Err(gone.into()),
        };
        let worked = match worked {
            Ok(()) => self.floor.drain().await,
            failed => failed,
        };
        if let Err(error) = &worked {
            self.verdict
                .add("the hall came to a stop", format!("{error:#}"));
        }
        worked.is_ok()
    }

    /// The server has been started for the last time: what clients heard, what it shows and what the log has. Nobody
    /// waits, unless the hall came to a stop.
    pub async fn judge(mut self, is_idle: bool, tally: &mut Tally) -> anyhow::Result<()> {
        self.read_the_log().await?;
        let views = match is_idle {
            true => self.day_is_over().await,
            false => Ok(()),
        };
        self.judged(views, tally).await
    }

    /// The same while somebody may wait.
    pub async fn judge_in_the_midst(
        mut self,
        is_idle: bool,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        self.read_the_log().await?;
        let views = match is_idle {
            true => views::agree(&self.clients, &mut self.verdict).await,
            false => Ok(()),
        };
        self.judged(views, tally).await
    }

    async fn judged(mut self, views: anyhow::Result<()>, tally: &mut Tally) -> anyhow::Result<()> {
        if let Err(error) = views {
            self.verdict
                .add("a view cannot be read", format!("{error:#}"));
        }
        let operations = judge(
            &self.clients,
            &self.paihao,
            &self.store(),
            &mut self.verdict,
        )
        .await?;
        for (from, to) in &self.silences {
            let within = |o: &&crate::history::Operation| o.begun >= *from && o.ended < *to;
            let done = |o: &&crate::history::Operation| acknowledged(std::slice::from_ref(*o)) > 0;
            for operation in operations.iter().filter(within).filter(done) {
                self.verdict
                    .add("acknowledged while it failed", format!("{operation:?}"));
            }
        }
        tally.acknowledged += acknowledged(&operations);
        self.give_verdict(tally);
        Ok(())
    }

    /// What was found so far, for a hall that is not judged as a whole.
    pub fn give_verdict(&mut self, tally: &mut Tally) {
        for (name, found) in std::mem::take(&mut self.verdict).violations {
            found
                .into_iter()
                .for_each(|what| tally.verdict.add(name, what));
        }
    }

    /// Lets the log be read from its beginning. While faults go on it is not: what a reader finds then may be gone later.
    pub async fn read_the_log(&self) -> anyhow::Result<()> {
        *self.clients.log.lock().await = LogReader::new(&self.store())?;
        Ok(())
    }

    /// Lets go of it.
    pub async fn close_the_log(&self) -> anyhow::Result<()> {
        *self.clients.log.lock().await = nothing_read(self.folder.path())?;
        Ok(())
    }

    async fn day_is_over(&mut self) -> anyhow::Result<()> {
        views::agree(&self.clients, &mut self.verdict).await?;
        views::day_adds_up(&self.clients, self.floor.taken(), &mut self.verdict).await
    }

    /// `paihao verify`.
    pub fn verify(&self) -> anyhow::Result<(bool, String)> {
        crate::process::verify(&self.paihao, &self.store())
    }

    /// The server must name the fault within this time; whether it did.
    pub async fn must_say(&mut self, kind: &str, within: Duration, tally: &mut Tally) -> bool {
        let (is_said, others) = self.says(Some(kind), within).await;
        for other in others {
            tally.became(format!("said {other} first"));
        }
        tally.said += usize::from(is_said);
        if !is_said {
            let what = format!("{kind} was not said within {within:?}");
            self.verdict.add("fault not told", what);
        }
        is_said
    }

    /// Waits until `/readyz` tells the trouble `kind`, or any; what it told else meanwhile.
    pub async fn says(&self, kind: Option<&str>, within: Duration) -> (bool, Vec<String>) {
        let (begun, mut others) = (Instant::now(), Vec::new());
        while begun.elapsed() < within {
            if let Some((false, Some(said))) = self.clients.readiness(0).await {
                if kind.is_none_or(|kind| kind == said) {
                    return (true, others);
                }
                if others.last() != Some(&said) {
                    others.push(said);
                }
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        (false, others)
    }

    /// Waits until `/readyz` says that all is well.
    pub async fn is_ready_again(&mut self) {
        let begun = Instant::now();
        while begun.elapsed() < SEEN_WITHIN {
            if matches!(self.clients.readiness(0).await, Some((true, _))) {
                return;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        let said = format!("{:?}", self.clients.readiness(0).await);
        self.verdict.add("not ready again", said);
    }
}

/// A reader of a store that is not there.
fn nothing_read(folder: &Path) -> anyhow::Result<LogReader> {
    LogReader::new(&store_of(&folder.join("not-read")))
}

/// The store as the server reaches it.
fn served_through(link: Option<&(LinkTo, Proxy)>, store: &str) -> String {
    match link {
        Some((LinkTo::Redis, proxy)) => format!("redis://{}", proxy.address),
        Some((LinkTo::Server, _)) | None => store.to_owned(),
    }
}

/// The server as everybody reaches it.
fn url_through(link: Option<&(LinkTo, Proxy)>, server: &Server) -> anyhow::Result<String> {
    let Some((LinkTo::Server, proxy)) = link else {
        return Ok(server.url.clone());
    };
    proxy.leads_to(server.url.trim_start_matches("http://").parse()?);
    Ok(format!("http://{}", proxy.address))
}

pub fn store_of(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn start(
    paihao: &Path,
    store: &str,
    disk: Option<&FailingDisk>,
    folder: &Path,
    starts: &mut usize,
    options: &[String],
) -> Result<Server, String> {
    *starts += 1;
    let errors = folder.join(format!("complaints-{starts}"));
    let mut all = vec!["--clock", CLOCK];
    all.extend(options.iter().map(String::as_str));
    let environment = disk.map(FailingDisk::environment);
    let environment = environment.as_ref().map_or(&[][..], |names| &names[..]);
    let started = Server::start_in(paihao, store, &errors, &all, environment);
    started.map_err(|error| {
        let said = fs::read_to_string(&errors).unwrap_or_default();
        format!("{error:#}: {said}")
    })
}

/// Copies the files of a directory into a new one.
pub fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_files(&entry.path(), &to)?;
            continue;
        }
        let copied = fs::copy(entry.path(), to);
        copied.with_context(|| format!("{} cannot be copied", entry.path().display()))?;
    }
    Ok(())
}
