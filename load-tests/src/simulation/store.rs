//! One store that fails as stores do, and the handle that each server has of it.
//!
//! What reads see is durable: an append is either taken whole at one moment, or on its way, or gone. Faults are drawn at
//! every call, each kind on some seeds only, so that two of them also meet undisturbed. A caller that hears nothing in time
//! is told that the outcome is unknown, and the append may still arrive later, as behind a frozen Redis; but never behind
//! a look at the head that the same server asked for afterwards, which is what [`Log::head`] promises.
//!
//! A killed server is a handle whose calls do not end any more: whatever its tasks would still do reaches nobody.

use super::planted::Bug;
use super::sometimes::{Met, Sometimes};
use async_trait::async_trait;
use fastrand::Rng;
use hall_log::{
    AppendError, Commit, Durability, Epoch, Head, Hint, Log, LostTail, Note, NoteName, ReadError,
    Snapshot, StoreError, StreamId, Trouble, TroubleKind,
};
use paihao::clock::HallClock;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

/// A caller of a store that does not move waits this long.
const PATIENCE: Duration = Duration::from_secs(2);
/// Hints that wait for one server.
const HINTS_WAITING: usize = 64;

/// The faults of single calls, in the order of [`Odds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StoreFault {
    Refused,
    AnswerLost,
    NeverThere,
    Late,
    Torn,
    Slow,
    CrashBefore,
    CrashAfter,
}

const FAULTS: [StoreFault; 8] = [
    StoreFault::Refused,
    StoreFault::AnswerLost,
    StoreFault::NeverThere,
    StoreFault::Late,
    StoreFault::Torn,
    StoreFault::Slow,
    StoreFault::CrashBefore,
    StoreFault::CrashAfter,
];

/// How often what goes wrong on one seed.
#[derive(Clone, Debug)]
pub struct Odds {
    /// Of ten thousand appends.
    append: [u32; FAULTS.len()],
    /// Of ten thousand reads.
    read: u32,
    /// Of a hundred hints.
    hint: u32,
    /// The longest way to the store, in milliseconds.
    way_ms: u64,
}

impl Odds {
    /// Nothing goes wrong.
    pub fn none() -> Odds {
        Odds {
            append: [0; FAULTS.len()],
            read: 0,
            hint: 0,
            way_ms: 2,
        }
    }

    /// Each kind of fault occurs on half of the seeds, and on one of eight nothing goes wrong at all.
    pub fn draw(rng: &mut Rng) -> Odds {
        let calm = rng.u8(..8) == 0;
        let often = [50, 200, 800][rng.usize(..3)];
        let mut some = |often: u32| if calm || rng.bool() { 0 } else { often };
        let append = FAULTS.map(|fault| match fault {
            StoreFault::Torn | StoreFault::CrashBefore | StoreFault::CrashAfter => some(often / 5),
            _ => some(often),
        });
        let (read, hint) = (some(often), some(30));
        let way_ms = [2, 20, 60][rng.usize(..3)];
        Odds {
            append,
            read,
            hint,
            way_ms,
        }
    }
}

/// The store, shared by the handles and by whoever disturbs it.
#[derive(Clone, Debug)]
pub struct SimStore(Arc<Mutex<World>>);

/// What the store has and what is done to it.
#[derive(Debug)]
pub struct World {
    rng: Rng,
    odds: Odds,
    bug: Option<Bug>,
    epoch: Epoch,
    commits: Vec<Commit>,
    /// So many commits survive a power cut: all, but for a planted bug.
    durable: usize,
    synced_at: Instant,
    /// Sent, not arrived, and nobody waits for the answer any more.
    late: Vec<Late>,
    frozen_until: Instant,
    down_until: Instant,
    weak_until: Instant,
    /// Power cuts so far: a call that was under way at one has no answer.
    cuts: u32,
    snapshot: Option<Snapshot>,
    /// By the mark beside the store, when it was written last.
    marked_at: u64,
    lost: Option<LostTail>,
    /// Records lost in all, as a mark adds them up: the numbers skipped for one loss are lost with the next.
    records_lost: u64,
    followers: Vec<(u64, mpsc::Sender<Hint>)>,
    pub met: Met,
}

#[derive(Debug)]
struct Late {
    process: u64,
    arrives: Instant,
    expected: Head,
    commit: Commit,
    marked_at: u64,
}

