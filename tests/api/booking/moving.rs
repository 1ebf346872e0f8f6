//! Bookings that get another time: by their holder, or because the plan changed.

use crate::support::bookings::{HALF_PAST_NINE, NINE, TEN, hall_with_places};
use crate::support::{Booking, Citizen, Manager, Reply, TestHall, person, send};
use reqwest::Method;
use serde_json::{Value, json};

async fn slot_of(citizen: &Citizen, booking: &Booking) -> String {
    let seen = citizen.sees(&booking.token).await;
    seen["slot"]["id"].as_str().unwrap().into()
}

#[tokio::test]
async fn the_old_place_goes_when_the_new_one_is_sure() {
    let hall = hall_with_places(1).await;
    let citizen = hall.citizen();
    let ann = citizen.has_booked("Ann", "licence", NINE).await;
    citizen.has_booked("Bob", "licence", HALF_PAST_NINE).await;

    let full = citizen.moves(&ann.token, HALF_PAST_NINE).await;
    let full = full.refused("slot-full");
    assert_eq!(full["alternatives"][0]["slot"], TEN);
    assert_eq!(slot_of(&citizen, &ann).await, NINE);
    assert_eq!(citizen.free("licence", NINE).await, 0);
    let same = citizen.moves(&ann.token, NINE).await;
    assert_eq!(same.wrong_fields(), ["/slot"]);

    let moved = citizen.moves(&ann.token, TEN).await.given(200);
    assert_eq!(
        (&moved["slot"]["id"], &moved["sequence"]),
        (&json!(TEN), &json!(1))
    );
    assert_eq!(moved["code"], ann.code, "the code on the paper stays good");
    assert_eq!(citizen.free("licence", NINE).await, 1);
    assert_eq!(citizen.free("licence", TEN).await, 0);
}

#[tokio::test]
async fn a_booking_moves_until_its_time_has_come() {
    let hall = TestHall::start_at("10:00:00").await;
    let (citizen, kiosk) = (hall.citizen(), hall.kiosk().await);
    let ann = citizen.has_booked("Ann", "licence", NINE).await;
    let bob = citizen.has_booked("Bob", "licence", HALF_PAST_NINE).await;
    hall.date_to("2026-11-28", "08:59:59").await;
    // not to a time that cannot be booked any more
    citizen.moves(&ann.token, TEN).await.refused("too-late");
    let sunday = "weekend-20261129T0900";
    citizen.moves(&ann.token, sunday).await.given(200);
    hall.clock_to("09:30:00").await;
    citizen.moves(&bob.token, sunday).await.refused("too-late");
    kiosk.checks_in(bob.by_code()).await.given(201);
    citizen
        .moves(&bob.token, sunday)
        .await
        .refused("wrong-stage");
}

/// Adopts the plan in force with a change in it, and has bookings moved out of its way.
async fn adopts_moving(manager: &Manager, change: impl FnOnce(&mut Value)) -> Reply {
    let (mut plan, tag) = manager.plan().await;
    change(&mut plan);
    let path = "/api/v1/halls/zhuzhou/plan?move_bookings=true";
    let request = manager.0.request(Method::PUT, path);
    send(request.header("if-match", tag).json(&plan)).await
}

async fn adopts(manager: &Manager, change: impl FnOnce(&mut Value)) -> Reply {
    let (mut plan, tag) = manager.plan().await;
    change(&mut plan);
    manager.adopts(&plan, &tag).await
}

