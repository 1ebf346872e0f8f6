//! What a manager sets: services, windows, hours, special days and policies, as one document with a revision.
//!
//! A plan is a TOML file that a technician can read and change. Whatever is wrong with one is said with the field's
//! path and a reason, all of it at once; a [`Plan`] that passed [`Plan::check`] is trusted everywhere else.

pub mod authorisation;
pub mod check;
pub mod class;
pub mod hours;
pub mod notice;
pub mod own_network;
pub mod policy;
pub mod slot;
pub mod zone;

use self::check::PlanError;
use self::policy::Policy;
use crate::id::{HallId, Prefix, ServiceId, WindowNumber, ZoneId};
use crate::plan::authorisation::{Authorisation, Neighbour};
use crate::plan::class::Class;
use crate::plan::hours::{SpecialDay, Week};
use crate::plan::slot::AppointmentRule;
use crate::plan::zone::Zone;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The document. Times of day in it are the hall's local time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub hall: HallId,
    /// Counted up by each adoption; 0 in a file that was never adopted.
    #[serde(default)]
    pub revision: u64,
    pub name: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Text>,
    /// Where a citizen who was turned away can ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hotline: Option<String>,
    #[schema(value_type = String)]
    pub time_zone: chrono_tz::Tz,
    /// The years whose official holidays and make-up days are among the special days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendar_years: Vec<i32>,
    #[serde(default)]
    pub policy: Policy,
    pub week: Week,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub special_days: Vec<SpecialDay>,
    pub services: Vec<Service>,
    pub windows: Vec<WindowPlan>,
    /// The parts of the waiting room, where it has several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
    /// What can be booked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub appointments: Vec<AppointmentRule>,
    /// The halls nearby, for whoever would be served sooner there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neighbours: Vec<Neighbour>,
}

/// What a citizen comes for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub id: ServiceId,
    pub name: Text,
    /// Services with one prefix share one series of numbers.
    pub prefix: Prefix,
    /// How long one matter usually takes, in minutes, until the hall has seen its own.
    #[serde(default = "default_typical_minutes")]
    pub typical_minutes: u32,
    /// What to bring.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Text>,
    /// Whether the kiosk asks if everything was brought before it gives a number: for matters that take long and often
    /// fail for want of a paper.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ask_documents: bool,
    /// Where it can be done without coming.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<OnlineRoute>,
    /// Its own hours, where they differ from the hall's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<Week>,
    /// Whether a number is given only to an identified person, one open ticket each.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub identify: bool,
    /// How and on which days this hall may do it; at all times if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorisation: Option<Authorisation>,
}

fn default_typical_minutes() -> u32 {
    6
}

/// The app or site where a service can be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OnlineRoute {
    pub name: Text,
    pub url: String,
}

/// A numbered counter and what it offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowPlan {
    pub number: WindowNumber,
    /// The services offered; ignored when `everything`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceId>,
    /// One window for all matters (一窗通办).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everything: bool,
    /// Services it takes before any other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub primary: Vec<ServiceId>,
    /// The sign above it, such as 绿色窗口.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// The class it takes before any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefers: Option<Class>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<ZoneId>,
}

impl WindowPlan {
    /// Whether a citizen with this service can be served here.
    pub fn offers(&self, service: &ServiceId) -> bool {
        self.everything || self.services.contains(service)
    }
}

impl Plan {
    /// Reads and checks a plan file; every error is reported, not just the first.
    pub fn from_toml(text: &str) -> Result<Plan, Vec<PlanError>> {
        let plan: Plan = toml::from_str(text).map_err(|error| {
            vec![PlanError {
                field: String::new(),
                reason: error.to_string().trim_end().into(),
            }]
        })?;
        plan.check()?;
        Ok(plan)
    }

    /// The plan as a file.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a plan has string keys and no values that TOML lacks")
    }

    /// The service with this id.
    pub fn service(&self, id: &ServiceId) -> Option<&Service> {
        self.services.iter().find(|service| service.id == *id)
    }

    /// The window with this number.
    pub fn window(&self, number: WindowNumber) -> Option<&WindowPlan> {
        self.windows.iter().find(|window| window.number == number)
    }
}
