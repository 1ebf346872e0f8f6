//! Each kind of paper in every size, language and length, as the virtual printer reads it.

use crate::support::{MONDAY, time, until};
use crate::virtual_printer::{Sheet, VirtualPrinter};
use hall::record::wait::WaitUnknown;
use paihao::printing::charset::Charset;
use paihao::printing::escpos;
use paihao::printing::layout::Width;
use paihao::printing::paper::{Checklist, Paper, Slip, TestPage};
use paihao::printing::typesetting::{Edition, Typesetter};
use paihao::words::Words;
use std::sync::LazyLock;

pub fn slip_of(documents: &[(&str, &str)]) -> Slip {
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
        wait_unknown: None,
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
    tokio::io::AsyncWriteExt::write_all(&mut stream, &escpos::encode(&layout, Charset::default()))
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

/// Nobody at the windows: the paper says so where the minutes stand otherwise, in both languages and on both widths.
#[tokio::test]
async fn a_slip_says_why_no_wait_is_known() {
    for (language, said) in [
        (hall::text::Language::Zh, "窗口暂无人员"),
        (hall::text::Language::En, "no staff yet"),
    ] {
        for mm in [58, 80] {
            let slip = Slip {
                wait: None,
                wait_unknown: Some(WaitUnknown::NobodyAtWork.into()),
                language,
                ..slip_of(&DOCUMENTS)
            };
            let sheet = printed(&Paper::Ticket(slip), mm, Edition::First).await;
            assert!(sheet.says(said), "{:?}", sheet.lines);
            assert!(!sheet.overflowed && sheet.millimetres() <= 100.0);
        }
    }
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
