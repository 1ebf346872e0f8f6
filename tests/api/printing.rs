//! Paper: slips on a printer that is well, and on one that is everything printers are.
//!
//! The printer is the virtual one: it reads what the server sends, draws it, and answers as real ones do. Waits are
//! made short; which of them comes first, and what follows, is as in a hall.

use crate::starting::{Process, run};
use crate::support::{Kiosk, MONDAY, Start, TestHall, fresh_key, send, time, until};
use crate::virtual_printer::{Faults, HangUp, Sheet, Speaks, VirtualPrinter};
use paihao::application::Application;
use paihao::config::Printing;
use paihao::pages::Words;
use paihao::printing::agent::Agent;
use paihao::printing::escpos;
use paihao::printing::layout::Width;
use paihao::printing::outbox::{Habits, Outbox};
use paihao::printing::paper::{Checklist, Paper, Slip, TestPage};
use paihao::printing::place::{Device, Place, Way};
use paihao::printing::printer::Patience;
use paihao::printing::status::Dialect;
use paihao::printing::typesetting::{Edition, Typesetter};
use paihao::web::{Proxies, PublicUrl};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// The address that phones know the hall under.
const SITE: &str = "http://192.168.1.10:8080";

/// How long to wait for an answer that comes: only reached when something is wrong.
const PATIENT: Duration = Duration::from_secs(20);
/// How long to wait for one that does not come; the machine may be busy.
const HASTY: Duration = Duration::from_secs(2);

fn habits() -> Habits {
    waiting(PATIENT)
}

fn waiting(answer: Duration) -> Habits {
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
fn printing_at(address: &str, habits: Habits) -> Printing {
    let device = Device {
        address: address.into(),
        width: Width::Mm58,
        dialect: None,
    };
    Printing {
        places: vec![Place {
            hall: Some("zhuzhou".parse().unwrap()),
            kiosk: None,
            way: Way::Network(device),
        }],
        habits,
    }
}

async fn hall_with(printing: Printing) -> TestHall {
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
async fn hasty_hall_on(printer: &VirtualPrinter, known: Option<Dialect>) -> TestHall {
    let mut printing = printing_at(&printer.address.to_string(), waiting(HASTY));
    if let Way::Network(device) = &mut printing.places[0].way {
        device.dialect = known;
    }
    hall_with(printing).await
}

async fn hall_on(printer: &VirtualPrinter) -> TestHall {
    hall_with(printing_at(&printer.address.to_string(), habits())).await
}

/// Asks for paper; answers the slip's id.
async fn prints(kiosk: &Kiosk, token: &str) -> String {
    let body = json!({ "token": token });
    let line = kiosk.0.posts("/halls/zhuzhou/slips", body).await.given(202);
    line["slip"].as_str().unwrap().into()
}

async fn takes_and_prints(kiosk: &Kiosk, service: &str) -> (String, String) {
    let token = kiosk.takes(service).await.token();
    let slip = prints(kiosk, &token).await;
    (token, slip)
}

async fn printer_of(kiosk: &Kiosk) -> Value {
    kiosk.0.gets("/halls/zhuzhou/printer").await.given(200)
}

async fn state_of(kiosk: &Kiosk, slip: &str) -> String {
    let answer = printer_of(kiosk).await;
    let slips = answer["slips"].as_array().unwrap();
    let line = slips.iter().find(|line| line["slip"] == slip);
    line.map_or("forgotten".into(), |line| {
        line["state"].as_str().unwrap().into()
    })
}

async fn slip_is(kiosk: &Kiosk, slip: &str, state: &str) {
    until(&format!("the slip is {state}"), async || {
        state_of(kiosk, slip).await == state
    })
    .await;
}

async fn printer_is(kiosk: &Kiosk, state: &str) {
    until(&format!("the printer is {state}"), async || {
        printer_of(kiosk).await["printer"] == state
    })
    .await;
}

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
    let body = json!({ "service": "fine", "language": "en", "person": "430203199001011234" });
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

fn slip_of(documents: &[(&str, &str)]) -> Slip {
    let text = |zh: &str, en: &str| hall::text::Text::new(zh, en);
    Slip {
        hall: text(
            "株洲市公安局交通警察支队车辆管理所",
            "Zhuzhou Vehicle Administration",
        ),
        number: "A012".to_string().try_into().unwrap(),
        service: text("机动车登记", "Vehicle registration"),
        ahead: Some(3),
        wait: Some(hall::record::wait::Wait {
            low: 360,
            high: 660,
        }),
        at: time(MONDAY, "09:12:00"),
        zone: Some(text("B区", "Zone B")),
        documents: documents.iter().map(|(zh, en)| text(zh, en)).collect(),
        url: Some(format!(
            "https://queue.zhuzhou.example/t/{}",
            "Ab1_".repeat(11)
        )),
        quiet: Some(text("周三 14:00", "Wed 14:00")),
        language: hall::text::Language::Zh,
        reserve: false,
        reprint: false,
        large: false,
    }
}

const DOCUMENTS: [(&str, &str); 6] = [
    ("身份证原件", "Identity card"),
    ("机动车登记证书", "Vehicle registration certificate"),
    ("购车发票", "Invoice"),
    ("车辆购置税完税证明", "Purchase tax certificate"),
    ("交强险保单", "Insurance policy"),
    ("𠮷林省居住证复印件", "Copy of the residence permit"),
];

/// Prints it on a virtual printer, as the outbox would.
async fn printed(paper: &Paper, mm: u16, edition: Edition) -> Sheet {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::load().unwrap());
    let width = Width::of_mm(mm).unwrap();
    let layout = Typesetter {
        width,
        words: &WORDS,
    }
    .set(paper, edition);
    let printer = VirtualPrinter::start(mm).await;
    let mut stream = tokio::net::TcpStream::connect(printer.address)
        .await
        .unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, &escpos::encode(&layout))
        .await
        .unwrap();
    until("it is printed", async || !printer.papers().is_empty()).await;
    let sheet = printer.papers().remove(0);
    assert_eq!(
        layout.millimetres(),
        sheet.millimetres(),
        "measured as printed"
    );
    sheet
}

