//! Folds events into the state. Whatever was decided is so: applying it asks no rule and no policy, and cannot fail.
//!
//! One short function per event, in `day`, `ticket`, `window` and `appointment` by what it happens to; `undo` is the way
//! back, `rewind` takes back records that the log did not take, `old_records` knows what old records leave unsaid.
//!
//! What the fold does by itself follows from the state alone: a stage ends the one before it, nothing points to what is
//! gone, sums are counted, and every collection has its highest length. Those lengths are constants of the state, not
//! policies: all machines must fold one log to one state.
//!
//! Invariant: the same records in the same order give the same hall, on every machine.

pub(crate) mod appointment;
mod day;
mod old_records;
pub mod rewind;
mod ticket;
mod undo;
mod window;

use crate::id::{ServiceId, TicketId, WindowNumber};
use crate::record::Record;
use crate::record::event::Event;
use crate::state::complaint::Complaint;
use crate::state::day::Day;
use crate::state::hall::{Applied, Hall, Suspension};
use crate::state::moving::{Leaving, Moved};
use crate::state::ticket::{PassedOn, Rating, VisitEnding};
use crate::state::window::{Staffing, Window};
use crate::time::Time;

/// Applies the next record of the hall's log.
///
/// # Panics
/// If the record is not the next one: the log would be read with a gap.
pub fn apply(hall: &mut Hall, record: &Record<Event>) {
    assert_eq!(
        record.version,
        hall.version() + 1,
        "records are applied in order, without a gap"
    );
    let undo = undo::undo_point(hall, record);
    for event in &record.events {
        apply_event(hall, record.version, record.at, event);
    }
    let state = hall.state_mut();
    state.version = record.version;
    state.last_at = Some(record.at);
    state.applied.insert(
        record.key.clone(),
        Applied {
            version: record.version,
            at: record.at,
            ticket: record.events.iter().find_map(Event::taken),
        },
    );
    if let Some((window, undo)) = undo {
        undo::keep_undo(hall, window, undo);
    }
}

