//! When too many come: strangers are told to wait, and staff and devices beside them notice nothing.

use crate::support::{Officer, PIN, Reply, TestHall, send};
use paihao::web::{LIMITS, Told};
use reqwest::Method;
use serde_json::json;
use std::future::pending;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Ten seconds are given to a head, and the machine may be busy.
const HEAD_WITHIN: Duration = Duration::from_secs(40);
const BOARD: &str = "/ws/halls/zhuzhou/board";

/// Junk from the officers' own router once had 69 of 70 of their commands refused.
#[tokio::test]
async fn what_a_stranger_at_their_address_uses_up_is_not_the_staffs() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    let stranger = hall.someone();
    let junk = (0..400).map(|_| stranger.posts("/halls/zhuzhou/tickets", json!({})));
    let junk: Vec<Reply> = futures_util::future::join_all(junk).await;
    let refused = junk.iter().find(|reply| reply.status == 429).unwrap();
    refused.refused("too-many-requests");
    staff.officer.opens(1).await.given(200);
    staff.kiosk.takes("fine").await.given(201);
}

/// A thousand boards of one address once kept officers and kiosks out for as long as they stayed.
#[tokio::test]
async fn boards_of_one_address_are_bounded_and_screens_that_are_known_are_not_among_them() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    let mut boards = Vec::new();
    for _ in 0..64 {
        boards.push(hall.board().await);
    }
    let upgrade = hall.someone().request(Method::GET, BOARD);
    let upgrade = upgrade.header("connection", "upgrade");
    let upgrade = upgrade.header("upgrade", "websocket");
    let upgrade = upgrade.header("sec-websocket-version", "13");
    let refused = send(upgrade.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")).await;
    assert_eq!(refused.status, 429);
    refused.refused("too-many-requests");
    let token = staff.kiosk.gives("fine").await;
    hall.watches(&format!("/ws/tickets/{token}"))
        .await
        .next_view()
        .await;
    staff.display.watches(BOARD).await.next_view().await;
    let mut console = staff.officer.0.watches("/ws/halls/zhuzhou/windows/1").await;
    console.next_view().await;
    drop(boards.pop());
    crate::support::until("a place is free again", async || {
        hall.someone().tries_to_watch(BOARD, &[]).await.is_ok()
    })
    .await;
}

/// 150 of 150 half-sent bodies were once still waited for after 150 seconds.
#[tokio::test]
async fn a_body_that_does_not_come_is_answered_and_its_connection_closed() {
    let hall = TestHall::serve().await;
    let head = "POST /api/v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let late = answer_to(&hall, &format!("{head}Content-Length: 50000\r\n\r\n{{")).await;
    assert!(late.starts_with("HTTP/1.1 408 "), "{late}");
    assert!(late.contains("urn:paihao:request-timeout"), "{late}");
    assert!(late.contains("application/problem+json"), "{late}");
}

/// A head that does not come: none at all, a half, one that drips; and the same behind a request that was answered.
#[tokio::test]
async fn a_head_that_does_not_come_ends_its_connection() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    staff.officer.opens(1).await.given(200);
    let whole = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let half = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    let cases = [
        ("silent", String::new(), false),
        ("half", half.to_owned(), false),
        ("dripping", half.to_owned(), true),
        ("half behind an answer", format!("{whole}{half}"), false),
        ("dripping behind an answer", format!("{whole}{half}"), true),
    ];
    let closings = cases.map(async |(name, sent, drips)| {
        let mut stream = TcpStream::connect(hall.application.address()).await.unwrap();
        let (mut reads, mut writes) = stream.split();
        let asks = async {
            writes.write_all(sent.as_bytes()).await.ok()?;
            if !drips {
                return pending().await;
            }
            loop {
                tokio::time::sleep(Duration::from_millis(500)).await;
                writes.write_all(b"x").await.ok()?;
            }
        };
        let mut said = Vec::new();
        let closed = tokio::select! {
            closed = tokio::time::timeout(HEAD_WITHIN, reads.read_to_end(&mut said)) => closed.is_ok(),
            None::<()> = asks => true,
        };
        assert!(closed, "{name}: it still waits");
    });
    let officer = async {
        staff.officer.calls_next(1).await.given(200);
    };
    tokio::join!(futures_util::future::join_all(closings), officer);
}

/// A chunked body without an end was once read on for ever behind its refusal.
#[tokio::test]
async fn a_request_that_was_refused_early_is_not_read_on() {
    let hall = TestHall::serve().await;
    let key = "Idempotency-Key: kkkkkkkkkkkkkkkkkkkkkkkk";
    let head = format!("PUT /api/v1/halls/zhuzhou/guide HTTP/1.1\r\nHost: x\r\n{key}\r\n");
    let chunked = "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n";
    let refused = answer_to(&hall, &format!("{head}{chunked}")).await;
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
}

/// What the server says before it closes.
async fn answer_to(hall: &TestHall, sent: &str) -> String {
    let mut stream = TcpStream::connect(hall.application.address())
        .await
        .unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let closed = tokio::time::timeout(crate::support::PATIENCE, stream.read_to_string(&mut answer));
    closed.await.expect("the server closes").unwrap();
    answer
}

/// A connection costs nothing as long as there is room; then the most silent stranger goes, and an officer's stays.
#[tokio::test]
async fn a_crowd_that_only_connects_keeps_nobody_out() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    staff.officer.opens(1).await.given(200);
    let mut crowd = Vec::new();
    for _ in 0..700 {
        crowd.push(
            TcpStream::connect(hall.application.address())
                .await
                .unwrap(),
        );
    }
    let mut byte = [0];
    let first = crowd[0].read(&mut byte);
    let first = tokio::time::timeout(crate::support::PATIENCE, first).await;
    assert!(
        !matches!(first.unwrap(), Ok(1..)),
        "nothing was asked on it"
    );
    staff
        .officer
        .does(1, "pause", json!({ "reason": "x" }))
        .await
        .given(200);
}

