//! Whether the Redis is still the one that this process wrote: its settings, its secret, and every head it has confirmed.
//!
//! A Redis can lose its end without a word: an older file is loaded at a restart, a hand types `FLUSHALL`, an empty server
//! takes its address. So this looks again behind each lost connection, before anything is answered, and every few seconds
//! in between. What it finds is a trouble as long as it lasts, and nothing is acknowledged meanwhile.
//!
//! **Healing.** The commits of the last minutes are in memory. When a stream ends on our chain, but before what was
//! confirmed, and what is in memory continues it hash by hash to there, it is written back. Whoever else does the same
//! writes the same bytes, and the script takes each only behind its exact head. In every other case a person decides.
//!
//! What it does not see: another instance that had not read the last commits (a matter of milliseconds), or that is started
//! just then, may append behind the older end before they are back. Then this one tells `history-replaced`. Closing that
//! gap needs a fence in the store itself, which every append would look at.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use redis::{RedisError, Script, aio::ConnectionManager};

use super::keys;
use super::script::{HEAD, HEAL, Healed, Looked, Meta, read_head};
use super::start::AcceptedLoss;
use super::{decode_entry, doctor};
use crate::mark::Mark;
use crate::recent::{Kept, Recent};
use crate::trouble::CurrentTrouble;
use crate::{
    Commit, Defect, Durability, Finding, Grade, Head, ReadError, ServerClock, StoreError, StreamId,
    Trouble, TroubleKind, verify_chain,
};

/// Commits that one script writes back, while everybody else's commands wait.
const HEALED_AT_ONCE: usize = 256;

/// See the module's comment.
pub(super) struct WatchedRedis {
    /// The appends' own: what it answers stands behind every append that was sent.
    connection: ConnectionManager,
    replicas: u32,
    /// What an append was worth at the start.
    promised: Durability,
    /// A reader relies on nothing, and writes nothing back.
    is_reader: bool,
    clock: Option<ServerClock>,
    head: Script,
    heal: Script,
    trouble: CurrentTrouble,
    /// Nobody has looked since the connection was lost: there may be another server, or other settings.
    is_unexamined: AtomicBool,
    /// The last look, and only one at a time.
    last_look: tokio::sync::Mutex<Option<Look>>,
    known: Mutex<Known>,
    /// `None` where nobody named a place for it.
    mark: Arc<tokio::sync::Mutex<Option<Mark>>>,
    /// At R2, appends that replicas may not have, counted.
    pub(super) unconfirmed: AtomicU64,
}

/// What this process relies on.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The newest head of each stream that the store has confirmed.
    heads: BTreeMap<StreamId, Head>,
    secret: Option<[u8; 32]>,
    /// Losses that were accepted and are not recorded yet: the mark keeps what it said of their streams.
    unsettled: BTreeMap<StreamId, AcceptedLoss>,
    recent: Recent,
    healed: u64,
}

#[derive(Debug)]
struct Look {
    begun: Instant,
    outcome: Result<(), String>,
}

/// What a look found.
struct Wrong {
    kind: TroubleKind,
    what: String,
}

/// How one stream stands against what was confirmed of it.
enum Standing {
    Whole,
    /// On our chain, but before what was confirmed.
    Behind(Head),
    Gone,
    /// Another commit has a version that we know.
    Another(String),
    Damaged(Defect),
}

impl WatchedRedis {
    pub(super) fn new(
        connection: ConnectionManager,
        replicas: u32,
        promised: Durability,
        is_reader: bool,
        clock: Option<ServerClock>,
        known: Known,
        mark: Option<Mark>,
    ) -> Self {
        Self {
            connection,
            replicas,
            promised,
            is_reader,
            clock,
            head: Script::new(HEAD),
            heal: Script::new(HEAL),
            trouble: CurrentTrouble::default(),
            is_unexamined: AtomicBool::new(false),
            last_look: tokio::sync::Mutex::default(),
            known: Mutex::new(known),
            mark: Arc::new(tokio::sync::Mutex::new(mark)),
            unconfirmed: AtomicU64::new(0),
        }
    }

    /// A connection that broke leads to whatever is there afterwards.
    pub(super) fn note_failure(&self, error: &RedisError) {
        if error.is_io_error() {
            self.is_unexamined.store(true, Ordering::SeqCst);
        }
    }

