//! The end of a day, its record and its figures; and what a clock that steps back cannot do to it.

use crate::support::{MONDAY, Start, TestHall, send, until};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_day_closes_by_itself_when_the_last_one_is_served() {
    let hall = TestHall::start_at("16:50:00").await;
    let (kiosk, officer, manager) = (
        hall.kiosk().await,
        hall.officer().await,
        hall.manager().await,
    );
    officer.opens(1).await.given(200);
    kiosk.gives_who_insists("fine").await;
    kiosk.gives_who_insists("fine").await;
    let cancelled = kiosk.gives_who_insists("mark").await;
    hall.holder().cancels(&cancelled).await.given(200);
    officer.calls_next(1).await.given(200);

    hall.clock_to("17:05:00").await;
    let running = manager.day(MONDAY).await;
    assert_eq!(running["closing"], Value::Null);
    assert_eq!(running["sums"]["issued"], 3);
    officer.finishes_and_calls_next(1).await.given(200);

    hall.clock_to("17:12:30").await;
    officer.finishes(1).await.given(200);
    assert_eq!(hall.shows().await["phase"], "done");
    until("the day is closed", async || {
        !manager.day(MONDAY).await["closing"].is_null()
    })
    .await;
    let closing = &manager.day(MONDAY).await["closing"];
    assert_eq!(
        *closing,
        json!({
            "issued": 3, "served": 2, "cancelled": 1, "missed": 0, "handed_on": 0, "unserved": 0,
            "last_served_at": "2026-11-23T17:12:30+08:00", "overtime_seconds": { "1": 750 }
        })
    );

    hall.clock_to("17:12:31").await;
    officer.finishes(1).await.refused("too-late");
    officer.does(1, "undo", json!({})).await.refused("too-late");
    kiosk.takes("fine").await.refused("redirect");
}

#[tokio::test]
async fn a_missed_citizen_keeps_the_day_open_for_ten_minutes() {
    let hall = TestHall::start_at("16:58:00").await;
    let (kiosk, officer, manager) = (
        hall.kiosk().await,
        hall.officer().await,
        hall.manager().await,
    );
    officer.opens(1).await.given(200);
    kiosk.gives_who_insists("fine").await;
    officer.calls_next(1).await.given(200);
    hall.clock_to("17:01:00").await;
    officer.does(1, "missed", json!({})).await.given(200);
    hall.clock_to("17:10:59").await;
    assert_eq!(manager.day(MONDAY).await["closing"], Value::Null);
    hall.clock_to("17:11:00").await;
    assert_eq!(manager.day(MONDAY).await["closing"]["missed"], 1);
}

#[tokio::test]
async fn figures_come_as_json_and_as_a_table_for_spreadsheets() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer, manager) = (
        hall.kiosk().await,
        hall.officer().await,
        hall.manager().await,
    );
    officer.opens(1).await.given(200);
    kiosk.gives("fine").await;
    hall.clock_to("09:05:00").await;
    officer.calls_next(1).await.given(200);
    hall.clock_to("09:15:00").await;
    officer.finishes(1).await.given(200);

    let asked = "/halls/zhuzhou/stats?from=2026-11-23&to=2026-11-23&by=service,window";
    let figures = manager.0.gets(asked).await.given(200);
    let rows = figures["rows"].as_array().unwrap();
    let row = |by: &str, key: &str| {
        rows.iter()
            .find(|row| row["by"] == by && row["key"] == key)
            .unwrap_or_else(|| panic!("no {by} {key} in {figures}"))
    };
    assert_eq!(row("total", "")["issued"], 1);
    assert_eq!(row("service", "fine")["wait_p50"], 300);
    assert_eq!(row("window", "1")["finished"], 1);
    assert!(rows.iter().all(|row| row["by"] != "hour"));

    let request = manager.0.request(Method::GET, &format!("/api/v1{asked}"));
    let table = send(request.header("accept", "text/csv")).await;
    assert_eq!(table.status, 200);
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert!(
        table
            .header("content-disposition")
            .contains("paihao-2026-11-23-2026-11-23.csv")
    );
    assert_eq!(
        table.bytes[..3],
        [0xEF, 0xBB, 0xBF],
        "a byte-order mark for Excel"
    );
    let text = table.text();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(
        lines[0],
        "date,by,key,issued,finished,wait_p50,wait_p90,service_p50,service_p90"
    );
    assert_eq!(lines[1], "2026-11-23,total,,1,1,300,300,600,600");
    assert_eq!(lines.len(), rows.len() + 1);

    let stats = async |query: &str| {
        manager
            .0
            .gets(&format!("/halls/zhuzhou/stats?{query}"))
            .await
    };
    assert_eq!(stats("by=weather").await.wrong_fields(), ["/by"]);
    assert_eq!(
        stats("from=2026-11-24&to=2026-11-23").await.wrong_fields(),
        ["/from"]
    );
    stats("from=yesterday").await.refused("validation");
    manager
        .0
        .gets("/halls/zhuzhou/days/2020-01-01")
        .await
        .refused("not-found");
    manager
        .0
        .gets("/halls/zhuzhou/days/monday")
        .await
        .refused("not-found");
}

