//! Appointment rules and the slots they make: which places the plan offers, on which dates, at what time.
//!
//! A slot is derived from the plan and never stored. What a booking keeps is its [`Reservation`]: the slots it takes,
//! with their times as they were promised, so that it means the same after the plan has changed.

use crate::id::{ActorId, MalformedId, RuleId, ServiceId, WindowNumber, written_as_text};
use crate::plan::Plan;
use crate::plan::check::Part;
use crate::plan::hours::{FromTo, Session, dates};
use crate::text::Text;
use crate::time::{Time, YEARS};
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use utoipa::ToSchema;

/// Most slots one matter takes in a row.
pub(crate) const ROW_LONGEST: u8 = 12;

/// When and for what places can be booked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointmentRule {
    /// Part of every slot's name.
    pub id: RuleId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    #[serde(default, skip_serializing_if = "AppointmentKind::is_window")]
    pub kind: AppointmentKind,
    pub services: Vec<ServiceId>,
    /// On these weekdays; a make-up day counts as the weekday it works as.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub weekdays: Vec<Weekday>,
    /// And on these dates.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "dates"
    )]
    pub dates: Vec<NaiveDate>,
    pub hours: FromTo,
    pub slot_minutes: u32,
    /// Places in each slot.
    pub places: u16,
    /// How many slots in a row a hard matter takes; one where nothing is said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub takes: BTreeMap<ServiceId, u8>,
    /// Windows that serve these appointments before anyone else while a slot runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<WindowNumber>,
    /// The officers who do it (专人); empty for anyone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub officers: Vec<ActorId>,
    /// How many days ahead it can be booked.
    #[serde(default = "horizon_days")]
    pub horizon_days: u16,
    /// Booking ends this long before the slot; what is left is given on the spot.
    #[serde(default = "cut_off_minutes")]
    pub cut_off_minutes: u32,
}

fn horizon_days() -> u16 {
    14
}

fn cut_off_minutes() -> u32 {
    120
}

/// Where it takes place.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = Kind)]
pub enum AppointmentKind {
    /// At a window: check-in makes it a ticket.
    #[default]
    Window,
    /// An officer comes to the visitor's address (上门办).
    HomeVisit,
    /// An officer does it for the visitor (帮代办).
    ProxyHelp,
}

impl AppointmentKind {
    /// Whether the visitor comes to the hall.
    pub fn is_window(&self) -> bool {
        match self {
            AppointmentKind::Window => true,
            AppointmentKind::HomeVisit | AppointmentKind::ProxyHelp => false,
        }
    }

    /// For people.
    pub fn label(self) -> Text {
        match self {
            AppointmentKind::Window => Text::new("到窗口办理", "At a window"),
            AppointmentKind::HomeVisit => Text::new("上门办理", "Home visit"),
            AppointmentKind::ProxyHelp => Text::new("帮代办", "Done for you"),
        }
    }
}

/// A slot's name: the rule and the hall's local date and time, `weekend-20261128T0900`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SlotId {
    rule: RuleId,
    starts: NaiveDateTime,
}

written_as_text!(SlotId, MalformedId);

const SLOT_TIME: &str = "%Y%m%dT%H%M";

impl SlotId {
    /// The slot of a rule that starts at this local date and time.
    pub fn new(rule: RuleId, date: NaiveDate, time: NaiveTime) -> SlotId {
        let starts = date.and_time(time);
        SlotId { rule, starts }
    }

    /// Reads a slot's name.
    pub fn parse(text: &str) -> Result<SlotId, MalformedId> {
        let malformed = || MalformedId {
            what: "slot id",
            expected: "a rule, a date and a time such as weekend-20261128T0900",
        };
        let (rule, starts) = text.rsplit_once('-').ok_or_else(malformed)?;
        let starts = NaiveDateTime::parse_from_str(starts, SLOT_TIME).map_err(|_| malformed())?;
        // chrono reads years of six digits, and there is no arithmetic with those
        if !YEARS.contains(&starts.year()) {
            return Err(malformed());
        }
        Ok(SlotId {
            rule: RuleId::parse(rule).map_err(|_| malformed())?,
            starts,
        })
    }

