//! What the owner hears from its log: all of it at the start, and then that there is more.

use super::Message;
use crate::runtime::fold::{Folded, StreamError, fold};
use crate::runtime::model::Model;
use hall_log::{Head, Log, Snapshot, StreamId};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;
use tracing::{info, warn};

/// Opens a stream and folds it to its end.
pub(super) async fn read_whole<M: Model>(
    log: &Arc<dyn Log>,
    stream: &StreamId,
) -> Result<Folded<M>, StreamError> {
    let begun = Instant::now();
    let head = log.open(stream).await.map_err(|source| StreamError::Read {
        stream: stream.clone(),
        source,
    })?;
    let snapshots = snapshot(&**log, stream, &head).await.into_iter().collect();
    let folded = fold::<M>(log, stream, head.epoch, snapshots, None).await?;
    let (version, from) = (folded.head.version, folded.snapshot_version);
    info!(%stream, version, from_snapshot = from, ms = begun.elapsed().as_millis() as u64, "read");
    Ok(folded)
}

/// Tells the task whenever the store says that something may have been appended.
pub(super) async fn pass_on_hints<M: Model>(
    log: Arc<dyn Log>,
    stream: StreamId,
    messages: mpsc::Sender<Message<M>>,
) {
    let mut hints = log.follow(vec![stream]).await;
    loop {
        // when the owner ends this lets go of the log at once: a store that is still held cannot be opened again
        let hint = tokio::select! {
            biased; // a simulation must run the same every time
            () = messages.closed() => return,
            hint = hints.recv() => hint,
        };
        let Some(hint) = hint else { return };
        if messages
            .send(Message::Appended(hint.version))
            .await
            .is_err()
        {
            return;
        }
    }
}

/// The stream's snapshot. At or beyond the head only the head's own belongs to this history.
async fn snapshot(log: &dyn Log, stream: &StreamId, head: &Head) -> Option<Snapshot> {
    let snapshot = log.load_snapshot(stream).await.unwrap_or_else(|source| {
        warn!(%stream, %source, "the snapshot cannot be read; reading the whole log");
        None
    });
    snapshot.filter(|snapshot| snapshot.head == *head || snapshot.head.version < head.version)
}
