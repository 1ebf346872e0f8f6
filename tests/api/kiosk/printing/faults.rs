//! A printer with everything that can be wrong with it: no paper, no answer, no current, no line.

use super::{
    habits, hall_on, hall_with, hasty_hall_on, printer_is, printer_of, printing_at, prints,
    slip_is, state_of, takes_and_prints,
};
use crate::support::until;
use crate::virtual_printer::{Faults, HangUp, Sheet, Speaks, VirtualPrinter};
use paihao::printing::printer::Patience;
use paihao::printing::queue::Habits;
use paihao::printing::status::Dialect;
use std::time::Duration;

#[tokio::test]
async fn each_dialect_is_found_out_and_understood() {
    for speaks in [Speaks::DleEot, Speaks::GsR, Speaks::EscV] {
        let printer = VirtualPrinter::start(58).await;
        printer.faults(|faults| faults.speaks = vec![speaks]);
        let hall = hasty_hall_on(&printer, None).await;
        let kiosk = hall.kiosk().await;
        printer_is(&kiosk, "ready").await;
        let (_, slip) = takes_and_prints(&kiosk, "fine").await;
        slip_is(&kiosk, &slip, "printed").await;
        printer.faults(|faults| faults.near_end = true);
        let manager = hall.manager().await;
        until("staff hear that the roll ends", async || {
            let answer = manager.0.gets("/halls/zhuzhou/printer").await.given(200);
            answer["printers"][0]["printer"] == "near_end"
        })
        .await;
        assert_eq!(printer_of(&kiosk).await["printer"], "ready", "{speaks:?}");
        printer.faults(|faults| faults.paper_end = true);
        printer_is(&kiosk, "paper_end").await;
        assert!(
            printer
                .papers()
                .iter()
                .all(|sheet| sheet.garbage.is_empty())
        );
    }
}

#[tokio::test]
async fn numbers_are_given_out_while_the_printer_takes_for_ever() {
    let printer = VirtualPrinter::start(58).await;
    printer.faults(|faults| faults.slow_ms = 3_600_000);
    let patient = Habits {
        patience: Patience {
            answer: Duration::from_secs(3_600),
            ..Patience::default()
        },
        ..Habits::default()
    };
    let hall = hall_with(printing_at(&printer.address.to_string(), patient)).await;
    let kiosk = hall.kiosk().await;
    until("the printer was asked", async || printer.questions() > 0).await;
    let mut slips = Vec::new();
    for number in 1..=5 {
        let taken = kiosk.takes("other").await;
        assert_eq!(taken.number(), format!("H{number:03}"));
        slips.push(prints(&kiosk, &taken.token()).await);
    }
    // nothing was printed, and nobody waited for it
    for slip in &slips {
        assert_eq!(state_of(&kiosk, slip).await, "queued");
    }
    assert!(printer.papers().is_empty());
}

#[tokio::test]
async fn out_of_paper_the_slip_waits_for_a_new_roll() {
    let printer = VirtualPrinter::start(58).await;
    printer.faults(|faults| faults.paper_end = true);
    let hall = hall_on(&printer).await;
    let kiosk = hall.kiosk().await;
    let (_, slip) = takes_and_prints(&kiosk, "fine").await;
    printer_is(&kiosk, "paper_end").await;
    assert_eq!(state_of(&kiosk, &slip).await, "queued");
    assert!(printer.papers().is_empty());
    printer.faults(|faults| *faults = Faults::default());
    slip_is(&kiosk, &slip, "printed").await;
    printer_is(&kiosk, "ready").await;
    assert_eq!(printer.papers().len(), 1);
}

#[tokio::test]
async fn a_slip_whose_citizen_has_gone_is_not_printed_any_more() {
    let printer = VirtualPrinter::start(58).await;
    printer.faults(|faults| faults.cover_open = true);
    let short = Habits {
        slip_lives: Duration::from_millis(300),
        ..habits()
    };
    let hall = hall_with(printing_at(&printer.address.to_string(), short)).await;
    let kiosk = hall.kiosk().await;
    let (token, slip) = takes_and_prints(&kiosk, "fine").await;
    slip_is(&kiosk, &slip, "failed").await;
    printer_is(&kiosk, "offline").await;
    printer.faults(|faults| *faults = Faults::default());
    printer_is(&kiosk, "ready").await;
    assert!(printer.papers().is_empty());
    // the number is as good as ever
    assert_eq!(hall.holder().stage(&token).await, "waiting");
}

