//! What a citizen did on a recorded day, in a hall's terms: stops at rooms, with the waits between them.
//!
//! Another system wrote the recording, and some of it is impossible in a hall, where a window has one ticket and a
//! ticket is at one window. Each kind of difference is treated in one way here and leaves a [`Remark`]:
//!
//! | recorded | followed as |
//! | --- | --- |
//! | next leg in the same room, called the second the last one ended (self-transfer) | a recall; the visit goes on |
//! | a leg that no room called, before another leg | one wait, from the first queue on |
//! | a pause between a leg's end and the next queue | parked, and back when the queue is joined |
//! | two queues joined at once | one after the other, by their calls |
//! | two tickets in one room at once | a second window for the room (given out in [`super::plan`]) |
//! | a leg that lies within another of its ticket | not followed |
//! | called before it joined (clocks) | joined at the call |
//! | finish missing, or before the call | until the room or the ticket goes on; at once |
//! | void in the queue | cancelled by its holder; without a time, at the end of the day |
//! | valid, last leg without a room | handed on by the manager |
//!
//! Invariant: within a ticket times never go back, and stops do not overlap.

use super::recording::{Day, Leg, LegOutcome, Ticket};
use super::remark::{Remark, RemarkKind};
use chrono::{NaiveDate, NaiveTime};
use hall::plan::class::Class;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A date, ready to be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayPlan {
    pub date: NaiveDate,
    /// In the order in which numbers are taken.
    pub visits: Vec<Itinerary>,
    pub remarks: Vec<Remark>,
}

/// One ticket's way through the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Itinerary {
    /// The recorded number.
    pub number: String,
    /// Line of its first row.
    pub line: u64,
    pub class: Class,
    pub service: String,
    pub taken: NaiveTime,
    pub stops: Vec<Stop>,
    pub ending: Ending,
    pub ended: NaiveTime,
    /// Line of the row that says how it ended.
    pub ended_line: u64,
}

/// One visit to a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub line: u64,
    pub service: String,
    pub room: String,
    /// Which of the room's windows: 0, or more while it had several tickets at once.
    pub place: usize,
    /// The wait for this call began.
    pub since: NaiveTime,
    /// The wait as the recording has it; differs from `since` when the citizen stood in two queues.
    pub recorded_since: NaiveTime,
    /// The call and its recalls.
    pub calls: Vec<NaiveTime>,
    pub started: NaiveTime,
    pub ended: NaiveTime,
    /// Called and not come.
    pub missed: bool,
}

/// How a ticket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Served,
    Cancelled,
    Missed,
    HandedOn,
}

impl DayPlan {
    /// Understands a recorded day.
    pub fn of(day: &Day) -> DayPlan {
        let mut remarks = Vec::new();
        let facts = DayFacts::of(day);
        let mut visits: Vec<Itinerary> = day
            .tickets
            .iter()
            .map(|ticket| itinerary(ticket, &facts, &mut remarks))
            .collect();
        visits.sort_by_key(|visit| (visit.taken, visit.line));
        give_out_places(&mut visits, &mut remarks);
        remarks.sort_by_key(|remark| (remark.line, remark.kind));
        DayPlan {
            date: day.date,
            visits,
            remarks,
        }
    }

    /// The first and the last number of the day.
    pub fn takings(&self) -> Option<(NaiveTime, NaiveTime)> {
        let taken = || self.visits.iter().map(|visit| visit.taken);
        Some((taken().min()?, taken().max()?))
    }

    /// Every visit to a room.
    pub fn stops(&self) -> impl Iterator<Item = &Stop> {
        self.visits.iter().flat_map(|visit| &visit.stops)
    }

    /// Recorded waits in seconds, sorted: one per visit that came to a room.
    pub fn recorded_waits(&self) -> Vec<u32> {
        let came = self.stops().filter(|stop| !stop.missed);
        let mut waits: Vec<u32> = came
            .map(|stop| seconds(stop.recorded_since, stop.calls[0]))
            .collect();
        waits.sort_unstable();
        waits
    }
}

impl Stop {
    /// How long the room had it.
    pub fn occupied(&self) -> chrono::Duration {
        self.ended - self.calls[0]
    }
}

/// Seconds between two times of day, not below zero.
pub(super) fn seconds(from: NaiveTime, to: NaiveTime) -> u32 {
    (to - from).num_seconds().max(0) as u32
}

/// What is needed of the whole day to understand one row.
struct DayFacts {
    /// Each room's calls, in order.
    calls: BTreeMap<String, Vec<NaiveTime>>,
    last: NaiveTime,
}

