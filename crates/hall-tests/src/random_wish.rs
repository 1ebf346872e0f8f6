//! What somebody at a random hall wants next: every kind of action that people there have, mostly one that fits.
//!
//! A wish is drawn from the seed and from a hall's state, and nothing is kept between two of them, so that whoever plays
//! decides what the state is: the newest, or the one that a server happens to know.

use crate::manager;
use crate::random_plan::{self, Mix};
use chrono::{Duration, NaiveDate};
use fastrand::Rng;
use hall::id::{
    AppointmentCode, AppointmentId, LeaseId, PersonId, Sealed, ServiceId, TicketId, TicketNumber,
    Token, WindowNumber,
};
use hall::plan::class::Class;
use hall::plan::slot::SlotId;
use hall::record::command::{
    Action, Actor, Book, CheckIn, CheckInBy, Command, Finish, HoldPlace, ReportTaken,
    ShownDocument, TakeTicket, TransferTo,
};
use hall::rules::promise;
use hall::state::appointment::{Appointment, StandingName, Visitor};
use hall::state::lease::Lease;
use hall::state::ticket::{Channel, Need, StageName, VisitOutcome};
use hall::state::window::Window;
use hall::text::Language;
use hall::{Hall, Plan, Time};
use std::collections::BTreeSet;

/// How many kinds of action there are; each day draws a weight for each.
pub const KINDS: usize = 41;

/// Who is about to want something, and what he knows.
#[derive(Debug)]
pub struct Wisher<'a> {
    pub rng: &'a mut Rng,
    pub hall: &'a Hall,
    /// The plan as it was drawn; the manager's changes begin from it.
    pub plan: &'a Plan,
    pub date: NaiveDate,
    pub at: Time,
    pub weights: &'a [u32; KINDS],
    /// What was asked before.
    pub sent: &'a [Command],
}

/// Half of the kinds of action do not occur on a day at all; a manager seldom interferes.
pub fn weights(rng: &mut Rng, mix: Mix) -> [u32; KINDS] {
    let mut weights = [0; KINDS];
    for (kind, weight) in weights.iter_mut().enumerate() {
        *weight = match kind {
            0 if mix == Mix::BookedOnly => 0,
            0 => rng.u32(10..=40),    // numbers: without them no day
            1..=3 => rng.u32(5..=25), // windows, calls, finishes
            4..=22 if rng.bool() => rng.u32(1..=12),
            23..=26 if rng.u8(..4) == 0 => 1,
            27 if rng.u8(..4) == 0 => rng.u32(1..=3), // plans
            37.. if rng.u8(..3) > 0 => 0, // the server away, or somebody without a number
            37.. => rng.u32(1..=15),
            28.. if mix == Mix::WalkInsOnly => 0,
            29 => rng.u32(10..=30), // bookings
            35 => rng.u32(15..=40), // check-ins
            28.. if rng.u8(..4) > 0 => rng.u32(1..=15),
            _ => 0,
        };
    }
    weights
}

