//! The plan and the day: what its opening forgets and its closing writes down.

use crate::id::{ActorId, ComplaintId, HelpId, LeaseId, ServiceId, TicketId, WindowNumber};
use crate::plan::Plan;
use crate::record::event::Forgets;
use crate::state::closing::ClosingRecord;
use crate::state::complaint::{COMPLAINTS_KEPT, Complaint, ComplaintAnswer};
use crate::state::day::{Day, Standstill};
use crate::state::day_report::DayReport;
use crate::state::hall::Hall;
use crate::state::help::{HELP_KEPT, HelpAnswer, HelpCall, HelpFrom};
use crate::state::lease::{Block, Lease};
use crate::state::window::Window;
use crate::time::Time;
use std::collections::BTreeSet;

pub(super) fn plan_adopted(hall: &mut Hall, version: u64, plan: &Plan) {
    let state = hall.state_mut();
    state
        .windows
        .retain(|number, _| plan.window(*number).is_some());
    for window in &plan.windows {
        let state = state
            .windows
            .entry(window.number)
            .or_insert_with(|| Window::unstaffed(window.number));
        if let Some(staffing) = &mut state.staffing {
            staffing.services.retain(|service| window.offers(service));
        }
        state.undo = None;
        state.changed = version;
    }
    state
        .suspensions
        .retain(|service, _| plan.service(service).is_some());
    state.plan = Some(plan.clone());
}

/// A new day begins without what the event says is forgotten.
pub(super) fn opened(hall: &mut Hall, at: Time, day: Day, forgets: &Forgets) {
    let state = hall.state_mut();
    state.calls.clear();
    state.help.clear();
    state
        .vouchers
        .retain(|_, voucher| voucher.valid_until > forgets.vouchers);
    state
        .applied
        .retain(|_, applied| applied.at >= forgets.commands);
    state.complaints.retain(|_, complaint| {
        let answer = complaint.answer.as_ref();
        answer.is_none_or(|answer| answer.at > forgets.complaints)
    });
    state.no_shows.retain(|_, times| {
        times.retain(|time| *time > forgets.no_shows);
        !times.is_empty()
    });
    state.day = Some(day);
    let good = hall.vouchers().values().filter(|v| at < v.valid_until);
    let earned: BTreeSet<TicketId> = good.map(|voucher| voucher.ticket).collect();
    hall.retain_tickets(|ticket| {
        let ended = ticket.stage.ended_at();
        earned.contains(&ticket.id) || ended.is_none_or(|ended| ended > forgets.tickets)
    });
    hall.retain_appointments(|appointment| {
        let last = appointment.reservation.as_ref().map(|r| r.ends_at);
        let over_at = last.unwrap_or(appointment.made_at).max(appointment.made_at);
        appointment.due_at().is_some() || over_at > forgets.appointments
    });
}

pub(super) fn interrupted(hall: &mut Hall) {
    if let Some(day) = &mut hall.state_mut().day {
        day.interrupted = true;
    }
}

pub(super) fn calling_paused(hall: &mut Hall, at: Time, reason: &str) {
    let state = hall.state_mut();
    let again = state.calling_paused.replace(reason.to_string()).is_some();
    if let Some(day) = state.day.as_mut().filter(|_| !again) {
        day.pauses.push(Standstill { from: at, to: None });
    }
}

pub(super) fn calling_resumed(hall: &mut Hall, at: Time) {
    let state = hall.state_mut();
    state.calling_paused = None;
    if let Some(pause) = state.day.as_mut().and_then(|day| day.pauses.last_mut()) {
        pause.to.get_or_insert(at);
    }
}

/// Counted on the day it happened; after that day has closed also in its report.
pub(super) fn citizen_redirected(hall: &mut Hall, service: &ServiceId) {
    let state = hall.state_mut();
    let Some(day) = &mut state.day else { return };
    day.redirects.entry(service.clone()).or_default().redirected += 1;
    if day.closed.is_some()
        && let Some(report) = state.reports.get_mut(&day.date)
    {
        report.redirects.clone_from(&day.redirects);
    }
}

