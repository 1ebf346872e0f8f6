//! Which store, and how to open it: `sqlite:PATH`, `redis://HOST:PORT`, `memory:`.
//!
//! This is the only place that knows all the stores. Its errors are read by the person who installs the system, so each
//! says what to do; none ever holds a password.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{
    Log, ServerClock, StoreError, StreamId,
    memory::MemoryLog,
    redis::{RedisLog, RedisOptions},
    sqlite::SqliteLog,
};

/// Names a store.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// `sqlite:PATH`: one file on this machine.
    Sqlite(PathBuf),
    /// `redis://[USER:PASSWORD@]HOST[:PORT][/DB]` or `redis+unix:///PATH`; kept whole, with the password.
    Redis(String),
    /// `memory:`: gone when the process ends.
    Memory,
}

/// The text does not name a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidStoreUrl {
    /// Not a kind of store that there is.
    #[error("unknown kind of store {0:?}: use sqlite:PATH, redis://HOST:PORT or memory:")]
    UnknownScheme(String),
    /// A kind of Redis that this program does not speak to by itself.
    #[error("{scheme}: is not spoken by this build: {instead}")]
    Unsupported {
        /// As it was given.
        scheme: String,
        /// What to do.
        instead: &'static str,
    },
    /// `sqlite:` and nothing behind it.
    #[error("sqlite: needs the path of a file, such as sqlite:data/paihao.db")]
    NoPath,
    /// The Redis library cannot make sense of it.
    #[error("the redis URL cannot be read ({0}); it looks like redis://USER:PASSWORD@HOST:PORT/DB")]
    Redis(String),
}

/// The end of a stream that was acknowledged and is not in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostTail {
    pub stream: StreamId,
    /// The store ends here, or does so in another history.
    pub found: u64,
    /// This was acknowledged.
    pub acknowledged: u64,
    /// The store has this version, but another commit.
    pub is_another_history: bool,
    /// When it was acknowledged, in seconds since 1970 by the machine's clock.
    pub at: u64,
}

/// As a person names it: `zhuzhou:1230-1250`.
impl fmt::Display for LostTail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}-{}", self.stream, self.found, self.acknowledged)
    }
}

/// Not the name of a lost tail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} does not say what is lost: give it as the refusal printed it, such as zhuzhou:1230-1250"
)]
pub struct InvalidLostTail(String);

impl FromStr for LostTail {
    type Err = InvalidLostTail;

    fn from_str(text: &str) -> Result<Self, InvalidLostTail> {
        let invalid = || InvalidLostTail(text.to_owned());
        let (stream, versions) = text.rsplit_once(':').ok_or_else(invalid)?;
        let (found, acknowledged) = versions.split_once('-').ok_or_else(invalid)?;
        Ok(Self {
            stream: StreamId::parse(stream).map_err(|_| invalid())?,
            found: found.parse().map_err(|_| invalid())?,
            acknowledged: acknowledged.parse().map_err(|_| invalid())?,
            is_another_history: false,
            at: 0,
        })
    }
}

/// What is missing, and the two things that can be done.
fn behind(store: &str, mark: &str, is_empty: bool, lost: &[LostTail], way_back: &str) -> String {
    let what = match is_empty {
        true => "is empty, but".to_owned(),
        false => "does not hold all that was acknowledged:".to_owned(),
    };
    let lines: Vec<String> = lost.iter().map(one_lost).collect();
    let accept: Vec<String> = lost
        .iter()
        .map(|lost| format!("--accept-lost {lost}"))
        .collect();
    format!(
        "{store} {what} {mark} says that there was more.\n  {}\n{way_back} Only if it is gone for good: start once with {}. \
         The numbers that were lost are then skipped, so that none is given out twice. Nothing was changed",
        lines.join("\n  "),
        accept.join(" ")
    )
}

fn one_lost(lost: &LostTail) -> String {
    let LostTail {
        stream,
        found,
        acknowledged,
        at,
        ..
    } = lost;
    let ago = SystemTime::UNIX_EPOCH + Duration::from_secs(*at);
    let minutes = SystemTime::now()
        .duration_since(ago)
        .unwrap_or_default()
        .as_secs()
        / 60;
    let here = match lost.is_another_history {
        true => format!("ends at version {found} of another history"),
        false => format!("ends at version {found}"),
    };
    format!("{stream}: {here}, version {acknowledged} was acknowledged {minutes} minutes ago")
}

/// How to open a store.
#[derive(Clone, Debug, Default)]
pub struct StoreOptions {
    /// What was acknowledged and may be missing, each accepted by name.
    pub accept_lost: Vec<LostTail>,
    /// For `verify` and `export`: writes are refused, and a running server is left alone.
    pub read_only: bool,
    /// Where this server keeps how far a Redis was; `None` for nowhere. A SQLite store has it beside its file.
    pub mark: Option<PathBuf>,
    /// Of this server, held against the clock of a Redis; `None` for a made-up one, which agrees with nobody's.
    pub clock: Option<ServerClock>,
    /// Only for Redis.
    pub redis: RedisOptions,
}

