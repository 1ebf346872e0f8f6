//! The newest commits as they were written, kept in memory for a store that loses its end while we run.
//!
//! They are bounded by their bytes and not by time: a hall's day fits, and what is older is not needed, because a store
//! that lost more than this was not cut but exchanged.

use std::collections::{BTreeMap, VecDeque};

use crate::StreamId;

/// Of all streams together.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// See the module's comment.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    /// Each stream's, by version.
    kept: BTreeMap<StreamId, VecDeque<Kept>>,
    /// Whose are the oldest.
    order: VecDeque<StreamId>,
    bytes: usize,
}

/// A commit as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub last: u64,
    pub body: String,
}

impl Recent {
    /// Keeps a commit that is newer than what is there of its stream; who reads old ones again adds nothing.
    pub(crate) fn keep(&mut self, stream: &StreamId, last: u64, body: impl FnOnce() -> String) {
        let kept = self.kept.entry(stream.clone()).or_default();
        if kept.back().is_some_and(|newest| newest.last >= last) {
            return;
        }
        let body = body();
        self.bytes += body.len();
        kept.push_back(Kept { last, body });
        self.order.push_back(stream.clone());
        while self.bytes > BYTES_MAX
            && let Some(stream) = self.order.pop_front()
        {
            let oldest = self.kept.get_mut(&stream).and_then(VecDeque::pop_front);
            self.bytes -= oldest.map_or(0, |oldest| oldest.body.len());
        }
    }

    /// What is kept behind this version, oldest first. There may be gaps in it.
    pub(crate) fn behind(&self, stream: &StreamId, version: u64) -> impl Iterator<Item = &Kept> {
        let kept = self.kept.get(stream).into_iter();
        kept.flat_map(move |kept| kept.range(kept.partition_point(|kept| kept.last <= version)..))
    }
}
