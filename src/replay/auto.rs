//! The same citizens, another order: arrivals and service times are the recording's, whom a room calls is up to the
//! hall's own calling rule.
//!
//! A room works from its first recorded call until its last recorded end, and longer while it is the last of its kind and
//! someone still needs it: here too everyone who took a number is served. Rooms of a kind (`Treatment Room 2` and `3`)
//! share their queue. Pauses between two queues are left out. A visit that was open for more than an hour was left open
//! over lunch, and where it stood in the recording it held nobody up; it takes as long as the day's median visit. Whoever
//! was closed without a call is called if the rule comes to him before that, does not come, and is missed.

use super::Progress;
use super::drive::{Following, Issued};
use super::hall_api::{Failure, HallApi, Reply, Wish};
use super::itinerary::{DayPlan, Ending, Itinerary, RemarkKind, Stop};
use chrono::{Duration, NaiveTime};
use hall::id::{ServiceId, WindowNumber};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// A visit that lasts longer was left open.
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
enum Place {
    NotYet,
    /// Waits for this stop.
    Waiting(usize),
    At(usize),
    /// Did not come when called.
    Missed,
    Over,
}

struct Officers<'f, 'a, H> {
    following: &'f mut Following<'a, H>,
    now: NaiveTime,
    due: BinaryHeap<Reverse<(NaiveTime, Due)>>,
    rooms: Vec<Room>,
    places: Vec<Place>,
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
    let mut officers = Officers::of(following);
    let mut all = officers.due.len();
    let mut acts = 0;
    while let Some(Reverse((at, due))) = officers.due.pop() {
        officers.now = at;
        officers.following.advance_to(at).await?;
        officers.carry_out(due).await?;
        let is_last_of_second = officers
            .due
            .peek()
            .is_none_or(|Reverse((next, _))| *next > at);
        if is_last_of_second {
            officers.call_where_free().await?;
            officers.close_where_done().await?;
        }
        acts += 1;
        all = all.max(acts + officers.due.len());
        progress(Progress {
            date: officers.following.day.date,
            acts,
            of: all,
        });
    }
    Ok(())
}

