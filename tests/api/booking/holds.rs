//! /halls/{hall}/holds: a place is kept while the form is filled.

use crate::support::bookings::{NINE, TEN, hall_with_places};
use crate::support::{Booking, TestHall};
use serde_json::json;

#[tokio::test]
async fn a_place_is_held_while_the_form_is_filled() {
    let hall = hall_with_places(1).await;
    let (ann, bob) = (hall.citizen(), hall.citizen());
    let held = ann.holds("licence", NINE).await.given(201);
    assert_eq!(held["until"], "2026-11-23T10:10:00+08:00");
    assert_eq!(ann.free("licence", NINE).await, 0);
    bob.books("Bob", "licence", NINE).await.refused("slot-full");
    bob.holds("exam", NINE).await.refused("slot-full");

    hall.clock_to("10:09:59").await;
    let wish = json!({ "service": "licence", "slot": NINE, "hold": held["token"] });
    let booking = Booking::of(&ann.books_with("Ann", wish).await);
    // it is the hold that became a booking, so whoever kept its address finds the booking there
    assert_eq!(held["token"], booking.token);
    hall.clock_to("10:30:00").await;
    assert_eq!(ann.standing(&booking.token).await, "booked");
    assert_eq!(ann.free("licence", NINE).await, 0);
}

#[tokio::test]
async fn a_hold_is_over_after_ten_minutes() {
    let hall = hall_with_places(1).await;
    let citizen = hall.citizen();
    let hold = async |slot: &str| {
        let held = citizen.holds("licence", slot).await.given(201);
        held["token"].as_str().unwrap().to_string()
    };
    let (nine, ten) = (hold(NINE).await, hold(TEN).await);
    hall.clock_to("10:10:00").await;
    assert_eq!(citizen.standing(&nine).await, "lapsed");
    assert_eq!(citizen.free("licence", NINE).await, 1);
    citizen.has_booked("Bob", "licence", NINE).await;
    let with =
        |slot: &str, token: &str| json!({ "service": "licence", "slot": slot, "hold": token });
    // whoever took too long gets the place if it is still there, and is told if it is not
    let late = citizen.books_with("Ann", with(NINE, &nine)).await;
    late.refused("slot-full");
    Booking::of(&citizen.books_with("Ann", with(TEN, &ten)).await);
}

#[tokio::test]
async fn a_client_holds_one_place_at_a_time() {
    let hall = hall_with_places(1).await;
    let citizen = hall.citizen();
    let holds = async |slot: &str| {
        let body =
            json!({ "service": "licence", "slot": slot, "client": "client-of-the-tests-0001" });
        let reply = citizen.0.posts("/halls/zhuzhou/holds", body).await;
        reply.given(201)["token"].as_str().unwrap().to_string()
    };
    let first = holds(NINE).await;
    let second = holds(TEN).await;
    assert_eq!(citizen.standing(&first).await, "lapsed");
    assert_eq!(citizen.free("licence", NINE).await, 1);
    assert_eq!(citizen.free("licence", TEN).await, 0);
    citizen.does(&second, "cancel", json!({})).await.given(200);
    assert_eq!(citizen.free("licence", TEN).await, 1);
}

/// Looking for a time is human; holding place after place is not.
#[tokio::test]
async fn a_stranger_holds_few_places_and_draws_long_keys() {
    let hall = TestHall::serve().await;
    let someone = hall.someone();
    let body = json!({ "service": "licence", "slot": NINE });
    let short = someone
        .posts_as("short", "/halls/zhuzhou/holds", &body)
        .await;
    assert_eq!(short.wrong_fields(), ["/headers/idempotency-key"]);
    let mut reply = someone.posts("/halls/zhuzhou/holds", body.clone()).await;
    let mut tries = 1;
    while reply.status != 429 && tries < 100 {
        reply = someone.posts("/halls/zhuzhou/holds", body.clone()).await;
        tries += 1;
    }
    reply.refused("too-many-requests");
    // a client that does not say which it is has the address's one hold
    assert_eq!(hall.citizen().free("licence", NINE).await, 3);
}
