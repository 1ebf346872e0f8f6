//! Dead letters: notifications that a receiver would not take, kept with their last error until a manager sends them again
//! or dismisses them.
//!
//! They are one note per hall and endpoint. Each change reads it, changes it and replaces what it has read, so any
//! instance may do so.

use super::endpoint::EndpointName;
use super::notification::{Notification, NotificationKind};
use hall::Time;
use hall_log::{Log, NoteName, StoreError, StreamId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// More than a person looks through. When it is full nothing more dies: lines wait instead.
pub const MOST: usize = 100;
/// Others that may change the letters at the same moment, a few times over.
const TRIES: usize = 16;

/// A notification that was given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Letter)]
pub struct DeadLetter {
    pub id: String,
    #[schema(value_type = String)]
    pub r#type: NotificationKind,
    pub subject: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub time: Time,
    /// When it was given up, in the hall's time.
    #[schema(value_type = String, format = DateTime)]
    pub given_up: Time,
    /// What the last attempt came to.
    pub error: String,
    /// As it is sent.
    pub body: String,
}

/// Why letters could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum DeadLettersError {
    #[error("the store does not answer: {0}")]
    Store(#[from] StoreError),
    #[error("the dead letters cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("others keep changing the dead letters")]
    Contended,
}

/// The letters of one hall and endpoint.
#[derive(Clone, Debug)]
pub struct DeadLetters<'a> {
    log: &'a dyn Log,
    stream: &'a StreamId,
    name: NoteName,
}

impl DeadLetter {
    /// Of a notification whose body is this.
    pub fn of(
        notification: &Notification,
        body: String,
        error: String,
        given_up: Time,
    ) -> DeadLetter {
        DeadLetter {
            id: notification.id.clone(),
            r#type: notification.kind,
            subject: notification.subject.to_string(),
            time: notification.time,
            given_up,
            error,
            body,
        }
    }
}

impl<'a> DeadLetters<'a> {
    /// Where they are kept.
    pub fn of(log: &'a dyn Log, stream: &'a StreamId, endpoint: &EndpointName) -> DeadLetters<'a> {
        let name = endpoint.note("letters");
        DeadLetters { log, stream, name }
    }

    /// All of them, the oldest first.
    pub async fn all(&self) -> Result<Vec<DeadLetter>, DeadLettersError> {
        Ok(self.read().await?.1)
    }

    /// Keeps one, once; `false` if there is no room.
    pub async fn keep(&self, letter: &DeadLetter) -> Result<bool, DeadLettersError> {
        let mut has_room = false;
        self.change(|letters| {
            let is_there = letters.iter().any(|kept| kept.id == letter.id);
            has_room = is_there || letters.len() < MOST;
            if is_there || !has_room {
                return false;
            }
            letters.push(letter.clone());
            true
        })
        .await?;
        Ok(has_room)
    }

    /// Takes one out; `false` if it was not there.
    pub async fn take_out(&self, id: &str) -> Result<bool, DeadLettersError> {
        self.change(|letters| {
            let before = letters.len();
            letters.retain(|letter| letter.id != id);
            letters.len() < before
        })
        .await
    }

    /// Changes them if `change` says that it did; nobody else's change is lost.
    async fn change(
        &self,
        mut change: impl FnMut(&mut Vec<DeadLetter>) -> bool,
    ) -> Result<bool, DeadLettersError> {
        for _ in 0..TRIES {
            let (revision, mut letters) = self.read().await?;
            if !change(&mut letters) {
                return Ok(false);
            }
            let text = serde_json::to_string(&letters)?;
            let (log, name) = (self.log, &self.name);
            if log.replace_note(self.stream, name, revision, &text).await? {
                return Ok(true);
            }
        }
        Err(DeadLettersError::Contended)
    }

    async fn read(&self) -> Result<(u64, Vec<DeadLetter>), DeadLettersError> {
        match self.log.note(self.stream, &self.name).await? {
            Some(note) => Ok((note.revision, serde_json::from_str(&note.text)?)),
            None => Ok((0, Vec::new())),
        }
    }
}
