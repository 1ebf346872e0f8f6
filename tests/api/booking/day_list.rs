//! /halls/{hall}/appointments?date=…: the staff's list of a day, visits at home among it, and what staff do with it.

use crate::support::bookings::{NINE, SATURDAY, TEN};
use crate::support::{Booking, Kiosk, Manager, Officer, PIN, Someone, TestHall, person};
use serde_json::{Value, json};

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
    // somebody else was not there, and a manager says why he speaks for the officer
    let by_other = visiting.goes.posts(&path("visited"), done.clone()).await;
    by_other.refused("forbidden");
    let without_reason = json!({ "outcome": "done" });
    let by_manager = visiting
        .manager
        .0
        .posts(&path("visited"), without_reason)
        .await;
    assert_eq!(by_manager.wrong_fields(), ["/note"]);
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
