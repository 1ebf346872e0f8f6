//! Six weeks of real bookings at three German offices, played against plans built from them: nothing is sold twice, and
//! every refusal is one that the data itself explains.
//!
//! What was recorded is which five-minute slots of a calendar were on offer, looked at every quarter of an hour. A slot that
//! vanished is booked here, one that came back is cancelled. Beside the hall stands a ledger made of the rows alone; both
//! must agree after every row. The kinds of rows are printed with their counts.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![expect(clippy::print_stdout, reason = "the kinds are read in the output")]

use chrono::{Datelike, Duration, NaiveDateTime, NaiveTime};
use flate2::read::GzDecoder;
use hall::id::{AppointmentId, CommandId, Fingerprint, PersonId, Sealed, ServiceId, Token};
use hall::plan::slot::SlotId;
use hall::record::command::{Action, Actor, Book, Command};
use hall::state::appointment::Visitor;
use hall::text::Language;
use hall::{
    Answer, Decision, Event, Hall, Plan, Record, Rejection, Time, invariants, rules::timers,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// More slots than this in one look: the office itself opened or closed half a day.
const BY_CITIZENS: usize = 6;

/// How often the whole hall is looked over; each row's slot is looked at every time.
const WHOLE_LOOK_EVERY: u64 = 500;

#[test]
fn real_bookings_are_never_sold_twice() {
    let Some(data) = recording() else {
        println!("SKIPPED: the recording german-appointments-2026 is not here");
        return;
    };
    let offices = read_offices(&data);
    let rows = read_rows(&data);
    let mut kinds: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for source in rows.iter().map(|row| &row.source).collect::<BTreeSet<_>>() {
        let theirs: Vec<&Row> = rows.iter().filter(|row| row.source == *source).collect();
        let mut office = Office::new(plan(source, &offices[source], &theirs), &theirs);
        for row in &theirs {
            *kinds.entry((source.clone(), office.play(row))).or_default() += 1;
        }
        office.agrees_with_its_ledger();
    }
    for ((source, kind), count) in &kinds {
        println!("{count:6} {source}: {kind}");
    }
    assert_eq!(kinds.values().sum::<usize>(), rows.len());
}

/// One change of one slot.
struct Row {
    source: String,
    calendar: String,
    observed_at: NaiveDateTime,
    event: String,
    starts: NaiveDateTime,
    batch: usize,
}

fn recording() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var_os("PAIHAO_DATA").map_or(beside, PathBuf::from);
    let data = data.join("german-appointments-2026");
    data.join("slot_events.train.csv.gz")
        .exists()
        .then_some(data)
}

fn read_rows(data: &Path) -> Vec<Row> {
    let mut text = String::new();
    let file = File::open(data.join("slot_events.train.csv.gz")).unwrap();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let time = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        Row {
            source: fields[0].into(),
            calendar: fields[1].into(),
            observed_at: time(fields[2]),
            event: fields[3].into(),
            starts: time(fields[4]),
            batch: fields[5].parse().unwrap(),
        }
    });
    rows.collect()
}

/// The names of the offices' calendars.
fn read_offices(data: &Path) -> BTreeMap<String, serde_json::Value> {
    let file = File::open(data.join("offices.json")).unwrap();
    serde_json::from_reader(file).unwrap()
}

