//! /halls/{hall}/slots and /halls/{hall}/appointments: looking, booking, cancelling.

use crate::support::bookings::{HALF_PAST_NINE, NINE, SATURDAY, TEN, hall_with_places};
use crate::support::{Booking, TestHall, fresh_key, person};
use serde_json::{Value, json};

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

/// Back, another telephone number, and Send once more: the page once spoke of a "request number", and a citizen who was
/// booked thought that he was not.
#[tokio::test]
async fn a_form_that_is_sent_again_after_back_leads_to_the_booking() {
    let hall = TestHall::start_at("10:00:00").await;
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let sends = async |path: &str, fields: &[(&str, &str)]| {
        let request = browser
            .post(format!("{}{path}", hall.url))
            .header("origin", &hall.url)
            .header("accept", "text/html")
            .header("content-type", "application/x-www-form-urlencoded");
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(fields).finish();
        request.body(body).send().await.unwrap()
    };
    let form = |phone: &'static str| {
        [
            ("idempotency_key", "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"),
            ("service", "licence"),
            ("slot", NINE),
            ("name", "王小明"),
            ("phone", phone),
            ("document", "resident_id"),
            ("id_number", "11010519491231002X"),
        ]
    };
    let place = |answer: &reqwest::Response| {
        assert_eq!(answer.status(), 303);
        answer.headers()["location"].to_str().unwrap().to_string()
    };
    let first = place(&sends("/zhuzhou/book", &form("13800000009")).await);
    let again = place(&sends("/zhuzhou/book", &form("13800000010")).await);
    assert_eq!(again, format!("{first}?again"));
    let page = browser
        .get(format!("{}{again}", hall.url))
        .send()
        .await
        .unwrap();
    let page = page.text().await.unwrap();
    assert!(
        page.contains("已经预约成功") && !page.contains("请求编号"),
        "{page}"
    );
    // the same once more is the same booking, and nobody has two
    assert_eq!(
        place(&sends("/zhuzhou/book", &form("13800000009")).await),
        first
    );
    assert_eq!(hall.citizen().free("licence", NINE).await, 3);

    let takes = |service: &'static str| {
        [
            ("idempotency_key", "tttttttttttttttttttttt"),
            ("service", service),
        ]
    };
    let number = place(&sends("/zhuzhou/take", &takes("fine")).await);
    assert_eq!(
        place(&sends("/zhuzhou/take", &takes("licence")).await),
        number
    );
}
