//! The checker against planted wrongs: each one is named, and a clean storm is clean.

use super::super::booker::{Asked, BookingHeard};
use super::check;
use crate::history::Verdict;
use hall::{Event, Record};
use serde_json::{Value, json};

const NINE: &str = "weekend-20261128T0900";
const TEN: &str = "weekend-20261128T1000";

/// What clients heard and what the log has, to be spoilt.
struct Story {
    asked: Vec<Asked>,
    records: Vec<Record<Event>>,
}

impl Story {
    /// A slot of two places: one person books, one holds and lets it go, one moves in from another slot.
    fn sound() -> Story {
        let mut story = Story {
            asked: Vec::new(),
            records: Vec::new(),
        };
        story.record("plan", json!({ "event": "plan_adopted", "plan": plan() }));
        story.record("a", booked(1, NINE));
        story.asked("a", 1, heard_booked(1, NINE));
        story.record("b", held(2, "2026-11-23T09:10:00+08:00"));
        story.asked("b", 2, BookingHeard::Held { token: token(2) });
        story.record("c", booked(3, TEN));
        story.asked("c", 3, heard_booked(3, TEN));
        story.asked("d", 4, BookingHeard::Refused("slot-full".into()));
        story.record("timer", json!({ "event": "hold_ended", "appointment": 2 }));
        story.record("e", moved(3, NINE));
        let heard = BookingHeard::Moved {
            token: token(3),
            slot: NINE.into(),
        };
        story.asked("e", 3, heard);
        story
    }

    /// Two copies of one move are answered, and a copy of an earlier one that nobody heard of comes between.
    fn late_copy(&mut self, moved_by: &str) {
        self.record("f", moved(3, TEN));
        self.record(moved_by, moved(3, NINE));
        let told = |slot: &str| BookingHeard::Moved {
            token: token(3),
            slot: slot.into(),
        };
        self.asked("early", 3, BookingHeard::Refused("slot-full".into()));
        self.asked.last_mut().unwrap().unknown = 1;
        self.asked("f", 3, told(TEN));
        self.asked.last_mut().unwrap().heard.push(told(NINE));
    }

    fn record(&mut self, id: &str, event: Value) {
        let version = self.records.len() as u64 + 1;
        let record = json!({
            "version": version, "at": "2026-11-23T09:00:00+08:00", "actor": hall::Actor::Citizen, "key": id, "fingerprint": "0",
            "events": [event]
        });
        self.records.push(serde_json::from_value(record).unwrap());
    }

    fn asked(&mut self, id: &str, person: usize, heard: BookingHeard) {
        self.asked.push(Asked {
            id: id.into(),
            person,
            heard: vec![heard],
            unknown: 0,
        });
    }

    /// The names of what is wrong.
    fn wrongs(&self) -> Vec<&'static str> {
        let mut verdict = Verdict::default();
        check(&self.asked, &self.records, &mut verdict);
        verdict.violations.into_keys().collect()
    }
}

fn plan() -> Value {
    let plan = include_str!("../../../../plans/zhuzhou.toml");
    let mut plan = hall::Plan::from_toml(plan).unwrap();
    plan.appointments[0].places = 2;
    serde_json::to_value(plan).unwrap()
}

fn token(n: u64) -> String {
    format!("token-of-the-checker-{n:04}")
}

fn reservation(slot: &str) -> Value {
    json!({
        "slots": [slot], "places": 1, "starts_at": "2026-11-28T09:00:00+08:00",
        "ends_at": "2026-11-28T09:30:00+08:00", "check_in_until": "2026-11-28T12:00:00+08:00"
    })
}

fn booked(n: u64, slot: &str) -> Value {
    json!({
        "event": "appointment_booked", "appointment": n, "token": token(n), "code": format!("{n:06}"),
        "service": "licence", "kind": "window", "reservation": reservation(slot),
        "visitor": {
            "person": format!("{n:032x}"), "document": format!("{n:032x}"), "contact": "1.c2VhbGVk",
            "language": "zh", "cases": 1
        }
    })
}

fn held(n: u64, until: &str) -> Value {
    json!({
        "event": "place_held", "appointment": n, "token": token(n), "code": format!("{n:06}"),
        "service": "licence", "reservation": reservation(NINE), "until": until
    })
}

