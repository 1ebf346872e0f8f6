//! What a manager tells the waiting room.

use crate::text::Text;
use crate::time::DateTime;
use serde::{Deserialize, Serialize};

/// Words for the waiting room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Notice {
    pub text: Text,
    pub until: Option<DateTime>,
}
