//! Taking a number: from ten minutes before the doors until the session closes.

use super::{Act, optional_words, reason};
use crate::command::{Actor, TakeTicket};
use crate::event::{Event, TicketTaken};
use crate::id::{ServiceId, TicketId, TicketNumber};
use crate::phase::Phase;
use crate::plan::Service;
use crate::promise;

use crate::rejection::{Late, Limit, NotOpenReason, RedirectReason, Rejection};
use chrono::NaiveDate;

/// Most people who come to a window together.
const PARTY_LARGEST: u16 = 20;
/// Most matters in one ticket.
const CASES_LARGEST: u16 = 99;

impl Act<'_> {
    /// Issues the next number of the service's series; the first command of a date opens the day.
    pub(super) fn take_ticket(&self, wish: &TakeTicket) -> Result<Vec<Event>, Rejection> {
        let service = self.service(&wish.service)?;
        within(wish.party, PARTY_LARGEST, "/party")?;
        within(wish.cases, CASES_LARGEST, "/cases")?;
        self.not_suspended(&service.id)?;
        self.is_issuing(wish, service)?;
        self.may_hold(wish.person.as_ref(), service)?;
        self.voucher_holds(wish)?;
        let mut events = self.open_day_if_new()?;
        let is_first = !events.is_empty();
        let ahead = self.hall.waiting(&service.id);
        events.push(Event::TicketTaken(TicketTaken {
            ticket: TicketId(self.hall.next_ticket),
            number: self.next_number(service, is_first)?,
            token: wish.token.clone(),
            service: service.id.clone(),
            class: wish.class,
            channel: wish.channel,
            needs: wish.needs.clone(),
            party: wish.party,
            cases: wish.cases,
            language: wish.language,
            person: wish.person.clone(),
            voucher: wish.voucher.clone(),
            reason: optional_words(wish.reason.as_ref(), "/reason")?,
            ahead,
            wait: self.hall.wait(&service.id, ahead),
        }));
        Ok(events)
    }

    fn is_issuing(&self, wish: &TakeTicket, service: &Service) -> Result<(), Rejection> {
        let phase = self.hall.phase_of(&service.id, self.now);
        let date = self.hall.business_date(self.now);
        let by_usher = matches!(self.command.actor, Actor::Usher(_) | Actor::Manager(_));
        if by_usher && phase == Phase::ServingOut {
            return self.was_in_line_at_closing(wish, service);
        }
        let booked_only = self.hall.plan().appointments_only(date, &service.id);
        if phase.issues() {
            // a free place is given on the spot by the usher; a voucher is good for the next session, whichever it is
            return match booked_only && !by_usher && wish.voucher.is_none() {
                true => Err(self.not_open(&service.id, NotOpenReason::AppointmentsOnly)),
                false => Ok(()),
            };
        }
        let today = self.hall.plan().date(self.now);
        if today > date {
            return Err(self.not_open(&service.id, self.why_not_yet(today, service))); // the day before is still open
        }
        let sessions = self.hall.plan().sessions(date, &service.id);
        let later_today = sessions.iter().any(|session| session.opens > self.now);
        Err(match phase {
            Phase::Closed => self.not_open(&service.id, self.why_not_yet(date, service)),
            Phase::Between | Phase::ServingOut if later_today => {
                self.not_open(&service.id, NotOpenReason::Between)
            }
            Phase::Between | Phase::ServingOut | Phase::Done => {
                self.redirect(&service.id, RedirectReason::Closed)
            }
            Phase::EarlyOpen | Phase::Open | Phase::NearClosing => {
                unreachable!("these phases issue")
            }
        })
    }

    /// Why a date gives no numbers before its first session.
    fn why_not_yet(&self, date: NaiveDate, service: &Service) -> NotOpenReason {
        let plan = self.hall.plan();
        match () {
            () if plan.sessions(date, &service.id).is_empty() => NotOpenReason::DayOff,
            () if plan.appointments_only(date, &service.id) => NotOpenReason::AppointmentsOnly,
            () => NotOpenReason::NotYet,
        }
    }

    /// The usher may still give a number to someone who stood in line at closing time: with the reason, and only where
    /// a window is staffed to keep the promise.
    fn was_in_line_at_closing(
        &self,
        wish: &TakeTicket,
        service: &Service,
    ) -> Result<(), Rejection> {
        if !promise::is_covered(self.hall, &service.id) {
            return Err(self.redirect(&service.id, RedirectReason::Closed));
        }
        reason(wish.reason.as_deref().unwrap_or_default(), "/reason").map(|_| ())
    }

    fn voucher_holds(&self, wish: &TakeTicket) -> Result<(), Rejection> {
        let Some(token) = &wish.voucher else {
            return Ok(());
        };
        let voucher = self
            .hall
            .vouchers
            .get(token)
            .ok_or_else(|| Rejection::not_found("该凭证", "voucher"))?;
        if voucher.used.is_some() {
            return Err(Rejection::LimitReached {
                limit: Limit::Voucher,
            });
        }
        if self.now >= voucher.valid_until {
            return Err(Rejection::TooLate {
                what: Late::Voucher,
            });
        }
        let still_offered = self.hall.plan().service(&voucher.service).is_some();
        if still_offered && voucher.service != wish.service {
            let service = &voucher.service;
            return Err(Rejection::invalid(
                "/service",
                format!("该凭证用于「{service}」"),
                format!("this voucher is for \"{service}\""),
            ));
        }
        Ok(())
    }

    fn next_number(&self, service: &Service, is_first: bool) -> Result<TicketNumber, Rejection> {
        let day = self.hall.day.as_ref().filter(|_| !is_first);
        let last = day
            .and_then(|day| day.series.get(&service.prefix))
            .copied()
            .unwrap_or(0);
        if last >= TicketNumber::LAST {
            return Err(self.redirect(&service.id, RedirectReason::Full));
        }
        Ok(TicketNumber::new(service.prefix.clone(), last + 1))
    }

    fn redirect(&self, service: &ServiceId, reason: RedirectReason) -> Rejection {
        let opens_at = self.hall.next_issuing(service, self.now);
        Rejection::Redirect {
            reason,
            may_insist: false,
            opens_at,
        }
    }
}

fn within(count: u16, largest: u16, pointer: &str) -> Result<(), Rejection> {
    if (1..=largest).contains(&count) {
        return Ok(());
    }
    Err(Rejection::invalid(
        pointer,
        format!("应在1到{largest}之间"),
        format!("must be between 1 and {largest}"),
    ))
}
