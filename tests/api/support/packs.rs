//! Packs of clips for boards, made by the binary's own `voice` commands.

use crate::support::process::run;
use paihao::voice::sound::Sound;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;
use tokio::sync::OnceCell;

pub const PLAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/plans/zhuzhou.toml");

/// A pack that espeak-ng spoke for Zhuzhou, made once and copied for each test.
pub async fn pack(folder: &TempDir) -> PathBuf {
    static MADE: OnceCell<PathBuf> = OnceCell::const_new();
    let made = MADE.get_or_init(async || {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("voice-of-zhuzhou");
        std::fs::remove_dir_all(&out).ok();
        let render = [
            "render",
            "--plan",
            PLAN,
            "--format",
            "wav",
            "--out",
            text(&out),
        ];
        well(&voice(&render).await);
        out
    });
    let (made, copy) = (made.await, folder.path().join("pack"));
    std::fs::create_dir(&copy).unwrap();
    for entry in std::fs::read_dir(made).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    copy
}

pub async fn voice(arguments: &[&str]) -> Output {
    run(&[&["voice"], arguments].concat()).await
}

pub async fn check(pack: &Path) -> Output {
    voice(&["check", text(pack), "--plan", PLAN]).await
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What it printed, all having gone well.
#[track_caller]
pub fn well(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it printed before it ended with 1.
#[track_caller]
pub fn ill(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let both = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8(both).unwrap()
}

pub fn read(pack: &Path, clip: &str) -> Sound {
    Sound::read(std::fs::read(pack.join(format!("{clip}.wav"))).unwrap()).unwrap()
}

pub fn write(pack: &Path, clip: &str, sound: &Sound) {
    std::fs::write(pack.join(format!("{clip}.wav")), sound.to_wav().unwrap()).unwrap();
}
