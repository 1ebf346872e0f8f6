//! What the holder of a ticket can do with it, at a phone or kiosk, or an usher for him.

use super::{Act, NOTE_LONGEST, Ruling, optional_words};
use crate::id::{ServiceId, TicketId};
use crate::record::event::Event;
use crate::record::rejection::{Late, Limit, NotOpenReason, Rejection};
use crate::state::ticket::{PlaceInLine, Stage, Ticket};
use crate::state::voucher::VoucherReason;
use chrono::Duration;

impl Act<'_> {
    pub(super) fn cancel(&self, id: TicketId) -> Ruling {
        let ticket = self.ticket(id)?;
        if !matches!(
            ticket.stage,
            Stage::Waiting { .. } | Stage::Missed { .. } | Stage::Parked { .. }
        ) {
            return Err(self.wrong_stage(ticket));
        }
        self.is_not_leaving(ticket)?;
        self.is_of_the_open_day(ticket)?;
        Ok(vec![Event::TicketCancelled { ticket: id }])
    }

    /// A missed citizen is back: callable after a few further calls, or at once when nobody else is.
    pub(super) fn return_to_line(&self, id: TicketId) -> Ruling {
        let ticket = self.ticket(id)?;
        if !matches!(ticket.stage, Stage::Missed { .. }) {
            return Err(self.wrong_stage(ticket));
        }
        self.is_of_the_open_day(ticket)?;
        self.may_return(ticket)?;
        if !self.will_be_served(&ticket.service) {
            return Ok(self.no_window_left(ticket));
        }
        let further = self.hall.plan().policy.return_after_calls;
        Ok(vec![Event::TicketReturned {
            ticket: id,
            after_calls: self.calls_of(&ticket.service) + u64::from(further),
        }])
    }

    /// Lets two others go first.
    pub(super) fn defer(&self, id: TicketId) -> Ruling {
        let ticket = self.ticket(id)?;
        self.is_not_leaving(ticket)?;
        let held_until = match ticket.stage.place() {
            Some(PlaceInLine::InLine) => 0,
            Some(PlaceInLine::AfterCalls(calls)) => calls,
            Some(PlaceInLine::OnlyAt(_) | PlaceInLine::FirstAt(_) | PlaceInLine::First) | None => {
                return Err(self.wrong_stage(ticket));
            }
        };
        let further = self.hall.plan().policy.defer_after_calls;
        let after_calls = self.calls_of(&ticket.service) + u64::from(further);
        Ok(vec![Event::TicketDeferred {
            ticket: id,
            after_calls: after_calls.max(held_until), // letting others go first never brings anyone forward
        }])
    }

    /// Back with the paper: first at the window that sent for it.
    pub(super) fn resume_by_holder(&self, id: TicketId) -> Ruling {
        let ticket = self.ticket(id)?;
        let Stage::Parked { window, .. } = ticket.stage else {
            return Err(self.wrong_stage(ticket));
        };
        if !self.will_be_served(&ticket.service) {
            return Ok(self.no_window_left(ticket));
        }
        Ok(vec![Event::HolderResumed { ticket: id, window }])
    }

    /// The wrong service was chosen: corrected once, number and time are kept.
    pub(super) fn change_service(&self, id: TicketId, service: &ServiceId) -> Ruling {
        let ticket = self.ticket(id)?;
        let target = self.service(service)?;
        self.is_not_leaving(ticket)?;
        if !matches!(
            ticket.stage.place(),
            Some(PlaceInLine::InLine | PlaceInLine::AfterCalls(_))
        ) {
            return Err(self.wrong_stage(ticket));
        }
        if ticket.service_changed {
            return Err(Rejection::LimitReached(Limit::ServiceChange));
        }
        if ticket.service == *service {
            return Err(Rejection::invalid(
                "/service",
                "已经是该业务",
                "the ticket is for this service already",
            ));
        }
        self.not_suspended(service)?;
        self.is_authorised(service)?;
        self.may_hold(ticket.person.as_ref(), ticket.named.as_ref(), target)?;
        if !self.can_be_served(service) {
            return Err(self.not_open(service, NotOpenReason::NotYet));
        }
        Ok(vec![Event::ServiceChanged {
            ticket: id,
            service: service.clone(),
            after_calls: self.after_calls_of(service, ticket),
        }])
    }

    /// A returned or deferred ticket lets as many further calls pass as before, counted in its new service.
    fn after_calls_of(&self, service: &ServiceId, ticket: &Ticket) -> Option<u64> {
        let Some(PlaceInLine::AfterCalls(after)) = ticket.stage.place() else {
            return None;
        };
        let further = after.saturating_sub(self.calls_of(&ticket.service));
        Some(self.calls_of(service) + further)
    }

    pub(super) fn reprint(&self, id: TicketId) -> Ruling {
        let ticket = self.ticket(id)?;
        let is_alive =
            ticket.stage.name().is_open() || matches!(ticket.stage, Stage::Missed { .. });
        if !is_alive {
            return Err(self.wrong_stage(ticket));
        }
        self.is_of_the_open_day(ticket)?;
        Ok(vec![Event::TicketReprinted { ticket: id }])
    }

    pub(super) fn rate(
        &self,
        id: TicketId,
        stars: u8,
        reasons: &[String],
        text: Option<&String>,
    ) -> Ruling {
        let ticket = self.ticket(id)?;
        let Stage::Served { at } = ticket.stage else {
            return Err(self.wrong_stage(ticket));
        };
        if ticket.rating.is_some() {
            return Err(Rejection::LimitReached(Limit::Rating));
        }
        if self.now >= at + Duration::hours(self.hall.plan().policy.rating_hours.into()) {
            return Err(Rejection::TooLate(Late::Rating));
        }
        if !(1..=5).contains(&stars) {
            return Err(Rejection::invalid(
                "/stars",
                "请选1到5星",
                "choose 1 to 5 stars",
            ));
        }
        let is_too_long = |reason: &String| reason.chars().count() > NOTE_LONGEST;
        if reasons.len() > 10 || reasons.iter().any(is_too_long) {
            return Err(Rejection::invalid(
                "/reasons",
                "原因过多或过长",
                "too many reasons, or too long ones",
            ));
        }
        let text = optional_words(text, "/text")?;
        Ok(vec![Event::TicketRated {
            ticket: id,
            stars,
            reasons: reasons.to_vec(),
            text,
        }])
    }

    /// Back too late: the citizen would wait for ever and hold officers who cannot help him, so he comes first another
    /// day.
    fn no_window_left(&self, ticket: &Ticket) -> Vec<Event> {
        let reason = format!("no window left for {}", ticket.service);
        self.handed_on(ticket, reason, VoucherReason::HandedOn)
    }

    fn calls_of(&self, service: &ServiceId) -> u64 {
        self.hall.service_day(service).map_or(0, |day| day.calls)
    }
}