impl DayFacts {
    fn of(day: &Day) -> DayFacts {
        let mut calls: BTreeMap<String, Vec<NaiveTime>> = BTreeMap::new();
        let legs = || day.tickets.iter().flat_map(|ticket| &ticket.legs);
        for leg in legs() {
            if let (Some(room), Some(called)) = (&leg.room, leg.called) {
                calls.entry(room.clone()).or_default().push(called);
            }
        }
        calls.values_mut().for_each(|calls| calls.sort_unstable());
        let ends = |leg: &Leg| leg.finished.unwrap_or(leg.joined).max(leg.joined);
        let last = legs().map(|leg| leg.acted_at().max(ends(leg))).max();
        DayFacts {
            calls,
            last: last.unwrap_or(NaiveTime::MIN),
        }
    }

    fn next_call(&self, room: &str, after: NaiveTime) -> Option<NaiveTime> {
        let mut calls = self.calls.get(room)?.iter();
        calls.find(|call| **call > after).copied()
    }
}

fn itinerary(ticket: &Ticket, facts: &DayFacts, remarks: &mut Vec<Remark>) -> Itinerary {
    let mut legs: Vec<&Leg> = ticket.legs.iter().collect();
    legs.sort_by_key(|leg| (leg.acted_at(), leg.joined));
    let first = legs[0];
    let taken = legs.iter().map(|leg| leg.joined.min(leg.acted_at())).min();
    let taken = taken.unwrap_or(first.joined);
    let mut reader = TicketReader {
        facts,
        remarks,
        stops: Vec::new(),
        queued: Some(taken),
        service: first.service.clone(),
    };
    for (place, leg) in legs.iter().enumerate() {
        reader.follow(leg, &legs[place + 1..]);
    }
    let (ending, ended, ended_line) = reader.ending(&legs);
    let lines = legs.iter().map(|leg| leg.line);
    Itinerary {
        number: ticket.number.clone(),
        line: lines.min().unwrap_or(first.line),
        class: first.class,
        service: reader.service,
        taken,
        stops: reader.stops,
        ending,
        ended,
        ended_line,
    }
}

/// One ticket's legs being turned into stops.
struct TicketReader<'a> {
    facts: &'a DayFacts,
    remarks: &'a mut Vec<Remark>,
    stops: Vec<Stop>,
    /// When the wait that no room has ended yet began.
    queued: Option<NaiveTime>,
    service: String,
}

