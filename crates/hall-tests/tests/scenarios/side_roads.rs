//! Every road beside `waiting → called → serving → served`, with its limits.

use super::script::check;
use expect_test::expect;

#[test]
fn a_citizen_is_called_served_and_rates_it() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 window 1 calls next
        09:01 kiosk takes fine
        09:02 window 1 calls next
        09:02:10 window 1 calls next
        09:02:20 window 1 starts
        09:02:21 window 1 starts
        09:07 window 1 finishes for 120.505
        09:07 window 1 finishes for 120.50
        09:08 holder of A001 rates 5
        09:09 holder of A001 rates 1
        09:10 holder of A001 cancels
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 nothing to do
            09:01:00 A001 waiting
            09:02:00 A001 to window 1
            09:02:10 refused: Window 1 still has A001. Finish it first.
            09:02:20 A001 started
            09:02:21 refused: A001 is "Being served", so this cannot be done with it.
            09:07:00 refused: an amount from 0 to 1000000 with at most two decimal places
            09:07:00 A001 served
            09:08:00 A001 rated 5
            09:09:00 refused: You have already rated this service. Thank you.
            09:10:00 refused: A001 is "Served", so this cannot be done with it.
        "#]],
    );
}

#[test]
fn a_rating_has_a_day() {
    check(
        "
        16:50 officer amy opens window 1
        16:50 kiosk takes fine insisting
        16:50 window 1 calls next
        16:55 window 1 finishes
        16:55 kiosk takes fine insisting
        Tue 16:54:59 holder of A001 rates 2
        Tue 16:55 holder of A002 rates 2
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:50:00 A001 waiting
            16:50:00 A001 to window 1
            16:55:00 A001 started, A001 served
            16:55:00 A002 waiting
            Tue 4 08:50:00 A002 UNSERVED, the day closes: 2 issued = 1 served + 1 UNSERVED, last served 16:55:00
            Tue 4 16:54:59 A001 rated 2
            Tue 4 16:55:00 refused: A002 is "Not served", so this cannot be done with it.
        "#]],
    );
}

#[test]
fn a_recall_waits_eight_seconds() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01:00 window 1 calls next
        09:01:07 window 1 recalls
        09:01:08 window 1 recalls
        09:01:15 window 1 recalls
        09:01:16 window 1 recalls
        09:01:17 window 1 misses
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 1
            09:01:07 refused: Not before 09:01:08.
            09:01:08 A001 to window 1 again
            09:01:15 refused: Not before 09:01:16.
            09:01:16 A001 to window 1 again
            09:01:17 A001 missed
        "#]],
    );
}

/// Forty seconds; eighty for a priority class and a wheelchair.
#[test]
fn missed_after_the_walk_or_two_recalls() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:00 kiosk takes fine elderly
        09:00 kiosk takes fine wheelchair
        09:01:00 window 1 calls next
        09:01:39 window 1 misses
        09:02:19 window 1 misses
        09:02:20 window 1 misses
        09:03:00 window 1 calls next
        09:03:39 window 1 misses
        09:03:40 window 1 misses
        09:04:00 window 1 calls next
        09:05:19 window 1 misses
        09:05:20 window 1 misses
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:00:00 A003 waiting
            09:01:00 A002 to window 1
            09:01:39 refused: Not before 09:02:20.
            09:02:19 refused: Not before 09:02:20.
            09:02:20 A002 missed
            09:03:00 A001 to window 1
            09:03:39 refused: Not before 09:03:40.
            09:03:40 A001 missed
            09:04:00 A003 to window 1
            09:05:19 refused: Not before 09:05:20.
            09:05:20 A003 missed
        "#]],
    );
}

#[test]
fn a_missed_citizen_returns_after_three_further_calls() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01 kiosk takes fine
        09:02 kiosk takes fine
        09:03 kiosk takes fine
        09:04 kiosk takes fine
        09:05 window 1 calls next
        09:06 window 1 misses
        09:07 holder of A001 returns
        09:07 show queue 1
        09:08 window 1 calls next
        09:09 window 1 finishes and calls next
        09:10 window 1 finishes and calls next
        09:11 show queue 1
        09:11 window 1 finishes and calls next
        09:12 window 1 finishes and calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A002 waiting
            09:02:00 A003 waiting
            09:03:00 A004 waiting
            09:04:00 A005 waiting
            09:05:00 A001 to window 1
            09:06:00 A001 missed
            09:07:00 A001 back, after call 4
            09:07:00 window 1 would call: A002 6 min, score 6, score; A003 5 min, score 5, score; A004 4 min, score 4, score; A005 3 min, score 3, score
            09:08:00 A002 to window 1
            09:09:00 A002 started, A002 served, A003 to window 1
            09:10:00 A003 started, A003 served, A004 to window 1
            09:11:00 window 1 would call: A001 11 min, score 11, score; A005 7 min, score 7, score
            09:11:00 A004 started, A004 served, A001 to window 1
            09:12:00 A001 started, A001 served, A005 to window 1
        "#]],
    );
}

