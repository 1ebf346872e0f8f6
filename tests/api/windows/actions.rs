//! What an officer does at a window, and what the hall will not let happen there.

use crate::support::TestHall;
use serde_json::json;

#[tokio::test]
async fn a_citizen_is_called_served_and_gone() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    assert_eq!(officer.opens(3).await.ticket(), "nobody");
    let token = kiosk.gives("licence").await;
    assert_eq!(officer.calls_next(3).await.ticket(), "F001 called");
    assert_eq!(hall.holder().sees(&token).await["window"], 3);
    assert_eq!(officer.starts(3).await.ticket(), "F001 serving");
    let done = json!({ "outcome": "done", "fees": "10.50", "cases": 2, "note": "换证" });
    assert_eq!(officer.does(3, "finish", done).await.ticket(), "nobody");
    assert_eq!(hall.holder().stage(&token).await, "served");
}

#[tokio::test]
async fn nobody_waiting_is_no_error() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(3).await.given(200);
    assert_eq!(officer.calls_next(3).await.ticket(), "nobody");
    assert_eq!(officer.finishes_and_calls_next(3).await.ticket(), "nobody");
    kiosk.gives("licence").await;
    kiosk.gives("licence").await;
    assert_eq!(
        officer.finishes_and_calls_next(3).await.ticket(),
        "F001 called"
    );
    assert_eq!(
        officer.finishes_and_calls_next(3).await.ticket(),
        "F002 called"
    );
    assert_eq!(officer.finishes_and_calls_next(3).await.ticket(), "nobody");
}

#[tokio::test]
async fn a_window_is_opened_once_and_only_with_what_it_offers() {
    let hall = TestHall::start_at("09:00:00").await;
    let officer = hall.officer().await;
    let unknown = officer.opens(99).await;
    assert_eq!(unknown.status, 404);
    unknown.refused("not-found");
    let foreign = json!({ "services": ["registration"] });
    officer
        .does(1, "open", foreign)
        .await
        .refused("wrong-stage");

    officer.opens(1).await.given(200);
    let again = officer.opens(1).await;
    assert_eq!(again.status, 409);
    assert_eq!(again.refused("already-open")["window"], 1);
}

#[tokio::test]
async fn a_window_nobody_sits_at_does_nothing() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    kiosk.gives("fine").await;
    for (action, body) in [
        ("call-next", json!({})),
        ("call", json!({ "number": "A001" })),
        ("recall", json!({})),
        ("start", json!({})),
        ("finish", json!({})),
        ("finish-and-call-next", json!({})),
        ("missed", json!({})),
        ("park", json!({})),
        ("resume", json!({ "number": "A001" })),
        ("transfer", json!({ "service": "fine" })),
        ("next-service", json!({ "service": "fine" })),
        ("undo", json!({})),
        ("pause", json!({ "reason": "吃饭" })),
        ("resume-window", json!({})),
        ("close", json!({})),
    ] {
        let refused = officer.does(1, action, body).await;
        assert_eq!(refused.status, 409, "{action}: {}", refused.text());
        assert_eq!(refused.refused("not-your-window")["window"], 1, "{action}");
    }
    officer
        .does(1, "dance", json!({}))
        .await
        .refused("not-found");
}

#[tokio::test]
async fn a_window_serves_one_at_a_time() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    kiosk.gives("fine").await;
    kiosk.gives("fine").await;
    officer.calls_next(1).await.given(200);
    let busy = officer.calls_next(1).await.refused("window-busy");
    assert_eq!(
        (&busy["window"], &busy["ticket"]),
        (&json!(1), &json!("A001"))
    );
    let second = json!({ "number": "A002", "reason": "赶火车" });
    officer.does(1, "call", second).await.refused("window-busy");
    officer.closes(1).await.refused("window-busy");
    officer
        .does(1, "pause", json!({ "reason": "吃饭" }))
        .await
        .refused("window-busy");
}

#[tokio::test]
async fn calling_out_of_order_needs_a_reason() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    for _ in 0..2 {
        kiosk.gives("fine").await;
    }
    kiosk.gives("licence").await;
    let call = async |body| officer.does(1, "call", body).await;
    assert_eq!(call(json!({})).await.wrong_fields(), ["/number"]);
    assert_eq!(
        call(json!({ "number": "A002" })).await.wrong_fields(),
        ["/reason"]
    );
    call(json!({ "number": "A099", "reason": "x" }))
        .await
        .refused("not-found");
    call(json!({ "number": "F001", "reason": "x" }))
        .await
        .refused("wrong-stage");
    let called = call(json!({ "number": "A002", "reason": "赶火车" })).await;
    assert_eq!(called.ticket(), "A002 called");
}

