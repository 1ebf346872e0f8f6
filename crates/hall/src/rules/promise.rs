//! Everyone who took a number is served: whom an act would leave without a window.
//!
//! A ticket counts while it is waiting, called, serving or parked, and for ten minutes after it was missed: its citizen
//! may only be in the washroom. Each function here answers the tickets that would be stranded; none means go ahead.

use crate::id::{ServiceId, TicketId, TicketNumber, WindowNumber};
use crate::plan::{Plan, Service};
use crate::rules::calling_rule::reserved_for;
use crate::rules::estimate;
use crate::rules::phase;
use crate::state::hall::Hall;
use crate::state::phase::Phase;
use crate::state::ticket::{Stage, Ticket};
use crate::state::window::{Staffing, Window};
use crate::time::Time;
use chrono::Duration;

/// Surplus windows may go when the others are done within this long, where the hall's policy allows it.
const SURPLUS_MAY_GO: Duration = Duration::minutes(15);

/// Tickets that hold an officer at this window: closing it would leave them behind.
pub fn stranded_by_closing(hall: &Hall, window: WindowNumber, now: Time) -> Vec<TicketId> {
    if hall.staffing(window).is_none() {
        return Vec::new();
    }
    let mut stranded = left_without_window(hall, window, now);
    stranded.extend(must_stay_for(hall, window, now));
    stranded.extend(stranded_by_pausing(hall, window, now));
    stranded.sort_unstable();
    stranded.dedup();
    stranded
}

/// Tickets that no staffed window would be left for once this one closes: everyone's if it is the last one.
pub fn left_without_window(hall: &Hall, window: WindowNumber, now: Time) -> Vec<TicketId> {
    let is_last = besides(hall, window).next().is_none();
    let is_left = |ticket: &&Ticket| {
        is_last
            || (takes(hall, window, &ticket.service) && !has_window_besides(hall, ticket, window))
    };
    ids(unresolved(hall, now).filter(is_left))
}

/// Tickets that this window serves now and that nobody would if it took only these services.
pub fn stranded_by_narrowing(
    hall: &Hall,
    window: WindowNumber,
    services: &[ServiceId],
    now: Time,
) -> Vec<TicketId> {
    let is_left = |ticket: &&Ticket| {
        takes(hall, window, &ticket.service)
            && !services.contains(&ticket.service)
            && ticket.stage.window().is_none()
            && !has_window_besides(hall, ticket, window)
    };
    ids(unresolved(hall, now).filter(is_left))
}

/// Tickets that a break at this window would leave behind: none before closing time.
pub fn stranded_by_pausing(hall: &Hall, window: WindowNumber, now: Time) -> Vec<TicketId> {
    let is_ours = |ticket: &&Ticket| match ticket.stage.window() {
        Some(at) => at == window,
        None => can_serve(hall, window, ticket, now),
    };
    let is_left = |ticket: &&Ticket| {
        !besides(hall, window).any(|(other, staffing)| {
            staffing.pause.is_none() && can_serve(hall, other.number, ticket, now)
        })
    };
    ids(after_closing(hall, now).filter(is_ours).filter(is_left))
}

/// Tickets that a new plan would leave without a window: those whose service nobody offers any more (missed ones too:
/// they may come back until the day ends), those at a window that is gone, and those that only staffed windows of the
/// old plan could serve.
pub fn stranded_by_plan(hall: &Hall, plan: &Plan, now: Time) -> Vec<TicketId> {
    let still_takes = |window: WindowNumber, staffing: &Staffing, service: &ServiceId| {
        staffing.takes(service)
            && plan
                .window(window)
                .is_some_and(|window| window.offers(service))
    };
    let is_stranded = |ticket: &&Ticket| {
        let service = &ticket.service;
        let offered = plan.service(service).is_some()
            && plan.windows.iter().any(|window| window.offers(service));
        let window_gone = ticket
            .stage
            .window()
            .is_some_and(|window| plan.window(window).is_none());
        let covered = hall.staffed().any(|(_, staffing)| staffing.takes(service));
        let covered_after = hall
            .staffed()
            .any(|(window, staffing)| still_takes(window.number, staffing, service));
        !offered || window_gone || (covered && !covered_after)
    };
    let could_come_back = hall
        .plan()
        .services
        .iter()
        .filter(|service| plan.service(&service.id).is_none())
        .flat_map(|service| hall.missed(&service.id))
        .filter(|_| hall.day().is_some_and(|day| day.closed.is_none()));
    let mut stranded = ids(unresolved(hall, now)
        .filter(is_stranded)
        .chain(could_come_back));
    stranded.sort_unstable();
    stranded.dedup();
    stranded
}

