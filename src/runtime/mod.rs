//! Serving halls: one owner each, behind one door.

mod figures;
mod hall_model;
mod halls;
pub mod model;
pub mod moving;
pub mod owner;

pub use figures::Figures;
pub use halls::{Halls, OpenError};
pub use owner::{AskError, Owner, Reply, StartError, Wish, records};
