//! Who may call a route: every handler's first argument is one of these, and a route without one does not compile.
//!
//! A caller proves who he is by a session's or device's token, in a cookie (people) or as a bearer (programs). A
//! cookie counts for a change only when the request comes from our own pages; a bearer is never sent by accident.

use super::app::App;
use super::problem::{Kind, Problem};
use super::site;
use crate::access::{self, Identity, Purpose, Role, SealedLink};
use crate::runtime::Owner;
use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, web};
use hall::id::{ActorId, AppointmentId, HallId, TicketId, Token};
use hall::state::ticket::Channel;
use hall::{Actor, Hall};
use std::future::{Future, Ready, ready};
use std::pin::Pin;

/// An extractor that says who may call.
pub trait Caller: FromRequest {
    /// For the API's description.
    const WHO: &'static str;
}

/// Handler arguments that begin with a [`Caller`].
pub trait StatesCaller {
    /// Who may call.
    const WHO: &'static str;
}

macro_rules! states_caller {
    ($($rest:ident),*) => {
        impl<C: Caller, $($rest),*> StatesCaller for (C, $($rest,)*) {
            const WHO: &'static str = C::WHO;
        }
    };
}
states_caller!();
states_caller!(A);
states_caller!(A, B);
states_caller!(A, B, D);
states_caller!(A, B, D, E);

/// Everybody; nothing is asked.
#[derive(Debug)]
pub struct Anyone;

/// Everybody, in a hall that exists.
#[derive(Debug)]
pub struct Visitor {
    pub hall: Owner<Hall>,
}

/// A kiosk of the hall, an usher, or a phone if the plan allows it.
#[derive(Debug)]
pub struct TakesNumbers {
    pub hall: Owner<Hall>,
    pub actor: Actor,
    pub channel: Channel,
}

/// Whoever has the token in the path.
#[derive(Debug)]
pub struct Holder {
    pub hall: Owner<Hall>,
    pub ticket: TicketId,
    pub token: Token,
}

/// Whoever was given the family's link: he may look, so he is no [`Holder`] and gets no token.
#[derive(Debug)]
pub struct Relative {
    pub hall: Owner<Hall>,
    pub ticket: TicketId,
    pub link: String,
}

/// Whoever has the appointment's token in the path.
#[derive(Debug)]
pub struct AppointmentHolder {
    pub hall: Owner<Hall>,
    pub appointment: AppointmentId,
    pub token: Token,
}

/// Somebody who books, perhaps at the usher's desk; few per address.
#[derive(Debug)]
pub struct Books {
    pub hall: Owner<Hall>,
    pub actor: Actor,
}

/// A kiosk of the hall, or an usher for whoever cannot use one.
#[derive(Debug)]
pub struct ChecksIn {
    pub hall: Owner<Hall>,
    pub actor: Actor,
    pub channel: Channel,
}

/// Anybody who works in the hall.
#[derive(Debug)]
pub struct Staff {
    pub hall: Owner<Hall>,
    pub actor: Actor,
    pub role: Role,
}

/// A kiosk of the hall.
#[derive(Debug)]
pub struct Kiosk {
    pub hall: Owner<Hall>,
    pub actor: Actor,
}

/// A kiosk of the hall, or an officer.
#[derive(Debug)]
pub struct AsksForHelp {
    pub hall: Owner<Hall>,
    pub actor: Actor,
}

/// An officer of the hall (which window is a rule of the hall).
#[derive(Debug)]
pub struct Officer {
    pub hall: Owner<Hall>,
    pub actor: Actor,
    pub several_windows: bool,
}

/// An usher or manager of the hall.
#[derive(Debug)]
pub struct Usher {
    pub hall: Owner<Hall>,
    pub actor: Actor,
}

/// A manager of the hall.
#[derive(Debug)]
pub struct Manager {
    pub hall: Owner<Hall>,
    pub actor: Actor,
}

/// An officer or manager of the hall, who watches a window.
#[derive(Debug)]
pub struct WatchesWindows;

/// A manager, whatever the hall: for accounts and devices.
#[derive(Debug)]
pub struct AnyManager {
    pub actor: Actor,
}

/// A wall board of the hall: an enrolled display, or any in a demo; nobody in particular otherwise.
#[derive(Debug)]
pub struct WallBoard {
    pub hall: Owner<Hall>,
    pub device: Option<ActorId>,
}

/// Only this machine, and only in a demo.
#[derive(Debug)]
pub struct DemoOnly;

