//! What a record tells: from the hall before it and the hall after it to notifications. Pure, and the same on every
//! machine and after every restart.
//!
//! A mark is all that has to be remembered between two records beside the hall itself.

use super::notification::{
    AppointmentFace, Data, HallFace, Kind, Link, Notification, Subject, TicketFace, id_prefix,
};
use crate::log::Epoch;
use hall::id::{AppointmentId, ServiceId, TicketId, WindowNumber};
use hall::plan::slot::Reservation;
use hall::record::command::Actor;
use hall::state::appointment::Appointment;
use hall::state::phase::Phase;
use hall::state::ticket::{Stage, StageName, Ticket};
use hall::{Event, Hall, Record, Time, view};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Told that it is near when no more than this many are before it.
pub const NEAR_AHEAD: usize = 2;
/// Changes by the clock that are told at once; a hall has about ten a day, so this is more than a year.
const MOMENTS_MOST: usize = 5_000;

/// A hall and what has been told of it.
#[derive(Clone, Debug)]
pub struct Story {
    hall: Hall,
    epoch: Epoch,
    mark: Mark,
}

/// How far a story has been told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Of the last record.
    pub version: u64,
    /// Up to then the clock's changes have been told too.
    pub clock: Option<Time>,
    pub phase: Option<Phase>,
    /// Those who wait and know already that they are near.
    pub near: BTreeSet<TicketId>,
}

impl Mark {
    /// A mark at this hall, at which everything counts as told.
    pub fn at(hall: &Hall, now: Time) -> Mark {
        let mut mark = Mark {
            version: hall.version,
            clock: Some(now),
            phase: None,
            near: BTreeSet::new(),
        };
        if hall.has_plan() {
            mark.phase = Some(hall.phase(now));
            mark.near = near(hall, now).into_iter().map(|(_, id)| id).collect();
        }
        mark
    }
}

impl Story {
    /// Goes on at a mark; the hall is the one at its version.
    pub fn new(hall: Hall, epoch: Epoch, mark: Mark) -> Story {
        assert_eq!(
            hall.version, mark.version,
            "a story goes on with the hall that it was told of"
        );
        Story { hall, epoch, mark }
    }

    /// How far it has been told.
    pub fn mark(&self) -> &Mark {
        &self.mark
    }

    /// The hall at the mark.
    pub fn hall(&self) -> &Hall {
        &self.hall
    }

    /// Tells what the clock alone has changed up to now.
    pub fn time_passes(&mut self, now: Time) -> Vec<Notification> {
        let mut told = Vec::new();
        if self.hall.has_plan() {
            let mut moments = 0;
            while let Some(moment) = self.next_moment().filter(|moment| *moment <= now) {
                let id = format!("t{}_phase", moment.timestamp_millis());
                told.extend(self.phase_at(moment, &id));
                self.mark.clock = Some(moment);
                moments += 1;
                if moments == MOMENTS_MOST {
                    break; // the rest is told at the next look
                }
            }
        }
        if self.next_moment().is_none_or(|moment| moment > now) {
            self.mark.clock = self.mark.clock.max(Some(now));
        }
        told
    }

    /// Tells the next record, after what the clock changed before it.
    pub fn goes_on(&mut self, record: &Record<Event>) -> Vec<Notification> {
        let mut told = self.time_passes(record.at);
        let joined = self.joining(record);
        let had_a_place = self.have_a_place(record);
        hall::apply(&mut self.hall, record);
        self.mark.version = record.version;
        for (index, event) in (0..).zip(&record.events) {
            let of_event = Telling {
                story: self,
                record,
                index,
                had_a_place: event
                    .appointment()
                    .is_some_and(|id| had_a_place.contains(&id)),
            };
            told.extend(of_event.tell(event));
        }
        if self.hall.has_plan() {
            told.extend(self.nearest(record, &joined));
            let at = self
                .mark
                .clock
                .map_or(record.at, |clock| clock.max(record.at));
            told.extend(self.phase_at(at, &format!("v{}_phase", record.version)));
        }
        told
    }