/// The office as its rows show it: a service for each calendar, one rule for each of its weekdays with the hours seen there,
/// slots of five minutes with one place each.
fn plan(source: &str, office: &serde_json::Value, rows: &[&Row]) -> Plan {
    let mut hours: BTreeMap<(usize, u32), (NaiveTime, NaiveTime)> = BTreeMap::new();
    let calendars = calendars(rows);
    for row in rows {
        let calendar = calendars[row.calendar.as_str()];
        let weekday = row.starts.weekday().num_days_from_monday();
        let (starts, ends) = (row.starts.time(), row.starts.time() + Duration::minutes(5));
        let seen = hours.entry((calendar, weekday)).or_insert((starts, ends));
        *seen = (seen.0.min(starts), seen.1.max(ends));
    }
    let quoted = |text: &serde_json::Value| {
        let text = text.as_str().unwrap().replace('"', "'");
        format!("{{ zh = \"{text}\", en = \"{text}\" }}")
    };
    let mut toml = format!(
        "hall = \"{source}\"\nname = {}\ntime_zone = \"Europe/Berlin\"\n",
        quoted(&office["name"])
    );
    toml += "[week]\n";
    let weekdays = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    for (weekday, name) in weekdays.iter().enumerate() {
        let of_day = hours
            .iter()
            .filter(|((_, day), _)| *day as usize == weekday);
        let of_day: Vec<_> = of_day.map(|(_, hours)| *hours).collect();
        if let Some(opens) = of_day.iter().map(|(opens, _)| opens).min() {
            let closes = of_day.iter().map(|(_, closes)| closes).max().unwrap();
            toml += &format!("{name} = [\"{}\"]\n", from_to(opens, closes));
        }
    }
    for (calendar, index) in &calendars {
        let name = quoted(&office["locations"][calendar]["name"]);
        toml += &format!("[[services]]\nid = \"c{index}\"\nname = {name}\nprefix = \"C\"\n");
    }
    toml += "[[windows]]\nnumber = 1\neverything = true\n";
    for ((calendar, weekday), (opens, closes)) in &hours {
        let name = &weekdays[*weekday as usize][..3];
        toml += &format!(
            "[[appointments]]\nid = \"c{calendar}-{name}\"\nservices = [\"c{calendar}\"]\nweekdays = [\"{name}\"]\n\
             hours = \"{}\"\nslot_minutes = 5\nplaces = 1\nhorizon_days = 60\ncut_off_minutes = 0\n",
            from_to(opens, closes)
        );
    }
    Plan::from_toml(&toml).unwrap()
}

fn calendars<'a>(rows: &[&'a Row]) -> BTreeMap<&'a str, usize> {
    let names: BTreeSet<&str> = rows.iter().map(|row| row.calendar.as_str()).collect();
    names.into_iter().zip(0..).collect()
}

fn from_to(opens: &NaiveTime, closes: &NaiveTime) -> String {
    format!("{}-{}", opens.format("%H:%M"), closes.format("%H:%M"))
}

/// A hall, and what its slots should be according to the rows alone.
struct Office {
    hall: Hall,
    calendars: BTreeMap<String, usize>,
    /// Who has each slot that vanished and did not come back.
    booked: BTreeMap<SlotId, AppointmentId>,
    commands: u64,
}

impl Office {
    fn new(plan: Plan, rows: &[&Row]) -> Office {
        let calendars = calendars(rows);
        let mut office = Office {
            hall: Hall::empty(),
            calendars: calendars
                .into_iter()
                .map(|(name, n)| (name.into(), n))
                .collect(),
            booked: BTreeMap::new(),
            commands: 0,
        };
        let first = rows[0].observed_at;
        let at = plan.at(first.date(), first.time());
        let adopt = Action::AdoptPlan {
            plan: Box::new(plan),
            expected_revision: None,
            move_bookings: false,
        };
        office
            .ask(Actor::Manager("manager".parse().unwrap()), at, adopt)
            .unwrap();
        office
    }