impl TicketReader<'_> {
    fn follow(&mut self, leg: &Leg, later: &[&Leg]) {
        match (&leg.room, leg.called) {
            (Some(room), Some(called)) => self.visit(leg, room, called, later),
            (Some(_), None) | (None, _) => self.queue(leg, later),
        }
    }

    /// Nobody called: this wait and the following one are one wait.
    fn queue(&mut self, leg: &Leg, later: &[&Leg]) {
        if !later.is_empty() {
            self.remark(leg.line, RemarkKind::QueueWithoutCall);
        }
        self.queued.get_or_insert(leg.joined);
    }

    fn visit(&mut self, leg: &Leg, room: &str, called: NaiveTime, later: &[&Leg]) {
        let finished = self.finish_of(leg, room, called, later);
        if leg.void {
            self.remark(leg.line, RemarkKind::VoidInRoom);
        }
        if self.goes_on(room, called, leg, finished) || self.lies_within(leg, called, finished) {
            return;
        }
        if leg.joined > called {
            self.remark(leg.line, RemarkKind::JoinedAfterCall);
        }
        let recorded_since = self.queued.take().unwrap_or(leg.joined).min(called);
        let since = self.since(leg, recorded_since, later);
        let missed = leg.outcome == Some(LegOutcome::Missed);
        self.stops.push(Stop {
            line: leg.line,
            service: leg.service.clone(),
            room: room.to_string(),
            place: 0,
            since,
            recorded_since,
            calls: vec![called],
            started: leg.started.unwrap_or(called).clamp(called, finished),
            ended: finished,
            missed,
        });
    }

    /// A self-transfer: the same room keeps the ticket, so it was called once more.
    fn goes_on(&mut self, room: &str, called: NaiveTime, leg: &Leg, finished: NaiveTime) -> bool {
        let seamless = |stop: &&mut Stop| stop.room == room && stop.ended == called && !stop.missed;
        let same_matter = |stop: &&mut Stop| stop.service == leg.service;
        if self.queued.is_some() {
            return false;
        }
        let Some(stop) = self.stops.last_mut().filter(seamless).filter(same_matter) else {
            return false;
        };
        // two announcements in one second are one
        if stop.calls.last().is_some_and(|last| *last < called) {
            stop.calls.push(called);
        }
        stop.started = leg.started.unwrap_or(called).clamp(called, finished);
        stop.ended = finished;
        stop.missed = leg.outcome == Some(LegOutcome::Missed);
        self.remark(leg.line, RemarkKind::SelfTransfer);
        true
    }

    /// A ticket is at one window at a time.
    fn lies_within(&mut self, leg: &Leg, called: NaiveTime, finished: NaiveTime) -> bool {
        let Some(before) = self.stops.last_mut().filter(|stop| stop.ended > called) else {
            return false;
        };
        let line = before.line;
        if finished <= before.ended {
            let kind = RemarkKind::WithinAnotherLeg;
            self.remarks.push(Remark::because_of(leg.line, kind, line));
            return true;
        }
        before.ended = called;
        before.started = before.started.min(called);
        let kind = RemarkKind::CutShort;
        self.remarks.push(Remark::because_of(line, kind, leg.line));
        false
    }

    /// When the wait before this call began for the hall.
    fn since(&mut self, leg: &Leg, joined: NaiveTime, later: &[&Leg]) -> NaiveTime {
        let Some(stop) = self.stops.last() else {
            return joined;
        };
        let (before, missed) = (stop.ended, stop.missed);
        let elsewhere = later.iter().any(|other| other.joined <= before);
        if joined < before || (joined > before && elsewhere) {
            self.remark(leg.line, RemarkKind::TwoQueues);
            return before;
        }
        if joined > before && !missed {
            self.remark(leg.line, RemarkKind::Pause);
        }
        joined
    }

    fn finish_of(&mut self, leg: &Leg, room: &str, called: NaiveTime, later: &[&Leg]) -> NaiveTime {
        match leg.finished {
            Some(finished) if finished >= called => finished,
            Some(_) => {
                self.remark(leg.line, RemarkKind::NoFinish);
                called
            }
            None => {
                self.remark(leg.line, RemarkKind::NoFinish);
                let mut joined = later.iter().map(|next| next.joined);
                let moved_on = joined.find(|joined| *joined >= called);
                let next_call = self.facts.next_call(room, called);
                let next = next_call.into_iter().chain(moved_on).min();
                next.unwrap_or(self.facts.last).max(called)
            }
        }
    }

    fn ending(&mut self, legs: &[&Leg]) -> (Ending, NaiveTime, u64) {
        let last = legs[legs.len() - 1];
        let not_before = self.stops.last().map_or(last.joined, |stop| stop.ended);
        let at_a_room = last.room.is_some();
        if at_a_room {
            let valid = legs.iter().any(|leg| leg.room.is_some() && !leg.void);
            let ending = match last.outcome {
                Some(LegOutcome::Missed) => Ending::Missed,
                Some(LegOutcome::HandedOn) => Ending::HandedOn,
                Some(LegOutcome::Cancelled) => Ending::Cancelled,
                Some(LegOutcome::Served | LegOutcome::Transferred) => Ending::Served,
                // a slip of the key after a good visit takes nothing back
                None if valid => Ending::Served,
                None => Ending::Cancelled,
            };
            return (ending, not_before, last.line);
        }
        let ending = match last.outcome {
            Some(LegOutcome::Cancelled) => Ending::Cancelled,
            _ if last.void => Ending::Cancelled,
            _ => Ending::HandedOn,
        };
        if last.finished.is_none() {
            self.remark(last.line, RemarkKind::VoidWithoutTime);
        }
        let ended = last.finished.unwrap_or(self.facts.last);
        (ending, ended.max(not_before).max(last.joined), last.line)
    }

    fn remark(&mut self, line: u64, kind: RemarkKind) {
        self.remarks.push(Remark::of(line, kind));
    }
}