    fn next_moment(&self) -> Option<Time> {
        let clock = self.mark.clock?;
        if !self.hall.has_plan() {
            return None;
        }
        // a session that is over goes on until whoever was missed can be taken to have gone
        let hall = &self.hall;
        let services = hall.plan().services.iter();
        let misses = services.filter_map(|service| hall.last_miss(&service.id));
        let graces = misses.map(|missed_at| missed_at + hall.grace());
        let changes = graces.filter(|at| *at > clock);
        changes.chain(hall.next_change(clock)).min()
    }

    fn phase_at(&mut self, at: Time, id: &str) -> Option<Notification> {
        let phase = self.hall.phase(at);
        let before = self.mark.phase.replace(phase);
        if before == Some(phase) {
            return None;
        }
        let data = Data {
            phase: Some(phase),
            phase_before: before,
            ..Data::of(self.hall_face())
        };
        let id = format!("{id}-{}", phase.name().replace('_', "-"));
        Some(self.notification(Kind::HallPhase, Subject::Hall, at, &id, data))
    }

    /// The tickets that come into line with this record: how many are before them they learn with that.
    fn joining(&self, record: &Record<Event>) -> BTreeSet<TicketId> {
        let touched = record.events.iter().filter_map(Event::ticket);
        let is_new = |id: &TicketId| self.hall.ticket(*id).is_none_or(|ticket| !waits(ticket));
        touched.filter(is_new).collect()
    }

    /// The appointments of this record that have a place before it.
    fn have_a_place(&self, record: &Record<Event>) -> BTreeSet<AppointmentId> {
        let touched = record.events.iter().filter_map(Event::appointment);
        let appointment = |id: &AppointmentId| self.hall.appointment(*id);
        let has_one = |id: &AppointmentId| appointment(id).is_some_and(|a| a.reservation.is_some());
        touched.filter(has_one).collect()
    }

    fn nearest(
        &mut self,
        record: &Record<Event>,
        joined: &BTreeSet<TicketId>,
    ) -> Vec<Notification> {
        let hall = &self.hall;
        let still_waits = |id: &TicketId| hall.ticket(*id).is_some_and(waits);
        self.mark.near.retain(still_waits);
        for event in &record.events {
            if let Event::TicketDeferred { ticket, .. } = event {
                self.mark.near.remove(ticket); // let others go first: will be near once more
            }
        }
        let mut told = Vec::new();
        for (ahead, id) in near(&self.hall, record.at) {
            if self.mark.near.insert(id)
                && !joined.contains(&id)
                && let Some(ticket) = self.hall.ticket(id)
            {
                let data = Data {
                    ahead: Some(ahead),
                    wait: self.hall.wait(&ticket.service, ahead),
                    ..self.data_of(ticket)
                };
                let id_end = format!("v{}_near-{}", record.version, id.0);
                let subject = Subject::Ticket(id);
                told.push(self.notification(Kind::TicketNear, subject, record.at, &id_end, data));
            }
        }
        told
    }

    fn notification(
        &self,
        kind: Kind,
        subject: Subject,
        at: Time,
        id: &str,
        data: Data,
    ) -> Notification {
        Notification {
            id: format!("{}_{id}", id_prefix(self.hall.id(), self.epoch)),
            kind,
            subject,
            time: self.hall.plan().local(at),
            version: self.mark.version,
            data,
        }
    }

    fn hall_face(&self) -> HallFace {
        HallFace {
            id: self.hall.id().clone(),
            name: self.hall.plan().name.clone(),
        }
    }

    fn data_of(&self, ticket: &Ticket) -> Data {
        Data {
            ticket: Some(TicketFace {
                number: ticket.number.clone(),
                service: ticket.service.clone(),
                service_name: self.service_name(&ticket.service),
                language: ticket.language,
                appointment: ticket
                    .appointment
                    .map(|appointment| Subject::Appointment(appointment.id).to_string()),
                link: Link::of(&ticket.token),
            }),
            ..Data::of(self.hall_face())
        }
    }

