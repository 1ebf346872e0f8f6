//! What a manager sets: services, windows, hours, special days and policies, as one document with a revision.
//!
//! A plan is a TOML file that a technician can read and change. Whatever is wrong with one is said with the field's
//! path and a reason, all of it at once; a [`Plan`] that passed [`Plan::check`] is trusted everywhere else.

use crate::authorisation::{Authorisation, Neighbour};
use crate::hours::{SpecialDay, Week};
use crate::id::{HallId, Prefix, ServiceId, WindowNumber, ZoneId};
use crate::slot::AppointmentRule;
use crate::text::Text;
use crate::ticket::Class;
use crate::zone::Zone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
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

/// The numbers behind the rules; each default is the model hall's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Numbers are issued this long before the doors open.
    pub early_open_minutes: u32,
    /// Near closing begins this long before a session closes.
    pub near_closing_minutes: u32,
    /// A missed ticket keeps the day open this long after the last miss: a citizen may be in the washroom.
    pub missed_grace_minutes: u32,
    /// A parked ticket counts as missed this long after the last session closes.
    pub parked_grace_minutes: u32,
    /// From the call to the window on foot; doubled for a prioritised class or a stated need.
    pub walking_seconds: u32,
    /// Recalls after which a ticket may be set as missed before the walking time is over.
    pub recalls_before_missed: u8,
    /// Two announcements of one ticket are at least this far apart.
    pub recall_pause_seconds: u32,
    /// How often a missed ticket may come back before the usher decides.
    pub returns: u8,
    /// A returned ticket is callable after this many further calls of its service.
    pub return_after_calls: u32,
    /// A deferred ticket is callable after this many further calls of its service.
    pub defer_after_calls: u32,
    /// A window takes other than its primary services when one of those has waited this long.
    pub primary_patience_minutes: u32,
    /// How fast a prioritised class gains on a normal one.
    pub priority_rate: u32,
    /// At most this many prioritised tickets of a service in a row while a normal one of it waits.
    pub prioritised_in_a_row: u32,
    /// A ticket that was to go on at its window goes first anywhere once that window has been on a break this long.
    pub resume_elsewhere_minutes: u32,
    /// An officer can take the last command back within this time.
    pub undo_seconds: u32,
    /// How long a voucher for missing documents lasts, in working days of the hall.
    pub voucher_working_days: u32,
    /// A served ticket can be rated this long.
    pub rating_hours: u32,
    /// After closing every window stays until nobody waits whom it can serve; otherwise the surplus may go.
    pub all_stay: bool,
    /// Whether a number can be taken by phone: by anybody, without being enrolled or signed in.
    pub phone_tickets: bool,
    /// What near closing means for whoever could do it online.
    pub redirect: RedirectPolicy,
    /// Near closing begins early when a ticket taken now would be called this long after closing.
    pub overrun_begins_minutes: u32,
    /// And that is over when it would be called less than this after closing.
    pub overrun_ends_minutes: u32,
    /// How fast a punctual appointment gains once its slot has begun.
    pub appointment_rate: u32,
    /// This long after its slot began, a punctual appointment goes first.
    pub latest_call_minutes: u32,
    /// Check-in opens this long before the slot.
    pub check_in_early_minutes: u32,
    /// Whoever checks in later than this after the slot's start is served after the punctual ones.
    pub check_in_late_minutes: u32,
    /// A place is held this long while the form is filled.
    pub hold_minutes: u32,
    /// Whoever is offered a place from the waiting list has this long to say yes; the night does not count.
    pub offer_minutes: u32,
    /// How many numbers of each series a kiosk is lent for while the server is away.
    pub lease_numbers: u32,
    /// Open bookings of one person, all services together; one per service.
    pub bookings_per_person: u32,
    /// Most places in one booking.
    pub places_per_booking: u16,
    /// Whoever keeps not coming cannot book for a while; nothing if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_show_limit: Option<NoShowLimit>,
}

