//! Near closing: whoever could do it on the phone is shown that first, and whoever takes a number is served.

use crate::support::{Kiosk, MONDAY, Officer, TestHall, fresh_key, until};
use serde_json::{Value, json};

fn ways(problem: &Value) -> Vec<&str> {
    let ways = problem["alternatives"].as_array().unwrap();
    ways.iter()
        .map(|way| way["kind"].as_str().unwrap())
        .collect()
}

fn way<'a>(problem: &'a Value, kind: &str) -> &'a Value {
    let ways = problem["alternatives"].as_array().unwrap();
    ways.iter()
        .find(|way| way["kind"] == kind)
        .unwrap_or_else(|| panic!("no {kind} in {problem}"))
}

/// What the manager sees of a service: how many were led elsewhere, how many insisted.
async fn redirects(hall: &TestHall, service: &str) -> (u64, u64) {
    let day = hall.manager().await.day(MONDAY).await;
    let counted = &day["redirects"][service];
    let count = |name: &str| counted[name].as_u64().unwrap_or(0);
    (count("redirected"), count("insisted"))
}

#[tokio::test]
async fn at_half_past_four_the_app_comes_first() {
    let hall = TestHall::start_at("16:29:59").await;
    let kiosk = hall.kiosk().await;
    assert_eq!(kiosk.takes("licence").await.number(), "F001");

    hall.clock_to("16:30:00").await;
    let redirected = kiosk.takes("licence").await;
    assert_eq!(redirected.status, 409);
    let problem = redirected.refused("redirect");
    assert_eq!(problem["reason"], "near-closing");
    assert_eq!(problem["may_insist"], true);
    assert_eq!(problem["opens_at"], "2026-11-24T08:50:00+08:00");
    let kinds = ways(&problem);
    assert_eq!(
        kinds[..4],
        ["app", "appointment", "appointment", "appointment"]
    );
    assert_eq!(kinds.last(), Some(&"hotline"));
    let app = way(&problem, "app");
    assert_eq!(app["title"]["zh"], "交管12123");
    assert_eq!(app["url"], "https://gab.122.gov.cn");
    assert_eq!(app["qr"], "/zhuzhou/services/licence/qr.svg");
    let free = way(&problem, "appointment");
    assert_eq!(free["slot"], "weekend-20261128T0900");
    assert_eq!(way(&problem, "hotline")["url"], "tel:12123");

    // what cannot be done on a phone is issued until closing
    assert_eq!(kiosk.takes("registration").await.number(), "U001");
    assert_eq!(kiosk.takes("other").await.number(), "H001");
    hall.clock_to("16:59:59").await;
    assert_eq!(kiosk.takes("registration").await.number(), "U002");
    hall.clock_to("17:00:00").await;
    let closed = kiosk.takes("registration").await.refused("redirect");
    assert_eq!(closed["reason"], "closed");
    assert_eq!(redirects(&hall, "licence").await, (1, 0));
}

#[tokio::test]
async fn whoever_insists_gets_a_number() {
    let hall = TestHall::start_at("16:30:00").await;
    let kiosk = hall.kiosk().await;
    kiosk.takes("fine").await.refused("redirect");
    assert_eq!(kiosk.insists_on("fine").await.number(), "A001");
    let no_smartphone = json!({ "service": "fine", "no_smartphone": true });
    assert_eq!(kiosk.takes_with(no_smartphone).await.number(), "A002");
    let elderly = json!({ "service": "fine", "class": "elderly" });
    let asked = kiosk.takes_with(elderly).await.refused("redirect");
    assert_eq!(asked["may_insist"], true);
    let insisting = json!({ "service": "fine", "class": "elderly", "insist": true });
    assert_eq!(kiosk.takes_with(insisting).await.number(), "A003");
    // the usher stands before people: nobody is sent away to be asked again
    let usher = hall.usher().await;
    let in_line = json!({ "service": "fine", "reason": "已在排队" });
    assert_eq!(usher.does("issue", in_line).await.number(), "A004");
    assert_eq!(redirects(&hall, "fine").await, (2, 3));
}

#[tokio::test]
async fn a_hall_may_require_the_app_but_not_of_everybody() {
    let hall = TestHall::start_at("16:00:00").await;
    let (kiosk, manager) = (hall.kiosk().await, hall.manager().await);
    manager
        .changes_plan(|plan| plan["policy"]["redirect"] = json!("require"))
        .await;
    hall.clock_to("16:30:00").await;
    let problem = kiosk.takes("fine").await.refused("redirect");
    assert_eq!(problem["may_insist"], false);
    let insisting = kiosk.insists_on("fine").await.refused("redirect");
    assert_eq!(insisting["may_insist"], false);
    for (index, class) in ["elderly", "disabled", "pregnant", "military"]
        .iter()
        .enumerate()
    {
        let wish = json!({ "service": "fine", "class": class });
        let asked = kiosk.takes_with(wish).await.refused("redirect");
        assert_eq!(asked["may_insist"], true, "{class}");
        let wish = json!({ "service": "fine", "class": class, "insist": true });
        let number = format!("A00{}", index + 1);
        assert_eq!(kiosk.takes_with(wish).await.number(), number, "{class}");
    }
    // 没有智能手机: is never questioned
    let no_smartphone = json!({ "service": "fine", "no_smartphone": true });
    assert_eq!(kiosk.takes_with(no_smartphone).await.number(), "A005");
    assert_eq!(kiosk.takes("registration").await.number(), "U001");
}

