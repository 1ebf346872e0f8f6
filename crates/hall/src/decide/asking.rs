//! Calls for help, and what could not be done, in writing.

use super::{Act, Ruling, reason};
use crate::id::{ComplaintId, HelpId, ServiceId, TicketId, WindowNumber};
use crate::record::answer::Answer;
use crate::record::command::Actor;
use crate::record::event::Event;
use crate::record::rejection::{Limit, Rejection};
use crate::state::complaint::ANSWERED_WITHIN;
use crate::state::help::{HelpCall, HelpFrom};

impl Act<'_> {
    /// A kiosk or a window calls for a colleague. Asking again while nobody has answered changes nothing, unless it has
    /// become urgent.
    pub(super) fn ask_for_help(&self, window: Option<WindowNumber>, urgent: bool) -> Ruling {
        let from = self.help_from(window)?;
        if self.open_calls(&from).any(|call| call.urgent || !urgent) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::HelpAsked {
            help: HelpId(self.hall.next_help()),
            from,
            urgent,
        }])
    }

    /// The call that makes asking again unnecessary.
    pub(super) fn help_asked_before(&self, window: Option<WindowNumber>) -> Answer {
        let from = self.help_from(window).ok();
        let newest = from.and_then(|from| self.open_calls(&from).next_back().map(|call| call.id));
        newest.map_or(Answer::Done, Answer::HelpAsked)
    }

    /// The calls from a place that nobody has answered.
    fn open_calls(&self, from: &HelpFrom) -> impl DoubleEndedIterator<Item = &HelpCall> {
        let calls = self.hall.help().iter();
        calls.filter(move |call| call.answer.is_none() && call.from == *from)
    }

    fn help_from(&self, window: Option<WindowNumber>) -> Result<HelpFrom, Rejection> {
        match (&self.command.actor, window) {
            // at one desk the same browser may be kiosk and officer: only the officer names a window
            (_, Some(window)) => self.window(window).map(|_| HelpFrom::Window(window)),
            (Actor::Kiosk(kiosk), None) => Ok(HelpFrom::Kiosk(kiosk.clone())),
            (_, None) => Err(Rejection::invalid(
                "/window",
                "请说明在哪个窗口",
                "say at which window",
            )),
        }
    }

    /// Somebody is on the way; the first answer counts.
    pub(super) fn answer_help(&self, help: HelpId, window: Option<WindowNumber>) -> Ruling {
        let mut calls = self.hall.help().iter();
        let call = calls
            .find(|call| call.id == help)
            .ok_or_else(|| Rejection::not_found("该求助", "call for help"))?;
        if call.answer.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![Event::HelpAnswered { help, window }])
    }

    /// One per ticket, and without a ticket by anybody: who was turned away has a word too.
    pub(super) fn leave_complaint(
        &self,
        ticket: Option<TicketId>,
        service: Option<&ServiceId>,
        text: &str,
    ) -> Ruling {
        let ticket = ticket.map(|id| self.ticket(id)).transpose()?;
        if ticket.is_some_and(|ticket| ticket.complaint.is_some()) {
            return Err(Rejection::LimitReached(Limit::Complaint));
        }
        let service = service.map(|id| self.service(id)).transpose()?;
        let service = service.map(|service| service.id.clone());
        let service = service.or_else(|| ticket.map(|ticket| ticket.service.clone()));
        let ticket = ticket.map(|ticket| ticket.id);
        Ok(vec![self.complaint_left(
            ticket,
            service,
            reason(text, "/text")?,
        )])
    }

    /// The line stands on the manager's overview until it is answered.
    pub(super) fn complaint_left(
        &self,
        ticket: Option<TicketId>,
        service: Option<ServiceId>,
        text: String,
    ) -> Event {
        let plan = self.hall.plan();
        let today = plan.date(self.now);
        Event::ComplaintLeft {
            complaint: ComplaintId(self.hall.next_complaint()),
            ticket,
            text,
            due: plan.after_working_days(today, ANSWERED_WITHIN, service.as_ref()),
            service,
        }
    }

    /// Answered once: its writer has read it.
    pub(super) fn answer_complaint(&self, id: ComplaintId, text: &str) -> Ruling {
        let complaint = self.hall.complaints().get(&id);
        let complaint = complaint.ok_or_else(|| Rejection::not_found("该留言", "word"))?;
        if complaint.answer.is_some() {
            return Err(Rejection::LimitReached(Limit::ComplaintAnswer));
        }
        let text = reason(text, "/text")?;
        Ok(vec![Event::ComplaintAnswered {
            complaint: id,
            text,
        }])
    }
}
