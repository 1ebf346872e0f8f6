//! Whether a plan makes sense as a whole: everything that is wrong is said at once, each with its field.

use super::Plan;
use super::authorisation::Authorisation;
use super::hours::{DayHours, Week};
use crate::text::Text;
use crate::time::YEARS;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::ops::RangeInclusive;

/// One thing wrong with a plan: where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// Path of the field, such as `services[2].prefix`; empty when the file as a whole cannot be read.
    pub field: String,
    pub reason: String,
}

impl Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}: {}", self.field, self.reason)
        }
    }
}

impl std::error::Error for PlanError {}

/// Fields of a policy, each with its name, its value, and the least and the most that it may be.
macro_rules! limits {
    ($policy:ident: $($field:ident $least:expr, $most:expr;)*) => {
        vec![$((stringify!($field), u32::from($policy.$field), $least, $most)),*]
    };
}

impl Plan {
    /// Whether the document makes sense as a whole.
    pub fn check(&self) -> Result<(), Vec<PlanError>> {
        let mut errors = Vec::new();
        let mut all = Part {
            path: String::new(),
            errors: &mut errors,
        };
        all.text("name", Some(&self.name));
        all.text("address", self.address.as_ref());
        self.check_services(&mut all);
        self.check_windows(&mut all);
        self.check_zones(&mut all);
        self.check_hours(&mut all);
        self.check_appointments(&mut all);
        self.check_policy(&mut all);
        self.check_network(&mut all);
        match errors.is_empty() {
            true => Ok(()),
            false => Err(errors),
        }
    }

    fn check_services(&self, all: &mut Part) {
        if self.services.is_empty() {
            all.wrong("services", "a hall needs at least one service");
        }
        let mut seen = BTreeSet::new();
        for (index, service) in self.services.iter().enumerate() {
            let mut part = all.part(format!("services[{index}]"));
            part.once("id", &service.id, &mut seen);
            part.text("name", Some(&service.name));
            part.between(
                "typical_minutes",
                service.typical_minutes,
                1..=480,
                " minutes",
            );
            for (index, document) in service.documents.iter().enumerate() {
                part.text(&format!("documents[{index}]"), Some(document));
            }
            if let Some(route) = &service.online {
                part.text("online.name", Some(&route.name));
                if !route.url.starts_with("https://") && !route.url.starts_with("http://") {
                    part.wrong("online.url", "must begin with https:// or http://");
                }
            }
            if let Some(week) = &service.week {
                part.week(week);
            }
            if !self.windows.iter().any(|window| window.offers(&service.id)) {
                part.wrong("id", format!("no window offers {}", service.id));
            }
        }
    }

    fn check_windows(&self, all: &mut Part) {
        if self.windows.is_empty() {
            all.wrong("windows", "a hall needs at least one window");
        }
        let mut seen = BTreeSet::new();
        for (index, window) in self.windows.iter().enumerate() {
            let mut part = all.part(format!("windows[{index}]"));
            part.between("number", window.number.0.into(), 1..=999, "");
            part.once("number", format!("window {}", window.number), &mut seen);
            part.text("label", window.label.as_ref());
            if window.services.is_empty() && !window.everything {
                part.wrong(
                    "services",
                    "name at least one service, or set everything = true",
                );
            }
            for service in &window.services {
                if self.service(service).is_none() {
                    part.wrong("services", format!("there is no service {service}"));
                }
            }
            for service in &window.primary {
                if self.service(service).is_none() || !window.offers(service) {
                    part.wrong(
                        "primary",
                        format!("{service} is not offered at this window"),
                    );
                }
            }
        }
    }

    fn check_zones(&self, all: &mut Part) {
        let mut seen = BTreeSet::new();
        for (index, zone) in self.zones.iter().enumerate() {
            let mut part = all.part(format!("zones[{index}]"));
            part.once("id", &zone.id, &mut seen);
            part.text("name", Some(&zone.name));
            part.text("floor", zone.floor.as_ref());
            let area = zone.area.as_ref();
            if area.is_some_and(|area| area.width == 0 || area.height == 0) {
                part.wrong("area", "needs a width and a height");
            }
        }
        for (index, window) in self.windows.iter().enumerate() {
            let zone = window.zone.as_ref();
            if let Some(zone) = zone.filter(|zone| self.zone(zone).is_none()) {
                let mut part = all.part(format!("windows[{index}]"));
                part.wrong("zone", format!("there is no zone {zone}"));
            }
        }
    }

    fn check_hours(&self, all: &mut Part) {
        all.week(&self.week);
        if self.calendar_years.iter().any(|year| !YEARS.contains(year)) {
            all.wrong("calendar_years", years_in_words());
        }
        let mut seen = BTreeSet::new();
        for (index, day) in self.special_days.iter().enumerate() {
            let mut part = all.part(format!("special_days[{index}]"));
            part.once("date", day.date, &mut seen);
            part.date("date", day.date);
            if day.as_weekday.is_some() && day.hours.is_some() {
                part.wrong(
                    "",
                    "give either `as` (another weekday) or `hours`, not both",
                );
            }
            if let Some(hours) = &day.hours {
                part.part("hours").day(hours);
            }
        }
    }

    fn check_appointments(&self, all: &mut Part) {
        let mut seen = BTreeSet::new();
        for (index, rule) in self.appointments.iter().enumerate() {
            let mut part = all.part(format!("appointments[{index}]"));
            part.once("id", &rule.id, &mut seen);
            part.text("name", rule.name.as_ref());
            rule.check(self, &mut part);
        }
    }

