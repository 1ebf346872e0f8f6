//! The right to be first in line later: three working days, once.

use super::script::{check, check_with};
use expect_test::expect;

#[test]
fn a_missing_document_gives_a_voucher_for_another_day() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 window 1 finishes
        09:03 window 1 calls next
        09:04 window 1 finishes documents-missing
        Tue 09:00 officer amy opens window 1
        Tue 09:00 kiosk takes fine elderly
        Tue 09:11 kiosk takes fine with voucher of A002
        Tue 09:12 show queue 1
        Tue 09:12 kiosk takes fine with voucher of A002
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:00:00 A002 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 started, A001 served
            09:03:00 A002 to window 1
            09:04:00 A002 started, A002 served, voucher of A002 for fine until Fri 7 August 00:00
            17:00:00 the day closes: 2 issued = 2 served, last served 09:04:00
            Tue 4 09:00:00 window 1 opened by amy
            Tue 4 09:00:00 A001 waiting
            Tue 4 09:11:00 A002 waiting, first in line
            Tue 4 09:12:00 window 1 would call: A002 1 min, score 1, voucher; A001 12 min, score 36, score
            Tue 4 09:12:00 refused: This voucher has been used.
        "#]],
    );
}

#[test]
fn a_voucher_is_first_in_line_once() {
    check(
        "
        09:00 officer amy opens window 1
        09:00 kiosk takes fine
        09:01 window 1 calls next
        09:02 window 1 finishes documents-missing
        09:03 kiosk takes fine elderly
        09:40 kiosk takes mark with voucher of A001
        09:41 kiosk takes fine with voucher of A001
        09:42 show queue 1
        09:43 kiosk takes fine with voucher of A001
        09:44 holder of A003 defers
        09:45 window 1 calls next
        ",
        expect![[r#"
            09:00:00 window 1 opened by amy
            09:00:00 A001 waiting
            09:01:00 A001 to window 1
            09:02:00 A001 started, A001 served, voucher of A001 for fine until Fri 7 August 00:00
            09:03:00 A002 waiting
            09:40:00 refused: this voucher is for "fine"
            09:41:00 A003 waiting, first in line
            09:42:00 window 1 would call: A003 1 min, score 1, voucher; A002 39 min, score 117, score
            09:43:00 refused: This voucher has been used.
            09:44:00 refused: A003 is "Waiting", so this cannot be done with it.
            09:45:00 A003 to window 1
        "#]],
    );
}

/// Thursday: Friday, Monday, Tuesday; the weekend by appointment is no working day.
#[test]
fn a_voucher_lasts_three_working_days() {
    check(
        "
        Thu 09:00 kiosk takes fine
        Thu 09:00 manager hands on A001 because network down
        2026-08-11 16:59 kiosk takes fine insisting with voucher of A001
        ",
        expect![[r#"
            Thu 6 09:00:00 A001 waiting
            Thu 6 09:00:00 A001 handed on, voucher of A001 for fine until Wed 12 August 00:00
            Thu 6 17:00:00 the day closes: 1 issued = 1 handed on
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 12:00:00 the day closes: nobody came
            Sun 9 12:00:00 the day closes: nobody came
            Mon 10 17:00:00 the day closes: nobody came
            Tue 11 16:59:00 A001 waiting, first in line
        "#]],
    );
}

#[test]
fn a_voucher_expires() {
    check(
        "
        Thu 09:00 kiosk takes fine
        Thu 09:00 manager hands on A001 because network down
        2026-08-12 08:50 kiosk takes fine with voucher of A001
        ",
        expect![[r#"
            Thu 6 09:00:00 A001 waiting
            Thu 6 09:00:00 A001 handed on, voucher of A001 for fine until Wed 12 August 00:00
            Thu 6 17:00:00 the day closes: 1 issued = 1 handed on
            Fri 7 17:00:00 the day closes: nobody came
            Sat 8 12:00:00 the day closes: nobody came
            Sun 9 12:00:00 the day closes: nobody came
            Mon 10 17:00:00 the day closes: nobody came
            Tue 11 17:00:00 the day closes: nobody came
            Wed 12 08:50:00 refused: This voucher has expired.
        "#]],
    );
}

/// First in line at the next session, whichever it is.
#[test]
fn a_voucher_is_good_on_a_day_by_appointment() {
    check(
        "
        Fri 16:00 kiosk takes fine
        Fri 16:01 manager interrupts: power
        Sat 08:50 kiosk takes fine
        Sat 08:50 kiosk takes fine with voucher of A001
        ",
        expect![[r#"
            Fri 7 16:00:00 A001 waiting
            Fri 7 16:01:00 interrupted: power, A001 handed on, voucher of A001 for fine until Thu 13 August 00:00
            Fri 7 17:00:00 the day closes: 1 issued = 1 handed on
            Sat 8 08:50:00 refused: appointments only, numbers from Mon 10 08:50
            Sat 8 08:50:00 A001 waiting, first in line
        "#]],
    );
}

/// A service that works on three days of the week has its own working days.
#[test]
fn a_voucher_counts_the_days_of_its_service() {
    check_with(
        |plan| {
            let week = "wednesday = ['09:00-12:00']\nmonday = ['09:00-12:00']";
            plan.services[0].week = Some(toml::from_str(week).unwrap());
        },
        "
        09:00 kiosk takes fine
        09:00 kiosk takes licence
        09:01 manager hands on A001 because network down
        09:01 manager hands on F001 because network down
        ",
        expect![[r#"
            09:00:00 A001 waiting
            09:00:00 F001 waiting
            09:01:00 A001 handed on, voucher of A001 for fine until Thu 13 August 00:00
            09:01:00 F001 handed on, voucher of F001 for licence until Fri 7 August 00:00
        "#]],
    );
}