impl SimStore {
    /// An empty store.
    pub fn new(rng: &mut Rng, bug: Option<Bug>) -> SimStore {
        let mut own = Rng::with_seed(rng.u64(..));
        let (odds, now) = (Odds::draw(&mut own), Instant::now());
        SimStore(Arc::new(Mutex::new(World {
            epoch: Epoch::from_random(own.u128(..).to_be_bytes()),
            rng: own,
            odds,
            bug,
            commits: Vec::new(),
            durable: 0,
            synced_at: now,
            late: Vec::new(),
            frozen_until: now,
            down_until: now,
            weak_until: now,
            cuts: 0,
            snapshot: None,
            marked_at: 0,
            lost: None,
            records_lost: 0,
            followers: Vec::new(),
            met: Met::default(),
        })))
    }

    pub fn lock(&self) -> MutexGuard<'_, World> {
        self.0
            .lock()
            .expect("nothing panics while it holds the store")
    }

    /// It happened.
    pub fn met(&self, what: Sometimes) {
        self.lock().met.once(what);
    }
}

impl World {
    /// The exact end of what is in the store.
    pub fn head(&self) -> Head {
        let last = self.commits.last();
        last.map_or_else(|| Head::genesis(self.epoch), Commit::head)
    }

    pub fn commits(&self) -> &[Commit] {
        &self.commits
    }

    /// No answer and no progress for a while.
    pub fn freeze(&mut self, during: Duration) {
        self.frozen_until = Instant::now() + during;
        self.met.once(Sometimes::Frozen);
    }

    /// What an append is worth has become less: nothing is taken for a while.
    pub fn weaken(&mut self, during: Duration) {
        self.weak_until = Instant::now() + during;
        self.met.once(Sometimes::Weakened);
    }

    /// Everything that is not durable is gone, and the store is away for a while.
    pub fn cut_power(&mut self, during: Duration) {
        let now = Instant::now();
        self.arrive(now, None);
        self.late.clear();
        self.commits.truncate(self.durable);
        (self.frozen_until, self.down_until) = (now, now + during);
        self.cuts += 1;
        self.met.once(Sometimes::PowerCut);
        for (_, follower) in &self.followers {
            hint(follower.clone(), None, during + Duration::from_millis(5));
        }
    }

    /// Somebody puts an older copy back, and accepts by name what is lost. Answers how many commits are left.
    pub fn set_back(&mut self, by: usize) -> usize {
        let acknowledged = self.head().version;
        self.late.clear();
        let left = self.commits.len().saturating_sub(by).max(1);
        self.commits.truncate(left);
        self.durable = left;
        let found = self.head().version;
        self.records_lost += acknowledged - found;
        self.lost = Some(LostTail {
            stream: stream(),
            found,
            acknowledged: found + self.records_lost,
            is_another_history: false,
            at: self.marked_at,
        });
        self.met.once(Sometimes::SetBack);
        left
    }

    /// Keeps a snapshot in place of the one before.
    pub fn keep(&mut self, snapshot: Snapshot) {
        self.snapshot = Some(snapshot);
    }

    /// From now on nothing goes wrong until something is disturbed again.
    pub fn heal(&mut self) {
        let now = Instant::now();
        self.arrive(now, None);
        (self.frozen_until, self.down_until, self.weak_until) = (now, now, now);
    }

    /// Faults of single calls, or none.
    pub fn set_odds(&mut self, odds: Odds) -> Odds {
        std::mem::replace(&mut self.odds, odds)
    }

    /// What was on its way and has arrived by now; everything of one server before it is told the head.
    fn arrive(&mut self, now: Instant, fenced: Option<u64>) {
        if self.bug == Some(Bug::AnsweredBeforeSync) && now >= self.synced_at {
            self.durable = self.commits.len();
        }
        let due = |late: &Late| late.arrives <= now || fenced == Some(late.process);
        let (arrived, on_their_way) = std::mem::take(&mut self.late).into_iter().partition(due);
        self.late = on_their_way;
        let arrived: Vec<Late> = arrived;
        for late in arrived {
            let put = self.put(&late.expected, &late.commit, late.marked_at);
            self.met.once(match put {
                Ok(()) => Sometimes::LateApplied,
                Err(_) => Sometimes::LateConflict,
            });
        }
    }

