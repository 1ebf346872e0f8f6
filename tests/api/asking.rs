//! Calls for help from kiosks and windows, somebody served without a number, and what citizens leave in writing.

use crate::support::TestHall;
use serde_json::json;

#[tokio::test]
async fn help_is_seen_at_the_windows_and_its_answer_at_the_kiosk() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(2).await;
    let call = kiosk
        .0
        .posts("/halls/zhuzhou/help", json!({}))
        .await
        .given(201);
    let again = kiosk
        .0
        .posts("/halls/zhuzhou/help", json!({}))
        .await
        .given(201);
    assert_eq!(call["id"], again["id"], "asked twice, called once");
    let seen = officer.console(2).await;
    assert_eq!(seen["help"][0]["kiosk"], "demo-kiosk");
    assert_eq!(seen["help"][0]["answered"], false);

    let path = format!("/halls/zhuzhou/help/{}/answer", call["id"]);
    let answer = officer
        .0
        .posts(&path, json!({ "window": 2 }))
        .await
        .given(200);
    assert_eq!(
        (&answer["answered"], &answer["answered_by"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(officer.console(2).await["help"][0]["answered_by"], 2);
    hall.clock_to("09:03:00").await;
    assert_eq!(
        officer.console(2).await["help"],
        json!([]),
        "shown for two minutes"
    );

    let urgent = json!({ "window": 2, "urgent": true });
    let urgent = officer
        .0
        .posts("/halls/zhuzhou/help", urgent)
        .await
        .given(201);
    assert_eq!(
        (&urgent["window"], &urgent["urgent"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(
        officer
            .0
            .posts("/halls/zhuzhou/help/99/answer", json!({}))
            .await
            .status,
        404
    );
    let nowhere = officer.0.posts("/halls/zhuzhou/help", json!({})).await;
    assert_eq!(nowhere.wrong_fields(), ["/window"]);
}

#[tokio::test]
async fn somebody_without_a_number_is_served_and_counted_but_not_announced() {
    let hall = TestHall::start_at("09:00:00").await;
    let officer = hall.officer().await;
    officer.opens(1).await;
    let served = officer
        .does(1, "serve-directly", json!({ "service": "fine" }))
        .await;
    assert_eq!(served.ticket(), "A001 serving");
    let board = hall.someone().gets("/halls/zhuzhou/board").await.given(200);
    assert_eq!(board["calls"], json!([]));
    officer.finishes(1).await;
    let day = hall.manager().await.day("2026-11-23").await;
    assert_eq!(day["sums"]["served"], 1);
}

#[tokio::test]
async fn a_word_is_answered_once_by_a_date() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, holder, manager) = (hall.kiosk().await, hall.holder(), hall.manager().await);
    let token = kiosk.gives("fine").await;
    let report = json!({ "text": "说材料不齐,没说缺哪样" });
    let seen = holder
        .does(&token, "report", report.clone())
        .await
        .given(200);
    assert_eq!(seen["word"]["due"], "2026-11-30", "five working days");
    let twice = holder.does(&token, "report", report).await;
    twice.refused("limit-reached");

    let id = &seen["word"]["id"];
    let path = format!("/halls/zhuzhou/words/{id}/answer");
    let answer = json!({ "text": "缺车主委托书,请带来,不用再取号" });
    manager.0.posts(&path, answer.clone()).await.given(200);
    manager
        .0
        .posts(&path, answer)
        .await
        .refused("limit-reached");
    let seen = holder.sees(&token).await;
    assert_eq!(seen["word"]["answer"], "缺车主委托书,请带来,不用再取号");

    // who was turned away has no ticket
    let words = "/halls/zhuzhou/words";
    let stranger = hall.someone();
    let left = json!({ "service": "mark", "text": "来晚了,没有号" });
    assert_eq!(
        stranger.posts(words, left).await.given(201)["service"],
        "mark"
    );
    let empty = stranger.posts(words, json!({ "text": "  " })).await;
    assert_eq!(empty.wrong_fields(), ["/text"]);
    assert!([401, 403].contains(&stranger.posts(&path, json!({ "text": "x" })).await.status));
}
