//! `paihao export`: a hall's whole log, with its plan, as one file.

use super::export_file::Writer;
use super::open_to_read;
use clap::Args;
use hall_log::{Head, StreamId, verify_chain};
use std::path::PathBuf;
use std::process::ExitCode;

/// What to export, and where to.
#[derive(Args, Debug)]
pub struct Options {
    /// sqlite:PATH or redis://HOST:PORT
    #[arg(long, env = "PAIHAO_STORE", default_value = "sqlite:data/paihao.db")]
    store: String,
    /// The hall
    #[arg(long)]
    hall: StreamId,
    /// The file to make; it holds the store's secret, so keep it safe
    file: PathBuf,
}

/// Writes the file; a file that is half written is removed.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let log = open_to_read(&options.store).await?;
    let head = log.head(&options.hall).await?;
    let secret = log
        .secret([0; 32])
        .await
        .map_err(|error| anyhow::anyhow!("the store's secret cannot be read: {error}"))?;
    let mut writer = Writer::create(&options.file, &options.hall, &head, &secret)?;
    let mut at = Head::genesis(head.epoch);
    let written = async {
        while at.version < head.version {
            for commit in log.read(&options.hall, at.version, 500).await? {
                if commit.first > head.version {
                    break;
                }
                at = verify_chain(&options.hall, &at, &commit)?;
                writer.commit(&commit)?;
            }
        }
        writer.finish()
    };
    if let Err(error) = written.await {
        std::fs::remove_file(&options.file).ok();
        return Err(error);
    }
    println!(
        "{}: {} records in {}",
        options.hall,
        head.version,
        options.file.display()
    );
    Ok(ExitCode::SUCCESS)
}
