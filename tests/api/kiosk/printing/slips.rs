//! /halls/{hall}/slips, /checklists and /printer: paper from a printer that is well.

use super::{
    SITE, habits, hall_on, hall_with, printer_is, printer_of, printing_at, prints, slip_is,
    takes_and_prints,
};
use crate::support::process::run;
use crate::support::{Start, TestHall, fresh_key, send, until};
use crate::virtual_printer::VirtualPrinter;
use paihao::application::Application;
use paihao::config::Printing;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_slip_says_what_a_citizen_needs_and_its_code_opens_the_page() {
    let printer = VirtualPrinter::start(58).await;
    let hall = hall_on(&printer).await;
    let kiosk = hall.kiosk().await;
    let (token, slip) = takes_and_prints(&kiosk, "registration").await;
    slip_is(&kiosk, &slip, "printed").await;
    printer_is(&kiosk, "ready").await;

    let [sheet] = &printer.papers()[..] else {
        panic!("one paper, not {}", printer.papers().len());
    };
    assert!(sheet.whole && !sheet.overflowed && sheet.garbage.is_empty());
    for said in [
        "交警业务大厅",
        "U001",
        "机动车登记",
        "前面没有人",
        "2026-11-23 09:30",
        "请带:",
        "过号可重排",
    ] {
        assert!(sheet.says(said), "{said} is not in {:?}", sheet.lines);
    }
    let page = format!("{SITE}/t/{token}");
    assert_eq!(sheet.code.as_deref(), Some(page.as_bytes()));
    assert_eq!(sheet.read_code(), Some(page));
    assert!(sheet.millimetres() <= 100.0, "{} mm", sheet.millimetres());
    assert!(sheet.bytes.len() < 700, "{} bytes", sheet.bytes.len());
}

#[tokio::test]
async fn whoever_reads_english_gets_an_english_slip() {
    let printer = VirtualPrinter::start(58).await;
    let hall = hall_on(&printer).await;
    let kiosk = hall.kiosk().await;
    let body = json!({ "service": "fine", "language": "en", "person": "43020319900101123X" });
    let token = kiosk.takes_with(body).await.token();
    let slip = prints(&kiosk, &token).await;
    slip_is(&kiosk, &slip, "printed").await;
    let sheet = &printer.papers()[0];
    assert!(sheet.says("Nobody before you"), "{:?}", sheet.lines);
    assert!(!sheet.overflowed);
    // who came is nobody's business who finds the paper
    assert!(
        !sheet.says("4302") && !sheet.says("1234"),
        "{:?}",
        sheet.lines
    );
}

#[tokio::test]
async fn a_repeated_request_prints_once_and_a_second_one_is_marked() {
    let printer = VirtualPrinter::start(58).await;
    let hall = hall_on(&printer).await;
    let kiosk = hall.kiosk().await;
    let token = kiosk.takes("fine").await.token();
    let (key, body) = (fresh_key(), json!({ "token": token }));
    let path = "/halls/zhuzhou/slips";
    let first = kiosk.0.posts_as(&key, path, &body).await.given(202);
    let again = kiosk.0.posts_as(&key, path, &body).await.given(202);
    assert_eq!(first["slip"], again["slip"]);
    let slip = first["slip"].as_str().unwrap();
    slip_is(&kiosk, slip, "printed").await;
    let again = kiosk.0.posts_as(&key, path, &body).await.given(202);
    assert_eq!(again["state"], "printed");
    let other = kiosk.takes("fine").await.token();
    let reused = kiosk
        .0
        .posts_as(&key, path, &json!({ "token": other }))
        .await;
    reused.refused("key-reused");

    let second = prints(&kiosk, &token).await;
    slip_is(&kiosk, &second, "printed").await;
    let marks: Vec<bool> = printer
        .papers()
        .iter()
        .map(|sheet| sheet.says("补打"))
        .collect();
    assert_eq!(marks, [false, true]);
}

