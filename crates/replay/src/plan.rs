//! The hall in which a recording can happen: its windows, services and hours follow from the recorded days.
//!
//! Each room has a window, and one more for each ticket that it had open beside another. On a recorded date the hall
//! opens a little before the first number and closes right after the last one. So the day closes when all its tickets
//! are done. Every other date is a day off. Policies are changed where the recording needs it.

use super::error::ReplayError;
use super::itinerary::{DayPlan, Stop};
use chrono::{Duration, NaiveTime, Timelike};
use hall::Plan;
use hall::id::{HallId, Prefix, ServiceId, WindowNumber};
use hall::plan::hours::{DayHours, FromTo, SpecialDay, Week};
use hall::plan::policy::Policy;
use hall::plan::{Service, WindowPlan};
use hall::text::Text;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Doors open this long before the first recorded number, so that windows are staffed when it is taken.
const LEAD: Duration = Duration::minutes(5);
const LAST_MINUTE: NaiveTime = NaiveTime::from_hms_opt(23, 59, 0).expect("23:59 exists");
/// The longest grace that a plan may give a parked ticket.
const PARKED_GRACE_LONGEST: u32 = 240;

/// Who decides whom a room calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Officers {
    /// The recording: the same ticket at the same second.
    #[default]
    Recorded,
    /// The hall's calling rule, with the recorded arrivals and service times.
    Auto,
}

/// A recorded room and the window that stands for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomWindow {
    pub room: String,
    /// 0 for the room itself, more for the windows that it needs while it has several tickets.
    pub place: usize,
    pub window: WindowNumber,
}

/// A recorded service, as the plan names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceName {
    pub name: String,
    pub id: ServiceId,
}

/// The hall of a recording.
#[derive(Clone, Debug)]
pub struct HallOfRecording {
    pub plan: Plan,
    pub rooms: Vec<RoomWindow>,
    pub services: Vec<ServiceName>,
    officers: Officers,
    /// For a ticket that no room ever called.
    usual: ServiceId,
}

impl HallOfRecording {
    /// Builds the plan.
    pub fn of(
        hall: &HallId,
        time_zone: chrono_tz::Tz,
        days: &[DayPlan],
        officers: Officers,
    ) -> Result<HallOfRecording, ReplayError> {
        let names = service_names(days, officers);
        let services = named_services(names.keys().cloned())?;
        let usual = names.iter().max_by_key(|(_, count)| **count);
        let usual =
            usual.and_then(|(usual, _)| services.iter().find(|service| service.name == *usual));
        let usual = usual.ok_or(ReplayError::Empty)?.id.clone();
        let rooms = rooms(days);
        let mut this = HallOfRecording {
            plan: blank(hall, time_zone),
            rooms,
            services,
            officers,
            usual,
        };
        this.plan.windows = this.windows(days);
        this.plan.services = this.services_of_plan()?;
        this.plan.special_days = days.iter().filter_map(special_day).collect();
        this.plan.policy = policy(days);
        this.plan.check().map_err(ReplayError::Plan)?;
        Ok(this)
    }

    /// The window of a stop.
    pub fn window(&self, stop: &Stop) -> Option<WindowNumber> {
        self.window_at(&stop.room, stop.place)
    }

    /// The room's own window, not one of those it needs while it has several tickets.
    pub fn window_of_room(&self, room: &str) -> Option<WindowNumber> {
        self.window_at(room, 0)
    }

    fn window_at(&self, room: &str, place: usize) -> Option<WindowNumber> {
        let is_it = |at: &&RoomWindow| at.room == room && at.place == place;
        self.rooms.iter().find(is_it).map(|at| at.window)
    }

    /// The service of a stop.
    pub fn service(&self, stop: &Stop) -> &ServiceId {
        self.named(&name_of(stop, self.officers))
    }

    /// A service by its recorded name.
    pub fn named(&self, name: &str) -> &ServiceId {
        self.services
            .iter()
            .find(|service| service.name == name)
            .map_or(&self.usual, |service| &service.id)
    }

    fn windows(&self, days: &[DayPlan]) -> Vec<WindowPlan> {
        let offered = |room: &str| {
            let stops = days.iter().flat_map(DayPlan::stops);
            let here = stops.filter(|stop| stop.room == room);
            let services: BTreeSet<&ServiceId> = here.map(|stop| self.service(stop)).collect();
            services.into_iter().cloned().collect()
        };
        let window = |at: &RoomWindow| WindowPlan {
            number: at.window,
            services: offered(&at.room),
            everything: false,
            primary: Vec::new(),
            label: Some(Text::new(&at.room, &at.room)),
            prefers: None,
            zone: None,
        };
        self.rooms.iter().map(window).collect()
    }

