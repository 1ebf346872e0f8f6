//! One row of the URL table: a route says its method, path, who may call it, and what goes in and out.
//!
//! The server's routes and the API's description come from the same rows, so neither can lack one.

use super::caller::StatesCaller;
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Responder, Route, web};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A schema by name, with those it refers to.
pub type Named = (String, RefOr<Schema>);

/// What a handler may take: extractors, the first of which says who may call.
pub trait Arguments: FromRequest + StatesCaller + 'static {}
impl<A: FromRequest + StatesCaller + 'static> Arguments for A {}

/// A handler that takes these arguments.
pub trait Answers<A: Arguments>: Handler<A, Output: Responder + 'static> {}
impl<A: Arguments, H: Handler<A, Output: Responder + 'static>> Answers<A> for H {}

/// One part of a path's query: its name, and whether it has to be there.
pub type Query = (&'static str, bool);

/// A route of the server.
pub struct Row {
    pub method: Method,
    pub path: String,
    pub who: &'static str,
    pub summary: &'static str,
    /// Whether the API's description names it; pages and sockets are described elsewhere.
    pub described: bool,
    /// Whether a repetition needs the same `Idempotency-Key`.
    pub keyed: bool,
    /// What may stand behind the question mark.
    pub queries: &'static [Query],
    /// Whether it changes a revision that the caller has to name.
    pub needs_if_match: bool,
    pub body: Option<String>,
    pub answer: Option<(u16, String)>,
    pub schemas: Vec<Named>,
    pub route: Route,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.method, self.path, self.who)
    }
}

impl Row {
    /// A row; the handler's first argument states who may call, or this does not compile.
    pub fn new<A: Arguments>(
        method: Method,
        path: impl Into<String>,
        handler: impl Answers<A>,
        summary: &'static str,
    ) -> Row {
        Row {
            route: web::method(method.clone()).to(handler),
            method,
            path: path.into(),
            who: A::WHO,
            summary,
            described: true,
            keyed: false,
            queries: &[],
            needs_if_match: false,
            body: None,
            answer: None,
            schemas: Vec::new(),
        }
    }

    /// What the request's body is.
    pub fn takes<T: ToSchema>(mut self) -> Row {
        self.body = Some(self.note::<T>());
        self
    }

    /// What is answered when all goes well.
    pub fn answers<T: ToSchema>(mut self, status: u16) -> Row {
        self.answer = Some((status, self.note::<T>()));
        self
    }

    /// What may stand behind the question mark, and whether it has to.
    pub fn asks(mut self, queries: &'static [Query]) -> Row {
        self.queries = queries;
        self
    }

    /// Changes a revision, which the caller names in `If-Match`.
    pub fn changes_revision(mut self) -> Row {
        self.needs_if_match = true;
        self
    }

    /// Changes something, so it takes an `Idempotency-Key`.
    pub fn keyed(mut self) -> Row {
        self.keyed = true;
        self
    }

    /// Not part of the API for programs.
    pub fn undescribed(mut self) -> Row {
        self.described = false;
        self
    }

    fn note<T: ToSchema>(&mut self) -> String {
        let name = T::name().into_owned();
        self.schemas
            .push((name.clone(), <T as PartialSchema>::schema()));
        T::schemas(&mut self.schemas);
        name
    }
}