    /// The rule that makes it.
    pub fn rule(&self) -> &RuleId {
        &self.rule
    }

    /// Its local date.
    pub fn date(&self) -> NaiveDate {
        self.starts.date()
    }
}

impl fmt::Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.rule, self.starts.format(SLOT_TIME))
    }
}

/// One slot as the plan in force makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot<'a> {
    pub id: SlotId,
    pub rule: &'a AppointmentRule,
    pub starts_at: Time,
    pub ends_at: Time,
    /// When the session it lies in closes: until then whoever booked can check in.
    pub session_closes: Time,
}

/// The places somebody has, or is promised for a while: the same number in each of these slots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// In a row, the first one being when the visitor comes.
    pub slots: Vec<SlotId>,
    pub places: u16,
    pub starts_at: Time,
    pub ends_at: Time,
    /// Not checked in by then is a no-show.
    pub check_in_until: Time,
}

impl Reservation {
    /// The slot at which the visitor comes.
    pub fn first_slot(&self) -> &SlotId {
        let first = self.slots.first();
        first.expect("a reservation is made of one slot at least")
    }

    /// Whether its slots follow one another as one rule makes them.
    pub(crate) fn is_in_a_row(&self) -> bool {
        let steps = self.slots.windows(2).map(|pair| {
            let step = pair[1].starts - pair[0].starts;
            (pair[1].rule == pair[0].rule && step > Duration::zero()).then_some(step)
        });
        let steps: Vec<Option<Duration>> = steps.collect();
        let is_even = steps.iter().all(|step| step.is_some() && *step == steps[0]);
        !self.slots.is_empty() && is_even && self.starts_at < self.ends_at
    }
}

impl AppointmentRule {
    /// How many slots in a row a service takes.
    pub fn in_a_row(&self, service: &ServiceId) -> u8 {
        self.takes.get(service).copied().unwrap_or(1)
    }

    /// How long before its slot a place can still be booked.
    pub fn cut_off(&self) -> Duration {
        Duration::minutes(self.cut_off_minutes.into())
    }

    fn slot_length(&self) -> Duration {
        Duration::minutes(self.slot_minutes.into())
    }

    /// How long after the first slot's beginning each begins.
    fn steps(&self) -> impl Iterator<Item = Duration> + '_ {
        let step = i64::from(self.slot_minutes.max(1));
        let count = self.hours.length().num_minutes() / step;
        (0..count).map(move |index| Duration::minutes(index * step))
    }

    /// When the slots of a date begin, some of them perhaps after its midnight.
    fn starts(&self, date: NaiveDate) -> impl Iterator<Item = NaiveDateTime> + '_ {
        let first = date.and_time(self.hours.opens);
        self.steps()
            .filter_map(move |step| first.checked_add_signed(step))
    }

    /// Reports what makes no sense.
    pub(super) fn check(&self, plan: &Plan, part: &mut Part) {
        if self.weekdays.is_empty() && self.dates.is_empty() {
            part.wrong("weekdays", "name weekdays or dates");
        }
        for date in &self.dates {
            part.date("dates", *date);
        }
        if self.services.is_empty() {
            part.wrong("services", "name at least one service");
        }
        for service in &self.services {
            if plan.service(service).is_none() {
                part.wrong("services", format!("there is no service {service}"));
            }
        }
        for (service, slots) in &self.takes {
            if !self.services.contains(service) || !(1..=ROW_LONGEST).contains(slots) {
                let reason =
                    format!("{service} must be one of the services, with 1 to {ROW_LONGEST} slots");
                part.wrong("takes", reason);
            }
        }
        let minutes = self.slot_minutes;
        part.between("slot_minutes", minutes, 5..=480, " minutes");
        if (5..=480).contains(&minutes)
            && (self.hours.is_backwards() || self.steps().next().is_none())
        {
            let reason = format!("{} has no room for a slot of {minutes} minutes", self.hours);
            part.wrong("hours", reason);
        }
        part.between("places", self.places.into(), 1..=500, "");
        part.between("horizon_days", self.horizon_days.into(), 1..=365, " days");
        if self.cut_off_minutes > 7 * 24 * 60 {
            part.wrong("cut_off_minutes", "must be a week at most");
        }
        self.check_windows(plan, part);
        let mut weekdays = self.weekdays.iter();
        let is_named = !self.weekdays.is_empty() && !self.services.is_empty();
        let by_week = is_named && self.dates.is_empty();
        if by_week && !weekdays.any(|day| self.fits_on(plan, *day)) {
            let reason = "no slot lies within a session of these services on these weekdays";
            part.wrong("hours", reason);
        }
    }

    /// Whether the week has room for a slot on this weekday.
    fn fits_on(&self, plan: &Plan, weekday: Weekday) -> bool {
        let services = self.services.iter().filter_map(|id| plan.service(id));
        let weeks = services.map(|service| service.week.as_ref().unwrap_or(&plan.week));
        let mut sessions = weeks.flat_map(|week| &week.on(weekday).sessions);
        let opens = self.hours.opens - NaiveTime::MIN;
        let holds = |session: &FromTo, step: Duration| {
            let (from, starts) = (session.opens - NaiveTime::MIN, opens + step);
            from <= starts && starts + self.slot_length() <= from + session.length()
        };
        !self.kind.is_window()
            || self.steps().next().is_none()
            || sessions.any(|session| self.steps().any(|step| holds(session, step)))
    }

    fn check_windows(&self, plan: &Plan, part: &mut Part) {
        if !self.kind.is_window() && !self.windows.is_empty() {
            part.wrong("windows", "nobody comes to a window for this kind");
        }
        let serves = |number: &WindowNumber, service: &ServiceId| {
            let window = plan.window(*number);
            window.is_some_and(|window| window.offers(service))
        };
        for number in &self.windows {
            if !self.services.iter().any(|service| serves(number, service)) {
                let reason = format!("window {number} offers none of the services");
                part.wrong("windows", reason);
            }
        }
        for service in self.services.iter().filter(|_| !self.windows.is_empty()) {
            if !self.windows.iter().any(|number| serves(number, service)) {
                part.wrong("windows", format!("none of these windows offers {service}"));
            }
        }
    }
}

