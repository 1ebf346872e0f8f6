//! A wait is said only when it is known: otherwise every surface says why it is not.

use crate::support::{TestHall, send};
use reqwest::Method;
use serde_json::{Value, json};

fn of_fine<'a>(list: &'a Value, key: &str) -> &'a Value {
    let list = list.as_array().unwrap();
    list.iter().find(|each| each[key] == "fine").unwrap()
}

/// The reason that every answer about this ticket and its service gives, `known` where there is a range. They agree.
async fn told(hall: &TestHall, token: &str) -> String {
    let someone = hall.someone();
    let kiosk = someone.gets("/halls/zhuzhou").await.given(200);
    let board = someone.gets("/halls/zhuzhou/board").await.given(200);
    let ticket = hall.holder().sees(token).await;
    let told = [
        of_fine(&kiosk["services"], "id"),
        of_fine(&board["waiting"], "service"),
        &ticket,
    ];
    let reasons = told.map(|each| match (&each["wait"], &each["wait_unknown"]) {
        (Value::Null, unknown) => unknown["reason"].as_str().unwrap().to_string(),
        (wait, Value::Null) => {
            assert!(wait["low"].as_u64() <= wait["high"].as_u64(), "{wait}");
            "known".to_string()
        }
        both => panic!("a range and a reason: {both:?}"),
    });
    assert!(
        reasons.iter().all(|each| *each == reasons[0]),
        "{reasons:?}"
    );
    reasons[0].clone()
}

/// The pages that anybody may open say it in words, and none of them a figure or that there is no wait.
async fn pages_say(hall: &TestHall, token: &str, words: &str) {
    for path in [
        format!("/t/{token}"),
        "/zhuzhou/take".into(),
        "/zhuzhou/guide/fine-pay".into(),
        "/".into(),
    ] {
        let page = send(hall.someone().request(Method::GET, &path)).await;
        let text = page.text();
        assert!(text.contains(words), "{path}: {text}");
        assert!(!text.contains("about 0"), "{path}");
    }
}

#[tokio::test]
async fn a_wait_is_said_only_while_somebody_is_at_work() {
    let hall = TestHall::start_at("08:52:00").await;
    let (kiosk, officer, manager) = (
        hall.kiosk().await,
        hall.officer().await,
        hall.manager().await,
    );
    for _ in 0..11 {
        kiosk.gives("fine").await;
    }
    // before the doors the plan is what one knows
    let token = kiosk.gives("fine").await;
    assert_eq!(told(&hall, &token).await, "known");

    hall.clock_to("09:00:00").await;
    assert_eq!(told(&hall, &token).await, "nobody-at-work");
    pages_say(&hall, &token, "no staff yet").await;
    let taken = kiosk.takes("fine").await.given(201);
    assert_eq!(taken["wait"], Value::Null);
    assert_eq!(taken["wait_unknown"]["reason"], "nobody-at-work");
    let stays = hall.holder().sees(&token).await;
    assert_eq!(
        (&stays["be_back_by"], &stays["windows"]),
        (&Value::Null, &json!(0))
    );

    officer.opens(1).await.given(200);
    assert_eq!(told(&hall, &token).await, "known");
    // a short break changes nothing, a longer one does
    officer
        .does(1, "pause", json!({ "reason": "喝水" }))
        .await
        .given(200);
    assert_eq!(told(&hall, &token).await, "known");
    hall.clock_to("09:02:59").await;
    assert_eq!(told(&hall, &token).await, "known");
    hall.clock_to("09:03:00").await;
    assert_eq!(told(&hall, &token).await, "on-break");
    pages_say(&hall, &token, "on a break").await;
    // a window that does other things is no help
    officer.opens(3).await.given(200);
    assert_eq!(told(&hall, &token).await, "on-break");
    officer.does(1, "resume-window", json!({})).await.given(200);
    assert_eq!(told(&hall, &token).await, "known");

    manager
        .does("pause", json!({ "reason": "系统故障" }))
        .await
        .given(200);
    assert_eq!(told(&hall, &token).await, "calling-paused");
    manager.does("resume", json!({})).await.given(200);
    assert_eq!(told(&hall, &token).await, "known");
}

#[tokio::test]
async fn nobody_waits_where_no_numbers_are_given_out() {
    let hall = TestHall::start_at("12:30:00").await;
    let board = hall.someone().gets("/halls/zhuzhou/board").await.given(200);
    let fine = of_fine(&board["waiting"], "service");
    assert_eq!(fine["wait"], Value::Null);
    assert_eq!(fine["wait_unknown"]["reason"], "no-numbers");
}

#[tokio::test]
async fn another_hall_is_named_only_if_somebody_works_there() {
    let hall = TestHall::start_at("09:30:00").await;
    let (kiosk, manager) = (hall.kiosk().await, hall.manager().await);
    let stopped = json!({ "service": "fine", "reason": "系统检修" });
    manager.does("suspend", stopped).await.given(200);
    let halls = async || -> Vec<Value> {
        let refused = kiosk.takes("fine").await.refused("not-open");
        let ways = refused["alternatives"].as_array().unwrap().clone();
        ways.into_iter()
            .filter(|way| way["kind"] == "hall")
            .collect()
    };
    assert_eq!(halls().await, Vec::<Value>::new());

    let officer = hall.opens_in("lusong", 1).await;
    let named = halls().await;
    assert_eq!(named.len(), 1, "{named:?}");
    assert!(named[0]["wait"]["high"].is_u64(), "{named:?}");

    let pause = "/halls/lusong/windows/1/pause";
    let meeting = json!({ "reason": "开会" });
    officer.posts(pause, meeting).await.given(200);
    hall.clock_to("09:40:00").await;
    assert_eq!(halls().await, Vec::<Value>::new());
}

/// Once no more numbers come, each holder is told of his own end and not of the hall's, and nothing while he is served.
#[tokio::test]
async fn the_promise_near_closing_is_the_holders_own() {
    let hall = TestHall::start_at("16:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    let mut tokens = Vec::new();
    for _ in 0..20 {
        tokens.push(kiosk.gives("fine").await);
    }
    officer.calls_next(1).await.given(200);
    hall.clock_to("16:31:00").await;
    let done_by = async |token: &str| hall.holder().sees(token).await["done_by"].clone();
    let of = [&tokens[0], &tokens[1], &tokens[19]];
    let [served, next, last] = [
        done_by(of[0]).await,
        done_by(of[1]).await,
        done_by(of[2]).await,
    ];
    assert_eq!(served, Value::Null);
    assert!(
        next.as_str().unwrap() < last.as_str().unwrap(),
        "{next} {last}"
    );
}