    fn services_of_plan(&self) -> Result<Vec<Service>, ReplayError> {
        let prefix = Prefix::parse("A").map_err(|error| ReplayError::Name {
            text: "A".into(),
            error,
        })?;
        let offered = |id: &ServiceId| self.plan.windows.iter().any(|window| window.offers(id));
        let service = |service: &ServiceName| Service {
            id: service.id.clone(),
            name: Text::new(&service.name, &service.name),
            // one series for all, as the recording has it
            prefix: prefix.clone(),
            typical_minutes: 6,
            documents: Vec::new(),
            ask_documents: false,
            online: None,
            week: None,
            identify: false,
            authorisation: None,
        };
        let services = self.services.iter().filter(|named| offered(&named.id));
        Ok(services.map(service).collect())
    }
}

/// Each service name with the number of its stops. With [`Officers::Auto`] a service has one name for each kind of
/// room: a ticket moves from ultrasound to review, and with one name for both any room could end the visit of any
/// other.
fn service_names(days: &[DayPlan], officers: Officers) -> BTreeMap<String, usize> {
    let mut names = BTreeMap::new();
    for stop in days.iter().flat_map(DayPlan::stops) {
        *names.entry(name_of(stop, officers)).or_default() += 1;
    }
    names
}

fn name_of(stop: &Stop, officers: Officers) -> String {
    match officers {
        Officers::Recorded => stop.service.clone(),
        Officers::Auto => format!("{} · {}", stop.service, kind_of(&stop.room)),
    }
}

/// A room's name without its number: `Treatment Room 2` and `Treatment Room 3` do the same.
fn kind_of(room: &str) -> &str {
    let kind = room
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches([' ', '-', '#']);
    if kind.is_empty() { "window" } else { kind }
}

fn named_services(names: impl Iterator<Item = String>) -> Result<Vec<ServiceName>, ReplayError> {
    let mut seen = BTreeSet::new();
    let mut services = Vec::new();
    for name in names {
        let slug = slug(&name);
        let numbered = (2..).map(|count| format!("{slug}-{count}"));
        let free = std::iter::once(slug.clone())
            .chain(numbered)
            .find(|id| !seen.contains(id))
            .unwrap_or(slug.clone());
        let id = ServiceId::parse(free.clone()).map_err(|error| ReplayError::Name {
            text: name.clone(),
            error,
        })?;
        seen.insert(free);
        services.push(ServiceName { name, id });
    }
    Ok(services)
}

/// Lower-case letters, digits and hyphens; short enough to be numbered.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(34);
    let slug = slug.trim_matches('-');
    if slug.is_empty() {
        "service".into()
    } else {
        slug.into()
    }
}

/// A window per room, with the number on its door where that is clear, and those for second places behind them.
fn rooms(days: &[DayPlan]) -> Vec<RoomWindow> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for stop in days.iter().flat_map(DayPlan::stops) {
        let most = places.entry(&stop.room).or_default();
        *most = (*most).max(stop.place);
    }
    let on_door: Vec<Option<u16>> = places.keys().map(|room| number_on_door(room)).collect();
    let is_clear = |number: &Option<u16>| {
        number.is_some() && on_door.iter().filter(|other| *other == number).count() == 1
    };
    let clear = on_door.iter().filter(|number| is_clear(number));
    let mut used: BTreeSet<u16> = clear.flatten().copied().collect();
    let mut next = move || {
        let free = (1..=999).find(|number| !used.contains(number));
        let free = free.unwrap_or(999);
        used.insert(free);
        WindowNumber(free)
    };
    let mut rooms: Vec<RoomWindow> = places
        .keys()
        .zip(&on_door)
        .map(|(room, number)| {
            let clear = number.filter(|_| is_clear(number)).map(WindowNumber);
            RoomWindow {
                room: (*room).to_string(),
                place: 0,
                window: clear.unwrap_or_else(&mut next),
            }
        })
        .collect();
    for (room, most) in places {
        rooms.extend((1..=most).map(|place| RoomWindow {
            room: room.to_string(),
            place,
            window: next(),
        }));
    }
    rooms
}

fn number_on_door(room: &str) -> Option<u16> {
    let digits = room.len() - room.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let number = room[room.len() - digits..].parse().ok();
    number.filter(|number| (1..=999).contains(number))
}

fn special_day(day: &DayPlan) -> Option<SpecialDay> {
    let (first, last) = day.takings()?;
    let opens = if first < NaiveTime::MIN + LEAD {
        NaiveTime::MIN
    } else {
        to_minute(first - LEAD)
    };
    let closes = if last >= LAST_MINUTE {
        LAST_MINUTE
    } else {
        to_minute(last) + Duration::minutes(1)
    };
    let hours = DayHours {
        sessions: vec![FromTo { opens, closes }],
        appointments_only: false,
    };
    Some(SpecialDay {
        date: day.date,
        name: None,
        as_weekday: None,
        hours: Some(hours),
        official: None,
    })
}

