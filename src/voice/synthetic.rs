//! The synthetic voice that a server makes for itself: clips by espeak-ng, each made once and kept.
//!
//! Nothing is made before a board asks, and then only what its hall needs: a second of work for some fifty clips. They
//! are kept in a folder, so that the next start finds them; halls share them, for 三 is 三 everywhere. One asker makes
//! clips, the others wait for it; whoever goes away leaves what is finished to the next.

use super::check::Fault;
use super::espeak::{Espeak, EspeakError};
use super::level::levelled;
use super::pack::PackClip;
use hall::view::clip::Clip;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Counted up when clips are made otherwise, so that kept ones are not used any more.
const RECIPE: &str = "1";
/// After a failure the engine is left alone this long: whoever installs it need not restart the server.
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Clips by espeak-ng.
#[derive(Debug)]
pub struct Synthetic {
    /// None where nobody wants one.
    program: Option<PathBuf>,
    folder: PathBuf,
    /// One at a time makes clips.
    making: tokio::sync::Mutex<Option<Espeak>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
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
        let state = self.lock();
        let found = |clip: &Clip| Some((*clip, state.clips.get(clip)?.clone()));
        needed.iter().map(found).collect()
    }

    /// Why there is none, as far as is known.
    pub fn failure(&self) -> Option<EspeakError> {
        let failed = self.lock().failed.clone();
        failed.map(|(error, _)| error)
    }

    /// Whether one is wanted at all.
    pub fn is_wanted(&self) -> bool {
        self.program.is_some()
    }

    /// Makes what is not there yet. Stopped in between, it has made some.
    pub async fn make(&self, needed: &BTreeSet<Clip>) {
        let Some(program) = &self.program else { return };
        let mut engine = self.making.lock().await;
        if self.ready(needed).is_some() || self.failed_just_now() {
            return;
        }
        if let Err(error) = self.make_all(program, &mut engine, needed).await {
            tracing::warn!(%error, "there is no synthetic voice");
            self.lock().failed = Some((error, Instant::now()));
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
        let folder = self
            .folder
            .join(format!("{}-{RECIPE}", plain(&engine.version)));
        for clip in needed {
            if self.lock().clips.contains_key(clip) {
                continue;
            }
            let made = match kept(&folder, *clip) {
                Some(made) => made,
                None => made(engine, &folder, *clip).await?,
            };
            self.lock().clips.insert(*clip, Arc::new(made));
        }
        self.lock().failed = None;
        Ok(())
    }

    fn failed_just_now(&self) -> bool {
        let failed = &self.lock().failed;
        failed
            .as_ref()
            .is_some_and(|(_, at)| at.elapsed() < TRIED_AGAIN_AFTER)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clip that was made before.
fn kept(folder: &Path, clip: Clip) -> Option<PackClip> {
    let file = format!("{clip}.wav");
    let bytes = std::fs::read(folder.join(&file)).ok()?;
    PackClip::of(&file, bytes).ok().map(|(clip, _)| clip)
}

/// Makes a clip. One that cannot be kept is used all the same; the next start makes it again.
async fn made(engine: &Espeak, folder: &Path, clip: Clip) -> Result<PackClip, EspeakError> {
    let sound = engine.speak(clip).await?;
    let (file, folder) = (format!("{clip}.wav"), folder.to_owned());
    let made = tokio::task::spawn_blocking(move || {
        let silent = || EspeakError::Failed(format!("it says nothing for {clip}"));
        let failed = |fault: Fault| EspeakError::Failed(fault.to_string());
        let sound = levelled(&sound).ok_or_else(silent)?;
        let wav = sound
            .to_wav()
            .map_err(|error| EspeakError::Failed(error.to_string()))?;
        if let Err(error) = keep(&folder, &file, &wav) {
            tracing::warn!(%error, folder = %folder.display(), "the synthetic voice cannot be kept");
        }
        PackClip::of(&file, wav)
            .map(|(clip, _)| clip)
            .map_err(failed)
    });
    made.await
        .map_err(|error| EspeakError::Failed(error.to_string()))?
}

/// Whole or not at all: another process may read it.
fn keep(folder: &Path, file: &str, wav: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let part = folder.join(format!("{file}.{}.part", std::process::id()));
    std::fs::write(&part, wav)?;
    std::fs::rename(part, folder.join(file))
}

/// A version as a folder's name.
fn plain(version: &str) -> String {
    let part = |sign: char| {
        if sign.is_ascii_alphanumeric() || sign == '.' {
            sign
        } else {
            '-'
        }
    };
    version.chars().take(40).map(part).collect()
}
