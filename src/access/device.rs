//! Enrolled devices: a kiosk or a display proves itself with one long token that a manager had made for it.

use crate::access::session::TokenDigest;
use hall::id::{ActorId, HallId};
use serde::{Deserialize, Serialize};

/// One enrolled device. Kept after it was revoked, so that its id stays its own in the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub id: ActorId,
    pub kind: DeviceKind,
    /// Where it stands; none (every hall) only for a demo device.
    pub hall: Option<HallId>,
    /// Of its token; none for a demo device, which the demo signs in by a session.
    pub digest: Option<TokenDigest>,
    pub revoked: bool,
}

impl Device {
    /// Whether the demo made it, for people who try the product out.
    pub fn is_demo(&self) -> bool {
        self.digest.is_none()
    }
}

/// What a device does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    Kiosk,
    Display,
}
