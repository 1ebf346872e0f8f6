//! Everybody comes back at once: screens by the hundred to a server that was started again, while the hall works.

use super::scene::Scene;
use super::{FaultSize, Tally};
use crate::log_reader::HALL;
use anyhow::{Context, ensure};
use futures_util::future::join_all;
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Numbers and calls before the server is killed.
const NUMBERS: usize = 60;
const CALLS: usize = 30;
/// A screen that shows nothing by then shows nothing; generous, because other work may share the machine.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);

/// As many screens as there are times. Each hears the state of the hall, and an officer goes on meanwhile.
pub async fn storm(size: &FaultSize, tally: &mut Tally) -> anyhow::Result<()> {
    let mut scene = Scene::set(&size.paihao, false).await?;
    scene.floor.work_until(NUMBERS, CALLS).await?;
    let address = scene.address();
    let before = join_all((0..size.times).map(|_| first_view(&address))).await;
    let before: Vec<(TcpStream, u64)> = before.into_iter().collect::<Result<_, _>>()?;
    scene.kill();
    drop(before);
    let started = scene.start(&[]);
    started.map_err(|words| anyhow::anyhow!("the start was refused: {words}"))?;
    let (address, begun) = (scene.address(), Instant::now());
    let screens = (0..size.times).map(async |_| {
        let view = first_view(&address).await;
        (view, begun.elapsed())
    });
    let officer = async {
        scene.floor.one_takes_at(Some(0)).await?;
        anyhow::Ok(begun.elapsed())
    };
    let (screens, officer) = tokio::join!(join_all(screens), officer);
    tally.became(format!("an officer after {} ms", officer?.as_millis()));
    scene.read_the_log().await?;
    let least = {
        let mut log = scene.clients.log.lock().await;
        log.catch_up().await?;
        log.hall.version() - 1 // the officer's own number may have come later
    };
    for (view, took) in screens {
        tally.times += 1;
        tally.recovery.push(took);
        match view {
            Ok((_, version)) if version >= least => {}
            Ok((_, version)) => {
                let what = format!("version {version} instead of {least}");
                scene.verdict.add("a screen is behind", what);
            }
            Err(error) => scene
                .verdict
                .add("a screen shows nothing", format!("{error:#}")),
        }
    }
    scene.judge_in_the_midst(true, tally).await
}

/// Opens a socket; the version of the first view on it.
async fn first_view(address: &str) -> anyhow::Result<(TcpStream, u64)> {
    let view = tokio::time::timeout(SHOWN_WITHIN, ask_for_view(address)).await;
    view.context("nothing came")?
}

async fn ask_for_view(address: &str) -> anyhow::Result<(TcpStream, u64)> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET /ws/halls/{HALL}/board HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    ensure!(head.starts_with("HTTP/1.1 101"), "refused: {head}");
    loop {
        let frame: Value = serde_json::from_slice(&text_frame(&mut stream).await?)?;
        if let Some(version) = frame["version"].as_u64() {
            return Ok((stream, version));
        }
    }
}

/// The next frame of a server with text in it.
async fn text_frame(stream: &mut TcpStream) -> anyhow::Result<Vec<u8>> {
    loop {
        let first = stream.read_u8().await?;
        let length = match stream.read_u8().await? {
            126 => stream.read_u16().await?.into(),
            127 => stream.read_u64().await?,
            short => short.into(),
        };
        let mut payload = vec![0; usize::try_from(length)?];
        stream.read_exact(&mut payload).await?;
        if first & 0x0f == 1 {
            return Ok(payload);
        }
    }
}
