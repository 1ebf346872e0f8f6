//! Who is called where appointments and others meet: dedicated windows, the order of slots, and who is overdue.

use crate::script::check_with;
use chrono::Weekday;
use expect_test::expect;
use hall::Plan;
use hall::id::WindowNumber;

/// On Monday afternoon three services can be booked, and this window is kept for it.
fn monday(plan: &mut Plan, windows: &[u16]) {
    let rule = &mut plan.appointments[0];
    rule.weekdays = vec![Weekday::Mon];
    rule.hours = "14:00-16:00".to_string().try_into().unwrap();
    rule.cut_off_minutes = 0;
    rule.windows = windows.iter().copied().map(WindowNumber).collect();
}

#[test]
fn a_dedicated_window_stays_free_for_who_is_due_and_helps_when_nobody_is() {
    check_with(
        |plan| monday(plan, &[6]),
        "
        09:00 ann books licence Mon 14:30
        13:30 officer wang opens window 6
        14:00 kiosk takes exam
        14:01 kiosk takes exam
        14:02 window 6 calls next
        14:10 window 6 finishes
        14:22 window 6 calls next
        14:23 window 6 finishes
        14:23 kiosk takes exam
        14:23 window 6 calls next
        14:28 kiosk checks in ann
        14:28 window 6 calls next
        14:35 window 6 finishes
        14:35 window 6 calls next
        ",
        expect![[r#"
            09:00:00 ann booked Mon 14:30
            13:30:00 window 6 opened by wang
            14:00:00 C001 waiting
            14:01:00 C002 waiting
            14:02:00 C001 to window 6
            14:10:00 C001 started, C001 served
            14:22:00 C002 to window 6
            14:23:00 C002 started, C002 served
            14:23:00 C003 waiting
            14:23:00 nothing to do
            14:28:00 F001 waiting, ann checked in
            14:28:00 F001 to window 6
            14:35:00 F001 started, F001 served
            14:35:00 C003 to window 6
        "#]],
    );
}

#[test]
fn whoever_was_due_and_did_not_come_is_not_waited_for() {
    check_with(
        |plan| monday(plan, &[6]),
        "
        09:00 ann books licence Mon 14:30
        13:30 officer wang opens window 6
        14:25 kiosk takes exam
        14:26 window 6 calls next
        14:30:01 window 6 calls next
        ",
        expect![[r#"
            09:00:00 ann booked Mon 14:30
            13:30:00 window 6 opened by wang
            14:25:00 C001 waiting
            14:26:00 nothing to do
            14:30:01 C001 to window 6
        "#]],
    );
}

#[test]
fn a_free_window_that_cannot_take_the_booking_does_not_count() {
    check_with(
        |plan| monday(plan, &[5, 6]),
        "
        09:00 ann books licence Mon 14:30
        13:30 officer li opens window 5
        13:30 officer wang opens window 6
        14:00 kiosk takes exam
        14:25 show queue 6
        14:26 kiosk takes registration
        14:26 show queue 5
        ",
        expect![[r#"
            09:00:00 ann booked Mon 14:30
            13:30:00 window 5 opened by li
            13:30:00 window 6 opened by wang
            14:00:00 C001 waiting
            14:25:00 window 6 would call: 
            14:26:00 U001 waiting
            14:26:00 window 5 would call: U001 0 min, score 0, score
        "#]],
    );
}

#[test]
fn one_free_window_is_enough_for_one_booking() {
    check_with(
        |plan| monday(plan, &[6, 7]),
        "
        09:00 ann books licence Mon 14:30
        13:30 officer li opens window 6
        13:30 officer wang opens window 7
        14:00 kiosk takes exam
        14:25 show queue 6
        14:25 show queue 7
        14:26 window 7 calls next
        ",
        expect![[r#"
            09:00:00 ann booked Mon 14:30
            13:30:00 window 6 opened by li
            13:30:00 window 7 opened by wang
            14:00:00 C001 waiting
            14:25:00 window 6 would call: 
            14:25:00 window 7 would call: C001 25 min, score 25, score
            14:26:00 C001 to window 7
        "#]],
    );
}

#[test]
fn a_dedicated_window_calls_in_the_order_of_slots() {
    check_with(
        |plan| {
            monday(plan, &[6]);
            plan.policy.latest_call_minutes = 60;
        },
        "
        09:00 ann books licence Mon 14:00
        09:01 bob books exam Mon 14:30
        09:02 eve books licence Mon 14:30
        13:30 officer wang opens window 6
        14:00 kiosk takes exam elderly
        14:10 kiosk checks in bob
        14:11 kiosk checks in eve
        14:14 kiosk checks in ann
        14:15 show queue 6
        14:15 window 6 calls next
        14:20 window 6 finishes and calls next
        14:30 window 6 finishes and calls next
        14:40 window 6 finishes and calls next
        ",
        expect![[r#"
            09:00:00 ann booked Mon 14:00
            09:01:00 bob booked Mon 14:30
            09:02:00 eve booked Mon 14:30
            13:30:00 window 6 opened by wang
            14:00:00 C001 waiting
            14:10:00 C002 waiting, bob checked in
            14:11:00 F001 waiting, eve checked in
            14:14:00 F002 waiting, ann checked in
            14:15:00 window 6 would call: F002 1 min, score 4, booked; C002 5 min, score 5, booked; F001 4 min, score 4, booked; C001 15 min, score 45, score
            14:15:00 F002 to window 6
            14:20:00 F002 started, F002 served, C002 to window 6
            14:30:00 C002 started, C002 served, F001 to window 6
            14:40:00 F001 started, F001 served, C001 to window 6
        "#]],
    );
}

#[test]
fn an_appointment_gains_from_its_slot_on_and_its_head_start_is_bounded() {
    check_with(
        |plan| monday(plan, &[]),
        "
        09:00 ann books licence Mon 14:30
        13:30 officer wang opens window 3 for licence
        14:10 kiosk takes licence
        14:12 kiosk checks in ann
        14:29 show queue 3
        14:31 show queue 3
        ",
        expect![[r#"
            09:00:00 ann booked Mon 14:30
            13:30:00 window 3 opened by wang
            14:10:00 F001 waiting
            14:12:00 F002 waiting, ann checked in
            14:29:00 window 3 would call: F001 19 min, score 19, score; F002 17 min, score 17, score
            14:31:00 window 3 would call: F002 19 min, score 22, score; F001 21 min, score 21, score
        "#]],
    );
}

#[test]
fn an_overdue_appointment_goes_first_and_the_manager_is_told() {
    check_with(
        |plan| monday(plan, &[]),
        "
        09:00 ann books licence Mon 14:30
        13:30 officer wang opens window 3 for licence
        13:30 2 times kiosk takes licence elderly
        14:25 kiosk checks in ann
        14:39:59 show queue 3
        14:39:59 show overdue
        14:40:00 show queue 3
        14:40:00 show overdue
        14:40:01 window 3 calls next
        14:40:02 show overdue
        ",
        expect![[r#"
            09:00:00 ann booked Mon 14:30
            13:30:00 window 3 opened by wang
            13:30:00 F002 waiting
            14:25:00 F003 waiting, ann checked in
            14:39:59 window 3 would call: F001 69 min, score 209, score; F002 69 min, score 209, score; F003 14 min, score 44, score
            14:39:59 overdue: 
            14:40:00 window 3 would call: F003 15 min, score 45, overdue; F001 70 min, score 210, score; F002 70 min, score 210, score
            14:40:00 overdue: F003
            14:40:01 F003 to window 3
            14:40:02 overdue: 
        "#]],
    );
}

#[test]
fn the_row_rule_neither_binds_nor_counts_at_a_dedicated_window() {
    check_with(
        |plan| monday(plan, &[6]),
        "
        09:00 ann books licence Mon 14:00
        09:01 bob books licence Mon 14:00
        09:02 eve books licence Mon 14:00
        09:03 dan books licence Mon 14:00
        13:30 officer wang opens window 6
        13:30 officer li opens window 3 for licence
        13:50 kiosk takes licence
        13:51 kiosk checks in ann
        13:52 kiosk checks in bob
        13:53 kiosk checks in eve
        13:54 kiosk checks in dan
        14:00 window 6 calls next
        14:01 window 6 finishes and calls next
        14:02 window 6 finishes and calls next
        14:03 kiosk takes licence elderly
        14:04 show queue 3
        14:04 show queue 6
        ",
        expect![[r#"
            09:00:00 ann booked Mon 14:00
            09:01:00 bob booked Mon 14:00
            09:02:00 eve booked Mon 14:00
            09:03:00 dan booked Mon 14:00
            13:30:00 window 6 opened by wang
            13:30:00 window 3 opened by li
            13:50:00 F001 waiting
            13:51:00 F002 waiting, ann checked in
            13:52:00 F003 waiting, bob checked in
            13:53:00 F004 waiting, eve checked in
            13:54:00 F005 waiting, dan checked in
            14:00:00 F002 to window 6
            14:01:00 F002 started, F002 served, F003 to window 6
            14:02:00 F003 started, F003 served, F004 to window 6
            14:03:00 F006 waiting
            14:04:00 window 3 would call: F005 10 min, score 22, score; F001 14 min, score 14, score; F006 1 min, score 3, score
            14:04:00 window 6 would call: F005 10 min, score 22, booked; F001 14 min, score 14, score; F006 1 min, score 3, score
        "#]],
    );
}

#[test]
fn who_came_late_stays_behind_the_punctual_who_let_a_normal_one_by() {
    check_with(
        |plan| {
            monday(plan, &[]);
            plan.policy.prioritised_in_a_row = 1;
            plan.policy.latest_call_minutes = 60;
        },
        "
        09:00 ann books licence Mon 14:00
        09:01 bob books licence Mon 14:30
        09:02 eve books licence Mon 14:30
        13:30 officer wang opens window 3 for licence
        14:20 kiosk checks in ann
        14:21 kiosk checks in bob
        14:22 kiosk checks in eve
        14:23 kiosk takes licence
        14:31 window 3 calls next
        14:32 show queue 3
        14:33 window 3 finishes and calls next
        14:34 window 3 finishes and calls next
        14:35 window 3 finishes and calls next
        ",
        expect![[r#"
            09:00:00 ann booked Mon 14:00
            09:01:00 bob booked Mon 14:30
            09:02:00 eve booked Mon 14:30
            13:30:00 window 3 opened by wang
            14:20:00 F001 waiting, ann checked in late
            14:21:00 F002 waiting, bob checked in
            14:22:00 F003 waiting, eve checked in
            14:23:00 F004 waiting
            14:31:00 F002 to window 3
            14:32:00 window 3 would call: F004 9 min, score 9, score
            14:33:00 F002 started, F002 served, F004 to window 3
            14:34:00 F004 started, F004 served, F003 to window 3
            14:35:00 F003 started, F003 served, F001 to window 3
        "#]],
    );
}

#[test]
fn whoever_booked_with_an_officer_waits_for_him_while_he_is_there() {
    check_with(
        |plan| plan.appointments[0].officers = vec!["wang".parse().unwrap()],
        "
        Fri 10:00 ann books licence Sat 09:00
        Sat 08:50 kiosk checks in ann
        09:00 officer wang opens window 6
        09:00 officer li opens window 7
        09:01 window 7 calls next
        09:02 window 6 calls next
        ",
        expect![[r#"
            Fri 7 10:00:00 ann booked Sat 09:00
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:50:00 F001 waiting, ann checked in
            Sat 8 09:00:00 window 6 opened by wang
            Sat 8 09:00:00 window 7 opened by li
            Sat 8 09:01:00 nothing to do
            Sat 8 09:02:00 F001 to window 6
        "#]],
    );
}

#[test]
fn whoever_booked_with_an_officer_who_is_away_is_served_by_another() {
    check_with(
        |plan| plan.appointments[0].officers = vec!["wang".parse().unwrap()],
        "
        Fri 10:00 ann books licence Sat 09:00
        Sat 08:50 kiosk checks in ann
        09:00 officer li opens window 7
        09:01 window 7 calls next
        ",
        expect![[r#"
            Fri 7 10:00:00 ann booked Sat 09:00
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:50:00 F001 waiting, ann checked in
            Sat 8 09:00:00 window 7 opened by li
            Sat 8 09:01:00 F001 to window 7
        "#]],
    );
}