fn to_minute(time: NaiveTime) -> NaiveTime {
    NaiveTime::from_hms_opt(time.hour(), time.minute(), 0).unwrap_or(time)
}

/// The usual policy, changed where the recording broke it.
fn policy(days: &[DayPlan]) -> Policy {
    let usual = Policy::default();
    let stops = days.iter().flat_map(DayPlan::stops);
    let missed = stops.filter(|stop| stop.missed);
    let seconds = missed.map(|stop| stop.occupied().num_seconds().max(0) as u32);
    let shortest = seconds.min();
    let parked_grace = days.iter().map(parked_grace).max().unwrap_or(0);
    Policy {
        // recalls may be as close together as in the recording
        recall_pause_seconds: 1,
        walking_seconds: shortest.map_or(usual.walking_seconds, |shortest| {
            shortest.clamp(5, usual.walking_seconds)
        }),
        // missed citizens may come back as often as in the recording
        returns: 100,
        parked_grace_minutes: parked_grace.max(usual.parked_grace_minutes),
        ..usual
    }
}

/// Minutes after closing at which the last parked ticket of a day is back.
fn parked_grace(day: &DayPlan) -> u32 {
    let Some((_, closes)) = day.takings() else {
        return 0;
    };
    let last = day.stops().map(|stop| stop.since).max();
    let longest = last.map_or(0, |back| (back - closes).num_minutes() + 1);
    (longest.max(0) as u32).min(PARKED_GRACE_LONGEST)
}

fn blank(hall: &HallId, time_zone: chrono_tz::Tz) -> Plan {
    Plan {
        appointments: Vec::new(),
        hall: hall.clone(),
        revision: 0,
        name: Text::new("回放大厅", "Recorded hall"),
        address: None,
        hotline: None,
        time_zone,
        calendar_years: Vec::new(),
        policy: Policy::default(),
        week: Week::default(),
        special_days: Vec::new(),
        services: Vec::new(),
        windows: Vec::new(),
        zones: Vec::new(),
        neighbours: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::importers::{Format, from_bytes};
    use expect_test::expect;

    fn hall_of(rows: &str, officers: Officers) -> HallOfRecording {
        let text = format!("date,ticket,service,window,taken_at,called_at,finished_at\n{rows}");
        let recording = from_bytes(text.as_bytes(), "x.csv", Format::Own).unwrap();
        let days: Vec<DayPlan> = recording.days.iter().map(DayPlan::of).collect();
        let hall = HallId::parse("replay").unwrap();
        HallOfRecording::of(&hall, chrono_tz::Asia::Shanghai, &days, officers).unwrap()
    }

    const ROWS: &str = "2026-03-02,1,Ultrasound/ Review,Room 5,08:00:30,08:10,09:00\n\
                        2026-03-02,2,Ultrasound/ Review,Room 5,08:01:30,08:20,08:30\n\
                        2026-03-03,1,登记,Desk,08:02:30,08:10,08:30\n\
                        2026-03-03,2,更正,Annexe 5 ,08:02:59,08:10,08:30\n";

    #[test]
    fn windows_carry_the_number_on_the_door_where_it_is_clear() {
        let hall = hall_of(ROWS, Officers::Recorded);
        let rooms: Vec<String> = hall
            .rooms
            .iter()
            .map(|at| format!("{} {} {}", at.window, at.room, at.place))
            .collect();
        assert_eq!(
            rooms,
            ["1 Annexe 5 0", "2 Desk 0", "3 Room 5 0", "4 Room 5 1"]
        );
        let ids: Vec<&str> = hall
            .services
            .iter()
            .map(|service| service.id.as_str())
            .collect();
        assert_eq!(ids, ["ultrasound-review", "service", "service-2"]);
    }

    #[test]
    fn the_hall_opens_on_recorded_days_only_and_closes_after_the_last_number() {
        let plan = hall_of(ROWS, Officers::Recorded).plan;
        let hours: Vec<String> = plan
            .special_days
            .iter()
            .map(|day| format!("{} {}", day.date, day.hours.as_ref().unwrap().sessions[0]))
            .collect();
        expect![[r#"
            2026-03-02 07:55-08:02
            2026-03-03 07:57-08:03"#]]
        .assert_eq(&hours.join("\n"));
        assert_eq!(Plan::from_toml(&plan.to_toml()), Ok(plan));
    }

    #[test]
    fn chosen_officers_are_told_apart_by_what_their_rooms_do() {
        let hall = hall_of(ROWS, Officers::Auto);
        let names: Vec<&str> = hall
            .services
            .iter()
            .map(|service| service.name.as_str())
            .collect();
        assert_eq!(
            names,
            ["Ultrasound/ Review · Room", "更正 · Annexe", "登记 · Desk"]
        );
    }
}
