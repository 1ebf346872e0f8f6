//! `verify`, `export`, `import` and `replay`, as they are typed.

use crate::redis_server::TestRedis;
use crate::support::TestHall;
use crate::support::process::run;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What a command printed, if it ended well.
async fn printed(arguments: &[&str]) -> String {
    let output = run(arguments).await;
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert!(output.status.success(), "{arguments:?}: {out}{err}");
    out
}

/// What a command printed on both channels when it ended with 1.
async fn failed(arguments: &[&str]) -> String {
    let output = run(arguments).await;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
    text
}

/// A store with a whole day in it: served, cancelled and missed tickets, and a closing record.
async fn a_day_that_was() -> (TempDir, String) {
    let hall = TestHall::start_at("16:15:00").await;
    let (kiosk, officer, holder) = (hall.kiosk().await, hall.officer().await, hall.holder());
    officer.opens(1).await.given(200);
    let tokens = [
        kiosk.gives("fine").await,
        kiosk.gives("fine").await,
        kiosk.gives("licence").await,
    ];
    officer.calls_next(1).await.given(200);
    hall.clock_to("16:25:00").await;
    officer.finishes_and_calls_next(1).await.given(200);
    hall.clock_to("16:45:00").await;
    officer
        .does(1, "missed", serde_json::json!({}))
        .await
        .given(200);
    holder.cancels(&tokens[2]).await.given(200);
    hall.clock_to("17:00:00").await;
    let state = hall.state("zhuzhou");
    (hall.stop().await, state)
}

/// The line that `verify` prints for a hall.
async fn verified(store: &str) -> String {
    let lines = printed(&["verify", "--store", store, "--hall", "zhuzhou"]).await;
    lines.lines().next().unwrap().to_string()
}

#[tokio::test]
async fn verify_finds_nothing_wrong_with_a_day_that_was() {
    let (folder, state) = a_day_that_was().await;
    let lines = printed(&["verify", "--store", &TestHall::store_in(&folder)]).await;
    let names: Vec<&str> = lines
        .lines()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(names, ["access", "guide", "lusong", "zhuzhou"]);
    let hall = lines.lines().last().unwrap();
    assert!(hall.contains("1 days closed"), "{hall}");
    assert!(hall.ends_with(&state[..16]), "{hall} is not {state}");
}

#[tokio::test]
async fn verify_places_a_planted_defect() {
    let (folder, _) = a_day_that_was().await;
    let db = rusqlite::Connection::open(folder.path().join("paihao.db")).unwrap();
    let (last, body): (i64, String) = db
        .query_row(
            "SELECT last, body FROM commits WHERE hall = 'zhuzhou' AND body LIKE '%\"A001\"%' LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let changed = body.replacen("\"A001\"", "\"A007\"", 1);
    db.execute(
        "UPDATE commits SET body = ?1 WHERE hall = 'zhuzhou' AND last = ?2",
        (&changed, last),
    )
    .unwrap();
    drop(db);
    let store = TestHall::store_in(&folder);
    let said = failed(&["verify", "--store", &store]).await;
    assert!(said.contains("zhuzhou: DEFECT"), "{said}");
    assert!(said.contains(&format!("version {last}")), "{said}");
    let db = rusqlite::Connection::open(folder.path().join("paihao.db")).unwrap();
    db.execute("DELETE FROM snapshots", []).unwrap();
    drop(db);
    // the other hall is as good as it was, and a server that has to read the damaged one does not start
    printed(&["verify", "--store", &store, "--hall", "lusong"]).await;
    failed(&["demo", "--store", &store, "--listen", "127.0.0.1:0"]).await;
}

#[tokio::test]
async fn verify_says_that_there_is_nothing_to_verify() {
    let folder = tempfile::tempdir().unwrap();
    let said = failed(&["verify", "--store", &TestHall::store_in(&folder)]).await;
    assert!(said.contains("paihao.db"), "{said}");
    let (folder, _) = a_day_that_was().await;
    let store = TestHall::store_in(&folder);
    let said = failed(&["verify", "--store", &store, "--hall", "atlantis"]).await;
    assert!(said.contains("atlantis"), "{said}");
}

