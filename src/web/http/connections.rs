//! Connections, and which of them has to go when there are too many: the stranger's that has been silent longest.
//!
//! When somebody connects, the server does not know yet who it is, so it lets everybody in. Refusing newcomers instead
//! would lock officers out behind a crowd that only connects. When somebody known asks on a connection, or when it
//! becomes a socket, it leaves the list and counts as that person's. So a crowd of strangers, at whatever address,
//! costs only strangers.
//!
//! The HTTP library gives a connection's first head its time, and no later one. So whoever is at rest for longer than both
//! an idle connection and a head may take is ended here ([`Connections::end_slow_heads`]).

use crate::web::http::rate_limit::Who;
use parking_lot::Mutex;
use rustix::net::{Shutdown, shutdown};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Connections of one person or device that no stranger can push out: several browsers, with six each.
const KNOWN_OF_ONE: usize = 64;

/// The connections of one process.
#[derive(Debug)]
pub struct Connections {
    strangers_most: usize,
    of_one_address: usize,
    known_most: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    /// By when they were heard last.
    strangers: BTreeMap<u64, Stranger>,
    by_address: HashMap<IpAddr, usize>,
    known: HashMap<Who, usize>,
}

/// How a stranger's connection is ended. The server's worker then reads its end.
#[derive(Debug)]
struct Stranger {
    peer: IpAddr,
    handle: OwnedFd,
    activity: Arc<Activity>,
}

/// What goes on on a connection.
#[derive(Debug)]
struct Activity {
    requests: AtomicUsize,
    /// When there was none any more.
    rests_since: Mutex<Instant>,
}

/// A request on a connection, until all of its response was taken.
#[derive(Debug)]
pub struct Underway(Arc<Activity>);

/// One connection, while it is open.
pub struct Connection {
    connections: Arc<Connections>,
    activity: Arc<Activity>,
    counted: Mutex<Counted>,
}

enum Counted {
    Stranger(u64),
    Known(Who),
    Socket,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

impl Connections {
    /// None yet.
    pub fn new(strangers_most: usize, of_one_address: usize, known_most: usize) -> Connections {
        Connections {
            strangers_most,
            of_one_address,
            known_most,
            open: Mutex::default(),
        }
    }

    /// Takes a new one, and ends the most silent if there are too many. A proxy's are those of all its clients.
    pub fn accept(self: &Arc<Self>, peer: IpAddr, handle: OwnedFd, is_proxy: bool) -> Connection {
        let mut open = self.open.lock();
        let activity = Arc::new(Activity {
            requests: AtomicUsize::new(0),
            rests_since: Mutex::new(Instant::now()),
        });
        let number = open.add(Stranger {
            peer,
            handle,
            activity: activity.clone(),
        });
        let of_address = open.by_address.get(&peer).copied().unwrap_or_default();
        if of_address > self.of_one_address && !is_proxy {
            let mut silent = open.strangers.iter();
            let silent = silent.find(|(_, stranger)| stranger.peer == peer);
            let silent = silent.map(|(number, _)| *number);
            open.end(silent);
        } else if open.strangers.len() > self.strangers_most {
            let silent = open.strangers.keys().next().copied();
            open.end(silent);
        }
        Connection {
            connections: self.clone(),
            activity,
            counted: Mutex::new(Counted::Stranger(number)),
        }
    }

    /// Ends strangers' connections on which nothing was asked for this long.
    pub fn end_slow_heads(&self, longest: Duration) {
        let mut open = self.open.lock();
        let is_slow = |(number, stranger): (&u64, &Stranger)| {
            let rests = stranger.activity.rests();
            rests
                .is_some_and(|rests| rests > longest)
                .then_some(*number)
        };
        let slow: Vec<u64> = open.strangers.iter().filter_map(is_slow).collect();
        slow.into_iter().for_each(|number| open.end(Some(number)));
    }
}

impl Activity {
    /// For how long nothing has been asked.
    fn rests(&self) -> Option<Duration> {
        let is_at_rest = self.requests.load(Ordering::SeqCst) == 0;
        is_at_rest.then(|| self.rests_since.lock().elapsed())
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        *self.0.rests_since.lock() = Instant::now();
        self.0.requests.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Open {
    fn add(&mut self, stranger: Stranger) -> u64 {
        let number = self.next;
        self.next += 1;
        *self.by_address.entry(stranger.peer).or_default() += 1;
        self.strangers.insert(number, stranger);
        number
    }

    /// `None` if it was ended meanwhile.
    fn remove(&mut self, number: u64) -> Option<Stranger> {
        let stranger = self.strangers.remove(&number)?;
        if let Some(count) = self.by_address.get_mut(&stranger.peer) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&stranger.peer);
            }
        }
        Some(stranger)
    }

    fn end(&mut self, number: Option<u64>) {
        if let Some(stranger) = number.and_then(|number| self.remove(number)) {
            // it may be closed already, and then there is nothing to end
            shutdown(&stranger.handle, Shutdown::Both).ok();
        }
    }
}

