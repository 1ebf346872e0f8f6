//! The courier of one hall and one endpoint: reads the log, tells the story, sends, and keeps the mark.
//!
//! One task per hall and endpoint, so that no endpoint waits for another. It reads the log as any instance does and
//! writes nothing but memos; the hall's owner tells it only that there is something new, and what time it is.

use super::endpoint::Endpoint;
use super::figures::{Figures, Health, Way};
use super::letters::{Letter, Letters, LettersError};
use super::notification::{Notification, Subject};
use super::outbox::{Outbox, Settled};
use super::story::{Mark, Story};
use super::webhook::{Outcome, Post};
use crate::access::sealed::Seal;
use crate::log::{
    Defect, Epoch, Head, Log, MemoName, ReadError, Snapshot, StoreError, StreamId, verify_chain,
};
use crate::runtime::model::Model;
use crate::runtime::{self, Owner, records};
use hall::id::HallId;
use hall::{Event, Hall, Record, Time};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

/// Records between two snapshots of the courier's own: what a start folds at most, beside those of the window.
pub const SNAPSHOT_EVERY: u64 = 2_000;
/// Commits read at a time.
const PAGE: usize = 64;
/// How often the clock is looked at, and the mark kept if it has moved: what was accepted since is sent again after a
/// crash, and a busy hall costs the store one small write a second.
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
    pub post: Post,
    /// Goes before the paths of pages; empty if nobody said under which address people know this server.
    pub site: Arc<str>,
    /// Opens what is known of whoever booked, for an endpoint that may know it.
    pub seal: Arc<Seal>,
    pub figures: Arc<Figures>,
    /// Names this process to those who look into the store.
    pub me: Arc<str>,
}

/// The mark as it is kept, with what people want to know when they look at it from another instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    pub epoch: Epoch,
    pub mark: Mark,
    /// The process that kept it.
    pub by: String,
    /// In the hall's time.
    pub at: Time,
    /// Since when nothing is accepted, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<Failing>,
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
    Damaged(#[from] Defect),
    #[error(transparent)]
    Record(#[from] runtime::StartError),
    #[error("the mark cannot be read: {0}")]
    Mark(#[from] serde_json::Error),
    #[error("the dead letters: {0}")]
    Letters(#[from] LettersError),
    #[error("another process keeps the mark now")]
    Overtaken,
}

/// Where a hall's mark for an endpoint is kept.
pub fn mark_name(endpoint: &Endpoint) -> MemoName {
    MemoName::parse(&format!("webhooks.mark.{}", endpoint.name))
        .expect("an endpoint's name is part of a memo's")
}

fn snapshot_name(endpoint: &Endpoint) -> MemoName {
    MemoName::parse(&format!("webhooks.hall.{}", endpoint.name))
        .expect("an endpoint's name is part of a memo's")
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
        self.figures.set_health(&self.way(), None);
    }

    /// Where everything begins for an endpoint that is new to this hall: at what is there now, for nobody wants to be
    /// told of last year.
    pub async fn begin(&self) -> Result<(), CourierError> {
        let name = mark_name(&self.endpoint);
        let epoch = self.log.head(&self.stream).await?.epoch;
        if let Some(memo) = self.log.memo(&self.stream, &name).await? {
            let kept: Kept = serde_json::from_str(&memo.text)?;
            if kept.epoch == epoch {
                return Ok(());
            }
            warn!(hall = %self.hall, endpoint = %self.endpoint.name, "the hall has another history; webhooks begin at its end");
            return self.begin_at(&name, memo.revision, epoch).await;
        }
        self.begin_at(&name, 0, epoch).await
    }

    async fn begin_at(
        &self,
        name: &MemoName,
        revision: u64,
        epoch: Epoch,
    ) -> Result<(), CourierError> {
        let now = self.owner.now();
        let kept = Kept {
            epoch,
            mark: self.owner.read(|hall| Mark::at(hall, now)),
            by: self.me.to_string(),
            at: now,
            failing: None,
        };
        let text = serde_json::to_string(&kept)?;
        // not kept: another instance was first, and its mark is as good
        self.log
            .keep_memo(&self.stream, name, revision, &text)
            .await?;
        Ok(())
    }

    async fn work(&self, ends: &mut watch::Receiver<bool>) -> Result<(), CourierError> {
        let mut round = Round::open(self).await?;
        let done = round.until_ended(ends).await;
        match done {
            Ok(()) => round.finish().await,
            Err(error) => Err(error),
        }
    }

    fn way(&self) -> Way {
        Way::new(&self.hall, &self.endpoint.name)
    }

    fn letters(&self) -> Letters<'_> {
        Letters::of(&*self.log, &self.stream, &self.endpoint.name)
    }
}

/// A courier at work.
#[derive(Debug)]
struct Round<'a> {
    courier: &'a Courier,
    way: Way,
    story: Story,
    reader: Reader,
    outbox: Outbox,
    under_way: JoinSet<(Subject, Outcome)>,
    mark: MarkKeeper,
    snapshots: Snapshots,
    failing: Option<Failing>,
    /// Everything in the log has been told, as far as is known.
    is_at_head: bool,
}

