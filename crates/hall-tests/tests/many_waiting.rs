//! How long taking a number and calling the next take while very many wait. The figures are printed, not judged; read
//! them with `--release -- --nocapture`. Nothing on these paths may look at everyone who waits.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![expect(clippy::print_stdout, reason = "the figures are read in the output")]

use chrono::{Duration, NaiveDate, NaiveTime};
use hall::id::{CommandId, Fingerprint, PersonId, Token, WindowNumber};
use hall::plan::class::Class;
use hall::record::command::{Action, Actor, Command, Finish, TakeTicket};
use hall::state::ticket::Channel;
use hall::{Decision, Hall, Plan, Record, Time, rules::timers, view};
use std::hint::black_box;
use std::time::Instant;

const WAITING: usize = 20_000;
const ROUNDS: u32 = 500;

struct Crowd {
    hall: Hall,
    at: Time,
    commands: usize,
}

impl Crowd {
    fn new() -> Crowd {
        let plan = Plan::from_toml(include_str!("../../../plans/zhuzhou.toml")).unwrap();
        let monday = NaiveDate::from_ymd_opt(2026, 8, 3).unwrap();
        let at = plan.at(monday, NaiveTime::from_hms_opt(9, 0, 0).unwrap());
        let mut crowd = Crowd {
            hall: Hall::empty(),
            at,
            commands: 0,
        };
        let plan = Box::new(plan);
        crowd.ask(
            manager(),
            Action::AdoptPlan {
                plan,
                move_bookings: false,
                expected_revision: None,
            },
        );
        crowd
    }

    fn command(&mut self, actor: Actor, action: Action) -> Command {
        self.commands += 1;
        let id = CommandId::parse(format!("crowd/{}", self.commands)).unwrap();
        Command {
            id,
            fingerprint: Fingerprint::parse("f").unwrap(),
            actor,
            at: self.at,
            action,
        }
    }

    fn ask(&mut self, actor: Actor, action: Action) {
        let command = self.command(actor, action);
        self.carry_out(command);
    }

    fn carry_out(&mut self, command: Command) {
        let Ok(Decision::Events(events)) = hall::decide(&self.hall, &command) else {
            panic!("{:?} is refused", command.action)
        };
        let Command {
            id: key,
            fingerprint,
            actor,
            ..
        } = command;
        let version = self.hall.version() + 1;
        let at = self.hall.time(self.at);
        hall::apply(
            &mut self.hall,
            &Record {
                version,
                at,
                actor,
                key,
                fingerprint,
                events,
            },
        );
    }

    fn take(&mut self) -> Action {
        let n = self.commands;
        let services = [
            "fine",
            "licence",
            "vehicle",
            "mark",
            "registration",
            "exam",
            "other",
        ];
        Action::TakeTicket(TakeTicket {
            class: Class::ALL[n % 11 % 5],
            person: Some(PersonId::parse(format!("{n:032}")).unwrap()),
            ..TakeTicket::new(
                services[n % services.len()].parse().unwrap(),
                Token::parse(format!("token-of-somebody-{n:08}")).unwrap(),
                Channel::Kiosk,
            )
        })
    }

    /// Microseconds per round of deciding and of applying what `wish` makes.
    fn measure(&mut self, what: &str, actor: Actor, mut wish: impl FnMut(&mut Crowd) -> Action) {
        let (mut deciding, mut applying) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
        for _ in 0..ROUNDS {
            self.at += Duration::milliseconds(10);
            let action = wish(self);
            let command = self.command(actor.clone(), action);
            let begun = Instant::now();
            black_box(hall::decide(&self.hall, &command)).ok();
            deciding += begun.elapsed();
            let begun = Instant::now();
            self.carry_out(command);
            applying += begun.elapsed();
        }
        let applying = applying.saturating_sub(deciding); // it decides once more
        println!(
            "{what:<24} decide {:>9.1?}  apply {:>9.1?}",
            deciding / ROUNDS,
            applying / ROUNDS
        );
    }

    fn look(&self, what: &str, rounds: u32, look: impl Fn(&Hall)) {
        let begun = Instant::now();
        (0..rounds).for_each(|_| look(&self.hall));
        println!("{what:<24} {:>9.1?}", begun.elapsed() / rounds);
    }
}

#[test]
fn many_wait_and_nobody_waits_for_the_rules() {
    let mut crowd = Crowd::new();
    let kiosk = Actor::Kiosk("kiosk".parse().unwrap());
    for _ in 0..WAITING {
        let take = crowd.take();
        crowd.ask(kiosk.clone(), take);
    }
    let window = WindowNumber(6);
    let officer = Actor::Officer("amy".parse().unwrap());
    crowd.ask(
        officer.clone(),
        Action::OpenWindow {
            window,
            services: None,
            several_windows: false,
        },
    );
    println!("{WAITING} wait");
    crowd.measure("take a number", kiosk, Crowd::take);
    crowd.measure("finish and call next", officer.clone(), |_| {
        Action::FinishAndCallNext {
            window,
            finish: Finish::default(),
        }
    });
    crowd.measure("transfer and call next", officer, |crowd| {
        let is_busy = crowd.hall.windows()[&window].current().is_some();
        let to = hall::record::command::TransferTo {
            service: None,
            window: Some(window),
        };
        match is_busy {
            true => Action::Transfer {
                window,
                to,
                note: None,
            },
            false => Action::CallNext { window },
        }
    });
    let now = crowd.at;
    crowd.look("what is due", 20, |hall| {
        drop(black_box(timers::due(hall, now)))
    });
    crowd.look("when something is due", 20, |hall| {
        black_box(timers::next_due(hall, now));
    });
    crowd.look("why, five candidates", 20, |hall| {
        drop(black_box(view::explain(hall, window, now)))
    });
    crowd.look("console", 20, |hall| {
        drop(black_box(view::console(hall, window, now)))
    });
    crowd.look("board", 20, |hall| drop(black_box(view::board(hall, now))));
    crowd.look("kiosk", 20, |hall| drop(black_box(view::kiosk(hall, now))));
    crowd.look("overview", 20, |hall| {
        drop(black_box(view::overview(hall, now)))
    });
    let last = crowd.hall.open_tickets().last().unwrap().id;
    crowd.look("ticket page of the last", 20, |hall| {
        drop(black_box(view::ticket(
            hall,
            hall.ticket(last).unwrap(),
            now,
        )))
    });
    crowd.look("invariants", 1, |hall| {
        hall::invariants::check(hall).unwrap()
    });
    crowd.look("hash", 1, |hall| drop(black_box(hall.hash())));
}

fn manager() -> Actor {
    Actor::Manager("manager".parse().unwrap())
}
