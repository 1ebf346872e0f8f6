//! A ticket as its holder sees it.

use super::reason::{OvertakenBy, reason, why_not_yet};
use super::waiting_room::{class_label, documents, service_name};
use crate::id::{HallId, ServiceId, TicketId, TicketNumber, WindowNumber};
use crate::plan::OnlineRoute;
use crate::plan::class::Class;
use crate::plan::zone::ZoneView;
use crate::record::wait::{UnknownWait, Wait};
use crate::rules::calling_rule::score;
use crate::rules::estimate;
use crate::rules::phase;
use crate::state::complaint::ComplaintView;
use crate::state::hall::Hall;
use crate::state::moving::{CameFrom, Moved};
use crate::state::phase::Phase;
use crate::state::ticket::{PlaceInLine, Stage, StageName, Ticket};
use crate::state::voucher::VoucherReason;
use crate::text::Text;
use crate::time::{DateTime, Time};
use crate::view::sentence::{Surface, sentence};
use chrono::Duration;
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::ToSchema;

/// The page behind a ticket's token.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TicketView {
    pub hall: HallId,
    pub hall_name: Text,
    #[schema(value_type = String)]
    pub number: TicketNumber,
    pub service: ServiceId,
    pub service_name: Text,
    pub class: Class,
    pub class_label: Option<Text>,
    pub stage: StageName,
    pub stage_label: Text,
    pub phase: Phase,
    pub now: DateTime,
    pub taken_at: DateTime,
    /// Where to go, or where it was called.
    pub window: Option<WindowNumber>,
    pub called_at: Option<DateTime>,
    /// How many of the same service are before it, while it waits.
    pub ahead: Option<u32>,
    pub wait: Option<Wait>,
    /// Why there is no range.
    pub wait_unknown: Option<UnknownWait>,
    /// How many were before it when it was taken.
    pub ahead_when_taken: u32,
    /// Where to wait, or where its window is.
    pub zone: Option<ZoneView>,
    /// When its holder should be back in the hall, while there is time to leave it.
    pub be_back_by: Option<DateTime>,
    /// How many windows take its service now.
    pub windows: u32,
    /// What one matter of its service takes, in seconds.
    pub usual_seconds: u32,
    /// Who came later and was called first.
    pub overtaken_by: OvertakenBy,
    /// By when it will be done, once no more numbers come: the promise. Nothing while it is at a window.
    pub done_by: Option<DateTime>,
    /// What it may still do once it was missed: callable again after so many others, and how often that is possible.
    pub return_after_calls: u32,
    /// How many others its holder lets go first by deferring.
    pub defer_after_calls: u32,
    pub returns_left: u8,
    /// What stands between it and the next call, in words.
    pub why_not_yet: Option<Text>,
    /// Why it takes as long as it does, in words, while it waits.
    pub reason: Option<Text>,
    /// One of the next two, and nothing stands in its way: time to be there.
    pub near: bool,
    /// How often it was announced, while it is called.
    pub announced: Option<u8>,
    /// The hall's state, as every citizen's screen says it.
    pub sentence: Text,
    pub documents: Vec<Text>,
    pub online: Option<OnlineRoute>,
    /// What its holder can do with it now: `cancel`, `return`, `defer`, `resume`, `change`, `rating`, `report`.
    pub actions: Vec<&'static str>,
    pub voucher: Option<VoucherView>,
    /// Stars given.
    pub rating: Option<u8>,
    /// Another hall that it is on its way to.
    #[schema(value_type = Option<String>)]
    pub moving_to: Option<HallId>,
    /// The place in another hall that it was given up for.
    pub moved_to: Option<Moved>,
    pub came_from: Option<CameFrom>,
    /// What else is wanted in the same visit.
    pub also: Vec<Text>,
    /// Given out by a kiosk while the server was away: as good as any other.
    pub reserve: bool,
    /// What its holder left in writing, and what was answered.
    pub word: Option<ComplaintView>,
}

/// A right to be first in line later.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VoucherView {
    pub reason: VoucherReason,
    pub label: Text,
    pub valid_until: DateTime,
    pub used: bool,
}

