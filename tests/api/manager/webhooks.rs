//! Webhooks: what happens in a hall arrives at a receiver that fails, hangs or is away, over every death of the server.

use crate::support::receiver::{Mood, Receiver, SECRET};
use crate::support::{PATIENCE, Someone, Start, TestHall, until};
use load_tests::process::{Redis, Server};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_paihao");

async fn hall_telling(receiver: &Receiver, more: &str) -> TestHall {
    TestHall::start_as(telling(receiver, more)).await
}

/// The sample halls on a Monday at nine, of which Zhuzhou tells this receiver what happens.
fn telling(receiver: &Receiver, more: &str) -> Start {
    Start {
        clock: "09:00:00",
        webhooks: vec![receiver.endpoint(&format!("halls = ['zhuzhou']\n{more}"))],
        ..Start::default()
    }
}

/// The one endpoint, as the manager sees it.
async fn endpoint(hall: &TestHall) -> Value {
    let manager = hall.manager().await;
    let answer = manager.0.gets("/halls/zhuzhou/webhooks").await.given(200);
    answer["endpoints"][0].clone()
}

#[tokio::test]
async fn a_day_arrives_as_it_happens() {
    let receiver = Receiver::start(Mood::Well);
    let start = Start {
        clock: "08:00:00",
        ..telling(&receiver, "")
    };
    let hall = TestHall::start_as(start).await;
    hall.clock_to("08:50:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    for _ in 0..4 {
        kiosk.gives("licence").await;
    }
    officer.opens(3).await.given(200);
    officer.calls_next(3).await.given(200);
    hall.clock_to("09:00:00").await;
    officer.does(3, "recall", json!({})).await.given(200);
    hall.clock_to("09:02:00").await;
    officer.does(3, "recall", json!({})).await.given(200);
    hall.clock_to("09:04:00").await;
    officer.does(3, "missed", json!({})).await.given(200);
    receiver.is_told("F001", "missed").await;
    receiver.is_told("F004", "near").await;
    receiver.is_told("hall", "open").await;
    let told = receiver.told();
    let of_first = ["taken", "called", "recalled", "recalled", "missed"];
    assert_eq!(told["F001"], of_first);
    assert_eq!(told["F004"], ["taken", "near"]);
    assert_eq!(told["hall"], ["early_open", "open"]);
    receiver.is_in_order();
}

/// What the sender has in hand hangs for as long as the test likes, and every command is answered meanwhile.
#[tokio::test]
async fn a_receiver_that_hangs_for_an_hour_is_in_nobodys_way() {
    let receiver = Receiver::start(Mood::Hangs);
    let hall = hall_telling(&receiver, "").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    kiosk.gives("fine").await;
    until("the receiver hangs", async || receiver.hanging() > 0).await;
    for _ in 0..30 {
        kiosk.gives("fine").await;
    }
    officer.opens(1).await.given(200);
    for minute in 1..=30 {
        hall.clock_to(&format!("{:02}:{:02}:00", 9 + minute / 30, minute * 2 % 60))
            .await;
        officer.finishes_and_calls_next(1).await.given(200);
    }
    assert_eq!(receiver.arrivals(), [], "nothing has arrived all the while");
    receiver.is(Mood::Well);
    for number in 1..=30 {
        // each number is tried again at its own time
        receiver.is_told(&format!("A{number:03}"), "called").await;
    }
    receiver.is_told("A031", "near").await;
    let told = receiver.told();
    for number in 1..=30 {
        let told = &told[&format!("A{number:03}")];
        let told: Vec<&str> = told
            .iter()
            .map(String::as_str)
            .filter(|told| *told != "near")
            .collect();
        assert_eq!(told, ["taken", "called"], "A{number:03}");
    }
    receiver.is_in_order();
}

/// The server does not wait for a receiver either when it stops, and what was not taken is told by the next one.
#[tokio::test]
async fn stopping_waits_for_nobody_and_forgets_nothing() {
    let receiver = Receiver::start(Mood::Well);
    let hall = hall_telling(&receiver, "").await;
    hall.kiosk().await.gives("fine").await;
    receiver.is_told("A001", "taken").await;
    receiver.is(Mood::Hangs);
    hall.kiosk().await.gives("fine").await;
    until("the receiver hangs", async || receiver.hanging() > 0).await;
    let hall = hall.restart(telling(&receiver, "")).await;
    hall.kiosk().await.gives("fine").await;
    receiver.is(Mood::Well);
    receiver.is_told("A002", "taken").await;
    receiver.is_told("A003", "taken").await;
    let arrivals = receiver.arrivals().len();
    assert_eq!(
        arrivals, 3,
        "what was taken before an orderly end is not told again"
    );
}

