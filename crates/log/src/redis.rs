//! The log on Redis Streams, for halls served by several instances.
//!
//! **The idea.** A commit is one entry of the stream `paihao:{hall}:log`, with the id `LAST-0` and one field `c`. Redis
//! refuses an id that is not greater than the stream's last one, but takes one that leaves a gap, so an explicit id alone
//! does not keep a stale instance out after a failover. Appends therefore go through one small script that demands the
//! exact head: last id, hash and epoch. The epoch and the head's hash are kept in `paihao:{hall}:meta`, changed by the
//! same script. The braces keep a hall's keys on one slot.
//!
//! **Failure cases.** Whatever the server itself answers instead of running the script (out of memory, cannot persist,
//! read-only, loading) means that nothing was written: `Unavailable`. So does a refused connection. A time-out or a cut
//! connection after sending may mean either: `Unknown`, and the frozen server of a moment ago may still run the script
//! later. That is safe because the script still demands the head it was decided on: it and a retry cannot both succeed.
//! Appends and [`Log::head`] share one connection, whose commands Redis answers in order, so the head that is read after
//! an `Unknown` already stands behind that append as long as the connection lives.
//!
//! **Durability** is looked up, not assumed (`redis/doctor.rs`): at the start, behind every connection that was lost before
//! the next append is answered, and again and again. A Redis that became weaker than it was at the start takes nothing.
//! At R2 each append is followed by `WAIT`; when too few replicas confirm, the answer is `Unknown`, and neither the head
//! nor any commit is read out until a later `WAIT` has covered it. Another instance may read the commit before that; what
//! it answers on its strength waits for its own append or head.
//!
//! **A Redis that lost something** is known at a start by this server's mark (`redis/start.rs`), and while it runs by what
//! it had confirmed (`redis/watched.rs`), which also writes back what is still in memory.
//!
//! **Not taken:** `MULTI` with `WATCH` (two round trips, and no rollback), one stream for all halls (cannot be spread over
//! slots), Redis' own idempotent producers (new, and their memory is short).

mod doctor;
mod follower;
mod keys;
mod script;
mod start;
mod watched;

use std::{
    fmt,
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use deadpool_redis::{Connection, Manager, Pool, Runtime};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo,
    RedisError, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use self::script::{APPEND, Appended, HEAD, Looked, Meta, REPLACE_NOTE, read_head, refusal};
use self::{start::Begun, watched::WatchedRedis};
use super::{
    AppendError, Commit, Defect, Durability, Epoch, Finding, Hash, Head, Hint, InvalidStoreUrl,
    Log, LostTail, Note, NoteName, OpenError, ReadError, Report, Snapshot, StoreError,
    StoreOptions, StreamId, Trouble,
    commit::verify_neighbours,
    hash::{from_hex, to_hex},
    hints::HINTS_WAITING,
};

/// How to use a Redis. The defaults suit one Redis on the same network.
#[derive(Clone, Debug)]
pub struct RedisOptions {
    /// An answer later than this is [`AppendError::Unknown`]: longer than a slow disk's sync, shorter than a person's
    /// patience.
    pub append_within: Duration,
    /// A read may carry many commits.
    pub read_within: Duration,
    /// Replicas that must confirm an append before it is answered, for level R2; 0 for none.
    pub replicas: u32,
    /// How long they have for it; less than `append_within`, so that theirs is the answer that comes.
    pub replicas_within: Duration,
    /// Reads and snapshots at the same time; more wait for a connection.
    pub connections_max: usize,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            append_within: Duration::from_secs(2),
            read_within: Duration::from_secs(5),
            replicas: 0,
            replicas_within: Duration::from_secs(1),
            connections_max: 8,
        }
    }
}

/// A server that is there accepts a connection in far less; one that is not should be named soon.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);
/// Between two looks at the server's settings, role and history.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Sent bytes that nobody acknowledges for this long mean a dead link, which TCP alone would notice after a quarter hour.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(10);

/// See the module's comment.
pub struct RedisLog {
    client: Client,
    /// Appends and heads, in order.
    appends: ConnectionManager,
    /// Everything else that does not block.
    pool: Pool,
    append: Script,
    head: Script,
    replace_note: Script,
    options: RedisOptions,
    report: Report,
    lost: Vec<LostTail>,
    watched: Arc<WatchedRedis>,
    /// Looks at the server while nobody asks for anything.
    watch: AbortHandle,
    /// How many of the appends that replicas may not have a later `WAIT` has covered; see [`RedisLog::confirm`].
    confirmed: AtomicU64,
    /// The mark is ours as long as this is open.
    _mark_lock: Option<File>,
    /// Nothing is begun in the store.
    is_reader: bool,
}

