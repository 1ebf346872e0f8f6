//! Addresses as codes: a hall's own pages, for posters and for opening them on another device, and where a service is
//! done without coming.

use crate::web::http::caller::{Guest, id_of};
use crate::web::http::page::qr_code;
use crate::web::http::site::site;
use crate::web::http::{OrNotFound, Problem};
use crate::written::named;
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::{HallId, ServiceId};
use serde::Deserialize;

named! {
    /// The pages that somebody opens on a device of his own, or on a screen: those that have a code.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
    pub enum OwnPage {
        Board = "board",
        Book = "book",
        Guide = "guide",
        Take = "take",
    }
}

impl OwnPage {
    /// Where its code is.
    pub fn qr_of(self, hall: &HallId) -> String {
        format!("/{hall}/qr/{}.svg", self.name())
    }
}

/// `/{hall}/qr/{page}.svg`
pub async fn own_qr(
    guest: Guest,
    path: web::Path<(String, OwnPage)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (_, page) = path.into_inner();
    let hall = id_of(&guest.hall);
    let origin = site(&request).origin();
    qr_code(&format!("{origin}/{hall}/{}", page.name()))
}

/// Where a service can be done without coming, as a QR code.
pub async fn online_qr(
    guest: Guest,
    path: web::Path<(String, ServiceId)>,
) -> Result<HttpResponse, Problem> {
    let (_, service) = path.into_inner();
    let route = guest.hall.read(|hall| {
        let service = hall.plan().service(&service)?;
        service.online.as_ref().map(|online| online.url.clone())
    });
    let address = route.or_not_found("网上办理入口", "online route")?;
    qr_code(&address)
}