#[tokio::test]
async fn paper_that_ends_in_the_middle_is_no_slip() {
    for speaks in [Speaks::DleEot, Speaks::GsR] {
        let printer = VirtualPrinter::start(58).await;
        printer.faults(|faults| {
            faults.speaks = vec![speaks];
            faults.paper_left_mm = Some(30.0);
        });
        let hall = hasty_hall_on(&printer, None).await;
        let kiosk = hall.kiosk().await;
        printer_is(&kiosk, "ready").await;
        let (_, slip) = takes_and_prints(&kiosk, "fine").await;
        slip_is(&kiosk, &slip, "failed").await;
        printer_is(&kiosk, "paper_end").await;
        assert!(printer.papers().iter().all(|sheet| !sheet.whole));
    }
}

#[tokio::test]
async fn a_silent_printer_is_tried_once_and_then_left_alone_until_it_answers() {
    let printer = VirtualPrinter::start(58).await;
    printer.faults(|faults| faults.silent = true);
    let hall = hasty_hall_on(&printer, Some(Dialect::DleEot)).await;
    let kiosk = hall.kiosk().await;
    printer_is(&kiosk, "unknown").await;
    let (_, first) = takes_and_prints(&kiosk, "fine").await;
    slip_is(&kiosk, &first, "failed").await; // nobody knows, so the screen shows the number
    printer_is(&kiosk, "offline").await;
    assert_eq!(printer.papers().len(), 1); // it came out all the same
    let (_, second) = takes_and_prints(&kiosk, "fine").await;
    let asked = printer.questions();
    until("it was asked again", async || {
        printer.questions() > asked + 1
    })
    .await;
    assert_eq!(printer.papers().len(), 1);
    printer.faults(|faults| faults.silent = false);
    slip_is(&kiosk, &second, "printed").await;
    printer_is(&kiosk, "ready").await;
}

#[tokio::test]
async fn a_printer_that_is_off_prints_when_it_is_plugged_in() {
    let mut printer = VirtualPrinter::unplugged(58, ([127, 0, 0, 1], 0).into());
    let hall = hall_on(&printer).await;
    let kiosk = hall.kiosk().await;
    printer_is(&kiosk, "offline").await;
    let (_, slip) = takes_and_prints(&kiosk, "fine").await;
    printer_is(&kiosk, "offline").await;
    printer.plug_in();
    slip_is(&kiosk, &slip, "printed").await;
    assert_eq!(printer.papers().len(), 1);
}

fn is_marked(sheet: &Sheet) -> bool {
    sheet.says("重打")
}

#[tokio::test]
async fn a_slip_that_was_cut_off_is_printed_again_with_a_mark() {
    for hang_up in [HangUp::After(120), HangUp::AfterTheCut] {
        let printer = VirtualPrinter::start(58).await;
        printer.faults(|faults| faults.hang_ups.push_back(hang_up));
        let hall = hall_on(&printer).await;
        let kiosk = hall.kiosk().await;
        let (_, slip) = takes_and_prints(&kiosk, "fine").await;
        slip_is(&kiosk, &slip, "printed").await;
        let papers = printer.papers();
        let marks: Vec<bool> = papers.iter().map(is_marked).collect();
        assert_eq!(marks, [false, true], "{hang_up:?}");
        assert_eq!(papers[0].whole, hang_up == HangUp::AfterTheCut);
        assert!(papers[1].whole);
    }
}

#[tokio::test]
async fn a_slip_is_not_printed_a_third_time() {
    let printer = VirtualPrinter::start(58).await;
    printer.faults(|faults| {
        faults.hang_ups = [HangUp::AfterTheCut, HangUp::AfterTheCut].into();
    });
    let hall = hall_on(&printer).await;
    let kiosk = hall.kiosk().await;
    let (_, slip) = takes_and_prints(&kiosk, "fine").await;
    slip_is(&kiosk, &slip, "failed").await;
    let (_, next) = takes_and_prints(&kiosk, "fine").await;
    slip_is(&kiosk, &next, "printed").await;
    let marks: Vec<bool> = printer.papers().iter().map(is_marked).collect();
    assert_eq!(marks, [false, true, false]);
}
