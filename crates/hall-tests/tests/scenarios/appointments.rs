//! Places at another time: booking, moving, waiting for one, checking in, not coming.

use crate::script::{check, check_with};
use expect_test::expect;

#[test]
fn a_saturday_at_the_model_hall() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books exam Sat 09:00
        10:02 eve books licence Sat 09:30
        10:03 dan books exam Sat 10:00
        Sat 08:39 kiosk checks in ann
        08:40 kiosk checks in ann
        08:41 kiosk checks in ann by document
        09:00 kiosk takes licence
        09:00 officer wang opens window 6
        09:01 window 6 calls next
        09:02 window 6 finishes
        09:20 kiosk checks in bob by code
        09:21 kiosk checks in eve
        09:22 show queue 6
        09:22 window 6 calls next
        09:30 window 6 finishes
        09:31 window 6 calls next
        09:40 window 6 finishes
        12:30 time passes
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sat 09:00
            Wed 5 10:02:00 eve booked Sat 09:30
            Wed 5 10:03:00 dan booked Sat 10:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:39:00 refused: Too early: check in from 08:40 on 8 August.
            Sat 8 08:40:00 F001 waiting, ann checked in
            Sat 8 08:41:00 nothing to do
            Sat 8 09:00:00 refused: appointments only, numbers from Mon 10 08:50
            Sat 8 09:00:00 window 6 opened by wang
            Sat 8 09:01:00 F001 to window 6
            Sat 8 09:02:00 F001 started, F001 served
            Sat 8 09:20:00 C001 waiting, bob checked in late
            Sat 8 09:21:00 F002 waiting, eve checked in
            Sat 8 09:22:00 window 6 would call: F002 1 min, score 1, booked; C001 2 min, score 1, booked
            Sat 8 09:22:00 F002 to window 6
            Sat 8 09:30:00 F002 started, F002 served
            Sat 8 09:31:00 C001 to window 6
            Sat 8 09:40:00 C001 started, C001 served
            Sat 8 12:00:00 dan did not come
            Sat 8 12:00:00 the day closes: 3 issued = 3 served, last served 09:40:00
        "#]],
    );
}

#[test]
fn the_last_place_goes_to_one() {
    check_with(
        |plan| plan.appointments[0].places = 1,
        "
        Wed 10:00 ann books licence Sat 09:00
        10:00 bob books licence Sat 09:00
        10:00 bob books exam Sat 09:00
        10:01 client c holds licence Sat 09:30
        10:02 bob books licence Sat 09:30
        10:05 eve books licence Sat 09:30 with the hold
        10:06 client c holds licence Sat 10:00
        10:16 bob books licence Sat 10:00
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:00:00 refused: No place left at that time. Choose another, or join the waiting list.
            Wed 5 10:00:00 refused: No place left at that time. Choose another, or join the waiting list.
            Wed 5 10:01:00 Sat 09:30 held until 10:11
            Wed 5 10:02:00 refused: No place left at that time. Choose another, or join the waiting list.
            Wed 5 10:05:00 eve booked Sat 09:30
            Wed 5 10:06:00 Sat 10:00 held until 10:16
            Wed 5 10:16:00 hold ended
            Wed 5 10:16:00 bob booked Sat 10:00
        "#]],
    );
}

#[test]
fn a_move_keeps_the_old_place_until_the_new_one_is_sure() {
    check_with(
        |plan| plan.appointments[0].places = 1,
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sat 09:30
        10:02 ann moves to Sat 09:30
        10:03 ann moves to Sat 09:00
        10:04 ann moves to Sun 11:30
        10:05 eve books licence Sat 09:00
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sat 09:30
            Wed 5 10:02:00 refused: No place left at that time. Choose another, or join the waiting list.
            Wed 5 10:03:00 refused: it is at that time already
            Wed 5 10:04:00 ann moved to Sun 11:30
            Wed 5 10:05:00 eve booked Sat 09:00
        "#]],
    );
}