/// Applies one event of the record with this version.
pub(crate) fn apply_event(hall: &mut Hall, version: u64, at: Time, event: &Event) {
    match event {
        Event::PlanAdopted { plan } => day::plan_adopted(hall, version, plan),
        Event::DayOpened { date, forgets } => {
            let forgets = forgets.clone();
            let forgets = forgets.unwrap_or_else(|| old_records::forgets(hall, at, *date));
            day::opened(hall, at, Day::new(*date, at), &forgets);
        }
        Event::DayClosed { closing, .. } => day::closed(hall, version, at, closing.clone()),
        Event::HelpedOnline { service } => day::helped_online(hall, service),

        Event::TicketTaken(taken) => ticket::taken(hall, version, at, taken),
        Event::TicketCalled {
            ticket,
            window,
            counts_as,
            ..
        } => {
            let of_old = || old_records::counts_as(hall, at, *ticket, *window);
            let counts_as = counts_as.unwrap_or_else(of_old);
            ticket::called(hall, version, at, *ticket, *window, counts_as);
        }
        Event::TicketRecalled { ticket, window, .. } => {
            ticket::recalled(hall, version, at, *ticket, *window)
        }
        Event::ServiceStarted {
            ticket,
            window,
            officer,
            ..
        } => ticket::started(hall, version, at, *ticket, *window, officer),
        Event::ServiceFinished {
            ticket,
            window,
            outcome,
            fees,
            cases,
            note,
        } => {
            let ending = VisitEnding::Finished {
                outcome: *outcome,
                fees: *fees,
                note: note.clone(),
            };
            ticket::finished(hall, version, at, *ticket, *window, ending, *cases);
        }
        Event::TicketMissed { ticket, window } => {
            ticket::missed(hall, version, at, *ticket, *window)
        }
        Event::TicketReturned {
            ticket,
            after_calls,
        } => ticket::returned(hall, version, at, *ticket, *after_calls),
        Event::TicketDeferred {
            ticket,
            after_calls,
        } => ticket::deferred(hall, version, *ticket, *after_calls),
        Event::TicketParked {
            ticket,
            window,
            note,
        } => ticket::parked(hall, version, at, *ticket, *window, note.clone()),
        Event::ServiceResumed {
            ticket,
            window,
            officer,
            ..
        } => ticket::resumed(hall, version, at, *ticket, *window, officer),
        Event::HolderResumed { ticket, window } => {
            ticket::resumed_by_holder(hall, version, at, *ticket, *window)
        }
        Event::TicketTransferred {
            ticket,
            window,
            service,
            only_at,
            note,
        } => {
            let passed_on = PassedOn {
                from: *window,
                note: note.clone(),
            };
            ticket::transferred(hall, version, at, *ticket, service, *only_at, passed_on)
        }
        Event::NextServiceAdded {
            ticket,
            window,
            service,
        } => ticket::next_service_added(hall, version, at, *ticket, *window, service),
        Event::ServiceChanged {
            ticket,
            service,
            after_calls,
        } => {
            let of_old = || old_records::after_calls(hall, *ticket, service);
            let after_calls = after_calls.or_else(of_old);
            ticket::service_changed(hall, version, *ticket, service, after_calls);
        }
        Event::TicketReprinted { ticket } => ticket::reprinted(hall, version, *ticket),
        Event::TicketCancelled { ticket } => ticket::cancelled(hall, version, at, *ticket),
        Event::TicketHandedOn { ticket, reason, .. } => {
            ticket::handed_on(hall, version, at, *ticket, reason.clone())
        }
        Event::TicketUnserved { ticket } => ticket::unserved(hall, version, at, *ticket),
        Event::TicketRated {
            ticket,
            stars,
            reasons,
            text,
        } => {
            let rating = Rating {
                at,
                stars: *stars,
                reasons: reasons.clone(),
                text: text.clone(),
            };
            ticket::rated(hall, version, *ticket, rating);
        }
        Event::VoucherGiven {
            ticket,
            service,
            reason,
            valid_until,
            ..
        } => ticket::voucher_given(hall, version, at, *ticket, service, *reason, *valid_until),

        Event::WindowOpened {
            window,
            officer,
            services,
        } => window::opened(hall, version, at, *window, officer, services),
        Event::WindowTakenOver {
            window,
            officer,
            services,
            ..
        } => window::taken_over(hall, version, at, *window, officer, services),
        Event::WindowPaused { window, reason } => {
            window::paused(hall, version, at, *window, reason.clone())
        }
        Event::WindowResumed { window } => window::resumed(hall, version, *window),
        Event::WindowClosed { window } => window::closed(hall, version, *window),
        Event::SignOffOverridden { window, .. } => touch(hall, *window, version),
        Event::CommandUndone { window, .. } => undo::command_undone(hall, version, *window),

        Event::HallInterrupted { .. } => day::interrupted(hall), // each ticket's fate is in the record too
        Event::ServiceSuspended {
            service,
            reason,
            until,
        } => service_suspended(hall, service, reason.clone(), *until),
        Event::SuspensionEnded { service } => {
            hall.state_mut().suspensions.remove(service);
        }
        Event::CallingPaused { reason } => day::calling_paused(hall, at, reason),
        Event::CallingResumed => day::calling_resumed(hall, at),
        Event::NoticesPosted { notices } => hall.state_mut().notices = notices.clone(),

        Event::NumbersLeased {
            lease,
            kiosk,
            numbers,
        } => day::numbers_leased(hall, at, *lease, kiosk, numbers),
        Event::NumbersSkipped { lease, .. } => day::numbers_skipped(hall, *lease),
        Event::HelpAsked { help, from, urgent } => day::help_asked(hall, at, *help, from, *urgent),
        Event::HelpAnswered { help, window } => day::help_answered(hall, at, *help, *window),
        Event::ComplaintLeft {
            complaint,
            ticket,
            service,
            text,
            due,
        } => {
            let complaint = Complaint {
                id: *complaint,
                ticket: *ticket,
                service: service.clone(),
                text: text.clone(),
                at,
                due: *due,
                answer: None,
            };
            day::complaint_left(hall, version, complaint);
        }
        Event::ComplaintAnswered { complaint, text } => {
            day::complaint_answered(hall, at, *complaint, text)
        }

        Event::CitizenRedirected { service, .. } => day::citizen_redirected(hall, service),
        Event::OverrunForeseen { service } => day::overrun(hall, service, Some(at)),
        Event::OverrunOver { service } => day::overrun(hall, service, None),

        Event::PlaceHeld { .. }
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
        | Event::NoShowRecorded { .. }
        | Event::OfficerAssigned { .. }
        | Event::HomeVisitRecorded { .. } => appointment::apply(hall, version, at, event),

        Event::TicketLeaving {
            ticket,
            hall: to,
            arrival,
            token,
        } => {
            let leaving = Leaving {
                hall: to.clone(),
                arrival: arrival.clone(),
                token: token.clone(),
                since: at,
            };
            ticket::leaving(hall, version, *ticket, leaving);
        }
        Event::ArrivalDeclined { .. } => {} // that it was decided is what the record is for
        Event::TicketMoved {
            ticket,
            hall: to,
            number,
            token,
        } => {
            let moved = Moved {
                hall: to.clone(),
                number: number.clone(),
                token: token.clone(),
            };
            ticket::moved(hall, version, at, *ticket, moved);
        }
        Event::TicketStayed { ticket, .. } => ticket::stayed(hall, version, *ticket),
    }
}

fn service_suspended(hall: &mut Hall, service: &ServiceId, reason: String, until: Option<Time>) {
    let suspension = Suspension { reason, until };
    hall.state_mut()
        .suspensions
        .insert(service.clone(), suspension);
}

fn free(hall: &mut Hall, window: WindowNumber, version: u64) {
    change_staffing(hall, window, version, |staffing| staffing.current = None);
}

/// Frees the window only if it has this ticket: a parked one may be missed while another is served there.
fn free_of(hall: &mut Hall, window: WindowNumber, ticket: TicketId, version: u64) {
    let has_it = hall
        .windows()
        .get(&window)
        .is_some_and(|window| window.current() == Some(ticket));
    if has_it {
        free(hall, window, version);
    }
}

fn touch(hall: &mut Hall, window: WindowNumber, version: u64) {
    change_window(hall, window, version, |_| {});
}

fn change_window(
    hall: &mut Hall,
    number: WindowNumber,
    version: u64,
    change: impl FnOnce(&mut Window),
) {
    if let Some(window) = hall.state_mut().windows.get_mut(&number) {
        change(window);
        window.changed = version;
    }
}

fn change_staffing(
    hall: &mut Hall,
    number: WindowNumber,
    version: u64,
    change: impl FnOnce(&mut Staffing),
) {
    change_window(hall, number, version, |window| {
        if let Some(staffing) = &mut window.staffing {
            change(staffing);
        }
    });
}
