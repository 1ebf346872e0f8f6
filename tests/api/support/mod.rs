//! The cast: a hall on a free port with a clock that stands still until the test moves it, and people with verbs.
//!
//! An answer is looked at by asking for what was expected of it: `given(200)` or `refused("not-open")`. Both show the
//! whole answer when it is another one.

#![allow(dead_code, reason = "not every module needs every verb")]

pub mod bookings;
mod citizens;
pub mod faulty_log;
mod hall;
pub mod packs;
pub mod process;
pub mod receiver;
mod reply;
mod someone;
mod staff;
mod watcher;

pub use citizens::{Booking, Citizen, Holder, id_number, person, resident_number};
pub use hall::{Start, TestHall};
pub use reply::Reply;
pub use someone::{Someone, send};
pub use staff::{Kiosk, Manager, Officer, Staff, Usher};
pub use watcher::Watcher;

use chrono::{DateTime, FixedOffset};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Long enough for a busy machine; only reached when something is wrong.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// A Monday.
pub const MONDAY: &str = "2026-11-23";

/// The password of every manager and the PIN of every officer that tests create.
pub const PASSWORD: &str = "correct horse battery";
pub const PIN: &str = "204816";

static KEYS: AtomicU64 = AtomicU64::new(0);

/// An `Idempotency-Key` that was never used.
pub fn fresh_key() -> String {
    // as long as a stranger's has to be
    format!("key-of-the-tests-{}", KEYS.fetch_add(1, Ordering::Relaxed))
}

/// `2026-11-23` and `08:50:00` as an instant in Zhuzhou.
pub fn time(date: &str, clock: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(&format!("{date}T{clock}+08:00")).unwrap()
}

/// Asks again until it is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, asked).await;
    assert!(in_time.is_ok(), "waited {PATIENCE:?} until {what}");
}
