//! Who is signed in: the register knows a session by the digest of its token, so a copy of the log signs nobody in.

use crate::written::{shown_as_text, stored_as_text};
use hall::Time;
use hall::id::ActorId;
use serde::{Deserialize, Serialize};

/// One sign-in. Its absolute end is set when it opens; that it lay idle is the web's to notice, since writing every
/// page view down would cost a record each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInSession {
    pub digest: TokenDigest,
    /// The account; in a demo also the device.
    pub who: ActorId,
    pub opened_at: Time,
    pub expires_at: Time,
}

impl SignInSession {
    /// Whether it still counts.
    pub fn is_live(&self, now: Time) -> bool {
        now < self.expires_at
    }
}

/// SHA-256 of a token in lower-case hex. Tokens have 256 random bits, so no salt is needed, and looking one up leaks
/// nothing by its timing: what is compared is not what a guesser chose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenDigest(String);

impl TokenDigest {
    /// Checks and keeps a digest.
    pub fn parse(hex: impl Into<String>) -> Result<TokenDigest, NotADigest> {
        let hex = hex.into();
        let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let valid = hex.len() == 64 && hex.bytes().all(is_digit);
        valid.then_some(TokenDigest(hex)).ok_or(NotADigest)
    }
}

shown_as_text!(TokenDigest);
stored_as_text!(TokenDigest or NotADigest);

/// The text is no SHA-256 digest. It is not repeated: it may be somebody's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 lower-case hex digits")]
pub struct NotADigest;
