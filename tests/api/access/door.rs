//! Who stands at the door: strangers, proxies, devices with their link, and a register that another instance wrote.

use crate::redis_server::TestRedis;
use crate::support::{MONDAY, PIN, Reply, Someone, Start, TestHall, send};
use paihao::application::Application;
use paihao::config::Mode;
use paihao::samples::sample_plans;
use paihao::site::{Proxies, PublicUrl};
use paihao::web::LIMITS;
use reqwest::Method;
use serde_json::{Value, json};

const TICKETS: &str = "/api/v1/halls/zhuzhou/tickets";

/// Serves for real, behind these.
async fn behind(trusted: &[&str], public_url: Option<&str>) -> TestHall {
    let proxies = Proxies {
        trusted: trusted.iter().map(|each| each.parse().unwrap()).collect(),
        public_url: public_url.map(|url| PublicUrl::parse(url).unwrap()),
    };
    TestHall::start_as(Start {
        mode: Mode::Serve,
        clock: "09:00:00",
        proxies,
        ..Start::default()
    })
    .await
}

/// How many numbers an address may take at once.
fn numbers_at_once() -> u64 {
    let mut limits = LIMITS.iter();
    let of_numbers = limits.find(|limit| limit.what.starts_with("numbers by nobody"));
    of_numbers.unwrap().most
}

/// Takes a number as a phone that says it has this address.
async fn takes_from(hall: &TestHall, address: &str) -> Reply {
    let request = hall.someone().request(Method::POST, TICKETS);
    let request = request.header("x-forwarded-for", address);
    send(request.json(&json!({ "service": "fine" }))).await
}

/// Signs in as a browser whose page has this origin; answers the cookie with its attributes, if it got one.
async fn browses(hall: &TestHall, account: (&str, &str), headers: &[(&str, &str)]) -> String {
    let body = json!({ "account": account.0, "secret": account.1 });
    let request = hall.someone().request(Method::POST, "/api/v1/sign-in");
    let with = |request: reqwest::RequestBuilder, header: &(&str, &str)| {
        request.header(header.0, header.1)
    };
    let reply = send(headers.iter().fold(request, with).json(&body)).await;
    reply.given(200);
    reply.header("set-cookie").to_string()
}

#[tokio::test]
async fn a_stranger_takes_as_many_numbers_whatever_address_he_claims() {
    let hall = behind(&[], None).await;
    for claimed in 1..=numbers_at_once() {
        let reply = takes_from(&hall, &format!("192.0.2.{claimed}")).await;
        reply.given(201);
    }
    let refused = takes_from(&hall, "192.0.2.66").await;
    assert_eq!(refused.status, 429);
    refused.refused("too-many-requests");
    hall.set_up().await.kiosk.takes("fine").await.given(201);
}

/// A waiting room shares the address of its Wi-Fi: once the sixth of them was sent away.
#[tokio::test]
async fn behind_our_proxy_each_address_has_its_own_allowance() {
    let hall = behind(&["127.0.0.1"], None).await;
    for _ in 1..=numbers_at_once() {
        takes_from(&hall, "192.0.2.1").await.given(201);
    }
    assert_eq!(takes_from(&hall, "192.0.2.1").await.status, 429);
    // whoever invents an entry before the one that the proxy adds is still himself
    assert_eq!(takes_from(&hall, "10.1.1.1, 192.0.2.1").await.status, 429);
    takes_from(&hall, "192.0.2.2").await.given(201);
}

/// The plan knows the addresses of the hall's own Wi-Fi.
#[tokio::test]
async fn the_halls_own_network_takes_as_many_as_stand_there() {
    let hall = behind(&["127.0.0.1"], None).await;
    let staff = hall.set_up().await;
    let own = |plan: &mut Value| plan["policy"]["own_networks"] = json!(["198.51.100.0/24"]);
    staff.manager.changes_plan(own).await;
    for _ in 0..=numbers_at_once() {
        takes_from(&hall, "198.51.100.9").await.given(201);
    }
    for _ in 1..=numbers_at_once() {
        takes_from(&hall, "192.0.2.1").await.given(201);
    }
    assert_eq!(takes_from(&hall, "192.0.2.1").await.status, 429);
}

#[tokio::test]
async fn our_pages_are_those_at_the_address_that_people_know() {
    let officer = ("1024", PIN);
    let told = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "queue.example"),
        ("origin", "https://queue.example"),
    ];

    let open = behind(&[], None).await;
    open.set_up().await;
    assert_eq!(
        browses(&open, officer, &told).await,
        "",
        "anybody can say this"
    );

    let proxied = behind(&["127.0.0.1"], None).await;
    proxied.set_up().await;
    let cookie = browses(&proxied, officer, &told).await;
    assert!(cookie.contains("Secure"), "{cookie}");

    let named = behind(&[], Some("https://queue.example/")).await;
    named.set_up().await;
    let cookie = browses(&named, officer, &[("origin", "https://queue.example")]).await;
    assert!(cookie.contains("Secure"), "{cookie}");
    assert_eq!(
        browses(&named, officer, &[("origin", &named.url)]).await,
        ""
    );
}

