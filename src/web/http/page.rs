//! What every page needs: rendering, the shell around it, a refusal as a page, a file, a code. A form answers 303.
//!
//! A browser that is not signed in is led to the sign-in and back; in a demo, on this machine, the sign-in lets it in
//! at once.

use crate::pages::{Asset, ErrorPage, Page, ServiceChoice, Shell, SignedIn};
use crate::web::http::caller::app;
use crate::web::http::entity_tag::unless_known;
use crate::web::http::header_of;
use crate::web::http::limits;
use crate::web::http::problem::{Problem, ProblemKind, language_of};
use crate::web::http::site::site;
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, IfNoneMatch};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use hall::plan::Service;
use hall::text::{Language, Text};
use hall::{Actor, Hall};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::QrCode;
use qrcode::render::svg;

/// A refusal as a page, for a browser that asked for one; a browser that is not signed in is led to the sign-in.
pub fn problem_page(
    request: &HttpRequest,
    problem: &Problem,
    language: Language,
) -> Option<HttpResponse> {
    let accepts = header_of(request, header::ACCEPT)?;
    if !accepts.contains("text/html") || request.path().starts_with("/api/") {
        return None;
    }
    if problem.kind == ProblemKind::Unauthorized && request.method().is_safe() {
        let role = problem.extra.get("role").and_then(|role| role.as_str());
        let role = role.unwrap_or("officer");
        let next = encoded(&request.uri().to_string());
        return Some(see_other(&format!("/sign-in?role={role}&next={next}")));
    }
    let page = ErrorPage {
        shell: Shell {
            language,
            ..shell(request, None)
        },
        status: problem.kind.status().as_u16(),
        title: problem.kind.title(),
        detail: problem.detail.clone(),
    };
    let html = app(request).pages.render(&page).ok()?;
    Some(of_html(problem.kind.status(), html))
}

fn of_html(status: StatusCode, html: String) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.content_type("text/html; charset=utf-8").body(html)
}

/// What stands around every page.
pub fn shell(request: &HttpRequest, actor: Option<&Actor>) -> Shell {
    shell_of(request.path(), request, actor)
}

/// The same for a form that answers with the page at `path`. The link to the other language leads there, because a
/// browser cannot load a form's answer again.
pub fn shell_of(path: &str, request: &HttpRequest, actor: Option<&Actor>) -> Shell {
    let language = language_of(request);
    let other = match language {
        Language::Zh => "en",
        Language::En => "zh",
    };
    let pairs = request.query_string().split('&');
    let others = pairs.filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
    let query: Vec<&str> = others.collect();
    let mark = if query.is_empty() { "" } else { "&" };
    Shell {
        language,
        demo: app(request).is_demo(),
        other_language: format!("{path}?{}{mark}lang={other}", query.join("&")),
        signed_in: actor.and_then(signed_in),
    }
}

fn signed_in(actor: &Actor) -> Option<SignedIn> {
    let (name, role) = match actor {
        Actor::Officer(id) => (id, "officer"),
        Actor::Usher(id) => (id, "usher"),
        Actor::Manager(id) => (id, "manager"),
        Actor::Citizen | Actor::Kiosk(_) | Actor::Timer => return None,
    };
    Some(SignedIn {
        name: name.clone(),
        role: role.into(),
    })
}

pub fn render<P: Page>(request: &HttpRequest, page: &P) -> Result<HttpResponse, Problem> {
    let html = app(request).pages.render(page).map_err(|error| {
        tracing::error!(?error, path = request.path(), "a page cannot be rendered");
        ProblemKind::Unavailable.because("页面暂时无法显示。", "The page cannot be shown.")
    })?;
    Ok(of_html(StatusCode::OK, html))
}

/// An address as a picture that a phone reads.
pub fn qr_code(address: &str) -> Result<HttpResponse, Problem> {
    if address.len() as u64 > limits::ADDRESS.most {
        return Err(limits::ADDRESS.problem());
    }
    let code = QrCode::new(address)
        .map_err(|error| Problem::invalid("", "无法生成二维码", error.to_string()))?;
    let mut image = code.render::<svg::Color<'_>>();
    let image = image.min_dimensions(240, 240).build();
    Ok(HttpResponse::Ok().content_type("image/svg+xml").body(image))
}

/// A cookie for this site only, out of reach of scripts.
pub fn own_cookie(
    request: &HttpRequest,
    name: String,
    value: &str,
    same_site: SameSite,
    hours: i64,
) -> Cookie<'static> {
    Cookie::build(name, value.to_string())
        .path("/")
        .http_only(true)
        .same_site(same_site)
        .secure(site(request).scheme == "https")
        .max_age(time::Duration::hours(hours))
        .finish()
}

pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to))
        .finish()
}

/// A path of this site, or the front page: a link must not lead to another site.
pub fn own_path(path: &str) -> String {
    // a browser drops tabs and line ends, and then reads "/<tab>/elsewhere" as another site
    let is_own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(|c: char| c == '\\' || c.is_control());
    if is_own { path.to_string() } else { "/".into() }
}

/// As it may stand behind a `=` of an address.
fn encoded(text: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~')
        .remove(b'/');
    utf8_percent_encode(text, KEPT).to_string()
}

/// An asset, or "unchanged" to a browser that has it.
pub fn send(request: &HttpRequest, asset: Asset) -> HttpResponse {
    let tag = asset.etag.parse().expect("an asset's tag is an entity tag");
    let known = request.get_header::<IfNoneMatch>();
    unless_known(tag, known.as_ref(), |mut response| {
        response
            .content_type(asset.mime)
            .body(asset.bytes.into_owned())
    })
}

/// A service, to choose on a page.
pub fn choice_of(service: &Service) -> ServiceChoice {
    ServiceChoice {
        id: service.id.clone(),
        name: service.name.clone(),
    }
}

/// A hall's name, for a page's head.
pub fn name_of(hall: &Hall) -> Text {
    hall.plan().name.clone()
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn a_link_leads_nowhere_else() {
        for own in ["/", "/zhuzhou/window?window=6", "/t/AAAA"] {
            assert_eq!(own_path(own), own);
        }
        let foreign = [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
        ];
        for foreign in foreign {
            assert_eq!(own_path(foreign), "/", "{foreign:?}");
        }
    }
}
