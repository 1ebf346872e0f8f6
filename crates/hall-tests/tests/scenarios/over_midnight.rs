//! Sessions that end on the next day, and halls that never close: whoever has a number is served whatever the date is.

use super::script::check_with;
use expect_test::expect;
use hall::Plan;
use hall::plan::hours::FromTo;

fn every_day(sessions: &'static [&'static str]) -> impl Fn(&mut Plan) {
    move |plan| {
        let sessions: Vec<FromTo> = sessions.iter().map(|one| one.parse().unwrap()).collect();
        let week = &mut plan.week;
        for day in [
            &mut week.monday,
            &mut week.tuesday,
            &mut week.wednesday,
            &mut week.thursday,
            &mut week.friday,
            &mut week.saturday,
            &mut week.sunday,
        ] {
            day.sessions = sessions.clone();
            day.appointments_only = false;
        }
        plan.appointments.clear();
    }
}

/// The next day's first number is given out at 23:50, and at that time everybody was sent away.
#[test]
fn nobody_is_settled_while_the_session_runs() {
    check_with(
        every_day(&["00:00-23:59"]),
        "
        23:40 officer amy opens window 1
        23:45 kiosk takes fine insisting
        23:45 kiosk takes fine insisting
        23:46 window 1 calls next
        23:51 show phase
        23:52 kiosk takes fine insisting
        23:58 window 1 finishes and calls next
        Tue 00:01 show phase
        Tue 00:02 kiosk takes fine
        Tue 00:03 window 1 finishes and calls next
        Tue 00:04 window 1 finishes and calls next
        ",
        expect![[r#"
            23:40:00 window 1 opened by amy
            23:45:00 A001 waiting
            23:45:00 A002 waiting
            23:46:00 A001 to window 1
            23:51:00 phase near_closing
            23:52:00 A003 waiting
            23:58:00 A001 started, A001 served, A002 to window 1
            23:59:00 the day closes: 1 issued = 1 served, last served 23:58:00, 2 go on, lease 0: A002, lease 0 ends, A002 skipped, lease 1: A003, lease 1 ends, A003 skipped
            Tue 4 00:01:00 phase open
            Tue 4 00:02:00 A001 waiting
            Tue 4 00:03:00 A002 started, A002 served, A003 to window 1
            Tue 4 00:04:00 A003 started, A003 served, A001 to window 1
        "#]],
    );
}

#[test]
fn a_hall_around_the_clock_goes_on_at_midnight() {
    check_with(
        every_day(&["00:00-24:00"]),
        "
        23:30 officer amy opens window 1
        23:40 kiosk takes fine insisting
        23:41 kiosk takes fine insisting
        23:42 kiosk takes licence insisting
        23:43 kiosk leases numbers of A
        23:59 window 1 calls next
        23:59 show closing
        Tue 00:00 show closing
        Tue 00:01 window 1 finishes and calls next
        Tue 00:02 kiosk takes fine
        Tue 00:02 kiosk takes fine
        Tue 00:03 holder of F001 cancels
        Tue 00:04 kiosk reports A901 for fine of 23:58
        Tue 00:05 window 1 finishes and calls next
        Tue 00:06 window 1 finishes and calls next
        ",
        expect![[r#"
            23:30:00 window 1 opened by amy
            23:40:00 A001 waiting
            23:41:00 A002 waiting
            23:42:00 F001 waiting
            23:43:00 lease 0: A901-A950
            23:59:00 A001 to window 1
            23:59:00 the day is open
            Tue 4 00:00:00 the day closes: nobody came, 3 go on, lease 1: A001, lease 1 ends, A001 skipped, lease 2: A002, lease 2 ends, A002 skipped, lease 3: F001, lease 3 ends, F001 skipped
            Tue 4 00:00:00 the day is open
            Tue 4 00:01:00 A001 started, A001 served, A002 to window 1
            Tue 4 00:02:00 A003 waiting
            Tue 4 00:02:00 A004 waiting
            Tue 4 00:03:00 F001 cancelled
            Tue 4 00:04:00 A901 waiting since 00:04:00
            Tue 4 00:05:00 A002 started, A002 served, A003 to window 1
            Tue 4 00:06:00 A003 started, A003 served, A004 to window 1
        "#]],
    );
}

#[test]
fn a_session_may_end_on_the_next_day() {
    check_with(
        every_day(&["22:00-02:00"]),
        "
        21:49 kiosk takes fine
        21:50 kiosk takes fine
        22:00 officer amy opens window 1
        23:59 window 1 calls next
        Tue 00:30 kiosk takes fine
        Tue 00:31 window 1 finishes and calls next
        Tue 01:31 show phase
        Tue 02:00 kiosk takes fine
        Tue 02:01 show phase
        Tue 02:05 window 1 finishes
        Tue 03:00 show sentence
        Tue 21:50 kiosk takes fine
        ",
        expect![[r#"
            02:00:00 the day closes: nobody came
            21:49:00 refused: not yet, numbers from Mon 3 21:50
            21:50:00 A001 waiting
            22:00:00 window 1 opened by amy
            23:59:00 A001 to window 1
            Tue 4 00:30:00 A002 waiting
            Tue 4 00:31:00 A001 started, A001 served, A002 to window 1
            Tue 4 01:31:00 phase near_closing
            Tue 4 02:00:00 refused: not yet, numbers from Tue 4 21:50
            Tue 4 02:01:00 phase serving_out
            Tue 4 02:05:00 A002 started, A002 served
            Tue 4 02:05:00 the day closes: 2 issued = 2 served, last served 02:05:00, window 1 300 s over
            Tue 4 03:00:00 Numbers from 21:50. Doors open 22:00.
            Tue 4 21:50:00 A001 waiting
        "#]],
    );
}

/// What is said to begin at ten to midnight begins then.
#[test]
fn numbers_are_given_out_before_midnight_from_when_they_are_announced() {
    check_with(
        every_day(&["00:00-20:00"]),
        "
        20:01 show sentence
        23:49 kiosk takes fine
        23:50 kiosk takes fine
        23:50 show phase
        Tue 00:00 show phase
        ",
        expect![[r#"
            20:00:00 the day closes: nobody came
            20:01:00 Closed. Numbers on Monday 3 August from 23:50.
            23:49:00 refused: redirect, closed, numbers from Mon 3 23:50
            23:50:00 A001 waiting
            23:50:00 phase early_open
            Tue 4 00:00:00 phase open
        "#]],
    );
}

/// A day that nobody closed ends with the next one, but not while an officer is with somebody.
#[test]
fn nobody_is_sent_away_from_a_window_because_of_the_date() {
    check_with(
        |plan| plan.week.tuesday.sessions = vec!["08:00-12:00".parse().unwrap()],
        "
        16:50 officer amy opens window 1
        16:51 kiosk takes fine insisting
        16:52 kiosk takes fine insisting
        Tue 07:00 window 1 calls next
        Tue 07:50 show phase
        Tue 07:51 window 1 finishes and calls next
        Tue 08:00 window 1 finishes
        ",
        expect![[r#"
            16:50:00 window 1 opened by amy
            16:51:00 A001 waiting
            16:52:00 A002 waiting
            Tue 4 07:00:00 A001 to window 1
            Tue 4 07:50:00 the day closes: nobody came, 2 go on, lease 0: A001, lease 0 ends, A001 skipped, lease 1: A002, lease 1 ends, A002 skipped
            Tue 4 07:50:00 phase early_open
            Tue 4 07:51:00 A001 started, A001 served, A002 to window 1
            Tue 4 08:00:00 A002 started, A002 served
        "#]],
    );
}
