//! Two processes, one Redis: to whoever stands in the hall they are one.

use crate::redis_server::TestRedis;
use crate::support::{
    Kiosk, MONDAY, Manager, Officer, PASSWORD, PIN, Start, TestHall, fresh_key, send, until,
};
use paihao::config::Mode;
use reqwest::Method;
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// A process on this store.
async fn instance(redis: &TestRedis, mode: Mode) -> TestHall {
    instance_at("09:00:00", redis, mode).await
}

async fn instance_at(clock: &'static str, redis: &TestRedis, mode: Mode) -> TestHall {
    TestHall::start_as(Start {
        mode,
        store: Some(redis.url()),
        clock,
        ..Start::default()
    })
    .await
}

#[tokio::test]
async fn a_number_taken_here_is_called_there() {
    let redis = TestRedis::start();
    let (here, there) = (
        instance(&redis, Mode::Demo).await,
        instance(&redis, Mode::Demo).await,
    );
    let (kiosk, other_kiosk, officer) = (
        here.kiosk().await,
        there.kiosk().await,
        there.officer().await,
    );
    let mut board = here.board().await;
    assert_eq!(kiosk.takes("fine").await.number(), "A001");
    assert_eq!(other_kiosk.takes("fine").await.number(), "A002");
    officer.opens(1).await.given(200);
    assert_eq!(officer.calls_next(1).await.ticket(), "A001 called");
    board
        .shows(|view| view["calls"][0]["number"] == "A001")
        .await;

    // a ticket that was taken a moment ago is found by whoever is asked
    let token = kiosk.gives("fine").await;
    assert_eq!(there.holder().sees(&token).await["number"], "A003");
    there.holder().cancels(&token).await.given(200);
    here.holder().cancels(&token).await.refused("wrong-stage");
    until("both have the same state", async || {
        here.state("zhuzhou") == there.state("zhuzhou")
    })
    .await;
}

#[tokio::test]
async fn a_request_sent_to_both_takes_effect_once() {
    let redis = TestRedis::start();
    let (here, there) = (
        instance(&redis, Mode::Demo).await,
        instance(&redis, Mode::Demo).await,
    );
    let kiosks = [here.kiosk().await.0, there.kiosk().await.0];
    let (key, body) = (fresh_key(), json!({ "service": "fine" }));
    let path = "/halls/zhuzhou/tickets";
    let both = kiosks.iter().map(|kiosk| kiosk.posts_as(&key, path, &body));
    let replies = futures_util::future::join_all(both).await;
    assert_eq!(replies[0].number(), "A001");
    assert_eq!(replies[0].text(), replies[1].text());
}

#[tokio::test]
async fn who_is_let_in_and_shown_out_here_is_so_there() {
    let redis = TestRedis::start();
    let (here, there) = (
        instance(&redis, Mode::Serve).await,
        instance(&redis, Mode::Serve).await,
    );
    // the token printed last is the one that counts
    let token = there.application.setup_token.clone().unwrap();
    let first = json!({ "token": token, "account": "chief", "name": "周敏", "secret": PASSWORD });
    here.someone().posts("/setup", first).await.given(201);
    let manager = Manager(here.signs_in("chief", PASSWORD).await);
    manager.creates("1024", "officer", Some("zhuzhou")).await;
    until("the account is known there", async || {
        let body = json!({ "account": "1024", "secret": PIN });
        there.someone().posts("/sign-in", body).await.status == 200
    })
    .await;
    let officer = Officer(here.signs_in("1024", PIN).await);
    let there_too = Officer(there.bearing(officer.0.bearer.as_deref().unwrap()));
    // a session is known there at once: a balancer leads the next request anywhere
    there_too.opens(1).await.given(200);
    let mut console = there_too.0.watches("/ws/halls/zhuzhou/windows/1").await;
    console.shows(|view| view["officer"] == "1024").await;

    manager
        .0
        .posts("/accounts/disable", json!({ "id": "1024" }))
        .await
        .given(200);
    assert_eq!(console.closed().await, Some(CloseCode::Policy));
    assert_eq!(there_too.calls_next(1).await.status, 401);

    let kiosk = Kiosk(there.bearing(&manager.enrols("kiosk-1", "kiosk", "zhuzhou").await));
    kiosk.takes("fine").await.given(201);
}

