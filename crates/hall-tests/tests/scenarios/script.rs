//! The language of the scenarios. A line is a time, who acts and what they do:
//!
//! ```text
//! Sat 08:50 kiosk takes fine elderly
//! 09:00 officer amy opens window 1 for fine
//! 09:01 window 1 calls next
//! 09:02 holder of A001 cancels
//! 17:30 time passes
//! 17:30 show closing
//! ```
//!
//! A weekday moves on to the next such date, a date (`2026-10-01`) to that date; the first is Monday 3 August 2026.
//! `26 times` before who acts does it so often and tells the last. `again` sends the command before once more, with the same key. What falls due by itself is carried out in between
//! and shown with the moment it fell due.

use chrono::{Datelike, Duration, NaiveDate, NaiveTime, Timelike};
use expect_test::Expect;
use hall::id::{
    AppointmentId, CommandId, ComplaintId, Fingerprint, HelpId, LeaseId, PersonId, Sealed,
    ServiceId, TicketId, TicketNumber, Token, WindowNumber,
};
use hall::plan::class::Class;
use hall::plan::hours::DayHours;
use hall::plan::slot::{Reservation, SlotId};
use hall::record::answer::{Answer, Redirected, TakenTicket, WindowAnswer};
use hall::record::command::Arrival;
use hall::record::command::MoveEnd;
use hall::record::command::{
    Action, Actor, Book, CheckIn, CheckInBy, Command, Finish, HoldPlace, ReportTaken,
    ShownDocument, TakeTicket, TransferTo,
};
use hall::record::redirect::RedirectReason;
use hall::record::rejection::NotOpenReason;
use hall::rules::calling_rule::candidates;
use hall::rules::phase;
use hall::state::appointment::{Appointment, Standing, Visitor};
use hall::state::day_report::DayReport;
use hall::state::help::HelpFrom;
use hall::state::lease::Block;
use hall::state::lease::TailLost;
use hall::state::moving::CameFrom;
use hall::state::ticket::{Channel, PlaceInLine, Stage, VisitOutcome};
use hall::text::{Language, Text};
use hall::view::sentence::{Surface, sentence};
use hall::{Event, Plan, Record, Rejection, Time};
use hall_tests::{Outcome, Play, manager};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Plays a script at the model hall.
pub fn check(script: &str, expected: Expect) {
    check_with(|_| {}, script, expected);
}

/// Plays a script at a hall whose plan differs from the model's.
pub fn check_with(change: impl FnOnce(&mut Plan), script: &str, expected: Expect) {
    let mut plan = zhuzhou();
    change(&mut plan);
    let first = lines(script).next().expect("a script has a line");
    let mut stage = Script::new(plan, first);
    for line in lines(script) {
        stage.play(line);
    }
    stage.play.ends_as_its_log_says();
    expected.assert_eq(&stage.told);
}

fn lines(script: &str) -> impl Iterator<Item = &str> {
    script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
}

/// The model hall's plan, as it ships.
pub fn zhuzhou() -> Plan {
    Plan::from_toml(include_str!("../../../../plans/zhuzhou.toml")).unwrap()
}

struct Script {
    /// The names of those whom the script's lines begin with.
    people: BTreeMap<PersonId, String>,
    play: Play,
    date: NaiveDate,
    told: String,
    last: Option<Command>,
    keys: u32,
}

/// One line, read word by word.
struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn next(&mut self) -> &'a str {
        assert!(!self.0.is_empty(), "the line goes on");
        self.0.remove(0)
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.0.first() == Some(&word);
        if is_next {
            self.0.remove(0);
        }
        is_next
    }

    fn service(&mut self) -> ServiceId {
        self.next().parse().unwrap()
    }

    fn window(&mut self) -> WindowNumber {
        WindowNumber(self.next().trim_end_matches(':').parse().unwrap())
    }

    fn number(&mut self) -> TicketNumber {
        self.next().trim_end_matches(':').parse().unwrap()
    }

    /// Whatever is left, such as a reason.
    fn rest(&mut self) -> String {
        std::mem::take(&mut self.0).join(" ")
    }
}

impl Script {
    fn new(plan: Plan, first: &str) -> Script {
        let monday = NaiveDate::from_ymd_opt(2026, 8, 3).unwrap();
        let date = date(monday, &mut Words(first.split(' ').collect()));
        let play = Play::new(plan.clone(), plan.at(date, NaiveTime::MIN));
        Script {
            people: BTreeMap::new(),
            play,
            date,
            told: String::new(),
            last: None,
            keys: 0,
        }
    }

    fn play(&mut self, line: &str) {
        let mut words = Words(line.split_whitespace().collect());
        let at = self.moment(&mut words);
        for record in self.play.time_passes(at) {
            self.tell_record(&record);
        }
        if words.take("time") || self.shows(at, &mut words) {
            return;
        }
        if words.0.get(1) == Some(&"times") {
            let count: u32 = words.next().parse().unwrap();
            let once = words.rest().replacen("times ", "", 1);
            let line = format!(
                "{} {once}",
                self.play.hall.plan().local(at).format("%H:%M:%S")
            );
            for _ in 1..count {
                let told = self.told.len();
                self.play(&line);
                self.told.truncate(told);
            }
            return self.play(&line);
        }
        let command = if words.take("again") {
            let last = self.last.clone().expect("something was asked before");
            Command { at, ..last }
        } else {
            let (actor, action) = self.wish(&mut words, at);
            assert!(
                words.0.is_empty(),
                "nobody understands {:?} in {line:?}",
                words.0
            );
            self.keys += 1;
            let id = format!("script/{}", self.keys).parse().unwrap();
            Command {
                id,
                fingerprint: Fingerprint::parse("f").unwrap(),
                actor,
                at,
                action,
            }
        };
        self.last = Some(command.clone());
        match self.play.carry_out(command) {
            Outcome::Done(record) => {
                self.tell_record(&record);
                if let Answer::Redirected(redirected) = Answer::of(&self.play.hall, &record) {
                    self.tell(at, &format!("refused: {}", redirect(&redirected)));
                }
            }
            Outcome::Nothing => self.tell(at, "nothing to do"),
            Outcome::Remembered(record) => {
                let answer = answer(&Answer::of(&self.play.hall, &record));
                self.tell(at, &format!("remembered: {answer}"));
            }
            Outcome::Refused(rejection) => {
                let refusal = self.refusal(&rejection);
                self.tell(at, &format!("refused: {refusal}"));
            }
        }
    }

