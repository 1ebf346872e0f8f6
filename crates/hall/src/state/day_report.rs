//! The day's figures for the manager: counts, waits and service times by service, window and hour.

use crate::id::{ServiceId, WindowNumber};
use crate::state::appointment::{Appointment, Standing};
use crate::state::closing::ClosingRecord;
use crate::state::day::{Day, Redirects};
use crate::state::hall::Hall;
use crate::state::ticket::{Visit, VisitEnding};
use chrono::{NaiveDate, Timelike};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One day. While it runs, `closing` counts what has ended so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DayReport {
    pub date: NaiveDate,
    pub closing: ClosingRecord,
    pub total: Figures,
    pub by_service: BTreeMap<ServiceId, Figures>,
    pub by_window: BTreeMap<WindowNumber, Figures>,
    /// By the hour of day in which a number was taken (issued) or a citizen called (the rest).
    pub by_hour: BTreeMap<u32, Figures>,
    pub helped_online: BTreeMap<ServiceId, u32>,
    /// Who was led to the app, an appointment or another hall, and how many insisted on a number here.
    #[serde(default)]
    pub redirects: BTreeMap<ServiceId, Redirects>,
    /// What became of the places that were booked for this day.
    #[serde(default)]
    pub appointments: Appointments,
    /// The day had not come yet: the server's clock was ahead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_was_wrong: bool,
    /// The part of this day before the clock was put right; its figures are not in the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub earlier: Option<Box<DayReport>>,
}

/// Booked places of a day by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Appointments {
    pub checked_in: u32,
    /// Of those, after the time for it.
    pub late: u32,
    pub no_shows: u32,
    pub cancelled: u32,
    /// Home visits made and matters done for somebody.
    pub visited: u32,
    /// Places nobody had booked, given to whoever came.
    pub on_the_spot: u32,
    /// Still to come.
    pub expected: u32,
}

/// Counts and percentiles (nearest rank); times in whole seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Figures {
    /// Numbers given out; not counted by window.
    pub issued: u32,
    /// Matters finished.
    pub finished: u32,
    pub wait_p50: Option<u32>,
    pub wait_p90: Option<u32>,
    pub service_p50: Option<u32>,
    pub service_p90: Option<u32>,
}

impl DayReport {
    /// The figures of a day that is the open or the last one.
    pub fn of(hall: &Hall, day: &Day) -> DayReport {
        let mut report = Tally::default();
        for ticket in hall.tickets_of(day) {
            let hour = hall.plan().local(ticket.taken_at).hour();
            let first = ticket.visits.first();
            let first_service = first.map_or(&ticket.service, |visit| &visit.service);
            for cell in report.cells(first_service, None, hour) {
                cell.issued += 1;
            }
            for visit in &ticket.visits {
                let hour = hall.plan().local(visit.called_at).hour();
                for cell in report.cells(&visit.service, Some(visit.window), hour) {
                    cell.add(visit);
                }
            }
        }
        let closing = day.closed.clone();
        DayReport {
            date: day.date,
            closing: closing.unwrap_or_else(|| ClosingRecord::of(hall, day)),
            total: report.total.figures(),
            by_service: figures(report.by_service),
            by_window: figures(report.by_window),
            by_hour: figures(report.by_hour),
            helped_online: day.helped_online.clone(),
            redirects: day.redirects.clone(),
            appointments: Appointments::of(hall, day.date),
            clock_was_wrong: false,
            earlier: None,
        }
    }
}

impl Appointments {
    /// The appointments of a date that the hall still keeps.
    pub fn of(hall: &Hall, date: NaiveDate) -> Appointments {
        let mut sums = Appointments::default();
        let is_of_date = |appointment: &&Appointment| {
            let starts_at = appointment.reservation.as_ref().map(|r| r.starts_at);
            starts_at.is_some_and(|at| hall.plan().date(at) == date)
        };
        for appointment in hall.appointments().values().filter(is_of_date) {
            sums.count(appointment);
        }
        sums
    }

    fn count(&mut self, appointment: &Appointment) {
        match appointment.standing {
            Standing::CheckedIn { .. } if appointment.visitor.is_none() => self.on_the_spot += 1,
            Standing::CheckedIn { late, .. } => {
                self.checked_in += 1;
                self.late += u32::from(late);
            }
            Standing::Booked => self.expected += 1,
            Standing::Visited { .. } => self.visited += 1,
            Standing::Cancelled { .. } => self.cancelled += 1,
            Standing::NoShow { .. } => self.no_shows += 1,
            Standing::Held { .. } | Standing::Listed | Standing::Lapsed { .. } => {}
        }
    }
}

/// The value at or below which `percent` of the sorted values lie (nearest rank).
pub fn percentile(sorted: &[u32], percent: usize) -> Option<u32> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[derive(Default)]
struct Tally {
    total: Cell,
    by_service: BTreeMap<ServiceId, Cell>,
    by_window: BTreeMap<WindowNumber, Cell>,
    by_hour: BTreeMap<u32, Cell>,
}

impl Tally {
    /// Everywhere that something of this service counts, at a window or before one, in this hour.
    fn cells(
        &mut self,
        service: &ServiceId,
        window: Option<WindowNumber>,
        hour: u32,
    ) -> impl Iterator<Item = &mut Cell> {
        let of_service = self.by_service.entry(service.clone()).or_default();
        let of_window = window.map(|window| self.by_window.entry(window).or_default());
        let of_hour = self.by_hour.entry(hour).or_default();
        [&mut self.total, of_service, of_hour]
            .into_iter()
            .chain(of_window)
    }
}

fn figures<K: Ord>(cells: BTreeMap<K, Cell>) -> BTreeMap<K, Figures> {
    let cells = cells.into_iter();
    cells.map(|(key, cell)| (key, cell.figures())).collect()
}

#[derive(Default)]
struct Cell {
    issued: u32,
    waits: Vec<u32>,
    services: Vec<u32>,
}

impl Cell {
    fn add(&mut self, visit: &Visit) {
        if let Some(since) = visit.waited_since {
            self.waits.push(seconds(visit.called_at - since));
        }
        if matches!(visit.ending, VisitEnding::Finished { .. }) {
            self.services
                .push(seconds(visit.finished_at - visit.started_at));
        }
    }

    fn figures(mut self) -> Figures {
        self.waits.sort_unstable();
        self.services.sort_unstable();
        Figures {
            issued: self.issued,
            finished: self.services.len() as u32,
            wait_p50: percentile(&self.waits, 50),
            wait_p90: percentile(&self.waits, 90),
            service_p50: percentile(&self.services, 50),
            service_p90: percentile(&self.services, 90),
        }
    }
}

fn seconds(duration: chrono::Duration) -> u32 {
    duration.num_seconds().max(0) as u32
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_a_value_that_was_there() {
        let sorted: Vec<u32> = (1..=10).collect();
        assert_eq!(
            [percentile(&sorted, 50), percentile(&sorted, 90)],
            [Some(5), Some(9)]
        );
        assert_eq!([percentile(&[7], 50), percentile(&[], 50)], [Some(7), None]);
    }
}
