//! `paihao voice`: the clips that a hall's boards speak with.

use super::exit_code;
use crate::config::read_plans;
use crate::voice::check::check;
use crate::voice::espeak::Espeak;
use crate::voice::pack::MANIFEST;
use crate::voice::render::{ClipFormat, ClipSource, Rendering, has_encoder};
use anyhow::bail;
use clap::{Args, Subcommand};
use hall::Plan;
use hall::view::announcement::needed_clips;
use hall::view::clip::Clip;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do with voices.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    action: VoiceCommand,
}

#[derive(Subcommand, Debug)]
enum VoiceCommand {
    /// Makes a hall's pack: by espeak-ng, or of the files that the hall recorded
    Render(RenderOptions),
    /// Says which clips of a pack are missing or out of bounds; ends with 1 if any is
    Check(CheckOptions),
    /// Names the clips to record: id, language, words
    List(ListOptions),
}

#[derive(Args, Debug)]
struct RenderOptions {
    /// The hall's plan: its letters and windows say what is needed
    #[arg(long)]
    plan: PathBuf,
    /// The pack's folder
    #[arg(long)]
    out: PathBuf,
    /// A folder with recordings named after clips, such as qing.wav; without it espeak-ng speaks
    #[arg(long)]
    from: Option<PathBuf>,
    /// MP3 if `lame` is installed, else WAV, if not said
    #[arg(long)]
    format: Option<ClipFormat>,
    /// Every clip there is, for whatever the plan will be
    #[arg(long)]
    all: bool,
    /// The program that speaks
    #[arg(long, default_value = "espeak-ng", env = "PAIHAO_SPEECH_ENGINE")]
    speech_engine: PathBuf,
}

#[derive(Args, Debug)]
struct CheckOptions {
    /// The pack's folder
    pack: PathBuf,
    /// The hall's plan
    #[arg(long)]
    plan: PathBuf,
}

#[derive(Args, Debug)]
struct ListOptions {
    /// Only what this plan needs
    #[arg(long)]
    plan: Option<PathBuf>,
}

/// Does it, and says what came of it.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    match options.action {
        VoiceCommand::Render(options) => render(options).await,
        VoiceCommand::Check(options) => check_pack(&options),
        VoiceCommand::List(options) => list(options),
    }
}

async fn render(options: RenderOptions) -> anyhow::Result<ExitCode> {
    let plan = plan(options.plan)?;
    let from = options.from.as_deref();
    if from.is_some_and(|from| is_same(from, &options.out)) {
        bail!("--out must be another folder than --from: recordings are kept as they are");
    }
    let format = match options.format {
        Some(format) => format,
        None if has_encoder().await => ClipFormat::Mp3,
        None => ClipFormat::Wav,
    };
    let source = match options.from {
        Some(folder) => ClipSource::Recordings(folder),
        None => ClipSource::Engine(Espeak::find(&options.speech_engine).await?),
    };
    let rendering = Rendering {
        hall: plan.hall.clone(),
        clips: match options.all {
            true => Clip::all(),
            false => needed_clips(&plan),
        },
        source,
        format,
        out: options.out,
    };
    let manifest = rendering.run().await?;
    let out = rendering.out.display();
    println!(
        "{out}: {} clips and {MANIFEST} written",
        manifest.clips.len()
    );
    match rendering.source {
        ClipSource::Engine(_) => {
            println!("they are labelled 合成音 (synthetic voice) on the boards")
        }
        ClipSource::Recordings(_) => {
            println!("write the speaker's name and what she has allowed into {out}/{MANIFEST}");
        }
    }
    let findings = check(&rendering.out, &rendering.clips)?;
    for finding in &findings {
        println!("  {finding}");
    }
    println!("serve it with --voice {}={out}", rendering.hall);
    Ok(exit_code(findings.is_empty()))
}

fn check_pack(options: &CheckOptions) -> anyhow::Result<ExitCode> {
    let plan = plan(options.plan.clone())?;
    let needed = needed_clips(&plan);
    let findings = check(&options.pack, &needed)?;
    for finding in &findings {
        println!("{finding}");
    }
    let pack = options.pack.display();
    let (clips, hall) = (needed.len(), &plan.hall);
    match findings.len() {
        0 => println!("{pack}: all {clips} clips of {hall} are in order"),
        wrong => println!("{pack}: {wrong} findings, {clips} clips needed for {hall}"),
    }
    Ok(exit_code(findings.is_empty()))
}

fn list(options: ListOptions) -> anyhow::Result<ExitCode> {
    let clips: BTreeSet<Clip> = match options.plan {
        Some(path) => needed_clips(&plan(path)?),
        None => Clip::all(),
    };
    for clip in clips {
        println!("{}\t{:?}\t{}", clip.id(), clip.language(), clip.words());
    }
    Ok(ExitCode::SUCCESS)
}

fn plan(path: PathBuf) -> anyhow::Result<Plan> {
    let mut plans = read_plans(&[path])?;
    Ok(plans.remove(0))
}

fn is_same(one: &std::path::Path, other: &std::path::Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
