//! The hall of the tests: the rules themselves, with neither store nor server, on a clock that jumps.
//!
//! It does what the server does for replay: it carries out everything due up to a moment, and decides each wish then.

use super::hall_api::{
    CLOSED_WITHOUT_CALL, DayFigures, Failure, HallApi, RECORDED_ORDER, Reply, Wish,
};
use super::recording::{Format, Recording};
use super::report::Report;
use super::{DayOfReport, Officers, Options, Prepared, follow};
use chrono::NaiveDate;
use hall::id::{ActorId, CommandId, Fingerprint, HallId, TicketId, Token};
use hall::record::command::{Finish, TakeTicket, TransferTo};
use hall::state::day_report::DayReport;
use hall::state::ticket::Channel;
use hall::text::Language;
use hall::{
    Action, Actor, Answer, Command, Decision, Event, Hall, Plan, Record, Time, apply, decide,
};
use std::path::PathBuf;

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
            version: self.hall.version + 1,
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

    fn action(&mut self, wish: &Wish) -> (Actor, Action) {
        let officer = || Actor::Officer(ActorId::parse("demo-officer").unwrap());
        let holder = |hall: &Hall, token: &str| -> TicketId {
            hall.ticket_by_token(&Token::parse(token).unwrap())
                .unwrap()
                .id
        };
        match wish.clone() {
            Wish::Take { service, class } => {
                self.tokens += 1;
                let token = Token::parse(format!("{:022}", self.tokens)).unwrap();
                let kiosk = Actor::Kiosk(ActorId::parse("demo-kiosk").unwrap());
                let take = TakeTicket {
                    service,
                    class,
                    token,
                    channel: Channel::Kiosk,
                    needs: Default::default(),
                    party: 1,
                    cases: 1,
                    also: Vec::new(),
                    language: Language::Zh,
                    person: None,
                    voucher: None,
                    reason: None,
                    insist: true,
                    no_smartphone: false,
                };
                (kiosk, Action::TakeTicket(take))
            }
            Wish::OpenWindow { window } => (
                officer(),
                Action::OpenWindow {
                    window,
                    services: None,
                    several_windows: true,
                },
            ),
            Wish::CloseWindow { window } => (officer(), Action::CloseWindow { window }),
            Wish::CallNext { window } => (officer(), Action::CallNext { window }),
            Wish::Call { window, number } => (
                officer(),
                Action::Call {
                    window,
                    number,
                    reason: Some(RECORDED_ORDER.into()),
                },
            ),
            Wish::Recall { window } => (officer(), Action::Recall { window }),
            Wish::Start { window } => (officer(), Action::Start { window }),
            Wish::Finish { window } => (
                officer(),
                Action::Finish {
                    window,
                    finish: Finish::default(),
                },
            ),
            Wish::Transfer { window, service } => {
                let to = TransferTo {
                    service: Some(service),
                    window: None,
                };
                (
                    officer(),
                    Action::Transfer {
                        window,
                        to,
                        note: None,
                    },
                )
            }
            Wish::Park { window } => (officer(), Action::Park { window, note: None }),
            Wish::Miss { window } => (officer(), Action::Miss { window }),
            Wish::ResumeByHolder { token } => (
                Actor::Citizen,
                Action::ResumeByHolder {
                    ticket: holder(&self.hall, &token),
                },
            ),
            Wish::Return { token } => (
                Actor::Citizen,
                Action::Return {
                    ticket: holder(&self.hall, &token),
                },
            ),
            Wish::Change { token, service } => (
                Actor::Citizen,
                Action::ChangeService {
                    ticket: holder(&self.hall, &token),
                    service,
                },
            ),
            Wish::Cancel { token } => (
                Actor::Citizen,
                Action::Cancel {
                    ticket: holder(&self.hall, &token),
                },
            ),
            Wish::HandOn { number } => (
                manager(),
                Action::HandOn {
                    number,
                    reason: CLOSED_WITHOUT_CALL.into(),
                },
            ),
        }
    }
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

    async fn ask(&mut self, key: &str, wish: &Wish) -> Result<Reply, Failure> {
        let (actor, action) = self.action(wish);
        Ok(match self.decide(key, actor, action) {
            Err(reason) => Reply::Refused { reason },
            Ok(Answer::Taken(taken)) => Reply::Taken {
                number: taken.number,
                token: taken.token.into(),
            },
            Ok(Answer::Window(at)) => Reply::AtWindow {
                number: at.ticket.map(|ticket| ticket.number),
            },
            Ok(Answer::Redirected(redirected)) => Reply::Refused {
                reason: redirected.reason.detail(redirected.opens_at).en,
            },
            Ok(
                Answer::Ticket(_)
                | Answer::Plan { .. }
                | Answer::Declined { .. }
                | Answer::Leased(_)
                | Answer::Held(_)
                | Answer::Booked(_)
                | Answer::Appointment(_)
                | Answer::Done,
            ) => Reply::Done,
        })
    }

    async fn day(&mut self, date: NaiveDate) -> Result<DayFigures, Failure> {
        let report = self.hall.reports.get(&date);
        let running = || DayReport::of(&self.hall, self.hall.day.as_ref().unwrap()).total;
        Ok(DayFigures {
            closing: report.map(|report| report.closing.clone()),
            total: report.map_or_else(running, |report| report.total.clone()),
        })
    }
}

