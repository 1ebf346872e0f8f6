//! The guide: questions however they are written, the sheets that it comes from, and what was asked in vain.

use crate::redis_server::TestRedis;
use crate::support::process::run;
use crate::support::{Reply, Someone, Start, TestHall, fresh_key, send, until};
use paihao::config::Mode;
use reqwest::Method;
use serde_json::Value;

const GUIDE: &str = "/halls/zhuzhou/guide";

/// A text as a part of an address.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn asks(someone: &Someone, question: &str) -> Value {
    let path = format!("{GUIDE}?q={}", encoded(question));
    someone.gets(&path).await.given(200)
}

fn first(answer: &Value) -> &str {
    answer["results"][0]["id"].as_str().unwrap_or("nothing")
}

async fn puts(someone: &Someone, sheet: &str, query: &str) -> Reply {
    let request = someone.request(Method::PUT, &format!("/api/v1{GUIDE}{query}"));
    send(request.body(sheet.to_owned())).await
}

async fn page(someone: &Someone, path: &str) -> (u16, String) {
    let mark = if path.contains('?') { '&' } else { '?' };
    let request = someone.request(Method::GET, &format!("{path}{mark}lang=zh"));
    let reply = send(request.header("accept", "text/html")).await;
    (reply.status, reply.text())
}

async fn misses(manager: &Someone) -> Vec<(String, u64)> {
    let answer = manager.gets("/halls/zhuzhou/guide/misses").await.given(200);
    let list = answer["misses"].as_array().unwrap().iter();
    list.map(|miss| {
        (
            miss["question"].as_str().unwrap().into(),
            miss["count"].as_u64().unwrap(),
        )
    })
    .collect()
}

#[tokio::test]
async fn a_question_finds_its_answer_however_it_is_written() {
    let hall = TestHall::start().await;
    let someone = hall.someone();
    for question in [
        "驾驶证丢了",
        "本本丢了咋办",
        "驾驶正丢了",
        "jiazhao diu le",
        "jszdl",
        "lost my driving licence",
    ] {
        assert_eq!(
            first(&asks(&someone, question).await),
            "licence-lost",
            "{question}"
        );
    }
    let answer = asks(&someone, "驾驶证丢了").await;
    let best = &answer["results"][0];
    assert_eq!(
        (&best["kind"], &best["service"]),
        (&"service".into(), &"licence".into())
    );
    assert!(
        best["title"]["zh"].is_string() && best["excerpt"]["en"].is_string(),
        "{best}"
    );
    assert_eq!(best["checked_on"], "2026-11-16");
    let article = asks(&someone, "闯红灯扣几分").await;
    assert_eq!(
        (first(&article), &article["results"][0]["kind"]),
        ("fine-redlight", &"article".into())
    );
}

/// Also while the hall is closed, and in a hall without a guide of its own.
#[tokio::test]
async fn a_hall_without_a_guide_answers_from_its_plan() {
    let hall = TestHall::start_at("22:00:00").await;
    assert_eq!(first(&asks(&hall.someone(), "年检").await), "mark-apply");
    let path = format!("/halls/lusong/guide?q={}", encoded("违法处理"));
    let answer = hall.someone().gets(&path).await.given(200);
    assert_eq!(first(&answer), "fine");
    assert_eq!(answer["results"][0]["source"], Value::Null);
    let (status, html) = page(&hall.someone(), "/lusong/guide/fine").await;
    assert!(
        status == 200 && html.contains("来源:本厅业务设置"),
        "{html}"
    );
    assert_eq!(
        hall.someone().gets("/halls/nowhere/guide?q=a").await.status,
        404
    );
}

#[tokio::test]
async fn what_is_not_found_is_said_and_kept_for_the_manager_without_anything_of_a_person() {
    let hall = TestHall::start().await;
    let (someone, manager) = (hall.someone(), hall.manager().await.0);
    let answer = asks(&someone, "社保卡 430202199001011234 丢了").await;
    assert_eq!(answer["results"].as_array().unwrap().len(), 0);
    assert_eq!(answer["nearest"].as_array().unwrap().len(), 3);
    assert!(
        answer["elsewhere"]["zh"]
            .as_str()
            .unwrap()
            .contains("12333")
    );
    asks(&someone, "社保卡丢了?").await;
    // whoever still types has not asked yet
    let typing = format!("{GUIDE}?typing=1&q=asdfghjkl");
    someone.gets(&typing).await.given(200);
    let (_, html) = page(
        &someone,
        "/zhuzhou/guide?q=%E4%BB%8A%E6%99%9A%E5%90%83%E4%BB%80%E4%B9%88",
    )
    .await;
    assert!(
        html.contains("没找到") && html.contains("12345") && html.contains("12123"),
        "{html}"
    );
    let expected = [("社保卡丢了".to_string(), 2), ("今晚吃什么".to_string(), 1)];
    until("both questions are kept", async || {
        misses(&manager).await == expected
    })
    .await;
    hall.citizen()
        .0
        .gets("/halls/zhuzhou/guide/misses")
        .await
        .refused("unauthorized");

    let (_, html) = page(&manager, "/zhuzhou/guide/misses").await;
    assert!(html.contains("社保卡丢了"), "{html}");
    let question = encoded("社保卡丢了");
    let form = format!("idempotency_key={}&question={question}", fresh_key());
    let settled = manager
        .request(Method::POST, "/zhuzhou/guide/misses")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    assert!(send(settled).await.status < 400);
    assert_eq!(misses(&manager).await, [("今晚吃什么".to_string(), 1)]);
}

