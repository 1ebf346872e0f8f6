//! paihao: the queue-and-appointment system of a public service hall.

pub mod access;
pub mod clock;
pub mod log;
pub mod runtime;