    fn moment(&mut self, words: &mut Words) -> Time {
        self.date = date(self.date, words);
        let time = words.next();
        let format = if time.len() == 5 {
            "%H:%M"
        } else {
            "%H:%M:%S%.f"
        };
        let time = NaiveTime::parse_from_str(time, format).unwrap();
        self.play.hall.plan().at(self.date, time)
    }

    fn wish(&mut self, words: &mut Words, at: Time) -> (Actor, Action) {
        match words.next() {
            "kiosk" => (
                Actor::Kiosk("kiosk".parse().unwrap()),
                self.at_kiosk(words, at),
            ),
            "usher" => (Actor::Usher("usher".parse().unwrap()), self.ushering(words)),
            "officer" => {
                let officer = Actor::Officer(words.next().parse().unwrap());
                if words.take("records") {
                    return (officer, self.visiting(words));
                }
                (officer, opening(words))
            }
            "window" => {
                let window = words.window();
                (self.officer_at(window), at_window(window, words))
            }
            "holder" => {
                assert!(words.take("of"));
                let ticket = self.ticket(&words.number());
                (Actor::Citizen, holding(ticket, words))
            }
            "manager" => (manager(), self.managing(words, at)),
            "store" => (Actor::Timer, self.losing(words)),
            "arrival" => (Actor::Citizen, self.arriving(words, at)),
            "client" => (Actor::Citizen, self.holding_a_place(words)),
            who => {
                let who = who.to_string();
                (Actor::Citizen, self.booking(&who, words))
            }
        }
    }

    /// `lost 3 records of 09:05`.
    fn losing(&mut self, words: &mut Words) -> Action {
        assert!(words.take("lost"));
        let found = self.play.hall.version();
        let records: u64 = words.next().parse().unwrap();
        assert!(words.take("records") && words.take("of"));
        Action::RecordLoss(TailLost {
            found,
            acknowledged: found + records,
            at: self.moment_in(words),
        })
    }

    fn visiting(&self, words: &mut Words) -> Action {
        assert!(words.take("visit") && words.take("to"));
        Action::RecordHomeVisit {
            appointment: self.appointment(words.next()).id,
            outcome: VisitOutcome::Done,
            note: words.take("because").then(|| words.rest()),
        }
    }

    fn officer_at(&self, window: WindowNumber) -> Actor {
        let staffing = self
            .play
            .hall
            .windows()
            .get(&window)
            .and_then(|window| window.staffing.as_ref());
        let officer = staffing.map(|staffing| staffing.officer.clone());
        Actor::Officer(officer.unwrap_or_else(|| format!("officer-{window}").parse().unwrap()))
    }

    fn ticket(&self, number: &TicketNumber) -> TicketId {
        self.play
            .hall
            .ticket_by_number(number)
            .unwrap_or_else(|| panic!("there is no {number}"))
            .id
    }

    /// `leases numbers`, `returns lease 0`, `asks for help`, or `reports A901 for fine of 09:05`; this `by its clock` alone,
    /// which may be wrong, or `by a clock that shows 08:00`, or `in place of the command before`. Else it takes a number.
    fn at_kiosk(&mut self, words: &mut Words, at: Time) -> Action {
        if words.take("leases") {
            assert!(words.take("numbers"));
            let low = words
                .take("of")
                .then(|| BTreeSet::from([words.next().parse().unwrap()]));
            return Action::LeaseNumbers { low };
        }
        if words.take("returns") {
            assert!(words.take("lease"));
            let lease = LeaseId(words.next().parse().unwrap());
            return Action::ReturnNumbers { lease };
        }
        if words.take("asks") {
            return asking_for_help(None, words);
        }
        if words.take("reports") {
            return self.reporting(words, at);
        }
        self.taking(words, Channel::Kiosk)
    }

    fn reporting(&mut self, words: &mut Words, at: Time) -> Action {
        let number = words.number();
        assert!(words.take("for"));
        let service = words.service();
        let taken_at = words.take("of").then(|| self.moment_in(words));
        let sent_at = match words.take("by") {
            true if words.take("its") => {
                assert!(words.take("clock"));
                None
            }
            true => {
                assert!(words.take("a") && words.take("clock"));
                assert!(words.take("that") && words.take("shows"));
                Some(self.moment_in(words))
            }
            false => Some(at),
        };
        let replaces = words.take("in");
        assert!(!replaces || words.rest() == "place of the command before");
        let hall = &self.play.hall;
        let leases = hall.day().into_iter().flat_map(|day| &day.leases);
        let leases = leases.chain(hall.lent_before());
        let mut of_number = leases.filter(|(_, lease)| lease.numbers.has(&number));
        let lease = of_number.next().map_or(LeaseId(0), |(id, _)| *id);
        let last = self.last.as_ref().filter(|_| replaces);
        Action::ReportTaken(Box::new(ReportTaken {
            lease,
            number,
            token: Token::parse(format!("token-of-the-citizen-{:04}", self.keys)).unwrap(),
            service,
            class: Class::Normal,
            language: Language::Zh,
            taken_at: taken_at.unwrap_or(at),
            sent_at,
            instead_of: last.map(|command| command.id.clone()),
        }))
    }

