//! Two servers that own one hall over one store, and are killed and started again.

use super::judge::Judge;
use super::planted::Rules;
use super::sometimes::Sometimes;
use super::store::{SimLog, SimStore, stream};
use chrono::Duration as HallDuration;
use fastrand::Rng;
use hall::Time;
use paihao::clock::{Doubt, HallClock};
use paihao::runtime::Owner;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Servers over the one store.
pub const SERVERS: usize = 2;
/// Between two looks whether a server has stopped: shorter than the second for which a panic stops it.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// A server that runs.
#[derive(Debug)]
pub struct SimServer<R: Rules> {
    pub owner: Owner<R>,
    pub log: Arc<SimLog>,
    pub clock: Arc<HallClock>,
    /// So many set-backs of the store are older than this server.
    losses: u32,
}

impl<R: Rules> Clone for SimServer<R> {
    fn clone(&self) -> SimServer<R> {
        SimServer {
            owner: self.owner.clone(),
            log: self.log.clone(),
            clock: self.clock.clone(),
            losses: self.losses,
        }
    }
}

/// Everything that a run shares.
#[derive(Debug)]
pub struct SimScene<R: Rules> {
    pub store: SimStore,
    inner: Mutex<Inner<R>>,
    judge: Mutex<Judge>,
}

#[derive(Debug)]
struct Inner<R: Rules> {
    rng: Rng,
    servers: [Option<SimServer<R>>; SERVERS],
    /// The time of the world, and by how much each machine's wall clock is wrong.
    at: Time,
    since: Instant,
    speed: f64,
    wrong_by: [HallDuration; SERVERS],
    processes: u64,
    losses: u32,
    clients: usize,
}

impl<R: Rules> SimScene<R> {
    /// Nobody runs yet, at this time of a world that is so many times as fast as the tasks.
    pub fn new(store: SimStore, rng: &mut Rng, at: Time, speed: f64) -> Arc<SimScene<R>> {
        let judge = Judge::new(&store);
        Arc::new(SimScene {
            store,
            judge: Mutex::new(judge),
            inner: Mutex::new(Inner {
                rng: Rng::with_seed(rng.u64(..)),
                servers: [None, None],
                at,
                since: Instant::now(),
                speed,
                wrong_by: [HallDuration::zero(); SERVERS],
                processes: 0,
                losses: 0,
                clients: 0,
            }),
        })
    }

    pub fn judge(&self) -> MutexGuard<'_, Judge> {
        self.judge
            .lock()
            .expect("nothing panics while it holds the judge")
    }

    fn inner(&self) -> MutexGuard<'_, Inner<R>> {
        self.inner
            .lock()
            .expect("nothing panics while it holds the scene")
    }

    /// The server at this place, if it runs.
    pub fn server(&self, place: usize) -> Option<SimServer<R>> {
        self.inner().servers[place].clone()
    }

    /// The world's time.
    pub fn now(&self) -> Time {
        self.inner().now()
    }

    /// The world's time is set, on one machine after the other.
    pub async fn pass_to(&self, at: Time) {
        {
            let mut inner = self.inner();
            (inner.at, inner.since) = (at, Instant::now());
        }
        for place in 0..SERVERS {
            self.set_clock(place);
            let pause = self.inner().rng.u64(1..200);
            sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Days pass at once, on every machine.
    pub fn leap_to(&self, at: Time) {
        let mut inner = self.inner();
        (inner.at, inner.since) = (at, Instant::now());
        for server in inner.servers.iter().flatten() {
            server.clock.set_demo(at, None);
        }
    }

    /// A machine's wall clock is wrong by so much from now on.
    pub fn make_wrong(&self, place: usize, by: HallDuration) {
        self.inner().wrong_by[place] = by;
        self.set_clock(place);
    }

    fn set_clock(&self, place: usize) {
        let inner = self.inner();
        let wall = inner.now() + inner.wrong_by[place];
        if let Some(server) = &inner.servers[place] {
            server.clock.set_wall(wall);
        }
    }

    /// The store was set back: whoever runs now must find out.
    pub fn lose(&self) -> Vec<SimServer<R>> {
        let mut inner = self.inner();
        inner.losses += 1;
        inner.servers.iter().flatten().cloned().collect()
    }

    /// A client begins or ends; answers how many there are.
    pub fn clients(&self, more: isize) -> usize {
        let mut inner = self.inner();
        inner.clients = inner.clients.saturating_add_signed(more);
        inner.clients
    }

    /// Keeps a server running: starts it, looks after it, and starts another one when it is dead.
    pub async fn keep_serving(self: Arc<Self>, place: usize) {
        loop {
            let (log, clock, losses) = self.new_process(place);
            let mut died = log.died();
            let lives = self.start_and_live(place, log, clock, losses);
            tokio::select! {
                biased;
                _ = died.wait_for(|is_dead| *is_dead) => {}
                () = lives => {}
            }
            self.inner().servers[place] = None;
            let down = self.inner().rng.u64(10..3_000);
            sleep(Duration::from_millis(down)).await;
        }
    }

    fn new_process(&self, place: usize) -> (Arc<SimLog>, Arc<HallClock>, u32) {
        let mut inner = self.inner();
        inner.processes += 1;
        if inner.wrong_by[place].abs() > HallDuration::hours(1) {
            inner.wrong_by[place] = HallDuration::zero(); // whoever starts it looks at the clock
        }
        let wall = inner.now() + inner.wrong_by[place];
        let clock = Arc::new(HallClock::demo(wall, inner.speed));
        let log = SimLog::new(&self.store, inner.processes, clock.clone());
        (log, clock, inner.losses)
    }

    async fn start_and_live(
        &self,
        place: usize,
        log: Arc<SimLog>,
        clock: Arc<HallClock>,
        losses: u32,
    ) {
        let told = self.judge().told_up_to();
        let started = Owner::<R>::start(log.clone(), stream(), clock.clone(), Arc::default());
        let Ok(owner) = started.await else {
            return; // a store that does not answer may come back; what is broken in it the judge says
        };
        if losses == self.inner().losses {
            self.judge().started(told, owner.read(R::version));
        }
        let server = SimServer {
            owner,
            log,
            clock,
            losses,
        };
        self.inner().servers[place] = Some(server.clone());
        let mut seen = 0;
        while self.is_well(&server, &mut seen) {
            sleep(LOOK_EVERY).await;
        }
        server.log.kill();
    }

    /// Whether it goes on. A watcher of its versions never sees one go back.
    fn is_well(&self, server: &SimServer<R>, seen: &mut u64) -> bool {
        let version = *server.owner.watch().borrow();
        self.judge().grows(*seen, version);
        *seen = version;
        if matches!(server.clock.doubted(), Some(Doubt::Ahead(_))) {
            self.store.met(Sometimes::JumpHeld);
        }
        let Some(reason) = server.owner.stopped() else {
            return true;
        };
        let is_outdated = server.losses < self.inner().losses;
        if is_outdated {
            self.store.met(Sometimes::ForkFound);
        }
        // the operator starts it again until it could write the loss down
        if !is_outdated && !reason.contains("could not be recorded") {
            self.judge().stopped(&reason);
        }
        false
    }
}

impl<R: Rules> Inner<R> {
    fn now(&self) -> Time {
        let passed = self.since.elapsed().as_secs_f64() * self.speed;
        self.at + HallDuration::milliseconds((passed * 1_000.0) as i64)
    }
}
