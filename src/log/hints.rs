//! Hints inside one process: which stream was appended to, told to every follower.
//!
//! The stores that only one process writes (memory, SQLite) share this. A follower that is slow loses no hint: when it
//! has fallen behind the broadcast's buffer it is told of every stream it follows, which is more than it missed.

use std::collections::BTreeSet;

use tokio::sync::{broadcast, mpsc};

use super::{Hint, StreamId};

/// Appends that may happen while a follower is busy before it is told of all its streams instead.
const APPENDS_REMEMBERED: usize = 256;
/// Hints that wait for a follower; behind them the follower's task waits, and the broadcast remembers.
pub(super) const HINTS_WAITING: usize = 64;

/// Tells followers of appends.
#[derive(Debug)]
pub(super) struct Hints(broadcast::Sender<Hint>);

impl Hints {
    pub(super) fn new() -> Self {
        Self(broadcast::Sender::new(APPENDS_REMEMBERED))
    }

    /// Tells every follower that `stream` has this version; with no follower, nobody.
    pub(super) fn tell(&self, stream: &StreamId, version: u64) {
        // An error only says that nobody follows.
        let _ = self.0.send(Hint {
            stream: stream.clone(),
            version: Some(version),
        });
    }

    /// Hints of `streams` from now on, each of them named once at the start.
    pub(super) fn follow(&self, streams: Vec<StreamId>) -> mpsc::Receiver<Hint> {
        let appended = self.0.subscribe();
        let (tx, rx) = mpsc::channel(HINTS_WAITING);
        tokio::spawn(async move {
            tokio::select! {
                () = tx.closed() => (),
                _ = pass_on(appended, streams.into_iter().collect(), &tx) => (),
            }
        });
        rx
    }
}

/// Runs until the log or the follower is gone.
async fn pass_on(
    mut appended: broadcast::Receiver<Hint>,
    streams: BTreeSet<StreamId>,
    tx: &mpsc::Sender<Hint>,
) -> Result<(), mpsc::error::SendError<Hint>> {
    name_each(&streams, tx).await?;
    loop {
        match appended.recv().await {
            Ok(hint) if streams.contains(&hint.stream) => tx.send(hint).await?,
            Ok(_) => (),
            Err(broadcast::error::RecvError::Lagged(_)) => name_each(&streams, tx).await?,
            Err(broadcast::error::RecvError::Closed) => return Ok(()),
        }
    }
}

/// Names every stream.
pub(super) async fn name_each<'a>(
    streams: impl IntoIterator<Item = &'a StreamId>,
    tx: &mpsc::Sender<Hint>,
) -> Result<(), mpsc::error::SendError<Hint>> {
    for stream in streams {
        tx.send(Hint::look_at(stream)).await?;
    }
    Ok(())
}
