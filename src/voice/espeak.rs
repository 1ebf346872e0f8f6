//! Clips by espeak-ng. It is the last choice: it is small, free and on every Linux, but it sounds poor.
//!
//! It runs as a child process, one for each clip. It gets only the clip's normalised text, in pinyin with the voice
//! `cmn-latn-pinyin`: given hanzi and the voice `cmn`, it says English nonsense and reports success.

use super::sound::Sound;
use hall::text::Language;
use hall::view::clip::Clip;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// A clip takes about 15 ms; an engine that takes this long hangs.
const WITHIN: Duration = Duration::from_secs(20);
/// The voice that reads pinyin with tone numbers.
pub const CHINESE_VOICE: &str = "cmn-latn-pinyin";
const ENGLISH_VOICE: &str = "en-gb";
/// Words a minute. With it a sentence lasts 3.5 to 4.8 s, as long as a person takes.
const CHINESE_PACE: &str = "170";
const ENGLISH_PACE: &str = "165";
/// Length of the header before the samples, in the WAV file that espeak-ng writes to a pipe.
const HEADER_BYTES: usize = 44;

/// An installed engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Espeak {
    program: PathBuf,
    /// As the program reports it: another version may sound different.
    pub version: String,
}

/// Why there is no clip.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EspeakError {
    #[error("espeak-ng is not installed ({0}); on Debian: apt-get install espeak-ng")]
    NotInstalled(String),
    #[error("espeak-ng did not answer within {} s", WITHIN.as_secs())]
    TooSlow,
    #[error("espeak-ng: {0}")]
    Failed(String),
}

impl Espeak {
    /// The engine behind this program's name or path.
    pub async fn find(program: &Path) -> Result<Espeak, EspeakError> {
        let answer = run(program, &["--version"]).await?;
        let version = String::from_utf8_lossy(&answer);
        let version = version.split("Data at").next().unwrap_or("").trim();
        Ok(Espeak {
            program: program.into(),
            version: version.to_owned(),
        })
    }

    /// A clip as the engine says it: not trimmed, not levelled.
    pub async fn speak(&self, clip: Clip) -> Result<Sound, EspeakError> {
        let (voice, pace) = match clip.language() {
            Language::Zh => (CHINESE_VOICE, CHINESE_PACE),
            Language::En => (ENGLISH_VOICE, ENGLISH_PACE),
        };
        let text = clip.normalised();
        let arguments = ["-v", voice, "-s", pace, "--stdout", "--", &text];
        samples(&run(&self.program, &arguments).await?)
    }
}

/// What the program prints.
async fn run(program: &Path, arguments: &[&str]) -> Result<Vec<u8>, EspeakError> {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(WITHIN, child)
        .await
        .map_err(|_| EspeakError::TooSlow)?
        .map_err(|error| EspeakError::NotInstalled(format!("{}: {error}", program.display())))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(EspeakError::Failed(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        )),
    }
}

/// The samples of a WAV file that was written to a pipe. The lengths in its header are wrong, because a writer cannot
/// go back in a pipe and set them. So they are not read.
fn samples(wav: &[u8]) -> Result<Sound, EspeakError> {
    let failed = || EspeakError::Failed("no WAV came out of it".into());
    let (header, data) = wav.split_at_checked(HEADER_BYTES).ok_or_else(failed)?;
    let rate = header[24..28].try_into().map(u32::from_le_bytes);
    let is_wav = header.starts_with(b"RIFF") && header[36..40] == *b"data";
    if !is_wav || data.len() < 2 {
        return Err(failed());
    }
    let (pairs, _) = data.as_chunks::<2>();
    let sample = |pair: &[u8; 2]| f32::from(i16::from_le_bytes(*pair)) / 32_768.0;
    Ok(Sound {
        samples: pairs.iter().map(sample).collect(),
        rate: rate.map_err(|_| failed())?,
    })
}
