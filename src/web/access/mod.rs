//! Signing in and out, accounts and devices, and what a demo lets anybody do.

pub mod accounts;
pub mod api;
pub mod demo;
pub mod page;
pub mod session;