/// Whether any staffed window takes a service now.
pub fn is_covered(hall: &Hall, service: &ServiceId) -> bool {
    hall.staffed().any(|(_, staffing)| staffing.takes(service))
}

/// Every ticket whose citizen may still expect to be served: those open in order of issue, then those just missed.
pub fn unresolved(hall: &Hall, now: Time) -> impl Iterator<Item = &Ticket> {
    let missed = hall.plan().services.iter().flat_map(move |service| {
        let missed = hall.missed(&service.id);
        missed.filter(move |ticket| hall.is_in_grace(ticket, now))
    });
    hall.open_tickets().chain(missed)
}

/// The faces of tickets, for a refusal.
pub fn numbers(hall: &Hall, tickets: &[TicketId]) -> Vec<TicketNumber> {
    tickets
        .iter()
        .filter_map(|id| hall.ticket(*id))
        .map(|ticket| ticket.number.clone())
        .collect()
}

/// After closing all stay until nobody waits whom they can serve; a hall may let the surplus go.
fn must_stay_for(hall: &Hall, window: WindowNumber, now: Time) -> Vec<TicketId> {
    let may_go = || !hall.plan().policy.all_stay && time_left(hall, window) <= SURPLUS_MAY_GO;
    let holds = |ticket: &&Ticket| match ticket.stage {
        Stage::Waiting { .. } => can_serve(hall, window, ticket, now),
        Stage::Parked { window: at, .. } => at == window,
        _ => false,
    };
    let held = ids(after_closing(hall, now).filter(holds));
    if may_go() { Vec::new() } else { held }
}

/// Those whose service is past its closing time.
fn after_closing(hall: &Hall, now: Time) -> impl Iterator<Item = &Ticket> {
    let is_past =
        |service: &Service| phase::of_service(hall, &service.id, now) == Phase::ServingOut;
    let past: Vec<&ServiceId> = hall
        .plan()
        .services
        .iter()
        .filter(|service| is_past(service))
        .map(|service| &service.id)
        .collect();
    unresolved(hall, now).filter(move |ticket| past.contains(&&ticket.service))
}

/// How long the other windows need for everyone who waits.
fn time_left(hall: &Hall, window: WindowNumber) -> Duration {
    let work: i64 = hall
        .plan()
        .services
        .iter()
        .map(|service| {
            i64::from(hall.waiting(&service.id))
                * i64::from(estimate::typical_seconds(hall, &service.id))
        })
        .sum();
    let at_work = besides(hall, window).filter(|(_, staffing)| staffing.pause.is_none());
    Duration::seconds(work / (at_work.count().max(1) as i64))
}

/// Whether another staffed window has the ticket or takes its service; one on a break comes back.
fn has_window_besides(hall: &Hall, ticket: &Ticket, window: WindowNumber) -> bool {
    let is_elsewhere = ticket.stage.window().is_some_and(|at| at != window);
    is_elsewhere || besides(hall, window).any(|(_, staffing)| staffing.takes(&ticket.service))
}

/// Whether a window takes the ticket's service and no other one has a claim on it.
fn can_serve(hall: &Hall, window: WindowNumber, ticket: &Ticket, now: Time) -> bool {
    takes(hall, window, &ticket.service)
        && reserved_for(hall, ticket, now).is_none_or(|claims| claims == window)
}

fn besides(hall: &Hall, window: WindowNumber) -> impl Iterator<Item = (&Window, &Staffing)> {
    hall.staffed()
        .filter(move |(other, _)| other.number != window)
}

fn takes(hall: &Hall, window: WindowNumber, service: &ServiceId) -> bool {
    hall.staffing(window)
        .is_some_and(|staffing| staffing.takes(service))
}

fn ids<'a>(tickets: impl Iterator<Item = &'a Ticket>) -> Vec<TicketId> {
    tickets.map(|ticket| ticket.id).collect()
}
