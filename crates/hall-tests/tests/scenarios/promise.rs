//! Everyone who took a number is served: sign-off, breaks, overrides, hand-ons, interruptions, plan changes.

use super::script::{check, check_with};
use expect_test::expect;

#[test]
fn sign_off_is_refused_while_a_ticket_would_have_no_window() {
    check(
        "
        09:00 officer amy opens window 3
        09:00 officer bob opens window 1
        09:01 kiosk takes licence
        09:02 kiosk takes fine
        09:03 window 3 closes
        09:04 officer carl opens window 6
        09:05 window 3 closes
        09:06 window 1 closes
        09:07 window 6 closes
        ",
        expect![[r#"
            09:00:00 window 3 opened by amy
            09:00:00 window 1 opened by bob
            09:01:00 F001 waiting
            09:02:00 A001 waiting
            09:03:00 refused: would strand F001
            09:04:00 window 6 opened by carl
            09:05:00 window 3 closed
            09:06:00 window 1 closed
            09:07:00 refused: would strand F001 A001
        "#]],
    );
}

#[test]
fn the_last_window_stays_while_anyone_is_open() {
    check(
        "
        09:00 officer amy opens window 1
        09:01 kiosk takes mark
        09:02 window 1 closes
        09:03 holder of W001 cancels
        09:03 window 1 closes
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:01:00 W001 waiting
            09:02:00 refused: would strand W001
            09:03:00 W001 cancelled
            09:03:00 window 1 closed
        "#]],
    );
}

#[test]
fn a_missed_citizen_holds_the_last_window_for_ten_minutes() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 window 1 misses
        09:11:59 window 1 closes
        09:12 window 1 closes
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 missed
            09:11:59 refused: would strand A001
            09:12:00 window 1 closed
        "#]],
    );
}

/// A001 was missed an hour ago: the refusal names A002 alone.
#[test]
fn only_the_just_missed_hold_a_window() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 window 1 misses
        10:01 window 1 calls next
        10:02 window 1 misses
        10:05 window 1 closes
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 missed
            10:01:00 A002 to window 1
            10:02:00 A002 missed
            10:05:00 refused: would strand A002
        "#]],
    );
}

#[test]
fn after_closing_all_stay_until_nobody_waits() {
    check(
        "
        16:50 officer amy opens window 1
        16:50 officer bob opens window 2
        16:51 kiosk takes fine insisting
        16:52 kiosk takes fine insisting
        17:00 window 2 closes
        17:01 window 1 calls next
        17:02 window 2 closes
        17:03 window 2 calls next
        17:04 window 2 finishes
        17:04 window 2 closes
        17:04 window 1 finishes
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:50:00 window 2 opened by bob
            16:51:00 A001 waiting
            16:52:00 A002 waiting
            17:00:00 refused: would strand A001 A002
            17:01:00 A001 to window 1
            17:02:00 refused: would strand A002
            17:03:00 A002 to window 2
            17:04:00 A002 started, A002 served
            17:04:00 window 2 closed
            17:04:00 A001 started, A001 served
        "#]],
    );
}

/// Four times five minutes at one window is more than a quarter of an hour; three times is not.
#[test]
fn a_hall_may_let_the_surplus_go() {
    check_with(
        |plan| plan.policy.all_stay = false,
        "
        16:50 officer amy opens window 1
        16:50 officer bob opens window 2
        16:51 kiosk takes fine insisting
        16:52 kiosk takes fine insisting
        16:53 kiosk takes fine insisting
        16:54 kiosk takes fine insisting
        17:00 window 2 closes
        17:01 window 1 calls next
        17:01 window 2 closes
        17:01 window 1 closes
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:50:00 window 2 opened by bob
            16:51:00 A001 waiting
            16:52:00 A002 waiting
            16:53:00 A003 waiting
            16:54:00 A004 waiting
            17:00:00 refused: would strand A001 A002 A003 A004
            17:01:00 A001 to window 1
            17:01:00 window 2 closed
            17:01:00 refused: Window 1 still has A001. Finish it first.
        "#]],
    );
}