    /// Before anything is answered: nothing has changed since the last look, or a look finds that all is well.
    pub(super) async fn is_as_before(&self) -> Result<(), StoreError> {
        if !self.is_unexamined() && self.trouble.get().is_none() {
            return Ok(());
        }
        self.look().await
    }

    /// Before anything is read that answers rest on: the same, but for what concerns writes alone.
    pub(super) async fn may_be_relied_on(&self) -> Result<(), StoreError> {
        let as_before = self.is_as_before().await;
        let is_readable =
            |trouble: Trouble| trouble.kind.concerns_writes_alone() && !self.is_unexamined();
        match self.trouble.get().is_some_and(is_readable) {
            true => Ok(()),
            false => as_before,
        }
    }

    fn is_unexamined(&self) -> bool {
        self.is_unexamined.load(Ordering::SeqCst)
    }

    /// Looks at everything, and heals what can be healed. Whoever waited for another one's look takes its outcome, if it
    /// began late enough.
    pub(super) async fn look(&self) -> Result<(), StoreError> {
        let asked = Instant::now();
        let mut last = self.last_look.lock().await;
        if let Some(look) = &*last
            && look.begun >= asked
        {
            return look.outcome.clone().map_err(StoreError::from);
        }
        let begun = Instant::now();
        self.is_unexamined.store(false, Ordering::SeqCst);
        let outcome = match self.examine().await {
            Ok(None) => {
                self.trouble.over();
                Ok(())
            }
            Ok(Some(Wrong { kind, what })) => {
                self.trouble.found(kind, what.clone());
                Err(what)
            }
            Err(error) => {
                self.is_unexamined.store(true, Ordering::SeqCst);
                let what = error.to_string();
                self.trouble.found(TroubleKind::NotAnswering, what.clone());
                Err(what)
            }
        };
        *last = Some(Look {
            begun,
            outcome: outcome.clone(),
        });
        outcome.map_err(StoreError::from)
    }

    async fn examine(&self) -> Result<Option<Wrong>, RedisError> {
        let weaker = self.weaker().await?;
        let (heads, secret) = {
            let known = self.known();
            (known.heads.clone(), known.secret)
        };
        let found_secret = kept_secret(&mut self.connection.clone()).await?;
        let mut standings = Vec::new();
        for (stream, known) in &heads {
            let standing = self.standing(stream, known).await?;
            standings.push((stream, known, standing));
        }
        let is_gone = |(_, _, standing): &(_, _, Standing)| matches!(standing, Standing::Gone);
        if !standings.is_empty() && standings.iter().all(is_gone) {
            let what = format!("none of the {} streams is there any more", standings.len());
            return Ok(Some(Wrong::new(TroubleKind::Emptied, what)));
        }
        if secret.is_some() && secret != found_secret {
            let what = format!("{} is not what it was", keys::SECRET);
            return Ok(Some(Wrong::new(TroubleKind::SecretChanged, what)));
        }
        let mut provable = Vec::new();
        for (stream, known, standing) in standings {
            match standing {
                Standing::Whole => {}
                Standing::Behind(head) => match self.tail(stream, &head, known) {
                    Some(tail) => provable.push((stream, known, tail)),
                    None => return Ok(Some(Wrong::lost(stream, head.version, known))),
                },
                Standing::Gone => return Ok(Some(Wrong::lost(stream, 0, known))),
                Standing::Another(what) => {
                    let what = format!("{stream}: {what}");
                    return Ok(Some(Wrong::new(TroubleKind::HistoryReplaced, what)));
                }
                Standing::Damaged(defect) => {
                    let what = defect.to_string();
                    return Ok(Some(Wrong::new(TroubleKind::Damaged, what)));
                }
            }
        }
        if weaker.is_some() {
            return Ok(weaker); // what is written back has to be kept, too
        }
        for (stream, known, tail) in provable {
            if let Some(wrong) = self.write_back(stream, known, &tail).await? {
                return Ok(Some(wrong));
            }
        }
        match self.refuses_writes().await? {
            None => self.clock_apart().await,
            refuses => Ok(refuses),
        }
    }