#[tokio::test]
async fn an_usher_prints_a_lost_slip_again_by_its_number() {
    let printer = VirtualPrinter::start(58).await;
    let hall = hall_on(&printer).await;
    let number = hall.kiosk().await.takes("fine").await.number();
    let usher = hall.usher().await;
    usher
        .does("reprint", json!({ "number": number }))
        .await
        .given(200);
    let body = json!({ "number": number, "large": true });
    usher.0.posts("/halls/zhuzhou/slips", body).await.given(202);
    until("the paper is out", async || !printer.papers().is_empty()).await;
    assert!(
        printer.papers()[0].says("补打"),
        "{:?}",
        printer.papers()[0].lines
    );
}

#[tokio::test]
async fn a_kiosk_without_a_printer_is_told_so() {
    let hall = TestHall::start_at("09:30:00").await;
    let kiosk = hall.kiosk().await;
    assert_eq!(printer_of(&kiosk).await["printer"], "none");
    let token = kiosk.takes("fine").await.token();
    let body = json!({ "token": token });
    let refusal = kiosk.0.posts("/halls/zhuzhou/slips", body).await;
    let problem = refusal.refused("not-found");
    let said = problem["detail_text"]["zh"].as_str().unwrap();
    assert_eq!(said, "没有给该取号机配置打印机。");
    let refusal = kiosk.0.posts("/halls/zhuzhou/slips", json!({})).await;
    assert_eq!(refusal.wrong_fields(), ["/token"]);
}

#[tokio::test]
async fn what_to_bring_is_printed_without_a_number() {
    let printer = VirtualPrinter::start(80).await;
    let hall = hall_with(Printing {
        places: printing_at(&printer.address.to_string(), habits()).places,
        habits: habits(),
    })
    .await;
    let kiosk = hall.kiosk().await;
    let body = json!({
        "title": { "zh": "机动车登记", "en": "Registration" },
        "lines": [{ "zh": "身份证原件", "en": "ID card" }, { "zh": "购车发票", "en": "Invoice" }],
    });
    let path = "/halls/zhuzhou/checklists";
    let line = kiosk.0.posts(path, body).await.given(202);
    slip_is(&kiosk, line["slip"].as_str().unwrap(), "printed").await;
    assert!(printer.papers()[0].says("[ ] 购车发票"));
    let endless = json!({ "title": { "zh": "", "en": "" }, "lines": vec![json!({ "zh": "", "en": "" }); 41] });
    let refusal = kiosk.0.posts(path, endless).await;
    assert_eq!(refusal.wrong_fields(), ["/lines"]);
}

#[tokio::test]
async fn staff_see_a_printer_that_needs_them() {
    let printer = VirtualPrinter::start(58).await;
    printer.faults(|faults| faults.near_end = true);
    let hall = hall_on(&printer).await;
    let manager = hall.manager().await;
    let page = |path: &'static str| {
        let request = manager
            .0
            .request(Method::GET, path)
            .header("accept", "text/html");
        send(request)
    };
    until("both pages say so", async || {
        let pages = [page("/zhuzhou/overview").await, page("/status").await];
        pages.iter().all(|page| page.text().contains("paper low"))
    })
    .await;
    let figures = send(hall.someone().request(Method::GET, "/metrics"))
        .await
        .text();
    assert!(figures.contains("paihao_printers_condition"), "{figures}");
}

#[tokio::test]
async fn a_printer_in_a_hall_that_is_not_there_is_said_at_the_start() {
    let mut printing = printing_at("127.0.0.1:1", habits());
    printing.places[0].hall = Some("zhuzou".parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let start = Start {
        printing,
        ..Start::default()
    };
    let started = Application::start(start.settings(&folder).unwrap()).await;
    let said = started.map(drop).unwrap_err().to_string();
    assert!(
        said.contains("no hall \"zhuzou\"") && said.contains("zhuzhou"),
        "{said}"
    );
}

#[tokio::test]
async fn a_wrong_printer_in_the_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paihao.toml");
    std::fs::write(
        &file,
        "[[printers]]\nhall = \"zhuzhou\"\naddress = \"10.0.0.5\"\n",
    )
    .unwrap();
    let said = complaint(&["serve", "--config", file.to_str().unwrap()]).await;
    assert!(
        said.contains("printers[0].address: \"10.0.0.5\" is not"),
        "{said}"
    );
}

/// Why it would not start.
pub async fn complaint(arguments: &[&str]) -> String {
    let output = run(arguments).await;
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}
