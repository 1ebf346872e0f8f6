//! How often somebody may fail to sign in: by account and place, by account, and by address.
//!
//! Each wrong guess makes the next wait longer, so somebody who guesses slows himself down. A place is an address, or a
//! workplace whose cookie shows that this account has signed in there. Guesses from many addresses meet the account's
//! own delay. Neither touches a place from which the account has signed in before, so nobody can keep a person from her
//! own desk.
//!
//! An attempt is taken before the secret is verified, so that many at once cannot slip through, and given back when the
//! secret was right: a whole shift that signs in from behind one address uses up nothing.
//!
//! Kept per instance and in memory: forgotten at a restart, and N instances allow N times as much, which a PIN of six
//! digits still bears. Keys are hashed into a fixed number of places, so that guessing ids or changing addresses can
//! neither fill the memory nor push anybody out; two keys in one place only share its allowance. Strangers and people
//! who are known share none.

use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// An account at an address that it never signed in from: some 100 of a million PINs a day.
const OF_STRANGER: Delay = Delay {
    free: 5,
    first: Duration::from_secs(30),
    longest: Duration::from_secs(900),
};
/// An account at its own place. Behind one router a stranger may sit there too, so it is not locked for long.
const OF_KNOWN: Delay = Delay {
    free: 5,
    first: Duration::from_secs(15),
    longest: Duration::from_secs(60),
};
/// An account, wherever strangers try it from: 480 of a million PINs a day, however many addresses somebody has.
const OF_ACCOUNT: Delay = Delay {
    free: 20,
    first: Duration::from_secs(1),
    longest: Duration::from_secs(180),
};
/// Wrong secrets that are not followed by another for so long count no more.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3_600);
/// A shift mistypes, from behind one address, within a few minutes.
const PER_ADDRESS: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");
const ADDRESS_REGAINS: Duration = Duration::from_secs(5);
/// More than a city's officers; about 1 MB when every place is taken.
const PLACES: u64 = 16_384;
/// Addresses from which somebody signed in; the whole memory is dropped when it is full, and grows again by itself.
const KNOWN_MOST: usize = 65_536;
/// Places whose allowance is whole again are forgotten this often.
const TIDY_EVERY: Duration = Duration::from_secs(600);

/// Counts attempts. One per process, asked before a secret is verified.
#[derive(Debug)]
pub struct AttemptLimit {
    of_strangers: Delays,
    of_known: Delays,
    of_accounts: Delays,
    by_address: Allowances,
    /// Accounts with the addresses that they signed in from.
    known: Mutex<HashSet<u64>>,
    /// Drawn at start, so that nobody can choose whose place to share.
    hasher: RandomState,
}

/// Who wants to sign in, and where.
#[derive(Clone, Copy, Debug)]
pub struct Attempted<'a> {
    pub account: &'a str,
    pub address: IpAddr,
    /// A workplace at which this account has signed in, if the browser proves it.
    pub desk: Option<&'a str>,
}

/// An attempt that was taken: it stays taken unless it is given back.
#[derive(Debug)]
#[must_use = "an attempt that succeeded is given back"]
pub struct Attempt<'a> {
    limit: &'a AttemptLimit,
    /// From a place at which this account signed in before.
    pub is_known: bool,
    place: Option<u64>,
    account: Option<u64>,
    address: Option<u64>,
    /// The account at this address, to be known from now on.
    here: Option<u64>,
}

/// Try again then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyAttempts {
    pub retry_after: Duration,
}

impl Default for AttemptLimit {
    fn default() -> AttemptLimit {
        AttemptLimit {
            of_strangers: Delays::new(OF_STRANGER),
            of_known: Delays::new(OF_KNOWN),
            of_accounts: Delays::new(OF_ACCOUNT),
            by_address: Allowances::new(ADDRESS_REGAINS, PER_ADDRESS),
            known: Mutex::default(),
            hasher: RandomState::new(),
        }
    }
}

impl AttemptLimit {
    /// Takes one attempt.
    pub fn take(&self, attempted: Attempted<'_>) -> Result<Attempt<'_>, TooManyAttempts> {
        self.take_at(attempted, Instant::now())
    }

    fn take_at(
        &self,
        Attempted {
            account,
            address,
            desk,
        }: Attempted<'_>,
        now: Instant,
    ) -> Result<Attempt<'_>, TooManyAttempts> {
        let here = self.hasher.hash_one((account, network(address)));
        let is_known = desk.is_some() || self.known.lock().contains(&here);
        let mut attempt = Attempt {
            limit: self,
            is_known,
            place: None,
            account: None,
            address: None,
            here: Some(here),
        };
        if is_known {
            let place = desk.map_or(here, |desk| self.hasher.hash_one((account, "desk", desk)));
            let place = place % PLACES;
            self.of_known.take(place, now)?;
            attempt.place = Some(place);
            return Ok(attempt);
        }
        // the address first and the account last, so that one that is refused uses up nothing of the account
        let [address, place, account] = [
            self.hasher.hash_one(network(address)) % PLACES,
            here % PLACES,
            self.hasher.hash_one(account) % PLACES,
        ];
        self.by_address.take(address, now)?;
        attempt.address = Some(address);
        self.of_strangers.take(place, now)?;
        attempt.place = Some(place);
        if let Err(wait) = self.of_accounts.take(account, now) {
            self.of_strangers.give_back(place, now); // it was not tried
            return Err(wait);
        }
        attempt.account = Some(account);
        Ok(attempt)
    }

