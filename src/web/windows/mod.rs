//! What an officer does at a window.

pub mod api;
pub mod console;
pub mod help;
