//! The same citizens in another order: arrivals and service times are the recording's, and the hall's own calling rule
//! decides whom a room calls.
//!
//! A room works from its first recorded call until its last recorded end. It works longer if it is the last room of its
//! kind and somebody still needs it, so that everyone who took a number is served. Rooms of one kind (`Room 2`, `Room 3`)
//! share their queue. Pauses between two queues are left out. A visit that was open for more than an hour was left open
//! over lunch and delayed nobody in the recording; here it takes as long as the day's median visit. A ticket that was
//! closed without a call may be called before that by the rule. Its citizen does not come and is missed.

use super::drive::{Following, Progress};
use super::hall_api::{Failure, HallApi, HolderAction, Issued, Reply, Request, WindowAction};
use super::itinerary::{DayPlan, Ending, Itinerary, Stop};
use super::plan::HallOfRecording;
use super::remark::RemarkKind;
use chrono::{Duration, NaiveTime};
use hall::id::{ServiceId, TicketNumber, WindowNumber};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// A visit that lasts longer was left open by mistake.
const LONGEST_VISIT: Duration = Duration::hours(1);

/// What happens next, in this order within one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Opens(usize),
    Done(usize),
    Arrives(usize),
    /// Cancelled or closed in the queue, at its recorded time.
    Leaves(usize),
    /// The room's last recorded visit has ended.
    MayClose(usize),
}

/// A room on this day.
struct Room {
    window: WindowNumber,
    services: Vec<ServiceId>,
    until: NaiveTime,
    is_open: bool,
    idle_since: NaiveTime,
    ticket: Option<usize>,
}

/// Where a citizen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whereabouts {
    NotYet,
    /// Waits for this stop.
    Waiting(usize),
    At(usize),
    /// Did not come when called.
    Missed,
    Over,
}

/// A day whose rooms call by the hall's rule.
struct DayByRule<'f, 'a, H> {
    following: &'f mut Following<'a, H>,
    now: NaiveTime,
    due: BinaryHeap<Reverse<(NaiveTime, Due)>>,
    rooms: Vec<Room>,
    whereabouts: Vec<Whereabouts>,
    calls: usize,
    /// How long a visit takes that was left open.
    median: Duration,
    waiting: BTreeMap<ServiceId, usize>,
    /// Stops still to come, by service.
    ahead: BTreeMap<ServiceId, usize>,
}

/// Follows a day with officers who call next.
pub(crate) async fn follow<H: HallApi>(
    following: &mut Following<'_, H>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), Failure> {
    let mut by_rule = DayByRule::of(following);
    let mut all = by_rule.due.len();
    let mut acts = 0;
    while let Some(Reverse((at, due))) = by_rule.due.pop() {
        by_rule.now = at;
        by_rule.following.advance_to(at).await?;
        by_rule.carry_out(due).await?;
        let next = by_rule.due.peek();
        if next.is_none_or(|Reverse((next, _))| *next > at) {
            by_rule.call_where_free().await?;
            by_rule.close_where_done().await?;
        }
        acts += 1;
        all = all.max(acts + by_rule.due.len());
        progress(Progress {
            date: by_rule.following.day.date,
            acts,
            of: all,
        });
    }
    Ok(())
}

impl<'f, 'a, H: HallApi> DayByRule<'f, 'a, H> {
    fn of(following: &'f mut Following<'a, H>) -> Self {
        let day = following.day;
        let mut ahead: BTreeMap<ServiceId, usize> = BTreeMap::new();
        for stop in day.stops() {
            *ahead.entry(following.of.service(stop).clone()).or_default() += 1;
            if stop.occupied() > LONGEST_VISIT {
                following.remark(stop.line, RemarkKind::LeftOpen);
            }
        }
        let mut due = BinaryHeap::new();
        let rooms = rooms(day, following.of);
        for (room, at) in rooms.iter().enumerate() {
            due.push(Reverse((at.idle_since, Due::Opens(room))));
            due.push(Reverse((at.until, Due::MayClose(room))));
        }
        for (ticket, visit) in day.visits.iter().enumerate() {
            due.push(Reverse((visit.taken, Due::Arrives(ticket))));
            if visit.stops.is_empty() {
                due.push(Reverse((visit.ended, Due::Leaves(ticket))));
            }
        }
        DayByRule {
            following,
            now: NaiveTime::MIN,
            due,
            rooms,
            whereabouts: vec![Whereabouts::NotYet; day.visits.len()],
            calls: 0,
            median: median_visit(day),
            waiting: BTreeMap::new(),
            ahead,
        }
    }

