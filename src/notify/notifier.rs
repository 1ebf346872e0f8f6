//! All couriers of a process: started when this instance has the lease, ended when it has not, and asked about by
//! managers.

use super::courier::{Courier, CourierError, Failing, Kept, mark_name};
use super::endpoint::{Endpoint, EndpointName};
use super::figures::{Figures, Way};
use super::lease::{Lease, RENEW_EVERY};
use super::letters::{Letter, Letters, LettersError};
use super::notification::Kind;
use super::webhook::{Outcome, Post};
use crate::access::sealed::Seal;
use crate::log::{StoreError, StreamId};
use crate::runtime::{Halls, Owner};
use hall::Hall;
use hall::id::HallId;
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
    post: Post,
    site: Arc<str>,
    /// The store's: what is known of whoever booked is sealed with it.
    secret: [u8; 32],
    pub figures: Arc<Figures>,
    me: Arc<str>,
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
    pub types: Vec<Kind>,
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
    pub dead_letters: Vec<Letter>,
}

/// What became of a dead letter that was sent again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Resent {
    pub endpoint: String,
    pub accepted: bool,
    pub error: Option<String>,
}

/// Why something could not be told or done.
#[derive(Debug, thiserror::Error)]
pub enum NotifierError {
    #[error("the store does not answer: {0}")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Letters(#[from] LettersError),
    #[error("the mark cannot be read: {0}")]
    Mark(#[from] serde_json::Error),
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notifier({:?})", self.endpoints)
    }
}

impl Notifier {
    /// Makes sure that everything from now on is told, and starts to send when this instance's turn comes.
    pub async fn start(
        halls: Arc<Halls>,
        endpoints: Vec<Endpoint>,
        site: String,
        secret: [u8; 32],
    ) -> Result<Arc<Notifier>, CourierError> {
        let notifier = Arc::new(Notifier {
            halls,
            endpoints: endpoints.into_iter().map(Arc::new).collect(),
            post: Post::new(),
            site: site.into(),
            secret,
            figures: Arc::default(),
            me: format!("{}-{:08x}", std::process::id(), fastrand::u32(..)).into(),
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
            let memo = log.memo(&stream, &mark_name(endpoint)).await?;
            let kept: Option<Kept> = match memo {
                Some(memo) => Some(serde_json::from_str(&memo.text)?),
                None => None,
            };
            let version = kept.as_ref().map(|kept| kept.mark.version);
            let of_hall = owner.read(|hall| hall.version);
            let types = Kind::ALL.into_iter().filter(|kind| endpoint.wants(*kind));
            reports.push(EndpointReport {
                name: endpoint.name.to_string(),
                url: endpoint.shown(),
                types: types.collect(),
                links: endpoint.links,
                contact: endpoint.contact,
                version,
                behind: version.map(|version| of_hall.saturating_sub(version)),
                failing: kept.as_ref().and_then(|kept| kept.failing.clone()),
                sent_by: kept.map(|kept| kept.by),
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
            let error = match self.post.send_body(endpoint, id, letter.body).await {
                Outcome::Accepted => None,
                Outcome::Refused(why) | Outcome::Unwell { why, .. } => Some(why),
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

    fn letters<'a>(&'a self, stream: &'a StreamId, endpoint: &EndpointName) -> Letters<'a> {
        Letters::of(&*self.halls.log, stream, endpoint)
    }

    async fn keep_sending(self: Arc<Self>) {
        let mut lease = Lease::new(self.halls.log.clone(), self.me.to_string());
        let mut ends = self.ends.subscribe();
        let mut crew = Crew::default();
        while !*ends.borrow_and_update() {
            if lease.hold().await {
                crew.complete(&self);
            } else {
                crew.dismiss();
            }
            tokio::select! {
                () = tokio::time::sleep(RENEW_EVERY) => {}
                _ = ends.changed() => {}
            }
        }
        crew.finish().await;
        lease.let_go().await;
    }

    /// One courier for each hall and each endpoint that listens to it.
    fn couriers(&self) -> Vec<(Way, Courier)> {
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
                    post: self.post.clone(),
                    site: self.site.clone(),
                    seal: Seal::of(&self.secret, &hall).into(),
                    figures: self.figures.clone(),
                    me: self.me.clone(),
                };
                (Way::new(&hall, &courier.endpoint.name), courier)
            })
        });
        of_hall.collect()
    }
}

/// The couriers at work.
#[derive(Debug)]
struct Crew {
    ends: watch::Sender<bool>,
    tasks: BTreeMap<Way, JoinHandle<()>>,
}

impl Default for Crew {
    fn default() -> Crew {
        Crew {
            ends: watch::Sender::new(false),
            tasks: BTreeMap::new(),
        }
    }
}

impl Crew {
    /// Starts whoever is missing: at first everybody, later the couriers of a hall that is new.
    fn complete(&mut self, notifier: &Notifier) {
        self.tasks.retain(|way, task| {
            let is_gone = task.is_finished();
            if is_gone {
                warn!(hall = %way.hall, endpoint = %way.endpoint, "a courier ended; another one is sent");
            }
            !is_gone
        });
        for (way, courier) in notifier.couriers() {
            let ends = self.ends.subscribe();
            self.tasks
                .entry(way)
                .or_insert_with(|| tokio::spawn(courier.run(ends)));
        }
    }

    /// Ends everybody at once: another instance sends.
    fn dismiss(&mut self) {
        for (_, task) in std::mem::take(&mut self.tasks) {
            task.abort();
        }
    }

    /// Lets everybody finish.
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

fn stream_of(hall: &HallId) -> StreamId {
    hall.as_str()
        .parse()
        .expect("a hall's id is a stream's name")
}
