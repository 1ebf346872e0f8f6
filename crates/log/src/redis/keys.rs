//! The names of the keys. The braces are a hash tag: all keys of a hall lie on one slot of a cluster.

use crate::{NoteName, StreamId};

/// Set of all streams.
pub(super) const STREAMS: &str = "paihao:streams";
/// The store's secret key, in hex.
pub(super) const SECRET: &str = "paihao:secret";

/// Never there: a write that finds no list writes nothing, and tells whether one would be taken.
pub(super) const PROBE: &str = "paihao:probe";

/// Stream of commits.
pub(super) fn log(stream: &StreamId) -> String {
    format!("paihao:{{{stream}}}:log")
}

/// Hash of epoch, version and hash of the head.
pub(super) fn meta(stream: &StreamId) -> String {
    format!("paihao:{{{stream}}}:meta")
}

/// List of the losses that were accepted and recorded, each as [`AcceptedLoss`](super::start::AcceptedLoss) writes it.
pub(super) fn losses(stream: &StreamId) -> String {
    format!("paihao:{{{stream}}}:lost")
}

/// The newest snapshot.
pub(super) fn snapshot(stream: &StreamId) -> String {
    format!("paihao:{{{stream}}}:snapshot")
}

/// A note: hash of revision and text. The key has the name that notes had first.
pub(super) fn note(stream: &StreamId, name: &NoteName) -> String {
    format!("paihao:{{{stream}}}:memo:{name}")
}