/// The address in a Redis URL as it may be shown: without user and password.
pub(super) fn address(url: &str) -> Result<String, InvalidStoreUrl> {
    let info = url
        .into_connection_info()
        .map_err(|error| InvalidStoreUrl::Redis(error.to_string()))?;
    Ok(shown(&info))
}

fn shown(info: &ConnectionInfo) -> String {
    let scheme = if matches!(info.addr(), ConnectionAddr::Unix(_)) {
        "redis+unix"
    } else {
        "redis"
    };
    match info.redis_settings().db() {
        0 => format!("{scheme}://{}", info.addr()),
        db => format!("{scheme}://{}/{db}", info.addr()),
    }
}

impl RedisLog {
    /// Connects, and looks at the server's settings to learn what an acknowledged append is worth on it. Nothing is known
    /// of what it held before: there is no mark.
    pub async fn connect(url: &str, redis: RedisOptions) -> Result<Self, OpenError> {
        let options = StoreOptions {
            redis,
            ..StoreOptions::default()
        };
        Self::open_with(url, options).await
    }

    /// The same, and holds what is there against the mark.
    pub async fn open_with(url: &str, options: StoreOptions) -> Result<Self, OpenError> {
        let info = url
            .into_connection_info()
            .map_err(|error| InvalidStoreUrl::Redis(error.to_string()))?;
        let store = shown(&info);
        let info = info.set_tcp_settings(tcp_settings());
        let failed = |error| open_error(&store, error);
        let client = Client::open(info.clone()).map_err(failed)?;
        let appends = append_config(&options.redis);
        let appends = ConnectionManager::new_with_config(client.clone(), appends);
        let appends = appends.await.map_err(failed)?;
        let replicas = options.redis.replicas;
        let report = doctor::examine(&mut appends.clone(), replicas).await;
        let mut report = report.map_err(failed)?;
        let Begun {
            known,
            mark,
            lock,
            findings,
            lost,
        } = start::begin(&store, &mut appends.clone(), &options).await?;
        report.findings.extend(findings);
        let promised = report.durability;
        let is_reader = options.read_only;
        let watched = WatchedRedis::new(
            appends.clone(),
            replicas,
            promised,
            is_reader,
            options.clock,
            known,
            mark,
        );
        let watched = Arc::new(watched);
        // nothing is taken before it is known that it can be; what is wrong is a trouble then
        let _ = watched.look().await;
        let watch = tokio::spawn(watch(Arc::clone(&watched)));
        let (append, head) = (Script::new(APPEND), Script::new(HEAD));
        let replace_note = Script::new(REPLACE_NOTE);
        for script in [&append, &head, &replace_note] {
            // An append that the server knows by its name takes one round trip, also the first.
            let loading = &mut appends.clone();
            script.load_async(loading).await.map_err(failed)?;
        }
        Ok(Self {
            client,
            appends,
            pool: read_pool(info, &options.redis).map_err(failed)?,
            append,
            head,
            replace_note,
            options: options.redis,
            report,
            lost,
            watched,
            watch: watch.abort_handle(),
            confirmed: AtomicU64::new(0),
            _mark_lock: lock,
            is_reader,
        })
    }

    /// What was found out about the server when it was connected to.
    pub fn report(&self) -> &Report {
        &self.report
    }

    async fn reader(&self) -> Result<Connection, StoreError> {
        Ok(self.pool.get().await?)
    }

    /// The head as the store has it, if that goes on from what it confirmed before; `fresh` starts a stream that is not
    /// there.
    async fn ask_head(&self, stream: &StreamId, fresh: Option<Epoch>) -> Result<Head, ReadError> {
        let mut head = self.look_up_head(stream, fresh).await;
        let goes_on = self.watched.goes_on(stream, &head).await;
        if !goes_on.map_err(unavailable)? {
            let healed = self.watched.look().await;
            healed.map_err(ReadError::Unavailable)?;
            head = self.look_up_head(stream, fresh).await;
        }
        if let Ok(head) = &head {
            self.watched.has_confirmed(stream, head).await;
        }
        head
    }

