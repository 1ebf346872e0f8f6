//! Every place of every route that takes something is given what nobody would send. What comes back is a refusal in
//! words, and the server goes on: no input makes a handler panic.

use crate::support::{Someone, TestHall};
use paihao::web::routes::table;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// In paths and behind question marks.
const WORDS: [&str; 16] = [
    "",
    "+262142-12-31",
    "-262143-01-01",
    "2026-02-30",
    "1899-12-31",
    "9999999999999999999999",
    "-1",
    "1e400",
    "null",
    "%00",
    "%FF%FE",
    "..%2f..%2f",
    "＂；ＤＲＯＰ",
    "weekend-+2621421231T0900",
    "𠮷\u{202e}\u{200b}",
    "true",
];

/// In every field of a body.
fn values() -> Vec<Value> {
    let long = "长".repeat(10_000);
    vec![
        json!(null),
        json!(-1),
        json!(u64::MAX),
        json!(1e308),
        json!(true),
        json!([]),
        json!({}),
        json!(""),
        json!("\u{0}"),
        json!("+262142-12-31"),
        json!("+262142-12-31T23:59:59Z"),
        json!("weekend-+2621421231T0900"),
        json!("weekend-20261128T0900"),
        json!("𠮷\u{202e}"),
        json!(long),
        json!([[[[]]]]),
    ]
}

/// What a body's fields are when all goes well, so that the one that is wrong is reached.
fn plausible(field: &str) -> Option<Value> {
    let person =
        json!({ "name": "王小明", "phone": "13800000001", "id_number": "11010519491231002X" });
    Some(match field {
        "service" => json!("licence"),
        "slot" => json!("weekend-20261128T0900"),
        "person" => person,
        "at" => json!("2026-11-23T09:00:00+08:00"),
        "taken_at" => json!("2026-11-23T09:00:00+08:00"),
        "lease" | "id" => json!(1),
        "number" => json!("A901"),
        "token" => json!("AAAAAAAAAAAAAAAAAAAAAA"),
        "role" => json!("officer"),
        "text" | "reason" | "name" => json!("等候"),
        "account" | "device" => json!("nobody"),
        "secret" => json!("2048-1632"),
        _ => return None,
    })
}

struct Thrower {
    someone: Someone,
    wrong: Vec<String>,
}

impl Thrower {
    /// The status; nothing where the connection broke, which is what a panic looks like from outside.
    async fn throw(&mut self, what: &str, request: reqwest::RequestBuilder) {
        loop {
            let answer = request.try_clone().expect("a body of bytes").send().await;
            match answer.map(|answer| answer.status().as_u16()) {
                Ok(429) => tokio::time::sleep(Duration::from_millis(100)).await,
                Ok(status) if status < 500 => return,
                other => return self.wrong.push(format!("{what}: {other:?}")),
            }
        }
    }

    fn request(&self, method: &Method, path: &str) -> reqwest::RequestBuilder {
        self.someone.request(method.clone(), path)
    }
}

/// Routes that would end the thrower's own day.
fn is_left_out(path: &str) -> bool {
    path.ends_with("/sign-out")
}

