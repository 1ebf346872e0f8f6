//! Storms in short: the built binary under load, with retries and kill -9, held against its own log.
//!
//! The long versions are the same code: `cargo run --release -p load-tests -- storm`.

use load_tests::bookings;
use load_tests::report::{StormReport, table};
use load_tests::storm::{StormKind, StormSize, run};

/// Lets one happen, small enough for every test run, and expects that nothing is wrong.
async fn holds(kind: StormKind) -> StormReport {
    let size = StormSize {
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
    let report = holds(StormKind::TwoProcesses).await;
    assert_eq!(report.tickets, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_three_times_takes_effect_once() {
    let report = holds(StormKind::Retries).await;
    assert_eq!(report.tickets, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_has_lost_nothing_on_sqlite() {
    let report = holds(StormKind::KillOnSqlite).await;
    assert_eq!(report.restart_ms.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_has_lost_nothing_on_redis() {
    let report = holds(StormKind::KillOnRedis).await;
    assert_eq!(report.restart_ms.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_redis_has_lost_nothing() {
    let report = holds(StormKind::KillRedis).await;
    assert_eq!(report.restart_ms.len(), 2);
}

/// People enough to crowd a slot on any machine, for its last ten places.
async fn no_place_is_sold_twice(kind: bookings::BookingKind, on: bookings::On) {
    let size = bookings::BookingSize {
        paihao: env!("CARGO_BIN_EXE_paihao").into(),
        clients: 120,
        moves: 48,
    };
    let report = bookings::run(kind, on, &size).await;
    let report = report.expect("a storm comes to its end");
    assert!(report.is_clean(), "{}", bookings::table(&[report]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_places_go_to_ten_of_many_at_two_servers() {
    no_place_is_sold_twice(bookings::BookingKind::LastPlaces, bookings::On::Redis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_three_times_books_once() {
    no_place_is_sold_twice(bookings::BookingKind::Retries, bookings::On::Redis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_runs_out_frees_its_place_once() {
    no_place_is_sold_twice(bookings::BookingKind::Holds, bookings::On::Redis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_loses_no_place_and_doubles_none() {
    no_place_is_sold_twice(bookings::BookingKind::Moves, bookings::On::Redis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_on_a_file_sells_no_place_twice() {
    for kind in bookings::BookingKind::ALL {
        no_place_is_sold_twice(kind, bookings::On::Sqlite).await;
    }
}
