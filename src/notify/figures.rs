//! What the couriers count, for `/metrics`, and how each is doing, for `/status`.

use super::endpoint::EndpointName;
use hall::Time;
use hall::id::HallId;
use parking_lot::Mutex;
use prometheus_client::encoding::{EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::fmt;

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
        let mut registry = Registry::with_prefix("paihao_webhooks");
        let to = &mut registry;
        CourierFigures {
            accepted: figure(to, "accepted", "Notifications that were accepted"),
            failures: figure(to, "failures", "Attempts that were not"),
            given_up: figure(to, "given_up", "Notifications that became dead letters"),
            waiting: figure(to, "waiting", "Notifications read and not settled"),
            behind: figure(to, "behind", "Records between the mark and the hall"),
            failing: figure(to, "failing", "1 while the receiver takes nothing"),
            health: Mutex::default(),
            registry,
        }
    }
}

/// A figure of each courier, registered.
fn figure<M>(registry: &mut Registry, name: &str, help: &str) -> Family<CourierId, M>
where
    M: Default + EncodeMetric + TypedMetric + fmt::Debug + Send + Sync + 'static,
{
    let family = Family::default();
    registry.register(name, help, family.clone());
    family
}

impl CourierFigures {
    /// How a courier of this process is doing; `None` when another process sends, or none yet.
    pub fn health(&self, courier: &CourierId) -> Option<Health> {
        self.health.lock().get(courier).cloned()
    }

    /// A courier says how it is doing, or that it has ended.
    pub fn set_health(&self, courier: &CourierId, health: Option<Health>) {
        match health {
            Some(health) => self.health.lock().insert(courier.clone(), health),
            None => self.health.lock().remove(courier),
        };
    }
}
