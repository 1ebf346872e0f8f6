//! How long a citizen was told that it may take.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A range, in whole seconds, on full minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Wait {
    pub low: u32,
    pub high: u32,
}
