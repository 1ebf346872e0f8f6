//! `calendar import`: official calendars brought into a plan.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "who runs the tests sees the figures, and what could not be checked"
)]

use crate::support::process::run;
use crate::support::{TestHall, send};
use chrono::{Datelike, NaiveDate, NaiveTime};
use hall::id::{ActorId, CommandId, Fingerprint};
use hall::rules::phase;
use hall::state::phase::Phase;
use hall::{Action, Actor, Command, Decision, Hall, Plan, Record, apply, decide};
use paihao::calendar::official::OfficialCalendar;
use paihao::calendar::plan_file::import;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const ZHUZHOU: &str = include_str!("../../../plans/zhuzhou.toml");
const YEARS: std::ops::RangeInclusive<i32> = 2021..=2026;

/// The model hall without its weekends by appointment, so that a day is open or not.
fn weekdays_only() -> String {
    let (plan, _) = ZHUZHOU.split_once("[[appointments]]").unwrap();
    let keeps = |line: &&str| !line.starts_with("saturday =") && !line.starts_with("sunday =");
    let lines: Vec<&str> = plan.lines().filter(keeps).collect();
    lines.join("\n")
}

/// The real files of 2021 to 2026, or a loud word that they are not here.
fn official_files() -> Option<Vec<PathBuf>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = std::env::var_os("PAIHAO_DATA").map_or(beside, PathBuf::from);
    let files = YEARS.map(|year| data.join(format!("holidays-cn/{year}.json")));
    let files: Vec<PathBuf> = files.collect();
    if !files.iter().all(|file| file.exists()) {
        eprintln!(
            "SKIPPED: the official calendars are not in {}",
            data.display()
        );
        return None;
    }
    Some(files)
}

fn calendars(files: &[PathBuf]) -> Vec<OfficialCalendar> {
    let read = |file: &PathBuf| std::fs::read_to_string(file).unwrap();
    files
        .iter()
        .map(|file| OfficialCalendar::parse(&read(file)).unwrap())
        .collect()
}

/// Whether each date that a file names is off, read here without the product's own reader.
fn named_days(files: &[PathBuf]) -> BTreeMap<NaiveDate, bool> {
    let mut named = BTreeMap::new();
    for file in files {
        let json: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for day in json["days"].as_array().unwrap() {
            let date = day["date"].as_str().unwrap().parse().unwrap();
            let other = named.insert(date, day["isOffDay"].as_bool().unwrap());
            assert_eq!(other, None, "{date} is in two files");
        }
    }
    named
}

/// A hall that has adopted this plan and nothing else.
fn hall_with(plan: Plan) -> Hall {
    let mut hall = Hall::empty();
    let command = Command {
        id: CommandId::parse("test/1").unwrap(),
        fingerprint: Fingerprint::parse("0").unwrap(),
        actor: Actor::Manager(ActorId::parse("chen").unwrap()),
        at: plan.at(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(), NaiveTime::MIN),
        action: Action::AdoptPlan {
            plan: Box::new(plan),
            expected_revision: None,
            move_bookings: false,
        },
    };
    let Ok(Decision::Events(events)) = decide(&hall, &command) else {
        panic!("the plan is not adopted");
    };
    apply(
        &mut hall,
        &Record {
            version: 1,
            at: command.at,
            actor: command.actor,
            key: command.id,
            fingerprint: command.fingerprint,
            events,
        },
    );
    hall
}

/// A weekend of the model hall is by appointment, which this plan leaves out, so that open and closed are all there is.
#[test]
fn every_day_of_six_years_is_worked_as_the_official_calendars_say() {
    let Some(files) = official_files() else {
        return;
    };
    let imported = import(&weekdays_only(), &calendars(&files), None).unwrap();
    let hall = hall_with(imported.plan);
    let named = named_days(&files);
    let at_ten = NaiveTime::from_hms_opt(10, 0, 0).unwrap();
    let (mut days, mut worked) = (0, BTreeMap::<i32, u32>::new());
    let mut differing = Vec::new();
    let first = NaiveDate::from_ymd_opt(*YEARS.start(), 1, 1).unwrap();
    for date in first
        .iter_days()
        .take_while(|date| YEARS.contains(&date.year()))
    {
        let is_weekday = date.weekday().num_days_from_monday() < 5;
        let is_off = named.get(&date).copied().unwrap_or(!is_weekday);
        let expected = if is_off { Phase::Closed } else { Phase::Open };
        let phase = phase::of_hall(&hall, hall.plan().at(date, at_ten));
        if phase != expected {
            differing.push(format!("{date}: {phase:?}, not {expected:?}"));
        }
        days += 1;
        *worked.entry(date.year()).or_default() += u32::from(phase == Phase::Open);
    }
    println!(
        "{days} days, worked by year {worked:?}, differing: {}",
        differing.len()
    );
    assert_eq!(differing, [] as [String; 0]);
    // as counted by whoever published the files
    let published = [
        (2021, 250),
        (2022, 249),
        (2023, 249),
        (2024, 251),
        (2025, 248),
        (2026, 248),
    ];
    assert_eq!((days, worked), (2191, BTreeMap::from(published)));
}

