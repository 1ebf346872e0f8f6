//! Telling other programs what happened: an SMS or messaging gateway learns from here whom to write to.
//!
//! **The idea.** Nothing is queued when something happens: the hall's log is the queue. For every hall and endpoint a
//! courier folds its own copy of the hall from the log, makes notifications of each record ([`story`], pure), and posts
//! them as Standard Webhooks with a CloudEvents body ([`webhook`]). How far it has come, its mark, stands beside the log
//! as a note. A command never waits for any of this: the owner does not know that couriers
//! exist, and they only read.
//!
//! What goes out is a function of the log alone: a notification's id is made of hall, epoch, version and what it is about.
//! So one that is sent again after a crash is the same to the byte and can be recognised by its `webhook-id`. The phase is
//! no event of the log. It comes from the same fold, at records and at the moments between them at which the clock alone
//! changes it.
//!
//! **At least once, in order for each subject** (a ticket, an appointment, the hall itself). The mark moves past a record
//! only when every notification of it was accepted or is among the dead letters. Of one subject the next is sent only
//! when the one before is settled; other subjects go on meanwhile, within a window ([`delivery_queue`]).
//!
//! **What can go wrong.**
//! - *The receiver is down* (nothing it is sent arrives, or it answers 5xx, 401, 404 …): after three failures in a row one
//!   notification at a time is tried, at most a minute apart, for as long as it takes. None of them is given up, because
//!   it is not their fault; the window fills, reading stops, the mark stays where it is.
//! - *One notification is not taken* although others are: twelve attempts, about five minutes, then it becomes a dead
//!   letter, and its subject goes on. Dead letters are kept beside the log until a manager sends them again or dismisses
//!   them. When there is no room for another one, the subject waits instead: nothing is ever dropped.
//! - *This process dies*: another one, or the next one, goes on at the mark; what was accepted in the last second is sent
//!   again. Folding begins at the newest snapshot not beyond the mark, the owner's or the courier's own, so a start costs
//!   no more in the thousandth day than on the first.
//! - *Several processes serve*: one of them leads ([`leadership`]) and sends. One that lost this without noticing, because it
//!   was frozen, can repeat what it was sending, and nothing else: its next mark is refused, since another
//!   revision is there. `sequence` lets a receiver tell an old notification that comes late.
//! - *The store does not answer*: nothing new can be read; what is in the window goes out.
//!
//! **What is bounded**: notifications in the window ([`delivery_queue::WINDOW`]), requests under way
//! ([`delivery_queue::AT_ONCE`]), time for each ([`webhook::ANSWER_WITHIN`]), dead letters ([`dead_letters::MOST`]), records
//! folded at a start ([`courier::SNAPSHOT_EVERY`] and those of the window), endpoints ([`endpoint::MOST`]).
//!
//! **Not taken.** An outbox table written with each command (every store would have to write two things at once, and a
//! receiver that is down would make it grow without end; the log has everything already). Sending from the owner (a
//! command would wait for a stranger). One fold for all endpoints (an endpoint that is a day behind would need another
//! one anyway). Redis Streams' consumer groups (SQLite has none, and they acknowledge entry by entry, not in order).

pub mod courier;
pub mod dead_letters;
pub mod delivery_queue;
pub mod endpoint;
pub mod figures;
pub mod leadership;
pub mod notification;
pub mod notifier;
pub mod story;
pub mod webhook;

pub use endpoint::{Endpoint, EndpointName, EndpointOptions, InvalidEndpoint};
pub use notification::{Notification, NotificationKind};
pub use notifier::{EndpointReport, Notifier, Resent};
