//! The guide 办事指南: what to bring, what a matter costs, how it is done, and answers to what people ask. The search finds
//! them in hanzi, pinyin, first letters or English.
//!
//! The guide quotes only stored text. A hall without a guide of its own still has its plan, which names every service
//! with what to bring. In reading order:

pub mod catalogue; // one hall's knowledge
pub mod sample; // that of the model hall
pub mod sheet; // the same as CSV and TOML

pub mod guides; // which guide is in force, as a log
pub mod miss; // what was asked in vain

pub mod found; // entries as lines of a list
pub mod search; // from words to entries
pub mod shelf; // guides made ready for questions, on this instance

pub mod floor_map; // where in the hall

pub use catalogue::{Article, EntryId, Guide, Matter};
pub use guides::{Guides, STREAM, services_of_plan};
pub use shelf::{Ready, Shelf};
