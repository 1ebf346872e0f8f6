//! A folded state kept beside the log, so that start-up does not read the whole log.
//!
//! A snapshot is a convenience and never the truth: one that cannot be read, or whose checksum does not fit, is as good
//! as none, and the log is read from its start instead.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Hash, Head};

/// A folded state at one version. Never trusted without its head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The head the state was folded to.
    pub head: Head,
    /// Form of `state`; another number than the reader's is ignored, and the log is read instead.
    pub schema: u32,
    /// JSON of the state.
    pub state: String,
}

/// A snapshot with the checksum that it is stored with.
#[derive(Serialize, Deserialize)]
struct Stored {
    checksum: Hash,
    #[serde(flatten)]
    snapshot: Snapshot,
}

impl Snapshot {
    /// The stored form.
    pub fn encode(&self) -> String {
        let stored = Stored {
            checksum: self.checksum(),
            snapshot: self.clone(),
        };
        serde_json::to_string(&stored).expect("numbers, hex and text always encode")
    }

    /// Reads the stored form; `None` when it is damaged or of a form this program does not know.
    pub fn decode(stored: &[u8]) -> Option<Self> {
        let Stored { checksum, snapshot } = serde_json::from_slice(stored).ok()?;
        (checksum == snapshot.checksum()).then_some(snapshot)
    }

    fn checksum(&self) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(b"paihao snapshot\n");
        hasher.update(self.head.version.to_be_bytes());
        hasher.update(self.head.hash.as_bytes());
        hasher.update(self.head.epoch.as_bytes());
        hasher.update(self.schema.to_be_bytes());
        hasher.update(self.state.as_bytes());
        hasher.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Epoch;

    #[test]
    fn a_changed_snapshot_is_as_good_as_none() {
        let head = Head {
            version: 9,
            hash: Hash::of(b"9"),
            epoch: Epoch::from_random([1; 16]),
        };
        let snapshot = Snapshot {
            head,
            schema: 1,
            state: r#"{"waiting":12}"#.to_owned(),
        };
        let stored = snapshot.encode();
        assert_eq!(Snapshot::decode(stored.as_bytes()), Some(snapshot));
        assert_eq!(
            Snapshot::decode(stored.replace("12", "13").as_bytes()),
            None
        );
        assert_eq!(Snapshot::decode(b"{"), None);
    }
}