impl Connection {
    /// A request is under way on it.
    pub fn begins(&self) -> Underway {
        self.activity.requests.fetch_add(1, Ordering::SeqCst);
        Underway(self.activity.clone())
    }

    /// A request came on it.
    pub fn heard(&self, who: &Who) {
        let mut counted = self.counted.lock();
        let Counted::Stranger(number) = &*counted else {
            return;
        };
        let mut open = self.connections.open.lock();
        let Some(stranger) = open.remove(*number) else {
            return;
        };
        let is_known = match who {
            Who::Somebody(_) | Who::Desk(_) => true,
            Who::At(_) => false,
        };
        if is_known
            && open.known.values().sum::<usize>() < self.connections.known_most
            && open.known.get(who).is_none_or(|own| *own < KNOWN_OF_ONE)
        {
            *open.known.entry(who.clone()).or_default() += 1;
            *counted = Counted::Known(who.clone());
            return;
        }
        *counted = Counted::Stranger(open.add(stranger));
    }

    /// It became a socket, which has a place of its own.
    pub fn became_a_socket(&self) {
        self.leave(&mut self.counted.lock());
    }

    fn leave(&self, counted: &mut Counted) {
        let mut open = self.connections.open.lock();
        match std::mem::replace(counted, Counted::Socket) {
            Counted::Stranger(number) => drop(open.remove(number)),
            Counted::Known(who) => {
                if let Some(count) = open.known.get_mut(&who) {
                    *count -= 1;
                    if *count == 0 {
                        open.known.remove(&who);
                    }
                }
            }
            Counted::Socket => {}
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.leave(&mut self.counted.lock());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hall::id::ActorId;
    use std::io::Read;
    use std::os::unix::net::UnixStream;

    /// A connection from this address with the server's own end, and its other end.
    fn connect(connections: &Arc<Connections>, last: u8) -> ((Connection, UnixStream), UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        theirs.set_nonblocking(true).unwrap();
        let connection = connections.accept(
            [10, 0, 0, last].into(),
            ours.try_clone().unwrap().into(),
            false,
        );
        ((connection, ours), theirs)
    }

    fn is_open(theirs: &mut UnixStream) -> bool {
        theirs.read(&mut [0]).is_err() // it would have to wait for something
    }

    #[test]
    fn the_stranger_who_was_silent_longest_goes_and_nobody_known() {
        let connections = Arc::new(Connections::new(4, 3, 10));
        let known = Who::Somebody(ActorId::parse("1024").unwrap());
        let (officer, mut officer_end) = connect(&connections, 1);
        officer.0.heard(&known);
        let (socket, mut socket_end) = connect(&connections, 1);
        socket.0.became_a_socket();
        let (first, mut first_end) = connect(&connections, 1);
        let (_second, mut second_end) = connect(&connections, 1);
        let (_third, mut third_end) = connect(&connections, 1);
        first.0.heard(&Who::at([10, 0, 0, 1].into())); // so the second is the most silent now
        let (_fourth, mut fourth_end) = connect(&connections, 1);
        assert!(!is_open(&mut second_end));
        for end in [
            &mut officer_end,
            &mut socket_end,
            &mut first_end,
            &mut third_end,
        ] {
            assert!(is_open(end));
        }
        // elsewhere nobody is pushed out for them, until there are too many in all
        let (_elsewhere, mut elsewhere_end) = connect(&connections, 2);
        assert!(is_open(&mut elsewhere_end) && is_open(&mut third_end));
        let _more = connect(&connections, 3);
        assert!(!is_open(&mut third_end));
        assert!(is_open(&mut elsewhere_end) && is_open(&mut fourth_end));
    }

    #[test]
    fn who_asks_nothing_goes_and_who_is_answered_stays() {
        let connections = Arc::new(Connections::new(9, 9, 10));
        let known = Who::Somebody(ActorId::parse("1024").unwrap());
        let (officer, mut officer_end) = connect(&connections, 1);
        officer.0.heard(&known);
        let (slow, mut slow_end) = connect(&connections, 2);
        drop(slow.0.begins());
        let (asks, mut asks_end) = connect(&connections, 3);
        let underway = asks.0.begins();
        connections.end_slow_heads(Duration::from_secs(60));
        assert!(is_open(&mut slow_end));
        connections.end_slow_heads(Duration::ZERO);
        assert!(!is_open(&mut slow_end));
        assert!(is_open(&mut asks_end) && is_open(&mut officer_end));
        drop(underway);
        connections.end_slow_heads(Duration::ZERO);
        assert!(!is_open(&mut asks_end) && is_open(&mut officer_end));
    }

    #[test]
    fn who_left_is_counted_no_more() {
        let connections = Arc::new(Connections::new(4, 3, 10));
        let known = Who::Somebody(ActorId::parse("1024").unwrap());
        let stranger = Who::at([10, 0, 0, 1].into());
        for n in 0..10 {
            let (connection, _end) = connect(&connections, 1);
            connection
                .0
                .heard(if n % 2 == 0 { &known } else { &stranger });
        }
        let open = connections.open.lock();
        assert!(open.strangers.is_empty() && open.by_address.is_empty() && open.known.is_empty());
    }
}