impl Plan {
    /// The rule with this id.
    pub fn appointment_rule(&self, id: &RuleId) -> Option<&AppointmentRule> {
        self.appointments.iter().find(|rule| rule.id == *id)
    }

    /// How many days ahead a service can be booked; `None` if it cannot.
    pub fn booking_horizon(&self, service: &ServiceId) -> Option<u16> {
        let rules = self.appointments.iter();
        let rules = rules.filter(|rule| rule.services.contains(service));
        rules.map(|rule| rule.horizon_days).max()
    }

    /// Whether whoever books this slot has to say where the officer is to come.
    pub fn needs_address(&self, slot: &SlotId) -> bool {
        let rule = self.appointment_rule(slot.rule());
        rule.is_some_and(|rule| rule.kind == AppointmentKind::HomeVisit)
    }

    /// The slots of a service on a date, in order of time.
    pub fn slots(&self, date: NaiveDate, service: &ServiceId) -> Vec<Slot<'_>> {
        let rules = self.appointments.iter();
        let mut slots: Vec<Slot> = rules
            .filter(|rule| rule.services.contains(service) && self.applies(rule, date))
            .flat_map(|rule| {
                rule.starts(date)
                    .filter_map(move |starts| self.slot_of(rule, date, starts, service))
            })
            .collect();
        slots.sort_by(|one, other| (one.starts_at, &one.id).cmp(&(other.starts_at, &other.id)));
        slots
    }

    /// The slot with this name, if the plan still makes it for the service.
    pub fn slot(&self, id: &SlotId, service: &ServiceId) -> Option<Slot<'_>> {
        let rule = self.appointment_rule(&id.rule)?;
        let date = id.starts.date();
        let makes = |date: &NaiveDate| {
            self.applies(rule, *date) && rule.starts(*date).any(|starts| starts == id.starts)
        };
        // behind midnight it may be one of the day before
        let dates = [Some(date), date.pred_opt()].into_iter().flatten();
        let mut dates = dates.filter(|date| rule.services.contains(service) && makes(date));
        dates.find_map(|date| self.slot_of(rule, date, id.starts, service))
    }

    /// The slots a service takes from this one on, each following the one before in the same session; `None` when the
    /// row does not fit.
    pub fn row_of_slots(&self, first: &SlotId, service: &ServiceId) -> Option<Vec<Slot<'_>>> {
        let first = self.slot(first, service)?;
        let rule = first.rule;
        let mut row = vec![first];
        while row.len() < usize::from(rule.in_a_row(service)) {
            let last = row.last().expect("the row begins with one slot");
            let starts = last.id.starts + rule.slot_length();
            let next = SlotId {
                rule: rule.id.clone(),
                starts,
            };
            let next = self.slot(&next, service)?;
            // when clocks go back, an hour lies between two slots that follow one another by name
            if next.session_closes != last.session_closes || next.starts_at != last.ends_at {
                return None;
            }
            row.push(next);
        }
        Some(row)
    }

    /// The rules by which this window serves appointments first, with a slot that runs or begins within `lead`.
    pub fn dedicating(
        &self,
        window: WindowNumber,
        now: Time,
        lead: Duration,
    ) -> impl Iterator<Item = &AppointmentRule> {
        let today = self.date(now);
        let rules = self.appointments.iter();
        let of_window = rules.filter(move |rule| rule.windows.contains(&window));
        of_window.filter(move |rule| {
            let runs = |date: NaiveDate| {
                let from = self.at(date, rule.hours.opens);
                let until = match rule.hours.crosses_midnight() {
                    true => self.at(date.succ_opt().unwrap_or(date), rule.hours.closes),
                    false => self.at(date, rule.hours.closes),
                };
                self.applies(rule, date) && from - lead <= now && now < until
            };
            let dates = [today.pred_opt(), Some(today), today.succ_opt()];
            dates.into_iter().flatten().any(runs)
        })
    }

    fn applies(&self, rule: &AppointmentRule, date: NaiveDate) -> bool {
        rule.dates.contains(&date) || rule.weekdays.contains(&self.weekday_worked(date))
    }

    /// A slot lies within a session of its service, and clocks show its first and its last second: the hour that is skipped in
    /// spring would be the next one once more. A visit to somebody's home only needs a day on which the hall works.
    fn slot_of<'a>(
        &'a self,
        rule: &'a AppointmentRule,
        date: NaiveDate,
        starts: NaiveDateTime,
        service: &ServiceId,
    ) -> Option<Slot<'a>> {
        let last = starts.checked_add_signed(rule.slot_length() - Duration::seconds(1))?;
        if !self.exists(starts) || !self.exists(last) {
            return None;
        }
        let starts_at = self.at(starts.date(), starts.time());
        let ends_at = starts_at + rule.slot_length();
        let holds = |session: &Session| session.opens <= starts_at && ends_at <= session.closes;
        let sessions = self.sessions(date, service);
        let session_closes = match rule.kind {
            AppointmentKind::Window => sessions.into_iter().find(holds)?.closes,
            AppointmentKind::HomeVisit | AppointmentKind::ProxyHelp => {
                self.span(date)?;
                self.at(date.succ_opt()?, NaiveTime::MIN)
            }
        };
        Some(Slot {
            id: SlotId::new(rule.id.clone(), starts.date(), starts.time()),
            rule,
            starts_at,
            ends_at,
            session_closes,
        })
    }
}

/// What a row of slots promises.
pub fn reservation(row: &[Slot], places: u16) -> Option<Reservation> {
    let (first, last) = (row.first()?, row.last()?);
    Some(Reservation {
        slots: row.iter().map(|slot| slot.id.clone()).collect(),
        places,
        starts_at: first.starts_at,
        ends_at: last.ends_at,
        check_in_until: last.session_closes,
    })
}

#[cfg(test)]
mod tests {
    use super::SlotId;

    #[test]
    fn a_slots_name_is_read_as_it_is_written() {
        let id = SlotId::parse("home-visits-20261128T0930").unwrap();
        assert_eq!(id.rule().as_str(), "home-visits");
        assert_eq!(id.to_string(), "home-visits-20261128T0930");
        for wrong in [
            "",
            "weekend",
            "weekend-2026",
            "-20261128T0930",
            "weekend-20261328T0930",
            "weekend-+2621421231T0900",
            "weekend-18991231T0900",
            "weekend-22010101T0900",
        ] {
            assert!(SlotId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
