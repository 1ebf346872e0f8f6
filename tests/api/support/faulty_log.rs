//! A log that fails: refuses, times out with and without having written, forgets to tell, keeps a write waiting.
//!
//! Several of these around one [`MemoryLog`] are several processes' connections to one store.

use async_trait::async_trait;
use hall_log::memory::MemoryLog;
use hall_log::{
    AppendError, Commit, Durability, Head, Hint, Log, Note, NoteName, ReadError, Snapshot,
    StoreError, StreamId,
};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};

/// What goes wrong with one append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The store says no; nothing is written.
    Refused,
    /// No answer, and nothing is written.
    Lost,
    /// No answer, though it is written.
    Unanswered,
}

/// See the module's comment.
#[derive(Debug)]
pub struct FaultyLog {
    inner: Mutex<Arc<MemoryLog>>,
    /// Faults of the next appends, in order.
    pub next: Mutex<VecDeque<Fault>>,
    /// Of a thousand calls, so many fail by chance.
    pub per_mille: AtomicU32,
    chance: Mutex<fastrand::Rng>,
    /// Calls until the first one that fails, how many do, and how they fail if they are appends.
    countdown: Mutex<Option<(u32, u32, Fault)>>,
    pub unreadable: AtomicBool,
    pub without_snapshots: AtomicBool,
    /// Appends wait while this is false.
    pub flows: watch::Sender<bool>,
    pub waiting: AtomicUsize,
    /// Tells of no append; held so that the follower does not see it end.
    deaf: Option<Mutex<Vec<mpsc::Sender<Hint>>>>,
}

impl FaultyLog {
    /// One that works until it is told otherwise.
    pub fn over(inner: &Arc<MemoryLog>, seed: u64) -> Arc<FaultyLog> {
        Arc::new(FaultyLog::new(inner, seed, false))
    }

    /// One whose follower never hears of anything.
    pub fn deaf(inner: &Arc<MemoryLog>, seed: u64) -> Arc<FaultyLog> {
        Arc::new(FaultyLog::new(inner, seed, true))
    }

    fn new(inner: &Arc<MemoryLog>, seed: u64, is_deaf: bool) -> FaultyLog {
        FaultyLog {
            inner: Mutex::new(inner.clone()),
            next: Mutex::default(),
            per_mille: AtomicU32::new(0),
            chance: Mutex::new(fastrand::Rng::with_seed(seed)),
            countdown: Mutex::default(),
            unreadable: AtomicBool::new(false),
            without_snapshots: AtomicBool::new(false),
            flows: watch::Sender::new(true),
            waiting: AtomicUsize::new(0),
            deaf: is_deaf.then(Mutex::default),
        }
    }

    /// From now on it fails at random.
    pub fn fails(&self, per_mille: u32) {
        self.per_mille.store(per_mille, Ordering::SeqCst);
    }

    /// The calls behind so many others fail, whatever they are.
    pub fn fails_after(&self, calls: u32, times: u32, fault: Fault) {
        *self.countdown.lock().unwrap() = Some((calls, times, fault));
    }

    /// Whether the last of those calls is still to come.
    pub fn is_to_fail(&self) -> bool {
        self.countdown.lock().unwrap().is_some()
    }

    /// One call: the fault, if it is this one's turn.
    fn count_down(&self) -> Option<Fault> {
        let mut countdown = self.countdown.lock().unwrap();
        match &mut *countdown {
            Some((0, 1, _)) => countdown.take().map(|(_, _, fault)| fault),
            Some((0, times, fault)) => {
                *times -= 1;
                Some(*fault)
            }
            Some((calls, _, _)) => {
                *calls -= 1;
                None
            }
            None => None,
        }
    }

    /// From now on it works.
    pub fn heals(&self) {
        self.fails(0);
        self.unreadable.store(false, Ordering::SeqCst);
        self.next.lock().unwrap().clear();
        self.countdown.lock().unwrap().take();
    }

    /// Somebody has put another history in its place.
    pub fn becomes(&self, other: Arc<MemoryLog>) {
        *self.inner.lock().unwrap() = other;
    }

    fn inner(&self) -> Arc<MemoryLog> {
        self.inner.lock().unwrap().clone()
    }

    fn is_unlucky(&self) -> bool {
        self.chance.lock().unwrap().u32(0..1000) < self.per_mille.load(Ordering::SeqCst)
    }

    fn fault(&self) -> Option<Fault> {
        if let Some(fault) = self.count_down() {
            return Some(fault);
        }
        if let Some(fault) = self.next.lock().unwrap().pop_front() {
            return Some(fault);
        }
        let faults = [Fault::Refused, Fault::Lost, Fault::Unanswered];
        self.is_unlucky()
            .then(|| faults[self.chance.lock().unwrap().usize(0..faults.len())])
    }

    fn readable(&self) -> Result<(), ReadError> {
        let fails = self.count_down().is_some() || self.unreadable.load(Ordering::SeqCst);
        match fails || self.is_unlucky() {
            true => Err(ReadError::Unavailable("the cable is out".into())),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Log for FaultyLog {
    async fn open(&self, stream: &StreamId) -> Result<Head, ReadError> {
        self.inner().open(stream).await
    }

    async fn head(&self, stream: &StreamId) -> Result<Head, ReadError> {
        self.readable()?;
        self.inner().head(stream).await
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: &Head,
        commit: &Commit,
    ) -> Result<(), AppendError> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut flows = self.flows.subscribe();
        flows.wait_for(|flows| *flows).await.ok();
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        match self.fault() {
            None => self.inner().append(stream, expected, commit).await,
            Some(Fault::Refused) => Err(AppendError::Unavailable("the disk is full".into())),
            Some(Fault::Lost) => Err(AppendError::Unknown("the request got lost".into())),
            Some(Fault::Unanswered) => {
                self.inner().append(stream, expected, commit).await?;
                Err(AppendError::Unknown("the answer got lost".into()))
            }
        }
    }

    async fn read(
        &self,
        stream: &StreamId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Commit>, ReadError> {
        self.readable()?;
        self.inner().read(stream, after, limit).await
    }

    async fn follow(&self, streams: Vec<StreamId>) -> mpsc::Receiver<Hint> {
        let Some(kept) = &self.deaf else {
            return self.inner().follow(streams).await;
        };
        let (sender, receiver) = mpsc::channel(1);
        kept.lock().unwrap().push(sender);
        receiver
    }

    async fn save_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        self.readable()?;
        self.inner().save_snapshot(stream, snapshot).await
    }

    async fn load_snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        self.readable()?;
        match self.without_snapshots.load(Ordering::SeqCst) {
            true => Ok(None),
            false => self.inner().load_snapshot(stream).await,
        }
    }

    async fn note(&self, stream: &StreamId, name: &NoteName) -> Result<Option<Note>, StoreError> {
        self.inner().note(stream, name).await
    }

    async fn replace_note(
        &self,
        stream: &StreamId,
        name: &NoteName,
        expected: u64,
        text: &str,
    ) -> Result<bool, StoreError> {
        self.inner()
            .replace_note(stream, name, expected, text)
            .await
    }

    async fn streams(&self) -> Result<Vec<StreamId>, ReadError> {
        self.inner().streams().await
    }

    async fn secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        self.inner().secret(fresh).await
    }

    fn durability(&self) -> Durability {
        Durability::R0
    }

    fn is_shared(&self) -> bool {
        self.inner().is_shared()
    }

    fn describe(&self) -> String {
        "a log that fails".into()
    }
}