/// The ticket at this moment.
pub fn ticket(hall: &Hall, ticket: &Ticket, now: Time) -> TicketView {
    let plan = hall.plan();
    let service = plan.service(&ticket.service);
    let (window, called_at) = whereabouts(ticket);
    let also = ticket.also.iter().map(|id| service_name(hall, id));
    let voucher = hall.vouchers().get(&ticket.token);
    let complaint = ticket.complaint.and_then(|id| hall.complaints().get(&id));
    let ahead = matches!(ticket.stage, Stage::Waiting { .. }).then(|| ahead(hall, ticket, now));
    let told = ahead.map(|ahead| estimate::wait(hall, &ticket.service, ahead, now));
    let wait = told.and_then(Result::ok);
    let be_back_by = wait.and_then(|wait| be_back_by(wait, now));
    let overtaken_by = overtaken_by(hall, ticket);
    let windows = estimate::windows_at_work(hall, &ticket.service, now).len();
    let why_not_yet = why_not_yet(hall, ticket);
    TicketView {
        hall: hall.id().clone(),
        hall_name: plan.name.clone(),
        number: ticket.number.clone(),
        service: ticket.service.clone(),
        service_name: service_name(hall, &ticket.service),
        class: ticket.class,
        class_label: class_label(ticket.class),
        stage: ticket.stage.name(),
        stage_label: ticket.stage.name().label(),
        phase: phase::of_service(hall, &ticket.service, now),
        now: plan.local(now),
        taken_at: plan.local(ticket.taken_at),
        window,
        called_at: called_at.map(|at| plan.local(at)),
        ahead,
        wait,
        wait_unknown: told.and_then(Result::err).map(UnknownWait::from),
        ahead_when_taken: ticket.ahead_when_taken,
        zone: zone(hall, ticket, window),
        be_back_by: be_back_by.map(|at| plan.local(at)),
        windows: windows as u32,
        usual_seconds: estimate::typical_seconds(hall, &ticket.service),
        overtaken_by,
        done_by: promised(hall, ticket, wait, now).map(|at| plan.local(at)),
        return_after_calls: plan.policy.return_after_calls,
        defer_after_calls: plan.policy.defer_after_calls,
        returns_left: plan.policy.returns.saturating_sub(ticket.returns),
        near: windows > 0 && is_near(hall, ticket, ahead),
        why_not_yet,
        reason: wait.map(|_| reason(hall, &ticket.service, windows, overtaken_by)),
        announced: announced(ticket),
        sentence: sentence(hall, now, Surface::Citizen),
        documents: documents(hall, &ticket.service),
        online: service.and_then(|service| service.online.clone()),
        actions: actions(hall, ticket, now),
        voucher: voucher.map(|voucher| VoucherView {
            reason: voucher.reason,
            label: voucher.reason.label(),
            valid_until: plan.local(voucher.valid_until),
            used: voucher.used.is_some(),
        }),
        rating: ticket.rating.as_ref().map(|rating| rating.stars),
        moving_to: ticket.leaving.as_ref().map(|leaving| leaving.hall.clone()),
        moved_to: ticket.moved_to.clone(),
        came_from: ticket.came_from.clone(),
        also: also.collect(),
        reserve: is_reserve(hall, ticket),
        word: complaint.map(ComplaintView::from),
    }
}

/// Where it is called to, or else where to wait for that.
fn zone(hall: &Hall, ticket: &Ticket, window: Option<WindowNumber>) -> Option<ZoneView> {
    let plan = hall.plan();
    let of_window = window.and_then(|window| plan.zone_of(window));
    let zone = of_window.or_else(|| plan.waiting_zone(&ticket.service));
    zone.map(ZoneView::from)
}

/// A little before the earliest that it may be called, on the full minute before that, so that the view is not another
/// one every second; nothing when there is no time to go anywhere.
fn be_back_by(wait: Wait, now: Time) -> Option<Time> {
    const WORTH_LEAVING: u32 = 5 * 60;
    const EARLIER: u32 = 2 * 60;
    let seconds = Some(wait.low).filter(|low| *low >= WORTH_LEAVING)? - EARLIER;
    let at = now + Duration::seconds(seconds.into());
    Some(at - Duration::seconds(at.timestamp().rem_euclid(60)))
}

/// Among the next two, and it may be called.
fn is_near(hall: &Hall, ticket: &Ticket, ahead: Option<u32>) -> bool {
    const NEXT: u32 = 2;
    let calls = hall.service_day(&ticket.service).map_or(0, |day| day.calls);
    let is_held = matches!(&ticket.stage, Stage::Waiting { place: PlaceInLine::AfterCalls(after), .. } if *after > calls);
    let may_be_called = hall.calling_paused().is_none() && ticket.leaving.is_none() && !is_held;
    may_be_called && ahead.is_some_and(|ahead| ahead < NEXT)
}

fn announced(ticket: &Ticket) -> Option<u8> {
    match ticket.stage {
        Stage::Called { times, .. } => Some(times),
        _ => None,
    }
}

/// Tickets of the same service that came later and were called, while this one waits.
fn overtaken_by(hall: &Hall, ticket: &Ticket) -> OvertakenBy {
    let mut overtaken = OvertakenBy::default();
    if !matches!(ticket.stage, Stage::Waiting { .. }) {
        return overtaken;
    }
    let later = hall.tickets().range(TicketId(ticket.id.0 + 1)..);
    for (_, other) in later.filter(|(_, other)| was_called_for(other, &ticket.service)) {
        match other.class {
            Class::Appointment => overtaken.appointment += 1,
            class if class.is_courtesy() => overtaken.priority += 1,
            _ => overtaken.other += 1,
        }
    }
    overtaken
}

