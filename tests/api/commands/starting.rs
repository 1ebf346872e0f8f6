//! What the binary says when it cannot start: what is wrong and what to do, with an exit code, and nothing half done.

use crate::redis_server::TestRedis;
use crate::support::TestHall;
use crate::support::process::{self, Process, run};
use std::path::Path;
use tempfile::TempDir;

/// Why it would not start; nothing goes to the standard output then.
async fn complaint(arguments: &[&str]) -> String {
    let output = run(arguments).await;
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{arguments:?}");
    text
}

fn sqlite(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("paihao.db").display())
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

const LUSONG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/plans/lusong.toml");

#[tokio::test]
async fn a_first_start_prints_how_to_make_the_first_manager() {
    let folder = folder();
    let store = sqlite(folder.path());
    let arguments = [
        "serve",
        "--store",
        &store,
        "--listen",
        "127.0.0.1:0",
        "--plan",
        LUSONG,
    ];
    let mut served = Process::start(&arguments);
    let line = served.says("paihao serves sqlite:").await;
    let url = line.rsplit(' ').next().unwrap().to_string();
    served.says("durability E").await;
    served.says("within 30 minutes").await;
    let link = served.says("/setup?token=").await;
    let token = link.split("token=").nth(1).unwrap().trim().to_string();
    let form = serde_json::json!({
        "token": token, "account": "chief", "name": "周敏", "secret": crate::support::PASSWORD
    });
    let request = reqwest::Client::new().post(format!("{url}/api/v1/setup"));
    let request = request.header("idempotency-key", "first").json(&form);
    crate::support::send(request).await.given(201);
    served.terminate().await;

    // from then on no plan and no token is needed
    let mut again = Process::start(&["serve", "--store", &store, "--listen", "127.0.0.1:0"]);
    again.says("hall lusong at version").await;
    again.terminate().await;
    let mut rest = Vec::new();
    while let Some(line) = again.lines.next_line().await.unwrap() {
        rest.push(line);
    }
    assert!(!rest.concat().contains("token"), "{rest:?}");
}

#[tokio::test]
async fn a_demo_prints_links_that_sign_in_once() {
    let clock = "2026-11-23T08:49:30+08:00";
    let mut demo = Process::start(&["--listen", "127.0.0.1:0", "--clock", clock, "--speed", "0"]);
    demo.says("zhuzhou").await;
    demo.says("clock Monday 2026-11-23 08:49:30 +08:00 × 0")
        .await;
    demo.terminate().await;
}

#[tokio::test]
async fn a_broken_plan_file_is_told_field_by_field() {
    let folder = folder();
    let (file, store) = (folder.path().join("plan.toml"), sqlite(folder.path()));
    let plan = std::fs::read_to_string(LUSONG).unwrap();
    let broken = plan.replace("Asia/Shanghai", "Asia/Atlantis");
    std::fs::write(&file, broken).unwrap();
    let file = file.display().to_string();
    let said = complaint(&["serve", "--store", &store, "--plan", &file]).await;
    assert!(
        said.contains("plan.toml") && said.contains("time_zone"),
        "{said}"
    );
    assert!(
        !folder.path().join("paihao.db").exists(),
        "nothing is half done"
    );

    let two_wrong = plan
        .replace("number = 1", "number = 0")
        .replace("services = [\"fine\"", "services = [\"alchemy\"");
    std::fs::write(&file, two_wrong).unwrap();
    let said = complaint(&["serve", "--store", &store, "--plan", &file]).await;
    assert!(said.contains("windows[0]"), "{said}");
    let said = complaint(&["serve", "--store", &store, "--plan", "/nowhere/plan.toml"]).await;
    assert!(said.contains("/nowhere/plan.toml"), "{said}");
}

