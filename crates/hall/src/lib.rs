//! The rules of a hall.
//!
//! A hall is its log: [`decide()`] turns a command into events or a rejection, [`apply()`] folds events into the state,
//! views show the state to people. Nothing here reads a clock, draws a random number or does IO: time, tokens and who
//! acts arrive in the command, so the same log always gives the same hall.
//!
//! The folders are floors: each imports only from those above it in this table.
//!
//! | floor | what is there |
//! | --- | --- |
//! | [`id`], [`text`], [`time`] | names of things; words in Chinese and English; the instant |
//! | [`plan`] | what a manager sets: services, windows, hours, slots, policies |
//! | [`state`] | what a hall is at one version: tickets, windows, appointments, the day |
//! | [`record`] | what is wanted and what came of it: commands, events, answers, rejections |
//! | [`rules`] | what decisions and views ask: who is next, which phase, whom a sign-off would strand, how long it takes |
//! | [`mod@apply`] | events folded into the state; records taken back that the log did not take |
//! | [`mod@decide`] | a command turned into events or a rejection |
//! | [`view`] | what people see and hear |
//! | [`invariants`] | what must hold at every version |

pub mod apply;
pub mod decide;
pub mod id;
pub mod invariants;
pub mod plan;
pub mod record;
pub mod rules;
pub mod state;
pub mod text;
pub mod time;
pub mod view;

pub use apply::apply;
pub use apply::rewind::rewind;
pub use decide::{Decision, decide};
pub use plan::Plan;
pub use record::Record;
pub use record::answer::Answer;
pub use record::command::{Action, Actor, Command};
pub use record::event::Event;
pub use record::rejection::Rejection;
pub use state::hall::Hall;
pub use time::Time;
