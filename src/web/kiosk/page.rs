//! The kiosk's page, and what keeps it while the server is away.

use crate::access::Role;
use crate::pages::{Assets, KioskPage};
use crate::web::http::caller::{Guest, app};
use crate::web::http::identity::known;
use crate::web::http::page::{render, send, shell};
use crate::web::http::server::MayAlsoAsk;
use crate::web::http::site::site;
use crate::web::http::{OrNotFound, Problem};
use actix_web::{HttpRequest, HttpResponse};
use hall::view;

pub async fn kiosk(guest: Guest, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let now = guest.hall.now();
    let view = guest.hall.read(|hall| view::kiosk(hall, now));
    let device = known(&request, &[Role::Kiosk]).map(|identity| identity.id);
    let agent = app(&request).printers.agent_of(&view.hall, device.as_ref());
    let mut response = render(
        &request,
        &KioskPage {
            shell: shell(&request, None),
            view,
            origin: site(&request).origin(),
            agent: agent.clone(),
        },
    )?;
    if let Some(agent) = agent {
        response.extensions_mut().insert(MayAlsoAsk(agent));
    }
    Ok(response)
}

/// What keeps the kiosk's page while the server is away. It lies beside the page, not with the other scripts: it may
/// speak only for addresses below its own.
pub async fn kiosk_worker(_: Guest, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let script = Assets::lookup("/assets/kiosk-worker.js");
    let script = script.or_not_found("该文件", "file")?;
    Ok(send(&request, script))
}
