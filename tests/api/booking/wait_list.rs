//! /appointments/{token}/wait-list and /confirm: waiting for a place at a time that is full.

use crate::support::Booking;
use crate::support::bookings::{HALF_PAST_NINE, NINE, TEN, hall_with_places};
use serde_json::json;

#[tokio::test]
async fn a_place_that_becomes_free_is_offered_to_whoever_waits() {
    let hall = hall_with_places(1).await;
    let citizen = hall.citizen();
    let ann = citizen.has_booked("Ann", "licence", NINE).await;
    let waits = async |name: &str| {
        let wish = json!({ "service": "licence", "slot": NINE, "wait_list": true });
        let reply = citizen.books_with(name, wish).await;
        assert_eq!(reply.given(201)["standing"], "listed");
        Booking::of(&reply)
    };
    let (bob, eve) = (waits("Bob").await, waits("Eve").await);
    let wish = async |booking: &Booking| citizen.sees(&booking.token).await["wish"].clone();
    assert_eq!(
        (
            wish(&bob).await["ahead"].as_u64(),
            wish(&eve).await["ahead"].as_u64()
        ),
        (Some(0), Some(1))
    );
    let confirms =
        async |booking: &Booking| citizen.does(&booking.token, "confirm", json!({})).await;
    confirms(&bob).await.refused("wrong-stage");

    citizen
        .does(&ann.token, "cancel", json!({}))
        .await
        .given(200);
    let offered = wish(&bob).await;
    assert_eq!(
        (&offered["offered"], &offered["until"]),
        (&json!(true), &json!("2026-11-23T10:30:00+08:00"))
    );
    // it is kept for Bob, who does not answer; then for Eve, who does
    citizen
        .books("Dan", "licence", NINE)
        .await
        .refused("slot-full");
    hall.clock_to("10:30:00").await;
    assert_eq!(citizen.standing(&bob.token).await, "lapsed");
    assert_eq!(wish(&eve).await["offered"], true);
    let mine = confirms(&eve).await.given(200);
    assert_eq!(
        (&mine["standing"], &mine["slot"]["id"]),
        (&json!("booked"), &json!(NINE))
    );
    assert_eq!(citizen.free("licence", NINE).await, 0);
}

/// A booking that would rather be earlier keeps what it has until it says yes.
#[tokio::test]
async fn a_booking_waits_for_a_better_time_and_keeps_its_own() {
    let hall = hall_with_places(1).await;
    let citizen = hall.citizen();
    let ann = citizen.has_booked("Ann", "licence", NINE).await;
    let bob = citizen.has_booked("Bob", "licence", TEN).await;
    let waits = citizen
        .does(&bob.token, "wait-list", json!({ "slot": NINE }))
        .await
        .given(200);
    assert_eq!(waits["slot"]["id"], TEN);
    citizen.moves(&ann.token, HALF_PAST_NINE).await.given(200);
    assert_eq!(citizen.free("licence", NINE).await, 0, "kept for Bob");
    assert_eq!(citizen.free("licence", TEN).await, 0, "still Bob's");
    citizen
        .does(&bob.token, "confirm", json!({}))
        .await
        .given(200);
    assert_eq!(citizen.sees(&bob.token).await["slot"]["id"], NINE);
    assert_eq!(citizen.free("licence", TEN).await, 1);
}
