//! One random day: people book, arrive and do not arrive, officers come and go, a manager interferes, clocks stumble,
//! requests are repeated.

use crate::fairness::{Fairness, Line};
use crate::{reference, waiting_list};
use chrono::{Duration, NaiveDate, NaiveTime};
use fastrand::Rng;
use hall::id::{CommandId, Fingerprint, PersonId, WindowNumber};
use hall::record::command::{Action, Actor, Command};
use hall::rules::calling_rule::candidates;
use hall::state::window::Window;
use hall::{Answer, Event, Plan, Record, Time, rules::promise};
use hall_tests::random_plan::{self, Mix};
use hall_tests::random_wish::{KINDS, Wisher, weights};
use hall_tests::{Outcome, Play};
use std::collections::BTreeMap;

pub struct RandomDay {
    rng: Rng,
    play: Play,
    plan: Plan,
    at: Time,
    weights: [u32; KINDS],
    /// The longest time between two requests, in milliseconds.
    longest_pause: i64,
    sent: Vec<Command>,
    fairness: Fairness,
    answers: Vec<(u64, Answer)>,
}

impl RandomDay {
    pub fn new(seed: u64) -> RandomDay {
        let mut rng = Rng::with_seed(seed);
        let mix = Mix::draw(&mut rng);
        let plan = random_plan::draw(&mut rng, mix);
        let monday = NaiveDate::from_ymd_opt(2026, 8, 3).unwrap();
        let midnight = plan.at(monday, NaiveTime::MIN);
        let begins =
            NaiveTime::from_hms_opt(8, 45, 0).unwrap() + Duration::seconds(rng.i64(0..4_500));
        let begins = begins - Duration::minutes(if mix == Mix::WalkInsOnly { 0 } else { 25 });
        let weights = weights(&mut rng, mix);
        let longest_pause = [10_000, 60_000, 180_000][rng.usize(..3)];
        RandomDay {
            play: Play::new(plan.clone(), midnight),
            rng,
            at: plan.at(monday, begins),
            plan,
            weights,
            longest_pause,
            sent: Vec::new(),
            fairness: Fairness::default(),
            answers: Vec::new(),
        }
    }

    /// Plays the day to its end and looks it over.
    pub fn play(mut self) {
        self.officers_arrive();
        for step in 0..self.rng.usize(40..=120) {
            let pause = self.rng.i64(0..=self.longest_pause);
            self.at += Duration::milliseconds(pause);
            self.time_passes(self.at);
            let command = self.command(step);
            let before = self.play.hall.version();
            self.send(command);
            // after a refusal only time has passed
            if self.play.hall.version() > before || step % 4 == 0 {
                self.every_window_would_call_the_same();
            }
            self.nobody_holds_two_numbers_for_a_service();
            self.nobody_has_too_many_bookings();
            waiting_list::no_place_is_left(&self.play.hall, self.play.hall.last_at().unwrap());
        }
        let plan = self.play.hall.plan();
        let tuesday = self.monday().succ_opt().unwrap();
        let settled = plan.at(tuesday, NaiveTime::from_hms_opt(9, 0, 0).unwrap());
        self.time_passes(settled);
        self.look_it_over();
    }

    /// Most windows are staffed when the day begins.
    fn officers_arrive(&mut self) {
        self.time_passes(self.at);
        for number in 1..=self.plan.windows.len() as u16 {
            let window = WindowNumber(number);
            let open = Action::OpenWindow {
                window,
                services: None,
                several_windows: false,
            };
            let officer = Actor::Officer(format!("officer-of-{number}").parse().unwrap());
            if self.rng.u8(..5) > 0 {
                self.play.ask(officer, self.at, open);
            }
        }
    }

