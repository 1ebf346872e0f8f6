//! The parsers of what people type, scan and hand in, and what holds of each: what it has read it reads again as the same.

use super::Target;
use chrono::NaiveDate;
use hall::Plan;
use hall::id::{ActorId, AppointmentCode, TicketNumber};
use hall::text::typed;
use paihao::calendar::official::OfficialCalendar;
use paihao::calendar::plan_file;
use paihao::guide::sheet::GuideSheet;
use paihao::network::{self, Network, read_bytes, read_sheets};
use paihao::samples::sample_plans;
use paihao::typed::{DocumentKind, IdDocument, Name, Phone};
use std::path::Path;

/// Every target.
pub fn all() -> Vec<Target> {
    vec![
        line("document", DOCUMENTS, DOCUMENT_PIECES, document),
        line("phone", PHONES, PHONE_PIECES, phone),
        line("name", NAMES, NAME_PIECES, name),
        line("number", NUMBERS, NUMBER_PIECES, number),
        line("code", CODES, NUMBER_PIECES, code),
        line("cell", CELLS, CELL_PIECES, cell),
        Target {
            name: "sheet",
            seeds: sheets(),
            dictionary: SHEET_PIECES,
            longest: 16 * 1024,
            read: sheet,
        },
        Target {
            name: "plan",
            seeds: plans(),
            dictionary: PLAN_PIECES,
            longest: 16 * 1024,
            read: plan,
        },
    ]
}

/// A field of one line.
fn line(
    name: &'static str,
    seeds: &[&str],
    dictionary: &'static [&'static str],
    read: fn(&[u8]) -> String,
) -> Target {
    Target {
        name,
        seeds: seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect(),
        dictionary,
        longest: 256,
        read,
    }
}

const DOCUMENTS: &[&str] = &[
    "11010519491231002X",
    "110105491231002",
    "810000199408230021",
    "E12345678",
    "H12345678",
    "0123456789(B)",
    "CAN110078041501",
    "911124198108030024",
    "军字第2001988号",
    "１１０１０５１９４９１２３１００２Ｘ",
];
const DOCUMENT_PIECES: &[&str] = &[
    "X", "×", "Ⅹ", "х", "军", "字第", "号", "110105", "19491231", "0229", "91", "H", "CAN", "(B)",
];
const PHONES: &[&str] = &[
    "13800000001",
    "+86 138 0000 0001",
    "008613800000001",
    "0731-22881234转801",
    "(0731)22881234 ext. 801",
    "01066001234",
    "00852-91234567",
    "+12125550123",
];
const PHONE_PIECES: &[&str] = &[
    "+", "00", "86", "0731", "转", "分机", "ext.", "#", "x", "(", ")", "010", "138",
];
const NAMES: &[&str] = &[
    "张三",
    "阿依古丽·买买提",
    "John  SMITH",
    "𠮷田",
    "Anne-Marie O’Neill",
    "访客1",
];
const NAME_PIECES: &[&str] = &["·", "・", "．", "。", "先生", "2", "İ", "ß", "ﬀ", "\u{301}"];
const NUMBERS: &[&str] = &[
    "A012",
    "Ａ００３",
    "第A003号",
    "]Q3A003\r\n",
    "a-3",
    "AB9999",
];
const NUMBER_PIECES: &[&str] = &[
    "A",
    "第",
    "号",
    "]Q3",
    "0000",
    "9999",
    "10000",
    "4294967296",
];
const CODES: &[&str] = &["048213", "０４８ 213", "demo-officer", "1001"];
const CELLS: &[&str] = &[
    "2026-03-02",
    "2026年3月2日 星期一",
    "46083.5",
    "9：00－12：00、下午1点半至5点",
    "#N/A",
    "########",
    "4.30211E+17",
    "00731",
    "1=fine licence; 2=*",
    "代理 2026/3/1 至 2026/12/31",
];
const CELL_PIECES: &[&str] = &[
    "年", "月", "日", "上午", "下午", "点", "半", "至", "~", "-", ":", ".", "T", "Z", "E+", "#",
    "周日", "预约", "是",
];
const SHEET_PIECES: &[&str] = &[
    ",",
    ";",
    "\t",
    "\"",
    "\n",
    "network",
    "service",
    "hall",
    "authorised",
    "neighbour",
    "fine",
    "licence",
    "09:00-12:00",
    "1=*",
    "question_zh",
    "kind",
    "id",
    "[[matters]]",
    "#",
    "2026-11-16",
    "idea",
    "elsewhere",
    "PK\u{3}\u{4}",
];
const PLAN_PIECES: &[&str] = &[
    "[[windows]]",
    "[[services]]",
    "[[appointments]]",
    "[[special_days]]",
    "[policy]",
    "[week]",
    "number = ",
    "services = ",
    "[",
    "]",
    "{",
    "}",
    "=",
    "\"",
    "0",
    "65535",
    "4294967295",
    "-1",
    "\"00:00-24:00\"",
    "\"23:59-00:01\"",
    "2026-02-29",
    "Asia/Shanghai",
    "Europe/Berlin",
    "everything = true",
    "slot_minutes",
    "horizon_days",
    "null",
    "true",
];

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day of the calendar")
}

