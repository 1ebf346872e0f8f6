//! The names of the keys. The braces are a hash tag: all keys of a hall lie on one slot of a cluster.

use crate::log::{MemoName, StreamId};

/// Set of all streams.
pub(super) const STREAMS: &str = "paihao:streams";
/// The store's secret key, in hex.
pub(super) const SECRET: &str = "paihao:secret";

/// Stream of commits.
pub(super) fn log(stream: &StreamId) -> String {
    format!("paihao:{{{stream}}}:log")
}

/// Hash of epoch, version and hash of the head.
pub(super) fn meta(stream: &StreamId) -> String {
    format!("paihao:{{{stream}}}:meta")
}

/// The newest snapshot.
pub(super) fn snapshot(stream: &StreamId) -> String {
    format!("paihao:{{{stream}}}:snapshot")
}

/// A memo: hash of revision and text.
pub(super) fn memo(stream: &StreamId, name: &MemoName) -> String {
    format!("paihao:{{{stream}}}:memo:{name}")
}
