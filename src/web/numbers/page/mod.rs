//! The pages around a number: taking one, the ticket, its steps, and the page for the family.

pub mod family;
pub mod step;
pub mod take;
pub mod ticket;
