//! From records to notifications: what changes between the hall before a record and the hall after it. Pure, and the same
//! on every machine and after every restart.
//!
//! Between two records only the mark has to be remembered beside the hall itself.

use super::notification::{
    AppointmentData, HallData, Link, Notification, NotificationData, NotificationKind as Kind,
    Subject, TicketData, id_prefix,
};
use hall::id::{AppointmentId, ServiceId, TicketId, WindowNumber};
use hall::plan::slot::Reservation;
use hall::record::command::Actor;
use hall::record::wait::UnknownWait;
use hall::rules::estimate;
use hall::rules::phase;
use hall::state::appointment::Appointment;
use hall::state::phase::Phase;
use hall::state::ticket::{Stage, StageName, Ticket};
use hall::text::Text;
use hall::{Event, Hall, Record, Time, view};
use hall_log::Epoch;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A ticket is near when no more than this many are before it.
pub const NEAR_AHEAD: usize = 2;
/// Changes by the clock at one look; a hall has about ten a day, so this is more than a year.
const MOMENTS_MOST: usize = 5_000;

/// A hall at a mark, which makes notifications of what comes next.
#[derive(Clone, Debug)]
pub struct HallStory {
    hall: Hall,
    epoch: Epoch,
    mark: Mark,
}

/// How far a story has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Of the last record.
    pub version: u64,
    /// Up to then the clock's changes are done too.
    pub clock: Option<Time>,
    pub phase: Option<Phase>,
    /// Those who wait and know already that they are near.
    pub near: BTreeSet<TicketId>,
}

impl Mark {
    /// A mark at this hall, as if everything before it had been sent.
    pub fn at(hall: &Hall, now: Time) -> Mark {
        let mut mark = Mark {
            version: hall.version(),
            clock: Some(now),
            phase: None,
            near: BTreeSet::new(),
        };
        if hall.has_plan() {
            mark.phase = Some(phase::of_hall(hall, now));
            mark.near = near(hall, now).into_iter().map(|(_, id)| id).collect();
        }
        mark
    }
}

impl HallStory {
    /// Goes on at a mark; the hall is the one at its version.
    pub fn new(hall: Hall, epoch: Epoch, mark: Mark) -> HallStory {
        assert_eq!(
            hall.version(),
            mark.version,
            "a story goes on with the hall at its mark"
        );
        HallStory { hall, epoch, mark }
    }

    /// How far it has been sent.
    pub fn mark(&self) -> &Mark {
        &self.mark
    }

    /// The hall at the mark.
    pub fn hall(&self) -> &Hall {
        &self.hall
    }

    /// What the clock alone has changed up to now.
    pub fn time_passes(&mut self, now: Time) -> Vec<Notification> {
        let mut notifications = Vec::new();
        if self.hall.has_plan() {
            let mut moments = 0;
            while let Some(moment) = self.next_moment().filter(|moment| *moment <= now) {
                let id = format!("t{}_phase", moment.timestamp_millis());
                notifications.extend(self.phase_at(moment, &id));
                self.mark.clock = Some(moment);
                moments += 1;
                if moments == MOMENTS_MOST {
                    break; // the rest comes at the next look
                }
            }
        }
        if self.next_moment().is_none_or(|moment| moment > now) {
            self.mark.clock = self.mark.clock.max(Some(now));
        }
        notifications
    }

    /// The next record, after what the clock changed before it.
    pub fn goes_on(&mut self, record: &Record<Event>) -> Vec<Notification> {
        let mut notifications = self.time_passes(record.at);
        let joined = self.joining(record);
        let had_a_place = self.have_a_place(record);
        hall::apply(&mut self.hall, record);
        self.mark.version = record.version;
        for (index, event) in (0..).zip(&record.events) {
            let appointment = event.about().appointment;
            let of_event = OfEvent {
                story: self,
                record,
                index,
                had_a_place: appointment.is_some_and(|id| had_a_place.contains(&id)),
            };
            notifications.extend(of_event.notification_of(event));
        }
        if self.hall.has_plan() {
            notifications.extend(self.nearest(record, &joined));
            let at = self.mark.clock.max(Some(record.at)).unwrap_or(record.at);
            notifications.extend(self.phase_at(at, &format!("v{}_phase", record.version)));
        }
        notifications
    }

    fn next_moment(&self) -> Option<Time> {
        let clock = self.mark.clock?;
        if !self.hall.has_plan() {
            return None;
        }
        // a session that is over goes on until a missed citizen counts as gone
        let hall = &self.hall;
        let services = hall.plan().services.iter();
        let misses = services.filter_map(|service| hall.last_miss(&service.id));
        let graces = misses.map(|missed_at| missed_at + hall.grace());
        let changes = graces.filter(|at| *at > clock);
        changes.chain(phase::next_change(hall, clock)).min()
    }

    fn phase_at(&mut self, at: Time, id: &str) -> Option<Notification> {
        let phase = phase::of_hall(&self.hall, at);
        let before = self.mark.phase.replace(phase);
        if before == Some(phase) {
            return None;
        }
        let data = NotificationData {
            phase: Some(phase),
            phase_before: before,
            ..NotificationData::of(self.hall_data())
        };
        let id = format!("{id}-{}", phase.name().replace('_', "-"));
        Some(self.notification(Kind::HallPhase, Subject::Hall, at, &id, data))
    }

