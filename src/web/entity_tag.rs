//! Views for whoever polls: sent when they show something else than he knows.

use actix_web::http::header::{self, ETag, EntityTag, IfNoneMatch};
use actix_web::{HttpResponse, web};
use hall::Time;
use serde::Serialize;

/// The hall's clock at the moment of the answer: also "unchanged" says as of when.
const NOW_HEADER: &str = "paihao-now";

/// The view with its tag, or 304 to whoever names that tag. What changes with the clock alone, `now`, is not part of it.
pub fn unless_known(
    view: &impl Serialize,
    now: Time,
    known: &web::Header<IfNoneMatch>,
) -> HttpResponse {
    let tag = EntityTag::new_weak(digest_without_now(view));
    let is_known = match &known.0 {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(&tag)),
    };
    let mut response = match is_known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    response
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((NOW_HEADER, now.to_rfc3339()));
    match is_known {
        true => response.finish(),
        false => response.json(view),
    }
}

fn digest_without_now(view: &impl Serialize) -> String {
    let mut body = serde_json::to_value(view).expect("a view has string keys only");
    if let Some(fields) = body.as_object_mut() {
        fields.remove("now");
    }
    crate::access::digest(&body.to_string()).to_string()
}
