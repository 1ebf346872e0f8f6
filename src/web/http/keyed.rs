//! What nobody can make or undo without the store's secret, and what nobody can guess.

use crate::access::fresh_token;
use data_encoding::HEXLOWER;
use hall::id::Token;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// 32 hex digits that name these bytes under the store's secret.
pub fn keyed_digest(secret: &[u8; 32], parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    HEXLOWER.encode(&mac.finalize().into_bytes()[..16])
}

/// A token that nobody has.
pub fn draw_token() -> Token {
    Token::parse(fresh_token()).expect("a fresh token is a token")
}
