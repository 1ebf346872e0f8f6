//! HTTP and WebSocket. `routes` is the whole URL table; a handler takes typed input, asks the hall, renders.
//!
//! Around the handlers: `table` (a row: method, path, who may call, what goes in and out) and `openapi` made from it,
//! `caller` (who may call), `body` (typed bodies and idempotency keys), `ask` (from a request to a command and back),
//! `problem` (every refusal), `site` (who asks, and under which address), `server` (limits, headers, an orderly end), `app` (what every handler can reach).
//! The rest is one file per area of the API.

mod access;
mod alternatives;
mod app;
mod appointments;
mod ask;
mod body;
mod caller;
mod days;
mod demo;
mod devices;
mod entity_tag;
mod guide;
mod halls;
mod health;
mod help;
mod leases;
mod managing;
mod moving;
mod once;
mod openapi;
mod page;
mod person;
mod problem;
mod rate_limit;
mod server;
mod site;
mod slips;
mod sockets;
mod table;
mod tickets;
mod usher;
mod voice;
mod webhooks;
mod windows;

pub mod routes;

pub use app::App;
pub(crate) use body::parse;
pub use guide::{Found, Missed, services as services_of_plan};
pub use openapi::document as openapi_document;
pub(crate) use problem::{Kind as ProblemKind, Problem, language_of};
pub use server::{ServeError, Server};
pub use site::{NotASite, Proxies, PublicUrl};
pub use slips::PrinterLine;
