//! The clock of the server that opens a store, held against the store's own.
//!
//! Servers that share a store stamp records of one history. One whose clock is ahead drags the hall's time along for all of
//! them, so a server whose clock is apart from the store's takes nothing. What time it is, the server tells; this crate only
//! compares.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Clocks that are set by themselves differ by less.
pub(crate) const APART_MOST: Duration = Duration::from_mins(1);

/// Tells how far a server's time is ahead of another one's, in milliseconds.
#[derive(Clone)]
pub struct ServerClock(Arc<dyn Fn(SystemTime) -> i64 + Send + Sync>);

impl ServerClock {
    /// `ahead_of` answers with a negative number when the server's time is behind.
    pub fn new(ahead_of: impl Fn(SystemTime) -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(ahead_of))
    }

    /// How the two clocks stand in words, if they are apart. `within` is how long ago the other one may have been read.
    pub(crate) fn apart_from(&self, other: SystemTime, within: Duration) -> Option<String> {
        let ahead = (self.0)(other);
        let apart = Duration::from_millis(ahead.unsigned_abs());
        let side = if ahead > 0 { "ahead of" } else { "behind" };
        let seconds = apart.as_secs();
        (apart > APART_MOST + within)
            .then(|| format!("this server's clock is {seconds} seconds {side} the Redis'"))
    }
}

impl fmt::Debug for ServerClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerClock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_differ_by_a_minute_and_the_way_between_them() {
        for (ahead_ms, within_s, is_apart) in [
            (0, 0, false),
            (60_000, 0, false),
            (60_001, 0, true),
            (-60_001, 0, true),
            (65_000, 5, false),
            (65_001, 5, true),
        ] {
            let clock = ServerClock::new(move |_| ahead_ms);
            let within = Duration::from_secs(within_s);
            let apart = clock.apart_from(SystemTime::UNIX_EPOCH, within);
            assert_eq!(
                apart.is_some(),
                is_apart,
                "{ahead_ms} ms within {within_s} s"
            );
        }
        let clock = ServerClock::new(|_| -90_500);
        assert_eq!(
            clock
                .apart_from(SystemTime::UNIX_EPOCH, Duration::ZERO)
                .as_deref(),
            Some("this server's clock is 90 seconds behind the Redis'")
        );
    }
}
