//! How often somebody may fail to sign in, by account and by address.
//!
//! An attempt is taken before the secret is verified, so that many at once cannot slip through, and given back when the
//! secret was right: a whole shift that signs in from behind one address uses up nothing.
//!
//! Kept per instance and in memory: forgotten at a restart, and N instances allow N times as much, which a PIN of six
//! digits still bears. Keys are hashed into a fixed number of places, so that guessing ids or changing addresses can
//! neither fill the memory nor push anybody out; two keys in one place only share its allowance.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// Five in a quarter of an hour: 480 of a million PINs a day.
const PER_ACCOUNT: NonZeroU32 = NonZeroU32::new(5).expect("5 is not 0");
const ACCOUNT_REGAINS: Duration = Duration::from_secs(180);
/// A shift mistypes, from behind one address, within a few minutes.
const PER_ADDRESS: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");
const ADDRESS_REGAINS: Duration = Duration::from_secs(5);
/// More than a city's officers; about 1 MB when every place is taken.
const PLACES: u64 = 16_384;
/// Places whose allowance is whole again are forgotten this often.
const TIDY_EVERY: Duration = Duration::from_secs(600);

/// Counts attempts. One per process, asked before a secret is verified.
#[derive(Debug)]
pub struct AttemptLimit {
    by_account: Allowances,
    by_address: Allowances,
    /// Drawn at start, so that nobody can choose whose place to share.
    hasher: RandomState,
}

/// An attempt that was taken: it stays taken unless it is given back.
#[derive(Debug)]
#[must_use = "an attempt that succeeded is given back"]
pub struct Attempt<'a> {
    taken: Vec<(&'a Allowances, u64)>,
}

/// Try again then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyAttempts {
    pub retry_after: Duration,
}

impl Default for AttemptLimit {
    fn default() -> AttemptLimit {
        AttemptLimit::with_bursts(PER_ACCOUNT, PER_ADDRESS)
    }
}

impl AttemptLimit {
    /// With other allowances, for demo and tests; they come back as slowly.
    pub fn with_bursts(per_account: NonZeroU32, per_address: NonZeroU32) -> AttemptLimit {
        AttemptLimit {
            by_account: Allowances::new(ACCOUNT_REGAINS, per_account),
            by_address: Allowances::new(ADDRESS_REGAINS, per_address),
            hasher: RandomState::new(),
        }
    }

    /// Takes one attempt of both; the address first, so that one that is refused uses up no account.
    pub fn take(&self, account: &str, address: IpAddr) -> Result<Attempt<'_>, TooManyAttempts> {
        let mut attempt = self.take_of_address(address)?;
        let place = self.place(account);
        self.by_account.take(place)?;
        attempt.taken.push((&self.by_account, place));
        Ok(attempt)
    }

    /// Takes one attempt of an address, for what belongs to no account.
    pub fn take_of_address(&self, address: IpAddr) -> Result<Attempt<'_>, TooManyAttempts> {
        let place = self.place(network(address));
        self.by_address.take(place)?;
        let taken = vec![(&self.by_address, place)];
        Ok(Attempt { taken })
    }

    fn place(&self, key: impl Hash) -> u64 {
        self.hasher.hash_one(key) % PLACES
    }
}

impl Attempt<'_> {
    /// The secret was right: as if nobody had tried.
    pub fn succeeded(self) {
        for (allowances, place) in self.taken {
            allowances.give_back(place);
        }
    }
}

/// What is left at each place: a place is the moment at which its allowance is whole again.
#[derive(Debug)]
struct Allowances {
    regains: Duration,
    burst: u32,
    whole_at: Mutex<Places>,
}

#[derive(Debug)]
struct Places {
    by_place: HashMap<u64, Instant>,
    tidied: Instant,
}

impl Allowances {
    fn new(regains: Duration, burst: NonZeroU32) -> Allowances {
        let (by_place, tidied) = (HashMap::new(), Instant::now());
        Allowances {
            regains,
            burst: burst.get(),
            whole_at: Mutex::new(Places { by_place, tidied }),
        }
    }

    fn take(&self, place: u64) -> Result<(), TooManyAttempts> {
        let now = Instant::now();
        let mut places = self.whole_at.lock();
        places.tidy(now);
        let whole_at = places.by_place.get(&place).copied().unwrap_or(now).max(now);
        let missing = whole_at - now;
        let most_missing = self.regains * (self.burst - 1);
        if missing > most_missing {
            let retry_after = missing - most_missing;
            return Err(TooManyAttempts { retry_after });
        }
        places.by_place.insert(place, whole_at + self.regains);
        Ok(())
    }

    fn give_back(&self, place: u64) {
        if let Some(whole_at) = self.whole_at.lock().by_place.get_mut(&place) {
            *whole_at = whole_at.checked_sub(self.regains).unwrap_or(*whole_at);
        }
    }
}

impl Places {
    /// Forgets now and then where nothing is missing.
    fn tidy(&mut self, now: Instant) {
        if now.duration_since(self.tidied) >= TIDY_EVERY {
            self.tidied = now;
            self.by_place.retain(|_, whole_at| *whole_at > now);
            self.by_place.shrink_to_fit();
        }
    }
}

/// A host with one IPv6 address has a /64 of them.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn counter(last: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(10, 0, 0, last))
    }

    #[test]
    fn the_sixth_attempt_at_an_account_waits_wherever_it_comes_from() {
        let limit = AttemptLimit::default();
        for last in 1..=5 {
            let _ = limit.take("1024", counter(last)).unwrap();
        }
        let refused = limit.take("1024", counter(6)).unwrap_err();
        assert!(refused.retry_after > Duration::ZERO && refused.retry_after <= ACCOUNT_REGAINS);
    }

    #[test]
    fn an_address_that_is_refused_uses_up_no_account() {
        let one = NonZeroU32::MIN;
        let limit = AttemptLimit::with_bursts(one, one);
        let _ = limit.take("1024", counter(1)).unwrap();
        assert!(limit.take("2048", counter(1)).is_err());
        let _ = limit.take("2048", counter(2)).unwrap();
    }

    #[test]
    fn whoever_was_right_has_used_up_nothing() {
        let limit = AttemptLimit::with_bursts(NonZeroU32::MIN, NonZeroU32::MIN);
        for _ in 0..10 {
            limit.take("1024", counter(1)).unwrap().succeeded();
        }
        let _ = limit.take("1024", counter(1)).unwrap();
        assert!(limit.take("1024", counter(1)).is_err());
    }

    #[test]
    fn places_that_are_whole_again_are_forgotten() {
        let allowances = Allowances::new(ACCOUNT_REGAINS, PER_ACCOUNT);
        allowances.take(1).unwrap();
        let later = Instant::now() + TIDY_EVERY;
        allowances.whole_at.lock().tidy(later);
        assert!(allowances.whole_at.lock().by_place.is_empty());
    }

    #[test]
    fn keys_take_a_fixed_number_of_places() {
        let million = NonZeroU32::new(1_000_000).unwrap();
        let limit = AttemptLimit::with_bursts(million, million);
        for guess in 0..100_000 {
            let _ = limit.take(&format!("guess-{guess}"), counter(1)).unwrap();
        }
        assert!(limit.by_account.whole_at.lock().by_place.len() as u64 <= PLACES);
    }

    #[test]
    fn a_network_of_ipv6_addresses_is_one() {
        let same = |a: &str, b: &str| network(a.parse().unwrap()) == network(b.parse().unwrap());
        assert!(same("2001:db8::1", "2001:db8::ffff:2"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(same("::ffff:10.0.0.1", "10.0.0.1"));
    }
}
