//! What nobody can make or undo without the store's secret, and what nobody can guess.

use crate::access::fresh_token;
use crate::access::sealing::mac;
use data_encoding::HEXLOWER;
use hall::id::Token;

/// 32 hex digits that name these bytes under the store's secret.
pub fn keyed_digest(secret: &[u8; 32], parts: &[&[u8]]) -> String {
    HEXLOWER.encode(&mac(secret, parts)[..16])
}

/// A token that nobody has.
pub fn draw_token() -> Token {
    Token::parse(fresh_token()).expect("a fresh token is a token")
}
