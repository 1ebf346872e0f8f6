//! Numbers: taking one, what its holder does with it, and where else to go.

pub mod alternatives;
pub mod api;
pub mod moving;
pub mod page;
pub mod verbs;
