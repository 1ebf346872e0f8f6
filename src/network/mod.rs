//! Many halls in one deployment: one catalogue of services, and for each hall the services that it is authorised to do.
//!
//! The document compiles into one checked [`Plan`] per hall. A hall's log adopts that plan. So a hall knows only its
//! own plan and not the network, and each plan can still be changed alone. `import` reads the document from a
//! spreadsheet; `plans/sample-network.csv` is an example of one.

mod cells;
mod import;
pub(crate) mod sheet;
mod tables;

pub use import::{CellError, read_sheets};
pub use sheet::{CellPlace, NotASheet, Sheet, read_bytes, read_file, sample, write_file};

use chrono_tz::Tz;
use hall::Plan;
use hall::id::{HallId, ServiceId};
use hall::plan::authorisation::{Authorisation, Neighbour};
use hall::plan::check::PlanError;
use hall::plan::hours::{SpecialDay, Week};
use hall::plan::policy::Policy;
use hall::plan::slot::AppointmentRule;
use hall::plan::zone::Zone;
use hall::plan::{Service, WindowPlan};
use hall::text::Text;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    pub name: Text,
    pub time_zone: Tz,
    /// Fewest and most services that a hall is authorised for.
    #[serde(default = "services_least")]
    pub services_least: usize,
    #[serde(default = "services_most")]
    pub services_most: usize,
    /// The rules of every hall.
    #[serde(default)]
    pub policy: Policy,
    /// The years whose official holidays and make-up days are among the special days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendar_years: Vec<i32>,
    /// Holidays and make-up days of every hall.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub special_days: Vec<SpecialDay>,
    /// The catalogue: what any hall of the network may be authorised for.
    pub services: Vec<Service>,
    pub halls: Vec<NetworkHall>,
}

fn services_least() -> usize {
    7
}

fn services_most() -> usize {
    15
}

/// One hall of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkHall {
    pub hall: HallId,
    pub kind: HallKind,
    pub name: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hotline: Option<String>,
    /// Whether a number can be taken by phone; as the network's policy if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_tickets: Option<bool>,
    /// None for a mobile stop, which has dates only.
    #[serde(default, skip_serializing_if = "is_without_hours")]
    pub week: Week,
    /// Its own special days; they win over those of the network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub special_days: Vec<SpecialDay>,
    pub windows: Vec<WindowPlan>,
    /// The parts of its waiting room.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
    /// What can be booked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub appointments: Vec<AppointmentRule>,
    /// What it may do of the catalogue, and how.
    pub services: BTreeMap<ServiceId, Authorisation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neighbours: Vec<Neighbour>,
}

fn is_without_hours(week: &Week) -> bool {
    *week == Week::default()
}

/// What sort of hall it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HallKind {
    /// 主厅
    Main,
    /// 分厅
    Branch,
    /// 流动服务点: comes on certain dates.
    Mobile,
}

impl Network {
    /// Reads and checks a network's file; every error is reported, not just the first.
    pub fn from_toml(text: &str) -> Result<Network, Vec<PlanError>> {
        let network: Network =
            toml::from_str(text).map_err(|error| vec![wrong("", error.to_string().trim_end())])?;
        network.plans()?;
        Ok(network)
    }

    /// The network as a file.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self)
            .expect("a network has string keys and no values that TOML lacks")
    }

    /// The plan of every hall, if all of it makes sense.
    pub fn plans(&self) -> Result<Vec<Plan>, Vec<PlanError>> {
        let mut errors = self.check_catalogue();
        if !errors.is_empty() {
            return Err(errors); // otherwise every hall would repeat each of them
        }
        let mut plans = Vec::new();
        let mut seen = BTreeSet::new();
        if self.halls.is_empty() {
            errors.push(wrong("halls", "a network needs at least one hall"));
        }
        for (index, hall) in self.halls.iter().enumerate() {
            let path = format!("halls[{index}]");
            if !seen.insert(&hall.hall) {
                let reason = format!("{} is listed twice", hall.hall);
                errors.push(wrong(format!("{path}.hall"), reason));
            }
            errors.extend(self.check_hall(hall, &path));
            let plan = self.plan_of(hall);
            match plan.check() {
                Ok(()) => plans.push(plan),
                Err(found) => errors.extend(found.into_iter().map(|error| {
                    wrong(
                        format!("{path}.{}", error.field),
                        format!("{}: {}", hall.hall, error.reason),
                    )
                })),
            }
        }
        if errors.is_empty() {
            Ok(plans)
        } else {
            Err(errors)
        }
    }

    fn check_catalogue(&self) -> Vec<PlanError> {
        let mut errors = Vec::new();
        let mut seen = BTreeSet::new();
        for (index, service) in self.services.iter().enumerate() {
            if !seen.insert(&service.id) {
                let reason = format!("{} is listed twice", service.id);
                errors.push(wrong(format!("services[{index}].id"), reason));
            }
            if service.authorisation.is_some() {
                let reason = "authorisations belong to the halls";
                errors.push(wrong(format!("services[{index}].authorisation"), reason));
            }
        }
        errors
    }

    fn check_hall(&self, hall: &NetworkHall, path: &str) -> Vec<PlanError> {
        let mut errors = Vec::new();
        for service in hall.services.keys() {
            if !self.services.iter().any(|known| known.id == *service) {
                let reason = format!("{service} is not in the catalogue");
                errors.push(wrong(format!("{path}.services"), reason));
            }
        }
        let (least, most) = (self.services_least, self.services_most);
        if !(least..=most).contains(&hall.services.len()) {
            let count = hall.services.len();
            let reason = format!(
                "{} is authorised for {count} services, not {least} to {most}",
                hall.hall
            );
            errors.push(wrong(format!("{path}.services"), reason));
        }
        if hall.kind == HallKind::Mobile && !is_without_hours(&hall.week) {
            let reason = format!("{} is a mobile stop, which has dates only", hall.hall);
            errors.push(wrong(format!("{path}.week"), reason));
        }
        for neighbour in &hall.neighbours {
            if !self.halls.iter().any(|known| known.hall == neighbour.hall) {
                let reason = format!("there is no hall {}", neighbour.hall);
                errors.push(wrong(format!("{path}.neighbours"), reason));
            }
        }
        errors
    }

    fn plan_of(&self, hall: &NetworkHall) -> Plan {
        let authorised = |service: &Service| {
            let authorisation = hall.services.get(&service.id)?;
            Some(Service {
                authorisation: Some(authorisation.clone()),
                ..service.clone()
            })
        };
        let own = |day: &&SpecialDay| hall.special_days.iter().any(|own| own.date == day.date);
        let shared = self.special_days.iter().filter(|day| !own(day));
        let phone_tickets = hall.phone_tickets.unwrap_or(self.policy.phone_tickets);
        Plan {
            hall: hall.hall.clone(),
            revision: 0,
            name: hall.name.clone(),
            address: hall.address.clone(),
            hotline: hall.hotline.clone(),
            time_zone: self.time_zone,
            calendar_years: self.calendar_years.clone(),
            policy: Policy {
                phone_tickets,
                ..self.policy.clone()
            },
            week: hall.week.clone(),
            special_days: hall.special_days.iter().chain(shared).cloned().collect(),
            services: self.services.iter().filter_map(authorised).collect(),
            windows: hall.windows.clone(),
            zones: hall.zones.clone(),
            appointments: hall.appointments.clone(),
            neighbours: hall.neighbours.clone(),
        }
    }
}

fn wrong(field: impl Into<String>, reason: impl Into<String>) -> PlanError {
    PlanError {
        field: field.into(),
        reason: reason.into(),
    }
}
