//! A server whose clock was wrong once: nothing happens before a manager has looked, and the true day begins again.

use crate::redis_server::TestRedis;
use crate::support::process::Process;
use crate::support::{Kiosk, Manager, PASSWORD, Reply, Start, TestHall, send, until};
use chrono::DateTime;
use hall::{Event, Hall};
use hall_log::StreamId;
use load_tests::preload;
use load_tests::shifted_clock::ShiftedClock;
use paihao::config::Mode;
use paihao::runtime::records;
use serde_json::{Value, json};
use std::collections::HashSet;

/// A hall for real, whose server has this time.
fn at(date: &'static str, clock: &'static str) -> Start {
    Start {
        mode: Mode::Serve,
        date,
        clock,
        ..Start::default()
    }
}

/// The kiosk and the manager, at a server that was started again.
async fn they(hall: &TestHall, kiosk: &str) -> (Kiosk, Manager) {
    let chief = hall.signs_in("chief", PASSWORD).await;
    (Kiosk(hall.bearing(kiosk)), Manager(chief))
}

async fn readiness(hall: &TestHall) -> Reply {
    send(reqwest::Client::new().get(format!("{}/readyz", hall.url))).await
}

#[tokio::test]
async fn a_year_ahead_nothing_is_given_out_until_a_manager_confirms_it() {
    let hall = TestHall::start_as(at("2026-11-23", "09:00:00")).await;
    let kiosk = hall.set_up().await.kiosk;
    assert_eq!(kiosk.takes("fine").await.number(), "A001");
    let bearer = kiosk.0.bearer.clone().unwrap();

    let hall = hall.restart(at("2027-11-22", "09:00:00")).await;
    let (kiosk, _) = they(&hall, &bearer).await;
    let refusal = kiosk.takes("fine").await.refused("unavailable");
    assert!(
        refusal["detail_text"]["zh"]
            .as_str()
            .unwrap()
            .contains("经理"),
        "{refusal}"
    );
    let ready = readiness(&hall).await.given(503);
    assert_eq!(ready["clock"]["kind"], "ahead-at-start", "{ready}");

    let hall = hall.restart(at("2026-11-24", "09:00:00")).await;
    let (kiosk, _) = they(&hall, &bearer).await;
    assert_eq!(kiosk.takes("fine").await.number(), "A001");
}

#[tokio::test]
async fn the_true_day_begins_again_behind_its_papers() {
    let hall = TestHall::start_as(at("2026-11-23", "09:00:00")).await;
    let kiosk = hall.set_up().await.kiosk;
    kiosk.takes("fine").await;
    kiosk.takes("fine").await;
    let bearer = kiosk.0.bearer.clone().unwrap();

    let hall = hall.restart(at("2027-11-22", "09:00:00")).await;
    let (kiosk, manager) = they(&hall, &bearer).await;
    manager
        .0
        .posts("/halls/zhuzhou/clock", json!({}))
        .await
        .given(200);
    let wrong = kiosk.takes("fine").await;
    assert_eq!(wrong.number(), "A001");

    let hall = hall.restart(at("2026-11-23", "10:00:00")).await;
    let (kiosk, manager) = they(&hall, &bearer).await;
    let ready = readiness(&hall).await.given(200);
    assert_eq!(ready["clock"]["kind"], "hall-ahead", "{ready}");
    manager
        .0
        .posts("/halls/zhuzhou/clock", json!({}))
        .await
        .given(200);
    manager
        .0
        .posts("/halls/zhuzhou/clock", json!({}))
        .await
        .given(200);
    assert_eq!(kiosk.takes("fine").await.number(), "A003");
    let ready = readiness(&hall).await.given(200);
    assert!(ready["clock"].is_null(), "{ready}");
    let voucher = hall.holder().sees(&wrong.token()).await;
    assert!(!voucher["voucher"].is_null(), "{voucher}");
    let wrong_day = manager
        .0
        .gets("/halls/zhuzhou/days/2027-11-22")
        .await
        .given(200);
    assert_eq!(wrong_day["clock_was_wrong"], true, "{wrong_day}");
}

/// Where a clock may step to while the hall is at work: an hour and a day to and fro, over midnight, to a 29 February.
const STEPS: [&str; 12] = [
    "2026-11-23T10:00:00+08:00",
    "2026-11-23T09:00:00+08:00",
    "2026-11-24T09:00:00+08:00",
    "2026-11-23T09:30:00+08:00",
    "2026-11-23T23:59:59+08:00",
    "2026-11-24T00:00:01+08:00",
    "2026-11-24T08:55:00+08:00",
    "2026-11-23T23:30:00+08:00",
    "2028-02-29T09:10:00+08:00",
    "2028-02-28T23:59:59+08:00",
    "2028-03-01T09:05:00+08:00",
    "2026-11-24T09:20:00+08:00",
];

