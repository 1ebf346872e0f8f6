//! What must hold at every version, each by its name in the reliability notes: the rules keep it, the tests look after
//! every step, and an operator can have a stored log checked.
//!
//! A hall that breaks one of these has a bug: its owner stops rather than giving out a wrong number.

mod agree;
mod appointments;

use self::agree::agree;
use crate::id::{Prefix, TicketNumber};
use crate::state::closing::ClosingRecord;
use crate::state::day::Day;
use crate::state::hall::Hall;
use crate::state::queue::Queue;
use crate::state::ticket::{Stage, Ticket};
use std::collections::{BTreeMap, BTreeSet};

/// The first thing that does not hold, in words. Looks at every ticket and every appointment once.
pub fn check(hall: &Hall) -> Result<(), String> {
    if !hall.has_plan() {
        return Ok(());
    }
    check_windows(hall)?;
    keys_are_issued_once(hall)?;
    if let Some(day) = hall.day() {
        let todays: Vec<&Ticket> = hall.tickets_of(day).collect();
        numbers_are_unique(&todays)?;
        series_have_no_gap(day, &todays)?;
        nobody_disappears(day, &todays)?;
        a_closed_day_is_over(hall, day)?;
    }
    open_tickets_are_of_the_open_day(hall)?;
    who_leaves_waits(hall)?;
    the_index_agrees(hall)?;
    appointments::check(hall)
}

/// W1 and W2 alone: what can break and heal between two whole checks. Looks at open tickets only.
pub fn check_windows(hall: &Hall) -> Result<(), String> {
    every_ticket_at_one_window(hall)?;
    every_window_has_one_ticket(hall)
}

/// T1: a number names at most one ticket of the day.
fn numbers_are_unique(todays: &[&Ticket]) -> Result<(), String> {
    let mut seen: BTreeSet<&TicketNumber> = BTreeSet::new();
    match todays.iter().find(|ticket| !seen.insert(&ticket.number)) {
        Some(twice) => Err(format!("T1: {} was issued twice today", twice.number)),
        None => Ok(()),
    }
}

/// T2: the numbers of a series count up by one in order of issue, and the day knows the last.
fn series_have_no_gap(day: &Day, todays: &[&Ticket]) -> Result<(), String> {
    let mut last: BTreeMap<&Prefix, u32> = BTreeMap::new();
    let is_lent = |ticket: &&&Ticket| {
        let mut blocks = day.leases.values().map(|lease| &lease.numbers);
        blocks.any(|block| block.has(&ticket.number))
    };
    for ticket in todays.iter().filter(|ticket| !is_lent(ticket)) {
        let before = last.entry(ticket.number.prefix()).or_default();
        if ticket.number.ordinal() != day.following(ticket.number.prefix(), *before) {
            let (prefix, number) = (ticket.number.prefix(), &ticket.number);
            return Err(format!("T2: {number} follows {prefix}{before:03}"));
        }
        *before = ticket.number.ordinal();
    }
    let known: BTreeMap<&Prefix, u32> = day.series.iter().map(|(key, n)| (key, *n)).collect();
    agree(last == known, || {
        format!("T2: the day's series are {known:?}, its tickets say {last:?}")
    })
}

/// T4: as many tickets as numbers were issued.
fn nobody_disappears(day: &Day, todays: &[&Ticket]) -> Result<(), String> {
    let issued: u32 = day.issued();
    let kept = todays.len();
    agree(issued as usize == kept, || {
        format!("T4: {issued} numbers were issued, {kept} tickets are known")
    })
}

/// W1: a ticket in called or serving is the current one of exactly that window.
fn every_ticket_at_one_window(hall: &Hall) -> Result<(), String> {
    for ticket in hall.open_tickets() {
        let Some(window) = ticket.stage.window() else {
            continue;
        };
        let current = hall.staffing(window).and_then(|staffing| staffing.current);
        let number = &ticket.number;
        agree(current == Some(ticket.id), || {
            format!("W1: {number} is at window {window}, which has {current:?}")
        })?;
    }
    Ok(())
}