    /// `takes fine elderly wheelchair as mrs-li with voucher of A001`
    fn taking(&mut self, words: &mut Words, channel: Channel) -> Action {
        if words.take("checks") {
            assert!(words.take("in"));
            return self.checking_in(words, channel);
        }
        assert!(words.take("takes") || words.take("issues"));
        let service = words.service();
        let mut wish = TakeTicket::new(
            service,
            Token::parse(format!("token-of-the-citizen-{:04}", self.keys)).unwrap(),
            channel,
        );
        while let Some(word) = words.0.first().copied() {
            match word {
                "as" => {
                    words.next();
                    let who = words.next();
                    wish.person = Some(document(who));
                    wish.named = who.contains('~').then(|| person(who));
                }
                "with" => {
                    assert!(words.take("with") && words.take("voucher") && words.take("of"));
                    let number = words.number();
                    let mut vouchers = self.play.hall.vouchers().values();
                    let voucher = vouchers.find(|voucher| voucher.number == number);
                    wish.voucher = Some(voucher.expect("it earned one").token.clone());
                }
                "insisting" => {
                    words.next();
                    wish.insist = true;
                }
                "without-smartphone" => {
                    words.next();
                    wish.no_smartphone = true;
                }
                "wheelchair" => {
                    words.next();
                    wish.needs.insert(hall::state::ticket::Need::Wheelchair);
                }
                "because" => {
                    words.next();
                    wish.reason = Some(words.rest());
                }
                "also" => {
                    words.next();
                    wish.also.push(words.service());
                }
                class => {
                    wish.class = serde_json::from_value(class.into()).unwrap();
                    words.next();
                }
            }
        }
        Action::TakeTicket(wish)
    }

    /// `arrival takes fine`, and `arrival late takes fine` of somebody who set out too long ago.
    fn arriving(&mut self, words: &mut Words, at: Time) -> Action {
        let minutes = if words.take("late") { 11 } else { 0 };
        let Action::TakeTicket(wish) = self.taking(words, Channel::Phone) else {
            unreachable!("whoever takes a number takes a number")
        };
        Action::Arrive(Box::new(Arrival {
            wish,
            from: CameFrom {
                hall: "lusong".parse().unwrap(),
                number: "A007".parse().unwrap(),
            },
            since: at - Duration::minutes(minutes),
        }))
    }

    /// `checks in ann`, `checks in ann by code`, `checks in ann by document`, `… by document-and-name`
    fn checking_in(&mut self, words: &mut Words, channel: Channel) -> Action {
        let who = words.next().to_string();
        let appointment = self.appointment(&who);
        let by = match words.take("by").then(|| words.next()) {
            None => CheckInBy::Token(appointment.token.clone()),
            Some("code") => CheckInBy::Code(appointment.code.clone()),
            Some("document") => CheckInBy::Document(ShownDocument::number(document(&who))),
            Some("document-and-name") => CheckInBy::Document(ShownDocument {
                numbers: vec![document(&who)],
                names: [person(&who)].into(),
            }),
            Some(way) => panic!("nobody checks in by {way}"),
        };
        Action::CheckIn(CheckIn {
            by,
            token: Token::parse(format!("token-of-the-citizen-{:04}", self.keys)).unwrap(),
            channel,
        })
    }

    /// `client a holds licence Sat 09:00`
    fn holding_a_place(&mut self, words: &mut Words) -> Action {
        let client = format!("client-{:-<20}", words.next());
        assert!(words.take("holds"));
        let service = words.service();
        Action::HoldPlace(HoldPlace {
            token: Token::parse(format!("token-of-the-hold-{:07}", self.keys)).unwrap(),
            client: Some(Token::parse(client).unwrap()),
            slot: self.slot(&service, words),
            places: self.places(words),
            service,
        })
    }

    /// `ann books licence Sat 09:00 2 places`, `… or waits`, `… with the hold`; `ann cancels`, `moves to Sun 09:30`,
    /// `waits for Sat 09:00`, `waits no longer`, `confirms`
    fn booking(&mut self, who: &str, words: &mut Words) -> Action {
        self.people.insert(person(who), who.to_string());
        match words.next() {
            "books" => self.books(who, words),
            "moves" => {
                assert!(words.take("to"));
                let service = self.appointment(who).service.clone();
                let slot = self.slot(&service, words);
                let appointment = self.appointment(who).id;
                Action::MoveAppointment { appointment, slot }
            }
            "waits" if words.take("for") => {
                let service = self.appointment(who).service.clone();
                let slot = self.slot(&service, words);
                let appointment = self.appointment(who).id;
                Action::JoinWaitList { appointment, slot }
            }
            "waits" => {
                assert!(words.take("no") && words.take("longer"));
                let appointment = self.appointment(who).id;
                Action::LeaveWaitList { appointment }
            }
            "confirms" => Action::ConfirmOffer {
                appointment: self.appointment(who).id,
            },
            "cancels" => Action::CancelAppointment {
                appointment: self.appointment(who).id,
                reason: None,
            },
            verb => panic!("nobody knows how to {verb}"),
        }
    }

    fn books(&mut self, who: &str, words: &mut Words) -> Action {
        let service = words.service();
        let slot = self.slot(&service, words);
        let places = self.places(words);
        let or_wait = words.take("or") && words.take("waits");
        let hold = words.take("with").then(|| {
            assert!(words.take("the") && words.take("hold"));
            let held = self.play.hall.appointments().values();
            let held = held
                .filter(|a| matches!(a.standing, Standing::Held { .. } | Standing::Lapsed { .. }));
            held.max_by_key(|a| a.id)
                .expect("somebody holds a place")
                .token
                .clone()
        });
        Action::Book(Book {
            token: Token::parse(format!("token-of-the-booking-{:04}", self.keys)).unwrap(),
            hold,
            service,
            slot,
            places,
            visitor: Visitor {
                person: person(who),
                document: document(who),
                named: None,
                phone: None,
                booker: None,
                contact: Sealed::parse("sealed").unwrap(),
                needs: Default::default(),
                language: Language::Zh,
                cases: 1,
            },
            known_as: Default::default(),
            or_wait,
            says_where: true,
        })
    }

    /// `Sat 09:00`: the slot of the service that starts then.
    fn slot(&mut self, service: &ServiceId, words: &mut Words) -> SlotId {
        let starts_at = self.moment_in(words);
        let plan = self.play.hall.plan();
        let slots = plan.slots(starts_at.date_naive(), service);
        let found = slots.into_iter().find(|slot| slot.starts_at == starts_at);
        let unknown =
            || SlotId::parse(&format!("none-{}", starts_at.format("%Y%m%dT%H%M"))).unwrap();
        found.map_or_else(unknown, |slot| slot.id)
    }

