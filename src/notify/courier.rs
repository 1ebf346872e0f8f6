//! The courier of one hall and one endpoint: it reads the log, makes notifications of it, sends them and saves its mark.
//!
//! One task per hall and endpoint, so that no endpoint waits for another. It reads the log as any instance does and
//! writes nothing but notes. From the hall's owner it learns only that there is something new, and what time it is.

mod mark;
mod snapshots;

pub use mark::{SavedMark, mark_name};
pub use snapshots::SNAPSHOT_EVERY;

use super::dead_letters::{DeadLetter, DeadLetters, DeadLettersError};
use super::delivery_queue::{DeliveryQueue, Settled};
use super::endpoint::Endpoint;
use super::figures::{CourierFigures, CourierId, Health};
use super::notification::{Notification, Subject};
use super::story::{HallStory, Mark};
use super::webhook::{DeliveryOutcome, WebhookClient};
use crate::access::sealed::Seal;
use crate::runtime::{Folded, Owner, StreamError, StreamReader, fold};
use hall::id::HallId;
use hall::{Hall, Time};
use hall_log::{Head, Log, ReadError, StoreError, StreamId};
use mark::MarkKeeper;
use serde::{Deserialize, Serialize};
use snapshots::OwnSnapshots;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

/// How often the clock is looked at, and the mark saved if it has moved. What was accepted since is sent again after a
/// crash; a busy hall costs the store one small write a second.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What is under way may take this long to end when the process stops; it is sent again otherwise.
const FINISH_WITHIN: Duration = Duration::from_secs(2);
/// Pause before a store that did not answer is asked again.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// What a courier works with.
#[derive(Clone, Debug)]
pub struct Courier {
    pub log: Arc<dyn Log>,
    pub hall: HallId,
    pub stream: StreamId,
    pub owner: Owner<Hall>,
    pub endpoint: Arc<Endpoint>,
    pub client: WebhookClient,
    /// Goes before the paths of pages; empty if nobody said under which address people know this server.
    pub site: Arc<str>,
    /// Opens name and telephone of the person who booked, for an endpoint that may know them.
    pub seal: Arc<Seal>,
    pub figures: Arc<CourierFigures>,
    /// Names this process to people who look into the store.
    pub process: Arc<str>,
}

/// An endpoint that takes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Failing {
    #[schema(value_type = String, format = DateTime)]
    pub since: Time,
    pub error: String,
}

/// Why a courier could not go on.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    #[error("the store does not answer: {0}")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error("the mark cannot be read: {0}")]
    Mark(#[from] serde_json::Error),
    #[error("the dead letters: {0}")]
    DeadLetters(#[from] DeadLettersError),
    #[error("another process keeps the mark now")]
    Overtaken,
}

impl Courier {
    /// Works until it is told to end, or another process has the mark.
    pub async fn run(self, mut ends: watch::Receiver<bool>) {
        loop {
            let error = match self.work(&mut ends).await {
                Ok(()) => break,
                Err(error) => error,
            };
            if *ends.borrow() {
                break;
            }
            warn!(hall = %self.hall, endpoint = %self.endpoint.name, %error, "webhooks pause");
            tokio::select! {
                () = tokio::time::sleep(AGAIN_AFTER) => {}
                _ = ends.changed() => {}
            }
        }
        self.figures.set_health(&self.id(), None);
    }

    /// Makes the mark of an endpoint that is new to this hall. It stands at what is there now: nobody wants to hear of last
    /// year.
    pub async fn begin(&self) -> Result<(), CourierError> {
        let name = mark_name(&self.endpoint);
        let epoch = self.log.head(&self.stream).await?.epoch;
        let note = self.log.note(&self.stream, &name).await?;
        if let Some(note) = &note {
            let saved: SavedMark = serde_json::from_str(&note.text)?;
            if saved.epoch == epoch {
                return Ok(());
            }
            warn!(hall = %self.hall, endpoint = %self.endpoint.name, "the hall has another history; webhooks begin at its end");
        }
        let revision = note.map_or(0, |note| note.revision);
        let now = self.owner.now();
        let saved = SavedMark {
            epoch,
            mark: self.owner.read(|hall| Mark::at(hall, now)),
            by: self.process.to_string(),
            at: now,
            failing: None,
        };
        let text = serde_json::to_string(&saved)?;
        // if it is not taken, another instance was first, and its mark is as good
        let log = &self.log;
        log.replace_note(&self.stream, &name, revision, &text)
            .await?;
        Ok(())
    }

    async fn work(&self, ends: &mut watch::Receiver<bool>) -> Result<(), CourierError> {
        let mut round = Round::open(self).await?;
        round.until_ended(ends).await?;
        round.finish().await
    }

    fn id(&self) -> CourierId {
        CourierId::new(&self.hall, &self.endpoint.name)
    }

    fn letters(&self) -> DeadLetters<'_> {
        DeadLetters::of(&*self.log, &self.stream, &self.endpoint.name)
    }
}

