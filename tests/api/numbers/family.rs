//! Who looks at a ticket without holding it: the family by its link, and a phone that asks again and again.

use crate::support::{Reply, Someone, TestHall, send};
use reqwest::Method;
use serde_json::{Value, json};

/// The end of the family's link, as the holder's own page shows it.
async fn link_of(someone: &Someone, token: &str) -> String {
    let page = gets(someone, &format!("/t/{token}/family")).await;
    assert_eq!(page.status, 200);
    let html = page.text();
    let link = html.split("/f/").nth(1).unwrap();
    link.split('"').next().unwrap().to_string()
}

async fn gets(someone: &Someone, path: &str) -> Reply {
    send(
        someone
            .request(Method::GET, path)
            .header("accept", "text/html"),
    )
    .await
}

/// A page's form; what it leads to.
async fn posts(someone: &Someone, path: &str, form: &'static str) -> Reply {
    let request = someone.request(Method::POST, path).body(form);
    send(request.header("content-type", "application/x-www-form-urlencoded")).await
}

#[tokio::test]
async fn the_family_sees_what_the_holder_sees() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer, someone) = (hall.kiosk().await, hall.officer().await, hall.someone());
    kiosk.gives("fine").await;
    let token = kiosk.gives("fine").await;
    let link = link_of(&someone, &token).await;
    assert_eq!(link_of(&someone, &token).await, link, "it stays the same");

    let view = someone.gets(&format!("/family/{link}")).await.given(200);
    assert_eq!(
        (&view["number"], &view["ahead"]),
        (&json!("A002"), &json!(1))
    );
    let mut family = hall.watches(&format!("/ws/family/{link}")).await;
    family.shows(|view| view["ahead"] == 1).await;
    officer.opens(1).await.given(200);
    officer.calls_next(1).await;
    officer.finishes_and_calls_next(1).await;
    let called = family.shows(|view| view["stage"] == "called").await;
    assert_eq!(called["window"], 1);
    let page = gets(&someone, &format!("/f/{link}")).await;
    assert!(page.text().contains("window 1"), "{}", page.text());
}

/// Neither the page nor the answer nor a frame has the ticket's key, and the link opens nothing where a key is asked for.
#[tokio::test]
async fn the_familys_link_is_no_key() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, someone) = (hall.kiosk().await, hall.someone());
    let token = kiosk.gives("fine").await;
    let link = link_of(&someone, &token).await;
    let page = gets(&someone, &format!("/f/{link}")).await.text();
    let answer = someone.gets(&format!("/family/{link}")).await.text();
    let frame = hall
        .watches(&format!("/ws/family/{link}"))
        .await
        .next_view()
        .await;
    for shown in [&page, &answer, &frame.to_string()] {
        assert!(shown.contains("A001") && !shown.contains(&token), "{shown}");
    }
    assert_eq!(frame["view"]["actions"], json!([]));

    for action in ["cancel", "defer", "change", "report", "return"] {
        let body = json!({ "service": "licence", "text": "x" });
        hall.holder()
            .does(&link, action, body)
            .await
            .refused("not-found");
        for path in [format!("/t/{link}/{action}"), format!("/f/{link}/{action}")] {
            let sent = posts(&someone, &path, "idempotency_key=k&text=x").await;
            assert_eq!(sent.status, 404, "{path}");
        }
        let posted = someone
            .posts(&format!("/family/{link}/{action}"), json!({}))
            .await;
        assert_eq!(posted.status, 404);
    }
    for path in [
        format!("/t/{link}"),
        format!("/t/{link}/family"),
        format!("/f/{token}"),
    ] {
        assert_eq!(gets(&someone, &path).await.status, 404, "{path}");
    }
    assert_eq!(hall.holder().stage(&token).await, "waiting");
}

