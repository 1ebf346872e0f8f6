//! Days told as notifications: what is told, in which order, and that it is the same from wherever the telling goes on.

use super::*;
use crate::notify::NotificationKind;
use crate::notify::notification::Notification;
use expect_test::{expect, expect_file};
use hall::id::{AppointmentId, CommandId, Fingerprint, PersonId, Token};
use hall::plan::class::Class;
use hall::record::command::{Action, Actor, Book, Command, Finish, TakeTicket};
use hall::state::appointment::Visitor;
use hall::state::ticket::{Channel, Need};
use hall::text::Language;
use hall::{Decision, Plan, rules::timers};
use std::collections::BTreeMap;
use std::path::Path;

/// A hall at work, and its log.
struct Play {
    hall: Hall,
    records: Vec<Record<Event>>,
}

fn at(clock: &str) -> Time {
    Time::parse_from_rfc3339(&format!("2026-11-23T{clock}+08:00")).unwrap()
}

impl Play {
    fn new() -> Play {
        let mut play = Play {
            hall: Hall::empty(),
            records: Vec::new(),
        };
        let plan = Plan::from_toml(include_str!("../../../plans/zhuzhou.toml")).unwrap();
        let adopt = Action::AdoptPlan {
            plan: Box::new(plan),
            expected_revision: None,
            move_bookings: false,
        };
        play.does("08:00:00", Actor::Timer, adopt);
        play
    }

    fn does(&mut self, clock: &str, actor: Actor, action: Action) {
        let at = at(clock);
        while let Some(due) = timers::due(&self.hall, at) {
            self.carry_out(due);
        }
        let id = format!("test/{}", self.records.len());
        self.carry_out(Command {
            id: CommandId::parse(id).unwrap(),
            fingerprint: Fingerprint::parse("f").unwrap(),
            actor,
            at,
            action,
        });
    }

    fn carry_out(&mut self, command: Command) {
        let events = match hall::decide(&self.hall, &command) {
            Ok(Decision::Events(events)) => events,
            Ok(Decision::Nothing(_)) => panic!("{command:?} does nothing"),
            Ok(Decision::Remembered { .. }) => panic!("{command:?} was there before"),
            Err(refusal) => panic!("{command:?}: {refusal:?}"),
        };
        let record = Record {
            version: self.hall.version() + 1,
            at: self.hall.time(command.at),
            actor: command.actor,
            key: command.id,
            fingerprint: command.fingerprint,
            events,
        };
        hall::apply(&mut self.hall, &record);
        self.records.push(record);
    }

    fn takes(&mut self, clock: &str, service: &str) {
        let token = format!("token-of-the-citizen-{:03}", self.records.len());
        let take = Action::TakeTicket(TakeTicket {
            service: service.parse().unwrap(),
            class: Class::Elderly,
            token: Token::parse(token).unwrap(),
            channel: Channel::Kiosk,
            needs: BTreeSet::from([Need::Wheelchair]),
            party: 1,
            cases: 1,
            also: Vec::new(),
            language: Language::Zh,
            person: None,
            named: None,
            voucher: None,
            reason: None,
            insist: false,
            no_smartphone: false,
        });
        self.does(clock, Actor::Kiosk("kiosk-1".parse().unwrap()), take);
    }

    fn officer(&mut self, clock: &str, action: Action) {
        self.does(clock, Actor::Officer("li".parse().unwrap()), action);
    }

    fn books(&mut self, clock: &str, who: u8, slot: &str) {
        let person = |kind: u8| PersonId::parse(format!("{kind:0>31x}{who}")).unwrap();
        let book = Action::Book(Book {
            token: Token::parse(format!("token-of-the-citizen-b{who:02}")).unwrap(),
            hold: None,
            service: "licence".parse().unwrap(),
            slot: slot.parse().unwrap(),
            places: 1,
            visitor: Visitor {
                person: person(0xaa),
                document: person(0xdd),
                named: None,
                phone: None,
                booker: None,
                contact: "sealed-name-and-phone".parse().unwrap(),
                needs: BTreeSet::from([Need::Wheelchair]),
                language: Language::En,
                cases: 1,
            },
            known_as: BTreeSet::new(),
            or_wait: true,
            says_where: true,
        });
        self.does(clock, Actor::Citizen, book);
    }