impl Caller for Anyone {
    const WHO: &'static str = "anyone";
}
impl Caller for Visitor {
    const WHO: &'static str = "anyone";
}
impl Caller for TakesNumbers {
    const WHO: &'static str = "kiosk, usher, manager, phone if the plan allows it";
}
impl Caller for Holder {
    const WHO: &'static str = "the holder of the token";
}
impl Caller for Relative {
    const WHO: &'static str = "whoever has the family's link";
}
impl Caller for AppointmentHolder {
    const WHO: &'static str = "the holder of the token";
}
impl Caller for Books {
    const WHO: &'static str = "anyone, usher, manager";
}
impl Caller for ChecksIn {
    const WHO: &'static str = "kiosk, usher, manager";
}
impl Caller for Staff {
    const WHO: &'static str = "officer, usher, manager";
}
impl Caller for Kiosk {
    const WHO: &'static str = "kiosk";
}
impl Caller for AsksForHelp {
    const WHO: &'static str = "kiosk, officer";
}
impl Caller for Officer {
    const WHO: &'static str = "officer";
}
impl Caller for Usher {
    const WHO: &'static str = "usher, manager";
}
impl Caller for Manager {
    const WHO: &'static str = "manager";
}
impl Caller for WatchesWindows {
    const WHO: &'static str = "officer, manager";
}
impl Caller for AnyManager {
    const WHO: &'static str = "manager";
}
impl Caller for WallBoard {
    const WHO: &'static str = "display; others are not noted";
}
impl Caller for DemoOnly {
    const WHO: &'static str = "this machine, in a demo";
}

impl FromRequest for Anyone {
    type Error = Problem;
    type Future = Ready<Result<Anyone, Problem>>;
    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Anyone))
    }
}

impl FromRequest for DemoOnly {
    type Error = Problem;
    type Future = Ready<Result<DemoOnly, Problem>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let is_local = request
            .peer_addr()
            .is_some_and(|address| address.ip().is_loopback());
        let allowed = app(request).is_demo() && is_local;
        ready(if allowed {
            Ok(DemoOnly)
        } else {
            Err(Problem::not_found("该页面", "page"))
        })
    }
}

macro_rules! extracted {
    ($caller:ident, $extract:expr) => {
        impl FromRequest for $caller {
            type Error = Problem;
            type Future = Pin<Box<dyn Future<Output = Result<$caller, Problem>>>>;
            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move { $extract(request).await })
            }
        }
    };
}

extracted!(Visitor, async |request: HttpRequest| Ok(Visitor {
    hall: hall_of(&request)?
}));

extracted!(TakesNumbers, async |request: HttpRequest| {
    let hall = hall_of(&request)?;
    let identity = identify(&request, &[Role::Kiosk, Role::Usher, Role::Manager]).await?;
    let here = identity.filter(|identity| hall.read(|hall| identity.may_act_in(hall.id())));
    let (actor, channel) = match here.and_then(|identity| Some((identity.role, identity.actor()?)))
    {
        Some((Role::Kiosk, actor)) => (actor, Channel::Kiosk),
        Some((_, actor)) => (actor, Channel::Usher),
        None if hall.read(|hall| hall.plan().policy.phone_tickets) => {
            app(&request)
                .anonymous_numbers
                .admit(site::client(&request))?;
            (Actor::Citizen, Channel::Phone)
        }
        None => return Err(unauthorized(Role::Kiosk, "取号机", "an enrolled kiosk")),
    };
    Ok(TakesNumbers {
        hall,
        actor,
        channel,
    })
});

extracted!(Holder, async |request: HttpRequest| {
    let not_found = || Problem::not_found("该号码", "ticket");
    let token: String = request.match_info().query("token").into();
    let token = Token::parse(token).map_err(|_| not_found())?;
    let (hall, ticket) = app(&request)
        .ticket(&token, &request)
        .await?
        .ok_or_else(not_found)?;
    Ok(Holder {
        hall,
        ticket,
        token,
    })
});

extracted!(Relative, async |request: HttpRequest| {
    let not_found = || Problem::not_found("该号码", "ticket");
    let link: String = request.match_info().query("link").into();
    let app = app(&request);
    let token = SealedLink::of(&app.secret, Purpose::Family).open(&link);
    let token = token.and_then(|token| Token::parse(token).ok());
    let token = token.ok_or_else(not_found)?;
    let found = app.ticket(&token, &request).await?;
    let (hall, ticket) = found.ok_or_else(not_found)?;
    Ok(Relative { hall, ticket, link })
});

extracted!(AppointmentHolder, async |request: HttpRequest| {
    let not_found = || Problem::not_found("该预约", "appointment");
    let token: String = request.match_info().query("token").into();
    let token = Token::parse(token).map_err(|_| not_found())?;
    let found = app(&request).appointment(&token, &request).await?;
    let (hall, appointment) = found.ok_or_else(not_found)?;
    Ok(AppointmentHolder {
        hall,
        appointment,
        token,
    })
});

