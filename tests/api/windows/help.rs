//! /halls/{hall}/help: calls for help from kiosks and windows.

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
