//! What a manager does: the plan, and the acts that bend the promise, each with a reason on record.

use super::{Act, Ruling, reason, words};
use crate::id::{Prefix, ServiceId, TicketId, TicketNumber, WindowNumber};
use crate::plan::Plan;
use crate::plan::notice::Notice;
use crate::record::event::Event;
use crate::record::rejection::Rejection;
use crate::rules::promise;
use crate::state::ticket::{StageName, Ticket};
use crate::state::voucher::VoucherReason;
use crate::time::Time;

/// Most notices on the boards at once.
const NOTICES_MOST: usize = 10;

impl Act<'_> {
    /// A new plan, unless it would leave someone who took a number without a window, or someone who booked without a
    /// place.
    pub(super) fn adopt_plan(
        &self,
        plan: &Plan,
        expected_revision: Option<u64>,
        move_bookings: bool,
    ) -> Ruling {
        if let Err(errors) = plan.check() {
            let first = errors.first().map(ToString::to_string).unwrap_or_default();
            return Err(Rejection::invalid(
                "/plan",
                format!("方案有误:{first}"),
                format!("the plan has an error: {first}"),
            ));
        }
        let mut adopted = plan.clone();
        adopted.revision = 1;
        let mut rebooked = Vec::new();
        if self.hall.has_plan() {
            let current = self.hall.plan();
            if plan.hall != current.hall {
                return Err(Rejection::invalid(
                    "/hall",
                    "大厅编号不能更改",
                    "a hall keeps its id",
                ));
            }
            if expected_revision.is_some_and(|expected| expected != current.revision) {
                return Err(Rejection::StaleRevision {
                    current: current.revision,
                });
            }
            self.would_strand(&promise::stranded_by_plan(self.hall, plan, self.now))?;
            self.would_end_day(plan)?;
            rebooked = self.rebooked(plan, move_bookings)?;
            adopted.revision = current.revision + 1;
        }
        let mut events = vec![Event::PlanAdopted {
            plan: Box::new(adopted),
        }];
        events.extend(rebooked);
        if let Some(day) = self.hall.day().filter(|day| day.closed.is_none()) {
            let known = &self.hall.plan().services;
            let is_new = |prefix: &Prefix| known.iter().all(|service| service.prefix != *prefix);
            events.extend(self.not_to_be_given_out(day.clone(), plan, is_new));
        }
        Ok(self.with_offers_by(plan, events)) // it may have more places
    }

    /// A day that has ended does not open again, so a slip in its hours must not end it.
    fn would_end_day(&self, plan: &Plan) -> Result<(), Rejection> {
        let Some(day) = self.hall.day().filter(|day| day.closed.is_none()) else {
            return Ok(());
        };
        let date = day.date;
        let is_over = |plan: &Plan| plan.span(date).is_none_or(|span| self.now >= span.closes);
        if is_over(plan) && !is_over(self.hall.plan()) {
            return Err(Rejection::WouldEndDay { date });
        }
        Ok(())
    }

    pub(super) fn hand_on(&self, number: &TicketNumber, why: &str) -> Ruling {
        self.day_is_open()?;
        let ticket = self.ticket_numbered(number)?;
        if !(ticket.stage.name().is_open() || ticket.stage.name() == StageName::Missed) {
            return Err(self.wrong_stage(ticket));
        }
        self.is_not_leaving(ticket)?;
        Ok(self.handed_on(ticket, reason(why, "/reason")?, VoucherReason::HandedOn))
    }

    /// Lets a window go although it strands tickets: those named are handed on, the others end as unserved.
    pub(super) fn override_sign_off(
        &self,
        number: WindowNumber,
        why: &str,
        hand_on: &[TicketNumber],
    ) -> Ruling {
        self.day_is_open()?;
        let why = reason(why, "/reason")?;
        if self.window(number)?.staffing.is_none() {
            return Err(Rejection::NotYourWindow {
                window: number,
                officer: None,
            });
        }
        let affected = self.affected_by_override(number)?;
        let is_affected = |named: &&TicketNumber| affected.iter().any(|t| t.number == **named);
        if let Some(stranger) = hand_on.iter().find(|named| !is_affected(named)) {
            return Err(Rejection::invalid(
                "/hand_on",
                format!("{stranger}不受影响,无需转交"),
                format!("{stranger} is not affected; name only tickets that would be stranded"),
            ));
        }
        let mut events = vec![Event::SignOffOverridden {
            window: number,
            reason: why.clone(),
        }];
        let left = promise::left_without_window(self.hall, number, self.now);
        for ticket in affected {
            if hand_on.contains(&ticket.number) {
                events.extend(self.handed_on(ticket, why.clone(), VoucherReason::HandedOn));
            } else if left.contains(&ticket.id) && ticket.stage.name().is_open() {
                events.push(Event::TicketUnserved { ticket: ticket.id });
            } else if ticket.stage.window() == Some(number) {
                events.push(back_in_line(ticket, number, &why));
            } // else another window serves it, or it was missed and is not back
        }
        events.push(Event::WindowClosed { window: number });
        Ok(events)
    }

    /// The tickets that hold a window, and the one it has.
    fn affected_by_override(&self, number: WindowNumber) -> Result<Vec<&Ticket>, Rejection> {
        let mut ids = promise::stranded_by_closing(self.hall, number, self.now);
        ids.extend(self.window(number)?.current());
        ids.sort_unstable();
        ids.dedup();
        let tickets = ids.iter().filter_map(|id| self.hall.ticket(*id));
        // one on its way to another hall is known to be there or here in a moment
        Ok(tickets.filter(|ticket| ticket.leaving.is_none()).collect())
    }

    /// Power, network, alarm: everyone gets a voucher, first in line at the next session.
    pub(super) fn interrupt(&self, why: &str) -> Ruling {
        self.day_is_open()?;
        let why = reason(why, "/reason")?;
        let mut events = vec![Event::HallInterrupted {
            reason: why.clone(),
            stands_still: true,
        }];
        let unresolved = promise::unresolved(self.hall, self.now);
        for ticket in unresolved.filter(|ticket| ticket.leaving.is_none()) {
            events.extend(self.handed_on(ticket, why.clone(), VoucherReason::Interruption));
        }
        Ok(events)
    }

    pub(super) fn suspend(&self, service: &ServiceId, why: &str, until: Option<Time>) -> Ruling {
        self.service(service)?;
        if until.is_some_and(|until| until <= self.now) {
            return Err(Rejection::invalid(
                "/until",
                "应晚于现在",
                "must be later than now",
            ));
        }
        Ok(vec![Event::ServiceSuspended {
            service: service.clone(),
            reason: reason(why, "/reason")?,
            until,
            excuses: true,
        }])
    }

    pub(super) fn pause_calling(&self, why: &str) -> Ruling {
        Ok(vec![Event::CallingPaused {
            reason: reason(why, "/reason")?,
        }])
    }

    pub(super) fn resume_calling(&self) -> Vec<Event> {
        if self.hall.calling_paused().is_some() {
            vec![Event::CallingResumed]
        } else {
            Vec::new()
        }
    }

    pub(super) fn post_notices(&self, notices: &[Notice]) -> Ruling {
        if notices.len() > NOTICES_MOST {
            return Err(Rejection::invalid(
                "/notices",
                format!("最多{NOTICES_MOST}条"),
                format!("at most {NOTICES_MOST} notices"),
            ));
        }
        for notice in notices {
            reason(&notice.text.zh, "/notices")?;
            words(&notice.text.en, "/notices")?;
        }
        Ok(vec![Event::NoticesPosted {
            notices: notices.to_vec(),
        }])
    }

    /// The usher helped someone do it on the phone.
    pub(super) fn record_helped_online(&self, service: &ServiceId) -> Ruling {
        self.service(service)?;
        self.day_is_open()?;
        Ok(vec![Event::HelpedOnline {
            service: service.clone(),
        }])
    }

    pub(super) fn handed_on(
        &self,
        ticket: &Ticket,
        why: String,
        voucher: VoucherReason,
    ) -> Vec<Event> {
        self.let_go(ticket.id, ticket.service.clone(), why, voucher, None)
    }

    /// A citizen whom no window can serve comes first another day; the window is the one whose officer had to let go.
    pub(super) fn let_go(
        &self,
        ticket: TicketId,
        service: ServiceId,
        why: String,
        voucher: VoucherReason,
        window: Option<WindowNumber>,
    ) -> Vec<Event> {
        let handed_on = Event::TicketHandedOn {
            ticket,
            reason: why,
            window,
        };
        vec![handed_on, self.voucher(ticket, service, voucher, window)]
    }
}

/// The ticket of a window that has to go: other windows serve it, in its old place.
fn back_in_line(ticket: &Ticket, window: WindowNumber, why: &str) -> Event {
    Event::TicketTransferred {
        ticket: ticket.id,
        window,
        service: ticket.service.clone(),
        only_at: None,
        note: Some(why.to_string()),
    }
}
