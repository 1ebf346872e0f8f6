//! Pages: each handler fills a page's context and renders it. A form answers 303.
//!
//! A browser that is not signed in is led to the sign-in and back; in a demo, on this machine, the sign-in lets it in
//! at once.

mod of_appointment;
mod of_booking;
mod of_console;
mod of_day_list;
mod of_family;
mod of_guide;
mod of_hall;
mod of_hall_in_public;
mod of_take;
mod of_ticket;
mod of_ticket_step;
mod of_usher;
mod of_word;
mod own_qr;
mod signing_in;

pub use of_appointment::{act_on_appointment, appointment, appointment_ics, appointment_qr};
pub use of_booking::{book, book_qr, confirm, hold};
pub use of_console::{console, rating_qr};
pub use of_day_list::{act_on_line, appointments};
pub use of_family::{family, family_qr};
pub use of_guide::{guide, guide_answer, guide_misses, guide_print, guide_qr, settle_miss};
pub use of_hall::{
    accounts, add_account, board, enrol_device, kiosk, kiosk_worker, online_qr, overview, stats,
};
pub use of_hall_in_public::{hall, hours};
pub use of_take::{take_by_form, take_page};
pub use of_ticket::{act_on_ticket, move_ticket, ticket, ticket_qr};
pub use of_ticket_step::ticket_step;
pub use of_usher::{usher_act, usher_check_in, usher_page};
pub use of_word::{leave_word, word, word_left};
pub use own_qr::own_qr;
pub use signing_in::{set_up, setup, sign_in, sign_in_with_secret, sign_out};

use self::own_qr::OwnPage;
use super::app::App;
use super::caller::{AnyManager, Anyone, app, known};
use super::devices::boards;
use super::halls::Shown;
use super::problem::{Kind, Problem, language_of};
use crate::access::Role;
use crate::notify::figures::Way;
use crate::pages::{
    Asset, Assets, DemoHint, ErrorPage, HallDevices, HallInList, HallStatus, IndexPage,
    NetworkPage, Page, PrinterStatus, ServiceChoice, Shell, SignedIn, StatusPage, WebhookStatus,
};
use crate::runtime::Owner;
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::ServiceId;
use hall::text::{Language, Text};
use hall::view::KioskView;
use hall::{Actor, Hall, view};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `?service=`.
#[derive(Debug, Deserialize)]
pub struct ServiceQuery {
    service: Option<String>,
}

/// So many halls are shown with all they have; more are a list of lines.
const HALLS_IN_FULL: usize = 3;

/// `/`: the halls, and what to open where; with a service, the halls that do it, the soonest first.
pub async fn index(
    _: Anyone,
    query: web::Query<ServiceQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let app = app(&request);
    let halls = crate::web::halls::all(app);
    let services = services_of(&halls);
    let wanted = query.into_inner().service.and_then(|id| {
        let known = services.iter().map(|service| &service.id);
        known
            .into_iter()
            .find(|known| known.as_str() == id)
            .cloned()
    });
    let hints = if app.is_demo() {
        hints(&halls)
    } else {
        Vec::new()
    };
    let staff = known(&request, &[Role::Manager, Role::Usher, Role::Officer]);
    let actor = staff.and_then(|identity| identity.actor());
    let page = IndexPage {
        shell: shell(&request, actor.as_ref()),
        is_long: halls.len() > HALLS_IN_FULL,
        halls: listed(&halls, wanted.as_ref()),
        services,
        service: wanted,
        hints,
    };
    render(&request, &page)
}

/// `/network`: every hall, the one that needs somebody first.
pub async fn network(manager: AnyManager, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let halls = &app(&request).halls;
    let now = halls.clock.now();
    let lines = halls
        .all()
        .iter()
        .map(|(_, owner)| owner.read(|hall| view::network_line(hall, now)))
        .collect();
    let shell = shell(&request, Some(&manager.actor));
    render(&request, &NetworkPage::new(shell, now, lines))
}

/// The services that any hall does, by name.
fn services_of(halls: &[Shown]) -> Vec<ServiceChoice> {
    let mut services = BTreeMap::new();
    for service in halls.iter().flat_map(|hall| &hall.services) {
        services.entry(&service.id).or_insert(&service.name);
    }
    let choice = |(id, name): (&ServiceId, &Text)| ServiceChoice {
        id: id.clone(),
        name: name.clone(),
    };
    services.into_iter().map(choice).collect()
}

