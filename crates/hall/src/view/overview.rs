//! The manager's overview of a running day.

use super::waiting_room::{Waiting, WindowState, help, waiting, window_states};
use crate::id::{ActorId, HallId, ServiceId, TicketNumber, WindowNumber};
use crate::rules::phase;
use crate::state::closing::ClosingRecord;
use crate::state::complaint::{Complaint, ComplaintView};
use crate::state::day::Redirects;
use crate::state::day_report::Appointments;
use crate::state::hall::Hall;
use crate::state::help::HelpView;
use crate::state::lease::LENT_WAITED_FOR;
use crate::state::phase::Phase;
use crate::state::ticket::{Stage, Ticket};
use crate::text::Text;
use crate::time::{DateTime, Time};
use crate::view::sentence::{Surface, sentence};
use chrono::{Duration, NaiveDate};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// What a manager watches.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OverviewView {
    pub hall: HallId,
    pub name: Text,
    pub phase: Phase,
    pub sentence: Text,
    pub now: DateTime,
    pub date: NaiveDate,
    /// The sums so far; the final ones once the day is closed.
    pub sums: Option<ClosingRecord>,
    pub closed: bool,
    /// In waiting, called, serving or parked.
    pub open_tickets: usize,
    pub windows: Vec<WindowState>,
    pub officers: Vec<OfficerAt>,
    pub waiting: Vec<Waiting>,
    /// Since when the first in line has waited.
    pub longest_waiting_since: Option<DateTime>,
    pub calling_paused: Option<String>,
    /// Years whose official calendar was not imported: the hall works by weekday in them.
    pub missing_calendar_years: Vec<i32>,
    /// Who was led to other ways today, and how many insisted.
    pub redirects: BTreeMap<ServiceId, Redirects>,
    /// Services for which near closing came early, because so many wait.
    pub overruns: Vec<ServiceId>,
    /// After the last session: kiosks that may have given out numbers of which they have not told; the day waits for them.
    pub lent: Vec<LentOut>,
    pub lent_until: Option<DateTime>,
    /// Who has called for help, while nobody has come.
    pub help: Vec<HelpView>,
    /// What could not be done, in writing and not answered yet, the most pressing first.
    pub words: Vec<ComplaintView>,
    /// Today's appointments.
    pub appointments: Appointments,
    /// Numbers of appointments that have waited too long since their slot began.
    pub overdue: Vec<TicketNumber>,
    /// Officers who are named for an appointment that is due, and sit at no window.
    pub absent_officers: Vec<ActorId>,
}

/// A kiosk that has numbers for while the server is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LentOut {
    pub kiosk: ActorId,
    /// How many may be on paper.
    pub numbers: usize,
}

/// Who sits where.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OfficerAt {
    pub window: WindowNumber,
    pub officer: ActorId,
    pub since: DateTime,
}

/// The overview at this moment.
pub fn overview(hall: &Hall, now: Time) -> OverviewView {
    let plan = hall.plan();
    let day = hall.day();
    let longest = hall.longest_waiting();
    let lent_until = hall.lent_out_until();
    let lent_until = lent_until.filter(|until| *until - LENT_WAITED_FOR <= now);
    OverviewView {
        hall: hall.id().clone(),
        name: plan.name.clone(),
        phase: phase::of_hall(hall, now),
        sentence: sentence(hall, now, Surface::Board),
        now: plan.local(now),
        date: hall.business_date(now),
        sums: day.map(|day| {
            day.closed
                .clone()
                .unwrap_or_else(|| ClosingRecord::of(hall, day))
        }),
        closed: day.is_some_and(|day| day.closed.is_some()),
        open_tickets: hall.open_tickets().count(),
        windows: window_states(hall),
        officers: hall
            .staffed()
            .map(|(window, staffing)| OfficerAt {
                window: window.number,
                officer: staffing.officer.clone(),
                since: plan.local(staffing.since),
            })
            .collect(),
        waiting: waiting(hall, now),
        longest_waiting_since: longest.map(|at| plan.local(at)),
        calling_paused: hall.calling_paused().map(str::to_owned),
        missing_calendar_years: plan.missing_calendar_years(plan.date(now)),
        redirects: day.map(|day| day.redirects.clone()).unwrap_or_default(),
        overruns: plan
            .services
            .iter()
            .map(|service| service.id.clone())
            .filter(|service| hall.overruns(service))
            .collect(),
        lent: lent_until.map(|_| lent_out(hall)).unwrap_or_default(),
        lent_until: lent_until.map(|until| plan.local(until)),
        help: help(hall, now),
        words: open_words(hall),
        appointments: Appointments::of(hall, hall.business_date(now)),
        overdue: overdue(hall, now),
        absent_officers: absent_officers(hall, now),
    }
}

fn lent_out(hall: &Hall) -> Vec<LentOut> {
    let leases = hall.day().into_iter().flat_map(|day| day.leases.values());
    let mut lent: Vec<LentOut> = Vec::new();
    for lease in leases.filter(|lease| lease.is_out()) {
        let numbers = lease.left().count();
        match lent.iter_mut().find(|one| one.kiosk == lease.kiosk) {
            Some(one) => one.numbers += numbers,
            None => lent.push(LentOut {
                kiosk: lease.kiosk.clone(),
                numbers,
            }),
        }
    }
    lent
}

fn open_words(hall: &Hall) -> Vec<ComplaintView> {
    const SHOWN: usize = 50;
    let mut open: Vec<&Complaint> = hall
        .complaints()
        .values()
        .filter(|complaint| complaint.answer.is_none())
        .collect();
    open.sort_by_key(|complaint| (complaint.due, complaint.id));
    open.into_iter()
        .take(SHOWN)
        .map(ComplaintView::from)
        .collect()
}

/// Whoever booked with a named officer is served by him (专人): his absence is told while there is time to act.
fn absent_officers(hall: &Hall, now: Time) -> Vec<ActorId> {
    let early = Duration::minutes(hall.plan().policy.check_in_early_minutes.into());
    let expected = hall.expected(now, now + early);
    let waiting = hall
        .open_tickets()
        .filter(|ticket| matches!(ticket.stage, Stage::Waiting { .. }))
        .filter_map(|ticket| hall.appointment(ticket.appointment?.id));
    let at_windows = expected.chain(waiting).filter(|a| a.kind.is_window());
    let named = at_windows.filter_map(|appointment| appointment.officer.as_ref());
    let is_absent = |officer: &&ActorId| {
        let mut at_work = hall.staffed().map(|(_, staffing)| &staffing.officer);
        !at_work.any(|other| other == *officer)
    };
    let absent: BTreeSet<&ActorId> = named.filter(is_absent).collect();
    absent.into_iter().cloned().collect()
}

fn overdue(hall: &Hall, now: Time) -> Vec<TicketNumber> {
    let latest = Duration::minutes(hall.plan().policy.latest_call_minutes.into());
    let is_overdue = |ticket: &&Ticket| {
        let punctual = ticket.appointment.filter(|appointment| !appointment.late);
        let waits = matches!(ticket.stage, Stage::Waiting { .. });
        waits && punctual.is_some_and(|appointment| now >= appointment.starts_at + latest)
    };
    let overdue = hall.open_tickets().filter(is_overdue);
    overdue.map(|ticket| ticket.number.clone()).collect()
}