    fn places(&self, words: &mut Words) -> u16 {
        let count = words.0.first().and_then(|word| word.parse().ok());
        if count.is_some() {
            words.next();
            assert!(words.take("places"));
        }
        count.unwrap_or(1)
    }

    /// Somebody's newest appointment.
    fn appointment(&self, who: &str) -> &Appointment {
        let theirs = self.play.hall.appointments().values();
        let is_theirs =
            |a: &&Appointment| a.visitor.as_ref().is_some_and(|v| v.person == person(who));
        let newest = theirs.filter(is_theirs).max_by_key(|a| a.id);
        newest.unwrap_or_else(|| panic!("{who} has booked nothing"))
    }

    fn ushering(&mut self, words: &mut Words) -> Action {
        if words.0[0] == "issues" || words.0[0] == "checks" {
            return self.taking(words, Channel::Usher);
        }
        let verb = words.next();
        let ticket = |script: &Script, words: &mut Words| script.ticket(&words.number());
        match verb {
            "readmits" => Action::Return {
                ticket: ticket(self, words),
            },
            "changes" => {
                let ticket = ticket(self, words);
                assert!(words.take("to"));
                Action::ChangeService {
                    ticket,
                    service: words.service(),
                }
            }
            verb => panic!("no usher {verb}"),
        }
    }

    fn managing(&mut self, words: &mut Words, at: Time) -> Action {
        match words.next() {
            "puts" => {
                assert!(words.take("the") && words.take("clock") && words.take("right"));
                Action::PutClockRight
            }
            "hands" => {
                assert!(words.take("on"));
                Action::HandOn {
                    number: words.number(),
                    reason: words.rest(),
                }
            }
            "overrides" => {
                assert!(words.take("window"));
                let window = words.window();
                let mut hand_on = Vec::new();
                if words.take("handing") {
                    assert!(words.take("on"));
                    while words.0[0] != "because" {
                        hand_on.push(words.number());
                    }
                }
                assert!(words.take("because"));
                Action::OverrideSignOff {
                    window,
                    reason: words.rest(),
                    hand_on,
                }
            }
            "interrupts:" => Action::Interrupt {
                reason: words.rest(),
            },
            "suspends" => {
                let service = words.service();
                let until = words.take("until").then(|| self.moment_in(words));
                assert!(words.take("because"));
                Action::Suspend {
                    service,
                    reason: words.rest(),
                    until,
                }
            }
            "assigns" => {
                let officer = words.next().parse().unwrap();
                assert!(words.take("to"));
                let appointment = self.appointment(words.next()).id;
                Action::AssignOfficer {
                    appointment,
                    officer,
                }
            }
            "records" => self.visiting(words),
            "pauses" => {
                assert!(words.take("calling:"));
                Action::PauseCalling {
                    reason: words.rest(),
                }
            }
            "resumes" => {
                assert!(words.take("calling"));
                Action::ResumeCalling
            }
            verb @ ("ends" | "takes") => {
                let plan = Box::new(self.plan_with_monday(verb, words));
                Action::AdoptPlan {
                    plan,
                    move_bookings: false,
                    expected_revision: None,
                }
            }
            "answers" => {
                assert!(words.take("word"));
                let word = words.next().trim_end_matches(':').parse().unwrap();
                Action::AnswerComplaint {
                    complaint: ComplaintId(word),
                    text: words.rest(),
                }
            }
            "removes" => {
                let plan = Box::new(self.plan_without(words));
                let move_bookings = words.take("moving") && words.take("bookings");
                Action::AdoptPlan {
                    plan,
                    move_bookings,
                    expected_revision: None,
                }
            }
            verb => panic!("no manager {verb} at {at}"),
        }
    }

    fn moment_in(&mut self, words: &mut Words) -> Time {
        let date = self.date;
        let moment = self.moment(words);
        self.date = date;
        moment
    }

    /// `ends Monday at 10:30`, `takes Monday off`
    fn plan_with_monday(&self, verb: &str, words: &mut Words) -> Plan {
        let mut plan = self.play.hall.plan().clone();
        assert!(words.take("Monday"));
        plan.week.monday = if verb == "takes" {
            assert!(words.take("off"));
            DayHours::default()
        } else {
            assert!(words.take("at"));
            let hours = [format!("09:00-{}", words.next())];
            serde_json::from_value(serde_json::json!(hours)).unwrap()
        };
        plan
    }

    /// `removes window 3`, `removes service mark`
    fn plan_without(&self, words: &mut Words) -> Plan {
        let mut plan = self.play.hall.plan().clone();
        if words.take("window") {
            let number = words.window();
            plan.windows.retain(|window| window.number != number);
        } else if words.take("weekday") {
            let weekday: chrono::Weekday = words.next().parse().unwrap();
            for rule in &mut plan.appointments {
                rule.weekdays.retain(|day| *day != weekday);
            }
        } else if words.take("places") {
            let left = words.next().parse().unwrap();
            plan.appointments
                .iter_mut()
                .for_each(|rule| rule.places = left);
        } else {
            assert!(words.take("service"));
            let service = words.service();
            plan.services.retain(|other| other.id != service);
            for rule in &mut plan.appointments {
                rule.services.retain(|other| *other != service);
            }
            plan.windows
                .iter_mut()
                .for_each(|window| window.services.retain(|other| *other != service));
        }
        plan
    }