/// What a citizen near closing is answered, for a service with an online route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RedirectPolicy {
    /// The app is offered; whoever insists gets a number.
    #[default]
    Offer,
    /// No number but for those who have priority or no smartphone.
    Require,
}

/// So many no-shows within so many days: no booking for some days after the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoShowLimit {
    pub count: u32,
    pub within_days: u32,
    pub blocked_days: u32,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            early_open_minutes: 10,
            near_closing_minutes: 30,
            missed_grace_minutes: 10,
            parked_grace_minutes: 30,
            walking_seconds: 40,
            recalls_before_missed: 2,
            recall_pause_seconds: 8,
            returns: 2,
            return_after_calls: 3,
            defer_after_calls: 2,
            primary_patience_minutes: 20,
            priority_rate: 3,
            prioritised_in_a_row: 2,
            resume_elsewhere_minutes: 3,
            undo_seconds: 10,
            voucher_working_days: 3,
            rating_hours: 24,
            all_stay: true,
            phone_tickets: false,
            redirect: RedirectPolicy::Offer,
            overrun_begins_minutes: 30,
            overrun_ends_minutes: 20,
            appointment_rate: 4,
            latest_call_minutes: 10,
            check_in_early_minutes: 20,
            check_in_late_minutes: 15,
            hold_minutes: 10,
            offer_minutes: 30,
            lease_numbers: 50,
            bookings_per_person: 2,
            places_per_booking: 3,
            no_show_limit: None,
        }
    }
}

/// One thing wrong with a plan: where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// Path of the field, such as `services[2].prefix`; empty when the file as a whole cannot be read.
    pub field: String,
    pub reason: String,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}: {}", self.field, self.reason)
        }
    }
}

