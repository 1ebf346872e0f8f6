//! paihao: the queue-and-appointment system of a public service hall.
//!
//! The rules are in the crate `hall`; this one brings them a clock, a log, a network and people. In reading order:
//!
//! | module | |
//! | --- | --- |
//! | [`log`] | where a hall's history is kept: memory, SQLite, Redis |
//! | [`network`] | many halls in one document, and the spreadsheet it comes from |
//! | [`runtime`] | one owner per hall, behind one door |
//! | [`clock`] | the hall's time |
//! | [`access`] | who may do what |
//! | [`guide`] | what a hall knows: what to bring, questions and answers, and finding them |
//! | [`push`] | showing changes to whoever watches |
//! | [`voice`] | clips that boards speak with, and packs of them |
//! | [`devices`] | what boards say of themselves |
//! | [`notify`] | telling other programs: webhooks from the log |
//! | [`web`] | HTTP and WebSocket; `web/routes.rs` is the whole URL table |
//! | [`pages`] | templates and what they need |
//! | [`printing`] | slips on paper, and printers that may have none |
//! | [`calendar`] | the official calendar in, opening hours and bookings out: `.ics`, JSON-LD |
//! | [`config`], [`application`] | what can be set; one process at work |
//! | [`command`], [`replay`] | what the binary can do; recorded days, driven over HTTP |

pub mod access;
pub mod application;
pub mod calendar;
pub mod clock;
pub mod command;
pub mod config;
pub mod devices;
pub mod guide;
pub mod log;
pub mod network;
pub mod notify;
pub mod pages;
pub mod printing;
pub mod push;
pub mod replay;
pub mod runtime;
pub mod voice;
pub mod web;
