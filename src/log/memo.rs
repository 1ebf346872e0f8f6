//! A text kept beside a stream under a name, for whoever works through the log and must remember how far.
//!
//! A memo is no part of the history: it can be lost or set back without a record being lost, and whoever keeps one
//! must be able to go on from an older one. What it can do is let exactly one of several writers win: it is replaced
//! only by somebody who names the revision that he has read.

use std::fmt;

/// What is kept under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memo {
    /// 1 for the first text, one more with each that replaced it.
    pub revision: u64,
    /// Opaque to the store.
    pub text: String,
}

/// The name of a memo: lowercase letters, digits, `-` and `.`, 1 to 80 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemoName(String);

/// Long enough for a kind and an endpoint's name.
const LENGTH_MAX: usize = 80;

/// The text is not the name of a memo.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a memo's name: use 1 to 80 lowercase letters, digits, `-` or `.`")]
pub struct InvalidMemoName(String);

impl MemoName {
    /// Reads a name, refusing whatever would need quoting in a key or a table.
    pub fn parse(name: &str) -> Result<Self, InvalidMemoName> {
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        if name.is_empty() || name.len() > LENGTH_MAX || !name.bytes().all(plain) {
            return Err(InvalidMemoName(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MemoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for MemoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoName({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_need_no_quoting_are_taken() {
        for name in ["a", "webhooks.cursor.sms-1", &"x".repeat(80)] {
            assert_eq!(MemoName::parse(name).unwrap().to_string(), name);
        }
        for name in ["", "Cursor", "a b", "a:b", "a{b}", &"x".repeat(81)] {
            assert!(MemoName::parse(name).is_err(), "{name}");
        }
    }
}
