//! A place here given up for one in another hall: kept until that is sure, and called by nobody meanwhile.

use super::script::{check, check_with};
use expect_test::expect;

#[test]
fn who_is_on_the_way_is_not_called_and_keeps_his_place_if_he_stays() {
    check(
        "
        09:00 kiosk takes fine
        09:01 kiosk takes fine
        09:02 officer amy opens window 1
        09:03 holder of A001 leaves for lusong
        09:03 holder of A001 leaves for lusong
        09:03 holder of A001 cancels
        09:03 holder of A001 defers
        09:03 manager hands on A001 he asked
        09:03 window 1 calls A001 because he stands here
        09:04 window 1 calls next
        09:05 window 1 finishes and calls next
        09:06 holder of A001 stays
        09:06 holder of A001 stays
        09:07 window 1 calls next
        09:08 holder of A001 leaves for lusong
        ",
        expect![[r#"
            09:00:00 A001 waiting
            09:01:00 A002 waiting
            09:02:00 window 1 opened by amy
            09:03:00 A001 leaves for lusong
            09:03:00 refused: A001 is on its way to another hall. Look again in a moment.
            09:03:00 refused: A001 is on its way to another hall. Look again in a moment.
            09:03:00 refused: A001 is on its way to another hall. Look again in a moment.
            09:03:00 refused: A001 is on its way to another hall. Look again in a moment.
            09:03:00 refused: A001 is on its way to another hall. Look again in a moment.
            09:04:00 A002 to window 1
            09:05:00 A002 started, A002 served
            09:06:00 A001 stays
            09:06:00 nothing to do
            09:07:00 A001 to window 1
            09:08:00 refused: A001 is "Called", so this cannot be done with it.
        "#]],
    );
}

#[test]
fn who_has_moved_is_done_here() {
    check(
        "
        09:00 kiosk takes fine
        09:03 holder of A001 leaves for lusong
        09:04 holder of A001 moved
        09:05 again
        09:06 holder of A001 stays
        17:00 time passes
        ",
        expect![[r#"
            09:00:00 A001 waiting
            09:03:00 A001 leaves for lusong
            09:04:00 A001 moved to lusong
            09:05:00 remembered: ticket 0
            09:06:00 nothing to do
            17:00:00 the day closes: 1 issued = 1 cancelled
        "#]],
    );
}

/// Neither an interruption nor a sign-off decides for a ticket of which nobody knows where it is; the day's settling does.
#[test]
fn a_move_that_nobody_finishes_keeps_the_day_open_until_it_is_settled() {
    check(
        "
        16:00 kiosk takes fine
        16:00 kiosk takes fine
        16:01 officer amy opens window 1
        16:03 holder of A001 leaves for lusong
        16:05 manager interrupts: power cut
        16:06 window 1 closes
        18:00 time passes
        Tue 09:00 time passes
        Tue 09:01 holder of A001 moved
        ",
        expect![[r#"
            16:00:00 A001 waiting
            16:00:00 A002 waiting
            16:01:00 window 1 opened by amy
            16:03:00 A001 leaves for lusong
            16:05:00 interrupted: power cut, A002 handed on, voucher of A002 for fine until Fri 7 August 00:00
            16:06:00 refused: would strand A001
            Tue 4 08:50:00 A001 UNSERVED, the day closes: 2 issued = 1 handed on + 1 UNSERVED
            Tue 4 09:01:00 nothing to do
        "#]],
    );
}

#[test]
fn who_comes_from_another_hall_gets_a_number_also_where_no_phone_does() {
    check_with(
        |plan| plan.policy.phone_tickets = false,
        "
        09:00 arrival takes fine
        ",
        expect![[r#"
            09:00:00 A001 waiting
        "#]],
    );
}

#[test]
fn an_arrival_is_decided_once_a_number_or_declined() {
    check(
        "
        08:00 arrival takes fine
        09:00 again
        09:00 arrival takes fine
        09:01 again
        09:02 arrival late takes fine
        09:03 arrival takes fine as mrs-li
        09:04 arrival takes fine as mrs-li
        ",
        expect![[r#"
            08:00:00 declined: Numbers are not given out yet. Numbers from 08:50 on 3 August.
            09:00:00 remembered: declined: Numbers are not given out yet. Numbers from 08:50 on 3 August.
            09:00:00 A001 waiting
            09:01:00 remembered: A001, 0 ahead
            09:02:00 declined: That took too long; choose again.
            09:03:00 A002 waiting
            09:04:00 declined: You already hold a number for this service. Please use it.
        "#]],
    );
}