    fn monday(&self) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 8, 3).unwrap()
    }

    fn time_passes(&mut self, until: Time) {
        for record in self.play.time_passes(until) {
            self.only_settlements_leave_anyone_unserved(&record);
            waiting_list::first_come_first_offered(&self.play.hall, &record);
        }
    }

    fn send(&mut self, command: Command) {
        let before = Line::of(&self.play.hall);
        let version = self.play.hall.version();
        let known = self.play.hall.applied().get(&command.id).copied();
        let staffed_before = self.play.hall.windows().clone();
        match self.play.carry_out(command.clone()) {
            Outcome::Done(record) => {
                assert!(known.is_none(), "T6: {command:?} took effect twice");
                self.fairness.look(&before, &self.play.hall, &record);
                waiting_list::first_come_first_offered(&self.play.hall, &record);
                self.only_settlements_leave_anyone_unserved(&record);
                self.nobody_is_left_by_a_sign_off(&staffed_before, &record);
                let answer = Answer::of(&self.play.hall, &record);
                self.answers.push((record.version, answer));
            }
            Outcome::Remembered(record) => {
                assert_eq!(
                    Some(record.version),
                    known.map(|applied| applied.version),
                    "T6"
                );
            }
            Outcome::Nothing | Outcome::Refused(_) => {
                assert!(known.is_none(), "T6: {command:?} was forgotten");
                assert_eq!(
                    self.play.hall.version(),
                    version,
                    "a refusal leaves nothing"
                );
            }
        }
        self.sent.push(command);
    }

    fn every_window_would_call_the_same(&self) {
        let hall = &self.play.hall;
        let now = hall.time(self.at);
        for window in hall.windows().keys() {
            let five = candidates(hall, *window, now, 5);
            let one = candidates(hall, *window, now, 1);
            assert_eq!(
                one.first(),
                five.first(),
                "window {window}: why and who come from one function"
            );
            let chosen = one.first().map(|candidate| candidate.ticket);
            assert_eq!(
                chosen,
                reference::next(hall, *window, now),
                "O3: window {window} at {now}"
            );
        }
    }

    /// Two people who have one number may, where their names are known.
    fn nobody_holds_two_numbers_for_a_service(&self) {
        let mut seen = BTreeMap::new();
        for ticket in self.play.hall.open_tickets() {
            let Some(person) = &ticket.person else {
                continue;
            };
            let others: &mut Vec<_> = seen.entry((person, &ticket.service)).or_default();
            let name = ticket.named.as_ref();
            let is_another =
                |other: &Option<&PersonId>| name.is_some() && other.is_some() && *other != name;
            assert!(
                others.iter().all(is_another),
                "{} is the second of its holder",
                ticket.number
            );
            others.push(name);
        }
    }

    fn nobody_has_too_many_bookings(&self) {
        let hall = &self.play.hall;
        let most = hall.plan().policy.bookings_per_person as usize;
        let visitors = hall
            .appointments()
            .values()
            .filter_map(|a| a.visitor.as_ref());
        for visitor in visitors {
            let open = hall.open_bookings_of(&[&visitor.person].into()).len();
            assert!(open <= most, "{:?} has {open} bookings", visitor.person);
        }
    }

    fn only_settlements_leave_anyone_unserved(&self, record: &Record<Event>) {
        let is = |wanted: fn(&Event) -> bool| record.events.iter().any(wanted);
        if is(|event| matches!(event, Event::TicketUnserved { .. })) {
            let overridden = is(|event| matches!(event, Event::SignOffOverridden { .. }));
            assert!(
                overridden || record.actor == Actor::Timer,
                "unserved by {record:?}"
            );
        }
    }

    fn nobody_is_left_by_a_sign_off(
        &self,
        before: &BTreeMap<WindowNumber, Window>,
        record: &Record<Event>,
    ) {
        let [Event::WindowClosed { window }] = record.events[..] else {
            return;
        };
        let went = before[&window].staffing.as_ref().unwrap();
        let hall = &self.play.hall;
        let left = hall.open_tickets().find(|ticket| {
            went.takes(&ticket.service)
                && ticket.stage.window().is_none()
                && !promise::is_covered(hall, &ticket.service)
        });
        assert!(left.is_none(), "window {window} left {left:?}");
    }

    fn look_it_over(&self) {
        let hall = &self.play.hall;
        if let Some(report) = hall.reports().get(&self.monday()) {
            let issued = self.play.records.iter().flat_map(|record| &record.events);
            let issued = issued
                .filter(|event| matches!(event, Event::TicketTaken(taken) if !taken.reported_late))
                .count();
            assert_eq!(
                report.closing.issued as usize, issued,
                "T4: everyone is in the day's sums"
            );
            assert!(report.closing.agrees());
            let counted = report.redirects.values();
            let counted = counted.fold((0, 0), |sum, redirects| {
                (sum.0 + redirects.redirected, sum.1 + redirects.insisted)
            });
            assert_eq!(counted, self.redirected_and_insisted());
        }
        for (version, answer) in &self.answers {
            let record = &self.play.records[*version as usize - 1];
            assert_eq!(
                Answer::of(hall, record),
                *answer,
                "T6: the answer to {record:?} has changed"
            );
        }
        assert!(!hall.is_anyone_open(), "the day was settled");
        self.play.ends_as_its_log_says();
    }

    fn redirected_and_insisted(&self) -> (u32, u32) {
        let events = || self.play.records.iter().flat_map(|record| &record.events);
        let redirected = |event: &&Event| matches!(event, Event::CitizenRedirected { .. });
        let insisted =
            |event: &&Event| matches!(event, Event::TicketTaken(taken) if taken.insisted);
        let count = |of: usize| of as u32;
        (
            count(events().filter(redirected).count()),
            count(events().filter(insisted).count()),
        )
    }

    fn command(&mut self, step: usize) -> Command {
        if !self.sent.is_empty() && self.rng.u8(..20) == 0 {
            let again = self.rng.usize(..self.sent.len());
            return Command {
                at: self.at,
                ..self.sent[again].clone()
            };
        }
        let date = self.monday();
        let mut wisher = Wisher {
            rng: &mut self.rng,
            hall: &self.play.hall,
            plan: &self.plan,
            date,
            at: self.at,
            weights: &self.weights,
            sent: &self.sent,
        };
        let (actor, action) = wisher.wish(step);
        let stumble = if self.rng.u8(..15) == 0 {
            Duration::seconds(self.rng.i64(0..=900))
        } else {
            Duration::zero()
        };
        Command {
            id: CommandId::parse(format!("step/{step}")).unwrap(),
            fingerprint: Fingerprint::parse("f").unwrap(),
            actor,
            at: self.at - stumble,
            action,
        }
    }
}
