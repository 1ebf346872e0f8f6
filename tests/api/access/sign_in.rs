//! /setup, /sign-in, /sign-out: who is let in, and who is shown out.

use crate::support::{Officer, PASSWORD, PIN, Reply, Someone, Start, TestHall, send, time};
use hall_log::{StoreOptions, StoreUrl};
use paihao::access::Role;
use paihao::application::{Application, StartError};
use paihao::clock::HallClock;
use paihao::config::{Mode, Settings};
use paihao::samples::sample_plans;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn the_first_manager_is_made_once_with_the_printed_token() {
    let hall = TestHall::serve().await;
    let token = hall.application.setup_token.clone().unwrap();
    let form = |token: &str, secret: &str| json!({ "token": token, "account": "chief", "name": "周敏", "secret": secret });
    let set_up = async |form| hall.someone().posts("/setup", form).await;
    let wrong = set_up(form("AAAA", PASSWORD)).await;
    assert_eq!(wrong.status, 403);
    wrong.refused("forbidden");
    assert_eq!(
        set_up(form(&token, "short")).await.wrong_fields(),
        ["/secret"]
    );
    assert_eq!(
        set_up(form(&token, "111111111111")).await.wrong_fields(),
        ["/secret"]
    );
    set_up(form(&token, PASSWORD)).await.given(201);
    set_up(form(&token, PASSWORD)).await.refused("forbidden");
    hall.signs_in("chief", PASSWORD).await;

    let hall = hall
        .restart(Start {
            mode: Mode::Serve,
            ..Start::default()
        })
        .await;
    assert_eq!(hall.application.setup_token, None);
    hall.signs_in("chief", PASSWORD).await;
}

#[tokio::test]
async fn a_restart_before_set_up_prints_another_token_and_the_old_one_is_void() {
    let hall = TestHall::serve().await;
    let old = hall.application.setup_token.clone().unwrap();
    let hall = hall
        .restart(Start {
            mode: Mode::Serve,
            ..Start::default()
        })
        .await;
    let form = |token: &str| json!({ "token": token, "account": "chief", "name": "周敏", "secret": PASSWORD });
    hall.someone()
        .posts("/setup", form(&old))
        .await
        .refused("forbidden");
    let new = hall.application.setup_token.clone().unwrap();
    hall.someone().posts("/setup", form(&new)).await.given(201);
}

#[tokio::test]
async fn an_officer_signs_in_and_sits_at_one_window() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    staff.officer.opens(1).await.given(200);
    assert_eq!(
        staff.officer.opens(2).await.refused("already-open")["window"],
        1
    );
    assert_eq!(staff.kiosk.takes("fine").await.number(), "A001");
    assert_eq!(staff.officer.calls_next(1).await.ticket(), "A001 called");

    // a colleague cannot work at his window, but can take it over
    staff
        .manager
        .creates("1025", "officer", Some("zhuzhou"))
        .await;
    let colleague = Officer(hall.signs_in("1025", PIN).await);
    colleague.finishes(1).await.refused("not-your-window");
    colleague.opens(1).await.given(200);
    colleague.finishes(1).await.given(200);
    staff.officer.finishes(1).await.refused("not-your-window");
}

#[tokio::test]
async fn an_officer_who_may_hold_several_windows_does() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    let body = json!({
        "account": "1026", "name": "李雷", "secret": PIN, "role": "officer", "hall": "zhuzhou", "several_windows": true
    });
    staff.manager.0.posts("/accounts", body).await.given(201);
    let officer = Officer(hall.signs_in("1026", PIN).await);
    officer.opens(1).await.given(200);
    officer.opens(2).await.given(200);
}

#[tokio::test]
async fn a_pin_cannot_be_guessed() {
    let hall = TestHall::serve().await;
    hall.set_up().await;
    // the right one of set_up used up none
    for _ in 0..5 {
        signs_in(&hall.someone(), "1024", "000001")
            .await
            .refused("unauthorized");
    }
    let limited = signs_in(&hall.someone(), "1024", PIN).await;
    assert_eq!(limited.status, 429);
    limited.refused("too-many-requests");
    // an id that does not exist is answered like one that does
    let known = signs_in(&hall.someone(), "2048", "000001")
        .await
        .refused("unauthorized");
    let unknown = signs_in(&hall.someone(), "nobody", "000001")
        .await
        .refused("unauthorized");
    assert_eq!(known, unknown);
}

