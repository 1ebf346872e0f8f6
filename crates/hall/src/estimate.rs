//! How long it will take: a plain estimate behind one function, to be replaced by a better one without touching others.
//!
//! People ahead × the median of the last service times ÷ the windows that take the service, as a range.

use crate::hall::Hall;
use crate::id::ServiceId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A range, in whole seconds, on full minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Wait {
    pub low: u32,
    pub high: u32,
}

/// The low end takes every service a little shorter than usual, the high end half as long again, in percent.
const RANGE_PERCENT: (u64, u64) = (70, 150);

impl Hall {
    /// How long someone with `ahead` people of the same service before him may wait.
    pub fn wait(&self, service: &ServiceId, ahead: u32) -> Option<Wait> {
        let work = u64::from(ahead) * u64::from(self.typical_seconds(service))
            / self.windows_for(service)?;
        let minutes = |percent: u64| (work * percent / 100).div_ceil(60);
        let whole = |minutes: u64| u32::try_from(minutes * 60).unwrap_or(u32::MAX);
        Some(Wait {
            low: whole(minutes(RANGE_PERCENT.0)),
            high: whole(minutes(RANGE_PERCENT.1)),
        })
    }

    /// The median of today's last service times; the plan's figure until there are three.
    pub fn typical_seconds(&self, service: &ServiceId) -> u32 {
        let recent = self
            .service_day(service)
            .map(|day| &day.recent_seconds)
            .filter(|recent| recent.len() >= 3);
        match recent {
            Some(recent) => {
                let mut sorted: Vec<u32> = recent.iter().copied().collect();
                sorted.sort_unstable();
                sorted[sorted.len() / 2]
            }
            None => self
                .plan()
                .service(service)
                .map_or(0, |service| service.typical_minutes * 60),
        }
    }

    /// The windows that take a service now; before any is staffed, those the plan gives it.
    fn windows_for(&self, service: &ServiceId) -> Option<u64> {
        let staffed = self
            .staffed()
            .filter(|(_, staffing)| staffing.takes(service))
            .count() as u64;
        let planned = self
            .plan()
            .windows
            .iter()
            .filter(|window| window.offers(service))
            .count() as u64;
        Some(if staffed > 0 { staffed } else { planned }).filter(|windows| *windows > 0)
    }
}