#[tokio::test]
async fn who_does_not_come_is_called_again_and_then_missed() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    let token = kiosk.gives("fine").await;
    officer.calls_next(1).await.given(200);
    let soon = officer
        .does(1, "recall", json!({}))
        .await
        .refused("too-early");
    assert_eq!(soon["at"], "2026-11-23T09:00:08+08:00");
    officer
        .does(1, "missed", json!({}))
        .await
        .refused("too-early");
    for clock in ["09:00:08", "09:00:16"] {
        hall.clock_to(clock).await;
        officer.does(1, "recall", json!({})).await.given(200);
    }
    assert_eq!(
        officer.does(1, "missed", json!({})).await.ticket(),
        "nobody"
    );
    assert_eq!(hall.holder().stage(&token).await, "missed");
    officer
        .does(1, "missed", json!({}))
        .await
        .refused("wrong-stage");
    let back = json!({ "number": "A001" });
    let called = officer
        .does(1, "call", json!({ "number": "A001", "reason": "回来了" }))
        .await;
    assert_eq!(called.ticket(), "A001 called");
    officer.does(1, "resume", back).await.refused("window-busy");
}

#[tokio::test]
async fn a_citizen_who_lacks_a_paper_is_parked_and_resumed() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    let token = kiosk.gives("fine").await;
    officer.calls_next(1).await.given(200);
    officer
        .does(1, "park", json!({}))
        .await
        .refused("wrong-stage");
    officer.starts(1).await.given(200);
    officer.starts(1).await.refused("wrong-stage");
    officer
        .does(1, "park", json!({ "note": "去复印" }))
        .await
        .given(200);
    assert_eq!(hall.holder().stage(&token).await, "parked");
    assert_eq!(officer.console(1).await["parked"][0]["note"], "去复印");
    let resumed = officer.does(1, "resume", json!({ "number": "A001" })).await;
    assert_eq!(resumed.ticket(), "A001 serving");
    officer.finishes(1).await.given(200);
    officer
        .does(1, "resume", json!({ "number": "A001" }))
        .await
        .refused("wrong-stage");
}

#[tokio::test]
async fn a_citizen_is_passed_on_and_keeps_his_time() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    officer.opens(3).await.given(200);
    let token = kiosk.gives("fine").await;
    hall.clock_to("09:05:00").await;
    kiosk.gives("licence").await;
    officer.calls_next(1).await.given(200);
    let pass_on = async |body| officer.does(1, "transfer", body).await;
    assert_eq!(pass_on(json!({})).await.wrong_fields(), ["/service"]);
    pass_on(json!({ "service": "fine", "window": 3 }))
        .await
        .refused("wrong-stage");
    assert_eq!(
        pass_on(json!({ "service": "alchemy" }))
            .await
            .wrong_fields(),
        ["/service"]
    );
    let passed = pass_on(json!({ "service": "licence", "note": "先换证" })).await;
    assert_eq!(passed.ticket(), "nobody");
    assert_eq!(hall.holder().sees(&token).await["service"], "licence");
    assert_eq!(officer.calls_next(3).await.ticket(), "A001 called");
}

#[tokio::test]
async fn one_visit_can_have_a_second_matter() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    officer.opens(3).await.given(200);
    officer
        .does(1, "next-service", json!({ "service": "licence" }))
        .await
        .refused("wrong-stage");
    let token = kiosk.gives("fine").await;
    officer.calls_next(1).await.given(200);
    assert_eq!(
        officer
            .does(1, "next-service", json!({}))
            .await
            .wrong_fields(),
        ["/service"]
    );
    officer
        .does(1, "next-service", json!({ "service": "licence" }))
        .await
        .given(200);
    assert_eq!(hall.holder().stage(&token).await, "waiting");
    assert_eq!(officer.calls_next(3).await.ticket(), "A001 called");
}

#[tokio::test]
async fn the_last_command_can_be_taken_back_for_ten_seconds() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    kiosk.gives("fine").await;
    officer.calls_next(1).await.given(200);
    officer.finishes(1).await.given(200);
    hall.clock_to("09:00:10").await;
    assert_eq!(
        officer.does(1, "undo", json!({})).await.ticket(),
        "A001 called"
    );
    officer.finishes(1).await.given(200);
    hall.clock_to("09:00:21").await;
    officer.does(1, "undo", json!({})).await.refused("too-late");
}

#[tokio::test]
async fn a_break_is_announced_and_ends() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    kiosk.gives("fine").await;
    assert_eq!(
        officer.does(1, "pause", json!({})).await.wrong_fields(),
        ["/reason"]
    );
    officer
        .does(1, "pause", json!({ "reason": "吃饭" }))
        .await
        .given(200);
    assert_eq!(officer.console(1).await["paused"], "吃饭");
    officer.calls_next(1).await.refused("wrong-stage");
    officer.does(1, "resume-window", json!({})).await.given(200);
    officer.does(1, "resume-window", json!({})).await.given(200);
    assert_eq!(officer.calls_next(1).await.ticket(), "A001 called");
}