    async fn look_up_head(
        &self,
        stream: &StreamId,
        fresh: Option<Epoch>,
    ) -> Result<Head, ReadError> {
        let relied_on = self.watched.may_be_relied_on().await;
        relied_on.map_err(ReadError::Unavailable)?;
        self.confirm(stream).await.map_err(ReadError::Unavailable)?;
        let mut script = self.head.prepare_invoke();
        script.key(keys::log(stream)).key(keys::meta(stream));
        if let Some(epoch) = fresh {
            script.arg(epoch.to_string()).arg(Hash::GENESIS.to_string());
        }
        let asked = script.invoke_async(&mut self.appends.clone()).await;
        let looked: Looked = asked
            .inspect_err(|error| self.watched.note_failure(error))
            .map_err(unavailable)?;
        read_head(stream, &looked.into())
    }

    /// One attempt to append.
    async fn try_append(
        &self,
        stream: &StreamId,
        expected: &Head,
        head: &Head,
        body: &str,
    ) -> Result<(), AppendError> {
        let as_before = self.watched.is_as_before().await;
        as_before.map_err(AppendError::Unavailable)?;
        let appended = self.run_append(stream, expected, head, body).await;
        let (appended, epoch, version, hash, top) = match appended {
            Ok(appended) => appended,
            Err(error) => {
                self.watched.note_failure(&error);
                self.watched.remember_unconfirmed();
                if is_refusal(&error) {
                    let _ = self.watched.look().await; // which gives it a name
                }
                return Err(append_failure(error));
            }
        };
        // the append may itself have gone over a new connection
        let as_before = self.watched.is_as_before().await;
        as_before.map_err(AppendError::Unknown)?;
        if !appended {
            let meta = Meta::from((epoch, version, hash, top));
            return Err(refusal(stream, &meta, expected));
        }
        if self.options.replicas > 0 {
            self.wait_for_replicas().await.map_err(|source| {
                self.watched.remember_unconfirmed();
                AppendError::Unknown(source)
            })?;
        }
        Ok(())
    }

    async fn run_append(
        &self,
        stream: &StreamId,
        expected: &Head,
        head: &Head,
        body: &str,
    ) -> Result<Appended, RedisError> {
        let mut script = self.append.prepare_invoke();
        script.key(keys::log(stream)).key(keys::meta(stream));
        script
            .arg(expected.version)
            .arg(expected.hash.to_string())
            .arg(expected.epoch.to_string());
        script
            .arg(head.version)
            .arg(head.hash.to_string())
            .arg(body);
        match script.invoke_async(&mut self.appends.clone()).await {
            // The connection manager answers a failure to connect once more after the server has come back. Nothing was
            // sent, so trying again cannot append twice.
            Err(error) if error.is_connection_refusal() => {
                self.watched.note_failure(&error);
                script.invoke_async(&mut self.appends.clone()).await
            }
            answer => answer,
        }
    }

    /// Waits until enough replicas have everything that was sent on the appends' connection so far.
    async fn wait_for_replicas(&self) -> Result<(), StoreError> {
        let (wanted, within) = (self.options.replicas, self.options.replicas_within);
        let mut wait = redis::cmd("WAIT");
        wait.arg(wanted).arg(within.as_millis().max(1) as u64);
        let confirmed: u32 = wait.query_async(&mut self.appends.clone()).await?;
        if confirmed < wanted {
            let within = within.as_millis();
            return Err(format!(
                "{confirmed} of {wanted} replicas confirmed the write within {within} ms"
            )
            .into());
        }
        Ok(())
    }

    /// At R2, refuses to show what replicas may not have. Replication is one sequence, so a write that they confirm
    /// covers every earlier one; `WAIT` looks only at its own connection's writes, hence the small write before it.
    async fn confirm(&self, stream: &StreamId) -> Result<(), StoreError> {
        let unconfirmed = self.watched.unconfirmed.load(Ordering::SeqCst);
        if self.confirmed.load(Ordering::SeqCst) >= unconfirmed {
            return Ok(());
        }
        let mut touch = redis::cmd("HINCRBY");
        touch.arg(keys::meta(stream)).arg("waits").arg(1);
        touch.exec_async(&mut self.appends.clone()).await?;
        self.wait_for_replicas().await?;
        self.confirmed.fetch_max(unconfirmed, Ordering::SeqCst);
        Ok(())
    }
}

impl Drop for RedisLog {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// Looks at the server now and then, so that what is wrong with it is told also while nobody asks for anything.
async fn watch(watched: Arc<WatchedRedis>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        // what is wrong is a trouble from now on; a server that does not answer is told by whoever asks it for something
        let _ = watched.look().await;
        watched.rest_mark().await;
    }
}

/// Where the system can, it ends a connection whose other side has fallen silent.
fn tcp_settings() -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(UNACKNOWLEDGED_MAX);
    settings
}