#[test]
fn a_missed_citizen_returns_at_once_when_nobody_else_waits() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 window 1 misses
        09:03 holder of A001 returns
        09:03 show queue 1
        09:03 window 1 calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 missed
            09:03:00 A001 back, after call 4
            09:03:00 window 1 would call: A001 3 min, score 3, nobody_else
            09:03:00 A001 to window 1
        "#]],
    );
}

#[test]
fn after_two_returns_the_usher_decides() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 window 1 misses
        09:03 holder of A001 returns
        09:03 window 1 calls next
        09:04 window 1 misses
        09:05 holder of A001 returns
        09:05 window 1 calls next
        09:06 window 1 misses
        09:07 holder of A001 returns
        09:07 window 1 calls A001 because stands here
        09:08 usher readmits A001
        09:08 window 1 calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 missed
            09:03:00 A001 back, after call 4
            09:03:00 A001 to window 1
            09:04:00 A001 missed
            09:05:00 A001 back, after call 5
            09:05:00 A001 to window 1
            09:06:00 A001 missed
            09:07:00 refused: Missed too often. Please ask the usher.
            09:07:00 refused: Missed too often. Please ask the usher.
            09:08:00 A001 back, after call 6
            09:08:00 A001 to window 1
        "#]],
    );
}

#[test]
fn an_officer_calls_a_missed_citizen_who_stands_there() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 window 1 misses
        09:03 window 1 calls A001
        09:03 window 1 calls A001 because stands here
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 missed
            09:03:00 refused: give a reason
            09:03:00 A001 back, after call 0, A001 to window 1
        "#]],
    );
}

#[test]
fn a_citizen_lets_two_go_first() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01 kiosk takes fine
        09:02 kiosk takes fine
        09:03 kiosk takes fine
        09:04 holder of A001 defers
        09:05 window 1 calls next
        09:06 window 1 finishes and calls next
        09:07 window 1 finishes and calls next
        09:08 holder of A001 defers
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A002 waiting
            09:02:00 A003 waiting
            09:03:00 A004 waiting
            09:04:00 A001 deferred to call 2
            09:05:00 A002 to window 1
            09:06:00 A002 started, A002 served, A003 to window 1
            09:07:00 A003 started, A003 served, A001 to window 1
            09:08:00 refused: A001 is "Called", so this cannot be done with it.
        "#]],
    );
}

/// A returned ticket lets three pass; deferring used to turn that into two.
#[test]
fn deferring_brings_nobody_forward() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01 kiosk takes fine
        09:01 window 1 calls next
        09:02 window 1 misses
        09:03 holder of A001 returns
        09:03 holder of A001 defers
        09:03 show A001
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A002 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 missed
            09:03:00 A001 back, after call 4
            09:03:00 A001 deferred to call 4
            09:03:00 A001 for fine, taken 09:00: waiting until 4 calls
        "#]],
    );
}

