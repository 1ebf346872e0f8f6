//! The rules that decisions and views ask; nobody else does.

pub mod calling_again;
pub mod calling_rule;
pub mod estimate;
pub mod phase;
pub mod promise;
pub mod timers;
pub mod who_may;