    fn check_policy(&self, all: &mut Part) {
        let policy = &self.policy;
        let mut limits = limits! { policy:
            early_open_minutes 0, 240;
            near_closing_minutes 0, 240;
            missed_grace_minutes 0, 120;
            parked_grace_minutes 0, 240;
            walking_seconds 5, 600;
            recalls_before_missed 0, 20;
            recall_pause_seconds 1, 120;
            returns 0, 100;
            return_after_calls 0, 1_000;
            defer_after_calls 0, 1_000;
            primary_patience_minutes 0, 600;
            priority_rate 1, 100;
            prioritised_in_a_row 1, 100;
            resume_elsewhere_minutes 0, 240;
            undo_seconds 0, 120;
            voucher_working_days 1, 30;
            rating_hours 1, 720;
            overrun_begins_minutes 1, 600;
            overrun_ends_minutes 0, policy.overrun_begins_minutes;
            appointment_rate 1, 100;
            latest_call_minutes 0, 240;
            check_in_early_minutes 0, 240;
            check_in_late_minutes 0, 240;
            hold_minutes 1, 60;
            offer_minutes 5, 1_440;
            lease_numbers 1, 500;
            bookings_per_person 1, 50;
            places_per_booking 1, 50;
        };
        if let Some(most) = policy.bookings_per_phone {
            limits.push(("bookings_per_phone", most, 1, 100));
        }
        if let Some(limit) = &policy.no_show_limit {
            limits.extend([
                ("no_show_limit.count", limit.count, 1, 100),
                ("no_show_limit.within_days", limit.within_days, 1, 365),
                ("no_show_limit.blocked_days", limit.blocked_days, 1, 365),
            ]);
        }
        let mut part = all.part("policy");
        for (name, value, low, high) in limits {
            part.between(name, value, low..=high, &format!(", not {value}"));
        }
    }

    fn check_network(&self, all: &mut Part) {
        for (index, service) in self.services.iter().enumerate() {
            let authorisation = service.authorisation.as_ref();
            let dates = authorisation.map(|one| [one.from, one.until]);
            for date in dates.into_iter().flatten().flatten() {
                let mut part = all.part(format!("services[{index}]"));
                part.date("authorisation", date);
            }
            if let Some(Err(reason)) = service.authorisation.as_ref().map(Authorisation::check) {
                all.part(format!("services[{index}]"))
                    .wrong("authorisation", reason);
            }
        }
        let mut seen = BTreeSet::new();
        for (index, neighbour) in self.neighbours.iter().enumerate() {
            let mut part = all.part(format!("neighbours[{index}]"));
            part.once("hall", &neighbour.hall, &mut seen);
            if let Err(reason) = neighbour.check(&self.hall) {
                part.wrong("", format!("{} {reason}", neighbour.hall));
            }
        }
    }
}

fn years_in_words() -> String {
    let (first, last) = YEARS.into_inner();
    format!("must be of the years {first} to {last}")
}

/// A part of the plan, and all that was found wrong so far.
pub(super) struct Part<'a> {
    path: String,
    errors: &'a mut Vec<PlanError>,
}

impl Part<'_> {
    /// A part of this part.
    fn part(&mut self, name: impl Display) -> Part<'_> {
        Part {
            path: self.path_of(&name.to_string()),
            errors: self.errors,
        }
    }

    /// A field is wrong; without a name the part itself is.
    pub(super) fn wrong(&mut self, field: &str, reason: impl Into<String>) {
        let field = self.path_of(field);
        let reason = reason.into();
        self.errors.push(PlanError { field, reason });
    }

    fn path_of(&self, field: &str) -> String {
        let is_nested = !self.path.is_empty() && !field.is_empty();
        format!("{}{}{field}", self.path, if is_nested { "." } else { "" })
    }

    /// No other part of its kind has the same.
    fn once<T: Ord + Display>(&mut self, field: &str, value: T, seen: &mut BTreeSet<T>) {
        let twice = format!("{value} is listed twice");
        if !seen.insert(value) {
            self.wrong(field, twice);
        }
    }

    pub(super) fn between(
        &mut self,
        field: &str,
        value: u32,
        limits: RangeInclusive<u32>,
        unit: &str,
    ) {
        if !limits.contains(&value) {
            let (low, high) = limits.into_inner();
            self.wrong(field, format!("must be between {low} and {high}{unit}"));
        }
    }

    /// A date of a hall's time.
    pub(super) fn date(&mut self, field: &str, date: NaiveDate) {
        if !YEARS.contains(&date.year()) {
            self.wrong(field, years_in_words());
        }
    }

    /// Words are there in both languages, if at all.
    fn text(&mut self, field: &str, text: Option<&Text>) {
        let both = text.map(|text| [("zh", &text.zh), ("en", &text.en)]);
        for (language, words) in both.into_iter().flatten() {
            if words.trim().is_empty() {
                self.wrong(&format!("{field}.{language}"), "must not be empty");
            }
        }
    }

    fn week(&mut self, week: &Week) {
        let days = week.days();
        for (index, (name, hours)) in days.into_iter().enumerate() {
            let (_, next) = days[(index + 1) % days.len()];
            let mut week = self.part("week");
            let mut day = week.part(name);
            day.day(hours);
            let last = hours.sessions.last().filter(|last| last.crosses_midnight());
            if let Some((last, first)) = last.zip(next.sessions.first())
                && last.closes > first.opens
            {
                day.wrong("", format!("{last} runs into {first} of the next day"));
            }
        }
    }

    fn day(&mut self, hours: &DayHours) {
        hours.faults().for_each(|fault| self.wrong("", fault));
    }
}
