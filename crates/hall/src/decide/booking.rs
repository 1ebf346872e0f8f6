//! Booking a place: holding, booking, cancelling, moving, waiting for one.
//!
//! How many places are free is decided here, against the state to which the event will be applied. It is never looked
//! up before a write, because in that way one place is sold twice. A record that frees a place also offers it to the
//! first one who waits for it.

use super::waiting_list::offers;
use super::{Act, Ruling, rebooking};
use crate::id::{ActorId, AppointmentCode, AppointmentId, PersonId, ServiceId, Token};
use crate::plan::Plan;
use crate::plan::slot::{Reservation, Slot, SlotId, reservation};
use crate::record::command::{Book, HoldPlace};
use crate::record::event::{AppointmentBooked, AppointmentListed, Event};
use crate::record::rejection::{Late, Limit, Rejection};
use crate::rules::who_may;
use crate::state::appointment::{Appointment, Standing};
use chrono::{Duration, NaiveTime};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Most matters in one booking.
const CASES_LARGEST: u16 = 99;

impl Act<'_> {
    /// Keeps a place while the form is filled. A client's hold before this one ends.
    pub(super) fn hold_place(&self, wish: &HoldPlace) -> Ruling {
        let client = wish.client.as_ref();
        let before = client.and_then(|client| self.hall.diary.held_by(client));
        let row = self.bookable(&wish.service, &wish.slot)?;
        let reservation = self.places(&row, wish.places)?;
        self.has_room(&reservation, before)?;
        let id = AppointmentId(self.hall.next_appointment());
        let form = Duration::minutes(self.hall.plan().policy.hold_minutes.into());
        let until = (self.now + form).min(reservation.check_in_until);
        let mut events = end_hold(before);
        events.push(Event::PlaceHeld {
            appointment: id,
            token: wish.token.clone(),
            code: self.code(&wish.token),
            client: wish.client.clone(),
            service: wish.service.clone(),
            reservation,
            until,
        });
        Ok(self.with_offers(events))
    }

    /// Books: a place that was held, or one that is free; if there is none, waits for one where that is wanted.
    pub(super) fn book(&self, wish: &Book) -> Ruling {
        self.says_where(wish)?;
        self.may_book(wish)?;
        let hold = wish.hold.as_ref();
        let hold = hold.and_then(|token| self.hall.appointment_by_token(token));
        let hold = hold.filter(|hold| matches!(hold.standing, Standing::Held { .. }));
        let Some(held) = hold.filter(|hold| self.is_held_for(hold, wish)) else {
            return self.book_afresh(wish, hold.map(|hold| hold.id));
        };
        let reservation = held.reservation.clone();
        let reservation = reservation.expect("a hold is a hold of places");
        let booked = self.booked(held.id, (&held.token, &held.code), wish, reservation);
        Ok(self.with_offers(vec![booked]))
    }

    /// An officer who comes to somebody's home is told where that is.
    fn says_where(&self, wish: &Book) -> Result<(), Rejection> {
        if wish.says_where || !self.hall.plan().needs_address(&wish.slot) {
            return Ok(());
        }
        Err(Rejection::invalid(
            "/address",
            "请填写上门地址。",
            "Say where the officer is to come.",
        ))
    }

    /// Books a place that was not held; what was held instead is free again.
    fn book_afresh(&self, wish: &Book, hold: Option<AppointmentId>) -> Ruling {
        let row = self.bookable(&wish.service, &wish.slot)?;
        let reservation = self.places(&row, wish.places)?;
        let id = AppointmentId(self.hall.next_appointment());
        let key = (&wish.token, &self.code(&wish.token));
        let mut events = end_hold(hold);
        match self.has_room(&reservation, hold) {
            Ok(()) => events.push(self.booked(id, key, wish, reservation)),
            Err(Rejection::SlotFull { may_wait: true, .. }) if wish.or_wait => {
                let until = row[0].starts_at - row[0].rule.cut_off();
                let listed = Event::AppointmentListed(AppointmentListed {
                    appointment: id,
                    token: wish.token.clone(),
                    code: key.1.clone(),
                    service: wish.service.clone(),
                    kind: row[0].rule.kind,
                    visitor: wish.visitor.clone(),
                    officer: self.officer_for(&row[0]),
                });
                let joined = Event::WaitListJoined {
                    appointment: id,
                    reservation,
                    until,
                    since: Some(self.now),
                };
                events.extend([listed, joined]);
            }
            Err(rejection) => return Err(rejection),
        }
        Ok(self.with_offers(events))
    }

    fn booked(
        &self,
        appointment: AppointmentId,
        (token, code): (&Token, &AppointmentCode),
        wish: &Book,
        reservation: Reservation,
    ) -> Event {
        let plan = self.hall.plan();
        let slot = plan.slot(reservation.first_slot(), &wish.service);
        Event::AppointmentBooked(AppointmentBooked {
            appointment,
            token: token.clone(),
            code: code.clone(),
            service: wish.service.clone(),
            kind: slot.as_ref().map(|slot| slot.rule.kind).unwrap_or_default(),
            officer: slot.and_then(|slot| self.officer_for(&slot)),
            reservation,
            visitor: wish.visitor.clone(),
        })
    }

    pub(super) fn cancel_appointment(&self, id: AppointmentId, why: Option<&String>) -> Ruling {
        self.only(who_may::cancel_appointments)?;
        let appointment = self.appointment(id)?;
        let reason = super::optional_words(why, "/reason")?;
        let ended = match appointment.standing {
            Standing::Held { .. } => Event::HoldEnded { appointment: id },
            Standing::Listed => Event::WaitListLeft { appointment: id },
            Standing::Booked => Event::AppointmentCancelled {
                appointment: id,
                reason,
            },
            Standing::CheckedIn { .. }
            | Standing::Visited { .. }
            | Standing::Cancelled { .. }
            | Standing::Lapsed { .. }
            | Standing::NoShow { .. } => return Err(wrong_standing(appointment)),
        };
        Ok(self.with_offers(vec![ended]))
    }

    /// Another time: the old place goes only when the new one is sure, because both are one event.
    pub(super) fn move_appointment(&self, id: AppointmentId, slot: &SlotId) -> Ruling {
        let appointment = self.appointment(id)?;
        let before = self.movable(appointment)?;
        let row = self.bookable(&appointment.service, slot)?;
        of_its_kind(appointment, &row)?;
        let reservation = self.places(&row, before.places)?;
        if reservation.slots == before.slots {
            return Err(at_that_time_already());
        }
        self.has_room(&reservation, Some(id))?;
        let wished = appointment.wish.as_ref().map(|wish| &wish.reservation);
        let has_its_wish = wished.is_some_and(|wished| wished.slots == reservation.slots);
        let mut events = vec![Event::AppointmentMoved {
            appointment: id,
            reservation,
            by_plan: false,
        }];
        if has_its_wish {
            events.push(Event::WaitListLeft { appointment: id });
        }
        events.extend(self.officer_of_rule(appointment, before, &row[0]));
        Ok(self.with_offers(events))
    }

    /// A booking can be moved until its slot begins.
    fn movable<'b>(&self, appointment: &'b Appointment) -> Result<&'b Reservation, Rejection> {
        match (&appointment.standing, &appointment.reservation) {
            (Standing::Booked, Some(reservation)) if self.now < reservation.starts_at => {
                Ok(reservation)
            }
            (Standing::Booked, Some(_)) => Err(Rejection::TooLate(Late::Moving)),
            _ => Err(wrong_standing(appointment)),
        }
    }

    /// A booking that would rather be at another time waits for it and keeps what it has.
    pub(super) fn join_wait_list(&self, id: AppointmentId, slot: &SlotId) -> Ruling {
        let appointment = self.appointment(id)?;
        let (has, wished) = (&appointment.reservation, &appointment.wish);
        let places = match (&appointment.standing, has, wished) {
            (Standing::Booked, Some(has), _) if self.now < has.starts_at => has.places,
            (Standing::Listed, _, Some(wish)) => wish.reservation.places,
            _ => return Err(wrong_standing(appointment)),
        };
        let row = self.bookable(&appointment.service, slot)?;
        of_its_kind(appointment, &row)?;
        let reservation = self.places(&row, places)?;
        let has = appointment.reservation.iter();
        let wishes = appointment.wish.iter().map(|wish| &wish.reservation);
        if has.chain(wishes).any(|own| own.slots == reservation.slots) {
            return Err(at_that_time_already());
        }
        could_ever_fit(&row, places)?;
        let until = row[0].starts_at - row[0].rule.cut_off();
        let mut events = vec![Event::WaitListJoined {
            appointment: id,
            reservation,
            until,
            since: Some(self.now),
        }];
        let wished = appointment.wish.as_ref().map(|wish| &wish.reservation);
        if let Some(before) = wished.filter(|_| appointment.reservation.is_none()) {
            events.extend(self.officer_of_rule(appointment, before, &row[0]));
        }
        Ok(self.with_offers(events))
    }

    pub(super) fn leave_wait_list(&self, id: AppointmentId) -> Ruling {
        let appointment = self.appointment(id)?;
        if appointment.wish.is_none() {
            return Err(wrong_standing(appointment));
        }
        let left = Event::WaitListLeft { appointment: id };
        Ok(self.with_offers(vec![left]))
    }

    /// Takes the place that is kept for whoever waited.
    pub(super) fn confirm_offer(&self, id: AppointmentId) -> Ruling {
        let appointment = self.appointment(id)?;
        let offer = appointment.wish.as_ref().filter(|wish| wish.offered);
        match offer {
            Some(wish) if self.now < wish.until => {
                let mut events = vec![Event::OfferConfirmed { appointment: id }];
                let slot = wish.reservation.first_slot();
                let slot = self.hall.plan().slot(slot, &appointment.service);
                let before = appointment.reservation.as_ref();
                if let Some((before, slot)) = before.zip(slot) {
                    events.extend(self.officer_of_rule(appointment, before, &slot));
                }
                Ok(self.with_offers(events))
            }
            Some(_) => Err(Rejection::TooLate(Late::Offer)),
            None => Err(wrong_standing(appointment)),
        }
    }

    /// What the timers find over: holds, offers not taken, wishes that make no sense any more.
    pub(super) fn expire_places(&self) -> Vec<Event> {
        let due = self.hall.diary.due(self.now);
        let due = due.filter_map(|id| self.hall.appointment(id));
        let expired = due.filter_map(|appointment| self.expired(appointment));
        self.with_offers(expired.take(PLACES_AT_ONCE).collect())
    }

    fn expired(&self, appointment: &Appointment) -> Option<Event> {
        let id = appointment.id;
        let ended = match appointment.standing {
            Standing::Held { .. } => Event::HoldEnded { appointment: id },
            _ => Event::WaitListLeft { appointment: id },
        };
        appointment.has_expired(self.now).then_some(ended)
    }

    pub(super) fn assign_officer(&self, id: AppointmentId, officer: &ActorId) -> Ruling {
        self.only(who_may::assign_officers)?;
        let appointment = self.appointment(id)?;
        if !appointment.is_booked() {
            return Err(wrong_standing(appointment));
        }
        Ok(vec![Event::OfficerAssigned {
            appointment: id,
            officer: officer.clone(),
        }])
    }

    /// What a new plan does to the appointments, or the bookings it has no place for.
    pub(super) fn rebooked(&self, plan: &Plan, may_move: bool) -> Ruling {
        rebooking::rebook(self.hall, plan, self.now, may_move)
            .map_err(|bookings| Rejection::WouldStrandBookings { bookings })
    }

    /// The row of slots a booking made now would take.
    fn bookable(&self, service: &ServiceId, slot: &SlotId) -> Result<Vec<Slot<'_>>, Rejection> {
        self.service(service)?;
        self.not_suspended(service)?;
        let plan = self.hall.plan();
        let row = plan.row_of_slots(slot, service);
        let row = row.ok_or_else(|| Rejection::not_found("该预约时段", "slot for this service"))?;
        let first = &row[0];
        if self.now >= first.starts_at - first.rule.cut_off() {
            return Err(Rejection::TooLate(Late::Booking));
        }
        let opens = first.id.date() - Duration::days(first.rule.horizon_days.into());
        let opens = plan.at(opens, NaiveTime::MIN);
        if self.now < opens {
            return Err(Rejection::BookingOpensLater { at: opens });
        }
        Ok(row)
    }

    fn places(&self, row: &[Slot], places: u16) -> Result<Reservation, Rejection> {
        let most = self.hall.plan().policy.places_per_booking;
        super::taking::within(places, most, "/places")?;
        Ok(reservation(row, places).expect("a row of slots has one slot at least"))
    }

    /// Whether every slot still has so many places, counting `but`'s as free.
    fn has_room(&self, wanted: &Reservation, but: Option<AppointmentId>) -> Result<(), Rejection> {
        let plan = self.hall.plan();
        for slot in &wanted.slots {
            let rule = plan.appointment_rule(slot.rule());
            let places = rule.map_or(0, |rule| rule.places);
            let taken = self.hall.diary.taken(slot, self.now, |id| Some(id) == but);
            if taken + u32::from(wanted.places) > u32::from(places) {
                return Err(Rejection::SlotFull {
                    slot: slot.clone(),
                    may_wait: wanted.places <= places,
                });
            }
        }
        Ok(())
    }

    /// One open booking per person and service, a few in all; whoever keeps not coming waits.
    /// However a person is spelled and with whatever document: the same limits.
    fn may_book(&self, wish: &Book) -> Result<(), Rejection> {
        let visitor = &wish.visitor;
        super::taking::within(visitor.cases, CASES_LARGEST, "/cases")?;
        let known_as = wish.known_as.iter().chain(&visitor.named);
        let known_as: BTreeSet<&PersonId> = known_as.chain([&visitor.person]).collect();
        if let Some(until) = self.hall.blocked_until(&known_as, self.now) {
            return Err(Rejection::Blocked { until });
        }
        let open = self.hall.open_bookings_of(&known_as);
        if open.iter().any(|booking| booking.service == wish.service) {
            return Err(Rejection::LimitReached(Limit::BookingOfService));
        }
        let policy = &self.hall.plan().policy;
        let most = policy.bookings_per_person;
        if open.len() >= most as usize {
            return Err(Rejection::LimitReached(Limit::Bookings(most)));
        }
        if let (Some(most), Some(phone)) = (policy.bookings_per_phone, &visitor.phone)
            && self.hall.open_bookings_of(&[phone].into()).len() >= most as usize
        {
            return Err(Rejection::LimitReached(Limit::BookingsOfPhone(most)));
        }
        Ok(())
    }

    fn is_held_for(&self, hold: &Appointment, wish: &Book) -> bool {
        let Standing::Held { until, .. } = hold.standing else {
            return false;
        };
        let held = hold.reservation.as_ref();
        let same_slot =
            held.is_some_and(|held| *held.first_slot() == wish.slot && held.places == wish.places);
        self.now < until && hold.service == wish.service && same_slot
    }

    fn officer_for(&self, slot: &Slot) -> Option<ActorId> {
        rebooking::officer_for(self.hall, self.hall.plan(), slot)
    }

    /// Another rule may name other officers.
    fn officer_of_rule(
        &self,
        appointment: &Appointment,
        before: &Reservation,
        slot: &Slot,
    ) -> Option<Event> {
        if before.first_slot().rule() == &slot.rule.id {
            return None; // a manager may have chosen somebody
        }
        rebooking::officer_named(self.hall, self.hall.plan(), appointment, slot)
    }

    /// Six digits drawn from the token, the next free ones if somebody has them.
    pub(super) fn code(&self, token: &Token) -> AppointmentCode {
        const CODES: u32 = 1_000_000;
        let digest = Sha256::digest(token.as_str().as_bytes());
        let drawn = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) % CODES;
        let codes = (0..CODES).map(|step| format!("{:06}", (drawn + step) % CODES));
        codes
            .map(|code| AppointmentCode::parse(code).expect("six digits make a code"))
            .find(|code| self.hall.diary.by_code(code).is_none())
            .expect("a hall keeps far fewer appointments than there are codes")
    }

    pub(super) fn appointment(&self, id: AppointmentId) -> Result<&Appointment, Rejection> {
        let appointment = self.hall.appointments().get(&id);
        appointment.ok_or_else(|| Rejection::not_found("该预约", "appointment"))
    }

    /// These events, and the offers that they make possible: each place to whoever has waited for it longest.
    pub(super) fn with_offers(&self, events: Vec<Event>) -> Vec<Event> {
        self.with_offers_by(self.hall.plan(), events)
    }

    /// The same when the record adopts a plan.
    pub(super) fn with_offers_by(&self, plan: &Plan, mut events: Vec<Event>) -> Vec<Event> {
        let joins = |event: &Event| matches!(event, Event::WaitListJoined { .. });
        let mut wished_slots = self.hall.diary.wished_slots();
        if wished_slots.next().is_some() || events.iter().any(joins) {
            let offers = offers(self.hall, plan, self.now, &events);
            events.extend(offers);
        }
        events
    }
}

