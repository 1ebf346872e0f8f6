//! The plan: read by everybody, adopted by a manager who saw the one in force.

use crate::support::{TestHall, fresh_key, send};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_plan_is_adopted_over_the_revision_that_was_read() {
    let hall = TestHall::start_at("09:00:00").await;
    let manager = hall.manager().await;
    let (mut plan, tag) = manager.plan().await;
    assert_eq!(
        (plan["revision"].clone(), tag.as_str()),
        (json!(1), "\"1\"")
    );
    plan["hotline"] = json!("96322");
    let adopted = manager.adopts(&plan, &tag).await;
    assert_eq!(adopted.given(200)["revision"], 2);
    assert_eq!(adopted.header("etag"), "\"2\"");
    assert_eq!(manager.plan().await.0["hotline"], "96322");

    let stale = manager.adopts(&plan, &tag).await;
    assert_eq!(stale.status, 412);
    assert_eq!(stale.refused("stale-plan")["revision"], 2);
    let request = manager.0.request(Method::PUT, "/api/v1/halls/zhuzhou/plan");
    let blind = send(request.json(&plan)).await;
    assert_eq!(blind.wrong_fields(), ["/headers/if-match"]);
    assert_eq!(
        manager.adopts(&plan, "\"two\"").await.wrong_fields(),
        ["/headers/if-match"]
    );
}

#[tokio::test]
async fn a_plan_can_be_read_and_adopted_as_the_file_it_is() {
    let hall = TestHall::start_at("09:00:00").await;
    let manager = hall.manager().await;
    let path = "/api/v1/halls/zhuzhou/plan?format=toml";
    let file = send(manager.0.request(Method::GET, path)).await;
    assert_eq!(file.header("content-type"), "application/toml");
    let text = file.text().replace("12123\"", "96322\"");
    let put = |text: String| {
        let request = manager.0.request(Method::PUT, "/api/v1/halls/zhuzhou/plan");
        request
            .header("if-match", "\"1\"")
            .header("content-type", "application/toml")
            .body(text)
    };
    send(put(text)).await.given(200);
    assert_eq!(manager.plan().await.0["hotline"], "96322");
    send(put("hall = ".into())).await.refused("validation");
}

#[tokio::test]
async fn a_plan_that_would_strand_somebody_names_him() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, manager) = (hall.kiosk().await, hall.manager().await);
    kiosk.gives("registration").await;
    let (mut plan, tag) = manager.plan().await;
    let windows = plan["windows"].as_array_mut().unwrap();
    windows.retain(|window| window["number"] != 5 && window["everything"] != true);
    plan["appointments"] = json!([]);
    let services = plan["services"].as_array_mut().unwrap();
    services
        .retain(|service| !["registration", "other"].contains(&service["id"].as_str().unwrap()));
    let refused = manager.adopts(&plan, &tag).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert_eq!(refused.refused("would-strand")["tickets"], json!(["U001"]));
    assert_eq!(manager.plan().await.1, "\"1\"");
}

#[tokio::test]
async fn a_broken_plan_is_told_every_field() {
    let hall = TestHall::start_at("09:00:00").await;
    let manager = hall.manager().await;
    let (plan, tag) = manager.plan().await;

    let mut wrong = plan.clone();
    wrong["windows"][0]["services"] = json!(["alchemy"]);
    wrong["windows"][1]["number"] = json!(1);
    let fields = manager.adopts(&wrong, &tag).await.wrong_fields();
    assert!(
        fields
            .iter()
            .any(|field| field.starts_with("/windows/0/services")),
        "{fields:?}"
    );
    assert!(
        fields.iter().any(|field| field.starts_with("/windows/1")),
        "{fields:?}"
    );

    let mut wrong = plan.clone();
    wrong["services"][0]["prefix"] = json!("1");
    assert_eq!(
        manager.adopts(&wrong, &tag).await.wrong_fields(),
        ["/services/0/prefix"]
    );
    let mut wrong = plan.clone();
    wrong["week"]["monday"] = json!(["09:00-08:00"]);
    let fields = manager.adopts(&wrong, &tag).await.wrong_fields();
    assert!(fields[0].starts_with("/week"), "{fields:?}");
    let mut wrong = plan.clone();
    wrong["colour"] = json!("red");
    manager.adopts(&wrong, &tag).await.refused("validation");
    let mut other = plan.clone();
    other["hall"] = json!("changsha");
    assert_eq!(manager.adopts(&other, &tag).await.wrong_fields(), ["/hall"]);
    assert_eq!(manager.plan().await, (plan, tag));
}

#[tokio::test]
async fn an_adoption_that_is_repeated_happens_once() {
    let hall = TestHall::start_at("09:00:00").await;
    let manager = hall.manager().await;
    let (mut plan, tag) = manager.plan().await;
    plan["hotline"] = json!("96322");
    let key = fresh_key();
    let put = || {
        let url = format!("{}/api/v1/halls/zhuzhou/plan", hall.url);
        let request = reqwest::Client::new()
            .put(url)
            .header("idempotency-key", &key);
        let request = request.bearer_auth(manager.0.bearer.as_deref().unwrap());
        request.header("if-match", &tag).json(&plan)
    };
    assert_eq!(send(put()).await.given(200)["revision"], 2);
    assert_eq!(send(put()).await.given(200)["revision"], 2);
    assert_eq!(manager.plan().await.1, "\"2\"");
}

/// A plan that an office program saved in another encoding was once answered with a parser's "key with no value".
#[tokio::test]
async fn a_plan_in_another_encoding_is_told_so() {
    let hall = TestHall::start_at("09:00:00").await;
    let manager = hall.manager().await;
    let path = "/api/v1/halls/zhuzhou/plan?format=toml";
    let text = send(manager.0.request(Method::GET, path)).await.text();
    let put = |bytes: Vec<u8>| {
        let request = manager.0.request(Method::PUT, "/api/v1/halls/zhuzhou/plan");
        request
            .header("if-match", "\"1\"")
            .header("content-type", "application/toml")
            .body(bytes)
    };
    let gbk = encoding_rs::GB18030.encode(&text).0.into_owned();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, looks_like) in [
        (gbk, "GB18030"),
        (utf16, "UTF-16 LE"),
        (b"\xFF\xFF".to_vec(), ""),
    ] {
        let reply = send(put(bytes)).await;
        assert_eq!(reply.wrong_fields(), [""]);
        let zh = reply.refused("validation")["detail_text"]["zh"].to_string();
        assert!(
            zh.contains("不是 UTF-8 编码") && zh.contains(looks_like),
            "{zh}"
        );
    }
    send(put(format!("\u{feff}{text}").into_bytes()))
        .await
        .given(200);
}