pub(super) fn numbers_leased(
    hall: &mut Hall,
    at: Time,
    id: LeaseId,
    kiosk: &ActorId,
    numbers: &Block,
) {
    let state = hall.state_mut();
    state.next_lease = id.0 + 1;
    if let Some(day) = &mut state.day {
        let lease = Lease {
            kiosk: kiosk.clone(),
            at,
            numbers: numbers.clone(),
            taken: BTreeSet::new(),
            ended: false,
        };
        day.leases.insert(id, lease);
    }
}

pub(super) fn numbers_skipped(hall: &mut Hall, id: LeaseId) {
    let day = hall.state_mut().day.as_mut();
    if let Some(lease) = day.and_then(|day| day.leases.get_mut(&id)) {
        lease.ended = true;
    }
}

pub(super) fn help_asked(hall: &mut Hall, at: Time, id: HelpId, from: &HelpFrom, urgent: bool) {
    let state = hall.state_mut();
    state.next_help = id.0 + 1;
    state.help.push(HelpCall {
        id,
        from: from.clone(),
        at,
        urgent,
        answer: None,
    });
    if state.help.len() > HELP_KEPT {
        let oldest = state.help.iter().position(|call| call.answer.is_some());
        state.help.remove(oldest.unwrap_or(0));
    }
}

pub(super) fn help_answered(hall: &mut Hall, at: Time, id: HelpId, window: Option<WindowNumber>) {
    let mut calls = hall.state_mut().help.iter_mut();
    if let Some(call) = calls.find(|call| call.id == id) {
        call.answer = Some(HelpAnswer { window, at });
    }
}

pub(super) fn complaint_left(hall: &mut Hall, version: u64, complaint: Complaint) {
    if let Some(ticket) = complaint.ticket {
        hall.change_ticket(ticket, version, |ticket| {
            ticket.complaint = Some(complaint.id)
        });
    }
    let state = hall.state_mut();
    state.next_complaint = complaint.id.0 + 1;
    state.complaints.insert(complaint.id, complaint);
    if state.complaints.len() > COMPLAINTS_KEPT {
        let mut complaints = state.complaints.iter();
        let answered = complaints.find(|(_, complaint)| complaint.answer.is_some());
        let oldest = answered.or_else(|| state.complaints.first_key_value());
        if let Some(oldest) = oldest.map(|(id, _)| *id) {
            state.complaints.remove(&oldest);
        }
    }
}

pub(super) fn complaint_answered(hall: &mut Hall, at: Time, id: ComplaintId, text: &str) {
    if let Some(complaint) = hall.state_mut().complaints.get_mut(&id) {
        let text = text.to_string();
        complaint.answer = Some(ComplaintAnswer { text, at });
    }
}

pub(super) fn overrun(hall: &mut Hall, service: &ServiceId, since: Option<Time>) {
    if let Some(day) = &mut hall.state_mut().day {
        day.services
            .entry(service.clone())
            .or_default()
            .overrun_since = since;
    }
}

pub(super) fn helped_online(hall: &mut Hall, service: &ServiceId) {
    if let Some(day) = &mut hall.state_mut().day {
        *day.helped_online.entry(service.clone()).or_default() += 1;
    }
}

pub(super) fn closed(hall: &mut Hall, version: u64, at: Time, closing: ClosingRecord) {
    if let Some(day) = &mut hall.state_mut().day {
        day.closed = Some(closing);
    }
    let report = hall.day().map(|day| DayReport::of(hall, day));
    let state = hall.state_mut();
    if let Some(report) = report {
        state.reports.insert(report.date, report);
    }
    while state.reports.len() > Hall::REPORTS_KEPT {
        state.reports.pop_first();
    }
    for window in state.windows.values_mut() {
        window.staffing = None;
        window.undo = None;
        window.changed = version;
    }
    state.calling_paused = None;
    state
        .notices
        .retain(|notice| notice.until.is_some_and(|until| at < until));
}