#[tokio::test]
async fn a_browser_gets_a_cookie_that_counts_only_on_our_pages() {
    let hall = TestHall::serve().await;
    hall.set_up().await;
    let body = json!({ "account": "1024", "secret": PIN });
    let request = hall.someone().request(Method::POST, "/api/v1/sign-in");
    let reply = send(request.header("origin", &hall.url).json(&body)).await;
    reply.given(200);
    let cookie = reply.header("set-cookie").to_string();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();

    let opens = async |origin: Option<&str>| {
        let request = hall
            .someone()
            .request(Method::POST, "/api/v1/halls/zhuzhou/windows/1/open");
        let request = request.header("cookie", cookie);
        send(match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        })
        .await
    };
    for origin in [None, Some("https://evil.example"), Some("null")] {
        let refused = opens(origin).await;
        assert_eq!(refused.status, 403, "{origin:?}");
        refused.refused("forbidden");
    }
    opens(Some(&hall.url)).await.given(200);
    let reads = hall
        .someone()
        .request(Method::GET, "/api/v1/halls/zhuzhou/windows/1");
    send(reads.header("cookie", cookie)).await.given(200);

    let leaves = hall.someone().request(Method::POST, "/api/v1/sign-out");
    let left = send(leaves.header("cookie", cookie).header("origin", &hall.url)).await;
    assert_eq!(left.status, 204);
    assert_eq!(opens(Some(&hall.url)).await.status, 401);
}

#[tokio::test]
async fn a_program_signs_out_with_the_token_it_signed_in_with() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    staff.officer.opens(1).await.given(200);
    assert_eq!(
        staff.officer.0.posts("/sign-out", json!({})).await.status,
        204
    );
    assert_eq!(staff.officer.calls_next(1).await.status, 401);
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let hall = TestHall::start_at("09:00:00").await;
    let links = &hall.application.app.sign_ins.once_links;
    let code = links.issue((Role::Officer, "/zhuzhou/window".into()));
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let browser = browser.build().unwrap();
    let opens =
        async |code: &str| send(browser.get(format!("{}/sign-in?once={code}", hall.url))).await;
    let first = opens(&code).await;
    assert_eq!(
        (first.status, first.header("location")),
        (303, "/zhuzhou/window")
    );
    let cookie = first.header("set-cookie").split(';').next().unwrap();
    let reads = hall
        .someone()
        .request(Method::GET, "/api/v1/halls/zhuzhou/windows/1");
    send(reads.header("cookie", cookie)).await.given(200);
    for code in [code.as_str(), "AAAA", ""] {
        let refused = opens(code).await;
        assert!(refused.status >= 400, "{code}: {}", refused.status);
        assert_eq!(refused.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn a_demo_lets_in_and_a_real_hall_does_not() {
    let demo = TestHall::start().await;
    let sign_in = |role: &str, hall: &str| json!({ "role": role, "hall": hall });
    let asks = async |body| demo.someone().posts("/demo/sign-in", body).await;
    for role in ["officer", "usher", "manager", "kiosk", "display"] {
        asks(sign_in(role, "zhuzhou")).await.given(200);
    }
    assert_eq!(
        asks(sign_in("king", "zhuzhou")).await.wrong_fields(),
        ["/role"]
    );
    asks(sign_in("officer", "atlantis"))
        .await
        .refused("not-found");

    let real = TestHall::serve().await;
    let refused = real
        .someone()
        .posts("/demo/sign-in", sign_in("manager", "zhuzhou"))
        .await;
    assert_eq!(refused.status, 404);
    let clock = json!({ "at": "2026-11-23T12:00:00+08:00" });
    assert_eq!(real.someone().posts("/demo/clock", clock).await.status, 404);
}

#[tokio::test]
async fn a_demos_store_is_never_served_and_a_real_one_is_no_demo() {
    let folder = TestHall::start().await.stop().await;
    let refusal = starts(&TestHall::store_in(&folder), Mode::Serve).await;
    assert!(matches!(refusal, StartError::DemoStore), "{refusal}");

    let folder = TestHall::serve().await.stop().await;
    let refusal = starts(&TestHall::store_in(&folder), Mode::Demo).await;
    assert!(refusal.to_string().contains("real data"), "{refusal}");
}

/// Why a store cannot be opened so.
async fn starts(store: &str, mode: Mode) -> StartError {
    let settings = Settings {
        mode,
        store: StoreUrl::parse(store).unwrap(),
        store_options: StoreOptions::default(),
        listen: ([127, 0, 0, 1], 0).into(),
        plans: sample_plans(),
        clock: HallClock::demo(time("2026-11-23", "09:00:00"), 0.0),
        proxies: Default::default(),
        voices: paihao::voice::VoiceSettings::default(),
        webhooks: Vec::new(),
        printing: Default::default(),
        accept_weak: true,
    };
    Application::start(settings).await.map(drop).unwrap_err()
}

pub async fn signs_in(someone: &Someone, account: &str, secret: &str) -> Reply {
    let body = json!({ "account": account, "secret": secret });
    someone.posts("/sign-in", body).await
}
