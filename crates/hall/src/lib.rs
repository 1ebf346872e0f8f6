//! The rules of a hall.
//!
//! A hall is its log: [`decide()`] turns a command into events or a rejection, [`apply()`] folds events into the state,
//! views show the state to people. Nothing here reads a clock, draws a random number or does IO: time, tokens and who
//! acts arrive in the command, so the same log always gives the same hall.
//!
//! In reading order:
//!
//! | what there is | |
//! | --- | --- |
//! | [`id`], [`text`] | names of things; words in Chinese and English |
//! | [`plan`], [`hours`], [`phase`] | what a manager sets; sessions of a date; what the hall is doing at a moment |
//! | [`authorisation`] | what a hall of a network may do, and which halls are near |
//! | [`ticket`], [`window`], [`zone`], [`voucher`] | a citizen's place; a counter; where to wait; the right to be first in line later |
//! | [`lease`], [`help`], [`word`] | numbers lent to a kiosk; calls for help; what could not be done, in writing |
//! | [`slot`], [`appointment`] | places that can be booked; a booked place |
//! | [`day`], [`queue`], [`diary`], [`hall`] | the business day; who waits, in order; who has booked what; the whole state |
//!
//! | what happens | |
//! | --- | --- |
//! | [`command`], [`mod@decide`] | what somebody wants; all rules |
//! | [`calling_rule`], [`promise`] | who is next; everyone who took a number is served |
//! | [`moving`] | giving up a place for one in another hall |
//! | [`timers`] | what falls due by itself |
//! | [`event`], [`record`], [`mod@apply`] | what happened; one command's events; no rules |
//! | [`mod@rewind`] | records taken back that the log did not take |
//! | [`answer`], [`rejection`] | what a command is answered; why the rules say no |
//!
//! | what comes of it | |
//! | --- | --- |
//! | [`view`], [`sentence`], [`estimate`] | what people see |
//! | [`mod@announcement`], [`clip`] | what people hear |
//! | [`closing`], [`day_report`] | the day's sums and figures |
//! | [`invariants`] | what must hold at every version |

pub mod announcement;
pub mod answer;
pub mod apply;
pub mod appointment;
pub mod authorisation;
pub mod calling_rule;
pub mod clip;
pub mod closing;
pub mod command;
pub mod day;
pub mod day_report;
pub mod decide;
pub mod diary;
pub mod estimate;
pub mod event;
pub mod hall;
pub mod help;
pub mod hours;
pub mod id;
pub mod invariants;
pub mod lease;
pub mod moving;
pub mod phase;
pub mod plan;
pub mod promise;
pub mod queue;
pub mod record;
pub mod rejection;
pub mod rewind;
pub mod sentence;
pub mod slot;
pub mod text;
pub mod ticket;
pub mod timers;
pub mod view;
pub mod voucher;
pub mod window;
pub mod word;
pub mod zone;

pub use answer::Answer;
pub use apply::apply;
pub use command::{Action, Actor, Command};
pub use decide::{Decision, decide};
pub use event::Event;
pub use hall::Hall;
pub use plan::Plan;
pub use record::Record;
pub use rejection::Rejection;
pub use rewind::rewind;

/// An instant, carrying the offset of the hall it was measured in; compared as an instant.
pub type Time = chrono::DateTime<chrono::FixedOffset>;
