//! All couriers of a process. They run while this instance leads and end when it does not; managers ask how they are.

use super::courier::{Courier, CourierError, Failing, SavedMark, mark_name};
use super::dead_letters::{DeadLetter, DeadLetters, DeadLettersError};
use super::endpoint::{Endpoint, EndpointName};
use super::figures::{CourierFigures, CourierId};
use super::leadership::{Leadership, RENEW_EVERY};
use super::notification::NotificationKind;
use super::webhook::{DeliveryOutcome, WebhookClient};
use crate::access::sealed::Seal;
use crate::halls::{Halls, stream_of};
use crate::runtime::Owner;
use hall::Hall;
use hall::id::HallId;
use hall_log::{StoreError, StreamId};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tracing::warn;
use utoipa::ToSchema;

/// How long couriers may take to end; then their tasks are ended, and what they had in hand is sent again.
const END_WITHIN: Duration = Duration::from_secs(4);

/// The sending side of a process, whether it sends now or not.
pub struct Notifier {
    halls: Arc<Halls>,
    endpoints: Vec<Arc<Endpoint>>,
    client: WebhookClient,
    site: Arc<str>,
    /// The store's: names and telephone numbers of people who booked are sealed with it.
    secret: [u8; 32],
    pub figures: Arc<CourierFigures>,
    process: Arc<str>,
    ends: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// What a manager sees of one endpoint.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EndpointReport {
    pub name: String,
    /// Without what stands behind the `?`.
    pub url: String,
    /// What it is told.
    #[schema(value_type = Vec<String>)]
    pub types: Vec<NotificationKind>,
    pub links: bool,
    pub contact: bool,
    /// Everything up to this record of the hall is settled; none before the first start.
    pub version: Option<u64>,
    /// Records that are not.
    pub behind: Option<u64>,
    /// Since when nothing is accepted, and why.
    pub failing: Option<Failing>,
    /// The process that keeps the mark.
    pub sent_by: Option<String>,
    pub dead_letters: Vec<DeadLetter>,
}

/// What became of a dead letter that was sent again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Resent {
    pub endpoint: String,
    pub accepted: bool,
    pub error: Option<String>,
}

