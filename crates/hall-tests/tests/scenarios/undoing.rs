//! A window's last command can be taken back within ten seconds, if nothing it touched has changed since.

use super::script::check;
use expect_test::expect;

#[test]
fn a_call_is_taken_back() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01:00 window 1 calls next
        09:01:10 window 1 undoes
        09:01:10 show A001
        09:01:11 window 1 undoes
        09:01:12 window 1 calls next
        09:01:23 window 1 undoes
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 1
            09:01:10 window 1 undone
            09:01:10 A001 for fine, taken 09:00: waiting in line
            09:01:11 refused: Too late to take it back, or something has changed since.
            09:01:12 A001 to window 1
            09:01:23 refused: Too late to take it back, or something has changed since.
        "#]],
    );
}

#[test]
fn a_finish_is_taken_back_with_its_voucher() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02:00 window 1 finishes documents-missing
        09:02:05 window 1 undoes
        09:02:06 kiosk takes fine
        09:02:07 window 1 finishes and calls next
        09:02:10 window 1 undoes
        09:02:11 show figures
        09:02:12 window 1 finishes
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 started, A001 served, voucher of A001 for fine until Fri 7 August 00:00
            09:02:05 window 1 undone
            09:02:06 A003 waiting
            09:02:07 A001 started, A001 served, A002 to window 1
            09:02:10 window 1 undone
            09:02:11 3 issued, 0 finished, wait - / -, service - / -
            09:02:12 A001 started, A001 served
        "#]],
    );
}

#[test]
fn undo_is_refused_when_the_holder_has_acted_since() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01:00 window 1 calls next
        09:02:00 window 1 misses
        09:02:05 holder of A001 returns
        09:02:06 window 1 undoes
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 missed
            09:02:05 A001 back, after call 4
            09:02:06 refused: Too late to take it back, or something has changed since.
        "#]],
    );
}

/// After two priority tickets a normal one is due. Its call taken back, it is still due: undo used to forget that.
#[test]
fn an_undone_call_does_not_count() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine elderly
        09:00 kiosk takes fine elderly
        09:00 kiosk takes fine elderly
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:05:00 window 1 calls next
        09:06:00 window 1 finishes and calls next
        09:07:00 window 1 finishes and calls next
        09:07:05 window 1 undoes
        09:07:06 window 1 finishes
        09:07:10 window 1 calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:00:00 A003 waiting
            09:00:00 A004 waiting
            09:00:00 A005 waiting
            09:05:00 A001 to window 1
            09:06:00 A001 started, A001 served, A002 to window 1
            09:07:00 A002 started, A002 served, A004 to window 1
            09:07:05 window 1 undone
            09:07:06 A002 started, A002 served
            09:07:10 A004 to window 1
        "#]],
    );
}

/// Calling and taking back three times let nobody pass.
#[test]
fn a_returned_ticket_waits_for_real_calls() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 window 1 misses
        09:02 holder of A001 returns
        09:03:00 window 1 calls next
        09:03:01 window 1 undoes
        09:03:02 window 1 calls next
        09:03:03 window 1 undoes
        09:03:04 window 1 calls next
        09:03:05 window 1 undoes
        09:03:06 show queue 1
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:00:00 A003 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 missed
            09:02:00 A001 back, after call 4
            09:03:00 A002 to window 1
            09:03:01 window 1 undone
            09:03:02 A002 to window 1
            09:03:03 window 1 undone
            09:03:04 A002 to window 1
            09:03:05 window 1 undone
            09:03:06 window 1 would call: A002 3 min, score 3, score; A003 3 min, score 3, score
        "#]],
    );
}

#[test]
fn an_undo_at_another_window_leaves_the_rest() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 officer bob opens window 2
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:01:00 window 1 calls next
        09:01:02 window 2 calls next
        09:01:05 window 1 undoes
        09:01:06 window 1 calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 window 2 opened by bob
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:01:00 A001 to window 1
            09:01:02 A002 to window 2
            09:01:05 window 1 undone
            09:01:06 A001 to window 1
        "#]],
    );
}

#[test]
fn an_officer_takes_back_own_commands_only() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01:00 window 1 calls next
        09:01:05 officer bob opens window 1
        09:01:06 window 1 undoes
        09:01:07 window 1 finishes
        09:01:08 manager suspends fine because network down
        09:01:09 window 1 undoes
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 1
            09:01:05 window 1 taken over by bob from amy
            09:01:06 refused: Too late to take it back, or something has changed since.
            09:01:07 A001 started, A001 served
            09:01:08 fine suspended
            09:01:09 window 1 undone
        "#]],
    );
}

/// Two windows called one prioritised ticket each; one of the calls taken back, one more may go before a normal ticket is
/// due. It used to count for good once the other window had called.
#[test]
fn an_undone_call_leaves_the_row_of_another_window_as_it_is() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 officer bob opens window 2
        09:00 kiosk takes fine elderly
        09:00 kiosk takes fine elderly
        09:00 kiosk takes fine elderly
        09:00 kiosk takes fine
        09:05:00 window 1 calls next
        09:05:02 window 2 calls next
        09:05:05 window 1 undoes
        09:05:06 window 1 calls next
        09:06 window 2 finishes and calls next
        09:07 window 1 finishes and calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 window 2 opened by bob
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:00:00 A003 waiting
            09:00:00 A004 waiting
            09:05:00 A001 to window 1
            09:05:02 A002 to window 2
            09:05:05 window 1 undone
            09:05:06 A001 to window 1
            09:06:00 A002 started, A002 served, A004 to window 2
            09:07:00 A001 started, A001 served, A003 to window 1
        "#]],
    );
}

/// While the finish is taken back its citizen has taken another number: two for one service are not for one person.
#[test]
fn undo_gives_nobody_a_second_number_for_a_service() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine as mrs-li
        09:01:00 window 1 calls next
        09:02:00 window 1 finishes
        09:02:03 kiosk takes fine as mrs-li
        09:02:05 window 1 undoes
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 started, A001 served
            09:02:03 A002 waiting
            09:02:05 refused: Too late to take it back, or something has changed since.
        "#]],
    );
}

#[test]
fn a_finish_stands_once_its_voucher_was_used() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02:00 window 1 finishes documents-missing
        09:02:05 kiosk takes fine with voucher of A001
        09:02:06 window 1 undoes
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 started, A001 served, voucher of A001 for fine until Fri 7 August 00:00
            09:02:05 A002 waiting, first in line
            09:02:06 refused: Too late to take it back, or something has changed since.
        "#]],
    );
}
