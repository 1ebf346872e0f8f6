//! The scripts that touch a hall's head, and what their answers mean; and the one that replaces a note.
//!
//! Redis runs a script alone and persists all of its writes or none, so the head in `meta` and the last entry of the stream
//! change together. The scripts only compare for equality; which difference is a conflict and which is a fork is decided
//! here, by the same rule as for every other store.

use crate::{AppendError, Defect, Head, ReadError, StreamId};

/// The id of a log's last entry, in every script that looks at one. A user who may not ask for it is told so by Redis; he
/// must not take the log for empty.
macro_rules! top {
    () => {
        "
local top = '0-0'
if redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then top = info[i + 1] end
  end
end"
    };
}

/// KEYS: log, meta. ARGV: version, hash and epoch of the head demanded, then version, hash and text of the commit.
/// Answers whether it was appended, and what was there: epoch, version, hash, id of the last entry.
pub(super) const APPEND: &str = concat!(
    top!(),
    "
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'version', 'hash')
local exact = meta[1] == ARGV[3] and meta[2] == ARGV[1] and meta[3] == ARGV[2] and top == ARGV[1] .. '-0'
if exact then
  redis.call('XADD', KEYS[1], ARGV[4] .. '-0', 'c', ARGV[6])
  redis.call('HSET', KEYS[2], 'version', ARGV[4], 'hash', ARGV[5])
end
return { exact and 1 or 0, meta[1] or '', meta[2] or '', meta[3] or '', top }
"
);

/// KEYS: log, meta. ARGV: an epoch and the first hash to start with when nothing is there, or nothing, to only look.
/// Entries without a meta are somebody's damage; they are not given a new epoch.
pub(super) const HEAD: &str = concat!(
    top!(),
    "
if #ARGV == 2 and redis.call('EXISTS', KEYS[1]) == 0 and redis.call('HEXISTS', KEYS[2], 'epoch') == 0 then
  redis.call('HSET', KEYS[2], 'epoch', ARGV[1], 'version', '0', 'hash', ARGV[2])
end
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'version', 'hash')
return { meta[1] or '', meta[2] or '', meta[3] or '', top }
"
);

/// KEYS: log, meta. ARGV: the epoch; then for each commit version and hash before it, version, hash and text of its own.
/// Writes each of them behind the exact head that it continues, and passes over the others, so that it does not matter
/// how often and in which order several instances send theirs. Answers how many were written, and what is there then.
pub(super) const HEAL: &str = concat!(
    top!(),
    "
local meta = redis.call('HMGET', KEYS[2], 'epoch', 'version', 'hash')
local written = 0
for i = 2, #ARGV, 5 do
  if meta[1] == ARGV[1] and meta[2] == ARGV[i] and meta[3] == ARGV[i + 1] and top == ARGV[i] .. '-0' then
    meta[2], meta[3], top = ARGV[i + 2], ARGV[i + 3], ARGV[i + 2] .. '-0'
    redis.call('XADD', KEYS[1], top, 'c', ARGV[i + 4])
    redis.call('HSET', KEYS[2], 'version', meta[2], 'hash', meta[3])
    written = written + 1
  end
end
return { written, meta[1] or '', meta[2] or '', meta[3] or '', top }
"
);

/// KEYS: note. ARGV: the revision demanded (0 for none), and the text to keep. Answers whether it was kept.
pub(super) const REPLACE_NOTE: &str = "
local revision = redis.call('HGET', KEYS[1], 'revision') or '0'
if revision ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'revision', string.format('%.0f', ARGV[1] + 1), 'text', ARGV[2])
return 1
";

/// Answer of [`HEAD`].
pub(super) type Looked = (String, String, String, String);
/// Answer of [`APPEND`].
pub(super) type Appended = (bool, String, String, String, String);
/// Answer of [`HEAL`].
pub(super) type Healed = (u64, String, String, String, String);

/// What the server keeps about a stream.
pub(super) struct Meta {
    pub(super) epoch: String,
    pub(super) version: String,
    pub(super) hash: String,
    pub(super) top: String,
}

impl From<Looked> for Meta {
    fn from((epoch, version, hash, top): Looked) -> Self {
        Self {
            epoch,
            version,
            hash,
            top,
        }
    }
}

/// The head, if what the server keeps about it fits together.
pub(super) fn read_head(stream: &StreamId, meta: &Meta) -> Result<Head, ReadError> {
    let Meta {
        epoch,
        version,
        hash,
        top,
    } = meta;
    if epoch.is_empty() && top == "0-0" {
        return Err(ReadError::NoSuchStream(stream.clone()));
    }
    if *top != format!("{version}-0") {
        let place = top
            .split('-')
            .next()
            .and_then(|last| last.parse().ok())
            .unwrap_or(0);
        let what =
            format!("its entries end at {top}, but its head was kept as version {version:?}");
        return Err(Defect {
            stream: stream.clone(),
            version: place,
            what,
        }
        .into());
    }
    match (version.parse(), hash.parse(), epoch.parse()) {
        (Ok(version), Ok(hash), Ok(epoch)) => Ok(Head {
            version,
            hash,
            epoch,
        }),
        (Err(_), _, _) | (_, Err(_), _) | (_, _, Err(_)) => {
            let what = format!(
                "its head cannot be read (version {version:?}, hash {hash:?}, epoch {epoch:?})"
            );
            Err(Defect {
                stream: stream.clone(),
                version: 0,
                what,
            }
            .into())
        }
    }
}

/// Why the script refused: the head it found is not the one demanded.
pub(super) fn refusal(stream: &StreamId, meta: &Meta, expected: &Head) -> AppendError {
    match read_head(stream, meta) {
        Ok(head) => match head.demand(expected) {
            Err(refusal) => refusal,
            Ok(()) => {
                AppendError::Unavailable("the store refused the very head that it has".into())
            }
        },
        Err(ReadError::NoSuchStream(_)) => {
            AppendError::Forked("it is not in the store any more".to_owned())
        }
        Err(ReadError::Unavailable(source)) => AppendError::Unavailable(source),
        Err(ReadError::Defect(defect)) => AppendError::Forked(defect.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Epoch, Hash};

    fn meta(epoch: &str, version: &str, top: &str) -> Meta {
        Meta {
            epoch: epoch.to_owned(),
            version: version.to_owned(),
            hash: Hash::GENESIS.to_string(),
            top: top.to_owned(),
        }
    }

    #[test]
    fn a_head_that_does_not_fit_its_entries_is_named() {
        let stream = StreamId::parse("east").unwrap();
        let epoch = Epoch::from_random([1; 16]).to_string();
        let read = |meta| read_head(&stream, &meta);
        assert!(matches!(
            read(meta("", "", "0-0")),
            Err(ReadError::NoSuchStream(_))
        ));
        assert_eq!(read(meta(&epoch, "7", "7-0")).unwrap().version, 7);
        for damaged in [
            meta("", "", "7-0"),
            meta(&epoch, "7", "0-0"),
            meta(&epoch, "7", "9-0"),
            meta("x", "7", "7-0"),
        ] {
            assert!(matches!(read(damaged), Err(ReadError::Defect(_))));
        }
    }
}