/// The officer who goes on with a parked ticket called nobody: that visit adds no wait to the figures.
#[test]
fn a_citizen_fetches_a_document() {
    check(
        "
        09:00 officer amy opens window 3
        09:00 kiosk takes licence
        09:01 kiosk takes licence
        09:02 window 3 calls next
        09:02 window 3 parks
        09:03 window 3 starts
        09:04 window 3 parks
        09:05 window 3 calls next
        09:06 holder of F001 comes back
        09:06 show queue 3
        09:07 window 3 finishes and calls next
        09:08 window 3 starts
        09:08 window 3 parks
        09:20 window 3 resumes F001
        09:25 window 3 finishes
        09:25 show figures
        ",
        expect![[r#"
            09:00:00 window 3 opened by amy
            09:00:00 F001 waiting
            09:01:00 F002 waiting
            09:02:00 F001 to window 3
            09:02:00 refused: F001 is "Called", so this cannot be done with it.
            09:03:00 F001 started
            09:04:00 F001 parked
            09:05:00 F002 to window 3
            09:06:00 F001 first at window 3
            09:06:00 window 3 would call: F001 6 min, score 6, back_at_window
            09:07:00 F002 started, F002 served, F001 to window 3
            09:08:00 F001 started
            09:08:00 F001 parked
            09:20:00 F001 goes on at window 3
            09:25:00 F001 served
            09:25:00 2 issued, 2 finished, wait 120 s / 240 s, service 120 s / 300 s
        "#]],
    );
}

/// First at the window that sent for the paper; first anywhere once that has been on a break for three minutes.
#[test]
fn back_with_the_paper_while_the_window_is_away() {
    check(
        "
        09:00 officer amy opens window 3
        09:00 officer bob opens window 6
        09:00 kiosk takes licence
        09:01 kiosk takes licence
        09:02 window 3 calls next
        09:02 window 3 starts
        09:03 window 3 parks
        09:04 holder of F001 comes back
        09:04 show queue 6
        09:04 window 3 pauses tea
        09:06:59 show queue 6
        09:07:00 show queue 6
        09:07:00 window 6 calls next
        ",
        expect![[r#"
            09:00:00 window 3 opened by amy
            09:00:00 window 6 opened by bob
            09:00:00 F001 waiting
            09:01:00 F002 waiting
            09:02:00 F001 to window 3
            09:02:00 F001 started
            09:03:00 F001 parked
            09:04:00 F001 first at window 3
            09:04:00 window 6 would call: F002 3 min, score 3, score
            09:04:00 window 3 on a break: tea
            09:06:59 window 6 would call: F002 5 min, score 5, score
            09:07:00 window 6 would call: F001 7 min, score 7, voucher; F002 6 min, score 6, score
            09:07:00 F001 to window 6
        "#]],
    );
}

#[test]
fn back_with_the_paper_when_the_window_is_closed_or_takes_other_services() {
    check(
        "
        09:00 officer amy opens window 6 for licence
        09:00 officer bob opens window 3
        09:00 kiosk takes licence
        09:02 window 6 calls next
        09:02 window 6 starts
        09:03 window 6 parks
        09:04 holder of F001 comes back
        09:05 show queue 3
        09:06 officer carl opens window 6 for fine
        09:06 show queue 3
        09:07 window 6 closes
        09:07 window 3 calls next
        ",
        expect![[r#"
            09:00:00 window 6 opened by amy
            09:00:00 window 3 opened by bob
            09:00:00 F001 waiting
            09:02:00 F001 to window 6
            09:02:00 F001 started
            09:03:00 F001 parked
            09:04:00 F001 first at window 6
            09:05:00 window 3 would call: 
            09:06:00 window 6 taken over by carl from amy
            09:06:00 window 3 would call: F001 6 min, score 6, voucher
            09:07:00 window 6 closed
            09:07:00 F001 to window 3
        "#]],
    );
}

#[test]
fn a_transfer_keeps_the_time() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 officer dan opens window 4
        09:00 kiosk takes fine
        09:05 kiosk takes vehicle
        09:06 kiosk takes vehicle
        09:07 window 1 calls next
        09:08 window 1 transfers to vehicle
        09:08 show A001
        09:09 show queue 4
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 window 4 opened by dan
            09:00:00 A001 waiting
            09:05:00 Y001 waiting
            09:06:00 Y002 waiting
            09:07:00 A001 to window 1
            09:08:00 A001 on to vehicle
            09:08:00 A001 for vehicle, taken 09:00: waiting in line
            09:09:00 window 4 would call: A001 9 min, score 9, score; Y001 4 min, score 4, score; Y002 3 min, score 3, score
        "#]],
    );
}

/// Closing releases the ticket for good: it is not bound again when the window opens once more.
#[test]
fn a_transfer_to_a_window_holds_until_that_closes() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 officer bob opens window 2
        09:00 officer carl opens window 6
        09:00 kiosk takes fine
        09:01 kiosk takes fine
        09:02 window 1 calls next
        09:03 window 1 transfers to window 4
        09:03 window 1 transfers to window 6
        09:04 show queue 2
        09:04 show queue 6
        09:05 window 6 closes
        09:05 show queue 2
        09:06 officer carl opens window 6
        09:06 show queue 2
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 window 2 opened by bob
            09:00:00 window 6 opened by carl
            09:00:00 A001 waiting
            09:01:00 A002 waiting
            09:02:00 A001 to window 1
            09:03:00 refused: Window 4 does not take fine. Transfer the ticket or call another.
            09:03:00 A001 on to window 6
            09:04:00 window 2 would call: A002 3 min, score 3, score
            09:04:00 window 6 would call: A001 4 min, score 4, score; A002 3 min, score 3, score
            09:05:00 window 6 closed
            09:05:00 window 2 would call: A001 5 min, score 5, score; A002 4 min, score 4, score
            09:06:00 window 6 opened by carl
            09:06:00 window 2 would call: A001 6 min, score 6, score; A002 5 min, score 5, score
        "#]],
    );
}

#[test]
fn a_transfer_to_a_window_holds_only_while_it_takes_the_service() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 officer carl opens window 6
        09:00 kiosk takes fine
        09:02 window 1 calls next
        09:03 window 1 transfers to window 6
        09:04 officer dora opens window 6 for mark
        09:04 show queue 1
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 window 6 opened by carl
            09:00:00 A001 waiting
            09:02:00 A001 to window 1
            09:03:00 A001 on to window 6
            09:04:00 window 6 taken over by dora from carl
            09:04:00 window 1 would call: A001 4 min, score 4, score
        "#]],
    );
}

