//! A server whose clock was wrong once: nothing happens before a manager has looked, and the true day begins again.

use crate::support::{Kiosk, Manager, PASSWORD, Reply, Start, TestHall, send};
use paihao::config::Mode;
use serde_json::json;

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
