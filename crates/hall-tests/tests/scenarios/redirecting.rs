//! Near closing: whoever has no number yet is led to the app, and may insist.

use crate::script::{check, check_with};
use expect_test::expect;
use hall::plan::policy::RedirectPolicy;

#[test]
fn near_closing_the_app_comes_first() {
    check(
        "
        11:30 kiosk takes fine
        16:29:59 kiosk takes fine
        16:30:00 kiosk takes fine
        16:30:00 again
        16:30:10 kiosk takes fine insisting
        16:30:20 kiosk takes registration
        16:30:30 kiosk takes fine elderly
        16:30:40 kiosk takes fine elderly insisting
        16:30:50 kiosk takes fine without-smartphone
        ",
        expect![[r#"
            11:30:00 refused: redirect, near closing, may insist, numbers from Mon 3 13:20
            16:29:59 A001 waiting
            16:30:00 refused: redirect, near closing, may insist, numbers from Tue 4 08:50
            16:30:00 remembered: redirect, near closing, may insist, numbers from Tue 4 08:50
            16:30:10 A002 waiting
            16:30:20 U001 waiting
            16:30:30 refused: redirect, near closing, may insist, numbers from Tue 4 08:50
            16:30:40 A003 waiting
            16:30:50 A004 waiting
        "#]],
    );
}

#[test]
fn a_hall_may_give_no_more_numbers_near_closing() {
    check_with(
        |plan| plan.policy.redirect = RedirectPolicy::Require,
        "
        16:30:00 kiosk takes fine
        16:30:10 kiosk takes fine insisting
        16:30:20 kiosk takes registration
        16:30:30 kiosk takes fine elderly
        16:30:40 kiosk takes fine elderly insisting
        16:30:50 kiosk takes fine without-smartphone
        16:31:00 usher issues fine because was in line
        ",
        expect![[r#"
            16:30:00 refused: redirect, near closing, numbers from Tue 4 08:50
            16:30:10 refused: redirect, near closing, numbers from Tue 4 08:50
            16:30:20 U001 waiting
            16:30:30 refused: redirect, near closing, may insist, numbers from Tue 4 08:50
            16:30:40 A001 waiting
            16:30:50 A002 waiting
            16:31:00 A003 waiting
        "#]],
    );
}

/// Ten citizens served in five minutes each at window 1, from 14:00 to 14:50.
fn ten_finishes() -> String {
    let mut script = String::from(
        "13:30 officer wang opens window 1\n14:00 10 times kiosk takes fine\n14:00 window 1 calls next\n",
    );
    for minute in (5..=45).step_by(5) {
        script += &format!("14:{minute:02} window 1 finishes and calls next\n");
    }
    script + "14:50 window 1 finishes\n"
}

#[test]
fn a_line_that_would_last_past_closing_begins_near_closing_early() {
    check(
        &(ten_finishes()
            + "
            15:25 23 times kiosk takes fine
            15:25 show phase of fine
            15:28 2 times kiosk takes fine
            15:30 kiosk takes fine
            15:30 show phase of fine
            15:30 show phase of licence
            15:30 kiosk takes licence
            15:31 kiosk takes fine
            15:31 usher issues fine because was in line
            15:31 30 times kiosk takes fine insisting
            15:32 officer li opens window 2
            15:32 show phase of fine
            15:33 officer gao opens window 7
            15:33 show phase of fine
            15:34 kiosk takes fine
            "),
        expect![[r#"
            13:30:00 window 1 opened by wang
            14:00:00 A010 waiting
            14:00:00 A001 to window 1
            14:05:00 A001 started, A001 served, A002 to window 1
            14:10:00 A002 started, A002 served, A003 to window 1
            14:15:00 A003 started, A003 served, A004 to window 1
            14:20:00 A004 started, A004 served, A005 to window 1
            14:25:00 A005 started, A005 served, A006 to window 1
            14:30:00 A006 started, A006 served, A007 to window 1
            14:35:00 A007 started, A007 served, A008 to window 1
            14:40:00 A008 started, A008 served, A009 to window 1
            14:45:00 A009 started, A009 served, A010 to window 1
            14:50:00 A010 started, A010 served
            15:25:00 A033 waiting
            15:25:00 phase open
            15:28:00 A035 waiting
            15:28:00 fine would overrun
            15:30:00 refused: redirect, forecast, may insist, numbers from Tue 4 08:50
            15:30:00 phase near_closing
            15:30:00 phase open
            15:30:00 F001 waiting
            15:31:00 refused: redirect, forecast, may insist, numbers from Tue 4 08:50
            15:31:00 A036 waiting
            15:31:00 A066 waiting
            15:32:00 window 2 opened by li
            15:32:00 phase near_closing
            15:33:00 window 7 opened by gao
            15:33:00 fine would not overrun any more
            15:33:00 phase open
            15:34:00 A067 waiting
        "#]],
    );
}

#[test]
fn with_fewer_than_ten_finishes_the_clock_alone_decides() {
    let script = ten_finishes()
        .replace("10 times", "9 times")
        .replace(
            "14:45 window 1 finishes and calls next\n",
            "14:45 window 1 finishes\n",
        )
        .replace("14:50 window 1 finishes\n", "");
    check(
        &(script
            + "
            15:30 40 times kiosk takes fine
            15:30 show phase of fine
            16:30 show phase of fine
            "),
        expect![[r#"
            13:30:00 window 1 opened by wang
            14:00:00 A009 waiting
            14:00:00 A001 to window 1
            14:05:00 A001 started, A001 served, A002 to window 1
            14:10:00 A002 started, A002 served, A003 to window 1
            14:15:00 A003 started, A003 served, A004 to window 1
            14:20:00 A004 started, A004 served, A005 to window 1
            14:25:00 A005 started, A005 served, A006 to window 1
            14:30:00 A006 started, A006 served, A007 to window 1
            14:35:00 A007 started, A007 served, A008 to window 1
            14:40:00 A008 started, A008 served, A009 to window 1
            14:45:00 A009 started, A009 served
            15:30:00 A049 waiting
            15:30:00 phase open
            16:30:00 phase near_closing
        "#]],
    );
}

#[test]
fn an_early_near_closing_ends_with_the_session() {
    check(
        "
        09:00 officer wang opens window 1
        09:00 10 times kiosk takes fine
        09:00 window 1 calls next
        09:05 window 1 finishes and calls next
        09:10 window 1 finishes and calls next
        09:15 window 1 finishes and calls next
        09:20 window 1 finishes and calls next
        09:25 window 1 finishes and calls next
        09:30 window 1 finishes and calls next
        09:35 window 1 finishes and calls next
        09:40 window 1 finishes and calls next
        09:45 window 1 finishes and calls next
        09:50 window 1 finishes
        10:00 40 times kiosk takes fine
        10:01 show phase of fine
        12:00 show phase of fine
        13:25 show phase of fine
        13:30 show phase of fine
        ",
        expect![[r#"
            09:00:00 window 1 opened by wang
            09:00:00 A010 waiting
            09:00:00 A001 to window 1
            09:05:00 A001 started, A001 served, A002 to window 1
            09:10:00 A002 started, A002 served, A003 to window 1
            09:15:00 A003 started, A003 served, A004 to window 1
            09:20:00 A004 started, A004 served, A005 to window 1
            09:25:00 A005 started, A005 served, A006 to window 1
            09:30:00 A006 started, A006 served, A007 to window 1
            09:35:00 A007 started, A007 served, A008 to window 1
            09:40:00 A008 started, A008 served, A009 to window 1
            09:45:00 A009 started, A009 served, A010 to window 1
            09:50:00 A010 started, A010 served
            10:00:00 refused: redirect, forecast, may insist, numbers from Mon 3 13:20
            10:01:00 phase near_closing
            12:00:00 fine would not overrun any more
            12:00:00 phase serving_out
            13:25:00 phase early_open
            13:30:00 phase open
        "#]],
    );
}

#[test]
fn who_insists_is_served_before_the_day_closes() {
    check(
        "
        16:29 officer wang opens window 1
        16:30 kiosk takes fine
        16:31 kiosk takes fine insisting
        16:59:59 kiosk takes fine insisting
        17:00 kiosk takes fine insisting
        17:00:01 window 1 calls next
        17:00:02 window 1 closes
        17:05 window 1 finishes and calls next
        17:06 show phase
        17:10 window 1 finishes
        17:10:01 kiosk takes fine
        17:10:02 show reported
        ",
        expect![[r#"
            16:29:00 window 1 opened by wang
            16:30:00 refused: redirect, near closing, may insist, numbers from Tue 4 08:50
            16:31:00 A001 waiting
            16:59:59 A002 waiting
            17:00:00 refused: redirect, closed, numbers from Tue 4 08:50
            17:00:01 A001 to window 1
            17:00:02 refused: Window 1 still has A001. Finish it first.
            17:05:00 A001 started, A001 served, A002 to window 1
            17:06:00 phase serving_out
            17:10:00 A002 started, A002 served
            17:10:00 the day closes: 2 issued = 2 served, last served 17:10:00, window 1 600 s over
            17:10:01 refused: redirect, closed, numbers from Tue 4 08:50
            17:10:02 fine 3 led elsewhere, 2 insisted
        "#]],
    );
}

#[test]
fn a_voucher_is_not_led_elsewhere() {
    check_with(
        |plan| plan.policy.redirect = RedirectPolicy::Require,
        "
        09:00 officer wang opens window 1
        09:01 kiosk takes fine
        09:02 window 1 calls next
        09:05 window 1 finishes documents-missing
        16:40 kiosk takes fine with voucher of A001
        16:41 kiosk takes fine
        ",
        expect![[r#"
            09:00:00 window 1 opened by wang
            09:01:00 A001 waiting
            09:02:00 A001 to window 1
            09:05:00 A001 started, A001 served, voucher of A001 for fine until Fri 7 August 00:00
            16:40:00 A002 waiting, first in line
            16:41:00 refused: redirect, near closing, numbers from Tue 4 08:50
        "#]],
    );
}

#[test]
fn every_class_of_priority_may_insist_where_the_others_may_not() {
    check_with(
        |plan| plan.policy.redirect = RedirectPolicy::Require,
        "
        16:30 kiosk takes fine disabled insisting
        16:31 kiosk takes fine pregnant insisting
        16:32 kiosk takes fine military insisting
        16:33 kiosk takes fine military
        16:34 show redirects
        ",
        expect![[r#"
            16:30:00 A001 waiting
            16:31:00 A002 waiting
            16:32:00 A003 waiting
            16:33:00 refused: redirect, near closing, may insist, numbers from Tue 4 08:50
            16:34:00 fine 1 led elsewhere, 3 insisted
        "#]],
    );
}
