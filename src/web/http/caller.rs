//! Who may call a route: every handler's first argument is one of these, and a route without one does not compile.
//!
//! Colleagues and devices are a line of the table [`members`]: their roles, and the hall of the path as their scope.
//! The others prove something else than a role: a token in the path, a link, this machine, or nothing.

use crate::access::{Identity, Purpose, Role, SealedLink};
use crate::runtime::Owner;
use crate::web::http::app::App;
use crate::web::http::identity::{demo_identity, identify};
use crate::web::http::problem::{OrNotFound, Problem, ProblemKind};
use crate::web::http::rate_limit::Who;
use crate::web::http::site;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::{Duration, NaiveDate};
use futures_util::future::LocalBoxFuture;
use hall::id::{ActorId, AppointmentId, HallId, TicketId, Token};
use hall::state::ticket::Channel;
use hall::{Actor, Hall};
use std::marker::PhantomData;

/// An extractor that says who may call.
pub trait Caller: FromRequest {
    /// For the API's description.
    const WHO: &'static str;
}

/// Somebody with a role, in the hall of the path.
#[derive(Debug)]
pub struct Member<R> {
    pub hall: Owner<Hall>,
    pub actor: Actor,
    pub role: Role,
    pub several_windows: bool,
    right: PhantomData<R>,
}

/// Which roles a route admits.
pub trait Right: 'static {
    const WHO: &'static str;
    /// The first is the one that a stranger is asked to sign in as.
    const ROLES: &'static [Role];
    /// What that role is called, in Chinese and English.
    const ASKED_FOR: (&'static str, &'static str);
}

macro_rules! members {
    ($($(#[$doc:meta])* $name:ident: $who:literal, [$($role:ident),+], $zh:literal, $en:literal;)+) => {
        /// What tells the members apart.
        pub mod right {
            $(#[derive(Debug)] pub struct $name;)+
        }
        $(
            $(#[$doc])*
            pub type $name = Member<right::$name>;
            impl Right for right::$name {
                const WHO: &'static str = $who;
                const ROLES: &'static [Role] = &[$(Role::$role),+];
                const ASKED_FOR: (&'static str, &'static str) = ($zh, $en);
            }
        )+
    };
}

members! {
    /// A kiosk of the hall.
    Kiosk: "kiosk", [Kiosk], "取号机", "an enrolled kiosk";
    /// A kiosk of the hall, or an usher for somebody who cannot use one.
    ChecksIn: "kiosk, usher, manager", [Kiosk, Usher, Manager], "取号机", "an enrolled kiosk";
    /// A kiosk of the hall, or an officer.
    AsksForHelp: "kiosk, officer", [Kiosk, Officer], "取号机", "an enrolled kiosk";
    /// An officer of the hall (which window is a rule of the hall).
    Officer: "officer", [Officer], "窗口人员", "an officer";
    /// An officer or manager of the hall, who watches a window.
    WatchesWindows: "officer, manager", [Officer, Manager], "窗口人员", "an officer";
    /// Anybody who works in the hall.
    Staff: "officer, usher, manager", [Officer, Usher, Manager], "工作人员", "staff";
    /// An usher or manager of the hall.
    Usher: "usher, manager", [Usher, Manager], "导办", "an usher";
    /// A manager of the hall.
    Manager: "manager", [Manager], "负责人", "a manager";
}

impl<R> Member<R> {
    /// How a number reaches somebody whom this member serves.
    pub fn channel(&self) -> Channel {
        match self.role {
            Role::Kiosk => Channel::Kiosk,
            Role::Officer | Role::Usher | Role::Manager | Role::Display => Channel::Usher,
        }
    }
}

impl<R: Right> Caller for Member<R> {
    const WHO: &'static str = R::WHO;
}

impl<R: Right> FromRequest for Member<R> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Member<R>, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let hall = hall_of(&request)?;
            let identity = identify(&request, R::ROLES).await?;
            let identity = identity.ok_or_else(|| unauthorized(R::ROLES[0], R::ASKED_FOR))?;
            if !belongs(&identity, &hall) {
                return Err(ProblemKind::Forbidden
                    .because("您不属于该大厅。", "You do not belong to this hall."));
            }
            Ok(Member {
                hall,
                role: identity.role,
                several_windows: identity.several_windows,
                actor: actor_of(identity)?,
                right: PhantomData,
            })
        })
    }
}

