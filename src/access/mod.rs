//! Who may do what: people's accounts, enrolled devices, and who is signed in.
//!
//! Like a hall, the register is its log: a pure state, [`Access`], folded from the stream [`STREAM`] and kept by the same
//! kind of owner. So every instance of a store knows the same accounts, and a session that one of them ends is ended on
//! all. The pure part never sees a password or a token: [`secret`] hashes outside, and only hashes and digests travel in
//! an action.
//!
//! In reading order:

pub mod account; // people who sign in
pub mod device; // kiosks and displays
pub mod identity; // what a token comes to: who acts, as what, where
pub mod session; // who is signed in, by the digest of a token

pub mod action; // what somebody wants of the register
pub mod event; // what happened
pub mod rejection; // why not

pub mod decide; // all rules: action → events
pub mod register; // the state that the events fold into

pub mod attempt_limit; // how often somebody may guess
pub mod sealed; // name and telephone of the person who booked, as the log may see them
pub mod sealed_link; // links that show something and can do nothing with it
pub mod sealing; // how both are sealed
pub mod secret; // hashing, verifying and drawing: everything that is not pure

#[cfg(test)]
pub(crate) mod story;

pub use account::{Account, NewAccount, SecretHash, StaffRole};
pub use action::{Action, Proof};
pub use attempt_limit::{Attempt, AttemptLimit, Attempted, TooManyAttempts};
pub use device::{Device, DeviceKind};
pub use event::{Answer, Event};
pub use identity::{Identity, Role};
pub use register::Access;
pub use rejection::{Rejection, Weakness};
pub use sealed_link::{Purpose, SealedLink};
pub use secret::{Line, SecretError, Secrets, digest, fresh_token};
pub use session::{SignInSession, TokenDigest};

/// The name of the register's log among a store's streams; no hall may have it.
pub const STREAM: &str = "access";
