//! What happens to an appointment: the one it was and the event give the one it is.
//!
//! `after` takes no hall, so that a decision can look ahead on the few appointments that its own record touches.

use super::{Fold, old_records};
use crate::id::{AppointmentCode, AppointmentId, ServiceId, Token};
use crate::plan::slot::AppointmentKind;
use crate::record::event::Event;
use crate::state::appointment::{Appointment, Standing, WaitListEntry};
use crate::time::Time;

impl Fold<'_> {
    pub(super) fn appointment_changed(&mut self, event: &Event) {
        let id = event.about().appointment;
        let before = id.and_then(|id| self.hall.appointment(id));
        let after = after(before, self.version, self.at, event)
            .expect("an event makes an appointment or names one that was made");
        let state = self.hall.state_mut();
        if let Event::NoShowRecorded { excused: false, .. } = event
            && let Some(visitor) = &after.visitor
        {
            let no_shows = state.no_shows.entry(visitor.person.clone());
            no_shows.or_default().push(self.at);
        }
        state.next_appointment = state.next_appointment.max(after.id.0 + 1);
        self.hall.put_appointment(after);
    }
}

/// The appointment that an event is about, as it stands afterwards.
pub(crate) fn after(
    before: Option<&Appointment>,
    version: u64,
    at: Time,
    event: &Event,
) -> Option<Appointment> {
    let mut after = match made(at, event) {
        Some(made) => made,
        None => before?.clone(),
    };
    change(&mut after, at, event);
    after.changed = version;
    Some(after)
}

/// The events that make an appointment, each with what its way to one gives it.
fn made(at: Time, event: &Event) -> Option<Appointment> {
    Some(match event {
        Event::PlaceHeld {
            appointment,
            token,
            code,
            client,
            service,
            reservation,
            until,
        } => Appointment {
            reservation: Some(reservation.clone()),
            standing: Standing::Held {
                until: *until,
                client: client.clone(),
            },
            ..new(*appointment, token, code, service, at)
        },
        Event::AppointmentBooked(booked) => Appointment {
            kind: booked.kind,
            reservation: Some(booked.reservation.clone()),
            visitor: Some(booked.visitor.clone()),
            standing: Standing::Booked,
            officer: booked.officer.clone(),
            ..new(
                booked.appointment,
                &booked.token,
                &booked.code,
                &booked.service,
                at,
            )
        },
        Event::AppointmentListed(listed) => Appointment {
            kind: listed.kind,
            visitor: Some(listed.visitor.clone()),
            officer: listed.officer.clone(),
            ..new(
                listed.appointment,
                &listed.token,
                &listed.code,
                &listed.service,
                at,
            )
        },
        Event::PlaceGivenOnTheSpot {
            appointment,
            token,
            code,
            service,
            reservation,
            ticket,
        } => Appointment {
            reservation: Some(reservation.clone()),
            standing: Standing::CheckedIn {
                ticket: *ticket,
                late: false,
            },
            ..new(*appointment, token, code, service, at)
        },
        _ => return None,
    })
}

/// A new appointment as every way to one begins.
fn new(
    id: AppointmentId,
    token: &Token,
    code: &AppointmentCode,
    service: &ServiceId,
    at: Time,
) -> Appointment {
    Appointment {
        id,
        token: token.clone(),
        code: code.clone(),
        service: service.clone(),
        kind: AppointmentKind::Window,
        reservation: None,
        visitor: None,
        standing: Standing::Listed,
        wish: None,
        officer: None,
        sequence: 0,
        made_at: at,
        changed: 0, // set to the record's version with every event
    }
}

/// The events that change an appointment.
fn change(appointment: &mut Appointment, at: Time, event: &Event) {
    match event {
        Event::HoldEnded { .. } => appointment.standing = Standing::Lapsed { at },
        Event::WaitListJoined {
            reservation,
            until,
            since,
            ..
        } => {
            let before = appointment.wish.take();
            let since =
                since.unwrap_or_else(|| old_records::since(before.as_ref(), reservation, at));
            appointment.wish = Some(WaitListEntry {
                reservation: reservation.clone(),
                since,
                offered: false,
                until: *until,
            });
        }
        Event::WaitListLeft { .. } => {
            appointment.wish = None;
            if matches!(appointment.standing, Standing::Listed) {
                appointment.standing = Standing::Lapsed { at };
            }
        }
        Event::PlaceOffered { until, .. } => {
            if let Some(wish) = &mut appointment.wish {
                wish.offered = true;
                wish.until = *until;
            }
        }
        Event::OfferConfirmed { .. } => {
            if let Some(wish) = appointment.wish.take() {
                appointment.reservation = Some(wish.reservation);
                appointment.standing = Standing::Booked;
                appointment.sequence += 1;
            }
        }
        Event::AppointmentMoved { reservation, .. } => {
            appointment.reservation = Some(reservation.clone());
            appointment.sequence += 1;
        }
        Event::AppointmentCancelled { .. } => {
            ends(appointment, Standing::Cancelled { at });
            appointment.sequence += 1;
        }
        Event::AppointmentCheckedIn { ticket, late, .. } => {
            let (ticket, late) = (*ticket, *late);
            ends(appointment, Standing::CheckedIn { ticket, late });
        }
        Event::NoShowRecorded { excused, .. } => {
            let excused = *excused;
            ends(appointment, Standing::NoShow { at, excused });
        }
        Event::OfficerAssigned { officer, .. } => appointment.officer = Some(officer.clone()),
        Event::HomeVisitRecorded { outcome, .. } => {
            let outcome = *outcome;
            ends(appointment, Standing::Visited { at, outcome });
        }
        _ => {} // the events that make one
    }
}

/// It waits for nothing any more.
fn ends(appointment: &mut Appointment, standing: Standing) {
    appointment.standing = standing;
    appointment.wish = None;
}