fn document(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut answer = String::new();
    for kind in DocumentKind::ALL {
        match IdDocument::parse(kind, &text, today()) {
            Ok(read) => {
                let again = IdDocument::parse(kind, read.number(), today());
                let again = again.map(|again| again.number().to_string());
                assert_eq!(again.ok().as_deref(), Some(read.number()), "{kind:?}");
                answer += kind.name();
            }
            Err(no) => answer += &no.zh,
        }
    }
    let any = IdDocument::parse_any(&text, today());
    answer + &any.map_or_else(|no| no.en, |read| read.number().len().to_string())
}

fn phone(input: &[u8]) -> String {
    match Phone::parse(&String::from_utf8_lossy(input)) {
        Ok(read) => {
            let number = read.as_str();
            assert!(number.is_ascii() && number.len() <= 24, "{number}");
            let again = Phone::parse(number);
            assert_eq!(again.ok().as_ref().map(Phone::as_str), Some(number));
            let places = number.find('-').unwrap_or_default();
            format!("read, {} of {places}", "x".repeat(number.len()))
        }
        Err(no) => no.zh,
    }
}

fn name(input: &[u8]) -> String {
    match Name::parse(&String::from_utf8_lossy(input)) {
        Ok(read) => {
            let spelled = read.as_str();
            assert!(!spelled.contains(char::is_control), "{spelled:?}");
            let again = Name::parse(spelled).map(|again| again.as_str().to_string());
            assert_eq!(again.ok().as_deref(), Some(spelled));
            let folded = read.folded();
            assert_eq!(typed::folded_name(&folded), folded);
            format!("read, {}", "x".repeat(folded.chars().count()))
        }
        Err(no) => no.zh,
    }
}

fn number(input: &[u8]) -> String {
    match TicketNumber::parse(&String::from_utf8_lossy(input)) {
        Ok(read) => {
            assert_eq!(
                TicketNumber::parse(&read.to_string()).ok(),
                Some(read.clone())
            );
            format!("read, {}", "x".repeat(read.to_string().len()))
        }
        Err(no) => no.to_string(),
    }
}

fn code(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let code = AppointmentCode::parse(text.as_ref()).map(String::from);
    if let Ok(code) = &code {
        let again = AppointmentCode::parse(code.as_str()).map(String::from);
        assert_eq!(again.as_ref().ok(), Some(code));
    }
    let account = ActorId::parse(text.as_ref()).map(String::from);
    if let Ok(account) = &account {
        let again = ActorId::parse(account.as_str()).map(String::from);
        assert_eq!(again.as_ref().ok(), Some(account));
    }
    for form in [typed::plain, typed::spelling] {
        assert_eq!(form(&form(&text)), form(&text));
    }
    let (known, named) = (
        code.is_ok(),
        account.map_or_else(|no| no.to_string(), |_| "read".into()),
    );
    format!("{known} {named} {}", typed::commands_a_screen(&text))
}

fn cell(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let plain = office::cell::plain(&text);
    assert_eq!(office::cell::plain(&plain), plain);
    let date = office::cell::date(&text);
    if let Some(date) = date {
        assert_eq!(office::cell::date(&date.to_string()), Some(date));
    }
    let hours = office::cell::hours(&text);
    let fault = office::cell::fault(&text).map_or("", |(_, en)| en);
    let sessions = hours.split(' ').filter(|word| word.contains(':')).count();
    format!("{} {fault} {}", date.is_some(), "x".repeat(sessions))
}