#[tokio::test]
async fn a_plan_without_their_slot_names_the_bookings_or_moves_them() {
    let hall = TestHall::start_at("10:00:00").await;
    let (citizen, manager) = (hall.citizen(), hall.manager().await);
    let ann = citizen.has_booked("Ann", "licence", NINE).await;
    let bob = citizen.has_booked("Bob", "exam", TEN).await;
    let later = |plan: &mut Value| plan["appointments"][0]["hours"] = json!("09:30-12:00");

    let refused = adopts(&manager, later).await;
    assert_eq!(refused.status, 409);
    let problem = refused.refused("would-strand");
    assert_eq!(
        problem["bookings"],
        json!([{ "code": ann.code, "service": "licence", "starts_at": "2026-11-28T09:00:00+08:00" }])
    );
    assert!(problem["detail"].as_str().unwrap().contains(&ann.code));
    assert_eq!(manager.plan().await.1, "\"1\"");

    let adopted = adopts_moving(&manager, later).await.given(200);
    assert_eq!(adopted["revision"], 2);
    // whom to telephone
    assert_eq!(
        adopted["moved"],
        json!([{
            "code": ann.code, "service": "licence", "slot": HALF_PAST_NINE,
            "starts_at": "2026-11-28T09:30:00+08:00", "name": "Ann", "phone": person("Ann")["phone"]
        }])
    );
    let seen = citizen.sees(&ann.token).await;
    assert_eq!(
        (&seen["slot"]["id"], &seen["sequence"]),
        (&json!(HALF_PAST_NINE), &json!(1))
    );
    assert_eq!(slot_of(&citizen, &bob).await, TEN);
}

#[tokio::test]
async fn with_fewer_places_whoever_booked_last_goes_to_the_nearest_free_one() {
    let hall = TestHall::start_at("10:00:00").await;
    let (citizen, manager) = (hall.citizen(), hall.manager().await);
    let mut bookings = Vec::new();
    for name in ["Ann", "Bob", "Eve"] {
        bookings.push(citizen.has_booked(name, "licence", TEN).await);
    }
    let one_place = |plan: &mut Value| plan["appointments"][0]["places"] = json!(1);
    let refused = adopts(&manager, one_place).await.refused("would-strand");
    let named: Vec<&str> = refused["bookings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b["code"].as_str().unwrap())
        .collect();
    assert_eq!(named, [&bookings[1].code, &bookings[2].code]);
    adopts_moving(&manager, one_place).await.given(200);
    let mut slots = Vec::new();
    for booking in &bookings {
        slots.push(slot_of(&citizen, booking).await);
    }
    assert_eq!(slots, [TEN, HALF_PAST_NINE, "weekend-20261128T1030"]);
}

#[tokio::test]
async fn a_day_that_is_closed_gives_its_bookings_to_the_next() {
    let hall = TestHall::start_at("10:00:00").await;
    let (citizen, manager) = (hall.citizen(), hall.manager().await);
    let ann = citizen
        .has_booked("Ann", "licence", "weekend-20261128T1130")
        .await;
    let no_saturday = |plan: &mut Value| {
        plan["special_days"] =
            json!([{ "date": "2026-11-28", "name": { "zh": "停电检修", "en": "Power works" } }]);
    };
    adopts(&manager, no_saturday).await.refused("would-strand");
    adopts_moving(&manager, no_saturday).await.given(200);
    assert_eq!(slot_of(&citizen, &ann).await, "weekend-20261129T0900");
}

#[tokio::test]
async fn bookings_that_fit_nowhere_keep_the_plan_as_it_is() {
    let hall = TestHall::start_at("10:00:00").await;
    let (citizen, manager) = (hall.citizen(), hall.manager().await);
    let ann = citizen.has_booked("Ann", "licence", NINE).await;
    let nothing_to_book = |plan: &mut Value| plan["appointments"] = json!([]);
    let refused = adopts_moving(&manager, nothing_to_book)
        .await
        .refused("would-strand");
    assert_eq!(refused["bookings"][0]["code"], ann.code);
    assert_eq!(slot_of(&citizen, &ann).await, NINE);
    assert_eq!(manager.plan().await.1, "\"1\"");
}

#[tokio::test]
async fn the_plan_can_be_changed_beside_the_bookings() {
    let hall = TestHall::start_at("10:00:00").await;
    let (citizen, manager) = (hall.citizen(), hall.manager().await);
    let ann = citizen.has_booked("Ann", "licence", NINE).await;
    let more = |plan: &mut Value| plan["appointments"][0]["places"] = json!(6);
    adopts(&manager, more).await.given(200);
    assert_eq!(citizen.free("licence", NINE).await, 5);
    assert_eq!(citizen.sees(&ann.token).await["sequence"], 0);
}
