//! When numbers are given, and where a citizen is led when none are.

use crate::support::TestHall;
use serde_json::json;

#[tokio::test]
async fn numbers_begin_ten_minutes_before_the_doors() {
    let hall = TestHall::start().await;
    let kiosk = hall.kiosk().await;

    hall.clock_to("08:49:59").await;
    let early = kiosk.takes("fine").await;
    let problem = early.refused("not-open");
    assert_eq!(early.status, 409);
    assert_eq!(problem["reason"], "not-yet");
    assert_eq!(problem["phase"], "closed");
    assert_eq!(problem["opens_at"], "2026-11-23T08:50:00+08:00");
    let ways = problem["alternatives"].as_array().unwrap();
    let kinds: Vec<&str> = ways
        .iter()
        .map(|way| way["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["app", "later_today", "hotline"]);
    assert_eq!(ways[1]["starts_at"], "2026-11-23T08:50:00+08:00");

    hall.clock_to("08:50:00").await;
    let ticket = kiosk.takes("fine").await.given(201);
    assert_eq!(ticket["number"], "A001");
    assert_eq!(ticket["ahead"], 0);
    assert_eq!(ticket["class"], "normal");
    assert_eq!(ticket["taken_at"], "2026-11-23T08:50:00+08:00");
    assert_eq!(
        ticket["page"],
        format!("/t/{}", ticket["token"].as_str().unwrap())
    );
    assert_eq!(kiosk.takes("licence").await.number(), "F001");
    let second = kiosk.takes("fine").await.given(201);
    assert_eq!(
        (&second["number"], &second["ahead"]),
        (&json!("A002"), &json!(1))
    );
}

#[tokio::test]
async fn at_noon_there_is_a_break_and_the_series_goes_on_after_it() {
    let hall = TestHall::start_at("11:59:59").await;
    let kiosk = hall.kiosk().await;
    let morning = kiosk.insists_on("fine").await;
    assert_eq!(morning.number(), "A001");
    hall.holder().cancels(&morning.token()).await.given(200);

    hall.clock_to("12:00:00").await;
    let problem = kiosk.takes("fine").await.refused("not-open");
    assert_eq!(
        (&problem["reason"], &problem["phase"]),
        (&json!("between"), &json!("between"))
    );
    assert_eq!(problem["opens_at"], "2026-11-23T13:20:00+08:00");
    assert_eq!(hall.shows().await["phase"], "between");

    hall.clock_to("13:20:00").await;
    assert_eq!(kiosk.takes("fine").await.number(), "A002");
    assert_eq!(hall.shows().await["phase"], "early_open");
}

#[tokio::test]
async fn those_of_the_morning_are_served_through_the_break() {
    let hall = TestHall::start_at("11:59:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    kiosk.gives_who_insists("fine").await;
    hall.clock_to("12:00:00").await;
    assert_eq!(hall.shows().await["phase"], "serving_out");
    kiosk.takes("fine").await.refused("not-open");
    assert_eq!(officer.calls_next(1).await.ticket(), "A001 called");
    officer.finishes(1).await.given(200);
    assert_eq!(hall.shows().await["phase"], "between");
}

#[tokio::test]
async fn at_five_the_day_is_over_for_whoever_comes_now() {
    let hall = TestHall::start_at("16:59:59").await;
    let kiosk = hall.kiosk().await;
    assert_eq!(kiosk.insists_on("fine").await.number(), "A001");

    hall.clock_to("17:00:00").await;
    let late = kiosk.takes("fine").await;
    let problem = late.refused("redirect");
    assert_eq!(late.status, 409);
    assert_eq!(problem["reason"], "closed");
    assert_eq!(problem["may_insist"], false);
    assert_eq!(problem["opens_at"], "2026-11-24T08:50:00+08:00");
    let kinds: Vec<&str> = problem["alternatives"]
        .as_array()
        .unwrap()
        .iter()
        .map(|way| way["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["app", "hotline"]);
}

#[tokio::test]
async fn weekends_are_for_those_who_booked() {
    let hall = TestHall::start().await;
    let kiosk = hall.kiosk().await;
    hall.date_to("2026-11-28", "09:30:00").await;
    let problem = kiosk.takes("fine").await.refused("not-open");
    assert_eq!(problem["reason"], "appointments-only");
    assert_eq!(problem["opens_at"], "2026-11-30T08:50:00+08:00");
}

#[tokio::test]
async fn a_make_up_saturday_works_as_a_monday() {
    let hall = TestHall::start().await;
    let (kiosk, manager) = (hall.kiosk().await, hall.manager().await);
    let (mut plan, tag) = manager.plan().await;
    plan["special_days"] = json!([{ "date": "2026-11-28", "as": "monday" }]);
    manager.adopts(&plan, &tag).await.given(200);

    hall.date_to("2026-11-28", "15:00:00").await;
    assert_eq!(kiosk.takes("fine").await.number(), "A001");
}

#[tokio::test]
async fn a_day_off_says_when_the_hall_opens_again() {
    let hall = TestHall::start().await;
    let (kiosk, manager) = (hall.kiosk().await, hall.manager().await);
    let (mut plan, tag) = manager.plan().await;
    plan["special_days"] =
        json!([{ "date": "2026-11-24", "name": { "zh": "停电检修", "en": "Power works" } }]);
    manager.adopts(&plan, &tag).await.given(200);

    hall.date_to("2026-11-24", "10:00:00").await;
    hall.opens_in("lusong", 1).await;
    let problem = kiosk.takes("fine").await.refused("not-open");
    assert_eq!(problem["reason"], "day-off");
    assert_eq!(problem["opens_at"], "2026-11-25T08:50:00+08:00");
    let ways = problem["alternatives"].as_array().unwrap();
    let elsewhere = ways.iter().find(|way| way["kind"] == "hall").unwrap();
    assert_eq!(elsewhere["url"], "/lusong/kiosk");
}

#[tokio::test]
async fn a_phone_takes_a_number_only_if_the_plan_allows_it() {
    let hall = TestHall::start_at("09:00:00").await;
    let manager = hall.manager().await;
    let phone = hall.someone();
    let body = json!({ "service": "fine" });
    phone
        .posts("/halls/zhuzhou/tickets", body.clone())
        .await
        .given(201);

    let (mut plan, tag) = manager.plan().await;
    plan["policy"]["phone_tickets"] = json!(false);
    manager.adopts(&plan, &tag).await.given(200);
    let refused = phone.posts("/halls/zhuzhou/tickets", body).await;
    assert_eq!(refused.status, 401);
    refused.refused("unauthorized");
}

#[tokio::test]
async fn a_class_and_a_stated_need_are_kept() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await;
    let wish =
        json!({ "service": "fine", "class": "elderly", "party": 2, "cases": 3, "language": "en" });
    let ticket = kiosk.takes_with(wish).await.given(201);
    assert_eq!(ticket["class"], "elderly");
    let officer = hall.officer().await;
    officer.opens(1).await.given(200);
    officer.calls_next(1).await.given(200);
    let current = &officer.console(1).await["current"];
    assert_eq!(
        (&current["party"], &current["cases"], &current["language"]),
        (&json!(2), &json!(3), &json!("en"))
    );
}

#[tokio::test]
async fn a_service_that_asks_who_you_are_gives_one_number_a_person() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, manager) = (hall.kiosk().await, hall.manager().await);
    let (mut plan, tag) = manager.plan().await;
    plan["services"][0]["identify"] = json!(true);
    manager.adopts(&plan, &tag).await.given(200);

    let wish = json!({ "service": "fine", "person": "430204 19500101 018x" });
    assert_eq!(kiosk.takes_with(wish).await.number(), "A001");
    let same = json!({ "service": "fine", "person": "43020419500101018X" });
    kiosk.takes_with(same).await.refused("limit-reached");
    let short = json!({ "service": "fine", "person": "1" });
    assert_eq!(kiosk.takes_with(short).await.wrong_fields(), ["/person"]);
}