    /// `show phase`, `show phase of fine`, `show queue 3`, `show A001`, `show closing`, `show figures`, `show sentence`,
    /// `show redirects`, `show overdue`, `show officer of ann`, `show free licence Sat 09:00`
    fn shows(&mut self, at: Time, words: &mut Words) -> bool {
        if !words.take("show") {
            return false;
        }
        let hall = &self.play.hall;
        let told = match words.next() {
            "phase" if words.take("of") => {
                format!(
                    "phase {}",
                    phase::of_service(hall, &words.service(), at).name()
                )
            }
            "phase" => format!("phase {}", phase::of_hall(hall, at).name()),
            "sentence" => sentence(hall, at, Surface::Citizen).en,
            "board" if words.take("sentence") => sentence(hall, at, Surface::Board).en,
            "board" => match hall::view::board(hall, at).calling_paused {
                Some(reason) => format!("no calls: {reason}"),
                None => "calls go on".into(),
            },
            "queue" => self.queue(words.window(), at),
            "redirects" => redirects(&DayReport::of(hall, hall.day().unwrap())),
            "reported" => redirects(hall.reports().last_key_value().unwrap().1),
            "overdue" => {
                let overdue = hall::view::overview(hall, at).overdue;
                let faces: Vec<String> = overdue.iter().map(ToString::to_string).collect();
                format!("overdue: {}", faces.join(" "))
            }
            "officer" => {
                assert!(words.take("of"));
                let officer = self.appointment(words.next()).officer.as_ref();
                officer.map_or("nobody".into(), ToString::to_string)
            }
            "free" => {
                let service = words.service();
                let slot = self.slot(&service, words);
                let hall = &self.play.hall;
                let slot = hall.plan().slot(&slot, &service);
                match slot {
                    Some(slot) => format!("{} free", hall.free_places(&slot, at)),
                    None => "no such slot".into(),
                }
            }
            "closing" => closing(hall.day().and_then(|day| day.closed.as_ref())),
            "figures" => figures(&DayReport::of(hall, hall.day().unwrap())),
            number => self.whereabouts(&number.parse().unwrap()),
        };
        self.tell(at, &told);
        true
    }

    fn queue(&self, window: WindowNumber, at: Time) -> String {
        let candidates = candidates(&self.play.hall, window, at, 5);
        let told = candidates.iter().map(|candidate| {
            let number = &self.play.hall.ticket(candidate.ticket).unwrap().number;
            let why = serde_json::to_value(candidate.why).unwrap();
            let (minutes, score) = (candidate.waited.num_minutes(), candidate.score / 60_000);
            format!(
                "{number} {minutes} min, score {score}, {}",
                why.as_str().unwrap()
            )
        });
        format!(
            "window {window} would call: {}",
            told.collect::<Vec<_>>().join("; ")
        )
    }

    fn whereabouts(&self, number: &TicketNumber) -> String {
        let ticket = self.play.hall.ticket_by_number(number).unwrap();
        let place = match &ticket.stage {
            Stage::Waiting {
                place: PlaceInLine::InLine,
                ..
            } => "waiting in line".into(),
            Stage::Waiting {
                place: PlaceInLine::AfterCalls(n),
                ..
            } => format!("waiting until {n} calls"),
            Stage::Waiting {
                place: PlaceInLine::OnlyAt(window),
                ..
            } => format!("waiting for window {window}"),
            Stage::Waiting {
                place: PlaceInLine::FirstAt(window),
                ..
            } => format!("first at window {window}"),
            Stage::Waiting {
                place: PlaceInLine::First,
                ..
            } => "first in line".into(),
            stage => stage.name().label().en.to_lowercase(),
        };
        format!(
            "{number} for {}, taken {}: {place}",
            ticket.service,
            ticket.taken_at.format("%H:%M")
        )
    }

    fn tell(&mut self, at: Time, what: &str) {
        let local = self.play.hall.plan().local(at);
        let day = if local.date_naive() == NaiveDate::from_ymd_opt(2026, 8, 3).unwrap() {
            String::new()
        } else {
            local.format("%a %-d ").to_string()
        };
        let time = if local.nanosecond() == 0 {
            "%H:%M:%S"
        } else {
            "%H:%M:%S%.3f"
        };
        self.told += &format!("{day}{} {what}\n", local.format(time));
    }

    fn tell_record(&mut self, record: &Record<Event>) {
        let told: Vec<String> = record
            .events
            .iter()
            .filter_map(|event| self.event(event))
            .collect();
        if !told.is_empty() {
            self.tell(record.at, &told.join(", "));
        }
    }

    fn face(&self, ticket: &TicketId) -> String {
        self.play
            .hall
            .ticket(*ticket)
            .map_or("?".into(), |ticket| ticket.number.to_string())
    }

