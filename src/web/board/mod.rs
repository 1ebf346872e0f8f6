//! The wall board: what it shows, what it speaks with, and how it is.

pub mod api;
pub mod devices;
pub mod page;
pub mod voice;
