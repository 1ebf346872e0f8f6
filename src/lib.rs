//! paihao: the queue-and-appointment system of a public service hall.

pub mod log;