    /// Plays one row and answers what kind it was.
    fn play(&mut self, row: &Row) -> &'static str {
        let at = self
            .hall
            .plan()
            .at(row.observed_at.date(), row.observed_at.time());
        self.time_passes(at);
        let slot = self.slot(row);
        let has_it = self.booked.contains_key(&slot);
        let by_citizen = row.batch <= BY_CITIZENS;
        let kind = match (row.event.as_str(), has_it) {
            ("taken", false) => {
                self.books(row, &slot, at);
                match by_citizen {
                    true => "taken: booked",
                    false => "taken: booked, half a day closed by the office",
                }
            }
            ("taken", true) => {
                self.is_refused(row, &slot, at);
                "taken: refused, it had vanished before and was not seen to come back"
            }
            ("freed" | "opened", true) => {
                self.cancels(&slot, at);
                match (row.event.as_str(), by_citizen) {
                    ("opened", _) => "opened: cancelled, it had vanished before",
                    (_, true) => "freed: cancelled",
                    (_, false) => "freed: cancelled, half a day opened by the office",
                }
            }
            ("freed", false) => "freed: free already, it was never seen to vanish",
            ("opened", false) => "opened: free",
            ("expired", true) => "expired: booked",
            ("expired", false) => "expired: nobody had booked it",
            (other, _) => panic!("no event {other}"),
        };
        self.slot_agrees(row, &slot, at);
        kind
    }

    fn books(&mut self, row: &Row, slot: &SlotId, at: Time) {
        let booked = self.ask(Actor::Citizen, at, self.booking(row, slot));
        let Ok(Some(Answer::Booked(place))) = booked else {
            panic!("{slot} was free in the data at {at}: {booked:?}");
        };
        self.booked.insert(slot.clone(), place.appointment);
    }

    fn is_refused(&mut self, row: &Row, slot: &SlotId, at: Time) {
        let again = self.ask(Actor::Citizen, at, self.booking(row, slot));
        let full = matches!(again, Err(Rejection::SlotFull { .. }));
        assert!(full, "{slot} was taken in the data at {at}: {again:?}");
    }

    fn cancels(&mut self, slot: &SlotId, at: Time) {
        let appointment = self.booked.remove(slot).unwrap();
        let cancel = Action::CancelAppointment {
            appointment,
            reason: None,
        };
        self.ask(Actor::Citizen, at, cancel).unwrap();
    }

    fn booking(&self, row: &Row, slot: &SlotId) -> Action {
        let n = self.commands;
        let person = PersonId::parse(format!("{n:032}")).unwrap();
        Action::Book(Book {
            token: Token::parse(format!("token-of-a-booking-{n:06}")).unwrap(),
            hold: None,
            service: self.service(row),
            slot: slot.clone(),
            places: 1,
            visitor: Visitor {
                document: person.clone(),
                person,
                named: None,
                phone: None,
                booker: None,
                contact: Sealed::parse("sealed").unwrap(),
                needs: Default::default(),
                language: Language::Zh,
                cases: 1,
            },
            known_as: Default::default(),
            or_wait: false,
            says_where: true,
        })
    }

    fn service(&self, row: &Row) -> ServiceId {
        let calendar = self.calendars[&row.calendar];
        format!("c{calendar}").parse().unwrap()
    }

    fn slot(&self, row: &Row) -> SlotId {
        let weekday = row.starts.format("%a").to_string().to_lowercase();
        let rule = format!("{}-{weekday}", self.service(row)).parse().unwrap();
        SlotId::new(rule, row.starts.date(), row.starts.time())
    }

    /// The plan makes the slot, and it is free exactly when the rows say so.
    fn slot_agrees(&self, row: &Row, slot: &SlotId, at: Time) {
        let made = self.hall.plan().slot(slot, &self.service(row));
        let made = made.unwrap_or_else(|| panic!("the plan does not make {slot}"));
        let free = u16::from(!self.booked.contains_key(slot));
        assert_eq!(self.hall.free_places(&made, at), free, "{slot} at {at}");
    }

    fn agrees_with_its_ledger(&self) {
        invariants::check(&self.hall).unwrap();
        for (slot, id) in &self.booked {
            let Some(appointment) = self.hall.appointment(*id) else {
                continue; // over for more than a week
            };
            let has = appointment.reservation.as_ref().unwrap();
            assert_eq!(has.slots, std::slice::from_ref(slot));
        }
        let ahead = self.hall.appointments().values().filter(|a| a.is_booked());
        let known: BTreeSet<AppointmentId> = self.booked.values().copied().collect();
        assert!(ahead.into_iter().all(|booked| known.contains(&booked.id)));
    }

    fn time_passes(&mut self, until: Time) {
        let mut now = self.hall.last_at().unwrap();
        loop {
            while let Some(command) = timers::due(&self.hall, now) {
                self.carry_out(command).unwrap();
            }
            match timers::next_due(&self.hall, now).filter(|next| *next <= until) {
                Some(next) => now = next,
                None if now < until => now = until,
                None => return,
            }
        }
    }

    fn ask(&mut self, actor: Actor, at: Time, action: Action) -> Result<Option<Answer>, Rejection> {
        self.commands += 1;
        self.carry_out(Command {
            id: CommandId::parse(format!("row/{}", self.commands)).unwrap(),
            fingerprint: Fingerprint::parse("f").unwrap(),
            actor,
            at,
            action,
        })
    }

    fn carry_out(&mut self, command: Command) -> Result<Option<Answer>, Rejection> {
        let Decision::Events(events) = hall::decide(&self.hall, &command)? else {
            return Ok(None);
        };
        let record: Record<Event> = Record {
            version: self.hall.version() + 1,
            at: self.hall.time(command.at),
            actor: command.actor,
            key: command.id,
            fingerprint: command.fingerprint,
            events,
        };
        hall::apply(&mut self.hall, &record);
        if record.version.is_multiple_of(WHOLE_LOOK_EVERY) {
            invariants::check(&self.hall).unwrap();
        }
        Ok(Some(Answer::of(&self.hall, &record)))
    }
}
