//! How often somebody may ask: changes of any kind, numbers that nobody in particular takes, look-ups of tokens that
//! nobody here knows, searches.
//!
//! Kept per process and in memory. Whoever is signed in or enrolled is counted as himself, so strangers behind the same
//! router use up nothing of his; strangers are counted by their address.

use crate::access::attempt_limit::network;
use crate::config::Mode;
use crate::web::http::desk;
use crate::web::http::identity::somebody;
use crate::web::http::keyed::keyed_digest;
use crate::web::http::limits::{self, Limit};
use crate::web::http::problem::Problem;
use crate::web::http::site::client;
use actix_web::HttpRequest;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use hall::id::{ActorId, Token};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const CHANGE_REGAINED: Duration = Duration::from_millis(20);
const NUMBER_REGAINED: Duration = Duration::from_secs(10);
const NUMBER_IN_HALL_REGAINED: Duration = Duration::from_secs(1);
const BOOKING_REGAINED: Duration = Duration::from_secs(30);
const TOKEN_REGAINED: Duration = Duration::from_millis(200);
const QUESTION_REGAINED: Duration = Duration::from_millis(33);
/// A demo is where load tests run, and it serves this machine only.
const DEMO_PER_SECOND: NonZeroU32 = NonZeroU32::new(100_000).expect("not zero");
/// Forgets idle addresses once in so many requests: the limiter's map only grows by itself.
const TIDY_EVERY: u32 = 10_000;

/// Whom a limit counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A person or device, wherever.
    Somebody(ActorId),
    /// A workplace at which somebody has signed in.
    Desk(String),
    /// A stranger; of IPv6 a network, because a client that has one address of a network has all of them.
    At(IpAddr),
}

impl Who {
    /// Who sends this request, as far as this instance knows.
    pub fn sends(request: &HttpRequest) -> Who {
        let known = somebody(request).map(|identity| Who::Somebody(identity.id));
        let known = known.or_else(|| desk::of_anybody(request).map(Who::Desk));
        known.unwrap_or_else(|| Who::at(client(request)))
    }

    /// Whoever is at this address.
    pub fn at(address: IpAddr) -> Who {
        Who::At(network(address))
    }

    /// A token that is theirs alone and tells nobody who they are.
    pub fn token(&self, secret: &[u8; 32]) -> Token {
        let who = match self {
            Who::Somebody(id) => format!("somebody|{id}"),
            Who::Desk(desk) => format!("desk|{desk}"),
            Who::At(address) => format!("at|{address}"),
        };
        let digest = keyed_digest(secret, &[b"client|", who.as_bytes()]);
        Token::parse(digest).expect("hex digits make a token")
    }
}

/// A limit for each of them.
#[derive(Debug)]
pub struct RateLimit {
    limit: Limit,
    limiter: DefaultKeyedRateLimiter<Who>,
    clock: DefaultClock,
    seen: AtomicU32,
}

/// The limits of one process.
#[derive(Debug)]
pub struct RateLimits {
    pub changes: RateLimit,
    pub anonymous_numbers: RateLimit,
    pub numbers_in_hall: RateLimit,
    pub bookings: RateLimit,
    pub unknown_tokens: RateLimit,
    pub questions: RateLimit,
}

impl RateLimits {
    /// As strict as the mode asks for; nobody has used any of them yet.
    pub fn of(mode: Mode) -> RateLimits {
        let limit = |limit, regained| RateLimit::new(mode, limit, regained);
        RateLimits {
            changes: limit(limits::CHANGES, CHANGE_REGAINED),
            anonymous_numbers: limit(limits::NUMBERS, NUMBER_REGAINED),
            numbers_in_hall: limit(limits::NUMBERS_IN_HALL, NUMBER_IN_HALL_REGAINED),
            bookings: limit(limits::BOOKINGS, BOOKING_REGAINED),
            unknown_tokens: limit(limits::UNKNOWN_TOKENS, TOKEN_REGAINED),
            questions: limit(limits::QUESTIONS, QUESTION_REGAINED),
        }
    }
}

impl RateLimit {
    fn new(mode: Mode, limit: Limit, regained: Duration) -> RateLimit {
        let burst = u32::try_from(limit.most).ok().and_then(NonZeroU32::new);
        let burst = burst.expect("the table has small numbers, and no nought");
        let quota = Quota::with_period(regained).expect("no period is nought");
        let quota = match mode {
            Mode::Demo => Quota::per_second(DEMO_PER_SECOND),
            Mode::Serve => quota.allow_burst(burst),
        };
        RateLimit {
            limit,
            limiter: DefaultKeyedRateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            seen: AtomicU32::new(0),
        }
    }

    /// Whether they may ask once more.
    pub fn admit(&self, who: &Who) -> Result<(), Problem> {
        if self.seen.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(who).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            self.limit.problem_until(wait)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Who {
        Who::at(address.parse().unwrap())
    }

    /// One neighbour in a network of IPv6 addresses once had as many allowances as addresses.
    #[test]
    fn a_network_of_ipv6_addresses_takes_numbers_together() {
        let limit = RateLimits::of(Mode::Serve).anonymous_numbers;
        let admits = |address: &str| limit.admit(&at(address)).is_ok();
        for last in 1..=limits::NUMBERS.most {
            assert!(admits(&format!("2001:db8::{last:x}")));
        }
        assert!(!admits("2001:db8::ffff"));
        assert!(admits("2001:db8:0:1::1"));
    }

    #[test]
    fn what_strangers_use_up_is_nobody_elses() {
        let limit = RateLimits::of(Mode::Serve).changes;
        while limit.admit(&at("10.0.0.1")).is_ok() {}
        let officer = Who::Somebody(ActorId::parse("1024").unwrap());
        assert!(limit.admit(&officer).is_ok());
    }
}
