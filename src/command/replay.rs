//! `paihao replay`: recorded days through the running system, and what became of them.

use super::exit_code;
use crate::application::Application;
use crate::clock::HallClock;
use crate::config::{Mode, Settings};
use crate::site::Proxies;
use anyhow::Context;
use clap::Args;
use hall::id::HallId;
use hall_log::{StoreOptions, StoreUrl};
use indicatif::{ProgressBar, ProgressStyle};
use replay::{Format, Officers, Prepared, Progress, Report};
use std::path::PathBuf;
use std::process::ExitCode;

/// What to replay, and where.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The recording
    pub file: PathBuf,
    /// How it is written: `own` (docs/replay-format.md) or `qms-clinic`
    #[arg(long, default_value = "own")]
    pub format: Format,
    /// Who is called when: as `recorded`, or `auto`: our calling rule chooses
    #[arg(long, default_value = "recorded")]
    pub officers: Officers,
    /// The hall that is made for it
    #[arg(long, default_value = "replay")]
    pub hall: HallId,
    /// A store to keep what happens; a throw-away one if not said
    #[arg(long, env = "PAIHAO_STORE")]
    pub store: Option<String>,
    /// A running demo instead of one of our own; its hall must be named with --hall
    #[arg(long, conflicts_with = "store")]
    pub url: Option<String>,
    /// The report as JSON instead of tables
    #[arg(long)]
    pub json: bool,
}

/// Replays and prints; exit 1 if a day's sums do not agree, or if a row of the file could not be read.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let report = replayed(&options).await?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{report}");
    }
    let agree = report.days.iter().all(replay::DayOfReport::sums_agree);
    Ok(exit_code(agree && report.is_whole()))
}

/// The report of a replay in a server of its own, or in a running one.
pub async fn replayed(options: &Options) -> anyhow::Result<Report> {
    let prepared = replay::prepare(replay::Options {
        file: options.file.clone(),
        format: options.format,
        hall: options.hall.clone(),
        time_zone: chrono_tz::Asia::Shanghai,
        officers: options.officers,
        adopt_plan: options.url.is_some(),
    })?;
    match &options.url {
        Some(url) => drive(prepared, url).await,
        None => in_process(prepared, options.store.as_deref()).await,
    }
}

async fn in_process(prepared: Prepared, store: Option<&str>) -> anyhow::Result<Report> {
    let starts_at = prepared
        .starts_at()
        .context("the recording has no day that can be followed")?;
    let folder = std::env::temp_dir().join(format!("paihao-replay-{}", std::process::id()));
    let throw_away = format!("sqlite:{}", folder.join("replay.db").display());
    let settings = Settings {
        mode: Mode::Demo,
        store: StoreUrl::parse(store.unwrap_or(&throw_away))?,
        store_options: StoreOptions::default(),
        listen: ([127, 0, 0, 1], 0).into(),
        plans: vec![prepared.plan().clone()],
        clock: HallClock::demo(starts_at, 0.0),
        proxies: Proxies::default(),
        voices: crate::voice::VoiceSettings::default(),
        webhooks: Vec::new(),
        printing: Default::default(),
        accept_weak: true,
    };
    let application = Application::start(settings).await?;
    let report = drive(prepared, &application.url()).await;
    application.stop().await;
    std::fs::remove_dir_all(folder).ok();
    report
}

async fn drive(prepared: Prepared, url: &str) -> anyhow::Result<Report> {
    let style = ProgressStyle::with_template("{wide_bar} {msg} {pos}/{len}")
        .expect("the template is a constant");
    let bar = ProgressBar::new(0).with_style(style);
    let report = replay::run(prepared, url, |progress| show(&bar, &progress)).await;
    bar.finish_and_clear();
    Ok(report?)
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(progress.of as u64);
    bar.set_position(progress.acts as u64);
    bar.set_message(progress.date.to_string());
}
