//! The calling rule once more, slowly: every waiting ticket is looked at, nothing is indexed. It must choose the same
//! ticket as the hall does.

use chrono::Duration;
use hall::id::{ServiceId, TicketId, WindowNumber};
use hall::plan::class::Class;
use hall::plan::slot::AppointmentRule;
use hall::rules::estimate;
use hall::state::appointment::Appointment;
use hall::state::queue::Lane;
use hall::state::ticket::{PlaceInLine, Stage, Ticket};
use hall::state::window::Staffing;
use hall::{Hall, Time};

/// Whom this window calls next.
pub fn next(hall: &Hall, window: WindowNumber, now: Time) -> Option<TicketId> {
    let staffing = hall.windows()[&window].staffing.as_ref()?;
    if staffing.pause.is_some() || hall.calling_paused().is_some() {
        return None;
    }
    let desk = Desk {
        hall,
        window,
        staffing,
        now,
    };
    let takes = |ticket: &&Ticket| staffing.takes(&ticket.service);
    let mine: Vec<&Ticket> = hall.tickets().values().filter(takes).collect();
    let mine: Vec<&Ticket> = mine.into_iter().filter(|t| desk.may_call(t)).collect();
    let free = mine.iter().copied().filter(|ticket| !is_held(hall, ticket));
    desk.choose(free.collect(), false)
        .or_else(|| desk.choose(mine, true))
}

struct Desk<'a> {
    hall: &'a Hall,
    window: WindowNumber,
    staffing: &'a Staffing,
    now: Time,
}

