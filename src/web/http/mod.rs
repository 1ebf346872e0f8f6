//! The floor that every area stands on; nothing here knows an area.

pub mod address;
pub mod answer;
pub mod app;
pub mod ask;
pub mod body;
pub mod caller;
pub mod connections;
pub mod date;
pub mod desk;
pub mod document;
pub mod entity_tag;
pub mod identity;
pub mod keyed;
pub mod limits;
pub mod openapi;
pub mod page;
pub mod payload;
pub mod problem;
pub mod rate_limit;
pub mod room;
pub mod server;
pub mod shared_views;
pub mod sign_ins;
pub mod site;
pub mod table;

pub use answer::{Accepted, Created, Typed, Unread};
pub use app::App;
pub use ask::Asks;
pub use body::{Body, KeyedBody, Needed, RequestKey};
pub use problem::{OrNotFound, Problem, ProblemKind};
pub(crate) use table::describe;

use actix_web::HttpRequest;
use actix_web::http::header::AsHeaderName;

/// A header of a request, if it is there and text.
pub fn header_of(request: &HttpRequest, name: impl AsHeaderName) -> Option<&str> {
    request.headers().get(name)?.to_str().ok()
}