    fn event(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::DayOpened { .. } => return None,
            Event::PlanAdopted { plan } => format!("plan {} adopted", plan.revision),
            Event::NumbersLeased { lease, numbers, .. } => {
                format!("lease {}: {}", lease.0, block(numbers))
            }
            Event::TailLost(lost) => {
                let (found, acknowledged) = (lost.found, lost.acknowledged);
                format!("records {found} to {acknowledged} are lost")
            }
            Event::ClockPutRight {
                to, booked_again, ..
            } => {
                let again: Vec<String> = booked_again.iter().map(|id| self.visitor(id)).collect();
                let again = match again.is_empty() {
                    true => String::new(),
                    false => format!(", booked again: {}", again.join(" ")),
                };
                let to = self.play.hall.plan().local(*to).format("%a %-d %H:%M");
                format!("it is {to} again{again}")
            }
            Event::NumbersSkipped { lease, numbers } => {
                let blocks: Vec<String> = numbers.iter().map(block).collect();
                format!("lease {} ends, {} skipped", lease.0, blocks.join(" "))
            }
            Event::HelpAsked { help, from, urgent } => {
                let urgently = if *urgent { " urgently" } else { "" };
                match from {
                    HelpFrom::Kiosk(kiosk) => format!("help {}: {kiosk} asks{urgently}", help.0),
                    HelpFrom::Window(n) => format!("help {}: window {n} asks{urgently}", help.0),
                }
            }
            Event::HelpAnswered { help, window } => match window {
                Some(window) => format!("help {}: window {window} comes", help.0),
                None => format!("help {}: somebody comes", help.0),
            },
            Event::ComplaintLeft { complaint, due, .. } => {
                format!("word {}, due {due}", complaint.0)
            }
            Event::ComplaintAnswered { complaint, .. } => format!("word {} answered", complaint.0),
            Event::TicketTaken(taken) if taken.lease.is_some() => {
                let since = taken.taken_at.map(|at| at.format("%H:%M:%S").to_string());
                format!(
                    "{} waiting since {}",
                    taken.number,
                    since.unwrap_or_default()
                )
            }
            Event::TicketTaken(taken) if taken.voucher.is_some() => {
                format!("{} waiting, first in line", taken.number)
            }
            Event::TicketTaken(taken) => format!("{} waiting", taken.number),
            Event::TicketCalled { ticket, window, .. } => {
                format!("{} to window {window}", self.face(ticket))
            }
            Event::TicketRecalled { ticket, window, .. } => {
                format!("{} to window {window} again", self.face(ticket))
            }
            Event::ServiceStarted { ticket, .. } => format!("{} started", self.face(ticket)),
            Event::ServiceFinished { ticket, .. } => format!("{} served", self.face(ticket)),
            Event::TicketMissed { ticket, .. } => format!("{} missed", self.face(ticket)),
            Event::TicketReturned {
                ticket,
                after_calls,
            } => format!("{} back, after call {after_calls}", self.face(ticket)),
            Event::TicketDeferred {
                ticket,
                after_calls,
            } => format!("{} deferred to call {after_calls}", self.face(ticket)),
            Event::TicketParked { ticket, .. } => format!("{} parked", self.face(ticket)),
            Event::ServiceResumed { ticket, window, .. } => {
                format!("{} goes on at window {window}", self.face(ticket))
            }
            Event::HolderResumed { ticket, window } => {
                format!("{} first at window {window}", self.face(ticket))
            }
            Event::TicketTransferred {
                ticket,
                service,
                only_at: None,
                ..
            } => format!("{} on to {service}", self.face(ticket)),
            Event::TicketTransferred {
                ticket,
                only_at: Some(window),
                ..
            } => format!("{} on to window {window}", self.face(ticket)),
            Event::NextServiceAdded {
                ticket, service, ..
            } => format!("{} also for {service}", self.face(ticket)),
            Event::ServiceChanged {
                ticket, service, ..
            } => {
                format!("{} now for {service}", self.face(ticket))
            }
            Event::TicketReprinted { ticket } => format!("{} printed again", self.face(ticket)),
            Event::TicketCancelled { ticket } => format!("{} cancelled", self.face(ticket)),
            Event::TicketHandedOn { ticket, .. } => format!("{} handed on", self.face(ticket)),
            Event::TicketUnserved { ticket } => format!("{} UNSERVED", self.face(ticket)),
            Event::TicketRated { ticket, stars, .. } => {
                format!("{} rated {stars}", self.face(ticket))
            }
            Event::VoucherGiven {
                ticket,
                service,
                valid_until,
                ..
            } => {
                let until = valid_until.format("%a %-d %B %H:%M");
                format!(
                    "voucher of {} for {service} until {until}",
                    self.face(ticket)
                )
            }
            Event::WindowOpened {
                window, officer, ..
            } => format!("window {window} opened by {officer}"),
            Event::WindowTakenOver {
                window,
                officer,
                from,
                ..
            } => format!("window {window} taken over by {officer} from {from}"),
            Event::WindowPaused { window, reason } => {
                format!("window {window} on a break: {reason}")
            }
            Event::WindowResumed { window } => format!("window {window} works again"),
            Event::WindowClosed { window } => format!("window {window} closed"),
            Event::SignOffOverridden { window, .. } => format!("window {window} overridden"),
            Event::CommandUndone { window, .. } => format!("window {window} undone"),
            Event::HallInterrupted { reason, .. } => format!("interrupted: {reason}"),
            Event::ServiceSuspended { service, .. } => format!("{service} suspended"),
            Event::SuspensionEnded { service } => format!("{service} no longer suspended"),
            Event::CallingPaused { .. } => "calling paused".into(),
            Event::CallingResumed => "calling again".into(),
            Event::NoticesPosted { notices } => format!("{} notices", notices.len()),
            Event::HelpedOnline { service } => format!("helped online with {service}"),
            Event::CitizenRedirected { .. } => return None, // told as the refusal that it looks like
            Event::OverrunForeseen { service } => format!("{service} would overrun"),
            Event::OverrunOver { service } => format!("{service} would not overrun any more"),
            Event::PlaceHeld {
                reservation, until, ..
            } => {
                let until = until.format("%H:%M");
                format!("{} held until {until}", reserved(reservation))
            }
            Event::HoldEnded { .. } => "hold ended".into(),
            Event::AppointmentBooked(booked) => {
                let who = self.visitor(&booked.appointment);
                format!("{who} booked {}", reserved(&booked.reservation))
            }
            Event::AppointmentListed(listed) => {
                format!("{} listed", self.visitor(&listed.appointment))
            }
            Event::WaitListJoined {
                appointment,
                reservation,
                ..
            } => {
                let who = self.visitor(appointment);
                format!("{who} waits for {}", reserved(reservation))
            }
            Event::WaitListLeft { appointment } => {
                format!("{} waits no longer", self.visitor(appointment))
            }
            Event::PlaceOffered { appointment, until } => {
                let until = until.format("%a %H:%M");
                format!("offered to {} until {until}", self.visitor(appointment))
            }
            Event::OfferConfirmed { appointment } => {
                format!("{} has the place", self.visitor(appointment))
            }
            Event::AppointmentMoved {
                appointment,
                reservation,
                by_plan,
            } => {
                let who = self.visitor(appointment);
                let why = if *by_plan { " by the plan" } else { "" };
                format!("{who} moved to {}{why}", reserved(reservation))
            }
            Event::AppointmentCancelled { appointment, .. } => {
                format!("{} cancelled", self.visitor(appointment))
            }
            Event::AppointmentCheckedIn {
                appointment, late, ..
            } => {
                let late = if *late { " late" } else { "" };
                format!("{} checked in{late}", self.visitor(appointment))
            }
            Event::PlaceGivenOnTheSpot { reservation, .. } => {
                format!("{} given on the spot", reserved(reservation))
            }
            Event::NoShowRecorded {
                appointment,
                excused,
            } => {
                let excused = if *excused { " (excused)" } else { "" };
                format!("{} did not come{excused}", self.visitor(appointment))
            }
            Event::OfficerAssigned {
                appointment,
                officer,
            } => {
                format!("{officer} goes to {}", self.visitor(appointment))
            }
            Event::HomeVisitRecorded { appointment, .. } => {
                format!("{} visited", self.visitor(appointment))
            }
            Event::DayClosed {
                closing: sums,
                goes_on,
                ..
            } => {
                let goes_on = goes_on
                    .as_ref()
                    .map(|with| format!(", {} go on", with.len()));
                format!(
                    "the day closes: {}{}",
                    closing(Some(sums)),
                    goes_on.unwrap_or_default()
                )
            }
            Event::TicketLeaving { ticket, hall, .. } => {
                format!("{} leaves for {hall}", self.face(ticket))
            }
            Event::ArrivalDeclined { why, .. } => format!("declined: {}", why.en),
            Event::TicketMoved { ticket, hall, .. } => {
                format!("{} moved to {hall}", self.face(ticket))
            }
            Event::TicketStayed { ticket, .. } => format!("{} stays", self.face(ticket)),
        })
    }

    /// The name behind an appointment, as the script calls people.
    fn visitor(&self, appointment: &AppointmentId) -> String {
        let appointment = self.play.hall.appointment(*appointment);
        let person = appointment
            .and_then(|a| a.visitor.as_ref())
            .map(|v| &v.person);
        let known = person.and_then(|person| self.people.get(person));
        known.cloned().unwrap_or_else(|| "nobody".into())
    }

    fn refusal(&self, rejection: &Rejection) -> String {
        let when = |opens_at: &Option<Time>| {
            opens_at.map_or("no numbers in sight".into(), |at| {
                at.format("numbers from %a %-d %H:%M").to_string()
            })
        };
        match rejection {
            Rejection::NotOpen {
                reason, opens_at, ..
            } => {
                let reason = match reason {
                    NotOpenReason::NotYet => "not yet",
                    NotOpenReason::Between => "between",
                    NotOpenReason::DayOff => "day off",
                    NotOpenReason::AppointmentsOnly => "appointments only",
                    NotOpenReason::Suspended => "suspended",
                    NotOpenReason::NotAuthorised => "not authorised",
                };
                format!("{reason}, {}", when(opens_at))
            }
            Rejection::WouldStrand { tickets } => {
                let faces: Vec<String> = tickets.iter().map(ToString::to_string).collect();
                format!("would strand {}", faces.join(" "))
            }
            other => other.detail().en,
        }
    }
}

