//! Taking a number: from ten minutes before the doors until the session closes.

use super::{Act, Ruling, optional_words, reason};
use crate::id::{ServiceId, TicketId, TicketNumber, Token};
use crate::plan::Service;
use crate::plan::class::Class;
use crate::plan::hours::DayOffer;
use crate::plan::policy::RedirectPolicy;
use crate::record::command::{Actor, TakeTicket};
use crate::record::event::{Event, TicketTaken};
use crate::record::redirect::RedirectReason;
use crate::record::rejection::{Late, Limit, NotOpenReason, Rejection};
use crate::rules::estimate;
use crate::rules::phase;
use crate::rules::promise;
use crate::state::day::Day;
use crate::state::phase::Phase;
use crate::state::ticket::Channel;
use chrono::NaiveDate;

/// Most people who come to a window together.
const PARTY_LARGEST: u16 = 20;
/// Most matters in one ticket.
const CASES_LARGEST: u16 = 99;

impl Act<'_> {
    /// Somebody wants a number: at the kiosk, of an usher, or by phone where the plan allows that.
    pub(super) fn take_ticket(&self, wish: &TakeTicket) -> Ruling {
        if wish.channel == Channel::Phone && !self.hall.plan().policy.phone_tickets {
            return Err(Rejection::NotAllowed);
        }
        self.issue(wish)
    }

    /// Issues the next number of the service's series; the first command of a date opens the day.
    pub(super) fn issue(&self, wish: &TakeTicket) -> Ruling {
        let service = self.service(&wish.service)?;
        within(wish.party, PARTY_LARGEST, "/party")?;
        within(wish.cases, CASES_LARGEST, "/cases")?;
        if wish.class == Class::Appointment {
            return Err(Rejection::invalid(
                "/class",
                "预约请签到取号",
                "an appointment gets its number by check-in",
            ));
        }
        self.not_suspended(&service.id)?;
        self.is_authorised(&service.id)?;
        let insisted = match self.way_in(wish, service)? {
            WayIn::Issued => false,
            WayIn::Insisted => true,
            WayIn::Redirected(reason, may_insist) => {
                return Ok(vec![self.redirected(service, reason, may_insist)]);
            }
            WayIn::OnTheSpot => return self.take_on_the_spot(wish, service),
        };
        self.may_hold(wish.person.as_ref(), wish.named.as_ref(), service)?;
        self.voucher_holds(wish)?;
        let mut events = self.open_day_if_new()?;
        let Some(number) = self.next_number(service, &self.day_after(&events)) else {
            return Ok(vec![self.redirected(service, RedirectReason::Full, false)]);
        };
        events.push(self.taken(wish, service, number, insisted)?);
        Ok(events)
    }

    /// The same on a day by appointment only: the ticket and the place it takes are one record.
    fn take_on_the_spot(&self, wish: &TakeTicket, service: &Service) -> Ruling {
        self.may_hold(wish.person.as_ref(), wish.named.as_ref(), service)?;
        let place = self.place_on_the_spot(wish, service)?;
        let mut events = self.open_day_if_new()?;
        let number = self.number_or_full(service, &self.day_after(&events))?;
        events.push(self.taken(wish, service, number, false)?);
        events.push(place);
        Ok(events)
    }

    fn taken(
        &self,
        wish: &TakeTicket,
        service: &Service,
        number: TicketNumber,
        insisted: bool,
    ) -> Result<Event, Rejection> {
        let ahead = self.hall.waiting(&service.id);
        let told = estimate::wait(self.hall, &service.id, ahead, self.now);
        let kiosk = match &self.command.actor {
            Actor::Kiosk(kiosk) => Some(kiosk.clone()),
            _ => None,
        };
        Ok(Event::TicketTaken(TicketTaken {
            class: wish.class,
            kiosk,
            needs: wish.needs.clone(),
            party: wish.party,
            cases: wish.cases,
            language: wish.language,
            person: wish.person.clone(),
            named: wish.named.clone(),
            voucher: wish.voucher.clone(),
            reason: optional_words(wish.reason.as_ref(), "/reason")?,
            insisted,
            ahead,
            wait: told.ok(),
            wait_unknown: told.err(),
            also: self.also(wish)?,
            ..self.new_ticket(number, wish.token.clone(), &service.id, wish.channel)
        }))
    }

    /// The next ticket as every way to one begins.
    pub(super) fn new_ticket(
        &self,
        number: TicketNumber,
        token: Token,
        service: &ServiceId,
        channel: Channel,
    ) -> TicketTaken {
        let ticket = TicketId(self.hall.next_ticket());
        TicketTaken::new(ticket, number, token, service.clone(), channel)
    }

    /// The other things wanted in the same visit, each once.
    fn also(&self, wish: &TakeTicket) -> Result<Vec<ServiceId>, Rejection> {
        let mut also: Vec<ServiceId> = Vec::new();
        for id in wish.also.iter().filter(|id| **id != wish.service) {
            let service = self.service(id)?;
            self.not_suspended(&service.id)?;
            if !also.contains(id) {
                also.push(id.clone());
            }
        }
        Ok(also)
    }

    /// How somebody who wants a number now comes by one, if at all.
    fn way_in(&self, wish: &TakeTicket, service: &Service) -> Result<WayIn, Rejection> {
        let phase = phase::of_service(self.hall, &service.id, self.now);
        let date = self.hall.business_date(self.now);
        let by_usher = matches!(self.command.actor, Actor::Usher(_) | Actor::Manager(_));
        if by_usher && phase == Phase::ServingOut {
            return self.was_in_line_at_closing(wish, service);
        }
        let booked_only = self.hall.plan().appointments_only(date, &service.id);
        if phase.issues() {
            return if wish.voucher.is_some() {
                // a voucher is good for the next session, whichever it is
                Ok(WayIn::Issued)
            } else if booked_only && by_usher {
                Ok(WayIn::OnTheSpot)
            } else if booked_only {
                Err(self.not_open(&service.id, NotOpenReason::AppointmentsOnly))
            } else if by_usher {
                Ok(WayIn::Issued)
            } else {
                Ok(self.way_near_closing(wish, service))
            };
        }
        let today = self.hall.working_date(self.now);
        if today > date {
            return Err(self.not_open(&service.id, self.why_not_yet(today, service))); // the day before is still open
        }
        let sessions = self.hall.sessions(&service.id, self.now);
        let later_today = sessions.iter().any(|session| session.opens > self.now);
        Err(match phase {
            Phase::Closed => self.not_open(&service.id, self.why_not_yet(date, service)),
            Phase::Between | Phase::ServingOut if later_today => {
                self.not_open(&service.id, NotOpenReason::Between)
            }
            Phase::Between | Phase::ServingOut | Phase::Done => {
                return Ok(WayIn::Redirected(RedirectReason::Closed, false));
            }
            Phase::EarlyOpen | Phase::Open | Phase::NearClosing => {
                unreachable!("these phases issue")
            }
        })
    }

    /// Near closing, by the clock or by the forecast, somebody who could do it online is shown that first. One who
    /// insists gets a number where the policy allows it, one with priority always gets it, and one without a smartphone
    /// is not even asked.
    fn way_near_closing(&self, wish: &TakeTicket, service: &Service) -> WayIn {
        let Some(reason) = phase::redirecting(self.hall, service, self.now) else {
            return WayIn::Issued;
        };
        let policy = self.hall.plan().policy.redirect;
        let may_insist = wish.class.is_courtesy() || policy == RedirectPolicy::Offer;
        if wish.no_smartphone || (wish.insist && may_insist) {
            WayIn::Insisted
        } else {
            WayIn::Redirected(reason, may_insist)
        }
    }

    /// Why a date gives no numbers before its first session.
    fn why_not_yet(&self, date: NaiveDate, service: &Service) -> NotOpenReason {
        let plan = self.hall.plan();
        let booked_only = || plan.offer(date) == DayOffer::BookedOnly;
        if !plan.authorised(date, &service.id) {
            NotOpenReason::NotAuthorised
        } else if plan.appointments_only(date, &service.id) || booked_only() {
            NotOpenReason::AppointmentsOnly
        } else if plan.sessions(date, &service.id).is_empty() {
            NotOpenReason::DayOff
        } else {
            NotOpenReason::NotYet
        }
    }

    /// The usher may still give a number to someone who stood in line at closing time: with the reason, and only where
    /// a window is staffed to keep the promise.
    fn was_in_line_at_closing(
        &self,
        wish: &TakeTicket,
        service: &Service,
    ) -> Result<WayIn, Rejection> {
        if !promise::is_covered(self.hall, &service.id) {
            return Ok(WayIn::Redirected(RedirectReason::Closed, false));
        }
        reason(wish.reason.as_deref().unwrap_or_default(), "/reason").map(|_| WayIn::Issued)
    }

    fn voucher_holds(&self, wish: &TakeTicket) -> Result<(), Rejection> {
        let Some(token) = &wish.voucher else {
            return Ok(());
        };
        let voucher = self.hall.vouchers().get(token);
        let voucher = voucher.ok_or_else(|| Rejection::not_found("该凭证", "voucher"))?;
        if voucher.used.is_some() {
            return Err(Rejection::LimitReached(Limit::Voucher));
        }
        if self.now >= voucher.valid_until {
            return Err(Rejection::TooLate(Late::Voucher));
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

    /// The next number of the service's series; none once the series is used up.
    fn next_number(&self, service: &Service, day: &Day) -> Option<TicketNumber> {
        let prefix = &service.prefix;
        let last = day.series.get(prefix).copied().unwrap_or(0);
        let next = day.following(prefix, last);
        (next <= TicketNumber::LAST).then(|| TicketNumber::new(prefix.clone(), next))
    }

    /// The same for somebody who has a right to a number: if the series is used up, there is no other way to name.
    pub(super) fn number_or_full(
        &self,
        service: &Service,
        day: &Day,
    ) -> Result<TicketNumber, Rejection> {
        let opens_at = phase::next_issuing(self.hall, &service.id, self.now);
        let full = Rejection::NumbersUsedUp { opens_at };
        self.next_number(service, day).ok_or(full)
    }

    fn redirected(&self, service: &Service, reason: RedirectReason, may_insist: bool) -> Event {
        Event::CitizenRedirected {
            service: service.id.clone(),
            reason,
            may_insist,
            opens_at: phase::next_issuing(self.hall, &service.id, self.now),
        }
    }
}

/// How somebody comes by a number.
enum WayIn {
    Issued,
    /// Although there is another way, which he does not want.
    Insisted,
    /// Not: he is shown the other ways, and may insist or not.
    Redirected(RedirectReason, bool),
    /// As a place that nobody booked.
    OnTheSpot,
}

pub(super) fn within(count: u16, largest: u16, pointer: &str) -> Result<(), Rejection> {
    if (1..=largest).contains(&count) {
        return Ok(());
    }
    Err(Rejection::invalid(
        pointer,
        format!("应在1到{largest}之间"),
        format!("must be between 1 and {largest}"),
    ))
}