    /// The tickets that come into line with this record. Their notification of that already says how many are before
    /// them.
    fn joining(&self, record: &Record<Event>) -> BTreeSet<TicketId> {
        let abouts = record.events.iter().map(Event::about);
        let touched = abouts.filter_map(|about| about.ticket);
        let is_new = |id: &TicketId| self.hall.ticket(*id).is_none_or(|ticket| !waits(ticket));
        touched.filter(is_new).collect()
    }

    /// The appointments of this record that have a place before it.
    fn have_a_place(&self, record: &Record<Event>) -> BTreeSet<AppointmentId> {
        let abouts = record.events.iter().map(Event::about);
        let touched = abouts.filter_map(|about| about.appointment);
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
        let mut notifications = Vec::new();
        for (ahead, id) in near(&self.hall, record.at) {
            if self.mark.near.insert(id)
                && !joined.contains(&id)
                && let Some(ticket) = self.hall.ticket(id)
            {
                let told = estimate::wait(&self.hall, &ticket.service, ahead, record.at);
                let data = NotificationData {
                    ahead: Some(ahead),
                    wait: told.ok(),
                    wait_unknown: told.err().map(UnknownWait::from),
                    ..self.data_of(ticket)
                };
                let id_end = format!("v{}_near-{}", record.version, id.0);
                let (kind, subject) = (Kind::TicketNear, Subject::Ticket(id));
                notifications.push(self.notification(kind, subject, record.at, &id_end, data));
            }
        }
        notifications
    }

    fn notification(
        &self,
        kind: Kind,
        subject: Subject,
        at: Time,
        id: &str,
        data: NotificationData,
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

    fn hall_data(&self) -> HallData {
        HallData {
            id: self.hall.id().clone(),
            name: self.hall.plan().name.clone(),
        }
    }

    fn data_of(&self, ticket: &Ticket) -> NotificationData {
        NotificationData {
            ticket: Some(TicketData {
                number: ticket.number.clone(),
                service: ticket.service.clone(),
                service_name: self.service_name(&ticket.service),
                language: ticket.language,
                appointment: ticket
                    .appointment
                    .map(|appointment| Subject::Appointment(appointment.id).to_string()),
                link: Link::of(&ticket.token),
            }),
            ..NotificationData::of(self.hall_data())
        }
    }

    fn data_of_appointment(
        &self,
        appointment: &Appointment,
        at: Option<&Reservation>,
    ) -> NotificationData {
        let local = |time: Time| self.hall.plan().local(time);
        let visitor = appointment.visitor.as_ref();
        NotificationData {
            appointment: Some(AppointmentData {
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
            ..NotificationData::of(self.hall_data())
        }
    }

    fn service_name(&self, service: &ServiceId) -> Text {
        let known = self.hall.plan().service(service);
        let unknown = || Text::new(service.as_str(), service.as_str());
        known.map_or_else(unknown, |service| service.name.clone())
    }
}

/// One event of a record that has been applied.
struct OfEvent<'a> {
    story: &'a HallStory,
    record: &'a Record<Event>,
    index: usize,
    /// Before the record its appointment, if it has one, had a place.
    had_a_place: bool,
}

impl OfEvent<'_> {
    /// Its notification, if there is one. A number in another hall is told there.
    fn notification_of(&self, event: &Event) -> Option<Notification> {
        match event {
            Event::TicketTaken(taken) => self.ticket(Kind::TicketTaken, taken.ticket, |data| {
                (data.ahead, data.wait) = (Some(taken.ahead), taken.wait);
                data.wait_unknown = taken.wait_unknown.map(UnknownWait::from);
            }),
            Event::TicketCalled { ticket, window, .. } => {
                self.called(Kind::TicketCalled, *ticket, *window)
            }
            Event::TicketRecalled { ticket, window, .. } => {
                self.called(Kind::TicketRecalled, *ticket, *window)
            }
            Event::TicketMissed { ticket, window } => {
                self.ticket(Kind::TicketMissed, *ticket, |data| {
                    data.window = Some(*window)
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
            _ => None,
        }
    }

    fn called(&self, kind: Kind, ticket: TicketId, window: WindowNumber) -> Option<Notification> {
        let called_times = match &self.story.hall.ticket(ticket)?.stage {
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
        self.ticket(kind, ticket, |data| {
            (data.window, data.times) = (Some(window), called_times);
        })
    }

    fn appointment(&self, kind: Kind, id: AppointmentId, by_hall: bool) -> Option<Notification> {
        let appointment = self.story.hall.appointment(id)?;
        let at = appointment.reservation.as_ref();
        let data = NotificationData {
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
        let data = NotificationData {
            answer_until: Some(self.story.hall.plan().local(until)),
            ..self.story.data_of_appointment(appointment, wish)
        };
        Some(self.notification(Kind::PlaceOffered, Subject::Appointment(id), data))
    }

    fn ticket(
        &self,
        kind: Kind,
        id: TicketId,
        add: impl FnOnce(&mut NotificationData),
    ) -> Option<Notification> {
        let mut data = self.story.data_of(self.story.hall.ticket(id)?);
        add(&mut data);
        Some(self.notification(kind, Subject::Ticket(id), data))
    }

    fn notification(&self, kind: Kind, subject: Subject, data: NotificationData) -> Notification {
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
