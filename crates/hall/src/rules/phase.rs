//! What the hall is doing at a moment: a pure function of plan, state and time, never an event.
//!
//! Boundaries are half-open: numbers are issued in `[open − 10 min, close)`.

use crate::id::ServiceId;
use crate::plan::Service;
use crate::plan::hours::Session;
use crate::record::redirect::RedirectReason;
use crate::state::hall::Hall;
use crate::state::phase::Phase;
use crate::time::Time;
use chrono::NaiveDate;

impl Hall {
    /// The date that business belongs to now: the open day's until it closes, else the calendar's.
    pub fn business_date(&self, now: Time) -> NaiveDate {
        match &self.day {
            Some(day) if day.closed.is_none() => day.date,
            _ => self.plan().date(now),
        }
    }

    /// The phase of one service.
    pub fn phase_of(&self, service: &ServiceId, now: Time) -> Phase {
        let date = self.business_date(now);
        let sessions = self.plan().sessions(date, service);
        if self.day_is_over(date) {
            return if sessions.is_empty() {
                Phase::Closed
            } else {
                Phase::Done
            };
        }
        let early_open = self.plan().early_open();
        let near_closing = self.plan().near_closing();
        for session in &sessions {
            if now < session.opens - early_open || now >= session.closes {
                continue;
            }
            return match () {
                () if now < session.opens => Phase::EarlyOpen,
                () if now < session.closes - near_closing && !self.overruns(service) => Phase::Open,
                () => Phase::NearClosing,
            };
        }
        let begun = sessions
            .first()
            .is_some_and(|session| now >= session.closes);
        let over = sessions.last().is_some_and(|session| now >= session.closes);
        match () {
            () if self.is_anyone_unresolved(Some(service), now)
                && (begun || sessions.is_empty()) =>
            {
                Phase::ServingOut
            }
            () if over => Phase::Done,
            () if begun => Phase::Between,
            () => Phase::Closed,
        }
    }

    /// Why whoever could do this service online is led there first, while that is so.
    pub fn redirecting(&self, service: &Service, now: Time) -> Option<RedirectReason> {
        service.online.as_ref()?;
        if self.phase_of(&service.id, now) != Phase::NearClosing {
            return None;
        }
        let date = self.business_date(now);
        let near_closing = self.plan().near_closing();
        let sessions = self.plan().sessions(date, &service.id);
        let is_near = |s: &Session| s.closes - near_closing <= now && now < s.closes;
        Some(match sessions.iter().any(is_near) {
            true => RedirectReason::NearClosing,
            false => RedirectReason::Forecast,
        })
    }

    /// Whether a ticket of this service taken now would be called too long after closing.
    pub fn overruns(&self, service: &ServiceId) -> bool {
        let day = self.service_day(service);
        day.is_some_and(|day| day.overrun_since.is_some())
    }

    /// The phase of the hall: that of its latest-open service.
    pub fn phase(&self, now: Time) -> Phase {
        let phases = self
            .plan()
            .services
            .iter()
            .map(|service| self.phase_of(&service.id, now));
        phases.max().unwrap_or(Phase::Closed)
    }

    /// When numbers for a service are next issued to whoever walks in: not before its suspension ends, and `None` while
    /// that has no end.
    pub fn next_issuing(&self, service: &ServiceId, now: Time) -> Option<Time> {
        let Some(suspension) = self.suspensions.get(service) else {
            return self.plan().next_issuing(service, now);
        };
        let until = suspension.until?.max(now);
        if self.plan().issues_at(service, until) {
            Some(self.plan().local(until))
        } else {
            self.plan().next_issuing(service, until)
        }
    }

    /// When the phase of the hall or of a service next changes by the clock alone.
    pub fn next_change(&self, now: Time) -> Option<Time> {
        let early_open = self.plan().early_open();
        let near_closing = self.plan().near_closing();
        let dates =
            std::iter::successors(Some(self.business_date(now)), |date| date.succ_opt()).take(15);
        dates
            .filter_map(|date| {
                let sessions = self
                    .plan()
                    .services
                    .iter()
                    .flat_map(|service| self.plan().sessions(date, &service.id));
                sessions
                    .flat_map(|s| {
                        [
                            s.opens - early_open,
                            s.opens,
                            s.closes - near_closing,
                            s.closes,
                        ]
                    })
                    .filter(|change| *change > now)
                    .min()
            })
            .next()
    }

    fn day_is_over(&self, date: NaiveDate) -> bool {
        self.day
            .as_ref()
            .is_some_and(|day| day.date == date && day.closed.is_some())
    }
}
