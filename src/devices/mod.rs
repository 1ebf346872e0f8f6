//! What devices report of themselves, so that staff can find the silent one. It is kept in memory only.
//!
//! Nothing here is a fact of the hall, so nothing is logged. After a restart the devices have reported again within a
//! minute.

pub mod boards;

pub use boards::{BoardLine, BoardReport, BoardSound, BoardState, Boards, HeardBoard};
