//! One hall's publisher: the topics that somebody watches, each with its newest frame.

use super::view::{Topic, View};
use crate::runtime::Owner;
use bytestring::ByteString;
use hall::{Hall, Time};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
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
    shown: ComputedView,
    frame: watch::Sender<ByteString>,
}

/// A view, and the state of the hall that it shows.
#[derive(Debug)]
struct ComputedView {
    view: View,
    version: u64,
    at: Time,
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
        let (newest, frame) = self.newest(topic)?;
        let mut topics = self.topics.lock();
        let watched = match topics.entry(topic.clone()) {
            Entry::Occupied(entry) => {
                let watched = entry.into_mut();
                watched.show(newest, frame);
                watched
            }
            Entry::Vacant(entry) => entry.insert(WatchedTopic {
                shown: newest,
                frame: watch::Sender::new(frame),
            }),
        };
        Some(watched.frame.subscribe())
    }

    /// How many sockets watch.
    pub fn sockets(&self) -> usize {
        let topics = self.topics.lock();
        let watched = topics.values();
        watched.map(|topic| topic.frame.receiver_count()).sum()
    }

    /// How many different views are watched. A view that lost its last watcher is counted until the next look.
    pub fn topics(&self) -> usize {
        self.topics.lock().len()
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
            let mut topics = self.topics.lock();
            topics.retain(|_, watched| watched.frame.receiver_count() > 0);
            topics.keys().cloned().collect()
        };
        for topic in watched {
            if let Some((newest, frame)) = self.newest(&topic)
                && let Some(watched) = self.topics.lock().get_mut(&topic)
            {
                watched.show(newest, frame);
            }
        }
    }

    /// The view of this moment, and its bytes for all sockets.
    fn newest(&self, topic: &Topic) -> Option<(ComputedView, ByteString)> {
        let at = self.owner.now();
        let (view, version) = self
            .owner
            .read(|hall| Some((View::of(topic, hall, at)?, hall.version())))?;
        let frame = Frame {
            epoch: self.owner.epoch(),
            version,
            at,
            view: &view,
        };
        let json = serde_json::to_string(&frame).expect("views have string keys only");
        Some((ComputedView { view, version, at }, json.into()))
    }
}

impl WatchedTopic {
    /// Shows a newer view; an older one comes too late and is dropped. Sockets are woken only if it looks different. A
    /// new socket gets the fresh frame in any case and sets its clock by it.
    fn show(&mut self, newest: ComputedView, frame: ByteString) {
        if (newest.version, newest.at) < (self.shown.version, self.shown.at) {
            return;
        }
        let looks_different = !self.shown.view.shows_the_same(&newest.view);
        self.shown = newest;
        self.frame.send_if_modified(|shown| {
            *shown = frame;
            looks_different
        });
    }
}