extracted!(Books, async |request: HttpRequest| {
    let hall = hall_of(&request)?;
    let identity = identify(&request, &[Role::Usher, Role::Manager]).await?;
    let here = identity.filter(|identity| hall.read(|hall| identity.may_act_in(hall.id())));
    let actor = match here.and_then(|identity| identity.actor()) {
        Some(actor) => actor,
        None => {
            app(&request).bookings.admit(site::client(&request))?;
            Actor::Citizen
        }
    };
    Ok(Books { hall, actor })
});

extracted!(ChecksIn, async |request: HttpRequest| {
    let roles = [Role::Kiosk, Role::Usher, Role::Manager];
    let (hall, identity) = staff(&request, &roles, "取号机", "an enrolled kiosk").await?;
    let channel = match identity.role {
        Role::Kiosk => Channel::Kiosk,
        Role::Officer | Role::Usher | Role::Manager | Role::Display => Channel::Usher,
    };
    let actor = actor_of(identity)?;
    Ok(ChecksIn {
        hall,
        actor,
        channel,
    })
});

extracted!(Staff, async |request: HttpRequest| {
    let roles = [Role::Officer, Role::Usher, Role::Manager];
    let (hall, identity) = staff(&request, &roles, "工作人员", "staff").await?;
    let role = identity.role;
    let actor = actor_of(identity)?;
    Ok(Staff { hall, actor, role })
});

extracted!(Kiosk, async |request: HttpRequest| {
    let (hall, identity) = staff(&request, &[Role::Kiosk], "取号机", "an enrolled kiosk").await?;
    let actor = actor_of(identity)?;
    Ok(Kiosk { hall, actor })
});

extracted!(AsksForHelp, async |request: HttpRequest| {
    let roles = [Role::Kiosk, Role::Officer];
    let (hall, identity) = staff(&request, &roles, "取号机", "an enrolled kiosk").await?;
    let actor = actor_of(identity)?;
    Ok(AsksForHelp { hall, actor })
});

extracted!(Officer, async |request: HttpRequest| {
    let (hall, identity) = staff(&request, &[Role::Officer], "窗口人员", "an officer").await?;
    let several_windows = identity.several_windows;
    Ok(Officer {
        hall,
        actor: actor_of(identity)?,
        several_windows,
    })
});

extracted!(Usher, async |request: HttpRequest| {
    let (hall, identity) =
        staff(&request, &[Role::Usher, Role::Manager], "导办", "an usher").await?;
    Ok(Usher {
        hall,
        actor: actor_of(identity)?,
    })
});

extracted!(Manager, async |request: HttpRequest| {
    let (hall, identity) = staff(&request, &[Role::Manager], "负责人", "a manager").await?;
    Ok(Manager {
        hall,
        actor: actor_of(identity)?,
    })
});

extracted!(WatchesWindows, async |request: HttpRequest| {
    staff(
        &request,
        &[Role::Officer, Role::Manager],
        "窗口人员",
        "an officer",
    )
    .await?;
    Ok(WatchesWindows)
});

extracted!(AnyManager, async |request: HttpRequest| {
    let identity = identify(&request, &[Role::Manager])
        .await?
        .ok_or_else(|| unauthorized(Role::Manager, "负责人", "a manager"))?;
    Ok(AnyManager {
        actor: actor_of(identity)?,
    })
});

extracted!(WallBoard, async |request: HttpRequest| {
    let hall = hall_of(&request)?;
    let identity = identify(&request, &[Role::Display]).await?;
    let here = identity.filter(|identity| hall.read(|hall| identity.may_act_in(hall.id())));
    let device = match here {
        Some(identity) => Some(identity.id),
        // a demo's board is opened without signing in
        None => app(&request).is_demo().then(demo_display),
    };
    Ok(WallBoard { hall, device })
});

/// The display that a demo has.
fn demo_display() -> ActorId {
    ActorId::parse("demo-display").expect("a literal name")
}

/// The cookie that holds a role's session: one browser may be kiosk, officer and manager at once.
pub fn cookie_name(role: Role) -> &'static str {
    match role {
        Role::Officer => "paihao-officer",
        Role::Usher => "paihao-usher",
        Role::Manager => "paihao-manager",
        Role::Kiosk => "paihao-kiosk",
        Role::Display => "paihao-display",
    }
}

