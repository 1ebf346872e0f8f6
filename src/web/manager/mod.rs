//! What a manager decides: the plan, notices, pauses; and the figures of days.

pub mod api;
pub mod days;
pub mod page;
pub mod plan;
