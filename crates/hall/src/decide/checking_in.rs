//! From an appointment to a ticket: check-in, places given on the spot, and those who did not come.

use super::booking::wrong_standing;
use super::{Act, Ruling};
use crate::id::{AppointmentId, PersonId, ServiceId, TicketId};
use crate::plan::Service;
use crate::plan::class::Class;
use crate::plan::slot::AppointmentKind;
use crate::plan::slot::{Reservation, Slot, reservation};
use crate::record::answer::{Answer, TakenTicket};
use crate::record::command::{Actor, CheckIn, CheckInBy, ShownDocument, TakeTicket};
use crate::record::event::{Event, TicketTaken};
use crate::record::rejection::{Late, NotOpenReason, Rejection};
use crate::record::wait::UnknownWait;
use crate::rules::estimate;
use crate::rules::who_may;
use crate::state::appointment::{Appointment, Standing};
use crate::state::day::Day;
use crate::state::ticket::{OfAppointment, VisitOutcome};
use crate::time::Time;
use chrono::{Duration, NaiveTime};
use std::collections::BTreeSet;

impl Act<'_> {
    /// Makes the appointment a ticket, once: nothing happens when it is one already.
    pub(super) fn check_in(&self, wish: &CheckIn) -> Ruling {
        let appointment = self.appointment_to_check_in(&wish.by)?;
        let reservation = match (&appointment.standing, &appointment.reservation) {
            (Standing::CheckedIn { .. }, _) => return Ok(Vec::new()),
            (Standing::NoShow { .. }, _) => {
                return Err(Rejection::TooLate(Late::CheckIn));
            }
            (Standing::Booked, Some(reservation)) => reservation,
            _ => return Err(wrong_standing(appointment)),
        };
        if appointment.kind != AppointmentKind::Window {
            return Err(Rejection::ComesToYou {
                kind: appointment.kind,
            });
        }
        let late = self.is_late(reservation, &appointment.service)?;
        let service = self.service(&appointment.service)?;
        self.not_suspended(&service.id)?;
        let mut events = self.open_day_if_new()?;
        let taken = self.ticket_of(
            appointment,
            reservation,
            service,
            late,
            wish,
            &self.day_after(&events),
        )?;
        let ticket = taken.ticket;
        events.push(Event::TicketTaken(taken));
        events.push(Event::AppointmentCheckedIn {
            appointment: appointment.id,
            ticket,
            late,
        });
        Ok(self.with_offers(events))
    }

    /// The ticket that an appointment became, for whoever checks in again.
    pub(super) fn checked_in_before(&self, wish: &CheckIn) -> Option<Answer> {
        let appointment = self.appointment_to_check_in(&wish.by).ok()?;
        self.ticket_again(appointment.standing.ticket()?)
    }

    /// The appointment of a code or a QR code; for a document, today's next one that has no ticket yet. Where a document
    /// fits the bookings of two people, it alone does not say whose.
    fn appointment_to_check_in(&self, by: &CheckInBy) -> Result<&Appointment, Rejection> {
        let found = match by {
            CheckInBy::Code(code) => self.hall.appointment_by_code(code),
            CheckInBy::Token(token) => self.hall.appointment_by_token(token),
            CheckInBy::Document(document) => self.of_one_person(document)?,
        };
        found.ok_or_else(|| Rejection::not_found("该预约", "appointment"))
    }

    fn of_one_person(&self, shown: &ShownDocument) -> Result<Option<&Appointment>, Rejection> {
        let theirs = shown.numbers.iter();
        let theirs = theirs.flat_map(|number| self.hall.diary.of_document(number));
        let theirs = theirs.filter_map(|id| self.hall.appointments().get(&id));
        let theirs: Vec<&Appointment> = theirs.filter(|one| is_named(one, &shown.names)).collect();
        let is_live = |one: &&&Appointment| one.is_booked() || self.has_open_ticket(one);
        let live = theirs.iter().filter(is_live);
        let mut people = live.filter_map(|one| one.visitor.as_ref());
        let first = people.next();
        if first.is_some_and(|first| people.any(|other| !first.is_same_person(other))) {
            return Err(Rejection::invalid(
                "/name",
                "有几位预约人用这个证件号码，请输入预约码，或同时填写姓名。",
                "Several people have booked with this document number. Give the booking code, or the name as well.",
            ));
        }
        let theirs = theirs.into_iter();
        Ok(theirs.min_by_key(|appointment| self.how_far(appointment)))
    }

    /// For which of a person's appointments a document is shown. Today's comes before another day's. One that can be
    /// checked in now comes before one whose ticket is still open, and that comes before one that is too early. So
    /// somebody who shows the document twice gets the same ticket twice. Otherwise the earlier comes before the later.
    fn how_far(&self, appointment: &Appointment) -> (bool, u8, Option<Time>) {
        let starts_at = appointment.reservation.as_ref().map(|r| r.starts_at);
        let today = self.hall.working_date(self.now);
        let is_today = starts_at.is_some_and(|at| self.hall.working_date(at) == today);
        let is_open = starts_at.is_some_and(|at| self.check_in_opens(at) <= self.now);
        let comes_here = appointment.is_booked() && appointment.kind.is_window();
        let rank = if comes_here && is_open {
            0
        } else if self.has_open_ticket(appointment) {
            1
        } else if comes_here {
            2
        } else if appointment.is_booked() {
            3
        } else {
            4
        };
        (!is_today, rank, starts_at)
    }

    fn has_open_ticket(&self, appointment: &Appointment) -> bool {
        let ticket = appointment.standing.ticket();
        let ticket = ticket.and_then(|ticket| self.hall.ticket(ticket));
        ticket.is_some_and(|ticket| ticket.stage.name().is_open())
    }

    fn check_in_opens(&self, starts_at: Time) -> Time {
        let early = self.hall.plan().policy.check_in_early_minutes;
        starts_at - Duration::minutes(early.into())
    }

    /// Whether it is too late to be punctual; refused before check-in opens and after the session. Where calling stood
    /// still, the visitor has that much longer.
    fn is_late(&self, reservation: &Reservation, service: &ServiceId) -> Result<bool, Rejection> {
        let policy = &self.hall.plan().policy;
        let from = self.check_in_opens(reservation.starts_at);
        if self.now < from {
            return Err(Rejection::CheckInNotYet {
                at: self.hall.plan().local(from),
            });
        }
        if self.now >= reservation.check_in_until {
            return Err(Rejection::TooLate(Late::CheckIn));
        }
        let day = self.hall.day();
        let stood_still = day.map_or(Duration::zero(), |day| {
            day.stood_still(service, from, self.now)
        });
        let punctual = Duration::minutes(policy.check_in_late_minutes.into()) + stood_still;
        Ok(self.now > reservation.starts_at + punctual)
    }

    fn ticket_of(
        &self,
        appointment: &Appointment,
        reservation: &Reservation,
        service: &Service,
        late: bool,
        wish: &CheckIn,
        day: &Day,
    ) -> Result<TicketTaken, Rejection> {
        let visitor = appointment.visitor.as_ref();
        let of_appointment = OfAppointment {
            id: appointment.id,
            starts_at: reservation.starts_at,
            late,
        };
        if let Some(visitor) = visitor {
            self.may_hold(Some(&visitor.document), Some(visitor.who()), service)?;
        }
        let number = self.number_or_full(service, day)?;
        let plainest = self.new_ticket(number, wish.token.clone(), &service.id, wish.channel);
        let hall = self.hall;
        let ahead = hall.ahead_of_appointment(&service.id, &of_appointment, plainest.ticket);
        let told = estimate::wait(hall, &service.id, ahead, self.now);
        let needs = visitor.map(|visitor| visitor.needs.clone());
        Ok(TicketTaken {
            class: Class::Appointment,
            needs: needs.unwrap_or_default(),
            cases: visitor.map_or(1, |visitor| visitor.cases),
            language: visitor.map(|visitor| visitor.language).unwrap_or_default(),
            person: visitor.map(|visitor| visitor.document.clone()),
            named: visitor.map(|visitor| visitor.who().clone()),
            appointment: Some(of_appointment),
            ahead,
            wait: told.ok(),
            wait_unknown: told.err(),
            ..plainest
        })
    }

    /// On a day by appointment only the usher gives what nobody has booked (现场补位): a place of the slot that runs or
    /// comes next, once it cannot be booked any more.
    pub(super) fn place_on_the_spot(
        &self,
        wish: &TakeTicket,
        service: &Service,
    ) -> Result<Event, Rejection> {
        let date = self.hall.business_date(self.now);
        let slots = self.hall.plan().slots(date, &service.id);
        let open = slots.iter().filter(|slot| self.is_given_on_the_spot(slot));
        let free = open.filter_map(|slot| {
            let row = self.hall.plan().row_of_slots(&slot.id, &service.id)?;
            let has_room = |slot: &Slot| self.hall.free_places(slot, self.now) > 0;
            reservation(&row, 1).filter(|_| row.iter().all(has_room))
        });
        let found = free.into_iter().next();
        let reservation = found.ok_or_else(|| self.no_place_on_the_spot(&slots, service))?;
        Ok(Event::PlaceGivenOnTheSpot {
            appointment: AppointmentId(self.hall.next_appointment()),
            token: wish.token.clone(),
            code: self.code(&wish.token),
            service: service.id.clone(),
            reservation,
            ticket: TicketId(self.hall.next_ticket()),
        })
    }

    fn is_given_on_the_spot(&self, slot: &Slot) -> bool {
        let cut_off = slot.starts_at - slot.rule.cut_off();
        slot.rule.kind == AppointmentKind::Window && cut_off <= self.now && self.now < slot.ends_at
    }

    fn no_place_on_the_spot(&self, slots: &[Slot], service: &Service) -> Rejection {
        match slots.iter().rfind(|slot| self.is_given_on_the_spot(slot)) {
            Some(slot) => Rejection::SlotFull {
                slot: slot.id.clone(),
                may_wait: false,
            },
            None => self.not_open(&service.id, NotOpenReason::AppointmentsOnly),
        }
    }

    /// The session is over and nobody came. Where nobody could be called at the time of the slot, or the hall never opened
    /// that day, it was not the visitor's fault.
    pub(super) fn record_no_show(&self, id: AppointmentId) -> Ruling {
        let appointment = self.appointment(id)?;
        let reservation = appointment.reservation.as_ref();
        let reservation = reservation.filter(|_| appointment.is_booked());
        let reservation = reservation.ok_or_else(|| wrong_standing(appointment))?;
        if self.now < reservation.check_in_until {
            return Err(Rejection::TooEarly {
                at: reservation.check_in_until,
            });
        }
        let hall_worked = self.hall_worked_at(reservation, &appointment.service);
        let excused = !appointment.kind.is_window() || !hall_worked;
        let events = vec![Event::NoShowRecorded {
            appointment: id,
            excused,
        }];
        Ok(self.with_offers(events))
    }

    /// Whether somebody could be called for the service at any time of the slot.
    fn hall_worked_at(&self, reservation: &Reservation, service: &ServiceId) -> bool {
        let date = self.hall.plan().working_date(reservation.starts_at);
        let Some(day) = self.hall.day().filter(|day| day.date == date) else {
            return false;
        };
        let from = self.check_in_opens(reservation.starts_at);
        let stood_still = day.stood_still(service, from, reservation.ends_at);
        stood_still.is_zero() && !self.hall.suspensions().contains_key(service)
    }

    /// A number that was given out before, as it is told again.
    fn ticket_again(&self, id: TicketId) -> Option<Answer> {
        let ticket = self.hall.ticket(id)?;
        let appointment = ticket.appointment.as_ref()?;
        let hall = self.hall;
        let ahead = hall.ahead_of_appointment(&ticket.service, appointment, id);
        let told = estimate::wait(hall, &ticket.service, ahead, self.now);
        Some(Answer::Taken(TakenTicket {
            ticket: id,
            number: ticket.number.clone(),
            token: ticket.token.clone(),
            service: ticket.service.clone(),
            class: ticket.class,
            ahead,
            wait: told.ok(),
            wait_unknown: told.err().map(UnknownWait::from),
            taken_at: ticket.taken_at,
        }))
    }

    /// What came of a home visit, or of a matter done for somebody.
    pub(super) fn record_home_visit(
        &self,
        id: AppointmentId,
        outcome: VisitOutcome,
        note: Option<&String>,
    ) -> Ruling {
        self.only(who_may::record_home_visits)?;
        let appointment = self.appointment(id)?;
        let may_have_been = appointment.is_booked() || is_no_show(appointment);
        let starts_at = appointment.reservation.as_ref().map(|r| r.starts_at);
        let starts_at = starts_at.filter(|_| may_have_been && !appointment.kind.is_window());
        let starts_at = starts_at.ok_or_else(|| wrong_standing(appointment))?;
        let plan = self.hall.plan();
        let day = plan.at(plan.date(starts_at), NaiveTime::MIN);
        if self.now < day {
            return Err(Rejection::TooEarly { at: day });
        }
        let officer = appointment.officer.as_ref();
        let note = match &self.command.actor {
            Actor::Officer(by) if officer.is_none_or(|officer| officer == by) => {
                super::optional_words(note, "/note")?
            }
            Actor::Manager(by) if officer == Some(by) => super::optional_words(note, "/note")?,
            Actor::Manager(_) => {
                let why = note.map(String::as_str).unwrap_or_default();
                Some(super::reason(why, "/note")?)
            }
            _ => return Err(Rejection::NotAllowed),
        };
        let events = vec![Event::HomeVisitRecorded {
            appointment: id,
            outcome,
            note,
        }];
        Ok(self.with_offers(events)) // it may have been offered another time
    }
}

fn is_no_show(appointment: &Appointment) -> bool {
    matches!(appointment.standing, Standing::NoShow { .. })
}

/// Whether somebody of these names has booked it; whoever says no name may have any.
fn is_named(appointment: &Appointment, names: &BTreeSet<PersonId>) -> bool {
    let Some(visitor) = &appointment.visitor else {
        return false;
    };
    let called = visitor.named.iter().chain([&visitor.person]);
    names.is_empty() || called.into_iter().any(|name| names.contains(name))
}
