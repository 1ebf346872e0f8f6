//! The kiosk and the hall's public answer: what can be done here, how many wait, when it opens.

use super::opening::{check_in_from, issuing, offer_today};
use super::waiting_room::{help, service_name};
use crate::id::{HallId, Prefix, ServiceId};
use crate::plan::OnlineRoute;
use crate::plan::authorisation::Mode;
use crate::plan::hours::DayOffer;
use crate::plan::zone::ZoneView;
use crate::record::redirect::RedirectReason;
use crate::record::wait::{UnknownWait, Wait};
use crate::rules::estimate;
use crate::rules::phase;
use crate::state::hall::Hall;
use crate::state::help::HelpView;
use crate::state::phase::Phase;
use crate::text::Text;
use crate::time::{DateTime, Time};
use crate::view::sentence::{Surface, sentence};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// A hall as a citizen meets it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct KioskView {
    pub hall: HallId,
    pub name: Text,
    pub address: Option<Text>,
    pub hotline: Option<String>,
    pub phase: Phase,
    /// The day that business belongs to: over midnight it is yesterday's.
    pub date: NaiveDate,
    /// Whom today is for.
    pub today: DayOffer,
    /// From when whoever booked for today can check in; nothing once he can.
    pub check_in_from: Option<DateTime>,
    pub sentence: Text,
    pub now: DateTime,
    /// When the phase next changes by the clock.
    pub next_change: Option<DateTime>,
    pub services: Vec<ServiceView>,
    pub notices: Vec<Text>,
    /// Who has called for help, while nobody has come.
    pub help: Vec<HelpView>,
}

/// One tile of the kiosk.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ServiceView {
    pub id: ServiceId,
    pub name: Text,
    pub prefix: Prefix,
    pub phase: Phase,
    /// Whether a number can be taken now.
    pub open: bool,
    /// When numbers are next given out, if not now.
    pub opens_at: Option<DateTime>,
    /// When work begins after that; nothing where numbers are given out now.
    pub serves_at: Option<DateTime>,
    /// Until when numbers are given out, while they are: a kiosk that lost the server goes by it.
    pub closes_at: Option<DateTime>,
    /// How many took a number for it on the days that the hall remembers: what is wanted most stands first.
    pub taken: u32,
    /// Why it gives no numbers although it is open.
    pub suspended: Option<String>,
    pub waiting: u32,
    pub wait: Option<Wait>,
    /// Why there is no range.
    pub wait_unknown: Option<UnknownWait>,
    pub online: Option<OnlineRoute>,
    /// Why whoever wants a number is shown the other ways first, while that is so.
    pub redirect: Option<RedirectReason>,
    /// Whether it can be booked at all.
    pub bookable: bool,
    pub documents: Vec<Text>,
    /// Whether to ask if everything was brought before giving a number.
    pub ask_documents: bool,
    /// Where to wait.
    pub zone: Option<ZoneView>,
    /// Whether every window that does it does everything (一窗通办).
    pub everything_only: bool,
    /// Whether a document is needed to take a number.
    pub identify: bool,
    /// How this hall does it, where its network says so.
    pub mode: Option<Mode>,
}

/// The kiosk at this moment.
pub fn kiosk(hall: &Hall, now: Time) -> KioskView {
    let plan = hall.plan();
    let notices = hall
        .notices()
        .iter()
        .filter(|notice| notice.until.is_none_or(|until| now < until));
    KioskView {
        hall: hall.id().clone(),
        name: plan.name.clone(),
        address: plan.address.clone(),
        hotline: plan.hotline.clone(),
        phase: phase::of_hall(hall, now),
        date: hall.business_date(now),
        today: offer_today(hall, now),
        check_in_from: check_in_from(hall, now),
        sentence: sentence(hall, now, Surface::Citizen),
        now: plan.local(now),
        next_change: phase::next_change(hall, now).map(|at| plan.local(at)),
        services: plan
            .services
            .iter()
            .map(|service| service_view(hall, &service.id, now))
            .collect(),
        notices: notices.map(|notice| notice.text.clone()).collect(),
        help: help(hall, now),
    }
}

fn service_view(hall: &Hall, id: &ServiceId, now: Time) -> ServiceView {
    let plan = hall.plan();
    let service = plan
        .service(id)
        .expect("the id was just taken from the plan");
    let phase = phase::of_service(hall, id, now);
    let date = hall.business_date(now);
    let suspension = hall.suspensions().get(id);
    let open = phase.issues() && !plan.appointments_only(date, id) && suspension.is_none();
    let waiting = hall.waiting(id);
    let told = estimate::wait_of_one_more(hall, id, now);
    let opens_at = if open {
        None
    } else {
        phase::next_issuing(hall, id, now)
    };
    let closes_at = issuing(hall, id, now).next().map(|session| session.closes);
    ServiceView {
        id: id.clone(),
        name: service_name(hall, id),
        prefix: service.prefix.clone(),
        phase,
        open,
        opens_at: opens_at.map(|at| plan.local(at)),
        serves_at: opens_at.map(|at| plan.local(at + plan.early_open())),
        closes_at: closes_at.filter(|_| open).map(|at| plan.local(at)),
        taken: taken(hall, id),
        suspended: suspension.map(|suspension| suspension.reason.clone()),
        waiting,
        wait: told.ok(),
        wait_unknown: told.err().map(UnknownWait::from),
        online: service.online.clone(),
        redirect: phase::redirecting(hall, service, now).filter(|_| open),
        bookable: plan.booking_horizon(id).is_some(),
        documents: service.documents.clone(),
        ask_documents: service.ask_documents && !service.documents.is_empty(),
        zone: plan.waiting_zone(id).map(ZoneView::from),
        everything_only: is_for_everything(hall, id),
        identify: service.identify,
        mode: service.authorisation.as_ref().map(|leave| leave.mode),
    }
}

/// From the days' sums: today's would change the view with each number, and the order of the tiles with it.
fn taken(hall: &Hall, service: &ServiceId) -> u32 {
    let days = hall.reports().values();
    days.filter_map(|day| day.by_service.get(service))
        .map(|figures| figures.issued)
        .sum()
}

fn is_for_everything(hall: &Hall, service: &ServiceId) -> bool {
    let windows = hall.plan().windows.iter();
    let mut offering = windows.filter(|window| window.offers(service));
    offering.all(|window| window.everything)
}