    /// Asks for a write that changes nothing, because a Redis whose memory is full or that misses its replicas is well to
    /// whoever only reads.
    async fn refuses_writes(&self) -> Result<Option<Wrong>, RedisError> {
        if self.is_reader {
            return Ok(None);
        }
        let mut probe = redis::cmd("LPUSHX");
        probe.arg(keys::PROBE).arg("");
        let probed = probe.exec_async(&mut self.connection.clone()).await;
        let Err(refused) = probed else {
            return Ok(None);
        };
        let kind = match refused.code() {
            Some("OOM") => TroubleKind::MemoryFull,
            Some("NOREPLICAS") => TroubleKind::ReplicasMissing,
            Some("MISCONF") => TroubleKind::WriteFailed,
            Some("NOPERM") => return Ok(None), // the appends will tell
            _ => return Err(refused),
        };
        Ok(Some(Wrong::new(kind, refused.to_string())))
    }

    async fn clock_apart(&self) -> Result<Option<Wrong>, RedisError> {
        let Some(clock) = &self.clock else {
            return Ok(None);
        };
        let asked = Instant::now();
        let time = redis::cmd("TIME");
        let told = time.query_async(&mut self.connection.clone()).await;
        let (seconds, micros): (u64, u64) = match told {
            Err(error) if error.code() == Some("NOPERM") => return Ok(None),
            told => told?,
        };
        let since = Duration::from_secs(seconds) + Duration::from_micros(micros);
        let apart = clock.apart_from(SystemTime::UNIX_EPOCH + since, asked.elapsed());
        Ok(apart.map(|what| Wrong::new(TroubleKind::ClockApart, what)))
    }

    /// What makes the server worth less than it was at the start, if anything does.
    async fn weaker(&self) -> Result<Option<Wrong>, RedisError> {
        let report = doctor::examine(&mut self.connection.clone(), self.replicas).await?;
        if report.durability == self.promised || self.promised == Durability::R0 {
            return Ok(None);
        }
        let weak = report
            .findings
            .iter()
            .filter(|finding| finding.grade == Grade::Weak);
        let weak: Vec<&str> = weak.map(|finding| finding.text.as_str()).collect();
        Ok(Some(Wrong::new(TroubleKind::Weakened, weak.join("; "))))
    }

    async fn standing(&self, stream: &StreamId, known: &Head) -> Result<Standing, RedisError> {
        let meta = ask_head(&self.head, &mut self.connection.clone(), stream).await?;
        self.stands(stream, known, &meta).await
    }

    async fn stands(
        &self,
        stream: &StreamId,
        known: &Head,
        meta: &Meta,
    ) -> Result<Standing, RedisError> {
        let head = match read_head(stream, meta) {
            Ok(head) => head,
            Err(ReadError::Defect(defect)) => return Ok(Standing::Damaged(defect)),
            Err(ReadError::NoSuchStream(_) | ReadError::Unavailable(_)) => {
                return Ok(Standing::Gone);
            }
        };
        let another = |what: &str| Ok(Standing::Another(what.to_owned()));
        if head == *known {
            Ok(Standing::Whole)
        } else if head.epoch != known.epoch {
            another("it was begun anew, with another epoch")
        } else if head.version < known.version {
            Ok(Standing::Behind(head))
        } else if self.holds(stream, known).await? {
            Ok(Standing::Whole)
        } else {
            let version = known.version;
            another(&format!(
                "its version {version} is another commit than the one that was confirmed"
            ))
        }
    }

    /// Whether a stream of the same epoch has what was confirmed.
    async fn holds(&self, stream: &StreamId, known: &Head) -> Result<bool, RedisError> {
        let is_genesis = known.version == 0; // there is no commit to look for
        Ok(is_genesis || has(&mut self.connection.clone(), stream, known).await?)
    }

    /// What memory has behind `from`, if it proves that `to` was there.
    fn tail(&self, stream: &StreamId, from: &Head, to: &Head) -> Option<Vec<(Commit, String)>> {
        let (mut at, mut tail, mut is_proof) = (from.clone(), Vec::new(), false);
        for Kept { last, body } in self.known().recent.behind(stream, from.version) {
            let commit = Commit::decode(stream, *last, body.as_bytes()).ok()?;
            let Ok(next) = verify_chain(stream, &at, &commit) else {
                break;
            };
            is_proof |= next == *to;
            at = next;
            tail.push((commit, body.clone()));
        }
        is_proof.then_some(tail)
    }

