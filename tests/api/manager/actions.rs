//! What a manager does while the hall is at work, each act with its reason.

use crate::support::TestHall;
use serde_json::json;

#[tokio::test]
async fn notices_stand_on_the_board_until_their_time() {
    let hall = TestHall::start_at("09:00:00").await;
    let manager = hall.manager().await;
    let notice = json!({ "text": { "zh": "空调检修", "en": "No cooling" }, "until": "2026-11-23T10:00:00+08:00" });
    assert_eq!(
        manager.does("notices", json!({})).await.wrong_fields(),
        ["/notices"]
    );
    manager
        .does("notices", json!({ "notices": [notice.clone()] }))
        .await
        .given(200);
    assert_eq!(
        hall.shows().await["notices"],
        json!([{ "zh": "空调检修", "en": "No cooling" }])
    );
    hall.clock_to("10:00:00").await;
    assert_eq!(hall.shows().await["notices"], json!([]));
    let too_many = vec![notice; 11];
    let refused = manager
        .does("notices", json!({ "notices": too_many }))
        .await;
    assert_eq!(refused.wrong_fields(), ["/notices"]);
}

#[tokio::test]
async fn calling_pauses_in_the_whole_hall() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer, manager) = (
        hall.kiosk().await,
        hall.officer().await,
        hall.manager().await,
    );
    officer.opens(1).await.given(200);
    kiosk.gives("fine").await;
    assert_eq!(
        manager.does("pause", json!({})).await.wrong_fields(),
        ["/reason"]
    );
    manager
        .does("pause", json!({ "reason": "消防演练" }))
        .await
        .given(200);
    let refused = officer.calls_next(1).await.refused("wrong-stage");
    assert_eq!(refused["reason"], "消防演练");
    manager.does("resume", json!({})).await.given(200);
    manager.does("resume", json!({})).await.given(200);
    assert_eq!(officer.calls_next(1).await.ticket(), "A001 called");
}

#[tokio::test]
async fn a_ticket_is_handed_on_with_a_reason() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, manager, holder) = (hall.kiosk().await, hall.manager().await, hall.holder());
    let token = kiosk.gives("fine").await;
    let hand_on = async |body| manager.does("hand-on", body).await;
    assert_eq!(
        hand_on(json!({ "reason": "x" })).await.wrong_fields(),
        ["/number"]
    );
    assert_eq!(
        hand_on(json!({ "number": "A001" })).await.wrong_fields(),
        ["/reason"]
    );
    assert_eq!(
        hand_on(json!({ "number": "A001", "reason": "  " }))
            .await
            .wrong_fields(),
        ["/reason"]
    );
    hand_on(json!({ "number": "A002", "reason": "x" }))
        .await
        .refused("not-found");
    hand_on(json!({ "number": "A001", "reason": "系统停机" }))
        .await
        .given(200);
    let ticket = holder.sees(&token).await;
    assert_eq!(ticket["stage"], "handed_on");
    assert!(ticket["voucher"].is_object(), "{ticket}");
    hand_on(json!({ "number": "A001", "reason": "x" }))
        .await
        .refused("wrong-stage");

    // the voucher puts its holder first in line
    kiosk.gives("fine").await;
    let wish = json!({ "service": "fine", "voucher": token });
    assert_eq!(kiosk.takes_with(wish.clone()).await.number(), "A003");
    kiosk.takes_with(wish).await.refused("limit-reached");
    let officer = hall.officer().await;
    officer.opens(1).await.given(200);
    assert_eq!(officer.calls_next(1).await.ticket(), "A003 called");
}

#[tokio::test]
async fn an_interruption_gives_everyone_a_voucher() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, manager, holder) = (hall.kiosk().await, hall.manager().await, hall.holder());
    let tokens = [kiosk.gives("fine").await, kiosk.gives("licence").await];
    assert_eq!(
        manager.does("interruption", json!({})).await.wrong_fields(),
        ["/reason"]
    );
    manager
        .does("interruption", json!({ "reason": "停电" }))
        .await
        .given(200);
    for token in &tokens {
        let ticket = holder.sees(token).await;
        assert_eq!(ticket["stage"], "handed_on");
        assert_eq!(ticket["voucher"]["reason"], "interruption");
    }
}

#[tokio::test]
async fn a_suspended_service_gives_no_numbers_until_its_end() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, manager) = (hall.kiosk().await, hall.manager().await);
    let suspend = async |body| manager.does("suspend", body).await;
    assert_eq!(
        suspend(json!({ "reason": "x" })).await.wrong_fields(),
        ["/service"]
    );
    let past = json!({ "service": "fine", "reason": "x", "until": "2026-11-23T08:00:00+08:00" });
    assert_eq!(suspend(past).await.wrong_fields(), ["/until"]);
    assert_eq!(
        suspend(json!({ "service": "alchemy", "reason": "x" }))
            .await
            .wrong_fields(),
        ["/service"]
    );
    let until =
        json!({ "service": "fine", "reason": "系统升级", "until": "2026-11-23T10:00:00+08:00" });
    suspend(until).await.given(200);
    let refused = kiosk.takes("fine").await.refused("not-open");
    assert_eq!(refused["reason"], "suspended");
    assert_eq!(refused["opens_at"], "2026-11-23T10:00:00+08:00");
    hall.clock_to("10:00:00").await;
    kiosk.takes("fine").await.given(201);

    suspend(json!({ "service": "fine", "reason": "系统升级" }))
        .await
        .given(200);
    kiosk.takes("fine").await.refused("not-open");
    let end = json!({ "service": "fine" });
    // ending needs no reason, though one may be given
    manager.does("end-suspension", end).await.given(200);
    kiosk.takes("fine").await.given(201);
}

#[tokio::test]
async fn what_no_manager_can_do_is_not_found() {
    let hall = TestHall::start_at("09:00:00").await;
    let manager = hall.manager().await;
    manager
        .does("fire-everybody", json!({}))
        .await
        .refused("not-found");
    let elsewhere = manager
        .0
        .posts("/halls/atlantis/pause", json!({ "reason": "x" }))
        .await;
    elsewhere.refused("not-found");
    let word = json!({ "window": 1, "reason": "x" });
    manager
        .does("override-sign-off", word)
        .await
        .refused("not-your-window");
}

#[tokio::test]
async fn the_clock_is_confirmed_by_a_manager() {
    let hall = TestHall::start_at("09:00:00").await;
    let confirmed = hall
        .manager()
        .await
        .does("clock", json!({}))
        .await
        .given(200);
    assert_eq!(confirmed["now"], "2026-11-23T09:00:00+08:00");
}
