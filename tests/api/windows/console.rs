//! What a console needs beside the actions: a visit ended is the one that was meant, who passed a citizen on and why,
//! whom a sign-off would leave, the line for paper, and the way to the rating.

use crate::support::TestHall;
use serde_json::json;

#[tokio::test]
async fn a_key_pressed_for_one_visit_does_not_end_the_next() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(3).await.given(200);
    kiosk.gives("licence").await;
    kiosk.gives("licence").await;
    officer.calls_next(3).await.given(200);
    let of_first = json!({ "number": "F001" });
    let both = "finish-and-call-next";
    let next = officer.does(3, both, of_first.clone()).await;
    assert_eq!(next.ticket(), "F002 called");
    for late in [both, "finish"] {
        let refused = officer.does(3, late, of_first.clone()).await;
        refused.refused("wrong-stage");
    }
    assert_eq!(officer.console(3).await["current"]["number"], "F002");
    officer.finishes(3).await.given(200);
    let idle = officer.does(3, both, of_first).await;
    idle.refused("wrong-stage");
}

#[tokio::test]
async fn whoever_goes_on_reads_who_passed_the_citizen_on_and_why() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(3).await.given(200);
    kiosk.gives("licence").await;
    officer.calls_next(3).await.given(200);
    let exam = json!({ "service": "exam", "note": "已交照片" });
    officer.does(3, "transfer", exam).await.given(200);
    let console = officer.console(3).await;
    assert_eq!(console["next"][0]["passed_on_from"], 3);
    assert_eq!(console["line"][0]["number"], "F001");
    officer.calls_next(3).await.given(200);
    let passed_on = &officer.console(3).await["current"]["passed_on"];
    assert_eq!(passed_on, &json!({ "from": 3, "note": "已交照片" }));
}

#[tokio::test]
async fn a_sign_off_is_explained_before_it_is_asked_for() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(3).await.given(200);
    kiosk.gives("exam").await;
    kiosk.gives("exam").await;
    let path = "/halls/zhuzhou/windows/3/sign-off";
    let left = officer.0.gets(path).await.given(200)["left"].clone();
    assert_eq!(left.as_array().map(Vec::len), Some(1));
    assert_eq!(left[0]["service"], "exam");
    assert_eq!(left[0]["numbers"], json!(["C001", "C002"]));
    let elsewhere = left[0]["could_go_to"].as_array().unwrap();
    assert!(!elsewhere.is_empty() && !elsewhere.contains(&json!(3)));
    officer.closes(3).await.refused("would-strand");

    officer.serves_next(3).await;
    officer.serves_next(3).await;
    let left = officer.0.gets(path).await.given(200);
    assert_eq!(left["left"], json!([]));
    officer.closes(3).await.given(200);
    let unknown = officer.0.gets("/halls/zhuzhou/windows/99/sign-off").await;
    unknown.refused("not-found");
}
