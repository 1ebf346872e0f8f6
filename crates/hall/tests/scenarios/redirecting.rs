//! Near closing: whoever has no number yet is led to the app, and may insist.

use crate::script::{check, check_with};
use expect_test::expect;
use hall::plan::RedirectPolicy;

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
