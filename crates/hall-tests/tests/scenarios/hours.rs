//! Which dates have which sessions: weekends, days off, make-up days, other hours, a service with a week of its own.

use super::script::{check, check_with};
use expect_test::expect;
use hall::plan::authorisation::{Authorisation, Mode};
use hall::plan::hours::{SpecialDay, Week};

fn special(toml: &str) -> Vec<SpecialDay> {
    #[derive(serde::Deserialize)]
    struct Days {
        special_days: Vec<SpecialDay>,
    }
    toml::from_str::<Days>(toml).unwrap().special_days
}

fn week(toml: &str) -> Week {
    toml::from_str(toml).unwrap()
}

#[test]
fn weekends_are_by_appointment() {
    check(
        "
        Sat 08:50 kiosk takes fine
        Sat 08:50 usher issues exam because a place is free
        Sat 09:00 show phase
        Sat 09:00 show sentence
        Sat 12:00 kiosk takes fine
        Sun 08:00 kiosk takes fine
        ",
        expect![[r#"
            Sat 8 08:50:00 refused: appointments only, numbers from Mon 10 08:50
            Sat 8 08:50:00 C001 waiting, Sat 09:00 given on the spot
            Sat 8 09:00:00 phase open
            Sat 8 09:00:00 Weekend: booked visits only. Next free time: today 11:30.
            Sat 8 12:00:00 refused: redirect, closed, numbers from Mon 10 08:50
            Sun 9 08:00:00 refused: appointments only, numbers from Mon 10 08:50
        "#]],
    );
}

#[test]
fn a_day_off_is_closed_and_names_the_next_day() {
    check_with(
        |plan| plan.special_days = special("[[special_days]]\ndate = '2026-10-01'"),
        "
        2026-09-30 17:00 kiosk takes fine
        2026-10-01 09:00 kiosk takes fine
        2026-10-01 09:00 show sentence
        2026-10-01 09:00 officer amy opens window 1
        2026-10-02 09:00 kiosk takes fine
        ",
        expect![[r#"
            Wed 30 17:00:00 the day closes: nobody came
            Wed 30 17:00:00 refused: redirect, closed, numbers from Fri 2 08:50
            Thu 1 09:00:00 refused: day off, numbers from Fri 2 08:50
            Thu 1 09:00:00 Closed today. Numbers on Friday 2 October from 08:50.
            Thu 1 09:00:00 refused: day off, numbers from Fri 2 08:50
            Fri 2 09:00:00 A001 waiting
        "#]],
    );
}

#[test]
fn a_make_up_day_works_as_another_weekday() {
    check_with(
        |plan| plan.special_days = special("[[special_days]]\ndate = '2026-10-10'\nas = 'Wed'"),
        "
        2026-10-10 08:50 kiosk takes fine
        2026-10-10 13:20 kiosk takes fine
        2026-10-11 08:50 kiosk takes fine
        ",
        expect![[r#"
            Sat 10 08:50:00 A001 waiting
            Sat 10 13:20:00 A002 waiting
            Sun 11 08:50:00 A001 UNSERVED, A002 UNSERVED, the day closes: 2 issued = 2 UNSERVED
            Sun 11 08:50:00 refused: appointments only, numbers from Mon 12 08:50
        "#]],
    );
}

#[test]
fn a_half_day_has_its_own_hours() {
    check_with(
        |plan| {
            plan.special_days =
                special("[[special_days]]\ndate = '2026-12-31'\nhours = ['09:00-12:00']")
        },
        "
        2026-12-31 11:59 kiosk takes fine insisting
        2026-12-31 12:00 kiosk takes fine
        2026-12-31 12:10 holder of A001 cancels
        2026-12-31 13:20 kiosk takes fine
        ",
        expect![[r#"
            Thu 31 11:59:00 A001 waiting
            Thu 31 12:00:00 refused: redirect, closed, numbers from Fri 1 08:50
            Thu 31 12:10:00 A001 cancelled
            Thu 31 12:10:00 the day closes: 1 issued = 1 cancelled
            Thu 31 13:20:00 refused: redirect, closed, numbers from Fri 1 08:50
        "#]],
    );
}

#[test]
fn a_working_day_may_be_by_appointment_only() {
    check_with(
        |plan| {
            plan.special_days = special(
                "[[special_days]]\ndate = '2026-12-31'\nhours = { sessions = ['09:00-12:00'], appointments_only = true }",
            )
        },
        "
        2026-12-30 17:00 kiosk takes fine
        2026-12-31 09:30 show phase
        2026-12-31 09:30 show sentence
        2026-12-31 09:30 kiosk takes fine
        2026-12-31 13:30 show phase
        ",
        expect![[r#"
            Wed 30 17:00:00 the day closes: nobody came
            Wed 30 17:00:00 refused: redirect, closed, numbers from Fri 1 08:50
            Thu 31 09:30:00 phase open
            Thu 31 09:30:00 Today: booked visits only. Next free time: on Saturday 2 January 09:00.
            Thu 31 09:30:00 refused: appointments only, numbers from Fri 1 08:50
            Thu 31 12:00:00 the day closes: nobody came
            Thu 31 13:30:00 phase done
        "#]],
    );
}

#[test]
fn a_service_may_have_a_week_of_its_own() {
    check_with(
        |plan| {
            plan.services[3].week =
                Some(week("monday = ['10:00-16:00']\nsaturday = ['08:00-18:00']"))
        },
        "
        13:00 kiosk takes mark
        14:00 officer amy opens window 4
        16:00 kiosk takes mark
        16:00 show phase of mark
        16:00 show phase of fine
        16:00 kiosk takes vehicle
        18:00 show phase
        Sat 09:00 kiosk takes mark
        Sat 09:00 kiosk takes fine
        ",
        expect![[r#"
            13:00:00 W001 waiting
            14:00:00 window 4 opened by amy
            16:00:00 refused: redirect, closed, numbers from Sat 8 07:50
            16:00:00 phase serving_out
            16:00:00 phase open
            16:00:00 Y001 waiting
            18:00:00 phase serving_out
            Tue 4 08:50:00 ? UNSERVED, ? UNSERVED, the day closes: 2 issued = 2 UNSERVED
            Tue 4 17:00:00 the day closes: nobody came
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 09:00:00 W001 waiting
            Sat 8 09:00:00 refused: appointments only, numbers from Mon 10 08:50
        "#]],
    );
}

fn authorised(from: Option<&str>, until: Option<&str>) -> Option<Authorisation> {
    let date = |text: &str| text.parse().unwrap();
    Some(Authorisation {
        mode: Mode::ByProxy,
        from: from.map(date),
        until: until.map(date),
        suspended: false,
    })
}

#[test]
fn a_service_has_numbers_only_on_the_days_its_authorisation_holds() {
    check_with(
        |plan| plan.services[0].authorisation = authorised(Some("2026-08-04"), Some("2026-08-05")),
        "
        09:00 kiosk takes fine
        09:00 usher issues fine because he asked
        09:00 kiosk takes licence
        09:10 holder of F001 changes to fine
        09:15 officer amy opens window 7
        09:20 window 7 calls next
        09:25 window 7 transfers to fine
        09:30 window 7 finishes
        Tue 09:00 kiosk takes fine
        Tue 09:05 officer amy opens window 7
        Tue 09:10 window 7 calls next
        Tue 09:15 window 7 finishes
        Wed 16:29 kiosk takes fine
        Wed 17:05 officer amy opens window 7
        Wed 17:06 window 7 calls next
        Wed 17:07 window 7 finishes
        Thu 09:00 kiosk takes fine
        ",
        expect![[r#"
            09:00:00 refused: not authorised, numbers from Tue 4 08:50
            09:00:00 refused: not authorised, numbers from Tue 4 08:50
            09:00:00 F001 waiting
            09:10:00 refused: not authorised, numbers from Tue 4 08:50
            09:15:00 window 7 opened by amy
            09:20:00 F001 to window 7
            09:25:00 refused: not authorised, numbers from Tue 4 08:50
            09:30:00 F001 started, F001 served
            17:00:00 the day closes: 1 issued = 1 served, last served 09:30:00
            Tue 4 09:00:00 A001 waiting
            Tue 4 09:05:00 window 7 opened by amy
            Tue 4 09:10:00 A001 to window 7
            Tue 4 09:15:00 A001 started, A001 served
            Tue 4 17:00:00 the day closes: 1 issued = 1 served, last served 09:15:00
            Wed 5 16:29:00 A001 waiting
            Wed 5 17:05:00 window 7 opened by amy
            Wed 5 17:06:00 A001 to window 7
            Wed 5 17:07:00 A001 started, A001 served
            Wed 5 17:07:00 the day closes: 1 issued = 1 served, last served 17:07:00, window 7 420 s over
            Thu 6 09:00:00 refused: not authorised, no numbers in sight
        "#]],
    );
}

#[test]
fn a_suspended_authorisation_holds_on_no_day() {
    check_with(
        |plan| {
            plan.services[0].authorisation = authorised(None, None);
            let authorisation = plan.services[0].authorisation.as_mut();
            authorisation.unwrap().suspended = true;
        },
        "
        09:00 kiosk takes fine
        09:00 kiosk takes mark
        ",
        expect![[r#"
            09:00:00 refused: not authorised, no numbers in sight
            09:00:00 W001 waiting
        "#]],
    );
}

/// The promise does not end with the authorisation: who has a number is served.
#[test]
fn an_authorisation_that_ends_leaves_nobody_without_a_window() {
    check_with(
        |plan| plan.services[0].authorisation = authorised(None, Some("2026-08-03")),
        "
        16:20 kiosk takes fine
        16:25 officer amy opens window 1
        17:30 show phase of fine
        17:30 window 1 closes
        17:31 window 1 calls next
        17:35 window 1 finishes
        17:36 window 1 closes
        ",
        expect![[r#"
            16:20:00 A001 waiting
            16:25:00 window 1 opened by amy
            17:30:00 phase serving_out
            17:30:00 refused: would strand A001
            17:31:00 A001 to window 1
            17:35:00 A001 started, A001 served
            17:35:00 the day closes: 1 issued = 1 served, last served 17:35:00, window 1 2100 s over
            17:36:00 refused: The day is closed; this can no longer be done.
        "#]],
    );
}

/// Check-in begins before the first number would: whoever stands before the doors with an appointment reads that he may
/// come in, not that the hall is closed.
#[test]
fn on_a_day_by_appointment_nobody_is_told_that_the_hall_is_closed() {
    check(
        "
        Sat 07:00 show sentence
        Sat 07:00 show board sentence
        Sat 08:45 show sentence
        Sat 08:45 show board sentence
        Sat 08:45 kiosk takes fine
        Sat 12:01 show sentence
        ",
        expect![[r#"
            Sat 8 07:00:00 Weekend: booked visits only. Check in from 08:40. Next free time: today 09:30.
            Sat 8 07:00:00 Booked visits only, at window 5, 6. Check in from 08:40.
            Sat 8 08:45:00 Weekend: booked visits only. Next free time: today 11:00.
            Sat 8 08:45:00 Booked visits only, at window 5, 6.
            Sat 8 08:45:00 refused: appointments only, numbers from Mon 10 08:50
            Sat 8 12:00:00 the day closes: nobody came
            Sat 8 12:01:00 Closed. Numbers on Monday 10 August from 08:50.
        "#]],
    );
}

/// One service has a week of its own and is closed that day; the hall is not.
#[test]
fn a_service_without_hours_does_not_make_the_day_another() {
    check_with(
        |plan| plan.services[0].week = Some(week("monday = ['10:00-16:00']")),
        "
        Sat 08:45 show sentence
        Sat 08:45 kiosk takes fine
        ",
        expect![[r#"
            Sat 8 08:45:00 Weekend: booked visits only. Next free time: today 11:00.
            Sat 8 08:45:00 refused: appointments only, numbers from Mon 10 09:50
        "#]],
    );
}

#[test]
fn two_sessions_by_appointment_have_a_noon_between_them() {
    check_with(
        |plan| {
            plan.week
                .saturday
                .sessions
                .push("13:30-16:00".parse().unwrap());
            plan.appointments[0].hours = "09:00-16:00".parse().unwrap();
        },
        "
        Sat 12:30 show sentence
        Sat 12:30 show board sentence
        Sat 13:15 show sentence
        ",
        expect![[r#"
            Sat 8 12:30:00 Weekend: booked visits only. Check in from 13:10. Next free time: today 15:00.
            Sat 8 12:30:00 Booked visits only, at window 5, 6. Check in from 13:10.
            Sat 8 13:15:00 Weekend: booked visits only. Next free time: today 15:30.
        "#]],
    );
}
