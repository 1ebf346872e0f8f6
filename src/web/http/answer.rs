//! What a handler takes and answers, as types: so the API's description follows from its signature.

use crate::web::http::body::{Body, KeyedBody, RequestKey};
use crate::web::http::entity_tag::IfMatch;
use crate::web::http::problem::Problem;
use crate::web::http::table::{Described, RouteRow};
use actix_web::body::BoxBody;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev, web};
use serde::Serialize;
use std::marker::PhantomData;
use utoipa::openapi::Required;
use utoipa::openapi::path::ParameterIn;
use utoipa::{IntoParams, ToSchema};

/// 201 with what was made.
#[derive(Debug)]
pub struct Created<T>(pub T);

/// 202 with what is under way.
#[derive(Debug)]
pub struct Accepted<T>(pub T);

/// A response with headers of its own, whose body is a `T`.
#[derive(Debug)]
pub struct Typed<T>(HttpResponse, PhantomData<T>);

impl<T> From<HttpResponse> for Typed<T> {
    fn from(response: HttpResponse) -> Typed<T> {
        Typed(response, PhantomData)
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Created().json(self.0)
    }
}

impl<T: Serialize> Responder for Accepted<T> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Accepted().json(self.0)
    }
}

impl<T> Responder for Typed<T> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0
    }
}

/// A body that the handler reads by itself from `S`, and that is a `T` for the description.
#[derive(Debug)]
pub struct Unread<S, T>(pub S, PhantomData<T>);

impl<S: FromRequest<Future: 'static>, T: 'static> FromRequest for Unread<S, T> {
    type Error = S::Error;
    type Future = futures_util::future::LocalBoxFuture<'static, Result<Self, S::Error>>;
    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let source = S::from_request(request, payload);
        Box::pin(async move { Ok(Unread(source.await?, PhantomData)) })
    }
}

impl Described for HttpRequest {}
impl Described for HttpResponse {}
impl<T> Described for web::Data<T> {}
impl<T> Described for web::Path<T> {}
impl<T> Described for web::Header<T> {}

impl Described for RequestKey {
    fn describe(row: &mut RouteRow) {
        row.keyed = true;
    }
}

impl Described for IfMatch {
    fn describe(row: &mut RouteRow) {
        row.needs_if_match = true;
    }
}

impl<T: IntoParams> Described for web::Query<T> {
    fn describe(row: &mut RouteRow) {
        let parameters = T::into_params(|| Some(ParameterIn::Query)).into_iter();
        let named = parameters.map(|one| (one.name, one.required == Required::True));
        row.queries.extend(named);
    }
}

impl<T: ToSchema> Described for Body<T> {
    fn describe(row: &mut RouteRow) {
        row.takes::<T>();
    }
}

impl<T: ToSchema> Described for KeyedBody<T> {
    fn describe(row: &mut RouteRow) {
        row.takes::<T>();
        row.keyed = true;
    }
}

impl<S, T: ToSchema> Described for Unread<S, T> {
    fn describe(row: &mut RouteRow) {
        row.takes::<T>();
    }
}

/// What a handler answers when all goes well: the status, and what is in the body.
macro_rules! answers {
    ($($Answer:path: $status:literal),+) => {$(
        impl<T: ToSchema> Described for $Answer {
            fn describe(row: &mut RouteRow) {
                row.answers::<T>($status);
            }
        }
    )+};
}
answers!(web::Json<T>: 200, Typed<T>: 200, Created<T>: 201, Accepted<T>: 202);

impl<T: Described> Described for Result<T, Problem> {
    fn describe(row: &mut RouteRow) {
        T::describe(row);
    }
}