fn append_config(options: &RedisOptions) -> ConnectionManagerConfig {
    // Few retries: the append waits for them, and the next append tries again anyhow.
    ConnectionManagerConfig::new()
        .set_response_timeout(Some(options.append_within))
        .set_connection_timeout(Some(CONNECT_WITHIN))
        .set_number_of_retries(1)
        .set_min_delay(Duration::from_millis(50))
}

fn read_pool(info: ConnectionInfo, options: &RedisOptions) -> Result<Pool, RedisError> {
    let config = AsyncConnectionConfig::new()
        .set_response_timeout(Some(options.read_within))
        .set_connection_timeout(Some(CONNECT_WITHIN));
    let pool = Pool::builder(Manager::new_with_config(info, config)?)
        .max_size(options.connections_max)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(options.read_within))
        .recycle_timeout(Some(CONNECT_WITHIN))
        .build();
    Ok(pool.expect("a pool with time-outs has a runtime, as it is given one"))
}

/// Tells what surely was not written from what may have been.
fn append_failure(error: RedisError) -> AppendError {
    let not_sent = error.is_connection_refusal()
        || matches!(
            error.kind(),
            ErrorKind::AuthenticationFailed | ErrorKind::InvalidClientConfig | ErrorKind::Client
        );
    if is_refusal(&error) || not_sent {
        AppendError::Unavailable(error.into())
    } else {
        AppendError::Unknown(error.into())
    }
}

/// The server's own answer instead of the script's: it refuses before the script's first write.
fn is_refusal(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension)
}

fn unavailable(error: RedisError) -> ReadError {
    ReadError::Unavailable(error.into())
}

fn open_error(store: &str, error: RedisError) -> OpenError {
    let store = store.to_owned();
    if error.is_io_error() {
        OpenError::Unreachable {
            store,
            source: error.into(),
        }
    } else {
        OpenError::Refused {
            store,
            source: error.into(),
        }
    }
}

/// Every stream that is listed, by name.
async fn stream_names(
    connection: &mut impl redis::aio::ConnectionLike,
) -> Result<Vec<String>, RedisError> {
    let mut list = redis::cmd("SMEMBERS");
    let mut names: Vec<String> = list.arg(keys::STREAMS).query_async(connection).await?;
    names.sort();
    Ok(names)
}

/// An entry as `XRANGE` answers it: its id, then names and values of its fields.
type Entry = (String, Vec<Vec<u8>>);

fn decode_entry(stream: &StreamId, (id, fields): &Entry) -> Result<Commit, Defect> {
    let place = id.strip_suffix("-0").and_then(|last| last.parse().ok());
    match (place, fields.as_slice()) {
        (Some(last), [name, body]) if name == b"c" => Commit::decode(stream, last, body),
        (place, _) => {
            let what = format!("the entry {id} is not a commit");
            Err(Defect {
                stream: stream.clone(),
                version: place.unwrap_or(0),
                what,
            })
        }
    }
}

impl fmt::Debug for RedisLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisLog({})", self.describe())
    }
}

#[async_trait]
impl Log for RedisLog {
    async fn open(&self, stream: &StreamId) -> Result<Head, ReadError> {
        if self.watched.knows(stream) || self.is_reader {
            return self.ask_head(stream, None).await;
        }
        let fresh = Epoch::draw().map_err(|error| ReadError::Unavailable(error.into()))?;
        // Listed first: a stream with a history is then always listed, whatever happens in between.
        let mut reader = self.reader().await.map_err(ReadError::Unavailable)?;
        redis::cmd("SADD")
            .arg(keys::STREAMS)
            .arg(stream.as_str())
            .exec_async(&mut reader)
            .await
            .map_err(unavailable)?;
        self.ask_head(stream, Some(fresh)).await
    }

    async fn head(&self, stream: &StreamId) -> Result<Head, ReadError> {
        self.ask_head(stream, None).await
    }

    async fn append(
        &self,
        stream: &StreamId,
        expected: &Head,
        commit: &Commit,
    ) -> Result<(), AppendError> {
        commit.assert_follows(expected);
        let (head, body) = (commit.head(), commit.encode());
        let mut appended = self.try_append(stream, expected, &head, &body).await;
        if matches!(appended, Err(AppendError::Forked(_))) {
            // lost or exchanged, and then it has a name; or it is healed
            let healed = self.watched.look().await;
            healed.map_err(AppendError::Unavailable)?;
            appended = self.try_append(stream, expected, &head, &body).await;
        }
        appended?;
        self.watched.has_appended(stream, &head, body).await;
        Ok(())
    }