/// Why a report or a change was not possible.
#[derive(Debug, thiserror::Error)]
pub enum NotifierError {
    #[error("the store does not answer: {0}")]
    Store(#[from] StoreError),
    #[error(transparent)]
    DeadLetters(#[from] DeadLettersError),
    #[error("the mark cannot be read: {0}")]
    Mark(#[from] serde_json::Error),
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notifier({:?})", self.endpoints)
    }
}

impl Notifier {
    /// Makes sure that nothing from now on is left out, and starts to send when this instance leads.
    pub async fn start(
        halls: Arc<Halls>,
        endpoints: Vec<Endpoint>,
        site: String,
        secret: [u8; 32],
    ) -> Result<Arc<Notifier>, CourierError> {
        let notifier = Arc::new(Notifier {
            halls,
            endpoints: endpoints.into_iter().map(Arc::new).collect(),
            client: WebhookClient::new(),
            site: site.into(),
            secret,
            figures: Arc::default(),
            process: format!("{}-{:08x}", std::process::id(), fastrand::u32(..)).into(),
            ends: watch::Sender::new(false),
            task: Mutex::default(),
        });
        if notifier.endpoints.is_empty() {
            return Ok(notifier);
        }
        for (_, courier) in notifier.couriers() {
            courier.begin().await?;
        }
        *notifier.task.lock().await = Some(tokio::spawn(notifier.clone().keep_sending()));
        Ok(notifier)
    }

    /// Ends the couriers in order: what is under way may end, and is remembered.
    pub async fn stop(&self) {
        self.ends.send_replace(true);
        if let Some(task) = self.task.lock().await.take() {
            task.await.ok();
        }
    }

    /// Every endpoint that listens to this hall.
    pub fn endpoints_of(&self, hall: &HallId) -> impl Iterator<Item = &Arc<Endpoint>> {
        let here = |endpoint: &&Arc<Endpoint>| endpoint.listens_to(hall);
        self.endpoints.iter().filter(here)
    }

    /// How each endpoint of a hall is doing, from the store: whichever instance is asked.
    pub async fn report(
        &self,
        hall: &HallId,
        owner: &Owner<Hall>,
    ) -> Result<Vec<EndpointReport>, NotifierError> {
        let stream = stream_of(hall);
        let log = &*self.halls.log;
        let mut reports = Vec::new();
        for endpoint in self.endpoints_of(hall) {
            let note = log.note(&stream, &mark_name(endpoint)).await?;
            let saved: Option<SavedMark> = match note {
                Some(note) => Some(serde_json::from_str(&note.text)?),
                None => None,
            };
            let version = saved.as_ref().map(|saved| saved.mark.version);
            let of_hall = owner.read(|hall| hall.version());
            let types = NotificationKind::ALL.into_iter();
            let types = types.filter(|kind| endpoint.wants(*kind));
            reports.push(EndpointReport {
                name: endpoint.name.to_string(),
                url: endpoint.shown(),
                types: types.collect(),
                links: endpoint.links,
                contact: endpoint.contact,
                version,
                behind: version.map(|version| of_hall.saturating_sub(version)),
                failing: saved.as_ref().and_then(|saved| saved.failing.clone()),
                sent_by: saved.map(|saved| saved.by),
                dead_letters: self.letters(&stream, &endpoint.name).all().await?,
            });
        }
        Ok(reports)
    }

    /// Sends a dead letter again, now, to every endpoint that would not take it; one that takes it has it no more.
    pub async fn resend(&self, hall: &HallId, id: &str) -> Result<Vec<Resent>, NotifierError> {
        let stream = stream_of(hall);
        let mut resent = Vec::new();
        for endpoint in self.endpoints_of(hall) {
            let letters = self.letters(&stream, &endpoint.name);
            let all = letters.all().await?;
            let Some(letter) = all.into_iter().find(|letter| letter.id == id) else {
                continue;
            };
            let error = match self.client.send_body(endpoint, id, letter.body).await {
                DeliveryOutcome::Accepted => None,
                DeliveryOutcome::Refused(why) | DeliveryOutcome::Unwell { why, .. } => Some(why),
            };
            if error.is_none() {
                letters.take_out(id).await?;
            }
            resent.push(Resent {
                endpoint: endpoint.name.to_string(),
                accepted: error.is_none(),
                error,
            });
        }
        Ok(resent)
    }

    /// Forgets a dead letter, so that there is room for others; `false` if nobody had it.
    pub async fn dismiss(&self, hall: &HallId, id: &str) -> Result<bool, NotifierError> {
        let stream = stream_of(hall);
        let mut was_there = false;
        for endpoint in self.endpoints_of(hall) {
            let letters = self.letters(&stream, &endpoint.name);
            was_there |= letters.take_out(id).await?;
        }
        Ok(was_there)
    }

    fn letters<'a>(&'a self, stream: &'a StreamId, endpoint: &EndpointName) -> DeadLetters<'a> {
        DeadLetters::of(&*self.halls.log, stream, endpoint)
    }

    async fn keep_sending(self: Arc<Self>) {
        let mut leadership = Leadership::new(self.halls.log.clone(), self.process.to_string());
        let mut ends = self.ends.subscribe();
        let mut couriers = Couriers::default();
        while !*ends.borrow_and_update() {
            if leadership.hold().await {
                couriers.complete(&self);
            } else {
                couriers.dismiss();
            }
            tokio::select! {
                () = tokio::time::sleep(RENEW_EVERY) => {}
                _ = ends.changed() => {}
            }
        }
        couriers.finish().await;
        leadership.let_go().await;
    }

    /// One courier for each hall and each endpoint that listens to it.
    fn couriers(&self) -> Vec<(CourierId, Courier)> {
        let halls = self.halls.all().into_iter();
        let of_hall = halls.flat_map(|(hall, owner)| {
            let endpoints: Vec<_> = self.endpoints_of(&hall).cloned().collect();
            endpoints.into_iter().map(move |endpoint| {
                let courier = Courier {
                    log: self.halls.log.clone(),
                    stream: stream_of(&hall),
                    hall: hall.clone(),
                    owner: owner.clone(),
                    endpoint,
                    client: self.client.clone(),
                    site: self.site.clone(),
                    seal: Seal::of(&self.secret, &hall).into(),
                    figures: self.figures.clone(),
                    process: self.process.clone(),
                };
                (CourierId::new(&hall, &courier.endpoint.name), courier)
            })
        });
        of_hall.collect()
    }
}

/// The couriers at work.
#[derive(Debug, Default)]
struct Couriers {
    ends: watch::Sender<bool>,
    tasks: BTreeMap<CourierId, JoinHandle<()>>,
}

impl Couriers {
    /// Starts the couriers that are missing: at first all, later those of a new hall.
    fn complete(&mut self, notifier: &Notifier) {
        self.tasks.retain(|id, task| {
            let is_gone = task.is_finished();
            if is_gone {
                warn!(hall = %id.hall, endpoint = %id.endpoint, "a courier ended; another one is sent");
            }
            !is_gone
        });
        for (id, courier) in notifier.couriers() {
            let ends = self.ends.subscribe();
            self.tasks
                .entry(id)
                .or_insert_with(|| tokio::spawn(courier.run(ends)));
        }
    }

    /// Ends all at once: another instance sends.
    fn dismiss(&mut self) {
        for (_, task) in std::mem::take(&mut self.tasks) {
            task.abort();
        }
    }

    /// Lets all finish.
    async fn finish(&mut self) {
        self.ends.send_replace(true);
        let mut tasks: Vec<_> = std::mem::take(&mut self.tasks).into_values().collect();
        let all = async {
            for task in &mut tasks {
                task.await.ok();
            }
        };
        if tokio::time::timeout(END_WITHIN, all).await.is_err() {
            tasks.iter().for_each(JoinHandle::abort);
        }
    }
}
