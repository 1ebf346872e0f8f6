//! What the binary can do, one file each.

#![expect(
    clippy::print_stdout,
    reason = "commands talk to the person who typed them"
)]

pub mod agent;
pub mod calendar;
pub mod demo;
pub mod export;
pub mod guide;
pub mod import;
pub mod network;
pub mod replay;
pub mod serve;
pub mod verify;
pub mod voice;

mod export_file; // what `export` writes and `import` reads
mod simulate; // arriving citizens and working officers
mod stopping; // waiting for Ctrl-C or a service manager's signal

use crate::config::mark_of;
use anyhow::Context;
use hall_log::{Log, StoreOptions, StoreUrl, open_store};
use office::Encoding;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// A file's text; an encoding that people may not expect is said.
fn read_text(file: &Path) -> anyhow::Result<String> {
    let read = crate::files::read_text(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    say_encoding(file, read.encoding);
    Ok(read.text)
}

fn say_encoding(file: &Path, encoding: Encoding) {
    if let Some(said) = crate::files::read_as(file, encoding) {
        println!("{said}");
    }
}

/// A store that is only looked at, whoever else has it.
async fn open_to_read(store: &str) -> anyhow::Result<Arc<dyn Log>> {
    let store = StoreUrl::parse(store)?;
    let options = StoreOptions {
        read_only: true,
        mark: mark_of(&store, None),
        ..StoreOptions::default()
    };
    Ok(open_store(&store, &options).await?)
}

fn exit_code(is_well: bool) -> ExitCode {
    match is_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