/// The path with something in every place but one.
fn filled(path: &str, but: &str) -> String {
    let places = [
        ("{hall}", "zhuzhou"),
        ("{n}", "1"),
        ("{code}", "000000"),
        ("{token}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("{link}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("{action}", "nothing"),
        ("{sheet}", "words"),
        ("{id}", "1"),
        ("{date}", "2026-11-23"),
        ("{service}", "fine"),
        ("{step}", "cancel"),
        ("{page}", "book"),
        ("{hash}", "0"),
        ("{file}", "a.wav"),
        ("{file:.*}", "a.js"),
    ];
    let filled = places.into_iter().filter(|(place, _)| *place != but);
    filled.fold(path.to_string(), |path, (place, with)| {
        path.replace(place, with)
    })
}

/// `{hall}`, `{n}` …
fn places(path: &str) -> Vec<&str> {
    let parts = path.split('/').filter_map(|part| {
        let at = part.find('{')?;
        let end = part.find('}')?;
        Some(&part[at..=end])
    });
    parts.collect()
}

async fn hall_with_thrower() -> (TestHall, Thrower) {
    let hall = TestHall::start_at("09:00:00").await;
    let someone = hall.manager().await.0;
    let wrong = Vec::new();
    (hall, Thrower { someone, wrong })
}

/// The hall still gives out numbers, and nothing has broken.
async fn goes_on(hall: &TestHall, thrower: &Thrower) {
    assert!(thrower.wrong.is_empty(), "{}", thrower.wrong.join("\n"));
    hall.kiosk().await.takes("fine").await.given(201);
    let reply = hall.someone().gets("/halls/zhuzhou").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[tokio::test]
async fn every_place_of_every_path_may_hold_anything() {
    let (hall, mut thrower) = hall_with_thrower().await;
    for row in table().iter().filter(|row| !is_left_out(&row.path)) {
        let method: Method = row.method.as_str().parse().unwrap();
        for place in places(&row.path) {
            for word in WORDS {
                let path = filled(&row.path, place).replace(place, word);
                let request = thrower.request(&method, &path);
                thrower.throw(&format!("{method} {path}"), request).await;
            }
        }
    }
    goes_on(&hall, &thrower).await;
}

#[tokio::test]
async fn every_query_may_say_anything() {
    let (hall, mut thrower) = hall_with_thrower().await;
    // pages do not describe theirs
    let of_pages = [
        "service", "date", "slot", "hold", "wait", "lang", "q", "again", "role", "next", "from",
        "to", "by", "format", "window", "zone",
    ];
    for row in table()
        .iter()
        .filter(|row| row.method.as_str() == "GET" && !is_left_out(&row.path))
    {
        let described = row.queries.iter().map(|(name, _)| name.as_str());
        let names: Vec<&str> = match row.described {
            true => described.collect(),
            false => of_pages.to_vec(),
        };
        let path = filled(&row.path, "");
        for name in &names {
            for word in WORDS {
                let others = names.iter().filter(|other| *other != name);
                let others = others
                    .filter(|other| ["service"].contains(other))
                    .map(|other| format!("&{other}=licence"));
                let word = word.replace('+', "%2B");
                let path = format!("{path}?{name}={word}{}", others.collect::<String>());
                let request = thrower.request(&Method::GET, &path);
                thrower.throw(&path, request).await;
            }
        }
    }
    goes_on(&hall, &thrower).await;
}

#[tokio::test]
async fn every_field_of_every_body_may_be_anything() {
    let (hall, mut thrower) = hall_with_thrower().await;
    let document = serde_json::to_value(paihao::web::openapi_document()).unwrap();
    let schemas = &document["components"]["schemas"];
    for row in table().iter().filter(|row| !is_left_out(&row.path)) {
        let Some(fields) = row
            .body
            .as_ref()
            .and_then(|name| schemas[name]["properties"].as_object())
        else {
            continue;
        };
        let method: Method = row.method.as_str().parse().unwrap();
        let required = schemas[row.body.as_ref().unwrap()]["required"].as_array();
        let required: Vec<&str> = required
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let right: Map<String, Value> = required
            .iter()
            .filter_map(|field| Some((field.to_string(), plausible(field)?)))
            .collect();
        let path = filled(&row.path, "");
        for (index, field) in fields.keys().enumerate() {
            // every second value each: fifty changes a second are let in
            for value in values().into_iter().skip(index % 2).step_by(2) {
                let mut body = right.clone();
                body.insert(field.clone(), value);
                let request = thrower.request(&method, &path).json(&body);
                thrower
                    .throw(
                        &format!("{method} {path} {field}: {:.80}", body[field].to_string()),
                        request,
                    )
                    .await;
            }
        }
    }
    goes_on(&hall, &thrower).await;
}

#[tokio::test]
async fn every_body_may_be_no_body() {
    let (hall, mut thrower) = hall_with_thrower().await;
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"\xEF\xBB\xBF{}",
        b"\xFF\xFE{\0}\0",
        b"\xD6\xD0\xCE\xC4",
        b"\0\0\0\0",
        b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        b"slot=&date=%2B262142-12-31&idempotency_key=k",
        b"service=licence&slot=weekend-%2B2621421231T0900&idempotency_key=k&date=1899-01-01",
    ];
    for row in table()
        .iter()
        .filter(|row| row.method.as_str() != "GET" && !is_left_out(&row.path))
    {
        let method: Method = row.method.as_str().parse().unwrap();
        let path = filled(&row.path, "");
        for body in bodies {
            let content_type = match row.described {
                true => "application/json",
                false => "application/x-www-form-urlencoded",
            };
            let request = thrower
                .request(&method, &path)
                .header("content-type", content_type);
            let request = request.header("origin", &hall.url).body(body);
            thrower
                .throw(
                    &format!("{method} {path} {}", String::from_utf8_lossy(body)),
                    request,
                )
                .await;
        }
    }
    goes_on(&hall, &thrower).await;
}

#[tokio::test]
async fn a_date_that_no_hall_has_is_told_so() {
    let hall = TestHall::start_at("09:00:00").await;
    let manager = hall.manager().await.0;
    for path in [
        "/halls/zhuzhou/slots?service=licence&from=%2B262142-12-31",
        "/halls/zhuzhou/slots?service=licence&to=1899-12-31",
        "/halls/zhuzhou/appointments?date=2201-01-01",
        "/halls/zhuzhou/stats?from=0001-01-01",
        "/halls/zhuzhou/days/%2B262142-12-31",
        "/halls/zhuzhou/days/1899-12-31",
    ] {
        let problem = manager.gets(path).await;
        assert_eq!(problem.status, 422, "{path}: {}", problem.text());
        let problem = problem.refused("validation");
        assert!(
            problem["detail"].as_str().unwrap().contains("1900 to 2200"),
            "{problem}"
        );
        let zh = problem["detail_text"]["zh"].as_str().unwrap();
        assert_eq!(zh, "日期应在 1900 年至 2200 年之间，写作 2026-11-23。");
    }
    let clock = json!({ "at": "+262142-12-31T23:59:59Z" });
    let refused = manager.posts("/demo/clock", clock).await;
    assert_eq!(refused.wrong_fields(), ["/at"]);
}
