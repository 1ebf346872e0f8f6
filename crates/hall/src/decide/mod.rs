//! All rules: what a command does to a hall, or why it may not.
//!
//! `decide` is a function of its arguments and changes nothing. A number is issued in `taking`, a place booked in
//! `booking` and made a ticket in `checking_in`; the next citizen is chosen in [`crate::rules::calling_rule`] and called in `at_window`.

mod asking;
mod at_window;
mod booking;
mod checking_in;
mod leasing;
mod managing;
mod moving;
mod of_holder;
mod over_day;
mod putting_right;
mod rebooking;
mod taking;
mod waiting_list;

use crate::id::{PersonId, ServiceId, TicketId, TicketNumber};
use crate::plan::Service;
use crate::record::answer::Answer;
use crate::record::command::{Action, Actor, Command};
use crate::record::event::Event;
use crate::record::rejection::{Late, Limit, NotOpenReason, Rejection};
use crate::rules::phase;
use crate::rules::promise;
use crate::state::hall::Hall;
use crate::state::phase::Phase;
use crate::state::ticket::Ticket;
use crate::time::Time;

/// What the rules make of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision<E = Event, A = Answer> {
    /// These events, as one record.
    Events(Vec<E>),
    /// Allowed, and there was nothing to do: nobody waits. Decided anew each time, so not remembered.
    Nothing(A),
    /// The command took effect before; its record has this version and gives the first answer again.
    Remembered { version: u64 },
}

/// Decides one command against the hall as it stands.
pub fn decide(hall: &Hall, command: &Command) -> Result<Decision, Rejection> {
    if let Some(applied) = hall.applied().get(&command.id) {
        return Ok(Decision::Remembered {
            version: applied.version,
        });
    }
    let now = hall.time(command.at);
    let act = Act { hall, command, now };
    let events = match &command.action {
        Action::OpenDay { date } => act.open_day(*date)?,
        Action::MissParked { ticket } => act.miss_parked(*ticket)?,
        Action::CloseDay { date } => act.close_day(*date)?,
        Action::SettleDay { date } => act.settle_day(*date)?,
        Action::EndSuspension { service } => act.end_suspension(service)?,
        Action::ExpirePlaces => act.expire_places(),
        Action::RecordNoShow { appointment } => act.record_no_show(*appointment)?,
        Action::SetOverrun { service, overruns } => act.set_overrun(service, *overruns)?,

        Action::TakeTicket(wish) => act.take_ticket(wish)?,
        Action::LeaseNumbers { low } => act.lease_numbers(low.as_ref())?,
        Action::ReportTaken(report) => act.report_taken(report)?,
        Action::ReturnNumbers { lease } => act.return_numbers(*lease)?,

        Action::RecordLoss(lost) => act.record_loss(lost),
        Action::PutClockRight => act.put_clock_right(),

        Action::HoldPlace(wish) => act.hold_place(wish)?,
        Action::Book(wish) => act.book(wish)?,
        Action::CancelAppointment {
            appointment,
            reason,
        } => act.cancel_appointment(*appointment, reason.as_ref())?,
        Action::MoveAppointment { appointment, slot } => {
            act.move_appointment(*appointment, slot)?
        }
        Action::JoinWaitList { appointment, slot } => act.join_wait_list(*appointment, slot)?,
        Action::LeaveWaitList { appointment } => act.leave_wait_list(*appointment)?,
        Action::ConfirmOffer { appointment } => act.confirm_offer(*appointment)?,
        Action::CheckIn(wish) => act.check_in(wish)?,
        Action::AssignOfficer {
            appointment,
            officer,
        } => act.assign_officer(*appointment, officer)?,
        Action::RecordHomeVisit {
            appointment,
            outcome,
            note,
        } => act.record_home_visit(*appointment, *outcome, note.as_ref())?,

        Action::Cancel { ticket } => act.cancel(*ticket)?,
        Action::Return { ticket } => act.return_to_line(*ticket)?,
        Action::Defer { ticket } => act.defer(*ticket)?,
        Action::ResumeByHolder { ticket } => act.resume_by_holder(*ticket)?,
        Action::ChangeService { ticket, service } => act.change_service(*ticket, service)?,
        Action::Reprint { ticket } => act.reprint(*ticket)?,
        Action::Rate {
            ticket,
            stars,
            reasons,
            text,
        } => act.rate(*ticket, *stars, reasons, text.as_ref())?,

        Action::AskForHelp { window, urgent } => act.ask_for_help(*window, *urgent)?,
        Action::AnswerHelp { help, window } => act.answer_help(*help, *window)?,
        Action::LeaveComplaint {
            ticket,
            service,
            text,
        } => act.leave_complaint(*ticket, service.as_ref(), text)?,
        Action::AnswerComplaint { complaint, text } => act.answer_complaint(*complaint, text)?,

        Action::OpenWindow {
            window,
            services,
            several_windows,
        } => act.open_window(*window, services.as_deref(), *several_windows)?,
        Action::CallNext { window } => act.call_next(*window)?,
        Action::Call {
            window,
            number,
            reason,
        } => act.call(*window, number, reason.as_ref())?,
        Action::Recall { window } => act.recall(*window)?,
        Action::Start { window } => act.start(*window)?,
        Action::Finish { window, finish } => act.finish(*window, finish)?,
        Action::FinishAndCallNext { window, finish } => {
            act.finish_and_call_next(*window, finish)?
        }
        Action::Miss { window } => act.miss(*window)?,
        Action::Park { window, note } => act.park(*window, note.as_ref())?,
        Action::Resume { window, number } => act.resume(*window, number)?,
        Action::Transfer { window, to, note } => act.transfer(*window, to, note.as_ref())?,
        Action::NextService { window, service } => act.next_service(*window, service)?,
        Action::ServeDirectly {
            window,
            service,
            token,
            language,
        } => act.serve_directly(*window, service, token, *language)?,
        Action::Undo { window } => act.undo(*window)?,
        Action::PauseWindow { window, reason } => act.pause_window(*window, reason)?,
        Action::ResumeWindow { window } => act.resume_window(*window)?,
        Action::CloseWindow { window } => act.close_window(*window)?,

        Action::AdoptPlan {
            plan,
            expected_revision,
            move_bookings,
        } => act.adopt_plan(plan, *expected_revision, *move_bookings)?,
        Action::HandOn { number, reason } => act.hand_on(number, reason)?,
        Action::OverrideSignOff {
            window,
            reason,
            hand_on,
        } => act.override_sign_off(*window, reason, hand_on)?,
        Action::Interrupt { reason } => act.interrupt(reason)?,
        Action::Suspend {
            service,
            reason,
            until,
        } => act.suspend(service, reason, *until)?,
        Action::PauseCalling { reason } => act.pause_calling(reason)?,
        Action::ResumeCalling => act.resume_calling(),
        Action::PostNotices { notices } => act.post_notices(notices)?,
        Action::RecordHelpedOnline { service } => act.record_helped_online(service)?,

        Action::Leave {
            ticket,
            hall,
            arrival,
            token,
        } => act.leave(*ticket, hall, arrival, token)?,
        Action::Arrive(arrival) => act.arrive(arrival),
        Action::EndMove {
            ticket,
            arrival,
            end,
        } => act.end_move(*ticket, arrival, end)?,
    };
    Ok(match (&command.action, events.is_empty()) {
        (_, false) => Decision::Events(events),
        (Action::CallNext { window } | Action::FinishAndCallNext { window, .. }, true) => {
            Decision::Nothing(Answer::idle(*window))
        }
        (Action::ResumeWindow { window }, true) => {
            Decision::Nothing(Answer::window_now(hall, *window))
        }
        (Action::CheckIn(wish), true) => {
            Decision::Nothing(act.checked_in_before(wish).unwrap_or(Answer::Done))
        }
        (Action::AskForHelp { window, .. }, true) => {
            Decision::Nothing(act.help_asked_before(*window))
        }
        (_, true) => Decision::Nothing(Answer::Done),
    })
}

