//! `paihao guide`: a hall's guide from sheets, into a running server or a store that nobody serves.

use super::say_encoding;
use crate::clock::HallClock;
use crate::guide::Guide;
use crate::guide::catalogue::Wrong;
use crate::guide::guides::{Guides, GuidesAction, GuidesRejection};
use crate::guide::sheet::GuideSheet;
use crate::halls::Halls;
use crate::runtime::{AskError, Request};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use hall::id::{CommandId, HallId};
use hall::{Actor, Hall};
use hall_log::{StoreOptions, StoreUrl, open_store};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// What a hall knows, kept in sheets.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: GuideCommand,
}

#[derive(Subcommand, Debug)]
enum GuideCommand {
    /// Reads a sheet (articles or words as CSV, matters as TOML) in place of the part that it is
    Import(ImportGuide),
}

#[derive(Args, Debug)]
struct ImportGuide {
    /// The sheet; every fault is named by line and column, and then nothing is changed
    file: PathBuf,
    /// The hall
    #[arg(long)]
    hall: HallId,
    /// A running server, such as http://127.0.0.1:8080
    #[arg(long, conflicts_with = "store")]
    url: Option<String>,
    /// A manager's token for that server; a demo on this machine needs none
    #[arg(long, env = "PAIHAO_BEARER", requires = "url", hide_env_values = true)]
    bearer: Option<String>,
    /// A store that no server holds: sqlite:PATH or redis://HOST:PORT
    #[arg(long, env = "PAIHAO_STORE")]
    store: Option<String>,
    /// Only look; change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Does it, and says what came of it.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let GuideCommand::Import(options) = options.command;
    let bytes = crate::files::read(&options.file)
        .with_context(|| format!("cannot read {}", options.file.display()))?;
    let sheet = match GuideSheet::read_with_encoding(&bytes) {
        Ok((sheet, encoding)) => {
            say_encoding(&options.file, encoding);
            sheet
        }
        Err(faults) => {
            for fault in &faults {
                println!("{}:{fault}", options.file.display());
            }
            println!("{} faults; nothing was changed", faults.len());
            return Ok(ExitCode::FAILURE);
        }
    };
    match (&options.url, &options.store) {
        (Some(url), _) => over_http(&options, url, bytes).await,
        (None, Some(store)) => into_store(&options, store, sheet).await,
        (None, None) => bail!(
            "say where to: --url http://127.0.0.1:8080 for a running server, or --store sqlite:PATH"
        ),
    }
}

async fn over_http(options: &ImportGuide, url: &str, bytes: Vec<u8>) -> anyhow::Result<ExitCode> {
    let client = reqwest::Client::new();
    let url = url.trim_end_matches('/');
    let bearer = match &options.bearer {
        Some(bearer) => bearer.clone(),
        None => demo_bearer(&client, url, &options.hall).await?,
    };
    let dry_run = if options.dry_run { "?dry_run" } else { "" };
    let answer = client
        .put(format!(
            "{url}/api/v1/halls/{}/guide{dry_run}",
            options.hall
        ))
        .bearer_auth(bearer)
        .header("idempotency-key", crate::access::fresh_token().to_string())
        .header("accept-language", "en")
        .body(bytes)
        .send()
        .await
        .with_context(|| format!("{url} does not answer"))?;
    let is_taken = answer.status().is_success();
    let answer: serde_json::Value = answer.json().await.unwrap_or_default();
    if is_taken {
        let [revision, matters, articles] =
            ["revision", "matters", "articles"].map(|field| &answer[field]);
        say(&options.hall, revision, matters, articles, options.dry_run);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{}: {}",
        options.file.display(),
        answer["detail"].as_str().unwrap_or("refused")
    );
    for error in answer["errors"].as_array().into_iter().flatten() {
        println!(
            "  {} {}",
            error["pointer"].as_str().unwrap_or(""),
            error["message"].as_str().unwrap_or("")
        );
    }
    Ok(ExitCode::FAILURE)
}

async fn demo_bearer(client: &reqwest::Client, url: &str, hall: &HallId) -> anyhow::Result<String> {
    let request = serde_json::json!({ "role": "manager", "hall": hall });
    let post = client.post(format!("{url}/api/v1/demo/sign-in"));
    let answer = post.json(&request).send().await;
    let answer = answer.with_context(|| format!("{url} does not answer"))?;
    let answer: serde_json::Value = answer.json().await.unwrap_or_default();
    let bearer = answer["bearer"].as_str().map(str::to_owned);
    bearer.context("this server is no demo: give a manager's token with --bearer or PAIHAO_BEARER")
}

async fn into_store(
    options: &ImportGuide,
    store: &str,
    sheet: GuideSheet,
) -> anyhow::Result<ExitCode> {
    let log = open_store(&StoreUrl::parse(store)?, &StoreOptions::default()).await?;
    let halls = Halls::open(log, Arc::new(HallClock::system())).await?;
    let done = put(options, &halls, sheet).await;
    halls.stop().await;
    done
}

async fn put(options: &ImportGuide, halls: &Halls, sheet: GuideSheet) -> anyhow::Result<ExitCode> {
    let owner = halls.get(&options.hall);
    let owner = owner.filter(|owner| owner.read(Hall::has_plan));
    let owner = owner.with_context(|| format!("the store has no hall {}", options.hall))?;
    let (hall, services) = owner.read(crate::guide::services_of_plan);
    let kept = halls.guides.read(|guides| {
        let kept = guides.of(&hall)?;
        Some((kept.revision, kept.guide.clone()))
    });
    let (revision, before) = kept.unwrap_or_default();
    let guide = sheet.into_guide(Guide::clone(&before));
    if let Err(wrongs) = guide.check(&services) {
        return Ok(refused(&options.file, &wrongs));
    }
    let (matters, articles) = (guide.matters.len(), guide.articles.len());
    if options.dry_run {
        say(&hall, &revision, &matters, &articles, true);
        return Ok(ExitCode::SUCCESS);
    }
    let id = CommandId::parse(format!("import/{}", crate::access::fresh_token()))?;
    let adopt = GuidesAction::AdoptGuide {
        hall: hall.clone(),
        guide: Arc::new(guide),
        services,
        expected_revision: Some(revision),
        first_only: false,
    };
    let request = Request::of_program(id, Actor::Timer, adopt);
    match halls.guides.ask(request).await {
        Ok(_) => {
            let revision = |guides: &Guides| guides.of(&hall).map_or(0, |kept| kept.revision);
            let revision = halls.guides.read(revision);
            say(&hall, &revision, &matters, &articles, false);
            Ok(ExitCode::SUCCESS)
        }
        Err(AskError::Rejected(GuidesRejection::Wrong(wrongs))) => {
            Ok(refused(&options.file, &wrongs))
        }
        Err(error) => bail!("the guide was not taken: {error}"),
    }
}

fn refused(file: &Path, wrongs: &[Wrong]) -> ExitCode {
    for wrong in wrongs {
        println!("{}: {}: {}", file.display(), wrong.field, wrong.reason);
    }
    println!("{} faults; nothing was changed", wrongs.len());
    ExitCode::FAILURE
}

fn say(
    hall: &HallId,
    revision: &dyn std::fmt::Display,
    matters: &dyn std::fmt::Display,
    articles: &dyn std::fmt::Display,
    dry_run: bool,
) {
    let done = if dry_run {
        "nothing is wrong; nothing was changed (--dry-run)"
    } else {
        "in force"
    };
    println!("{hall}: revision {revision}, {matters} matters, {articles} questions: {done}");
}
