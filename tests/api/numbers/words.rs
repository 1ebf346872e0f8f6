//! /halls/{hall}/words, /tickets/{token}/report: what citizens leave in writing.

use crate::support::TestHall;
use serde_json::json;

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
