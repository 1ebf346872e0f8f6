//! Nights that never happened: halls around the clock and over midnight, kiosks that give out lent numbers while the server
//! is away, with clocks that are wrong, and outages.
//!
//! * E1: nobody with a number is settled while a session in which he could be served runs.
//! * E2: every paper that was printed in time is taken, and its holder is in line, done, or has a voucher.
//! * E3: no kiosk's clock puts anybody before the time at which the paper was printed.

use chrono::{Duration, NaiveDate, NaiveTime};
use fastrand::Rng;
use hall::id::{ActorId, LeaseId, ServiceId, TicketNumber, Token, WindowNumber};
use hall::plan::class::Class;
use hall::record::command::{Action, Actor, Finish, ReportTaken, TakeTicket};
use hall::state::ticket::{Channel, Stage};
use hall::text::Language;
use hall::{Event, Plan, Record, Time};
use hall_tests::{Outcome, Play, manager};

const PLAN: &str = r#"
hall = "anywhere"
name = { zh = "大厅", en = "Hall" }
time_zone = "Asia/Shanghai"
week = { monday = [], tuesday = [], wednesday = [] }
services = [
    { id = "a", name = { zh = "甲", en = "A" }, prefix = "A" },
    { id = "b", name = { zh = "乙", en = "B" }, prefix = "A" },
]
windows = [{ number = 1, everything = true }, { number = 2, services = ["a"] }]
"#;

/// What a day's sessions may be, around or near midnight.
const SESSIONS: [&[&str]; 6] = [
    &["00:00-24:00"],
    &["00:00-23:59"],
    &["23:00-01:00"],
    &["22:50-24:00"],
    &["00:00-01:00", "23:00-23:50"],
    &["23:30-02:00"],
];

/// A paper of a lent number, and when it was really printed.
struct Paper {
    lease: LeaseId,
    number: TicketNumber,
    token: Token,
    service: ServiceId,
    printed: Time,
}

pub struct Night {
    rng: Rng,
    play: Play,
    at: Time,
    /// How far the kiosk's clock is off, and whether it says what it shows when it reports.
    skew: Duration,
    says_when_sent: bool,
    unreported: Vec<Paper>,
    given: Vec<(Token, Time)>,
}

impl Night {
    pub fn new(seed: u64) -> Night {
        let mut rng = Rng::with_seed(seed);
        let mut plan = Plan::from_toml(PLAN).unwrap();
        let sessions = SESSIONS[rng.usize(..SESSIONS.len())].iter();
        let sessions: Vec<_> = sessions.map(|one| one.parse().unwrap()).collect();
        for day in [
            &mut plan.week.monday,
            &mut plan.week.tuesday,
            &mut plan.week.wednesday,
        ] {
            day.sessions = sessions.clone();
        }
        plan.policy.lease_numbers = 5;
        plan.policy.early_open_minutes = rng.u32(0..=15);
        plan.policy.missed_grace_minutes = rng.u32(0..=10);
        plan.check().unwrap();
        let monday = NaiveDate::from_ymd_opt(2026, 8, 3).unwrap();
        let evening = NaiveTime::from_hms_opt(23, rng.u32(0..40), 0).unwrap();
        let at = plan.at(monday, evening);
        Night {
            play: Play::new(plan.clone(), plan.at(monday, NaiveTime::MIN)),
            skew: Duration::minutes([0, -600, -7, 45][rng.usize(..4)]),
            says_when_sent: rng.bool(),
            rng,
            at,
            unreported: Vec::new(),
            given: Vec::new(),
        }
    }

    pub fn play(mut self) {
        self.time_passes();
        for window in 1..=2 {
            let open = Action::OpenWindow {
                window: WindowNumber(window),
                services: None,
                several_windows: false,
            };
            self.ask(officer(window), open);
        }
        for step in 0..60 {
            self.at += Duration::seconds(self.rng.i64(0..=240));
            self.time_passes();
            self.somebody_acts(step);
        }
        let papers = std::mem::take(&mut self.unreported);
        papers.into_iter().for_each(|paper| self.report(paper));
        self.at += Duration::days(3);
        self.time_passes();
        self.play.ends_as_its_log_says();
    }

    fn somebody_acts(&mut self, step: usize) {
        let window = self.rng.u16(1..=2);
        let number = WindowNumber(window);
        match self.rng.u8(..14) {
            0..=2 => {
                let token = token("citizen", step);
                let wish = TakeTicket::new(self.service(), token, Channel::Kiosk);
                self.ask(
                    kiosk(),
                    Action::TakeTicket(TakeTicket {
                        insist: true,
                        ..wish
                    }),
                );
            }
            3 => self.ask(kiosk(), Action::LeaseNumbers { low: None }),
            4..=5 => self.print(step),
            6 if !self.unreported.is_empty() => {
                let paper = self.unreported.remove(0);
                self.report(paper);
            }
            7 => self.ask(officer(window), Action::Miss { window: number }),
            8 => {
                let services = None;
                let open = Action::OpenWindow {
                    window: number,
                    services,
                    several_windows: false,
                };
                self.ask(officer(window), open);
            }
            9 if self.rng.u8(..3) == 0 => {
                let reason = "power".to_string();
                let action = match self.rng.u8(..4) {
                    0 => Action::Interrupt { reason },
                    1 => Action::PauseCalling { reason },
                    _ => Action::ResumeCalling,
                };
                self.ask(manager(), action);
            }
            _ => {
                let finish = Finish::default();
                let next = Action::FinishAndCallNext {
                    window: number,
                    finish,
                };
                self.ask(officer(window), next);
            }
        }
    }

