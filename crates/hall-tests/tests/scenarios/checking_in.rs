//! From an appointment to a ticket: too early, punctual, late, too late, and whoever never came.

use crate::script::{check, check_with};
use chrono::Weekday;
use expect_test::expect;
use hall::Plan;
use hall::plan::slot::AppointmentKind;

#[test]
fn a_quarter_of_an_hour_after_the_slot_is_still_punctual() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sat 09:00
        Sat 08:39:59 kiosk checks in ann
        09:15:00 kiosk checks in ann
        09:15:01 kiosk checks in bob
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sat 09:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:39:59 refused: Too early: check in from 08:40 on 8 August.
            Sat 8 09:15:00 F001 waiting, ann checked in
            Sat 8 09:15:01 F002 waiting, bob checked in late
        "#]],
    );
}

#[test]
fn whoever_comes_late_because_calling_stood_still_is_punctual() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sat 09:00
        Sat 08:30 officer wang opens window 6
        09:05 manager pauses calling: fire drill
        09:15 manager resumes calling
        09:25:00 kiosk checks in ann
        09:25:01 kiosk checks in bob
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sat 09:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:30:00 window 6 opened by wang
            Sat 8 09:05:00 calling paused
            Sat 8 09:15:00 calling again
            Sat 8 09:25:00 F001 waiting, ann checked in
            Sat 8 09:25:01 F002 waiting, bob checked in late
        "#]],
    );
}

#[test]
fn check_in_is_for_its_day() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        Fri 09:00 kiosk checks in ann
        Sat 11:59:59 kiosk checks in ann
        Sun 09:00 kiosk checks in ann
        Wed 10:00 ann books licence Sat 09:00
        Sat 12:00 kiosk checks in ann
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 09:00:00 refused: Too early: check in from 08:40 on 8 August.
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 11:59:59 F001 waiting, ann checked in late
            Sun 9 08:50:00 F001 UNSERVED, the day closes: 1 issued = 1 UNSERVED
            Sun 9 09:00:00 nothing to do
            Sun 9 12:00:00 the day closes: nobody came
            Mon 10 17:00:00 the day closes: nobody came
            Tue 11 17:00:00 the day closes: nobody came
            Wed 12 10:00:00 ann booked Sat 09:00
            Wed 12 17:00:00 the day closes: nobody came
            Thu 13 17:00:00 the day closes: nobody came
            Fri 14 17:00:00 the day closes: nobody came
            Sat 15 12:00:00 ann did not come
            Sat 15 12:00:00 the day closes: nobody came
            Sat 15 12:00:00 refused: The time of this appointment is over. Please ask the usher.
        "#]],
    );
}

#[test]
fn the_day_before_is_settled_before_the_first_check_in() {
    check(
        "
        Fri 10:00 ann books licence Sat 09:00
        Fri 16:00 officer wang opens window 1
        Fri 16:01 kiosk takes fine
        Fri 17:00 show phase
        Sat 08:40 kiosk checks in ann
        08:41 show closing
        ",
        expect![[r#"
            Fri 7 10:00:00 ann booked Sat 09:00
            Fri 7 16:00:00 window 1 opened by wang
            Fri 7 16:01:00 A001 waiting
            Fri 7 17:00:00 phase serving_out
            Sat 8 08:40:00 A001 UNSERVED, the day closes: 1 issued = 1 UNSERVED
            Sat 8 08:40:00 F001 waiting, ann checked in
            Sat 8 08:41:00 the day is open
        "#]],
    );
}

#[test]
fn a_document_gives_the_ticket_of_the_appointment_that_is_meant() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 ann books exam Sat 10:00
        Sat 08:45 kiosk checks in ann by document
        08:46 kiosk checks in ann by document
        08:50 officer wang opens window 6
        08:51 window 6 calls next
        09:00 window 6 finishes
        09:01 kiosk checks in ann by document
        09:40 kiosk checks in ann by document
        09:41 kiosk checks in ann by document
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 ann booked Sat 10:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:45:00 F001 waiting, ann checked in
            Sat 8 08:46:00 nothing to do
            Sat 8 08:50:00 window 6 opened by wang
            Sat 8 08:51:00 F001 to window 6
            Sat 8 09:00:00 F001 started, F001 served
            Sat 8 09:01:00 refused: Too early: check in from 09:40 on 8 August.
            Sat 8 09:40:00 C001 waiting, ann checked in
            Sat 8 09:41:00 nothing to do
        "#]],
    );
}

