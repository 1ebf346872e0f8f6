//! For technicians: status, health, webhooks, and the files in the binary.

pub mod assets;
pub mod health;
pub mod status;
pub mod webhooks;