/// Sixty wrong PINs of a stranger once locked twelve officers out.
#[tokio::test]
async fn wrong_pins_of_others_do_not_keep_an_officer_from_her_own_desk() {
    let hall = TestHall::serve().await;
    hall.set_up().await;
    let signs_in = async |secret: &str, cookie: &str| {
        let request = hall.someone().request(Method::POST, "/api/v1/sign-in");
        let request = request.header("origin", &hall.url).header("cookie", cookie);
        send(request.json(&json!({ "account": "1024", "secret": secret }))).await
    };
    let first = signs_in(PIN, "").await;
    first.given(200);
    let cookies: Vec<&str> = first
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap())
        .collect();
    let desk = cookies
        .iter()
        .find(|cookie| cookie.starts_with("paihao-desk-"));
    let desk = desk.expect("the browser keeps where it was").to_string();
    while signs_in("000001", "").await.status == 401 {}
    signs_in(PIN, "").await.refused("too-many-requests");
    // and somebody floods the router besides
    let stranger = hall.someone();
    let junk = (0..400).map(|_| stranger.posts("/halls/zhuzhou/tickets", json!({})));
    let junk = futures_util::future::join_all(junk).await;
    assert!(junk.iter().any(|reply| reply.status == 429));
    let again = signs_in(PIN, &desk).await;
    let bearer = again.given(200)["bearer"].as_str().unwrap().to_string();
    Officer(hall.bearing(&bearer)).opens(1).await.given(200);
    assert_eq!(again.headers.get_all("set-cookie").iter().count(), 1);
    // a proof of another desk, or of another account, is none
    for forged in [format!("{desk}0"), desk.replace('.', ".0")] {
        signs_in(PIN, &forged).await.refused("too-many-requests");
    }
}

#[test]
fn the_page_about_faults_has_every_limit() {
    let page = include_str!("../../../docs/faults.md");
    for limit in LIMITS {
        let (zh, _) = match limit.told {
            Told::Problem(_, zh, en) | Told::Line(zh, en) => (zh, en),
            Told::Closed => ("", ""),
        };
        let line = page.lines().find(|line| line.contains(limit.what));
        let line = line.unwrap_or_else(|| panic!("no line about {}", limit.what));
        assert!(line.contains(&format!("| {} |", limit.most)), "{line}");
        assert!(line.contains(zh), "{line}");
    }
}