/// An endpoint that is new to a hall is not told of last year.
#[tokio::test]
async fn a_new_endpoint_begins_with_what_happens_next() {
    let receiver = Receiver::start(Mood::Well);
    let silent = Start {
        webhooks: Vec::new(),
        ..telling(&receiver, "")
    };
    let hall = TestHall::start_as(silent).await;
    hall.kiosk().await.gives("fine").await;
    let hall = hall.restart(telling(&receiver, "")).await;
    hall.kiosk().await.gives("fine").await;
    receiver.is_told("A002", "taken").await;
    assert_eq!(receiver.told().keys().collect::<Vec<_>>(), ["A002"]);
}

#[tokio::test]
async fn an_endpoint_hears_only_what_it_asked_for() {
    let receiver = Receiver::start(Mood::Well);
    let hall = hall_telling(&receiver, "types = ['paihao.ticket.called']\nlinks = false").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    let token = kiosk.gives("fine").await;
    officer.opens(1).await.given(200);
    officer.calls_next(1).await.given(200);
    receiver.is_told("A001", "called").await;
    let arrivals = receiver.arrivals();
    assert_eq!(arrivals.len(), 1);
    assert!(!arrivals[0].text.contains(&token) && !arrivals[0].text.contains("page"));
}

#[tokio::test]
async fn what_is_never_taken_becomes_a_dead_letter_that_a_manager_can_send_again() {
    let receiver = Receiver::start(Mood::Refuses("paihao.ticket.called"));
    let hall = hall_telling(&receiver, "").await;
    let (kiosk, officer, manager) = (
        hall.kiosk().await,
        hall.officer().await,
        hall.manager().await,
    );
    kiosk.gives("fine").await;
    officer.opens(1).await.given(200);
    officer.calls_next(1).await.given(200);
    officer.does(1, "recall", json!({})).await;
    hall.clock_to("09:01:00").await;
    officer.does(1, "recall", json!({})).await;
    kiosk.gives("fine").await;
    receiver.is_told("A002", "taken").await; // others go on at once
    until("the call is given up", async || {
        endpoint(&hall).await["dead_letters"] != json!([])
    })
    .await;
    receiver.is_told("A001", "recalled").await; // and then its own ticket
    let seen = endpoint(&hall).await;
    let letter = &seen["dead_letters"][0];
    assert_eq!(letter["type"], "paihao.ticket.called", "{seen}");
    assert_eq!(letter["error"], "answered 422 Unprocessable Entity");
    assert_eq!(seen["failing"], Value::Null, "the receiver itself is well");
    until("everything else is settled", async || {
        endpoint(&hall).await["behind"] == 0
    })
    .await;

    let resend = async |id: &str| {
        let body = json!({ "id": id });
        manager
            .0
            .posts("/halls/zhuzhou/webhooks/resend", body)
            .await
    };
    let id = letter["id"].as_str().unwrap();
    let answer = resend(id).await.given(200);
    assert_eq!(
        (&answer["done"], &answer["endpoints"][0]["accepted"]),
        (&json!(false), &json!(false))
    );
    receiver.is(Mood::Well);
    assert_eq!(resend(id).await.given(200)["done"], true);
    assert!(receiver.ids().contains(id));
    assert_eq!(endpoint(&hall).await["dead_letters"], json!([]));
    resend(id).await.refused("not-found");
    let dismiss = manager
        .0
        .posts("/halls/zhuzhou/webhooks/dismiss", json!({ "id": id }));
    dismiss.await.refused("not-found");

    let figures =
        crate::support::send(hall.someone().request(reqwest::Method::GET, "/metrics")).await;
    let given_up = "paihao_webhooks_given_up_total{hall=\"zhuzhou\",endpoint=\"gateway\"} 1";
    assert!(figures.text().contains(given_up), "{}", figures.text());
}

#[tokio::test]
async fn a_receiver_that_is_down_is_seen_and_loses_nothing() {
    let receiver = Receiver::start(Mood::Down);
    let hall = hall_telling(&receiver, "").await;
    let kiosk = hall.kiosk().await;
    for _ in 0..20 {
        kiosk.gives("fine").await;
    }
    until("the receiver is known to be down", async || {
        endpoint(&hall).await["failing"]["error"] == "answered 500 Internal Server Error"
    })
    .await;
    until("many attempts were made", async || receiver.calls() > 40).await;
    let seen = endpoint(&hall).await;
    assert_eq!(
        seen["dead_letters"],
        json!([]),
        "it is not the notifications' fault"
    );
    assert!(seen["behind"].as_u64() >= Some(20), "{seen}");
    let page = hall.someone().request(reqwest::Method::GET, "/status");
    let page = crate::support::send(page).await.text();
    assert!(
        page.contains("gateway") && page.contains("Takes nothing since"),
        "{page}"
    );
    receiver.is(Mood::Well);
    receiver.is_told("A020", "taken").await;
    until("everything is settled", async || {
        endpoint(&hall).await["behind"] == 0
    })
    .await;
    assert_eq!(receiver.told().len(), 20);
}

