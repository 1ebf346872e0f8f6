//! How much one process can hold open, by what the system lets it have.
//!
//! Most systems give a process 1,024 descriptors to begin with and allow it many more if it asks. Without asking, a
//! thousand boards of one address were all that a server could take, and then it took no officer either.

use crate::config::Mode;
use crate::push::Shares;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Store, log, clips, printers, webhooks, and each worker's own.
const OWN: usize = 128;
/// Connections of strangers: each is also kept by a second descriptor, to end it.
const STRANGERS_MOST: usize = 2_048;
/// Connections of people and devices that are known, besides their sockets.
const KNOWN_MOST: usize = 2_048;

/// Fewer do not do for a hall: a board, a kiosk, a few windows and phones, and what the server needs itself.
const LEAST: usize = 256;

/// The system lets this process open too little.
#[derive(Debug, thiserror::Error)]
#[error(
    "the system lets this process open {0} files and connections; it needs {LEAST}: raise the limit (ulimit -n, LimitNOFILE=)"
)]
pub struct TooFewDescriptors(usize);

/// What descriptors are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub strangers: usize,
    pub known: usize,
    pub sockets: usize,
}

impl Room {
    /// Of this process, which from now on has all that it may have.
    ///
    /// # Errors
    /// If that is too little for any hall: connections would end without a word.
    pub fn of_process() -> Result<Room, TooFewDescriptors> {
        let limit = getrlimit(Resource::Nofile);
        let most = limit.maximum.unwrap_or(u64::MAX);
        let raised = setrlimit(
            Resource::Nofile,
            Rlimit {
                current: limit.maximum,
                maximum: limit.maximum,
            },
        );
        let descriptors = match raised {
            Ok(()) => most,
            Err(_) => limit.current.unwrap_or(most),
        };
        let descriptors = usize::try_from(descriptors).unwrap_or(usize::MAX);
        if descriptors < LEAST {
            return Err(TooFewDescriptors(descriptors));
        }
        Ok(Room::of(descriptors))
    }

    /// Of so many descriptors.
    pub fn of(descriptors: usize) -> Room {
        let free = descriptors.saturating_sub(OWN);
        let strangers = STRANGERS_MOST.min(free / 8);
        let known = KNOWN_MOST.min(free / 8);
        Room {
            strangers,
            known,
            sockets: free - 2 * strangers - known,
        }
    }

    /// How the sockets are shared. A demo is where load tests run, and it serves this machine only.
    pub fn shares(&self, mode: Mode) -> Shares {
        match mode {
            Mode::Demo => Shares::of_demo(self.sockets),
            Mode::Serve => Shares::of(self.sockets),
        }
    }

    /// Connections of strangers at one address: phones of a whole hall may be behind one router.
    pub fn of_one_address(&self, mode: Mode) -> usize {
        match mode {
            Mode::Demo => self.strangers,
            Mode::Serve => self.strangers / 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_fits_into_what_there_is() {
        for descriptors in [LEAST, 1_024, 4_096, 20_000, 1 << 20] {
            let room = Room::of(descriptors);
            let shares = room.shares(Mode::Serve);
            let sum = OWN + 2 * room.strangers + room.known + shares.sum();
            assert!(sum <= descriptors, "{room:?}");
            assert!(
                shares.staff > 0 && room.of_one_address(Mode::Serve) > 0,
                "{room:?}"
            );
        }
        assert_eq!(Room::of(1 << 20).shares(Mode::Serve).sum(), Shares::MOST);
    }
}