#[test]
fn whoever_missed_the_first_of_two_appointments_has_both() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 ann books exam Sat 10:00
        Sat 09:50 kiosk checks in ann by document
        09:51 kiosk checks in ann by document
        09:52 kiosk checks in ann by document
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 ann booked Sat 10:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 09:50:00 F001 waiting, ann checked in late
            Sat 8 09:51:00 C001 waiting, ann checked in
            Sat 8 09:52:00 nothing to do
        "#]],
    );
}

#[test]
fn a_suspended_service_gives_no_numbers_and_blames_nobody() {
    check(
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books exam Sat 09:00
        Sat 08:50 manager suspends licence because the system is down
        09:00 kiosk checks in ann
        12:00 time passes
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sat 09:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:50:00 licence suspended
            Sat 8 09:00:00 refused: suspended, no numbers in sight
            Sat 8 12:00:00 ann did not come (excused)
            Sat 8 12:00:00 bob did not come
            Sat 8 12:00:00 the day closes: nobody came
        "#]],
    );
}

fn home_visits(plan: &mut Plan) {
    let rule = &mut plan.appointments[0];
    rule.kind = AppointmentKind::HomeVisit;
    rule.weekdays = vec![Weekday::Fri];
    rule.hours = "14:00-16:00".to_string().try_into().unwrap();
    rule.windows.clear();
    rule.officers = vec!["fang".parse().unwrap()];
}

#[test]
fn an_officer_goes_to_whoever_cannot_come() {
    check_with(
        home_visits,
        "
        Wed 10:00 ann books licence Fri 14:00
        10:01 bob books licence Fri 14:30
        10:02 show officer of ann
        10:03 manager assigns gao to bob
        Fri 14:00 kiosk checks in ann
        14:59 manager records visit to ann
        15:00 officer gao records visit to ann
        15:01 officer fang records visit to ann
        15:02 ann cancels
        Sat 00:00 time passes
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Fri 14:00
            Wed 5 10:01:00 bob booked Fri 14:30
            Wed 5 10:02:00 fang
            Wed 5 10:03:00 gao goes to bob
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 14:00:00 refused: This is a "Home visit" appointment: no check-in at the hall.
            Fri 7 14:59:00 refused: give a reason
            Fri 7 15:00:00 refused: Your role may not do that.
            Fri 7 15:01:00 ann visited
            Fri 7 15:02:00 refused: The appointment is "Done", so this cannot be done with it.
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 00:00:00 bob did not come (excused)
        "#]],
    );
}

#[test]
fn nobody_moves_from_a_visit_at_home_to_a_window() {
    check_with(
        |plan| {
            let mut visits = plan.appointments[0].clone();
            visits.id = "visits".parse().unwrap();
            plan.appointments.push(visits);
            home_visits_at(plan, 1);
        },
        "
        Wed 10:00 ann books licence Fri 14:00
        10:01 ann moves to Sat 09:00
        10:02 ann waits for Sat 09:00
        10:03 ann moves to Fri 15:00
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Fri 14:00
            Wed 5 10:01:00 refused: that time is not for "Home visit": book it anew
            Wed 5 10:02:00 refused: that time is not for "Home visit": book it anew
            Wed 5 10:03:00 ann moved to Fri 15:00
        "#]],
    );
}

fn home_visits_at(plan: &mut Plan, index: usize) {
    plan.appointments.swap(0, index);
    home_visits(plan);
    plan.appointments.swap(0, index);
}

#[test]
fn by_document_a_window_comes_before_a_visit_at_home() {
    check_with(
        |plan| {
            let mut visits = plan.appointments[0].clone();
            visits.id = "visits".parse().unwrap();
            visits.kind = AppointmentKind::ProxyHelp;
            visits.windows.clear();
            visits.services = vec!["exam".parse().unwrap()];
            plan.appointments[0].services = vec!["licence".parse().unwrap()];
            plan.appointments[0].windows.clear();
            plan.appointments.push(visits);
        },
        "
        Wed 10:00 ann books exam Sat 09:00
        10:01 ann books licence Sat 09:30
        Sat 09:00 kiosk checks in ann by document
        09:10 kiosk checks in ann by document
        12:00 time passes
        Sun 00:00 time passes
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 ann booked Sat 09:30
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 09:00:00 refused: Too early: check in from 09:10 on 8 August.
            Sat 8 09:10:00 F001 waiting, ann checked in
            Sun 9 00:00:00 ann did not come (excused)
        "#]],
    );
}