fn listed(halls: &[Shown], wanted: Option<&ServiceId>) -> Vec<HallInList> {
    let does_it = |hall: &&Shown| {
        wanted.is_none_or(|wanted| hall.services.iter().any(|service| service.id == *wanted))
    };
    let line = |hall: &Shown| HallInList::new(KioskView::clone(hall), wanted);
    let mut lines: Vec<HallInList> = halls.iter().filter(does_it).map(line).collect();
    if wanted.is_some() {
        let longest = |line: &HallInList| line.wait.map(|wait| wait.high);
        lines.sort_by_key(|line| (!line.open, line.opens_at, longest(line)));
    }
    lines
}

/// `/status`: for the technician.
pub async fn status(_: Anyone, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let app = app(&request);
    let now = app.halls.clock.now();
    let halls: Vec<HallStatus> = app
        .halls
        .all()
        .into_iter()
        .map(|(id, owner)| {
            let (name, phase, version) =
                owner.read(|hall| (hall.plan().name.clone(), hall.phase(now), hall.version));
            let sockets = app
                .publisher(&id)
                .map_or(0, |publisher| publisher.sockets() as u64);
            HallStatus {
                hall: id,
                name,
                phase,
                version,
                sockets,
                ready: owner.stopped().is_none(),
            }
        })
        .collect();
    let page = StatusPage {
        shell: shell(&request, None),
        version: env!("CARGO_PKG_VERSION").into(),
        store: app.halls.log.describe(),
        durability: format!("{:?}", app.halls.log.durability()),
        now,
        clock_doubted: app.halls.clock.doubted(),
        uptime_seconds: app.started.elapsed().as_secs(),
        ready: halls.iter().all(|hall| hall.ready),
        webhooks: webhooks(app),
        devices: app
            .halls
            .all()
            .iter()
            .map(|(_, owner)| devices_of(app, owner))
            .filter(|hall| !hall.boards.is_empty() || hall.voice.problem.is_some())
            .collect(),
        printers: printers(app),
        halls,
    };
    render(&request, &page)
}

/// What a hall's boards speak with, and how they are.
fn devices_of(app: &App, owner: &Owner<Hall>) -> HallDevices {
    let now = owner.now();
    owner.read(|hall| HallDevices {
        hall: hall.id().clone(),
        name: name_of(hall),
        voice: app.voices.status(hall.plan()),
        boards: boards(app, hall.id(), now),
    })
}

/// What this process sends, and how far it is.
fn webhooks(app: &App) -> Vec<WebhookStatus> {
    let of_hall = app.halls.all().into_iter().flat_map(|(id, owner)| {
        let name = owner.read(|hall| hall.plan().name.clone());
        let endpoints = app.notifier.endpoints_of(&id);
        let status = endpoints.map(|endpoint| {
            let health = app.notifier.figures.health(&Way::new(&id, &endpoint.name));
            WebhookStatus {
                hall: name.clone(),
                endpoint: endpoint.name.to_string(),
                here: health.is_some(),
                behind: health.as_ref().map_or(0, |health| health.behind),
                failing_since: health.and_then(|health| Some(health.failing?.0)),
            }
        });
        status.collect::<Vec<_>>()
    });
    of_hall.collect()
}

/// What this process prints on.
fn printers(app: &App) -> Vec<PrinterStatus> {
    let of_hall = app.halls.all().into_iter().flat_map(|(id, owner)| {
        let name = owner.read(|hall| hall.plan().name.clone());
        let lines = super::slips::printer_lines(app, &id).into_iter();
        lines
            .map(|line| PrinterStatus {
                hall: name.clone(),
                line,
            })
            .collect::<Vec<_>>()
    });
    of_hall.collect()
}

/// This API's description.
pub async fn openapi(_: Anyone) -> HttpResponse {
    HttpResponse::Ok().json(super::openapi::document())
}

/// `/assets/…` and `/display/…`.
pub async fn asset(_: Anyone, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let asset =
        Assets::lookup(request.path()).ok_or_else(|| Problem::not_found("该文件", "file"))?;
    Ok(send(&request, asset))
}

