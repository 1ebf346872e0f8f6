//! No store names anybody: all that a person said of himself, in whatever form it might stand there.

use crate::redis_server::TestRedis;
use crate::support::bookings::{HALF_PAST_NINE, NINE, SATURDAY, TEN};
use crate::support::{Booking, Start, TestHall};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A person whose every word would be noticed.
fn marked() -> Value {
    json!({ "name": "欧阳墨涵", "phone": "13987650123", "id_number": "430204197512129878" })
}

/// Everything that must not be found, as it was said.
const MARKS: [&str; 6] = [
    "欧阳墨涵",
    "13987650123",
    "430204197512129878",
    "诸葛云帆",
    "13765432109",
    "珠江南路九百九十九号",
];

/// Books, moves, waits, checks in and cancels as that person, and hands over everything there is to know.
async fn a_marked_life(hall: &TestHall) {
    let citizen = hall.citizen();
    let booker =
        json!({ "name": "诸葛云帆", "phone": "13765432109", "id_number": "43020419900909876X" });
    let books = async |service: &str, slot: &str| {
        let body = json!({
            "service": service, "slot": slot, "person": marked(), "booker": booker,
            "address": "珠江南路九百九十九号"
        });
        Booking::of(&citizen.0.posts("/halls/zhuzhou/appointments", body).await)
    };
    let licence = books("licence", NINE).await;
    citizen
        .moves(&licence.token, HALF_PAST_NINE)
        .await
        .given(200);
    let exam = books("exam", TEN).await;
    citizen
        .does(&exam.token, "cancel", json!({}))
        .await
        .given(200);
    let kiosk = hall.kiosk().await;
    let numbered = json!({ "service": "fine", "person": marked()["id_number"] });
    kiosk.takes_with(numbered).await.given(201);
    hall.date_to(SATURDAY, "09:15:00").await;
    let by_document = json!({ "id_number": marked()["id_number"] });
    kiosk.checks_in(by_document).await.given(201);
    // staff can read it, so it is there
    let path = format!("/halls/zhuzhou/appointments?date={SATURDAY}");
    let list = hall.usher().await.0.gets(&path).await;
    assert!(list.text().contains("欧阳墨涵"), "{}", list.text());
}

#[tokio::test]
async fn the_store_file_names_nobody() {
    let hall = TestHall::start_at("10:00:00").await;
    a_marked_life(&hall).await;
    let folder = hall.stop().await;
    names_nobody(&bytes_below(folder.path()));
}

#[tokio::test]
async fn the_stream_in_redis_names_nobody() {
    let redis = TestRedis::start();
    let hall = TestHall::start_as(Start {
        store: Some(redis.url()),
        clock: "10:00:00",
        ..Start::default()
    })
    .await;
    a_marked_life(&hall).await;
    hall.application.stop().await;
    names_nobody(&bytes_below(&redis.directory()));
}

/// Every byte of every file of a store.
fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut folders: Vec<PathBuf> = vec![folder.into()];
    let mut bytes = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => bytes.extend(std::fs::read(path).unwrap()),
            }
        }
    }
    bytes
}

fn names_nobody(store: &[u8]) {
    let holds = |form: &[u8]| store.windows(form.len()).any(|part| part == form);
    assert!(
        holds(HALF_PAST_NINE.as_bytes()),
        "the search finds what is there"
    );
    for mark in MARKS {
        for form in forms(mark) {
            assert!(!holds(form.as_bytes()), "{mark} is in the store as {form}");
        }
    }
}

/// A text as it may stand in a file: itself, escaped, in hex, and in base64 wherever it begins in what was encoded.
fn forms(text: &str) -> Vec<String> {
    let hex = |upper: bool| -> String {
        let byte = |byte: u8| match upper {
            true => format!("{byte:02X}"),
            false => format!("{byte:02x}"),
        };
        text.bytes().map(byte).collect()
    };
    let escaped = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    let mut forms = vec![text.to_string(), hex(true), hex(false), escaped.collect()];
    for before in 0..3 {
        let bytes = [&vec![b' '; before], text.as_bytes()].concat();
        // the first and last characters also hold bits of what stands beside the text
        let inner = before * 8 / 6 + usize::from(before > 0)..(bytes.len() * 8 / 6);
        for encoded in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            forms.push(encoded[inner.clone()].to_string());
        }
    }
    forms
}