fn was_called_for(ticket: &Ticket, service: &ServiceId) -> bool {
    let is_called = ticket.stage.window().is_some() && ticket.service == *service;
    is_called || ticket.visits.iter().any(|visit| visit.service == *service)
}

/// Once no more numbers come, whoever has one is told by when he will be done: at the latest when all are.
fn promised(hall: &Hall, ticket: &Ticket, wait: Option<Wait>, now: Time) -> Option<Time> {
    let ends = matches!(
        phase::of_hall(hall, now),
        Phase::NearClosing | Phase::ServingOut
    );
    let is_at_a_window = matches!(ticket.stage, Stage::Called { .. } | Stage::Serving { .. });
    if !ends || is_at_a_window || !ticket.stage.name().is_open() {
        return None;
    }
    let all_done = estimate::done_by(hall, now)?;
    let own = wait.map(|wait| estimate::done_after(hall, &ticket.service, wait, now));
    Some(own.map_or(all_done, |own| own.min(all_done)))
}

fn is_reserve(hall: &Hall, ticket: &Ticket) -> bool {
    let leases = hall.day().into_iter().flat_map(|day| day.leases.values());
    hall.is_of_the_day(ticket)
        && leases
            .map(|lease| &lease.numbers)
            .any(|block| block.has(&ticket.number))
}

/// How many waiting tickets of the same service have a higher claim now.
pub fn ahead(hall: &Hall, ticket: &Ticket, now: Time) -> u32 {
    let own = claim(hall, ticket, now);
    let waiting = hall.waiting_for(&ticket.service);
    let before = waiting.filter(|other| claim(hall, other, now) > own);
    before.count() as u32
}

/// The waiting tickets of a service with the highest claims now, at most `count` of them, the next one first: those of
/// which `ahead` says that fewer than `count` are before them.
pub fn nearest(hall: &Hall, service: &ServiceId, now: Time, count: usize) -> Vec<TicketId> {
    let waiting = hall.waiting_for(service);
    let mut claims: Vec<_> = waiting.map(|ticket| claim(hall, ticket, now)).collect();
    claims.sort_unstable_by(|one, other| other.cmp(one));
    claims.truncate(count);
    claims.into_iter().map(|(_, _, id)| id.0).collect()
}

/// A ticket's claim to be next: the greatest goes first, and no two are equal.
fn claim(hall: &Hall, ticket: &Ticket, now: Time) -> (bool, i64, Reverse<TicketId>) {
    (
        is_first(ticket),
        score(hall, ticket, now),
        Reverse(ticket.id),
    )
}

fn is_first(ticket: &Ticket) -> bool {
    matches!(
        ticket.stage,
        Stage::Waiting {
            place: PlaceInLine::First | PlaceInLine::FirstAt(_),
            ..
        }
    )
}

fn whereabouts(ticket: &Ticket) -> (Option<WindowNumber>, Option<Time>) {
    match &ticket.stage {
        Stage::Called {
            window, called_at, ..
        }
        | Stage::Serving {
            window, called_at, ..
        } => (Some(*window), Some(*called_at)),
        Stage::Parked { window, .. } => (Some(*window), None),
        Stage::Missed { window, at, .. } => (Some(*window), Some(*at)),
        Stage::Waiting {
            place: PlaceInLine::OnlyAt(window) | PlaceInLine::FirstAt(window),
            ..
        } => (Some(*window), None),
        _ => (None, None),
    }
}

fn actions(hall: &Hall, ticket: &Ticket, now: Time) -> Vec<&'static str> {
    let mut actions = actions_in_stage(hall, ticket, now);
    if ticket.stage.ended_at().is_some() && ticket.complaint.is_none() {
        actions.push("report");
    }
    actions
}

fn actions_in_stage(hall: &Hall, ticket: &Ticket, now: Time) -> Vec<&'static str> {
    let rated_for = Duration::hours(hall.plan().policy.rating_hours.into());
    let rated_until = |served_at: Time| served_at + rated_for;
    match &ticket.stage {
        _ if ticket.leaving.is_some() => Vec::new(),
        Stage::Waiting {
            place: PlaceInLine::InLine | PlaceInLine::AfterCalls(_),
            ..
        } if !ticket.service_changed => {
            vec!["defer", "change", "cancel"]
        }
        Stage::Waiting {
            place: PlaceInLine::InLine | PlaceInLine::AfterCalls(_),
            ..
        } => vec!["defer", "cancel"],
        Stage::Waiting { .. } => vec!["cancel"],
        Stage::Parked { .. } => vec!["resume", "cancel"],
        Stage::Missed { .. } if hall.is_of_the_open_day(ticket) => vec!["return", "cancel"],
        Stage::Served { at } if ticket.rating.is_none() && now < rated_until(*at) => {
            vec!["rating"]
        }
        _ => Vec::new(),
    }
}
