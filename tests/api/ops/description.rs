//! What the service says of itself: its description, its health, its figures.

use crate::support::{TestHall, send};
use paihao::web::routes::table;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_description_has_every_route_of_the_table() {
    let hall = TestHall::start().await;
    let document = send(hall.someone().request(Method::GET, "/openapi.json"))
        .await
        .given(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let described: Vec<_> = table().into_iter().filter(|row| row.described).collect();
    assert!(described.len() > 25, "{described:?}");
    for row in &described {
        let method = row.method.as_str().to_lowercase();
        let operation = &document["paths"][&row.path][&method];
        assert!(operation.is_object(), "{row:?} is not described");
        assert_eq!(
            operation["description"],
            format!("Who: {}.", row.who),
            "{row:?}"
        );
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let has = |name: &str| parameters.iter().any(|parameter| parameter["name"] == name);
        assert_eq!(has("Idempotency-Key"), row.keyed, "{row:?}");
        assert_eq!(has("If-Match"), row.needs_if_match, "{row:?}");
        for (query, has_to_be) in &row.queries {
            let found = parameters
                .iter()
                .find(|parameter| parameter["in"] == "query" && parameter["name"] == *query);
            let found = found.unwrap_or_else(|| panic!("{row:?} does not tell of {query}"));
            assert_eq!(found["required"].as_bool().unwrap_or(false), *has_to_be);
        }
        let places = row.path.matches('{').count();
        let in_path = parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .count();
        assert_eq!(in_path, places, "{row:?}");
        assert_eq!(
            operation["requestBody"].is_object(),
            row.body.is_some(),
            "{row:?}"
        );
    }
    // and nothing else
    let paths = document["paths"].as_object().unwrap();
    let operations: usize = paths
        .values()
        .map(|path| path.as_object().unwrap().len())
        .sum();
    assert_eq!(operations, described.len());
}

/// Whoever writes a kiosk has to know what a redirect carries.
#[test]
fn a_refusal_says_what_it_carries() {
    let document = serde_json::to_value(paihao::web::openapi_document()).unwrap();
    let schemas = &document["components"]["schemas"];
    let carried = &schemas["Problem"]["properties"];
    for name in ["reason", "opens_at", "may_insist", "alternatives"] {
        assert!(carried[name].is_object(), "{name}");
    }
    let way = &schemas["Alternative"]["properties"];
    for name in ["kind", "title", "url", "starts_at", "wait", "slot", "qr"] {
        assert!(way[name].is_object(), "{name}");
    }
}

#[tokio::test]
async fn every_reference_of_the_description_leads_somewhere() {
    let document = serde_json::to_value(paihao::web::openapi_document()).unwrap();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 30);
    for reference in references {
        let pointer = reference
            .strip_prefix('#')
            .unwrap_or_else(|| panic!("{reference} leads outside"));
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = serde_json::to_value(paihao::web::openapi_document()).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    let mut names: Vec<&str> = operations
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                references.push(reference.clone());
            }
            fields.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn it_says_whether_it_lives_and_can_serve() {
    let hall = TestHall::start_at("09:00:00").await;
    let get = async |path: &str| send(hall.someone().request(Method::GET, path)).await;
    assert_eq!(get("/healthz").await.given(200)["alive"], true);
    let ready = get("/readyz").await.given(200);
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["durability"], "E");
    assert_eq!(ready["halls"]["zhuzhou"]["state"], "ready");

    hall.kiosk().await.gives("fine").await;
    let metrics = get("/metrics").await;
    assert!(
        metrics
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    let text = metrics.text();
    let commits = text
        .lines()
        .find(|line| line.starts_with("paihao_commits_total"))
        .unwrap();
    let count: u64 = commits.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(count >= 3, "{commits}");
    assert!(text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn a_board_that_polls_is_told_when_nothing_has_changed() {
    let hall = TestHall::start_at("09:00:00").await;
    let polls = async |tag: &str| {
        let request = hall
            .someone()
            .request(Method::GET, "/api/v1/halls/zhuzhou/board");
        send(request.header("if-none-match", tag)).await
    };
    let first = polls("\"none\"").await;
    assert_eq!(first.given(200)["hall"], "zhuzhou");
    let tag = first.header("etag").to_string();
    assert_eq!(polls(&tag).await.status, 304);
    hall.clock_to("09:00:01").await; // that time has passed is no news
    assert_eq!(polls(&tag).await.status, 304);
    hall.kiosk().await.gives("fine").await;
    let second = polls(&tag).await;
    assert_eq!(second.given(200)["waiting"][0]["count"], 1);
    assert_ne!(second.header("etag"), tag);
}

#[tokio::test]
async fn all_halls_are_listed_with_what_they_offer() {
    let hall = TestHall::start_at("09:00:00").await;
    let list = hall.someone().gets("/halls").await.given(200);
    let halls = list["halls"].as_array().unwrap();
    let ids: Vec<_> = halls
        .iter()
        .map(|hall| hall["hall"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["lusong", "zhuzhou"]);
    let one = hall.shows().await;
    assert_eq!(one["phase"], "open");
    assert_eq!(one["now"], "2026-11-23T09:00:00+08:00");
    assert_eq!(one["others"][0]["hall"], "lusong");
    assert!(one["sentence"]["zh"].is_string() && one["sentence"]["en"].is_string());
    let fine = &one["services"][0];
    assert_eq!(
        (&fine["id"], &fine["open"], &fine["waiting"]),
        (&json!("fine"), &json!(true), &json!(0))
    );
    assert!(fine["online"]["url"].is_string());
}