/// What the rules say to a command: these events, as one record, or no.
type Ruling = Result<Vec<Event>, Rejection>;

/// One command being decided; its methods are the rules, one per action.
struct Act<'a> {
    hall: &'a Hall,
    command: &'a Command,
    now: Time,
}

/// Longest free text of a person, in characters.
const NOTE_LONGEST: usize = 500;

/// What several rules ask.
impl<'a> Act<'a> {
    fn service(&self, id: &ServiceId) -> Result<&'a Service, Rejection> {
        self.hall.plan().service(id).ok_or_else(|| {
            Rejection::invalid(
                "/service",
                format!("没有业务「{id}」"),
                format!("there is no service \"{id}\" in this hall"),
            )
        })
    }

    fn ticket(&self, id: TicketId) -> Result<&'a Ticket, Rejection> {
        self.hall
            .ticket(id)
            .ok_or_else(|| Rejection::not_found("该号码", "ticket"))
    }

    /// Today's ticket with this face; yesterday's is another citizen's.
    fn ticket_numbered(&self, number: &TicketNumber) -> Result<&'a Ticket, Rejection> {
        let ticket = self.hall.ticket_by_number(number);
        let todays = ticket.filter(|ticket| self.hall.is_of_the_day(ticket));
        todays.ok_or_else(|| {
            Rejection::not_found(format!("号码{number}"), format!("ticket {number} today"))
        })
    }

    /// What only some may do: whoever else asks is refused.
    fn only(&self, may: impl Fn(&Actor) -> bool) -> Result<(), Rejection> {
        if may(&self.command.actor) {
            Ok(())
        } else {
            Err(Rejection::NotAllowed)
        }
    }

    fn wrong_stage(&self, ticket: &Ticket) -> Rejection {
        Rejection::WrongStage {
            ticket: ticket.number.clone(),
            stage: ticket.stage.name(),
        }
    }

    /// Nothing of a day happens after it was closed.
    fn day_is_open(&self) -> Result<(), Rejection> {
        match self.hall.day() {
            Some(day) if day.closed.is_none() => Ok(()),
            Some(_) | None => Err(Rejection::TooLate(Late::DayClosed)),
        }
    }

    /// Something still happens to this ticket only while the day it was issued on is open.
    fn is_of_the_open_day(&self, ticket: &Ticket) -> Result<(), Rejection> {
        if self.hall.is_of_the_open_day(ticket) {
            Ok(())
        } else {
            Err(Rejection::TooLate(Late::DayClosed))
        }
    }

    fn not_suspended(&self, service: &ServiceId) -> Result<(), Rejection> {
        if self.hall.suspensions().contains_key(service) {
            Err(self.not_open(service, NotOpenReason::Suspended))
        } else {
            Ok(())
        }
    }

    /// This hall may do the service today.
    fn is_authorised(&self, service: &ServiceId) -> Result<(), Rejection> {
        let date = self.hall.business_date(self.now);
        if self.hall.plan().authorised(date, service) {
            Ok(())
        } else {
            Err(self.not_open(service, NotOpenReason::NotAuthorised))
        }
    }

    fn not_open(&self, service: &ServiceId, reason: NotOpenReason) -> Rejection {
        Rejection::NotOpen {
            reason,
            phase: phase::of_service(self.hall, service, self.now),
            opens_at: phase::next_issuing(self.hall, service, self.now),
        }
    }

    /// Who showed a document has one open ticket per service at most; some services ask everyone for one. With their names
    /// known, two people who have one number have a ticket each.
    fn may_hold(
        &self,
        person: Option<&PersonId>,
        named: Option<&PersonId>,
        service: &Service,
    ) -> Result<(), Rejection> {
        match person {
            None if service.identify => Err(Rejection::invalid(
                "/person",
                "该业务须凭证件取号",
                "this service needs a document to take a number",
            )),
            Some(person) => match self.hall.open_tickets_of(person, named, &service.id).next() {
                Some(_) => Err(Rejection::LimitReached(Limit::OpenTicketOfPerson)),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// Passed on or taken back, a ticket must not become its person's second open one for a service. An officer has the
    /// person before him: nobody is asked for a document.
    fn may_go_to(&self, ticket: &Ticket, service: &ServiceId) -> Result<(), Rejection> {
        let Some(person) = &ticket.person else {
            return Ok(());
        };
        let theirs = self
            .hall
            .open_tickets_of(person, ticket.named.as_ref(), service);
        match theirs.into_iter().any(|other| other.id != ticket.id) {
            true => Err(Rejection::LimitReached(Limit::OpenTicketOfPerson)),
            false => Ok(()),
        }
    }

    /// After too many returns the usher decides.
    fn may_return(&self, ticket: &Ticket) -> Result<(), Rejection> {
        let decides = matches!(self.command.actor, Actor::Usher(_) | Actor::Manager(_));
        if ticket.returns >= self.hall.plan().policy.returns && !decides {
            return Err(Rejection::LimitReached(Limit::Returns));
        }
        let service = self.service(&ticket.service)?;
        match &ticket.person {
            Some(person) => self.may_hold(Some(person), ticket.named.as_ref(), service),
            None => Ok(()),
        }
    }

    fn calling_is_on(&self) -> Result<(), Rejection> {
        match self.hall.calling_paused() {
            Some(reason) => Err(Rejection::CallingPaused {
                reason: reason.to_string(),
            }),
            None => Ok(()),
        }
    }

    /// Whether a ticket passed on to this service would find someone: numbers of it are still given out, or a staffed
    /// window takes it.
    fn can_be_served(&self, service: &ServiceId) -> bool {
        let phase: Phase = phase::of_service(self.hall, service, self.now);
        phase.issues() || promise::is_covered(self.hall, service)
    }

    /// Whether whoever comes back now finds someone today: at lunch the ticket keeps its place for the afternoon.
    fn will_be_served(&self, service: &ServiceId) -> bool {
        let sessions = self.hall.sessions(service, self.now);
        let opens_again = sessions.iter().any(|session| session.opens > self.now);
        opens_again || self.can_be_served(service)
    }

    fn would_strand(&self, tickets: &[TicketId]) -> Result<(), Rejection> {
        if tickets.is_empty() {
            return Ok(());
        }
        Err(Rejection::WouldStrand {
            tickets: promise::numbers(self.hall, tickets),
        })
    }
}

/// A required reason: said, and not endless.
fn reason(text: &str, pointer: &str) -> Result<String, Rejection> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Rejection::invalid(pointer, "请说明原因", "give a reason"));
    }
    words(text, pointer)
}

/// Free text within its length.
fn words(text: &str, pointer: &str) -> Result<String, Rejection> {
    if text.chars().count() > NOTE_LONGEST {
        return Err(Rejection::invalid(
            pointer,
            format!("最多{NOTE_LONGEST}字"),
            format!("at most {NOTE_LONGEST} characters"),
        ));
    }
    Ok(text.to_string())
}

fn optional_words(text: Option<&String>, pointer: &str) -> Result<Option<String>, Rejection> {
    text.map(|text| words(text, pointer)).transpose()
}
