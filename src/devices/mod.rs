//! Devices as they say they are: kept in memory while they say it, for whoever has to find the silent one.
//!
//! Nothing here is a fact of the hall, so nothing is logged; after a restart it is known again within a minute.

pub mod boards;

pub use boards::{BoardLine, BoardReport, BoardState, Boards, Heard, Sound};
