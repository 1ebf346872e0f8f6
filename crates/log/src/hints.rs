//! Hints inside one process: which stream was appended to. Only the followers of that stream get one, so an append costs
//! the same however many other streams there are.
//!
//! The stores that only one process writes (memory, SQLite) share this. A follower that is slow loses no hint: when it
//! has fallen behind a stream's buffer it is told to look at that stream, which is more than it missed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{broadcast, mpsc};

use super::{Hint, StreamId};

/// Appends that may happen while a follower is busy before it is told to look for itself instead.
const APPENDS_REMEMBERED: usize = 64;
/// Hints that wait for a follower; behind them the follower's task waits, and the broadcast remembers.
pub(super) const HINTS_WAITING: usize = 64;

/// Tells followers of appends.
#[derive(Debug)]
pub(super) struct Hints(Mutex<BTreeMap<StreamId, broadcast::Sender<Hint>>>);

impl Hints {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Tells every follower that `stream` has this version; with no follower, nobody.
    pub(super) fn tell(&self, stream: &StreamId, version: u64) {
        let followed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(followers) = followed.get(stream) else {
            return;
        };
        // An error only says that nobody follows any more.
        let _ = followers.send(Hint {
            stream: stream.clone(),
            version: Some(version),
        });
    }

    /// Hints of `streams` from now on, each of them named once at the start.
    pub(super) fn follow(&self, streams: Vec<StreamId>) -> mpsc::Receiver<Hint> {
        let (tx, rx) = mpsc::channel(HINTS_WAITING);
        for stream in streams {
            let (appended, tx) = (self.appended(&stream), tx.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = tx.closed() => (),
                    _ = pass_on(appended, &stream, &tx) => (),
                }
            });
        }
        rx
    }

    fn appended(&self, stream: &StreamId) -> broadcast::Receiver<Hint> {
        let mut followed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let followers = followed
            .entry(stream.clone())
            .or_insert_with(|| broadcast::Sender::new(APPENDS_REMEMBERED));
        followers.subscribe()
    }
}

/// Runs until the log or the follower is gone.
async fn pass_on(
    mut appended: broadcast::Receiver<Hint>,
    stream: &StreamId,
    tx: &mpsc::Sender<Hint>,
) -> Result<(), mpsc::error::SendError<Hint>> {
    name_each([stream], tx).await?;
    loop {
        match appended.recv().await {
            Ok(hint) => tx.send(hint).await?,
            Err(broadcast::error::RecvError::Lagged(_)) => name_each([stream], tx).await?,
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