    /// Takes a commit, whole and durable, or says why not.
    fn put(&mut self, expected: &Head, commit: &Commit, at: u64) -> Result<(), AppendError> {
        let head = self.head();
        let is_new = self.bug == Some(Bug::AnyHead) && commit.last > head.version;
        if !is_new {
            head.demand(expected)?;
        }
        self.commits.push(commit.clone());
        match self.bug {
            Some(Bug::AnsweredBeforeSync) => {
                self.synced_at = Instant::now() + Duration::from_secs(1);
            }
            Some(Bug::CacheBelieved) if self.durable + 1 < self.commits.len() => {}
            _ => self.durable = self.commits.len(),
        }
        self.marked_at = self.marked_at.max(at);
        self.lost = None;
        self.tell(commit.last);
        Ok(())
    }

    fn tell(&mut self, version: u64) {
        self.followers.retain(|(_, follower)| !follower.is_closed());
        for (_, follower) in &self.followers {
            if self.rng.u32(..100) >= self.odds.hint {
                hint(follower.clone(), Some(version), Duration::ZERO);
                continue;
            }
            let later = Duration::from_millis(self.rng.u64(50..3_000));
            match self.rng.u8(..3) {
                0 => {
                    // the connection is lost with the hint; with the next one the stream is named again
                    self.met.once(Sometimes::HintLost);
                    hint(follower.clone(), None, later * 4);
                }
                1 => {
                    self.met.once(Sometimes::HintLate);
                    hint(follower.clone(), Some(version), later);
                }
                _ => {
                    self.met.once(Sometimes::HintDoubled);
                    hint(follower.clone(), Some(version), Duration::ZERO);
                    hint(follower.clone(), Some(version), later);
                }
            }
        }
    }

    fn draw_append_fault(&mut self) -> Option<StoreFault> {
        let mut ball = self.rng.u32(..10_000);
        FAULTS.into_iter().find(|fault| {
            let odds = self.odds.append[*fault as usize];
            let is_it = ball < odds;
            ball = ball.saturating_sub(odds);
            is_it
        })
    }

    fn way(&mut self) -> Duration {
        Duration::from_millis(self.rng.u64(1..=self.odds.way_ms))
    }

    fn millis(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.rng.u64(range))
    }

    /// Whether another server has fired a timer of this commit.
    fn has_timer_of(&self, commit: &Commit) -> bool {
        const TIMER: &str = "\"key\":\"timer/";
        let records = commit.records.get();
        let mut keys = records.match_indices(TIMER).filter_map(|(at, _)| {
            let from = at + TIMER.len();
            Some(&records[at..from + records[from..].find('"')? + 1])
        });
        let newest = self.commits.len().saturating_sub(20);
        keys.any(|key| {
            let mut commits = self.commits[newest..].iter();
            commits.any(|commit| commit.records.get().contains(key))
        })
    }
}

/// The one stream of every simulation.
pub fn stream() -> StreamId {
    StreamId::parse("anywhere").expect("letters name a stream")
}

fn hint(follower: mpsc::Sender<Hint>, version: Option<u64>, after: Duration) {
    let hint = Hint {
        stream: stream(),
        version,
    };
    if after.is_zero() && follower.try_send(hint.clone()).is_ok() {
        return;
    }
    tokio::spawn(async move {
        sleep(after).await;
        follower.send(hint).await.ok();
    });
}

fn gone(why: &str) -> StoreError {
    why.to_owned().into()
}

/// What one server has of the store: it dies with the server.
#[derive(Debug)]
pub struct SimLog {
    store: SimStore,
    process: u64,
    clock: Arc<HallClock>,
    is_dead: watch::Sender<bool>,
    known: Mutex<Known>,
}

/// What this server was told, and what it waits for.
#[derive(Debug, Default)]
struct Known {
    /// Its tasks are within a call.
    is_calling: bool,
    /// An append is sent, and perhaps taken.
    sent: Option<bool>,
    /// Told to be unknown: which commit that was, and whether it was taken.
    unknown: Option<Head>,
    conflicted: bool,
    /// The newest head that it has read or written.
    head: Option<Head>,
    /// The version of the snapshot that it was given.
    snapshot: Option<u64>,
}

