//! A ticket as its holder sees it.

use super::{class_label, service_name};
use crate::Time;
use crate::calling_rule::score;
use crate::estimate::Wait;
use crate::hall::Hall;
use crate::id::{HallId, ServiceId, TicketId, TicketNumber, WindowNumber};
use crate::moving::{CameFrom, Moved};
use crate::phase::Phase;
use crate::plan::OnlineRoute;
use crate::text::Text;
use crate::ticket::{Class, Place, Stage, StageName, Ticket};
use crate::voucher::VoucherReason;
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
    #[schema(value_type = String, format = DateTime)]
    pub now: Time,
    #[schema(value_type = String, format = DateTime)]
    pub taken_at: Time,
    /// Where to go, or where it was called.
    pub window: Option<WindowNumber>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub called_at: Option<Time>,
    /// How many of the same service are before it, while it waits.
    pub ahead: Option<u32>,
    pub wait: Option<Wait>,
    /// What stands between it and the next call, in words.
    pub why_not_yet: Option<Text>,
    pub documents: Vec<Text>,
    pub online: Option<OnlineRoute>,
    /// What its holder can do with it now: `cancel`, `return`, `defer`, `resume`, `change`, `rating`.
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
}

/// A right to be first in line later.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VoucherView {
    pub reason: VoucherReason,
    pub label: Text,
    #[schema(value_type = String, format = DateTime)]
    pub valid_until: Time,
    pub used: bool,
}

/// The ticket at this moment.
pub fn ticket(hall: &Hall, ticket: &Ticket, now: Time) -> TicketView {
    let plan = hall.plan();
    let service = plan.service(&ticket.service);
    let (window, called_at) = whereabouts(ticket);
    let ahead = matches!(ticket.stage, Stage::Waiting { .. }).then(|| ahead(hall, ticket, now));
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
        phase: hall.phase_of(&ticket.service, now),
        now: plan.local(now),
        taken_at: plan.local(ticket.taken_at),
        window,
        called_at: called_at.map(|at| plan.local(at)),
        ahead,
        wait: ahead.and_then(|ahead| hall.wait(&ticket.service, ahead)),
        why_not_yet: why_not_yet(hall, ticket),
        documents: service
            .map(|service| service.documents.clone())
            .unwrap_or_default(),
        online: service.and_then(|service| service.online.clone()),
        actions: actions(hall, ticket, now),
        voucher: hall.vouchers.get(&ticket.token).map(|voucher| VoucherView {
            reason: voucher.reason,
            label: voucher.reason.label(),
            valid_until: plan.local(voucher.valid_until),
            used: voucher.used.is_some(),
        }),
        rating: ticket.rating.as_ref().map(|rating| rating.stars),
        moving_to: ticket.leaving.as_ref().map(|leaving| leaving.hall.clone()),
        moved_to: ticket.moved_to.clone(),
        came_from: ticket.came_from.clone(),
    }
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

/// Whoever has the greater one goes first; no two are equal.
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
            place: Place::First | Place::FirstAt(_),
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
            place: Place::OnlyAt(window) | Place::FirstAt(window),
            ..
        } => (Some(*window), None),
        _ => (None, None),
    }
}

fn why_not_yet(hall: &Hall, ticket: &Ticket) -> Option<Text> {
    let Stage::Waiting { place, .. } = &ticket.stage else {
        return None;
    };
    if ticket.leaving.is_some() {
        return Some(Text::new("正在转往另一大厅", "On the way to another hall"));
    }
    if hall.calling_paused.is_some() {
        return Some(Text::new(
            "暂停叫号,号码保留",
            "Calling is paused; your number is kept",
        ));
    }
    let calls = hall.service_day(&ticket.service).map_or(0, |day| day.calls);
    match place {
        Place::AfterCalls(after) if *after > calls => {
            let more = after - calls;
            Some(Text::new(
                format!("再叫{more}位后可叫到您"),
                format!("You can be called after {more} more calls"),
            ))
        }
        Place::OnlyAt(window) => Some(Text::new(
            format!("请等{window}号窗口叫号"),
            format!("Window {window} will call you"),
        )),
        Place::FirstAt(window) => Some(Text::new(
            format!("{window}号窗口下一位叫您"),
            format!("Window {window} calls you next"),
        )),
        Place::First => Some(Text::new(
            "凭证优先,下一位叫您",
            "With your voucher you are next",
        )),
        Place::InLine | Place::AfterCalls(_) => None,
    }
}

fn actions(hall: &Hall, ticket: &Ticket, now: Time) -> Vec<&'static str> {
    match &ticket.stage {
        _ if ticket.leaving.is_some() => Vec::new(),
        Stage::Waiting {
            place: Place::InLine | Place::AfterCalls(_),
            ..
        } if !ticket.service_changed => {
            vec!["defer", "change", "cancel"]
        }
        Stage::Waiting {
            place: Place::InLine | Place::AfterCalls(_),
            ..
        } => vec!["defer", "cancel"],
        Stage::Waiting { .. } => vec!["cancel"],
        Stage::Parked { .. } => vec!["resume", "cancel"],
        Stage::Missed { .. } if hall.is_of_the_open_day(ticket) => vec!["return", "cancel"],
        Stage::Served { at } if ticket.rating.is_none() => {
            let rated_until = *at + chrono::Duration::hours(hall.plan().policy.rating_hours.into());
            if now < rated_until {
                vec!["rating"]
            } else {
                Vec::new()
            }
        }
        _ => Vec::new(),
    }
}
