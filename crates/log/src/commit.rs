//! One commit: the records of one or more commands, kept whole or not at all, chained to the commit before it.
//!
//! A commit is stored as one JSON object that people can read in their own store. Two things make its text a promise:
//! the hash covers every other field and the exact bytes of the records, and [`Commit::decode`] accepts no other text
//! than the one [`Commit::encode`] writes. So a change of any single byte of a stored commit is found, even one that
//! JSON itself would not mind, such as a space or another spelling of a letter.
//!
//! The log does not look into the records. Alternatives not taken: hashing the parsed records (two texts would share a
//! hash, and the log would have to know their form), or a checksum of the stored bytes beside them (two places that
//! can disagree).

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{Epoch, Hash, Head, StreamId};

/// The form of commits that this program writes, and the newest that it can read.
pub const SCHEMA: u32 = 1;

/// Consecutive records of one stream, from version `first` to `last`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Commit {
    /// Version of the first record.
    pub first: u64,
    /// Version of the last record; the commit's place in its stream.
    pub last: u64,
    /// Form of the records.
    pub schema: u32,
    /// The history this commit belongs to.
    pub epoch: Epoch,
    /// Hash of the commit before, [`Hash::GENESIS`] for the first.
    pub prev: Hash,
    /// Hash over all other fields.
    pub hash: Hash,
    /// `[{"version":…,"at":…,"actor":…,"key":…,"events":[…]}, …]`, kept byte for byte.
    pub records: Box<RawValue>,
}

/// A stored commit is not what was written: where, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log of {stream} is damaged at version {version}: {what}")]
pub struct Defect {
    /// The stream.
    pub stream: StreamId,
    /// The place: the last version of the commit, as the store names it.
    pub version: u64,
    /// What is wrong, in plain words.
    pub what: String,
}

impl Commit {
    /// Makes the commit that follows `head` and ends with version `last`.
    pub fn seal(head: &Head, last: u64, schema: u32, records: Box<RawValue>) -> Self {
        let first = head.version + 1;
        assert!(
            last >= first,
            "a commit holds at least one record: {first} to {last}"
        );
        let mut commit = Self {
            first,
            last,
            schema,
            epoch: head.epoch,
            prev: head.hash,
            hash: Hash::GENESIS,
            records,
        };
        commit.hash = commit.computed_hash();
        commit
    }

    /// The head of a stream that ends with this commit.
    pub fn head(&self) -> Head {
        Head {
            version: self.last,
            hash: self.hash,
            epoch: self.epoch,
        }
    }

    /// The stored form.
    pub fn encode(&self) -> String {
        serde_json::to_string(self)
            .expect("numbers, hex and JSON that was already parsed always encode")
    }

    /// Reads the stored form of the commit that the store keeps at version `last` of `stream`, checking everything that
    /// can be checked without its neighbours.
    pub fn decode(stream: &StreamId, last: u64, stored: &[u8]) -> Result<Self, Defect> {
        let defect = |what: String| Defect {
            stream: stream.clone(),
            version: last,
            what,
        };
        let commit = parse(stored).map_err(defect)?;
        if commit.encode().as_bytes() != stored {
            return Err(defect(
                "the stored text is not the one that was written".to_owned(),
            ));
        }
        if commit.last != last {
            return Err(defect(format!(
                "the entry kept there says it is version {}",
                commit.last
            )));
        }
        commit.check_itself().map_err(defect)?;
        Ok(commit)
    }

    /// Refuses, as a bug of the caller, a commit that was not sealed on `expected`.
    pub(super) fn assert_follows(&self, expected: &Head) {
        let place = (self.first, self.prev, self.epoch);
        assert_eq!(
            place,
            (expected.version + 1, expected.hash, expected.epoch),
            "the commit was sealed on another head"
        );
    }

    fn check_itself(&self) -> Result<(), String> {
        if self.first == 0 || self.first > self.last {
            return Err(format!(
                "its versions run from {} to {}",
                self.first, self.last
            ));
        }
        if self.hash != self.computed_hash() {
            return Err("the checksum does not fit the content".to_owned());
        }
        Ok(())
    }

    /// Every field has a fixed size except the records, whose length goes before them: no two commits share an input.
    fn computed_hash(&self) -> Hash {
        let records = self.records.get().as_bytes();
        let mut hasher = Sha256::new();
        hasher.update(b"paihao commit\n");
        hasher.update(self.prev.as_bytes());
        hasher.update(self.first.to_be_bytes());
        hasher.update(self.last.to_be_bytes());
        hasher.update(self.schema.to_be_bytes());
        hasher.update(self.epoch.as_bytes());
        hasher.update((records.len() as u64).to_be_bytes());
        hasher.update(records);
        hasher.into()
    }
}

impl PartialEq for Commit {
    fn eq(&self, other: &Self) -> bool {
        let header = |commit: &Self| {
            (
                commit.first,
                commit.last,
                commit.schema,
                commit.epoch,
                commit.prev,
                commit.hash,
            )
        };
        header(self) == header(other) && self.records.get() == other.records.get()
    }
}

impl Eq for Commit {}

