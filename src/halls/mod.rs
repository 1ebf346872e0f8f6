//! All halls of a store, the register of who may act in them, and their guides: one owner each, over one log.

mod hall_model;
pub mod moving;

use crate::access::{self, Access};
use crate::clock::HallClock;
use crate::guide::{self, Guides};
use crate::runtime::{AskError, Figures, Owner, Request, StreamError, records};
use hall::id::{CommandId, HallId};
use hall::record::command::{Action, Actor};
use hall::{Answer, Hall, Plan};
use hall_log::{Log, StreamId};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Names that no hall may have: those of the other logs, and those of addresses that are no hall's.
const RESERVED: [&str; 16] = [
    access::STREAM,
    guide::STREAM,
    "api",
    "assets",
    "display",
    "healthz",
    "metrics",
    "network",
    "readyz",
    "setup",
    "sign-in",
    "sign-out",
    "status",
    "t",
    "a",
    "ws",
];

/// Every owner of this process, with what they share.
#[derive(Debug)]
pub struct Halls {
    pub log: Arc<dyn Log>,
    pub clock: Arc<HallClock>,
    pub figures: Arc<Figures>,
    pub access: Owner<Access>,
    pub guides: Owner<Guides>,
    owners: RwLock<BTreeMap<HallId, Owner<Hall>>>,
}

/// Why a hall could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Start(#[from] StreamError),
    #[error("the store's streams cannot be listed: {0}")]
    Streams(#[from] hall_log::ReadError),
    #[error("{hall}: the plan was not adopted: {reason}")]
    Plan { hall: HallId, reason: String },
    #[error("\"{0}\" cannot be a hall's id: it is the name of something else here; choose another")]
    Reserved(HallId),
}

/// The log of a hall among the store's streams.
pub fn stream_of(hall: &HallId) -> StreamId {
    StreamId::parse(hall.as_str()).expect("a hall's id is a stream's name")
}

/// The first command of its kind in a hall: the same from every instance that opens it.
pub fn genesis<A>(what: &str, hall: &HallId, action: A) -> Request<A> {
    let id = CommandId::parse(format!("genesis/{what}/{hall}"));
    let id = id.expect("an id and letters make a command id");
    Request::of_program(id, Actor::Timer, action)
}

impl Halls {
    /// What a command came to that took effect before, whatever else is asked under its id now.
    pub async fn first_answer(&self, owner: &Owner<Hall>, id: &CommandId) -> Option<Answer> {
        let (hall, version) = owner.read(|hall| {
            let applied = hall.applied().get(id)?;
            Some((hall.id().clone(), applied.version))
        })?;
        let stream = stream_of(&hall);
        let commits = self.log.read(&stream, version - 1, 1).await.ok()?;
        let records = records::<Hall>(commits.first()?, &stream).ok()?;
        let record = records
            .into_iter()
            .find(|record| record.version == version)?;
        Some(owner.read(|hall| Answer::of(hall, &record)))
    }

    /// Opens every hall that the store has.
    pub async fn open(log: Arc<dyn Log>, clock: Arc<HallClock>) -> Result<Halls, OpenError> {
        let figures = Arc::new(Figures::default());
        let [of_access, of_guides] = [access::STREAM, guide::STREAM]
            .map(|name| StreamId::parse(name).expect("the constant is a stream's name"));
        // somebody is signed in for hours of real time, also when a demo's clock runs fast
        let real = Arc::new(HallClock::trusting());
        let access = Owner::start(log.clone(), of_access.clone(), real, figures.clone()).await?;
        let (same_log, own_clock) = (log.clone(), clock.clone());
        let guides = Owner::start(same_log, of_guides.clone(), own_clock, figures.clone()).await?;
        let halls = Halls {
            log,
            clock,
            figures,
            access,
            guides,
            owners: RwLock::default(),
        };
        for stream in halls.log.streams().await? {
            if stream != of_access && stream != of_guides {
                halls.start(stream).await?;
            }
        }
        Ok(halls)
    }

    /// Opens the hall of a plan; a hall without one adopts it, another keeps what it has.
    pub async fn open_with_plan(&self, plan: &Plan) -> Result<Owner<Hall>, OpenError> {
        let id = plan.hall.clone();
        if RESERVED.contains(&id.as_str()) {
            return Err(OpenError::Reserved(id));
        }
        let owner = match self.get(&id) {
            Some(owner) => owner,
            None => self.start(stream_of(&id)).await?,
        };
        if owner.read(Hall::has_plan) {
            return Ok(owner);
        }
        let adopt = Action::AdoptPlan {
            move_bookings: false,
            plan: Box::new(plan.clone()),
            expected_revision: None,
        };
        let reason = match owner.ask(genesis("plan", &id, adopt)).await {
            // also when another instance adopted its own at the same moment: the command's id is the same
            Ok(_) => return Ok(owner),
            Err(AskError::Rejected(rejection)) => rejection.detail().en,
            Err(error) => error.to_string(),
        };
        Err(OpenError::Plan { hall: id, reason })
    }

    /// The owner of a hall that has a plan.
    pub fn get(&self, id: &HallId) -> Option<Owner<Hall>> {
        self.owners.read().get(id).cloned()
    }

    /// Every hall with a plan, in order of id.
    pub fn all(&self) -> Vec<(HallId, Owner<Hall>)> {
        let owners = self.owners.read();
        owners
            .iter()
            .filter(|(_, owner)| owner.read(Hall::has_plan))
            .map(|(id, owner)| (id.clone(), owner.clone()))
            .collect()
    }

    /// Finishes what is under way everywhere.
    pub async fn stop(&self) {
        for (_, owner) in self.all() {
            owner.stop().await;
        }
        self.access.stop().await;
        self.guides.stop().await;
    }

    async fn start(&self, stream: StreamId) -> Result<Owner<Hall>, OpenError> {
        let id = HallId::parse(stream.to_string()).expect("a stream's name is a hall's id");
        let (log, clock) = (self.log.clone(), self.clock.clone());
        let owner = Owner::start(log, stream, clock, self.figures.clone()).await?;
        self.owners.write().insert(id, owner.clone());
        Ok(owner)
    }
}
