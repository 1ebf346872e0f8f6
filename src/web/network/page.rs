//! The pages over all halls: the list with what to open where, and the network's overview.

use crate::access::Role;
use crate::pages::{DemoHint, HallInList, IndexPage, NetworkPage, ServiceChoice};
use crate::web::http::Problem;
use crate::web::http::caller::{AnyManager, Anyone, app};
use crate::web::http::identity::known;
use crate::web::http::page::{render, shell};
use crate::web::http::shared_views::SharedView;
use crate::web::network::api::all;
use crate::web::network::qr::OwnPage;
use actix_web::{HttpRequest, HttpResponse, web};
use hall::id::ServiceId;
use hall::text::Text;
use hall::view::{self, KioskView};
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
    let halls = all(app);
    let services = services_of(&halls);
    let wanted = query.into_inner().service.and_then(|id| {
        let mut known = services.iter().map(|service| &service.id);
        known.find(|known| known.as_str() == id).cloned()
    });
    let hints = match app.is_demo() {
        true => hints(&halls),
        false => Vec::new(),
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
fn services_of(halls: &[SharedView]) -> Vec<ServiceChoice> {
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

fn listed(halls: &[SharedView], wanted: Option<&ServiceId>) -> Vec<HallInList> {
    let does_it = |hall: &&SharedView| {
        wanted.is_none_or(|wanted| hall.services.iter().any(|service| service.id == *wanted))
    };
    let line = |hall: &SharedView| HallInList::new(KioskView::clone(hall), wanted);
    let mut lines: Vec<HallInList> = halls.iter().filter(does_it).map(line).collect();
    if wanted.is_some() {
        // where nobody knows, nobody is sent first
        let longest = |line: &HallInList| line.wait.map_or(u32::MAX, |wait| wait.high);
        lines.sort_by_key(|line| (!line.open, line.opens_at, longest(line)));
    }
    lines
}

fn hints(halls: &[SharedView]) -> Vec<DemoHint> {
    // the model hall has the most services
    let Some(model) = halls.iter().max_by_key(|hall| hall.services.len()) else {
        return Vec::new();
    };
    let text = |[zh, en]: [&str; 2]| Text::new(zh, en);
    let hint = |(place, what, how, page)| DemoHint {
        place: text(place),
        what: text(what),
        how: text(how),
        url: format!("/{}/{page}", model.hall),
        qr: OwnPage::named(page).map(|own| own.qr_of(&model.hall)),
    };
    HINTS.map(hint).into()
}

/// A text in Chinese and in English.
type InBoth = [&'static str; 2];

/// What to open where in a demo: the place, the page, what to do there, and its address.
#[rustfmt::skip] // a table
const HINTS: [(InBoth, InBoth, InBoth, &str); 8] = [
    (["门口", "At the door"], ["取号机", "Kiosk"],
        ["点一下就有号", "One tap is a number"], "kiosk"),
    (["窗口", "At a window"], ["窗口工作台", "Console"],
        ["按 F2:办完,叫下一位", "Press F2: finish and call next"], "window?window=6"),
    (["墙上", "On the wall"], ["叫号屏", "Wall board"],
        ["全屏打开,会念号码", "Full screen; it says the numbers"], "board"),
    (["手机", "On a phone"], ["手机取号", "A number by phone"],
        ["看前面还有几位,叫到响铃", "See how many are ahead; it rings"], "take"),
    (["家里", "At home"], ["预约周末", "Book the weekend"],
        ["选个时间,不用排队", "Choose a time and do not queue"], "book"),
    (["家里", "At home"], ["办事指南", "Guide"],
        ["问一句:要带什么", "Ask what to bring"], "guide"),
    (["大厅里", "In the hall"], ["导办", "Usher"],
        ["临近下班,引导到手机办", "Lead people to the app near closing"], "usher"),
    (["办公室", "In the office"], ["大厅总览", "Overview"],
        ["看今天怎么样,做处置", "How the day goes, and what to do"], "overview"),
];