impl Wisher<'_> {
    /// Who wants what next; `step` makes the tokens its own.
    pub fn wish(&mut self, step: usize) -> (Actor, Action) {
        let total: u32 = self.weights.iter().sum();
        let mut ball = self.rng.u32(..total);
        let kind = self.weights.iter().position(|weight| {
            let hit = ball < *weight;
            ball = ball.saturating_sub(*weight);
            hit
        });
        match kind.unwrap() {
            0 => (self.taker(), self.take(step)),
            kind @ 1..=16 => {
                let window = self.window_for(kind);
                (self.officer_at(window), self.at_window(kind, window))
            }
            kind @ 17..=22 => (self.holder(), self.holding(kind)),
            kind @ 23..=27 => (manager(), self.managing(kind)),
            kind @ 28..=35 => (self.holder(), self.booking(kind, step)),
            kind @ 37..=39 => (
                Actor::Kiosk("kiosk".parse().unwrap()),
                self.away(kind, step),
            ),
            40 => self.serving_directly(step),
            _ => (manager(), self.sending_out()),
        }
    }

    fn taker(&mut self) -> Actor {
        match self.rng.u8(..8) {
            0 => Actor::Usher("usher".parse().unwrap()),
            1 => Actor::Citizen,
            _ => Actor::Kiosk("kiosk".parse().unwrap()),
        }
    }

    fn holder(&mut self) -> Actor {
        match self.rng.u8(..4) {
            0 => Actor::Usher("usher".parse().unwrap()),
            _ => Actor::Citizen,
        }
    }

    fn take(&mut self, step: usize) -> Action {
        let rng = &mut self.rng;
        let class = if rng.bool() {
            Class::Normal
        } else {
            Class::ALL[rng.usize(..5)]
        };
        let digest = |n: u8| PersonId::parse(format!("{n:032}")).unwrap();
        let who = rng.u8(..6);
        let person = (rng.u8(..3) == 0).then(|| digest(who.min(4)));
        let named = rng.bool().then(|| digest(100 + who));
        let named = named.filter(|_| person.is_some());
        let vouchers: Vec<&Token> = self.hall.vouchers().keys().collect();
        let voucher = (!vouchers.is_empty() && rng.bool())
            .then(|| vouchers[rng.usize(..vouchers.len())].clone());
        Action::TakeTicket(TakeTicket {
            insist: rng.bool(),
            no_smartphone: rng.u8(..8) == 0,
            class,
            person,
            named,
            voucher,
            needs: if rng.u8(..6) == 0 {
                [Need::Wheelchair].into()
            } else {
                Default::default()
            },
            party: rng.u16(1..=3),
            cases: rng.u16(1..=3),
            reason: rng.bool().then(|| "stood in line".into()),
            ..TakeTicket::new(
                self.service(),
                Token::parse(format!("token-of-a-citizen-{step:06}")).unwrap(),
                Channel::Kiosk,
            )
        })
    }

    fn at_window(&mut self, kind: usize, window: WindowNumber) -> Action {
        match kind {
            1 => Action::OpenWindow {
                window,
                services: self.some_services(),
                several_windows: self.rng.bool(),
            },
            2 => Action::CallNext { window },
            3 => Action::Finish {
                window,
                finish: self.finish(),
            },
            4 => Action::FinishAndCallNext {
                window,
                finish: self.finish(),
            },
            5 => Action::Start { window },
            6 => Action::Recall { window },
            7 => Action::Miss { window },
            8 => Action::Park { window, note: None },
            9 => Action::Resume {
                window,
                number: self.number_of(StageName::Parked),
            },
            10 => Action::Transfer {
                window,
                to: self.target(),
                note: None,
            },
            11 => Action::NextService {
                window,
                service: self.service(),
            },
            12 => Action::Undo { window },
            13 => Action::PauseWindow {
                window,
                reason: "tea".into(),
            },
            14 => Action::ResumeWindow { window },
            15 => Action::CloseWindow { window },
            _ => {
                let stage = if self.rng.bool() {
                    StageName::Waiting
                } else {
                    StageName::Missed
                };
                Action::Call {
                    window,
                    number: self.number_of(stage),
                    reason: Some("stands here".into()),
                }
            }
        }
    }

    fn holding(&mut self, kind: usize) -> Action {
        match kind {
            17 => Action::Cancel {
                ticket: self.ticket(),
            },
            18 => Action::Return {
                ticket: self.ticket_in(StageName::Missed),
            },
            19 => Action::Defer {
                ticket: self.ticket_in(StageName::Waiting),
            },
            20 => Action::ResumeByHolder {
                ticket: self.ticket_in(StageName::Parked),
            },
            21 => Action::ChangeService {
                ticket: self.ticket_in(StageName::Waiting),
                service: self.service(),
            },
            _ => match self.rng.bool() {
                true => Action::Reprint {
                    ticket: self.ticket(),
                },
                false => {
                    let ticket = self.ticket_in(StageName::Served);
                    Action::Rate {
                        ticket,
                        stars: self.rng.u8(0..=6),
                        reasons: Vec::new(),
                        text: None,
                    }
                }
            },
        }
    }

    fn managing(&mut self, kind: usize) -> Action {
        let reason = "it must be".to_string();
        match kind {
            23 => Action::HandOn {
                number: self.number(),
                reason,
            },
            24 => {
                let window = self.window();
                let stranded = promise::stranded_by_closing(self.hall, window, self.at);
                let mut hand_on = promise::numbers(self.hall, &stranded);
                hand_on.truncate(self.rng.usize(0..=3));
                Action::OverrideSignOff {
                    window,
                    reason,
                    hand_on,
                }
            }
            25 if self.rng.u8(..4) == 0 => Action::Interrupt { reason },
            25 => match self.rng.bool() {
                true => Action::PauseCalling { reason },
                false => Action::ResumeCalling,
            },
            26 => {
                let until = self.at + Duration::seconds(self.rng.i64(1..=900));
                Action::Suspend {
                    service: self.service(),
                    reason,
                    until: Some(until),
                }
            }
            _ => {
                let plan = random_plan::change(self.rng, self.plan);
                Action::AdoptPlan {
                    plan: Box::new(plan),
                    move_bookings: self.rng.bool(),
                    expected_revision: None,
                }
            }
        }
    }

    fn booking(&mut self, kind: usize, step: usize) -> Action {
        match kind {
            28 => {
                let service = self.service();
                Action::HoldPlace(HoldPlace {
                    token: Token::parse(format!("token-of-a-hold-{step:06}")).unwrap(),
                    client: (self.rng.u8(..4) > 0).then(|| self.client()),
                    slot: self.slot(&service),
                    places: self.places(),
                    service,
                })
            }
            29 => self.book(step),
            30 => Action::CancelAppointment {
                appointment: self.appointment_in(&[StandingName::Booked, StandingName::Listed]),
                reason: None,
            },
            31 => {
                let appointment = self.appointment_in(&[StandingName::Booked]);
                let slot = self.slot_for(appointment);
                Action::MoveAppointment { appointment, slot }
            }
            32 => {
                let standings = [StandingName::Booked, StandingName::Listed];
                let appointment = self.appointment_in(&standings);
                let slot = self.slot_for(appointment);
                Action::JoinWaitList { appointment, slot }
            }
            33 => Action::LeaveWaitList {
                appointment: self.appointment_that(|a| a.wish.is_some()),
            },
            34 => Action::ConfirmOffer {
                appointment: self.appointment_that(|a| a.wish.as_ref().is_some_and(|w| w.offered)),
            },
            _ => self.check_in(step),
        }
    }

    /// Half of those who hold a place book it, some of them too late.
    fn book(&mut self, step: usize) -> Action {
        let held = self.appointment_in(&[StandingName::Held, StandingName::Lapsed]);
        let held = self.hall.appointment(held);
        let held = held.filter(|a| a.reservation.is_some()).cloned();
        let held = held.filter(|_| self.rng.bool());
        let (service, slot, places) = match &held {
            Some(Appointment {
                service,
                reservation: Some(has),
                ..
            }) if self.rng.u8(..6) > 0 => (service.clone(), has.first_slot().clone(), has.places),
            _ => {
                let service = self.service();
                (service.clone(), self.slot(&service), self.places())
            }
        };
        let (person, document) = self.person();
        let named = self.rng.bool().then(|| person.clone());
        Action::Book(Book {
            token: Token::parse(format!("token-of-a-booking-{step:06}")).unwrap(),
            hold: held.map(|held| held.token),
            service,
            slot,
            places,
            visitor: Visitor {
                person,
                document,
                named,
                phone: None,
                booker: None,
                contact: Sealed::parse("sealed").unwrap(),
                needs: Default::default(),
                language: Language::Zh,
                cases: self.rng.u16(1..=3),
            },
            known_as: Default::default(),
            or_wait: self.rng.bool(),
            says_where: true,
        })
    }

    fn check_in(&mut self, step: usize) -> Action {
        let early = self.plan.policy.check_in_early_minutes;
        let opens = self.at + Duration::minutes(early.into());
        let appointment = self.appointment_that(|appointment| {
            let starts_at = appointment.starts_at();
            appointment.is_booked() && starts_at.is_some_and(|at| at <= opens)
        });
        let known = self.hall.appointment(appointment).cloned();
        let by = match (self.rng.u8(..3), known) {
            (0, Some(known)) => CheckInBy::Token(known.token),
            (1, Some(known)) => CheckInBy::Code(known.code),
            (
                _,
                Some(Appointment {
                    visitor: Some(visitor),
                    ..
                }),
            ) => CheckInBy::Document(ShownDocument::number(visitor.document)),
            (0, _) => CheckInBy::Code(AppointmentCode::parse("000000").unwrap()),
            _ => CheckInBy::Document(ShownDocument::number(self.person().1)),
        };
        Action::CheckIn(CheckIn {
            by,
            token: Token::parse(format!("token-of-a-citizen-{step:06}")).unwrap(),
            channel: Channel::Kiosk,
        })
    }

    /// The kiosk could not reach the server: numbers that it was lent, reported late and with a clock that is wrong; and
    /// sometimes the server had given one out that the kiosk never saw.
    fn away(&mut self, kind: usize, step: usize) -> Action {
        let leases = self.hall.day().into_iter().flat_map(|day| &day.leases);
        let leases = leases.chain(self.hall.lent_before());
        let leases: Vec<(LeaseId, Lease)> = leases.map(|(id, of)| (*id, of.clone())).collect();
        if kind == 37 || leases.is_empty() {
            let plan = self.hall.plan();
            let prefix = plan.services[0].prefix.clone();
            let low = self.rng.bool().then(|| BTreeSet::from([prefix]));
            return Action::LeaseNumbers { low };
        }
        let (lease, of) = leases[self.rng.usize(..leases.len())].clone();
        if kind == 39 {
            return Action::ReturnNumbers { lease };
        }
        let ordinal = self.rng.u32(of.numbers.first..=of.numbers.last);
        let prefix = of.numbers.prefix;
        let services = self.hall.plan().services.iter();
        let mut of_series = services.filter(|service| service.prefix == prefix);
        let service = of_series.next().map(|service| service.id.clone());
        let takes = self.sent.iter().rev();
        let mut takes = takes.filter(|sent| matches!(sent.action, Action::TakeTicket(_)));
        let unheard = takes.next().map(|sent| sent.id.clone());
        Action::ReportTaken(Box::new(ReportTaken {
            lease,
            number: TicketNumber::new(prefix, ordinal),
            token: Token::parse(format!("token-of-a-paper-{step:06}")).unwrap(),
            service: service.unwrap_or_else(|| "gone".parse().unwrap()),
            class: Class::ALL[self.rng.usize(..5)],
            language: Language::Zh,
            taken_at: self.at - Duration::seconds(self.rng.i64(-60..=900)),
            sent_at: (self.rng.bool())
                .then(|| self.at + Duration::seconds(self.rng.i64(-600..=600))),
            instead_of: unheard.filter(|_| self.rng.u8(..3) == 0),
        }))
    }

    fn serving_directly(&mut self, step: usize) -> (Actor, Action) {
        let window = self.window_for(4);
        let services = &self.hall.plan().services;
        let service = services[self.rng.usize(..services.len())].id.clone();
        let action = Action::ServeDirectly {
            window,
            service,
            token: Token::parse(format!("token-of-a-walk-in-{step:04}")).unwrap(),
            language: Language::Zh,
        };
        (self.officer_at(window), action)
    }

    /// An officer goes out, or has been.
    fn sending_out(&mut self) -> Action {
        let appointment = self.appointment_that(|a| a.is_booked() && !a.kind.is_window());
        match self.rng.bool() {
            true => Action::AssignOfficer {
                appointment,
                officer: "huang".parse().unwrap(),
            },
            false => Action::RecordHomeVisit {
                appointment,
                outcome: VisitOutcome::Done,
                note: None,
            },
        }
    }

    fn client(&mut self) -> Token {
        Token::parse(format!("token-of-client-{:06}", self.rng.u8(..3))).unwrap()
    }

    /// Who comes, and with what document: two of them have one number.
    fn person(&mut self) -> (PersonId, PersonId) {
        let who = self.rng.u8(..6);
        let digest = |n: u8| PersonId::parse(format!("{n:032}")).unwrap();
        (digest(100 + who), digest(who.min(4)))
    }

    fn places(&mut self) -> u16 {
        if self.rng.u8(..4) == 0 {
            self.rng.u16(1..=3)
        } else {
            1
        }
    }

    fn slot_for(&mut self, appointment: AppointmentId) -> SlotId {
        let known = self.hall.appointment(appointment);
        let service = known.map(|known| known.service.clone());
        let service = service.unwrap_or_else(|| self.service());
        self.slot(&service)
    }

    /// Mostly one of the next few, so that many want the same.
    fn slot(&mut self, service: &ServiceId) -> SlotId {
        let plan = self.hall.plan();
        let next = self.date.succ_opt().unwrap();
        let dates = [self.date, next];
        let slots = dates.iter().flat_map(|date| plan.slots(*date, service));
        let ahead = slots.filter(|slot| self.at < slot.starts_at);
        let ahead: Vec<SlotId> = ahead.map(|slot| slot.id).collect();
        let near = ahead.len().min(if self.rng.u8(..4) > 0 { 3 } else { 40 });
        match near {
            0 => SlotId::parse("r0-20260803T0900").unwrap(),
            near => ahead[self.rng.usize(..near)].clone(),
        }
    }

    fn appointment_in(&mut self, standings: &[StandingName]) -> AppointmentId {
        self.appointment_that(|appointment| standings.contains(&appointment.standing.name()))
    }

    /// One that fits; sometimes any.
    fn appointment_that(&mut self, fits: impl Fn(&Appointment) -> bool) -> AppointmentId {
        let all = self.hall.appointments();
        let fitting = all.values().filter(|appointment| fits(appointment));
        let fitting: Vec<AppointmentId> = fitting.map(|appointment| appointment.id).collect();
        match fitting.is_empty() || self.rng.u8(..12) == 0 {
            true => {
                let any = self.rng.usize(..=all.len());
                all.keys().nth(any).copied().unwrap_or(AppointmentId(0))
            }
            false => fitting[self.rng.usize(..fitting.len())],
        }
    }

    fn finish(&mut self) -> Finish {
        let outcome = if self.rng.u8(..5) == 0 {
            VisitOutcome::DocumentsMissing
        } else {
            VisitOutcome::Done
        };
        Finish {
            outcome,
            ..Finish::default()
        }
    }

    fn target(&mut self) -> TransferTo {
        let service = self.rng.bool().then(|| self.service());
        let window = self.rng.bool().then(|| self.window());
        TransferTo { service, window }
    }

    fn some_services(&mut self) -> Option<Vec<ServiceId>> {
        (self.rng.u8(..3) == 0).then(|| vec![self.service()])
    }

    fn service(&mut self) -> ServiceId {
        let services = &self.plan.services;
        services[self.rng.usize(..services.len())].id.clone()
    }

    fn window(&mut self) -> WindowNumber {
        WindowNumber(self.rng.u16(1..=self.plan.windows.len() as u16))
    }

    /// A window where this may be done; sometimes any.
    fn window_for(&mut self, kind: usize) -> WindowNumber {
        let fits = |window: &&Window| match (kind, &window.staffing) {
            (1, staffing) => staffing.is_none(),
            (2 | 9 | 13 | 15 | 16, Some(staffing)) => staffing.current.is_none(),
            (3..=8 | 10, Some(staffing)) => staffing.current.is_some(),
            (_, staffing) => staffing.is_some(),
        };
        let fitting: Vec<WindowNumber> = self
            .hall
            .windows_in_order()
            .filter(fits)
            .map(|window| window.number)
            .collect();
        match fitting.is_empty() || self.rng.u8(..8) == 0 {
            true => self.window(),
            false => fitting[self.rng.usize(..fitting.len())],
        }
    }

    /// Mostly the one who sits there; sometimes somebody who would like to.
    fn officer_at(&mut self, window: WindowNumber) -> Actor {
        let known = self.hall.windows().get(&window);
        let staffing = known.and_then(|window| window.staffing.clone());
        match staffing.filter(|_| self.rng.u8(..20) > 0) {
            Some(staffing) => Actor::Officer(staffing.officer),
            None => Actor::Officer(format!("officer-{}", self.rng.u8(..12)).parse().unwrap()),
        }
    }

    fn ticket(&mut self) -> TicketId {
        let tickets = self.hall.tickets();
        let wanted = self.rng.usize(..=tickets.len());
        tickets.keys().nth(wanted).copied().unwrap_or(TicketId(0))
    }

    fn ticket_in(&mut self, stage: StageName) -> TicketId {
        let tickets = self.hall.tickets().values();
        let there: Vec<TicketId> = tickets
            .filter(|t| t.stage.name() == stage)
            .map(|t| t.id)
            .collect();
        match there.is_empty() {
            true => self.ticket(),
            false => there[self.rng.usize(..there.len())],
        }
    }

    fn number(&mut self) -> TicketNumber {
        let ticket = self.ticket();
        self.face(ticket)
    }

    fn number_of(&mut self, stage: StageName) -> TicketNumber {
        let ticket = self.ticket_in(stage);
        self.face(ticket)
    }

    fn face(&self, ticket: TicketId) -> TicketNumber {
        let known = self.hall.ticket(ticket);
        known.map_or(TicketNumber::parse("A1").unwrap(), |ticket| {
            ticket.number.clone()
        })
    }
}
