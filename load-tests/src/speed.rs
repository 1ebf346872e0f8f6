//! How fast it is, always beside a program that does nothing but the limiting thing, in the same round.
//!
//! Capacity comes from a closed loop: so many clients, each asking as soon as it is answered. Latency comes from an open
//! loop at a part of that capacity: arrivals on a schedule, each measured from when it should have begun, so that a stall
//! is counted for everybody it holds up.

use crate::client::{http_client, sign_in};
use crate::limits::{Echo, sync_median};
use crate::process::{CLOCK, Redis, Server, store_in};
use crate::wire::Wire;
use anyhow::{Context, ensure};
use futures_util::future::try_join_all;
use hdrhistogram::Histogram;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc};

/// The model hall, which the load's hall grows from.
const PLAN: &str = include_str!("../../plans/zhuzhou.toml");
/// Services beside the model hall's: a series has 9,999 numbers, and a fast machine gives out more.
const MORE_SERVICES: usize = 20;
/// As many windows as clients at most.
const WINDOWS: usize = 64;
/// The open loop's rate as a part of the closed loop's.
const OPEN_LOOP_PERCENT: f64 = 50.0;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Options {
    pub paihao: PathBuf,
    pub rounds: usize,
    /// Each measurement lasts this long.
    pub during: Duration,
    pub clients: Vec<usize>,
}

/// What each client does over and over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Takes a number.
    #[default]
    Tickets,
    /// Takes a number, then finishes at its window and calls the next: two commands.
    Visits,
}

/// One row: a store, a kind of work, so many clients.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SpeedReport {
    pub store: &'static str,
    pub work: Work,
    pub clients: usize,
    /// Per second, each round.
    pub commands: Vec<f64>,
    /// The bare server's POSTs per second, each round.
    pub bare_posts: Vec<f64>,
    /// One append + fdatasync, milliseconds, each round.
    pub sync_ms: Vec<f64>,
    pub commands_per_sync: f64,
    /// The open loop's rate, each round.
    pub arrivals: Vec<f64>,
    /// From intended start to answer in the open loop, milliseconds, each round.
    pub p50_ms: Vec<f64>,
    pub p99_ms: Vec<f64>,
    pub max_ms: Vec<f64>,
}

/// Every store, work and number of clients.
pub async fn run(options: &Options) -> anyhow::Result<Vec<SpeedReport>> {
    let mut reports = Vec::new();
    for store in ["sqlite", "redis"] {
        for work in [Work::Tickets, Work::Visits] {
            for clients in &options.clients {
                reports.push(measure(options, store, work, *clients).await?);
            }
        }
    }
    Ok(reports)
}

async fn measure(
    options: &Options,
    store: &'static str,
    work: Work,
    clients: usize,
) -> anyhow::Result<SpeedReport> {
    let folder = tempfile::tempdir()?;
    let hall = Arc::new(Busy::open(options, store, clients, folder.path()).await?);
    let echo = Echo::start()?;
    let mut report = SpeedReport {
        store,
        work,
        clients,
        ..SpeedReport::default()
    };
    let (records, commits) = hall.counts().await?;
    for _ in 0..options.rounds {
        let sync = sync_median(folder.path(), options.during / 4)?;
        report.sync_ms.push(millis(sync));
        let bare = bare_posts(&echo, clients, options.during).await?;
        report.bare_posts.push(bare);
        let commands = hall.closed_loop(work, options.during).await?;
        report.commands.push(commands);
        let rate = commands / work.commands() * OPEN_LOOP_PERCENT / 100.0;
        let latencies = hall.open_loop(work, rate, options.during).await?;
        report.arrivals.push(rate);
        let at = |quantile| latencies.value_at_quantile(quantile) as f64 / 1e3;
        report.p50_ms.push(at(0.5));
        report.p99_ms.push(at(0.99));
        report.max_ms.push(latencies.max() as f64 / 1e3);
    }
    let (records_now, commits_now) = hall.counts().await?;
    report.commands_per_sync = (records_now - records) / (commits_now - commits).max(1.0);
    Ok(report)
}

impl Work {
    fn commands(self) -> f64 {
        match self {
            Work::Tickets => 1.0,
            Work::Visits => 2.0,
        }
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// The bare server's capacity at so many connections.
async fn bare_posts(echo: &Echo, clients: usize, during: Duration) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let one = async || {
        let mut wire = Wire::connect(&echo.url).await?;
        let mut count = 0;
        while begun.elapsed() < during {
            let body = r#"{"service":"fine"}"#;
            let (status, _) = wire.post("/", "bearer", "key", body).await?;
            ensure!(status == 201, "the bare server answers {status}");
            count += 1;
        }
        anyhow::Ok(count)
    };
    let counts = try_join_all((0..clients).map(|_| one())).await?;
    Ok(counts.iter().sum::<u64>() as f64 / begun.elapsed().as_secs_f64())
}

/// A hall with as many kiosks and windows as clients.
struct Busy {
    clients: Vec<Mutex<Client>>,
    url: String,
    http: reqwest::Client,
    // After the clients, so that the processes end last.
    _server: Server,
    _redis: Option<Redis>,
}

struct Client {
    wire: Wire,
    window: usize,
    kiosk: String,
    officer: String,
}

/// Distinguishes the keys of one run.
static KEYS: AtomicU64 = AtomicU64::new(0);

impl Busy {
    async fn open(
        options: &Options,
        store: &str,
        clients: usize,
        folder: &std::path::Path,
    ) -> anyhow::Result<Busy> {
        let plan = folder.join("plan.toml");
        std::fs::write(&plan, larger_plan())?;
        let (redis, url, _) = store_in(folder, store == "redis")?;
        let errors = folder.join("complaints");
        let further = ["--clock", CLOCK, "--plan", &plan.display().to_string()];
        let server = Server::start_with(&options.paihao, &url, &errors, &further)?;
        let http = http_client()?;
        let kiosk = sign_in(&http, &server.url, "kiosk").await?;
        let officer = sign_in(&http, &server.url, "officer").await?;
        let client = async |window: usize| {
            let mut client = Client {
                wire: Wire::connect(&server.url).await?,
                window,
                kiosk: kiosk.clone(),
                officer: officer.clone(),
            };
            client.acts("open").await?;
            anyhow::Ok(Mutex::new(client))
        };
        let mut open = Vec::new();
        for window in 1..=clients {
            open.push(client(window).await?);
        }
        Ok(Busy {
            clients: open,
            url: server.url.clone(),
            http,
            _server: server,
            _redis: redis,
        })
    }

