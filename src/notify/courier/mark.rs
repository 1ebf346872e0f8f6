//! The mark of a courier in the store: how far it has come, and how its endpoint is.

use super::{Courier, CourierError, Failing};
use crate::notify::endpoint::Endpoint;
use crate::notify::story::Mark;
use hall::Time;
use hall_log::{Epoch, NoteName, StoreError};
use serde::{Deserialize, Serialize};
use tracing::warn;

/// The mark as the store has it, with what people want to know when they look at it from another instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SavedMark {
    pub epoch: Epoch,
    pub mark: Mark,
    /// The process that saved it.
    pub by: String,
    /// In the hall's time.
    pub at: Time,
    /// Since when nothing is accepted, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<Failing>,
}

/// The note with a hall's mark for an endpoint.
pub fn mark_name(endpoint: &Endpoint) -> NoteName {
    endpoint.name.note("mark")
}

/// The mark in the store, and what is known of it.
#[derive(Debug)]
pub(super) struct MarkKeeper {
    name: NoteName,
    pub epoch: Epoch,
    revision: u64,
    pub saved: Mark,
    failing: Option<Failing>,
    /// What was sent to the store without an answer: it may be there.
    sent: Option<String>,
}

impl MarkKeeper {
    /// The mark that is there.
    pub async fn open(courier: &Courier) -> Result<MarkKeeper, CourierError> {
        let name = mark_name(&courier.endpoint);
        let note = courier.log.note(&courier.stream, &name).await?;
        let note = note.ok_or_else(|| StoreError::from("the mark that was saved is gone"))?;
        let saved: SavedMark = serde_json::from_str(&note.text)?;
        Ok(MarkKeeper {
            name,
            epoch: saved.epoch,
            revision: note.revision,
            saved: saved.mark,
            failing: saved.failing,
            sent: None,
        })
    }

    /// Saves the mark if it has moved, or if what stands beside it has changed.
    pub async fn save(
        &mut self,
        courier: &Courier,
        mark: &Mark,
        failing: Option<Failing>,
    ) -> Result<(), CourierError> {
        if *mark == self.saved && failing == self.failing {
            return Ok(());
        }
        let saved = SavedMark {
            epoch: self.epoch,
            mark: mark.clone(),
            by: courier.process.to_string(),
            at: courier.owner.now(),
            failing: failing.clone(),
        };
        let text = serde_json::to_string(&saved)?;
        let (log, stream) = (&courier.log, &courier.stream);
        if let Some(sent) = self.sent.take()
            && let Some(note) = log.note(stream, &self.name).await?
            && note.revision == self.revision + 1
            && note.text == sent
        {
            self.revision = note.revision;
        }
        match log
            .replace_note(stream, &self.name, self.revision, &text)
            .await
        {
            Ok(true) => {
                self.revision += 1;
                (self.saved, self.failing) = (mark.clone(), failing);
                Ok(())
            }
            Ok(false) => Err(CourierError::Overtaken),
            Err(error) => {
                // what is in the window goes out all the same; the next look tries again
                warn!(hall = %courier.hall, %error, "the mark of the webhooks could not be saved");
                self.sent = Some(text);
                Ok(())
            }
        }
    }
}
