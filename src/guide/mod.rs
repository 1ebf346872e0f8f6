//! The guide 办事指南: what to bring, what it costs, how it is done, and the answers to what people ask, found however
//! they write it.
//!
//! It quotes stored text alone. A hall without a guide of its own still has its plan: every service with what to bring.
//! In reading order:

pub mod catalogue; // one hall's knowledge
pub mod sample;
pub mod sheet; // the same as CSV and TOML // that of the model hall

pub mod guides; // which guide is in force, as a log
pub mod miss; // what was asked in vain

pub mod search; // from words to entries
pub mod shelf; // guides made ready for questions, on this instance

pub mod floor_map; // where in the hall

pub use catalogue::{Article, EntryId, Guide, Matter};
pub use guides::{Guides, STREAM};
pub use shelf::{Ready, Shelf};
