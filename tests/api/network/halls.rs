//! A network of halls: from one spreadsheet to 31 halls at work.

use crate::support::process::run;
use crate::support::{Start, TestHall};
use paihao::network::{Network, read_sheets, sample};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// What a command printed, and whether it ended well.
async fn printed(arguments: &[&str]) -> (bool, String) {
    let output = run(arguments).await;
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

fn file(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

fn the_sample() -> Network {
    read_sheets(&[sample()]).unwrap()
}

/// The sample network at work.
async fn halls_at(clock: &'static str) -> TestHall {
    TestHall::start_as(Start {
        plans: the_sample().plans().unwrap(),
        clock,
        ..Start::default()
    })
    .await
}

/// A kiosk or an officer of one of its halls.
async fn at(halls: &TestHall, role: &str, hall: &str) -> crate::support::Someone {
    let body = json!({ "role": role, "hall": hall });
    let answer = halls
        .someone()
        .posts("/demo/sign-in", body)
        .await
        .given(200);
    halls.bearing(answer["bearer"].as_str().unwrap())
}

/// Somebody is at work there: otherwise nobody is sent there.
async fn staffs_every_window(halls: &TestHall, hall: &str) {
    let officer = at(halls, "officer", hall).await;
    let board = officer
        .gets(&format!("/halls/{hall}/board"))
        .await
        .given(200);
    for window in board["windows"].as_array().unwrap() {
        let path = format!("/halls/{hall}/windows/{}/open", window["window"]);
        officer.posts(&path, json!({})).await.given(200);
    }
}

/// Gives out so many numbers of a service in a hall.
async fn queue(halls: &TestHall, hall: &str, service: &str, count: usize) {
    let kiosk = at(halls, "kiosk", hall).await;
    for _ in 0..count {
        let body = json!({ "service": service });
        kiosk
            .posts(&format!("/halls/{hall}/tickets"), body)
            .await
            .given(201);
    }
}

#[tokio::test]
async fn the_sample_is_imported_from_either_kind_of_spreadsheet() {
    let folder = TempDir::new().unwrap();
    let mut networks = Vec::new();
    for kind in ["csv", "xlsx"] {
        let (sheet, out) = (
            file(&folder, &format!("halls.{kind}")),
            file(&folder, &format!("{kind}.toml")),
        );
        let (done, said) = printed(&["network", "sample", "--out", &sheet]).await;
        assert!(done, "{said}");
        let (done, said) =
            printed(&["network", "import", &sheet, "--out", &out, "--dry-run"]).await;
        assert!(done && said.contains("31 halls, 20 services"), "{said}");
        assert!(!Path::new(&out).exists(), "a dry run writes nothing");
        let (done, said) = printed(&["network", "import", &sheet, "--out", &out]).await;
        assert!(done, "{said}");
        networks.push(Network::from_toml(&std::fs::read_to_string(&out).unwrap()).unwrap());
    }
    assert_eq!(networks[0], networks[1]);
    assert_eq!(networks[0], the_sample());
    for plan in networks[0].plans().unwrap() {
        assert!((7..=15).contains(&plan.services.len()), "{}", plan.hall);
        assert!(!plan.neighbours.is_empty(), "{} is far from all", plan.hall);
    }
}

#[tokio::test]
async fn every_wrong_cell_is_named_at_once_and_nothing_is_written() {
    let folder = TempDir::new().unwrap();
    let (sheet, out) = (file(&folder, "halls.csv"), file(&folder, "network.toml"));
    let text = "\
        network,name_en\n\
        网络,Network\n\
        \n\
        业务代码,name_zh,name_en,prefix,minutes,url\n\
        fine,违法处理,Fines,a1,0,\n\
        fine,违法处理,Fines,A,5,ftp://x\n\
        mark,检验标志,,W,4,\n\
        hall,kind,name_zh,name_en,windows,周一 monday,dates,colour\n\
        east,主厅,东厅,East,1=fine parade; 2=*,17:00-09:00,,\n\
        west,大厅,西厅,West,none,09:00-12:00,,\n\
        bus,流动,巴士,Bus,1,,2026-11-31 09:00-12:00,\n\
        授权大厅,违法处理,mark\n\
        east,当场,代理 2026-12-01~2026-11-01\n\
        north,现场,\n\
        neighbour,other,walking,driving\n\
        east,east,5,\n\
        east,south,,\n";
    std::fs::write(&sheet, text).unwrap();
    let (done, said) = printed(&["network", "import", &sheet, "--out", &out]).await;
    assert!(!done, "{said}");
    assert!(!Path::new(&out).exists(), "{said}");
    let places: Vec<&str> = said
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter_map(|line| line.split(':').next())
        .collect();
    let expected = [
        "D5", "E5", "A6", "F6", "A6", "C7", "H8", "E9", "F9", "A9", "B10", "E10", "G11", "A10",
        "A11", "C13", "A14", "B14", "B16", "B17", "C17",
    ];
    for place in expected {
        assert!(places.contains(&place), "{place} is not named:\n{said}");
    }
    assert!(said.contains("nothing was written"), "{said}");
}

#[tokio::test]
async fn thirty_one_halls_are_listed_with_what_they_offer_now() {
    let folder = TempDir::new().unwrap();
    let network = file(&folder, "network.toml");
    std::fs::write(&network, the_sample().to_toml()).unwrap();
    let store = TestHall::store_in(&folder);
    let arguments = [
        "demo",
        "--network",
        &network,
        "--store",
        &store,
        "--listen",
        "127.0.0.1:0",
        "--clock",
        "2026-11-23T09:30:00+08:00",
    ];
    // twice: the second time every hall has its plan
    for _ in 0..2 {
        let mut process = crate::support::process::Process::start(&arguments);
        let line = process.says("http://").await;
        let url = line
            .split_whitespace()
            .next()
            .unwrap()
            .trim_end_matches('/');
        let answer = reqwest::get(format!("{url}/api/v1/halls")).await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let halls = answer["halls"].as_array().unwrap();
        assert_eq!(halls.len(), 31);
        for hall in halls {
            let services = hall["services"].as_array().unwrap();
            assert!((7..=15).contains(&services.len()), "{hall}");
            assert_eq!(hall["phase"], "open", "{hall}");
        }
        let page = reqwest::get(url).await.unwrap().text().await.unwrap();
        assert_eq!(page.matches("<summary>").count(), 31);
        process.terminate().await;
    }
}

#[tokio::test]
async fn the_list_is_as_new_as_the_newest_number() {
    let halls = halls_at("09:30:00").await;
    let waiting = async || {
        let answer = halls.someone().gets("/halls").await.given(200);
        let list = answer["halls"].as_array().unwrap().clone();
        let hall = list.iter().find(|hall| hall["hall"] == "heping").unwrap();
        hall["services"][0]["waiting"].as_u64().unwrap()
    };
    assert_eq!(waiting().await, 0);
    queue(&halls, "heping", "fine", 2).await;
    assert_eq!(waiting().await, 2);
    halls.clock_to("12:00:00").await;
    let answer = halls.someone().gets("/halls").await.given(200);
    let heping = answer["halls"].as_array().unwrap().iter();
    let heping = heping.filter(|hall| hall["hall"] == "heping");
    for hall in heping {
        assert_eq!(hall["phase"], "serving_out", "by the clock alone");
    }
}

#[tokio::test]
async fn a_hall_names_the_nearest_others_and_the_way() {
    let halls = halls_at("09:30:00").await;
    let one = halls.someone().gets("/halls/zhongzhou").await.given(200);
    let others = one["others"].as_array().unwrap();
    let minutes = |other: &Value| {
        let ways = ["walking_minutes", "driving_minutes"].map(|way| other[way].as_u64());
        ways.into_iter().flatten().min().unwrap()
    };
    let ways: Vec<u64> = others.iter().map(minutes).collect();
    assert!(ways.is_sorted() && ways.len() > 3, "{ways:?}");
}

/// The way counts: a hall without a queue is sooner only if it is not too far.
#[tokio::test]
async fn who_gets_no_number_is_led_to_the_halls_that_are_soonest() {
    let mut network = the_sample();
    let plan = |id: &str, network: &mut Network| {
        network
            .halls
            .iter()
            .position(|hall| hall.hall.as_str() == id)
            .unwrap()
    };
    // here it is suspended, so every hall is sooner; the order is that of the way and the wait together
    let here = plan("zhongzhou", &mut network);
    let near: Vec<String> = network.halls[here]
        .neighbours
        .iter()
        .map(|near| near.hall.to_string())
        .collect();
    let halls = TestHall::start_as(Start {
        plans: network.plans().unwrap(),
        clock: "09:30:00",
        ..Start::default()
    })
    .await;
    for hall in &near {
        staffs_every_window(&halls, hall).await;
    }
    let kiosk = at(&halls, "kiosk", "zhongzhou").await;
    let manager = at(&halls, "manager", "zhongzhou").await;
    let suspend = json!({ "service": "fine", "reason": "系统检修" });
    manager
        .posts("/halls/zhongzhou/suspend", suspend)
        .await
        .given(200);
    let elsewhere = async || -> Vec<(String, u64)> {
        let body = json!({ "service": "fine" });
        let refused = kiosk
            .posts("/halls/zhongzhou/tickets", body)
            .await
            .refused("not-open");
        let ways = refused["alternatives"].as_array().unwrap().clone();
        let halls = ways.iter().filter(|way| way["kind"] == "hall");
        let total = |way: &Value| {
            let ways = ["walking_minutes", "driving_minutes"].map(|name| way[name].as_u64());
            let wait = way["wait"]["low"].as_u64().unwrap() + way["wait"]["high"].as_u64().unwrap();
            ways.into_iter().flatten().min().unwrap() * 60 + wait / 2
        };
        let name = |way: &Value| {
            way["url"]
                .as_str()
                .unwrap()
                .split('/')
                .nth(1)
                .unwrap()
                .to_string()
        };
        halls.map(|way| (name(way), total(way))).collect()
    };
    let before = elsewhere().await;
    assert_eq!(before.len(), 3, "{before:?}");
    assert!(before.is_sorted_by_key(|(_, total)| *total), "{before:?}");
    assert!(
        before.iter().all(|(hall, _)| near.contains(hall)),
        "{before:?}"
    );
    // a queue there makes the nearest one the later one
    let (nearest, way) = before[0].clone();
    queue(&halls, &nearest, "fine", 60).await;
    let after = elsewhere().await;
    assert!(
        after.iter().all(|(hall, _)| *hall != nearest),
        "{after:?}, {way} s before"
    );
}

#[tokio::test]
async fn managers_see_first_who_needs_them() {
    let halls = halls_at("09:30:00").await;
    queue(&halls, "lianhu", "fine", 1).await;
    queue(&halls, "baita", "fine", 1).await;
    let officer = at(&halls, "officer", "baita").await;
    officer
        .posts("/halls/baita/windows/1/open", json!({}))
        .await
        .given(200);
    let manager = at(&halls, "manager", "zhuxi").await;
    let page = crate::support::send(manager.request(reqwest::Method::GET, "/network")).await;
    let text = page.text();
    let place = |hall: &str| text.find(&format!("\"/{hall}/overview\"")).unwrap();
    assert!(
        place("lianhu") < place("baita") && place("baita") < place("zhuxi"),
        "{text}"
    );
    let stranger = halls.someone().request(reqwest::Method::GET, "/network");
    let refused = crate::support::send(stranger).await;
    assert_eq!(refused.status, 401, "{}", refused.text());
}

/// The sample as an office would send it back: opened in a spreadsheet, typed with an input method, saved as it likes.
#[tokio::test]
async fn a_spreadsheet_is_read_however_an_office_saved_it() {
    let folder = TempDir::new().unwrap();
    let csv = include_str!("../../../plans/sample-network.csv");
    let typed = csv
        .replace("09:00-12:00", "9：00－12：00")
        .replace("13:30-", "下午1：30～");
    assert_ne!(csv, typed);
    let utf16 = |text: &str, mark: [u8; 2], bytes_of: fn(u16) -> [u8; 2]| -> Vec<u8> {
        mark.into_iter()
            .chain(text.encode_utf16().flat_map(bytes_of))
            .collect()
    };
    let gbk = |text: &str| encoding_rs::GB18030.encode(text).0.into_owned();
    // saved as "Unicode text", cells stand between tabs
    let tabs = csv.lines().map(|line| {
        let mut row = csv::ReaderBuilder::new();
        let mut row = row
            .has_headers(false)
            .flexible(true)
            .from_reader(line.as_bytes());
        let row = row.records().next();
        row.map_or(String::new(), |row| {
            row.unwrap().iter().collect::<Vec<_>>().join("\t")
        })
    });
    let tabs = tabs.collect::<Vec<_>>().join("\r\n");
    let files = [
        ("", typed.clone().into_bytes()),
        ("", format!("\u{feff}{csv}").into_bytes()),
        ("GB18030 (GBK)", gbk(&typed)),
        ("UTF-16 LE", utf16(csv, [0xFF, 0xFE], u16::to_le_bytes)),
        ("UTF-16 BE", utf16(&typed, [0xFE, 0xFF], u16::to_be_bytes)),
        ("UTF-16 LE", utf16(&tabs, [0xFF, 0xFE], u16::to_le_bytes)),
    ];
    let (from, out) = (file(&folder, "halls.csv"), file(&folder, "network.toml"));
    for (encoding, bytes) in files {
        std::fs::write(&from, bytes).unwrap();
        let (well, said) = printed(&["network", "import", &from, "--out", &out]).await;
        assert!(well, "{encoding}: {said}");
        assert_eq!(
            said.contains(&format!("halls.csv: read as {encoding}")),
            !encoding.is_empty(),
            "{said}"
        );
        let network = Network::from_toml(&std::fs::read_to_string(&out).unwrap()).unwrap();
        assert_eq!(network, the_sample(), "{encoding}");
        std::fs::remove_file(&out).unwrap();
    }
    std::fs::write(&from, [b"a,b\n".as_slice(), &[0xFF, 0xFF]].concat()).unwrap();
    let (well, said) = printed(&["network", "import", &from, "--out", &out]).await;
    assert!(
        !well && said.contains("halls.csv:2: ") && said.contains("另存为"),
        "{said}"
    );
}
