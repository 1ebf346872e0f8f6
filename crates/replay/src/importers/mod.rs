//! The exports that can be replayed. Each importer turns one row into one leg; `rows` reads the file and puts the legs
//! together.

mod own_format;
mod qms_clinic;
mod rows;

use crate::error::ReplayError;
use crate::recording::Recording;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Which export a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// docs/replay-format.md
    #[default]
    Own,
    /// A walk-in clinic's queue system: one row per leg, rooms as counters.
    QmsClinic,
}

impl std::str::FromStr for Format {
    type Err = String;
    fn from_str(text: &str) -> Result<Format, String> {
        match text {
            "own" | "paihao" => Ok(Format::Own),
            "qms-clinic" => Ok(Format::QmsClinic),
            other => Err(format!("there is no format \"{other}\": own, qms-clinic")),
        }
    }
}

/// Reads a file. Only a file that cannot be opened, is no text or has another header is an error.
pub(crate) fn read(path: &Path, format: Format) -> Result<Recording, ReplayError> {
    let path_in_words = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| ReplayError::File {
        path: path_in_words.clone(),
        source,
    })?;
    from_bytes(&bytes, &path_in_words, format)
}

/// The same of what was read already, from a file of this name.
pub(crate) fn from_bytes(
    bytes: &[u8],
    name: &str,
    format: Format,
) -> Result<Recording, ReplayError> {
    let read = office::decoded(bytes, name).map_err(ReplayError::Text)?;
    let recording = match format {
        Format::Own => own_format::read(&read.text),
        Format::QmsClinic => qms_clinic::read(&read.text),
    };
    Ok(Recording {
        encoding: read.encoding,
        ..recording?
    })
}