    async fn carry_out(&mut self, due: Due) -> Result<(), Failure> {
        match due {
            Due::Opens(room) => {
                self.following.open_window(self.rooms[room].window).await?;
                self.rooms[room].is_open = true;
            }
            Due::Arrives(ticket) => self.arrive(ticket).await?,
            Due::Done(room) => self.done(room).await?,
            Due::Leaves(ticket) => self.leave(ticket).await?,
            Due::MayClose(_) => {} // asked after each second
        }
        Ok(())
    }

    async fn arrive(&mut self, ticket: usize) -> Result<(), Failure> {
        let take = Request::Take {
            service: self.service(ticket, 0),
            class: self.visit(ticket).class,
        };
        if let Some(Reply::Taken(issued)) = self.ask(ticket, 0, take).await? {
            self.following.issued[ticket] = Some(issued);
            self.waits(ticket, 0);
        }
        Ok(())
    }

    async fn call_where_free(&mut self) -> Result<(), Failure> {
        let mut free: Vec<usize> = (0..self.rooms.len())
            .filter(|room| self.is_free(*room))
            .collect();
        free.sort_by_key(|room| (self.rooms[*room].idle_since, self.rooms[*room].window));
        for room in free {
            let someone =
                |service: &ServiceId| self.waiting.get(service).is_some_and(|count| *count > 0);
            if self.rooms[room].services.iter().any(someone) {
                self.call_next(room).await?;
            }
        }
        Ok(())
    }

    async fn call_next(&mut self, room: usize) -> Result<(), Failure> {
        let window = self.rooms[room].window;
        let Some(number) = self.next_number(window).await? else {
            return Ok(());
        };
        let is_it =
            |other: &Option<Issued>| other.as_ref().is_some_and(|issued| issued.number == number);
        let Some(ticket) = self.following.issued.iter().position(is_it) else {
            return Ok(());
        };
        let Whereabouts::Waiting(stop) = self.whereabouts[ticket] else {
            return Ok(());
        };
        self.no_longer_waits(ticket, stop);
        self.whereabouts[ticket] = Whereabouts::At(stop);
        self.rooms[room].ticket = Some(ticket);
        let planned = self.visit(ticket).stops.get(stop);
        let planned = planned.filter(|stop| !stop.missed);
        let takes = planned.map_or(self.walking_time(), |stop| self.service_time(stop));
        if planned.is_some() {
            self.act(ticket, stop, window, WindowAction::Start).await?;
        }
        let until = later(self.now, takes);
        self.due.push(Reverse((until, Due::Done(room))));
        Ok(())
    }

    /// Whom the hall's rule calls to this window; nobody if it refuses, which is written down.
    async fn next_number(&mut self, window: WindowNumber) -> Result<Option<TicketNumber>, Failure> {
        self.calls += 1;
        let key = format!(
            "replay/{}/window-{window}/call-next-{}",
            self.following.day.date, self.calls
        );
        let action = WindowAction::CallNext;
        let request = Request::AtWindow { window, action };
        match self.following.hall.ask(&key, &request).await? {
            Reply::AtWindow { number } => Ok(number),
            Reply::Done | Reply::Taken(_) => Ok(None),
            Reply::Refused { reason } => {
                let line = self.following.day.visits[0].line;
                self.following.refused(line, request.name(), &reason);
                Ok(None)
            }
        }
    }

