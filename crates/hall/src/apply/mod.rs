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

use crate::id::{TicketId, WindowNumber};
use crate::record::Record;
use crate::record::event::Event;
use crate::state::complaint::Complaint;
use crate::state::day::Day;
use crate::state::hall::{Applied, Hall, Suspension};
use crate::state::moving::{Leaving, Moved};
use crate::state::ticket::{PassedOn, PlaceInLine, Rating, Stage, Ticket, VisitEnding};
use crate::state::window::{Pause, Staffing, Window};
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
    let mut fold = Fold {
        hall,
        version: record.version,
        at: record.at,
    };
    let undo = fold.undo_point(record);
    record.events.iter().for_each(|event| fold.apply(event));
    if let Some((window, undo)) = undo {
        fold.keep_undo(window, undo);
    }
    let at = fold.at; // the record's, unless the clock was put right in it
    let state = hall.state_mut();
    state.version = record.version;
    state.last_at = Some(at);
    state.applied.insert(
        record.key.clone(),
        Applied {
            version: record.version,
            at,
            ticket: record.events.iter().find_map(Event::taken),
        },
    );
}

/// One record being folded into a hall: its events happen with its version, at its time.
pub(crate) struct Fold<'a> {
    pub hall: &'a mut Hall,
    pub version: u64,
    pub at: Time,
}