/// Gives each stop a place in its room that is free from its call to its end, the lowest first.
fn give_out_places(visits: &mut [Itinerary], remarks: &mut Vec<Remark>) {
    let visits = visits.iter_mut();
    let mut stops: Vec<&mut Stop> = visits.flat_map(|visit| &mut visit.stops).collect();
    stops.sort_by_key(|stop| (stop.calls[0], stop.ended, stop.line));
    let mut taken: BTreeMap<String, Vec<(NaiveTime, u64)>> = BTreeMap::new();
    for stop in stops {
        let places = taken.entry(stop.room.clone()).or_default();
        let free = places.iter().position(|(until, _)| *until <= stop.calls[0]);
        let here = (stop.ended, stop.line);
        match free {
            Some(place) => places[place] = here,
            None => places.push(here),
        }
        stop.place = free.unwrap_or(places.len() - 1);
        if stop.place > 0 {
            let kind = RemarkKind::SecondPlace;
            remarks.push(Remark::because_of(stop.line, kind, places[0].1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DayPlan;
    use crate::tests::recording_of;
    use expect_test::{Expect, expect};

    /// Rows of `ticket,window,taken,called,finished,outcome` on one date, and how they are understood.
    fn check(rows: &str, expected: Expect) {
        let recording = recording_of(rows);
        assert_eq!(recording.problems, []);
        let day = DayPlan::of(&recording.days[0]);
        let mut lines = Vec::new();
        for visit in &day.visits {
            lines.push(format!("{} taken {}", visit.number, visit.taken));
            for stop in &visit.stops {
                let calls: Vec<String> = stop.calls.iter().map(ToString::to_string).collect();
                let place = if stop.place > 0 {
                    format!("/{}", stop.place + 1)
                } else {
                    String::new()
                };
                let (room, since, ended) = (&stop.room, stop.since, stop.ended);
                lines.push(format!(
                    "  since {since} at {room}{place} {} until {ended}",
                    calls.join(" ")
                ));
            }
            lines.push(format!("  {:?} {}", visit.ending, visit.ended));
        }
        lines.extend(
            day.remarks
                .iter()
                .map(|remark| format!("{}: {}", remark.line, remark.reason)),
        );
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn a_void_ticket_is_cancelled_in_the_queue() {
        check(
            "1,,08:00,,08:00,cancelled\n 2,,08:01,,,cancelled\n 3,4,08:02,08:05,08:09,",
            expect![[r#"
            1 taken 08:00:00
              Cancelled 08:00:00
            2 taken 08:01:00
              Cancelled 08:09:00
            3 taken 08:02:00
              since 08:02:00 at 4 08:05:00 until 08:09:00
              Served 08:09:00
            3: void without a time: cancelled at the end of the day"#]],
        );
    }

    #[test]
    fn a_transfer_waits_again_and_a_self_transfer_is_a_recall() {
        check(
            "1,5,08:00,08:10,08:11,\n 1,5,08:11,08:11,08:15,\n 1,4,08:15,08:30,08:33,",
            expect![[r#"
            1 taken 08:00:00
              since 08:00:00 at 5 08:10:00 08:11:00 until 08:15:00
              since 08:15:00 at 4 08:30:00 until 08:33:00
              Served 08:33:00
            3: self-transfer in the same room: recalled, the visit goes on"#]],
        );
    }

    #[test]
    fn a_room_with_two_tickets_gets_a_second_window() {
        check(
            "1,4,08:00,08:10,10:44,\n 2,4,08:01,08:20,08:25,\n 3,4,08:02,08:25,08:30,",
            expect![[r#"
            1 taken 08:00:00
              since 08:00:00 at 4 08:10:00 until 10:44:00
              Served 10:44:00
            2 taken 08:01:00
              since 08:01:00 at 4/2 08:20:00 until 08:25:00
              Served 08:25:00
            3 taken 08:02:00
              since 08:02:00 at 4/2 08:25:00 until 08:30:00
              Served 08:30:00
            3: the room had another ticket open: called at the room's second window (line 2)
            4: the room had another ticket open: called at the room's second window (line 2)"#]],
        );
    }

    #[test]
    fn a_ticket_is_at_one_window_at_a_time() {
        check(
            "1,4,08:00,08:10,09:00,\n 1,5,08:05,08:12,08:13,\n 1,5,08:06,08:50,09:10,",
            expect![[r#"
            1 taken 08:00:00
              since 08:00:00 at 4 08:10:00 until 08:50:00
              since 08:50:00 at 5 08:50:00 until 09:10:00
              Served 09:10:00
            2: ended early: the ticket was called elsewhere (line 4)
            3: lies within another visit of the same ticket (line 2)
            4: in two queues at once: one after the other"#]],
        );
    }

    #[test]
    fn moved_on_without_a_call_is_one_wait_and_a_pause_is_parked() {
        check(
            "1,,08:00,,08:20,\n 1,4,08:20,08:30,08:35,\n 1,4,08:40,08:41,08:45,\n 2,,08:00,,08:07,",
            expect![[r#"
            1 taken 08:00:00
              since 08:00:00 at 4 08:30:00 until 08:35:00
              since 08:40:00 at 4 08:41:00 until 08:45:00
              Served 08:45:00
            2 taken 08:00:00
              HandedOn 08:07:00
            2: moved on without a call: the wait runs on from the first queue
            4: between two queues: parked until the next one is joined"#]],
        );
    }

    #[test]
    fn a_missing_finish_ends_with_the_rooms_next_call_and_a_negative_wait_is_none() {
        check(
            "1,4,08:00,08:10,,\n 2,4,08:16,08:15,08:14,",
            expect![[r#"
            1 taken 08:00:00
              since 08:00:00 at 4 08:10:00 until 08:15:00
              Served 08:15:00
            2 taken 08:15:00
              since 08:15:00 at 4 08:15:00 until 08:15:00
              Served 08:15:00
            2: no sensible finish: open until the room or the ticket goes on
            3: called before it joined: joined at the call
            3: no sensible finish: open until the room or the ticket goes on"#]],
        );
    }
}