#[test]
fn the_order_of_imports_makes_no_difference() {
    let Some(files) = official_files() else {
        return;
    };
    let mut calendars = calendars(&files);
    let at_once = import(ZHUZHOU, &calendars, None).unwrap();
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        random.shuffle(&mut calendars);
        let mut text = ZHUZHOU.to_string();
        let mut rest = calendars.as_slice();
        while !rest.is_empty() {
            let (some, others) = rest.split_at(random.usize(1..=rest.len()));
            text = import(&text, some, None).unwrap().text;
            rest = others;
        }
        assert_eq!(text, at_once.text, "seed {seed}");
        let again = import(&text, &calendars, None).unwrap();
        assert!(
            again.text == text && again.changes.is_empty(),
            "seed {seed}"
        );
    }
}

/// A small calendar: the first of May off, the ninth worked.
const MAY: &str = r#"{
    "year": 2026,
    "papers": [],
    "days": [
        { "name": "劳动节", "date": "2026-05-01", "isOffDay": true },
        { "name": "劳动节", "date": "2026-05-09", "isOffDay": false }
    ]
}"#;

/// A folder with a plan and a calendar, and their paths.
fn desk(calendar: &str) -> (TempDir, String, String) {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (plan, file) = (path("plan.toml"), path("2026.json"));
    std::fs::write(&plan, ZHUZHOU).unwrap();
    std::fs::write(&file, calendar).unwrap();
    (folder, plan, file)
}

/// What the command printed, and whether it ended well; paths cut off.
async fn said(folder: &TempDir, arguments: &[&str]) -> (String, bool) {
    let output = run(&[&["calendar", "import"], arguments].concat()).await;
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let place = format!("{}/", folder.path().display());
    (text.replace(&place, ""), output.status.success())
}

