//! `cargo run --release -p load-tests -- storm`: storms against the built binary; exit 1 on any violation.

use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand};
use load_tests::floods::{self, Flood, FloodReport, FloodSize};
use load_tests::storm::faults::{self, Fault, FaultReport, FaultSize};
use load_tests::storm::{self, StormKind, StormSize};
use load_tests::{age, bookings, fuzz, guide, network, report, simulation, speed};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// What tickets weigh is looked at after each of these steps.
const MEMORY_STEPS: u32 = 5;
const MEMORY_STEP: u32 = 10_000;

/// Load and faults against the built `paihao`.
#[derive(Parser, Debug)]
struct Cli {
    /// The binary; the one beside this program if not said
    #[arg(long, global = true)]
    paihao: Option<PathBuf>,
    /// Where the JSON files go
    #[arg(long, global = true, default_value = "target/load-tests")]
    out: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Correctness under load, retries and kill -9
    Storm(StormOptions),
    /// Days of two servers over one failing store, in one thread on a clock of its own; needs no binary
    Simulate(SimulationOptions),
    /// Power cuts, failing disks, flipped bits and swapped files under the SQLite store, what happens to a Redis, bad links
    Faults(FaultOptions),
    /// Strangers who want too much of the server, beside an officer whose calls are timed
    Floods(FloodOptions),
    /// A thousand people and the last ten places of a slot
    Bookings(BookingOptions),
    /// Commands per second and latency, beside limit programs in the same rounds
    Speed(SpeedOptions),
    /// Start-up of a hall with days behind it, with and without a snapshot
    Start(StartOptions),
    /// Resident memory as tickets are taken
    Memory,
    /// Writes a SQLite store with days behind it
    Aged(AgedOptions),
    /// What a command costs in a hall that is alone, and in one of 31
    Network(NetworkOptions),
    /// What people type and hand in, thrown at its parsers; needs no binary
    Fuzz(FuzzOptions),
    /// What a question to the guide costs, with the sample and with 2,000 articles
    Guide(GuideOptions),
}

#[derive(Args, Debug)]
struct SimulationOptions {
    /// Simulated days; a seed has four
    #[arg(long, default_value_t = 10_000)]
    days: u64,
    /// The first seed; its days are the same every time
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Instead: plants each bug in turn, and says what finds it
    #[arg(long)]
    planted: bool,
}

#[derive(Args, Debug)]
struct FuzzOptions {
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// The same seed tries the same inputs
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Only this one, such as cell
    #[arg(long)]
    only: Option<String>,
}

#[derive(Args, Debug)]
struct GuideOptions {
    /// Alternating rounds
    #[arg(long, default_value_t = 15)]
    rounds: usize,
}

#[derive(Args, Debug)]
struct NetworkOptions {
    /// Alternating rounds
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
}

#[derive(Args, Debug)]
struct BookingOptions {
    /// People who want the last places, all at once
    #[arg(long, default_value_t = 1_000)]
    clients: usize,
    /// People who move between slots, all at once
    #[arg(long, default_value_t = 200)]
    moves: usize,
    /// Only this one: last-places, retries, holds or moves
    #[arg(long)]
    only: Option<String>,
}

#[derive(Args, Debug)]
struct SpeedOptions {
    /// Alternating rounds of limit programs and service
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Clients at once, at most 64
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 64])]
    clients: Vec<usize>,
}

#[derive(Args, Debug)]
struct StartOptions {
    /// Days behind the hall
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10, 100])]
    days: Vec<u32>,
    /// Starts of each
    #[arg(long, default_value_t = 5)]
    times: usize,
}

#[derive(Args, Debug)]
struct AgedOptions {
    /// The new store
    file: PathBuf,
    /// Working days behind it
    #[arg(long, default_value_t = 10)]
    days: u32,
}

#[derive(Args, Debug)]
struct StormOptions {
    /// Numbers given out in a storm without kills
    #[arg(long, default_value_t = 20_000)]
    tickets: usize,
    /// Kills of each victim
    #[arg(long, default_value_t = 20)]
    kills: usize,
    /// Only this one: two-processes, retries, kill-on-sqlite, kill-on-redis, kill-redis or freeze-on-redis
    #[arg(long)]
    only: Option<String>,
}

#[derive(Args, Debug)]
struct FaultOptions {
    /// A few of each instead of many
    #[arg(long)]
    short: bool,
    /// Only this one, by its name in the table
    #[arg(long)]
    only: Option<String>,
    /// So many of each
    #[arg(long)]
    times: Option<usize>,
}

