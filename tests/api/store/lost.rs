//! An older copy of the store was put back: the server says what is missing, and gives no number out a second time.

use crate::redis_server::TestRedis;
use crate::support::{Start, TestHall, send};
use hall_log::LostTail;
use paihao::application::Application;
use reqwest::Method;
use std::fs;

fn at_nine() -> Start {
    Start {
        clock: "09:00:00",
        ..Start::default()
    }
}

/// What a refusal says may be accepted.
fn named_in(refusal: &str) -> Vec<LostTail> {
    let names = refusal.split("--accept-lost ").skip(1);
    let names = names.filter_map(|rest| rest.split([' ', '.']).next());
    names.map(|name| name.parse().unwrap()).collect()
}

#[tokio::test]
async fn an_older_copy_is_refused_then_accepted_by_name_and_no_number_is_given_twice() {
    let hall = TestHall::start_at("09:00:00").await;
    assert_eq!(hall.kiosk().await.takes("fine").await.number(), "A001");
    let folder = hall.stop().await;
    let (file, older) = (
        folder.path().join("paihao.db"),
        folder.path().join("older.db"),
    );
    fs::copy(&file, &older).unwrap();
    let hall = TestHall::start_in(folder, at_nine()).await;
    let lost = hall.kiosk().await.takes("fine").await;
    assert_eq!(lost.number(), "A002");
    let folder = hall.stop().await;
    fs::copy(&older, &file).unwrap();

    let settings = at_nine().settings(&folder).unwrap();
    let refusal = Application::start(settings).await.unwrap_err().to_string();
    assert!(
        refusal.contains("does not hold all that was acknowledged"),
        "{refusal}"
    );
    let accept_lost = named_in(&refusal);
    let hall = TestHall::start_in(
        folder,
        Start {
            accept_lost,
            ..at_nine()
        },
    );
    let hall = hall.await;
    let next = hall.kiosk().await.takes("fine").await;
    let number: u32 = next.number()[1..].parse().unwrap();
    assert!(
        number > 52,
        "{number} follows the one that is lost and 50 more"
    );
    let manager = hall.manager().await;
    let page = |path: String| {
        let request = manager.0.request(Method::GET, &path);
        send(request.header("accept", "text/html"))
    };
    let overview = page("/zhuzhou/overview".into()).await.text();
    assert!(overview.contains("The store has lost"), "{overview}");
    let token = lost.given(201)["token"].as_str().unwrap().to_owned();
    let told = page(format!("/t/{token}")).await;
    assert_eq!(told.status, 404);
    assert!(told.text().contains("go to the desk"), "{}", told.text());

    // what was accepted once is in the log, and the next start asks for nothing
    let hall = hall.restart(at_nine()).await;
    assert_eq!(hall.kiosk().await.takes("fine").await.status, 201);
}

#[tokio::test]
async fn a_store_that_is_gone_begins_behind_the_numbers_on_paper() {
    let hall = TestHall::start_at("09:00:00").await;
    for _ in 0..3 {
        assert_eq!(hall.kiosk().await.takes("fine").await.status, 201);
    }
    let folder = hall.stop().await;
    for file in ["paihao.db", "paihao.db-wal", "paihao.db-shm"] {
        fs::remove_file(folder.path().join(file)).ok();
    }
    let settings = at_nine().settings(&folder).unwrap();
    let refusal = Application::start(settings).await.unwrap_err().to_string();
    let accept_lost = named_in(&refusal);
    let hall = TestHall::start_in(
        folder,
        Start {
            accept_lost,
            ..at_nine()
        },
    );
    let next = hall
        .await
        .kiosk()
        .await
        .takes("fine")
        .await
        .number()
        .to_owned();
    let number: u32 = next[1..].parse().unwrap();
    assert!(
        number > 53,
        "{next} follows three that are lost and 50 more"
    );
}

fn on(redis: &TestRedis) -> Start {
    Start {
        store: Some(redis.url()),
        ..at_nine()
    }
}

#[tokio::test]
async fn an_older_redis_is_refused_then_accepted_by_name_and_no_number_is_given_twice() {
    let mut redis = TestRedis::start();
    let hall = TestHall::start_as(on(&redis)).await;
    assert_eq!(hall.kiosk().await.takes("fine").await.number(), "A001");
    let folder = hall.stop().await;
    let older = redis.copy();
    let hall = TestHall::start_in(folder, on(&redis)).await;
    assert_eq!(hall.kiosk().await.takes("fine").await.number(), "A002");
    let folder = hall.stop().await;
    redis.restart_with(older.path());

    let settings = on(&redis).settings(&folder).unwrap();
    let refusal = Application::start(settings).await.unwrap_err().to_string();
    let accept_lost = named_in(&refusal);
    let accepting = Start {
        accept_lost,
        ..on(&redis)
    };
    let hall = TestHall::start_in(folder, accepting).await;
    let next = hall.kiosk().await.takes("fine").await;
    let number: u32 = next.number()[1..].parse().unwrap();
    assert!(number > 52, "{number} follows the lost one and 50 more");
    // what was accepted once is in the log, and the next start asks for nothing
    let hall = hall.restart(on(&redis)).await;
    assert_eq!(hall.kiosk().await.takes("fine").await.status, 201);
}

/// While it runs it writes back what it remembers, and says so on `/status`.
#[tokio::test]
async fn an_older_redis_under_a_server_that_runs_has_everything_again() {
    let mut redis = TestRedis::start();
    let hall = TestHall::start_as(on(&redis)).await;
    let older = redis.copy();
    let kiosk = hall.kiosk().await;
    for number in ["A001", "A002", "A003"] {
        assert_eq!(kiosk.takes("fine").await.number(), number);
    }
    redis.restart_with(older.path());
    assert_eq!(kiosk.takes("fine").await.number(), "A004");
    let page = hall.manager().await.0.request(Method::GET, "/status");
    let page = send(page.header("accept", "text/html")).await.text();
    assert!(page.contains("commits were written back"), "{page}");
}