#[test]
fn a_cancelled_place_is_offered_to_whoever_waits_first() {
    check_with(
        |plan| plan.appointments[0].places = 1,
        "
        Wed 20:45 ann books licence Sat 09:00
        20:46 bob books licence Sat 09:00 or waits
        20:47 eve books licence Sat 09:00 or waits
        20:50 ann cancels
        20:51 dan books licence Sat 09:00
        Thu 08:20 time passes
        08:21 eve confirms
        08:22 bob confirms
        ",
        expect![[r#"
            Wed 5 17:00:00 the day closes: nobody came
            Wed 5 20:45:00 ann booked Sat 09:00
            Wed 5 20:46:00 bob listed, bob waits for Sat 09:00
            Wed 5 20:47:00 eve listed, eve waits for Sat 09:00
            Wed 5 20:50:00 ann cancelled, offered to bob until Thu 08:20
            Wed 5 20:51:00 refused: No place left at that time. Choose another, or join the waiting list.
            Thu 6 08:20:00 bob waits no longer, offered to eve until Thu 08:50
            Thu 6 08:21:00 eve has the place
            Thu 6 08:22:00 refused: The appointment is "Lapsed", so this cannot be done with it.
        "#]],
    );
}

#[test]
fn a_booking_may_wait_for_a_better_time() {
    check_with(
        |plan| plan.appointments[0].places = 1,
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sun 11:30
        10:02 bob waits for Sat 09:00
        10:03 ann moves to Sat 10:00
        10:04 bob confirms
        10:05 eve books licence Sun 11:30
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sun 11:30
            Wed 5 10:02:00 bob waits for Sat 09:00
            Wed 5 10:03:00 ann moved to Sat 10:00, offered to bob until Wed 10:33
            Wed 5 10:04:00 bob has the place
            Wed 5 10:05:00 eve booked Sun 11:30
        "#]],
    );
}

#[test]
fn hard_matters_take_several_slots_in_a_row() {
    check_with(
        |plan| {
            plan.appointments[0].places = 1;
            plan.appointments[0].takes = [("registration".parse().unwrap(), 2)].into();
        },
        "
        Wed 10:00 ann books registration Sat 09:00
        10:01 bob books licence Sat 09:30
        10:02 bob books registration Sat 11:30
        10:03 bob books registration Sat 11:00
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00 to 10:00
            Wed 5 10:01:00 refused: No place left at that time. Choose another, or join the waiting list.
            Wed 5 10:02:00 refused: There is no such slot for this service.
            Wed 5 10:03:00 bob booked Sat 11:00 to 12:00
        "#]],
    );
}

#[test]
fn a_person_has_few_open_bookings() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 ann books licence Sun 09:00
        10:02 ann books exam Sun 09:00
        10:03 ann books registration Sun 09:30
        10:04 ann cancels
        10:05 ann books registration Sun 09:30
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 refused: You have already booked this service. Cancel or move that booking first.
            Wed 5 10:02:00 ann booked Sun 09:00
            Wed 5 10:03:00 refused: At most 2 open bookings per person. Cancel one first.
            Wed 5 10:04:00 ann cancelled
            Wed 5 10:05:00 ann booked Sun 09:30
        "#]],
    );
}

#[test]
fn booking_has_a_horizon_and_a_cut_off() {
    check(
        "
        Mon 10:00 ann books licence 2026-08-22 09:00
        Sat 06:59 ann books licence Sat 09:00
        07:00 bob books licence Sat 09:00
        08:50 usher issues licence because walked in early
        ",
        expect![[r#"
            10:00:00 refused: That date can be booked from 8 August.
            17:00:00 the day closes: nobody came
            Tue 4 17:00:00 the day closes: nobody came
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 06:59:00 ann booked Sat 09:00
            Sat 8 07:00:00 refused: Too late to book this time; what is left is given at the hall. Choose another time.
            Sat 8 08:50:00 F001 waiting, Sat 09:00 given on the spot
        "#]],
    );
}

#[test]
fn whoever_keeps_not_coming_waits_a_month() {
    check(
        "
        Fri 10:00 ann books licence Sat 09:00
        Sat 13:00 time passes
        13:00 ann books licence Sun 09:00
        Mon 10:00 ann books licence Sat 09:00
        Mon 10:01 ann books licence Sat 09:00
        Sat 13:00 ann books licence Sun 09:30
        ",
        expect![[r#"
            Fri 7 10:00:00 ann booked Sat 09:00
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 12:00:00 ann did not come
            Sat 8 12:00:00 the day closes: nobody came
            Sat 8 13:00:00 ann booked Sun 09:00
            Sun 9 12:00:00 ann did not come
            Sun 9 12:00:00 the day closes: nobody came
            Mon 10 10:00:00 ann booked Sat 09:00
            Mon 10 10:01:00 refused: You have already booked this service. Cancel or move that booking first.
            Mon 10 17:00:00 the day closes: nobody came
            Tue 11 17:00:00 the day closes: nobody came
            Wed 12 17:00:00 the day closes: nobody came
            Thu 13 17:00:00 the day closes: nobody came
            Fri 14 17:00:00 the day closes: nobody came
            Sat 15 12:00:00 ann did not come
            Sat 15 12:00:00 the day closes: nobody came
            Sat 15 13:00:00 refused: Booked and did not come several times: no booking before 14 September. You can take a number at the hall, or ask the usher.
        "#]],
    );
}

#[test]
fn a_plan_that_takes_places_away_moves_the_bookings_or_is_refused() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sun 09:00
        10:02 manager removes weekday Sat
        10:03 manager removes weekday Sat moving bookings
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sun 09:00
            Wed 5 10:02:00 refused: The new plan has no place for 1 bookings: 342017 (08-08 09:00). Keep their slots, or have them moved to the nearest free ones.
            Wed 5 10:03:00 plan 2 adopted, ann moved to Sun 09:00 by the plan
        "#]],
    );
}

#[test]
fn an_interrupted_hall_excuses_whoever_did_not_come() {
    check(
        "
        Fri 10:00 ann books licence Sat 11:00
        Sat 09:00 officer wang opens window 6
        09:30 manager interrupts: power cut
        12:00 time passes
        ",
        expect![[r#"
            Fri 7 10:00:00 ann booked Sat 11:00
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 09:00:00 window 6 opened by wang
            Sat 8 09:30:00 interrupted: power cut
            Sat 8 12:00:00 ann did not come (excused)
            Sat 8 12:00:00 the day closes: nobody came
        "#]],
    );
}
