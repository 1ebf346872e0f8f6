//! Whether a plan makes sense as a whole: everything that is wrong is said at once, each with its field.

use super::Plan;
use super::authorisation::Authorisation;
use crate::text::Text;
use std::collections::BTreeSet;
use std::fmt;

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
