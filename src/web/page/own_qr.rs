//! The address of a hall's own page as a code: for posters, and for opening it on another device.

use super::qr_code;
use crate::web::caller::Visitor;
use crate::web::problem::Problem;
use crate::web::site::site;
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::HallId;
use serde::Deserialize;

/// The pages that somebody opens on a device of his own, or on a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OwnPage {
    Board,
    Book,
    Guide,
    Take,
}

impl OwnPage {
    /// The page of this name, if it has a code.
    pub fn named(name: &str) -> Option<OwnPage> {
        let pages = [OwnPage::Board, OwnPage::Book, OwnPage::Guide, OwnPage::Take];
        pages.into_iter().find(|page| page.name() == name)
    }

    /// Where its code is.
    pub fn qr_of(self, hall: &HallId) -> String {
        format!("/{hall}/qr/{}.svg", self.name())
    }

    fn name(self) -> &'static str {
        match self {
            OwnPage::Board => "board",
            OwnPage::Book => "book",
            OwnPage::Guide => "guide",
            OwnPage::Take => "take",
        }
    }
}

/// `/{hall}/qr/{page}.svg`
pub async fn own_qr(
    visitor: Visitor,
    path: web::Path<(String, OwnPage)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (_, page) = path.into_inner();
    let hall = visitor.hall.read(|hall| hall.id().clone());
    let origin = site(&request).origin();
    qr_code(&format!("{origin}/{hall}/{}", page.name()))
}
