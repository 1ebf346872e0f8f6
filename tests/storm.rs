//! Storms in short: the built binary under load, with retries and kill -9, held against its own log.
//!
//! The long versions are the same code: `cargo run --release -p load-tests -- storm`.

use load_tests::bookings;
use load_tests::floods::{self, Flood, FloodSize};
use load_tests::report::{StormReport, table};
use load_tests::storm::faults::{self, Fault, FaultReport, FaultSize, LinkTo, RedisFault, Swap};
use load_tests::storm::{DiskFault, StormKind, StormSize, run};

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

/// What it decided on when it stood still is not the newest any more, and its append is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_gives_no_number_that_was_given_out_meanwhile() {
    let report = holds(StormKind::FreezeOnRedis).await;
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

/// So many of one fault; nothing acknowledged is missing without a word, and no number is there twice.
async fn is_survived(fault: Fault, times: usize) -> Option<FaultReport> {
    if is_skipped(fault) {
        return None;
    }
    let paihao = env!("CARGO_BIN_EXE_paihao").into();
    let report = faults::run(fault, &FaultSize { paihao, times }).await;
    let report = report.expect("a storm comes to its end");
    assert!(report.is_clean(), "{}", faults::table(&[report]));
    Some(report)
}

#[expect(clippy::print_stderr, reason = "what was not tested is said")]
fn is_skipped(fault: Fault) -> bool {
    if let Some(lacking) = fault.lacks() {
        eprintln!("SKIPPED {}: it needs {lacking}", fault.name());
    }
    fault.lacks().is_some()
}

/// Strangers want too much of a server, and an officer beside them calls on; each is told why he gets no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_strangers_keeps_no_officer_from_calling() {
    for flood in [Flood::BoardsOfOne, Flood::WrongSignIns, Flood::Numbers] {
        let size = FloodSize {
            paihao: env!("CARGO_BIN_EXE_paihao").into(),
            is_short: true,
        };
        let report = floods::run(flood, &size).await;
        let report = report.expect("a flood comes to its end");
        assert!(report.is_clean(), "{}", floods::table(&[report]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_loses_nothing_that_was_acknowledged() {
    is_survived(Fault::PowerCut, 4).await;
}

/// The storms see a loss where there is one: behind a disk that says it has synced and has not.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_lying_disk_loses_is_found() {
    let fault = Fault::Disk(DiskFault::LyingSync);
    if is_skipped(fault) {
        return;
    }
    let paihao = env!("CARGO_BIN_EXE_paihao").into();
    let report = faults::run(fault, &FaultSize { paihao, times: 1 }).await;
    let report = report.expect("a storm comes to its end");
    assert!(report.lost > 0, "{}", faults::table(&[report]));
}

/// With a power cut while it fails, and with one after it worked again.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_while_syncs_fail() {
    let fault = Fault::Disk(DiskFault::FailingSync);
    if let Some(report) = is_survived(fault, 2).await {
        assert_eq!(report.said, 2);
    }
}

/// No room, no right to write, a limit of the process, a few failing writes: told by name, and gone on by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_for_a_while_is_named_and_gone_on_with() {
    for (fault, times) in [
        (DiskFault::Full, 1),
        (DiskFault::ReadOnly, 1),
        (DiskFault::FailingWrites, 1),
        (DiskFault::FileLimit, 2), // its log file may not grow either
    ] {
        if let Some(report) = is_survived(Fault::Disk(fault), times).await {
            assert_eq!(report.said, times);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_hall_knows_that_its_disk_would_refuse() {
    for fault in [DiskFault::Full, DiskFault::ReadOnly] {
        is_survived(Fault::IdleDisk(fault), 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_while_it_starts_finds_everything_later() {
    is_survived(Fault::KilledStarting, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_is_refused_or_harmless() {
    is_survived(Fault::FlippedBit, 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swapped_file_is_told_or_written_again() {
    for swap in Swap::ALL {
        is_survived(Fault::Swapped(swap), 1).await;
    }
}

/// Emptied, exchanged, set back, with another key or weaker settings, frozen, killed: told and put right, or written back.
#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_redis_is_told_or_healed() {
    for fault in RedisFault::ALL {
        if !OF_ITS_OWN.contains(&fault) {
            is_survived(Fault::Redis(fault), 1).await;
        }
    }
}

/// Those with a test of their own.
const OF_ITS_OWN: [RedisFault; 5] = [
    RedisFault::PowerCut,
    RedisFault::LyingSync,
    RedisFault::Flipped,
    RedisFault::Cut,
    RedisFault::Promoted,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_of_the_redis_loses_nothing_that_was_acknowledged() {
    is_survived(Fault::Redis(RedisFault::PowerCut), 2).await;
    is_survived(Fault::Redis(RedisFault::LyingSync), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_of_the_redis_is_refused_or_harmless() {
    is_survived(Fault::Redis(RedisFault::Flipped), 6).await;
    is_survived(Fault::Redis(RedisFault::Cut), 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_was_behind_is_healed_or_refused() {
    is_survived(Fault::Redis(RedisFault::Promoted), 2).await;
}

/// Slow, in slices, throttled, silent, reset, half closed, without answers: told by name, and gone on with.
async fn is_survived_on_the_way_to(to: LinkTo) {
    if is_skipped(Fault::Redis(RedisFault::Killed)) {
        return;
    }
    let report = faults::run_links(to, env!("CARGO_BIN_EXE_paihao").into()).await;
    let report = report.expect("a storm comes to its end");
    assert!(report.is_clean(), "{}", faults::table(&[report]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_link_to_the_redis_loses_and_doubles_nothing() {
    is_survived_on_the_way_to(LinkTo::Redis).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_link_to_the_server_loses_and_doubles_nothing() {
    is_survived_on_the_way_to(LinkTo::Server).await;
}

/// The screens of a whole town, in short.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_screens_that_come_back_at_once_are_all_served() {
    let report = is_survived(Fault::Crowd, 200).await;
    assert_eq!(report.map(|report| report.times), Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_may_open_nothing_more_goes_on_when_it_may_again() {
    is_survived(Fault::Descriptors, 2).await;
}
