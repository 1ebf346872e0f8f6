//! A kiosk that cannot reach the server gives out numbers that it was lent, and tells it afterwards: over HTTP, as the
//! kiosk's page does it.

use crate::support::{Kiosk, Reply, TestHall, fresh_key};
use serde_json::{Value, json};

const LEASES: &str = "/halls/zhuzhou/leases";

/// The block of a series that a kiosk was lent.
fn block<'a>(leases: &'a Value, prefix: &str) -> &'a Value {
    let mut blocks = leases["leases"].as_array().unwrap().iter();
    blocks
        .find(|lease| lease["prefix"] == prefix)
        .unwrap_or_else(|| panic!("no {prefix} in {leases}"))
}

fn paper(lease: &Value, number: &str, token: &str, at: &str) -> Value {
    json!({
        "lease": lease["lease"],
        "number": number,
        "token": format!("{token:-<22}"),
        "service": "fine",
        "taken_at": format!("2026-11-23T{at}+08:00"),
    })
}

/// As the kiosk's page sends it, at this time by its own clock.
fn sent(paper: Value, at: &str) -> Value {
    let sent_at = json!({ "sent_at": format!("2026-11-23T{at}+08:00") });
    let mut sent = paper;
    sent.as_object_mut()
        .unwrap()
        .extend(sent_at.as_object().unwrap().clone());
    sent
}

async fn reports(kiosk: &Kiosk, paper: &Value) -> Reply {
    kiosk
        .0
        .posts(&format!("{LEASES}/tickets"), paper.clone())
        .await
}

#[tokio::test]
async fn what_was_given_out_while_the_server_was_away_is_called_in_its_turn() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    officer.opens(1).await;
    let leases = kiosk.0.posts(LEASES, json!({})).await.given(201);
    assert_eq!(leases["date"], "2026-11-23");
    let fine = block(&leases, "A");
    assert_eq!((&fine["first"], &fine["last"]), (&json!(901), &json!(950)));

    // asked again while there is enough, nothing more is lent
    let again = kiosk.0.posts(LEASES, json!({})).await.given(201);
    let fresh = |leases: &Value| {
        let leases = leases["leases"].as_array().unwrap();
        leases.iter().filter(|lease| lease["fresh"] == true).count()
    };
    assert_eq!((fresh(&leases), fresh(&again)), (7, 0));
    // another browser of the same kiosk gets a block of its own
    let low = json!({ "low": ["A"] });
    let other = kiosk.0.posts(LEASES, low).await.given(201);
    assert_eq!(fresh(&other), 1);
    let blocks = other["leases"].as_array().unwrap();
    let own = blocks.iter().find(|lease| lease["fresh"] == true).unwrap();
    assert_eq!((&own["first"], &own["prefix"]), (&json!(951), &json!("A")));

    hall.clock_to("09:04:00").await;
    assert_eq!(kiosk.takes("fine").await.number(), "A001");
    let first = sent(paper(fine, "A901", "first", "09:02:00"), "09:04:00");
    let key = fresh_key();
    let path = format!("{LEASES}/tickets");
    let told = kiosk.0.posts_as(&key, &path, &first).await;
    assert_eq!(told.number(), "A901");
    assert_eq!(told.given(201)["taken_at"], "2026-11-23T09:02:00+08:00");
    // sent again, it is the same report
    let first = sent(paper(fine, "A901", "first", "09:02:00"), "09:04:30");
    let repeated = kiosk.0.posts_as(&key, &path, &first).await;
    assert_eq!(repeated.given(201), told.given(201));
    let second = sent(paper(fine, "A902", "second", "09:03:00"), "09:04:00");
    assert_eq!(reports(&kiosk, &second).await.number(), "A902");

    let seen = hall.holder().sees(&format!("{:-<22}", "second")).await;
    assert_eq!(seen["reserve"], true);
    assert_eq!(seen["ahead"], 1);
    for number in ["A901 called", "A902 called", "A001 called"] {
        assert_eq!(officer.finishes_and_calls_next(1).await.ticket(), number);
    }
}

#[tokio::test]
async fn one_number_is_on_one_paper() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await;
    let leases = kiosk.0.posts(LEASES, json!({})).await.given(201);
    let fine = block(&leases, "A");
    let once = paper(fine, "A901", "once", "09:00:00");
    reports(&kiosk, &once).await.given(201);
    for (wrong, pointer) in [
        (paper(fine, "A901", "twice", "09:00:00"), "/number"),
        (paper(fine, "A951", "beyond", "09:00:00"), "/number"),
        (
            paper(block(&leases, "F"), "F901", "other", "09:00:00"),
            "/number",
        ),
        (paper(fine, "A902", "once", "09:00:00"), "/token"),
    ] {
        let refused = reports(&kiosk, &wrong).await;
        assert_eq!(refused.wrong_fields(), [pointer], "{wrong}");
    }
    let mut unknown = paper(fine, "A902", "unknown", "09:00:00");
    unknown["lease"] = json!(4711);
    assert_eq!(reports(&kiosk, &unknown).await.status, 404);

    let back = json!({ "lease": fine["lease"] });
    let left = kiosk
        .0
        .posts(&format!("{LEASES}/return"), back)
        .await
        .given(200);
    let left = left["leases"].as_array().unwrap();
    assert!(left.iter().all(|lease| lease["prefix"] != "A"), "{left:?}");
}

