//! What the usher does for people who stand before him.

use crate::support::TestHall;
use serde_json::json;

#[tokio::test]
async fn the_usher_gives_a_number_with_his_reason() {
    let hall = TestHall::start_at("16:59:00").await;
    let (usher, officer) = (hall.usher().await, hall.officer().await);
    officer.opens(1).await.given(200);
    assert_eq!(
        usher.does("issue", json!({})).await.wrong_fields(),
        ["/service"]
    );
    let bare = json!({ "service": "fine" });
    assert_eq!(usher.does("issue", bare).await.wrong_fields(), ["/reason"]);
    let wish = json!({ "service": "fine", "reason": "机器卡纸", "class": "elderly" });
    let ticket = usher.does("issue", wish).await.given(201);
    assert_eq!(
        (&ticket["number"], &ticket["class"]),
        (&json!("A001"), &json!("elderly"))
    );

    // whoever stood in line at closing time still gets one, as long as somebody sits there for him
    hall.clock_to("17:01:00").await;
    let in_line = json!({ "service": "fine", "reason": "五点前已在排队" });
    assert_eq!(usher.does("issue", in_line).await.number(), "A002");
    let uncovered = json!({ "service": "registration", "reason": "五点前已在排队" });
    let refused = usher.does("issue", uncovered).await.refused("redirect");
    assert!(refused["alternatives"].is_array());
}

#[tokio::test]
async fn the_usher_changes_readmits_and_reprints() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, usher, officer) = (hall.kiosk().await, hall.usher().await, hall.officer().await);
    officer.opens(4).await.given(200);
    let token = kiosk.gives("fine").await;
    usher
        .does("change", json!({ "service": "mark" }))
        .await
        .refused("validation");
    usher
        .does("change", json!({ "number": "A001", "service": "mark" }))
        .await
        .given(200);
    usher
        .does("change", json!({ "number": "A001", "service": "fine" }))
        .await
        .refused("limit-reached");
    usher
        .does("reprint", json!({ "number": "A001" }))
        .await
        .given(200);
    usher
        .does("reprint", json!({ "number": "A009" }))
        .await
        .refused("not-found");
    usher
        .does("readmit", json!({ "number": "A001" }))
        .await
        .refused("wrong-stage");
    officer.calls_next(4).await.given(200);
    hall.clock_to("09:05:00").await;
    officer.does(4, "missed", json!({})).await.given(200);
    usher
        .does("readmit", json!({ "number": "A001" }))
        .await
        .given(200);
    assert_eq!(hall.holder().stage(&token).await, "waiting");
}

/// Yesterday's numbers were once changed and readmitted in today's name.
#[tokio::test]
async fn a_number_of_another_day_is_nobodys() {
    let hall = TestHall::start_at("16:00:00").await;
    let (kiosk, usher, officer) = (hall.kiosk().await, hall.usher().await, hall.officer().await);
    kiosk.gives("fine").await;
    officer.opens(1).await.given(200);
    officer.calls_next(1).await.given(200);
    officer.finishes(1).await.given(200);
    officer.closes(1).await.given(200);
    hall.date_to("2026-11-24", "09:00:00").await;
    kiosk.gives("licence").await;
    let number = json!({ "number": "A001" });
    usher.does("reprint", number).await.refused("not-found");
}

#[tokio::test]
async fn the_usher_may_say_for_whom_the_number_is() {
    let hall = TestHall::start_at("09:00:00").await;
    let usher = hall.usher().await;
    let wish = json!({ "service": "fine", "reason": "不会用机器", "person": "430202199001011233" });
    usher.does("issue", wish.clone()).await.given(201);
    usher.does("issue", wish).await.refused("limit-reached");
}

#[tokio::test]
async fn who_was_helped_on_the_phone_is_counted() {
    let hall = TestHall::start_at("09:00:00").await;
    let (usher, manager) = (hall.usher().await, hall.manager().await);
    hall.kiosk().await.gives("fine").await;
    usher
        .does("helped-online", json!({ "service": "fine" }))
        .await
        .given(200);
    assert_eq!(
        usher.does("helped-online", json!({})).await.wrong_fields(),
        ["/service"]
    );
    assert_eq!(
        usher
            .does("helped-online", json!({ "service": "alchemy" }))
            .await
            .wrong_fields(),
        ["/service"]
    );
    usher.does("juggle", json!({})).await.refused("not-found");
    assert_eq!(manager.day("2026-11-23").await["helped_online"]["fine"], 1);
}
