//! What is wrong with a pack, clip by clip, and what to do about it.

use super::levelling::{
    LEAD_LONGEST, LOUDNESS, LOUDNESS_TOLERANCE, Measured, PEAK_HIGHEST, TAIL_LONGEST,
};
use super::pack::{Pack, PackError};
use hall::view::clip::Clip;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// One clip's fault.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipFinding {
    pub clip: Clip,
    /// Where it is, or should be.
    pub file: PathBuf,
    pub fault: ClipFault,
}

/// What can be wrong. With one of the first three a clip cannot be played; the others are only unpleasant to hear.
#[derive(Clone, Debug, PartialEq)]
pub enum ClipFault {
    /// The file is not there, or the manifest does not name it.
    Missing,
    Unreadable(String),
    /// Nobody speaks in it.
    Silent,
    /// Milliseconds of silence before.
    Lead(u32),
    /// Milliseconds of silence after.
    Tail(u32),
    /// LUFS
    Loudness(f64),
    /// dBTP
    Peak(f64),
}

impl ClipFault {
    /// Whether the clip cannot be played at all.
    pub fn silences(&self) -> bool {
        match self {
            ClipFault::Missing | ClipFault::Unreadable(_) | ClipFault::Silent => true,
            ClipFault::Lead(_)
            | ClipFault::Tail(_)
            | ClipFault::Loudness(_)
            | ClipFault::Peak(_) => false,
        }
    }

    /// What is out of bounds.
    pub fn of(level: Measured) -> Vec<ClipFault> {
        let Measured {
            loudness,
            peak,
            lead,
            tail,
        } = level;
        let is_off = (loudness - LOUDNESS).abs() > LOUDNESS_TOLERANCE;
        let faults = [
            (lead > LEAD_LONGEST).then_some(ClipFault::Lead(lead)),
            (tail > TAIL_LONGEST).then_some(ClipFault::Tail(tail)),
            is_off.then_some(ClipFault::Loudness(loudness)),
            (peak > PEAK_HIGHEST).then_some(ClipFault::Peak(peak)),
        ];
        faults.into_iter().flatten().collect()
    }
}

/// Everything that is wrong with a folder as the pack for these clips.
pub fn check(folder: &Path, needed: &BTreeSet<Clip>) -> Result<Vec<ClipFinding>, PackError> {
    let pack = Pack::open(folder)?;
    let named: BTreeSet<Clip> = pack.findings.iter().map(|finding| finding.clip).collect();
    let mut findings = pack.findings.clone();
    let unnamed = pack
        .lacks(needed)
        .into_iter()
        .filter(|clip| !named.contains(clip));
    findings.extend(unnamed.map(|clip| ClipFinding {
        clip,
        file: folder.join(format!("{clip}.wav")),
        fault: ClipFault::Missing,
    }));
    findings.sort_by_key(|finding| finding.clip);
    Ok(findings)
}

impl fmt::Display for ClipFinding {
    /// A file, what is wrong with it and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (clip, words) = (self.clip, self.clip.words());
        let (file, fault) = (self.file.display(), &self.fault);
        write!(f, "{file} ({clip} 「{words}」): {fault}")
    }
}

impl fmt::Display for ClipFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let levels = "`paihao voice render --from` levels it";
        match self {
            ClipFault::Missing => write!(f, "missing; record it and render the pack again"),
            ClipFault::Unreadable(reason) => write!(f, "unreadable: {reason}; record it again"),
            ClipFault::Silent => write!(f, "nobody speaks in it; record it again"),
            ClipFault::Lead(ms) => {
                write!(
                    f,
                    "{ms} ms of silence before, at most {LEAD_LONGEST}; {levels}"
                )
            }
            ClipFault::Tail(ms) => {
                write!(
                    f,
                    "{ms} ms of silence after, at most {TAIL_LONGEST}; {levels}"
                )
            }
            ClipFault::Loudness(lufs) => write!(
                f,
                "{lufs:.1} LUFS, should be {LOUDNESS} ± {LOUDNESS_TOLERANCE}; {levels}"
            ),
            ClipFault::Peak(peak) => {
                write!(f, "peak {peak:.1} dBTP, at most {PEAK_HIGHEST}; {levels}")
            }
        }
    }
}
