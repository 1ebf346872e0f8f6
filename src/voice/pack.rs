//! A clip pack: a folder with sound files and a `manifest.toml` that says who speaks in it.
//!
//! A pack is read as a whole, so that a file that vanishes later cannot silence a hall in the middle of its day.

use super::check::{ClipFault, ClipFinding};
use super::levelling;
use super::sound::Sound;
use actix_web::web::Bytes;
use data_encoding::HEXLOWER;
use hall::id::HallId;
use hall::view::clip::Clip;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The file that makes a folder a pack.
pub const MANIFEST: &str = "manifest.toml";
/// A clip of a second is about 90 kB at the most; a larger file is no clip.
const FILE_LARGEST: u64 = 1024 * 1024;

/// What `manifest.toml` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub name: String,
    /// Who speaks.
    pub speaker: String,
    /// What may be done with the clips.
    pub licence: String,
    pub kind: PackKind,
    /// The hall it was made for; helps people who look after several halls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hall: Option<HallId>,
    /// The file of each clip, by the clip's id.
    pub clips: BTreeMap<String, String>,
}

/// Whether a person spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackKind {
    Recorded,
    Synthetic,
}

/// A pack in memory.
#[derive(Clone, Debug)]
pub struct Pack {
    pub folder: PathBuf,
    pub manifest: Manifest,
    pub clips: BTreeMap<Clip, PackClip>,
    /// What is wrong with the files that the manifest names.
    pub findings: Vec<ClipFinding>,
    /// When the manifest was written: a pack that is made again is read again.
    pub written: Option<SystemTime>,
}

/// One file, ready to be sent.
#[derive(Clone, Debug)]
pub struct PackClip {
    pub bytes: Bytes,
    /// `qing.mp3`
    pub file: String,
    pub mime: &'static str,
    /// How long it lasts, in milliseconds.
    pub ms: u32,
    /// Of its bytes: another sound has another URL.
    pub hash: String,
}

/// Why a folder is no pack.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("{path} cannot be read ({reason}); `paihao voice render` makes it")]
    NoManifest { path: PathBuf, reason: String },
    #[error("{path}: {reason}")]
    Manifest { path: PathBuf, reason: String },
}

impl Pack {
    /// Reads a folder. Files that are missing or are not sound become findings, so that all of them are reported at
    /// once.
    pub fn open(folder: &Path) -> Result<Pack, PackError> {
        let manifest = Manifest::read(folder)?;
        let mut pack = Pack {
            folder: folder.into(),
            clips: BTreeMap::new(),
            findings: Vec::new(),
            written: written(folder),
            manifest,
        };
        for (id, file) in pack.manifest.clips.clone() {
            let Some(clip) = Clip::parse(&id) else {
                continue; // `Manifest::read` has refused it
            };
            match PackClip::open(folder, &file) {
                Ok((found, sound)) => {
                    let faults =
                        levelling::measure(&sound).map_or(vec![ClipFault::Silent], ClipFault::of);
                    let is_silent = faults.contains(&ClipFault::Silent);
                    pack.find(clip, &file, faults);
                    if !is_silent {
                        pack.clips.insert(clip, found);
                    }
                }
                Err(fault) => pack.find(clip, &file, vec![fault]),
            }
        }
        Ok(pack)
    }

    fn find(&mut self, clip: Clip, file: &str, faults: Vec<ClipFault>) {
        let file = self.folder.join(file);
        let findings = faults.into_iter().map(|fault| ClipFinding {
            clip,
            file: file.clone(),
            fault,
        });
        self.findings.extend(findings);
    }

    /// Which of these it cannot play.
    pub fn lacks(&self, needed: &BTreeSet<Clip>) -> Vec<Clip> {
        let lacking = needed.iter().filter(|clip| !self.clips.contains_key(clip));
        lacking.copied().collect()
    }

    /// Whether the folder may have changed: its manifest was written again, or some files were bad and may have been
    /// replaced.
    pub fn is_outdated(&self) -> bool {
        let had_bad_files = self.findings.iter().any(|finding| finding.fault.silences());
        had_bad_files || written(&self.folder) != self.written
    }
}

impl Manifest {
    /// Reads a folder's manifest.
    pub fn read(folder: &Path) -> Result<Manifest, PackError> {
        let path = folder.join(MANIFEST);
        let text = crate::files::read_text(&path).map_err(|error| PackError::NoManifest {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        let refused = |reason: String| PackError::Manifest {
            path: path.clone(),
            reason,
        };
        let manifest: Manifest = toml::from_str(&text.text).map_err(|e| refused(e.to_string()))?;
        for (id, file) in &manifest.clips {
            if Clip::parse(id).is_none() {
                return Err(refused(format!(
                    "there is no clip \"{id}\"; `paihao voice list` names all"
                )));
            }
            if !is_plain(file) {
                return Err(refused(format!(
                    "{id} = \"{file}\": a file of this folder, such as \"{id}.wav\" or \"{id}.mp3\""
                )));
            }
        }
        Ok(manifest)
    }

    /// Writes it into a folder, last and whole: a pack whose manifest is there is complete.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        let text = toml::to_string(self).expect("a manifest is a table of texts");
        let part = folder.join(format!("{MANIFEST}.part"));
        std::fs::write(&part, text)?;
        std::fs::rename(part, folder.join(MANIFEST))
    }
}

impl PackClip {
    fn open(folder: &Path, file: &str) -> Result<(PackClip, Sound), ClipFault> {
        let path = folder.join(file);
        let size = std::fs::metadata(&path).map(|metadata| metadata.len());
        if size.is_ok_and(|size| size > FILE_LARGEST) {
            return Err(ClipFault::Unreadable("it is larger than 1 MB".into()));
        }
        let bytes = std::fs::read(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => ClipFault::Missing,
            _ => ClipFault::Unreadable(error.to_string()),
        })?;
        PackClip::of(file, bytes)
    }

    /// A file's bytes, and the sound in them.
    pub fn of(file: &str, bytes: Vec<u8>) -> Result<(PackClip, Sound), ClipFault> {
        let sound =
            Sound::read(bytes.clone()).map_err(|error| ClipFault::Unreadable(error.to_string()))?;
        let digest = Sha256::digest(&bytes);
        let clip = PackClip {
            file: file.into(),
            mime: match file.ends_with(".mp3") {
                true => "audio/mpeg",
                false => "audio/wav",
            },
            ms: sound.milliseconds(),
            hash: HEXLOWER.encode(&digest[..8]),
            bytes: bytes.into(),
        };
        Ok((clip, sound))
    }
}

fn written(folder: &Path) -> Option<SystemTime> {
    std::fs::metadata(folder.join(MANIFEST))
        .and_then(|metadata| metadata.modified())
        .ok()
}

/// Whether a file's name stays inside its folder and is safe in a URL.
fn is_plain(file: &str) -> bool {
    let is_sound = file.ends_with(".wav") || file.ends_with(".mp3");
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    is_sound && file.bytes().all(is_safe) && !file.starts_with('.')
}
