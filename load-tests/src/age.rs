//! A hall with many days behind it: how long it takes to start, with and without its snapshot; and what tickets weigh.
//!
//! The days are folded in memory by the hall's own rules and written straight into a SQLite store, in commits as large
//! as a busy server's.

use crate::client::{http_client, sign_in};
use crate::log_reader::HALL;
use crate::process::Server;
use crate::wire::Wire;
use anyhow::{anyhow, ensure};
use chrono::{Datelike, Duration as Span, NaiveDate, Weekday};
use hall::id::{ActorId, CommandId, Fingerprint, ServiceId, Token, WindowNumber};
use hall::record::command::{Action, Finish, TakeTicket};
use hall::state::ticket::Channel;
use hall::{Actor, Command, Decision, Event, Hall, Plan, Record, Time, rules::timers};
use hall_log::{Commit, Head, Log, SCHEMA, Snapshot, StoreOptions, StoreUrl, StreamId, open_store};
use paihao::runtime::model::Model;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The model hall.
const PLAN: &str = include_str!("../../plans/zhuzhou.toml");
/// A large hall's day.
pub const TICKETS_A_DAY: u32 = 5_500;
/// Records of one commit.
const COMMIT: usize = 256;
/// The first of the days.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a Monday");

/// How long one store takes to serve again.
#[derive(Clone, Debug, Serialize)]
pub struct StartReport {
    pub days: u32,
    pub records: u64,
    pub snapshot: bool,
    pub store_mib: f64,
    /// From starting the process to its first line: it listens.
    pub start_ms: Vec<u64>,
}

/// What a server weighs after so many tickets.
#[derive(Clone, Debug, Serialize)]
pub struct MemoryReport {
    pub tickets: u32,
    pub resident_kib: u64,
}

/// Makes a store for each number of days and starts the server on copies of it.
pub async fn starts(paihao: &Path, days: &[u32], times: usize) -> anyhow::Result<Vec<StartReport>> {
    let mut reports = Vec::new();
    for days in days {
        let folder = tempfile::tempdir()?;
        let aged = write_days(&folder.path().join("aged.db"), *days).await?;
        for snapshot in [false, true] {
            if snapshot {
                aged.keep_snapshot().await?;
            }
            let mut start_ms = Vec::new();
            for _ in 0..times {
                start_ms.push(aged.start_a_copy(paihao, folder.path())?);
            }
            reports.push(StartReport {
                days: *days,
                records: aged.hall.version(),
                snapshot,
                store_mib: std::fs::metadata(&aged.path)?.len() as f64 / (1024.0 * 1024.0),
                start_ms,
            });
        }
    }
    Ok(reports)
}

/// A store with days behind it, closed.
#[derive(Debug)]
pub struct Aged {
    pub path: PathBuf,
    pub hall: Hall,
    head: Head,
}

/// Writes so many working days of a large hall into a new SQLite store.
pub async fn write_days(path: &Path, days: u32) -> anyhow::Result<Aged> {
    let url = StoreUrl::parse(&format!("sqlite:{}", path.display()))?;
    let log = open_store(&url, &StoreOptions::default()).await?;
    let stream: StreamId = HALL.parse()?;
    let head = log.open(&stream).await?;
    let mut writer = Writer {
        log,
        stream,
        head,
        hall: Hall::empty(),
        records: Vec::new(),
        commands: 0,
    };
    writer.adopt_plan().await?;
    let weekdays = FIRST_DAY
        .iter_days()
        .filter(|date| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun));
    for date in weekdays.take(days as usize) {
        writer.day(date).await?;
    }
    writer.commit().await?;
    Ok(Aged {
        path: path.to_owned(),
        hall: writer.hall,
        head: writer.head,
    })
}

impl Aged {
    async fn keep_snapshot(&self) -> anyhow::Result<()> {
        let url = StoreUrl::parse(&format!("sqlite:{}", self.path.display()))?;
        let log = open_store(&url, &StoreOptions::default()).await?;
        let snapshot = Snapshot {
            head: self.head.clone(),
            schema: Hall::SNAPSHOT_SCHEMA,
            state: serde_json::to_string(&self.hall)?,
        };
        let saved = log.save_snapshot(&HALL.parse()?, &snapshot).await;
        saved.map_err(|error| anyhow!("the snapshot cannot be kept: {error}"))
    }