/// W2: what a window has is there, in called or serving, and nowhere else.
fn every_window_has_one_ticket(hall: &Hall) -> Result<(), String> {
    for window in hall.windows_in_order() {
        let Some(id) = window.current() else { continue };
        let at = hall.ticket(id).and_then(|ticket| ticket.stage.window());
        let number = window.number;
        agree(at == Some(number), || {
            format!("W2: window {number} has ticket {id:?}, which is at {at:?}")
        })?;
    }
    Ok(())
}

/// Keys count up: a ticket's, and each voucher's is its holder's.
fn keys_are_issued_once(hall: &Hall) -> Result<(), String> {
    let last = hall.tickets().last_key_value().map(|(id, _)| id.0);
    let next = hall.next_ticket();
    agree(last.is_none_or(|last| last < next), || {
        format!("keys: the next ticket is {next}, but {last:?} is there")
    })?;
    let misfiled = hall.vouchers().iter().find(|(token, v)| **token != v.token);
    agree(misfiled.is_none(), || {
        "keys: a voucher is filed under another token".into()
    })
}

/// T5: a closed day has no open ticket, nobody at a window, and sums that agree with its tickets.
fn a_closed_day_is_over(hall: &Hall, day: &Day) -> Result<(), String> {
    let Some(closed) = &day.closed else {
        return Ok(());
    };
    agree(!hall.is_anyone_open(), || {
        "T5: the day is closed and a ticket is open".into()
    })?;
    agree(hall.staffed().next().is_none(), || {
        "T5: the day is closed and a window is staffed".into()
    })?;
    agree(closed.agrees(), || {
        format!("T4: the sums do not add up: {closed:?}")
    })?;
    let counted = ClosingRecord::of(hall, day);
    let sums = |record: &ClosingRecord| {
        let ClosingRecord {
            issued,
            served,
            cancelled,
            missed,
            handed_on,
            unserved,
            ..
        } = record;
        [*issued, *served, *cancelled, *missed, *handed_on, *unserved]
    };
    agree(sums(&counted) == sums(closed), || {
        format!("T4: the day closed with {closed:?}, its tickets say {counted:?}")
    })
}

/// An open ticket belongs to the day that is open: what another day left behind is settled.
fn open_tickets_are_of_the_open_day(hall: &Hall) -> Result<(), String> {
    let stray = hall
        .open_tickets()
        .find(|ticket| !hall.is_of_the_day(ticket));
    match stray {
        Some(ticket) => Err(format!("T5: {} of another day is open", ticket.number)),
        None => Ok(()),
    }
}

/// A ticket on its way to another hall is at no window and has not ended: it has its place until the other is sure.
fn who_leaves_waits(hall: &Hall) -> Result<(), String> {
    let waits = |ticket: &&Ticket| matches!(ticket.stage, Stage::Waiting { .. });
    match hall.leaving().find(|ticket| !waits(ticket)) {
        Some(ticket) => Err(format!(
            "moving: {} leaves and does not wait",
            ticket.number
        )),
        None => Ok(()),
    }
}

/// The index that picks who is next says what the tickets say, and a waiting ticket is in it once.
fn the_index_agrees(hall: &Hall) -> Result<(), String> {
    agree(hall.queue == Queue::of(hall.tickets().values()), || {
        "index: the queue does not agree with the tickets".into()
    })?;
    let waiting = hall
        .tickets()
        .values()
        .filter(|t| matches!(t.stage, Stage::Waiting { .. }))
        .count();
    let services = hall.plan().services.iter();
    let counted: u32 = services.map(|service| hall.waiting(&service.id)).sum();
    agree(counted as usize == waiting, || {
        format!("index: {waiting} tickets wait, {counted} of them for a service of the plan")
    })
}
