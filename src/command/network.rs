//! `paihao network`: many halls from one spreadsheet.

use super::say_encoding;
use crate::network::{read_file, read_sheets, sample, write_file};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Makes the file that `serve --network` and `demo --network` read.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: NetworkCommand,
}

#[derive(Subcommand, Debug)]
enum NetworkCommand {
    /// Reads a spreadsheet and writes the network; every wrong cell is named, and then nothing is written
    Import(ImportNetwork),
    /// Writes a sample spreadsheet with 5 main and 26 branch halls
    Sample(SampleNetwork),
}

#[derive(Args, Debug)]
struct ImportNetwork {
    /// The spreadsheet, .csv or .xlsx
    file: PathBuf,
    /// The network's new file
    #[arg(long, value_name = "FILE.toml")]
    out: PathBuf,
    /// Only look; write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args, Debug)]
struct SampleNetwork {
    /// The new spreadsheet, .csv or .xlsx
    #[arg(long)]
    out: PathBuf,
}

/// Does it, and says what came of it.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    match options.command {
        NetworkCommand::Import(options) => import(&options),
        NetworkCommand::Sample(options) => {
            if options.out.exists() {
                bail!("{} exists already", options.out.display());
            }
            write_file(&options.out, &sample())?;
            println!("{} written", options.out.display());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn import(options: &ImportNetwork) -> anyhow::Result<ExitCode> {
    let (sheets, encoding) = read_file(&options.file)?;
    say_encoding(&options.file, encoding);
    let network = match read_sheets(&sheets) {
        Ok(network) => network,
        Err(errors) => {
            println!("{}: {} wrong:", options.file.display(), errors.len());
            for error in errors {
                println!("  {error}");
            }
            println!("nothing was written");
            return Ok(ExitCode::FAILURE);
        }
    };
    let (halls, services) = (network.halls.len(), network.services.len());
    println!(
        "{} · {}: {halls} halls, {services} services",
        network.name.zh, network.name.en
    );
    if options.dry_run {
        println!("nothing is wrong; nothing was written (--dry-run)");
        return Ok(ExitCode::SUCCESS);
    }
    std::fs::write(&options.out, network.to_toml())
        .with_context(|| format!("cannot write {}", options.out.display()))?;
    println!("{} written", options.out.display());
    Ok(ExitCode::SUCCESS)
}
