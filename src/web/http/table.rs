//! One row of the URL table: a route says its method, path and handler; the handler's signature says the rest.
//!
//! Who may call is the handler's first argument. What goes in and out are its other arguments and its answer, so the
//! API's description cannot differ from the code. What the route is for stands beside the handler: [`describe!`].

use super::caller::Caller;
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Responder, Route, guard, web};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A schema by name, with those it refers to.
pub type Named = (String, RefOr<Schema>);

/// A route of the server.
pub struct RouteRow {
    pub method: Method,
    pub path: String,
    pub who: &'static str,
    pub summary: &'static str,
    /// Whether the API's description names it; pages and sockets are described elsewhere.
    pub described: bool,
    /// Whether a repetition needs the same `Idempotency-Key`.
    pub keyed: bool,
    /// What may stand behind the question mark: its name, and whether it has to be there.
    pub queries: Vec<(String, bool)>,
    /// Whether it changes a revision that the caller has to name.
    pub needs_if_match: bool,
    pub body: Option<String>,
    pub answer: Option<(u16, String)>,
    pub schemas: Vec<Named>,
    pub route: Route,
}

impl std::fmt::Debug for RouteRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.method, self.path, self.who)
    }
}

/// What a handler may take: extractors, the first of which says who may call.
pub trait Arguments: FromRequest + 'static {
    const WHO: &'static str;
}

/// What the API's description learns from a type in a handler's signature; nothing if not said.
pub trait Described {
    fn describe(_: &mut RouteRow) {}
}

macro_rules! arguments {
    ($($argument:ident)*) => {
        impl<C: Caller + 'static, $($argument: FromRequest + 'static),*> Arguments for (C, $($argument,)*) {
            const WHO: &'static str = C::WHO;
        }
        impl<C: Caller, $($argument: Described),*> Described for (C, $($argument,)*) {
            fn describe(_row: &mut RouteRow) {
                $($argument::describe(_row);)*
            }
        }
    };
}
arguments!();
arguments!(A);
arguments!(A B);
arguments!(A B D);
arguments!(A B D E);
arguments!(A B D E F);

impl RouteRow {
    /// A route of the API; all but the summary follows from the handler's signature.
    pub fn described<A, H>(
        method: Method,
        path: &str,
        handler: H,
        summary: &'static str,
    ) -> RouteRow
    where
        A: Arguments + Described,
        H: Handler<A, Output: Responder + Described + 'static>,
    {
        let mut row = RouteRow::undescribed(method, path, handler);
        row.described = true;
        row.summary = summary;
        A::describe(&mut row);
        H::Output::describe(&mut row);
        row
    }

    /// A page, a form or a socket. The handler's first argument states who may call, or this does not compile.
    pub fn undescribed<A, H>(method: Method, path: &str, handler: H) -> RouteRow
    where
        A: Arguments,
        H: Handler<A, Output: Responder + 'static>,
    {
        RouteRow {
            route: route_of(&method).to(handler),
            method,
            path: path.into(),
            who: A::WHO,
            summary: "",
            described: false,
            keyed: false,
            queries: Vec::new(),
            needs_if_match: false,
            body: None,
            answer: None,
            schemas: Vec::new(),
        }
    }

    /// Takes a body of this type.
    pub fn takes<T: ToSchema>(&mut self) {
        self.body = Some(self.note::<T>());
    }

    /// Answers this when all goes well.
    pub fn answers<T: ToSchema>(&mut self, status: u16) {
        self.answer = Some((status, self.note::<T>()));
    }

    fn note<T: ToSchema>(&mut self) -> String {
        let name = T::name().into_owned();
        self.schemas
            .push((name.clone(), <T as PartialSchema>::schema()));
        T::schemas(&mut self.schemas);
        name
    }
}

/// Where there is `GET` there is `HEAD`, the same without a body: monitors and link checkers ask so.
fn route_of(method: &Method) -> Route {
    match *method {
        Method::GET => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
        _ => web::method(method.clone()),
    }
}

/// What a route is for, beside its handler: `describe!(take: "Takes a number");`.
///
/// It makes a module of the handler's name, where the URL table finds the summary.
macro_rules! describe {
    ($handler:ident: $summary:literal) => {
        pub mod $handler {
            /// For the API's description.
            pub const SUMMARY: &str = $summary;
        }
    };
}
pub(crate) use describe;