    async fn done(&mut self, room: usize) -> Result<(), Failure> {
        let window = self.rooms[room].window;
        let Some(ticket) = self.rooms[room].ticket.take() else {
            return Ok(());
        };
        self.rooms[room].idle_since = self.now;
        let Whereabouts::At(stop) = self.whereabouts[ticket] else {
            return Ok(());
        };
        self.behind(ticket, stop);
        let visit = self.visit(ticket);
        let has_come = visit.stops.get(stop).is_some_and(|here| !here.missed);
        if !has_come {
            self.act(ticket, stop, window, WindowAction::Miss).await?;
            self.whereabouts[ticket] = Whereabouts::Missed;
        } else if stop + 1 < visit.stops.len() {
            let service = self.service(ticket, stop + 1);
            let transfer = WindowAction::Transfer { service };
            if self.act(ticket, stop, window, transfer).await?.is_some() {
                self.waits(ticket, stop + 1);
            }
        } else {
            self.end_at_window(ticket, stop, window).await?;
        }
        Ok(())
    }

    async fn end_at_window(
        &mut self,
        ticket: usize,
        stop: usize,
        window: WindowNumber,
    ) -> Result<(), Failure> {
        match self.visit(ticket).ending {
            Ending::Served | Ending::Missed => {
                self.whereabouts[ticket] = Whereabouts::Over;
                self.act(ticket, stop, window, WindowAction::Finish).await?;
            }
            Ending::Cancelled | Ending::HandedOn => {
                self.act(ticket, stop, window, WindowAction::Park).await?;
                self.leave(ticket).await?;
            }
        }
        Ok(())
    }

    /// Cancelled by its holder or closed by the manager, wherever in the hall it waits.
    async fn leave(&mut self, ticket: usize) -> Result<(), Failure> {
        let Some(issued) = self.following.issued[ticket].clone() else {
            return Ok(());
        };
        let visit = self.visit(ticket);
        match self.whereabouts[ticket] {
            Whereabouts::Waiting(stop) => self.no_longer_waits(ticket, stop),
            // called before he left: he does not come, and stays missed
            Whereabouts::At(_) if visit.stops.is_empty() => return Ok(()),
            Whereabouts::At(_) => {}
            Whereabouts::NotYet | Whereabouts::Missed | Whereabouts::Over => return Ok(()),
        }
        self.whereabouts[ticket] = Whereabouts::Over;
        let request = match visit.ending {
            Ending::Cancelled => Request::ByHolder {
                ticket: issued,
                action: HolderAction::Cancel,
            },
            Ending::HandedOn => Request::HandOn { ticket: issued },
            Ending::Served | Ending::Missed => return Ok(()),
        };
        self.ask(ticket, visit.stops.len(), request).await.map(drop)
    }

    async fn close_where_done(&mut self) -> Result<(), Failure> {
        for room in 0..self.rooms.len() {
            if !self.is_free(room) || self.now < self.rooms[room].until || self.is_needed(room) {
                continue;
            }
            let window = self.rooms[room].window;
            let key = format!("replay/{}/window-{window}/close", self.following.day.date);
            let action = WindowAction::Close;
            let close = Request::AtWindow { window, action };
            let reply = self.following.hall.ask(&key, &close).await?;
            // refused while it would strand someone: the hall knows best, and it is asked again
            self.rooms[room].is_open = matches!(reply, Reply::Refused { .. });
        }
        Ok(())
    }

    /// Whether the room is the last of its kind and someone still has to come.
    fn is_needed(&self, room: usize) -> bool {
        let others = |service: &ServiceId| {
            let mut rooms = self.rooms.iter().enumerate();
            rooms.any(|(other, at)| other != room && at.is_open && at.services.contains(service))
        };
        let to_come = |service: &ServiceId| {
            let count = |map: &BTreeMap<ServiceId, usize>| map.get(service).copied().unwrap_or(0);
            count(&self.ahead) + count(&self.waiting) > 0
        };
        let mut services = self.rooms[room].services.iter();
        services.any(|service| to_come(service) && !others(service))
    }

    fn is_free(&self, room: usize) -> bool {
        self.rooms[room].is_open && self.rooms[room].ticket.is_none()
    }