    /// The kiosk cannot reach the server: it gives a number of its block while its service gives out numbers.
    fn print(&mut self, step: usize) {
        let hall = &self.play.hall;
        let service = ServiceId::parse("a").unwrap();
        let day = hall.day().filter(|day| day.closed.is_none());
        let is_open = hall::rules::phase::of_service(hall, &service, self.at).issues();
        let Some(day) = day.filter(|_| is_open) else {
            return;
        };
        let mut leases = day.leases.iter();
        let is_out =
            |number: &TicketNumber| self.unreported.iter().any(|paper| paper.number == *number);
        let next = leases.find_map(|(id, lease)| {
            let faces = lease
                .left()
                .map(|n| TicketNumber::new(lease.numbers.prefix.clone(), n));
            let face = faces.into_iter().find(|face| !is_out(face))?;
            (!lease.ended && lease.at <= self.at).then_some((*id, face))
        });
        if let Some((lease, number)) = next {
            self.unreported.push(Paper {
                lease,
                number,
                token: token("paper", step),
                service,
                printed: self.at,
            });
        }
    }

    fn report(&mut self, paper: Paper) {
        let hall = &self.play.hall;
        let opened = hall.day().map(|day| day.opened_at);
        let report = ReportTaken {
            lease: paper.lease,
            number: paper.number,
            token: paper.token.clone(),
            service: paper.service,
            class: Class::Normal,
            language: Language::Zh,
            taken_at: paper.printed + self.skew,
            sent_at: self.says_when_sent.then_some(self.at + self.skew),
            instead_of: None,
        };
        let told = self
            .play
            .ask(kiosk(), self.at, Action::ReportTaken(Box::new(report)));
        assert!(
            matches!(told, Outcome::Done(_)),
            "E2: a paper is refused: {told:?}"
        );
        self.given.push((paper.token.clone(), paper.printed));
        let hall = &self.play.hall;
        let ticket = hall.ticket_by_token(&paper.token).unwrap();
        if self.says_when_sent {
            let in_line = paper.printed.max(opened.unwrap_or(paper.printed));
            let since = [paper.printed, in_line];
            assert!(
                since.contains(&ticket.taken_at),
                "E3: {} since {}",
                ticket.number,
                ticket.taken_at
            );
        } else if self.skew < Duration::minutes(-60) {
            assert!(
                ticket.taken_at >= paper.printed,
                "E3: {} gained by a clock",
                ticket.number
            );
        }
        self.papers_are_good();
    }

    fn papers_are_good(&self) {
        let hall = &self.play.hall;
        for (token, _) in &self.given {
            let Some(ticket) = hall.ticket_by_token(token) else {
                continue; // done, and its day is long over
            };
            if let Stage::HandedOn { .. } = ticket.stage {
                assert!(
                    hall.vouchers().contains_key(token),
                    "E2: {} has no voucher",
                    ticket.number
                );
            }
        }
    }

    fn time_passes(&mut self) {
        for record in self.play.time_passes(self.at) {
            self.nobody_is_settled_while_he_could_be_served(&record);
        }
    }

    fn nobody_is_settled_while_he_could_be_served(&self, record: &Record<Event>) {
        let plan = self.play.hall.plan();
        for event in &record.events {
            let Event::TicketUnserved { ticket } = event else {
                continue;
            };
            let Some(ticket) = self.play.hall.ticket(*ticket) else {
                continue;
            };
            let today = plan.date(record.at);
            let dates = [today.pred_opt(), Some(today)].into_iter().flatten();
            let mut sessions = dates.flat_map(|date| plan.sessions(date, &ticket.service));
            let runs =
                sessions.find(|session| session.opens <= record.at && record.at < session.closes);
            assert!(
                runs.is_none(),
                "E1: {} was settled at {} in {runs:?}",
                ticket.number,
                record.at
            );
        }
    }

    fn ask(&mut self, actor: Actor, action: Action) {
        if let Outcome::Done(record) = self.play.ask(actor, self.at, action) {
            self.nobody_is_settled_while_he_could_be_served(&record);
        }
    }

    fn service(&mut self) -> ServiceId {
        let id = if self.rng.bool() { "a" } else { "b" };
        ServiceId::parse(id).unwrap()
    }
}

fn token(whose: &str, step: usize) -> Token {
    Token::parse(format!("token-of-a-{whose}-of-night-{step:06}")).unwrap()
}

fn kiosk() -> Actor {
    Actor::Kiosk(ActorId::parse("kiosk").unwrap())
}

fn officer(window: u16) -> Actor {
    Actor::Officer(ActorId::parse(format!("officer-{window}")).unwrap())
}
