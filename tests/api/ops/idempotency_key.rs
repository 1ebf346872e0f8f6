//! A request that is sent again is answered again: one key, one effect.

use crate::support::{Someone, Start, TestHall, fresh_key, send};
use reqwest::Method;
use serde_json::json;

const TICKETS: &str = "/halls/zhuzhou/tickets";

#[tokio::test]
async fn the_same_request_gets_the_same_answer_byte_for_byte() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await.0;
    let (key, body) = (fresh_key(), json!({ "service": "fine", "class": "normal" }));
    let first = kiosk.posts_as(&key, TICKETS, &body).await;
    assert_eq!(first.number(), "A001");
    kiosk
        .posts(TICKETS, json!({ "service": "fine" }))
        .await
        .given(201);
    hall.clock_to("09:30:00").await;
    let again = kiosk.posts_as(&key, TICKETS, &body).await;
    assert_eq!(again.status, 201);
    assert_eq!(again.text(), first.text());
    let other_order = json!({ "class": "normal", "service": "fine" });
    assert_eq!(
        kiosk.posts_as(&key, TICKETS, &other_order).await.text(),
        first.text()
    );
    assert_eq!(kiosk.posts(TICKETS, body).await.number(), "A003");
}

#[tokio::test]
async fn a_restart_forgets_no_key() {
    let hall = TestHall::start_at("09:00:00").await;
    let (key, body) = (fresh_key(), json!({ "service": "fine" }));
    let first = hall.kiosk().await.0.posts_as(&key, TICKETS, &body).await;
    let hall = hall
        .restart(Start {
            clock: "09:00:00",
            ..Start::default()
        })
        .await;
    let again = hall.kiosk().await.0.posts_as(&key, TICKETS, &body).await;
    assert_eq!((again.status, again.text()), (201, first.text()));
}

#[tokio::test]
async fn a_key_belongs_to_one_body_one_route_and_one_sender() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await.0;
    let key = fresh_key();
    let take = async |who: &Someone, path: &str, service: &str| {
        who.posts_as(&key, path, &json!({ "service": service }))
            .await
    };
    assert_eq!(take(&kiosk, TICKETS, "fine").await.number(), "A001");
    let reused = take(&kiosk, TICKETS, "licence").await;
    assert_eq!(reused.status, 422);
    reused.refused("key-reused");
    // elsewhere and from somebody else it is another key
    assert_eq!(
        take(&kiosk, "/halls/lusong/tickets", "fine").await.number(),
        "A001"
    );
    assert_eq!(
        take(&hall.someone(), TICKETS, "fine").await.number(),
        "A002"
    );
}

#[tokio::test]
async fn refusals_and_empty_calls_are_decided_anew() {
    let hall = TestHall::start_at("08:49:59").await;
    let (kiosk, officer) = (hall.kiosk().await.0, hall.officer().await);
    let (key, body) = (fresh_key(), json!({ "service": "fine" }));
    kiosk
        .posts_as(&key, TICKETS, &body)
        .await
        .refused("not-open");
    officer.opens(1).await.given(200);
    let (call, path) = (fresh_key(), "/halls/zhuzhou/windows/1/call-next");
    assert_eq!(
        officer.0.posts_as(&call, path, &json!({})).await.ticket(),
        "nobody"
    );

    hall.clock_to("08:50:00").await;
    assert_eq!(kiosk.posts_as(&key, TICKETS, &body).await.number(), "A001");
    assert_eq!(
        officer.0.posts_as(&call, path, &json!({})).await.ticket(),
        "A001 called"
    );
    assert_eq!(
        officer.0.posts_as(&call, path, &json!({})).await.ticket(),
        "A001 called"
    );
}

#[tokio::test]
async fn every_change_needs_a_key() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await;
    let bare = |bearer: &str| {
        reqwest::Client::new()
            .post(format!("{}/api/v1{TICKETS}", hall.url))
            .bearer_auth(bearer)
            .header("accept-language", "en")
            .json(&json!({ "service": "fine" }))
    };
    let bearer = kiosk.0.bearer.as_deref().unwrap();
    let without = send(bare(bearer)).await;
    assert_eq!(without.wrong_fields(), ["/headers/idempotency-key"]);
    for key in ["", "  ", &"k".repeat(201)] {
        let reply = send(bare(bearer).header("idempotency-key", key)).await;
        assert_eq!(reply.wrong_fields(), ["/headers/idempotency-key"]);
    }
    assert_eq!(kiosk.takes("fine").await.number(), "A001");
}

#[tokio::test]
async fn many_at_once_with_one_key_get_one_number() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await.0;
    let (key, body) = (fresh_key(), json!({ "service": "fine" }));
    let tries = (0..20).map(|_| kiosk.posts_as(&key, TICKETS, &body));
    let replies = futures_util::future::join_all(tries).await;
    for reply in &replies {
        assert_eq!((reply.status, reply.text()), (201, replies[0].text()));
    }
    let request = kiosk.request(Method::GET, "/api/v1/halls/zhuzhou/board");
    assert_eq!(send(request).await.given(200)["waiting"][0]["count"], 1);
}
