//! The guide: questions, answers, and what was asked in vain.

pub mod api;
pub mod page;
pub mod verbs;
