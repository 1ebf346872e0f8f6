//! Plans, calendars and what was booked before they changed.

use crate::script::{check, check_with};
use chrono::NaiveDate;
use expect_test::expect;
use hall::Plan;
use hall::plan::hours::SpecialDay;

#[test]
fn fewer_places_keep_bookings_before_holds_and_holds_before_offers() {
    check_with(
        |plan| plan.appointments[0].places = 3,
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 client c holds licence Sat 09:00
        10:02 bob books licence Sat 09:00
        10:03 eve books exam Sat 09:00 or waits
        10:04 ann cancels
        10:04 dan books licence Sat 09:00 or waits
        10:05 manager removes places 2
        10:06 manager removes places 1
        10:07 manager removes places 3
        10:08 eve confirms
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 Sat 09:00 held until 10:11
            Wed 5 10:02:00 bob booked Sat 09:00
            Wed 5 10:03:00 eve listed, eve waits for Sat 09:00
            Wed 5 10:04:00 ann cancelled, offered to eve until Wed 10:34
            Wed 5 10:04:00 dan listed, dan waits for Sat 09:00
            Wed 5 10:05:00 plan 2 adopted, eve waits for Sat 09:00
            Wed 5 10:06:00 plan 3 adopted, hold ended
            Wed 5 10:07:00 plan 4 adopted, offered to eve until Wed 10:37, offered to dan until Wed 10:37
            Wed 5 10:08:00 eve has the place
        "#]],
    );
}

#[test]
fn bookings_with_no_room_left_move_to_the_nearest_free_time() {
    check_with(
        |plan| plan.appointments[0].places = 2,
        "
        Wed 10:00 ann books licence Sat 09:30
        10:01 bob books licence Sat 09:30
        10:02 eve books licence Sat 09:00 2 places
        10:03 manager removes places 1
        10:04 manager removes places 1 moving bookings
        10:05 eve cancels
        10:06 manager removes places 1 moving bookings
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:30
            Wed 5 10:01:00 bob booked Sat 09:30
            Wed 5 10:02:00 eve booked Sat 09:00 2 places
            Wed 5 10:03:00 refused: The new plan has no place for 2 bookings: 897240 (08-08 09:30), 633422 (08-08 09:00). Keep their slots, or have them moved to the nearest free ones.
            Wed 5 10:04:00 refused: The new plan has no place for 1 bookings: 633422 (08-08 09:00). Keep their slots, or have them moved to the nearest free ones.
            Wed 5 10:05:00 eve cancelled
            Wed 5 10:06:00 plan 2 adopted, bob moved to Sat 09:00 by the plan
        "#]],
    );
}

#[test]
fn more_places_are_offered_to_whoever_waits() {
    check_with(
        |plan| plan.appointments[0].places = 1,
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sat 09:00 or waits
        10:02 eve books licence Sat 09:00 or waits
        10:03 dan books licence Sat 09:00 or waits
        10:04 manager removes places 3
        10:05 bob confirms
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob listed, bob waits for Sat 09:00
            Wed 5 10:02:00 eve listed, eve waits for Sat 09:00
            Wed 5 10:03:00 dan listed, dan waits for Sat 09:00
            Wed 5 10:04:00 plan 2 adopted, offered to bob until Wed 10:34, offered to eve until Wed 10:34
            Wed 5 10:05:00 bob has the place
        "#]],
    );
}

#[test]
fn whoever_is_in_the_hall_keeps_the_place() {
    check_with(
        |plan| plan.appointments[0].places = 2,
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 bob books licence Sat 09:00
        Sat 08:45 kiosk checks in bob
        08:46 manager removes places 1
        08:47 manager removes places 1 moving bookings
        08:48 show free licence Sat 09:00
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sat 09:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 08:45:00 F001 waiting, bob checked in
            Sat 8 08:46:00 refused: The new plan has no place for 1 bookings: 342017 (08-08 09:00). Keep their slots, or have them moved to the nearest free ones.
            Sat 8 08:47:00 plan 2 adopted, ann moved to Sat 09:30 by the plan
            Sat 8 08:48:00 0 free
        "#]],
    );
}

