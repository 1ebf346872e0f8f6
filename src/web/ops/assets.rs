//! What the binary carries: the pages' files, the display client, and this API's description.

use crate::pages::Assets;
use crate::web::http::caller::Anyone;
use crate::web::http::page::send;
use crate::web::http::{OrNotFound, Problem, describe};
use actix_web::{HttpRequest, HttpResponse, web};
use std::sync::LazyLock;

describe!(openapi: "This description");
/// This API's description.
pub async fn openapi(_: Anyone) -> HttpResponse {
    // the same for as long as the process lives, and large
    static DOCUMENT: LazyLock<web::Bytes> = LazyLock::new(|| {
        let document = serde_json::to_vec(&crate::web::openapi_document());
        document
            .expect("the description has string keys only")
            .into()
    });
    HttpResponse::Ok()
        .content_type("application/json")
        .body(DOCUMENT.clone())
}

/// `/assets/…` and `/display/…`.
pub async fn asset(_: Anyone, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asset = Assets::lookup(request.path()).or_not_found("该文件", "file")?;
    Ok(send(&request, asset))
}