#[tokio::test]
async fn a_hall_moves_to_redis_and_back_and_stays_the_same() {
    let (folder, _) = a_day_that_was().await;
    let redis = TestRedis::start();
    let home = TempDir::new().unwrap();
    let (first, second) = (
        file(&folder, "first.paihao"),
        file(&folder, "second.paihao"),
    );
    let (from, to) = (TestHall::store_in(&folder), TestHall::store_in(&home));
    let before = verified(&from).await;

    printed(&["export", "--store", &from, "--hall", "zhuzhou", &first]).await;
    printed(&["import", "--store", &redis.url(), &first]).await;
    assert_eq!(verified(&redis.url()).await, before);
    printed(&[
        "export",
        "--store",
        &redis.url(),
        "--hall",
        "zhuzhou",
        &second,
    ])
    .await;
    printed(&["import", "--store", &to, &second]).await;
    assert_eq!(verified(&to).await, before);

    let said = failed(&["import", "--store", &to, &second]).await;
    assert!(said.contains("has hall zhuzhou already"), "{said}");
    let said = failed(&["export", "--store", &to, "--hall", "zhuzhou", &second]).await;
    assert!(said.contains("second.paihao"), "{said}");
    let said = failed(&[
        "export",
        "--store",
        &to,
        "--hall",
        "atlantis",
        &file(&folder, "none"),
    ])
    .await;
    assert!(said.contains("atlantis"), "{said}");
    assert!(!folder.path().join("none").exists());
}

/// What is known of the people who booked is sealed with a store's key. A hall that came beside another was once there
/// without their names, and with its limits forgotten, and the import had ended well.
#[tokio::test]
async fn a_hall_is_not_imported_where_its_names_cannot_be_read() {
    let ((folder, _), (home, _)) = (a_day_that_was().await, a_day_that_was().await);
    let (exported, lusong) = (file(&folder, "z.paihao"), file(&folder, "l.paihao"));
    let (from, to) = (TestHall::store_in(&folder), TestHall::store_in(&home));
    printed(&["export", "--store", &from, "--hall", "zhuzhou", &exported]).await;
    printed(&["export", "--store", &from, "--hall", "lusong", &lusong]).await;
    let before = verified(&to).await;
    let said = failed(&["import", "--store", &to, &exported]).await;
    assert!(said.contains("names and telephone numbers"), "{said}");
    assert!(said.contains("没有导入任何内容"), "{said}");
    assert_eq!(verified(&to).await, before);

    // halls of one store have one key
    let empty_folder = TempDir::new().unwrap();
    let empty = TestHall::store_in(&empty_folder);
    printed(&["import", "--store", &empty, &exported]).await;
    printed(&["import", "--store", &empty, &lusong]).await;

    let other_folder = TempDir::new().unwrap();
    let other = TestHall::store_in(&other_folder);
    printed(&["import", "--store", &other, &exported]).await;
    let (redrawn, _) = a_day_that_was().await;
    let third = file(&redrawn, "third.paihao");
    let from = TestHall::store_in(&redrawn);
    printed(&["export", "--store", &from, "--hall", "lusong", &third]).await;
    failed(&["import", "--store", &other, &third]).await;
    let said = printed(&[
        "import",
        "--store",
        &other,
        "--accept-lost",
        "names",
        &third,
    ])
    .await;
    assert!(said.contains("cannot be read"), "{said}");
}

#[tokio::test]
async fn a_file_that_was_touched_is_not_imported() {
    let (folder, _) = a_day_that_was().await;
    let exported = file(&folder, "hall.paihao");
    let store = TestHall::store_in(&folder);
    printed(&["export", "--store", &store, "--hall", "zhuzhou", &exported]).await;
    let text = std::fs::read_to_string(&exported).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let touched = file(&folder, "touched.paihao");
    let home = TempDir::new().unwrap();
    let refuses = async |text: String, place: &str| {
        std::fs::write(&touched, text).unwrap();
        let said = failed(&["import", "--store", &TestHall::store_in(&home), &touched]).await;
        assert!(said.contains(&format!("touched.paihao:{place}")), "{said}");
        assert!(
            !home.path().join("paihao.db").exists(),
            "nothing is half done"
        );
    };
    let changed = text.replacen("A001", "A007", 1);
    refuses(changed, &lines.len().to_string()).await;
    refuses(
        lines[..lines.len() - 1].join("\n"),
        &(lines.len() - 1).to_string(),
    )
    .await;
    let without_third = [&lines[..2], &lines[3..]].concat().join("\n");
    refuses(without_third, &(lines.len() - 1).to_string()).await;
    refuses("hello\nworld\n".into(), "1").await;
    refuses(String::new(), "1").await;
}

