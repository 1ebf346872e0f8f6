//! The clock was ahead, and the true day begins again. What was recorded in the wrong one is kept.

use super::Act;
use super::over_day::LEASES_KEPT;
use crate::record::event::Event;
use crate::rules::promise;
use crate::state::appointment::{Appointment, Standing};
use crate::state::day::Day;
use crate::state::voucher::VoucherReason;
use crate::time::Time;
use chrono::Duration;

/// Less than this apart, time passes by itself until it is true.
const APART_LEAST: Duration = Duration::minutes(1);

impl Act<'_> {
    /// The hall's time goes back to the clock's. A day of another date ends: whoever waits on it comes first later. Who
    /// was noted as not having come, before the true time for it, is booked again.
    pub(super) fn put_clock_right(&self) -> Vec<Event> {
        let to = self.command.at;
        if self.now - to < APART_LEAST {
            return Vec::new();
        }
        let then = Act { now: to, ..*self };
        let mut events = Vec::new();
        let open = self.hall.day().filter(|day| day.closed.is_none());
        if let Some(day) = open.filter(|day| day.date != self.hall.working_date(to)) {
            events = then.end_wrong_day(day);
        }
        let missed_too_early = self.hall.appointments().values();
        events.push(Event::ClockPutRight {
            to,
            date: self.hall.working_date(to),
            leases: Some(to - LEASES_KEPT),
            booked_again: missed_too_early
                .filter(|appointment| still_to_come(appointment, to))
                .map(|appointment| appointment.id)
                .collect(),
        });
        events
    }

    fn end_wrong_day(&self, day: &Day) -> Vec<Event> {
        let why = "服务器时钟有误,已校正";
        let waits = promise::unresolved(self.hall, self.now);
        let events = waits
            .filter(|ticket| ticket.leaving.is_none())
            .flat_map(|ticket| self.handed_on(ticket, why.into(), VoucherReason::Interruption))
            .collect();
        self.end_day(day, events)
    }
}

fn still_to_come(appointment: &Appointment, now: Time) -> bool {
    let until = appointment.reservation.as_ref().map(|r| r.check_in_until);
    matches!(appointment.standing, Standing::NoShow { .. })
        && until.is_some_and(|until| until > now)
}