#[tokio::test]
async fn a_calendar_is_imported_into_a_plan_file() {
    let (folder, plan, file) = desk(MAY);
    let import: &[&str] = &[&file, "--plan", &plan];
    let changes = "+ 2026-05-01 closed  劳动节 / Labour Day\n\
                   + 2026-05-09 works as Fri  劳动节调休上班 / Make-up workday (Labour Day)\n\
                   2026 is not whole: 元旦, 春节, 清明节, 端午节, 中秋节, 国庆节 missing; the year stays unknown / \
                   2026 年安排不完整，缺少元旦、春节、清明节、端午节、中秋节、国庆节，该年仍按未知处理\n";
    let (text, _) = said(&folder, &[import, &["--dry-run"]].concat()).await;
    assert_eq!(
        text,
        format!("{changes}plan.toml: not changed, this was a dry run\n")
    );
    assert_eq!(std::fs::read_to_string(&plan).unwrap(), ZHUZHOU);

    let (text, _) = said(&folder, import).await;
    assert!(
        text.starts_with(&format!("{changes}plan.toml: written\n")),
        "{text}"
    );
    let written = std::fs::read_to_string(&plan).unwrap();
    assert_eq!(Plan::from_toml(&written).unwrap().calendar_years, [0; 0]);
    let (text, _) = said(&folder, import).await;
    assert!(text.ends_with("plan.toml: nothing to change\n"), "{text}");

    let (text, _) = said(&folder, &[import, &["--make-up-as", "wed"]].concat()).await;
    assert!(text.starts_with("~ 2026-05-09 works as Wed"), "{text}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

/// A file without days once made the year known: nobody was warned, and the hall opened on New Year's Day.
#[tokio::test]
async fn a_calendar_that_is_not_out_yet_is_no_calendar() {
    let (folder, plan, file) = desk(r#"{ "year": 2027, "papers": [], "days": [] }"#);
    let (text, well) = said(&folder, &[&file, "--plan", &plan]).await;
    assert!(
        !well && text.contains("the calendar of 2027 names no day"),
        "{text}"
    );
    assert_eq!(std::fs::read_to_string(&plan).unwrap(), ZHUZHOU);
}

/// Whatever an office's program made of the two files.
#[tokio::test]
async fn a_calendar_and_a_plan_are_read_in_any_encoding() {
    let (folder, plan, file) = desk(MAY);
    let (_, well) = said(&folder, &[&file, "--plan", &plan]).await;
    let as_written = std::fs::read_to_string(&plan).unwrap();
    assert!(well);
    let saved = |text: &str| -> Vec<(&str, Vec<u8>)> {
        let utf16 = |bytes_of: fn(u16) -> [u8; 2]| {
            let text = format!("\u{feff}{text}");
            text.encode_utf16().flat_map(bytes_of).collect()
        };
        vec![
            ("", format!("\u{feff}{text}").into_bytes()),
            (
                "GB18030 (GBK)",
                encoding_rs::GB18030.encode(text).0.into_owned(),
            ),
            ("UTF-16 LE", utf16(u16::to_le_bytes)),
            ("UTF-16 BE", utf16(u16::to_be_bytes)),
        ]
    };
    for ((encoding, of_plan), (_, of_file)) in saved(ZHUZHOU).into_iter().zip(saved(MAY)) {
        std::fs::write(&plan, of_plan).unwrap();
        std::fs::write(&file, of_file).unwrap();
        let (text, well) = said(&folder, &[&file, "--plan", &plan]).await;
        assert!(well, "{text}");
        assert_eq!(std::fs::read_to_string(&plan).unwrap(), as_written);
        for name in ["plan.toml", "2026.json"] {
            let is_said = text.contains(&format!("{name}: read as {encoding}"));
            assert_eq!(is_said, !encoding.is_empty(), "{text}");
        }
    }
    std::fs::write(&file, b"{\n\xFF\xFF").unwrap();
    let (text, well) = said(&folder, &[&file, "--plan", &plan]).await;
    assert!(!well && text.contains("2026.json:2: "), "{text}");
}

#[tokio::test]
async fn a_day_set_by_hand_is_kept_and_listed() {
    let (folder, plan, file) = desk(MAY);
    let by_hand = "\n[[special_days]]\ndate = 2026-05-01\nhours = [\"09:00-12:00\"]\n";
    std::fs::write(&plan, format!("{ZHUZHOU}{by_hand}")).unwrap();
    let (text, _) = said(&folder, &[&file, "--plan", &plan]).await;
    assert!(
        text.contains("= 2026-05-01 09:00-12:00  (set by hand, kept)\n"),
        "{text}"
    );
    assert!(!text.contains("+ 2026-05-01"), "{text}");
    assert!(std::fs::read_to_string(&plan).unwrap().contains(by_hand));
}

#[tokio::test]
async fn what_cannot_be_imported_is_named_with_its_place() {
    let (folder, plan, file) = desk(&MAY.replace("2026-05-09", "9 May"));
    let (text, well) = said(&folder, &[&file, "--plan", &plan]).await;
    assert_eq!(
        (text.as_str(), well),
        (
            "paihao: 2026.json: line 6, /days/1/date: expected a date such as \"2026-10-01\"\n",
            false
        )
    );
    std::fs::write(&file, MAY).unwrap();
    let (text, _) = said(&folder, &[&file, &file, "--plan", &plan]).await;
    assert_eq!(text, "paihao: plan.toml: the year 2026 is given twice\n");
    std::fs::write(&plan, "hall = 1").unwrap();
    let (text, _) = said(&folder, &[&file, "--plan", &plan]).await;
    assert!(
        text.starts_with("paihao: plan.toml: TOML parse error at line 1"),
        "{text}"
    );
    let (text, _) = said(&folder, &["2027.json", "--plan", &plan]).await;
    assert!(
        text.starts_with("paihao: 2027.json cannot be read"),
        "{text}"
    );
}

#[tokio::test]
async fn a_hall_that_runs_adopts_the_file_that_an_import_wrote() {
    let hall = TestHall::start_at("10:00:00").await;
    let manager = hall.manager().await;
    let (folder, plan, file) = desk(
        &MAY.replace("2026-05-01", "2026-11-24")
            .replace("2026-05-09", "2026-11-28"),
    );
    let path = "/api/v1/halls/zhuzhou/plan";
    let in_force = send(
        manager
            .0
            .request(Method::GET, &format!("{path}?format=toml")),
    )
    .await;
    std::fs::write(&plan, in_force.text()).unwrap();
    let (text, well) = said(&folder, &[&file, "--plan", &plan]).await;
    assert!(well, "{text}");
    let request = manager
        .0
        .request(Method::PUT, path)
        .header("if-match", "\"1\"");
    let request = request.header("content-type", "application/toml");
    send(request.body(std::fs::read_to_string(&plan).unwrap()))
        .await
        .given(200);
    hall.date_to("2026-11-24", "10:00:00").await;
    let answer = hall.someone().gets("/halls/zhuzhou").await.given(200);
    assert_eq!(answer["phase"], "closed");
    hall.date_to("2026-11-28", "14:00:00").await;
    let answer = hall.someone().gets("/halls/zhuzhou").await.given(200);
    assert_eq!(
        answer["phase"], "open",
        "a Saturday that works as a weekday"
    );
}
