//! A Saturday at the model hall: by appointment only, from booking over check-in to whoever did not come.

use crate::redis_server::TestRedis;
use crate::support::bookings::{HALF_PAST_NINE, NINE, SATURDAY};
use crate::support::{Booking, Start, TestHall, fresh_key, id_number, until};
use serde_json::{Value, json};

const FRIDAY: &str = "2026-11-27";
const HALF_PAST_TEN: &str = "weekend-20261128T1030";

/// The Friday before, when people book.
async fn friday() -> TestHall {
    let start = Start {
        date: FRIDAY,
        clock: "10:00:00",
        ..Start::default()
    };
    TestHall::start_as(start).await
}

fn kinds(problem: &Value) -> Vec<&str> {
    let ways = problem["alternatives"].as_array().unwrap();
    ways.iter()
        .map(|way| way["kind"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn whoever_walks_in_is_shown_the_next_free_appointments() {
    let hall = friday().await;
    let kiosk = hall.kiosk().await;
    hall.date_to(SATURDAY, "09:00:00").await;
    let refused = kiosk.takes("licence").await;
    assert_eq!(refused.status, 409);
    let problem = refused.refused("not-open");
    assert_eq!(problem["reason"], "appointments-only");
    assert_eq!(problem["opens_at"], "2026-11-30T08:50:00+08:00");
    // booking ends two hours before, so the next ones are at the end of the morning and tomorrow
    assert_eq!(
        kinds(&problem),
        [
            "appointment",
            "appointment",
            "appointment",
            "app",
            "hotline"
        ]
    );
    let way = |index: usize| &problem["alternatives"][index];
    let slots: Vec<&str> = (0..3)
        .map(|index| way(index)["slot"].as_str().unwrap())
        .collect();
    assert_eq!(
        slots,
        [
            "weekend-20261128T1130",
            "weekend-20261129T0900",
            "weekend-20261129T0930"
        ]
    );
    assert_eq!(way(0)["starts_at"], "2026-11-28T11:30:00+08:00");
    assert_eq!(way(0)["title"]["en"], "Book for 11:30 on 28 November");
    assert_eq!(
        way(0)["url"],
        "/zhuzhou/book?service=licence&slot=weekend-20261128T1130"
    );
    // what cannot be booked has its app all the same
    let fine = kiosk.takes("fine").await.refused("not-open");
    assert_eq!(kinds(&fine), ["app", "hotline"]);
}

#[tokio::test]
async fn checking_in_gives_one_ticket_however_often_it_is_tried() {
    let redis = TestRedis::start();
    let instance = async || {
        let start = Start {
            store: Some(redis.url()),
            date: FRIDAY,
            clock: "10:00:00",
            ..Start::default()
        };
        TestHall::start_as(start).await
    };
    let (here, there) = (instance().await, instance().await);
    let ann = here.citizen().has_booked("Ann", "licence", NINE).await;
    let (kiosk, other_kiosk) = (here.kiosk().await, there.kiosk().await);
    for hall in [&here, &there] {
        hall.date_to(SATURDAY, "08:39:00").await;
    }

    let early = kiosk.checks_in(ann.by_code()).await;
    assert_eq!(early.status, 409);
    let early = early.refused("too-early");
    assert_eq!(early["at"], "2026-11-28T08:40:00+08:00");
    assert_eq!(
        early["detail"],
        "Too early: check in from 08:40 on 28 November."
    );

    for hall in [&here, &there] {
        hall.clock_to("08:40:00").await;
    }
    let first = kiosk.checks_in(ann.by_code()).await.given(201);
    assert_eq!(
        (&first["number"], &first["class"]),
        (&json!("F001"), &json!("appointment"))
    );
    let is_the_same = |ticket: Value| {
        assert_eq!(
            (&ticket["number"], &ticket["token"]),
            (&first["number"], &first["token"])
        );
    };
    // with another key, at the other server, by QR and by document
    is_the_same(kiosk.checks_in(ann.by_code()).await.given(201));
    is_the_same(other_kiosk.checks_in(ann.by_code()).await.given(201));
    let by_token = json!({ "token": ann.token });
    is_the_same(other_kiosk.checks_in(by_token).await.given(201));
    let by_document = json!({ "id_number": id_number("Ann") });
    is_the_same(kiosk.checks_in(by_document).await.given(201));

    let seen = there.citizen().sees(&ann.token).await;
    assert_eq!(seen["standing"], "checked_in");
    assert_eq!(
        seen["ticket"],
        json!({ "number": "F001", "token": first["token"], "late": false })
    );
    assert_eq!(here.shows().await["services"][1]["waiting"], 1);
}

#[tokio::test]
async fn two_servers_asked_at_once_give_one_ticket() {
    let redis = TestRedis::start();
    let instance = async || {
        let start = Start {
            store: Some(redis.url()),
            date: SATURDAY,
            clock: "06:50:00",
            ..Start::default()
        };
        TestHall::start_as(start).await
    };
    let (here, there) = (instance().await, instance().await);
    let ann = here.citizen().has_booked("Ann", "exam", NINE).await;
    for hall in [&here, &there] {
        hall.clock_to("08:45:00").await;
    }
    let kiosks = [here.kiosk().await, there.kiosk().await];
    let tries = (0..10).map(|index| kiosks[index % 2].checks_in(ann.by_code()));
    for reply in futures_util::future::join_all(tries).await {
        assert_eq!(reply.number(), "C001");
    }
    until("both have the same state", async || {
        here.state("zhuzhou") == there.state("zhuzhou")
    })
    .await;
}

#[tokio::test]
async fn whoever_comes_late_is_served_after_the_punctual() {
    let hall = friday().await;
    let (citizen, kiosk, officer) = (hall.citizen(), hall.kiosk().await, hall.officer().await);
    let ann = citizen.has_booked("Ann", "licence", NINE).await;
    let bob = citizen.has_booked("Bob", "licence", NINE).await;
    let eve = citizen.has_booked("Eve", "licence", HALF_PAST_NINE).await;
    hall.date_to(SATURDAY, "08:50:00").await;
    assert_eq!(kiosk.checks_in(ann.by_code()).await.number(), "F001");
    hall.clock_to("09:20:00").await;
    assert_eq!(kiosk.checks_in(bob.by_code()).await.number(), "F002");
    assert_eq!(citizen.sees(&bob.token).await["ticket"]["late"], true);
    hall.clock_to("09:21:00").await;
    assert_eq!(kiosk.checks_in(eve.by_code()).await.number(), "F003");

    officer.opens(6).await.given(200);
    assert_eq!(officer.serves_next(6).await, "F001");
    assert_eq!(officer.serves_next(6).await, "F003", "Eve was punctual");
    assert_eq!(officer.serves_next(6).await, "F002");
}

#[tokio::test]
async fn a_dedicated_window_calls_in_slot_order_and_helps_others_when_nobody_is_due() {
    let hall = friday().await;
    let (citizen, kiosk, officer, usher) = (
        hall.citizen(),
        hall.kiosk().await,
        hall.officer().await,
        hall.usher().await,
    );
    let ann = citizen.has_booked("Ann", "licence", NINE).await;
    let bob = citizen.has_booked("Bob", "licence", HALF_PAST_NINE).await;
    let dan = citizen.has_booked("Dan", "licence", HALF_PAST_TEN).await;
    hall.date_to(SATURDAY, "08:50:00").await;
    for window in [6, 7] {
        officer.opens(window).await.given(200);
    }
    // a place that nobody booked is given on the spot
    let on_the_spot = json!({ "service": "licence", "reason": "没有预约" });
    let walk_in = usher.does("issue", on_the_spot.clone()).await;
    assert_eq!(walk_in.number(), "F001");
    assert_eq!(citizen.free("licence", NINE).await, 2);
    hall.clock_to("09:10:00").await;
    assert_eq!(kiosk.checks_in(bob.by_code()).await.number(), "F002");
    assert_eq!(kiosk.checks_in(ann.by_code()).await.number(), "F003");

    // Bob was here before Ann, but her slot is before his; the walk-in has waited longest
    for (clock, number, why) in [
        ("09:11:00", "F003", "Ann at nine"),
        ("09:20:00", "F002", "Bob at half past"),
        ("09:29:00", "F001", "Dan is not due yet"),
    ] {
        hall.clock_to(clock).await;
        let called = officer.finishes_and_calls_next(6).await.ticket();
        assert_eq!(called, format!("{number} called"), "{why}");
    }
    hall.clock_to("09:38:00").await;
    officer.finishes(6).await.given(200);

    // a minute before Dan's time the dedicated window stays free for him, and the other one does not
    hall.clock_to("10:29:00").await;
    assert_eq!(usher.does("issue", on_the_spot).await.number(), "F004");
    assert_eq!(officer.calls_next(6).await.ticket(), "nobody");
    assert_eq!(officer.calls_next(7).await.ticket(), "F004 called");
    hall.clock_to("10:30:00").await;
    assert_eq!(kiosk.checks_in(dan.by_code()).await.number(), "F005");
    assert_eq!(officer.calls_next(6).await.ticket(), "F005 called");
}

#[tokio::test]
async fn whoever_does_not_come_is_recorded_when_the_session_ends() {
    let hall = friday().await;
    let (citizen, kiosk, manager) = (hall.citizen(), hall.kiosk().await, hall.manager().await);
    let dan = citizen.has_booked("Dan", "licence", HALF_PAST_TEN).await;
    let ann = citizen.has_booked("Ann", "licence", NINE).await;
    hall.date_to(SATURDAY, "08:55:00").await;
    let ticket = kiosk.checks_in(ann.by_code()).await.token();
    hall.holder().cancels(&ticket).await.given(200);

    hall.clock_to("11:59:59").await;
    assert_eq!(citizen.standing(&dan.token).await, "booked");
    hall.clock_to("12:00:00").await;
    assert_eq!(citizen.standing(&dan.token).await, "no_show");
    assert_eq!(citizen.standing(&ann.token).await, "checked_in");
    kiosk.checks_in(dan.by_code()).await.refused("too-late");
    let sums = &manager.day(SATURDAY).await["appointments"];
    assert_eq!(
        (&sums["checked_in"], &sums["no_shows"]),
        (&json!(1), &json!(1))
    );
}

/// Three times in ninety days: no booking for thirty, but kiosk and usher still help.
#[tokio::test]
async fn whoever_keeps_not_coming_cannot_book_for_a_while() {
    let hall = friday().await;
    let citizen = hall.citizen();
    for (date, slot) in [
        ("2026-11-28", "weekend-20261128T0900"),
        ("2026-11-29", "weekend-20261129T0900"),
        ("2026-12-05", "weekend-20261205T0900"),
    ] {
        citizen.has_booked("Ann", "licence", slot).await;
        hall.date_to(date, "09:00:00").await;
        hall.clock_to("12:00:00").await;
    }
    let blocked = citizen
        .books("Ann", "licence", "weekend-20261206T0900")
        .await
        .refused("limit-reached");
    assert_eq!(blocked["until"], "2027-01-04T12:00:00+08:00");
    hall.date_to("2026-12-07", "09:00:00").await;
    assert_eq!(hall.kiosk().await.takes("licence").await.number(), "F001");
}

#[tokio::test]
async fn an_unknown_code_and_two_ways_at_once_are_refused() {
    let hall = friday().await;
    let kiosk = hall.kiosk().await;
    let nobody = json!({ "code": "000000" });
    kiosk.checks_in(nobody).await.refused("not-found");
    let stranger = json!({ "id_number": "430204199001010006" });
    kiosk.checks_in(stranger).await.refused("not-found");
    for (body, pointer) in [
        (json!({}), "/code"),
        (
            json!({ "code": "123456", "id_number": "430204199001010006" }),
            "/code",
        ),
        (json!({ "code": "12345" }), "/code"),
        (json!({ "code": 123_456 }), "/code"),
        (json!({ "token": "short" }), "/token"),
        (json!({ "id_number": "1" }), "/id_number"),
    ] {
        let reply = kiosk.checks_in(body.clone()).await;
        assert_eq!(reply.wrong_fields(), [pointer], "{body}");
    }
}

#[tokio::test]
async fn a_check_in_sent_again_is_answered_again() {
    let hall = friday().await;
    let ann: Booking = hall.citizen().has_booked("Ann", "licence", NINE).await;
    hall.date_to(SATURDAY, "08:45:00").await;
    let (kiosk, key) = (hall.kiosk().await.0, fresh_key());
    let path = "/halls/zhuzhou/check-ins";
    let first = kiosk.posts_as(&key, path, &ann.by_code()).await;
    assert_eq!(first.number(), "F001");
    let again = kiosk.posts_as(&key, path, &ann.by_code()).await;
    assert_eq!((again.status, again.text()), (201, first.text()));
    let other = json!({ "token": ann.token });
    let reused = kiosk.posts_as(&key, path, &other).await;
    assert_eq!(reused.status, 422);
    reused.refused("key-reused");
}
