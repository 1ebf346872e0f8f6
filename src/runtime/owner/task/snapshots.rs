//! When the owner saves a snapshot: beside its work, now and then, and at its end.

use crate::runtime::fold::snapshot_of;
use crate::runtime::model::Model;
use crate::runtime::owner::OwnerShared;
use hall_log::{Head, Log};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinHandle;
use tracing::{error, warn};

/// Records between two snapshots: a start folds at most about this many.
const SNAPSHOT_EVERY: u64 = 5_000;
/// Records until the next try after a snapshot that could not be saved.
const SNAPSHOT_RETRY: u64 = 500;

/// What is known of the stream's snapshots.
pub struct SnapshotKeeper {
    /// Version of the newest one in the store.
    saved: Arc<AtomicU64>,
    /// Version of the newest one that was tried.
    tried: u64,
    under_way: Option<JoinHandle<()>>,
}

impl SnapshotKeeper {
    /// With a snapshot of this version in the store, 0 without one.
    pub fn behind(version: u64) -> SnapshotKeeper {
        SnapshotKeeper {
            saved: Arc::new(AtomicU64::new(version)),
            tried: version,
            under_way: None,
        }
    }

    /// Saves the published state, which stands at `head`, when the last snapshot is old; `at_once` also when it is not,
    /// and waits for it.
    pub async fn save<M: Model>(
        &mut self,
        shared: &OwnerShared<M>,
        log: &Arc<dyn Log>,
        head: &Head,
        at_once: bool,
    ) {
        if at_once && let Some(under_way) = self.under_way.take() {
            under_way.await.ok(); // it holds the store
        }
        if !self.is_due(head.version, at_once) {
            return;
        }
        self.tried = head.version;
        let task = tokio::spawn(self.snapshot(shared, log, head));
        if at_once {
            task.await.ok();
        } else {
            self.under_way = Some(task);
        }
    }

    /// Whether one is to be saved: if the last is old, or `at_once` if there is anything new.
    fn is_due(&self, version: u64, at_once: bool) -> bool {
        let saved = self.saved.load(Ordering::Relaxed);
        let under_way = self.under_way.as_ref();
        let is_free = under_way.is_none_or(|task| task.is_finished());
        let is_old = version >= saved + SNAPSHOT_EVERY && version >= self.tried + SNAPSHOT_RETRY;
        is_free && is_old || at_once && version > saved
    }

    fn snapshot<M: Model>(
        &self,
        shared: &OwnerShared<M>,
        log: &Arc<dyn Log>,
        head: &Head,
    ) -> impl Future<Output = ()> + Send + use<M> {
        let (state, head) = (shared.state().clone(), head.clone());
        let (log, stream) = (log.clone(), shared.stream.clone());
        let saved = self.saved.clone();
        async move {
            let version = head.version;
            let written = tokio::task::spawn_blocking(move || snapshot_of(&state, head)).await;
            let Ok(snapshot) = written else {
                return error!(%stream, "the state cannot be written as JSON");
            };
            match log.save_snapshot(&stream, &snapshot).await {
                Ok(()) => saved.store(version, Ordering::Relaxed),
                Err(source) => {
                    warn!(%stream, %source, "no snapshot was saved; a start would read more of the log")
                }
            }
        }
    }
}