    async fn read(
        &self,
        stream: &StreamId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Commit>, ReadError> {
        self.confirm(stream).await.map_err(ReadError::Unavailable)?;
        let mut range = redis::cmd("XRANGE");
        range
            .arg(keys::log(stream))
            .arg(format!("{}-0", after.saturating_add(1)))
            .arg("+")
            .arg("COUNT")
            .arg(limit);
        let mut reader = self.reader().await.map_err(ReadError::Unavailable)?;
        let entries: Vec<Entry> = range.query_async(&mut reader).await.map_err(unavailable)?;
        let decode = |entry| decode_entry(stream, entry);
        let commits = entries
            .iter()
            .map(decode)
            .collect::<Result<Vec<_>, Defect>>()?;
        verify_neighbours(stream, &commits)?;
        for (commit, (_, fields)) in commits.iter().zip(&entries) {
            let body = || String::from_utf8_lossy(&fields[1]).into_owned();
            self.watched.has_read(stream, commit.last, body);
        }
        Ok(commits)
    }

    async fn follow(&self, streams: Vec<StreamId>) -> mpsc::Receiver<Hint> {
        let (tx, rx) = mpsc::channel(HINTS_WAITING);
        tokio::spawn(follower::follow(self.client.clone(), streams, tx));
        rx
    }

    async fn save_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let mut reader = self.reader().await?;
        let mut set = redis::cmd("SET");
        set.arg(keys::snapshot(stream)).arg(snapshot.encode());
        Ok(set.exec_async(&mut reader).await?)
    }

    async fn load_snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        let mut reader = self.reader().await?;
        let body: Option<Vec<u8>> = redis::cmd("GET")
            .arg(keys::snapshot(stream))
            .query_async(&mut reader)
            .await?;
        Ok(body.and_then(|body| Snapshot::decode(&body)))
    }

    async fn note(&self, stream: &StreamId, name: &NoteName) -> Result<Option<Note>, StoreError> {
        let mut get = redis::cmd("HMGET");
        get.arg(keys::note(stream, name))
            .arg("revision")
            .arg("text");
        let mut reader = self.reader().await?;
        let (revision, text): (Option<u64>, Option<String>) = get.query_async(&mut reader).await?;
        let note = revision.zip(text);
        Ok(note.map(|(revision, text)| Note { revision, text }))
    }

    async fn replace_note(
        &self,
        stream: &StreamId,
        name: &NoteName,
        expected: u64,
        text: &str,
    ) -> Result<bool, StoreError> {
        let mut script = self.replace_note.prepare_invoke();
        script.key(keys::note(stream, name)).arg(expected).arg(text);
        // Not on the appends' connection: a note may be as large as a snapshot, and no command waits behind it.
        let mut reader = self.reader().await?;
        Ok(script.invoke_async(&mut reader).await?)
    }

    async fn streams(&self) -> Result<Vec<StreamId>, ReadError> {
        let mut reader = self.reader().await.map_err(ReadError::Unavailable)?;
        let names = stream_names(&mut reader).await.map_err(unavailable)?;
        let parse = |name: &String| {
            StreamId::parse(name).map_err(|error| ReadError::Unavailable(error.into()))
        };
        names.iter().map(parse).collect()
    }

    async fn secret(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let mut reader = self.reader().await?;
        if !self.is_reader {
            let mut set = redis::cmd("SET");
            set.arg(keys::SECRET).arg(to_hex(&fresh)).arg("NX");
            set.exec_async(&mut reader).await?;
        }
        let kept: String = redis::cmd("GET")
            .arg(keys::SECRET)
            .query_async(&mut reader)
            .await?;
        let kept = from_hex(&kept)
            .map_err(|error| format!("the store's secret key cannot be read: {error}"))?;
        self.watched.has_secret(&kept).await?;
        Ok(kept)
    }

    fn durability(&self) -> Durability {
        self.report.durability
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn trouble(&self) -> Option<Trouble> {
        self.watched.trouble()
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = self.report.findings.clone();
        findings.extend(self.watched.finding());
        findings
    }

    fn lost_tails(&self) -> Vec<LostTail> {
        self.lost.clone()
    }

    async fn settle_loss(&self, stream: &StreamId) -> Result<(), StoreError> {
        self.watched.settle(stream).await;
        Ok(())
    }

    fn describe(&self) -> String {
        shown(self.client.get_connection_info())
    }
}