impl Desk<'_> {
    fn choose(&self, all: Vec<&Ticket>, nobody_else: bool) -> Option<TicketId> {
        let rank = |ticket: &Ticket| self.rank(ticket, nobody_else);
        let is_first = |ticket: &Ticket| rank(ticket) <= 1;
        let mut pool = all.clone();
        // in a lane nobody is called before who stands before him
        pool.retain(|t| {
            let before = |o: &&Ticket| !is_first(o) && lane(o) == lane(t) && is_before(o, t);
            is_first(t) || !all.iter().any(before)
        });
        let lets_by = |t: &Ticket| {
            let overdue = rank(t) == 2;
            !is_first(t) && !overdue && lane(t).1.is_prioritised() && self.normal_is_due(t, &all)
        };
        if self.rules().is_empty() {
            let mut punctual = pool.iter().filter(|t| lane(t).1 == Lane::PUNCTUAL);
            let late_too = punctual.any(|t| lets_by(t));
            let is_late = |t: &Ticket| !is_first(t) && lane(t).1 == Lane::Late;
            pool.retain(|t| !lets_by(t) && (!late_too || !is_late(t)));
        } else {
            let booked = |t: &&Ticket| t.appointment.is_some();
            let has_booked = pool.iter().any(|t| booked(t) && rank(t) < 6);
            if !has_booked && self.is_awaiting() {
                pool.retain(|t| is_first(t) || booked(t));
            }
        }
        let primary = &self.hall.plan().window(self.window).unwrap().primary;
        if pool.iter().any(|t| primary.contains(&t.service)) {
            let patience = minutes(self.hall.plan().policy.primary_patience_minutes);
            let waited = |t: &Ticket| self.now - t.taken_at > patience;
            pool.retain(|t| rank(t) <= 3 || primary.contains(&t.service) || waited(t));
        }
        let is = |t: &&Ticket, wanted: Lane| !is_first(t) && lane(t).1 == wanted;
        if pool.iter().any(|t| is(t, Lane::PUNCTUAL)) {
            pool.retain(|t| !is(t, Lane::Late));
        }
        pool.sort_by_key(|t| {
            let by_slot = matches!(rank(t), 2 | 3);
            let score = if by_slot { 0 } else { self.score(t) };
            let is_late = !is_first(t) && lane(t).1 == Lane::Late;
            (rank(t), -score, is_late, t.seniority())
        });
        pool.first().map(|ticket| ticket.id)
    }

    /// 0 back with the paper here, 1 a voucher, 2 overdue, 3 booked where those go first, 4 preferred, 5 by score, 6
    /// because nobody else is there.
    fn rank(&self, ticket: &Ticket, nobody_else: bool) -> u8 {
        let place = ticket.stage.place().unwrap();
        let latest = minutes(self.hall.plan().policy.latest_call_minutes);
        let booked = ticket.appointment;
        let is_overdue = booked.is_some_and(|b| !b.late && self.now >= b.starts_at + latest);
        let prefers = self.hall.plan().window(self.window).unwrap().prefers;
        match place {
            PlaceInLine::FirstAt(window) if window == self.window => 0,
            PlaceInLine::FirstAt(_) | PlaceInLine::First => 1,
            _ if nobody_else => 6,
            _ if is_overdue => 2,
            _ if booked.is_some() && !self.rules().is_empty() => 3,
            _ if prefers.is_some_and(|class| lane(ticket).1 == Lane::Of(class)) => 4,
            _ => 5,
        }
    }

    fn score(&self, ticket: &Ticket) -> i64 {
        let policy = &self.hall.plan().policy;
        let waited = (self.now - ticket.taken_at).num_milliseconds().max(0);
        match (ticket.appointment, ticket.class) {
            (Some(booked), _) if !booked.late => {
                let after = self.now - booked.starts_at.max(ticket.taken_at);
                let after = after.num_milliseconds().max(0);
                (waited - after).max(0) + after * i64::from(policy.appointment_rate)
            }
            (_, Class::Normal | Class::Appointment) => waited,
            _ => waited * i64::from(policy.priority_rate),
        }
    }

    /// Whether a ticket waits and no other window has a claim on it.
    fn may_call(&self, ticket: &Ticket) -> bool {
        let Stage::Waiting { place, .. } = ticket.stage else {
            return false;
        };
        let there = |other: WindowNumber| {
            let window = self.hall.windows().get(&other);
            let staffing = window.and_then(|window| window.staffing.as_ref());
            staffing.filter(|staffing| staffing.takes(&ticket.service))
        };
        let patience = minutes(self.hall.plan().policy.resume_elsewhere_minutes);
        let is_at_work = |other| {
            let pause = there(other).map(|staffing| &staffing.pause);
            pause.is_some_and(|p| p.as_ref().is_none_or(|p| self.now < p.since + patience))
        };
        match place {
            PlaceInLine::FirstAt(other) => other == self.window || !is_at_work(other),
            PlaceInLine::OnlyAt(other) => other == self.window || there(other).is_none(),
            PlaceInLine::InLine | PlaceInLine::AfterCalls(_) => match self.named_window(ticket) {
                Some(other) => other == self.window || !is_at_work(other),
                None => true,
            },
            PlaceInLine::First => true,
        }
    }

    /// Where the officer sits with whom the appointment was made.
    fn named_window(&self, ticket: &Ticket) -> Option<WindowNumber> {
        let booked = ticket.appointment?;
        let officer = self.hall.appointments().get(&booked.id)?.officer.clone()?;
        let windows = self.hall.windows().values();
        let mut his = windows.filter(|window| {
            let staffing = window.staffing.as_ref();
            staffing.is_some_and(|s| s.officer == officer && s.takes(&ticket.service))
        });
        his.next().map(|window| window.number)
    }

    fn normal_is_due(&self, ticket: &Ticket, all: &[&Ticket]) -> bool {
        let day = self.hall.service_day(&ticket.service);
        let in_a_row = day.map_or(0, |day| day.row.prioritised());
        let is_normal = |other: &&Ticket| {
            let place = other.stage.place().unwrap();
            let lane = lane(other);
            lane == (&ticket.service, Lane::Of(Class::Normal)) && !place.is_first()
        };
        in_a_row >= self.hall.plan().policy.prioritised_in_a_row && all.iter().any(is_normal)
    }

    /// The rules for which this window is kept at this moment.
    fn rules(&self) -> Vec<&AppointmentRule> {
        let plan = self.hall.plan();
        let today = plan.date(self.now);
        let early = minutes(plan.policy.check_in_early_minutes);
        let rules = plan.appointments.iter();
        let runs = |rule: &&AppointmentRule| {
            let days =
                rule.dates.contains(&today) || rule.weekdays.contains(&plan.weekday_worked(today));
            let begins = plan.at(today, rule.hours.opens) - early;
            let ends = plan.at(today, rule.hours.closes);
            rule.windows.contains(&self.window) && days && begins <= self.now && self.now < ends
        };
        rules.filter(runs).collect()
    }

    /// More are due here than the windows before this one can take.
    fn is_awaiting(&self) -> bool {
        let rules = self.rules();
        let time =
            |id: &ServiceId| Duration::seconds(estimate::typical_seconds(self.hall, id).into());
        let is_due = |booked: &&Appointment| {
            let slot = booked.reservation.as_ref();
            booked.is_booked()
                && self.staffing.takes(&booked.service)
                && slot.is_some_and(|slot| {
                    let is_ours = |rule: &&AppointmentRule| rule.id == *slot.first_slot().rule();
                    let ends = self.now + time(&booked.service);
                    rules.iter().any(is_ours) && self.now <= slot.starts_at && slot.starts_at < ends
                })
        };
        let due: Vec<&Appointment> = self.hall.appointments().values().filter(is_due).collect();
        let windows = self.hall.windows().values();
        let free = windows.filter(|other| {
            let staffing = other.staffing.as_ref();
            other.number < self.window
                && rules
                    .iter()
                    .any(|rule| rule.windows.contains(&other.number))
                && staffing.is_some_and(|s| {
                    let takes_one = due.iter().any(|booked| s.takes(&booked.service));
                    s.current.is_none() && s.pause.is_none() && takes_one
                })
        });
        due.len() > free.count()
    }
}

fn lane(ticket: &Ticket) -> (&ServiceId, Lane) {
    (&ticket.service, Lane::of(ticket))
}

fn is_before(one: &Ticket, other: &Ticket) -> bool {
    one.seniority() < other.seniority()
}

fn is_held(hall: &Hall, ticket: &Ticket) -> bool {
    let calls = hall.service_day(&ticket.service).map_or(0, |day| day.calls);
    matches!(ticket.stage, Stage::Waiting { place: PlaceInLine::AfterCalls(after), .. } if calls < after)
}

fn minutes(minutes: u32) -> Duration {
    Duration::minutes(minutes.into())
}
