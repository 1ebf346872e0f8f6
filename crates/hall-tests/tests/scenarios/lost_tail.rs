//! A store that lost what it had acknowledged, and was accepted like this by name: no number is given out a second time.

use super::script::{check, check_with};
use expect_test::expect;

#[test]
fn numbers_that_may_be_on_paper_are_skipped() {
    check_with(
        |plan| plan.policy.lease_numbers = 4,
        "
        08:51 kiosk takes fine
        08:52 kiosk leases numbers
        09:10 store lost 3 records of 09:05
        09:11 kiosk takes fine
        09:11 kiosk leases numbers
        09:12 store lost 3 records of 09:12
        09:13 kiosk takes fine
        ",
        expect![[r#"
            08:51:00 A001 waiting
            08:52:00 lease 0: A901-A904, lease 1: C901-C904, lease 2: F901-F904, lease 3: H901-H904, lease 4: U901-U904, lease 5: W901-W904, lease 6: Y901-Y904
            09:10:00 records 4 to 7 are lost, lease 7: A002-A054, lease 7 ends, A002-A054 skipped, lease 8: A905-A966, lease 8 ends, A905-A966 skipped, lease 9: C001-C053, lease 9 ends, C001-C053 skipped, lease 10: C905-C966, lease 10 ends, C905-C966 skipped, lease 11: F001-F053, lease 11 ends, F001-F053 skipped, lease 12: F905-F966, lease 12 ends, F905-F966 skipped, lease 13: H001-H053, lease 13 ends, H001-H053 skipped, lease 14: H905-H966, lease 14 ends, H905-H966 skipped, lease 15: U001-U053, lease 15 ends, U001-U053 skipped, lease 16: U905-U966, lease 16 ends, U905-U966 skipped, lease 17: W001-W053, lease 17 ends, W001-W053 skipped, lease 18: W905-W966, lease 18 ends, W905-W966 skipped, lease 19: Y001-Y053, lease 19 ends, Y001-Y053 skipped, lease 20: Y905-Y966, lease 20 ends, Y905-Y966 skipped
            09:11:00 A055 waiting
            09:11:00 nothing to do
            09:12:00 records 6 to 9 are lost, lease 21: A056-A108, lease 21 ends, A056-A108 skipped, lease 22: A967-A1028, lease 22 ends, A967-A1028 skipped, lease 23: C054-C106, lease 23 ends, C054-C106 skipped, lease 24: C967-C1028, lease 24 ends, C967-C1028 skipped, lease 25: F054-F106, lease 25 ends, F054-F106 skipped, lease 26: F967-F1028, lease 26 ends, F967-F1028 skipped, lease 27: H054-H106, lease 27 ends, H054-H106 skipped, lease 28: H967-H1028, lease 28 ends, H967-H1028 skipped, lease 29: U054-U106, lease 29 ends, U054-U106 skipped, lease 30: U967-U1028, lease 30 ends, U967-U1028 skipped, lease 31: W054-W106, lease 31 ends, W054-W106 skipped, lease 32: W967-W1028, lease 32 ends, W967-W1028 skipped, lease 33: Y054-Y106, lease 33 ends, Y054-Y106 skipped, lease 34: Y967-Y1028, lease 34 ends, Y967-Y1028 skipped
            09:13:00 A109 waiting
        "#]],
    );
}

#[test]
fn a_day_that_the_store_has_forgotten_is_opened_with_its_numbers_skipped() {
    check(
        "
        09:10 store lost 3 records of 09:05
        09:11 kiosk takes fine
        ",
        expect![[r#"
            09:10:00 records 2 to 5 are lost, lease 0: A001-A053, lease 0 ends, A001-A053 skipped, lease 1: A901-A1100, lease 1 ends, A901-A1100 skipped, lease 2: C001-C053, lease 2 ends, C001-C053 skipped, lease 3: C901-C1100, lease 3 ends, C901-C1100 skipped, lease 4: F001-F053, lease 4 ends, F001-F053 skipped, lease 5: F901-F1100, lease 5 ends, F901-F1100 skipped, lease 6: H001-H053, lease 6 ends, H001-H053 skipped, lease 7: H901-H1100, lease 7 ends, H901-H1100 skipped, lease 8: U001-U053, lease 8 ends, U001-U053 skipped, lease 9: U901-U1100, lease 9 ends, U901-U1100 skipped, lease 10: W001-W053, lease 10 ends, W001-W053 skipped, lease 11: W901-W1100, lease 11 ends, W901-W1100 skipped, lease 12: Y001-Y053, lease 12 ends, Y001-Y053 skipped, lease 13: Y901-Y1100, lease 13 ends, Y901-Y1100 skipped
            09:11:00 A054 waiting
        "#]],
    );
}

#[test]
fn what_was_lost_of_another_day_skips_nothing() {
    check(
        "
        09:10 store lost 900 records of 2026-08-02 16:00
        ",
        expect![[r#"
            09:10:00 records 2 to 902 are lost
        "#]],
    );
}

/// The first command of a day may come after the loss was recorded: the day then begins behind the numbers that are lost.
#[test]
fn a_day_that_opens_after_the_loss_begins_behind_it() {
    check(
        "
        08:30 store lost 3 records of 08:29
        08:51 kiosk takes fine
        ",
        expect![[r#"
            08:30:00 records 1 to 4 are lost, lease 0: A001-A053, lease 0 ends, A001-A053 skipped, lease 1: A901-A1100, lease 1 ends, A901-A1100 skipped, lease 2: C001-C053, lease 2 ends, C001-C053 skipped, lease 3: C901-C1100, lease 3 ends, C901-C1100 skipped, lease 4: F001-F053, lease 4 ends, F001-F053 skipped, lease 5: F901-F1100, lease 5 ends, F901-F1100 skipped, lease 6: H001-H053, lease 6 ends, H001-H053 skipped, lease 7: H901-H1100, lease 7 ends, H901-H1100 skipped, lease 8: U001-U053, lease 8 ends, U001-U053 skipped, lease 9: U901-U1100, lease 9 ends, U901-U1100 skipped, lease 10: W001-W053, lease 10 ends, W001-W053 skipped, lease 11: W901-W1100, lease 11 ends, W901-W1100 skipped, lease 12: Y001-Y053, lease 12 ends, Y001-Y053 skipped, lease 13: Y901-Y1100, lease 13 ends, Y901-Y1100 skipped
            08:51:00 A054 waiting
        "#]],
    );
}
