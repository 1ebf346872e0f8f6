//! Addresses as they come out of a message, and `HEAD` as monitors ask it.

use crate::support::{TestHall, send};
use paihao::web::routes::table;
use reqwest::Method;

/// A citizen taps a link in a chat: what the sentence put behind it came along.
#[tokio::test]
async fn a_link_opens_with_what_a_sentence_put_behind_it() {
    let hall = TestHall::start_at("09:00:00").await;
    let token = hall.kiosk().await.gives("fine").await;
    let links = [
        "/zhuzhou".to_string(),
        "/zhuzhou/book".into(),
        "/zhuzhou/book?service=licence".into(),
        format!("/t/{token}"),
        "/status".into(),
    ];
    let someone = hall.someone();
    for link in links {
        for behind in ["", "。", "，", "）", ")", "%E3%80%82", ").", "）。", "、"] {
            let reply = send(someone.request(Method::GET, &format!("{link}{behind}"))).await;
            assert_eq!(reply.status, 200, "{link}{behind}");
        }
    }
    for link in [
        "/zhuzhou/",
        "/zhuzhou/book/",
        "/status/",
        "/healthz/",
        "/api/v1/halls/zhuzhou/",
    ] {
        let reply = send(someone.request(Method::GET, link)).await;
        assert_eq!(reply.status, 200, "{link}");
    }
    let there_is_none = send(someone.request(Method::GET, "/atlantis。")).await;
    assert_eq!(there_is_none.status, 404);
    // the wall's page stands in a folder
    let board = send(someone.request(Method::GET, "/display/")).await;
    assert_eq!(
        board.status,
        send(someone.request(Method::GET, "/display/")).await.status
    );
}

/// What is sent to an address with a slash behind it is the same request.
#[tokio::test]
async fn a_command_is_taken_with_a_slash_behind_its_address_once() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await.0;
    let wish = serde_json::json!({ "service": "fine" });
    let first = kiosk
        .posts_as("0123456789abcdef", "/halls/zhuzhou/tickets", &wish)
        .await;
    let again = kiosk
        .posts_as("0123456789abcdef", "/halls/zhuzhou/tickets/", &wish)
        .await;
    assert_eq!(
        (first.number(), first.token()),
        (again.number(), again.token())
    );
}

/// A monitor asked `HEAD /healthz` and reported that the server was gone.
#[tokio::test]
async fn head_answers_as_get_does_and_without_a_body() {
    let hall = TestHall::start_at("09:00:00").await;
    let someone = hall.someone();
    let rows = table();
    let read = rows
        .iter()
        .filter(|row| row.method == actix_web::http::Method::GET);
    let open = read.filter(|row| !row.path.contains(['{', ':']) && !row.path.starts_with("/ws/"));
    let paths: Vec<String> = open.map(|row| row.path.clone()).collect();
    assert!(paths.len() > 8, "{paths:?}");
    let others = [
        "/zhuzhou",
        "/zhuzhou/book",
        "/assets/kiosk.js",
        "/zhuzhou/window",
        "/nothing",
        "/api/v1/halls/atlantis",
    ];
    for path in paths.iter().map(String::as_str).chain(others) {
        let get = send(someone.request(Method::GET, path)).await;
        let head = send(someone.request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
    }
}