    /// Commands per second when everybody asks as soon as he is answered.
    async fn closed_loop(&self, work: Work, during: Duration) -> anyhow::Result<f64> {
        let begun = Instant::now();
        let one = async |client: &Mutex<Client>| {
            let mut client = client.lock().await;
            let mut count = 0;
            while begun.elapsed() < during {
                client.does(work).await?;
                count += 1;
            }
            anyhow::Ok(count)
        };
        let counts = try_join_all(self.clients.iter().map(one)).await?;
        let done = counts.iter().sum::<u64>() as f64 * work.commands();
        Ok(done / begun.elapsed().as_secs_f64())
    }

    /// Microseconds from each intended start, at so many arrivals a second.
    async fn open_loop(
        &self,
        work: Work,
        rate: f64,
        during: Duration,
    ) -> anyhow::Result<Histogram<u64>> {
        let (arrivals, waiting) = mpsc::unbounded_channel();
        let pacer = std::thread::spawn(move || arrive(&arrivals, rate, during));
        let waiting = Mutex::new(waiting);
        let one = async |client: &Mutex<Client>| {
            let mut client = client.lock().await;
            let mut latencies = Histogram::<u64>::new(3)?;
            loop {
                let next: Option<Instant> = waiting.lock().await.recv().await;
                let Some(intended) = next else { break };
                client.does(work).await?;
                latencies.record(intended.elapsed().as_micros() as u64)?;
            }
            anyhow::Ok(latencies)
        };
        let each = try_join_all(self.clients.iter().map(one)).await?;
        pacer.join().ok().context("the pacer ends")?;
        let mut all = Histogram::<u64>::new(3)?;
        for latencies in each {
            all.add(latencies)?;
        }
        Ok(all)
    }

    /// Records and commits so far, by the server's own count.
    async fn counts(&self) -> anyhow::Result<(f64, f64)> {
        let answer = self.http.get(format!("{}/metrics", self.url)).send();
        let text = answer.await?.text().await?;
        let figure = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|value| value.trim().parse().ok())
                .with_context(|| format!("no {name}"))
        };
        let records = figure("paihao_records_total")?;
        Ok((records, figure("paihao_commits_total")?))
    }
}

/// Sends each arrival at its moment. A thread of its own: the runtime's timers are a millisecond coarse.
fn arrive(arrivals: &mpsc::UnboundedSender<Instant>, rate: f64, during: Duration) {
    let begun = Instant::now();
    for count in 0.. {
        let intended = begun + Duration::from_secs_f64(f64::from(count) / rate);
        if intended > begun + during {
            return;
        }
        std::thread::sleep(intended.saturating_duration_since(Instant::now()));
        arrivals.send(intended).ok();
    }
}

impl Client {
    async fn does(&mut self, work: Work) -> anyhow::Result<()> {
        self.takes().await?;
        match work {
            Work::Tickets => Ok(()),
            Work::Visits => self.acts("finish-and-call-next").await,
        }
    }

    async fn takes(&mut self) -> anyhow::Result<()> {
        let key = KEYS.fetch_add(1, Ordering::Relaxed);
        let body = format!(r#"{{"service":"load-{}"}}"#, key as usize % MORE_SERVICES);
        let path = "/api/v1/halls/zhuzhou/tickets";
        let key = key.to_string();
        let (status, answer) = self.wire.post(path, &self.kiosk, &key, &body).await?;
        ensure!(status == 201, "{}", String::from_utf8_lossy(answer));
        Ok(())
    }

    async fn acts(&mut self, action: &str) -> anyhow::Result<()> {
        let key = KEYS.fetch_add(1, Ordering::Relaxed).to_string();
        let path = format!("/api/v1/halls/zhuzhou/windows/{}/{action}", self.window);
        let (status, answer) = self.wire.post(&path, &self.officer, &key, "{}").await?;
        ensure!(status == 200, "{}", String::from_utf8_lossy(answer));
        Ok(())
    }
}

/// The model hall with more windows and services.
fn larger_plan() -> String {
    let mut plan = PLAN.to_owned();
    for n in 0..MORE_SERVICES {
        let letter = char::from(b'A' + n as u8);
        plan += &format!(
            "\n[[services]]\nid = \"load-{n}\"\nname = {{ zh = \"业务{n}\", en = \"Matter {n}\" }}\n\
             prefix = \"L{letter}\"\ntypical_minutes = 5\n"
        );
    }
    for number in 8..=WINDOWS {
        plan += &format!("\n[[windows]]\nnumber = {number}\neverything = true\n");
    }
    plan
}