/// The store hangs: nobody knows whether a number was given, and nobody says so. When it is back, the same key tells.
#[tokio::test]
async fn a_store_that_hangs_leaves_no_doubt_in_the_end() {
    let redis = TestRedis::start();
    let hall = instance(&redis, Mode::Demo).await;
    let kiosk = hall.kiosk().await;
    assert_eq!(kiosk.takes("fine").await.number(), "A001");
    redis.freeze();
    let (key, body) = (fresh_key(), json!({ "service": "fine" }));
    let doubt = kiosk
        .0
        .posts_as(&key, "/halls/zhuzhou/tickets", &body)
        .await;
    assert_eq!(doubt.status, 503);
    doubt.refused("outcome-unknown");
    assert_eq!(doubt.header("retry-after"), "1");
    // what everybody may see goes on being shown
    assert_eq!(hall.shows().await["services"][0]["waiting"], 1);
    let ready = send(hall.someone().request(Method::GET, "/readyz")).await;
    assert_eq!(ready.given(503)["ready"], false);

    redis.thaw();
    let mut number = String::new();
    until("the store is back", async || {
        let reply = kiosk
            .0
            .posts_as(&key, "/halls/zhuzhou/tickets", &body)
            .await;
        if reply.status == 201 {
            number = reply.number();
        }
        reply.status == 201
    })
    .await;
    assert_eq!(number, "A002");
    assert_eq!(kiosk.takes("fine").await.number(), "A003");
    until("it can serve again", async || {
        send(hall.someone().request(Method::GET, "/readyz"))
            .await
            .status
            == 200
    })
    .await;
}

#[tokio::test]
async fn a_store_that_is_gone_gives_no_numbers_and_comes_back() {
    let mut redis = TestRedis::start();
    let hall = instance(&redis, Mode::Demo).await;
    let kiosk = hall.kiosk().await;
    assert_eq!(kiosk.takes("fine").await.number(), "A001");
    redis.kill_9();
    let refused = kiosk.takes("fine").await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    redis.restart();
    until("numbers are given again", async || {
        kiosk.takes("fine").await.status == 201
    })
    .await;
    let waiting = hall.shows().await["services"][0]["waiting"]
        .as_u64()
        .unwrap();
    assert!(
        (2..=3).contains(&waiting),
        "the one whose outcome nobody knew may be there: {waiting}"
    );
}

/// Numbers before the day ends, at the least.
const BEFORE_CLOSING: usize = 24;

/// The day ends while kiosks still ask and windows still call, and one of the two servers' clocks is there before the other.
#[tokio::test]
async fn a_day_that_ends_in_the_midst_of_work_leaves_nobody_behind() {
    let redis = TestRedis::start();
    let halls = [
        instance_at("16:59:50", &redis, Mode::Demo).await,
        instance_at("16:59:50", &redis, Mode::Demo).await,
    ];
    let (taken, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    // until it is told that the hall has closed
    let asks = async |hall: &TestHall| {
        let kiosk = hall.kiosk().await;
        loop {
            let reply = kiosk.insists_on("fine").await;
            if reply.status != 201 {
                reply.refused("redirect");
                return;
            }
            taken.fetch_add(1, Ordering::SeqCst);
        }
    };
    // until nobody comes any more and nobody waits
    let calls = async |hall: &TestHall, window: u16| {
        let officer = hall.officer().await;
        officer.opens(window).await.given(200);
        loop {
            let was_over = is_over.load(Ordering::SeqCst);
            let reply = officer.finishes_and_calls_next(window).await;
            if reply.status != 200 {
                reply.refused("too-late"); // another window served the last one
                return;
            }
            if was_over && reply.given(200)["ticket"].is_null() {
                return;
            }
        }
    };
    let kiosks = async {
        tokio::join!(
            asks(&halls[0]),
            asks(&halls[1]),
            asks(&halls[0]),
            asks(&halls[1])
        );
        is_over.store(true, Ordering::SeqCst);
    };
    let clocks = async {
        until("numbers were taken", async || {
            taken.load(Ordering::SeqCst) >= BEFORE_CLOSING
        })
        .await;
        for clock in ["16:59:59", "17:00:00", "17:00:01"] {
            halls[0].clock_to(clock).await;
            halls[1].clock_to(clock).await;
        }
    };
    tokio::join!(
        kiosks,
        clocks,
        calls(&halls[0], 1),
        calls(&halls[1], 2),
        calls(&halls[0], 3),
    );
    let issued = taken.into_inner();
    for hall in &halls {
        hall.clock_to("17:30:00").await;
        let manager = hall.manager().await;
        until("the day is closed", async || {
            !manager.day(MONDAY).await["closing"].is_null()
        })
        .await;
        let closing = &manager.day(MONDAY).await["closing"];
        let sums = ["issued", "served", "unserved", "missed"].map(|sum| closing[sum].as_u64());
        let expected = [issued as u64, issued as u64, 0, 0].map(Some);
        assert_eq!(sums, expected, "{closing}");
    }
}