    /// Milliseconds until a server on a copy listens; the copy goes, because a server keeps snapshots of its own.
    fn start_a_copy(&self, paihao: &Path, folder: &Path) -> anyhow::Result<u64> {
        let copy = folder.join("copy.db");
        for suffix in ["", "-wal", "-shm"] {
            let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
            std::fs::remove_file(name(&copy)).ok();
            if name(&self.path).exists() {
                std::fs::copy(name(&self.path), name(&copy))?;
            }
        }
        let store = format!("sqlite:{}", copy.display());
        let now = self.hall.last_at().unwrap_or_default() + Span::hours(1);
        let begun = Instant::now();
        let errors = folder.join("complaints");
        let clock = ["--clock", &now.to_rfc3339()];
        let mut server = Server::start_with(paihao, &store, &errors, &clock)?;
        let took = begun.elapsed();
        server.kill_9();
        Ok(took.as_millis() as u64)
    }
}

/// Folds commands and writes what comes of them.
struct Writer {
    log: Arc<dyn Log>,
    stream: StreamId,
    head: Head,
    hall: Hall,
    records: Vec<Record<Event>>,
    commands: u64,
}

impl Writer {
    async fn adopt_plan(&mut self) -> anyhow::Result<()> {
        let plan = Plan::from_toml(PLAN).map_err(|errors| anyhow!("{errors:?}"))?;
        let at = plan.at(FIRST_DAY, chrono::NaiveTime::MIN);
        let plan = Box::new(plan);
        let adopt = Action::AdoptPlan {
            plan,
            move_bookings: false,
            expected_revision: None,
        };
        self.ask(at, Actor::Timer, adopt).await
    }

    /// One day from opening to closing: half the tickets in each session, each served soon.
    async fn day(&mut self, date: NaiveDate) -> anyhow::Result<()> {
        let plan = self.hall.plan().clone();
        let at = |hour, minute| {
            let time = chrono::NaiveTime::from_hms_opt(hour, minute, 0);
            plan.at(date, time.unwrap_or_default())
        };
        let services: Vec<ServiceId> = plan.services.iter().map(|s| s.id.clone()).collect();
        for window in 1..=7 {
            let open = Action::OpenWindow {
                window: WindowNumber(window),
                services: None,
                several_windows: true,
            };
            self.ask(at(9, 0), officer()?, open).await?;
        }
        for n in 0..TICKETS_A_DAY {
            let half = TICKETS_A_DAY / 2;
            let session = if n < half { at(9, 1) } else { at(13, 31) };
            let now = session + Span::milliseconds(i64::from(n % half) * 3_800);
            let service = services[n as usize % services.len()].clone();
            self.takes(now, service).await?;
            self.serves(now + Span::seconds(2), n as u16 % 7 + 1)
                .await?;
        }
        self.drain(at(16, 50)).await?;
        self.carry_out_due(at(17, 1)).await?;
        ensure!(!self.hall.is_anyone_open(), "{date} does not end");
        Ok(())
    }

    /// Every window works until it has nobody.
    async fn drain(&mut self, at: Time) -> anyhow::Result<()> {
        while self.hall.is_anyone_open() {
            for window in 1..=7 {
                self.serves(at, window).await?;
            }
        }
        Ok(())
    }

    async fn takes(&mut self, at: Time, service: ServiceId) -> anyhow::Result<()> {
        let token = format!("token-of-number-{:08}", self.commands);
        let token = Token::parse(token).map_err(|error| anyhow!("{error}"))?;
        let take = Action::TakeTicket(TakeTicket::new(service, token, Channel::Kiosk));
        let kiosk = ActorId::parse("demo-kiosk").map_err(|error| anyhow!("{error}"))?;
        self.ask(at, Actor::Kiosk(kiosk), take).await
    }

    async fn serves(&mut self, at: Time, window: u16) -> anyhow::Result<()> {
        let action = Action::FinishAndCallNext {
            window: WindowNumber(window),
            finish: Finish::default(),
        };
        self.ask(at, officer()?, action).await
    }

