//! The service as its users meet it: over HTTP, over WebSocket and on the command line.
//!
//! Every test starts a server of its own on a free port, with a clock that the test moves; actors have verbs. The
//! modules follow the URLs; `support` is the cast.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod receiver;
#[path = "../support/redis_server.rs"]
mod redis_server;
mod support;
#[path = "../support/virtual_printer.rs"]
mod virtual_printer;

mod asking; // help, words, and somebody without a number
mod at_the_console; // what a console reads beside the actions
mod at_the_door; // strangers, proxies, links, other instances
mod bit_rot; // verify, against bytes that change by themselves
mod booking; // slots, holds, appointments: places at another time
mod calendars; // calendar import, /{hall}, /{hall}/hours.ics
mod commands; // verify, export, import, replay
mod day_end; // days/{date}, stats, and a clock that steps back
mod description; // /openapi.json, /healthz, /readyz, /metrics
mod family; // /f/{link}, /family/{link}: who may look at a ticket and do nothing
mod faulty_log; // a log that fails when it is told to
mod guide; // /guide: questions, sheets, what was asked in vain
mod holding; // /tickets/{token}: what citizens do with their number
mod leases; // numbers for while the server is away
mod managing; // what managers do
mod moving; // /tickets/{token}/move-to, and what fails between two halls
mod moving_bookings; // bookings that get another time, by their holder or with the plan
mod near_closing; // the other ways, offered before a number
mod network; // many halls: the spreadsheet, GET /halls, /network
mod opening; // POST /halls/{hall}/tickets, over the hours of a day
mod owner; // one owner per hall, over a log that fails
mod planning; // /plan
mod printing; // slips: a printer with everything that can be wrong with it, and the agent
mod problems; // bad input, and refusals in the reader's language
mod repeating; // Idempotency-Key
mod roles; // who may call which route
mod serving; // windows/{n}/{action}: what officers do
mod sharing; // two processes on one Redis
mod signing_in; // sign-in, setup, accounts, devices
mod sockets; // /ws/…
mod starting; // what the binary says when it cannot start
mod telling; // webhooks, also over kill -9, and /webhooks
mod ushering; // usher/{action}
mod voice; // /voice/…, devices/board, and the commands that make packs
mod weekend; // check-ins: a Saturday by appointment only