#[tokio::test]
async fn before_the_break_there_is_a_later_today() {
    let hall = TestHall::start_at("11:29:59").await;
    let kiosk = hall.kiosk().await;
    assert_eq!(kiosk.takes("fine").await.number(), "A001");
    hall.clock_to("11:30:00").await;
    let problem = kiosk.takes("fine").await.refused("redirect");
    assert_eq!(problem["reason"], "near-closing");
    assert_eq!(problem["opens_at"], "2026-11-23T13:20:00+08:00");
    let later = way(&problem, "later_today");
    assert_eq!(later["starts_at"], "2026-11-23T13:20:00+08:00");
    assert_eq!(
        later["title"],
        json!({ "zh": "今天13:20起取号", "en": "Today from 13:20" })
    );
    assert_eq!(ways(&problem)[..2], ["app", "later_today"]);
    hall.clock_to("13:20:00").await;
    assert_eq!(kiosk.takes("fine").await.number(), "A002");
}

/// A redirect is an event, so a request that is sent again is not counted again; insisting is a request of its own.
#[tokio::test]
async fn a_redirect_sent_again_is_answered_again() {
    let hall = TestHall::start_at("16:45:00").await;
    let kiosk = hall.kiosk().await.0;
    let (key, path) = (fresh_key(), "/halls/zhuzhou/tickets");
    let body = json!({ "service": "fine" });
    let first = kiosk.posts_as(&key, path, &body).await;
    first.refused("redirect");
    let again = kiosk.posts_as(&key, path, &body).await;
    assert_eq!((again.status, again.text()), (409, first.text()));
    assert_eq!(redirects(&hall, "fine").await, (1, 0));
    let insisting = json!({ "service": "fine", "insist": true });
    let reused = kiosk.posts_as(&key, path, &insisting).await;
    assert_eq!(reused.status, 422);
    reused.refused("key-reused");
    assert_eq!(kiosk.posts(path, insisting).await.number(), "A001");
}

/// So many fines that window 1, which needs ten minutes for each, would still call people after half past five.
#[tokio::test]
async fn a_long_line_brings_near_closing_early_and_more_windows_end_it() {
    let hall = TestHall::start_at("13:30:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    ten_fines_of_ten_minutes(&hall, &kiosk, &officer).await;
    hall.clock_to("15:30:00").await;
    // twelve who wait are two hours: until half past five, and not longer
    for _ in 0..12 {
        kiosk.gives("fine").await;
    }
    let phase = async || hall.shows().await["services"][0]["phase"].clone();
    assert_eq!(phase().await, "open");
    kiosk.gives("fine").await;
    until("near closing begins", async || {
        phase().await == "near_closing"
    })
    .await;
    let problem = kiosk.takes("fine").await.refused("redirect");
    assert_eq!(problem["reason"], "forecast");
    assert_eq!(problem["may_insist"], true);
    assert_eq!(ways(&problem)[0], "app");
    assert_eq!(hall.shows().await["phase"], "open", "the others go on");
    assert_eq!(kiosk.takes("licence").await.number(), "F001");

    for window in [2, 6] {
        officer.opens(window).await.given(200);
    }
    until("near closing is over", async || phase().await == "open").await;
    assert_eq!(kiosk.takes("fine").await.number(), "A024");
}

async fn ten_fines_of_ten_minutes(hall: &TestHall, kiosk: &Kiosk, officer: &Officer) {
    for index in 0..10 {
        let begins = 13 * 60 + 30 + index * 10;
        let clock = |minutes: u32| format!("{:02}:{:02}:00", minutes / 60, minutes % 60);
        hall.clock_to(&clock(begins)).await;
        kiosk.gives("fine").await;
        officer.calls_next(1).await.given(200);
        officer.starts(1).await.given(200);
        hall.clock_to(&clock(begins + 10)).await;
        officer.finishes(1).await.given(200);
    }
}

#[tokio::test]
async fn everyone_who_insisted_is_served_before_the_day_closes() {
    let hall = TestHall::start_at("16:40:00").await;
    let (kiosk, officer, manager) = (
        hall.kiosk().await,
        hall.officer().await,
        hall.manager().await,
    );
    officer.opens(1).await.given(200);
    let mut tokens = Vec::new();
    for clock in ["16:40:00", "16:50:00", "16:59:59"] {
        hall.clock_to(clock).await;
        kiosk.takes("fine").await.refused("redirect");
        tokens.push(kiosk.gives_who_insists("fine").await);
    }
    hall.clock_to("17:05:00").await;
    assert_eq!(hall.shows().await["phase"], "serving_out");
    let stranded = officer.closes(1).await.refused("would-strand");
    assert_eq!(stranded["tickets"], json!(["A001", "A002", "A003"]));
    for (clock, number) in [
        ("17:05:00", "A001"),
        ("17:10:00", "A002"),
        ("17:15:00", "A003"),
    ] {
        hall.clock_to(clock).await;
        assert_eq!(manager.day(MONDAY).await["closing"], Value::Null);
        assert_eq!(officer.serves_next(1).await, number);
    }
    until("the day is closed", async || {
        !manager.day(MONDAY).await["closing"].is_null()
    })
    .await;
    let closing = &manager.day(MONDAY).await["closing"];
    assert_eq!(
        (&closing["issued"], &closing["served"], &closing["unserved"]),
        (&json!(3), &json!(3), &json!(0))
    );
    for token in tokens {
        assert_eq!(hall.holder().stage(&token).await, "served");
    }
    assert_eq!(redirects(&hall, "fine").await, (3, 3));
}