/// Checks that a commit continues the chain behind `previous`, and answers the head behind it.
pub fn verify_chain(stream: &StreamId, previous: &Head, commit: &Commit) -> Result<Head, Defect> {
    let defect = |what: String| Defect {
        stream: stream.clone(),
        version: commit.last,
        what,
    };
    if commit.first != previous.version + 1 {
        let (first, before) = (commit.first, previous.version);
        return Err(defect(format!(
            "it starts at version {first}, but the commit before it ends at {before}"
        )));
    }
    if commit.epoch != previous.epoch {
        let (epoch, expected) = (commit.epoch, previous.epoch);
        return Err(defect(format!(
            "it belongs to another history (epoch {epoch} instead of {expected})"
        )));
    }
    if commit.prev != previous.hash {
        return Err(defect(
            "it was not written behind the commit before it (the chain of hashes is broken)"
                .to_owned(),
        ));
    }
    commit.check_itself().map_err(defect)?;
    Ok(commit.head())
}

/// [`verify_chain`] over what a store hands out at once; the first of them has nothing to be compared with.
pub(super) fn verify_neighbours(stream: &StreamId, commits: &[Commit]) -> Result<(), Defect> {
    for pair in commits.windows(2) {
        verify_chain(stream, &pair[0].head(), &pair[1])?;
    }
    Ok(())
}

/// A newer program may have changed anything but the place of the schema number: a text that is no commit to this one is
/// asked for that number alone before it is called damaged.
fn parse(stored: &[u8]) -> Result<Commit, String> {
    #[derive(Deserialize)]
    struct Schema {
        schema: u32,
    }
    let newer =
        |schema| format!("written by a newer paihao, schema {schema}; this one knows {SCHEMA}");
    match serde_json::from_slice::<Commit>(stored) {
        Ok(commit) if commit.schema > SCHEMA => Err(newer(commit.schema)),
        Ok(commit) => Ok(commit),
        Err(error) => match serde_json::from_slice(stored) {
            Ok(Schema { schema }) if schema > SCHEMA => Err(newer(schema)),
            Ok(Schema { .. }) | Err(_) => {
                Err(format!("the stored entry is not a commit ({error})"))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> StreamId {
        StreamId::parse("hall-east").unwrap()
    }

    fn genesis() -> Head {
        Head {
            version: 0,
            hash: Hash::GENESIS,
            epoch: Epoch::from_random([7; 16]),
        }
    }

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    fn commit() -> Commit {
        Commit::seal(
            &genesis(),
            2,
            SCHEMA,
            raw(r#"[{"version":1,"name":"王 \u738b"}, {"version":2}]"#),
        )
    }

    fn what(defect: Result<Commit, Defect>) -> String {
        defect.unwrap_err().to_string()
    }

    #[test]
    fn the_stored_form_is_readable_and_stable() {
        expect_test::expect![[r#"{"first":1,"last":2,"schema":1,"epoch":"07070707070707070707070707070707","prev":"0000000000000000000000000000000000000000000000000000000000000000","hash":"eb1e133560b2d6a9f395e88dafdc044e0de47e52a9967d7e9b1fc29ef631aec1","records":[{"version":1,"name":"王 \u738b"}, {"version":2}]}"#]]
        .assert_eq(&commit().encode());
    }

    #[test]
    fn what_was_sealed_is_read_back() {
        let commit = commit();
        let read = Commit::decode(&stream(), 2, commit.encode().as_bytes()).unwrap();
        assert_eq!(read, commit);
        assert_eq!(
            verify_chain(&stream(), &genesis(), &read).unwrap(),
            commit.head()
        );
    }

    #[test]
    fn every_single_byte_change_is_found() {
        let stored = commit().encode().into_bytes();
        let mut changes = 0;
        for at in 0..stored.len() {
            for byte in 0..=255 {
                let mut changed = stored.clone();
                changed[at] = byte;
                if changed != stored {
                    let defect = Commit::decode(&stream(), 2, &changed).unwrap_err();
                    assert_eq!((defect.stream, defect.version), (stream(), 2));
                    changes += 1;
                }
            }
        }
        assert_eq!(changes, stored.len() * 255);
    }

    #[test]
    fn a_defect_says_where_and_what() {
        let stored = commit().encode();
        let decode = |text: String, last| what(Commit::decode(&stream(), last, text.as_bytes()));
        expect_test::expect![
            "the log of hall-east is damaged at version 2: the checksum does not fit the content"
        ]
        .assert_eq(&decode(stored.replace("王", "李"), 2));
        expect_test::expect![
            "the log of hall-east is damaged at version 2: written by a newer paihao, schema 9; this one knows 1"
        ]
        .assert_eq(&decode(stored.replace(r#""schema":1"#, r#""schema":9"#), 2));
        expect_test::expect![
            "the log of hall-east is damaged at version 2: the stored text is not the one that was written"
        ]
        .assert_eq(&decode(format!("{stored} "), 2));
        expect_test::expect![
            "the log of hall-east is damaged at version 5: the entry kept there says it is version 2"
        ]
        .assert_eq(&decode(stored, 5));
    }

    #[test]
    fn a_broken_chain_is_found() {
        let first = commit();
        let second = Commit::seal(&first.head(), 3, SCHEMA, raw("[]"));
        let other_history = Commit::seal(
            &Head {
                epoch: Epoch::from_random([8; 16]),
                ..first.head()
            },
            3,
            SCHEMA,
            raw("[]"),
        );
        let other_prev = Commit::seal(
            &Head {
                hash: Hash::of(b"x"),
                ..first.head()
            },
            3,
            SCHEMA,
            raw("[]"),
        );
        assert!(verify_chain(&stream(), &first.head(), &second).is_ok());
        for (previous, commit) in [
            (genesis(), second),
            (first.head(), other_history),
            (first.head(), other_prev),
        ] {
            assert_eq!(
                verify_chain(&stream(), &previous, &commit)
                    .unwrap_err()
                    .version,
                3
            );
        }
    }
}