    /// A slot is booked up, one more waits, one cancels and one moves.
    fn bookings() -> Play {
        let mut play = Play::new();
        for who in 0..5 {
            play.books(&format!("08:10:0{who}"), who, "weekend-20261128T0900");
        }
        let of = |id| AppointmentId(id);
        let cancel = |id, reason: Option<&str>| Action::CancelAppointment {
            appointment: of(id),
            reason: reason.map(Into::into),
        };
        play.does("08:20:00", Actor::Citizen, cancel(1, None));
        let confirm = Action::ConfirmOffer { appointment: of(4) };
        play.does("08:21:00", Actor::Citizen, confirm);
        let move_it = Action::MoveAppointment {
            appointment: of(2),
            slot: "weekend-20261128T1000".parse().unwrap(),
        };
        play.does("08:22:00", Actor::Citizen, move_it);
        let manager = Actor::Manager("zhou".parse().unwrap());
        play.does("08:23:00", manager, cancel(3, Some("停电")));
        play
    }

    /// A morning with six citizens for one window, in which the first does not come.
    fn morning() -> Play {
        let mut play = Play::new();
        for second in 10..16 {
            play.takes(&format!("08:55:{second}"), "licence");
        }
        let open = Action::OpenWindow {
            window: WINDOW,
            services: None,
            several_windows: false,
        };
        play.officer("09:00:00", open);
        play.officer("09:01:00", Action::CallNext { window: WINDOW });
        play.officer("09:01:20", Action::Recall { window: WINDOW });
        play.officer("09:01:40", Action::Recall { window: WINDOW });
        play.officer("09:03:40", Action::Miss { window: WINDOW });
        play.officer("09:04:00", Action::CallNext { window: WINDOW });
        play.officer("09:04:05", Action::Undo { window: WINDOW });
        for minute in 5..10 {
            play.officer(
                &format!("09:0{minute}:00"),
                Action::FinishAndCallNext {
                    window: WINDOW,
                    finish: Finish::default(),
                },
            );
        }
        play
    }
}

const WINDOW: WindowNumber = WindowNumber(3);

fn story() -> HallStory {
    HallStory::new(Hall::empty(), Epoch::from_random([7; 16]), Mark::default())
}

fn line(notification: &Notification) -> String {
    let data = &notification.data;
    let number = data.ticket.as_ref().map(|ticket| ticket.number.to_string());
    let mut words = vec![
        notification.time.format("%H:%M:%S").to_string(),
        notification
            .kind
            .name()
            .trim_start_matches("paihao.")
            .into(),
    ];
    words.extend(number);
    words.extend(data.phase.map(|phase| phase.name().to_owned()));
    if let Some(appointment) = &data.appointment {
        words.push(notification.subject.to_string());
        let starts_at = appointment.starts_at;
        words.extend(starts_at.map(|at| at.format("%a %H:%M").to_string()));
    }
    words.extend(
        data.answer_until
            .map(|until| format!("answer until {}", until.format("%H:%M"))),
    );
    words.extend(data.by_hall.then(|| "by the hall".into()));
    words.extend(data.window.map(|window| format!("window {window}")));
    words.extend(data.times.map(|times| format!("times {times}")));
    words.extend(data.ahead.map(|ahead| format!("ahead {ahead}")));
    words.push(
        notification
            .id
            .trim_start_matches("zhuzhou_070707070707_")
            .into(),
    );
    words.join(" ")
}

/// The whole story, with what the clock changes until then.
fn told(play: &Play, until: &str) -> Vec<Notification> {
    let mut story = story();
    let mut told: Vec<_> = play
        .records
        .iter()
        .flat_map(|record| story.goes_on(record))
        .collect();
    told.extend(story.time_passes(at(until)));
    told
}

fn both_told() -> Vec<Notification> {
    let morning = told(&Play::morning(), "13:00:00");
    [morning, told(&Play::bookings(), "08:30:00")].concat()
}

fn told_lines(told: &[Notification]) -> String {
    told.iter()
        .map(|notification| line(notification) + "\n")
        .collect()
}

