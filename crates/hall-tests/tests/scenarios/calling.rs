//! Who is next: accumulating priority, and what stands around it.

use super::script::{check, check_with};
use expect_test::expect;

/// At 09:30 both have 30 points, and the order of issue decides.
#[test]
fn a_minute_of_priority_counts_as_three() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:20 kiosk takes fine elderly
        09:21 show queue 1
        09:29 show queue 1
        09:30 show queue 1
        09:31 show queue 1
        09:31 window 1 calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:20:00 A002 waiting
            09:21:00 window 1 would call: A001 21 min, score 21, score; A002 1 min, score 3, score
            09:29:00 window 1 would call: A001 29 min, score 29, score; A002 9 min, score 27, score
            09:30:00 window 1 would call: A001 30 min, score 30, score; A002 10 min, score 30, score
            09:31:00 window 1 would call: A002 11 min, score 33, score; A001 31 min, score 31, score
            09:31:00 A002 to window 1
        "#]],
    );
}

#[test]
fn two_priority_tickets_in_a_row_then_a_normal_one() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine elderly
        09:00 kiosk takes fine pregnant
        09:00 kiosk takes fine military
        09:00 kiosk takes fine
        09:01 kiosk takes fine disabled
        09:05 window 1 calls next
        09:06 window 1 finishes and calls next
        09:06 show queue 1
        09:07 window 1 finishes and calls next
        09:08 window 1 finishes and calls next
        09:09 window 1 finishes and calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:00:00 A003 waiting
            09:00:00 A004 waiting
            09:01:00 A005 waiting
            09:05:00 A001 to window 1
            09:06:00 A001 started, A001 served, A002 to window 1
            09:06:00 window 1 would call: A004 6 min, score 6, score
            09:07:00 A002 started, A002 served, A004 to window 1
            09:08:00 A004 started, A004 served, A003 to window 1
            09:09:00 A003 started, A003 served, A005 to window 1
        "#]],
    );
}

/// Two in a row count only while a normal ticket waits.
#[test]
fn priority_alone_in_the_hall_overtakes_nobody() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine elderly
        09:00 kiosk takes fine elderly
        09:01 window 1 calls next
        09:02 window 1 finishes and calls next
        09:10 kiosk takes fine elderly
        09:11 kiosk takes fine
        09:12 window 1 finishes and calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 started, A001 served, A002 to window 1
            09:10:00 A003 waiting
            09:11:00 A004 waiting
            09:12:00 A002 started, A002 served, A003 to window 1
        "#]],
    );
}

