//! Places at another time: looking, holding, booking, waiting for one, cancelling, and the staff's list of a day.

use crate::redis_server::TestRedis;
use crate::support::{
    Booking, Kiosk, Manager, Officer, PIN, Someone, Start, TestHall, fresh_key, person,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const SATURDAY: &str = "2026-11-28";
const NINE: &str = "weekend-20261128T0900";
const HALF_PAST_NINE: &str = "weekend-20261128T0930";
const TEN: &str = "weekend-20261128T1000";

/// The hall on a Monday, with so many places in each slot of the coming weekend.
async fn hall_with_places(places: u16) -> TestHall {
    let hall = TestHall::start_at("10:00:00").await;
    let change = |plan: &mut Value| plan["appointments"][0]["places"] = json!(places);
    hall.manager().await.changes_plan(change).await;
    hall
}

#[tokio::test]
async fn a_place_is_found_booked_followed_and_given_back() {
    let hall = TestHall::start_at("10:00:00").await;
    let citizen = hall.citizen();
    let slots = citizen.slots("licence", SATURDAY).await;
    assert_eq!(slots.len(), 6);
    assert_eq!(
        slots[0],
        json!({
            "id": NINE,
            "starts_at": "2026-11-28T09:00:00+08:00",
            "ends_at": "2026-11-28T09:30:00+08:00",
            "free": 4,
            "kind": "window",
            "bookable": true
        })
    );
    assert!(citizen.slots("licence", "2026-11-24").await.is_empty());

    let booked = citizen.books("Ann", "licence", NINE).await.given(201);
    let (code, token) = (
        booked["code"].as_str().unwrap(),
        booked["token"].as_str().unwrap(),
    );
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
    assert!(token.len() >= 22, "at least 128 bits: {token}");
    assert_eq!(
        (&booked["slot"], &booked["standing"], &booked["places"]),
        (&json!(NINE), &json!("booked"), &json!(1))
    );
    assert_eq!(booked["page"], format!("/a/{token}"));
    assert_eq!(booked["ics"], format!("/a/{token}/appointment.ics"));
    assert_eq!(citizen.free("licence", NINE).await, 3);
    // the three services of the rule share its places
    assert_eq!(citizen.free("exam", NINE).await, 3);

    let seen = citizen.sees(token).await;
    assert_eq!(seen["code"], code);
    assert_eq!(seen["slot"]["id"], NINE);
    assert_eq!(seen["check_in_from"], "2026-11-28T08:40:00+08:00");
    assert_eq!(seen["punctual_until"], "2026-11-28T09:15:00+08:00");
    assert_eq!(seen["actions"], json!(["move", "cancel", "wait-list"]));
    assert!(
        !seen.to_string().contains("Ann"),
        "a page behind a link names nobody: {seen}"
    );

    let gone = citizen
        .does(token, "cancel", json!({ "reason": "来不了" }))
        .await;
    assert_eq!(gone.given(200)["standing"], "cancelled");
    assert_eq!(citizen.free("licence", NINE).await, 4);
    let again = citizen.does(token, "cancel", json!({})).await;
    assert_eq!(again.refused("wrong-stage")["standing"], "cancelled");
    let check_in = json!({ "code": code });
    let kiosk = hall.kiosk().await;
    kiosk.checks_in(check_in).await.refused("wrong-stage");
}

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

#[tokio::test]
async fn whoever_finds_it_full_is_shown_other_times() {
    let hall = hall_with_places(1).await;
    let citizen = hall.citizen();
    citizen.has_booked("Ann", "licence", NINE).await;
    let refused = citizen.books("Bob", "licence", NINE).await;
    assert_eq!(refused.status, 409);
    let problem = refused.refused("slot-full");
    assert_eq!(
        (&problem["slot"], &problem["may_wait"]),
        (&json!(NINE), &json!(true))
    );
    let next = &problem["alternatives"][0];
    assert_eq!(
        (&next["kind"], &next["slot"]),
        (&json!("appointment"), &json!(HALF_PAST_NINE))
    );
}

#[tokio::test]
async fn a_person_has_one_booking_of_a_service_and_two_in_all() {
    let hall = TestHall::start_at("10:00:00").await;
    let citizen = hall.citizen();
    let first = citizen.has_booked("Ann", "licence", NINE).await;
    citizen
        .books("Ann", "licence", TEN)
        .await
        .refused("limit-reached");
    citizen.has_booked("Ann", "exam", TEN).await;
    citizen
        .books("Ann", "registration", HALF_PAST_NINE)
        .await
        .refused("limit-reached");
    // two people whose documents have one number do not lock each other out
    let mut body = json!({ "service": "licence", "slot": NINE, "person": person("Ann") });
    body["person"]["name"] = json!("Anna");
    let path = "/halls/zhuzhou/appointments";
    citizen.0.posts(path, body).await.given(201);
    citizen
        .does(&first.token, "cancel", json!({}))
        .await
        .given(200);
    citizen
        .has_booked("Ann", "registration", HALF_PAST_NINE)
        .await;
}

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

#[tokio::test]
async fn booking_has_a_horizon_and_a_cut_off() {
    let hall = TestHall::start_at("10:00:00").await;
    let citizen = hall.citizen();
    let far = citizen
        .books("Ann", "licence", "weekend-20261212T0900")
        .await;
    assert_eq!(far.refused("too-early")["at"], "2026-11-28T00:00:00+08:00");
    hall.date_to(SATURDAY, "07:00:00").await;
    let late = citizen
        .books("Ann", "licence", NINE)
        .await
        .refused("too-late");
    assert_eq!(late["alternatives"][0]["slot"], HALF_PAST_NINE);
    citizen.has_booked("Ann", "licence", HALF_PAST_NINE).await;
}

#[tokio::test]
async fn a_request_sent_again_books_once() {
    let hall = TestHall::start_at("10:00:00").await;
    let someone = hall.someone();
    let (key, path) = (fresh_key(), "/halls/zhuzhou/appointments");
    let body = json!({ "service": "licence", "slot": NINE, "person": person("Ann") });
    let first = someone.posts_as(&key, path, &body).await;
    Booking::of(&first);
    let again = someone.posts_as(&key, path, &body).await;
    assert_eq!((again.status, again.text()), (201, first.text()));
    let other = json!({ "service": "licence", "slot": TEN, "person": person("Ann") });
    let reused = someone.posts_as(&key, path, &other).await;
    assert_eq!(reused.status, 422);
    reused.refused("key-reused");
    assert_eq!(hall.citizen().free("licence", NINE).await, 3);

    let (key, path) = (fresh_key(), "/halls/zhuzhou/holds");
    let body = json!({ "service": "exam", "slot": TEN });
    let first = someone.posts_as(&key, path, &body).await;
    let again = someone.posts_as(&key, path, &body).await;
    assert_eq!((first.status, first.text()), (again.status, again.text()));
    assert_eq!(hall.citizen().free("exam", TEN).await, 3);
}

#[tokio::test]
async fn what_makes_no_sense_is_named() {
    let hall = TestHall::start_at("10:00:00").await;
    let someone = hall.someone();
    let sound = json!({ "service": "licence", "slot": NINE, "person": person("Ann") });
    let books = async |pointer: &str, value: Value| {
        let mut body = sound.clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[field] = value;
        someone.posts("/halls/zhuzhou/appointments", body).await
    };
    for (pointer, value) in [
        ("/service", json!("alchemy")),
        ("/service", json!("A L")),
        ("/slot", json!("weekend")),
        ("/slot", json!("weekend-20261328T0900")),
        ("/places", json!(0)),
        ("/places", json!(4)),
        ("/cases", json!(100)),
        ("/hold", json!("short")),
        ("/needs", json!(["a pony"])),
        ("/person/name", json!("  ")),
        ("/person/name", json!("n".repeat(101))),
        ("/person/phone", json!("12345")),
        ("/person/phone", json!("call me maybe 1234567")),
        ("/person/id_number", json!("1")),
        ("/person/document", json!("library card")),
        ("/person/nickname", json!("Annie")),
    ] {
        let fields = books(pointer, value.clone()).await.wrong_fields();
        let place = fields[0].trim_end_matches("/0");
        assert_eq!(place, pointer, "{value}");
    }
    for gone in [
        "weekend-20261128T0910",
        "weekday-20261128T0900",
        "weekend-20261127T0900",
    ] {
        books("/slot", json!(gone)).await.refused("not-found");
    }
    books("/service", json!("fine")).await.refused("not-found"); // not in the weekend's rule

    let slots = async |query: &str| someone.gets(&format!("/halls/zhuzhou/slots?{query}")).await;
    slots("service=alchemy").await.refused("not-found");
    slots("from=2026-11-28").await.refused("validation");
    slots("service=licence&from=saturday")
        .await
        .refused("validation");
    let booked = hall.citizen().has_booked("Ann", "licence", NINE).await;
    let citizen = hall.citizen();
    let moved = citizen.does(&booked.token, "move", json!({})).await;
    assert_eq!(moved.wrong_fields(), ["/slot"]);
    citizen
        .does(&booked.token, "juggle", json!({}))
        .await
        .refused("not-found");
    citizen
        .does("AAAAAAAAAAAAAAAAAAAAAAAA", "cancel", json!({}))
        .await
        .refused("not-found");
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
    assert_eq!(hall.citizen().free("licence", NINE).await, 0);
}

/// Hard matters, and agents with many: several places, side by side or in a row.
#[tokio::test]
async fn several_places_are_booked_as_one() {
    let hall = TestHall::start_at("10:00:00").await;
    let citizen = hall.citizen();
    let manager = hall.manager().await;
    let two_in_a_row =
        |plan: &mut Value| plan["appointments"][0]["takes"] = json!({ "registration": 2 });
    manager.changes_plan(two_in_a_row).await;
    let hard = citizen.books("Ann", "registration", NINE).await.given(201);
    assert_eq!(hard["ends_at"], "2026-11-28T10:00:00+08:00");
    let free = async |slot: &str| citizen.free("licence", slot).await;
    assert_eq!(
        (
            free(NINE).await,
            free(HALF_PAST_NINE).await,
            free(TEN).await
        ),
        (3, 3, 4)
    );
    let agent = json!({ "service": "licence", "slot": NINE, "places": 3, "cases": 3 });
    let agent = citizen.books_with("Agent", agent).await.given(201);
    assert_eq!(agent["places"], 3);
    assert_eq!(free(NINE).await, 0);
    // half of the row is full, so the row is
    citizen
        .books("Bob", "registration", NINE)
        .await
        .refused("slot-full");
}

/// A hall for real where officer 1024 goes to people's homes on Tuesdays.
struct Visiting {
    hall: TestHall,
    manager: Manager,
    usher: Someone,
    kiosk: Someone,
    goes: Someone,
    stays: Someone,
}

async fn a_hall_that_visits() -> Visiting {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    staff
        .manager
        .creates("1025", "officer", Some("zhuzhou"))
        .await;
    let home = json!({
        "id": "home", "kind": "home_visit", "services": ["licence"], "weekdays": ["Tue"],
        "hours": "09:00-12:00", "slot_minutes": 60, "places": 1, "officers": ["1024"]
    });
    let also_visits = |plan: &mut Value| plan["appointments"].as_array_mut().unwrap().push(home);
    staff.manager.changes_plan(also_visits).await;
    Visiting {
        stays: hall.signs_in("1025", PIN).await,
        goes: staff.officer.0,
        usher: staff.usher.0,
        kiosk: staff.kiosk.0,
        manager: staff.manager,
        hall,
    }
}

const TUESDAY: &str = "2026-11-24";
const VISIT: &str = "home-20261124T0900";

#[tokio::test]
async fn only_who_goes_there_learns_the_address() {
    let visiting = a_hall_that_visits().await;
    let citizen = visiting.hall.citizen();
    let mut wish = json!({ "service": "licence", "slot": VISIT });
    let homeless = citizen.books_with("王秀英", wish.clone()).await;
    assert_eq!(homeless.wrong_fields(), ["/address"]);
    wish["address"] = json!("天元区珠江南路 1 号");
    wish["booker"] = person("王小明");
    let visit = Booking::of(&citizen.books_with("王秀英", wish).await);

    let list = async |who: &Someone, query: &str| {
        let path = format!("/halls/zhuzhou/appointments?date={TUESDAY}{query}");
        who.gets(&path).await.given(200)["appointments"].clone()
    };
    let told = async |who: &Someone| {
        let line = list(who, "").await[0].clone();
        assert_eq!(
            (&line["code"], &line["name"]),
            (&json!(visit.code), &json!("王秀英"))
        );
        (
            line["phone"].as_str().unwrap().contains('*'),
            line["address"].is_string(),
        )
    };
    assert_eq!(told(&visiting.goes).await, (false, true));
    assert_eq!(told(&visiting.stays).await, (true, false));
    assert_eq!(told(&visiting.usher).await, (true, false));
    assert_eq!(told(&visiting.manager.0).await, (false, true));
    assert_eq!(list(&visiting.usher, "&officer=1025").await, json!([]));

    // the manager sends somebody else
    let path = |action: &str| format!("/halls/zhuzhou/appointments/{}/{action}", visit.code);
    let other = json!({ "officer": "1025" });
    let by_usher = visiting.usher.posts(&path("assign"), other.clone()).await;
    assert_eq!(
        (
            by_usher.status,
            by_usher.refused("forbidden")["status"].as_u64()
        ),
        (403, Some(403))
    );
    let assigned = visiting.manager.0.posts(&path("assign"), other).await;
    assert_eq!(assigned.given(200)["appointments"][0]["officer"], "1025");
    assert_eq!(told(&visiting.goes).await, (true, false));
    assert_eq!(told(&visiting.stays).await, (false, true));

    let kiosk = Kiosk(visiting.kiosk);
    visiting.hall.date_to(TUESDAY, "08:50:00").await;
    kiosk
        .checks_in(visit.by_code())
        .await
        .refused("wrong-stage");
    let done = json!({ "outcome": "done", "note": "证件已交本人" });
    let by_manager = visiting
        .manager
        .0
        .posts(&path("visited"), done.clone())
        .await;
    by_manager.refused("forbidden");
    visiting
        .stays
        .posts(&path("visited"), done)
        .await
        .given(200);
    assert_eq!(citizen.standing(&visit.token).await, "visited");
}

#[tokio::test]
async fn the_list_of_a_day_shows_half_a_telephone_number() {
    let visiting = a_hall_that_visits().await;
    let citizen = visiting.hall.citizen();
    let ann = citizen.has_booked("Ann", "licence", NINE).await;
    citizen.has_booked("Bob", "exam", TEN).await;
    let path = format!("/halls/zhuzhou/appointments?date={SATURDAY}");
    let phone = person("Ann")["phone"].as_str().unwrap().to_string();
    for who in [&visiting.goes, &visiting.usher, &visiting.manager.0] {
        let list = who.gets(&path).await.given(200);
        let lines = list["appointments"].as_array().unwrap();
        let names: Vec<&str> = lines
            .iter()
            .map(|line| line["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["Ann", "Bob"]);
        let masked = format!("{}****{}", &phone[..3], &phone[7..]);
        assert_eq!(lines[0]["phone"], masked);
        assert!(
            !list.to_string().contains("430204"),
            "a document's number is not kept: {list}"
        );
    }
    assert_eq!(visiting.kiosk.gets(&path).await.status, 403);
    assert_eq!(visiting.hall.someone().gets(&path).await.status, 401);

    // staff cancel for whoever telephones, but not the officers
    let cancel = format!("/halls/zhuzhou/appointments/{}/cancel", ann.code);
    let reason = json!({ "reason": "电话取消" });
    visiting
        .goes
        .posts(&cancel, reason.clone())
        .await
        .refused("forbidden");
    visiting
        .usher
        .posts(&cancel, reason.clone())
        .await
        .given(200);
    assert_eq!(citizen.standing(&ann.token).await, "cancelled");
    visiting
        .usher
        .posts(&cancel, reason)
        .await
        .refused("wrong-stage");
}

#[tokio::test]
async fn the_usher_books_for_whoever_asks_and_checks_in_for_whoever_cannot() {
    let visiting = a_hall_that_visits().await;
    let body = json!({ "service": "licence", "slot": NINE, "person": person("Ann") });
    let reply = visiting
        .usher
        .posts("/halls/zhuzhou/appointments", body)
        .await;
    let ann = Booking::of(&reply);
    visiting.hall.date_to(SATURDAY, "08:45:00").await;
    let path = "/halls/zhuzhou/check-ins";
    let officer = Officer(visiting.goes);
    assert_eq!(officer.0.posts(path, ann.by_code()).await.status, 403);
    assert_eq!(
        visiting
            .hall
            .someone()
            .posts(path, ann.by_code())
            .await
            .status,
        401
    );
    assert_eq!(
        visiting.usher.posts(path, ann.by_code()).await.number(),
        "F001"
    );
}

/// A person whose every word would be noticed.
fn marked() -> Value {
    json!({ "name": "欧阳墨涵", "phone": "13987650123", "id_number": "430204197512129876" })
}

/// Everything that must not be found, as it was said.
const MARKS: [&str; 6] = [
    "欧阳墨涵",
    "13987650123",
    "430204197512129876",
    "诸葛云帆",
    "13765432109",
    "珠江南路九百九十九号",
];

/// Books, moves, waits, checks in and cancels as that person, and hands over everything there is to know.
async fn a_marked_life(hall: &TestHall) {
    let citizen = hall.citizen();
    let booker =
        json!({ "name": "诸葛云帆", "phone": "13765432109", "id_number": "430204199009098765" });
    let books = async |service: &str, slot: &str| {
        let body = json!({
            "service": service, "slot": slot, "person": marked(), "booker": booker,
            "address": "珠江南路九百九十九号"
        });
        Booking::of(&citizen.0.posts("/halls/zhuzhou/appointments", body).await)
    };
    let licence = books("licence", NINE).await;
    citizen
        .moves(&licence.token, HALF_PAST_NINE)
        .await
        .given(200);
    let exam = books("exam", TEN).await;
    citizen
        .does(&exam.token, "cancel", json!({}))
        .await
        .given(200);
    let kiosk = hall.kiosk().await;
    let numbered = json!({ "service": "fine", "person": marked()["id_number"] });
    kiosk.takes_with(numbered).await.given(201);
    hall.date_to(SATURDAY, "09:15:00").await;
    let by_document = json!({ "id_number": marked()["id_number"] });
    kiosk.checks_in(by_document).await.given(201);
    // staff can read it, so it is there
    let path = format!("/halls/zhuzhou/appointments?date={SATURDAY}");
    let list = hall.usher().await.0.gets(&path).await;
    assert!(list.text().contains("欧阳墨涵"), "{}", list.text());
}

#[tokio::test]
async fn the_store_file_names_nobody() {
    let hall = TestHall::start_at("10:00:00").await;
    a_marked_life(&hall).await;
    let folder = hall.stop().await;
    names_nobody(&bytes_below(folder.path()));
}

#[tokio::test]
async fn the_stream_in_redis_names_nobody() {
    let redis = TestRedis::start();
    let hall = TestHall::start_as(Start {
        store: Some(redis.url()),
        clock: "10:00:00",
        ..Start::default()
    })
    .await;
    a_marked_life(&hall).await;
    hall.application.stop().await;
    names_nobody(&bytes_below(&redis.directory()));
}

/// Every byte of every file of a store.
fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut folders: Vec<PathBuf> = vec![folder.into()];
    let mut bytes = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => bytes.extend(std::fs::read(path).unwrap()),
            }
        }
    }
    bytes
}

fn names_nobody(store: &[u8]) {
    let holds = |form: &[u8]| store.windows(form.len()).any(|part| part == form);
    assert!(
        holds(HALF_PAST_NINE.as_bytes()),
        "the search finds what is there"
    );
    for mark in MARKS {
        for form in forms(mark) {
            assert!(!holds(form.as_bytes()), "{mark} is in the store as {form}");
        }
    }
}

/// A text as it may stand in a file: itself, escaped, in hex, and in base64 wherever it begins in what was encoded.
fn forms(text: &str) -> Vec<String> {
    let hex = |upper: bool| -> String {
        let byte = |byte: u8| match upper {
            true => format!("{byte:02X}"),
            false => format!("{byte:02x}"),
        };
        text.bytes().map(byte).collect()
    };
    let escaped = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    let mut forms = vec![text.to_string(), hex(true), hex(false), escaped.collect()];
    for before in 0..3 {
        let bytes = [&vec![b' '; before], text.as_bytes()].concat();
        // the first and last characters also hold bits of what stands beside the text
        let inner = before * 8 / 6 + usize::from(before > 0)..(bytes.len() * 8 / 6);
        for encoded in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            forms.push(encoded[inner.clone()].to_string());
        }
    }
    forms
}
