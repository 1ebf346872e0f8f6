//! What happens to an appointment.

use crate::id::{ActorId, AppointmentCode, AppointmentId, ServiceId, TicketId, Token};
use crate::plan::slot::AppointmentKind;
use crate::plan::slot::Reservation;
use crate::record::event::{AppointmentBooked, AppointmentListed};
use crate::state::appointment::{Appointment, Standing, WaitListEntry};
use crate::state::hall::Hall;
use crate::state::ticket::VisitOutcome;
use crate::time::Time;

/// A new appointment as every way to one begins.
fn new(
    id: AppointmentId,
    (token, code): (&Token, &AppointmentCode),
    service: &ServiceId,
    at: Time,
    version: u64,
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
        changed: version,
    }
}

fn put(hall: &mut Hall, appointment: Appointment) {
    let next = appointment.id.0 + 1;
    hall.put_appointment(appointment);
    let state = hall.state_mut();
    state.next_appointment = state.next_appointment.max(next);
}

#[expect(clippy::too_many_arguments, reason = "the fields of one event")]
pub(super) fn held(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: AppointmentId,
    key: (&Token, &AppointmentCode),
    client: Option<&Token>,
    service: &ServiceId,
    reservation: &Reservation,
    until: Time,
) {
    put(
        hall,
        Appointment {
            reservation: Some(reservation.clone()),
            standing: Standing::Held {
                until,
                client: client.cloned(),
            },
            ..new(id, key, service, at, version)
        },
    );
}

pub(super) fn booked(hall: &mut Hall, version: u64, at: Time, booked: &AppointmentBooked) {
    let key = (&booked.token, &booked.code);
    put(
        hall,
        Appointment {
            kind: booked.kind,
            reservation: Some(booked.reservation.clone()),
            visitor: Some(booked.visitor.clone()),
            standing: Standing::Booked,
            officer: booked.officer.clone(),
            ..new(booked.appointment, key, &booked.service, at, version)
        },
    );
}

pub(super) fn listed(hall: &mut Hall, version: u64, at: Time, listed: &AppointmentListed) {
    let key = (&listed.token, &listed.code);
    put(
        hall,
        Appointment {
            kind: listed.kind,
            visitor: Some(listed.visitor.clone()),
            officer: listed.officer.clone(),
            ..new(listed.appointment, key, &listed.service, at, version)
        },
    );
}

#[expect(clippy::too_many_arguments, reason = "the fields of one event")]
pub(super) fn given_on_the_spot(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: AppointmentId,
    key: (&Token, &AppointmentCode),
    service: &ServiceId,
    reservation: &Reservation,
    ticket: TicketId,
) {
    let late = false;
    put(
        hall,
        Appointment {
            reservation: Some(reservation.clone()),
            standing: Standing::CheckedIn { ticket, late },
            ..new(id, key, service, at, version)
        },
    );
}

pub(super) fn hold_ended(hall: &mut Hall, version: u64, at: Time, id: AppointmentId) {
    hall.change_appointment(id, version, |appointment| {
        appointment.standing = Standing::Lapsed { at };
    });
}

pub(super) fn wait_list_joined(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: AppointmentId,
    reservation: &Reservation,
    until: Time,
) {
    hall.change_appointment(id, version, |appointment| {
        let before = appointment.wish.take();
        let same = before.filter(|wish| wish.reservation.slots == reservation.slots);
        appointment.wish = Some(WaitListEntry {
            reservation: reservation.clone(),
            since: same.map_or(at, |wish| wish.since), // an offer that had to be taken back costs nobody his turn
            offered: false,
            until,
        });
    });
}

pub(super) fn wait_list_left(hall: &mut Hall, version: u64, at: Time, id: AppointmentId) {
    hall.change_appointment(id, version, |appointment| {
        appointment.wish = None;
        if matches!(appointment.standing, Standing::Listed) {
            appointment.standing = Standing::Lapsed { at };
        }
    });
}

pub(super) fn offered(hall: &mut Hall, version: u64, id: AppointmentId, until: Time) {
    hall.change_appointment(id, version, |appointment| {
        if let Some(wish) = &mut appointment.wish {
            wish.offered = true;
            wish.until = until;
        }
    });
}

pub(super) fn offer_confirmed(hall: &mut Hall, version: u64, id: AppointmentId) {
    hall.change_appointment(id, version, |appointment| {
        if let Some(wish) = appointment.wish.take() {
            appointment.reservation = Some(wish.reservation);
            appointment.standing = Standing::Booked;
            appointment.sequence += 1;
        }
    });
}

pub(super) fn moved(hall: &mut Hall, version: u64, id: AppointmentId, to: &Reservation) {
    hall.change_appointment(id, version, |appointment| {
        appointment.reservation = Some(to.clone());
        appointment.sequence += 1;
    });
}

pub(super) fn cancelled(hall: &mut Hall, version: u64, at: Time, id: AppointmentId) {
    hall.change_appointment(id, version, |appointment| {
        appointment.standing = Standing::Cancelled { at };
        appointment.wish = None;
        appointment.sequence += 1;
    });
}

pub(super) fn checked_in(
    hall: &mut Hall,
    version: u64,
    id: AppointmentId,
    ticket: TicketId,
    late: bool,
) {
    hall.change_appointment(id, version, |appointment| {
        appointment.standing = Standing::CheckedIn { ticket, late };
        appointment.wish = None;
    });
}

pub(super) fn not_come(hall: &mut Hall, version: u64, at: Time, id: AppointmentId, excused: bool) {
    let mut person = None;
    hall.change_appointment(id, version, |appointment| {
        appointment.standing = Standing::NoShow { at, excused };
        appointment.wish = None;
        person = appointment.visitor.as_ref().map(|v| v.person.clone());
    });
    let Some(person) = person.filter(|_| !excused) else {
        return;
    };
    let no_shows = &mut hall.state_mut().no_shows;
    no_shows.entry(person).or_default().push(at);
}

pub(super) fn officer_assigned(
    hall: &mut Hall,
    version: u64,
    id: AppointmentId,
    officer: &ActorId,
) {
    hall.change_appointment(id, version, |appointment| {
        appointment.officer = Some(officer.clone());
    });
}

pub(super) fn visited(
    hall: &mut Hall,
    version: u64,
    at: Time,
    id: AppointmentId,
    outcome: VisitOutcome,
) {
    hall.change_appointment(id, version, |appointment| {
        appointment.standing = Standing::Visited { at, outcome };
        appointment.wish = None;
    });
}
