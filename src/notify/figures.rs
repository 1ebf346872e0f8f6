//! What the couriers count, for `/metrics`, and how each is doing, for `/status`.

use super::endpoint::EndpointName;
use hall::Time;
use hall::id::HallId;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

/// Counters of one process.
#[derive(Debug)]
pub struct CourierFigures {
    pub registry: Registry,
    pub accepted: Family<CourierId, Counter>,
    pub failures: Family<CourierId, Counter>,
    pub given_up: Family<CourierId, Counter>,
    pub waiting: Family<CourierId, Gauge>,
    pub behind: Family<CourierId, Gauge>,
    pub failing: Family<CourierId, Gauge>,
    health: Mutex<BTreeMap<CourierId, Health>>,
}

/// From which hall to which endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EncodeLabelSet)]
pub struct CourierId {
    pub hall: String,
    pub endpoint: String,
}

/// How a courier of this process is doing.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Since when nothing arrives, and why.
    pub failing: Option<(Time, String)>,
    /// Records between the mark and the hall.
    pub behind: u64,
}

impl CourierId {
    /// Names it.
    pub fn new(hall: &HallId, endpoint: &EndpointName) -> CourierId {
        CourierId {
            hall: hall.to_string(),
            endpoint: endpoint.to_string(),
        }
    }
}

impl Default for CourierFigures {
    fn default() -> CourierFigures {
        let mut figures = CourierFigures {
            registry: Registry::with_prefix("paihao_webhooks"),
            accepted: Family::default(),
            failures: Family::default(),
            given_up: Family::default(),
            waiting: Family::default(),
            behind: Family::default(),
            failing: Family::default(),
            health: Mutex::default(),
        };
        let registry = &mut figures.registry;
        let accepted = figures.accepted.clone();
        registry.register("accepted", "Notifications that were accepted", accepted);
        let failures = figures.failures.clone();
        registry.register("failures", "Attempts that were not", failures);
        let given_up = figures.given_up.clone();
        registry.register(
            "given_up",
            "Notifications that became dead letters",
            given_up,
        );
        let waiting = figures.waiting.clone();
        registry.register("waiting", "Notifications read and not settled", waiting);
        let behind = figures.behind.clone();
        registry.register("behind", "Records between the mark and the hall", behind);
        let failing = figures.failing.clone();
        registry.register("failing", "1 while the receiver takes nothing", failing);
        figures
    }
}

impl CourierFigures {
    /// How a courier of this process is doing; `None` when another process sends, or none yet.
    pub fn health(&self, courier: &CourierId) -> Option<Health> {
        self.lock().get(courier).cloned()
    }

    /// A courier says how it is doing, or that it has ended.
    pub fn set_health(&self, courier: &CourierId, health: Option<Health>) {
        match health {
            Some(health) => self.lock().insert(courier.clone(), health),
            None => self.lock().remove(courier),
        };
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<CourierId, Health>> {
        self.health
            .lock()
            .expect("a map is only read and inserted into")
    }
}