    /// Writes a tail that is proven, and looks whether the stream is whole then.
    async fn write_back(
        &self,
        stream: &StreamId,
        known: &Head,
        tail: &[(Commit, String)],
    ) -> Result<Option<Wrong>, RedisError> {
        let mut written = 0;
        let mut meta = None;
        for part in tail.chunks(HEALED_AT_ONCE) {
            let mut heal = self.heal.prepare_invoke();
            heal.key(keys::log(stream)).key(keys::meta(stream));
            heal.arg(known.epoch.to_string());
            for (commit, body) in part {
                heal.arg(commit.first - 1).arg(commit.prev.to_string());
                heal.arg(commit.last).arg(commit.hash.to_string()).arg(body);
            }
            let answer: Healed = heal.invoke_async(&mut self.connection.clone()).await?;
            let (count, epoch, version, hash, top) = answer;
            written += count;
            meta = Some(Meta::from((epoch, version, hash, top)));
        }
        self.remember_unconfirmed();
        if written > 0 {
            self.known().healed += written;
            let version = known.version;
            tracing::warn!(%stream, version, "healed {written} commits: the Redis had lost them, they were in memory");
        }
        let meta = meta.expect("a tail that proves something has a commit");
        match self.stands(stream, known, &meta).await? {
            Standing::Whole => Ok(None),
            _ => Ok(Some(Wrong::new(
                TroubleKind::HistoryReplaced,
                format!("{stream}: somebody wrote behind its older end before the rest was back"),
            ))),
        }
    }