#[derive(Args, Debug)]
struct FloodOptions {
    /// A tenth of the strangers, and no times judged
    #[arg(long)]
    short: bool,
    /// Only this one, by its name in the table
    #[arg(long)]
    only: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    if let Command::Simulate(options) = cli.command {
        return simulated(&options, &cli.out);
    }
    let paihao = built(cli.paihao)?;
    match cli.command {
        Command::Simulate(options) => return simulated(&options, &cli.out),
        Command::Storm(options) => return storms(paihao, options, cli.out).await,
        Command::Faults(options) => return faults(paihao, options, cli.out).await,
        Command::Floods(options) => return floods(paihao, options, cli.out).await,
        Command::Bookings(options) => return booking_storms(paihao, options, cli.out).await,
        Command::Speed(options) => speeds(paihao, options, cli.out).await?,
        Command::Start(options) => {
            let reports = age::starts(&paihao, &options.days, options.times).await?;
            let table = report::start_table(&reports);
            tell(&cli.out, "starts.json", &table, &reports)?;
        }
        Command::Memory => {
            let reports = age::memory(&paihao, MEMORY_STEPS, MEMORY_STEP).await?;
            let table = report::memory_table(&reports);
            tell(&cli.out, "memory.json", &table, &reports)?;
        }
        Command::Network(options) => {
            let options = network::Options {
                paihao,
                rounds: options.rounds,
                during: Duration::from_secs_f64(options.seconds),
            };
            let report = network::run(&options).await?;
            let table = report::network_table(&report);
            tell(&cli.out, "network.json", &table, &report)?;
        }
        Command::Fuzz(options) => {
            fuzz::keep_panics_quiet();
            let until = fuzz::Until::Elapsed(Duration::from_secs(options.seconds));
            let is_wanted = |target: &fuzz::Target| {
                let only = options.only.as_deref();
                only.is_none_or(|only| only == target.name)
            };
            let targets = fuzz::targets::all().into_iter().filter(is_wanted);
            let reports: Vec<_> = targets
                .map(|target| fuzz::run(&target, options.seed, until))
                .collect();
            ensure!(!reports.is_empty(), "there is no such target");
            tell(&cli.out, "fuzz.json", &fuzz::table(&reports), &reports)?;
            if reports.iter().any(|report| report.panics > 0) {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Guide(options) => {
            let report = guide::run(options.rounds);
            tell(&cli.out, "guide.json", &guide::table(&report), &report)?;
        }
        Command::Aged(options) => {
            age::write_days(&options.file, options.days).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn simulated(options: &SimulationOptions, out: &Path) -> anyhow::Result<ExitCode> {
    let (seed, days) = (options.seed, options.days);
    if options.planted {
        let seeds = days / simulation::run::DAYS;
        let playing = std::thread::spawn(move || simulation::table_of_planted(seeds));
        let table = playing.join();
        let table = table.map_err(|_| anyhow::anyhow!("the simulation panicked"))?;
        tell(out, "planted.json", &table, &table)?;
        return Ok(exit_code(!table.contains("MISSED")));
    }
    // a thread of its own: the simulation has its own runtime
    let playing = std::thread::spawn(move || simulation::simulate(seed, days, None));
    let report = playing.join();
    let report = report.map_err(|_| anyhow::anyhow!("the simulation panicked"))?;
    tell(out, "simulation.json", &simulation::table(&report), &report)?;
    Ok(exit_code(report.is_clean()))
}

async fn booking_storms(
    paihao: PathBuf,
    options: BookingOptions,
    out: PathBuf,
) -> anyhow::Result<ExitCode> {
    ensure!(options.moves <= 1_000, "at most 1000 people move");
    let size = bookings::BookingSize {
        paihao,
        clients: options.clients,
        moves: options.moves,
    };
    let chosen =
        |kind: &bookings::BookingKind| options.only.as_ref().is_none_or(|only| only == kind.name());
    let kinds: Vec<bookings::BookingKind> = bookings::BookingKind::ALL
        .into_iter()
        .filter(chosen)
        .collect();
    ensure!(!kinds.is_empty(), "no booking storm of that name");
    let mut reports = Vec::new();
    for on in bookings::On::ALL {
        for kind in &kinds {
            let report = bookings::run(*kind, on, &size).await;
            reports.push(report.with_context(|| format!("{} on {}", kind.name(), on.name()))?);
        }
    }
    let all_clean = reports.iter().all(bookings::BookingReport::is_clean);
    tell(&out, "bookings.json", &bookings::table(&reports), &reports)?;
    Ok(exit_code(all_clean))
}

async fn speeds(paihao: PathBuf, options: SpeedOptions, out: PathBuf) -> anyhow::Result<()> {
    ensure!(
        options.clients.iter().all(|count| (1..=64).contains(count)),
        "1 to 64 clients"
    );
    let options = speed::Options {
        paihao,
        rounds: options.rounds,
        during: Duration::from_secs_f64(options.seconds),
        clients: options.clients,
    };
    let reports = speed::run(&options).await?;
    tell(&out, "speed.json", &report::speed_table(&reports), &reports)
}

#[expect(
    clippy::print_stdout,
    reason = "the report is for the person who ran the command"
)]
fn tell(
    out: &Path,
    file: &str,
    table: &str,
    content: &impl serde::Serialize,
) -> anyhow::Result<()> {
    println!("{table}");
    report::write_json(&out.join(file), content)
}

fn exit_code(all_clean: bool) -> ExitCode {
    match all_clean {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// The binary under test.
fn built(named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let path = match named {
        Some(path) => path,
        None => std::env::current_exe()?.with_file_name("paihao"),
    };
    let hint = "build it first (cargo build --release), or name it with --paihao";
    ensure!(path.is_file(), "{} is not there: {hint}", path.display());
    Ok(path)
}

async fn storms(paihao: PathBuf, options: StormOptions, out: PathBuf) -> anyhow::Result<ExitCode> {
    let size = StormSize {
        paihao,
        tickets: options.tickets,
        kills: options.kills,
    };
    let chosen = |kind: &StormKind| options.only.as_ref().is_none_or(|only| only == kind.name());
    let kinds: Vec<StormKind> = StormKind::ALL.into_iter().filter(chosen).collect();
    ensure!(!kinds.is_empty(), "no storm of that name");
    let mut reports = Vec::new();
    for kind in kinds {
        let report = storm::run(kind, &size).await;
        let report = report.with_context(|| format!("storm {}", kind.name()))?;
        let table = report::table(std::slice::from_ref(&report));
        reports.push(report);
        tell(&out, "storms.json", &table, &reports)?;
    }
    let all_clean = reports.iter().all(report::StormReport::is_clean);
    Ok(exit_code(all_clean))
}

async fn faults(paihao: PathBuf, options: FaultOptions, out: PathBuf) -> anyhow::Result<ExitCode> {
    let chosen = |fault: &Fault| {
        options
            .only
            .as_ref()
            .is_none_or(|only| only == fault.name())
    };
    let chosen: Vec<Fault> = Fault::all().into_iter().filter(chosen).collect();
    ensure!(!chosen.is_empty(), "no fault of that name");
    let mut reports = Vec::new();
    for fault in chosen {
        if let Some(lacking) = fault.lacks() {
            skip(fault.name(), lacking);
            continue;
        }
        let times = options.times.unwrap_or(fault.times(options.short));
        let paihao = paihao.clone();
        let report = faults::run(fault, &FaultSize { paihao, times }).await;
        let report = report.with_context(|| format!("fault {}", fault.name()))?;
        let table = faults::table(std::slice::from_ref(&report));
        reports.push(report);
        tell(&out, "faults.json", &table, &reports)?;
    }
    Ok(exit_code(reports.iter().all(FaultReport::is_clean)))
}

async fn floods(paihao: PathBuf, options: FloodOptions, out: PathBuf) -> anyhow::Result<ExitCode> {
    let chosen = |flood: &Flood| {
        options
            .only
            .as_ref()
            .is_none_or(|only| only == flood.name())
    };
    let chosen: Vec<Flood> = Flood::ALL.into_iter().filter(chosen).collect();
    ensure!(!chosen.is_empty(), "no flood of that name");
    let size = FloodSize {
        paihao,
        is_short: options.short,
    };
    let mut reports = Vec::new();
    for flood in chosen {
        let report = floods::run(flood, &size).await;
        let report = report.with_context(|| format!("flood {}", flood.name()))?;
        reports.push(report);
        let newest = reports.last().map(std::slice::from_ref).unwrap_or_default();
        tell(&out, "floods.json", &floods::table(newest), &reports)?;
    }
    Ok(exit_code(reports.iter().all(FloodReport::is_clean)))
}

#[expect(
    clippy::print_stderr,
    reason = "what was not tested is said to the person who ran the command"
)]
fn skip(fault: &str, lacking: &str) {
    eprintln!("SKIPPED {fault}: it needs {lacking}");
}