#[tokio::test]
async fn a_recording_happens_again_in_the_same_way_on_every_store() {
    let folder = TempDir::new().unwrap();
    let recording = file(&folder, "day.csv");
    let text = "date,ticket,service,window,taken_at,called_at,started_at,finished_at,outcome,class\n\
        2026-03-02,A001,licence,3,09:00:05,09:02:40,09:03:10,09:09:00,transferred,\n\
        2026-03-02,A001,payment,6,09:09:00,09:15:30,,09:17:00,served,\n\
        2026-03-02,A002,licence,,09:00:30,,,09:20:00,cancelled,elderly\n\
        2026-03-02,A003,licence,3,09:01:00,09:09:20,,09:10:10,missed,\n\
        2026-03-03,A001,licence,3,09:00:00,09:01:00,,09:05:00,served,\n";
    std::fs::write(&recording, text).unwrap();
    let on_sqlite = replayed(&recording, "own", &TestHall::store_in(&folder)).await;
    let redis = TestRedis::start();
    let on_redis = replayed(&recording, "own", &redis.url()).await;
    assert_eq!(on_sqlite, on_redis);
    let closing = &on_sqlite["days"][0]["closing"];
    assert_eq!(closing["issued"], 3);
    assert_eq!(closing["served"], 1);
    assert_eq!(closing["cancelled"], 1);
    assert_eq!(closing["missed"], 1);
    let lines = printed(&["verify", "--store", &TestHall::store_in(&folder)]).await;
    assert!(lines.contains("2 days closed"), "{lines}");
}

#[tokio::test]
async fn a_recording_that_cannot_be_read_is_named() {
    let folder = TempDir::new().unwrap();
    let recording = file(&folder, "day.csv");
    std::fs::write(&recording, "date,ticket\n").unwrap();
    let said = failed(&["replay", &recording]).await;
    assert!(said.contains("the header lacks service"), "{said}");
    let said = failed(&["replay", "/nowhere/day.csv"]).await;
    assert!(said.contains("/nowhere/day.csv"), "{said}");
}

/// The report of a replay as JSON; the days' sums must agree.
async fn replayed(recording: &str, format: &str, store: &str) -> serde_json::Value {
    let arguments = [
        "replay", recording, "--format", format, "--store", store, "--json",
    ];
    serde_json::from_str(&printed(&arguments).await).unwrap()
}

fn file(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// Sixteen real days of a clinic, if its recording is there.
#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that was skipped must be seen")]
async fn sixteen_days_of_a_clinic_come_out_the_same_on_every_store() {
    let Some(recording) = clinic_recording() else {
        eprintln!("SKIPPED: the clinic's recording is not there; name its folder in PAIHAO_DATA");
        return;
    };
    let folder = TempDir::new().unwrap();
    let on_sqlite = replayed(&recording, "qms-clinic", &TestHall::store_in(&folder)).await;
    let redis = TestRedis::start();
    let on_redis = replayed(&recording, "qms-clinic", &redis.url()).await;
    assert_eq!(on_sqlite, on_redis);
    let days = on_sqlite["days"].as_array().unwrap();
    assert_eq!(days.len(), 16);
    for day in days {
        let sum = |names: &[&str]| -> u64 {
            let closing = &day["closing"];
            names
                .iter()
                .map(|name| closing[name].as_u64().unwrap())
                .sum()
        };
        let ends = ["served", "cancelled", "missed", "handed_on", "unserved"];
        assert_eq!(sum(&["issued"]), sum(&ends), "{day}");
    }
}

fn clinic_recording() -> Option<String> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = std::env::var_os("PAIHAO_DATA").map_or(beside, PathBuf::from);
    let file = data.join("qms-clinic-2019/queue_data.train.csv");
    file.exists().then(|| file.display().to_string())
}

/// Half of a file was once followed, and the end was good.
#[tokio::test]
async fn a_recording_with_a_row_that_cannot_be_read_does_not_end_well() {
    let folder = TempDir::new().unwrap();
    let recording = file(&folder, "day.csv");
    let header =
        "date,ticket,service,window,taken_at,called_at,started_at,finished_at,outcome,class\n";
    let row = "2026-03-02,A001,licence,3,09:00:05,09:02:40,09:03:10,09:09:00,served,\n";
    std::fs::write(
        &recording,
        format!("{header}{}{row}", row.replace("2026-03-02", "2026/3/2")),
    )
    .unwrap();
    let said = printed(&["replay", &recording]).await; // the same row twice is no loss
    assert!(said.contains("day.csv:3: the same row as line 2"), "{said}");

    let broken = row.replace("A001", "A002").replace("09:00:05", "#VALUE!");
    std::fs::write(&recording, format!("{header}{row}{broken}")).unwrap();
    let said = failed(&["replay", &recording]).await;
    assert!(
        said.contains("1 of them unreadable") && said.contains("day.csv:3: taken_at \"#VALUE!\""),
        "{said}"
    );

    let gbk = format!("{header}{}", row.replace("licence", "违法处理"));
    std::fs::write(&recording, encoding_rs::GB18030.encode(&gbk).0).unwrap();
    let said = printed(&["replay", &recording]).await;
    assert!(
        said.contains("0 of them unreadable; read as GB18030 (GBK)"),
        "{said}"
    );
    std::fs::write(&recording, [header.as_bytes(), b"\xFF\xFF,\n"].concat()).unwrap();
    let said = failed(&["replay", &recording]).await;
    assert!(said.contains("day.csv:2: "), "{said}");
}
