//! `paihao import`: puts an exported hall into a store that does not have it.
//!
//! The hall gets a new epoch there: from now on this is its history, and whoever still knows the old one sees that it
//! is another. The records stay what they were, byte for byte.

use super::{export_file, verify};
use anyhow::{Context, bail};
use clap::Args;
use hall_log::{Commit, Head, StoreOptions, StoreUrl, open_store, verify_chain};
use std::path::PathBuf;
use std::process::ExitCode;

/// What to import, and where to.
#[derive(Args, Debug)]
pub struct Options {
    /// sqlite:PATH or redis://HOST:PORT
    #[arg(long, env = "PAIHAO_STORE", default_value = "sqlite:data/paihao.db")]
    store: String,
    /// The file that `paihao export` made
    file: PathBuf,
    /// Import beside halls of another store, by the name of what is lost: names
    #[arg(long, value_name = "names")]
    accept_lost: Option<LostBeside>,
}

/// What a hall loses in a store with another secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum LostBeside {
    /// Names and telephone numbers of who booked, and everything that is known by document number.
    Names,
}

/// Checks the whole file before the first write.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let (header, lines) = export_file::read(&options.file)?;
    let hall = header.hall;
    let commits = commits(&options.file, &hall, &header.head, &lines)?;
    let log = open_store(&StoreUrl::parse(&options.store)?, &StoreOptions::default()).await?;
    let secret = export_file::secret(&header.secret)?;
    let kept = log
        .secret(secret)
        .await
        .map_err(|error| anyhow::anyhow!("the store's secret cannot be set: {error}"))?;
    if kept != secret {
        match options.accept_lost {
            None => bail!(
                "{}: the store has a key of its own, because it holds a hall from elsewhere. With that key, names and \
                 telephone numbers of who booked in {hall}, booking limits and blocks \
                 could not be read. Nothing was imported. Import into an empty store, or accept it with --accept-lost names. \
                 / 该库已有自己的密钥（已存有其他来源的大厅）。导入后 {hall} 的预约人姓名、电话无法读出，预约限次和停约记录失效。\
                 没有导入任何内容。请导入空库；如果接受这一损失，请加 --accept-lost names。",
                options.store
            ),
            Some(LostBeside::Names) => println!(
                "note: the store has a key of its own; names, telephone numbers and limits of before cannot be read, and \
                 commands sent before the move are not recognised if repeated"
            ),
        }
    }
    let mut head = log.open(&hall).await?;
    if head.version > 0 {
        bail!(
            "{}: the store has hall {hall} already, at version {}; import into an empty store",
            options.store,
            head.version
        );
    }
    for commit in commits {
        let moved = Commit::seal(&head, commit.last, commit.schema, commit.records);
        log.append(&hall, &head, &moved).await?;
        head = moved.head();
    }
    let found = verify::stream_holds(&log, &hall)
        .await
        .map_err(anyhow::Error::msg)?;
    println!(
        "{hall}: {} records, {} days closed, state {}",
        found.version,
        found.days_closed,
        &found.state[..16]
    );
    Ok(ExitCode::SUCCESS)
}

fn commits(
    file: &std::path::Path,
    hall: &hall_log::StreamId,
    end: &Head,
    lines: &[String],
) -> anyhow::Result<Vec<Commit>> {
    let mut at = Head::genesis(end.epoch);
    let mut commits = Vec::with_capacity(lines.len());
    for (line, text) in (2..).zip(lines) {
        let place = || format!("{}:{line}", file.display());
        let last = serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|json| json["last"].as_u64());
        let last = last.with_context(|| format!("{}: not a commit", place()))?;
        let commit = Commit::decode(hall, last, text.as_bytes()).with_context(place)?;
        at = verify_chain(hall, &at, &commit).with_context(place)?;
        commits.push(commit);
    }
    if at != *end {
        bail!(
            "{}: the commits end at version {}, not {}",
            file.display(),
            at.version,
            end.version
        );
    }
    Ok(commits)
}
