//! A small hall for the tests of the pages, brought into a state by commands as in life.

use hall::id::{ActorId, CommandId, Fingerprint, ServiceId, TicketNumber, Token, WindowNumber};
use hall::plan::class::Class;
use hall::record::command::{Finish, TakeTicket};
use hall::state::ticket::Channel;
use hall::{Action, Actor, Command, Decision, Event, Hall, Plan, Record, Time, apply, decide};

const PLAN: &str = r#"
hall = "zhuzhou"
name = { zh = "交警业务大厅", en = "Traffic Police Service Hall" }
address = { zh = "天元区长江北路1号", en = "1 Changjiang North Road" }
hotline = "0731-12345"
time_zone = "Asia/Shanghai"

[week]
monday = ["09:00-12:00", "13:30-17:00"]
tuesday = ["09:00-12:00", "13:30-17:00"]

[[services]]
id = "fine"
name = { zh = "违法处理", en = "Fines" }
prefix = "A"
documents = [{ zh = "驾驶证", en = "Driving licence" }, { zh = "行驶证", en = "Vehicle licence" }]
online = { name = { zh = "交管12123", en = "12123 app" }, url = "https://gab.122.gov.cn/" }

[[services]]
id = "licence"
name = { zh = "驾驶证业务", en = "Driving licences" }
prefix = "F"
online = { name = { zh = "交管12123", en = "12123 app" }, url = "https://gab.122.gov.cn/" }

[[services]]
id = "registration"
name = { zh = "机动车登记", en = "Vehicle registration" }
prefix = "U"
typical_minutes = 12

[[services]]
id = "other"
name = { zh = "综合咨询", en = "Enquiries" }
prefix = "H"

[[windows]]
number = 1
services = ["fine"]

[[windows]]
number = 2
services = ["fine", "licence"]

[[windows]]
number = 3
everything = true
label = { zh = "绿色窗口", en = "Green window" }
prefers = "elderly"

[[windows]]
number = 4
services = ["registration", "other"]
"#;

/// A hall and its clock.
pub struct Scene {
    pub hall: Hall,
    pub now: Time,
}

impl Scene {
    /// Monday 23 November 2026, 09:00, the doors just open, officers at windows 1 to 3.
    pub fn morning() -> Scene {
        let now = Time::parse_from_rfc3339("2026-11-23T09:00:00+08:00").unwrap();
        let mut scene = Scene {
            hall: Hall::empty(),
            now,
        };
        let plan = Plan::from_toml(PLAN).unwrap();
        scene.by(
            Actor::Manager(actor("chen")),
            Action::AdoptPlan {
                plan: Box::new(plan),
                move_bookings: false,
                expected_revision: None,
            },
        );
        for number in 1..=3 {
            scene.at_window(number, |window| Action::OpenWindow {
                window,
                services: None,
                several_windows: false,
            });
        }
        scene
    }

    /// A busy quarter of an hour: calls, one recalled, one missed, one parked, a window on a break.
    pub fn busy() -> Scene {
        let mut scene = Scene::morning();
        for service in ["fine", "fine", "licence", "fine", "licence", "registration"] {
            scene.takes(service, Class::Normal);
            scene.waits(20);
        }
        scene.takes("fine", Class::Elderly);
        scene.calls_next(1).waits(9);
        scene.at_window(1, |window| Action::Recall { window });
        scene.waits(40);
        scene.at_window(1, |window| Action::Miss { window });
        scene.calls_next(1).waits(15);
        scene.at_window(1, |window| Action::Start { window });
        scene.calls_next(3).waits(10);
        scene.at_window(3, |window| Action::Start { window });
        scene.at_window(3, |window| Action::Park {
            window,
            note: Some("复印身份证".into()),
        });
        scene.calls_next(3).waits(5);
        scene.at_window(2, |window| Action::PauseWindow {
            window,
            reason: "设备".into(),
        });
        for service in ["fine", "fine", "licence", "other", "fine"] {
            scene.takes(service, Class::Normal);
            scene.waits(10);
        }
        scene
    }

    pub fn waits(&mut self, seconds: i64) -> &mut Scene {
        self.now += chrono::Duration::seconds(seconds);
        self
    }

    pub fn takes(&mut self, service: &str, class: Class) -> &mut Scene {
        let token = Token::parse(format!("{:0>22}", self.hall.next_ticket())).unwrap();
        let service = ServiceId::parse(service).unwrap();
        let wanted = TakeTicket {
            class,
            ..TakeTicket::new(service, token, Channel::Kiosk)
        };
        self.by(Actor::Kiosk(actor("kiosk-1")), Action::TakeTicket(wanted))
    }

    pub fn calls_next(&mut self, window: u16) -> &mut Scene {
        self.at_window(window, |window| Action::CallNext { window })
    }

    pub fn finishes(&mut self, window: u16) -> &mut Scene {
        let finish = Finish::default();
        self.at_window(window, |window| Action::Finish { window, finish })
    }

    pub fn at_window(
        &mut self,
        number: u16,
        action: impl FnOnce(WindowNumber) -> Action,
    ) -> &mut Scene {
        let officer = Actor::Officer(actor(&format!("10{number:02}")));
        self.by(officer, action(WindowNumber(number)))
    }

    pub fn by(&mut self, actor: Actor, action: Action) -> &mut Scene {
        let command = Command {
            id: CommandId::parse(format!("test/{}", self.hall.version() + 1)).unwrap(),
            fingerprint: Fingerprint::parse("0").unwrap(),
            actor,
            at: self.now,
            action,
        };
        match decide(&self.hall, &command) {
            Ok(Decision::Events(events)) => self.happened(command, events),
            other => panic!("{:?} was answered {other:?}", command.action),
        }
        self
    }

    /// A number's ticket.
    pub fn ticket(&self, number: &str) -> &hall::state::ticket::Ticket {
        let number = TicketNumber::parse(number).unwrap();
        self.hall.ticket_by_number(&number).unwrap()
    }

    fn happened(&mut self, command: Command, events: Vec<Event>) {
        let record = Record {
            version: self.hall.version() + 1,
            at: self.now,
            actor: command.actor,
            key: command.id,
            fingerprint: command.fingerprint,
            events,
        };
        apply(&mut self.hall, &record);
    }
}

fn actor(name: &str) -> ActorId {
    ActorId::parse(name).unwrap()
}