#[test]
fn one_visit_several_services() {
    check(
        "
        09:00 officer amy opens window 3
        09:00 kiosk takes licence
        09:01 kiosk takes exam
        09:02 window 3 calls next
        09:03 window 3 starts
        09:05 window 3 adds exam
        09:05 show F001
        09:06 window 3 calls next
        09:07 window 3 finishes
        09:08 window 3 adds licence
        09:08 window 3 adds licence
        ",
        expect![[r#"
            09:00:00 window 3 opened by amy
            09:00:00 F001 waiting
            09:01:00 C001 waiting
            09:02:00 F001 to window 3
            09:03:00 F001 started
            09:05:00 F001 served, F001 also for exam
            09:05:00 F001 for exam, taken 09:00: waiting in line
            09:06:00 F001 to window 3
            09:07:00 F001 started, F001 served
            09:08:00 F001 also for licence
            09:08:00 refused: Window 3 has no ticket. Call one first.
        "#]],
    );
}

#[test]
fn the_wrong_service_is_corrected_once() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01 kiosk takes mark
        09:02 holder of A001 changes to mark
        09:02 show A001
        09:03 holder of A001 changes to fine
        09:04 holder of W001 changes to mark
        09:05 usher changes W001 to fine
        09:06 window 1 calls next
        09:06 holder of W001 changes to mark
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 W001 waiting
            09:02:00 A001 now for mark
            09:02:00 A001 for mark, taken 09:00: waiting in line
            09:03:00 refused: The service can be changed once. Please ask the usher.
            09:04:00 refused: the ticket is for this service already
            09:05:00 W001 now for fine
            09:06:00 W001 to window 1
            09:06:00 refused: W001 is "Called", so this cannot be done with it.
        "#]],
    );
}

/// Calls are counted by service: the count of the old service held such a ticket back for hours.
#[test]
fn a_deferred_ticket_that_changes_service_lets_two_pass_there() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 window 1 finishes and calls next
        09:03 holder of A003 defers
        09:03 show A003
        09:04 holder of A003 changes to mark
        09:04 show A003
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:00:00 A003 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 started, A001 served, A002 to window 1
            09:03:00 A003 deferred to call 4
            09:03:00 A003 for fine, taken 09:00: waiting until 4 calls
            09:04:00 A003 now for mark
            09:04:00 A003 for mark, taken 09:00: waiting until 2 calls
        "#]],
    );
}

#[test]
fn a_number_is_printed_again_and_cancelled() {
    check(
        "
        09:00 kiosk takes fine
        09:01 holder of A001 reprints
        09:02 holder of A001 cancels
        09:03 holder of A001 cancels
        09:04 holder of A001 reprints
        ",
        expect![[r#"
            09:00:00 A001 waiting
            09:01:00 A001 printed again
            09:02:00 A001 cancelled
            09:03:00 refused: A001 is "Cancelled", so this cannot be done with it.
            09:04:00 refused: A001 is "Cancelled", so this cannot be done with it.
        "#]],
    );
}

#[test]
fn a_called_citizen_does_not_cancel() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:01 holder of A001 cancels
        09:02 window 1 misses
        09:03 holder of A001 cancels
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 1
            09:01:00 refused: A001 is "Called", so this cannot be done with it.
            09:02:00 A001 missed
            09:03:00 A001 cancelled
        "#]],
    );
}

