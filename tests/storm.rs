//! Storms in short: the built binary under load, with retries and kill -9, held against its own log.
//!
//! The long versions are the same code: `cargo run --release -p load-tests -- storm`.

use load_tests::report::{StormReport, table};
use load_tests::storm::{Kind, Size, run};

/// Lets one happen, small enough for every test run, and expects that nothing is wrong.
async fn holds(kind: Kind) -> StormReport {
    let size = Size {
        paihao: env!("CARGO_BIN_EXE_paihao").into(),
        tickets: 600,
        kills: 2,
    };
    let report = run(kind, &size).await.expect("a storm comes to its end");
    assert!(report.is_clean(), "{}", table(&[report]));
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_redis_give_out_each_number_once() {
    let report = holds(Kind::TwoProcesses).await;
    assert_eq!(report.tickets, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_three_times_takes_effect_once() {
    let report = holds(Kind::Retries).await;
    assert_eq!(report.tickets, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_has_lost_nothing_on_sqlite() {
    let report = holds(Kind::KillOnSqlite).await;
    assert_eq!(report.restart_ms.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_has_lost_nothing_on_redis() {
    let report = holds(Kind::KillOnRedis).await;
    assert_eq!(report.restart_ms.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_redis_has_lost_nothing() {
    let report = holds(Kind::KillRedis).await;
    assert_eq!(report.restart_ms.len(), 2);
}
