//! One hall's publisher: topics that somebody watches, each with its newest frame.

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
    topics: Arc<Mutex<BTreeMap<Topic, Shown>>>,
}

/// What the sockets of a topic have been shown.
#[derive(Debug)]
struct Shown {
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
            Entry::Vacant(entry) => entry.insert(Shown::new(newest)),
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

    /// How many different views are watched; one that lost its last watcher counts until the next look.
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

    /// Computes what is watched and sends what looks different. Nobody waits meanwhile: topics are looked up, computed,
    /// and looked up again.
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
            .read(|hall| Some((View::of(topic, hall, now)?, hall.version)))?;
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

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Topic, Shown>> {
        self.topics
            .lock()
            .expect("nothing panics while it holds the topics")
    }
}

impl Shown {
    fn new(newest: Newest) -> Shown {
        let Newest {
            view,
            version,
            at,
            frame,
        } = newest;
        Shown {
            view,
            version,
            at,
            frame: watch::Sender::new(frame),
        }
    }

    /// Shows something newer; what was computed before what is shown already comes too late. Sockets are woken only if
    /// it looks different, a newcomer gets the fresh frame all the same and sets its clock by it.
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