pub(super) fn options(officers: Officers, format: Format) -> Options {
    Options {
        file: PathBuf::from("recording.csv"),
        format,
        hall: HallId::parse("replay").unwrap(),
        time_zone: chrono_tz::Asia::Singapore,
        officers,
        adopt_plan: false,
    }
}

fn replayed(options: Options, recording: Recording) -> Report {
    let prepared = Prepared::of(options, recording).unwrap();
    let mut hall = HallInMemory::open(prepared.plan(), prepared.starts_at().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut told = 0;
    let report = runtime
        .block_on(follow(&prepared, &mut hall, &mut |_| told += 1))
        .unwrap();
    assert!(told > 0, "progress is told");
    report
}

/// Rows of `ticket,window,taken,called,finished,outcome` on one date, replayed.
fn report_of(rows: &str, officers: Officers) -> Report {
    replayed(options(officers, Format::Own), recording_of(rows))
}

pub(super) fn recording_of(rows: &str) -> Recording {
    let header = "date,ticket,service,window,taken_at,called_at,finished_at,outcome\n";
    let rows = rows.lines().map(str::trim).filter(|row| !row.is_empty());
    let rows: String = rows
        .map(|row| row.split_once(',').expect("a ticket and the rest"))
        .map(|(ticket, rest)| format!("2026-03-02,{ticket},review,{rest}\n"))
        .collect();
    Recording::from_reader(format!("{header}{rows}").as_bytes(), Format::Own).unwrap()
}

/// The real recording, from a folder `shared/data` beside the checkout or wherever `PAIHAO_DATA` points.
fn clinic() -> Option<Recording> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = std::env::var_os("PAIHAO_DATA").map_or_else(beside, PathBuf::from);
    let file = data.join("qms-clinic-2019/queue_data.train.csv");
    if !file.exists() {
        #[expect(clippy::print_stderr, reason = "a test that did not run must say so")]
        {
            eprintln!(
                "SKIPPED: the clinic's recording is not at {}",
                file.display()
            );
        }
        return None;
    }
    Some(Recording::read(&file, Format::QmsClinic).unwrap())
}

pub(super) mod tests {
    use super::*;
    use crate::replay::itinerary::{Remark, RemarkKind};
    use expect_test::expect;

    pub(in crate::replay) const MORNING: &str = "
        1,5,08:00,08:10,08:11,
        1,5,08:11,08:11,08:15,
        1,4,08:15,08:30,08:33,
        2,,08:01,,08:01,cancelled
        3,5,08:02,08:11:30,10:44,
        4,4,08:03,08:33,08:40,
        4,5,08:50,08:52,08:55,
        5,,08:04,,08:20,
        6,4,08:05,08:41,08:42,missed
        7,4,08:06,08:43,08:44,missed
        7,4,08:50,08:51,08:52,";