    pub(super) fn remember_unconfirmed(&self) {
        if self.replicas > 0 {
            self.unconfirmed.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Whether this process has confirmed something of the stream, so that it cannot be new.
    pub(super) fn knows(&self, stream: &StreamId) -> bool {
        self.known().heads.contains_key(stream)
    }

    /// Whether the store's head goes on from what was confirmed. A longer history may be another one, so what is newer has
    /// to continue ours: in memory, where it was read, else in the store.
    pub(super) async fn goes_on(
        &self,
        stream: &StreamId,
        head: &Result<Head, ReadError>,
    ) -> Result<bool, RedisError> {
        let Some(known) = self.known().heads.get(stream).cloned() else {
            return Ok(true);
        };
        match head {
            Err(ReadError::Unavailable(_)) => Ok(true),
            Err(ReadError::NoSuchStream(_) | ReadError::Defect(_)) => Ok(false),
            Ok(head) if *head == known => Ok(true),
            Ok(head) if head.epoch != known.epoch || head.version <= known.version => Ok(false),
            Ok(head) if self.tail(stream, &known, head).is_some() => Ok(true),
            Ok(_) => self.holds(stream, &known).await,
        }
    }

    /// A commit was read.
    pub(super) fn has_read(&self, stream: &StreamId, last: u64, body: impl FnOnce() -> String) {
        if !self.is_reader {
            self.known().recent.keep(stream, last, body);
        }
    }

    /// An append is durable, and will be answered when this returns.
    pub(super) async fn has_appended(&self, stream: &StreamId, head: &Head, body: String) {
        let settled = {
            let mut known = self.known();
            known.recent.keep(stream, head.version, || body);
            known.advance(stream, head);
            known.unsettled.remove(stream)
        };
        let settles = settled.is_some();
        self.record_loss(stream, settled).await;
        self.add_to_mark(stream, head, settles).await;
    }

    /// The store has confirmed a head, and answers will rest on it.
    pub(super) async fn has_confirmed(&self, stream: &StreamId, head: &Head) {
        if self.is_reader {
            return;
        }
        let is_settled = {
            let mut known = self.known();
            known.advance(stream, head) && !known.unsettled.contains_key(stream)
        };
        if is_settled {
            self.add_to_mark(stream, head, false).await;
        }
    }

    /// What the stream has lost need not be recorded any more.
    pub(super) async fn settle(&self, stream: &StreamId) {
        let (settled, head) = {
            let mut known = self.known();
            let settled = known.unsettled.remove(stream);
            (settled, known.heads.get(stream).cloned())
        };
        self.record_loss(stream, settled).await;
        if let Some(head) = head {
            self.add_to_mark(stream, &head, true).await;
        }
    }

    /// The numbers of a loss are skipped now, so no other server asks about it. One that finds no record of it does, and then
    /// they are skipped once more.
    async fn record_loss(&self, stream: &StreamId, settled: Option<AcceptedLoss>) {
        let Some(loss) = settled else { return };
        let mut push = redis::cmd("RPUSH");
        push.arg(keys::losses(stream)).arg(loss.to_string());
        let pushed: Result<u64, RedisError> = push.query_async(&mut self.connection.clone()).await;
        match (pushed, &mut *self.mark.lock().await) {
            (Ok(accepted), Some(mark)) => mark.knows_accepted(stream, accepted),
            (Ok(_), None) => {}
            (Err(error), _) => {
                tracing::warn!(%stream, %error, "the other servers will ask about this loss again");
            }
        }
    }

    /// The store's secret: the first one that is seen, and always the same from then on.
    pub(super) async fn has_secret(&self, secret: &[u8; 32]) -> Result<(), StoreError> {
        let known = *self.known().secret.get_or_insert(*secret);
        if known != *secret {
            return Err(TroubleKind::SecretChanged.remedy().into());
        }
        if let Some(mark) = &mut *self.mark.lock().await {
            mark.add_secret(secret);
        }
        Ok(())
    }

    async fn add_to_mark(&self, stream: &StreamId, head: &Head, settles: bool) {
        let mut mark = self.mark.lock().await;
        let Some(mark) = &mut *mark else { return };
        let marked = mark.marked().heads.get(stream);
        let is_older = marked.is_some_and(|marked| {
            marked.head.epoch == head.epoch && marked.head.version >= head.version
        });
        if settles || !is_older {
            mark.add([(stream, head)].into_iter());
        }
    }

    /// Brings the mark to the disk, off the runtime's threads. An append may wait for it, once in a while.
    pub(super) async fn rest_mark(&self) {
        let mark = Arc::clone(&self.mark);
        let rest = move || {
            if let Some(mark) = &mut *mark.blocking_lock() {
                mark.rest();
            }
        };
        tokio::task::spawn_blocking(rest).await.ok(); // a mark that is behind is only less strict
    }

    /// What became of the Redis while it was watched.
    pub(super) fn finding(&self) -> Option<Finding> {
        let healed = self.known().healed;
        let text = || {
            Finding::warning(format!(
                "this Redis had lost its end: {healed} commits were written back from this server's memory. Find out what \
                 set it back"
            ))
        };
        (healed > 0).then(text)
    }

    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble.get()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// At the start.
    pub(super) fn at(
        heads: BTreeMap<StreamId, Head>,
        secret: Option<[u8; 32]>,
        unsettled: BTreeMap<StreamId, AcceptedLoss>,
    ) -> Self {
        Self {
            heads,
            secret,
            unsettled,
            ..Self::default()
        }
    }

    /// Notes a head unless a newer one is known. Whether it is news.
    fn advance(&mut self, stream: &StreamId, head: &Head) -> bool {
        let is_older = |known: &Head| known.epoch != head.epoch || known.version >= head.version;
        if self.heads.get(stream).is_some_and(is_older) {
            return false;
        }
        self.heads.insert(stream.clone(), head.clone());
        true
    }
}

impl Wrong {
    fn new(kind: TroubleKind, what: String) -> Self {
        Self { kind, what }
    }

    fn lost(stream: &StreamId, found: u64, known: &Head) -> Self {
        let version = known.version;
        let what = format!("{stream} ends at version {found}, and version {version} was confirmed");
        Self::new(TroubleKind::HistoryLost, what)
    }
}

/// What the server keeps about a stream now.
pub(super) async fn ask_head(
    script: &Script,
    connection: &mut ConnectionManager,
    stream: &StreamId,
) -> Result<Meta, RedisError> {
    let mut script = script.prepare_invoke();
    script.key(keys::log(stream)).key(keys::meta(stream));
    let looked: Looked = script.invoke_async(connection).await?;
    Ok(looked.into())
}

/// Whether this very commit is in the stream.
pub(super) async fn has(
    connection: &mut ConnectionManager,
    stream: &StreamId,
    head: &Head,
) -> Result<bool, RedisError> {
    let id = format!("{}-0", head.version);
    let mut range = redis::cmd("XRANGE");
    range.arg(keys::log(stream)).arg(&id).arg(&id);
    let entries: Vec<super::Entry> = range.query_async(connection).await?;
    let mut commits = entries.iter().map(|entry| decode_entry(stream, entry));
    Ok(commits.any(|commit| commit.is_ok_and(|commit| commit.head() == *head)))
}

/// The store's secret, if it has one that can be read.
pub(super) async fn kept_secret(
    connection: &mut ConnectionManager,
) -> Result<Option<[u8; 32]>, RedisError> {
    let mut get = redis::cmd("GET");
    let kept: Option<String> = get.arg(keys::SECRET).query_async(connection).await?;
    Ok(kept.and_then(|kept| crate::hash::from_hex(&kept).ok()))
}
