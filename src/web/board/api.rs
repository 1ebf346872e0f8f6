//! The board as JSON.

use crate::web::http::caller::Guest;
use crate::web::http::entity_tag::{tag_of_view, unless_known};
use crate::web::http::{Typed, describe};
use actix_web::http::header::IfNoneMatch;
use actix_web::web;
use hall::view::{self, BoardView};

/// The version of the hall that a board shows, as a frame names it.
const VERSION_HEADER: &str = "paihao-version";

describe!(board: "The board; with ETag");
/// The board, for displays that poll.
pub async fn board(guest: Guest, known: web::Header<IfNoneMatch>) -> Typed<BoardView> {
    let now = guest.hall.now();
    let (board, version) = guest
        .hall
        .read(|hall| (view::board(hall, now), hall.version()));
    let tag = tag_of_view(&board);
    unless_known(tag, Some(&known), |mut response| {
        response
            .insert_header((VERSION_HEADER, version))
            .json(board)
    })
    .into()
}
