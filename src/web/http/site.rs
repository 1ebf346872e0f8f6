//! Who sends a request, and under which address, as this process was told of the proxies before it.

use crate::site::PublicUrl;
use crate::web::http::caller::app;
use actix_web::HttpRequest;
use std::net::IpAddr;

/// Who sends this request.
pub fn client(request: &HttpRequest) -> IpAddr {
    app(request).proxies.client(request)
}

/// The address of this site for whoever sends this request.
pub fn site(request: &HttpRequest) -> PublicUrl {
    app(request).proxies.site(request)
}