    fn data_of_appointment(&self, appointment: &Appointment, at: Option<&Reservation>) -> Data {
        let local = |time: Time| self.hall.plan().local(time);
        let visitor = appointment.visitor.as_ref();
        Data {
            appointment: Some(AppointmentFace {
                service: appointment.service.clone(),
                service_name: self.service_name(&appointment.service),
                kind: appointment.kind,
                language: visitor.map(|visitor| visitor.language),
                starts_at: at.map(|reservation| local(reservation.starts_at)),
                ends_at: at.map(|reservation| local(reservation.ends_at)),
                code: Some(appointment.code.clone()),
                sealed: visitor.map(|visitor| visitor.contact.clone()),
                contact: None,
                link: Link::of(&appointment.token),
            }),
            ..Data::of(self.hall_face())
        }
    }

    fn service_name(&self, service: &ServiceId) -> hall::text::Text {
        let known = self.hall.plan().service(service);
        known.map_or_else(
            || hall::text::Text::new(service.as_str(), service.as_str()),
            |service| service.name.clone(),
        )
    }
}

/// One event of a record that has been applied.
struct Telling<'a> {
    story: &'a Story,
    record: &'a Record<Event>,
    index: usize,
    /// Before the record its appointment, if it has one, had a place.
    had_a_place: bool,
}