impl std::error::Error for PlanError {}

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

    /// Whether the document makes sense as a whole.
    pub fn check(&self) -> Result<(), Vec<PlanError>> {
        let mut findings = Findings(Vec::new());
        self.check_words(&mut findings);
        self.check_services(&mut findings);
        self.check_windows(&mut findings);
        self.check_zones(&mut findings);
        self.check_hours(&mut findings);
        self.check_appointments(&mut findings);
        self.check_policy(&mut findings);
        self.check_network(&mut findings);
        if findings.0.is_empty() {
            Ok(())
        } else {
            Err(findings.0)
        }
    }

    /// The service with this id.
    pub fn service(&self, id: &ServiceId) -> Option<&Service> {
        self.services.iter().find(|service| service.id == *id)
    }

    /// The window with this number.
    pub fn window(&self, number: WindowNumber) -> Option<&WindowPlan> {
        self.windows.iter().find(|window| window.number == number)
    }

    fn check_words(&self, findings: &mut Findings) {
        findings.text("name", &self.name);
        if let Some(address) = &self.address {
            findings.text("address", address);
        }
    }

    fn check_services(&self, findings: &mut Findings) {
        if self.services.is_empty() {
            findings.add("services", "a hall needs at least one service");
        }
        let mut seen = BTreeSet::new();
        for (index, service) in self.services.iter().enumerate() {
            let path = format!("services[{index}]");
            if !seen.insert(&service.id) {
                findings.add(
                    format!("{path}.id"),
                    format!("{} is listed twice", service.id),
                );
            }
            findings.text(format!("{path}.name"), &service.name);
            if !(1..=480).contains(&service.typical_minutes) {
                findings.add(
                    format!("{path}.typical_minutes"),
                    "must be between 1 and 480 minutes",
                );
            }
            for (index, document) in service.documents.iter().enumerate() {
                findings.text(format!("{path}.documents[{index}]"), document);
            }
            if let Some(route) = &service.online {
                findings.text(format!("{path}.online.name"), &route.name);
                if !route.url.starts_with("https://") && !route.url.starts_with("http://") {
                    findings.add(
                        format!("{path}.online.url"),
                        "must begin with https:// or http://",
                    );
                }
            }
            if let Some(week) = &service.week {
                week.check(&format!("{path}.week"), &mut |field, reason| {
                    findings.add(field, reason)
                });
            }
            if !self.windows.iter().any(|window| window.offers(&service.id)) {
                findings.add(
                    format!("{path}.id"),
                    format!("no window offers {}", service.id),
                );
            }
        }
    }

    fn check_windows(&self, findings: &mut Findings) {
        if self.windows.is_empty() {
            findings.add("windows", "a hall needs at least one window");
        }
        let mut seen = BTreeSet::new();
        for (index, window) in self.windows.iter().enumerate() {
            let path = format!("windows[{index}]");
            if !(1..=999).contains(&window.number.0) {
                findings.add(format!("{path}.number"), "must be between 1 and 999");
            }
            if !seen.insert(window.number) {
                findings.add(
                    format!("{path}.number"),
                    format!("window {} is listed twice", window.number),
                );
            }
            if let Some(label) = &window.label {
                findings.text(format!("{path}.label"), label);
            }
            if window.services.is_empty() && !window.everything {
                findings.add(
                    format!("{path}.services"),
                    "name at least one service, or set everything = true",
                );
            }
            for service in &window.services {
                if self.service(service).is_none() {
                    findings.add(
                        format!("{path}.services"),
                        format!("there is no service {service}"),
                    );
                }
            }
            for service in &window.primary {
                if self.service(service).is_none() || !window.offers(service) {
                    findings.add(
                        format!("{path}.primary"),
                        format!("{service} is not offered at this window"),
                    );
                }
            }
        }
    }

    fn check_zones(&self, findings: &mut Findings) {
        let mut seen = BTreeSet::new();
        for (index, zone) in self.zones.iter().enumerate() {
            let path = format!("zones[{index}]");
            if !seen.insert(&zone.id) {
                findings.add(format!("{path}.id"), format!("{} is listed twice", zone.id));
            }
            findings.text(format!("{path}.name"), &zone.name);
            if let Some(floor) = &zone.floor {
                findings.text(format!("{path}.floor"), floor);
            }
            if zone
                .area
                .is_some_and(|area| area.width == 0 || area.height == 0)
            {
                findings.add(format!("{path}.area"), "needs a width and a height");
            }
        }
        for (index, window) in self.windows.iter().enumerate() {
            if let Some(zone) = window
                .zone
                .as_ref()
                .filter(|zone| self.zone(zone).is_none())
            {
                findings.add(
                    format!("windows[{index}].zone"),
                    format!("there is no zone {zone}"),
                );
            }
        }
    }

    fn check_hours(&self, findings: &mut Findings) {
        self.week
            .check("week", &mut |field, reason| findings.add(field, reason));
        let mut seen = BTreeSet::new();
        for (index, day) in self.special_days.iter().enumerate() {
            let path = format!("special_days[{index}]");
            if !seen.insert(day.date) {
                findings.add(
                    format!("{path}.date"),
                    format!("{} is listed twice", day.date),
                );
            }
            day.check(&path, &mut |field, reason| findings.add(field, reason));
        }
    }

    fn check_network(&self, findings: &mut Findings) {
        for (index, service) in self.services.iter().enumerate() {
            if let Some(Err(reason)) = service.authorisation.as_ref().map(Authorisation::check) {
                findings.add(format!("services[{index}].authorisation"), reason);
            }
        }
        let mut seen = BTreeSet::new();
        for (index, neighbour) in self.neighbours.iter().enumerate() {
            let path = format!("neighbours[{index}]");
            if !seen.insert(&neighbour.hall) {
                let reason = format!("{} is listed twice", neighbour.hall);
                findings.add(format!("{path}.hall"), reason);
            }
            if let Err(reason) = neighbour.check(&self.hall) {
                findings.add(path, format!("{} {reason}", neighbour.hall));
            }
        }
    }

    fn check_appointments(&self, findings: &mut Findings) {
        let mut seen = BTreeSet::new();
        for (index, rule) in self.appointments.iter().enumerate() {
            let path = format!("appointments[{index}]");
            if !seen.insert(&rule.id) {
                findings.add(format!("{path}.id"), format!("{} is listed twice", rule.id));
            }
            if let Some(name) = &rule.name {
                findings.text(format!("{path}.name"), name);
            }
            rule.check(self, &path, &mut |field, reason| {
                findings.add(field, reason)
            });
        }
    }

    fn check_policy(&self, findings: &mut Findings) {
        let policy = &self.policy;
        let limits: [(&str, u32, u32, u32); 28] = [
            ("early_open_minutes", policy.early_open_minutes, 0, 240),
            ("near_closing_minutes", policy.near_closing_minutes, 0, 240),
            ("missed_grace_minutes", policy.missed_grace_minutes, 0, 120),
            ("parked_grace_minutes", policy.parked_grace_minutes, 0, 240),
            ("walking_seconds", policy.walking_seconds, 5, 600),
            (
                "recalls_before_missed",
                policy.recalls_before_missed.into(),
                0,
                20,
            ),
            ("recall_pause_seconds", policy.recall_pause_seconds, 1, 120),
            ("returns", policy.returns.into(), 0, 100),
            ("return_after_calls", policy.return_after_calls, 0, 1_000),
            ("defer_after_calls", policy.defer_after_calls, 0, 1_000),
            (
                "primary_patience_minutes",
                policy.primary_patience_minutes,
                0,
                600,
            ),
            ("priority_rate", policy.priority_rate, 1, 100),
            ("prioritised_in_a_row", policy.prioritised_in_a_row, 1, 100),
            (
                "resume_elsewhere_minutes",
                policy.resume_elsewhere_minutes,
                0,
                240,
            ),
            ("undo_seconds", policy.undo_seconds, 0, 120),
            ("voucher_working_days", policy.voucher_working_days, 1, 30),
            ("rating_hours", policy.rating_hours, 1, 720),
            (
                "overrun_begins_minutes",
                policy.overrun_begins_minutes,
                1,
                600,
            ),
            (
                "overrun_ends_minutes",
                policy.overrun_ends_minutes,
                0,
                policy.overrun_begins_minutes,
            ),
            ("appointment_rate", policy.appointment_rate, 1, 100),
            ("latest_call_minutes", policy.latest_call_minutes, 0, 240),
            (
                "check_in_early_minutes",
                policy.check_in_early_minutes,
                0,
                240,
            ),
            (
                "check_in_late_minutes",
                policy.check_in_late_minutes,
                0,
                240,
            ),
            ("hold_minutes", policy.hold_minutes, 1, 60),
            ("offer_minutes", policy.offer_minutes, 5, 1_440),
            ("lease_numbers", policy.lease_numbers, 1, 500),
            ("bookings_per_person", policy.bookings_per_person, 1, 50),
            (
                "places_per_booking",
                policy.places_per_booking.into(),
                1,
                50,
            ),
        ];
        let no_shows = policy.no_show_limit.iter().flat_map(|limit| {
            [
                ("no_show_limit.count", limit.count, 1, 100),
                ("no_show_limit.within_days", limit.within_days, 1, 365),
                ("no_show_limit.blocked_days", limit.blocked_days, 1, 365),
            ]
        });
        for (name, value, low, high) in limits.into_iter().chain(no_shows) {
            if !(low..=high).contains(&value) {
                findings.add(
                    format!("policy.{name}"),
                    format!("must be between {low} and {high}, not {value}"),
                );
            }
        }
    }
}

struct Findings(Vec<PlanError>);

impl Findings {
    fn add(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        self.0.push(PlanError {
            field: field.into(),
            reason: reason.into(),
        });
    }

    fn text(&mut self, field: impl Into<String>, text: &Text) {
        let missing = [("zh", &text.zh), ("en", &text.en)]
            .into_iter()
            .filter(|(_, words)| words.trim().is_empty());
        let field = field.into();
        for (language, _) in missing {
            self.add(format!("{field}.{language}"), "must not be empty");
        }
    }
}