#[tokio::test]
async fn a_store_without_a_hall_needs_a_plan() {
    let folder = folder();
    let said = complaint(&[
        "serve",
        "--store",
        &sqlite(folder.path()),
        "--listen",
        "127.0.0.1:0",
    ])
    .await;
    assert!(said.contains("--plan"), "{said}");
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_left_alone() {
    let folder = TestHall::start().await.stop().await;
    let path = folder.path().join("paihao.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute(
        "UPDATE meta SET value = '99' WHERE key = 'store_schema'",
        [],
    )
    .unwrap();
    drop(db);
    let before = std::fs::read(&path).unwrap();
    let store = sqlite(folder.path());
    for arguments in [
        vec!["demo", "--store", &store, "--listen", "127.0.0.1:0"],
        vec!["verify", "--store", &store],
    ] {
        let said = complaint(&arguments).await;
        assert!(
            said.contains("newer paihao") && said.contains("99"),
            "{said}"
        );
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = complaint(&["demo", "--listen", &address]).await;
    assert!(said.contains(&address) && said.contains("in use"), "{said}");
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_named_without_its_password() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let store = format!("redis://hall:geheim@127.0.0.1:{port}");
    let said = complaint(&["serve", "--store", &store, "--plan", LUSONG]).await;
    assert!(
        said.contains(&format!("127.0.0.1:{port}")) && said.contains("does not answer"),
        "{said}"
    );
    assert!(!said.contains("geheim"), "{said}");
    for wrong in ["mysql://db/x", "paihao.db", "sqlite:"] {
        let said = complaint(&["serve", "--store", wrong, "--plan", LUSONG]).await;
        assert!(said.contains("--store"), "{said}");
    }
}

#[tokio::test]
async fn a_redis_that_may_lose_numbers_is_accepted_only_by_name() {
    let redis = TestRedis::start_with(&[("appendfsync", "everysec")]);
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("hall.mark").display().to_string();
    let arguments = [
        "serve",
        "--store",
        &redis.url(),
        "--mark",
        &mark,
        "--listen",
        "127.0.0.1:0",
        "--plan",
        LUSONG,
    ];
    let said = complaint(&arguments).await;
    assert!(
        said.contains("R0") && said.contains("appendfsync"),
        "{said}"
    );
    assert!(said.contains("--accept-durability R0"), "{said}");

    let said = complaint(&[&arguments[..], &["--accept-durability", "yes"]].concat()).await;
    assert!(said.contains("--accept-durability"), "{said}");
    let mut served = Process::start(&[&arguments[..], &["--accept-durability", "R0"]].concat());
    served.says("durability R0").await;
    served.says(&mark).await;
    served.terminate().await;
}

#[tokio::test]
async fn a_demos_store_is_not_served() {
    let folder = TestHall::start().await.stop().await;
    let store = sqlite(folder.path());
    let said = complaint(&["serve", "--store", &store, "--listen", "127.0.0.1:0"]).await;
    assert!(said.contains("demo"), "{said}");
}

#[tokio::test]
async fn a_store_that_is_served_is_not_served_twice() {
    let hall = TestHall::start().await;
    let store = hall.application.app.halls.log.describe();
    let said = complaint(&["demo", "--store", &store, "--listen", "127.0.0.1:0"]).await;
    assert!(said.contains("already served"), "{said}");
}

#[tokio::test]
async fn a_demo_listens_on_this_machine_only() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let said = complaint(&["demo", "--listen", address]).await;
        assert!(said.contains("this machine only"), "{said}");
    }
}

#[tokio::test]
async fn a_made_up_clock_is_for_demos() {
    let folder = folder();
    let store = sqlite(folder.path());
    let clock = ["--clock", "2026-11-23T08:49:30+08:00", "--speed", "0"];
    let serve = [
        "serve",
        "--store",
        &store,
        "--listen",
        "127.0.0.1:0",
        "--plan",
        LUSONG,
    ];
    let said = complaint(&[&serve[..], &clock[..]].concat()).await;
    assert!(said.contains("--demo-clock"), "{said}");
    assert!(!folder.path().join("paihao.db").exists());
    let said = complaint(&["demo", "--listen", "127.0.0.1:0", "--speed=-1"]).await;
    assert!(said.contains("--speed"), "{said}");
    let mut served = Process::start(&[&serve[..], &clock[..], &["--demo-clock"]].concat());
    served.says("paihao serves").await;
    served.terminate().await;
}

#[tokio::test]
async fn options_come_from_a_file_too_and_a_wrong_one_is_named() {
    let folder = folder();
    let (file, store) = (folder.path().join("paihao.toml"), sqlite(folder.path()));
    let text = format!("store = \"{store}\"\nlisten = \"127.0.0.1:0\"\nplan = [\"{LUSONG}\"]\n");
    std::fs::write(&file, &text).unwrap();
    let config = file.display().to_string();
    let mut served = Process::start(&["serve", "--config", &config]);
    served.says(&store).await;
    served.terminate().await;

    std::fs::write(&file, format!("{text}colour = \"red\"\n")).unwrap();
    let said = complaint(&["serve", "--config", &config]).await;
    assert!(
        said.contains("paihao.toml") && said.contains("colour"),
        "{said}"
    );
}

/// A log file on the disk that is full: what cannot be written is lost, and nobody's number with it.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_whose_complaints_cannot_be_written_goes_on() {
    let mut command = process::paihao(&["--listen", "127.0.0.1:0"]);
    let full = std::fs::File::options().write(true).open("/dev/full");
    command.env("RUST_LOG", "trace").stderr(full.unwrap());
    let mut demo = Process::of(command);
    let line = demo.says("http://127.0.0.1").await;
    let url = line.split_whitespace().next().unwrap();
    let alive = reqwest::get(format!("{}/healthz", url.trim_end_matches('/')));
    assert_eq!(alive.await.unwrap().status(), 200);
    demo.terminate().await;
}