fn end_hold(hold: Option<AppointmentId>) -> Vec<Event> {
    let ended = hold.map(|appointment| Event::HoldEnded { appointment });
    ended.into_iter().collect()
}

/// Whoever comes to a window stays one who comes, whoever is visited at home stays that.
fn of_its_kind(appointment: &Appointment, row: &[Slot]) -> Result<(), Rejection> {
    if row.iter().all(|slot| slot.rule.kind == appointment.kind) {
        return Ok(());
    }
    let kind = appointment.kind.label();
    Err(Rejection::invalid(
        "/slot",
        format!("该时段不是「{}」,请另行预约", kind.zh),
        format!("that time is not for \"{}\": book it anew", kind.en),
    ))
}

/// Nobody waits for more places than there are.
fn could_ever_fit(row: &[Slot], places: u16) -> Result<(), Rejection> {
    match row.iter().find(|slot| slot.rule.places < places) {
        Some(slot) => Err(Rejection::SlotFull {
            slot: slot.id.clone(),
            may_wait: false,
        }),
        None => Ok(()),
    }
}

fn at_that_time_already() -> Rejection {
    Rejection::invalid("/slot", "已经是该时段", "it is at that time already")
}

/// How many holds and offers one record of the timers ends.
const PLACES_AT_ONCE: usize = 100;

pub(super) fn wrong_standing(appointment: &Appointment) -> Rejection {
    Rejection::WrongStanding {
        standing: appointment.standing.name(),
    }
}