impl Fold<'_> {
    /// Applies one event of the record.
    pub(crate) fn apply(&mut self, event: &Event) {
        let at = self.at;
        match event {
            Event::PlanAdopted { plan } => self.plan_adopted(plan),
            Event::DayOpened { date, forgets } => {
                let of_old = || old_records::forgets(self.hall, at, *date);
                let forgets = forgets.clone().unwrap_or_else(of_old);
                self.day_opened(Day::new(*date, at), &forgets);
            }
            Event::DayClosed {
                closing, goes_on, ..
            } => self.day_closed(closing.clone(), goes_on.clone()),
            Event::HelpedOnline { service } => self.helped_online(service),

            Event::TicketTaken(taken) => self.ticket_taken(taken),
            Event::TicketCalled {
                ticket,
                window,
                counts_as,
                ..
            } => {
                let of_old = || old_records::counts_as(self.hall, at, *ticket, *window);
                let counts_as = counts_as.unwrap_or_else(of_old);
                self.called(*ticket, *window, counts_as);
            }
            Event::TicketRecalled { ticket, window, .. } => self.recalled(*ticket, *window),
            Event::ServiceStarted {
                ticket,
                window,
                officer,
                ..
            } => self.started(*ticket, *window, officer),
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
                self.finished(*ticket, *window, ending, *cases);
            }
            Event::TicketMissed { ticket, window } => self.missed(*ticket, *window),
            Event::TicketReturned {
                ticket,
                after_calls,
            } => {
                self.change_ticket(*ticket, |ticket| ticket.returns += 1);
                self.wait(*ticket, PlaceInLine::AfterCalls(*after_calls));
            }
            Event::TicketDeferred {
                ticket,
                after_calls,
            } => self.change_place(*ticket, PlaceInLine::AfterCalls(*after_calls)),
            Event::TicketParked {
                ticket,
                window,
                note,
            } => self.parked(*ticket, *window, note.clone()),
            Event::ServiceResumed {
                ticket,
                window,
                officer,
                ..
            } => self.resumed(*ticket, *window, officer),
            Event::HolderResumed { ticket, window } => {
                self.wait(*ticket, PlaceInLine::FirstAt(*window))
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
                self.transferred(*ticket, service, *only_at, passed_on);
            }
            Event::NextServiceAdded {
                ticket,
                window,
                service,
            } => self.next_service_added(*ticket, *window, service),
            Event::ServiceChanged {
                ticket,
                service,
                after_calls,
            } => {
                let of_old = || old_records::after_calls(self.hall, *ticket, service);
                let after_calls = after_calls.or_else(of_old);
                self.service_changed(*ticket, service, after_calls);
            }
            Event::TicketReprinted { ticket } => {
                self.change_ticket(*ticket, |ticket| ticket.reprints += 1)
            }
            Event::TicketCancelled { ticket } => self.end(*ticket, Stage::Cancelled { at }),
            Event::TicketHandedOn { ticket, reason, .. } => {
                let reason = reason.clone();
                self.end(*ticket, Stage::HandedOn { at, reason });
            }
            Event::TicketUnserved { ticket } => self.end(*ticket, Stage::Unserved { at }),
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
                self.change_ticket(*ticket, |ticket| ticket.rating = Some(rating));
            }
            Event::VoucherGiven {
                ticket,
                service,
                reason,
                valid_until,
                ..
            } => self.voucher_given(*ticket, service, *reason, *valid_until),

            Event::WindowOpened {
                window,
                officer,
                services,
            } => self.window_opened(*window, officer, services),
            Event::WindowTakenOver {
                window,
                officer,
                services,
                ..
            } => self.window_taken_over(*window, officer, services),
            Event::WindowPaused { window, reason } => {
                let (since, reason) = (at, reason.clone());
                let pause = Some(Pause { since, reason });
                self.change_staffing(*window, |staffing| staffing.pause = pause);
            }
            Event::WindowResumed { window } => {
                self.change_staffing(*window, |staffing| staffing.pause = None)
            }
            Event::WindowClosed { window } => self.window_closed(*window),
            Event::SignOffOverridden { window, .. } => self.touch(*window),
            Event::CommandUndone { window, .. } => self.command_undone(*window),

            Event::HallInterrupted { stands_still, .. } => self.interrupted(*stands_still), // each ticket's fate is in the record too
            Event::ServiceSuspended {
                service,
                reason,
                until,
                excuses,
            } => {
                let suspension = Suspension {
                    reason: reason.clone(),
                    until: *until,
                    since: excuses.then_some(at),
                };
                self.suspended(service, suspension);
            }
            Event::SuspensionEnded { service } => self.suspension_ended(service),
            Event::CallingPaused { reason } => self.calling_paused(reason),
            Event::CallingResumed => self.calling_resumed(),
            Event::NoticesPosted { notices } => self.hall.state_mut().notices = notices.clone(),

            Event::NumbersLeased {
                lease,
                kiosk,
                numbers,
            } => self.numbers_leased(*lease, kiosk, numbers),
            Event::NumbersSkipped { lease, .. } => self.numbers_skipped(*lease),
            Event::TailLost(lost) => self.hall.state_mut().lost.push(lost.clone()),
            Event::ClockPutRight {
                to,
                date,
                booked_again,
                leases,
            } => self.clock_put_right(*to, *date, booked_again, *leases),
            Event::HelpAsked { help, from, urgent } => self.help_asked(*help, from, *urgent),
            Event::HelpAnswered { help, window } => self.help_answered(*help, *window),
            Event::ComplaintLeft {
                complaint,
                ticket,
                service,
                text,
                due,
            } => self.complaint_left(Complaint {
                id: *complaint,
                ticket: *ticket,
                service: service.clone(),
                text: text.clone(),
                at,
                due: *due,
                answer: None,
            }),
            Event::ComplaintAnswered { complaint, text } => {
                self.complaint_answered(*complaint, text)
            }

            Event::CitizenRedirected { service, .. } => self.citizen_redirected(service),
            Event::OverrunForeseen { service } => self.overrun(service, Some(at)),
            Event::OverrunOver { service } => self.overrun(service, None),

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
            | Event::HomeVisitRecorded { .. } => self.appointment_changed(event),

            Event::TicketLeaving {
                ticket,
                hall,
                arrival,
                token,
            } => {
                let leaving = Leaving {
                    hall: hall.clone(),
                    arrival: arrival.clone(),
                    token: token.clone(),
                    since: at,
                };
                self.change_ticket(*ticket, |ticket| ticket.leaving = Some(leaving));
            }
            Event::ArrivalDeclined { .. } => {} // that it was decided is what the record is for
            Event::TicketMoved {
                ticket,
                hall,
                number,
                token,
            } => {
                let moved = Moved {
                    hall: hall.clone(),
                    number: number.clone(),
                    token: token.clone(),
                };
                self.end(*ticket, Stage::Cancelled { at });
                self.change_ticket(*ticket, |ticket| ticket.moved_to = Some(moved));
            }
            Event::TicketStayed { ticket, .. } => {
                self.change_ticket(*ticket, |ticket| ticket.leaving = None)
            }
        }
    }

    fn change_ticket(&mut self, id: TicketId, change: impl FnOnce(&mut Ticket)) {
        self.hall.change_ticket(id, self.version, change);
    }

    fn free(&mut self, window: WindowNumber) {
        self.change_staffing(window, |staffing| staffing.current = None);
    }

    fn touch(&mut self, window: WindowNumber) {
        self.change_window(window, |_| {});
    }

    fn change_window(&mut self, number: WindowNumber, change: impl FnOnce(&mut Window)) {
        if let Some(window) = self.hall.state_mut().windows.get_mut(&number) {
            change(window);
            window.changed = self.version;
        }
    }

    fn change_staffing(&mut self, number: WindowNumber, change: impl FnOnce(&mut Staffing)) {
        self.change_window(number, |window| {
            if let Some(staffing) = &mut window.staffing {
                change(staffing);
            }
        });
    }
}
