//! paihao: the queue-and-appointment system of a public service hall.
//!
//! The rules are in the crate `hall`, the store of a hall's history is in the crate `hall_log`; this one brings them a
//! clock, a network and people. In reading order:
//!
//! | module | |
//! | --- | --- |
//! | [`files`] | files that people hand in, read only as far as makes sense |
//! | [`network`] | many halls in one document, and the spreadsheet it comes from |
//! | [`typed`] | what people type of themselves: documents, telephone numbers, names |
//! | [`clock`] | the hall's time |
//! | [`allowance`] | so much at once, and so much a second, for one connection |
//! | [`runtime`] | the owner of one state that is its log, behind one door |
//! | [`access`] | who may do what |
//! | [`guide`] | what a hall knows: what to bring, questions and answers, and finding them |
//! | [`halls`] | every hall of a store, and how a number moves from one to another |
//! | [`push`] | showing changes to whoever watches |
//! | [`voice`] | clips that boards speak with, and packs of them |
//! | [`devices`] | what boards say of themselves |
//! | [`notify`] | telling other programs: webhooks from the log |
//! | [`site`], [`words`] | the address that people know; the sentences of pages and slips, in both languages |
//! | [`web`] | HTTP and WebSocket; `web/routes.rs` is the whole URL table |
//! | [`pages`] | templates and what they need |
//! | [`printing`] | slips on paper, and printers that may have none |
//! | [`calendar`] | the official calendar in, opening hours and bookings out: `.ics`, JSON-LD |
//! | [`samples`] | the sample halls |
//! | [`config`], [`application`] | what can be set; one process at work |
//! | [`command`] | what the binary can do |

pub mod access;
pub mod allowance;
pub mod application;
pub mod calendar;
pub mod clock;
pub mod command;
pub mod config;
pub mod devices;
pub mod files;
pub mod guide;
pub mod halls;
pub mod network;
pub mod notify;
pub mod pages;
pub mod printing;
pub mod push;
pub mod runtime;
pub mod samples;
pub mod site;
mod templates;
pub mod typed;
pub mod voice;
pub mod web;
pub mod words;
mod written;