/// A store could not be opened. Paths and addresses are in it, passwords are not.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The name of the store is wrong.
    #[error(transparent)]
    Url(#[from] InvalidStoreUrl),
    /// Another process serves the same file.
    #[error(
        "{path} is already served by another paihao process ({holder}): stop that one first, or give this one a file of \
         its own"
    )]
    Locked {
        /// The database.
        path: String,
        /// Which process, as far as it is known.
        holder: String,
    },
    /// The file is something else.
    #[error("{path} is not a paihao database ({found}): give the path of another file")]
    NotOurs {
        /// The file.
        path: String,
        /// What it is.
        found: String,
    },
    /// The file was written by a program newer than this one.
    #[error(
        "{path} was written by a newer paihao (store schema {schema}, this one knows {known}): run that version or a \
         newer one; nothing was changed"
    )]
    NewerSchema {
        /// The database.
        path: String,
        /// Found in the file.
        schema: u32,
        /// The newest this program knows.
        known: u32,
    },
    /// Something that was acknowledged is not in the store.
    #[error("{}", behind(store, mark, *is_empty, lost, way_back))]
    Behind {
        /// The file, or the address without a password.
        store: String,
        /// What tells that there was more.
        mark: String,
        /// Nothing at all is in it.
        is_empty: bool,
        /// What is missing, stream by stream.
        lost: Vec<LostTail>,
        /// What to do first.
        way_back: String,
    },
    /// The secret in the store is not the one that its names and telephone numbers were sealed with.
    #[error(
        "the secret key in {store} was changed: every sealed name and telephone number would be unreadable. {way_back} \
         Nothing was changed"
    )]
    AnotherSecret {
        /// The file, or the address without a password.
        store: String,
        /// What to do.
        way_back: String,
    },
    /// What is in the store is not what was written.
    #[error(
        "{store}: {damage}. Put a whole copy back; `paihao verify` shows whether one is whole. Nothing was changed"
    )]
    Damaged {
        /// The file, or the address without a password.
        store: String,
        /// Where, and what.
        damage: String,
    },
    /// The file or its directory cannot be used.
    #[error("{path} cannot be opened: {source}")]
    File {
        /// The file or directory.
        path: String,
        /// What the system or SQLite said.
        source: StoreError,
    },
    /// No Redis answers there.
    #[error(
        "{store} does not answer ({source}): is Redis running there, and are host and port right?"
    )]
    Unreachable {
        /// Without a password.
        store: String,
        /// What the library said.
        source: StoreError,
    },
    /// A Redis answers, but not to us.
    #[error("{store} refused ({source}): are user, password and rights right?")]
    Refused {
        /// Without a password.
        store: String,
        /// What the library or the server said.
        source: StoreError,
    },
}

/// Opens the store that `url` names.
pub async fn open_store(url: &StoreUrl, options: &StoreOptions) -> Result<Arc<dyn Log>, OpenError> {
    match url {
        StoreUrl::Sqlite(path) => open_sqlite(path.clone(), options.clone()).await,
        StoreUrl::Redis(url) => Ok(Arc::new(RedisLog::open_with(url, options.clone()).await?)),
        StoreUrl::Memory => Ok(Arc::new(MemoryLog::new())),
    }
}

/// Opening waits for the disk, so it is kept off the runtime's own threads.
async fn open_sqlite(path: PathBuf, options: StoreOptions) -> Result<Arc<dyn Log>, OpenError> {
    let open = move || {
        if options.read_only {
            SqliteLog::open_read_only(&path)
        } else {
            SqliteLog::open_accepting(&path, options.accept_lost)
        }
    };
    let log = tokio::task::spawn_blocking(open)
        .await
        .expect("opening a store does not panic")?;
    Ok(Arc::new(log))
}

const UNSUPPORTED: &[(&str, &str)] = &[
    (
        "rediss",
        "put a TLS tunnel on this machine and give its address as redis://127.0.0.1:PORT, or use redis+unix:///PATH",
    ),
    (
        "redis-sentinel",
        "give redis:// and an address that always leads to the primary",
    ),
    (
        "redis-cluster",
        "give redis:// and the address of one primary with a replica",
    ),
];

