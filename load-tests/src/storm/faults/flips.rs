//! One bit of one file is another one when the server starts: after a stop, and after a kill.

use super::scene::{Scene, copy_files};
use super::{FaultSize, Tally};
use crate::history::{self, Operation};
use crate::storm::{acknowledged, views};
use std::os::unix::fs::FileExt;
use std::{fmt, fs};

/// Numbers and calls in the store that is damaged.
const NUMBERS: usize = 400;
const CALLS: usize = 250;

/// How the files came to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    ByStop,
    ByKill,
}

/// So many flips, half of them each way.
pub async fn storm(size: &FaultSize, tally: &mut Tally) -> anyhow::Result<()> {
    for (left, times) in [
        (Left::ByStop, size.times / 2),
        (Left::ByKill, size.times.div_ceil(2)),
    ] {
        let mut scene = Scene::set(&size.paihao, false).await?;
        scene.floor.work_until(NUMBERS, CALLS).await?;
        match left {
            Left::ByStop => scene.stop()?,
            Left::ByKill => scene.kill(),
        }
        let operations = scene.clients.take_history();
        tally.acknowledged += acknowledged(&operations);
        let (directory, intact) = (scene.aside("disk"), scene.aside("intact"));
        copy_files(&directory, &intact)?;
        for _ in 0..times {
            copy_files(&intact, &directory)?;
            let place = flip_one(&scene, left)?;
            tally.times += 1;
            match scene.start(&[]) {
                Err(words) => {
                    refused(&mut scene, &place, &words, tally);
                    copy_files(&intact, &directory)?;
                    let back = scene.is_back().await?;
                    tally.recovery.push(back);
                    scene.clients.take_history();
                }
                Ok(()) => {
                    tally.became(format!("of {} harmless", place.file));
                    nothing_is_missing(&mut scene, &operations, &place.to_string()).await;
                    scene.close_the_log().await?;
                }
            }
            scene.kill();
        }
        copy_files(&intact, &directory)?;
        scene.is_back().await?;
        scene.give_verdict(tally);
    }
    Ok(())
}

/// Where a bit was flipped.
struct Place {
    file: String,
    byte: u64,
    bit: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bit {} of byte {} of {}", self.bit, self.byte, self.file)
    }
}

fn flip_one(scene: &Scene, left: Left) -> anyhow::Result<Place> {
    let suffixes: &[&str] = match left {
        Left::ByStop => &["", "", ".mark"],
        Left::ByKill => &["", "-wal", "-wal", ".mark"],
    };
    let suffix = suffixes[fastrand::usize(..suffixes.len())];
    let path = scene.beside(suffix);
    let length = fs::metadata(&path)?.len();
    let (at, bit) = (fastrand::u64(..length.max(1)), fastrand::u32(..8));
    let file = fs::File::options().read(true).write(true).open(&path)?;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at)?;
    byte[0] ^= 1 << bit;
    file.write_all_at(&byte, at)?;
    let file = format!("hall.db{suffix}");
    Ok(Place {
        file,
        byte: at,
        bit,
    })
}

fn refused(scene: &mut Scene, place: &Place, words: &str, tally: &mut Tally) {
    tally.became(format!("of {} refused", place.file));
    if words.contains("hall.db") {
        tally.said += 1;
    } else {
        let what = format!("{place}: {words}");
        scene.verdict.add("refused without a place", what);
    }
}

/// Everything acknowledged is in the log and shown, in spite of what happened at that place.
pub async fn nothing_is_missing(scene: &mut Scene, operations: &[Operation], place: &str) {
    let shown = async {
        scene.read_the_log().await?;
        views::agree(&scene.clients, &mut scene.verdict).await
    };
    if let Err(error) = shown.await {
        let what = format!("{place}: {error:#}");
        return scene.verdict.add("served and not readable", what);
    }
    let log = scene.clients.log.lock().await;
    for (name, found) in history::check(operations, &log.entries).violations {
        for what in found {
            scene.verdict.add(name, format!("{place}: {what}"));
        }
    }
}