impl Telling<'_> {
    /// What is told of it, if anything. Every event is here: a new one does not compile until it is said whether anybody
    /// is told.
    fn tell(&self, event: &Event) -> Option<Notification> {
        match event {
            Event::TicketTaken(taken) => {
                self.ticket(Kind::TicketTaken, taken.ticket, |data| Data {
                    ahead: Some(taken.ahead),
                    wait: taken.wait,
                    ..data
                })
            }
            Event::TicketCalled { ticket, window, .. } => {
                self.called(Kind::TicketCalled, *ticket, *window)
            }
            Event::TicketRecalled { ticket, window, .. } => {
                self.called(Kind::TicketRecalled, *ticket, *window)
            }
            Event::TicketMissed { ticket, window } => {
                self.ticket(Kind::TicketMissed, *ticket, |data| Data {
                    window: Some(*window),
                    ..data
                })
            }
            Event::AppointmentBooked(booked) => {
                self.appointment(Kind::AppointmentBooked, booked.appointment, false)
            }
            Event::OfferConfirmed { appointment } => self.confirmed(*appointment),
            Event::AppointmentMoved {
                appointment,
                by_plan,
                ..
            } => self.appointment(Kind::AppointmentMoved, *appointment, *by_plan),
            Event::AppointmentCancelled { appointment, .. } => {
                let by_hall = !is_visitor(&self.record.actor);
                self.appointment(Kind::AppointmentCancelled, *appointment, by_hall)
            }
            Event::PlaceOffered { appointment, until } => self.offered(*appointment, *until),
            Event::PlanAdopted { .. }
            | Event::NumbersLeased { .. }
            | Event::NumbersSkipped { .. }
            | Event::HelpAsked { .. }
            | Event::HelpAnswered { .. }
            | Event::ComplaintLeft { .. }
            | Event::ComplaintAnswered { .. }
            | Event::DayOpened { .. }
            | Event::ServiceStarted { .. }
            | Event::ServiceFinished { .. }
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
            | Event::TicketHandedOn { .. }
            | Event::TicketUnserved { .. }
            | Event::TicketRated { .. }
            | Event::VoucherGiven { .. }
            | Event::WindowOpened { .. }
            | Event::WindowTakenOver { .. }
            | Event::WindowPaused { .. }
            | Event::WindowResumed { .. }
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
            | Event::CitizenRedirected { .. }
            | Event::OverrunForeseen { .. }
            | Event::OverrunOver { .. }
            | Event::PlaceHeld { .. }
            | Event::HoldEnded { .. }
            | Event::AppointmentListed(_)
            | Event::WaitListJoined { .. }
            | Event::WaitListLeft { .. }
            | Event::AppointmentCheckedIn { .. }
            | Event::PlaceGivenOnTheSpot { .. }
            | Event::NoShowRecorded { .. }
            | Event::OfficerAssigned { .. }
            | Event::HomeVisitRecorded { .. }
            | Event::TicketLeaving { .. }
            | Event::ArrivalDeclined { .. }
            | Event::TicketMoved { .. }
            | Event::TicketStayed { .. } => None, // the number in the other hall is told there
        }
    }

    fn called(&self, kind: Kind, ticket: TicketId, window: WindowNumber) -> Option<Notification> {
        let times = match &self.story.hall.ticket(ticket)?.stage {
            Stage::Called { times, .. } => Some(*times),
            // called and more in one record: which announcement it was is not in the state any more
            Stage::Waiting { .. }
            | Stage::Serving { .. }
            | Stage::Parked { .. }
            | Stage::Missed { .. }
            | Stage::Served { .. }
            | Stage::Cancelled { .. }
            | Stage::HandedOn { .. }
            | Stage::Unserved { .. } => None,
        };
        self.ticket(kind, ticket, |data| Data {
            window: Some(window),
            times,
            ..data
        })
    }

    fn appointment(&self, kind: Kind, id: AppointmentId, by_hall: bool) -> Option<Notification> {
        let appointment = self.story.hall.appointment(id)?;
        let at = appointment.reservation.as_ref();
        let data = Data {
            by_hall,
            ..self.story.data_of_appointment(appointment, at)
        };
        Some(self.notification(kind, Subject::Appointment(id), data))
    }

    /// Who only waited has a booking now; who had one has another.
    fn confirmed(&self, id: AppointmentId) -> Option<Notification> {
        let kind = match self.had_a_place {
            true => Kind::AppointmentMoved,
            false => Kind::AppointmentBooked,
        };
        self.appointment(kind, id, false)
    }

    fn offered(&self, id: AppointmentId, until: Time) -> Option<Notification> {
        let appointment = self.story.hall.appointment(id)?;
        let wish = appointment.wish.as_ref().map(|wish| &wish.reservation);
        let data = Data {
            answer_until: Some(self.story.hall.plan().local(until)),
            ..self.story.data_of_appointment(appointment, wish)
        };
        Some(self.notification(Kind::PlaceOffered, Subject::Appointment(id), data))
    }

    fn ticket(
        &self,
        kind: Kind,
        id: TicketId,
        with: impl FnOnce(Data) -> Data,
    ) -> Option<Notification> {
        let data = with(self.story.data_of(self.story.hall.ticket(id)?));
        Some(self.notification(kind, Subject::Ticket(id), data))
    }

    fn notification(&self, kind: Kind, subject: Subject, data: Data) -> Notification {
        let id_end = format!("v{}_{}", self.record.version, self.index);
        let at = self.record.at;
        self.story.notification(kind, subject, at, &id_end, data)
    }
}

fn is_visitor(actor: &Actor) -> bool {
    match actor {
        Actor::Citizen | Actor::Kiosk(_) => true,
        Actor::Officer(_) | Actor::Usher(_) | Actor::Manager(_) | Actor::Timer => false,
    }
}

fn waits(ticket: &Ticket) -> bool {
    ticket.stage.name() == StageName::Waiting
}

/// Who is near in each service, and how many are before each.
fn near(hall: &Hall, now: Time) -> Vec<(u32, TicketId)> {
    let services = hall.plan().services.iter();
    let of_service = services.flat_map(|service| {
        let nearest = view::nearest(hall, &service.id, now, NEAR_AHEAD + 1);
        (0..).zip(nearest)
    });
    of_service.collect()
}

#[cfg(test)]
mod tests;
