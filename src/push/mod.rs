//! Sends changes to everybody who watches: always a whole view, and only the newest one.
//!
//! Each hall has a publisher. After a change it computes the views that somebody watches, at most twenty times a
//! second. It serialises each view once, and all sockets of the view share the bytes. A slow reader gets the newest
//! view when it is ready, so nothing queues up. Time changes views too (a phase begins, a call leaves the board), so a
//! publisher also looks once a second.

mod places;
mod publisher;
mod socket;
mod view;

pub use places::{NoPlace, Place, Seat, Seating, Shares};
pub use publisher::Publisher;
pub use socket::{AllowedCheck, Watching, serve};
pub use view::{Topic, View};
