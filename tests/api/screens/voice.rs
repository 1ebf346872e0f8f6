//! /voice/…, /halls/{hall}/devices/board: clips for boards, and boards that say whether they sound.

use crate::support::packs::{ill, pack, text, voice, well};
use crate::support::process::run;
use crate::support::{Manager, Reply, Start, TestHall, send, until};
use paihao::config::Mode;
use paihao::voice::sound::Sound;
use paihao::voice::{VoiceOption, VoiceSettings};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A server whose Zhuzhou speaks with this pack, or with this engine.
async fn hall_with(pack: Option<&Path>, engine: Option<&str>, folder: &TempDir) -> TestHall {
    let packs = pack.into_iter().map(|pack| VoiceOption {
        hall: hall::id::HallId::parse("zhuzhou").unwrap(),
        pack: pack.into(),
    });
    TestHall::start_as(Start {
        voices: VoiceSettings {
            packs: packs.collect(),
            engine: engine.map(PathBuf::from),
            folder: folder.path().join("kept"),
        },
        clock: "09:00:00",
        ..Start::default()
    })
    .await
}

async fn gets(hall: &TestHall, path: &str) -> Reply {
    send(hall.someone().request(Method::GET, path)).await
}

async fn manifest(hall: &TestHall) -> Value {
    gets(hall, "/voice/zhuzhou/manifest.json").await.given(200)
}

async fn devices(manager: &Manager) -> Value {
    manager.0.gets("/halls/zhuzhou/devices").await.given(200)
}

#[tokio::test]
async fn a_board_is_given_clips_and_each_address_answers_sound() {
    let folder = tempfile::tempdir().unwrap();
    let hall = hall_with(None, Some("espeak-ng"), &folder).await;
    // a machine that is busy may need longer for the words than whoever asks is kept waiting
    until("the words are made", async || {
        manifest(&hall).await["rung"] == "synthetic"
    })
    .await;
    let listed = gets(&hall, "/voice/zhuzhou/manifest.json").await;
    let manifest = listed.given(200);
    assert_eq!(manifest["rung"], "synthetic");
    assert_eq!(
        manifest["label"],
        json!({ "zh": "合成音", "en": "Synthetic voice" })
    );
    assert_eq!(manifest["gap_ms"], 60);
    let clips = manifest["clips"].as_object().unwrap();
    assert_eq!(clips.len(), 40);
    for (id, clip) in clips {
        let reply = gets(&hall, clip["url"].as_str().unwrap()).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, "audio/wav"),
            "{id}"
        );
        assert!(reply.header("cache-control").contains("immutable"), "{id}");
        let sound = Sound::read(reply.bytes).unwrap();
        assert_eq!(clip["ms"], sound.milliseconds(), "{id}");
    }
    // asked again, nothing is sent again
    let request = hall
        .someone()
        .request(Method::GET, "/voice/zhuzhou/manifest.json");
    let again = send(request.header("if-none-match", listed.header("etag"))).await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    let qing = clips["qing"]["url"].as_str().unwrap();
    let old = qing.replace(qing.split('/').nth(3).unwrap(), "0000000000000000");
    assert_eq!(gets(&hall, &old).await.status, 404);
    assert_eq!(
        gets(&hall, "/voice/nowhere/manifest.json").await.status,
        404
    );

    // what a call names is there, in the language of its ticket
    let kiosk = hall.kiosk().await;
    let wish = json!({ "service": "licence", "language": "en" });
    kiosk.takes_with(wish).await.given(201);
    kiosk.gives("registration").await;
    let officer = hall.officer().await;
    for window in [5, 3] {
        officer.opens(window).await.given(200);
        officer
            .does(window, "call-next", json!({}))
            .await
            .given(200);
    }
    let board = hall.someone().gets("/halls/zhuzhou/board").await.given(200);
    let calls = board["calls"].as_array().unwrap();
    let mut languages: Vec<&str> = Vec::new();
    for call in calls {
        languages.push(call["language"].as_str().unwrap());
        for clip in call["clips"].as_array().unwrap() {
            assert!(
                clips.contains_key(clip.as_str().unwrap()),
                "{clip} of {call}"
            );
        }
    }
    languages.sort_unstable();
    assert_eq!(languages, ["en", "zh"], "{board}");
}

#[tokio::test]
async fn a_plan_that_the_halls_recordings_cannot_say_is_not_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let pack = pack(&folder).await;
    let hall = hall_with(Some(&pack), None, &folder).await;
    assert_eq!(manifest(&hall).await["rung"], "hall");
    let manager = hall.manager().await;
    let (plan, tag) = manager.plan().await;

    let mut other = plan.clone();
    other["services"][2]["prefix"] = json!("QA");
    other["windows"][6]["number"] = json!(12);
    let refused = manager.adopts(&other, &tag).await;
    assert_eq!(
        refused.wrong_fields(),
        ["/services/2/prefix", "/windows/6/number"]
    );
    let detail = refused.given(422)["detail"].to_string();
    for lacking in [
        "q 「Q」",
        "en-q 「Q」",
        "shi 「十」",
        "en-twelve 「twelve」",
    ] {
        assert!(detail.contains(lacking), "{lacking}: {detail}");
    }
    // what it can say is adopted
    let mut known = plan.clone();
    known["services"][2]["prefix"] = json!("UA");
    manager.adopts(&known, &tag).await.given(200);

    // and once the words were recorded, so is the other; the server is not started again for it
    let file = folder.path().join("other.toml");
    let other: hall::Plan = serde_json::from_value(other).unwrap();
    std::fs::write(&file, other.to_toml()).unwrap();
    let render = [
        "render",
        "--plan",
        text(&file),
        "--format",
        "wav",
        "--out",
        text(&pack),
    ];
    well(&voice(&render).await);
    let (_, tag) = manager.plan().await;
    let other = serde_json::to_value(other).unwrap();
    manager.adopts(&other, &tag).await.given(200);
    assert_eq!(manifest(&hall).await["rung"], "hall");
}

