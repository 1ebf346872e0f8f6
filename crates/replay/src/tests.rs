//! Recorded days, followed in a hall in memory.

use super::importers::{self, Format};
use super::in_memory::HallInMemory;
use super::recording::Recording;
use super::remark::{Remark, RemarkKind};
use super::report::Report;
use super::{DayOfReport, Officers, Options, Prepared, follow};
use expect_test::expect;
use hall::id::HallId;
use std::path::PathBuf;

pub(super) const MORNING: &str = "
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
    let mut acts = 0;
    let report = runtime
        .block_on(follow(&prepared, &mut hall, &mut |_| acts += 1))
        .unwrap();
    assert!(acts > 0, "progress is reported");
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
    importers::from_bytes(format!("{header}{rows}").as_bytes(), "x.csv", Format::Own).unwrap()
}

/// The real recording, from a folder `shared/data` beside the checkout or wherever `PAIHAO_DATA` points.
fn clinic() -> Option<Recording> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
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
    Some(importers::read(&file, Format::QmsClinic).unwrap())
}

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