#[tokio::test]
async fn no_slip_is_longer_than_100_mm_or_wider_than_its_paper() {
    let mut longest: f64 = 0.0;
    for mm in [58, 80] {
        for documents in 0..=DOCUMENTS.len() {
            for case in 0..16 {
                let plain = slip_of(&DOCUMENTS[..documents]);
                let slip = Slip {
                    large: case & 1 != 0,
                    language: [hall::text::Language::Zh, hall::text::Language::En][case >> 1 & 1],
                    reserve: case & 4 != 0,
                    reprint: case & 8 != 0,
                    ..plain
                };
                let edition = if case == 15 {
                    Edition::Again
                } else {
                    Edition::First
                };
                let sheet = printed(&Paper::Ticket(slip), mm, edition).await;
                let what = format!(
                    "{mm} mm, {documents} documents, case {case}: {:?}",
                    sheet.lines
                );
                assert!(
                    sheet.millimetres() <= 100.0,
                    "{} mm: {what}",
                    sheet.millimetres()
                );
                assert!(!sheet.overflowed && sheet.garbage.is_empty(), "{what}");
                assert!(sheet.says("A012"), "{what}");
                let names = sheet.says("请带") || sheet.says("Bring");
                assert_eq!(names, documents > 0, "{what}");
                assert!(sheet.says("过号可重排") || sheet.says("Missed"), "{what}");
                assert_eq!(sheet.read_code().map(|url| url.len()), Some(76), "{what}");
                longest = longest.max(sheet.millimetres());
            }
        }
    }
    assert!(longest > 90.0, "{longest} mm: the room is used");
}

#[tokio::test]
async fn every_hanzi_arrives_in_gb18030() {
    let paper = Paper::Test(TestPage::default());
    for mm in [58, 80] {
        let sheet = printed(&paper, mm, Edition::First).await;
        assert!(
            sheet.says("生僻字:𠮷 㐂 囍 龘 喆 堃 赟 €"),
            "{:?}",
            sheet.lines
        );
        assert!(!sheet.overflowed && sheet.garbage.is_empty());
        // 𠮷 takes four bytes, and only GB18030 has it
        assert!(
            sheet
                .bytes
                .windows(4)
                .any(|bytes| bytes == [0x95, 0x34, 0xB2, 0x35])
        );
    }
}

#[tokio::test]
async fn a_text_is_printed_and_never_obeyed() {
    let mut slip = slip_of(&[]);
    slip.service.zh = "登记\u{1b}@\u{1d}V\u{42}\u{0}\n两".into();
    let sheet = printed(&Paper::Ticket(slip), 80, Edition::First).await;
    assert!(sheet.says("登记 @ VB  两"), "{:?}", sheet.lines);
}

