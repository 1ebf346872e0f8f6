//! How many may watch: a limit for all together, with shares for staff and devices, for phones and for boards that
//! nobody enrolled, so that no group keeps another out; and a limit for each watcher.

use hall::id::{ActorId, Token};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Who takes a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seat {
    /// A person or device, wherever.
    Staff(ActorId),
    /// A phone that watches this number.
    Phone(Token),
    /// Nobody in particular, at this address.
    Stranger(IpAddr),
}

/// How many places there are for each kind, and for one of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    pub staff: usize,
    pub phones: usize,
    pub strangers: usize,
    pub at_address: usize,
    pub of_one: usize,
    pub of_ticket: usize,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// This one has as many as one may have.
    OfOne,
    /// All of the kind are taken.
    InAll,
}

/// The places of one process.
#[derive(Clone, Debug)]
pub struct Seating {
    shares: Shares,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    staff: usize,
    phones: usize,
    strangers: usize,
    by_seat: BTreeMap<Seat, usize>,
}

/// A place that is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    seat: Seat,
    taken: Arc<Mutex<Taken>>,
}

impl Shares {
    /// Ten city halls' phones, screens and consoles; some 60 KiB each.
    pub const MOST: usize = 12_000;
    pub const AT_ADDRESS: usize = 64;
    pub const OF_ONE: usize = 64;
    pub const OF_TICKET: usize = 8;

    /// Of so many sockets in all.
    pub fn of(sockets: usize) -> Shares {
        let quarter = sockets.min(Shares::MOST) / 4;
        Shares {
            staff: quarter,
            phones: 2 * quarter,
            strangers: quarter,
            at_address: Shares::AT_ADDRESS,
            of_one: Shares::OF_ONE,
            of_ticket: Shares::OF_TICKET,
        }
    }

    /// Where load tests run: everybody may take all of them.
    pub fn of_demo(sockets: usize) -> Shares {
        Shares {
            staff: sockets,
            phones: sockets,
            strangers: sockets,
            at_address: sockets,
            of_one: sockets,
            of_ticket: sockets,
        }
    }

    /// All of them.
    pub fn sum(&self) -> usize {
        self.staff + self.phones + self.strangers
    }
}

impl Seating {
    /// With nobody there yet.
    pub fn new(shares: Shares) -> Seating {
        Seating {
            shares,
            taken: Arc::default(),
        }
    }

    /// Takes a place, if there is one.
    pub fn take(&self, seat: Seat) -> Result<Place, NoPlace> {
        let (most, of_one) = match seat {
            Seat::Staff(_) => (self.shares.staff, self.shares.of_one),
            Seat::Phone(_) => (self.shares.phones, self.shares.of_ticket),
            Seat::Stranger(_) => (self.shares.strangers, self.shares.at_address),
        };
        let mut taken = self.taken.lock();
        if taken.by_seat.get(&seat).copied().unwrap_or_default() >= of_one {
            return Err(NoPlace::OfOne);
        }
        let of_kind = taken.of_kind(&seat);
        if *of_kind >= most {
            return Err(NoPlace::InAll);
        }
        *of_kind += 1;
        *taken.by_seat.entry(seat.clone()).or_default() += 1;
        let taken = self.taken.clone();
        Ok(Place { seat, taken })
    }
}

impl Taken {
    fn of_kind(&mut self, seat: &Seat) -> &mut usize {
        match seat {
            Seat::Staff(_) => &mut self.staff,
            Seat::Phone(_) => &mut self.phones,
            Seat::Stranger(_) => &mut self.strangers,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        *taken.of_kind(&self.seat) -= 1;
        if let Some(count) = taken.by_seat.get_mut(&self.seat) {
            *count -= 1;
            if *count == 0 {
                taken.by_seat.remove(&self.seat);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stranger(last: u8) -> Seat {
        Seat::Stranger([10, 0, 0, last].into())
    }

    #[test]
    fn strangers_fill_their_own_share_and_no_other() {
        let places = Seating::new(Shares::of(1_024));
        let mut kept: Vec<Place> = (0..64).map(|_| places.take(stranger(1)).unwrap()).collect();
        assert_eq!(places.take(stranger(1)).unwrap_err(), NoPlace::OfOne);
        for last in 2..=4 {
            kept.extend((0..64).map(|_| places.take(stranger(last)).unwrap()));
        }
        assert_eq!(places.take(stranger(5)).unwrap_err(), NoPlace::InAll);
        let officer = Seat::Staff(ActorId::parse("1024").unwrap());
        let phone = Seat::Phone(Token::parse("A".repeat(43)).unwrap());
        let _officer = places.take(officer).unwrap();
        let _phone = places.take(phone).unwrap();
        kept.pop();
        assert!(places.take(stranger(5)).is_ok());
    }

    #[test]
    fn who_left_is_forgotten() {
        let places = Seating::new(Shares::of(1_024));
        let kept: Vec<Place> = (0..64).map(|_| places.take(stranger(1)).unwrap()).collect();
        drop(kept);
        assert!(places.taken.lock().by_seat.is_empty());
        assert_eq!(places.taken.lock().strangers, 0);
    }
}
