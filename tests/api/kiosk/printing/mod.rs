//! Paper: halls with a printer, and what a kiosk is told of it.
//!
//! The printer is the virtual one: it reads what the server sends, draws it, and answers as real ones do. Waits are
//! made short; which of them comes first, and what follows, is as in a hall.

mod agent; // the program beside a kiosk that prints for its page
mod faults; // a printer with everything that can be wrong with it
mod papers; // each kind of paper, in every size and language
mod slips; // /halls/{hall}/slips, /checklists, /printer

use crate::support::{Kiosk, Start, TestHall, until};
use crate::virtual_printer::VirtualPrinter;
use paihao::config::Printing;
use paihao::printing::layout::Width;
use paihao::printing::place::{NetworkPrinter, PrinterLink, PrinterPlace};
use paihao::printing::printer::Patience;
use paihao::printing::queue::Habits;
use paihao::printing::status::Dialect;
use paihao::site::{Proxies, PublicUrl};
use serde_json::{Value, json};
use std::time::Duration;

/// The address that phones know the hall under.
pub const SITE: &str = "http://192.168.1.10:8080";

/// How long to wait for an answer that comes: only reached when something is wrong.
const PATIENT: Duration = Duration::from_secs(120);
/// How long to wait for one that does not come; the machine may be busy.
const HASTY: Duration = Duration::from_secs(2);

pub fn habits() -> Habits {
    waiting(PATIENT)
}

pub fn waiting(answer: Duration) -> Habits {
    Habits {
        patience: Patience {
            answer,
            millimetre: Duration::from_millis(2),
            ..Patience::default()
        },
        look_again: Duration::from_millis(50),
        look_now_and_then: Duration::from_millis(100),
        ..Habits::default()
    }
}

/// A hall whose kiosks print at this address.
pub fn printing_at(address: &str, habits: Habits) -> Printing {
    let device = NetworkPrinter {
        address: address.into(),
        width: Width::Mm58,
        dialect: None,
        charset: paihao::printing::charset::Charset::default(),
    };
    Printing {
        places: vec![PrinterPlace {
            hall: Some("zhuzhou".parse().unwrap()),
            kiosk: None,
            link: PrinterLink::Network(device),
        }],
        habits,
    }
}

pub async fn hall_with(printing: Printing) -> TestHall {
    TestHall::start_as(Start {
        clock: "09:30:00",
        proxies: Proxies {
            trusted: Vec::new(),
            public_url: Some(PublicUrl::parse(SITE).unwrap()),
        },
        printing,
        ..Start::default()
    })
    .await
}

/// One that soon gives up waiting for an answer, and knows the dialect or not.
pub async fn hasty_hall_on(printer: &VirtualPrinter, known: Option<Dialect>) -> TestHall {
    let mut printing = printing_at(&printer.address.to_string(), waiting(HASTY));
    if let PrinterLink::Network(device) = &mut printing.places[0].link {
        device.dialect = known;
    }
    hall_with(printing).await
}

pub async fn hall_on(printer: &VirtualPrinter) -> TestHall {
    hall_with(printing_at(&printer.address.to_string(), habits())).await
}

/// Asks for paper; answers the slip's id.
pub async fn prints(kiosk: &Kiosk, token: &str) -> String {
    let body = json!({ "token": token });
    let line = kiosk.0.posts("/halls/zhuzhou/slips", body).await.given(202);
    line["slip"].as_str().unwrap().into()
}

pub async fn takes_and_prints(kiosk: &Kiosk, service: &str) -> (String, String) {
    let token = kiosk.takes(service).await.token();
    let slip = prints(kiosk, &token).await;
    (token, slip)
}

pub async fn printer_of(kiosk: &Kiosk) -> Value {
    kiosk.0.gets("/halls/zhuzhou/printer").await.given(200)
}

pub async fn state_of(kiosk: &Kiosk, slip: &str) -> String {
    let answer = printer_of(kiosk).await;
    let slips = answer["slips"].as_array().unwrap();
    let line = slips.iter().find(|line| line["slip"] == slip);
    line.map_or("forgotten".into(), |line| {
        line["state"].as_str().unwrap().into()
    })
}

pub async fn slip_is(kiosk: &Kiosk, slip: &str, state: &str) {
    until(&format!("the slip is {state}"), async || {
        state_of(kiosk, slip).await == state
    })
    .await;
}

pub async fn printer_is(kiosk: &Kiosk, state: &str) {
    until(&format!("the printer is {state}"), async || {
        printer_of(kiosk).await["printer"] == state
    })
    .await;
}
