//! Opening and closing: boundaries are half-open, numbers are issued in `[open − 10 min, close)`.

use super::script::{check, check_with, zhuzhou};
use chrono::{NaiveDate, NaiveTime};
use expect_test::expect;
use hall::record::command::{Action, Actor};
use hall_tests::{Outcome, Play};

#[test]
fn numbers_open_ten_minutes_before_the_doors() {
    check(
        "
        08:49:59 kiosk takes licence
        08:49:59 show phase
        08:50:00 kiosk takes licence
        08:50:00 show phase
        08:59:59 show phase
        09:00:00 show phase
        ",
        expect![[r#"
            08:49:59 refused: not yet, numbers from Mon 3 08:50
            08:49:59 phase closed
            08:50:00 F001 waiting
            08:50:00 phase early_open
            08:59:59 phase early_open
            09:00:00 phase open
        "#]],
    );
}

#[test]
fn a_session_closes_and_the_next_one_opens() {
    check(
        "
        11:29:59 show phase
        11:30:00 show phase
        11:59:59 kiosk takes fine insisting
        12:00:00 kiosk takes fine
        12:00:00 show phase
        12:00:00 holder of A001 cancels
        12:00:00 show phase
        12:00:01 kiosk takes fine
        13:19:59 kiosk takes fine
        13:20:00 kiosk takes fine
        16:30:00 show phase
        16:59:59 kiosk takes mark insisting
        17:00:00 kiosk takes fine
        17:00:00 show phase
        ",
        expect![[r#"
            11:29:59 phase open
            11:30:00 phase near_closing
            11:59:59 A001 waiting
            12:00:00 refused: between, numbers from Mon 3 13:20
            12:00:00 phase serving_out
            12:00:00 A001 cancelled
            12:00:00 phase between
            12:00:01 refused: between, numbers from Mon 3 13:20
            13:19:59 refused: between, numbers from Mon 3 13:20
            13:20:00 A002 waiting
            16:30:00 phase near_closing
            16:59:59 W001 waiting
            17:00:00 refused: redirect, closed, numbers from Tue 4 08:50
            17:00:00 phase serving_out
        "#]],
    );
}

#[test]
fn after_the_last_session_the_next_day_is_named() {
    check(
        "
        16:59:59 show phase
        17:00:00 show phase
        17:00:00 show sentence
        17:00:00 kiosk takes fine
        Fri 17:00:00 kiosk takes fine
        Fri 23:00:00 kiosk takes fine
        ",
        expect![[r#"
            16:59:59 phase near_closing
            17:00:00 the day closes: nobody came
            17:00:00 phase done
            17:00:00 Closed. Numbers on Tuesday 4 August from 08:50.
            17:00:00 refused: redirect, closed, numbers from Tue 4 08:50
            Tue 4 17:00:00 the day closes: nobody came
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 refused: redirect, closed, numbers from Mon 10 08:50
            Fri 7 23:00:00 refused: redirect, closed, numbers from Mon 10 08:50
        "#]],
    );
}

#[test]
fn a_session_serves_out_into_the_next() {
    check(
        "
        11:50 officer amy opens window 1
        11:55 kiosk takes fine insisting
        11:56 kiosk takes fine insisting
        12:00 show phase
        12:30 window 1 calls next
        13:19:59 show phase
        13:20 show phase
        13:20 kiosk takes fine
        13:30 show phase
        13:31 window 1 finishes and calls next
        13:31 show queue 1
        ",
        expect![[r#"
            11:50:00 window 1 opened by amy
            11:55:00 A001 waiting
            11:56:00 A002 waiting
            12:00:00 phase serving_out
            12:30:00 A001 to window 1
            13:19:59 phase serving_out
            13:20:00 phase early_open
            13:20:00 A003 waiting
            13:30:00 phase open
            13:31:00 A001 started, A001 served, A002 to window 1
            13:31:00 window 1 would call: A003 11 min, score 11, score
        "#]],
    );
}

#[test]
fn a_return_at_lunch_makes_the_hall_serve_out_again() {
    check(
        "
        11:50 officer amy opens window 1
        11:55 kiosk takes fine insisting
        11:58 window 1 calls next
        11:59 window 1 misses
        12:00 show phase
        12:08:59 show phase
        12:09 show phase
        12:10 holder of A001 returns
        12:10 show phase
        12:11 window 1 calls next
        12:15 window 1 finishes
        12:15 show phase
        ",
        expect![[r#"
            11:50:00 window 1 opened by amy
            11:55:00 A001 waiting
            11:58:00 A001 to window 1
            11:59:00 A001 missed
            12:00:00 phase serving_out
            12:08:59 phase serving_out
            12:09:00 phase between
            12:10:00 A001 back, after call 4
            12:10:00 phase serving_out
            12:11:00 A001 to window 1
            12:15:00 A001 started, A001 served
            12:15:00 phase between
        "#]],
    );
}

/// Nothing is issued twice because two came first: the opening at 08:50 finds the day open.
#[test]
fn the_first_command_of_a_date_opens_the_day() {
    check(
        "
        07:30 officer amy opens window 1
        07:30 show phase
        08:50 kiosk takes fine
        08:50 window 1 calls next
        ",
        expect![[r#"
            07:30:00 window 1 opened by amy
            07:30:00 phase closed
            08:50:00 A001 waiting
            08:50:00 A001 to window 1
        "#]],
    );
}

#[test]
fn an_usher_may_serve_the_line_that_stood_at_closing_time() {
    check(
        "
        16:50 officer amy opens window 1
        16:58 kiosk takes fine insisting
        17:00:05 usher issues fine
        17:00:06 usher issues fine because stood in line at closing
        17:00:07 usher issues exam because stood in line at closing
        17:00:08 kiosk takes fine
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:58:00 A001 waiting
            17:00:05 refused: give a reason
            17:00:06 A002 waiting
            17:00:07 refused: redirect, closed, numbers from Tue 4 08:50
            17:00:08 refused: redirect, closed, numbers from Tue 4 08:50
        "#]],
    );
}

/// A number opens again when the suspension ends, but not at lunch.
#[test]
fn a_suspended_service_gives_no_numbers_and_serves_those_who_have_one() {
    check(
        "
        09:00 officer amy opens window 1
        09:01 kiosk takes fine
        09:02 manager suspends fine until 10:30 because network down
        09:03 kiosk takes fine
        09:04 window 1 calls next
        09:05 window 1 transfers to window 1
        09:05 window 1 calls next
        09:06 window 1 finishes
        10:29:59 kiosk takes fine
        10:30 kiosk takes fine
        10:31 manager suspends fine until 12:30 because network down
        10:32 kiosk takes fine
        10:33 manager suspends fine because network down
        10:34 kiosk takes fine
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:01:00 A001 waiting
            09:02:00 fine suspended
            09:03:00 refused: suspended, numbers from Mon 3 10:30
            09:04:00 A001 to window 1
            09:05:00 A001 on to window 1
            09:05:00 A001 to window 1
            09:06:00 A001 started, A001 served
            10:29:59 refused: suspended, numbers from Mon 3 10:30
            10:30:00 fine no longer suspended
            10:30:00 A002 waiting
            10:31:00 fine suspended
            10:32:00 refused: suspended, numbers from Mon 3 13:20
            10:33:00 fine suspended
            10:34:00 refused: suspended, no numbers in sight
        "#]],
    );
}

#[test]
fn a_clock_that_steps_back_uncloses_nothing() {
    check(
        "
        16:58 kiosk takes fine insisting
        17:00:10 holder of A001 cancels
        16:59:30 kiosk takes fine insisting
        16:59:30 show closing
        ",
        expect![[r#"
            16:58:00 A001 waiting
            17:00:10 A001 cancelled
            17:00:10 the day closes: 1 issued = 1 cancelled
            16:59:30 refused: redirect, closed, numbers from Tue 4 08:50
            16:59:30 1 issued = 1 cancelled
        "#]],
    );
}

#[test]
fn a_series_that_is_shared_counts_on() {
    check_with(
        |plan| plan.services[3].prefix = plan.services[0].prefix.clone(),
        "
        09:00 kiosk takes fine
        09:01 kiosk takes mark
        09:02 kiosk takes fine
        ",
        expect![[r#"
            09:00:00 A001 waiting
            09:01:00 A002 waiting
            09:02:00 A003 waiting
        "#]],
    );
}

#[test]
fn who_showed_a_document_holds_one_number_per_service() {
    check_with(
        |plan| plan.services[0].identify = true,
        "
        09:00 kiosk takes fine
        09:01 kiosk takes fine as li
        09:02 kiosk takes fine as li
        09:03 kiosk takes licence as li
        09:04 holder of F001 changes to fine
        09:05 holder of A001 cancels
        09:06 kiosk takes fine as li
        ",
        expect![[r#"
            09:00:00 refused: this service needs a document to take a number
            09:01:00 A001 waiting
            09:02:00 refused: You already hold a number for this service. Please use it.
            09:03:00 F001 waiting
            09:04:00 refused: You already hold a number for this service. Please use it.
            09:05:00 A001 cancelled
            09:06:00 A002 waiting
        "#]],
    );
}

/// The same key takes no second number, not even on the next day.
#[test]
fn a_repeated_wish_is_answered_as_the_first_time() {
    check(
        "
        09:00 kiosk takes fine
        09:01 kiosk takes fine
        09:02 again
        12:00 again
        Tue 09:00 again
        Tue 09:01 kiosk takes fine
        Tue 09:02 again
        ",
        expect![[r#"
            09:00:00 A001 waiting
            09:01:00 A002 waiting
            09:02:00 remembered: A002, 1 ahead
            12:00:00 remembered: A002, 1 ahead
            Tue 4 08:50:00 A001 UNSERVED, A002 UNSERVED, the day closes: 2 issued = 2 UNSERVED
            Tue 4 09:00:00 remembered: A002, 1 ahead
            Tue 4 09:01:00 A001 waiting
            Tue 4 09:02:00 remembered: A001, 0 ahead
        "#]],
    );
}

/// Another instance's timer may come late: a second opening would begin every series again.
#[test]
fn a_day_opens_once() {
    let monday = NaiveDate::from_ymd_opt(2026, 8, 3).unwrap();
    let plan = zhuzhou();
    let morning = plan.at(monday, NaiveTime::from_hms_opt(9, 0, 0).unwrap());
    let mut play = Play::new(plan, morning);
    let open = |date| Action::OpenDay { date };
    let opened = play.ask(Actor::Timer, morning, open(monday));
    assert!(matches!(opened, Outcome::Done(_)));
    let again = play.ask(Actor::Timer, morning, open(monday));
    assert!(matches!(again, Outcome::Nothing));
    let tomorrow = play.ask(Actor::Timer, morning, open(monday.succ_opt().unwrap()));
    assert!(matches!(tomorrow, Outcome::Refused(_)));
}
