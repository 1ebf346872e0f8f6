//! Appointments as people see them: the slots of a service, one appointment as its holder sees it, and the officer's
//! list of a day. Nothing personal: who it is stays sealed.

use super::waiting_room::{documents, service_name};
use crate::id::{ActorId, AppointmentCode, AppointmentId, HallId, ServiceId, TicketNumber, Token};
use crate::plan::slot::AppointmentKind;
use crate::plan::slot::{Slot, SlotId};
use crate::state::appointment::{Appointment, Standing, StandingName};
use crate::state::hall::Hall;
use crate::state::ticket::Need;
use crate::text::Text;
use crate::time::{DateTime, Time};
use chrono::{Duration, NaiveDate, NaiveTime};
use serde::Serialize;
use utoipa::ToSchema;

/// A time that can be booked, or waited for.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SlotView {
    #[schema(value_type = String)]
    pub id: SlotId,
    pub starts_at: DateTime,
    /// When the matter should be done: a hard one takes several slots in a row.
    pub ends_at: DateTime,
    /// Places left in the fullest of its slots.
    pub free: u16,
    pub kind: AppointmentKind,
    /// Whether booking is open: not before the horizon, not after the cut-off.
    pub bookable: bool,
}

/// An appointment as its holder sees it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AppointmentView {
    pub hall: HallId,
    pub hall_name: Text,
    pub address: Option<Text>,
    pub code: AppointmentCode,
    pub service: ServiceId,
    pub service_name: Text,
    pub kind: AppointmentKind,
    pub kind_label: Text,
    pub standing: StandingName,
    pub standing_label: Text,
    /// The time it has; nothing while it only waits for one.
    pub slot: Option<TimeView>,
    /// The time it would rather have.
    pub wish: Option<WishView>,
    /// Check-in opens then.
    pub check_in_from: Option<DateTime>,
    /// Whoever checks in later is served after the punctual ones.
    pub punctual_until: Option<DateTime>,
    /// The ticket it became.
    pub ticket: Option<TicketLink>,
    pub officer: Option<ActorId>,
    pub documents: Vec<Text>,
    /// Counts its changes.
    pub sequence: u32,
    pub now: DateTime,
    /// What its holder can do with it now: `cancel`, `move`, `wait-list`, `leave-wait-list`, `confirm`.
    pub actions: Vec<&'static str>,
}

/// Reserved places.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TimeView {
    #[schema(value_type = String)]
    pub id: SlotId,
    pub starts_at: DateTime,
    pub ends_at: DateTime,
    pub places: u16,
}

/// A place on the waiting list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WishView {
    pub slot: TimeView,
    /// Kept for its holder until `until`: to be confirmed.
    pub offered: bool,
    pub until: DateTime,
    /// How many wait for the same time before it.
    pub ahead: u32,
}

/// The way to a ticket.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TicketLink {
    pub number: TicketNumber,
    pub token: Token,
    pub late: bool,
}

/// One line of the officer's list of a day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExpectedView {
    #[serde(skip)]
    pub appointment: AppointmentId,
    pub code: AppointmentCode,
    pub starts_at: DateTime,
    pub ends_at: DateTime,
    pub service: ServiceId,
    pub service_name: Text,
    pub kind: AppointmentKind,
    pub kind_label: Text,
    pub standing: StandingName,
    pub standing_label: Text,
    pub late: bool,
    pub places: u16,
    pub cases: u16,
    pub needs: Vec<Need>,
    pub officer: Option<ActorId>,
    pub number: Option<TicketNumber>,
}

/// The slots of a service on these dates, in order of time; those that are over are left out.
pub fn slots(
    hall: &Hall,
    service: &ServiceId,
    from: NaiveDate,
    to: NaiveDate,
    now: Time,
) -> Vec<SlotView> {
    let dates = from.iter_days().take_while(|date| *date <= to);
    let slots = dates.flat_map(|date| hall.plan().slots(date, service));
    let ahead = slots.filter(|slot| now < slot.starts_at);
    ahead
        .filter_map(|slot| slot_view(hall, service, &slot, now))
        .collect()
}

fn slot_view(hall: &Hall, service: &ServiceId, slot: &Slot, now: Time) -> Option<SlotView> {
    let row = hall.plan().row_of_slots(&slot.id, service)?;
    let opens = slot.id.date() - Duration::days(slot.rule.horizon_days.into());
    let opens = hall.plan().at(opens, NaiveTime::MIN);
    Some(SlotView {
        id: slot.id.clone(),
        starts_at: slot.starts_at,
        ends_at: row.last().map_or(slot.ends_at, |last| last.ends_at),
        free: row
            .iter()
            .map(|slot| hall.free_places(slot, now))
            .min()
            .unwrap_or(0),
        kind: slot.rule.kind,
        bookable: opens <= now
            && now < slot.starts_at - slot.rule.cut_off()
            && !hall.suspensions().contains_key(service),
    })
}

/// The first slots of a service that can be booked now and have a place, as far ahead as booking goes.
pub fn next_free_slots(hall: &Hall, service: &ServiceId, now: Time, count: usize) -> Vec<SlotView> {
    let Some(horizon) = hall.plan().booking_horizon(service) else {
        return Vec::new();
    };
    let today = hall.plan().date(now);
    let dates = today.iter_days().take(usize::from(horizon) + 1);
    let slots = dates.flat_map(|date| slots(hall, service, date, date, now));
    slots
        .filter(|slot| slot.bookable && slot.free > 0)
        .take(count)
        .collect()
}