impl StoreUrl {
    /// Reads a store's name.
    pub fn parse(url: &str) -> Result<Self, InvalidStoreUrl> {
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(InvalidStoreUrl::UnknownScheme(url.to_owned()));
        };
        match scheme {
            "sqlite" => Self::sqlite(rest),
            "redis" | "redis+unix" | "unix" => Self::redis(url),
            "memory" => Ok(Self::Memory),
            _ => Err(unknown(scheme)),
        }
    }

    fn sqlite(path: &str) -> Result<Self, InvalidStoreUrl> {
        // Many tools write sqlite:///path; no path of ours begins with two slashes.
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            Err(InvalidStoreUrl::NoPath)
        } else {
            Ok(Self::Sqlite(path.into()))
        }
    }

    /// Where the mark of a Redis is kept in a folder: a file with the name of its address, `paihao-redis-10.0.0.5-6379.mark`.
    /// `None` for a store that keeps its own mark or needs none.
    pub fn mark_in(&self, folder: &Path) -> Option<PathBuf> {
        let Self::Redis(_) = self else { return None };
        let address = self.to_string();
        let words = address.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        Some(folder.join(format!("paihao-{}.mark", words.join("-"))))
    }

    fn redis(url: &str) -> Result<Self, InvalidStoreUrl> {
        super::redis::address(url)?;
        Ok(Self::Redis(url.to_owned()))
    }
}

fn unknown(scheme: &str) -> InvalidStoreUrl {
    match UNSUPPORTED.iter().find(|(known, _)| *known == scheme) {
        Some(&(_, instead)) => InvalidStoreUrl::Unsupported {
            scheme: scheme.to_owned(),
            instead,
        },
        None => InvalidStoreUrl::UnknownScheme(scheme.to_owned()),
    }
}

impl FromStr for StoreUrl {
    type Err = InvalidStoreUrl;

    fn from_str(url: &str) -> Result<Self, InvalidStoreUrl> {
        Self::parse(url)
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Redis(url) => {
                f.write_str(&super::redis::address(url).unwrap_or_else(|_| "redis:".to_owned()))
            }
            Self::Memory => f.write_str("memory:"),
        }
    }
}

/// Like `Display`, because a derived one would print the password.
impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_named_as_people_write_them() {
        for (url, shown) in [
            ("sqlite:data/paihao.db", "sqlite:data/paihao.db"),
            ("sqlite:/var/lib/paihao.db", "sqlite:/var/lib/paihao.db"),
            ("sqlite:///var/lib/paihao.db", "sqlite:/var/lib/paihao.db"),
            ("redis://10.0.0.5", "redis://10.0.0.5:6379"),
            (
                "redis://hall:geheim@10.0.0.5:7000/3",
                "redis://10.0.0.5:7000/3",
            ),
            (
                "redis+unix:///run/redis.sock",
                "redis+unix:///run/redis.sock",
            ),
            ("memory:", "memory:"),
        ] {
            assert_eq!(StoreUrl::parse(url).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let url = StoreUrl::parse("redis://hall:geheim@10.0.0.5:7000/3").unwrap();
        assert!(!format!("{url} {url:?}").contains("geheim"));
        let wrong = StoreUrl::parse("mysql://hall:geheim@10.0.0.5/x").unwrap_err();
        assert!(!format!("{wrong} {wrong:?}").contains("geheim"));
        let wrong = StoreUrl::parse("redis://hall:geheim@10.0.0.5:port").unwrap_err();
        assert!(!format!("{wrong} {wrong:?}").contains("geheim"));
    }

    #[test]
    fn the_mark_of_a_redis_has_the_name_of_its_address() {
        let mark = |url: &str| StoreUrl::parse(url).unwrap().mark_in(Path::new("var"));
        let named = |name: &str| Some(PathBuf::from(name));
        assert_eq!(
            mark("redis://hall:geheim@10.0.0.5:7000/3"),
            named("var/paihao-redis-10.0.0.5-7000-3.mark")
        );
        assert_eq!(
            mark("redis+unix:///run/redis.sock"),
            named("var/paihao-redis-unix-run-redis.sock.mark")
        );
        assert_eq!(mark("sqlite:data/paihao.db"), None);
    }

    #[test]
    fn a_wrong_name_says_what_to_write_instead() {
        let refusal = |url: &str| StoreUrl::parse(url).unwrap_err().to_string();
        expect_test::expect![[
            r#"unknown kind of store "mysql": use sqlite:PATH, redis://HOST:PORT or memory:"#
        ]]
        .assert_eq(&refusal("mysql://db/x"));
        expect_test::expect![[
            r#"unknown kind of store "data/paihao.db": use sqlite:PATH, redis://HOST:PORT or memory:"#
        ]]
        .assert_eq(&refusal("data/paihao.db"));
        expect_test::expect!["sqlite: needs the path of a file, such as sqlite:data/paihao.db"]
            .assert_eq(&refusal("sqlite:"));
        expect_test::expect!["rediss: is not spoken by this build: put a TLS tunnel on this machine and give its address as redis://127.0.0.1:PORT, or use redis+unix:///PATH"]
            .assert_eq(&refusal("rediss://db:6379"));
    }
}