#[tokio::test]
async fn a_stranger_cannot_come_upon_another_strangers_key() {
    let hall = behind(&[], None).await;
    let body = json!({ "service": "fine" });
    let takes =
        async |who: &Someone, key: &str| who.posts_as(key, "/halls/zhuzhou/tickets", &body).await;
    let stranger = hall.someone();
    let refused = takes(&stranger, "1").await;
    assert_eq!(refused.wrong_fields(), ["/headers/idempotency-key"]);
    takes(&stranger, "0123456789abcdef").await.given(201);
    let kiosk = hall.set_up().await.kiosk;
    takes(&kiosk.0, "1").await.given(201);
}

#[tokio::test]
async fn a_devices_link_works_once_and_its_cookie_a_year() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    let wish = json!({ "device": "kiosk-8", "kind": "kiosk", "hall": "zhuzhou" });
    let enrolled = staff.manager.0.posts("/devices", wish).await.given(201);
    let (link, token) = (text(&enrolled["sign_in"]), text(&enrolled["token"]));
    assert!(
        !link.contains(&token),
        "an address is kept in histories and logs"
    );

    let opens = async || {
        let browser = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        send(browser.get(format!("{}{link}", hall.url))).await
    };
    let first = opens().await;
    assert_eq!(
        (first.status, first.header("location")),
        (303, "/zhuzhou/kiosk")
    );
    let cookie = first.header("set-cookie").to_string();
    assert!(cookie.contains("Max-Age=31536000"), "{cookie}");
    assert_eq!(opens().await.status, 403);

    let takes = hall.someone().request(Method::POST, TICKETS);
    let takes = takes.header("cookie", cookie.split(';').next().unwrap());
    let takes = takes.header("origin", &hall.url);
    send(takes.json(&json!({ "service": "fine" })))
        .await
        .given(201);
}

#[tokio::test]
async fn setting_up_with_a_wrong_token_is_refused_and_limited() {
    let hall = TestHall::serve().await;
    let form = json!({ "token": "AAAA", "account": "chief", "name": "周敏", "secret": "x" });
    let tries = async || hall.someone().posts("/setup", form.clone()).await;
    for _ in 0..60 {
        tries().await.refused("forbidden"); // and not that the password is too short: nothing was hashed
    }
    tries().await.refused("too-many-requests");
}

#[tokio::test]
async fn signing_out_with_a_cookie_is_only_for_our_pages() {
    let hall = TestHall::serve().await;
    hall.set_up().await;
    let cookie = browses(&hall, ("1024", PIN), &[("origin", &hall.url)]).await;
    let cookie = cookie.split(';').next().unwrap();
    for path in ["/api/v1/sign-out", "/sign-out"] {
        let leaves = hall.someone().request(Method::POST, path);
        let refused = send(leaves.header("cookie", cookie).header("origin", "null")).await;
        assert_eq!(refused.status, 403, "{path}");
    }
    let leaves = hall.someone().request(Method::POST, "/sign-out");
    let left = send(leaves.header("cookie", cookie).header("origin", &hall.url)).await;
    assert_eq!(left.status, 200, "led to the front page: {}", left.text());
    let watches = hall
        .someone()
        .request(Method::GET, "/api/v1/halls/zhuzhou/windows/1");
    assert_eq!(send(watches.header("cookie", cookie)).await.status, 401);
}

/// A session opened on one server was once unknown to another until it had read on.
#[tokio::test]
async fn every_server_of_a_store_knows_at_once_who_is_signed_in() {
    let redis = TestRedis::start();
    let start = || Start {
        mode: Mode::Serve,
        store: Some(redis.url()),
        clock: "09:00:00",
        ..Start::default()
    };
    let one = TestHall::start_as(start()).await;
    let staff = one.set_up().await;
    let other = TestHall::start_as(start()).await;
    for account in 3001..3010 {
        let account = account.to_string();
        staff
            .manager
            .creates(&account, "officer", Some("zhuzhou"))
            .await;
        let bearer = other.signs_in(&account, PIN).await.bearer.unwrap();
        let watched = one.bearing(&bearer).gets("/halls/zhuzhou/windows/1").await;
        watched.given(200);
    }
    one.application.stop().await;
    other.application.stop().await;
}

#[tokio::test]
async fn a_hall_cannot_have_the_name_of_a_page() {
    for name in ["api", "display", "t", "sign-in", "access"] {
        let folder = tempfile::tempdir().unwrap();
        let mut plan = sample_plans().remove(0);
        plan.hall = hall::id::HallId::parse(name).unwrap();
        let start = Start {
            plans: vec![plan],
            date: MONDAY,
            ..Start::default()
        };
        let refused = Application::start(start.settings(&folder).unwrap()).await;
        let refused = refused.err().map(|error| error.to_string());
        assert!(refused.is_some_and(|text| text.contains(name)), "{name}");
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().into()
}
