//! Which instance sends: the leader.
//!
//! Leadership is a note that the leader replaces every [`RENEW_EVERY`]. Another instance that wants it watches the note's
//! revision and takes it when the revision has not changed for [`GONE_AFTER`] by the watcher's own clock, so no two
//! machines' clocks are compared. A leader that cannot renew it stops by itself well before that. A store that only one
//! process can write needs none.

use crate::access;
use hall_log::{Log, NoteName, StreamId};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the leader says that it is there.
pub const RENEW_EVERY: Duration = Duration::from_secs(2);
/// A leader that has not said so for this long is gone.
pub const GONE_AFTER: Duration = Duration::from_secs(10);
/// A leader that could not say so for this long stops. It only has to be less than [`GONE_AFTER`]: a request that takes
/// longer than the rest ends in a mark that is refused.
const LEADS_FOR: Duration = Duration::from_secs(6);

/// One instance's view of it.
#[derive(Debug)]
pub struct Leadership {
    log: Arc<dyn Log>,
    stream: StreamId,
    name: NoteName,
    process: String,
    renewed: Option<Instant>,
    /// The revision that another one left, and since when it has been there.
    seen: Option<(u64, Instant)>,
}

impl Leadership {
    /// Not held yet.
    pub fn new(log: Arc<dyn Log>, process: String) -> Leadership {
        let stream = access::STREAM.parse();
        Leadership {
            log,
            stream: stream.expect("the constant is a stream's name"),
            name: NoteName::parse("webhooks.lease").expect("the constant is a note's name"),
            process,
            renewed: None,
            seen: None,
        }
    }

    /// Takes or renews it if that can be done now, and says whether this instance may send.
    pub async fn hold(&mut self) -> bool {
        if !self.log.is_shared() {
            return true;
        }
        let asked = Instant::now(); // it lasts from before the store was asked
        match self.try_to_hold().await {
            Ok(true) => self.renewed = Some(asked),
            Ok(false) => self.renewed = None,
            Err(error) => tracing::debug!(%error, "leadership could not be renewed"),
        }
        self.renewed
            .is_some_and(|renewed| renewed.elapsed() < LEADS_FOR)
    }

    /// Lets another one have it at once.
    pub async fn let_go(&mut self) {
        if self.renewed.take().is_none() {
            return;
        }
        if let Ok(Some(note)) = self.log.note(&self.stream, &self.name).await
            && note.text == self.process
        {
            // an instance that does not see this waits until the leader counts as gone
            let (log, stream, name) = (&self.log, &self.stream, &self.name);
            log.replace_note(stream, name, note.revision, "").await.ok();
        }
    }

    async fn try_to_hold(&mut self) -> Result<bool, hall_log::StoreError> {
        let note = self.log.note(&self.stream, &self.name).await?;
        let revision = match &note {
            None => 0,
            Some(note) if note.text == self.process || note.text.is_empty() => note.revision,
            Some(note) => {
                let (seen, since) = *self.seen.get_or_insert((note.revision, Instant::now()));
                if seen != note.revision {
                    self.seen = Some((note.revision, Instant::now()));
                    return Ok(false);
                }
                if since.elapsed() < GONE_AFTER {
                    return Ok(false);
                }
                note.revision
            }
        };
        self.seen = None;
        let (stream, name) = (&self.stream, &self.name);
        self.log
            .replace_note(stream, name, revision, &self.process)
            .await
    }
}
