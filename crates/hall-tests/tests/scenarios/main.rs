//! The rules as people would tell them: a script in plain text, and beside it what the hall answers.
//!
//! One file per area; `script.rs` has the language.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod script;
mod server_away;

mod appointments;
mod booking;
mod calling;
mod checking_in;
mod clock;
mod day_end;
mod dedicated_windows;
mod hours;
mod lost_tail;
mod moving;
mod opening;
mod outages;
mod over_midnight;
mod promise;
mod rebooking;
mod redirecting;
mod side_roads;
mod undoing;
mod vouchers;