    fn waits(&mut self, ticket: usize, stop: usize) {
        self.whereabouts[ticket] = Whereabouts::Waiting(stop);
        *self.waiting.entry(self.service(ticket, stop)).or_default() += 1;
    }

    fn no_longer_waits(&mut self, ticket: usize, stop: usize) {
        if let Some(count) = self.waiting.get_mut(&self.service(ticket, stop)) {
            *count = count.saturating_sub(1);
        }
    }

    /// One stop less to come.
    fn behind(&mut self, ticket: usize, stop: usize) {
        if stop < self.visit(ticket).stops.len() {
            let service = self.service(ticket, stop);
            if let Some(count) = self.ahead.get_mut(&service) {
                *count = count.saturating_sub(1);
            }
        }
    }

    /// What a ticket waits for before a stop; the usual service for one that was never called.
    fn service(&self, ticket: usize, stop: usize) -> ServiceId {
        let visit = self.visit(ticket);
        let of = self.following.of;
        let service = visit.stops.get(stop).map(|stop| of.service(stop));
        service.unwrap_or_else(|| of.named("")).clone()
    }

    fn visit(&self, ticket: usize) -> &'a Itinerary {
        &self.following.day.visits[ticket]
    }

    fn service_time(&self, stop: &Stop) -> Duration {
        match stop.occupied() {
            open if open > LONGEST_VISIT => self.median,
            open => open,
        }
    }

    fn walking_time(&self) -> Duration {
        Duration::seconds(i64::from(self.following.of.plan.policy.walking_seconds) * 2)
    }

    /// An officer acts on a ticket that is at the window.
    async fn act(
        &mut self,
        ticket: usize,
        stop: usize,
        window: WindowNumber,
        action: WindowAction,
    ) -> Result<Option<Reply>, Failure> {
        let request = Request::AtWindow { window, action };
        self.ask(ticket, stop, request).await
    }

    /// The hall's answer, or nothing when it refused, which is written down.
    async fn ask(
        &mut self,
        ticket: usize,
        stop: usize,
        request: Request,
    ) -> Result<Option<Reply>, Failure> {
        let what = request.name();
        let key = self.following.key(ticket, &format!("{stop}/{what}"));
        match self.following.hall.ask(&key, &request).await? {
            Reply::Refused { reason } => {
                let visit = self.visit(ticket);
                let line = visit.stops.get(stop).map_or(visit.line, |stop| stop.line);
                self.following.refused(line, what, &reason);
                Ok(None)
            }
            reply @ (Reply::Taken(_) | Reply::AtWindow { .. } | Reply::Done) => Ok(Some(reply)),
        }
    }
}

/// The rooms that called somebody on this day, each idle from its first recorded call.
fn rooms(day: &DayPlan, hall: &HallOfRecording) -> Vec<Room> {
    let mut spans: BTreeMap<WindowNumber, (NaiveTime, NaiveTime)> = BTreeMap::new();
    for stop in day.stops() {
        let Some(window) = hall.window_of_room(&stop.room) else {
            continue;
        };
        let span = spans.entry(window).or_insert((stop.calls[0], stop.ended));
        *span = (span.0.min(stop.calls[0]), span.1.max(stop.ended));
    }
    let room = |(window, (from, until))| Room {
        window,
        services: hall
            .plan
            .window(window)
            .map(|plan| plan.services.clone())
            .unwrap_or_default(),
        until,
        is_open: false,
        idle_since: from,
        ticket: None,
    };
    spans.into_iter().map(room).collect()
}

fn median_visit(day: &DayPlan) -> Duration {
    let mut open: Vec<Duration> = day
        .stops()
        .map(Stop::occupied)
        .filter(|open| *open <= LONGEST_VISIT)
        .collect();
    open.sort_unstable();
    open.get(open.len() / 2).copied().unwrap_or(LONGEST_VISIT)
}

/// A moment later on the same date: a day that runs past midnight ends with it.
fn later(now: NaiveTime, by: Duration) -> NaiveTime {
    let (time, days) = now.overflowing_add_signed(by);
    if days == 0 {
        time
    } else {
        NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(now)
    }
}