#[tokio::test]
async fn a_link_that_was_changed_or_is_another_servers_shows_nothing() {
    let hall = TestHall::start_at("09:00:00").await;
    let token = hall.kiosk().await.gives("fine").await;
    let link = link_of(&hall.someone(), &token).await;
    let changed = |at: usize| {
        let mut text = link.clone().into_bytes();
        text[at] = if text[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(text).unwrap()
    };
    let wrong = [
        changed(0),
        changed(40),
        changed(link.len() - 1),
        link[..60].into(),
        "A".into(),
    ];
    for link in wrong {
        hall.someone()
            .gets(&format!("/family/{link}"))
            .await
            .refused("not-found");
        let socket = hall
            .someone()
            .tries_to_watch(&format!("/ws/family/{link}"), &[])
            .await;
        assert_eq!(socket.err(), Some(404), "{link}");
    }
    let other = TestHall::start_at("09:00:00").await;
    other.kiosk().await.gives("fine").await;
    other
        .someone()
        .gets(&format!("/family/{link}"))
        .await
        .refused("not-found");
}

/// A phone with a poor connection asks every quarter of a minute: as long as nothing has happened it is told so, and by
/// the header as of when. When to be back is said to the minute, or each second would show something else.
#[tokio::test]
async fn whoever_asks_again_is_told_that_nothing_has_changed() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer, someone) = (hall.kiosk().await, hall.officer().await, hall.someone());
    officer.opens(1).await.given(200);
    for _ in 0..6 {
        kiosk.gives("fine").await;
    }
    let token = kiosk.gives("fine").await;
    let link = link_of(&someone, &token).await;
    let paths = [format!("/tickets/{token}"), format!("/family/{link}")];
    for (path, minute) in paths.into_iter().zip(["09:01", "09:02"]) {
        hall.clock_to(&format!("{minute}:10")).await;
        let asks = async |tag: &str| {
            let path = format!("/api/v1{path}");
            send(
                someone
                    .request(Method::GET, &path)
                    .header("if-none-match", tag),
            )
            .await
        };
        let first = someone.gets(&path).await;
        let tag = first.header("etag").to_string();
        let back: Value = first.given(200)["be_back_by"].clone();
        assert!(
            back.as_str().is_some_and(|at| at.ends_with(":00+08:00")),
            "{back}"
        );
        hall.clock_to(&format!("{minute}:11")).await;
        let again = asks(&tag).await;
        assert_eq!((again.status, again.text().as_str()), (304, ""));
        let now = format!("2026-11-23T{minute}:11+08:00");
        assert_eq!(again.header("paihao-now"), now);
        officer.finishes_and_calls_next(1).await;
        assert_eq!(asks(&tag).await.given(200)["number"], "A007");
    }
}

/// One of the next two is told to come, unless he let others go first or nobody is there to call him.
#[tokio::test]
async fn the_next_two_are_told_to_come() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer, holder) = (hall.kiosk().await, hall.officer().await, hall.holder());
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(kiosk.gives("fine").await);
    }
    let near = async || {
        let mut near = Vec::new();
        for token in &tokens {
            near.push(holder.sees(token).await["near"] == true);
        }
        near
    };
    assert_eq!(near().await, [false, false, false], "no window is open");
    officer.opens(1).await.given(200);
    assert_eq!(near().await, [true, true, false]);
    holder.does(&tokens[0], "defer", json!({})).await.given(200);
    assert!(!near().await[0], "he lets others go first");
    hall.manager()
        .await
        .0
        .posts("/halls/zhuzhou/pause", json!({ "reason": "停电" }))
        .await
        .given(200);
    assert_eq!(near().await, [false, false, false], "nobody is called");
    let said = holder.sees(&tokens[1]).await;
    assert_eq!(said["sentence"]["zh"], hall.shows().await["sentence"]["zh"]);
}

/// Without a number there is no key to an answer, so the page that shows it is sealed: counting opens nobody's words.
#[tokio::test]
async fn a_word_without_a_number_is_answered_where_it_was_left() {
    let hall = TestHall::start_at("12:30:00").await;
    let someone = hall.someone();
    let form = "idempotency_key=k1&service=fine&text=no+number+twice";
    let sends = async || posts(&someone, "/zhuzhou/word", form).await;
    let page = sends().await;
    let html = page.text();
    assert!(html.contains("by Monday, 30 November"), "{html}");
    assert!(html.contains("no number twice"));
    // sent twice, left once
    sends().await;
    let manager = hall.manager().await;
    let answer = json!({ "text": "周四给您留了号" });
    manager
        .0
        .posts("/halls/zhuzhou/words/1/answer", answer.clone())
        .await
        .refused("not-found");
    manager
        .0
        .posts("/halls/zhuzhou/words/0/answer", answer)
        .await
        .given(200);
    assert!(sends().await.text().contains("周四给您留了号"));
    for guess in ["1", "zhuzhou/1", "AAAA"] {
        let guessed = gets(&someone, &format!("/zhuzhou/word/{guess}")).await;
        assert_eq!(guessed.status, 404, "{guess}");
    }
    let refused = posts(
        &someone,
        "/zhuzhou/word",
        "idempotency_key=k2&service=&text=+",
    )
    .await;
    assert!(
        refused.text().contains("role=\"alert\""),
        "{}",
        refused.text()
    );
}