#[tokio::test]
async fn fees_are_money_and_notes_are_short() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    kiosk.gives("fine").await;
    officer.calls_next(1).await.given(200);
    let finish = async |body| officer.does(1, "finish", body).await;
    for fees in ["-1", "0.005", "1000000.01"] {
        assert_eq!(
            finish(json!({ "fees": fees })).await.wrong_fields(),
            ["/fees"]
        );
    }
    assert_eq!(
        finish(json!({ "fees": "ten" })).await.wrong_fields(),
        ["/fees"]
    );
    assert_eq!(
        finish(json!({ "outcome": "lost" })).await.wrong_fields(),
        ["/outcome"]
    );
    assert_eq!(
        finish(json!({ "note": "长".repeat(2000) }))
            .await
            .wrong_fields(),
        ["/note"]
    );
    assert_eq!(finish(json!({ "fees": "100.00" })).await.ticket(), "nobody");
}

#[tokio::test]
async fn the_last_officer_cannot_leave_those_who_wait() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer, manager) = (
        hall.kiosk().await,
        hall.officer().await,
        hall.manager().await,
    );
    officer.opens(3).await.given(200);
    let first = kiosk.gives("licence").await;
    let second = kiosk.gives("licence").await;
    let stays = officer.closes(3).await;
    assert_eq!(stays.status, 409);
    assert_eq!(
        stays.refused("would-strand")["tickets"],
        json!(["F001", "F002"])
    );

    let stranger = json!({ "window": 3, "reason": "急诊", "hand_on": ["F009"] });
    assert_eq!(
        manager
            .does("override-sign-off", stranger)
            .await
            .wrong_fields(),
        ["/hand_on"]
    );
    let word = json!({ "window": 3, "reason": "急诊", "hand_on": ["F001"] });
    manager.does("override-sign-off", word).await.given(200);
    assert_eq!(hall.holder().stage(&first).await, "handed_on");
    assert_eq!(hall.holder().stage(&second).await, "unserved");
    officer.calls_next(3).await.refused("not-your-window");
}

#[tokio::test]
async fn the_console_says_who_is_next_and_why() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await.given(200);
    kiosk.gives("fine").await;
    hall.clock_to("09:01:00").await;
    let elderly = json!({ "service": "fine", "class": "elderly" });
    kiosk.takes_with(elderly).await.given(201);
    hall.clock_to("09:04:00").await;
    let path = "/halls/zhuzhou/windows/1/next?explain";
    let next = officer.0.gets(path).await.given(200);
    let candidates = next["candidates"].as_array().unwrap();
    let numbers: Vec<_> = candidates
        .iter()
        .map(|c| c["number"].as_str().unwrap())
        .collect();
    assert_eq!(numbers, ["A002", "A001"]);
    assert_eq!(candidates[1]["waited"], 240);
    assert_eq!(officer.calls_next(1).await.ticket(), "A002 called");
    for path in [
        "/halls/zhuzhou/windows/99",
        "/halls/zhuzhou/windows/99/next",
    ] {
        let unknown = officer.0.gets(path).await;
        assert_eq!(unknown.status, 404, "{path}");
        unknown.refused("not-found");
    }
}

#[tokio::test]
async fn somebody_without_a_number_is_served_and_counted_but_not_announced() {
    let hall = TestHall::start_at("09:00:00").await;
    let officer = hall.officer().await;
    officer.opens(1).await;
    let served = officer
        .does(1, "serve-directly", json!({ "service": "fine" }))
        .await;
    assert_eq!(served.ticket(), "A001 serving");
    let board = hall.someone().gets("/halls/zhuzhou/board").await.given(200);
    assert_eq!(board["calls"], json!([]));
    officer.finishes(1).await;
    let day = hall.manager().await.day("2026-11-23").await;
    assert_eq!(day["sums"]["served"], 1);
}

/// A number is typed by an input method, read out by a citizen, or scanned.
#[tokio::test]
async fn a_number_is_called_as_it_is_typed() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    for _ in 0..3 {
        kiosk.takes("fine").await.given(201);
    }
    officer.opens(1).await.given(200);
    for typed in [
        "Ａ００３",
        "A 003",
        "A-003",
        " A003",
        "A003号",
        "]Q3a003\r\n",
    ] {
        let body = json!({ "number": typed, "reason": "试" });
        assert_eq!(officer.does(1, "call", body).await.ticket(), "A003 called");
        officer.does(1, "undo", json!({})).await.given(200);
    }
}