#[tokio::test]
async fn a_reserve_number_says_that_it_is_equally_valid() {
    let mut slip = slip_of(&[]);
    (slip.reserve, slip.url, slip.ahead, slip.wait) = (true, None, None, None);
    let sheet = printed(&Paper::Ticket(slip.clone()), 58, Edition::First).await;
    assert!(
        sheet.says("备用号,同样有效") && sheet.says("请看屏幕,听叫号"),
        "{:?}",
        sheet.lines
    );
    assert_eq!(sheet.code, None);
    slip.language = hall::text::Language::En;
    let sheet = printed(&Paper::Ticket(slip), 58, Edition::First).await;
    assert!(
        sheet.says("Reserve number, equally valid"),
        "{:?}",
        sheet.lines
    );
}

/// What pages and agents of every version have to understand; the kiosk page builds the same.
#[test]
fn papers_are_read_as_they_were_released() {
    let kept = |name: &str| {
        let path = format!(
            "{}/tests/golden/papers/{name}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        std::fs::read_to_string(path).unwrap()
    };
    let ticket = Paper::Ticket(slip_of(&DOCUMENTS[..2]));
    let checklist = Paper::Checklist(Checklist {
        title: hall::text::Text::new("机动车登记", "Vehicle registration"),
        lines: vec![hall::text::Text::new("身份证原件", "Identity card")],
        url: Some("https://queue.zhuzhou.example/zhuzhou".into()),
        language: hall::text::Language::Zh,
    });
    let papers = [
        ("ticket", ticket),
        ("checklist", checklist),
        ("test", Paper::Test(TestPage::default())),
    ];
    for (name, paper) in papers {
        assert_eq!(
            serde_json::to_string_pretty(&paper).unwrap() + "\n",
            kept(name),
            "{name}"
        );
        assert_eq!(
            serde_json::from_str::<Paper>(&kept(name)).unwrap(),
            paper,
            "{name}"
        );
    }
    // the least that the kiosk page sends while the server is away
    let least: Paper = serde_json::from_str(&kept("ticket-offline")).unwrap();
    let Paper::Ticket(slip) = least else {
        panic!("not a ticket");
    };
    assert!(slip.reserve && slip.documents.is_empty() && slip.url.is_none());
}

/// An agent for pages of `origin`, and where it listens.
async fn agent_on(printer: &VirtualPrinter, origin: &str) -> (Agent, String) {
    let words = Arc::new(Words::load().unwrap());
    let address = printer.address.to_string();
    let outbox = Outbox::start(address, Width::Mm58, Some(Dialect::DleEot), words, habits());
    let origin = PublicUrl::parse(origin).unwrap();
    let agent = Agent::start(outbox, ([127, 0, 0, 1], 0).into(), &origin).unwrap();
    let url = format!("http://{}", agent.address);
    (agent, url)
}

#[tokio::test]
async fn the_agent_prints_what_the_page_sends_once_for_each_id() {
    let printer = VirtualPrinter::start(58).await;
    let (agent, url) = agent_on(&printer, "http://hall:8080").await;
    let client = reqwest::Client::new();
    let post = |body: Value| {
        let request = client.post(format!("{url}/slips"));
        send(request.header("origin", "http://hall:8080").json(&body))
    };
    let mut offline = slip_of(&[]);
    (offline.reserve, offline.url) = (true, None);
    let body = json!({ "id": "kiosk-1-77", "paper": Paper::Ticket(offline) });
    let first = post(body.clone()).await;
    assert_eq!(first.given(202)["slip"], "kiosk-1-77");
    assert_eq!(
        first.header("access-control-allow-origin"),
        "http://hall:8080"
    );
    until("it is printed", async || {
        post(body.clone()).await.given(202)["state"] == "printed"
    })
    .await;
    assert_eq!(printer.papers().len(), 1);
    let answer = send(client.get(format!("{url}/printer"))).await.given(200);
    assert_eq!(answer["printer"], "ready");
    assert_eq!(answer["slips"][0]["number"], "A012");

    let other = json!({ "id": "kiosk-1-77", "paper": { "kind": "test" } });
    post(other).await.refused("key-reused");
    assert_eq!(
        post(json!({ "id": "x", "paper": { "kind": "poem" } }))
            .await
            .wrong_fields(),
        ["/paper/kind"]
    );
    assert_eq!(
        post(json!({ "id": "", "paper": { "kind": "test" } }))
            .await
            .wrong_fields(),
        ["/id"]
    );
    agent.stop().await;
}

#[tokio::test]
async fn the_agent_serves_one_page_only_and_under_its_own_name() {
    let printer = VirtualPrinter::start(58).await;
    let (agent, url) = agent_on(&printer, "http://hall:8080").await;
    let client = reqwest::Client::new();
    let asks = |origin: &'static str| {
        let request = client.request(Method::OPTIONS, format!("{url}/slips"));
        let request = request.header("access-control-request-private-network", "true");
        send(
            request
                .header("access-control-request-method", "POST")
                .header("origin", origin),
        )
    };
    let own = asks("http://hall:8080").await;
    assert_eq!(own.status, 204);
    assert_eq!(
        own.header("access-control-allow-origin"),
        "http://hall:8080"
    );
    assert_eq!(own.header("access-control-allow-private-network"), "true");
    assert_eq!(own.header("access-control-allow-headers"), "content-type");
    for foreign in [
        "http://hall",
        "https://hall:8080",
        "http://evil.example",
        "null",
    ] {
        let answer = asks(foreign).await;
        answer.refused("forbidden");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    let by_another_name = client.get(format!("{url}/printer"));
    send(by_another_name.header("host", "evil.example:9123"))
        .await
        .refused("forbidden");
    agent.stop().await;
}

#[tokio::test]
async fn the_kiosks_page_knows_its_agent_and_may_speak_to_it() {
    let agent = "http://127.0.0.1:9123";
    let place = Place {
        hall: Some("zhuzhou".parse().unwrap()),
        kiosk: Some(hall::id::ActorId::parse("demo-kiosk").unwrap()),
        way: Way::Agent(agent.into()),
    };
    let hall = hall_with(Printing {
        places: vec![place],
        habits: habits(),
    })
    .await;
    let kiosk = hall.kiosk().await;
    let page = send(kiosk.0.request(Method::GET, "/zhuzhou/kiosk")).await;
    assert!(page.text().contains("data-agent=\"http://127.0.0.1:9123\""));
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&format!(" {agent};")), "{policy}");
    // nobody else's page may
    let page = hall.someone().gets("/halls/zhuzhou").await;
    assert!(!page.header("content-security-policy").contains(agent));
    let page = send(hall.someone().request(Method::GET, "/zhuzhou/kiosk")).await;
    assert!(!page.text().contains("data-agent"));

    assert_eq!(printer_of(&kiosk).await["agent"], agent);
    let token = kiosk.takes("fine").await.token();
    let refusal = kiosk
        .0
        .posts("/halls/zhuzhou/slips", json!({ "token": token }))
        .await;
    let problem = refusal.refused("not-found");
    assert!(
        problem["detail"].as_str().unwrap().contains(agent),
        "{problem}"
    );
    let paper = hall
        .someone()
        .gets(&format!("/tickets/{token}/slip"))
        .await
        .given(200);
    let paper: Paper = serde_json::from_value(paper).unwrap();
    let Paper::Ticket(slip) = paper.checked().unwrap() else {
        panic!("not a ticket");
    };
    assert_eq!(slip.url, Some(format!("{SITE}/t/{token}")));
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
async fn the_agent_is_a_command_for_this_machine_only() {
    let printer = VirtualPrinter::start(80).await;
    let address = printer.address.to_string();
    let origin = "http://hall:8080";
    let agent = ["agent", "--printer", &address, "--allow-origin", origin];
    let said = complaint(&[&agent[..], &["--listen", "0.0.0.0:0"]].concat()).await;
    assert!(said.contains("this machine only"), "{said}");
    let said = complaint(&["agent", "--printer", "p", "--allow-origin", origin]).await;
    assert!(
        said.contains("--printer") && said.contains("192.168.1.50:9100"),
        "{said}"
    );
    let said = complaint(&["agent", "--printer", &address, "--allow-origin", "hall"]).await;
    assert!(said.contains("--allow-origin"), "{said}");

    let mut process = Process::start(&[&agent[..], &["--listen", "127.0.0.1:0"]].concat());
    let line = process.says("paihao agent on").await;
    let url = line
        .split(' ')
        .find(|word| word.starts_with("http://127"))
        .unwrap();
    let client = reqwest::Client::new();
    let body = json!({ "id": "1", "paper": { "kind": "test" } });
    send(client.post(format!("{url}/slips")).json(&body))
        .await
        .given(202);
    until("the test page is out", async || {
        !printer.papers().is_empty()
    })
    .await;
    assert!(printer.papers()[0].says("打印测试"));
    process.terminate().await;
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
async fn complaint(arguments: &[&str]) -> String {
    let output = run(arguments).await;
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}