#[tokio::test]
async fn however_the_clock_steps_no_number_is_there_twice_and_time_never_runs_back() {
    // nobody looks at the clock; a manager confirms every step, or every second one
    for confirmed in [0, 1, 2] {
        let hall = TestHall::start_as(at("2026-11-23", "09:00:00")).await;
        let staff = hall.set_up().await;
        staff.officer.opens(1).await.given(200);
        let (mut given, halls) = (0, &hall.application.app.halls);
        for (step, to) in STEPS.iter().enumerate() {
            let wall = DateTime::parse_from_rfc3339(to).unwrap();
            halls.clock.set_wall(wall).unwrap();
            for (_, owner) in halls.all() {
                owner.carry_out_due().await;
            }
            if confirmed > 0 && step % confirmed == 0 {
                let said = staff.manager.0.posts("/halls/zhuzhou/clock", json!({}));
                assert!(said.await.status < 500, "{to}");
            }
            for _ in 0..2 {
                let taken = staff.kiosk.takes("fine").await;
                assert!(taken.status < 500, "{to}: {}", taken.text());
                given += usize::from(taken.status == 201);
            }
            staff.officer.opens(1).await;
            assert!(staff.officer.calls_next(1).await.status < 500, "{to}");
        }
        assert!(given > 4, "{given} numbers tell too little");
        assert_eq!(numbers_in_order(&hall).await, given, "{confirmed}");
    }
}

/// How many numbers are in the log, each once on its day; its times run back by a manager's word alone.
async fn numbers_in_order(hall: &TestHall) -> usize {
    let stream = StreamId::parse("zhuzhou").unwrap();
    let log = &hall.application.app.halls.log;
    let commits = log.read(&stream, 0, usize::MAX >> 1).await.unwrap();
    let (mut numbers, mut date, mut last) = (HashSet::new(), None, None);
    let mut given = 0;
    for record in commits
        .iter()
        .flat_map(|commit| records::<Hall>(commit, &stream).unwrap())
    {
        let puts_right = |event: &Event| matches!(event, Event::ClockPutRight { .. });
        let is_told = record.events.iter().any(puts_right);
        assert!(last <= Some(record.at), "{record:?}");
        last = (!is_told).then_some(record.at);
        for event in &record.events {
            match event {
                Event::DayOpened { date: opened, .. } => date = Some(*opened),
                Event::TicketTaken(taken) => {
                    given += 1;
                    let number = (date, taken.number.to_string());
                    assert!(numbers.insert(number.clone()), "{number:?} is there twice");
                }
                _ => {}
            }
        }
    }
    given
}

/// A real server with a real clock that is wrong, on a Redis whose clock is right: after its start, and at it.
#[tokio::test]
async fn a_server_whose_clock_is_apart_from_its_redis_says_so_and_goes_on_by_itself() {
    if !preload::is_possible() {
        #[expect(clippy::print_stderr, reason = "what was not tested is said")]
        let () = eprintln!("SKIPPED: it needs {}", preload::LACKING);
        return;
    }
    let (folder, redis) = (tempfile::tempdir().unwrap(), TestRedis::start());
    let clock = ShiftedClock::new(folder.path()).unwrap();
    let plan = concat!(env!("CARGO_MANIFEST_DIR"), "/plans/lusong.toml");
    let store = redis.url();
    let mut arguments = vec!["serve", "--store", &store, "--listen", "127.0.0.1:0"];
    arguments.extend(["--plan", plan]);
    let start = || Process::start_with(&arguments, &clock.environment());

    let mut served = start();
    let line = served.says("paihao serves redis:").await;
    let url = line.rsplit(' ').next().unwrap().to_string();
    let token = served.says("/setup?token=").await;
    let token = token.split("token=").nth(1).unwrap().trim().to_string();
    says(&url, None).await;
    clock.is_wrong_by(120).unwrap();
    says(&url, Some("clock-apart")).await;
    let status = reqwest::get(format!("{url}/status")).await.unwrap();
    assert!(
        status
            .text()
            .await
            .unwrap()
            .contains("120 seconds ahead of")
    );
    let setup = async || {
        let first =
            json!({ "token": token, "account": "chief", "name": "周敏", "secret": PASSWORD });
        let request = reqwest::Client::new().post(format!("{url}/api/v1/setup"));
        send(request.header("idempotency-key", "first").json(&first)).await
    };
    let refused = setup().await.refused("unavailable");
    assert_eq!(refused["trouble"], "clock-apart", "{refused}");
    clock.is_wrong_by(0).unwrap();
    says(&url, None).await;
    setup().await.given(201);
    served.terminate().await;

    clock.is_wrong_by(-120).unwrap();
    let mut served = start();
    let line = served.says("paihao serves redis:").await;
    let url = line.rsplit(' ').next().unwrap().to_string();
    says(&url, Some("clock-apart")).await;
    clock.is_wrong_by(0).unwrap();
    says(&url, None).await;
    served.terminate().await;
}

/// Waits until `/readyz` names this trouble, or none.
async fn says(url: &str, trouble: Option<&str>) {
    until("it is told", async || {
        let ready = reqwest::get(format!("{url}/readyz")).await.unwrap();
        let status = ready.status().as_u16();
        let said: Value = ready.json().await.unwrap();
        said["trouble"]["kind"].as_str() == trouble && (status == 200) == trouble.is_none()
    })
    .await;
}