fn moved(n: u64, slot: &str) -> Value {
    json!({ "event": "appointment_moved", "appointment": n, "reservation": reservation(slot), "by_plan": false })
}

fn heard_booked(n: u64, slot: &str) -> BookingHeard {
    BookingHeard::Booked {
        token: token(n),
        code: format!("{n:06}"),
        slot: slot.into(),
    }
}

#[test]
fn a_sound_storm_is_clean() {
    let story = Story::sound();
    assert_eq!(story.wrongs(), Vec::<&str>::new());
    let seen = check(&story.asked, &story.records, &mut Verdict::default());
    assert_eq!((seen.bookings, seen.expired, seen.of_slot(NINE)), (2, 1, 2));
}

#[test]
fn a_late_copy_between_two_answers_is_no_wrong() {
    let mut story = Story::sound();
    story.late_copy("early");
    assert_eq!(story.wrongs(), Vec::<&str>::new());
}

#[test]
fn every_planted_wrong_is_named() {
    let wrongs = |spoil: &dyn Fn(&mut Story)| {
        let mut story = Story::sound();
        spoil(&mut story);
        story.wrongs()
    };
    let third = |story: &mut Story| {
        story.record("f", booked(5, NINE));
        story.asked("f", 5, heard_booked(5, NINE));
    };
    assert_eq!(wrongs(&third), ["a place was sold twice"]);
    // a hold that still runs is a place, too
    let beside_a_hold = |story: &mut Story| {
        story.record("f", moved(3, TEN));
        story.asked(
            "f",
            3,
            BookingHeard::Moved {
                token: token(3),
                slot: TEN.into(),
            },
        );
        story.record("g", held(5, "2026-11-23T09:10:00+08:00"));
        story.asked("g", 5, BookingHeard::Held { token: token(5) });
        story.record("h", booked(6, NINE));
        story.asked("h", 6, heard_booked(6, NINE));
    };
    assert_eq!(wrongs(&beside_a_hold), ["a place was sold twice"]);
    let lost = |story: &mut Story| story.asked("f", 5, heard_booked(5, TEN));
    assert_eq!(
        wrongs(&lost),
        ["acknowledged and lost", "not where it was told to be"]
    );
    let other_code = |story: &mut Story| {
        story.asked[0].heard[0] = BookingHeard::Booked {
            token: token(1),
            code: "999999".into(),
            slot: NINE.into(),
        };
    };
    assert_eq!(wrongs(&other_code), ["acknowledged and lost"]);
    let unasked = |story: &mut Story| story.record("nobody", booked(5, TEN));
    assert_eq!(wrongs(&unasked), ["an effect nobody asked for"]);
    let refused = |story: &mut Story| story.record("d", booked(5, TEN));
    assert_eq!(wrongs(&refused), ["refused and done"]);
    let twice = |story: &mut Story| story.record("a", booked(5, TEN));
    assert_eq!(wrongs(&twice), ["done twice"]);
    let two_answers = |story: &mut Story| {
        story.record("f", booked(5, TEN));
        story.asked("f", 5, heard_booked(5, TEN));
        story
            .asked
            .last_mut()
            .unwrap()
            .heard
            .push(heard_booked(6, TEN));
    };
    assert!(wrongs(&two_answers).contains(&"two answers to one key"));
    let two_moves = |story: &mut Story| {
        let moved = |slot: &str| BookingHeard::Moved {
            token: token(3),
            slot: slot.into(),
        };
        let heard = &mut story.asked.last_mut().unwrap().heard;
        heard.push(moved("weekend-20261128T1100"));
    };
    assert!(wrongs(&two_moves).contains(&"two answers to one key"));
    let two_bookings = |story: &mut Story| {
        story.record("f", booked(5, TEN));
        story.asked("f", 1, heard_booked(5, TEN));
    };
    assert_eq!(wrongs(&two_bookings), ["one person has two"]);
    let elsewhere = |story: &mut Story| {
        story.record("e", moved(3, TEN));
    };
    assert_eq!(
        wrongs(&elsewhere),
        ["done twice", "not where it was told to be"]
    );
    let surprise = |story: &mut Story| {
        story.record("x", json!({ "event": "wait_list_left", "appointment": 1 }));
    };
    assert_eq!(wrongs(&surprise), ["unexpected"]);
}