/// The receiver fails, hangs, and takes things without saying so; the server is killed again and again in the middle.
async fn nothing_is_lost_over_kill_9(folder: &Path, store: &str) {
    let receiver = Receiver::start(Mood::Fickle);
    let secret = folder.join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let start = || {
        let errors = folder.join("errors");
        let clock = ["--clock", "2026-11-23T09:00:00+08:00"];
        let webhook = ["--webhook", &receiver.url, "--webhook-first-retry-ms", "20"];
        let secret = ["--webhook-secret-file", &secret.display().to_string()];
        let further = [&clock[..], &webhook, &secret].concat();
        Server::start_with(Path::new(BINARY), store, &errors, &further).unwrap()
    };
    let mut expected: Vec<(String, Vec<&str>)> = Vec::new();
    let mut called = 0;
    for life in 0..4 {
        let mut server = start();
        let kiosk = Someone::at(&server.url).signed_in_to_demo("kiosk").await;
        let officer = Someone::at(&server.url).signed_in_to_demo("officer").await;
        let at_window = async |action: &str| {
            let path = format!("/halls/zhuzhou/windows/1/{action}");
            officer.posts(&path, json!({})).await.given(200)
        };
        if life == 0 {
            at_window("open").await;
        }
        // counted before: a receiver in a good mood may have taken everything by the end
        let wanted = receiver.ids().len() + 4;
        for _ in 0..12 {
            let body = json!({ "service": "fine" });
            let number = kiosk.posts("/halls/zhuzhou/tickets", body).await.number();
            expected.push((number, vec!["taken"]));
            if expected.len().is_multiple_of(2) {
                let answer = at_window("finish-and-call-next").await;
                assert_eq!(answer["ticket"]["number"], expected[called].0);
                expected[called].1.push("called");
                called += 1;
            }
        }
        // some of it has arrived, most of it has not
        patiently("something more arrives", || receiver.ids().len() >= wanted).await;
        server.kill_9();
    }
    let _server = start();
    let is_told = || {
        let told = receiver.told();
        let is_told = |(number, expected): &(String, Vec<&str>)| {
            told.get(number).is_some_and(|told| {
                let told = told
                    .iter()
                    .map(String::as_str)
                    .filter(|told| *told != "near");
                told.collect::<Vec<_>>() == *expected
            })
        };
        expected.iter().all(is_told)
    };
    patiently(
        "every notification has arrived, of each ticket in order",
        is_told,
    )
    .await;
    receiver.is_in_order();
    // the first five were near as soon as they came; three are near who were not called yet
    let near = || {
        let told = receiver.told();
        told.values()
            .flatten()
            .filter(|told| *told == "near")
            .count()
    };
    patiently("everybody who came near was told", || near() >= called - 2).await;
    receiver.is_in_order();
    assert_eq!(near(), called - 2);
    let manager = Someone::at(&_server.url).signed_in_to_demo("manager").await;
    until("the store says so too", async || {
        let answer = manager.gets("/halls/zhuzhou/webhooks").await.given(200);
        let endpoint = &answer["endpoints"][0];
        assert_eq!(endpoint["dead_letters"], json!([]));
        endpoint["behind"] == 0
    })
    .await;
}

/// As `until`, for what needs several leases and hanging requests to run out.
async fn patiently(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE * 3, "waited until {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_over_kill_9_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = TestHall::store_in(&folder);
    nothing_is_lost_over_kill_9(folder.path(), &store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_over_kill_9_on_redis() {
    let folder = tempfile::tempdir().unwrap();
    let redis = Redis::start(folder.path()).unwrap();
    nothing_is_lost_over_kill_9(folder.path(), &redis.url()).await;
}

/// Two instances, one Redis: one of them sends, and when it is gone the other one does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_instance_sends_and_another_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    let redis = Redis::start(folder.path()).unwrap();
    let receiver = Receiver::start(Mood::Well);
    let start = || Start {
        store: Some(redis.url()),
        ..telling(&receiver, "")
    };
    let (one, other) = (
        TestHall::start_as(start()).await,
        TestHall::start_as(start()).await,
    );
    other.kiosk().await.gives("fine").await;
    receiver.is_told("A001", "taken").await;
    one.kiosk().await.gives("fine").await;
    receiver.is_told("A002", "taken").await;
    let sent_by = endpoint(&other).await["sent_by"].clone();
    one.application.stop().await; // lets go of the lease
    other.kiosk().await.gives("fine").await;
    receiver.is_told("A003", "taken").await;
    until("another one keeps the mark", async || {
        endpoint(&other).await["sent_by"] != sent_by
    })
    .await;
    assert_eq!(receiver.arrivals().len(), 3, "nothing was told twice");
}
