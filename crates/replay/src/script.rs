//! A day's recorded actions in the order in which they are sent.
//!
//! The actions of one ticket keep their order; between tickets the time decides. Within one second a room first ends
//! what it has and then calls. Otherwise the room would be busy at its next call.

use super::hall_api::{HolderAction, Request, WindowAction};
use super::itinerary::{DayPlan, Ending, Itinerary, Stop};
use super::plan::HallOfRecording;
use chrono::NaiveTime;
use hall::id::{ServiceId, WindowNumber};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One thing that a recorded person did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Act {
    pub(crate) at: NaiveTime,
    /// Row that says so.
    pub(crate) line: u64,
    /// Which stop of its ticket, from 0; one more than the last for what comes after them.
    pub(crate) stop: usize,
    pub(crate) request: Request<()>,
}

impl Act {
    /// Whether it needs the ticket at the window; if the call was refused, it is left out.
    pub(crate) fn needs_the_call(&self) -> bool {
        matches!(self.request, Request::AtWindow { .. })
    }

    /// Whether the same ticket is announced once more.
    pub(crate) fn is_recall(&self) -> bool {
        let recall = WindowAction::Recall;
        matches!(&self.request, Request::AtWindow { action, .. } if *action == recall)
    }

    /// What comes first within one second.
    fn rank(&self) -> u8 {
        match &self.request {
            Request::Take { .. } => 0,
            Request::AtWindow { action, .. } => match action {
                WindowAction::Open | WindowAction::Close | WindowAction::CallNext => 0,
                WindowAction::Recall | WindowAction::Start => 0,
                WindowAction::Finish | WindowAction::Transfer { .. } => 1,
                WindowAction::Park | WindowAction::Miss => 1,
            },
            Request::ByHolder { .. } | Request::HandOn { .. } => 2,
            Request::Call { .. } => 3,
        }
    }
}

/// All acts of a day; an iterator over `(ticket, act)`.
#[derive(Debug)]
pub(crate) struct Script {
    acts: Vec<std::vec::IntoIter<Act>>,
    /// The next act of each ticket: time, rank, until when it keeps the window, ticket.
    next: BinaryHeap<Reverse<(NaiveTime, u8, NaiveTime, usize)>>,
    ends: Vec<Vec<NaiveTime>>,
}

impl Script {
    /// The acts of a day in this hall.
    pub(crate) fn of(day: &DayPlan, hall: &HallOfRecording) -> Script {
        let acts = day.visits.iter().map(|visit| acts(visit, hall));
        let ends = |visit: &Itinerary| visit.stops.iter().map(|stop| stop.ended).collect();
        let mut script = Script {
            acts: acts.map(Vec::into_iter).collect(),
            next: BinaryHeap::new(),
            ends: day.visits.iter().map(ends).collect(),
        };
        (0..script.acts.len()).for_each(|ticket| script.push(ticket));
        script
    }

    /// How many acts are still to come.
    pub(crate) fn left(&self) -> usize {
        self.acts.iter().map(ExactSizeIterator::len).sum()
    }

    fn push(&mut self, ticket: usize) {
        if let Some(act) = self.acts[ticket].as_slice().first() {
            let until = self.ends[ticket].get(act.stop).copied().unwrap_or(act.at);
            self.next.push(Reverse((act.at, act.rank(), until, ticket)));
        }
    }
}

impl Iterator for Script {
    type Item = (usize, Act);

    fn next(&mut self) -> Option<(usize, Act)> {
        let Reverse((_, _, _, ticket)) = self.next.pop()?;
        let act = self.acts[ticket].next()?;
        self.push(ticket);
        Some((ticket, act))
    }
}

/// Acts of one ticket being written down.
struct Acts<'a> {
    visit: &'a Itinerary,
    hall: &'a HallOfRecording,
    acts: Vec<Act>,
}