/// A courier at work.
#[derive(Debug)]
struct Round<'a> {
    courier: &'a Courier,
    id: CourierId,
    story: HallStory,
    reader: StreamReader<Hall>,
    /// Behind the last commit that is whole in the story.
    head: Head,
    queue: DeliveryQueue,
    under_way: JoinSet<(Subject, DeliveryOutcome)>,
    mark: MarkKeeper,
    snapshots: OwnSnapshots,
    failing: Option<Failing>,
    /// The story has reached the end of the log, as far as is known.
    is_at_head: bool,
}

impl<'a> Round<'a> {
    async fn open(courier: &'a Courier) -> Result<Round<'a>, CourierError> {
        courier.begin().await?;
        let mark = MarkKeeper::open(courier).await?;
        let (log, stream) = (&courier.log, &courier.stream);
        let (snapshots, own) = OwnSnapshots::open(courier).await?;
        let theirs = log.load_snapshot(stream).await?;
        let candidates = [own, theirs].into_iter().flatten().collect();
        let up_to = Some(mark.saved.version);
        let Folded {
            state: hall,
            reader,
            head,
            ..
        } = fold::<Hall>(log, stream, mark.epoch, candidates, up_to).await?;
        let mut round = Round {
            courier,
            id: courier.id(),
            queue: DeliveryQueue::new(mark.saved.clone(), courier.endpoint.pause_first),
            story: HallStory::new(hall, mark.epoch, mark.saved.clone()),
            reader,
            head,
            under_way: JoinSet::new(),
            mark,
            snapshots,
            failing: None,
            is_at_head: false,
        };
        round.snapshots.consider(&round.story, &round.head);
        info!(hall = %courier.hall, endpoint = %courier.endpoint.name, version = round.mark.saved.version, "webhooks go on");
        Ok(round)
    }

    async fn until_ended(&mut self, ends: &mut watch::Receiver<bool>) -> Result<(), CourierError> {
        let mut version = self.courier.owner.watch();
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if *ends.borrow_and_update() {
                return Ok(());
            }
            self.read_on().await?;
            self.send();
            let wake_at = self.queue.wake_at();
            tokio::select! {
                _ = ends.changed() => return Ok(()),
                Some(attempt) = self.under_way.join_next() => self.settle(attempt).await?,
                changed = version.changed(), if self.is_at_head => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    self.is_at_head = false;
                }
                () = tokio::time::sleep_until(wake_at.unwrap_or_else(Instant::now).into()),
                    if wake_at.is_some() => {}
                _ = look.tick() => self.look().await?,
            }
        }
    }

    /// Goes on with the story as far as there is room.
    async fn read_on(&mut self) -> Result<(), CourierError> {
        while !self.is_at_head && self.queue.has_room() {
            let Some(step) = self.reader.next().await? else {
                self.is_at_head = true;
                return Ok(());
            };
            let notifications = self.story.goes_on(&step.record);
            self.take_in(notifications);
            if let Some(head) = step.head {
                self.head = head;
                self.snapshots.consider(&self.story, &self.head);
            }
        }
        Ok(())
    }

    fn take_in(&mut self, mut notifications: Vec<Notification>) {
        notifications.retain(|notification| self.courier.endpoint.wants(notification.kind));
        self.queue.take_in(notifications, self.story.mark());
    }

    /// Sends whatever may be sent.
    fn send(&mut self) {
        while let Some(notification) = self.queue.next(Instant::now()) {
            let Courier {
                client,
                endpoint,
                site,
                seal,
                ..
            } = self.courier;
            let (client, endpoint, site) = (client.clone(), endpoint.clone(), site.clone());
            let subject = notification.subject.clone();
            let notification = match endpoint.contact {
                true => Arc::new(notification.with_contact(seal)),
                false => notification,
            };
            self.under_way.spawn(async move {
                let outcome = client.send(&endpoint, &notification, &site).await;
                (subject, outcome)
            });
        }
    }

    async fn settle(
        &mut self,
        attempt: Result<(Subject, DeliveryOutcome), tokio::task::JoinError>,
    ) -> Result<(), CourierError> {
        let (subject, outcome) = attempt.expect("posting neither panics nor is it aborted");
        let settled = self
            .queue
            .settle(&subject, &outcome, Instant::now(), fastrand::f64());
        let figures = &self.courier.figures;
        let error = match outcome {
            DeliveryOutcome::Accepted => {
                figures.accepted.get_or_create(&self.id).inc();
                self.failing = None;
                return Ok(());
            }
            DeliveryOutcome::Refused(why) | DeliveryOutcome::Unwell { why, .. } => why,
        };
        figures.failures.get_or_create(&self.id).inc();
        let now = self.courier.owner.now();
        if let Settled::Dead(notification) = settled {
            self.bury(&notification, error.clone(), now).await?;
        }
        let since = self.failing.as_ref().map_or(now, |failing| failing.since);
        self.failing = Some(Failing { since, error });
        Ok(())
    }

    /// Keeps a notification among the dead letters, or leaves it in line when they are full.
    async fn bury(
        &mut self,
        notification: &Notification,
        error: String,
        now: Time,
    ) -> Result<(), CourierError> {
        let Courier { endpoint, site, .. } = self.courier;
        let body = notification.body(endpoint.links.then_some(site));
        let letter = DeadLetter::of(notification, body, error, now);
        if self.courier.letters().keep(&letter).await? {
            warn!(hall = %self.courier.hall, endpoint = %endpoint.name, id = %letter.id, error = %letter.error, "a notification was given up");
            self.courier.figures.given_up.get_or_create(&self.id).inc();
            self.queue.bury(&notification.subject);
        }
        Ok(())
    }

    /// What is done now and then: the clock's changes, the mark, the figures.
    async fn look(&mut self) -> Result<(), CourierError> {
        if self.is_at_head && self.queue.has_room() {
            let now = self.courier.owner.now();
            let notifications = self.story.time_passes(now);
            // when only the clock moved nothing is queued or saved: after a restart it is walked again from the mark
            if !notifications.is_empty() {
                self.take_in(notifications);
            }
        }
        self.save_mark().await?;
        let mark = self.queue.mark().version;
        self.snapshots.save(self.courier, mark).await;
        self.show();
        Ok(())
    }

    async fn save_mark(&mut self) -> Result<(), CourierError> {
        let failing = self.failing.clone().filter(|_| self.queue.is_down());
        let courier = self.courier;
        self.mark.save(courier, self.queue.mark(), failing).await
    }

    fn show(&self) {
        let Courier { figures, owner, .. } = self.courier;
        let version = owner.read(|hall| hall.version());
        let behind = version.saturating_sub(self.queue.mark().version);
        let gauge = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        figures.behind.get_or_create(&self.id).set(gauge(behind));
        let waiting = gauge(self.queue.waiting() as u64);
        figures.waiting.get_or_create(&self.id).set(waiting);
        let is_down = self.queue.is_down();
        figures.failing.get_or_create(&self.id).set(is_down.into());
        let failing = self.failing.as_ref().filter(|_| is_down);
        let health = Health {
            failing: failing.map(|failing| (failing.since, failing.error.clone())),
            behind,
        };
        figures.set_health(&self.id, Some(health));
    }

    /// Lets what is under way end, and saves how far it came.
    async fn finish(&mut self) -> Result<(), CourierError> {
        let in_time = tokio::time::timeout(FINISH_WITHIN, async {
            while let Some(attempt) = self.under_way.join_next().await {
                self.settle(attempt).await?;
            }
            Ok::<_, CourierError>(())
        });
        in_time.await.unwrap_or(Ok(()))?;
        self.save_mark().await
    }
}
