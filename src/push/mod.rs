//! Showing changes to whoever watches: whole views, newest wins.
//!
//! A publisher per hall computes the views that somebody watches, once per change and at most twenty times a second,
//! and serialises each once; all sockets of a view share its bytes. A slow reader finds the newest view when it can
//! take it, so nothing queues up. The clock changes views too (a phase begins, a call leaves the board), so a
//! publisher also looks once a second.

mod publisher;
mod socket;
mod view;

pub use publisher::Publisher;
pub use socket::{AllowedCheck, Watching, serve};
pub use view::{Topic, View};
