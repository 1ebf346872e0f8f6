//! HTTP and WebSocket. `routes` is the whole URL table; a handler takes typed input, asks the hall, renders.
//!
//! One folder per area, each with its JSON and its pages. All stand on `http`:
//! `table` (a row: method, path, handler; the handler's signature says the rest) and `openapi` made from it,
//! `caller` (who may call) and `identity` (who it is), `body` (typed bodies, idempotency keys) and `answer`,
//! `ask` (from a request to a command), `problem` (every refusal), `entity_tag`, `page` (what all pages need),
//! `limits` (how much of everything, as one table) and what keeps them: `rate_limit`, `connections`, `payload`, `room`,
//! `desk`; `site` (under which address), `server` (limits, headers, an orderly end), `app` (what every handler can reach).

mod access;
mod agent;
mod board;
mod booking;
mod complaints;
mod guide;
mod http;
mod kiosk;
mod manager;
mod network;
mod numbers;
mod ops;
mod sockets;
mod usher;
mod windows;

pub mod routes;

pub use agent::Agent;
pub use http::app::App;
pub use http::limits::{ALL as LIMITS, Limit, Told};
pub use http::room::{Room, TooFewDescriptors};
pub use http::server::{ServeError, Server};

/// The API's description.
pub fn openapi_document() -> utoipa::openapi::OpenApi {
    http::openapi::document::<numbers::alternatives::Alternative>(routes::table())
}
