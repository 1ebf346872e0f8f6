//! The end of a day: it closes by itself when the last session is over and nobody is left.

use super::script::{check, check_with};
use expect_test::expect;

#[test]
fn the_day_closes_after_the_last_finish() {
    check(
        "
        16:50 officer amy opens window 1
        16:51 kiosk takes fine insisting
        16:52 kiosk takes fine insisting
        16:53 kiosk takes mark insisting
        16:55 window 1 calls next
        16:58 holder of W001 cancels
        17:00 show phase
        17:05 window 1 finishes and calls next
        17:05 show phase
        17:12:30 window 1 finishes
        17:12:31 show phase
        17:12:31 window 1 finishes
        17:12:31 window 1 undoes
        17:12:31 holder of A001 rates 4
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:51:00 A001 waiting
            16:52:00 A002 waiting
            16:53:00 W001 waiting
            16:55:00 A001 to window 1
            16:58:00 W001 cancelled
            17:00:00 phase serving_out
            17:05:00 A001 started, A001 served, A002 to window 1
            17:05:00 phase serving_out
            17:12:30 A002 started, A002 served
            17:12:30 the day closes: 3 issued = 2 served + 1 cancelled, last served 17:12:30, window 1 750 s over
            17:12:31 phase done
            17:12:31 refused: The day is closed; this can no longer be done.
            17:12:31 refused: The day is closed; this can no longer be done.
            17:12:31 A001 rated 4
        "#]],
    );
}

#[test]
fn a_missed_citizen_keeps_the_day_open_for_ten_minutes() {
    check(
        "
        16:50 officer amy opens window 1
        16:51 kiosk takes fine insisting
        16:59 window 1 calls next
        17:01 window 1 misses
        17:05 show phase
        17:11 show phase
        17:11 holder of A001 returns
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:51:00 A001 waiting
            16:59:00 A001 to window 1
            17:01:00 A001 missed
            17:05:00 phase serving_out
            17:11:00 the day closes: 1 issued = 1 missed
            17:11:00 phase done
            17:11:00 refused: The day is closed; this can no longer be done.
        "#]],
    );
}

#[test]
fn a_missed_citizen_who_comes_back_in_time_is_served() {
    check(
        "
        16:50 officer amy opens window 1
        16:51 kiosk takes fine insisting
        16:59 window 1 calls next
        17:01 window 1 misses
        17:10:59 holder of A001 returns
        17:11:30 window 1 calls next
        17:15 window 1 finishes
        17:15 show phase
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:51:00 A001 waiting
            16:59:00 A001 to window 1
            17:01:00 A001 missed
            17:10:59 A001 back, after call 4
            17:11:30 A001 to window 1
            17:15:00 A001 started, A001 served
            17:15:00 the day closes: 1 issued = 1 served, last served 17:15:00, window 1 900 s over
            17:15:00 phase done
        "#]],
    );
}

