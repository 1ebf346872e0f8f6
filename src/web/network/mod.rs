//! All halls, one hall in public, and the codes that lead there.

pub mod api;
pub mod hall;
pub mod page;
pub mod qr;