#[test]
fn what_nobody_booked_is_given_on_the_spot() {
    check_with(
        |plan| plan.appointments[0].places = 1,
        "
        Sat 06:00 ann books licence Sat 09:00
        06:01 bob books exam Sat 09:30
        08:50 kiosk takes licence
        08:51 usher issues licence because came without
        09:31 usher issues licence because came without
        11:00 usher issues exam because came without
        11:01 usher issues exam because came without
        11:02 usher issues exam because came without
        ",
        expect![[r#"
            Sat 8 06:00:00 ann booked Sat 09:00
            Sat 8 06:01:00 bob booked Sat 09:30
            Sat 8 08:50:00 refused: appointments only, numbers from Mon 10 08:50
            Sat 8 08:51:00 F001 waiting, Sat 10:00 given on the spot
            Sat 8 09:31:00 F002 waiting, Sat 10:30 given on the spot
            Sat 8 11:00:00 C001 waiting, Sat 11:00 given on the spot
            Sat 8 11:01:00 C002 waiting, Sat 11:30 given on the spot
            Sat 8 11:02:00 refused: No place left at that time. Choose another.
        "#]],
    );
}

/// It happened: two people had been given one number, and only one of them was ever served.
#[test]
fn two_people_with_one_number_are_both_served() {
    check(
        "
        Wed 10:00 chen~7 books licence Sat 09:00
        10:01 wang~7 books licence Sat 09:00
        10:02 chen~7 books licence Sat 09:30
        Sat 08:45 kiosk checks in chen~7 by document
        08:46 kiosk checks in chen~7 by document-and-name
        08:47 kiosk checks in wang~7 by code
        08:48 kiosk checks in chen~7 by code
        08:49 kiosk checks in wang~7 by document
        08:50 kiosk checks in wang~7 by document-and-name
        ",
        expect![[r#"
            Wed 5 10:00:00 chen~7 booked Sat 09:00
            Wed 5 10:01:00 wang~7 booked Sat 09:00
            Wed 5 10:02:00 refused: You have already booked this service. Cancel or move that booking first.
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:45:00 refused: Several people have booked with this document number. Give the booking code, or the name as well.
            Sat 8 08:46:00 F001 waiting, chen~7 checked in
            Sat 8 08:47:00 F002 waiting, wang~7 checked in
            Sat 8 08:48:00 nothing to do
            Sat 8 08:49:00 refused: Several people have booked with this document number. Give the booking code, or the name as well.
            Sat 8 08:50:00 nothing to do
        "#]],
    );
}

/// A card alone does not say whose it is, so it is taken for that of whoever has the number already.
#[test]
fn a_number_without_a_name_is_one_persons() {
    check(
        "
        Mon 09:00 kiosk takes fine as chen~7
        09:01 kiosk takes fine as wang~7
        09:02 kiosk takes fine as chen~7
        09:03 kiosk takes fine as 7
        09:04 kiosk takes licence as 7
        09:05 kiosk takes licence as chen~7
        ",
        expect![[r#"
            09:00:00 A001 waiting
            09:01:00 A002 waiting
            09:02:00 refused: You already hold a number for this service. Please use it.
            09:03:00 refused: You already hold a number for this service. Please use it.
            09:04:00 F001 waiting
            09:05:00 refused: You already hold a number for this service. Please use it.
        "#]],
    );
}

/// The one who was there says so, on the day or afterwards; a manager says it for him with a reason.
#[test]
fn a_visit_is_recorded_on_its_day_or_after() {
    check_with(
        home_visits,
        "
        Wed 10:00 ann books licence Fri 14:00
        10:01 bob books licence Fri 14:30
        10:02 officer fang records visit to ann
        Fri 13:00 officer gao records visit to ann
        Fri 13:00 officer fang records visit to ann
        Sat 09:00 manager records visit to bob
        Sat 09:01 manager records visit to bob because fang is ill
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Fri 14:00
            Wed 5 10:01:00 bob booked Fri 14:30
            Wed 5 10:02:00 refused: Not before 00:00:00.
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 13:00:00 refused: Your role may not do that.
            Fri 7 13:00:00 ann visited
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 00:00:00 bob did not come (excused)
            Sat 8 09:00:00 refused: give a reason
            Sat 8 09:01:00 bob visited
        "#]],
    );
}