/// Who of these roles sends this request, if anybody.
pub async fn identify(request: &HttpRequest, roles: &[Role]) -> Result<Option<Identity>, Problem> {
    let app = app(request);
    if let Some(bearer) = bearer(request) {
        return match app
            .identify_surely(&access::digest(bearer), request)
            .await?
        {
            Some(identity) if roles.contains(&identity.role) => Ok(Some(identity)),
            Some(_) => Err(Problem::new(
                Kind::Forbidden,
                "该账号不能这样操作。",
                "This account may not do that.",
            )),
            None => Err(unknown_bearer()),
        };
    }
    let mut by_cookie = by_cookie(request, roles);
    let has_cookie = roles
        .iter()
        .any(|role| request.cookie(cookie_name(*role)).is_some());
    if by_cookie.is_none() && has_cookie {
        app.catch_up_access(request).await?;
        by_cookie = self::by_cookie(request, roles);
    }
    if by_cookie.is_some() && *request.method() != Method::GET && !is_from_our_pages(request) {
        return Err(not_from_our_pages());
    }
    Ok(by_cookie)
}

/// Who of these roles sends this request, as far as this instance knows: for what is only shown, and for a socket that
/// asks again and again.
pub fn known(request: &HttpRequest, roles: &[Role]) -> Option<Identity> {
    match bearer(request) {
        Some(bearer) => app(request)
            .identify(&access::digest(bearer))
            .filter(|identity| roles.contains(&identity.role)),
        None => by_cookie(request, roles),
    }
}

/// Who of these roles a cookie of this request stands for, as far as this instance knows.
fn by_cookie(request: &HttpRequest, roles: &[Role]) -> Option<Identity> {
    roles.iter().find_map(|role| {
        let cookie = request.cookie(cookie_name(*role))?;
        app(request)
            .identify(&access::digest(cookie.value()))
            .filter(|identity| roles.contains(&identity.role))
    })
}

/// Whether a browser says that our own page sent this: exact `Origin`.
pub fn is_from_our_pages(request: &HttpRequest) -> bool {
    let origin = request
        .headers()
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok());
    origin.is_some_and(|origin| origin == site::site(request).origin())
}

/// Whoever sends a token that nobody has is told so before what is wrong with the rest of the request.
pub async fn no_unknown_bearer(request: &HttpRequest) -> Result<(), Problem> {
    let Some(bearer) = bearer(request) else {
        return Ok(());
    };
    let digest = access::digest(bearer);
    let identity = app(request).identify_surely(&digest, request);
    identity.await?.map(drop).ok_or_else(unknown_bearer)
}

fn unknown_bearer() -> Problem {
    Problem::new(
        Kind::Unauthorized,
        "登录已失效,请重新登录。",
        "The token is not valid. Sign in again.",
    )
}

/// A cookie alone proves nothing about who made the browser send it.
pub fn not_from_our_pages() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "请从本系统页面操作。",
        "A change with a cookie must come from this server's own pages.",
    )
}

/// The application behind a request.
pub fn app(request: &HttpRequest) -> &web::Data<App> {
    request
        .app_data::<web::Data<App>>()
        .expect("the application is registered before its routes")
}

/// The hall of the path.
pub fn hall_of(request: &HttpRequest) -> Result<Owner<Hall>, Problem> {
    let not_found = || Problem::not_found("该大厅", "hall");
    let id = HallId::parse(request.match_info().query("hall")).map_err(|_| not_found())?;
    app(request)
        .halls
        .get(&id)
        .filter(|owner| owner.read(Hall::has_plan))
        .ok_or_else(not_found)
}

async fn staff(
    request: &HttpRequest,
    roles: &[Role],
    zh: &str,
    en: &str,
) -> Result<(Owner<Hall>, Identity), Problem> {
    let hall = hall_of(request)?;
    let identity = identify(request, roles)
        .await?
        .ok_or_else(|| unauthorized(roles[0], zh, en))?;
    if !hall.read(|hall| identity.may_act_in(hall.id())) {
        return Err(Problem::new(
            Kind::Forbidden,
            "您不属于该大厅。",
            "You do not belong to this hall.",
        ));
    }
    Ok((hall, identity))
}

fn actor_of(identity: Identity) -> Result<Actor, Problem> {
    identity
        .actor()
        .ok_or_else(|| Problem::new(Kind::Forbidden, "大屏只能显示。", "A display only shows."))
}

fn unauthorized(role: Role, zh: &str, en: &str) -> Problem {
    let name = cookie_name(role).trim_start_matches("paihao-");
    Problem::new(
        Kind::Unauthorized,
        format!("请以{zh}身份登录。"),
        format!("Sign in as {en} first."),
    )
    .with("role", name.into())
}

/// The token that a program sends.
pub fn bearer(request: &HttpRequest) -> Option<&str> {
    request
        .headers()
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}
