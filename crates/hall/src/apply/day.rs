//! The plan and the day: what its opening forgets and its closing writes down.

use super::Fold;
use crate::id::{
    ActorId, AppointmentId, ComplaintId, HelpId, LeaseId, ServiceId, TicketId, WindowNumber,
};
use crate::plan::Plan;
use crate::record::event::Forgets;
use crate::state::appointment::{Appointment, Standing};
use crate::state::closing::ClosingRecord;
use crate::state::complaint::{COMPLAINTS_KEPT, Complaint, ComplaintAnswer};
use crate::state::day::{Day, Standstill};
use crate::state::day_report::DayReport;
use crate::state::hall::{Hall, Suspension};
use crate::state::help::{HELP_KEPT, HelpAnswer, HelpCall, HelpFrom};
use crate::state::lease::{Block, Lease};
use crate::state::window::Window;
use crate::time::Time;
use chrono::{Duration, NaiveDate};
use std::collections::BTreeSet;

impl Fold<'_> {
    pub(super) fn plan_adopted(&mut self, plan: &Plan) {
        let state = self.hall.state_mut();
        let windows = &mut state.windows;
        windows.retain(|number, _| plan.window(*number).is_some());
        for window in &plan.windows {
            let entry = windows.entry(window.number);
            let now = entry.or_insert_with(|| Window::unstaffed(window.number));
            if let Some(staffing) = &mut now.staffing {
                staffing.services.retain(|service| window.offers(service));
            }
            now.undo = None;
            now.changed = self.version;
        }
        let suspensions = &mut state.suspensions;
        suspensions.retain(|service, _| plan.service(service).is_some());
        state.plan = Some(plan.clone());
    }

    /// A new day begins without what the event says is forgotten.
    pub(super) fn day_opened(&mut self, day: Day, forgets: &Forgets) {
        let state = self.hall.state_mut();
        let goes_on = state.day.as_ref().is_some_and(|day| day.goes_on.is_some());
        if !goes_on {
            state.calls.clear();
            state.help.clear();
        }
        let (vouchers, applied) = (&mut state.vouchers, &mut state.applied);
        vouchers.retain(|_, voucher| voucher.valid_until > forgets.vouchers);
        applied.retain(|_, applied| applied.at >= forgets.commands);
        state.complaints.retain(|_, complaint| {
            let answer = complaint.answer.as_ref();
            answer.is_none_or(|answer| answer.at > forgets.complaints)
        });
        state.no_shows.retain(|_, times| {
            times.retain(|time| *time > forgets.no_shows);
            !times.is_empty()
        });
        if let Some(before) = state.day.take() {
            if forgets.keeps_numbers {
                state.keep_numbers(&before);
            }
            if let Some(since) = forgets.leases {
                state.keep_leases(&before, since, day.opened_at);
            }
            state.day = Some(before.continued(day));
        } else {
            state.day = Some(day);
        }
        let good = self
            .hall
            .vouchers()
            .values()
            .filter(|v| self.at < v.valid_until);
        let earned: BTreeSet<TicketId> = good.map(|voucher| voucher.ticket).collect();
        let carried = self.hall.day().map(|day| day.carried.clone());
        let carried = carried.unwrap_or_default();
        self.hall.retain_tickets(|ticket| {
            let ended = ticket.stage.ended_at();
            carried.contains(&ticket.id)
                || earned.contains(&ticket.id)
                || ended.is_none_or(|ended| ended > forgets.tickets)
        });
        self.hall.retain_appointments(|appointment| {
            let last = appointment.reservation.as_ref().map(|r| r.ends_at);
            let over_at = last.unwrap_or(appointment.made_at).max(appointment.made_at);
            appointment.due_at().is_some() || over_at > forgets.appointments
        });
    }

    /// What lies ahead of the true time is pulled back to it. A day that is closed and has not come, or is not over, may
    /// begin again: its tickets are those of a day before.
    pub(super) fn clock_put_right(
        &mut self,
        to: Time,
        date: NaiveDate,
        again: &[AppointmentId],
        leases: Option<Time>,
    ) {
        self.at = to;
        let state = self.hall.state_mut();
        state.clock_corrections += 1;
        state.calls.clear();
        state.no_shows.retain(|_, times| {
            times.retain(|time| *time <= to);
            !times.is_empty()
        });
        let not_come_yet = date.succ_opt().unwrap_or(date)..;
        let reports = state.reports.range_mut(not_come_yet);
        reports.for_each(|(_, report)| report.clock_was_wrong = true);
        let begins_again = |day: &mut Day| day.closed.is_some() && day.date >= date;
        let ended = state.day.take_if(begins_again);
        if let Some(day) = &mut state.day {
            day.opened_at = day.opened_at.min(to);
        }
        let latest = match &ended {
            Some(day) => {
                state.keep_numbers(day);
                if let Some(since) = leases {
                    state.keep_leases(day, since, to);
                }
                to - Duration::milliseconds(1)
            }
            None => to,
        };
        self.tickets_not_after(latest);
        for id in again {
            if let Some(appointment) = self.hall.appointment(*id).cloned() {
                self.hall.put_appointment(Appointment {
                    standing: Standing::Booked,
                    changed: self.version,
                    ..appointment
                });
            }
        }
    }

    fn tickets_not_after(&mut self, latest: Time) {
        let tickets = self.hall.tickets().values();
        let ahead = tickets.filter(|ticket| ticket.is_ahead_of(latest));
        let ahead: Vec<TicketId> = ahead.map(|ticket| ticket.id).collect();
        for id in ahead {
            self.change_ticket(id, |ticket| ticket.pull_back(latest));
        }
    }

    pub(super) fn interrupted(&mut self, stands_still: bool) {
        if let Some(day) = &mut self.hall.state_mut().day {
            day.interrupted = true;
            if stands_still {
                day.stands_still_at(self.at);
            }
        }
    }

    pub(super) fn suspended(&mut self, service: &ServiceId, mut suspension: Suspension) {
        let suspensions = &mut self.hall.state_mut().suspensions;
        let before = suspensions.get(service).and_then(|before| before.since);
        suspension.since = before.or(suspension.since); // said again, it has lasted since the first time
        suspensions.insert(service.clone(), suspension);
    }

    pub(super) fn suspension_ended(&mut self, service: &ServiceId) {
        let state = self.hall.state_mut();
        let ended = state.suspensions.remove(service);
        let since = ended.and_then(|suspension| suspension.since);
        if let (Some(from), Some(day)) = (since, &mut state.day) {
            day.pauses.push(Standstill {
                from,
                to: Some(self.at),
                service: Some(service.clone()),
            });
        }
    }

    pub(super) fn calling_paused(&mut self, reason: &str) {
        let state = self.hall.state_mut();
        let again = state.calling_paused.replace(reason.to_string()).is_some();
        if let Some(day) = state.day.as_mut().filter(|_| !again) {
            day.stands_still_at(self.at);
        }
    }

    pub(super) fn calling_resumed(&mut self) {
        let state = self.hall.state_mut();
        state.calling_paused = None;
        if let Some(day) = &mut state.day {
            day.goes_on_at(self.at);
        }
    }

    /// Counted on the day it happened; after that day has closed also in its report.
    pub(super) fn citizen_redirected(&mut self, service: &ServiceId) {
        let state = self.hall.state_mut();
        let Some(day) = &mut state.day else { return };
        day.redirects.entry(service.clone()).or_default().redirected += 1;
        if day.closed.is_some()
            && let Some(report) = state.reports.get_mut(&day.date)
        {
            report.redirects.clone_from(&day.redirects);
        }
    }

    pub(super) fn numbers_leased(&mut self, id: LeaseId, kiosk: &ActorId, numbers: &Block) {
        let state = self.hall.state_mut();
        state.next_lease = id.0 + 1;
        if let Some(day) = &mut state.day {
            let lease = Lease::new(kiosk.clone(), self.at, numbers.clone());
            day.leases.insert(id, lease);
        }
    }

    pub(super) fn numbers_skipped(&mut self, id: LeaseId) {
        let day = self.hall.state_mut().day.as_mut();
        if let Some(lease) = day.and_then(|day| day.leases.get_mut(&id)) {
            lease.ended = true;
        }
    }

    pub(super) fn help_asked(&mut self, id: HelpId, from: &HelpFrom, urgent: bool) {
        let state = self.hall.state_mut();
        state.next_help = id.0 + 1;
        state.help.push(HelpCall {
            id,
            from: from.clone(),
            at: self.at,
            urgent,
            answer: None,
        });
        if state.help.len() > HELP_KEPT {
            let oldest = state.help.iter().position(|call| call.answer.is_some());
            state.help.remove(oldest.unwrap_or(0));
        }
    }

    pub(super) fn help_answered(&mut self, id: HelpId, window: Option<WindowNumber>) {
        let mut calls = self.hall.state_mut().help.iter_mut();
        if let Some(call) = calls.find(|call| call.id == id) {
            let at = self.at;
            call.answer = Some(HelpAnswer { window, at });
        }
    }

    pub(super) fn complaint_left(&mut self, complaint: Complaint) {
        if let Some(ticket) = complaint.ticket {
            self.change_ticket(ticket, |ticket| ticket.complaint = Some(complaint.id));
        }
        let state = self.hall.state_mut();
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

    pub(super) fn complaint_answered(&mut self, id: ComplaintId, text: &str) {
        if let Some(complaint) = self.hall.state_mut().complaints.get_mut(&id) {
            let (text, at) = (text.to_string(), self.at);
            complaint.answer = Some(ComplaintAnswer { text, at });
        }
    }

    pub(super) fn overrun(&mut self, service: &ServiceId, since: Option<Time>) {
        if let Some(day) = &mut self.hall.state_mut().day {
            let of_service = day.services.entry(service.clone());
            of_service.or_default().overrun_since = since;
        }
    }

    pub(super) fn helped_online(&mut self, service: &ServiceId) {
        if let Some(day) = &mut self.hall.state_mut().day {
            *day.helped_online.entry(service.clone()).or_default() += 1;
        }
    }

    /// With whom the next day goes on is at windows still, and so are the officers.
    pub(super) fn day_closed(&mut self, closing: ClosingRecord, on: Option<BTreeSet<TicketId>>) {
        let goes_on = on.is_some();
        if let Some(day) = &mut self.hall.state_mut().day {
            day.closed = Some(closing);
            day.goes_on = on;
        }
        let report = self.hall.day().map(|day| DayReport::of(self.hall, day));
        let state = self.hall.state_mut();
        if let Some(mut report) = report {
            report.earlier = state.reports.remove(&report.date).map(Box::new);
            state.reports.insert(report.date, report);
        }
        while state.reports.len() > Hall::REPORTS_KEPT {
            state.reports.pop_first();
        }
        for window in state.windows.values_mut() {
            window.undo = None;
            window.changed = self.version;
            if !goes_on {
                window.staffing = None;
            }
        }
        if !goes_on {
            state.calling_paused = None;
        }
        let notices = &mut state.notices;
        notices.retain(|notice| notice.until.is_some_and(|until| self.at < until));
    }
}
