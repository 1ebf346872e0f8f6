//! Makes a whole pack at once, by espeak-ng or from the files that a hall recorded.
//!
//! Every clip is trimmed and levelled, so that a recording needs no sound technician. Old televisions play MP3 best. So
//! a pack is MP3 if `lame` is installed, and WAV if it is not.

use super::espeak::{Espeak, EspeakError};
use super::levelling::levelled;
use super::pack::{Manifest, PackKind};
use super::sound::{Sound, SoundError};
use hall::id::HallId;
use hall::view::clip::Clip;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// A clip takes about 10 ms; an encoder that takes this long hangs.
const ENCODED_WITHIN: Duration = Duration::from_secs(20);
/// How a recording's name may end, after the clip's id.
const RECORDED_AS: [&str; 2] = ["wav", "mp3"];

/// How clips are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ClipFormat {
    /// 44.1 kHz, 64 kbit/s; needs `lame`
    Mp3,
    /// 16 bits
    Wav,
}

/// Where the words come from.
#[derive(Clone, Debug)]
pub enum ClipSource {
    Engine(Espeak),
    /// A folder with `qing.wav`, `a.wav`, …
    Recordings(PathBuf),
}

/// What to make.
#[derive(Clone, Debug)]
pub struct Rendering {
    pub hall: HallId,
    pub clips: BTreeSet<Clip>,
    pub source: ClipSource,
    pub format: ClipFormat,
    pub out: PathBuf,
}

/// Why a clip could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("{path}: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{} of {needed} recordings are missing: {}\nRecord each as WAV or MP3 under its id, such as \"{example}.wav\" for \
         「{words}」; `paihao voice list` names them all",
        .missing.len(), .missing.join(" ")
    )]
    NotRecorded {
        missing: Vec<String>,
        needed: usize,
        example: String,
        words: &'static str,
    },
    #[error("{path}: {source}")]
    Sound { path: PathBuf, source: SoundError },
    #[error("{path}: nobody speaks in it; record it again")]
    Silent { path: String },
    #[error("{0}")]
    Engine(#[from] EspeakError),
    #[error("lame is needed for MP3 ({0}); on Debian: apt-get install lame, or say --format wav")]
    Encoder(String),
}

impl Rendering {
    /// Makes the pack. If recordings are missing, it fails before it writes anything. It writes the manifest last.
    pub async fn run(&self) -> Result<Manifest, RenderError> {
        let recordings = match &self.source {
            ClipSource::Engine(_) => BTreeMap::new(),
            ClipSource::Recordings(folder) => self.recordings(folder)?,
        };
        std::fs::create_dir_all(&self.out).map_err(of_file(&self.out))?;
        let mut files = BTreeMap::new();
        for clip in &self.clips {
            let sound = self.sound_of(*clip, &recordings).await?;
            files.insert(clip.id(), self.write(*clip, &sound).await?);
        }
        let manifest = self.manifest(files);
        manifest.write(&self.out).map_err(of_file(&self.out))?;
        Ok(manifest)
    }

    /// The file of each clip, all of them there.
    fn recordings(&self, folder: &Path) -> Result<BTreeMap<Clip, PathBuf>, RenderError> {
        let file_of = |clip: &Clip| {
            let files = RECORDED_AS.map(|kind| folder.join(format!("{clip}.{kind}")));
            files.into_iter().find(|file| file.is_file())
        };
        let clips = self.clips.iter();
        let found = clips.filter_map(|clip| Some((*clip, file_of(clip)?)));
        let found: BTreeMap<Clip, PathBuf> = found.collect();
        let missing = || self.clips.iter().filter(|clip| !found.contains_key(clip));
        match missing().next() {
            None => Ok(found),
            Some(first) => Err(RenderError::NotRecorded {
                missing: missing().map(Clip::id).collect(),
                needed: self.clips.len(),
                example: first.id(),
                words: first.words(),
            }),
        }
    }

    async fn sound_of(
        &self,
        clip: Clip,
        recordings: &BTreeMap<Clip, PathBuf>,
    ) -> Result<Sound, RenderError> {
        let (sound, path) = match (&self.source, recordings.get(&clip)) {
            (ClipSource::Engine(engine), _) => (engine.speak(clip).await?, clip.id()),
            (ClipSource::Recordings(_), Some(path)) => {
                let bytes = std::fs::read(path).map_err(of_file(path))?;
                let sound = Sound::read(bytes).map_err(of_sound(path))?;
                (sound, path.display().to_string())
            }
            (ClipSource::Recordings(_), None) => unreachable!("every recording was found before"),
        };
        levelled(&sound).ok_or(RenderError::Silent { path })
    }

    /// Writes one clip and names its file.
    async fn write(&self, clip: Clip, sound: &Sound) -> Result<String, RenderError> {
        let wav = self.out.join(format!("{clip}.wav"));
        let bytes = sound.to_wav().map_err(of_sound(&wav))?;
        std::fs::write(&wav, bytes).map_err(of_file(&wav))?;
        if self.format == ClipFormat::Wav {
            return Ok(format!("{clip}.wav"));
        }
        let encoded = encode(&wav, &self.out.join(format!("{clip}.mp3"))).await;
        std::fs::remove_file(&wav).ok(); // only the encoder needed it
        encoded.map(|()| format!("{clip}.mp3"))
    }

    fn manifest(&self, clips: BTreeMap<String, String>) -> Manifest {
        let (kind, speaker, licence) = match &self.source {
            ClipSource::Engine(engine) => (
                PackKind::Synthetic,
                engine.version.clone(),
                "spoken by espeak-ng, whose licence (GPL-3.0-or-later) does not extend to what it says",
            ),
            ClipSource::Recordings(_) => (
                PackKind::Recorded,
                "name the speaker here".to_owned(),
                "say here what the speaker has allowed",
            ),
        };
        Manifest {
            name: format!("{} voice", self.hall),
            speaker,
            licence: licence.into(),
            kind,
            hall: Some(self.hall.clone()),
            clips,
        }
    }
}

fn of_file(path: &Path) -> impl Fn(std::io::Error) -> RenderError {
    let path = path.to_owned();
    move |source| RenderError::File {
        path: path.clone(),
        source,
    }
}

fn of_sound(path: &Path) -> impl Fn(SoundError) -> RenderError {
    let path = path.to_owned();
    move |source| RenderError::Sound {
        path: path.clone(),
        source,
    }
}

/// Whether MP3 can be written here.
pub async fn has_encoder() -> bool {
    let version = Command::new("lame")
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    version.await.is_ok_and(|output| output.status.success())
}

/// Always at 44.1 kHz: televisions are strict about the rate.
async fn encode(wav: &Path, mp3: &Path) -> Result<(), RenderError> {
    let options = ["--quiet", "-m", "m", "--resample", "44.1", "-b", "64"];
    let child = Command::new("lame")
        .args(options)
        .args([wav, mp3])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(ENCODED_WITHIN, child).await;
    match output {
        Ok(Ok(output)) if output.status.success() => Ok(()),
        Ok(Ok(output)) => Err(RenderError::Encoder(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        )),
        Ok(Err(error)) => Err(RenderError::Encoder(error.to_string())),
        Err(_) => Err(RenderError::Encoder("it does not end".into())),
    }
}
