//! A clock that was ahead, and a manager who puts it right: nobody loses a place by it, and no number is on two papers.

use super::script::{check, check_with};
use expect_test::expect;

#[test]
fn a_day_that_begins_again_goes_on_behind_its_papers() {
    check_with(
        |plan| plan.policy.lease_numbers = 4,
        "
        Mon 08:51 kiosk takes fine
        08:52 kiosk takes fine
        08:53 kiosk leases numbers of A
        09:00 officer ann opens window 1
        09:01 window 1 calls next
        Wed 09:10 kiosk takes fine
        2026-08-03 10:00 manager puts the clock right
        10:01 kiosk takes fine
        10:02 kiosk leases numbers of A
        ",
        expect![[r#"
            08:51:00 A001 waiting
            08:52:00 A002 waiting
            08:53:00 lease 0: A901-A904
            09:00:00 window 1 opened by ann
            09:01:00 A001 to window 1
            Tue 4 08:50:00 ? UNSERVED, ? UNSERVED, lease 0 ends, A901-A904 skipped, the day closes: 2 issued = 2 UNSERVED
            Tue 4 17:00:00 the day closes: nobody came
            Wed 5 09:10:00 A001 waiting
            Wed 5 09:10:00 A001 handed on, voucher of A001 for fine until Tue 11 August 00:00, the day closes: 1 issued = 1 handed on, it is Mon 3 10:00 again
            10:00:00 lease 1: A001-A002, lease 1 ends, A001-A002 skipped, lease 2: A901-A904, lease 2 ends, A901-A904 skipped
            10:01:00 A003 waiting
            10:02:00 lease 3: A905-A908
        "#]],
    );
}

#[test]
fn a_day_that_was_closed_too_early_opens_again() {
    check(
        "
        Mon 08:51 kiosk takes fine
        09:00 officer ann opens window 1
        09:01 window 1 calls next
        09:02 window 1 starts
        09:03 window 1 finishes
        09:04 window 1 closes
        20:00 time passes
        10:00 manager puts the clock right
        10:01 kiosk takes fine
        18:00 time passes
        Tue 08:51 kiosk takes fine
        ",
        expect![[r#"
            08:51:00 A001 waiting
            09:00:00 window 1 opened by ann
            09:01:00 A001 to window 1
            09:02:00 A001 started
            09:03:00 A001 served
            09:04:00 window 1 closed
            17:00:00 the day closes: 1 issued = 1 served, last served 09:03:00
            17:00:00 it is Mon 3 10:00 again
            10:00:00 lease 0: A001, lease 0 ends, A001 skipped
            10:01:00 A002 waiting
            Tue 4 08:50:00 A002 UNSERVED, the day closes: 1 issued = 1 UNSERVED
            Tue 4 08:51:00 A001 waiting
        "#]],
    );
}

#[test]
fn whoever_was_missed_too_early_is_booked_again() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        Mon 10:00 time passes
        2026-08-05 11:00 manager puts the clock right
        11:01 manager puts the clock right
        Sat 08:50 kiosk checks in ann
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 12:00:00 ann did not come
            Sat 8 12:00:00 the day closes: nobody came
            Sun 9 12:00:00 the day closes: nobody came
            Mon 10 08:50:00 the day closes: nobody came, it is Wed 5 11:00 again, booked again: ann
            Wed 5 11:01:00 nothing to do
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:50:00 F001 waiting, ann checked in
        "#]],
    );
}
