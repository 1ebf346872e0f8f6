//! The wall board's first page.

use crate::pages::Assets;
use crate::web::http::caller::Guest;
use crate::web::http::page::send;
use crate::web::http::{OrNotFound, Problem};
use actix_web::{HttpRequest, HttpResponse};

/// The wall board is a client of its own; this is its first page.
pub async fn board(_: Guest, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = Assets::board().or_not_found("该页面", "page")?;
    Ok(send(&request, page))
}
