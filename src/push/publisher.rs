//! One hall's publisher: the topics that somebody watches, each with its newest frame.

use super::view::{Topic, View};
use crate::runtime::Owner;
use bytestring::ByteString;
use hall::{Hall, Time};
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// Views go out at most this often.
const BETWEEN_FRAMES: Duration = Duration::from_millis(50);
/// How often the clock alone may change a view.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Keeps the newest frame of every watched topic of one hall.
#[derive(Clone, Debug)]
pub struct Publisher {
    owner: Owner<Hall>,
    topics: Arc<Mutex<BTreeMap<Topic, WatchedTopic>>>,
}

/// A topic that somebody watches, and what its sockets were sent last.
#[derive(Debug)]
struct WatchedTopic {
    view: View,
    version: u64,
    at: Time,
    frame: watch::Sender<ByteString>,
}

/// A view that was just computed, and its bytes for all sockets.
#[derive(Debug)]
struct Newest {
    view: View,
    version: u64,
    at: Time,
    frame: ByteString,
}

/// What a client gets: always a whole view.
#[derive(Serialize)]
struct Frame<'a> {
    epoch: &'a str,
    version: u64,
    at: Time,
    view: &'a View,
}

impl Publisher {
    /// Starts publishing; ends with the owner.
    pub fn start(owner: Owner<Hall>) -> Publisher {
        let publisher = Publisher {
            owner,
            topics: Arc::default(),
        };
        tokio::spawn(publisher.clone().run());
        publisher
    }

    /// The frames of a topic, a fresh one first; `None` when the hall has no such window or ticket.
    pub fn subscribe(&self, topic: &Topic) -> Option<watch::Receiver<ByteString>> {
        let newest = self.newest(topic)?;
        let mut topics = self.lock();
        let shown = match topics.entry(topic.clone()) {
            Entry::Occupied(entry) => {
                let shown = entry.into_mut();
                shown.show(newest);
                shown
            }
            Entry::Vacant(entry) => entry.insert(WatchedTopic::new(newest)),
        };
        Some(shown.frame.subscribe())
    }

    /// How many sockets watch.
    pub fn sockets(&self) -> usize {
        self.lock()
            .values()
            .map(|shown| shown.frame.receiver_count())
            .sum()
    }

    /// How many different views are watched. A view that lost its last watcher is counted until the next look.
    pub fn topics(&self) -> usize {
        self.lock().len()
    }

    async fn run(self) {
        let mut version = self.owner.watch();
        loop {
            match tokio::time::timeout(LOOK_EVERY, version.changed()).await {
                Ok(Ok(())) | Err(_) => {}
                Ok(Err(_)) => return,
            }
            version.mark_unchanged();
            if self.owner.has_ended() {
                return;
            }
            if self.owner.read(Hall::has_plan) {
                self.publish();
            }
            tokio::time::sleep(BETWEEN_FRAMES).await;
        }
    }

    /// Computes the watched views and sends those that look different. The lock is not held while a view is computed,
    /// so nobody waits for it: topics are looked up, computed, and looked up again.
    fn publish(&self) {
        let watched: Vec<Topic> = {
            let mut topics = self.lock();
            topics.retain(|_, shown| shown.frame.receiver_count() > 0);
            topics.keys().cloned().collect()
        };
        for topic in watched {
            let Some(newest) = self.newest(&topic) else {
                continue;
            };
            if let Some(shown) = self.lock().get_mut(&topic) {
                shown.show(newest);
            }
        }
    }

    fn newest(&self, topic: &Topic) -> Option<Newest> {
        let now = self.owner.now();
        let (view, version) = self
            .owner
            .read(|hall| Some((View::of(topic, hall, now)?, hall.version())))?;
        let frame = Frame {
            epoch: self.owner.epoch(),
            version,
            at: now,
            view: &view,
        };
        let json = serde_json::to_string(&frame).expect("views have string keys only");
        Some(Newest {
            view,
            version,
            at: now,
            frame: ByteString::from(json),
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Topic, WatchedTopic>> {
        self.topics
            .lock()
            .expect("nothing panics while it holds the topics")
    }
}

impl WatchedTopic {
    fn new(newest: Newest) -> WatchedTopic {
        let Newest {
            view,
            version,
            at,
            frame,
        } = newest;
        WatchedTopic {
            view,
            version,
            at,
            frame: watch::Sender::new(frame),
        }
    }

    /// Shows a newer view; an older one comes too late and is dropped. Sockets are woken only if it looks different. A
    /// new socket gets the fresh frame in any case and sets its clock by it.
    fn show(&mut self, newest: Newest) {
        if (newest.version, newest.at) < (self.version, self.at) {
            return;
        }
        let looks_different = !self.view.shows_the_same(&newest.view);
        let Newest {
            view,
            version,
            at,
            frame,
        } = newest;
        (self.view, self.version, self.at) = (view, version, at);
        self.frame.send_if_modified(|shown| {
            *shown = frame;
            looks_different
        });
    }
}
