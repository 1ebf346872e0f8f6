//! Taking records back off a hall that ran ahead of its log: the cost is that of what they touched, not of the day.
//!
//! The owner decides a commit on a copy that is ahead by that commit. When another instance was first, the copy has to
//! be as before; copying a day of thousands of tickets for each such conflict made two busy instances slower by the hour.
//!
//! Invariant: after [`rewind()`] the hall equals `to`, index included. Events that touch more than the ticket they name
//! take the long way: the whole copy.

use crate::record::Record;
use crate::record::event::Event;
use crate::state::hall::Hall;

/// Makes `hall`, which is `to` with `records` applied, equal to `to`.
pub fn rewind(hall: &mut Hall, to: &Hall, records: &[&Record<Event>]) {
    let mut events = records.iter().flat_map(|record| &record.events);
    if !events.all(touches_only_what_it_names) {
        *hall = to.clone();
        return;
    }
    for record in records {
        for ticket in record.events.iter().filter_map(Event::ticket) {
            match to.ticket(ticket) {
                Some(before) => hall.put_ticket(before.clone()),
                None => hall.remove_ticket(ticket),
            }
        }
        for appointment in record.events.iter().filter_map(Event::appointment) {
            match to.appointment(appointment) {
                Some(before) => hall.put_appointment(before.clone()),
                None => hall.remove_appointment(appointment),
            }
        }
        let applied = &mut hall.state_mut().applied;
        match to.applied.get(&record.key) {
            Some(before) => applied.insert(record.key.clone(), *before),
            None => applied.remove(&record.key),
        };
    }
    let state = hall.state_mut();
    state.version = to.version;
    state.last_at = to.last_at;
    state.next_ticket = to.next_ticket;
    state.next_appointment = to.next_appointment;
    state.day.clone_from(&to.day);
    if let Some(closed) = to.closed_day() {
        state.reports.insert(closed.date, closed.clone()); // whoever comes after closing is counted there
    }
    state.windows.clone_from(&to.windows);
    state.vouchers.clone_from(&to.vouchers);
    state.calls.clone_from(&to.calls);
}

/// The everyday events of tickets, appointments and windows. Beside what they name they change only what is small: the day's
/// figures, the windows, vouchers and the newest calls.
fn touches_only_what_it_names(event: &Event) -> bool {
    match event {
        // one that stands for another command leaves that one's mark too
        Event::TicketTaken(taken) => taken.instead_of.is_none(),
        Event::TicketCalled { .. }
        | Event::TicketRecalled { .. }
        | Event::ServiceStarted { .. }
        | Event::ServiceFinished { .. }
        | Event::TicketMissed { .. }
        | Event::TicketReturned { .. }
        | Event::TicketDeferred { .. }
        | Event::TicketParked { .. }
        | Event::ServiceResumed { .. }
        | Event::HolderResumed { .. }
        | Event::TicketTransferred { .. }
        | Event::NextServiceAdded { .. }
        | Event::ServiceChanged { .. }
        | Event::TicketReprinted { .. }
        | Event::TicketCancelled { .. }
        | Event::TicketRated { .. }
        | Event::VoucherGiven { .. }
        | Event::WindowOpened { .. }
        | Event::WindowPaused { .. }
        | Event::WindowResumed { .. }
        | Event::PlaceHeld { .. }
        | Event::HoldEnded { .. }
        | Event::AppointmentBooked(_)
        | Event::AppointmentListed(_)
        | Event::WaitListJoined { .. }
        | Event::WaitListLeft { .. }
        | Event::PlaceOffered { .. }
        | Event::OfferConfirmed { .. }
        | Event::AppointmentMoved { .. }
        | Event::AppointmentCancelled { .. }
        | Event::AppointmentCheckedIn { .. }
        | Event::PlaceGivenOnTheSpot { .. }
        | Event::OfficerAssigned { .. }
        | Event::HomeVisitRecorded { .. }
        | Event::CitizenRedirected { .. }
        | Event::OverrunForeseen { .. }
        | Event::OverrunOver { .. }
        | Event::TicketLeaving { .. }
        | Event::ArrivalDeclined { .. }
        | Event::TicketMoved { .. }
        | Event::TicketStayed { .. } => true,
        Event::PlanAdopted { .. }
        | Event::DayOpened { .. }
        | Event::TicketHandedOn { .. }
        | Event::TicketUnserved { .. }
        | Event::WindowTakenOver { .. }
        | Event::WindowClosed { .. }
        | Event::SignOffOverridden { .. }
        | Event::CommandUndone { .. }
        | Event::HallInterrupted { .. }
        | Event::ServiceSuspended { .. }
        | Event::SuspensionEnded { .. }
        | Event::CallingPaused { .. }
        | Event::CallingResumed
        | Event::NoticesPosted { .. }
        | Event::HelpedOnline { .. }
        | Event::DayClosed { .. }
        | Event::NoShowRecorded { .. }
        | Event::NumbersLeased { .. }
        | Event::NumbersSkipped { .. }
        | Event::HelpAsked { .. }
        | Event::HelpAnswered { .. }
        | Event::ComplaintLeft { .. }
        | Event::ComplaintAnswered { .. } => false,
    }
}