/// The one left would be on a break, and the parked citizen may come back to nobody.
#[test]
fn signing_off_leaves_a_window_at_work() {
    check(
        "
        16:50 officer amy opens window 3
        16:50 officer bob opens window 6
        16:51 kiosk takes licence insisting
        16:52 window 6 calls next
        16:52 window 6 starts
        16:53 window 6 parks
        16:59 window 6 pauses tea
        17:01 window 3 closes
        17:02 window 6 works again
        17:03 window 3 closes
        ",
        expect![[r#"
            16:50:00 window 3 opened by amy
            16:50:00 window 6 opened by bob
            16:51:00 F001 waiting
            16:52:00 F001 to window 6
            16:52:00 F001 started
            16:53:00 F001 parked
            16:59:00 window 6 on a break: tea
            17:01:00 refused: would strand F001
            17:02:00 window 6 works again
            17:03:00 window 3 closed
        "#]],
    );
}

/// Undoing the end of a break is a break: it needs the same care.
#[test]
fn a_break_after_closing_needs_another_window_at_work() {
    check(
        "
        16:50 officer amy opens window 1
        16:50 officer bob opens window 2
        16:51 kiosk takes fine insisting
        16:52 kiosk takes fine insisting
        16:55 window 1 pauses tea
        17:00 window 2 pauses tea
        17:00 window 1 works again
        17:01 window 2 pauses tea
        17:02 window 1 pauses tea
        17:03 window 2 works again
        17:03:05 window 1 pauses tea
        17:03:09 window 2 undoes
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:50:00 window 2 opened by bob
            16:51:00 A001 waiting
            16:52:00 A002 waiting
            16:55:00 window 1 on a break: tea
            17:00:00 refused: would strand A001 A002
            17:00:00 window 1 works again
            17:01:00 window 2 on a break: tea
            17:02:00 refused: would strand A001 A002
            17:03:00 window 2 works again
            17:03:05 window 1 on a break: tea
            17:03:09 refused: would strand A001 A002
        "#]],
    );
}

#[test]
fn a_take_over_keeps_the_ticket_at_hand() {
    check(
        "
        09:00 officer amy opens window 6
        09:00 kiosk takes fine
        09:01 window 6 calls next
        09:02 window 6 starts
        09:03 officer bob opens window 6
        09:04 window 6 finishes
        09:05 officer bob opens window 6
        ",
        expect![[r#"
            09:00:00 window 6 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 6
            09:02:00 A001 started
            09:03:00 window 6 taken over by bob from amy
            09:04:00 A001 served
            09:05:00 refused: You already staff window 6. Close it before you open another.
        "#]],
    );
}

#[test]
fn a_take_over_leaves_no_service_without_a_window() {
    check(
        "
        09:00 officer amy opens window 6
        09:00 kiosk takes mark
        09:01 officer bob opens window 6 for fine
        09:02 officer bob opens window 6 for fine mark
        ",
        expect![[r#"
            09:00:00 window 6 opened by amy
            09:00:00 W001 waiting
            09:01:00 refused: would strand W001
            09:02:00 window 6 taken over by bob from amy
        "#]],
    );
}

#[test]
fn an_override_breaks_the_promise_on_record() {
    check(
        "
        09:00 officer amy opens window 3
        09:00 kiosk takes licence
        09:01 kiosk takes licence
        09:02 kiosk takes exam
        09:03 window 3 calls next
        09:04 manager overrides window 3 because
        09:04 manager overrides window 3 handing on A007 because amy is ill
        09:05 manager overrides window 3 handing on F002 because amy is ill
        09:06 show closing
        17:00 show closing
        ",
        expect![[r#"
            09:00:00 window 3 opened by amy
            09:00:00 F001 waiting
            09:01:00 F002 waiting
            09:02:00 C001 waiting
            09:03:00 F001 to window 3
            09:04:00 refused: give a reason
            09:04:00 refused: A007 is not affected; name only tickets that would be stranded
            09:05:00 window 3 overridden, F001 UNSERVED, F002 handed on, voucher of F002 for licence until Fri 7 August 00:00, C001 UNSERVED, window 3 closed
            09:06:00 the day is open
            17:00:00 the day closes: 3 issued = 1 handed on + 2 UNSERVED
            17:00:00 3 issued = 1 handed on + 2 UNSERVED
        "#]],
    );
}

/// Nobody is unserved because a surplus window went: its ticket goes back to its place in line.
#[test]
fn an_override_leaves_to_others_what_others_can_serve() {
    check(
        "
        16:50 officer amy opens window 1
        16:50 officer bob opens window 2
        16:51 kiosk takes fine insisting
        16:52 kiosk takes fine insisting
        16:55 window 1 calls next
        17:00 manager overrides window 1 because amy is ill
        17:01 window 2 calls next
        17:02 window 2 finishes and calls next
        17:03 window 2 finishes
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:50:00 window 2 opened by bob
            16:51:00 A001 waiting
            16:52:00 A002 waiting
            16:55:00 A001 to window 1
            17:00:00 window 1 overridden, A001 on to fine, window 1 closed
            17:01:00 A001 to window 2
            17:02:00 A001 started, A001 served, A002 to window 2
            17:03:00 A002 started, A002 served
        "#]],
    );
}

#[test]
fn a_manager_hands_a_ticket_on_with_a_voucher() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 manager hands on A001 because system error
        09:03 manager hands on A002
        09:03 manager hands on A001 because again
        09:04 window 1 calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 handed on, voucher of A001 for fine until Fri 7 August 00:00
            09:03:00 refused: give a reason
            09:03:00 refused: A001 is "Handed on", so this cannot be done with it.
            09:04:00 A002 to window 1
        "#]],
    );
}

#[test]
fn an_interruption_turns_every_open_ticket_into_a_voucher() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:00 kiosk takes mark
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 manager interrupts: power
        09:30 kiosk takes fine
        09:31 kiosk takes fine with voucher of A002
        09:32 window 1 calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 W001 waiting
            09:00:00 A002 waiting
            09:01:00 A001 to window 1
            09:02:00 interrupted: power, A001 handed on, voucher of A001 for fine until Fri 7 August 00:00, W001 handed on, voucher of W001 for mark until Fri 7 August 00:00, A002 handed on, voucher of A002 for fine until Fri 7 August 00:00
            09:30:00 A003 waiting
            09:31:00 A004 waiting, first in line
            09:32:00 A004 to window 1
        "#]],
    );
}

/// A missed ticket may come back all day, so its service stays.
#[test]
fn a_plan_that_would_strand_is_refused() {
    check(
        "
        09:00 officer amy opens window 4
        09:00 kiosk takes mark
        09:01 manager removes window 4
        09:01 manager removes service mark
        09:02 officer bob opens window 6
        09:03 manager removes window 4
        09:04 window 6 calls next
        09:05 window 6 misses
        09:30 manager removes service mark
        09:31 holder of W001 cancels
        09:32 manager removes service mark
        ",
        expect![[r#"
            09:00:00 window 4 opened by amy
            09:00:00 W001 waiting
            09:01:00 refused: would strand W001
            09:01:00 refused: would strand W001
            09:02:00 window 6 opened by bob
            09:03:00 plan 2 adopted
            09:04:00 W001 to window 6
            09:05:00 W001 missed
            09:30:00 refused: would strand W001
            09:31:00 W001 cancelled
            09:32:00 plan 3 adopted
        "#]],
    );
}

#[test]
fn after_closing_a_transfer_without_a_window_gives_a_voucher() {
    check(
        "
        16:50 officer amy opens window 1
        16:51 kiosk takes fine insisting
        16:55 window 1 calls next
        17:01 window 1 transfers to mark
        17:01 window 1 undoes
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:51:00 A001 waiting
            16:55:00 A001 to window 1
            17:01:00 A001 handed on, voucher of A001 for mark until Fri 7 August 00:00
            17:01:00 the day closes: 1 issued = 1 handed on, window 1 60 s over
            17:01:00 refused: The day is closed; this can no longer be done.
        "#]],
    );
}

#[test]
fn a_transfer_that_gave_a_voucher_can_be_taken_back() {
    check(
        "
        16:50 officer amy opens window 1
        16:51 kiosk takes fine insisting
        16:51 kiosk takes fine insisting
        16:55 window 1 calls next
        17:01:00 window 1 transfers to mark
        17:01:05 window 1 undoes
        17:01:06 show A001
        17:02 window 1 finishes and calls next
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:51:00 A001 waiting
            16:51:00 A002 waiting
            16:55:00 A001 to window 1
            17:01:00 A001 handed on, voucher of A001 for mark until Fri 7 August 00:00
            17:01:05 window 1 undone
            17:01:06 A001 for fine, taken 16:51: called
            17:02:00 A001 started, A001 served, A002 to window 1
        "#]],
    );
}

#[test]
fn after_closing_a_next_service_without_a_window_gives_a_voucher() {
    check(
        "
        16:50 officer amy opens window 1
        16:51 kiosk takes fine insisting
        16:55 window 1 calls next
        17:01 window 1 adds mark
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:51:00 A001 waiting
            16:55:00 A001 to window 1
            17:01:00 A001 started, A001 served, voucher of A001 for mark until Fri 7 August 00:00
        "#]],
    );
}

/// The last licence window closed at 17:00; a holder who came back at 17:08 waited until the next morning and held an
/// officer who cannot help with licences.
#[test]
fn a_return_after_closing_without_a_window_gives_a_voucher() {
    check(
        "
        16:40 officer amy opens window 1
        16:40 officer bob opens window 3
        16:41 kiosk takes licence insisting
        16:42 kiosk takes fine insisting
        16:45 window 3 calls next
        16:46 window 3 misses
        16:56 window 3 closes
        17:00 holder of F001 returns
        17:00 again
        17:01 show F001
        17:01 window 1 calls next
        17:02 window 1 finishes
        ",
        expect![[r#"
            16:40:00 window 1 opened by amy
            16:40:00 window 3 opened by bob
            16:41:00 F001 waiting
            16:42:00 A001 waiting
            16:45:00 F001 to window 3
            16:46:00 F001 missed
            16:56:00 window 3 closed
            17:00:00 F001 handed on, voucher of F001 for licence until Fri 7 August 00:00
            17:00:00 remembered: ticket 0
            17:01:00 F001 for licence, taken 16:41: handed on
            17:01:00 A001 to window 1
            17:02:00 A001 started, A001 served
        "#]],
    );
}

/// At lunch nobody is sent home: the ticket waits for the afternoon.
#[test]
fn a_return_at_lunch_waits_for_the_afternoon() {
    check(
        "
        11:40 officer bob opens window 3
        11:41 kiosk takes licence insisting
        11:45 window 3 calls next
        11:46 window 3 misses
        11:56 window 3 closes
        12:10 holder of F001 returns
        13:25 officer bob opens window 3
        13:26 window 3 calls next
        ",
        expect![[r#"
            11:40:00 window 3 opened by bob
            11:41:00 F001 waiting
            11:45:00 F001 to window 3
            11:46:00 F001 missed
            11:56:00 window 3 closed
            12:10:00 F001 back, after call 4
            13:25:00 window 3 opened by bob
            13:26:00 F001 to window 3
        "#]],
    );
}

/// The last officer stays for a ticket that no window was staffed for, until the manager hands it on.
#[test]
fn a_service_that_nobody_staffed_is_handed_on_by_the_manager() {
    check(
        "
        16:40 officer amy opens window 1
        16:41 kiosk takes mark insisting
        16:42 kiosk takes mark insisting
        16:43 kiosk takes mark insisting
        17:01 window 1 closes
        17:02 manager hands on W001 because the colleague is ill
        17:03 window 1 closes
        17:04 manager overrides window 1 handing on W002 W003 because the colleague is ill
        ",
        expect![[r#"
            16:40:00 window 1 opened by amy
            16:41:00 W001 waiting
            16:42:00 W002 waiting
            16:43:00 W003 waiting
            17:01:00 refused: would strand W001 W002 W003
            17:02:00 W001 handed on, voucher of W001 for mark until Fri 7 August 00:00
            17:03:00 refused: would strand W002 W003
            17:04:00 window 1 overridden, W002 handed on, voucher of W002 for mark until Fri 7 August 00:00, W003 handed on, voucher of W003 for mark until Fri 7 August 00:00, window 1 closed
        "#]],
    );
}

/// Or it is served after all, by whoever opens a window that can.
#[test]
fn a_service_that_nobody_staffed_is_served_late() {
    check(
        "
        16:40 officer amy opens window 1
        16:41 kiosk takes mark insisting
        17:01 window 1 closes
        17:02 officer bob opens window 4
        17:02 window 1 closes
        17:03 window 4 calls next
        17:04 window 4 finishes
        ",
        expect![[r#"
            16:40:00 window 1 opened by amy
            16:41:00 W001 waiting
            17:01:00 refused: would strand W001
            17:02:00 window 4 opened by bob
            17:02:00 window 1 closed
            17:03:00 W001 to window 4
            17:04:00 W001 started, W001 served
        "#]],
    );
}

/// A plan whose hours of today are over used to end the day at once, for good, though the hall was full.
#[test]
fn a_plan_that_would_end_the_day_is_refused() {
    check(
        "
        09:00 officer amy opens window 1
        10:00 manager ends Monday at 10:00
        10:00 manager ends Monday at 09:30
        10:00 manager takes Monday off
        10:01 kiosk takes fine
        10:02 manager ends Monday at 10:30
        10:29 kiosk takes fine insisting
        10:30 kiosk takes fine
        10:31 window 1 calls next
        10:32 window 1 finishes and calls next
        10:33 window 1 finishes
        10:34 manager takes Monday off
        Tue 10:00 manager takes Monday off
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            10:00:00 refused: By this plan the hours of today (2026-08-03) are over: the day would end and give no more numbers. Check the hours of that date; to close early, set a closing time that is still to come.
            10:00:00 refused: By this plan the hours of today (2026-08-03) are over: the day would end and give no more numbers. Check the hours of that date; to close early, set a closing time that is still to come.
            10:00:00 refused: By this plan the hours of today (2026-08-03) are over: the day would end and give no more numbers. Check the hours of that date; to close early, set a closing time that is still to come.
            10:01:00 A001 waiting
            10:02:00 plan 2 adopted
            10:29:00 A002 waiting
            10:30:00 refused: redirect, closed, numbers from Tue 4 08:50
            10:31:00 A001 to window 1
            10:32:00 A001 started, A001 served, A002 to window 1
            10:33:00 A002 started, A002 served
            10:33:00 the day closes: 2 issued = 2 served, last served 10:33:00, window 1 180 s over
            10:34:00 plan 3 adopted
            Tue 4 10:00:00 plan 4 adopted
        "#]],
    );
}