#[tokio::test]
async fn sheets_go_out_and_come_back_whole_or_not_at_all() {
    let hall = TestHall::start().await;
    let manager = hall.manager().await.0;
    let sheet = manager.gets(&format!("{GUIDE}/articles")).await;
    assert_eq!(sheet.headers["etag"], "\"1\"");
    let articles = String::from_utf8(sheet.bytes).unwrap();
    assert!(
        articles.starts_with('\u{feff}'),
        "spreadsheets want a byte order mark"
    );

    let same = puts(&manager, &articles, "").await.given(200);
    assert_eq!(
        (&same["revision"], &same["articles"]),
        (&1.into(), &132.into()),
        "nothing changed"
    );

    // the last line, column checked_on
    let (head, tail) = articles.split_at(articles.rfind("2026-11-16").unwrap());
    let broken = format!("{head}im November{}", &tail["2026-11-16".len()..]);
    let refused = puts(&manager, &broken, "").await;
    assert_eq!(refused.status, 422);
    let refused: Value = serde_json::from_slice(&refused.bytes).unwrap();
    let lines = articles.lines().count() as u64;
    assert_eq!(
        (
            &refused["errors"][0]["line"],
            &refused["errors"][0]["column"]
        ),
        (&lines.into(), &"checked_on".into()),
        "{refused}"
    );
    assert_eq!(
        first(&asks(&hall.someone(), "驾驶证丢了").await),
        "licence-lost"
    );

    let more = format!(
        "{articles}tea-1,茶水,Tea,茶水,Tea,,有微波炉吗?,Is there a microwave?,导办台旁边。,Beside the desk.,热水,本厅,2026-11-20,\n"
    );
    let looked = puts(&manager, &more, "?dry_run").await.given(200);
    assert_eq!(
        (&looked["dry_run"], &looked["articles"]),
        (&true.into(), &133.into())
    );
    assert_eq!(first(&asks(&hall.someone(), "微波炉").await), "nothing");
    assert_eq!(puts(&manager, &more, "").await.given(200)["revision"], 2);
    assert_eq!(first(&asks(&hall.someone(), "微波炉").await), "tea-1");

    let stale = manager
        .request(Method::PUT, &format!("/api/v1{GUIDE}"))
        .header("if-match", "\"1\"")
        .body(articles.clone());
    send(stale).await.refused("stale-plan");
    let wrong = more.replacen(
        "tea-1,茶水,Tea,茶水,Tea,,",
        "tea-1,茶水,Tea,茶水,Tea,nowhere,",
        1,
    );
    puts(&manager, &wrong, "").await.refused("validation");
    puts(&hall.usher().await.0, &articles, "")
        .await
        .refused("forbidden");
    for part in ["words", "matters"] {
        let sheet = manager.gets(&format!("{GUIDE}/{part}")).await;
        let text = String::from_utf8(sheet.bytes).unwrap();
        assert_eq!(
            puts(&manager, &text, "").await.given(200)["revision"],
            2,
            "{part} came back unchanged"
        );
    }
}

#[tokio::test]
async fn a_guide_and_what_was_missed_outlive_the_process() {
    let hall = TestHall::start().await;
    let manager = hall.manager().await.0;
    let articles = "id,category_zh,category_en,subcategory_zh,subcategory_en,service,question_zh,question_en,answer_zh,answer_en,keywords,source,checked_on\n\
                    tea,茶,Tea,茶,Tea,,有微波炉吗?,Is there a microwave?,导办台旁边。,Beside the desk.,,本厅,2026-11-20\n";
    puts(&manager, articles, "").await.given(200);
    asks(&hall.someone(), "火星上下雪吗").await;
    until("it is kept", async || !misses(&manager).await.is_empty()).await;
    let hall = hall.restart(Start::default()).await;
    assert_eq!(first(&asks(&hall.someone(), "微波炉").await), "tea");
    assert_eq!(misses(&hall.manager().await.0).await.len(), 1);
    let folder = hall.stop().await;
    let verified = run(&["verify", "--store", &TestHall::store_in(&folder)]).await;
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(
        verified.status.success() && said.contains("guide: "),
        "{said}"
    );
}

