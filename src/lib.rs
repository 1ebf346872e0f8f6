//! paihao: the queue-and-appointment system of a public service hall.

pub mod access;
pub mod application;
pub mod clock;
pub mod config;
pub mod log;
pub mod pages;
pub mod push;
pub mod runtime;
pub mod web;