/// Says who a caller is, and how a request shows it.
macro_rules! caller {
    ($(#[$doc:meta])* $caller:ident {$($field:ident: $Type:ty),*}: $who:literal, |$request:ident| $extract:block) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $caller {
            $(pub $field: $Type,)*
        }

        impl Caller for $caller {
            const WHO: &'static str = $who;
        }

        impl FromRequest for $caller {
            type Error = Problem;
            type Future = LocalBoxFuture<'static, Result<$caller, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let $request = request.clone();
                Box::pin(async move { $extract })
            }
        }
    };
}

caller! {
    /// Everybody; nothing is asked.
    Anyone {}: "anyone", |_request| { Ok(Anyone {}) }
}

caller! {
    /// Everybody, in a hall that exists.
    Guest { hall: Owner<Hall> }: "anyone", |request| {
        let hall = hall_of(&request)?;
        Ok(Guest { hall })
    }
}

caller! {
    /// Only this machine, and only in a demo.
    DemoOnly {}: "this machine, in a demo", |request| {
        let allowed = app(&request).is_demo() && is_this_machine(&request);
        allowed.then_some(DemoOnly {}).or_not_found("该页面", "page")
    }
}

caller! {
    /// A manager, whatever the hall: for accounts and devices.
    AnyManager { actor: Actor }: "manager", |request| {
        let identity = identify(&request, right::Manager::ROLES).await?;
        let identity = identity.ok_or_else(|| unauthorized(Role::Manager, right::Manager::ASKED_FOR))?;
        Ok(AnyManager { actor: actor_of(identity)? })
    }
}

caller! {
    /// A kiosk of the hall, an usher, or a phone if the plan allows it.
    TakesNumbers { hall: Owner<Hall>, actor: Actor, channel: Channel }:
        "kiosk, usher, manager, phone if the plan allows it", |request| {
        let hall = hall_of(&request)?;
        let here = known_here(&request, &hall, right::ChecksIn::ROLES).await?;
        let (actor, channel) = match here.and_then(|identity| Some((identity.role, identity.actor()?))) {
            Some((Role::Kiosk, actor)) => (actor, Channel::Kiosk),
            Some((_, actor)) => (actor, Channel::Usher),
            None if hall.read(|hall| hall.plan().policy.phone_tickets) => {
                let (address, limits) = (site::client(&request), &app(&request).limits);
                let is_in_hall = hall.read(|hall| {
                    let networks = &hall.plan().policy.own_networks;
                    networks.iter().any(|network| network.contains(address))
                });
                let numbers = if is_in_hall { &limits.numbers_in_hall } else { &limits.anonymous_numbers };
                numbers.admit(&Who::at(address))?;
                (Actor::Citizen, Channel::Phone)
            }
            None => return Err(unauthorized(Role::Kiosk, right::Kiosk::ASKED_FOR)),
        };
        Ok(TakesNumbers { hall, actor, channel })
    }
}

caller! {
    /// Somebody who books, perhaps at the usher's desk; few per address. A hold that names no client is this owner's.
    Books { hall: Owner<Hall>, actor: Actor, owner: Token }: "anyone, usher, manager", |request| {
        let hall = hall_of(&request)?;
        let here = known_here(&request, &hall, right::Usher::ROLES).await?;
        let app = app(&request);
        let (who, actor) = match here.and_then(|identity| Some((identity.id.clone(), identity.actor()?))) {
            Some((id, actor)) => (Who::Somebody(id), actor),
            None => {
                let who = Who::at(site::client(&request));
                app.limits.bookings.admit(&who)?;
                (who, Actor::Citizen)
            }
        };
        Ok(Books { hall, actor, owner: who.token(&app.secret) })
    }
}

caller! {
    /// A wall board of the hall: an enrolled display, or any in a demo; nobody in particular otherwise.
    WallBoard { hall: Owner<Hall>, device: Option<ActorId> }: "display; others are not noted", |request| {
        let hall = hall_of(&request)?;
        let device = match known_here(&request, &hall, &[Role::Display]).await? {
            Some(identity) => Some(identity.id),
            // a demo's board is opened without signing in
            None => app(&request).is_demo().then(|| demo_identity(Role::Display)),
        };
        Ok(WallBoard { hall, device })
    }
}

caller! {
    /// The citizen who has the ticket's token, which is in the path.
    Holder { hall: Owner<Hall>, ticket: TicketId, token: Token }: "the holder of the token", |request| {
        let token = Token::parse(request.match_info().query("token")).ok();
        let (hall, ticket, token) = ticket_of(token, &request).await?;
        Ok(Holder { hall, ticket, token })
    }
}