#[tokio::test]
async fn the_same_guide_is_in_force_on_every_instance() {
    let redis = TestRedis::start();
    let start = || Start {
        store: Some(redis.url()),
        ..Start::default()
    };
    let (here, there) = (
        TestHall::start_as(start()).await,
        TestHall::start_as(start()).await,
    );
    let (manager, other) = (here.manager().await.0, there.manager().await.0);
    let articles =
        String::from_utf8(manager.gets(&format!("{GUIDE}/articles")).await.bytes).unwrap();
    let more = format!(
        "{articles}tea,茶,Tea,茶,Tea,,有微波炉吗?,Is there a microwave?,导办台旁边。,Beside the desk.,,本厅,2026-11-20,\n"
    );
    puts(&manager, &more, "").await.given(200);
    until("the other instance has it", async || {
        first(&asks(&there.someone(), "微波炉").await) == "tea"
    })
    .await;
    asks(&there.someone(), "护照过期").await;
    asks(&here.someone(), "护照过期!").await;
    let counted = async || {
        misses(&manager)
            .await
            .iter()
            .any(|(question, count)| question == "护照过期" && *count == 2)
    };
    until("both count together", counted).await;
    until("and the other one knows", async || {
        misses(&other)
            .await
            .iter()
            .any(|(question, count)| question == "护照过期" && *count == 2)
    })
    .await;
}

#[tokio::test]
async fn the_command_names_every_fault_and_brings_a_sheet_in() {
    let hall = TestHall::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("articles.csv");
    let path = file.display().to_string();
    let imports = async |arguments: &[&str]| {
        let all = [
            &["guide", "import", path.as_str(), "--hall", "zhuzhou"],
            arguments,
        ]
        .concat();
        let output = run(&all).await;
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    std::fs::write(&file, "id,question_zh\nx,y\n").unwrap();
    let (done, said) = imports(&["--url", &hall.url]).await;
    assert!(
        !done && said.contains("articles.csv:1: answer_zh: this column is missing"),
        "{said}"
    );

    std::fs::write(
        &file,
        "kind,id,forms\nfiller,filler,请问\nidea,tea,开水; 热水\n",
    )
    .unwrap();
    let (done, said) = imports(&["--url", &hall.url, "--dry-run"]).await;
    assert!(done && said.contains("nothing was changed"), "{said}");
    let (done, said) = imports(&["--url", &hall.url]).await;
    assert!(done && said.contains("revision 2"), "{said}");

    let stopped = hall.stop().await;
    let store = TestHall::store_in(&stopped);
    std::fs::write(&file, "kind,id,forms\nidea,tea,开水\n").unwrap();
    let (done, said) = imports(&["--store", &store]).await;
    assert!(done && said.contains("revision 3"), "{said}");
}

/// Nobody has a sample for real: what a hall says to citizens its manager has put there.
#[tokio::test]
async fn a_hall_for_real_begins_without_the_sample() {
    let hall = TestHall::start_as(Start {
        mode: Mode::Serve,
        clock: "09:00:00",
        ..Start::default()
    })
    .await;
    assert_eq!(
        first(&asks(&hall.someone(), "机动车登记").await),
        "registration"
    );
    let answer = asks(&hall.someone(), "闯红灯扣几分").await;
    assert_eq!(first(&answer), "nothing");
    let staff = hall.set_up().await;
    let words = include_str!("../../../guides/zhuzhou-words.csv");
    puts(&staff.manager.0, words, "").await.given(200);
    puts(&staff.usher.0, words, "").await.refused("forbidden");
}

#[tokio::test]
async fn a_card_asks_for_whom_and_shows_where() {
    let hall = TestHall::start_at("09:30:00").await;
    let someone = hall.someone();
    let (_, html) = page(&someone, "/zhuzhou/guide/licence-lost").await;
    assert!(
        html.contains("本人办还是代办") && html.contains("<svg") && html.contains("3 号窗口"),
        "{html}"
    );
    assert!(!html.contains("委托书"), "which list is not known yet");
    let (_, html) = page(&someone, "/zhuzhou/guide/licence-lost?as=agent").await;
    assert!(
        html.contains("委托书") && html.contains("2026-11-16"),
        "{html}"
    );
    let (_, html) = page(
        &someone,
        "/zhuzhou/guide/licence-lost/print?as=agent&large=1",
    )
    .await;
    assert!(
        html.contains("委托书") && html.contains("class=\"large\""),
        "{html}"
    );
    let (status, code) = page(&someone, "/zhuzhou/guide/licence-lost/qr.svg?as=agent").await;
    assert!(status == 200 && code.contains("<svg"));
    let (_, html) = page(&someone, "/zhuzhou/guide/fine-camera?kiosk=1").await;
    assert!(
        !html.contains("https://gab"),
        "a kiosk leads nowhere else: {html}"
    );
    assert!(html.contains("/zhuzhou/kiosk"));
    assert_eq!(page(&someone, "/zhuzhou/guide/no-such-thing").await.0, 404);
}