impl SimLog {
    /// The handle of a server that has just started.
    pub fn new(store: &SimStore, process: u64, clock: Arc<HallClock>) -> Arc<SimLog> {
        Arc::new(SimLog {
            store: store.clone(),
            process,
            clock,
            is_dead: watch::Sender::new(false),
            known: Mutex::default(),
        })
    }

    /// The server is killed.
    pub fn kill(&self) {
        if self.is_dead.send_replace(true) {
            return;
        }
        let mut world = self.store.lock();
        let known = self.known();
        world.met.once(match (known.is_calling, known.sent) {
            (_, Some(true)) => Sometimes::CrashBeforeAnswer,
            (_, Some(false)) => Sometimes::CrashBeforeAppend,
            (true, None) => Sometimes::CrashInCall,
            (false, None) => Sometimes::CrashIdle,
        });
        let (own, others) = std::mem::take(&mut world.followers)
            .into_iter()
            .partition(|(process, _)| *process == self.process);
        world.followers = others;
        let own: Vec<(u64, mpsc::Sender<Hint>)> = own;
        for (_, follower) in own {
            hint(follower, None, Duration::ZERO); // so that its task comes to a call, and rests in it
        }
    }

    /// Turns true when the server is killed.
    pub fn died(&self) -> watch::Receiver<bool> {
        self.is_dead.subscribe()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known
            .lock()
            .expect("nothing panics while it holds what is known")
    }

    /// Time passes; for ever, once the server is dead.
    async fn rest(&self, during: Duration) {
        sleep(during).await;
        if *self.is_dead.borrow() {
            std::future::pending::<()>().await;
        }
    }

    /// The way to the store; false if it does not move for longer than a caller waits.
    async fn arrives(&self) -> bool {
        self.known().is_calling = true;
        let way = self.store.lock().way();
        self.rest(way).await;
        loop {
            let frozen = self.store.lock().frozen_until - Instant::now();
            if frozen.is_zero() {
                return true;
            }
            if frozen > PATIENCE {
                return false;
            }
            self.rest(frozen).await;
        }
    }

    /// A read of any kind: what the store has when it arrives.
    async fn look<T>(&self, see: impl FnOnce(&mut World, Instant) -> T) -> Result<T, ReadError> {
        let seen = self.look_inside(see).await;
        self.known().is_calling = false;
        seen
    }

    async fn look_inside<T>(
        &self,
        see: impl FnOnce(&mut World, Instant) -> T,
    ) -> Result<T, ReadError> {
        let unavailable = |why| Err(ReadError::Unavailable(gone(why)));
        if !self.arrives().await {
            self.rest(PATIENCE).await;
            return unavailable("it does not answer");
        }
        let (fails, rest) = {
            let mut world = self.store.lock();
            let fails = world.rng.u32(..10_000) < world.odds.read;
            let slow = world.rng.u32(..10_000) < world.odds.read;
            if slow {
                world.met.once(Sometimes::SlowRead);
            }
            let rest = match slow {
                true => world.millis(300..3_000),
                false => world.way(),
            };
            (fails, rest)
        };
        if fails {
            self.store.met(Sometimes::ReadFailed);
            self.rest(rest).await;
            return unavailable("it hung up");
        }
        let seen = {
            let (mut world, now) = (self.store.lock(), Instant::now());
            match world.down_until > now {
                true => None,
                false => {
                    world.arrive(now, None);
                    Some(see(&mut world, now))
                }
            }
        };
        self.rest(rest).await;
        seen.map_or_else(|| unavailable("there is no connection"), Ok)
    }