#[tokio::test]
async fn a_hall_with_half_a_pack_falls_a_rung_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let pack = pack(&folder).await;
    std::fs::remove_file(pack.join("qi.wav")).unwrap();
    let hall = hall_with(Some(&pack), None, &folder).await;
    let manifest_now = manifest(&hall).await;
    assert_eq!(
        (&manifest_now["rung"], &manifest_now["clips"]),
        (&json!("chime"), &json!({}))
    );
    let status = gets(&hall, "/status").await.text();
    assert!(status.contains("lacks qi 「七」"), "{status}");
    let manager = hall.manager().await;
    let problem = devices(&manager).await["voice"]["problem"]["zh"].to_string();
    assert!(problem.contains("缺少 qi 「七」"), "{problem}");
    // it climbs up again when the file is there
    std::fs::copy(pack.join("liu.wav"), pack.join("qi.wav")).unwrap();
    assert_eq!(manifest(&hall).await["rung"], "hall");
    assert_eq!(devices(&manager).await["voice"]["problem"], Value::Null);
}

#[tokio::test]
async fn without_an_engine_there_is_a_chime_and_the_technician_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let hall = hall_with(None, Some("/nowhere/espeak-ng"), &folder).await;
    assert_eq!(manifest(&hall).await["rung"], "chime");
    let status = gets(&hall, "/status").await.text();
    assert!(status.contains("apt-get install espeak-ng"), "{status}");
}

#[tokio::test]
async fn a_pack_named_for_a_hall_that_is_not_there_is_refused_at_the_start() {
    let listen = [
        "--listen",
        "127.0.0.1:0",
        "--voice",
        "nowhere=packs/nowhere",
    ];
    let output = run(&[&["demo"], &listen[..]].concat()).await;
    let said = ill(&output);
    assert!(said.contains("no such hall here"), "{said}");
}

#[tokio::test]
async fn a_board_says_how_it_is_and_the_manager_sees_it() {
    let hall = TestHall::start_as(Start {
        mode: Mode::Serve,
        clock: "09:00:00",
        ..Start::default()
    })
    .await;
    let staff = hall.set_up().await;
    let manager = &staff.manager;
    let path = "/halls/zhuzhou/devices/board";
    let report = json!({ "sound": "running", "rung": "hall", "version": 7, "spoken_age_ms": 3200,
        "page": { "width": 1920, "height": 1080 } });
    let state = async || devices(manager).await["boards"][0]["state"].clone();
    assert_eq!(state().await, "unheard");

    // nobody in particular is heard, and nothing is kept of it
    let stranger = hall.someone().posts(path, report.clone()).await;
    assert_eq!(stranger.given(200), json!({ "noted": false }));
    assert_eq!(state().await, "unheard");
    let elsewhere = "/halls/lusong/devices/board";
    let elsewhere = staff.display.posts(elsewhere, report.clone()).await;
    assert_eq!(elsewhere.given(200), json!({ "noted": false }));

    let heard = staff.display.posts(path, report.clone()).await;
    assert_eq!(heard.given(200), json!({ "noted": true }));
    let board = devices(manager).await["boards"][0].clone();
    assert_eq!(
        (&board["device"], &board["state"]),
        (&json!("display-1"), &json!("well"))
    );
    assert_eq!(board["heard"]["at"], "2026-11-23T09:00:00+08:00");
    assert_eq!(board["heard"]["report"], report);
    let status = gets(&hall, "/status").await.text();
    assert!(
        status.contains("display-1") && status.contains("3 s"),
        "{status}"
    );

    let muted = json!({ "sound": "suspended", "rung": "hall" });
    staff.display.posts(path, muted).await.given(200);
    assert_eq!(state().await, "soundless");
    hall.clock_to("09:02:01").await;
    assert_eq!(state().await, "lost");
    staff.display.posts(path, report).await.given(200);
    assert_eq!(state().await, "well");

    let wrong = staff
        .display
        .posts(path, json!({ "sound": "loud", "rung": "hall" }))
        .await;
    assert_eq!(wrong.wrong_fields(), ["/sound"]);
    staff
        .officer
        .0
        .gets("/halls/zhuzhou/devices")
        .await
        .refused("forbidden");
    let revoke = json!({ "id": "display-1" });
    manager.0.posts("/devices/revoke", revoke).await.given(200);
    assert_eq!(devices(manager).await["boards"], json!([]));
}