/// Then it counts as missed, and the citizen had his time: no further ten minutes.
#[test]
fn a_parked_ticket_keeps_the_day_open_for_half_an_hour() {
    check(
        "
        16:50 officer amy opens window 3
        16:51 kiosk takes licence insisting
        16:52 window 3 calls next
        16:53 window 3 starts
        16:54 window 3 parks
        17:29:59 show phase
        17:29:59 window 3 closes
        17:30 show phase
        ",
        expect![[r#"
            16:50:00 window 3 opened by amy
            16:51:00 F001 waiting
            16:52:00 F001 to window 3
            16:53:00 F001 started
            16:54:00 F001 parked
            17:29:59 phase serving_out
            17:29:59 refused: would strand F001
            17:30:00 F001 missed
            17:30:00 the day closes: 1 issued = 1 missed
            17:30:00 phase done
        "#]],
    );
}

#[test]
fn a_parked_citizen_may_return_while_others_are_served() {
    check(
        "
        16:50 officer amy opens window 3
        16:51 kiosk takes licence insisting
        16:52 window 3 calls next
        16:53 window 3 starts
        16:54 window 3 parks
        16:55 kiosk takes licence insisting
        17:00 window 3 calls next
        17:31 holder of F001 returns
        17:32 window 3 finishes and calls next
        17:33 window 3 finishes
        ",
        expect![[r#"
            16:50:00 window 3 opened by amy
            16:51:00 F001 waiting
            16:52:00 F001 to window 3
            16:53:00 F001 started
            16:54:00 F001 parked
            16:55:00 F002 waiting
            17:00:00 F002 to window 3
            17:30:00 F001 missed
            17:31:00 F001 back, after call 5
            17:32:00 F002 started, F002 served, F001 to window 3
            17:33:00 F001 started, F001 served
        "#]],
    );
}

#[test]
fn a_forgotten_day_is_settled_the_next_morning() {
    check(
        "
        16:50 officer amy opens window 1
        16:51 kiosk takes fine insisting
        16:52 kiosk takes fine insisting
        16:55 window 1 calls next
        17:30 show phase
        Tue 08:49 kiosk takes fine
        Tue 08:50 kiosk takes fine
        Tue 08:51 officer amy opens window 1
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:51:00 A001 waiting
            16:52:00 A002 waiting
            16:55:00 A001 to window 1
            17:30:00 phase serving_out
            Tue 4 08:49:00 refused: not yet, numbers from Tue 4 08:50
            Tue 4 08:50:00 A001 UNSERVED, A002 UNSERVED, the day closes: 2 issued = 2 UNSERVED
            Tue 4 08:50:00 A001 waiting
            Tue 4 08:51:00 window 1 opened by amy
        "#]],
    );
}

#[test]
fn before_a_day_off_it_is_settled_at_four() {
    check_with(
        |plan| plan.week.saturday = hall::plan::hours::DayHours::default(),
        "
        2026-08-09 08:50 usher issues exam because a place is free
        2026-08-10 08:49 show closing
        2026-08-10 08:50 show closing
        2026-08-14 16:59 kiosk takes fine insisting
        2026-08-15 04:00 show phase
        ",
        expect![[r#"
            Sun 9 08:50:00 C001 waiting, Sun 09:00 given on the spot
            Mon 10 08:49:00 the day is open
            Mon 10 08:50:00 C001 UNSERVED, the day closes: 1 issued = 1 UNSERVED
            Mon 10 08:50:00 the day is open
            Mon 10 17:00:00 the day closes: nobody came
            Tue 11 17:00:00 the day closes: nobody came
            Wed 12 17:00:00 the day closes: nobody came
            Thu 13 17:00:00 the day closes: nobody came
            Fri 14 16:59:00 A001 waiting
            Sat 15 04:00:00 A001 UNSERVED, the day closes: 1 issued = 1 UNSERVED
            Sat 15 04:00:00 phase closed
        "#]],
    );
}

#[test]
fn a_parked_ticket_on_a_forgotten_day_counts_as_missed() {
    check(
        "
        16:50 officer amy opens window 3
        16:51 kiosk takes licence insisting
        16:52 window 3 calls next
        16:53 window 3 starts
        16:54 window 3 parks
        16:55 kiosk takes licence insisting
        Tue 08:50 show closing
        ",
        expect![[r#"
            16:50:00 window 3 opened by amy
            16:51:00 F001 waiting
            16:52:00 F001 to window 3
            16:53:00 F001 started
            16:54:00 F001 parked
            16:55:00 F002 waiting
            17:30:00 F001 missed
            Tue 4 08:50:00 F002 UNSERVED, the day closes: 2 issued = 1 missed + 1 UNSERVED
            Tue 4 08:50:00 the day is open
        "#]],
    );
}

/// An officer who does not press start is busy from the call on: such a service took four minutes, not none.
#[test]
fn the_figures_of_a_day() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:02 window 1 calls next
        09:03 window 1 starts
        09:06 window 1 finishes and calls next
        09:10 window 1 finishes and calls next
        09:12 window 1 transfers to other
        09:13 show figures
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:00:00 A003 waiting
            09:02:00 A001 to window 1
            09:03:00 A001 started
            09:06:00 A001 served, A002 to window 1
            09:10:00 A002 started, A002 served, A003 to window 1
            09:12:00 A003 on to other
            09:13:00 3 issued, 2 finished, wait 360 s / 600 s, service 180 s / 240 s
        "#]],
    );
}

#[test]
fn a_day_with_nobody_closes_too() {
    check(
        "
        17:00 show closing
        17:01 officer amy opens window 1
        ",
        expect![[r#"
            17:00:00 the day closes: nobody came
            17:00:00 nobody came
            17:01:00 refused: The day is closed; this can no longer be done.
        "#]],
    );
}

/// Tickets of earlier days are forgotten after a day, but not while their voucher can be used.
#[test]
fn a_holder_keeps_the_voucher_page_while_it_is_valid() {
    check(
        "
        09:00 kiosk takes fine
        09:01 manager hands on A001 because network down
        Tue 09:00 show A001
        Wed 09:00 show A001
        Thu 09:00 show A001
        ",
        expect![[r#"
            09:00:00 A001 waiting
            09:01:00 A001 handed on, voucher of A001 for fine until Fri 7 August 00:00
            17:00:00 the day closes: 1 issued = 1 handed on
            Tue 4 09:00:00 A001 for fine, taken 09:00: handed on
            Tue 4 17:00:00 the day closes: nobody came
            Wed 5 09:00:00 A001 for fine, taken 09:00: handed on
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 09:00:00 A001 for fine, taken 09:00: handed on
        "#]],
    );
}
