//! The owner of a state that is its log: one task behind one door. It knows models, the log and the clock, and no rules.

mod figures;
mod fold;
pub mod model;
pub mod owner;
#[cfg(test)]
mod sum;

pub use figures::Figures;
pub use fold::{Folded, Step, StreamError, StreamReader, fold, records, snapshot_of};
pub use owner::{AskError, Owner, Reply, Request};
