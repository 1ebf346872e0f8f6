//! Which instance sends: the one that has the lease.
//!
//! The lease is a memo that its holder replaces every [`RENEW_EVERY`]. Whoever else wants it watches the revision, and
//! takes it when that has not changed for [`LEASE`] by the watcher's own clock; so no two machines' clocks are compared.
//! The holder stops by itself well before that when it cannot renew. A store that only one process can write needs none.

use crate::access;
use crate::log::{Log, MemoName, StreamId};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the holder says that it is there.
pub const RENEW_EVERY: Duration = Duration::from_secs(2);
/// A holder that has not said so for this long is gone.
pub const LEASE: Duration = Duration::from_secs(10);
/// A holder that could not say so for this long stops: a request takes longest when it fails, but its next mark is
/// refused, so this only has to be less than [`LEASE`].
const HOLDS_FOR: Duration = Duration::from_secs(6);

/// One instance's view of the lease.
#[derive(Debug)]
pub struct Lease {
    log: Arc<dyn Log>,
    stream: StreamId,
    name: MemoName,
    me: String,
    renewed: Option<Instant>,
    /// The revision that another one left, and since when it has been there.
    seen: Option<(u64, Instant)>,
}

impl Lease {
    /// Not held yet.
    pub fn new(log: Arc<dyn Log>, me: String) -> Lease {
        Lease {
            log,
            stream: access::STREAM
                .parse()
                .expect("the constant is a stream's name"),
            name: MemoName::parse("webhooks.lease").expect("the constant is a memo's name"),
            me,
            renewed: None,
            seen: None,
        }
    }

    /// Takes or renews it if that can be done now, and says whether this instance may send.
    pub async fn hold(&mut self) -> bool {
        if !self.log.is_shared() {
            return true;
        }
        let asked = Instant::now(); // the lease lasts from before the store was asked
        match self.try_to_hold().await {
            Ok(true) => self.renewed = Some(asked),
            Ok(false) => self.renewed = None,
            Err(error) => tracing::debug!(%error, "the lease could not be renewed"),
        }
        self.renewed
            .is_some_and(|renewed| renewed.elapsed() < HOLDS_FOR)
    }

    /// Lets another one have it at once.
    pub async fn let_go(&mut self) {
        if self.renewed.take().is_none() {
            return;
        }
        if let Ok(Some(memo)) = self.log.memo(&self.stream, &self.name).await
            && memo.text == self.me
        {
            // who does not hear of it waits until the lease has run out
            let gone = self
                .log
                .keep_memo(&self.stream, &self.name, memo.revision, "");
            gone.await.ok();
        }
    }

    async fn try_to_hold(&mut self) -> Result<bool, crate::log::StoreError> {
        let memo = self.log.memo(&self.stream, &self.name).await?;
        let revision = match &memo {
            None => 0,
            Some(memo) if memo.text == self.me || memo.text.is_empty() => memo.revision,
            Some(memo) => {
                let (seen, since) = *self.seen.get_or_insert((memo.revision, Instant::now()));
                if seen != memo.revision {
                    self.seen = Some((memo.revision, Instant::now()));
                    return Ok(false);
                }
                if since.elapsed() < LEASE {
                    return Ok(false);
                }
                memo.revision
            }
        };
        self.seen = None;
        let (stream, name) = (&self.stream, &self.name);
        self.log.keep_memo(stream, name, revision, &self.me).await
    }
}