fn acts(visit: &Itinerary, hall: &HallOfRecording) -> Vec<Act> {
    let mut this = Acts {
        visit,
        hall,
        acts: Vec::new(),
    };
    let service = hall.named(&visit.service).clone();
    let take = Request::Take {
        service: service.clone(),
        class: visit.class,
    };
    this.add(visit.taken, 0, visit.line, take);
    let mut waits_for = service;
    for (stop, at) in visit.stops.iter().enumerate() {
        let Some(window) = hall.window(at) else {
            continue;
        };
        if *hall.service(at) != waits_for {
            waits_for = hall.service(at).clone();
            let service = waits_for.clone();
            this.by_holder(stop, HolderAction::Change { service });
        }
        this.at_stop(stop, window);
        waits_for = this.leave(stop, window).unwrap_or(waits_for);
    }
    this.end();
    this.acts
}

impl Acts<'_> {
    fn add(&mut self, at: NaiveTime, stop: usize, line: u64, request: Request<()>) {
        let act = Act {
            at,
            line,
            stop,
            request,
        };
        self.acts.push(act);
    }

    fn at_window(
        &mut self,
        at: NaiveTime,
        stop: usize,
        window: WindowNumber,
        action: WindowAction,
    ) {
        let line = self.visit.stops[stop].line;
        self.add(at, stop, line, Request::AtWindow { window, action });
    }

    /// The holder acts when the wait for this stop begins.
    fn by_holder(&mut self, stop: usize, action: HolderAction) {
        let Stop { since, line, .. } = self.visit.stops[stop];
        self.add(since, stop, line, Request::ByHolder { ticket: (), action });
    }

    fn at_stop(&mut self, stop: usize, window: WindowNumber) {
        let at = &self.visit.stops[stop];
        let call = Request::Call { window, ticket: () };
        self.add(at.calls[0], stop, at.line, call);
        for again in &at.calls[1..] {
            self.at_window(*again, stop, window, WindowAction::Recall);
        }
        if !at.missed {
            self.at_window(at.started, stop, window, WindowAction::Start);
        }
    }

    /// How the ticket leaves a window for its next stop; answers the service that it waits for then.
    fn leave(&mut self, stop: usize, window: WindowNumber) -> Option<ServiceId> {
        let hall = self.hall;
        let here = &self.visit.stops[stop];
        let next = self.visit.stops.get(stop + 1);
        let (action, holder) = if here.missed {
            (WindowAction::Miss, next.map(|_| HolderAction::Return))
        } else if let Some(next) = next {
            let service = hall.service(next).clone();
            let is_pause = next.since > here.ended;
            if is_pause && service == *hall.service(here) {
                (WindowAction::Park, Some(HolderAction::Resume))
            } else {
                (WindowAction::Transfer { service }, None)
            }
        } else {
            (self.last_action(here), None)
        };
        let moves_to = match &action {
            WindowAction::Transfer { service } => Some(service.clone()),
            _ => None,
        };
        self.at_window(here.ended, stop, window, action);
        if let Some(holder) = holder {
            self.by_holder(stop + 1, holder);
        }
        moves_to
    }

    fn last_action(&self, stop: &Stop) -> WindowAction {
        match self.visit.ending {
            Ending::Served | Ending::Missed => WindowAction::Finish,
            // back into the line, from where it is cancelled or handed on
            Ending::Cancelled | Ending::HandedOn => WindowAction::Transfer {
                service: self.hall.service(stop).clone(),
            },
        }
    }

    fn end(&mut self) {
        let request = match self.visit.ending {
            Ending::Cancelled => Request::ByHolder {
                ticket: (),
                action: HolderAction::Cancel,
            },
            Ending::HandedOn => Request::HandOn { ticket: () },
            Ending::Served | Ending::Missed => return,
        };
        let Itinerary {
            ended,
            ended_line,
            ref stops,
            ..
        } = *self.visit;
        self.add(ended, stops.len(), ended_line, request);
    }
}
