//! A text beside a stream under a name, for a program that works through the log and must remember how far it is.
//!
//! A note is no part of the history. It can be lost or set back without a record being lost, so its writer must be able to
//! go on from an older one. Of several writers exactly one wins: a note is replaced only by a writer that names the
//! revision it has read.

use std::fmt;

/// What is kept under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// 1 for the first text, one more with each that replaced it.
    pub revision: u64,
    /// Opaque to the store.
    pub text: String,
}

/// The name of a note: lowercase letters, digits, `-` and `.`, 1 to 80 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteName(String);

/// Long enough for a kind and an endpoint's name.
const LENGTH_MAX: usize = 80;

/// The text is not the name of a note.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a note's name: use 1 to 80 lowercase letters, digits, `-` or `.`")]
pub struct InvalidNoteName(String);

impl NoteName {
    /// Reads a name, refusing whatever would need quoting in a key or a table.
    pub fn parse(name: &str) -> Result<Self, InvalidNoteName> {
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        if name.is_empty() || name.len() > LENGTH_MAX || !name.bytes().all(plain) {
            return Err(InvalidNoteName(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NoteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for NoteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteName({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_need_no_quoting_are_taken() {
        for name in ["a", "webhooks.cursor.sms-1", &"x".repeat(80)] {
            assert_eq!(NoteName::parse(name).unwrap().to_string(), name);
        }
        for name in ["", "Cursor", "a b", "a:b", "a{b}", &"x".repeat(81)] {
            assert!(NoteName::parse(name).is_err(), "{name}");
        }
    }
}