caller! {
    /// Somebody who was given the family's link: he may look, so he is no [`Holder`] and gets no token.
    Relative { hall: Owner<Hall>, ticket: TicketId, link: String }: "whoever has the family's link", |request| {
        let link: String = request.match_info().query("link").into();
        let token = SealedLink::of(&app(&request).secret, Purpose::Family).open(&link);
        let token = token.and_then(|token| Token::parse(token).ok());
        let (hall, ticket, _) = ticket_of(token, &request).await?;
        Ok(Relative { hall, ticket, link })
    }
}

caller! {
    /// The citizen who has the appointment's token, which is in the path.
    AppointmentHolder { hall: Owner<Hall>, appointment: AppointmentId, token: Token }:
        "the holder of the token", |request| {
        let not_found = || Problem::not_found("该预约", "appointment");
        let token = Token::parse(request.match_info().query("token")).map_err(|_| not_found())?;
        let found = app(&request).appointment(&token, &request).await?;
        let (hall, appointment) = found.ok_or_else(not_found)?;
        Ok(AppointmentHolder { hall, appointment, token })
    }
}

/// The application behind a request.
pub fn app(request: &HttpRequest) -> &web::Data<App> {
    let app = request.app_data::<web::Data<App>>();
    app.expect("the application is registered before its routes")
}

/// The hall of the path.
pub fn hall_of(request: &HttpRequest) -> Result<Owner<Hall>, Problem> {
    let not_found = || Problem::not_found("该大厅", "hall");
    let id = HallId::parse(request.match_info().query("hall")).map_err(|_| not_found())?;
    let hall = app(request).halls.get(&id);
    hall.filter(|owner| owner.read(Hall::has_plan))
        .ok_or_else(not_found)
}

/// The hall's date.
pub fn today(hall: &Owner<Hall>) -> NaiveDate {
    let now = hall.now();
    hall.read(|hall| hall.plan().date(now))
}

/// The id of a hall.
pub fn id_of(hall: &Owner<Hall>) -> HallId {
    hall.read(|hall| hall.id().clone())
}

/// Whether the request comes from the machine that the server runs on.
pub fn is_this_machine(request: &HttpRequest) -> bool {
    let address = request.peer_addr();
    address.is_some_and(|address| address.ip().is_loopback())
}

/// The ticket that a request names by its token.
async fn ticket_of(
    token: Option<Token>,
    request: &HttpRequest,
) -> Result<(Owner<Hall>, TicketId, Token), Problem> {
    let not_found = || Problem::not_found("该号码", "ticket");
    let token = token.ok_or_else(not_found)?;
    let found = app(request).ticket(&token, request).await?;
    let (hall, ticket) =
        found.ok_or_else(|| lost_ticket(app(request)).unwrap_or_else(not_found))?;
    Ok((hall, ticket, token))
}

/// A paper that nobody knows may be one whose record a hall has lost: its holder is told where to go.
fn lost_ticket(app: &App) -> Option<Problem> {
    let halls = app.halls.all();
    let (_, hall) = halls.iter().find(|(_, hall)| {
        let yesterday = hall.now() - Duration::days(1);
        hall.read(|hall| hall.lost().iter().any(|lost| lost.at > yesterday))
    })?;
    let name = hall.read(|hall| hall.plan().name.clone());
    Some(ProblemKind::NotFound.because(
        format!("没有找到该号码。{}的服务器丢失了部分取号记录:如果您手上有号,请直接到服务台,工作人员会为您办理。", name.zh),
        format!("There is no such ticket. The server of {} has lost records: if you hold a number, go to the desk, you will be served.", name.en),
    ))
}

/// Who of these roles sends this request, if he belongs to the hall.
async fn known_here(
    request: &HttpRequest,
    hall: &Owner<Hall>,
    roles: &[Role],
) -> Result<Option<Identity>, Problem> {
    let identity = identify(request, roles).await?;
    Ok(identity.filter(|identity| belongs(identity, hall)))
}

fn belongs(identity: &Identity, hall: &Owner<Hall>) -> bool {
    hall.read(|hall| identity.may_act_in(hall.id()))
}

fn actor_of(identity: Identity) -> Result<Actor, Problem> {
    let only_shows = || ProblemKind::Forbidden.because("大屏只能显示。", "A display only shows.");
    identity.actor().ok_or_else(only_shows)
}

fn unauthorized(role: Role, (zh, en): (&str, &str)) -> Problem {
    ProblemKind::Unauthorized
        .because(
            format!("请以{zh}身份登录。"),
            format!("Sign in as {en} first."),
        )
        .with("role", role)
}
