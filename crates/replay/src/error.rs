//! Why a recording cannot be replayed.

use super::hall_api::Failure;
use hall::id::MalformedId;
use hall::plan::check::PlanError;

/// Why a recording cannot be replayed at all.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("{path} cannot be opened: {source}")]
    File {
        path: String,
        source: std::io::Error,
    },
    #[error(transparent)]
    Text(office::Undecodable),
    #[error("the file cannot be read: {0}")]
    Csv(#[source] csv::Error),
    #[error("the header lacks {missing}")]
    Header { missing: String },
    #[error("no room called anyone in this recording")]
    Empty,
    #[error("\"{text}\" cannot be named in a plan: {error}")]
    Name { text: String, error: MalformedId },
    #[error("the recording gives no sensible plan: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Plan(Vec<PlanError>),
    #[error(transparent)]
    Server(#[from] Failure),
}
