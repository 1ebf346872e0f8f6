//! Entity tags: a client that names the tag of what it has is told "unchanged", and a change names the revision it is of.

use crate::access::digest;
use crate::web::http::header_of;
use crate::web::http::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::{self, ETag, EntityTag, IfNoneMatch};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder};
use hall::Time;
use serde::Serialize;
use std::future::{Ready, ready};

/// The hall's clock at the moment of the answer: also "unchanged" says as of when.
const NOW_HEADER: &str = "paihao-now";

/// The answer with its tag, or 304 to a client that names that tag.
pub fn unless_known(
    tag: EntityTag,
    known: Option<&IfNoneMatch>,
    answer: impl FnOnce(HttpResponseBuilder) -> HttpResponse,
) -> HttpResponse {
    let is_known = match known {
        None => false,
        Some(IfNoneMatch::Any) => true,
        Some(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
    };
    let mut response = match is_known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    response
        .insert_header(ETag(tag))
        .insert_header((header::CACHE_CONTROL, "no-cache"));
    match is_known {
        true => response.finish(),
        false => answer(response),
    }
}

/// A view with its tag and the time it is of, or 304 with that time.
pub fn view_unless_known(view: &impl Serialize, now: Time, known: &IfNoneMatch) -> HttpResponse {
    let mut response = unless_known(tag_of_view(view), Some(known), |mut response| {
        response.json(view)
    });
    let now = now.to_rfc3339().parse().expect("a time is ASCII");
    response
        .headers_mut()
        .insert(header::HeaderName::from_static(NOW_HEADER), now);
    response
}

/// Names what a view shows. What changes with the clock alone, `now`, is not part of it.
pub fn tag_of_view(view: &impl Serialize) -> EntityTag {
    let mut body = serde_json::to_value(view).expect("a view has string keys only");
    if let Some(fields) = body.as_object_mut() {
        fields.remove("now");
    }
    EntityTag::new_weak(digest(&body.to_string()).to_string())
}

/// Names a text, byte for byte.
pub fn tag_of_text(text: &str) -> EntityTag {
    EntityTag::new_strong(digest(text).to_string())
}

/// Names a revision, as [`IfMatch`] reads it.
pub fn tag_of_revision(revision: u64) -> ETag {
    ETag(EntityTag::new_strong(revision.to_string()))
}

/// The revision that a change is of, as the client names it.
#[derive(Debug)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// What the request says.
    pub fn of(request: &HttpRequest) -> IfMatch {
        let tag = header_of(request, header::IF_MATCH);
        IfMatch(tag.map(|tag| tag.trim().trim_matches('"').into()))
    }

    /// The revision, if one is named; `zh` and `en` say where to find it.
    pub fn revision(&self, zh: &str, en: &str) -> Result<Option<u64>, Problem> {
        let wrong = |_| Problem::invalid("/headers/if-match", zh, en);
        let named = self.0.as_deref().map(str::parse);
        named.transpose().map_err(wrong)
    }

    /// The revision, which has to be named.
    pub fn required(&self, zh: &str, en: &str) -> Result<u64, Problem> {
        let missing = || Problem::invalid("/headers/if-match", zh, en);
        self.revision(zh, en)?.ok_or_else(missing)
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<IfMatch, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(IfMatch::of(request)))
    }
}