#[test]
fn primary_services_go_first_until_another_has_waited_twenty_minutes() {
    check_with(
        |plan| plan.windows[5].primary = vec!["registration".parse().unwrap()],
        "
        09:00 officer amy opens window 6
        09:00 kiosk takes fine
        09:10 kiosk takes registration
        09:11 kiosk takes registration
        09:19 show queue 6
        09:20 show queue 6
        09:20:01 show queue 6
        09:20:01 window 6 calls next
        09:21 window 6 finishes and calls next
        09:21 window 6 finishes and calls next
        ",
        expect![[r#"
            09:00:00 window 6 opened by amy
            09:00:00 A001 waiting
            09:10:00 U001 waiting
            09:11:00 U002 waiting
            09:19:00 window 6 would call: U001 9 min, score 9, score; U002 8 min, score 8, score
            09:20:00 window 6 would call: U001 10 min, score 10, score; U002 9 min, score 9, score
            09:20:01 window 6 would call: A001 20 min, score 20, score; U001 10 min, score 10, score; U002 9 min, score 9, score
            09:20:01 A001 to window 6
            09:21:00 A001 started, A001 served, U001 to window 6
            09:21:00 U001 started, U001 served, U002 to window 6
        "#]],
    );
}

#[test]
fn a_green_window_takes_its_class_first() {
    check_with(
        |plan| plan.windows[6].prefers = Some(hall::plan::class::Class::Elderly),
        "
        09:00 officer amy opens window 7
        09:00 kiosk takes fine
        09:10 kiosk takes mark elderly
        09:11 kiosk takes mark pregnant
        09:11 show queue 7
        ",
        expect![[r#"
            09:00:00 window 7 opened by amy
            09:00:00 A001 waiting
            09:10:00 W001 waiting
            09:11:00 W002 waiting
            09:11:00 window 7 would call: W001 1 min, score 3, preferred; A001 11 min, score 11, score; W002 0 min, score 0, score
        "#]],
    );
}

#[test]
fn out_of_order_needs_a_reason() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01 kiosk takes fine
        09:02 window 1 calls A002
        09:02 window 1 calls A002 because his train leaves
        09:03 window 1 finishes
        09:03 window 1 calls A001
        09:04 window 1 calls A002 because again
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A002 waiting
            09:02:00 refused: give a reason
            09:02:00 A002 to window 1
            09:03:00 A002 started, A002 served
            09:03:00 A001 to window 1
            09:04:00 refused: Window 1 still has A001. Finish it first.
        "#]],
    );
}

#[test]
fn a_window_calls_only_what_it_takes() {
    check(
        "
        09:00 officer amy opens window 6 for mark
        09:00 kiosk takes fine
        09:01 window 6 calls next
        09:01 window 6 calls A001 because bored
        09:02 kiosk takes mark
        09:02 window 6 calls next
        09:02 officer bob opens window 1 for mark
        ",
        expect![[r#"
            09:00:00 window 6 opened by amy
            09:00:00 A001 waiting
            09:01:00 nothing to do
            09:01:00 refused: Window 6 does not take fine. Transfer the ticket or call another.
            09:02:00 W001 waiting
            09:02:00 W001 to window 6
            09:02:00 refused: Window 1 does not take mark. Transfer the ticket or call another.
        "#]],
    );
}

/// Two of one service in a row hold back that service's priority only: window 6 goes on with the other service's.
#[test]
fn the_row_is_counted_by_service() {
    check(
        "
        09:00 officer amy opens window 6 for fine registration
        09:00 kiosk takes fine elderly
        09:00 kiosk takes fine elderly
        09:00 kiosk takes fine elderly
        09:01 kiosk takes registration elderly
        09:04 kiosk takes fine
        09:05 window 6 calls next
        09:06 window 6 finishes and calls next
        09:06 show queue 6
        09:07 window 6 finishes and calls next
        09:08 window 6 finishes and calls next
        09:09 window 6 finishes and calls next
        ",
        expect![[r#"
            09:00:00 window 6 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:00:00 A003 waiting
            09:01:00 U001 waiting
            09:04:00 A004 waiting
            09:05:00 A001 to window 6
            09:06:00 A001 started, A001 served, A002 to window 6
            09:06:00 window 6 would call: U001 5 min, score 15, score; A004 2 min, score 2, score
            09:07:00 A002 started, A002 served, U001 to window 6
            09:08:00 U001 started, U001 served, A004 to window 6
            09:09:00 A004 started, A004 served, A003 to window 6
        "#]],
    );
}

/// Calls of another service do not count; with nobody else callable at the window, the returned ticket goes at once.
#[test]
fn a_returned_ticket_at_a_window_with_several_services() {
    check(
        "
        09:00 officer amy opens window 6 for fine registration
        09:00 kiosk takes fine
        09:00 kiosk takes registration
        09:00 kiosk takes registration
        09:00 kiosk takes registration
        09:00 kiosk takes registration
        09:01 window 6 calls next
        09:02 window 6 misses
        09:02 holder of A001 returns
        09:03 window 6 calls next
        09:04 window 6 finishes and calls next
        09:05 window 6 finishes and calls next
        09:05 show queue 6
        09:06 window 6 finishes and calls next
        09:06 show queue 6
        09:07 window 6 finishes and calls next
        ",
        expect![[r#"
            09:00:00 window 6 opened by amy
            09:00:00 A001 waiting
            09:00:00 U001 waiting
            09:00:00 U002 waiting
            09:00:00 U003 waiting
            09:00:00 U004 waiting
            09:01:00 A001 to window 6
            09:02:00 A001 missed
            09:02:00 A001 back, after call 4
            09:03:00 U001 to window 6
            09:04:00 U001 started, U001 served, U002 to window 6
            09:05:00 U002 started, U002 served, U003 to window 6
            09:05:00 window 6 would call: U004 5 min, score 5, score
            09:06:00 U003 started, U003 served, U004 to window 6
            09:06:00 window 6 would call: A001 6 min, score 6, nobody_else
            09:07:00 U004 started, U004 served, A001 to window 6
        "#]],
    );
}

#[test]
fn the_board_says_why_nobody_is_called() {
    check(
        "
        09:00 officer amy opens window 1
        09:01 manager pauses calling: fire drill
        09:01 show board
        09:02 manager resumes calling
        09:02 show board
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:01:00 calling paused
            09:01:00 no calls: fire drill
            09:02:00 calling again
            09:02:00 calls go on
        "#]],
    );
}
