//! What an usher does in the hall.

pub mod api;
pub mod page;
pub mod verbs;
