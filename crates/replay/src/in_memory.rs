//! The hall of the tests: the rules themselves, with neither store nor server, on a clock that jumps.
//!
//! It does what the server does for replay: it carries out everything due up to a moment, and decides each request
//! then.

use super::hall_api::{
    CLOSED_WITHOUT_CALL, DayFigures, Failure, HallApi, HolderAction, Issued, RECORDED_ORDER, Reply,
    Request, WindowAction,
};
use chrono::NaiveDate;
use hall::id::{ActorId, CommandId, Fingerprint, TicketId, Token, WindowNumber};
use hall::record::command::{Finish, TakeTicket, TransferTo};
use hall::state::day_report::DayReport;
use hall::state::ticket::Channel;
use hall::{
    Action, Actor, Answer, Command, Decision, Event, Hall, Plan, Record, Time, apply, decide,
};

pub(super) struct HallInMemory {
    hall: Hall,
    now: Time,
    tokens: u64,
}

impl HallInMemory {
    pub(super) fn open(plan: &Plan, now: Time) -> HallInMemory {
        let mut this = HallInMemory {
            hall: Hall::empty(),
            now,
            tokens: 0,
        };
        let adopt = Action::AdoptPlan {
            plan: Box::new(plan.clone()),
            move_bookings: false,
            expected_revision: None,
        };
        this.decide("plan", manager(), adopt).unwrap();
        this
    }

    fn decide(&mut self, key: &str, actor: Actor, action: Action) -> Result<Answer, String> {
        let id = CommandId::parse(key).unwrap();
        let fingerprint = Fingerprint::parse("0").unwrap();
        self.carry_out(Command {
            id,
            fingerprint,
            actor,
            at: self.now,
            action,
        })
    }

    fn carry_out(&mut self, command: Command) -> Result<Answer, String> {
        match decide(&self.hall, &command) {
            Err(rejection) => Err(rejection.detail().en),
            Ok(Decision::Nothing(answer)) => Ok(answer),
            Ok(Decision::Remembered { version }) => {
                panic!("{:?} was used for record {version}", command.id)
            }
            Ok(Decision::Events(events)) => Ok(self.record(command, events)),
        }
    }

    fn record(&mut self, command: Command, events: Vec<Event>) -> Answer {
        let Command {
            id,
            fingerprint,
            actor,
            at,
            ..
        } = command;
        let record = Record {
            version: self.hall.version() + 1,
            at,
            actor,
            key: id,
            fingerprint,
            events,
        };
        apply(&mut self.hall, &record);
        Answer::of(&self.hall, &record)
    }

    /// Everything due up to now, at the minute it fell due: graces are whole minutes.
    fn carry_out_due(&mut self, to: Time) {
        while self.now < to {
            let minute = chrono::Duration::seconds(60 - self.now.timestamp().rem_euclid(60));
            self.now = (self.now + minute).min(to);
            while let Some(command) = hall::rules::timers::due(&self.hall, self.now) {
                self.carry_out(command).unwrap();
            }
        }
    }

    fn action(&mut self, request: &Request) -> (Actor, Action) {
        match request.clone() {
            Request::Take { service, class } => {
                self.tokens += 1;
                let kiosk = Actor::Kiosk(ActorId::parse("demo-kiosk").unwrap());
                let token = Token::parse(format!("{:022}", self.tokens)).unwrap();
                let take = TakeTicket {
                    class,
                    insist: true,
                    ..TakeTicket::new(service, token, Channel::Kiosk)
                };
                (kiosk, Action::TakeTicket(take))
            }
            Request::Call { window, ticket } => {
                let call = Action::Call {
                    window,
                    number: ticket.number,
                    reason: Some(RECORDED_ORDER.into()),
                };
                (officer(), call)
            }
            Request::AtWindow { window, action } => (officer(), at_window(window, action)),
            Request::ByHolder { ticket, action } => {
                let token = Token::parse(ticket.token).unwrap();
                let ticket = self.hall.ticket_by_token(&token).unwrap().id;
                (Actor::Citizen, by_holder(ticket, action))
            }
            Request::HandOn { ticket } => {
                let hand_on = Action::HandOn {
                    number: ticket.number,
                    reason: CLOSED_WITHOUT_CALL.into(),
                };
                (manager(), hand_on)
            }
        }
    }
}

fn at_window(window: WindowNumber, action: WindowAction) -> Action {
    match action {
        WindowAction::Open => Action::OpenWindow {
            window,
            services: None,
            several_windows: true,
        },
        WindowAction::Close => Action::CloseWindow { window },
        WindowAction::CallNext => Action::CallNext { window },
        WindowAction::Recall => Action::Recall { window },
        WindowAction::Start => Action::Start { window },
        WindowAction::Finish => Action::Finish {
            window,
            finish: Finish::default(),
        },
        WindowAction::Transfer { service } => Action::Transfer {
            window,
            to: TransferTo {
                service: Some(service),
                window: None,
            },
            note: None,
        },
        WindowAction::Park => Action::Park { window, note: None },
        WindowAction::Miss => Action::Miss { window },
    }
}

fn by_holder(ticket: TicketId, action: HolderAction) -> Action {
    match action {
        HolderAction::Resume => Action::ResumeByHolder { ticket },
        HolderAction::Return => Action::Return { ticket },
        HolderAction::Change { service } => Action::ChangeService { ticket, service },
        HolderAction::Cancel => Action::Cancel { ticket },
    }
}

fn officer() -> Actor {
    Actor::Officer(ActorId::parse("demo-officer").unwrap())
}

fn manager() -> Actor {
    Actor::Manager(ActorId::parse("demo-manager").unwrap())
}

impl HallApi for HallInMemory {
    async fn advance(&mut self, to: Time) -> Result<(), Failure> {
        assert!(
            self.now <= to,
            "the clock never runs back: {} {to}",
            self.now
        );
        self.carry_out_due(to);
        Ok(())
    }

    async fn ask(&mut self, key: &str, request: &Request) -> Result<Reply, Failure> {
        let (actor, action) = self.action(request);
        Ok(match self.decide(key, actor, action) {
            Err(reason) => Reply::Refused { reason },
            Ok(Answer::Taken(taken)) => Reply::Taken(Issued {
                number: taken.number,
                token: taken.token.into(),
            }),
            Ok(Answer::Window(at)) => Reply::AtWindow {
                number: at.ticket.map(|ticket| ticket.number),
            },
            Ok(Answer::Redirected(redirected)) => Reply::Refused {
                reason: redirected.reason.detail(redirected.opens_at).en,
            },
            Ok(_) => Reply::Done,
        })
    }

    async fn day(&mut self, date: NaiveDate) -> Result<DayFigures, Failure> {
        let report = self.hall.reports().get(&date);
        let running = || DayReport::of(&self.hall, self.hall.day().unwrap()).total;
        Ok(DayFigures {
            closing: report.map(|report| report.closing.clone()),
            total: report.map_or_else(running, |report| report.total.clone()),
        })
    }
}
