//! A day's recorded actions in the order in which they are sent.
//!
//! Each ticket's actions follow one another; among tickets the time decides. Within one second a room first lets go of
//! what it has and then calls, or else the next call of the room would find it busy.

use super::itinerary::{DayPlan, Ending, Itinerary, Stop};
use super::plan::HallOfRecording;
use chrono::NaiveTime;
use hall::id::{ServiceId, WindowNumber};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One thing that a recorded person did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    pub at: NaiveTime,
    /// Row that says so.
    pub line: u64,
    /// Which stop of its ticket, from 0; one more than the last for what comes after them.
    pub stop: usize,
    pub what: What,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Take {
        service: ServiceId,
    },
    Change {
        service: ServiceId,
    },
    Call {
        window: WindowNumber,
    },
    Recall {
        window: WindowNumber,
    },
    Start {
        window: WindowNumber,
    },
    Finish {
        window: WindowNumber,
    },
    Transfer {
        window: WindowNumber,
        service: ServiceId,
    },
    Park {
        window: WindowNumber,
    },
    Miss {
        window: WindowNumber,
    },
    /// The holder of a parked ticket is back.
    ResumeByHolder,
    /// The holder of a missed ticket is back.
    Return,
    Cancel,
    HandOn,
}

impl What {
    /// Its name in idempotency keys and reports.
    pub fn name(&self) -> &'static str {
        match self {
            What::Take { .. } => "take",
            What::Change { .. } => "change",
            What::Call { .. } => "call",
            What::Recall { .. } => "recall",
            What::Start { .. } => "start",
            What::Finish { .. } => "finish",
            What::Transfer { .. } => "transfer",
            What::Park { .. } => "park",
            What::Miss { .. } => "missed",
            What::ResumeByHolder => "resume",
            What::Return => "return",
            What::Cancel => "cancel",
            What::HandOn => "hand-on",
        }
    }

    /// Whether it needs the ticket at the window, so that it cannot be once the call was refused.
    pub fn is_at_window(&self) -> bool {
        match self {
            What::Recall { .. }
            | What::Start { .. }
            | What::Finish { .. }
            | What::Transfer { .. }
            | What::Park { .. }
            | What::Miss { .. } => true,
            What::Take { .. }
            | What::Change { .. }
            | What::Call { .. }
            | What::ResumeByHolder
            | What::Return
            | What::Cancel
            | What::HandOn => false,
        }
    }

    /// What comes first within one second.
    fn rank(&self) -> u8 {
        match self {
            What::Take { .. } => 0,
            What::Finish { .. } | What::Transfer { .. } | What::Park { .. } | What::Miss { .. } => {
                1
            }
            What::ResumeByHolder
            | What::Return
            | What::Change { .. }
            | What::Cancel
            | What::HandOn => 2,
            What::Call { .. } => 3,
            What::Recall { .. } | What::Start { .. } => 0,
        }
    }
}

/// All acts of a day; an iterator over `(ticket, act)`.
#[derive(Debug)]
pub struct Script {
    acts: Vec<std::vec::IntoIter<Act>>,
    /// The next act of each ticket: time, rank, until when it keeps the window, ticket.
    next: BinaryHeap<Reverse<(NaiveTime, u8, NaiveTime, usize)>>,
    ends: Vec<Vec<NaiveTime>>,
}

impl Script {
    /// The acts of a day in this hall.
    pub fn of(day: &DayPlan, hall: &HallOfRecording) -> Script {
        let acts: Vec<Vec<Act>> = day.visits.iter().map(|visit| acts(visit, hall)).collect();
        let ends = day
            .visits
            .iter()
            .map(|visit| visit.stops.iter().map(|stop| stop.ended).collect())
            .collect();
        let mut script = Script {
            acts: acts.into_iter().map(Vec::into_iter).collect(),
            next: BinaryHeap::new(),
            ends,
        };
        (0..script.acts.len()).for_each(|ticket| script.push(ticket));
        script
    }

    /// How many acts are still to come.
    pub fn left(&self) -> usize {
        self.acts.iter().map(ExactSizeIterator::len).sum()
    }

    fn push(&mut self, ticket: usize) {
        if let Some(act) = self.acts[ticket].as_slice().first() {
            let until = self.ends[ticket].get(act.stop).copied().unwrap_or(act.at);
            self.next
                .push(Reverse((act.at, act.what.rank(), until, ticket)));
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

fn acts(visit: &Itinerary, hall: &HallOfRecording) -> Vec<Act> {
    let service = hall.named(&visit.service).clone();
    let mut acts = vec![Act {
        at: visit.taken,
        line: visit.line,
        stop: 0,
        what: What::Take {
            service: service.clone(),
        },
    }];
    let mut waits_for = service;
    for (place, stop) in visit.stops.iter().enumerate() {
        let Some(window) = hall.window(stop) else {
            continue;
        };
        let mut add = |at, what| {
            acts.push(Act {
                at,
                line: stop.line,
                stop: place,
                what,
            })
        };
        if *hall.service(stop) != waits_for {
            waits_for = hall.service(stop).clone();
            add(
                stop.since,
                What::Change {
                    service: waits_for.clone(),
                },
            );
        }
        add(stop.calls[0], What::Call { window });
        stop.calls[1..]
            .iter()
            .for_each(|at| add(*at, What::Recall { window }));
        if !stop.missed {
            add(stop.started, What::Start { window });
        }
        waits_for = leave(visit, place, window, hall, &mut acts).unwrap_or(waits_for);
    }
    end(visit, &mut acts);
    acts
}

/// How the ticket leaves a window for its next stop; answers the service that it waits for then.
fn leave(
    visit: &Itinerary,
    place: usize,
    window: WindowNumber,
    hall: &HallOfRecording,
    acts: &mut Vec<Act>,
) -> Option<ServiceId> {
    let stop = &visit.stops[place];
    let next = visit.stops.get(place + 1);
    let mut add = |at, stop, line, what| {
        acts.push(Act {
            at,
            line,
            stop,
            what,
        })
    };
    if stop.missed {
        add(stop.ended, place, stop.line, What::Miss { window });
        if let Some(next) = next {
            add(next.since, place + 1, next.line, What::Return);
        }
        return None;
    }
    let Some(next) = next else {
        if visit.ending == Ending::Served || visit.ending == Ending::Missed {
            add(stop.ended, place, stop.line, What::Finish { window });
        } else {
            // back into the line, from where it is cancelled or handed on
            let service = hall.service(stop).clone();
            add(
                stop.ended,
                place,
                stop.line,
                What::Transfer { window, service },
            );
        }
        return None;
    };
    let service = hall.service(next).clone();
    if is_pause(stop, next) && service == *hall.service(stop) {
        add(stop.ended, place, stop.line, What::Park { window });
        add(next.since, place + 1, next.line, What::ResumeByHolder);
        return None;
    }
    add(
        stop.ended,
        place,
        stop.line,
        What::Transfer {
            window,
            service: service.clone(),
        },
    );
    Some(service)
}

fn is_pause(stop: &Stop, next: &Stop) -> bool {
    next.since > stop.ended
}

fn end(visit: &Itinerary, acts: &mut Vec<Act>) {
    let what = match visit.ending {
        Ending::Cancelled => What::Cancel,
        Ending::HandedOn => What::HandOn,
        Ending::Served | Ending::Missed => return,
    };
    acts.push(Act {
        at: visit.ended,
        line: visit.ended_line,
        stop: visit.stops.len(),
        what,
    });
}
