//! The voice: packs on the command line, clips over HTTP, and boards that say whether they sound. All words come from
//! the espeak-ng of this machine.

use crate::starting::run;
use crate::support::{Manager, PATIENCE, Reply, Start, TestHall, send, until};
use expect_test::expect;
use hall::id::{TicketNumber, WindowNumber};
use hall::text::Language;
use hall::view::announcement::announcement;
use hall::view::clip::Clip;
use paihao::config::Mode;
use paihao::voice::sound::Sound;
use paihao::voice::{VoiceOption, VoiceSettings};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::OnceCell;

const PLAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/plans/zhuzhou.toml");

/// What espeak-ng makes of a text with a voice, in its own signs for sounds.
async fn phonemes(voice: &str, text: &str) -> String {
    let arguments = ["-v", voice, "-q", "-x", "--", text];
    let output = Command::new("espeak-ng").args(arguments).output();
    let output = tokio::time::timeout(PATIENCE, output).await.unwrap();
    let output = output.expect("espeak-ng is installed");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A pack that espeak-ng spoke for Zhuzhou, made once and copied for each test.
async fn pack(folder: &TempDir) -> PathBuf {
    static MADE: OnceCell<PathBuf> = OnceCell::const_new();
    let made = MADE.get_or_init(async || {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("voice-of-zhuzhou");
        std::fs::remove_dir_all(&out).ok();
        let render = [
            "render",
            "--plan",
            PLAN,
            "--format",
            "wav",
            "--out",
            text(&out),
        ];
        well(&voice(&render).await);
        out
    });
    let (made, copy) = (made.await, folder.path().join("pack"));
    std::fs::create_dir(&copy).unwrap();
    for entry in std::fs::read_dir(made).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    copy
}

async fn voice(arguments: &[&str]) -> Output {
    run(&[&["voice"], arguments].concat()).await
}

async fn check(pack: &Path) -> Output {
    voice(&["check", text(pack), "--plan", PLAN]).await
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What it printed, all having gone well.
#[track_caller]
fn well(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it printed before it ended with 1.
#[track_caller]
fn ill(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let both = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8(both).unwrap()
}

fn read(pack: &Path, clip: &str) -> Sound {
    Sound::read(std::fs::read(pack.join(format!("{clip}.wav"))).unwrap()).unwrap()
}

fn write(pack: &Path, clip: &str, sound: &Sound) {
    std::fs::write(pack.join(format!("{clip}.wav")), sound.to_wav().unwrap()).unwrap();
}

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
async fn what_the_engine_is_given_is_mandarin_to_it() {
    // this is the trap: with the voice's plain name it reads hanzi in English, and reports success
    assert!(phonemes("cmn", "请A012号").await.contains("(en)"));
    let number = TicketNumber::parse("A012").unwrap();
    let said = announcement(&number, WindowNumber(3), Language::Zh);
    expect![[r#"
        tS;h'i21N_| 'ei51_| l'i35N_| j'Au55_| '@r51_| X'Au51_|
        tS;h'iE35n_| l'ai35_| s'a55n_| X'Au51_| ts.hw'A55N_| kh'ou214_|"#]]
    .assert_eq(&clean(&phonemes("cmn-latn-pinyin", &said.pinyin).await));
    for clip in Clip::all() {
        if clip.language() == Language::Zh {
            let sounds = phonemes("cmn-latn-pinyin", &clip.normalised()).await;
            assert!(
                !sounds.contains("(en)") && !sounds.is_empty(),
                "{clip}: {sounds}"
            );
        }
    }
}

fn clean(sounds: &str) -> String {
    let lines: Vec<&str> = sounds.lines().map(str::trim).collect();
    lines.join("\n")
}

#[tokio::test]
async fn a_rendered_pack_is_complete_trimmed_and_as_loud_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let pack = pack(&folder).await;
    assert!(well(&check(&pack).await).contains("all 40 clips of zhuzhou are in order"));
    let number = TicketNumber::parse("A012").unwrap();
    for language in [Language::Zh, Language::En] {
        let said = announcement(&number, WindowNumber(3), language);
        let clips = said.clips.iter();
        let spoken: u32 = clips
            .map(|clip| read(&pack, &clip.id()).milliseconds())
            .sum();
        let lasts = spoken + 60 * (said.clips.len() as u32 - 1);
        assert!((3_500..=4_800).contains(&lasts), "{language:?}: {lasts} ms");
    }
    let manifest = std::fs::read_to_string(pack.join("manifest.toml")).unwrap();
    assert!(manifest.contains("kind = \"synthetic\""), "{manifest}");
}

#[tokio::test]
async fn a_pack_for_televisions_is_mp3_and_in_bounds_too() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("mp3");
    let plan = concat!(env!("CARGO_MANIFEST_DIR"), "/plans/lusong.toml");
    let rendered = voice(&[
        "render",
        "--plan",
        plan,
        "--format",
        "mp3",
        "--out",
        text(&out),
    ])
    .await;
    well(&rendered);
    well(&voice(&["check", text(&out), "--plan", plan]).await);
    let sound = Sound::read(std::fs::read(out.join("qing.mp3")).unwrap()).unwrap();
    assert_eq!(sound.rate, 44_100);
    assert!(!out.join("qing.wav").exists());
}

#[tokio::test]
async fn check_names_every_file_that_was_spoiled_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let pack = pack(&folder).await;
    std::fs::remove_file(pack.join("qi.wav")).unwrap();
    std::fs::write(pack.join("ba.wav"), "no sound").unwrap();
    let mut silent = read(&pack, "jiu");
    silent.samples.fill(0.0);
    write(&pack, "jiu", &silent);
    let mut loud = read(&pack, "san");
    loud.samples
        .iter_mut()
        .for_each(|sample| *sample = (*sample * 4.0).clamp(-1.0, 1.0));
    write(&pack, "san", &loud);
    let mut long = read(&pack, "wu");
    long.samples.extend(vec![0.0; 22_050 / 2]);
    write(&pack, "wu", &long);

    let found = ill(&check(&pack).await);
    let of = |clip: &str| {
        let lines = found
            .lines()
            .filter(|line| line.contains(&format!("{clip}.wav")));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert!(
        of("qi").contains("(qi 「七」): missing; record it"),
        "{found}"
    );
    assert!(of("ba").contains("unreadable"), "{found}");
    assert!(of("jiu").contains("nobody speaks in it"), "{found}");
    assert!(
        of("san").contains("LUFS") && of("san").contains("dBTP"),
        "{found}"
    );
    assert!(of("wu").contains("ms of silence after"), "{found}");
    assert_eq!(of("er"), "", "{found}");
    assert!(found.contains("6 findings"), "{found}");
}

#[tokio::test]
async fn a_halls_own_recordings_are_trimmed_and_levelled_into_a_pack() {
    let folder = tempfile::tempdir().unwrap();
    let recordings = pack(&folder).await;
    // recorded as people record: too soft, with a second of quiet around the word
    for clip in std::fs::read_dir(&recordings).unwrap() {
        let name = clip.unwrap().file_name().into_string().unwrap();
        let Some(clip) = name.strip_suffix(".wav") else {
            continue;
        };
        let sound = read(&recordings, clip);
        let quiet = vec![0.0; sound.rate as usize];
        let soft = sound.samples.iter().map(|sample| sample * 0.1).collect();
        let samples = [quiet.clone(), soft, quiet].concat();
        write(
            &recordings,
            clip,
            &Sound {
                samples,
                rate: sound.rate,
            },
        );
    }
    let out = folder.path().join("own");
    let render = [
        "render",
        "--plan",
        PLAN,
        "--format",
        "wav",
        "--from",
        text(&recordings),
    ];
    let render = [&render[..], &["--out", text(&out)]].concat();
    well(&voice(&render).await);
    well(&check(&out).await);
    let made = std::fs::read_to_string(out.join("manifest.toml")).unwrap();
    assert!(made.contains("kind = \"recorded\""), "{made}");

    std::fs::remove_file(recordings.join("hao-qianlai.wav")).unwrap();
    let missing = ill(&voice(&render).await);
    assert!(missing.contains("hao-qianlai.wav\" for 「号"), "{missing}");
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
