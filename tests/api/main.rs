//! The service as its users meet it: over HTTP, over WebSocket and on the command line.
//!
//! Every test starts a server of its own on a free port, with a clock that the test moves; actors have verbs. The
//! modules follow the URLs, an area each; `support` is the cast.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "../../crates/log/tests/support/redis_server.rs"]
mod redis_server;
mod support;
#[path = "../support/virtual_printer.rs"]
mod virtual_printer;

/// Numbers for now.
mod numbers {
    mod alternatives; // the other ways, offered near closing before a number
    mod family; // /f/{link}, /family/{link}: who may look at a ticket and do nothing
    mod move_to; // /tickets/{token}/move-to, and what fails between two halls
    mod ticket; // /tickets/{token}: what citizens do with their number
    mod tickets; // /halls/{hall}/tickets, over the hours of a day
    mod waits; // what is told of a wait, or why nothing is
    mod words; // /halls/{hall}/words, /tickets/{token}/report
}

/// Places at another time.
mod booking {
    mod appointments; // /halls/{hall}/slots, /halls/{hall}/appointments
    mod day_list; // /halls/{hall}/appointments?date=…, /halls/{hall}/appointments/{code}/{action}
    mod holds; // /halls/{hall}/holds
    mod moving; // /appointments/{token}/move, and plans that move bookings
    mod people; // who is who, and what is refused at the field
    mod privacy; // no store names anybody
    mod wait_list; // /appointments/{token}/wait-list and /confirm
}

mod windows {
    mod actions; // /halls/{hall}/windows/{n}/{action}: what officers do
    mod console; // /halls/{hall}/windows/{n}, and what a console reads beside the actions
    mod help; // /halls/{hall}/help
}

mod kiosk {
    mod check_ins; // /halls/{hall}/check-ins: a Saturday by appointment only
    mod leases; // /halls/{hall}/leases: numbers for while the server is away
    mod printing; // /halls/{hall}/slips, /checklists, /printer, and the agent
}

mod usher {
    mod actions; // /halls/{hall}/usher/{action}
}

mod manager {
    mod actions; // /halls/{hall}/{action}
    mod days; // /halls/{hall}/days/{date}, /stats, and a clock that steps back
    mod plan; // /halls/{hall}/plan
    mod webhooks; // /halls/{hall}/webhooks, also over kill -9
}

/// What anybody may read before coming.
mod guide {
    mod hours; // /{hall}, /{hall}/hours.ics
    mod questions; // /halls/{hall}/guide: questions, sheets, what was asked in vain
}

mod network {
    mod halls; // /halls, /network, and the spreadsheet that many halls come from
}

/// Who is let in.
mod access {
    mod accounts; // /accounts, /devices
    mod door; // strangers, proxies, links, other instances
    mod roles; // who may call which route
    mod sign_in; // /setup, /sign-in, /sign-out, /demo/sign-in
}

/// What is pushed to screens, and what they say aloud.
mod screens {
    mod sockets; // /ws/…
    mod voice; // /voice/…, /halls/{hall}/devices/board
}

/// What holds for every route.
mod ops {
    mod addresses; // links with what a sentence put behind them, HEAD
    mod clock; // /halls/{hall}/clock: a server whose time was wrong
    mod description; // /openapi.json, /healthz, /readyz, /metrics
    mod idempotency_key; // a request that is sent again
    mod limits; // when too many come
    mod nonsense; // what nobody would send, in every place of every route
    mod problems; // bad input, and refusals in the reader's language
}

/// One hall in one store, whatever happens to both.
mod store {
    mod bit_rot; // verify, against bytes that change by themselves
    mod lost; // an older copy of the store
    mod owner; // one owner per hall, over a log that fails
    mod sharing; // two processes on one Redis
}

/// The binary's commands.
mod commands {
    mod calendar; // calendar import
    mod starting; // serve, demo: what they say when they cannot start
    mod stores; // verify, export, import, replay
    mod voice; // voice …: packs of clips
}
