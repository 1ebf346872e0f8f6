//! What a kiosk asks for: numbers on loan, slips, and its page.

pub mod leases;
pub mod page;
pub mod slips;