impl<'f, 'a, H: HallApi> Officers<'f, 'a, H> {
    fn of(following: &'f mut Following<'a, H>) -> Self {
        let day = following.day;
        let mut due = BinaryHeap::new();
        let mut ahead: BTreeMap<ServiceId, usize> = BTreeMap::new();
        let mut spans: BTreeMap<WindowNumber, (NaiveTime, NaiveTime)> = BTreeMap::new();
        for stop in day.stops() {
            *ahead.entry(following.of.service(stop).clone()).or_default() += 1;
            let main = Stop {
                place: 0,
                ..stop.clone()
            };
            let Some(window) = following.of.window(&main) else {
                continue;
            };
            let span = spans.entry(window).or_insert((stop.calls[0], stop.ended));
            *span = (span.0.min(stop.calls[0]), span.1.max(stop.ended));
        }
        let mut rooms = Vec::new();
        for (window, (from, until)) in spans {
            due.push(Reverse((from, Due::Opens(rooms.len()))));
            due.push(Reverse((until, Due::MayClose(rooms.len()))));
            let services = following
                .of
                .plan
                .window(window)
                .map(|plan| plan.services.clone())
                .unwrap_or_default();
            rooms.push(Room {
                window,
                services,
                until,
                is_open: false,
                idle_since: from,
                ticket: None,
            });
        }
        for (ticket, visit) in day.visits.iter().enumerate() {
            due.push(Reverse((visit.taken, Due::Arrives(ticket))));
            if visit.stops.is_empty() {
                due.push(Reverse((visit.ended, Due::Leaves(ticket))));
            }
        }
        let places = vec![Place::NotYet; day.visits.len()];
        for stop in day.stops().filter(|stop| stop.occupied() > LONGEST_VISIT) {
            following.remark(stop.line, RemarkKind::LeftOpen);
        }
        let (now, waiting, median) = (NaiveTime::MIN, BTreeMap::new(), median_visit(day));
        Officers {
            following,
            now,
            due,
            rooms,
            places,
            calls: 0,
            median,
            waiting,
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
        let wish = Wish::Take {
            service: self.service(ticket, 0),
            class: self.visit(ticket).class,
        };
        if let Some(Reply::Taken { number, token }) = self.ask(ticket, 0, "take", &wish).await? {
            self.following.issued[ticket] = Some(Issued { number, token });
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
        self.calls += 1;
        let key = format!(
            "replay/{}/window-{window}/call-next-{}",
            self.following.day.date, self.calls
        );
        let number = match self
            .following
            .hall
            .ask(&key, &Wish::CallNext { window })
            .await?
        {
            Reply::AtWindow {
                number: Some(number),
            } => number,
            Reply::AtWindow { number: None } | Reply::Done | Reply::Taken { .. } => return Ok(()),
            Reply::Refused { reason } => {
                self.following
                    .refused(self.following.day.visits[0].line, "call-next", &reason);
                return Ok(());
            }
        };
        let issued =
            |other: &Option<Issued>| other.as_ref().is_some_and(|issued| issued.number == number);
        let Some(ticket) = self.following.issued.iter().position(issued) else {
            return Ok(());
        };
        let Place::Waiting(stop) = self.places[ticket] else {
            return Ok(());
        };
        self.no_longer_waits(ticket, stop);
        self.places[ticket] = Place::At(stop);
        self.rooms[room].ticket = Some(ticket);
        let planned = self
            .visit(ticket)
            .stops
            .get(stop)
            .filter(|stop| !stop.missed);
        let takes = planned.map_or(self.walking_time(), |stop| self.service_time(stop));
        if planned.is_some() {
            self.ask(ticket, stop, "start", &Wish::Start { window })
                .await?;
        }
        self.due
            .push(Reverse((later(self.now, takes), Due::Done(room))));
        Ok(())
    }

    async fn done(&mut self, room: usize) -> Result<(), Failure> {
        let window = self.rooms[room].window;
        let Some(ticket) = self.rooms[room].ticket.take() else {
            return Ok(());
        };
        self.rooms[room].idle_since = self.now;
        let Place::At(stop) = self.places[ticket] else {
            return Ok(());
        };
        self.behind(ticket, stop);
        let visit = self.visit(ticket);
        match (visit.stops.get(stop), visit.ending) {
            (Some(here), _) if here.missed => self.miss(ticket, stop, window).await,
            (None, _) => self.miss(ticket, stop, window).await,
            (Some(_), _) if stop + 1 < visit.stops.len() => {
                let service = self.service(ticket, stop + 1);
                let moved = self
                    .ask(
                        ticket,
                        stop,
                        "transfer",
                        &Wish::Transfer { window, service },
                    )
                    .await?;
                if moved.is_some() {
                    self.waits(ticket, stop + 1);
                }
                Ok(())
            }
            (Some(_), Ending::Served | Ending::Missed) => {
                self.places[ticket] = Place::Over;
                self.ask(ticket, stop, "finish", &Wish::Finish { window })
                    .await
                    .map(drop)
            }
            (Some(_), Ending::Cancelled | Ending::HandedOn) => {
                self.ask(ticket, stop, "park", &Wish::Park { window })
                    .await?;
                self.leave(ticket).await
            }
        }
    }

    async fn miss(
        &mut self,
        ticket: usize,
        stop: usize,
        window: WindowNumber,
    ) -> Result<(), Failure> {
        self.ask(ticket, stop, "missed", &Wish::Miss { window })
            .await?;
        self.places[ticket] = Place::Missed;
        Ok(())
    }

    /// Cancelled by its holder or closed by the manager, wherever in the hall it waits.
    async fn leave(&mut self, ticket: usize) -> Result<(), Failure> {
        let Some(Issued { number, token }) = self.following.issued[ticket].clone() else {
            return Ok(());
        };
        let stop = self.visit(ticket).stops.len();
        match self.places[ticket] {
            Place::Waiting(stop) => self.no_longer_waits(ticket, stop),
            // called before he left: he does not come, and stays missed
            Place::At(_) if self.visit(ticket).stops.is_empty() => return Ok(()),
            Place::At(_) => {}
            Place::NotYet | Place::Missed | Place::Over => return Ok(()),
        }
        self.places[ticket] = Place::Over;
        match self.visit(ticket).ending {
            Ending::Cancelled => self
                .ask(ticket, stop, "cancel", &Wish::Cancel { token })
                .await
                .map(drop),
            Ending::HandedOn => self
                .ask(ticket, stop, "hand-on", &Wish::HandOn { number })
                .await
                .map(drop),
            Ending::Served | Ending::Missed => Ok(()),
        }
    }

    async fn close_where_done(&mut self) -> Result<(), Failure> {
        for room in 0..self.rooms.len() {
            if !self.is_free(room) || self.now < self.rooms[room].until || self.is_needed(room) {
                continue;
            }
            let window = self.rooms[room].window;
            let key = format!("replay/{}/window-{window}/close", self.following.day.date);
            let reply = self
                .following
                .hall
                .ask(&key, &Wish::CloseWindow { window })
                .await?;
            // refused while it would strand someone: the hall knows best, and it is asked again
            self.rooms[room].is_open = matches!(reply, Reply::Refused { .. });
        }
        Ok(())
    }

    /// Whether the room is the last of its kind and someone still has to come.
    fn is_needed(&self, room: usize) -> bool {
        let others = |service: &ServiceId| {
            let mut open = self
                .rooms
                .iter()
                .enumerate()
                .filter(|(other, at)| *other != room && at.is_open);
            open.any(|(_, at)| at.services.contains(service))
        };
        let to_come = |service: &ServiceId| {
            let count = |map: &BTreeMap<ServiceId, usize>| map.get(service).copied().unwrap_or(0);
            count(&self.ahead) + count(&self.waiting) > 0
        };
        self.rooms[room]
            .services
            .iter()
            .any(|service| to_come(service) && !others(service))
    }

    fn is_free(&self, room: usize) -> bool {
        self.rooms[room].is_open && self.rooms[room].ticket.is_none()
    }

    fn waits(&mut self, ticket: usize, stop: usize) {
        self.places[ticket] = Place::Waiting(stop);
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
        visit
            .stops
            .get(stop)
            .map_or_else(|| of.named("").clone(), |stop| of.service(stop).clone())
    }

    fn visit(&self, ticket: usize) -> &'a Itinerary {
        &self.following.day.visits[ticket]
    }

    fn service_time(&self, stop: &Stop) -> Duration {
        let open = stop.occupied();
        if open > LONGEST_VISIT {
            self.median
        } else {
            open
        }
    }

    fn walking_time(&self) -> Duration {
        Duration::seconds(i64::from(self.following.of.plan.policy.walking_seconds) * 2)
    }

    /// The hall's answer, or nothing when it refused, which is written down.
    async fn ask(
        &mut self,
        ticket: usize,
        stop: usize,
        what: &str,
        wish: &Wish,
    ) -> Result<Option<Reply>, Failure> {
        let key = self.following.key(ticket, &format!("{stop}/{what}"));
        match self.following.hall.ask(&key, wish).await? {
            Reply::Refused { reason } => {
                let visit = self.visit(ticket);
                let line = visit.stops.get(stop).map_or(visit.line, |stop| stop.line);
                self.following.refused(line, what, &reason);
                Ok(None)
            }
            reply @ (Reply::Taken { .. } | Reply::AtWindow { .. } | Reply::Done) => Ok(Some(reply)),
        }
    }
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
