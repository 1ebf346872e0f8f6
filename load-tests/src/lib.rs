//! Load and faults against the built binary, as its users meet them: over HTTP, with processes that are killed. And, in
//! [`simulation`], against its owner alone.
//!
//! | module | |
//! | --- | --- |
//! | [`process`] | `paihao demo` and `redis-server` as children that end with their value |
//! | [`client`] | a client that asks with the same key until it knows the outcome |
//! | [`history`] | what clients saw against what the log has: the checker, a plain function |
//! | [`log_reader`] | the log, read past the server, in the checker's words |
//! | [`proxy`] | a TCP link that goes wrong as it is told |
//! | [`preload`], [`shifted_clock`] | C libraries that a process is started with; a clock that is wrong |
//! | [`storm`] | two processes on one store, retries, kill -9; ends with a verdict |
//! | [`floods`] | strangers who want too much, beside an officer whose calls are timed |
//! | [`bookings`] | a thousand people and the last ten places of a slot |
//! | [`speed`], [`limits`] | load on a schedule, beside programs that do nothing but the limiting thing |
//! | [`network`] | what a command costs in a hall alone, and in one of many |
//! | [`guide`] | what a question to the guide costs, with 2,000 articles |
//! | [`fuzz`] | what people type and hand in, thrown at its parsers: no process either |
//! | [`age`] | start-up of a hall with many days behind it; what tickets weigh |
//! | [`simulation`] | two owners over one failing store, on a clock of their own: no process, no network |
//! | [`wire`] | one HTTP connection with as little of its own as possible |
//! | [`report`] | tables and one JSON file |

pub mod age;
pub mod bookings;
pub mod client;
pub mod floods;
pub mod fuzz;
pub mod guide;
pub mod history;
pub mod limits;
pub mod log_reader;
pub mod network;
pub mod preload;
pub mod process;
pub mod proxy;
pub mod report;
pub mod shifted_clock;
pub mod simulation;
pub mod speed;
pub mod storm;
pub mod wire;
