//! The day's own course: what the timers ask for.

use super::{Act, Ruling};
use crate::apply::Fold;
use crate::id::{ServiceId, TicketId};
use crate::record::event::{Event, Forgets};
use crate::record::rejection::{Late, Rejection};
use crate::rules::{promise, timers};
use crate::state::closing::ClosingRecord;
use crate::state::complaint::ANSWERED_KEPT;
use crate::state::day::Day;
use crate::state::hall::Hall;
use crate::state::ticket::{Stage, Ticket};
use chrono::{Duration, NaiveDate, NaiveTime};
use std::collections::BTreeSet;

/// How long an expired voucher is known, so that its holder is told so.
const EXPIRED_KEPT: Duration = Duration::days(7);

/// How long an appointment that is over is known, so that its holder's page still says how it ended.
const APPOINTMENT_KEPT: Duration = Duration::days(7);

/// How long a paper of a number that was lent can still be reported.
pub(super) const LEASES_KEPT: Duration = Duration::days(7);

/// How far back no-shows are remembered: as far as a plan can look.
const NO_SHOW_KEPT: Duration = Duration::days(365);

impl Act<'_> {
    /// The date's first early open has come. Whoever opened the day before has opened it: a second opening would begin
    /// every series again.
    pub(super) fn open_day(&self, date: NaiveDate) -> Ruling {
        match self.hall.day() {
            Some(day) if day.date == date && day.closed.is_none() => Ok(Vec::new()),
            Some(day) if day.date >= date || day.closed.is_none() => {
                Err(Rejection::TooLate(Late::DayClosed))
            }
            Some(_) | None => Ok(self.day_opened(date)),
        }
    }

    /// The day begins, and what nobody asks for any more is forgotten; what may be on paper is not given out again.
    pub(super) fn day_opened(&self, date: NaiveDate) -> Vec<Event> {
        let day = Day::new(date, self.now);
        let mut events = vec![self.opening(date)];
        events.extend(self.not_to_be_given_out(day, self.hall.plan(), |_| true));
        events
    }

    fn opening(&self, date: NaiveDate) -> Event {
        let plan = self.hall.plan();
        let rated_for = Duration::hours(plan.policy.rating_hours.into());
        let day_before = date.pred_opt().unwrap_or(date);
        Event::DayOpened {
            date,
            forgets: Some(Forgets {
                vouchers: self.now - EXPIRED_KEPT,
                commands: plan.at(day_before, NaiveTime::MIN),
                complaints: self.now - ANSWERED_KEPT,
                tickets: self.now - rated_for,
                appointments: self.now - APPOINTMENT_KEPT,
                no_shows: self.now - NO_SHOW_KEPT,
                keeps_numbers: true,
                leases: Some(self.now - LEASES_KEPT),
            }),
        }
    }

    /// A parked citizen did not come back in time.
    pub(super) fn miss_parked(&self, id: TicketId) -> Ruling {
        let ticket = self.ticket(id)?;
        let Stage::Parked { window, .. } = ticket.stage else {
            return Err(self.wrong_stage(ticket));
        };
        Ok(vec![Event::TicketMissed { ticket: id, window }])
    }

    /// The last session is over and nobody is left.
    pub(super) fn close_day(&self, date: NaiveDate) -> Ruling {
        let day = self.day_of(date)?;
        if let Some(span) = self.hall.plan().span(date)
            && self.now < span.closes
        {
            return Err(Rejection::TooEarly { at: span.closes });
        }
        if let Some(at) = self.hall.lent_out_until().filter(|at| self.now < *at) {
            return Err(Rejection::TooEarly { at });
        }
        let unresolved: Vec<TicketId> = promise::unresolved(self.hall, self.now)
            .map(|ticket| ticket.id)
            .collect();
        self.would_strand(&unresolved)?;
        let mut events = self.skip_what_is_lent();
        events.push(Event::DayClosed {
            date,
            closing: closing(self.hall, day),
            goes_on: None,
        });
        Ok(events)
    }

    /// A day that was left open ends when the next one begins: whoever is still there was not served, unless the next day
    /// goes on with them.
    pub(super) fn settle_day(&self, date: NaiveDate) -> Ruling {
        let day = self.day_of(date)?;
        let next = self.hall.next_begun(self.now);
        Ok(
            match next.filter(|_| timers::goes_on(self.hall, day, self.now)) {
                Some(next) => self.go_on(day, next),
                None => self.end_day(day, Vec::new()),
            },
        )
    }

    /// The next day goes on with everyone who is not done: their numbers stay good, and are given to nobody else.
    fn go_on(&self, day: &Day, next: NaiveDate) -> Vec<Event> {
        let left = promise::unresolved(self.hall, self.now);
        let left: Vec<&Ticket> = left.collect();
        let ids: BTreeSet<TicketId> = left.iter().map(|ticket| ticket.id).collect();
        let ended = Day {
            goes_on: Some(ids.clone()),
            ..day.clone()
        };
        let closes = Event::DayClosed {
            date: day.date,
            closing: closing(self.hall, &ended),
            goes_on: Some(ids),
        };
        let opened = ended.continued(Day::new(next, self.now));
        let mut events = vec![closes, self.opening(next)];
        events.extend(self.already_given(opened, left.into_iter().map(|ticket| &ticket.number)));
        events
    }

    /// The end of a day on which somebody may still be there, behind what was decided for some of them. Answers that too.
    pub(super) fn end_day(&self, day: &Day, mut events: Vec<Event>) -> Vec<Event> {
        let mut settled = self.hall.clone();
        let mut fold = Fold {
            hall: &mut settled,
            version: self.hall.version() + 1,
            at: self.now,
        };
        events.iter().for_each(|event| fold.apply(event));
        let left = fold.hall.open_tickets();
        let left: Vec<Event> = left
            .map(|ticket| Event::TicketUnserved { ticket: ticket.id })
            .collect();
        left.iter().for_each(|event| fold.apply(event));
        let closing = closing(&settled, settled.day().unwrap_or(day));
        events.extend(left);
        events.extend(self.skip_what_is_lent());
        events.push(Event::DayClosed {
            date: day.date,
            closing,
            goes_on: None,
        });
        events
    }

    pub(super) fn end_suspension(&self, service: &ServiceId) -> Ruling {
        self.service(service)?;
        let suspended = self.hall.suspensions().contains_key(service);
        Ok(if suspended {
            vec![Event::SuspensionEnded {
                service: service.clone(),
            }]
        } else {
            Vec::new()
        })
    }

    /// Near closing comes early for a service, or that is over.
    pub(super) fn set_overrun(&self, service: &ServiceId, overruns: bool) -> Ruling {
        self.service(service)?;
        self.day_is_open()?;
        let service = service.clone();
        Ok(match (overruns, self.hall.overruns(&service)) {
            (true, false) => vec![Event::OverrunForeseen { service }],
            (false, true) => vec![Event::OverrunOver { service }],
            (true, true) | (false, false) => Vec::new(),
        })
    }

    fn day_of(&self, date: NaiveDate) -> Result<&Day, Rejection> {
        let day = self
            .hall
            .day()
            .filter(|day| day.date == date && day.closed.is_none());
        day.ok_or(Rejection::TooLate(Late::DayClosed))
    }
}

fn closing(hall: &Hall, day: &Day) -> ClosingRecord {
    let closing = ClosingRecord::of(hall, day);
    assert!(
        closing.agrees(),
        "a day closes only when every ticket has its final stage: {closing:?}"
    );
    closing
}
