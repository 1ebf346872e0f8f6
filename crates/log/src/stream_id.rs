//! The name of one hall's log.
//!
//! It becomes part of a Redis key, a table's key and a URL, so it is kept to characters that need no quoting in any of
//! them. [`StreamId::parse`] is the only way to make one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One hall's log: lowercase letters, digits and `-`, 1 to 40 characters, for example `hall-east`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreamId(String);

/// Long enough for a district and a hall in pinyin, short enough for a printed report's column.
const LENGTH_MAX: usize = 40;

/// The text is not the name of a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a name for a hall's log: use 1 to 40 lowercase letters, digits or `-`")]
pub struct InvalidStreamId(String);

impl StreamId {
    /// Reads a name, refusing whatever would need quoting somewhere.
    pub fn parse(name: &str) -> Result<Self, InvalidStreamId> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > LENGTH_MAX || !name.bytes().all(plain) {
            return Err(InvalidStreamId(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StreamId {
    type Err = InvalidStreamId;

    fn from_str(name: &str) -> Result<Self, InvalidStreamId> {
        Self::parse(name)
    }
}

impl TryFrom<String> for StreamId {
    type Error = InvalidStreamId;

    fn try_from(name: String) -> Result<Self, InvalidStreamId> {
        Self::parse(&name)
    }
}

impl From<StreamId> for String {
    fn from(stream: StreamId) -> Self {
        stream.0
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_need_no_quoting_are_taken() {
        for name in ["a", "hall-east", "3", &"x".repeat(40)] {
            assert_eq!(StreamId::parse(name).unwrap().to_string(), name);
        }
        for name in [
            "",
            "Hall",
            "hall_east",
            "大厅",
            "a b",
            "a{b}",
            "../x",
            &"x".repeat(41),
        ] {
            assert!(StreamId::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn json_goes_through_the_same_door() {
        assert!(serde_json::from_str::<StreamId>("\"hall-1\"").is_ok());
        assert!(serde_json::from_str::<StreamId>("\"Hall 1\"").is_err());
    }
}
