//! So much at once, and then so much a second: for one connection, whose task alone counts.

use tokio::time::Instant;

/// What may still come.
#[derive(Debug)]
pub struct Allowance {
    left: f64,
    at_once: f64,
    a_second: f64,
    since: Instant,
}

impl Allowance {
    /// All of it is there.
    pub fn new(at_once: f64, a_second: f64) -> Allowance {
        Allowance {
            left: at_once,
            at_once,
            a_second,
            since: Instant::now(),
        }
    }

    /// Takes so much of it; false when there is not as much.
    pub fn take(&mut self, count: f64) -> bool {
        let now = Instant::now();
        let grown = now.duration_since(self.since).as_secs_f64() * self.a_second;
        self.since = now;
        self.left = (self.left + grown).min(self.at_once) - count;
        self.left >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn it_grows_back_and_not_beyond_its_size() {
        let mut allowance = Allowance::new(10.0, 2.0);
        assert!(allowance.take(10.0));
        assert!(!allowance.take(1.0));
        tokio::time::advance(Duration::from_secs(3)).await;
        assert!(allowance.take(5.0));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(allowance.take(10.0) && !allowance.take(1.0));
    }
}