/// The sheets that a city and a hall keep, as CSV, as other encodings and as a workbook.
fn sheets() -> Vec<Vec<u8>> {
    let network = include_bytes!("../../../plans/sample-network.csv");
    let articles = include_bytes!("../../../guides/zhuzhou-articles.csv");
    let words = include_bytes!("../../../guides/zhuzhou-words.csv");
    let matters = include_bytes!("../../../guides/zhuzhou-services.toml");
    let mut seeds: Vec<Vec<u8>> = [&network[..], articles, words, matters]
        .map(beginning)
        .into();
    let text = String::from_utf8_lossy(&seeds[0]).into_owned();
    seeds.push(
        [
            &b"\xFF\xFE"[..],
            &text
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>(),
        ]
        .concat(),
    );
    seeds.push(workbook());
    seeds
}

/// Some whole lines: what is short is tried more often.
fn beginning(text: &[u8]) -> Vec<u8> {
    const LINES: usize = 24;
    text.split_inclusive(|byte| *byte == b'\n')
        .take(LINES)
        .flatten()
        .copied()
        .collect()
}

fn workbook() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder for a file");
    let file = folder.path().join("network.xlsx");
    let mut sheet = network::sample();
    sheet.rows.truncate(8);
    network::write_file(&file, &sheet).expect("a small file is written");
    std::fs::read(file).expect("it was just written")
}

fn sheet(input: &[u8]) -> String {
    let name = if input.starts_with(b"PK") {
        "a.xlsx"
    } else {
        "a.csv"
    };
    let read = read_bytes(input.to_vec(), Path::new(name));
    let network = read.map_err(|no| no.to_string()).and_then(|(sheets, _)| {
        let network = read_sheets(&sheets);
        network.map_err(|no| no.iter().map(|error| error.reason.as_str()).collect())
    });
    if let Ok(network) = &network {
        assert_eq!(Network::from_toml(&network.to_toml()).as_ref(), Ok(network));
    }
    let guide = GuideSheet::read(input).map(drop);
    let guide = guide.map_err(|no| {
        no.first()
            .map(|fault| fault.reason.clone())
            .unwrap_or_default()
    });
    let (guide, network) = (guide.err(), network.err());
    format!(
        "{} {}",
        guide.unwrap_or_default(),
        network.unwrap_or_default()
    )
}

fn plans() -> Vec<Vec<u8>> {
    let calendar =
        r#"{"year": 2026, "days": [{"name": "元旦", "date": "2026-01-01", "isOffDay": true}]}"#;
    let plans = sample_plans();
    let toml = plans.iter().map(|plan| plan.to_toml().into_bytes());
    let json = plans
        .iter()
        .map(|plan| serde_json::to_vec(plan).expect("a plan is JSON"));
    toml.chain(json)
        .chain([calendar.as_bytes().to_vec()])
        .collect()
}

fn plan(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let toml = Plan::from_toml(&text);
    if let Ok(plan) = &toml {
        assert_eq!(Plan::from_toml(&plan.to_toml()).as_ref(), Ok(plan));
    }
    let json = serde_json::from_slice::<Plan>(input).map_err(|no| no.to_string());
    let json = json.and_then(|plan| plan.check().map(|()| plan).map_err(|no| format!("{no:?}")));
    for plan in toml.iter().chain(&json) {
        of_a_year(plan);
    }
    let calendar = OfficialCalendar::parse(&text);
    if let Ok(calendar) = &calendar {
        for plan in sample_plans() {
            let _ = plan_file::import(&plan.to_toml(), std::slice::from_ref(calendar), None);
        }
    }
    // a parser of TOML shows the line that is wrong before it says why
    let toml = toml
        .err()
        .and_then(|no| no.first().map(ToString::to_string));
    let toml = toml.unwrap_or_default();
    let toml = toml.lines().last().unwrap_or_default();
    let calendar = calendar.err().map(|no| no.to_string());
    let (json, calendar) = (json.err().unwrap_or_default(), calendar.unwrap_or_default());
    format!("{toml} {json} {calendar}")
}

/// What a plan that was taken is asked every day.
fn of_a_year(plan: &Plan) {
    for date in today().iter_days().step_by(31).take(12) {
        for service in &plan.services {
            let sessions = plan.sessions(date, &service.id);
            let _ = plan.slots(date, &service.id);
            if let Some(session) = sessions.first() {
                let _ = plan.next_issuing(&service.id, session.closes);
            }
        }
    }
}
