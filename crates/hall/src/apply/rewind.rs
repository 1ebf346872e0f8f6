//! Taking records back off a hall that ran ahead of its log: the cost is that of what they touched, not of the day.
//!
//! The owner decides a commit on a copy that is ahead by that commit. When another instance was first, the copy has to
//! be as before. To copy a day of thousands of tickets at each such conflict made two busy instances slower by the hour.
//!
//! Invariant: after [`rewind()`] the hall equals `to`, index included. Events that are not narrow (`Event::about`) take
//! the long way: the whole copy.

use crate::record::Record;
use crate::record::event::Event;
use crate::state::hall::Hall;

/// Makes `hall`, which is `to` with `records` applied, equal to `to`.
pub fn rewind(hall: &mut Hall, to: &Hall, records: &[&Record<Event>]) {
    let mut events = records.iter().flat_map(|record| &record.events);
    if !events.all(|event| event.about().is_narrow) {
        *hall = to.clone();
        return;
    }
    for record in records {
        let abouts = || record.events.iter().map(Event::about);
        for ticket in abouts().filter_map(|about| about.ticket) {
            match to.ticket(ticket) {
                Some(before) => hall.put_ticket(before.clone()),
                None => hall.remove_ticket(ticket),
            }
        }
        for appointment in abouts().filter_map(|about| about.appointment) {
            match to.appointment(appointment) {
                Some(before) => hall.put_appointment(before.clone()),
                None => hall.remove_appointment(appointment),
            }
        }
        let applied = &mut hall.state_mut().applied;
        match to.applied().get(&record.key) {
            Some(before) => applied.insert(record.key.clone(), *before),
            None => applied.remove(&record.key),
        };
    }
    let state = hall.state_mut();
    state.version = to.version();
    state.last_at = to.last_at();
    state.next_ticket = to.next_ticket();
    state.next_appointment = to.next_appointment();
    state.day = to.day().cloned();
    if let Some(closed) = to.closed_day() {
        state.reports.insert(closed.date, closed.clone()); // whoever comes after closing is counted there
    }
    state.windows.clone_from(to.windows());
    state.vouchers.clone_from(to.vouchers());
    state.calls.clone_from(to.calls());
}
