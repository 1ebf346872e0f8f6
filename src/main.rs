//! The binary: reads the command line and hands over to one of `paihao::command`.

use clap::{Parser, Subcommand};
use paihao::command::{
    agent, calendar, demo, export, guide, import, network, replay, serve, verify, voice,
};
use paihao::config::{DemoOptions, ServeOptions};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// The queue-and-appointment system of a public service hall.
#[derive(Parser, Debug)]
#[command(version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    demo: DemoOptions,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serves the sample halls on this machine, open to everybody (what happens without a command)
    Demo(Box<DemoOptions>),
    /// Serves for real
    Serve(Box<ServeOptions>),
    /// Feeds recorded days through the running system and prints what happened
    Replay(replay::Options),
    /// Reads a store from its first entry and says whether everything holds
    Verify(verify::Options),
    /// Writes a hall's whole log into one file
    Export(export::Options),
    /// Puts an exported hall into a store
    Import(import::Options),
    /// Brings the official holidays and make-up days into a plan
    Calendar(calendar::Options),
    /// What a hall knows: its guide, from sheets
    Guide(guide::Options),
    /// Many halls from one spreadsheet
    Network(network::Options),
    /// The clips that boards speak with
    Voice(voice::Options),
    /// Prints on a kiosk's own machine, also while the server is away
    Agent(agent::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr();
    survive_size_limit();
    let outcome = match cli
        .command
        .unwrap_or_else(|| Command::Demo(Box::new(cli.demo)))
    {
        Command::Demo(options) => demo::run(*options).await,
        Command::Serve(options) => serve::run(*options).await,
        Command::Replay(options) => replay::run(options).await,
        Command::Verify(options) => verify::run(options).await,
        Command::Export(options) => export::run(options).await,
        Command::Import(options) => import::run(options).await,
        Command::Calendar(options) => calendar::run(options),
        Command::Guide(options) => guide::run(options).await,
        Command::Network(options) => network::run(options).await,
        Command::Voice(options) => voice::run(options).await,
        Command::Agent(options) => agent::run(options).await,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            tracing::debug!(?error, "ended");
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// A file that may not grow (`ulimit -f`) is to be an error that is told, not the end of the process: once something
/// listens to SIGXFSZ, the write fails instead.
fn survive_size_limit() {
    const SIGXFSZ: i32 = 25; // on Linux and macOS
    let listening = signal(SignalKind::from_raw(SIGXFSZ));
    listening
        .map(drop)
        .unwrap_or_else(|error| tracing::warn!(%error, "no handler for SIGXFSZ"));
}

/// Says what went wrong, and what lies behind it.
#[expect(
    clippy::print_stderr,
    reason = "an error of a command goes to the person who typed it"
)]
fn complain(error: &anyhow::Error) {
    let mut said = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        // many errors say their cause themselves
        if !said.contains(&cause) {
            said.push_str(&format!(": {cause}"));
        }
    }
    eprintln!("paihao: {said}");
}

/// Quiet unless `RUST_LOG` asks for more; JSON for collectors with `PAIHAO_LOG=json`.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,paihao=warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // it would be told on stderr, where nothing can be written, and end the thread that had something to say
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    if std::env::var("PAIHAO_LOG").is_ok_and(|form| form == "json") {
        lines.json().init()
    } else {
        lines.init()
    }
}
