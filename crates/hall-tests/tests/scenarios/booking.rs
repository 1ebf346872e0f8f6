//! Holding, booking, moving and waiting: a place is somebody's for a while, or for good, or somebody else's.

use crate::script::{check, check_with};
use expect_test::expect;
use hall::Plan;

fn one_place(plan: &mut Plan) {
    plan.appointments[0].places = 1;
}

#[test]
fn a_hold_that_ended_while_the_form_was_filled_is_booked_afresh_if_it_can_be() {
    check_with(
        one_place,
        "
        Wed 10:00 client c holds licence Sat 09:00
        10:10 ann books licence Sat 09:00 with the hold
        10:11 client d holds licence Sat 09:30
        10:20:59 bob books exam Sat 09:30
        10:21 bob books exam Sat 09:30
        10:22 eve books licence Sat 09:30 with the hold
        ",
        expect![[r#"
            Wed 5 10:00:00 Sat 09:00 held until 10:10
            Wed 5 10:10:00 hold ended
            Wed 5 10:10:00 ann booked Sat 09:00
            Wed 5 10:11:00 Sat 09:30 held until 10:21
            Wed 5 10:20:59 refused: No place left at that time. Choose another, or join the waiting list.
            Wed 5 10:21:00 hold ended
            Wed 5 10:21:00 bob booked Sat 09:30
            Wed 5 10:22:00 refused: No place left at that time. Choose another, or join the waiting list.
        "#]],
    );
}

#[test]
fn a_client_holds_one_place() {
    check_with(
        one_place,
        "
        Wed 10:00 client c holds licence Sat 09:00
        10:01 client c holds licence Sat 09:30
        10:02 ann books licence Sat 09:00
        10:03 client c holds licence Sat 09:00
        10:04 bob books licence Sat 09:30
        10:05 client c holds licence Sat 09:30
        10:06 eve books licence Sat 09:30 with the hold
        ",
        expect![[r#"
            Wed 5 10:00:00 Sat 09:00 held until 10:10
            Wed 5 10:01:00 hold ended, Sat 09:30 held until 10:11
            Wed 5 10:02:00 ann booked Sat 09:00
            Wed 5 10:03:00 refused: No place left at that time. Choose another, or join the waiting list.
            Wed 5 10:04:00 refused: No place left at that time. Choose another, or join the waiting list.
            Wed 5 10:05:00 hold ended, Sat 09:30 held until 10:15
            Wed 5 10:06:00 eve booked Sat 09:30
        "#]],
    );
}

#[test]
fn who_books_something_else_lets_go_of_what_was_held() {
    check_with(
        |plan| plan.appointments[0].places = 2,
        "
        Wed 10:00 client c holds licence Sat 09:00
        10:01 ann books licence Sat 09:00 2 places with the hold
        10:02 client c holds licence Sat 09:30
        10:03 bob books licence Sat 10:00 with the hold
        10:04 show free licence Sat 09:30
        ",
        expect![[r#"
            Wed 5 10:00:00 Sat 09:00 held until 10:10
            Wed 5 10:01:00 hold ended, ann booked Sat 09:00 2 places
            Wed 5 10:02:00 Sat 09:30 held until 10:12
            Wed 5 10:03:00 hold ended, bob booked Sat 10:00
            Wed 5 10:04:00 2 free
        "#]],
    );
}

#[test]
fn an_agent_books_several_places() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00 4 places
        10:01 ann books licence Sat 09:00 3 places
        10:02 bob books licence Sat 09:00 2 places
        10:03 bob books licence Sat 09:00
        10:04 ann moves to Sat 09:30
        10:05 show free licence Sat 09:00
        10:06 show free licence Sat 09:30
        Sat 09:30 kiosk checks in ann
        09:31 kiosk checks in ann
        ",
        expect![[r#"
            Wed 5 10:00:00 refused: must be between 1 and 3
            Wed 5 10:01:00 ann booked Sat 09:00 3 places
            Wed 5 10:02:00 refused: No place left at that time. Choose another, or join the waiting list.
            Wed 5 10:03:00 bob booked Sat 09:00
            Wed 5 10:04:00 ann moved to Sat 09:30 3 places
            Wed 5 10:05:00 3 free
            Wed 5 10:06:00 1 free
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 09:30:00 F001 waiting, ann checked in
            Sat 8 09:31:00 nothing to do
        "#]],
    );
}

#[test]
fn nobody_waits_for_more_places_than_there_are() {
    check_with(
        |plan| plan.appointments[0].places = 2,
        "
        Wed 10:00 ann books licence Sat 09:00 3 places or waits
        10:01 ann books licence Sat 09:00 2 places
        10:02 bob books licence Sat 09:00 3 places or waits
        10:03 bob books licence Sat 09:00 2 places or waits
        ",
        expect![[r#"
            Wed 5 10:00:00 refused: No place left at that time. Choose another.
            Wed 5 10:01:00 ann booked Sat 09:00 2 places
            Wed 5 10:02:00 refused: No place left at that time. Choose another.
            Wed 5 10:03:00 bob listed, bob waits for Sat 09:00 2 places
        "#]],
    );
}

#[test]
fn nobody_waits_for_what_he_has() {
    check_with(
        one_place,
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 ann waits for Sat 09:00
        10:02 bob books licence Sat 09:00 or waits
        10:03 ann cancels
        10:04 bob waits for Sat 09:00
        10:05 bob moves to Sat 09:30
        10:06 bob confirms
        10:07 bob moves to Sat 09:00
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 refused: it is at that time already
            Wed 5 10:02:00 bob listed, bob waits for Sat 09:00
            Wed 5 10:03:00 ann cancelled, offered to bob until Wed 10:33
            Wed 5 10:04:00 refused: it is at that time already
            Wed 5 10:05:00 refused: The appointment is "On the waiting list", so this cannot be done with it.
            Wed 5 10:06:00 bob has the place
            Wed 5 10:07:00 refused: it is at that time already
        "#]],
    );
}

#[test]
fn a_place_is_offered_overnight_until_half_past_eight() {
    check_with(
        one_place,
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sat 09:00 or waits
        10:02 eve books licence Sun 09:00
        10:03 dan books licence Sun 09:00 or waits
        21:00 ann cancels
        Thu 03:00 eve cancels
        08:29 dan confirms
        08:30 bob confirms
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob listed, bob waits for Sat 09:00
            Wed 5 10:02:00 eve booked Sun 09:00
            Wed 5 10:03:00 dan listed, dan waits for Sun 09:00
            Wed 5 17:00:00 the day closes: nobody came
            Wed 5 21:00:00 ann cancelled, offered to bob until Thu 08:30
            Thu 6 03:00:00 eve cancelled, offered to dan until Thu 08:30
            Thu 6 08:29:00 dan has the place
            Thu 6 08:30:00 bob waits no longer
            Thu 6 08:30:00 refused: The appointment is "Lapsed", so this cannot be done with it.
        "#]],
    );
}

#[test]
fn an_offer_ends_when_booking_does() {
    check_with(
        one_place,
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sat 09:00 or waits
        10:02 eve books licence Sat 09:00 or waits
        Fri 20:50 ann cancels
        Sat 06:59 eve books exam Sat 09:30
        07:00 bob confirms
        08:50 usher issues licence because came without
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob listed, bob waits for Sat 09:00
            Wed 5 10:02:00 eve listed, eve waits for Sat 09:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Fri 7 20:50:00 ann cancelled, offered to bob until Sat 07:00
            Sat 8 06:59:00 eve booked Sat 09:30
            Sat 8 07:00:00 bob waits no longer, eve waits no longer
            Sat 8 07:00:00 refused: The appointment is "Lapsed", so this cannot be done with it.
            Sat 8 08:50:00 F001 waiting, Sat 09:00 given on the spot
        "#]],
    );
}

#[test]
fn who_waits_longer_is_offered_first_also_across_rows_of_slots() {
    check_with(
        |plan| {
            plan.appointments[0].places = 1;
            plan.appointments[0].takes = [("registration".parse().unwrap(), 2)].into();
        },
        "
        Wed 10:00 ann books registration Sat 09:00
        10:01 bob books licence Sat 09:30 or waits
        10:02 eve books registration Sat 09:00 or waits
        10:03 dan books exam Sat 09:00 or waits
        10:04 ann cancels
        10:05 bob confirms
        10:06 dan confirms
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00 to 10:00
            Wed 5 10:01:00 bob listed, bob waits for Sat 09:30
            Wed 5 10:02:00 eve listed, eve waits for Sat 09:00 to 10:00
            Wed 5 10:03:00 dan listed, dan waits for Sat 09:00
            Wed 5 10:04:00 ann cancelled, offered to bob until Wed 10:34, offered to dan until Wed 10:34
            Wed 5 10:05:00 bob has the place
            Wed 5 10:06:00 dan has the place
        "#]],
    );
}

#[test]
fn a_row_may_move_by_one_slot_over_its_own_place() {
    check_with(
        |plan| {
            plan.appointments[0].places = 1;
            plan.appointments[0].takes = [("registration".parse().unwrap(), 2)].into();
        },
        "
        Wed 10:00 ann books registration Sat 09:00
        10:01 bob books licence Sat 10:00
        10:02 ann waits for Sat 09:30
        10:03 bob cancels
        10:04 ann confirms
        10:05 bob books licence Sat 09:00
        10:06 bob cancels
        10:07 ann moves to Sat 09:00
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00 to 10:00
            Wed 5 10:01:00 bob booked Sat 10:00
            Wed 5 10:02:00 ann waits for Sat 09:30 to 10:30
            Wed 5 10:03:00 bob cancelled, offered to ann until Wed 10:33
            Wed 5 10:04:00 ann has the place
            Wed 5 10:05:00 bob booked Sat 09:00
            Wed 5 10:06:00 bob cancelled
            Wed 5 10:07:00 ann moved to Sat 09:00 to 10:00
        "#]],
    );
}

#[test]
fn a_booking_moves_until_its_slot_begins_and_is_cancelled_until_the_session_ends() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books exam Sat 09:00
        Sat 08:59 ann moves to Sat 10:30
        08:59 ann moves to Sat 11:00
        09:00 bob moves to Sun 09:00
        09:01 bob cancels
        11:59 ann cancels
        12:00 bob cancels
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sat 09:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:59:00 refused: Too late to book this time; what is left is given at the hall. Choose another time.
            Sat 8 08:59:00 ann moved to Sat 11:00
            Sat 8 09:00:00 refused: The time of this booking has begun, so it cannot be moved. Check in at the hall, or cancel and book again.
            Sat 8 09:01:00 bob cancelled
            Sat 8 11:59:00 ann cancelled
            Sat 8 12:00:00 the day closes: nobody came
            Sat 8 12:00:00 refused: The appointment is "Cancelled", so this cannot be done with it.
        "#]],
    );
}

#[test]
fn a_daughter_may_book_for_both_parents_but_each_of_them_once() {
    check(
        "
        Wed 10:00 father books licence Sat 09:00
        10:01 mother books licence Sat 09:00
        10:02 father books licence Sat 09:30 or waits
        10:03 father books exam Sat 09:30
        10:04 father books registration Sat 10:00
        10:05 father cancels
        10:06 father books registration Sat 10:00
        ",
        expect![[r#"
            Wed 5 10:00:00 father booked Sat 09:00
            Wed 5 10:01:00 mother booked Sat 09:00
            Wed 5 10:02:00 refused: You have already booked this service. Cancel or move that booking first.
            Wed 5 10:03:00 father booked Sat 09:30
            Wed 5 10:04:00 refused: At most 2 open bookings per person. Cancel one first.
            Wed 5 10:05:00 father cancelled
            Wed 5 10:06:00 father booked Sat 10:00
        "#]],
    );
}

#[test]
fn nobody_books_a_suspended_service() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 manager suspends licence until 11:00 because printer
        10:02 bob books licence Sat 09:00
        10:03 ann moves to Sat 09:30
        11:00 bob books licence Sat 09:00
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 licence suspended
            Wed 5 10:02:00 refused: suspended, numbers from Wed 5 11:00
            Wed 5 10:03:00 refused: suspended, numbers from Wed 5 11:00
            Wed 5 11:00:00 licence no longer suspended
            Wed 5 11:00:00 bob booked Sat 09:00
        "#]],
    );
}

#[test]
fn named_officers_share_the_appointments_and_come_with_the_rule() {
    check_with(
        |plan| {
            let mut sunday = plan.appointments[0].clone();
            plan.appointments[0].weekdays = vec![chrono::Weekday::Sat];
            plan.appointments[0].officers = ["fang", "gao"].map(|id| id.parse().unwrap()).into();
            sunday.id = "sunday".parse().unwrap();
            sunday.weekdays = vec![chrono::Weekday::Sun];
            sunday.officers = vec!["huang".parse().unwrap()];
            plan.appointments.push(sunday);
        },
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sat 09:00
        10:02 show officer of ann
        10:02 show officer of bob
        10:03 manager assigns li to ann
        10:04 ann moves to Sat 10:00
        10:04 show officer of ann
        10:05 ann moves to Sun 10:00
        10:06 bob waits for Sun 09:00
        10:07 bob confirms
        10:08 show officer of bob
        10:09 client c holds licence Sun 11:00 3 places
        10:10 client d holds licence Sun 11:00
        10:11 eve books licence Sun 11:00 or waits
        10:11 show officer of eve
        10:12 eve waits for Sat 09:00
        10:13 show officer of eve
        10:14 eve confirms
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sat 09:00
            Wed 5 10:02:00 fang
            Wed 5 10:02:00 gao
            Wed 5 10:03:00 li goes to ann
            Wed 5 10:04:00 ann moved to Sat 10:00
            Wed 5 10:04:00 li
            Wed 5 10:05:00 ann moved to Sun 10:00, huang goes to ann
            Wed 5 10:06:00 bob waits for Sun 09:00, offered to bob until Wed 10:36
            Wed 5 10:07:00 bob has the place, huang goes to bob
            Wed 5 10:08:00 huang
            Wed 5 10:09:00 Sun 11:00 3 places held until 10:19
            Wed 5 10:10:00 Sun 11:00 held until 10:20
            Wed 5 10:11:00 eve listed, eve waits for Sun 11:00
            Wed 5 10:11:00 huang
            Wed 5 10:12:00 eve waits for Sat 09:00, fang goes to eve, offered to eve until Wed 10:42
            Wed 5 10:13:00 fang
            Wed 5 10:14:00 eve has the place
        "#]],
    );
}
