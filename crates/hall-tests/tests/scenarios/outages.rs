//! When the hall itself could call nobody, whoever booked for that time is not to blame, and is not late.

use super::script::check;
use expect_test::expect;

#[test]
fn a_standstill_excuses_those_whose_slot_it_covered() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books exam Sat 10:00
        10:02 eve books exam Sat 11:00
        Sat 08:50 officer amy opens window 5
        09:50 manager pauses calling: power cut
        10:20 manager resumes calling
        12:00 time passes
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sat 10:00
            Wed 5 10:02:00 eve booked Sat 11:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:50:00 window 5 opened by amy
            Sat 8 09:50:00 calling paused
            Sat 8 10:20:00 calling again
            Sat 8 12:00:00 ann did not come
            Sat 8 12:00:00 bob did not come (excused)
            Sat 8 12:00:00 eve did not come
            Sat 8 12:00:00 the day closes: nobody came
        "#]],
    );
}

/// After an alarm everybody has a voucher, and calling stands still until somebody is called again.
#[test]
fn an_interruption_lasts_until_somebody_is_called_again() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sat 10:00
        10:02 eve books licence Sat 11:30
        Sat 08:50 officer amy opens window 6
        09:55 manager interrupts: alarm
        10:40 kiosk checks in bob
        10:41 window 6 calls next
        10:45 window 6 finishes
        12:00 time passes
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sat 10:00
            Wed 5 10:02:00 eve booked Sat 11:30
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:50:00 window 6 opened by amy
            Sat 8 09:55:00 interrupted: alarm
            Sat 8 10:40:00 F001 waiting, bob checked in
            Sat 8 10:41:00 F001 to window 6
            Sat 8 10:45:00 F001 started, F001 served
            Sat 8 12:00:00 ann did not come
            Sat 8 12:00:00 eve did not come
            Sat 8 12:00:00 the day closes: 1 issued = 1 served, last served 10:45:00
        "#]],
    );
}

#[test]
fn a_suspension_that_is_over_excuses_too_and_the_booker_may_book_again() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sat 11:30
        Sat 08:50 manager suspends licence until 10:00 because the system is down
        09:00 kiosk checks in ann
        10:00 time passes
        12:00 time passes
        12:01 ann books licence Sun 09:00
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sat 11:30
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:50:00 licence suspended
            Sat 8 09:00:00 refused: suspended, numbers from Mon 10 08:50
            Sat 8 10:00:00 licence no longer suspended
            Sat 8 12:00:00 ann did not come (excused)
            Sat 8 12:00:00 bob did not come
            Sat 8 12:00:00 the day closes: nobody came
            Sat 8 12:01:00 ann booked Sun 09:00
        "#]],
    );
}
