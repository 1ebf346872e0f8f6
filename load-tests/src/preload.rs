//! Small C libraries that a process is started with, compiled here: the bundled SQLite needs a C compiler anyway.

use anyhow::{Context, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a machine lacks that cannot have them.
pub const LACKING: &str = "Linux and a C compiler (cc)";

/// Whether this machine can have one.
pub fn is_possible() -> bool {
    let compiler = Command::new("cc").arg("--version").output();
    cfg!(target_os = "linux") && compiler.is_ok_and(|said| said.status.success())
}

/// The library that a source makes.
pub fn compile(folder: &Path, name: &str, source: &str) -> anyhow::Result<PathBuf> {
    let [written, library] = ["c", "so"].map(|kind| folder.join(name).with_extension(kind));
    fs::write(&written, source)?;
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &written])
        .output()
        .context("no C compiler (cc)")?;
    let said = String::from_utf8_lossy(&compiled.stderr);
    let is_done = compiled.status.success();
    ensure!(is_done, "{name}.c does not compile: {said}");
    Ok(library)
}
