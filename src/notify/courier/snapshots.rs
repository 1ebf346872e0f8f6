//! The courier's own snapshots. It needs them because the owner's soon lie beyond the mark of an endpoint that is down.

use super::Courier;
use crate::notify::story::HallStory;
use crate::runtime::snapshot_of;
use hall::Hall;
use hall_log::{Head, NoteName, Snapshot, StoreError};

/// Records between two of them: what a start folds at most, beside those of the window.
pub const SNAPSHOT_EVERY: u64 = 2_000;

/// What is known of a courier's snapshots.
#[derive(Debug)]
pub(super) struct OwnSnapshots {
    name: NoteName,
    revision: u64,
    /// Of the newest that is saved or ready.
    version: Option<u64>,
    /// Taken, and saved as soon as the mark has reached it: one beyond the mark is of no use.
    ready: Option<(Head, Box<Hall>)>,
}

impl OwnSnapshots {
    /// What is in the store, and the snapshot itself if it can be read.
    pub async fn open(courier: &Courier) -> Result<(OwnSnapshots, Option<Snapshot>), StoreError> {
        let name = courier.endpoint.name.note("hall");
        let note = courier.log.note(&courier.stream, &name).await?;
        let revision = note.as_ref().map_or(0, |note| note.revision);
        let snapshot = note.and_then(|note| Snapshot::decode(note.text.as_bytes()));
        let snapshots = OwnSnapshots {
            name,
            revision,
            version: snapshot.as_ref().map(|snapshot| snapshot.head.version),
            ready: None,
        };
        Ok((snapshots, snapshot))
    }

    /// Takes one if the last is old and the story stands behind a whole commit, whose head this is.
    pub fn consider(&mut self, story: &HallStory, head: &Head) {
        let version = story.hall().version();
        let is_old = self
            .version
            .is_none_or(|last| version >= last + SNAPSHOT_EVERY || version < last);
        if is_old && self.ready.is_none() && head.version == version {
            self.ready = Some((head.clone(), Box::new(story.hall().clone())));
        }
    }

    /// Saves the one that is ready if the mark is there. The mark was saved before, so the newest snapshot is never
    /// beyond the saved mark. A failure costs only a longer start.
    pub async fn save(&mut self, courier: &Courier, mark: u64) {
        let Some((head, hall)) = self.ready.take_if(|(head, _)| head.version <= mark) else {
            return;
        };
        let version = head.version;
        let write = move || snapshot_of::<Hall>(&hall, head).encode();
        let written = tokio::task::spawn_blocking(write).await;
        let text = written.expect("writing JSON to memory does not panic");
        let (log, stream) = (&courier.log, &courier.stream);
        let saved = log.replace_note(stream, &self.name, self.revision, &text);
        if let Ok(true) = saved.await {
            self.revision += 1;
            self.version = Some(version);
        } else {
            let note = log.note(stream, &self.name).await.ok().flatten();
            self.revision = note.map_or(self.revision, |note| note.revision);
        }
    }
}