#[test]
fn a_service_that_is_still_to_be_checked_in_for_does_not_vanish() {
    check(
        "
        Wed 10:00 ann books exam Sat 09:00
        10:01 bob books exam Sun 09:00
        Sat 09:10 manager removes service exam moving bookings
        12:00 time passes
        Sun 08:00 bob cancels
        Sun 08:01 manager removes service exam moving bookings
        Mon 09:00 kiosk takes exam
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sat 09:00
            Wed 5 10:01:00 bob booked Sun 09:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 09:10:00 refused: The new plan has no place for 2 bookings: 342017 (08-08 09:00), 897240 (08-09 09:00). Keep their slots, or have them moved to the nearest free ones.
            Sat 8 12:00:00 ann did not come
            Sat 8 12:00:00 the day closes: nobody came
            Sun 9 08:00:00 bob cancelled
            Sun 9 08:01:00 plan 2 adopted
            Sun 9 12:00:00 the day closes: nobody came
            Mon 10 09:00:00 refused: there is no service "exam" in this hall
        "#]],
    );
}

fn special(plan: &mut Plan, date: (u32, u32), as_weekday: Option<chrono::Weekday>) {
    let date = NaiveDate::from_ymd_opt(2026, date.0, date.1).unwrap();
    let text = match as_weekday {
        Some(weekday) => format!("date = \"{date}\"\nas = \"{weekday}\""),
        None => format!("date = \"{date}\""),
    };
    let day: SpecialDay = toml::from_str(&text).unwrap();
    plan.special_days.push(day);
}

#[test]
fn a_make_up_saturday_has_no_weekend_slots_and_a_holiday_has_none() {
    check_with(
        |plan| {
            special(plan, (8, 8), Some(chrono::Weekday::Fri));
            special(plan, (8, 9), None);
            special(plan, (8, 12), Some(chrono::Weekday::Sat));
        },
        "
        Wed 10:00 ann books licence Sat 09:00
        10:01 ann books licence Sun 09:00
        10:02 ann books licence 2026-08-12 09:00
        Sat 09:00 kiosk takes licence
        2026-08-12 09:00 kiosk takes licence
        09:00 kiosk checks in ann
        ",
        expect![[r#"
            Wed 5 10:00:00 refused: There is no such slot for this service.
            Wed 5 10:01:00 refused: There is no such slot for this service.
            Wed 5 10:02:00 ann booked Wed 09:00
            Wed 5 17:00:00 the day closes: nobody came
            Thu 6 17:00:00 the day closes: nobody came
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 09:00:00 F001 waiting
            Sun 9 04:00:00 ? UNSERVED, the day closes: 1 issued = 1 UNSERVED
            Mon 10 17:00:00 the day closes: nobody came
            Tue 11 17:00:00 the day closes: nobody came
            Wed 12 09:00:00 refused: appointments only, numbers from Thu 13 08:50
            Wed 12 09:00:00 F001 waiting, ann checked in
        "#]],
    );
}

#[test]
fn a_weekday_that_moves_takes_its_bookings_along() {
    check(
        "
        Wed 10:00 ann books licence Sun 09:00
        10:01 bob books exam Sun 11:30
        10:02 client c holds registration Sun 10:00
        10:03 eve books registration Sun 10:00 3 places
        10:04 dan books registration Sun 10:00 or waits
        10:05 manager removes weekday Sun
        10:06 manager removes weekday Sun moving bookings
        10:07 show free registration Sat 12:00
        ",
        expect![[r#"
            Wed 5 10:00:00 ann booked Sun 09:00
            Wed 5 10:01:00 bob booked Sun 11:30
            Wed 5 10:02:00 Sun 10:00 held until 10:12
            Wed 5 10:03:00 eve booked Sun 10:00 3 places
            Wed 5 10:04:00 dan listed, dan waits for Sun 10:00
            Wed 5 10:05:00 refused: The new plan has no place for 3 bookings: 342017 (08-09 09:00), 897240 (08-09 11:30), 789152 (08-09 10:00). Keep their slots, or have them moved to the nearest free ones.
            Wed 5 10:06:00 plan 2 adopted, hold ended, dan waits no longer, ann moved to Sat 11:30 by the plan, bob moved to Sat 11:30 by the plan, eve moved to Sat 11:00 3 places by the plan
            Wed 5 10:07:00 no such slot
        "#]],
    );
}
