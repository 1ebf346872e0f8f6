//! What a command costs in a hall that is alone, and in one of a network: the same, or halls are in each other's way.
//!
//! Two servers of the same binary side by side, each with its own store: one has one hall, the other the sample network
//! of 31 with that hall in it. Rounds alternate between the two, because the machine is shared: only their ratio counts.

use crate::client::http_client;
use crate::process::{CLOCK, Server};
use crate::wire::Wire;
use anyhow::{Context, ensure};
use hall::Plan;
use paihao::network::{Network, read_sheets, sample};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What to measure.
#[derive(Clone, Debug)]
pub struct Options {
    pub paihao: PathBuf,
    pub rounds: usize,
    /// Each measurement lasts this long.
    pub during: Duration,
}

/// The figures of each round.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NetworkReport {
    pub halls: usize,
    /// Microseconds of one command in the hall that is alone.
    pub alone_us: Vec<f64>,
    /// Microseconds of one command in the same hall of the network.
    pub among_us: Vec<f64>,
    /// The second by the first, round by round.
    pub ratio: Vec<f64>,
    /// Microseconds of `GET /halls` with one hall, and with all.
    pub list_alone_us: Vec<f64>,
    pub list_us: Vec<f64>,
    /// Resident memory with one hall and with all, MiB.
    pub alone_mib: f64,
    pub among_mib: f64,
}

/// Alternating rounds.
pub async fn run(options: &Options) -> anyhow::Result<NetworkReport> {
    let folder = tempfile::tempdir()?;
    let network = read_sheets(&[sample()])
        .ok()
        .context("the sample is a network")?;
    let plans = network.plans().ok().context("its halls have plans")?;
    let busy = plans.first().context("it has a hall")?;
    let alone = Network {
        halls: vec![without_neighbours(&network)?],
        ..network.clone()
    };
    let mut one = Side::open(options, folder.path(), "one", &alone, busy).await?;
    let mut many = Side::open(options, folder.path(), "many", &network, busy).await?;
    let mut report = NetworkReport {
        halls: plans.len(),
        ..NetworkReport::default()
    };
    for _ in 0..options.rounds {
        let alone_us = one.command_us(options.during).await?;
        let among_us = many.command_us(options.during).await?;
        report.alone_us.push(alone_us);
        report.among_us.push(among_us);
        report.ratio.push(among_us / alone_us);
        let quarter = options.during / 4;
        report.list_alone_us.push(one.list_us(quarter).await?);
        report.list_us.push(many.list_us(quarter).await?);
    }
    report.alone_mib = one.server.resident_kib()? as f64 / 1024.0;
    report.among_mib = many.server.resident_kib()? as f64 / 1024.0;
    Ok(report)
}

/// The first hall of a network, as if there were no other.
fn without_neighbours(network: &Network) -> anyhow::Result<paihao::network::NetworkHall> {
    let mut hall = network.halls.first().context("it has a hall")?.clone();
    hall.neighbours.clear();
    Ok(hall)
}

/// One server and its one client.
struct Side {
    wire: Wire,
    kiosk: String,
    path: String,
    services: Vec<String>,
    keys: u64,
    http: reqwest::Client,
    server: Server,
}

impl Side {
    async fn open(
        options: &Options,
        folder: &Path,
        name: &str,
        network: &Network,
        busy: &Plan,
    ) -> anyhow::Result<Side> {
        let file = folder.join(format!("{name}.toml"));
        std::fs::write(&file, network.to_toml())?;
        let store = format!("sqlite:{}", folder.join(format!("{name}.db")).display());
        let complaints = folder.join("complaints");
        let network = file.display().to_string();
        let further = ["--clock", CLOCK, "--network", &network];
        let server = Server::start_with(&options.paihao, &store, &complaints, &further)?;
        let http = http_client()?;
        let who = json!({ "role": "kiosk", "hall": busy.hall });
        let answer = http
            .post(format!("{}/api/v1/demo/sign-in", server.url))
            .json(&who);
        let answer: Value = answer.send().await?.error_for_status()?.json().await?;
        let kiosk = answer["bearer"].as_str().context("a bearer")?.to_owned();
        let services = busy.services.iter().filter(|service| !service.identify);
        Ok(Side {
            wire: Wire::connect(&server.url).await?,
            kiosk,
            path: format!("/api/v1/halls/{}/tickets", busy.hall),
            services: services.map(|service| service.id.to_string()).collect(),
            keys: 0,
            http,
            server,
        })
    }

    /// One client takes numbers one after another.
    async fn command_us(&mut self, during: Duration) -> anyhow::Result<f64> {
        let (begun, before) = (Instant::now(), self.keys);
        while begun.elapsed() < during {
            let service = &self.services[self.keys as usize % self.services.len()];
            self.keys += 1;
            let key = self.keys.to_string();
            let body = format!(r#"{{"service":"{service}"}}"#);
            let (status, answer) = self.wire.post(&self.path, &self.kiosk, &key, &body).await?;
            ensure!(status == 201, "{}", String::from_utf8_lossy(answer));
        }
        Ok(begun.elapsed().as_secs_f64() * 1e6 / (self.keys - before) as f64)
    }

    /// One client asks for the list over and over.
    async fn list_us(&self, during: Duration) -> anyhow::Result<f64> {
        let (begun, mut count) = (Instant::now(), 0);
        let url = format!("{}/api/v1/halls", self.server.url);
        while begun.elapsed() < during {
            let answer = self.http.get(&url).send().await?;
            answer.error_for_status()?.bytes().await?;
            count += 1;
        }
        Ok(begun.elapsed().as_secs_f64() * 1e6 / f64::from(count))
    }
}