    /// Takes one attempt of an address, for what belongs to no account.
    pub fn take_of_address(&self, address: IpAddr) -> Result<Attempt<'_>, TooManyAttempts> {
        let place = self.hasher.hash_one(network(address)) % PLACES;
        self.by_address.take(place, Instant::now())?;
        Ok(Attempt {
            limit: self,
            is_known: false,
            place: None,
            account: None,
            address: Some(place),
            here: None,
        })
    }
}

impl Attempt<'_> {
    /// The secret was right: as if nobody had tried, and the place is known from now on.
    pub fn succeeded(self) {
        let (limit, now) = (self.limit, Instant::now());
        if let Some(place) = self.place {
            let of_place = match self.is_known {
                true => &limit.of_known,
                false => &limit.of_strangers,
            };
            of_place.forget(place);
        }
        if let Some(account) = self.account {
            limit.of_accounts.give_back(account, now);
        }
        if let Some(address) = self.address {
            limit.by_address.give_back(address);
        }
        if let Some(here) = self.here {
            let mut known = limit.known.lock();
            if known.len() >= KNOWN_MOST {
                known.clear();
            }
            known.insert(here);
        }
    }
}

/// So many at once, then each only after twice the wait of the one before.
#[derive(Clone, Copy, Debug)]
struct Delay {
    free: u32,
    first: Duration,
    longest: Duration,
}

impl Delay {
    /// How long nothing is tried after so many wrong ones.
    fn after(self, count: u32) -> Duration {
        match count.checked_sub(self.free) {
            None => Duration::ZERO,
            Some(beyond) => {
                let times = 1_u32.checked_shl(beyond).unwrap_or(u32::MAX);
                self.first.saturating_mul(times).min(self.longest)
            }
        }
    }
}

/// What was tried in vain at each place.
#[derive(Debug)]
struct Delays {
    delay: Delay,
    tried: Mutex<Tried>,
}

#[derive(Debug)]
struct Tried {
    by_place: HashMap<u64, Failures>,
    tidied: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    again_at: Instant,
}

impl Delays {
    fn new(delay: Delay) -> Delays {
        let (by_place, tidied) = (HashMap::new(), Instant::now());
        Delays {
            delay,
            tried: Mutex::new(Tried { by_place, tidied }),
        }
    }

    fn take(&self, place: u64, now: Instant) -> Result<(), TooManyAttempts> {
        let mut tried = self.tried.lock();
        tried.tidy(now);
        let failures = tried.by_place.entry(place).or_insert(Failures {
            count: 0,
            again_at: now,
        });
        if failures.is_forgotten(now) {
            failures.count = 0;
        }
        if let Some(retry_after) = failures.again_at.checked_duration_since(now)
            && !retry_after.is_zero()
        {
            return Err(TooManyAttempts { retry_after });
        }
        failures.count = failures.count.saturating_add(1);
        failures.again_at = now + self.delay.after(failures.count);
        Ok(())
    }

    /// One that was taken did not happen.
    fn give_back(&self, place: u64, now: Instant) {
        if let Some(failures) = self.tried.lock().by_place.get_mut(&place) {
            failures.count = failures.count.saturating_sub(1);
            failures.again_at = now;
        }
    }

    fn forget(&self, place: u64) {
        self.tried.lock().by_place.remove(&place);
    }
}

impl Failures {
    fn is_forgotten(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.again_at) >= FORGOTTEN_AFTER
    }
}

