//! What the processes show, against each other and against the log folded past them.

use super::floor::WINDOWS;
use crate::client::{Clients, Reader};
use crate::history::Verdict;
use crate::log_reader::HALL;
use crate::process::CLOCK;
use anyhow::ensure;
use hall::id::WindowNumber;
use hall::{Hall, Time, view};
use serde_json::Value;
use std::time::{Duration, Instant};

/// A view that is older than the log for this long is stuck.
const SHOWN_WITHIN: Duration = Duration::from_secs(30);
/// Between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// After the last session of the day and the grace of a missed citizen.
const AFTER_CLOSING: &str = "2026-11-23T17:30:00+08:00";

/// Board and consoles of every process are those of the log's newest version. Nobody may be acting.
pub async fn agree(clients: &Clients, verdict: &mut Verdict) -> anyhow::Result<()> {
    let mut log = clients.log.lock().await;
    log.catch_up().await?;
    let now = Time::parse_from_rfc3339(CLOCK)?;
    for process in 0..clients.processes() {
        let Some(board) = board_at(clients, process, log.hall.version()).await? else {
            let what = format!(
                "process {process} does not show version {}",
                log.hall.version()
            );
            verdict.add("view stuck", what);
            continue;
        };
        let right = serde_json::to_value(view::board(&log.hall, now))?;
        differ(
            verdict,
            &format!("board of process {process}"),
            &board,
            &right,
        );
        for window in WINDOWS {
            let path = format!("/halls/{HALL}/windows/{window}");
            let console = clients.read(process, &path, Reader::Officer).await?;
            let name = format!("console {window} of process {process}");
            differ(
                verdict,
                &name,
                &console,
                &console_of(&log.hall, window, now)?,
            );
        }
    }
    Ok(())
}

fn console_of(hall: &Hall, window: u16, now: Time) -> anyhow::Result<Value> {
    Ok(serde_json::to_value(view::console(
        hall,
        WindowNumber(window),
        now,
    ))?)
}

fn differ(verdict: &mut Verdict, name: &str, shown: &Value, right: &Value) {
    if shown != right {
        verdict.add(
            "view is wrong",
            format!("{name}: {shown} instead of {right}"),
        );
    }
}

/// The board once it shows a version; nothing if that never comes.
async fn board_at(
    clients: &Clients,
    process: usize,
    version: u64,
) -> anyhow::Result<Option<Value>> {
    let begun = Instant::now();
    while begun.elapsed() < SHOWN_WITHIN {
        let (shown, board) = clients.board(process).await?;
        if shown == version {
            return Ok(Some(board));
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(None)
}

/// Past closing every process gives the same sums, and they are the storm's.
pub async fn day_adds_up(
    clients: &Clients,
    issued: usize,
    verdict: &mut Verdict,
) -> anyhow::Result<()> {
    clients.set_clocks(AFTER_CLOSING).await?;
    for process in 0..clients.processes() {
        let closing = closing_at(clients, process).await?;
        let sums = [&closing["issued"], &closing["served"], &closing["unserved"]];
        if sums.map(Value::as_u64) != [Some(issued as u64), Some(issued as u64), Some(0)] {
            let what = format!("{issued} were taken, process {process} closed with {closing}");
            verdict.add("sums do not agree", what);
        }
    }
    Ok(())
}

async fn closing_at(clients: &Clients, process: usize) -> anyhow::Result<Value> {
    let path = format!("/halls/{HALL}/days/{}", &CLOCK[..10]);
    let begun = Instant::now();
    loop {
        let day = clients.read(process, &path, Reader::Manager).await?;
        if !day["closing"].is_null() {
            return Ok(day["closing"].clone());
        }
        ensure!(begun.elapsed() < SHOWN_WITHIN, "the day does not close");
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