/// The page behind an appointment's token.
pub fn appointment(hall: &Hall, appointment: &Appointment, now: Time) -> AppointmentView {
    let plan = hall.plan();
    let policy = &plan.policy;
    let reservation = appointment.reservation.as_ref();
    let at_window = reservation.filter(|_| appointment.kind.is_window());
    let early = Duration::minutes(policy.check_in_early_minutes.into());
    let late = Duration::minutes(policy.check_in_late_minutes.into());
    AppointmentView {
        hall: hall.id().clone(),
        hall_name: plan.name.clone(),
        address: plan.address.clone(),
        code: appointment.code.clone(),
        service: appointment.service.clone(),
        service_name: service_name(hall, &appointment.service),
        kind: appointment.kind,
        kind_label: appointment.kind.label(),
        standing: appointment.standing.name(),
        standing_label: appointment.standing.name().label(),
        slot: reservation.map(time_view),
        wish: wish_view(hall, appointment),
        check_in_from: at_window.map(|reservation| reservation.starts_at - early),
        punctual_until: at_window.map(|reservation| reservation.starts_at + late),
        ticket: ticket_link(hall, appointment),
        officer: appointment.officer.clone(),
        documents: documents(hall, &appointment.service),
        sequence: appointment.sequence,
        now: plan.local(now),
        actions: actions(appointment, now),
    }
}

fn time_view(reservation: &crate::plan::slot::Reservation) -> TimeView {
    TimeView {
        id: reservation.first_slot().clone(),
        starts_at: reservation.starts_at,
        ends_at: reservation.ends_at,
        places: reservation.places,
    }
}

fn wish_view(hall: &Hall, appointment: &Appointment) -> Option<WishView> {
    let wish = appointment.wish.as_ref()?;
    let line = hall.diary.wishing(wish.reservation.first_slot());
    let before = line.take_while(|id| *id != appointment.id);
    Some(WishView {
        slot: time_view(&wish.reservation),
        offered: wish.offered,
        until: wish.until,
        ahead: if wish.offered {
            0
        } else {
            before.count() as u32
        },
    })
}

fn ticket_link(hall: &Hall, appointment: &Appointment) -> Option<TicketLink> {
    let Standing::CheckedIn { ticket, late } = appointment.standing else {
        return None;
    };
    let ticket = hall.ticket(ticket)?;
    Some(TicketLink {
        number: ticket.number.clone(),
        token: ticket.token.clone(),
        late,
    })
}

fn actions(appointment: &Appointment, now: Time) -> Vec<&'static str> {
    let mut actions = Vec::new();
    let begins = appointment.reservation.as_ref().map(|r| r.starts_at);
    match &appointment.standing {
        Standing::Booked if begins.is_some_and(|at| now < at) => {
            actions.extend(["move", "cancel", "wait-list"]);
        }
        Standing::Booked | Standing::Held { .. } => actions.push("cancel"),
        Standing::Listed => actions.extend(["cancel", "wait-list"]),
        Standing::CheckedIn { .. }
        | Standing::Visited { .. }
        | Standing::Cancelled { .. }
        | Standing::Lapsed { .. }
        | Standing::NoShow { .. } => {}
    }
    match &appointment.wish {
        Some(wish) if wish.offered && now < wish.until => {
            actions.extend(["confirm", "leave-wait-list"])
        }
        Some(_) => actions.push("leave-wait-list"),
        None => {}
    }
    actions
}

/// Everybody who is or was expected on a date, in order of time; with an officer, only his.
pub fn expected(hall: &Hall, date: NaiveDate, officer: Option<&ActorId>) -> Vec<ExpectedView> {
    let is_of_date = |appointment: &&Appointment| {
        let starts_at = appointment.reservation.as_ref().map(|r| r.starts_at);
        starts_at.is_some_and(|at| hall.plan().date(at) == date)
    };
    let is_listed = |appointment: &&Appointment| {
        let is_his = officer.is_none_or(|officer| appointment.officer.as_ref() == Some(officer));
        let standing = appointment.standing.name();
        is_his && !matches!(standing, StandingName::Held | StandingName::Lapsed)
    };
    let appointments = hall.appointments().values();
    let of_date = appointments.filter(is_of_date).filter(is_listed);
    let expected = of_date.filter_map(|appointment| expected_view(hall, appointment));
    let mut expected: Vec<ExpectedView> = expected.collect();
    expected.sort_by_key(|expected| (expected.starts_at, expected.appointment));
    expected
}

fn expected_view(hall: &Hall, appointment: &Appointment) -> Option<ExpectedView> {
    let reservation = appointment.reservation.as_ref()?;
    let visitor = appointment.visitor.as_ref();
    let ticket = ticket_link(hall, appointment);
    let name = appointment.standing.name();
    Some(ExpectedView {
        appointment: appointment.id,
        code: appointment.code.clone(),
        starts_at: reservation.starts_at,
        ends_at: reservation.ends_at,
        service: appointment.service.clone(),
        service_name: service_name(hall, &appointment.service),
        kind: appointment.kind,
        kind_label: appointment.kind.label(),
        standing: name,
        standing_label: name.label(),
        late: matches!(appointment.standing, Standing::CheckedIn { late: true, .. }),
        places: reservation.places,
        cases: visitor.map_or(1, |visitor| visitor.cases),
        needs: visitor
            .map(|v| v.needs.iter().copied().collect())
            .unwrap_or_default(),
        officer: appointment.officer.clone(),
        number: ticket.map(|ticket| ticket.number),
    })
}