    async fn ask(&mut self, at: Time, actor: Actor, action: Action) -> anyhow::Result<()> {
        self.carry_out_due(at).await?;
        self.commands += 1;
        let key = CommandId::parse(format!("{:032x}", self.commands));
        let command = Command {
            id: key.map_err(|error| anyhow!("{error}"))?,
            fingerprint: fingerprint()?,
            actor,
            at,
            action,
        };
        self.carry_out(command).await
    }

    async fn carry_out_due(&mut self, at: Time) -> anyhow::Result<()> {
        while let Some(command) = timers::due(&self.hall, at) {
            self.carry_out(command).await?;
        }
        Ok(())
    }

    async fn carry_out(&mut self, command: Command) -> anyhow::Result<()> {
        let decision = hall::decide(&self.hall, &command);
        let events = match decision.map_err(|no| anyhow!("refused: {no:?}"))? {
            Decision::Events(events) => events,
            Decision::Nothing(_) | Decision::Remembered { .. } => return Ok(()),
        };
        let record = Record {
            version: self.hall.version() + 1,
            at: command.at,
            actor: command.actor,
            key: command.id,
            fingerprint: command.fingerprint,
            events,
        };
        hall::apply(&mut self.hall, &record);
        self.records.push(record);
        match self.records.len() < COMMIT {
            true => Ok(()),
            false => self.commit().await,
        }
    }

    async fn commit(&mut self) -> anyhow::Result<()> {
        let records = std::mem::take(&mut self.records);
        let Some(last) = records.last() else {
            return Ok(());
        };
        let json = serde_json::value::to_raw_value(&records)?;
        let commit = Commit::seal(&self.head, last.version, SCHEMA, json);
        self.log.append(&self.stream, &self.head, &commit).await?;
        self.head = commit.head();
        Ok(())
    }
}

fn officer() -> anyhow::Result<Actor> {
    let name = ActorId::parse("demo-officer").map_err(|error| anyhow!("{error}"))?;
    Ok(Actor::Officer(name))
}

fn fingerprint() -> anyhow::Result<Fingerprint> {
    Fingerprint::parse("0").map_err(|error| anyhow!("{error}"))
}

/// Resident memory of a server on SQLite as one day's tickets are taken, all of them waiting.
pub async fn memory(paihao: &Path, steps: u32, step: u32) -> anyhow::Result<Vec<MemoryReport>> {
    let folder = tempfile::tempdir()?;
    let store = format!("sqlite:{}", folder.path().join("hall.db").display());
    let server = Server::start(paihao, &store, &folder.path().join("complaints"))?;
    let bearer = sign_in(&http_client()?, &server.url, "kiosk").await?;
    let mut reports = Vec::new();
    for taken in 0..=steps {
        if taken > 0 {
            take_many(&server.url, &bearer, (taken - 1) * step..taken * step).await?;
        }
        tokio::time::sleep(Duration::from_secs(1)).await; // a snapshot under way weighs, too
        reports.push(MemoryReport {
            tickets: taken * step,
            resident_kib: server.resident_kib()?,
        });
    }
    Ok(reports)
}

/// Takes numbers of every service in turn, over 32 connections.
async fn take_many(url: &str, bearer: &str, keys: std::ops::Range<u32>) -> anyhow::Result<()> {
    const CONNECTIONS: u32 = 32;
    let one = async |first: u32| {
        let mut wire = Wire::connect(url).await?;
        for key in keys
            .clone()
            .skip(first as usize)
            .step_by(CONNECTIONS as usize)
        {
            let service = crate::storm::SERVICES[key as usize % crate::storm::SERVICES.len()];
            let body = format!(r#"{{"service":"{service}"}}"#);
            let path = "/api/v1/halls/zhuzhou/tickets";
            let (status, answer) = wire.post(path, bearer, &key.to_string(), &body).await?;
            ensure!(status == 201, "{}", String::from_utf8_lossy(answer));
        }
        anyhow::Ok(())
    };
    futures_util::future::try_join_all((0..CONNECTIONS).map(one)).await?;
    Ok(())
}