fn redirect(redirected: &Redirected) -> String {
    let reason = match redirected.reason {
        RedirectReason::NearClosing => "near closing",
        RedirectReason::Forecast => "forecast",
        RedirectReason::Closed => "closed",
        RedirectReason::Full => "full",
    };
    let insist = if redirected.may_insist {
        ", may insist"
    } else {
        ""
    };
    let when = redirected
        .opens_at
        .map_or("no numbers in sight".into(), |at| {
            at.format("numbers from %a %-d %H:%M").to_string()
        });
    format!("redirect, {reason}{insist}, {when}")
}

/// `Sat 09:00`, `Sat 09:00 to 10:00 2 places`
fn reserved(reservation: &Reservation) -> String {
    let starts = reservation.starts_at.format("%a %H:%M");
    let row = match reservation.slots.len() {
        1 => String::new(),
        _ => reservation.ends_at.format(" to %H:%M").to_string(),
    };
    let places = match reservation.places {
        1 => String::new(),
        places => format!(" {places} places"),
    };
    format!("{starts}{row}{places}")
}

/// The date a line is on: the next such weekday, that very date, or the one of the line before.
fn date(before: NaiveDate, words: &mut Words) -> NaiveDate {
    if let Ok(weekday) = words.0[0].parse::<chrono::Weekday>() {
        words.next();
        before
            .iter_days()
            .find(|date| date.weekday() == weekday)
            .unwrap()
    } else if let Ok(date) = words.0[0].parse() {
        words.next();
        date
    } else {
        before
    }
}

fn opening(words: &mut Words) -> Action {
    assert!(words.take("opens") && words.take("window"));
    let window = words.window();
    let services = words.take("for").then(|| {
        words
            .rest()
            .split(' ')
            .map(|id| id.parse().unwrap())
            .collect()
    });
    Action::OpenWindow {
        window,
        services,
        several_windows: false,
    }
}

fn asking_for_help(window: Option<WindowNumber>, words: &mut Words) -> Action {
    assert!(words.take("for") && words.take("help"));
    let urgent = words.take("urgently");
    Action::AskForHelp { window, urgent }
}

fn block(numbers: &Block) -> String {
    let Block {
        prefix,
        first,
        last,
    } = numbers;
    match first == last {
        true => format!("{prefix}{first:03}"),
        false => format!("{prefix}{first:03}-{prefix}{last:03}"),
    }
}

fn at_window(window: WindowNumber, words: &mut Words) -> Action {
    match words.next() {
        "calls" if words.take("next") => Action::CallNext { window },
        "calls" => {
            let number = words.number();
            let reason = words.take("because").then(|| words.rest());
            Action::Call {
                window,
                number,
                reason,
            }
        }
        "recalls" => Action::Recall { window },
        "serves" => {
            let service = words.service();
            assert!(words.take("directly"));
            Action::ServeDirectly {
                window,
                service,
                token: Token::parse(format!("token-without-a-number-at-{window}")).unwrap(),
                language: Language::Zh,
            }
        }
        "asks" => asking_for_help(Some(window), words),
        "answers" => {
            assert!(words.take("help"));
            let help = HelpId(words.next().parse().unwrap());
            Action::AnswerHelp {
                help,
                window: Some(window),
            }
        }
        "starts" => Action::Start { window },
        "finishes" if words.take("and") => {
            assert!(words.take("calls") && words.take("next"));
            Action::FinishAndCallNext {
                window,
                finish: Finish::default(),
            }
        }
        "finishes" => Action::Finish {
            window,
            finish: finish(words),
        },
        "misses" => Action::Miss { window },
        "parks" => Action::Park { window, note: None },
        "resumes" => Action::Resume {
            window,
            number: words.number(),
        },
        "works" => {
            assert!(words.take("again"));
            Action::ResumeWindow { window }
        }
        "transfers" => {
            assert!(words.take("to"));
            let target = words.take("window").then(|| words.window());
            let service = (!words.0.is_empty()).then(|| words.service());
            Action::Transfer {
                window,
                to: TransferTo {
                    service,
                    window: target,
                },
                note: None,
            }
        }
        "adds" => Action::NextService {
            window,
            service: words.service(),
        },
        "undoes" => Action::Undo { window },
        "pauses" => Action::PauseWindow {
            window,
            reason: words.rest(),
        },
        "closes" => Action::CloseWindow { window },
        verb => panic!("no window {verb}"),
    }
}