impl<'a> Round<'a> {
    async fn open(courier: &'a Courier) -> Result<Round<'a>, CourierError> {
        let (log, stream) = (&*courier.log, &courier.stream);
        courier.begin().await?;
        let name = mark_name(&courier.endpoint);
        let memo = log.memo(stream, &name).await?;
        let memo = memo.ok_or_else(|| StoreError::from("the mark that was kept is gone"))?;
        let kept: Kept = serde_json::from_str(&memo.text)?;
        let (reader, hall, snapshots) =
            Reader::open(courier, kept.epoch, kept.mark.version).await?;
        let mut round = Round {
            courier,
            way: courier.way(),
            outbox: Outbox::new(kept.mark.clone(), courier.endpoint.pause_first),
            story: Story::new(hall, kept.epoch, kept.mark.clone()),
            reader,
            under_way: JoinSet::new(),
            mark: MarkKeeper {
                name,
                revision: memo.revision,
                kept: kept.mark,
                failing: kept.failing,
                sent: None,
                epoch: kept.epoch,
            },
            snapshots,
            failing: None,
            is_at_head: false,
        };
        round.snapshots.consider(&round.story, &round.reader);
        info!(hall = %courier.hall, endpoint = %courier.endpoint.name, version = round.mark.kept.version, "webhooks go on");
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
            let wake_at = self.outbox.wake_at();
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

    /// Tells the log as far as there is room.
    async fn read_on(&mut self) -> Result<(), CourierError> {
        while !self.is_at_head && self.outbox.has_room() {
            let Some((record, head)) = self.reader.next(self.courier).await? else {
                self.is_at_head = true;
                return Ok(());
            };
            let told = self.story.goes_on(&record);
            self.take_in(told);
            if let Some(head) = head {
                self.reader.told = head;
                self.snapshots.consider(&self.story, &self.reader);
            }
        }
        Ok(())
    }

    fn take_in(&mut self, mut told: Vec<Notification>) {
        told.retain(|notification| self.courier.endpoint.wants(notification.kind));
        self.outbox.take_in(told, self.story.mark());
    }

    /// Sends whatever may be sent.
    fn send(&mut self) {
        while let Some(notification) = self.outbox.next(Instant::now()) {
            let Courier {
                post,
                endpoint,
                site,
                seal,
                ..
            } = self.courier;
            let (post, endpoint, site) = (post.clone(), endpoint.clone(), site.clone());
            let subject = notification.subject.clone();
            let notification = match endpoint.contact {
                true => Arc::new(notification.with_contact(seal)),
                false => notification,
            };
            self.under_way.spawn(async move {
                let outcome = post.send(&endpoint, &notification, &site).await;
                (subject, outcome)
            });
        }
    }

    async fn settle(
        &mut self,
        attempt: Result<(Subject, Outcome), tokio::task::JoinError>,
    ) -> Result<(), CourierError> {
        let (subject, outcome) = attempt.expect("posting neither panics nor is it aborted");
        let settled = self
            .outbox
            .settle(&subject, &outcome, Instant::now(), fastrand::f64());
        let figures = &self.courier.figures;
        let error = match outcome {
            Outcome::Accepted => {
                figures.accepted.get_or_create(&self.way).inc();
                self.failing = None;
                return Ok(());
            }
            Outcome::Refused(why) | Outcome::Unwell { why, .. } => why,
        };
        figures.failures.get_or_create(&self.way).inc();
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
        let letter = Letter::of(notification, body, error, now);
        if self.courier.letters().keep(&letter).await? {
            warn!(hall = %self.courier.hall, endpoint = %endpoint.name, id = %letter.id, error = %letter.error, "a notification was given up");
            self.courier.figures.given_up.get_or_create(&self.way).inc();
            self.outbox.bury(&notification.subject);
        }
        Ok(())
    }

    /// What is done now and then: the clock's changes, the mark, the figures.
    async fn look(&mut self) -> Result<(), CourierError> {
        if self.is_at_head && self.outbox.has_room() {
            let now = self.courier.owner.now();
            let told = self.story.time_passes(now);
            // the clock alone is worth no step and no write; it is walked again from the mark
            if !told.is_empty() {
                self.take_in(told);
            }
        }
        self.keep_mark().await?;
        self.snapshots
            .keep(self.courier, self.outbox.mark().version)
            .await;
        self.show();
        Ok(())
    }

    async fn keep_mark(&mut self) -> Result<(), CourierError> {
        let failing = self.failing.clone().filter(|_| self.outbox.is_down());
        let courier = self.courier;
        self.mark.keep(courier, self.outbox.mark(), failing).await
    }

    fn show(&self) {
        let Courier { figures, owner, .. } = self.courier;
        let version = owner.read(|hall| hall.version);
        let behind = version.saturating_sub(self.outbox.mark().version);
        let gauge = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        figures.behind.get_or_create(&self.way).set(gauge(behind));
        let waiting = gauge(self.outbox.waiting() as u64);
        figures.waiting.get_or_create(&self.way).set(waiting);
        let is_down = self.outbox.is_down();
        figures.failing.get_or_create(&self.way).set(is_down.into());
        let failing = self.failing.as_ref().filter(|_| is_down);
        let health = Health {
            failing: failing.map(|failing| (failing.since, failing.error.clone())),
            behind,
        };
        figures.set_health(&self.way, Some(health));
    }

    /// Lets what is under way end, and keeps how far it came.
    async fn finish(&mut self) -> Result<(), CourierError> {
        let in_time = tokio::time::timeout(FINISH_WITHIN, async {
            while let Some(attempt) = self.under_way.join_next().await {
                self.settle(attempt).await?;
            }
            Ok::<_, CourierError>(())
        });
        in_time.await.unwrap_or(Ok(()))?;
        self.keep_mark().await
    }
}

/// Reads a hall's log record by record.
#[derive(Debug)]
struct Reader {
    /// Behind the last commit that was read.
    head: Head,
    /// Behind the last commit that was told whole.
    told: Head,
    waiting: VecDeque<(Record<Event>, Option<Head>)>,
}

impl Reader {
    /// Folds the hall to this version, from the newest snapshot that is not beyond it.
    async fn open(
        courier: &Courier,
        epoch: Epoch,
        version: u64,
    ) -> Result<(Reader, Hall, Snapshots), CourierError> {
        let (snapshots, own) = Snapshots::open(courier).await?;
        let theirs = courier.log.load_snapshot(&courier.stream).await?;
        let mut candidates: Vec<Snapshot> = [own, theirs].into_iter().flatten().collect();
        candidates.retain(|snapshot| {
            snapshot.schema == Hall::SNAPSHOT_SCHEMA
                && snapshot.head.epoch == epoch
                && snapshot.head.version <= version
        });
        candidates.sort_by_key(|snapshot| snapshot.head.version);
        while let Some(snapshot) = candidates.pop() {
            let Ok(hall) = serde_json::from_str::<Hall>(&snapshot.state) else {
                continue;
            };
            match Reader::at(snapshot.head).fold(courier, hall, version).await {
                Ok((reader, hall)) => return Ok((reader, hall, snapshots)),
                Err(error) => {
                    warn!(hall = %courier.hall, %error, "a snapshot does not fit the log")
                }
            }
        }
        let reader = Reader::at(Head::genesis(epoch));
        let (reader, hall) = reader.fold(courier, Hall::empty(), version).await?;
        Ok((reader, hall, snapshots))
    }

    fn at(head: Head) -> Reader {
        Reader {
            told: head.clone(),
            head,
            waiting: VecDeque::new(),
        }
    }

    async fn fold(
        mut self,
        courier: &Courier,
        mut hall: Hall,
        version: u64,
    ) -> Result<(Reader, Hall), CourierError> {
        while hall.version < version {
            let Some((record, head)) = self.next(courier).await? else {
                let missing = "the log ends before the mark".to_owned();
                return Err(Defect {
                    stream: courier.stream.clone(),
                    version,
                    what: missing,
                }
                .into());
            };
            hall::apply(&mut hall, &record);
            if let Some(head) = head {
                self.told = head;
            }
        }
        Ok((self, hall))
    }

    /// The next record, with the head behind its commit if it is the last of one; `None` at the log's end.
    async fn next(
        &mut self,
        courier: &Courier,
    ) -> Result<Option<(Record<Event>, Option<Head>)>, CourierError> {
        if self.waiting.is_empty() {
            let (log, stream) = (&courier.log, &courier.stream);
            for commit in log.read(stream, self.head.version, PAGE).await? {
                self.head = verify_chain(stream, &self.head, &commit)?;
                for record in records::<Hall>(&commit, stream)? {
                    let head = (record.version == commit.last).then(|| self.head.clone());
                    self.waiting.push_back((record, head));
                }
            }
        }
        Ok(self.waiting.pop_front())
    }
}

/// The mark in the store, and what is known of it.
#[derive(Debug)]
struct MarkKeeper {
    name: MemoName,
    epoch: Epoch,
    revision: u64,
    kept: Mark,
    failing: Option<Failing>,
    /// What was sent to the store without an answer: it may be there.
    sent: Option<String>,
}

impl MarkKeeper {
    /// Keeps the mark if it has moved, or what is said beside it has changed.
    async fn keep(
        &mut self,
        courier: &Courier,
        mark: &Mark,
        failing: Option<Failing>,
    ) -> Result<(), CourierError> {
        if *mark == self.kept && failing == self.failing {
            return Ok(());
        }
        let kept = Kept {
            epoch: self.epoch,
            mark: mark.clone(),
            by: courier.me.to_string(),
            at: courier.owner.now(),
            failing: failing.clone(),
        };
        let text = serde_json::to_string(&kept)?;
        let (log, stream) = (&courier.log, &courier.stream);
        if let Some(sent) = self.sent.take()
            && let Some(memo) = log.memo(stream, &self.name).await?
            && memo.revision == self.revision + 1
            && memo.text == sent
        {
            self.revision = memo.revision;
        }
        match log
            .keep_memo(stream, &self.name, self.revision, &text)
            .await
        {
            Ok(true) => {
                self.revision += 1;
                (self.kept, self.failing) = (mark.clone(), failing);
                Ok(())
            }
            Ok(false) => Err(CourierError::Overtaken),
            Err(error) => {
                // what is in the window goes out all the same; the next look tries again
                warn!(hall = %courier.hall, %error, "the mark of the webhooks could not be kept");
                self.sent = Some(text);
                Ok(())
            }
        }
    }
}

/// The courier's own snapshots: the owner's soon lie beyond the mark of an endpoint that is down.
#[derive(Debug)]
struct Snapshots {
    name: MemoName,
    revision: u64,
    /// Of the newest that is kept or ready.
    version: Option<u64>,
    /// Taken, and kept as soon as the mark has reached it: one beyond the mark is of no use.
    ready: Option<(Head, Box<Hall>)>,
}

impl Snapshots {
    async fn open(courier: &Courier) -> Result<(Snapshots, Option<Snapshot>), CourierError> {
        let name = snapshot_name(&courier.endpoint);
        let memo = courier.log.memo(&courier.stream, &name).await?;
        let revision = memo.as_ref().map_or(0, |memo| memo.revision);
        let snapshot = memo.and_then(|memo| Snapshot::decode(memo.text.as_bytes()));
        let snapshots = Snapshots {
            name,
            revision,
            version: snapshot.as_ref().map(|snapshot| snapshot.head.version),
            ready: None,
        };
        Ok((snapshots, snapshot))
    }

    /// Takes one if the last is old and the story stands between two commits.
    fn consider(&mut self, story: &Story, reader: &Reader) {
        let version = story.hall().version;
        let is_old = self
            .version
            .is_none_or(|last| version >= last + SNAPSHOT_EVERY || version < last);
        if is_old && self.ready.is_none() && reader.told.version == version {
            self.ready = Some((reader.told.clone(), Box::new(story.hall().clone())));
        }
    }

    /// Keeps the one that is ready if the mark is there. The mark was kept before, so the newest snapshot is never
    /// beyond the kept mark. A failure costs only a longer start.
    async fn keep(&mut self, courier: &Courier, mark: u64) {
        let Some((head, hall)) = self.ready.take_if(|(head, _)| head.version <= mark) else {
            return;
        };
        let version = head.version;
        let encoded = tokio::task::spawn_blocking(move || {
            let state =
                serde_json::to_string(&*hall).expect("a hall has string and integer keys only");
            let schema = Hall::SNAPSHOT_SCHEMA;
            Snapshot {
                head,
                schema,
                state,
            }
            .encode()
        });
        let text = encoded
            .await
            .expect("writing JSON to memory does not panic");
        let (log, stream) = (&courier.log, &courier.stream);
        match log
            .keep_memo(stream, &self.name, self.revision, &text)
            .await
        {
            Ok(true) => {
                self.revision += 1;
                self.version = Some(version);
            }
            Ok(false) | Err(_) => {
                let memo = log.memo(stream, &self.name).await.ok().flatten();
                self.revision = memo.map_or(self.revision, |memo| memo.revision);
            }
        }
    }
}
