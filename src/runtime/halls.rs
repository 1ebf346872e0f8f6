//! All halls of a store, and the register of who may act in them.

use super::figures::Figures;
use super::owner::{AskError, Owner, StartError, Wish};
use crate::access::{self, Access};
use crate::clock::HallClock;
use crate::guide::{self, Guides};
use crate::log::{Log, StreamId};
use hall::id::{CommandId, Fingerprint, HallId};
use hall::record::command::{Action, Actor};
use hall::{Hall, Plan};
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

/// Names of what is no hall: the register's log, the guides' log, and addresses that a hall's pages would hide or be hidden by.
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

/// Every owner of this process.
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
    Start(#[from] StartError),
    #[error("the store's streams cannot be listed: {0}")]
    Streams(#[from] crate::log::ReadError),
    #[error("{hall}: the plan was not adopted: {reason}")]
    Plan { hall: HallId, reason: String },
    #[error("\"{0}\" cannot be a hall's id: it is the name of something else here; choose another")]
    Reserved(HallId),
}

impl Halls {
    /// Opens every hall that the store has.
    pub async fn open(log: Arc<dyn Log>, clock: Arc<HallClock>) -> Result<Halls, OpenError> {
        let figures = Arc::new(Figures::default());
        let access_stream: StreamId = access::STREAM
            .parse()
            .expect("the constant is a stream's name");
        // A session lasts hours of real time, whatever a demo's clock shows.
        let real = Arc::new(HallClock::trusting());
        let access =
            Owner::start(log.clone(), access_stream.clone(), real, figures.clone()).await?;
        let guide_stream: StreamId = guide::STREAM
            .parse()
            .expect("the constant is a stream's name");
        let guides = Owner::start(
            log.clone(),
            guide_stream.clone(),
            clock.clone(),
            figures.clone(),
        )
        .await?;
        let halls = Halls {
            log,
            clock,
            figures,
            access,
            guides,
            owners: RwLock::default(),
        };
        for stream in halls.log.streams().await? {
            if stream != access_stream && stream != guide_stream {
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
            None => {
                self.start(id.as_str().parse().expect("a hall's id is a stream's name"))
                    .await?
            }
        };
        if owner.read(Hall::has_plan) {
            return Ok(owner);
        }
        let wish = Wish {
            id: CommandId::parse(format!("genesis/plan/{id}"))
                .expect("an id and letters make a command id"),
            fingerprint: Fingerprint::parse("0").expect("a digit is a fingerprint"),
            actor: Actor::Timer,
            action: Action::AdoptPlan {
                move_bookings: false,
                plan: Box::new(plan.clone()),
                expected_revision: None,
            },
        };
        match owner.ask(wish).await {
            // also when another instance adopted its own at the same moment: the command's id is the same
            Ok(_) => Ok(owner),
            Err(AskError::Rejected(rejection)) => Err(OpenError::Plan {
                hall: id,
                reason: rejection.detail().en,
            }),
            Err(error) => Err(OpenError::Plan {
                hall: id,
                reason: error.to_string(),
            }),
        }
    }

    /// The owner of a hall that has a plan.
    pub fn get(&self, id: &HallId) -> Option<Owner<Hall>> {
        self.owners
            .read()
            .expect("a map is only read and inserted into")
            .get(id)
            .cloned()
    }

    /// Every hall with a plan, in order of id.
    pub fn all(&self) -> Vec<(HallId, Owner<Hall>)> {
        let owners = self
            .owners
            .read()
            .expect("a map is only read and inserted into");
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
        let owner = Owner::start(
            self.log.clone(),
            stream,
            self.clock.clone(),
            self.figures.clone(),
        )
        .await?;
        self.owners
            .write()
            .expect("a map is only read and inserted into")
            .insert(id, owner.clone());
        Ok(owner)
    }
}
