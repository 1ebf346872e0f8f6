//! What the holder of a number can do with it; the token is the only key.

use crate::support::TestHall;
use serde_json::json;

/// 43 characters, as a token has, but nobody's.
const NOBODYS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn a_ticket_tells_its_holder_where_it_stands() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, holder) = (hall.kiosk().await, hall.holder());
    hall.officer().await.opens(1).await.given(200);
    kiosk.gives("fine").await;
    let token = kiosk.gives("fine").await;
    let ticket = holder.sees(&token).await;
    assert_eq!(ticket["number"], "A002");
    assert_eq!(ticket["stage"], "waiting");
    assert_eq!(ticket["ahead"], 1);
    assert!(ticket["wait"]["low"].is_u64() && ticket["wait"]["high"].is_u64());
    let actions = ticket["actions"].as_array().unwrap();
    assert!(actions.contains(&json!("cancel")) && !actions.contains(&json!("return")));
}

#[tokio::test]
async fn without_the_token_there_is_no_ticket() {
    let hall = TestHall::start_at("09:00:00").await;
    for token in [NOBODYS, "short", "%20", "A001"] {
        let reply = hall.someone().gets(&format!("/tickets/{token}")).await;
        assert_eq!(reply.status, 404, "{token}");
        reply.refused("not-found");
    }
    hall.holder().cancels(NOBODYS).await.refused("not-found");
}

#[tokio::test]
async fn a_number_is_cancelled_once() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, holder) = (hall.kiosk().await, hall.holder());
    let token = kiosk.gives("fine").await;
    assert_eq!(
        holder.cancels(&token).await.given(200)["stage"],
        "cancelled"
    );
    let again = holder.cancels(&token).await;
    assert_eq!(again.status, 409);
    let problem = again.refused("wrong-stage");
    assert_eq!(
        (&problem["ticket"], &problem["stage"]),
        (&json!("A001"), &json!("cancelled"))
    );
    assert_eq!(kiosk.takes("fine").await.number(), "A002");
}

#[tokio::test]
async fn two_may_be_let_go_first() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer, holder) = (hall.kiosk().await, hall.officer().await, hall.holder());
    officer.opens(1).await.given(200);
    let token = kiosk.gives("fine").await;
    for _ in 0..3 {
        kiosk.gives("fine").await;
    }
    holder.does(&token, "defer", json!({})).await.given(200);
    let mut called = Vec::new();
    for _ in 0..4 {
        called.push(officer.finishes_and_calls_next(1).await.ticket());
    }
    assert_eq!(
        called,
        ["A002 called", "A003 called", "A001 called", "A004 called"]
    );
    holder
        .does(&token, "defer", json!({}))
        .await
        .refused("wrong-stage");
}

#[tokio::test]
async fn the_wrong_service_is_corrected_once() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, holder) = (hall.kiosk().await, hall.holder());
    let token = kiosk.gives("fine").await;
    let change = async |body| holder.does(&token, "change", body).await;
    assert_eq!(change(json!({})).await.wrong_fields(), ["/service"]);
    assert_eq!(
        change(json!({ "service": "fine" })).await.wrong_fields(),
        ["/service"]
    );
    assert_eq!(
        change(json!({ "service": "alchemy" })).await.wrong_fields(),
        ["/service"]
    );
    let changed = change(json!({ "service": "mark" })).await.given(200);
    assert_eq!(
        (&changed["number"], &changed["service"]),
        (&json!("A001"), &json!("mark"))
    );
    change(json!({ "service": "fine" }))
        .await
        .refused("limit-reached");
}

#[tokio::test]
async fn who_was_missed_comes_back_twice() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer, holder) = (hall.kiosk().await, hall.officer().await, hall.holder());
    officer.opens(1).await.given(200);
    let token = kiosk.gives("fine").await;
    holder
        .does(&token, "return", json!({}))
        .await
        .refused("wrong-stage");
    for clock in ["09:10:00", "09:20:00"] {
        officer.calls_next(1).await.given(200);
        hall.clock_to(clock).await;
        officer.does(1, "missed", json!({})).await.given(200);
        let back = holder.does(&token, "return", json!({})).await.given(200);
        assert_eq!(back["stage"], "waiting");
    }
    officer.calls_next(1).await.given(200);
    hall.clock_to("09:30:00").await;
    officer.does(1, "missed", json!({})).await.given(200);
    holder
        .does(&token, "return", json!({}))
        .await
        .refused("limit-reached");
}

#[tokio::test]
async fn back_with_the_copy_one_goes_on_first() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer, holder) = (hall.kiosk().await, hall.officer().await, hall.holder());
    officer.opens(1).await.given(200);
    let token = kiosk.gives("fine").await;
    kiosk.gives("fine").await;
    holder
        .does(&token, "resume", json!({}))
        .await
        .refused("wrong-stage");
    officer.calls_next(1).await.given(200);
    officer.starts(1).await.given(200);
    officer.does(1, "park", json!({})).await.given(200);
    holder.does(&token, "resume", json!({})).await.given(200);
    assert_eq!(officer.calls_next(1).await.ticket(), "A001 called");
}

#[tokio::test]
async fn a_visit_is_rated_once_by_who_had_it() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer, holder) = (hall.kiosk().await, hall.officer().await, hall.holder());
    officer.opens(1).await.given(200);
    let token = kiosk.gives("fine").await;
    let rate = async |body| holder.does(&token, "rating", body).await;
    rate(json!({ "stars": 5 })).await.refused("wrong-stage");
    officer.calls_next(1).await.given(200);
    officer.finishes(1).await.given(200);
    assert_eq!(rate(json!({})).await.wrong_fields(), ["/stars"]);
    assert_eq!(rate(json!({ "stars": 6 })).await.wrong_fields(), ["/stars"]);
    assert_eq!(
        rate(json!({ "stars": -1 })).await.wrong_fields(),
        ["/stars"]
    );
    let rated = rate(json!({ "stars": 4, "reasons": ["等得久"], "text": "人很好" })).await;
    assert_eq!(rated.given(200)["rating"], 4);
    rate(json!({ "stars": 1 })).await.refused("limit-reached");
}

#[tokio::test]
async fn a_lost_slip_is_printed_again() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, holder) = (hall.kiosk().await, hall.holder());
    let token = kiosk.gives("fine").await;
    let again = holder.does(&token, "reprint", json!({})).await.given(200);
    assert_eq!(again["number"], "A001");
    holder.cancels(&token).await.given(200);
    holder
        .does(&token, "reprint", json!({}))
        .await
        .refused("wrong-stage");
    holder
        .does(&token, "sell", json!({}))
        .await
        .refused("not-found");
}
