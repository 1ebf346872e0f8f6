//! The synthetic voice that a server makes for itself: clips by espeak-ng, each made once and kept.
//!
//! No clip is made before a board asks. Then the server makes the clips that the board's hall needs: about fifty, in a
//! second. They are kept in a folder, so that the next start finds them. All halls share them, because 三 sounds the
//! same everywhere. One request makes clips and the others wait for it. If that request is cancelled, its finished
//! clips stay and the next one goes on.

use super::espeak::{Espeak, EspeakError};
use super::levelling::levelled;
use super::pack::PackClip;
use hall::view::clip::Clip;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Increased when clips are made in another way, so that the kept ones are not used any more.
const RECIPE: &str = "1";
/// After a failure the engine is not tried again for this long. It is tried at all so that installing it needs no
/// restart.
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Clips by espeak-ng.
#[derive(Debug)]
pub struct Synthetic {
    /// None if no synthetic voice is wanted.
    program: Option<PathBuf>,
    folder: PathBuf,
    /// One at a time makes clips.
    making: tokio::sync::Mutex<Option<Espeak>>,
    state: Mutex<MadeClips>,
}

#[derive(Debug, Default)]
struct MadeClips {
    clips: BTreeMap<Clip, Arc<PackClip>>,
    failed: Option<(EspeakError, Instant)>,
}

impl Synthetic {
    /// Makes clips with this program and keeps them below this folder.
    pub fn new(program: Option<PathBuf>, folder: PathBuf) -> Synthetic {
        Synthetic {
            program,
            folder,
            making: tokio::sync::Mutex::default(),
            state: Mutex::default(),
        }
    }

    /// These clips if all of them are made.
    pub fn ready(&self, needed: &BTreeSet<Clip>) -> Option<BTreeMap<Clip, Arc<PackClip>>> {
        let state = self.state.lock();
        let found = |clip: &Clip| Some((*clip, state.clips.get(clip)?.clone()));
        needed.iter().map(found).collect()
    }

    /// Why there is none, if a try has failed.
    pub fn failure(&self) -> Option<EspeakError> {
        let failed = self.state.lock().failed.clone();
        failed.map(|(error, _)| error)
    }

    /// Whether one is wanted at all.
    pub fn is_wanted(&self) -> bool {
        self.program.is_some()
    }

    /// Makes the clips that do not exist yet. If it is cancelled, the clips made so far stay.
    pub async fn make(&self, needed: &BTreeSet<Clip>) {
        let Some(program) = &self.program else { return };
        let mut engine = self.making.lock().await;
        if self.ready(needed).is_some() || self.failed_just_now() {
            return;
        }
        if let Err(error) = self.make_all(program, &mut engine, needed).await {
            tracing::warn!(%error, "there is no synthetic voice");
            self.state.lock().failed = Some((error, Instant::now()));
        }
    }

    async fn make_all(
        &self,
        program: &Path,
        engine: &mut Option<Espeak>,
        needed: &BTreeSet<Clip>,
    ) -> Result<(), EspeakError> {
        let engine = match engine {
            Some(engine) => engine,
            None => engine.insert(Espeak::find(program).await?),
        };
        let version = plain(&engine.version);
        let folder = self.folder.join(format!("{version}-{RECIPE}"));
        for clip in needed {
            if self.state.lock().clips.contains_key(clip) {
                continue;
            }
            let made = match read_clip(&folder, *clip) {
                Some(made) => made,
                None => make_clip(engine, &folder, *clip).await?,
            };
            self.state.lock().clips.insert(*clip, Arc::new(made));
        }
        self.state.lock().failed = None;
        Ok(())
    }

    fn failed_just_now(&self) -> bool {
        let failed = &self.state.lock().failed;
        matches!(failed, Some((_, at)) if at.elapsed() < TRIED_AGAIN_AFTER)
    }
}

/// A clip that was made before.
fn read_clip(folder: &Path, clip: Clip) -> Option<PackClip> {
    let file = format!("{clip}.wav");
    let bytes = std::fs::read(folder.join(&file)).ok()?;
    PackClip::of(&file, bytes).ok().map(|(clip, _)| clip)
}

/// Makes a clip and keeps it. If it cannot be kept, it is still used, and the next start makes it again.
async fn make_clip(engine: &Espeak, folder: &Path, clip: Clip) -> Result<PackClip, EspeakError> {
    let sound = engine.speak(clip).await?;
    let (file, folder) = (format!("{clip}.wav"), folder.to_owned());
    let made = tokio::task::spawn_blocking(move || {
        let silent = || EspeakError::Failed(format!("it says nothing for {clip}"));
        let sound = levelled(&sound).ok_or_else(silent)?;
        let wav = sound.to_wav().map_err(failed)?;
        if let Err(error) = write_whole(&folder, &file, &wav) {
            tracing::warn!(%error, folder = %folder.display(), "the synthetic voice cannot be kept");
        }
        let (clip, _) = PackClip::of(&file, wav).map_err(failed)?;
        Ok(clip)
    });
    made.await.map_err(failed)?
}

fn failed(error: impl std::fmt::Display) -> EspeakError {
    EspeakError::Failed(error.to_string())
}

/// Writes a whole file or none, because another process may read it.
fn write_whole(folder: &Path, file: &str, wav: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let part = folder.join(format!("{file}.{}.part", std::process::id()));
    std::fs::write(&part, wav)?;
    std::fs::rename(part, folder.join(file))
}

/// A version as a folder's name.
fn plain(version: &str) -> String {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '.';
    let version = version.replace(|sign| !is_plain(sign), "-");
    version.chars().take(40).collect()
}