/// A refusal as a page, for a browser that asked for one; who is not signed in is led there.
pub fn problem_page(
    request: &HttpRequest,
    problem: &Problem,
    language: Language,
) -> Option<HttpResponse> {
    let accepts = request.headers().get(header::ACCEPT)?.to_str().ok()?;
    if !accepts.contains("text/html") || request.path().starts_with("/api/") {
        return None;
    }
    if problem.kind == Kind::Unauthorized && *request.method() == Method::GET {
        let role = problem
            .extra
            .get("role")
            .and_then(|role| role.as_str())
            .unwrap_or("officer");
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
    Some(
        HttpResponse::build(problem.kind.status())
            .content_type("text/html; charset=utf-8")
            .body(html),
    )
}

/// What stands around every page.
fn shell(request: &HttpRequest, actor: Option<&Actor>) -> Shell {
    shell_of(request.path(), request, actor)
}

/// The same where a form's address answers with the page at `path`: only that can be asked for again.
fn shell_of(path: &str, request: &HttpRequest, actor: Option<&Actor>) -> Shell {
    let language = language_of(request);
    let other = match language {
        Language::Zh => "en",
        Language::En => "zh",
    };
    let kept = request
        .query_string()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="));
    let query: Vec<&str> = kept.collect();
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

fn render<P: Page>(request: &HttpRequest, page: &P) -> Result<HttpResponse, Problem> {
    let html = app(request).pages.render(page).map_err(|error| {
        tracing::error!(?error, path = request.path(), "a page cannot be rendered");
        Problem::new(
            Kind::Unavailable,
            "页面暂时无法显示。",
            "The page cannot be shown.",
        )
    })?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(html))
}

/// An address as a picture that a phone reads.
fn qr_code(address: &str) -> Result<HttpResponse, Problem> {
    let code = QrCode::new(address)
        .map_err(|error| Problem::invalid("", "无法生成二维码", error.to_string()))?;
    let image = code
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .build();
    Ok(HttpResponse::Ok().content_type("image/svg+xml").body(image))
}

fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to))
        .finish()
}

/// A path of this site, or the front page: nobody is led elsewhere by a link.
fn own_path(path: &str) -> String {
    // a browser drops tabs and line ends, and then reads "/<tab>/elsewhere" as another site
    let is_own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(|c: char| c == '\\' || c.is_control());
    if is_own { path.to_string() } else { "/".into() }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                (byte as char).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// An asset, or "unchanged" to a browser that has it.
fn send(request: &HttpRequest, asset: Asset) -> HttpResponse {
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|tag| tag.to_str().ok());
    let status = if known == Some(asset.etag.as_str()) {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((header::ETAG, asset.etag));
    response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")));
    if status == StatusCode::NOT_MODIFIED {
        return response.finish();
    }
    response
        .content_type(asset.mime)
        .body(web::Bytes::from(asset.bytes.into_owned()))
}

fn hints(halls: &[Shown]) -> Vec<DemoHint> {
    // the model hall has the most services
    let Some(model) = halls.iter().max_by_key(|hall| hall.services.len()) else {
        return Vec::new();
    };
    let hint = |place: [&str; 2], what: [&str; 2], how: [&str; 2], page: &str| DemoHint {
        place: Text::new(place[0], place[1]),
        what: Text::new(what[0], what[1]),
        how: Text::new(how[0], how[1]),
        url: format!("/{}/{page}", model.hall),
        qr: OwnPage::named(page).map(|own| own.qr_of(&model.hall)),
    };
    vec![
        hint(
            ["门口", "At the door"],
            ["取号机", "Kiosk"],
            ["点一下就有号", "One tap is a number"],
            "kiosk",
        ),
        hint(
            ["窗口", "At a window"],
            ["窗口工作台", "Console"],
            ["按 F2:办完,叫下一位", "Press F2: finish and call next"],
            "window?window=6",
        ),
        hint(
            ["墙上", "On the wall"],
            ["叫号屏", "Wall board"],
            ["全屏打开,会念号码", "Full screen; it says the numbers"],
            "board",
        ),
        hint(
            ["手机", "On a phone"],
            ["手机取号", "A number by phone"],
            [
                "看前面还有几位,叫到响铃",
                "See how many are ahead; it rings",
            ],
            "take",
        ),
        hint(
            ["家里", "At home"],
            ["预约周末", "Book the weekend"],
            ["选个时间,不用排队", "Choose a time and do not queue"],
            "book",
        ),
        hint(
            ["家里", "At home"],
            ["办事指南", "Guide"],
            ["问一句:要带什么", "Ask what to bring"],
            "guide",
        ),
        hint(
            ["大厅里", "In the hall"],
            ["导办", "Usher"],
            [
                "临近下班,引导到手机办",
                "Lead people to the app near closing",
            ],
            "usher",
        ),
        hint(
            ["办公室", "In the office"],
            ["大厅总览", "Overview"],
            ["看今天怎么样,做处置", "How the day goes, and what to do"],
            "overview",
        ),
    ]
}

/// A hall's name, for a page's head.
fn name_of(hall: &Hall) -> Text {
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
