//! What is wrong with a pack, clip by clip, and what to do about it.

use super::level::{LEAD_LONGEST, LOUDNESS, LOUDNESS_TOLERANCE, Level, PEAK_HIGHEST, TAIL_LONGEST};
use super::pack::{Pack, PackError};
use hall::view::clip::Clip;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// One clip's fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub clip: Clip,
    /// Where it is, or should be.
    pub file: PathBuf,
    pub fault: Fault,
}

/// What can be wrong. Without the first three a hall could not be spoken to; the others are only unpleasant.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
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

impl Fault {
    /// Whether the clip cannot be played at all.
    pub fn silences(&self) -> bool {
        match self {
            Fault::Missing | Fault::Unreadable(_) | Fault::Silent => true,
            Fault::Lead(_) | Fault::Tail(_) | Fault::Loudness(_) | Fault::Peak(_) => false,
        }
    }

    /// What is out of bounds.
    pub fn of(level: Level) -> Vec<Fault> {
        let mut faults = Vec::new();
        if level.lead > LEAD_LONGEST {
            faults.push(Fault::Lead(level.lead));
        }
        if level.tail > TAIL_LONGEST {
            faults.push(Fault::Tail(level.tail));
        }
        if (level.loudness - LOUDNESS).abs() > LOUDNESS_TOLERANCE {
            faults.push(Fault::Loudness(level.loudness));
        }
        if level.peak > PEAK_HIGHEST {
            faults.push(Fault::Peak(level.peak));
        }
        faults
    }
}

/// Everything that is wrong with a folder as the pack for these clips.
pub fn check(folder: &Path, needed: &BTreeSet<Clip>) -> Result<Vec<Finding>, PackError> {
    let pack = Pack::open(folder)?;
    let named: BTreeSet<Clip> = pack.findings.iter().map(|finding| finding.clip).collect();
    let mut findings = pack.findings.clone();
    let unnamed = pack
        .lacks(needed)
        .into_iter()
        .filter(|clip| !named.contains(clip));
    findings.extend(unnamed.map(|clip| Finding {
        clip,
        file: folder.join(format!("{clip}.wav")),
        fault: Fault::Missing,
    }));
    findings.sort_by_key(|finding| finding.clip);
    Ok(findings)
}

impl fmt::Display for Finding {
    /// A file, what is wrong with it and what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({} 「{}」): {}",
            self.file.display(),
            self.clip,
            self.clip.words(),
            self.fault
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let levels = "`paihao voice render --from` levels it";
        match self {
            Fault::Missing => write!(f, "missing; record it and render the pack again"),
            Fault::Unreadable(reason) => write!(f, "unreadable: {reason}; record it again"),
            Fault::Silent => write!(f, "nobody speaks in it; record it again"),
            Fault::Lead(ms) => write!(
                f,
                "{ms} ms of silence before, at most {LEAD_LONGEST}; {levels}"
            ),
            Fault::Tail(ms) => write!(
                f,
                "{ms} ms of silence after, at most {TAIL_LONGEST}; {levels}"
            ),
            Fault::Loudness(lufs) => write!(
                f,
                "{lufs:.1} LUFS, should be {LOUDNESS} ± {LOUDNESS_TOLERANCE}; {levels}"
            ),
            Fault::Peak(peak) => write!(f, "peak {peak:.1} dBTP, at most {PEAK_HIGHEST}; {levels}"),
        }
    }
}