    /// What becomes of an append, and after which time its sender is told.
    fn take(&self, expected: &Head, commit: &Commit) -> (Duration, Result<(), AppendError>) {
        let (mut world, now) = (self.store.lock(), Instant::now());
        world.arrive(now, None);
        let at = self.clock.now().timestamp() as u64;
        let refused = |why| Err(AppendError::Unavailable(gone(why)));
        let unknown = || Err(AppendError::Unknown(gone("no answer in time")));
        let way = world.way();
        if world.down_until > now {
            return (way, refused("there is no connection"));
        }
        if world.weak_until > now {
            return (way, refused("it became weaker"));
        }
        let waited = world.millis(300..2_000);
        let Some(fault) = world.draw_append_fault() else {
            let put = world.put(expected, commit, at);
            self.known().sent = Some(put.is_ok());
            return (way, put);
        };
        match fault {
            StoreFault::Refused => {
                world.met.once(Sometimes::AppendRefused);
                match world.bug {
                    Some(Bug::CacheBelieved) if world.head().demand(expected).is_ok() => {
                        world.commits.push(commit.clone()); // never synced
                        (way, unknown())
                    }
                    Some(Bug::WrittenAndDenied) => {
                        world.put(expected, commit, at).ok();
                        (way, refused("no space is left"))
                    }
                    _ => (way, refused("no space is left")),
                }
            }
            StoreFault::AnswerLost => match world.put(expected, commit, at) {
                Ok(()) => {
                    world.met.once(Sometimes::AnswerLost);
                    self.known().sent = Some(true);
                    (waited, unknown())
                }
                refusal => (way, refusal),
            },
            StoreFault::NeverThere => {
                world.met.once(Sometimes::NeverThere);
                (waited, unknown())
            }
            StoreFault::Late => {
                let arrives = now + world.millis(50..5_000);
                self.send_late(&mut world, arrives, expected, commit);
                (waited, unknown())
            }
            StoreFault::Torn => {
                world.met.once(Sometimes::TornLost);
                let down = world.millis(50..3_000);
                world.cut_power(down);
                (waited, unknown())
            }
            StoreFault::Slow => {
                world.met.once(Sometimes::SlowAppend);
                let put = world.put(expected, commit, at);
                self.known().sent = Some(put.is_ok());
                (world.millis(500..9_000), put)
            }
            StoreFault::CrashBefore | StoreFault::CrashAfter => {
                if fault == StoreFault::CrashAfter {
                    let put = world.put(expected, commit, at);
                    self.known().sent = Some(put.is_ok());
                }
                drop(world);
                self.kill();
                (way, unknown()) // nobody is there to hear it
            }
        }
    }

    fn send_late(&self, world: &mut World, arrives: Instant, expected: &Head, commit: &Commit) {
        let (process, marked_at) = (self.process, self.clock.now().timestamp() as u64);
        let (expected, commit) = (expected.clone(), commit.clone());
        world.late.push(Late {
            process,
            arrives,
            expected,
            commit,
            marked_at,
        });
    }

    async fn append_inside(&self, expected: &Head, commit: &Commit) -> Result<(), AppendError> {
        let unknown = || Err(AppendError::Unknown(gone("no answer in time")));
        self.known().sent = Some(false);
        if !self.arrives().await {
            {
                let mut world = self.store.lock();
                let thaw = world.frozen_until;
                self.send_late(&mut world, thaw, expected, commit);
            }
            self.rest(PATIENCE).await;
            return unknown();
        }
        let cuts = self.store.lock().cuts;
        let (rest, answer) = self.take(expected, commit);
        self.rest(rest).await;
        match answer {
            Ok(()) if self.store.lock().cuts != cuts => unknown(),
            answer => answer,
        }
    }

    /// What this server learns of an append, for the list of what was met.
    fn hear(&self, commit: &Commit, answer: &Result<(), AppendError>) {
        let (mut world, mut known) = (self.store.lock(), self.known());
        (known.is_calling, known.sent) = (false, None);
        match answer {
            Ok(()) => {
                if std::mem::take(&mut known.conflicted) {
                    world.met.once(Sometimes::Redone);
                }
                known.head = Some(commit.head());
                if commit.last - commit.first >= 2 {
                    world.met.once(Sometimes::ManyInOne);
                }
            }
            Err(AppendError::Conflict(_)) => {
                known.conflicted = true;
                world.met.once(Sometimes::Conflict);
                if world.has_timer_of(commit) {
                    world.met.once(Sometimes::BothTimers);
                }
            }
            Err(AppendError::Unknown(_)) => known.unknown = Some(commit.head()),
            Err(AppendError::Unavailable(_) | AppendError::Forked(_)) => {}
        }
    }
}

#[async_trait]
impl Log for SimLog {
    async fn open(&self, stream: &StreamId) -> Result<Head, ReadError> {
        self.head(stream).await
    }

