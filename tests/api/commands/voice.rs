//! `voice render`, `voice check`, `voice take-in`: packs on the command line. All words come from the espeak-ng of
//! this machine.

use crate::support::PATIENCE;
use crate::support::packs::{PLAN, check, ill, pack, read, text, voice, well, write};
use expect_test::expect;
use hall::id::{TicketNumber, WindowNumber};
use hall::text::Language;
use hall::view::announcement::announcement;
use hall::view::clip::Clip;
use paihao::voice::sound::Sound;
use tokio::process::Command;

/// What espeak-ng makes of a text with a voice, in its own signs for sounds.
async fn phonemes(voice: &str, text: &str) -> String {
    let arguments = ["-v", voice, "-q", "-x", "--", text];
    let output = Command::new("espeak-ng").args(arguments).output();
    let output = tokio::time::timeout(PATIENCE, output).await.unwrap();
    let output = output.expect("espeak-ng is installed");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
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
