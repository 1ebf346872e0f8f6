//! How much one address may ask for: changes of any kind, numbers that it takes without being anybody, and look-ups of
//! tokens that nobody here knows.
//!
//! Kept per process and in memory. The limit of changes only protects the machine: kiosks of one hall often share an
//! address behind the hall's router, so it is wide. Numbers taken anonymously are few, because each is a place in the
//! queue. An unknown token makes the halls ask the store, which a known one does not.

use crate::access::attempt_limit::network;
use crate::config::Mode;
use crate::web::http::problem::{Problem, ProblemKind};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const PER_SECOND: NonZeroU32 = NonZeroU32::new(50).expect("fifty is not zero");
const BURST: NonZeroU32 = NonZeroU32::new(200).expect("two hundred is not zero");
/// A family behind one router; the next goes to the kiosk or waits.
const NUMBERS_BURST: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
const NUMBER_REGAINED: Duration = Duration::from_secs(120);
/// A family that looks for a time: each try holds a place, and holding is what a robot would do.
const BOOKINGS_BURST: NonZeroU32 = NonZeroU32::new(20).expect("twenty is not zero");
const BOOKING_REGAINED: Duration = Duration::from_secs(30);
/// Phones that still show yesterday's number, and browsers whose session has ended.
const UNKNOWN_PER_SECOND: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
const UNKNOWN_BURST: NonZeroU32 = NonZeroU32::new(50).expect("fifty is not zero");
/// A demo is where load tests run, and it serves this machine only.
const DEMO_PER_SECOND: NonZeroU32 = NonZeroU32::new(100_000).expect("not zero");
/// Forgets idle addresses once in so many requests: the limiter's map only grows by itself.
const TIDY_EVERY: u32 = 10_000;

/// A limit per address; of IPv6 per network, because a client that has one address of a network has all of them.
#[derive(Debug)]
pub struct RateLimit {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    seen: AtomicU32,
}

/// The limits of one process.
#[derive(Debug)]
pub struct Limits {
    pub changes: RateLimit,
    pub anonymous_numbers: RateLimit,
    pub bookings: RateLimit,
    pub unknown_tokens: RateLimit,
}

impl Limits {
    /// As strict as the mode asks for; nobody has used any of them yet.
    pub fn of(mode: Mode) -> Limits {
        Limits {
            changes: RateLimit::of_changes(mode),
            anonymous_numbers: RateLimit::of_anonymous_numbers(mode),
            bookings: RateLimit::of_bookings(mode),
            unknown_tokens: RateLimit::of_unknown_tokens(mode),
        }
    }
}

impl RateLimit {
    /// Of changes of any kind.
    fn of_changes(mode: Mode) -> RateLimit {
        RateLimit::new(mode, Quota::per_second(PER_SECOND).allow_burst(BURST))
    }

    /// Of numbers taken by somebody who is neither signed in nor enrolled.
    fn of_anonymous_numbers(mode: Mode) -> RateLimit {
        let quota = Quota::with_period(NUMBER_REGAINED).expect("two minutes are not zero");
        RateLimit::new(mode, quota.allow_burst(NUMBERS_BURST))
    }

    /// Of places held and booked by a stranger.
    fn of_bookings(mode: Mode) -> RateLimit {
        let quota = Quota::with_period(BOOKING_REGAINED).expect("half a minute is not zero");
        RateLimit::new(mode, quota.allow_burst(BOOKINGS_BURST))
    }

    /// Of look-ups of tokens that are not known here.
    fn of_unknown_tokens(mode: Mode) -> RateLimit {
        let quota = Quota::per_second(UNKNOWN_PER_SECOND);
        RateLimit::new(mode, quota.allow_burst(UNKNOWN_BURST))
    }

    fn new(mode: Mode, quota: Quota) -> RateLimit {
        let quota = match mode {
            Mode::Demo => Quota::per_second(DEMO_PER_SECOND),
            Mode::Serve => quota,
        };
        RateLimit {
            limiter: DefaultKeyedRateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            seen: AtomicU32::new(0),
        }
    }

    /// Whether this address may ask once more.
    pub fn admit(&self, address: IpAddr) -> Result<(), Problem> {
        if self.seen.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter
            .check_key(&network(address))
            .map_err(|not_until| {
                let seconds = not_until.wait_time_from(self.clock.now()).as_secs() + 1;
                ProblemKind::TooManyRequests.because(
                    format!("操作过于频繁,请{seconds}秒后再试。"),
                    format!("Too many requests from this address; try again in {seconds} s."),
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One neighbour in a network of IPv6 addresses once had as many allowances as addresses.
    #[test]
    fn a_network_of_ipv6_addresses_takes_five_numbers_together() {
        let limit = RateLimit::of_anonymous_numbers(Mode::Serve);
        let admits = |address: &str| limit.admit(address.parse().unwrap()).is_ok();
        for last in 1..=5 {
            assert!(admits(&format!("2001:db8::{last}")));
        }
        assert!(!admits("2001:db8::6"));
        assert!(admits("2001:db8:0:1::1"));
    }
}