    async fn head(&self, _: &StreamId) -> Result<Head, ReadError> {
        let process = self.process;
        let head = self.look(|world, now| {
            world.arrive(now, Some(process));
            world.head()
        });
        let head = head.await?;
        let (mut world, mut known) = (self.store.lock(), self.known());
        let is_missing = |unknown: &mut Head| head.version < unknown.version;
        if known.unknown.take_if(is_missing).is_some() {
            world.met.once(Sometimes::UnknownNotApplied);
        }
        match (world.bug, &known.head) {
            (Some(Bug::StaleHeadConfirmed), Some(known)) => Ok(known.clone()),
            _ => Ok(head),
        }
    }

    async fn append(
        &self,
        _: &StreamId,
        expected: &Head,
        commit: &Commit,
    ) -> Result<(), AppendError> {
        let answer = self.append_inside(expected, commit).await;
        self.hear(commit, &answer);
        answer
    }

    async fn read(&self, _: &StreamId, after: u64, limit: usize) -> Result<Vec<Commit>, ReadError> {
        let commits = self.look(|world, _| {
            let start = world.commits.partition_point(|commit| commit.last <= after);
            let commits = world.commits[start..].iter();
            commits.take(limit).cloned().collect::<Vec<Commit>>()
        });
        let commits = commits.await?;
        let (mut world, mut known) = (self.store.lock(), self.known());
        if let Some(last) = commits.last() {
            known.head = Some(last.head());
        }
        if known
            .snapshot
            .take()
            .is_some_and(|version| version == after)
        {
            world.met.once(Sometimes::SnapshotUsed);
        }
        for commit in &commits {
            let version = known.unknown.as_ref().map(|unknown| unknown.version);
            if version.is_some_and(|version| version <= commit.last) {
                let is_it = known.unknown.take() == Some(commit.head());
                world.met.once(match is_it {
                    true => Sometimes::UnknownApplied,
                    false => Sometimes::UnknownNotApplied,
                });
            }
        }
        Ok(commits)
    }

    async fn follow(&self, _: Vec<StreamId>) -> mpsc::Receiver<Hint> {
        let (tx, rx) = mpsc::channel(HINTS_WAITING);
        hint(tx.clone(), None, Duration::ZERO);
        self.store.lock().followers.push((self.process, tx));
        rx
    }

    async fn save_snapshot(&self, _: &StreamId, snapshot: &Snapshot) -> Result<(), StoreError> {
        let snapshot = snapshot.clone();
        let saved = self.look(|world, _| world.keep(snapshot)).await;
        saved.map_err(Into::into)
    }

    async fn load_snapshot(&self, _: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        let snapshot = self.look(|world, _| world.snapshot.clone()).await?;
        if let Some(snapshot) = &snapshot {
            let mut world = self.store.lock();
            let mut heads = world.commits.iter().map(Commit::head);
            let is_of_this_history = heads.any(|head| head == snapshot.head);
            match is_of_this_history {
                true => self.known().snapshot = Some(snapshot.head.version),
                false => world.met.once(Sometimes::SnapshotPassedOver),
            }
        }
        Ok(snapshot)
    }

    async fn note(&self, _: &StreamId, _: &NoteName) -> Result<Option<Note>, StoreError> {
        Ok(None)
    }

    async fn replace_note(
        &self,
        _: &StreamId,
        _: &NoteName,
        _: u64,
        _: &str,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn streams(&self) -> Result<Vec<StreamId>, ReadError> {
        Ok(vec![stream()])
    }

    async fn secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        Ok(fresh)
    }

    fn durability(&self) -> Durability {
        Durability::R1
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn trouble(&self) -> Option<Trouble> {
        let is_weak = self.store.lock().weak_until > Instant::now();
        is_weak.then(|| Trouble {
            kind: TroubleKind::Weakened,
            what: "appendfsync everysec".to_owned(),
            since: SystemTime::UNIX_EPOCH,
            failures: 1,
        })
    }

    fn lost_tails(&self) -> Vec<LostTail> {
        let world = self.store.lock();
        let is_told = world.bug != Some(Bug::LostTailAccepted);
        world.lost.iter().filter(|_| is_told).cloned().collect()
    }

    async fn settle_loss(&self, _: &StreamId) -> Result<(), StoreError> {
        self.store.lock().lost = None;
        Ok(())
    }

    fn describe(&self) -> String {
        "simulated:".to_owned()
    }
}