#[tokio::test]
async fn a_request_whose_answer_never_came_makes_no_second_number() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await;
    let leases = kiosk.0.posts(LEASES, json!({})).await.given(201);
    let fine = block(&leases, "A");
    let tickets = "/halls/zhuzhou/tickets";

    // the server had given out A001, and the kiosk did not hear it
    let unheard = fresh_key();
    let wish = json!({ "service": "fine" });
    let lost = kiosk.0.posts_as(&unheard, tickets, &wish).await.token();
    let mut instead = paper(fine, "A901", "instead", "09:00:00");
    instead["instead_of"] = json!(unheard);
    assert_eq!(reports(&kiosk, &instead).await.number(), "A901");
    assert_eq!(hall.holder().stage(&lost).await, "cancelled");

    // the request itself arrives after the report
    let late = fresh_key();
    let mut instead = paper(fine, "A902", "again", "09:00:00");
    instead["instead_of"] = json!(late);
    assert_eq!(reports(&kiosk, &instead).await.number(), "A902");
    let arrives = kiosk.0.posts_as(&late, tickets, &wish).await;
    assert!(arrives.status == 422 || arrives.number() == "A902");
    assert_eq!(kiosk.takes("fine").await.number(), "A002");
}

#[tokio::test]
async fn only_a_kiosk_is_lent_numbers() {
    let hall = TestHall::start_at("09:00:00").await;
    for caller in [
        hall.officer().await.0,
        hall.manager().await.0,
        hall.someone(),
    ] {
        let refused = caller.posts(LEASES, json!({})).await.status;
        assert!([401, 403].contains(&refused), "{refused}");
    }
    let kiosk = TestHall::start_at("08:49:59").await;
    let too_early = kiosk.kiosk().await.0.posts(LEASES, json!({})).await;
    assert_eq!(
        too_early.refused("not-open")["opens_at"],
        "2026-11-23T08:50:00+08:00"
    );
}

/// The paper says that the number is good, however long the server was away.
#[tokio::test]
async fn a_paper_of_before_closing_is_good_whenever_it_is_reported() {
    let hall = TestHall::start_at("16:50:00").await;
    let kiosk = hall.kiosk().await;
    let leases = kiosk.0.posts(LEASES, json!({})).await.given(201);
    let fine = block(&leases, "A");
    hall.clock_to("17:02:00").await;
    let in_time = paper(fine, "A901", "in-time", "16:59:30");
    assert_eq!(reports(&kiosk, &in_time).await.number(), "A901");
    // meanwhile the manager reads for which kiosk the day waits, and how long
    let manager = hall.manager().await;
    let mut overview = manager.0.watches("/ws/halls/zhuzhou/overview").await;
    overview
        .shows(|view| {
            view["lent"][0]["kiosk"] == "demo-kiosk"
                && view["lent_until"] == "2026-11-23T17:30:00+08:00"
        })
        .await;

    hall.clock_to("17:31:00").await;
    let too_late = paper(fine, "A902", "too-late", "16:59:40");
    assert_eq!(reports(&kiosk, &too_late).await.number(), "A902");
    let seen = hall.holder().sees(&format!("{:-<22}", "too-late")).await;
    assert_eq!(seen["stage"], "handed_on");
    assert!(seen["voucher"].is_object(), "{seen}");
}

/// A clock that is years behind put its citizen before everybody.
#[tokio::test]
async fn a_kiosk_with_a_slow_clock_goes_before_nobody() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    let leases = kiosk.0.posts(LEASES, json!({})).await.given(201);
    let fine = block(&leases, "A");
    hall.clock_to("10:00:00").await;
    assert_eq!(kiosk.takes("fine").await.number(), "A001");
    hall.clock_to("11:00:00").await;
    let mut slow = paper(fine, "A901", "slow", "09:00:00");
    slow["taken_at"] = json!("2000-01-01T00:00:00+08:00");
    reports(&kiosk, &slow).await.given(201);
    officer.opens(1).await;
    assert_eq!(officer.calls_next(1).await.ticket(), "A001 called");
}
