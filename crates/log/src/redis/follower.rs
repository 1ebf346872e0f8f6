//! Follows streams with `XREAD BLOCK` on a connection of its own, and says which of them were appended to.
//!
//! The connection has no response time-out, because waiting is its purpose; instead each wait has an end on the server's
//! side, and a server that does not keep to it is taken for dead. The positions are asked for before the streams are
//! named: an append before that is found by the reader of the hint, one after it by `XREAD`. So no append is missed,
//! neither at the start nor over a lost connection.

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, Pipeline, RedisError, aio::MultiplexedConnection};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use super::keys;
use crate::{Hint, StreamId, hints::name_each};

/// One wait for an append; a silent server is noticed this much later, at least.
const BLOCK: Duration = Duration::from_secs(5);
/// Given to the answer behind the wait.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Commits taken in with one answer; only their ids are used.
const ENTRIES_MAX: usize = 16;
/// Between attempts to connect: at first soon, because most outages are restarts, later seldom.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Why following came to an end.
enum End {
    /// The receiver is gone.
    Unheard,
    /// The connection is gone.
    Lost(StoreSilence),
}

/// What the server did, for the log line.
#[derive(Debug, thiserror::Error)]
enum StoreSilence {
    #[error(transparent)]
    Redis(#[from] RedisError),
    #[error("no answer within {0:?}")]
    Late(Duration),
}

impl<T: Into<StoreSilence>> From<T> for End {
    fn from(error: T) -> Self {
        Self::Lost(error.into())
    }
}

/// Runs until the receiver is dropped.
pub(super) async fn follow(client: Client, streams: Vec<StreamId>, tx: mpsc::Sender<Hint>) {
    tokio::select! {
        () = tx.closed() => (),
        () = keep_following(&client, &streams, &tx) => (),
    }
}

async fn keep_following(client: &Client, streams: &[StreamId], tx: &mpsc::Sender<Hint>) {
    if streams.is_empty() {
        return tx.closed().await;
    }
    let mut pause = PAUSE_MIN;
    loop {
        let mut follower = match Follower::connect(client, streams).await {
            Ok(follower) => follower,
            Err(silence) => {
                tracing::debug!(%silence, "cannot follow the log yet");
                sleep(pause).await;
                pause = PAUSE_MAX.min(pause * 2);
                continue;
            }
        };
        pause = PAUSE_MIN;
        match follower.run(tx).await {
            End::Unheard => return,
            End::Lost(silence) => {
                tracing::warn!(%silence, "lost the connection that follows the log")
            }
        }
    }
}

struct Follower<'a> {
    connection: MultiplexedConnection,
    streams: &'a [StreamId],
    /// For each stream the id behind which it is followed.
    positions: Vec<String>,
}

/// `XREAD`'s answer: nothing, or for each stream its key and its entries.
type Followed = Option<Vec<(String, Vec<(String, redis::Value)>)>>;

impl<'a> Follower<'a> {
    async fn connect(client: &Client, streams: &'a [StreamId]) -> Result<Self, StoreSilence> {
        let config = AsyncConnectionConfig::new()
            .set_response_timeout(None)
            .set_connection_timeout(Some(super::CONNECT_WITHIN));
        let mut connection = client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let mut last = Pipeline::new();
        for stream in streams {
            last.cmd("XREVRANGE")
                .arg(keys::log(stream))
                .arg("+")
                .arg("-")
                .arg("COUNT")
                .arg(1);
        }
        let last = timeout(
            ANSWER_WITHIN,
            last.query_async::<Vec<Vec<(String, redis::Value)>>>(&mut connection),
        );
        let last = last
            .await
            .map_err(|_| StoreSilence::Late(ANSWER_WITHIN))??;
        let position = |entries: Vec<(String, _)>| {
            entries
                .into_iter()
                .next()
                .map_or("0-0".to_owned(), |(id, _)| id)
        };
        Ok(Self {
            connection,
            streams,
            positions: last.into_iter().map(position).collect(),
        })
    }

    async fn run(&mut self, tx: &mpsc::Sender<Hint>) -> End {
        if name_each(self.streams, tx).await.is_err() {
            return End::Unheard;
        }
        loop {
            if let Err(end) = self.wait_once(tx).await {
                return end;
            }
        }
    }

    async fn wait_once(&mut self, tx: &mpsc::Sender<Hint>) -> Result<(), End> {
        let late = BLOCK + ANSWER_WITHIN;
        let appended = self.xread();
        let appended: Followed = timeout(late, appended.query_async(&mut self.connection))
            .await
            .map_err(|_| StoreSilence::Late(late))??;
        for (key, entries) in appended.into_iter().flatten() {
            let at = self
                .streams
                .iter()
                .position(|stream| keys::log(stream) == key);
            if let (Some(at), Some((last, _))) = (at, entries.into_iter().last()) {
                let version = last
                    .split('-')
                    .next()
                    .and_then(|version| version.parse().ok());
                self.positions[at] = last;
                let stream = self.streams[at].clone();
                tx.send(Hint { stream, version })
                    .await
                    .map_err(|_| End::Unheard)?;
            }
        }
        Ok(())
    }

    fn xread(&self) -> redis::Cmd {
        let mut xread = redis::cmd("XREAD");
        xread
            .arg("COUNT")
            .arg(ENTRIES_MAX)
            .arg("BLOCK")
            .arg(BLOCK.as_millis() as u64)
            .arg("STREAMS");
        for stream in self.streams {
            xread.arg(keys::log(stream));
        }
        xread.arg(&self.positions);
        xread
    }
}