#[tokio::test]
async fn what_is_still_open_next_morning_is_settled_as_unserved() {
    let hall = TestHall::start_at("16:58:00").await;
    let (kiosk, manager) = (hall.kiosk().await, hall.manager().await);
    let token = kiosk.gives_who_insists("fine").await;
    hall.date_to("2026-11-24", "08:55:00").await;
    assert_eq!(hall.holder().stage(&token).await, "unserved");
    assert_eq!(manager.day(MONDAY).await["closing"]["unserved"], 1);
    assert_eq!(kiosk.takes("fine").await.number(), "A001");
}

#[tokio::test]
async fn a_clock_that_steps_back_takes_nothing_back() {
    let hall = TestHall::start_at("10:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    assert_eq!(kiosk.takes("fine").await.number(), "A001");

    hall.clock_to("09:00:00").await;
    let next = kiosk.takes("fine").await.given(201);
    assert_eq!(next["number"], "A002");
    assert_eq!(next["taken_at"], "2026-11-23T10:00:00+08:00");
    assert_eq!(officer.calls_next(1).await.ticket(), "A001 called");
    assert_eq!(hall.shows().await["now"], "2026-11-23T10:00:00+08:00");

    hall.clock_to("10:01:00").await;
    assert_eq!(
        kiosk.takes("fine").await.given(201)["taken_at"],
        "2026-11-23T10:01:00+08:00"
    );
}

#[tokio::test]
async fn a_closed_day_stays_closed_when_the_clock_steps_back() {
    let hall = TestHall::start_at("16:59:00").await;
    let (kiosk, manager) = (hall.kiosk().await, hall.manager().await);
    let token = kiosk.gives_who_insists("fine").await;
    hall.holder().cancels(&token).await.given(200);
    hall.clock_to("17:00:00").await;
    let closing = manager.day(MONDAY).await["closing"].clone();
    assert_eq!(closing["cancelled"], 1);
    hall.clock_to("16:00:00").await;
    kiosk.takes("fine").await.refused("redirect");
    assert_eq!(manager.day(MONDAY).await["closing"], closing);
}

#[tokio::test]
async fn a_server_that_starts_with_its_clock_an_hour_back_goes_on_where_the_log_ends() {
    let hall = TestHall::start_at("10:00:00").await;
    let kiosk = hall.kiosk().await;
    kiosk.gives("fine").await;
    let state = hall.state("zhuzhou");
    let hall = hall
        .restart(Start {
            clock: "09:00:00",
            ..Start::default()
        })
        .await;
    assert_eq!(hall.state("zhuzhou"), state);
    let next = hall.kiosk().await.takes("fine").await.given(201);
    assert_eq!(next["number"], "A002");
    assert_eq!(next["taken_at"], "2026-11-23T10:00:00+08:00");
}