/// `finishes`, `finishes documents-missing`, `finishes for 120.50`
fn finish(words: &mut Words) -> Finish {
    let mut finish = Finish::default();
    while !words.0.is_empty() {
        match words.next() {
            "documents-missing" => finish.outcome = VisitOutcome::DocumentsMissing,
            "for" => finish.fees = words.next().parse::<Decimal>().unwrap(),
            word => panic!("no finish {word}"),
        }
    }
    finish
}

fn holding(ticket: TicketId, words: &mut Words) -> Action {
    match words.next() {
        "cancels" => Action::Cancel { ticket },
        "returns" => Action::Return { ticket },
        "defers" => Action::Defer { ticket },
        "comes" => {
            assert!(words.take("back"));
            Action::ResumeByHolder { ticket }
        }
        "changes" => {
            assert!(words.take("to"));
            Action::ChangeService {
                ticket,
                service: words.service(),
            }
        }
        "reprints" => Action::Reprint { ticket },
        "writes:" => Action::LeaveComplaint {
            ticket: Some(ticket),
            service: None,
            text: words.rest(),
        },
        "rates" => Action::Rate {
            ticket,
            stars: words.next().parse().unwrap(),
            reasons: Vec::new(),
            text: None,
        },
        "leaves" => {
            assert!(words.take("for"));
            Action::Leave {
                ticket,
                hall: words.next().parse().unwrap(),
                arrival: arrival_of(ticket),
                token: key_there(),
            }
        }
        "moved" => Action::EndMove {
            ticket,
            arrival: arrival_of(ticket),
            end: MoveEnd::Moved {
                number: "A001".parse().unwrap(),
                token: key_there(),
            },
        },
        "stays" => Action::EndMove {
            ticket,
            arrival: arrival_of(ticket),
            end: MoveEnd::Stayed {
                why: Text::new("已满", "full"),
            },
        },
        verb => panic!("no holder {verb}"),
    }
}

fn arrival_of(ticket: TicketId) -> CommandId {
    format!("arrival/{}", ticket.0).parse().unwrap()
}

fn key_there() -> Token {
    "token-of-the-place-there".parse().unwrap()
}

/// A person's digest; the name's length and letters make it one of a kind here.
fn person(name: &str) -> PersonId {
    let digest: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    PersonId::parse(format!("{digest:0>32}")).unwrap()
}

/// The number of somebody's document. `chen~7` and `wang~7` have the same.
fn document(name: &str) -> PersonId {
    person(name.split_once('~').map_or(name, |(_, number)| number))
}

fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Taken(TakenTicket { number, ahead, .. }) => format!("{number}, {ahead} ahead"),
        Answer::Window(WindowAnswer { window, ticket }) => match ticket {
            Some(ticket) => format!("window {window} has {}", ticket.number),
            None => format!("window {window} has nobody"),
        },
        Answer::Ticket(id) => format!("ticket {}", id.0),
        Answer::Plan { revision, .. } => format!("plan {revision}"),
        Answer::Redirected(redirected) => redirect(redirected),
        Answer::Held(held) => format!("{} held", held.slot),
        Answer::Booked(booked) => format!("{} {}", booked.slot, booked.standing.label().en),
        Answer::Appointment(id) => format!("appointment {}", id.0),
        Answer::Leased(leases) => format!("{} blocks", leases.len()),
        Answer::Declined { why } => format!("declined: {}", why.en),
        Answer::HelpAsked(help) => format!("call for help {}", help.0),
        Answer::ComplaintLeft(complaint) => format!("complaint {}", complaint.0),
        Answer::Done => "done".into(),
    }
}

fn closing(sums: Option<&hall::state::closing::ClosingRecord>) -> String {
    let Some(sums) = sums else {
        return "the day is open".into();
    };
    if sums.issued == 0 {
        return "nobody came".into();
    }
    let parts = [
        ("served", sums.served),
        ("cancelled", sums.cancelled),
        ("missed", sums.missed),
        ("handed on", sums.handed_on),
        ("UNSERVED", sums.unserved),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(what, n)| format!("{n} {what}"))
        .collect();
    let overtime: Vec<String> = sums
        .overtime_seconds
        .iter()
        .map(|(window, s)| format!(", window {window} {s} s over"))
        .collect();
    let last = sums
        .last_served_at
        .map(|at| at.format(", last served %H:%M:%S").to_string());
    format!(
        "{} issued = {}{}{}",
        sums.issued,
        told.join(" + "),
        last.unwrap_or_default(),
        overtime.join("")
    )
}

fn redirects(report: &DayReport) -> String {
    let of_service = report.redirects.iter().map(|(service, redirects)| {
        let (all, insisted) = (redirects.redirected, redirects.insisted);
        format!("{service} {all} led elsewhere, {insisted} insisted")
    });
    of_service.collect::<Vec<_>>().join(", ")
}

fn figures(report: &DayReport) -> String {
    let total = &report.total;
    let seconds = |s: Option<u32>| s.map_or("-".into(), |s| format!("{s} s"));
    format!(
        "{} issued, {} finished, wait {} / {}, service {} / {}",
        total.issued,
        total.finished,
        seconds(total.wait_p50),
        seconds(total.wait_p90),
        seconds(total.service_p50),
        seconds(total.service_p90)
    )
}
