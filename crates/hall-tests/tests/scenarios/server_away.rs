//! While the server is away a kiosk goes on with numbers that it was lent: never two papers with one number, and nobody
//! who has one is lost.

use super::script::{check, check_with};
use expect_test::expect;

#[test]
fn a_kiosk_is_lent_a_block_of_every_series_and_reports_what_it_gave_out() {
    check_with(
        |plan| plan.policy.lease_numbers = 4,
        "
        08:49 kiosk leases numbers
        08:50 kiosk leases numbers
        08:51 kiosk takes fine
        09:10 kiosk reports A901 for fine of 08:55
        09:10 kiosk reports A902 for fine of 08:56
        09:10 again
        09:10 kiosk reports A902 for fine of 08:57
        09:11 kiosk takes fine
        09:11 kiosk leases numbers
        09:11 kiosk reports A903 for fine of 09:11
        09:12 kiosk leases numbers
        09:12 officer amy opens window 1
        09:12 window 1 calls next
        09:13 window 1 finishes and calls next
        ",
        expect![[r#"
            08:49:00 refused: not yet, numbers from Mon 3 08:50
            08:50:00 lease 0: A901-A904, lease 1: C901-C904, lease 2: F901-F904, lease 3: H901-H904, lease 4: U901-U904, lease 5: W901-W904, lease 6: Y901-Y904
            08:51:00 A001 waiting
            09:10:00 A901 waiting since 08:55:00
            09:10:00 A902 waiting since 08:56:00
            09:10:00 remembered: A902, 2 ahead
            09:10:00 refused: this number has been reported with another key
            09:11:00 A002 waiting
            09:11:00 nothing to do
            09:11:00 A903 waiting since 09:11:00
            09:12:00 lease 7: A905-A908
            09:12:00 window 1 opened by amy
            09:12:00 A001 to window 1
            09:13:00 A001 started, A001 served, A901 to window 1
        "#]],
    );
}

#[test]
fn a_kiosk_that_has_forgotten_its_block_is_lent_another() {
    check_with(
        |plan| plan.policy.lease_numbers = 4,
        "
        08:50 kiosk leases numbers of A
        08:51 kiosk leases numbers of A
        08:51 again
        08:52 kiosk reports A902 for fine of 08:50
        ",
        expect![[r#"
            08:50:00 lease 0: A901-A904
            08:51:00 lease 1: A905-A908
            08:51:00 remembered: 1 blocks
            08:52:00 A902 waiting since 08:50:00
        "#]],
    );
}

#[test]
fn a_number_lent_keeps_its_place_by_the_time_on_its_paper() {
    check_with(
        |plan| plan.policy.lease_numbers = 4,
        "
        08:50 kiosk leases numbers
        09:00 officer amy opens window 1
        09:05 kiosk takes fine
        09:06 kiosk reports A901 for fine of 09:01
        09:07 window 1 calls next
        09:08 kiosk reports A902 for fine of 08:00
        09:08 kiosk reports A903 for fine of 11:00
        09:08 kiosk reports A905 for fine of 09:08
        09:08 kiosk reports A904 for licence of 09:08
        ",
        expect![[r#"
            08:50:00 lease 0: A901-A904, lease 1: C901-C904, lease 2: F901-F904, lease 3: H901-H904, lease 4: U901-U904, lease 5: W901-W904, lease 6: Y901-Y904
            09:00:00 window 1 opened by amy
            09:05:00 A001 waiting
            09:06:00 A901 waiting since 09:01:00
            09:07:00 A901 to window 1
            09:08:00 A902 waiting since 09:08:00
            09:08:00 A903 waiting since 09:08:00
            09:08:00 refused: the number is not of this block, or of another service
            09:08:00 refused: the number is not of this block, or of another service
        "#]],
    );
}

#[test]
fn a_number_that_the_kiosk_never_saw_goes_when_it_gave_another_instead() {
    check_with(
        |plan| plan.policy.lease_numbers = 4,
        "
        08:50 kiosk leases numbers
        08:51 kiosk takes fine
        08:52 kiosk reports A901 for fine in place of the command before
        ",
        expect![[r#"
            08:50:00 lease 0: A901-A904, lease 1: C901-C904, lease 2: F901-F904, lease 3: H901-H904, lease 4: U901-U904, lease 5: W901-W904, lease 6: Y901-Y904
            08:51:00 A001 waiting
            08:52:00 A001 cancelled, A901 waiting since 08:52:00
        "#]],
    );
}

#[test]
fn what_is_not_given_out_is_skipped_when_it_is_returned_or_the_day_ends() {
    check_with(
        |plan| plan.policy.lease_numbers = 2,
        "
        16:29 kiosk leases numbers
        16:29 kiosk reports A902 for fine of 16:29
        16:40 kiosk returns lease 0
        16:40 kiosk returns lease 0
        16:41 officer amy opens window 1
        16:42 window 1 calls next
        16:50 window 1 finishes
        17:00 time passes
        17:01 kiosk reports F901 for licence of 16:55
        ",
        expect![[r#"
            16:29:00 lease 0: A901-A902, lease 1: C901-C902, lease 2: F901-F902, lease 3: H901-H902, lease 4: U901-U902, lease 5: W901-W902, lease 6: Y901-Y902
            16:29:00 A902 waiting since 16:29:00
            16:40:00 lease 0 ends, A901 skipped
            16:40:00 nothing to do
            16:41:00 window 1 opened by amy
            16:42:00 A902 to window 1
            16:50:00 A902 started, A902 served
            17:01:00 F901 waiting since 16:55:00, F901 handed on, voucher of F901 for licence until Fri 7 August 00:00
        "#]],
    );
}

#[test]
fn a_paper_reported_after_closing_is_served_or_comes_first_another_day() {
    check_with(
        |plan| plan.policy.lease_numbers = 2,
        "
        16:29 kiosk leases numbers
        16:40 officer amy opens window 1
        16:41 kiosk takes fine insisting
        16:59 kiosk reports W901 for mark of 16:58
        17:01 kiosk reports A901 for fine of 16:59
        17:01 kiosk reports Y901 for vehicle of 16:59
        ",
        expect![[r#"
            16:29:00 lease 0: A901-A902, lease 1: C901-C902, lease 2: F901-F902, lease 3: H901-H902, lease 4: U901-U902, lease 5: W901-W902, lease 6: Y901-Y902
            16:40:00 window 1 opened by amy
            16:41:00 A001 waiting
            16:59:00 W901 waiting since 16:58:00
            17:01:00 A901 waiting since 16:59:00
            17:01:00 Y901 waiting since 16:59:00, Y901 handed on, voucher of Y901 for vehicle until Fri 7 August 00:00
        "#]],
    );
}

#[test]
fn the_series_steps_over_what_is_lent() {
    check_with(
        |plan| plan.policy.lease_numbers = 2,
        "
        08:50 kiosk leases numbers
        08:50 900 times kiosk takes fine
        08:51 kiosk takes fine
        08:52 kiosk takes fine
        ",
        expect![[r#"
            08:50:00 lease 0: A901-A902, lease 1: C901-C902, lease 2: F901-F902, lease 3: H901-H902, lease 4: U901-U902, lease 5: W901-W902, lease 6: Y901-Y902
            08:50:00 A900 waiting
            08:51:00 A903 waiting
            08:52:00 A904 waiting
        "#]],
    );
}

#[test]
fn somebody_without_a_number_can_be_served_at_once() {
    check(
        "
        09:00 officer amy opens window 1
        09:01 window 1 serves fine directly
        09:02 window 1 serves fine directly
        09:03 window 1 finishes
        09:03 window 1 serves licence directly
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:01:00 A001 waiting, A001 to window 1, A001 started
            09:02:00 refused: Window 1 still has A001. Finish it first.
            09:03:00 A001 served
            09:03:00 refused: Window 1 does not take licence. Transfer the ticket or call another.
        "#]],
    );
}

#[test]
fn several_things_in_one_visit_are_told_to_the_officer() {
    check(
        "
        09:00 officer amy opens window 6
        09:01 kiosk takes fine also licence also fine also mark
        09:02 window 6 calls next
        09:10 window 6 adds licence
        ",
        expect![[r#"
            09:00:00 window 6 opened by amy
            09:01:00 A001 waiting
            09:02:00 A001 to window 6
            09:10:00 A001 started, A001 served, A001 also for licence
        "#]],
    );
}

#[test]
fn help_is_asked_for_once_and_the_first_answer_counts() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 officer bob opens window 2
        09:01 kiosk asks for help
        09:01 kiosk asks for help
        09:02 window 2 answers help 0
        09:02 window 1 answers help 0
        09:03 kiosk asks for help
        09:04 window 1 asks for help
        09:04 window 1 asks for help urgently
        09:04 window 1 asks for help
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 window 2 opened by bob
            09:01:00 help 0: kiosk asks
            09:01:00 nothing to do
            09:02:00 help 0: window 2 comes
            09:02:00 nothing to do
            09:03:00 help 1: kiosk asks
            09:04:00 help 2: window 1 asks
            09:04:00 help 3: window 1 asks urgently
            09:04:00 nothing to do
        "#]],
    );
}

#[test]
fn what_could_not_be_done_is_answered_within_five_working_days() {
    check(
        "
        09:00 kiosk takes fine
        09:01 holder of A001 writes: the paper was refused
        09:02 holder of A001 writes: once more
        10:00 manager answers word 0: come to window 6
        10:01 manager answers word 0: twice
        10:01 manager answers word 9: nobody asked
        ",
        expect![[r#"
            09:00:00 A001 waiting
            09:01:00 word 0, due 2026-08-10
            09:02:00 refused: You have left word; it will be answered in time.
            10:00:00 word 0 answered
            10:01:00 refused: This has been answered.
            10:01:00 refused: There is no such word.
        "#]],
    );
}

/// The paper says that the number is good: the day waits for it, and after that it is a voucher.
#[test]
fn a_day_waits_for_papers_that_may_be_out() {
    check_with(
        |plan| plan.policy.lease_numbers = 3,
        "
        16:29 kiosk leases numbers of A
        17:00 show closing
        17:02 kiosk reports A901 for fine of 16:59
        17:29 show closing
        17:30 time passes
        17:31 kiosk reports A902 for fine of 16:59
        Tue 08:50 kiosk leases numbers of A
        Tue 08:51 kiosk reports A901 for fine of 08:51
        Tue 08:52 kiosk reports A903 for fine of 08:00
        Tue 08:53 officer amy opens window 1
        Tue 08:54 window 1 calls A901 because he is here
        ",
        expect![[r#"
            16:29:00 lease 0: A901-A903
            17:00:00 the day is open
            17:02:00 A901 waiting since 16:59:00, A901 handed on, voucher of A901 for fine until Fri 7 August 00:00
            17:29:00 the day is open
            17:30:00 lease 0 ends, A902-A903 skipped, the day closes: 1 issued = 1 handed on
            17:31:00 A902 waiting since 16:59:00, A902 handed on, voucher of A902 for fine until Fri 7 August 00:00, word 0, due 2026-08-10
            Tue 4 08:50:00 lease 1: A901-A903
            Tue 4 08:51:00 A901 waiting since 08:51:00
            Tue 4 08:52:00 A903 waiting since 08:52:00
            Tue 4 08:53:00 window 1 opened by amy
            Tue 4 08:54:00 A901 to window 1
        "#]],
    );
}

#[test]
fn a_kiosk_that_gives_its_numbers_back_lets_the_day_close() {
    check_with(
        |plan| plan.policy.lease_numbers = 3,
        "
        16:29 kiosk leases numbers of A
        17:00 show closing
        17:01 kiosk returns lease 0
        17:02 kiosk returns lease 0
        17:03 kiosk reports A901 for fine of 16:59
        17:04 kiosk reports A901 for fine of 16:58
        ",
        expect![[r#"
            16:29:00 lease 0: A901-A903
            17:00:00 the day is open
            17:01:00 lease 0 ends, A901-A903 skipped
            17:01:00 the day closes: nobody came
            17:02:00 nothing to do
            17:03:00 A901 waiting since 16:59:00, A901 handed on, voucher of A901 for fine until Fri 7 August 00:00, word 0, due 2026-08-10
            17:04:00 refused: this number has been reported with another key
        "#]],
    );
}

/// What counts is how long ago it was, by whatever clock; a time that cannot be so is none.
#[test]
fn a_kiosks_clock_gains_nobody_a_place() {
    check_with(
        |plan| plan.policy.lease_numbers = 9,
        "
        09:00 kiosk leases numbers of A
        10:00 kiosk takes fine
        11:00 kiosk reports A901 for fine of 02:00 by its clock
        11:00 kiosk reports A902 for fine of 09:30 by its clock
        11:00 kiosk reports A903 for fine of 10:55 by its clock
        11:00 kiosk reports A904 for fine of 13:00 by its clock
        11:00 kiosk reports A905 for fine of 09:50 by a clock that shows 10:00
        11:00 kiosk reports A906 for fine of 03:00 by a clock that shows 10:00
        11:00 kiosk reports A907 for fine of 10:30 by a clock that shows 10:00
        ",
        expect![[r#"
            09:00:00 lease 0: A901-A909
            10:00:00 A001 waiting
            11:00:00 A901 waiting since 11:00:00
            11:00:00 A902 waiting since 11:00:00
            11:00:00 A903 waiting since 10:55:00
            11:00:00 A904 waiting since 11:00:00
            11:00:00 A905 waiting since 10:50:00
            11:00:00 A906 waiting since 11:00:00
            11:00:00 A907 waiting since 11:00:00
        "#]],
    );
}