/// A ticket missed yesterday used to come back into today's line, beside another citizen with the same number.
#[test]
fn yesterdays_number_is_nobody_today() {
    check(
        "
        16:40 officer amy opens window 1
        16:40 kiosk takes fine insisting
        16:41 window 1 calls next
        16:42 window 1 misses
        17:00 show closing
        Tue 09:00 officer amy opens window 1
        Tue 09:00 holder of A001 returns
        Tue 09:00 holder of A001 cancels
        Tue 09:00 holder of A001 reprints
        Tue 09:00 window 1 calls A001 because stands here
        Tue 09:00 manager hands on A001 because of yesterday
        Tue 09:01 kiosk takes fine
        Tue 09:01 show queue 1
        ",
        expect![[r#"
            16:40:00 window 1 opened by amy
            16:40:00 A001 waiting
            16:41:00 A001 to window 1
            16:42:00 A001 missed
            17:00:00 the day closes: 1 issued = 1 missed
            17:00:00 1 issued = 1 missed
            Tue 4 09:00:00 window 1 opened by amy
            Tue 4 09:00:00 refused: The day is closed; this can no longer be done.
            Tue 4 09:00:00 refused: The day is closed; this can no longer be done.
            Tue 4 09:00:00 refused: The day is closed; this can no longer be done.
            Tue 4 09:00:00 refused: There is no such ticket A001 today.
            Tue 4 09:00:00 refused: There is no such ticket A001 today.
            Tue 4 09:01:00 A001 waiting
            Tue 4 09:01:00 window 1 would call: A001 0 min, score 0, score
        "#]],
    );
}

#[test]
fn calling_can_be_paused_in_the_whole_hall() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 manager pauses calling: fire drill
        09:03 window 1 finishes and calls next
        09:04 window 1 calls next
        09:04 window 1 calls A002 because urgent
        09:05 manager resumes calling
        09:05 window 1 calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:01:00 A001 to window 1
            09:02:00 calling paused
            09:03:00 A001 started, A001 served
            09:04:00 refused: Calling is paused in the hall: fire drill. Numbers are kept.
            09:04:00 refused: Calling is paused in the hall: fire drill. Numbers are kept.
            09:05:00 calling again
            09:05:00 A002 to window 1
        "#]],
    );
}

#[test]
fn a_window_belongs_to_its_officer() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 officer amy opens window 1
        09:00 officer amy opens window 2
        09:00 kiosk takes fine
        09:01 window 2 calls next
        09:02 window 1 pauses tea
        09:03 window 1 calls next
        09:04 window 1 works again
        09:04 window 1 works again
        09:05 window 1 calls next
        09:05 window 1 pauses tea
        09:06 window 1 closes
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 refused: You already staff window 1. Close it before you open another.
            09:00:00 refused: You already staff window 1. Close it before you open another.
            09:00:00 A001 waiting
            09:01:00 refused: Window 2 is not open. Open it first.
            09:02:00 window 1 on a break: tea
            09:03:00 refused: Window 1 is on a break. Resume it first.
            09:04:00 window 1 works again
            09:04:00 nothing to do
            09:05:00 A001 to window 1
            09:05:00 refused: Window 1 still has A001. Finish it first.
            09:06:00 refused: Window 1 still has A001. Finish it first.
        "#]],
    );
}

/// Who holds a number for the next service already uses that one.
#[test]
fn one_number_per_person_and_service_also_when_passed_on() {
    check(
        "
        09:00 officer amy opens window 6
        09:00 kiosk takes fine as mrs-li
        09:00 kiosk takes mark as mrs-li
        09:01 window 6 calls next
        09:02 window 6 transfers to mark
        09:02 window 6 adds mark
        09:02 window 6 adds registration
        09:03 holder of W001 cancels
        09:04 window 6 calls next
        09:05 window 6 transfers to mark
        ",
        expect![[r#"
            09:00:00 window 6 opened by amy
            09:00:00 A001 waiting
            09:00:00 W001 waiting
            09:01:00 A001 to window 6
            09:02:00 refused: You already hold a number for this service. Please use it.
            09:02:00 refused: You already hold a number for this service. Please use it.
            09:02:00 A001 started, A001 served, A001 also for registration
            09:03:00 W001 cancelled
            09:04:00 A001 to window 6
            09:05:00 A001 on to mark
        "#]],
    );
}