impl Tried {
    fn tidy(&mut self, now: Instant) {
        if now.saturating_duration_since(self.tidied) >= TIDY_EVERY {
            self.tidied = now;
            self.by_place
                .retain(|_, failures| !failures.is_forgotten(now));
            self.by_place.shrink_to_fit();
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

    fn take(&self, place: u64, now: Instant) -> Result<(), TooManyAttempts> {
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

    fn at(account: &str, address: IpAddr) -> Attempted<'_> {
        Attempted {
            account,
            address,
            desk: None,
        }
    }

    #[test]
    fn the_sixth_attempt_from_an_address_waits_and_nobody_else_does() {
        let limit = AttemptLimit::default();
        let now = Instant::now();
        for _ in 0..5 {
            let _ = limit.take_at(at("1024", counter(1)), now).unwrap();
        }
        let refused = limit.take_at(at("1024", counter(1)), now).unwrap_err();
        assert_eq!(refused.retry_after, OF_STRANGER.first);
        let _ = limit.take_at(at("1024", counter(2)), now).unwrap();
        let _ = limit.take_at(at("2048", counter(1)), now).unwrap();
    }

    /// Sixty wrong PINs once kept twelve officers and the manager from their own desks, for ever.
    #[test]
    fn strangers_with_many_addresses_do_not_keep_anybody_from_her_own_place() {
        let limit = AttemptLimit::default();
        let now = Instant::now();
        limit
            .take_at(at("1024", counter(1)), now)
            .unwrap()
            .succeeded();
        for last in 10..=250 {
            let _ = limit.take_at(at("1024", counter(last)), now);
        }
        assert!(limit.take_at(at("1024", counter(9)), now).is_err());
        let here = limit.take_at(at("1024", counter(1)), now).unwrap();
        assert!(here.is_known);
        here.succeeded();
        // behind the same router as a stranger who guesses, her own browser is told apart
        for _ in 0..9 {
            let _ = limit.take_at(at("1024", counter(1)), now);
        }
        assert!(limit.take_at(at("1024", counter(1)), now).is_err());
        let desk = Attempted {
            desk: Some("desk-1"),
            ..at("1024", counter(1))
        };
        limit.take_at(desk, now).unwrap().succeeded();
        // and a new place waits three minutes at most
        let later = now + OF_ACCOUNT.longest;
        let _ = limit.take_at(at("1024", counter(251)), later).unwrap();
    }

    /// 10,000 tries, one a second: how many are really checked.
    #[test]
    fn of_ten_thousand_guesses_few_are_checked() {
        let start = Instant::now();
        let checked = |addresses: u64, desk: Option<&str>| {
            let limit = AttemptLimit::default();
            let tries = (0..10_000).filter(|second| {
                let address = counter((second % addresses) as u8);
                let attempted = Attempted {
                    desk,
                    ..at("1024", address)
                };
                let moment = start + Duration::from_secs(*second);
                limit.take_at(attempted, moment).is_ok()
            });
            tries.count()
        };
        assert_eq!(checked(1, None), 20);
        assert_eq!(checked(200, None), 82);
        assert_eq!(checked(1, Some("desk-1")), 172); // a thief at the person's own desk
    }

    #[test]
    fn one_address_that_tries_every_account_runs_dry() {
        let limit = AttemptLimit::default();
        let now = Instant::now();
        let tries =
            (0..1_000).filter(|n| limit.take_at(at(&n.to_string(), counter(1)), now).is_ok());
        assert!(tries.count() <= PER_ADDRESS.get() as usize);
    }

    #[test]
    fn whoever_was_right_has_used_up_nothing() {
        let limit = AttemptLimit::default();
        for _ in 0..100 {
            limit.take(at("1024", counter(1))).unwrap().succeeded();
        }
        for _ in 0..100 {
            limit.take_of_address(counter(2)).unwrap().succeeded();
        }
    }

    #[test]
    fn places_that_are_whole_again_are_forgotten() {
        let (now, later) = (Instant::now(), Instant::now() + 2 * FORGOTTEN_AFTER);
        let allowances = Allowances::new(ADDRESS_REGAINS, PER_ADDRESS);
        allowances.take(1, now).unwrap();
        allowances.whole_at.lock().tidy(later);
        assert!(allowances.whole_at.lock().by_place.is_empty());
        let delays = Delays::new(OF_STRANGER);
        delays.take(1, now).unwrap();
        delays.tried.lock().tidy(later);
        assert!(delays.tried.lock().by_place.is_empty());
    }

    #[test]
    fn keys_take_a_fixed_number_of_places() {
        let limit = AttemptLimit::default();
        let now = Instant::now();
        for guess in 0..100_000_u32 {
            let address = IpAddr::V4(Ipv4Addr::from_bits(guess));
            let _ = limit.take_at(at(&format!("guess-{guess}"), address), now);
        }
        let places = |delays: &Delays| delays.tried.lock().by_place.len() as u64;
        assert!(places(&limit.of_strangers) <= PLACES && places(&limit.of_accounts) <= PLACES);
        assert!(limit.by_address.whole_at.lock().by_place.len() as u64 <= PLACES);
    }

    #[test]
    fn a_network_of_ipv6_addresses_is_one() {
        let same = |a: &str, b: &str| network(a.parse().unwrap()) == network(b.parse().unwrap());
        assert!(same("2001:db8::1", "2001:db8::ffff:2"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(same("::ffff:10.0.0.1", "10.0.0.1"));
    }
}