#[test]
fn a_morning_is_told() {
    expect![[r#"
        08:00:00 hall.phase closed v1_phase-closed
        08:50:00 hall.phase early_open t1795395000000_phase-early-open
        08:55:10 ticket.taken F001 ahead 0 v3_0
        08:55:11 ticket.taken F002 ahead 1 v4_0
        08:55:12 ticket.taken F003 ahead 2 v5_0
        08:55:13 ticket.taken F004 ahead 3 v6_0
        08:55:14 ticket.taken F005 ahead 4 v7_0
        08:55:15 ticket.taken F006 ahead 5 v8_0
        09:00:00 hall.phase open t1795395600000_phase-open
        09:01:00 ticket.called F001 window 3 times 1 v10_0
        09:01:00 ticket.near F004 ahead 2 v10_near-3
        09:01:20 ticket.recalled F001 window 3 times 2 v11_0
        09:01:40 ticket.recalled F001 window 3 times 3 v12_0
        09:03:40 ticket.missed F001 window 3 v13_0
        09:04:00 ticket.called F002 window 3 times 1 v14_0
        09:04:00 ticket.near F005 ahead 2 v14_near-4
        09:04:05 ticket.near F002 ahead 0 v15_near-1
        09:05:00 ticket.called F002 window 3 times 1 v16_0
        09:06:00 ticket.called F003 window 3 times 1 v17_2
        09:06:00 ticket.near F006 ahead 2 v17_near-5
        09:07:00 ticket.called F004 window 3 times 1 v18_2
        09:08:00 ticket.called F005 window 3 times 1 v19_2
        09:09:00 ticket.called F006 window 3 times 1 v20_2
        11:30:00 hall.phase near_closing t1795404600000_phase-near-closing
        12:00:00 hall.phase serving_out t1795406400000_phase-serving-out
    "#]]
    .assert_eq(&told_lines(&told(&Play::morning(), "13:00:00")));
}

#[test]
fn bookings_are_told() {
    expect![[r#"
        08:00:00 hall.phase closed v1_phase-closed
        08:10:00 appointment.booked appointments/0 Sat 09:00 v2_0
        08:10:01 appointment.booked appointments/1 Sat 09:00 v3_0
        08:10:02 appointment.booked appointments/2 Sat 09:00 v4_0
        08:10:03 appointment.booked appointments/3 Sat 09:00 v5_0
        08:20:00 appointment.cancelled appointments/1 Sat 09:00 v7_0
        08:20:00 place.offered appointments/4 Sat 09:00 answer until 08:50 v7_1
        08:21:00 appointment.booked appointments/4 Sat 09:00 v8_0
        08:22:00 appointment.moved appointments/2 Sat 10:00 v9_0
        08:23:00 appointment.cancelled appointments/3 Sat 09:00 by the hall v10_0
    "#]]
    .assert_eq(&told_lines(&told(&Play::bookings(), "08:30:00")));
}

/// Receivers rely on every byte: these files are what they were told in the first version, and only grow.
#[test]
fn the_bodies_are_a_promise() {
    let told = both_told();
    let first_of = |kind: NotificationKind| {
        let found = told.iter().find(|notification| notification.kind == kind);
        found.unwrap_or_else(|| panic!("nothing that was told is a {kind:?}"))
    };
    for kind in NotificationKind::ALL {
        let body = first_of(kind).body(Some("https://queue.example"));
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        let file = format!("tests/golden/notifications/{}.json", kind.name());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        expect_file![path].assert_eq(&format!("{body:#}\n"));
    }
}

#[test]
fn nothing_personal_leaves_the_hall() {
    for notification in both_told() {
        for site in [None, Some("")] {
            let body = notification.body(site);
            let has_token = body.contains("token-of-the-citizen");
            let is_of_ticket = notification.subject != Subject::Hall;
            assert_eq!(has_token, site.is_some() && is_of_ticket, "{body}");
            for word in [
                "elderly",
                "wheelchair",
                "kiosk-1",
                "\"li\"",
                "sealed",
                "0000000000000000000aa",
                "停电",
            ] {
                assert!(!body.contains(word), "{word} is in {body}");
            }
        }
    }
}

/// Killed at any record, and going on from the mark that was kept there: the same notifications with the same ids.
#[test]
fn a_story_that_goes_on_is_the_same() {
    let play = Play::morning();
    let whole = told(&play, "17:30:00");
    for stop in 0..play.records.len() {
        let mut story = story();
        let (before, after) = play.records.split_at(stop);
        let mut told: Vec<_> = before
            .iter()
            .flat_map(|record| story.goes_on(record))
            .collect();
        let kept = serde_json::to_string(story.mark()).unwrap();
        let mark = serde_json::from_str(&kept).unwrap();
        let mut story = HallStory::new(story.hall().clone(), story.epoch, mark);
        told.extend(after.iter().flat_map(|record| story.goes_on(record)));
        for clock in ["11:30:00", "11:30:00.5", "12:00:01", "17:30:00"] {
            told.extend(story.time_passes(at(clock)));
        }
        assert_eq!(told, whole, "stopped behind record {stop}");
    }
}

#[test]
fn ids_differ_and_hold_no_full_stop() {
    let told = told(&Play::morning(), "18:00:00");
    let ids: BTreeSet<&str> = told
        .iter()
        .map(|notification| notification.id.as_str())
        .collect();
    assert_eq!(ids.len(), told.len());
    assert!(ids.iter().all(|id| !id.contains('.') && id.len() < 100));
}

#[test]
fn who_is_near_is_who_few_are_before() {
    let mut play = Play::new();
    for second in 10..30 {
        play.takes(&format!("08:55:{second}"), ["fine", "licence"][second % 2]);
    }
    let now = at("09:00:00");
    let mut by_ahead = BTreeMap::new();
    for ticket in play.hall.open_tickets() {
        if let Some(ahead) = view::ticket(&play.hall, ticket, now).ahead
            && ahead as usize <= NEAR_AHEAD
        {
            by_ahead.insert(ticket.id, ahead);
        }
    }
    let near = near(&play.hall, now)
        .into_iter()
        .map(|(ahead, id)| (id, ahead));
    assert_eq!(near.collect::<BTreeMap<_, _>>(), by_ahead);
}

/// Of all golden events these are told; the match in `tell` names no other.
#[test]
fn these_events_are_told() {
    let golden =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/hall-tests/tests/golden/events");
    let event = |tag: &str, id: &str| {
        let text = std::fs::read_to_string(golden.join(format!("{tag}.json"))).unwrap();
        let mut event: serde_json::Value = serde_json::from_str(&text).unwrap();
        if let Some(named) = event.get_mut(id) {
            *named = 7.into(); // all of one ticket or one appointment
        }
        serde_json::from_value::<Event>(event).unwrap()
    };
    let mut play = Play::new();
    let mut record = play.records[0].clone();
    record.version = play.hall.version() + 1;
    record.events = vec![
        event("ticket_taken", "ticket"),
        event("appointment_booked", "appointment"),
    ];
    hall::apply(&mut play.hall, &record);
    let mark = Mark::at(&play.hall, at("09:00:00"));
    let story = HallStory::new(play.hall, Epoch::from_random([7; 16]), mark);
    let files = std::fs::read_dir(&golden).unwrap();
    let tags: BTreeSet<String> = files
        .map(|file| {
            file.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into()
        })
        .collect();
    let told = tags.iter().filter_map(|tag| {
        let of_ticket = event(tag, "ticket");
        let event = match of_ticket.about().appointment {
            Some(_) => event(tag, "appointment"),
            None => of_ticket,
        };
        let telling = OfEvent {
            story: &story,
            record: &record,
            index: 0,
            had_a_place: false,
        };
        let told = telling.notification_of(&event)?;
        Some(format!("{tag}: {}\n", told.kind.name()))
    });
    expect![[r#"
        appointment_booked: paihao.appointment.booked
        appointment_cancelled: paihao.appointment.cancelled
        appointment_moved: paihao.appointment.moved
        offer_confirmed: paihao.appointment.booked
        place_offered: paihao.place.offered
        ticket_called: paihao.ticket.called
        ticket_missed: paihao.ticket.missed
        ticket_recalled: paihao.ticket.recalled
        ticket_taken: paihao.ticket.taken
    "#]]
    .assert_eq(&told.collect::<String>());
}
