//! /{hall} and /{hall}/hours.ics: when a hall is open, for everybody.

use crate::support::{Start, TestHall, send};
use hall::Plan;
use reqwest::Method;
use serde_json::{Value, json};

const ZHUZHOU: &str = include_str!("../../../plans/zhuzhou.toml");

async fn page(hall: &TestHall, path: &str) -> crate::support::Reply {
    let request = hall.someone().request(Method::GET, path);
    send(request.header("accept", "text/html")).await
}

/// The one data block of a page.
fn structured(html: &str) -> Value {
    let start = "<script type=\"application/ld+json\">";
    let (_, rest) = html.split_once(start).unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

/// A page's text with its white space as people see it: none of it is wider than a blank.
fn flat(html: &str) -> String {
    html.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn everybody_can_read_when_a_hall_is_open() {
    let hall = TestHall::start_at("10:00:00").await;
    let manager = hall.manager().await;
    let (mut plan, tag) = manager.plan().await;
    plan["special_days"] = json!([
        { "date": "2026-11-24", "name": { "zh": "停电", "en": "No power" } },
        { "date": "2026-11-28", "as": "Fri" },
    ]);
    manager.adopts(&plan, &tag).await.given(200);
    let html = flat(&page(&hall, "/zhuzhou").await.text());
    assert!(html.contains("Open until 12:00"), "{html}");
    assert!(
        html.contains("<span class=\"shut\">Closed</span> <span class=\"why\">No power</span>"),
        "{html}"
    );
    let office = structured(&html);
    assert_eq!(office["@type"], "GovernmentOffice");
    assert_eq!(office["url"], format!("{}/zhuzhou", hall.url));
    let closed = &office["specialOpeningHoursSpecification"][0];
    assert_eq!(
        (closed["opens"].as_str(), closed["closes"].as_str()),
        (Some("00:00"), Some("00:00"))
    );
    assert_eq!(closed["validFrom"], "2026-11-24");
    let chinese = page(&hall, "/zhuzhou?lang=zh").await.text();
    assert!(
        chinese.contains("正在办公,12:00 结束") && chinese.contains("停电"),
        "{chinese}"
    );
    hall.date_to("2026-11-24", "10:00:00").await;
    let html = flat(&page(&hall, "/zhuzhou").await.text());
    assert!(
        html.contains("Closed today</span> <strong>Numbers on Wednesday 25 November from 08:50<"),
        "{html}"
    );
    assert_eq!(page(&hall, "/atlantis").await.status, 404);
}

#[tokio::test]
async fn opening_hours_are_a_calendar_that_is_sent_once() {
    let hall = TestHall::start_at("10:00:00").await;
    let feed = page(&hall, "/zhuzhou/hours.ics").await;
    assert_eq!(feed.header("content-type"), "text/calendar; charset=utf-8");
    let text = feed.text();
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n"), "{text}");
    assert!(
        text.contains("\r\nDTSTART;TZID=Asia/Shanghai:20261123T090000\r\n"),
        "{text}"
    );
    let request = hall.someone().request(Method::GET, "/zhuzhou/hours.ics");
    let known = send(request.header("if-none-match", feed.header("etag"))).await;
    assert_eq!((known.status, known.text().as_str()), (304, ""));
    hall.clock_to("17:30:00").await;
    assert_eq!(
        page(&hall, "/zhuzhou/hours.ics").await.header("etag"),
        feed.header("etag")
    );
    hall.date_to("2026-11-24", "08:00:00").await;
    assert_ne!(
        page(&hall, "/zhuzhou/hours.ics").await.header("etag"),
        feed.header("etag")
    );
}

#[tokio::test]
async fn the_manager_is_told_that_a_year_is_missing() {
    let plan = ZHUZHOU.replacen("[policy]", "calendar_years = [2026]\n[policy]", 1);
    let hall = TestHall::start_as(Start {
        plans: vec![Plan::from_toml(&plan).unwrap()],
        clock: "09:00:00",
        ..Start::default()
    });
    let hall = hall.await;
    let manager = hall.manager().await;
    let path = "/zhuzhou/overview";
    let request = manager
        .0
        .request(Method::GET, path)
        .header("accept", "text/html");
    let html = send(request).await.text();
    assert!(
        html.contains("The official holidays of 2027 are not imported"),
        "{html}"
    );
}
