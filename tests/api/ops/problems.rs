//! What the service makes of nonsense: a problem that names the field, in the reader's language, and nothing happens.

use crate::support::{Reply, TestHall, fresh_key, send};
use reqwest::Method;
use serde_json::{Value, json};

const TICKETS: &str = "/halls/zhuzhou/tickets";

#[tokio::test]
async fn a_wrong_body_is_told_where_it_is_wrong() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await;
    let wrong = async |body: &str| {
        kiosk
            .0
            .posts_bytes(TICKETS, body.to_string())
            .await
            .wrong_fields()
    };
    assert_eq!(wrong("{").await, [""]);
    assert_eq!(wrong("service=fine").await, [""]);
    assert_eq!(wrong("[]").await, [""]);
    assert_eq!(wrong("").await, [""]);
    assert_eq!(wrong(r#"{"service":"fine"} and more"#).await, [""]);
    assert_eq!(wrong(r#"{"service":7}"#).await, ["/service"]);
    assert_eq!(wrong(r#"{"service":"Führerschein"}"#).await, ["/service"]);
    assert_eq!(
        wrong(r#"{"service":"fine","class":"king"}"#).await,
        ["/class"]
    );
    assert_eq!(wrong(r#"{"service":"fine","party":-1}"#).await, ["/party"]);
    assert_eq!(wrong(r#"{"service":"fine","party":21}"#).await, ["/party"]);
    assert_eq!(wrong(r#"{"service":"fine","cases":0}"#).await, ["/cases"]);
    assert_eq!(
        wrong(r#"{"service":"fine","needs":["wheelchair","wings"]}"#).await,
        ["/needs/1"]
    );
    assert_eq!(
        wrong(r#"{"service":"fine","colour":"red"}"#).await,
        ["/colour"]
    );
    assert_eq!(
        wrong(r#"{"service":"fine","voucher":"x"}"#).await,
        ["/voucher"]
    );
    assert_eq!(
        wrong(&format!(r#"{{"service":"{}"}}"#, "x".repeat(41))).await,
        ["/service"]
    );
    assert_eq!(hall.shows().await["services"][0]["waiting"], 0);
}

#[tokio::test]
async fn words_have_their_longest() {
    let hall = TestHall::start_at("09:00:00").await;
    let (manager, usher) = (hall.manager().await, hall.usher().await);
    let long = "长".repeat(5_000);
    let refused = manager.does("pause", json!({ "reason": long })).await;
    assert_eq!(refused.wrong_fields(), ["/reason"]);
    let wish = json!({ "service": "fine", "reason": long });
    assert_eq!(usher.does("issue", wish).await.wrong_fields(), ["/reason"]);
    let person = json!({ "service": "fine", "person": "9".repeat(41) });
    assert_eq!(
        hall.kiosk().await.takes_with(person).await.wrong_fields(),
        ["/person"]
    );
}

#[tokio::test]
async fn a_huge_body_is_not_read() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await;
    for megabytes in [1, 8] {
        let huge = format!(r#"{{"service":"{}"}}"#, "x".repeat(megabytes << 20));
        let reply = kiosk.0.posts_bytes(TICKETS, huge).await;
        assert_eq!(reply.status, 422);
        assert_eq!(reply.wrong_fields(), [""]);
    }
    let manager = hall.manager().await;
    let request = manager.0.request(Method::PUT, "/api/v1/halls/zhuzhou/plan");
    let huge = "x".repeat(2 << 20);
    let reply = send(request.header("if-match", "\"1\"").body(huge)).await;
    assert_eq!(reply.wrong_fields(), [""]);
    kiosk.takes("fine").await.given(201);
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let hall = TestHall::start_at("09:00:00").await;
    let someone = hall.someone();
    for path in [
        "/halls/atlantis",
        "/halls/UPPER",
        "/halls/atlantis/board",
        "/halls/atlantis/plan",
        "/nothing",
        "/halls/zhuzhou/windows/1/dance",
        "/halls/zhuzhou/windows/99999999",
    ] {
        let reply = someone.gets(path).await;
        assert!(
            matches!(reply.status, 401 | 404),
            "{path} answered {}",
            reply.status
        );
        assert_eq!(
            reply.header("content-type"),
            "application/problem+json",
            "{path}"
        );
    }
    for (method, path) in [
        (Method::DELETE, "/api/v1/halls/zhuzhou"),
        (Method::PATCH, "/api/v1/halls/zhuzhou/plan"),
        (Method::POST, "/api/v1/halls/zhuzhou/board/x/y"),
    ] {
        let reply = send(someone.request(method, path)).await;
        assert!(
            matches!(reply.status, 404 | 405),
            "{path} answered {}",
            reply.status
        );
        reply.refused("not-found");
    }
}

#[tokio::test]
async fn a_problem_speaks_the_readers_language() {
    let hall = TestHall::start_at("08:00:00").await;
    let refused = async |languages: Option<&str>, query: &str| -> Value {
        let request = reqwest::Client::new()
            .post(format!("{}/api/v1{TICKETS}{query}", hall.url))
            .header("idempotency-key", fresh_key())
            .json(&json!({ "service": "fine" }));
        let reply: Reply = send(match languages {
            Some(languages) => request.header("accept-language", languages),
            None => request,
        })
        .await;
        reply.refused("not-open")
    };
    let zh = "现在不能取号";
    for (languages, title) in [
        (None, zh),
        (Some("zh-CN,zh;q=0.9,en;q=0.8"), zh),
        (Some("en-GB,en;q=0.9"), "Not open"),
        (Some("fr,en;q=0.5"), "Not open"),
        (Some("fr"), zh),
    ] {
        let problem = refused(languages, "").await;
        assert_eq!(problem["title"], title, "{languages:?}");
        assert_eq!(
            problem["detail_text"]["zh"].is_string(),
            problem["detail_text"]["en"].is_string()
        );
    }
    assert_eq!(refused(Some("zh"), "?lang=en").await["title"], "Not open");
    // every door speaks it, also those outside the handlers
    let lost = send(hall.someone().request(Method::GET, "/api/v1/nothing")).await;
    assert_eq!(lost.refused("not-found")["title"], "Not found");
}

#[tokio::test]
async fn every_answer_keeps_browsers_safe() {
    let hall = TestHall::start_at("09:00:00").await;
    for path in ["/api/v1/halls", "/api/v1/nothing", "/healthz"] {
        let reply = send(hall.someone().request(Method::GET, path)).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'"),
            "{path}: {policy}"
        );
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn one_address_cannot_take_all_the_numbers() {
    let hall = TestHall::serve().await;
    let kiosk = hall.set_up().await.kiosk;
    let requests = (0..400).map(|_| kiosk.takes("fine"));
    let replies = futures_util::future::join_all(requests).await;
    let limited: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 429).collect();
    assert!(!limited.is_empty());
    limited[0].refused("too-many-requests");
    assert!(
        replies
            .iter()
            .all(|reply| matches!(reply.status, 201 | 429))
    );
}

/// Some programs put a byte order mark before their JSON.
#[tokio::test]
async fn a_body_with_a_mark_is_the_same_body() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await.0;
    let body = json!({ "service": "fine" }).to_string();
    let marked = format!("\u{feff}{body}");
    kiosk.posts_bytes(TICKETS, marked.clone()).await.given(201);
    let send_as = async |body: &str| {
        let request = kiosk.request(Method::POST, &format!("/api/v1{TICKETS}"));
        let request = request.header("content-type", "application/json");
        send(request.body(body.to_string())).await
    };
    send_as(&marked).await.given(201);
    assert_eq!(
        kiosk.posts_bytes(TICKETS, "\u{feff}").await.wrong_fields(),
        [""]
    );
    let utf16: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refused = kiosk.posts_bytes(TICKETS, utf16).await;
    let zh = refused.refused("validation")["detail_text"]["zh"].to_string();
    assert!(
        zh.contains("请求内容不是 UTF-8 编码（看起来是 UTF-16 LE）"),
        "{zh}"
    );
}
