//! What citizens leave in writing when something could not be done.

pub mod api;
pub mod page;
