//! `paihao calendar import`: brings the official holidays and make-up workdays into a plan file.
//!
//! It changes the file and nothing else. A hall that runs keeps the plan it has adopted; what to do for it is printed.

use crate::calendar::official::OfficialCalendar;
use crate::calendar::plan_file::{DayInWords, Imported, import};
use anyhow::{Context, anyhow};
use chrono::Weekday;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to do with calendars.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    action: CalendarCommand,
}

#[derive(Subcommand, Debug)]
enum CalendarCommand {
    /// Writes official holidays (closed) and make-up workdays (as a weekday) into a plan file
    Import(ImportCalendar),
}

/// What to import, and where to.
#[derive(Args, Debug)]
struct ImportCalendar {
    /// One JSON file a year, as the project holiday-cn makes them
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The plan file; its comments and days set by hand stay
    #[arg(long)]
    plan: PathBuf,
    /// The weekday that make-up days work as, such as Fri; by default the workday that each gives back
    #[arg(long, value_name = "WEEKDAY")]
    make_up_as: Option<Weekday>,
    /// Only tell what would change
    #[arg(long)]
    dry_run: bool,
}

/// Prints every change; the file is written last, whole.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    let CalendarCommand::Import(options) = options.action;
    let plan = options.plan.display();
    let text = crate::command::read_text(&options.plan)?;
    let calendars = options.files.iter().map(|file| calendar(file));
    let calendars: Vec<OfficialCalendar> = calendars.collect::<anyhow::Result<_>>()?;
    let imported = import(&text, &calendars, options.make_up_as)
        .map_err(|error| anyhow!("{plan}: {error}"))?;
    tell(&imported);
    let changed = imported.text != text;
    match (changed, options.dry_run) {
        (false, _) => println!("{plan}: nothing to change"),
        (true, true) => println!("{plan}: not changed, this was a dry run"),
        (true, false) => {
            write(&options.plan, &imported.text)?;
            println!("{plan}: written");
            let hall = &imported.plan.hall;
            println!(
                "a hall that runs adopts it when a manager sends it: PUT /api/v1/halls/{hall}/plan"
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn calendar(file: &Path) -> anyhow::Result<OfficialCalendar> {
    let text = crate::command::read_text(file)?;
    OfficialCalendar::parse(&text).with_context(|| file.display().to_string())
}

/// A plan is replaced as a whole or not at all, where it really lies and with the rights that it had.
fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let replace = || {
        let file = file.canonicalize()?;
        let beside = file.with_extension("toml.new");
        std::fs::write(&beside, text)?;
        std::fs::set_permissions(&beside, std::fs::metadata(&file)?.permissions())?;
        std::fs::rename(&beside, &file)
    };
    replace().with_context(|| format!("{} cannot be written", file.display()))
}

fn tell(imported: &Imported) {
    for change in &imported.changes {
        println!("{change}");
    }
    for day in &imported.kept {
        println!("= {}  (set by hand, kept)", DayInWords(day));
    }
    for year in &imported.new_years {
        println!("the plan now has the official calendar of {year}");
    }
    for (year, missing) in &imported.incomplete {
        let (en, zh) = (missing.join(", "), missing.join("、"));
        println!(
            "{year} is not whole: {en} missing; the year stays unknown / {year} 年安排不完整，缺少{zh}，该年仍按未知处理"
        );
    }
}
