//! What office programs save. A hall's files come from spreadsheets and editors that write GB18030, UTF-16 or a byte
//! order mark, dates such as `2026/3/2` and hours such as `9：00－12：00`. All of it is read here, once, for every command
//! and for the server.
//!
//! [`decoded`] makes a text of a file's bytes and says which encoding it was. [`cell`] reads what stands in one cell,
//! [`table`] how rows are cut. Nothing is guessed where two readings are possible: such a file or cell is refused, with
//! its place and with what to do.

pub mod cell;
pub mod table;

mod encoding;

pub use encoding::{Decoded, Encoding, Undecodable, decoded};