    /// `date issued served cancelled missed handed_on unserved`, a line each.
    fn sums(report: &Report) -> String {
        let line = |day: &DayOfReport| {
            let sums = day.closing.as_ref().unwrap();
            let counts = [
                sums.issued,
                sums.served,
                sums.cancelled,
                sums.missed,
                sums.handed_on,
                sums.unserved,
            ];
            counts.iter().fold(day.date.to_string(), |line, count| {
                format!("{line} {count}")
            })
        };
        report.days.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_morning_is_followed_to_the_second() {
        expect![[r#"
            window   4  4
            window   5  5
            window   1  5 (place 2)

            date         issued   served  cancel.   missed   handed unserved  sums    wait P50 (rec.)   wait P90 (rec.) left out
            2026-03-02        7        4        1        1        1        0  agree       9:30 (9:30)     30:00 (30:00)        0

            11 rows, 0 of them unreadable
            followed in another way:
                  1  self-transfer in the same room: recalled, the visit goes on
                  1  between two queues: parked until the next one is joined
                  1  the room had another ticket open: called at the room's second window
            not followed: 0
        "#]]
        .assert_eq(&report_of(MORNING, Officers::Recorded).to_string());
    }

    #[test]
    fn what_the_hall_refuses_is_listed_and_the_day_still_adds_up() {
        // nobody can be missed two seconds after the call, so the window stays taken
        let rows = "1,4,08:00,08:10:00,08:10:02,missed
                    2,4,08:01,08:20,08:25,
                    3,5,08:02,08:20,08:25,";
        let report = report_of(rows, Officers::Recorded);
        let not_followed = report.days[0].not_followed();
        let lines: Vec<String> = not_followed
            .map(|remark| format!("{}: {}", remark.line, remark.reason))
            .collect();
        expect![[r#"
            2: missed: Not before 08:10:05.
            3: call: Window 4 still has A001. Finish it first."#]]
        .assert_eq(&lines.join("\n"));
        assert_eq!(
            (sums(&report).as_str(), report.sums_agree()),
            ("2026-03-02 3 1 0 0 0 2", true)
        );
        assert!(!report.days[0].as_recorded());
    }

    #[test]
    fn with_our_own_calling_rule_everyone_is_served_too() {
        let report = report_of(MORNING, Officers::Auto);
        let closing = report.days[0].closing.clone().unwrap();
        assert_eq!(
            report.days[0].not_followed().collect::<Vec<_>>(),
            Vec::<&Remark>::new()
        );
        assert!(
            closing.agrees() && closing.issued == 7 && closing.unserved == 0,
            "{closing:?}"
        );
    }

    #[test]
    fn a_report_survives_json() {
        let report = report_of(MORNING, Officers::Recorded);
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }

    #[test]
    fn the_clinic_is_read_whole() {
        let Some(recording) = clinic() else { return };
        assert_eq!(recording.problems, []);
        assert_eq!(
            (recording.days.len(), recording.tickets(), recording.rows),
            (16, 678, 1_200)
        );
    }

    #[test]
    fn the_clinics_days_happen_again_and_their_sums_agree() {
        let Some(recording) = clinic() else { return };
        let report = replayed(options(Officers::Recorded, Format::QmsClinic), recording);
        for day in &report.days {
            assert!(day.sums_agree() && day.as_recorded(), "{day:?}");
            let refused: Vec<_> = day
                .remarks
                .iter()
                .filter(|remark| remark.kind == RemarkKind::Refused)
                .collect();
            assert!(refused.is_empty(), "{refused:?}");
            let in_two_queues = day
                .remarks
                .iter()
                .any(|remark| remark.kind == RemarkKind::TwoQueues);
            assert!(
                in_two_queues || day.wait == day.recorded_wait,
                "{}: {:?} {:?}",
                day.date,
                day.wait,
                day.recorded_wait
            );
        }
        let not_followed: Vec<u64> = report
            .days
            .iter()
            .flat_map(|day| day.not_followed().map(|remark| remark.line))
            .collect();
        assert_eq!(not_followed, [974]);
        let in_other_ways: Vec<String> = report
            .by_kind()
            .iter()
            .map(|(kind, count)| format!("{kind:?} {count}"))
            .collect();
        expect![[r#"
            SelfTransfer 189
            QueueWithoutCall 18
            Pause 38
            TwoQueues 5
            SecondPlace 15
            JoinedAfterCall 1
            VoidInRoom 35
            VoidWithoutTime 25
            WithinAnotherLeg 1"#]]
        .assert_eq(&in_other_ways.join("\n"));
        expect![[r#"
            2019-08-01 24 15 7 0 2 0
            2019-08-02 55 49 6 0 0 0
            2019-08-03 20 20 0 0 0 0
            2019-08-05 47 42 5 0 0 0
            2019-08-06 27 16 10 0 1 0
            2019-08-07 19 14 5 0 0 0
            2019-08-08 68 58 10 0 0 0
            2019-08-10 73 54 13 0 6 0
            2019-08-13 59 54 1 0 4 0
            2019-08-14 42 28 5 0 9 0
            2019-08-15 34 26 8 0 0 0
            2019-08-16 56 49 5 0 2 0
            2019-08-17 24 21 2 0 1 0
            2019-08-19 70 56 8 0 6 0
            2019-08-20 33 24 3 0 6 0
            2019-08-21 27 20 1 0 6 0"#]]
        .assert_eq(&sums(&report));
    }

    #[test]
    fn the_clinics_citizens_are_all_served_by_our_own_calling_rule() {
        let Some(recording) = clinic() else { return };
        let report = replayed(options(Officers::Auto, Format::QmsClinic), recording);
        assert!(report.sums_agree());

        let refused = report.by_kind().get(&RemarkKind::Refused).copied();
        let unserved: u32 = report
            .days
            .iter()
            .filter_map(|day| day.closing.as_ref())
            .map(|closing| closing.unserved)
            .sum();
        assert_eq!((refused, unserved), (None, 0), "{report}");
    }
}
