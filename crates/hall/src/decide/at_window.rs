//! What an officer does at a window.

use super::taking::within;
use super::{Act, Ruling, optional_words, reason};
use crate::id::{ActorId, ServiceId, TicketId, TicketNumber, Token, WindowNumber};
use crate::record::command::{Actor, Finish, TransferTo};
use crate::record::event::{AtWindow, Event, TicketTaken};
use crate::record::rejection::{Late, NotOpenReason, Rejection};
use crate::rules::calling_again;
use crate::rules::calling_rule::{candidates, counts_as};
use crate::rules::phase;
use crate::rules::promise;
use crate::state::ticket::{Channel, Stage, Ticket, VisitOutcome};
use crate::state::voucher::VoucherReason;
use crate::state::window::{Staffing, Undo, Window};
use crate::text::Language;
use crate::time::Time;
use chrono::{Duration, NaiveTime};
use rust_decimal::Decimal;

/// Most that one visit can cost.
const FEES_HIGHEST: i64 = 1_000_000;
/// Most matters done in one visit.
const CASES_LARGEST: u16 = 999;

impl Act<'_> {
    pub(super) fn open_window(
        &self,
        number: WindowNumber,
        services: Option<&[ServiceId]>,
        several_windows: bool,
    ) -> Ruling {
        let window = self.window(number)?;
        let officer = self.officer()?;
        let services = self.services_at(number, services)?;
        if let Some((elsewhere, _)) = self.hall.staffed().find(|(other, staffing)| {
            staffing.officer == *officer && (other.number == number || !several_windows)
        }) {
            return Err(Rejection::AlreadyOpen {
                window: elsewhere.number,
            });
        }
        let mut events = self.open_day_if_new()?;
        events.push(match &window.staffing {
            Some(staffing) => {
                let left = promise::stranded_by_narrowing(self.hall, number, &services, self.now);
                self.would_strand(&left)?;
                let from = staffing.officer.clone();
                Event::WindowTakenOver {
                    window: number,
                    officer: officer.clone(),
                    from,
                    services,
                    ticket: staffing
                        .current
                        .and_then(|id| self.hall.ticket(id))
                        .map(AtWindow::of),
                }
            }
            None => Event::WindowOpened {
                window: number,
                officer: officer.clone(),
                services,
            },
        });
        Ok(events)
    }

    /// Calls whom the calling rule chooses; no event when nobody is callable.
    pub(super) fn call_next(&self, number: WindowNumber) -> Ruling {
        self.idle(number)?;
        self.calling_is_on()?;
        Ok(self.next_call(number).into_iter().collect())
    }

    /// Calls this one; out of order needs a reason. A missed citizen who is standing there returns with it.
    pub(super) fn call(
        &self,
        number: WindowNumber,
        ticket: &TicketNumber,
        why: Option<&String>,
    ) -> Ruling {
        let staffing = self.idle(number)?;
        self.calling_is_on()?;
        let ticket = self.ticket_numbered(ticket)?;
        self.is_not_leaving(ticket)?;
        takes(number, staffing, &ticket.service)?;
        let is_next = candidates(self.hall, number, self.now, 1)
            .first()
            .is_some_and(|next| next.ticket == ticket.id);
        let reason = match (is_next, why) {
            (true, why) => optional_words(why, "/reason")?,
            (false, why) => Some(reason(why.map_or("", String::as_str), "/reason")?),
        };
        let call = Event::TicketCalled {
            ticket: ticket.id,
            window: number,
            reason,
            service: Some(ticket.service.clone()),
            counts_as: Some(counts_as(self.hall, number, Some(ticket), self.now)),
        };
        match ticket.stage {
            Stage::Waiting { .. } => Ok(vec![call]),
            Stage::Missed { .. } => {
                self.may_return(ticket)?;
                let returned = Event::TicketReturned {
                    ticket: ticket.id,
                    after_calls: 0,
                };
                Ok(vec![returned, call])
            }
            _ => Err(self.wrong_stage(ticket)),
        }
    }

    /// Somebody stands there without a number and is served at once: counted like everybody, announced to nobody.
    pub(super) fn serve_directly(
        &self,
        number: WindowNumber,
        service: &ServiceId,
        token: &Token,
        language: Language,
    ) -> Ruling {
        let staffing = self.idle(number)?;
        let service = self.service(service)?;
        self.is_authorised(&service.id)?;
        takes(number, staffing, &service.id)?;
        let mut events = self.open_day_if_new()?;
        let face = self.number_or_full(service, &self.day_after(&events))?;
        let taken = TicketTaken {
            language,
            ..self.new_ticket(face, token.clone(), &service.id, Channel::Window)
        };
        let ticket = taken.ticket;
        events.push(Event::TicketTaken(taken));
        events.push(Event::TicketCalled {
            ticket,
            window: number,
            reason: Some("no number".into()),
            service: Some(service.id.clone()),
            counts_as: Some(counts_as(self.hall, number, None, self.now)),
        });
        events.push(Event::ServiceStarted {
            ticket,
            window: number,
            officer: staffing.officer.clone(),
            service: Some(service.id.clone()),
        });
        Ok(events)
    }

    pub(super) fn recall(&self, number: WindowNumber) -> Ruling {
        let ticket = self.current(number)?;
        self.not_before(ticket, calling_again::recall_from(self.hall, ticket))?;
        Ok(vec![Event::TicketRecalled {
            ticket: ticket.id,
            window: number,
            service: Some(ticket.service.clone()),
        }])
    }

    pub(super) fn start(&self, number: WindowNumber) -> Ruling {
        let ticket = self.current(number)?;
        if !matches!(ticket.stage, Stage::Called { .. }) {
            return Err(self.wrong_stage(ticket));
        }
        Ok(vec![self.started(number, ticket)?])
    }

    pub(super) fn finish(&self, number: WindowNumber, finish: &Finish) -> Ruling {
        self.is_meant(number, finish)?;
        let ticket = self.current(number)?;
        self.finished(number, ticket, finish)
    }

    /// An officer ends only the visit that he saw: a key that was pressed for one citizen must not end the next one's
    /// visit.
    fn is_meant(&self, number: WindowNumber, finish: &Finish) -> Result<(), Rejection> {
        let Some(named) = &finish.number else {
            return Ok(());
        };
        let meant = self.ticket_numbered(named)?;
        match self.staffed(number)?.current {
            Some(current) if current == meant.id => Ok(()),
            Some(_) | None => Err(self.wrong_stage(meant)),
        }
    }

    /// The officer's one-key path; at an idle window it only calls.
    pub(super) fn finish_and_call_next(&self, number: WindowNumber, finish: &Finish) -> Ruling {
        let staffing = self.working(number)?;
        self.is_meant(number, finish)?;
        if staffing.current.is_none() {
            return self.call_next(number);
        }
        let mut events = self.finish(number, finish)?;
        events.extend(self.next_call(number));
        Ok(events)
    }

    /// Missed after two recalls, or once there was time to walk over.
    pub(super) fn miss(&self, number: WindowNumber) -> Ruling {
        let ticket = self.current(number)?;
        self.not_before(ticket, calling_again::miss_from(self.hall, ticket))?;
        Ok(vec![Event::TicketMissed {
            ticket: ticket.id,
            window: number,
        }])
    }

    /// Refuses what may be done only with a called ticket, and only from this time on.
    fn not_before(&self, ticket: &Ticket, from: Option<Time>) -> Result<(), Rejection> {
        match from {
            None => Err(self.wrong_stage(ticket)),
            Some(at) if self.now < at => Err(Rejection::TooEarly { at }),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn park(&self, number: WindowNumber, note: Option<&String>) -> Ruling {
        let ticket = self.current(number)?;
        if !matches!(ticket.stage, Stage::Serving { .. }) {
            return Err(self.wrong_stage(ticket));
        }
        let note = optional_words(note, "/note")?;
        Ok(vec![Event::TicketParked {
            ticket: ticket.id,
            window: number,
            note,
        }])
    }

    pub(super) fn resume(&self, number: WindowNumber, ticket: &TicketNumber) -> Ruling {
        let staffing = self.idle(number)?;
        let ticket = self.ticket_numbered(ticket)?;
        if !matches!(ticket.stage, Stage::Parked { .. }) {
            return Err(self.wrong_stage(ticket));
        }
        takes(number, staffing, &ticket.service)?;
        Ok(vec![Event::ServiceResumed {
            ticket: ticket.id,
            window: number,
            officer: staffing.officer.clone(),
            service: Some(ticket.service.clone()),
        }])
    }

    /// Passes the citizen on; he keeps his time, so he does not go to the back.
    pub(super) fn transfer(
        &self,
        number: WindowNumber,
        to: &TransferTo,
        note: Option<&String>,
    ) -> Ruling {
        let ticket = self.current(number)?;
        let note = optional_words(note, "/note")?;
        if to.service.is_none() && to.window.is_none() {
            return Err(Rejection::invalid(
                "/service",
                "请选择业务或窗口",
                "name a service or a window",
            ));
        }
        let service = to.service.clone().unwrap_or_else(|| ticket.service.clone());
        self.service(&service)?;
        if service != ticket.service {
            self.not_suspended(&service)?; // those who have a number of a suspended service are served
            self.is_authorised(&service)?;
            self.may_go_to(ticket, &service)?;
        }
        if let Some(target) = to.window {
            self.window(target)?;
            let staffing = self.hall.staffing(target);
            if !staffing.is_some_and(|staffing| staffing.takes(&service)) {
                return Err(not_offered(target, &service));
            }
        }
        if !self.can_be_served(&service) {
            let why = note.unwrap_or_else(|| format!("no window left for {service}"));
            let reason = VoucherReason::HandedOn;
            return Ok(self.let_go(ticket.id, service, why, reason, Some(number)));
        }
        Ok(vec![Event::TicketTransferred {
            ticket: ticket.id,
            window: number,
            service,
            only_at: to.window,
            note,
        }])
    }

    /// One visit, several services: same number, same time.
    pub(super) fn next_service(&self, number: WindowNumber, service: &ServiceId) -> Ruling {
        let staffing = self.working(number)?;
        self.service(service)?;
        self.not_suspended(service)?;
        self.is_authorised(service)?;
        let (ticket, mut events) = match staffing.current {
            Some(id) => {
                let ticket = self.ticket(id)?;
                (ticket, self.finished(number, ticket, &Finish::default())?)
            }
            None => {
                let last = staffing.last_finished.and_then(|id| self.hall.ticket(id));
                let last = last.ok_or(Rejection::NoTicket { window: number })?;
                if !matches!(last.stage, Stage::Served { .. }) {
                    return Err(self.wrong_stage(last));
                }
                (last, Vec::new())
            }
        };
        self.may_go_to(ticket, service)?;
        let service = service.clone();
        events.push(match self.can_be_served(&service) {
            true => Event::NextServiceAdded {
                ticket: ticket.id,
                window: number,
                service,
            },
            false => self.voucher(ticket.id, service, VoucherReason::HandedOn, Some(number)),
        });
        Ok(events)
    }

    /// The window's last command, while it is fresh and nothing it touched has changed since.
    pub(super) fn undo(&self, number: WindowNumber) -> Ruling {
        self.staffed(number)?;
        let window = self.window(number)?;
        let undo = window.undo.as_ref();
        let undo = undo.filter(|undo| window.changed == undo.version);
        let undo = undo.ok_or(Rejection::TooLate(Late::Undo))?;
        let fresh =
            self.now <= undo.at + Duration::seconds(self.hall.plan().policy.undo_seconds.into());
        let untouched = undo.tickets.iter().all(|before| {
            let now = self.hall.ticket(before.id);
            now.is_some_and(|ticket| ticket.changed == undo.version)
        });
        let unused = undo.tickets.iter().all(|before| {
            let voucher = self.hall.vouchers().get(&before.token);
            voucher.is_none_or(|voucher| voucher.used.is_none())
        });
        let only_one = undo.tickets.iter().all(|before| {
            !before.stage.name().is_open() || self.may_go_to(before, &before.service).is_ok()
        });
        if !(fresh && untouched && unused && only_one) {
            return Err(Rejection::TooLate(Late::Undo));
        }
        let staffing = undo.staffing.as_ref();
        if staffing.is_some_and(|staffing| staffing.pause.is_some()) {
            self.would_strand(&promise::stranded_by_pausing(self.hall, number, self.now))?;
        }
        Ok(vec![Event::CommandUndone {
            window: number,
            version: undo.version,
            ticket: self.has_again(undo),
        }])
    }

    /// The ticket that is at the window once its last command is taken back.
    fn has_again(&self, undo: &Undo) -> Option<AtWindow> {
        let id = undo.staffing.as_ref()?.current?;
        let before = undo.tickets.iter().find(|before| before.id == id);
        before.or_else(|| self.hall.ticket(id)).map(AtWindow::of)
    }

    pub(super) fn pause_window(&self, number: WindowNumber, why: &str) -> Ruling {
        self.idle(number)?;
        self.would_strand(&promise::stranded_by_pausing(self.hall, number, self.now))?;
        Ok(vec![Event::WindowPaused {
            window: number,
            reason: reason(why, "/reason")?,
        }])
    }

    pub(super) fn resume_window(&self, number: WindowNumber) -> Ruling {
        let paused = self.staffed(number)?.pause.is_some();
        let resumed = paused.then_some(Event::WindowResumed { window: number });
        Ok(resumed.into_iter().collect())
    }

    /// Sign-off: not while it would leave anyone who took a number without a window.
    pub(super) fn close_window(&self, number: WindowNumber) -> Ruling {
        let staffing = self.staffed(number)?;
        self.is_free(number, staffing)?;
        self.would_strand(&promise::stranded_by_closing(self.hall, number, self.now))?;
        Ok(vec![Event::WindowClosed { window: number }])
    }

    pub(super) fn window(&self, number: WindowNumber) -> Result<&Window, Rejection> {
        let window = self.hall.windows().get(&number);
        window.ok_or_else(|| {
            Rejection::not_found(format!("{number}号窗口"), format!("window {number}"))
        })
    }

    /// A voucher for a ticket whose matter could not be finished.
    pub(super) fn voucher(
        &self,
        ticket: TicketId,
        service: ServiceId,
        reason: VoucherReason,
        window: Option<WindowNumber>,
    ) -> Event {
        let plan = self.hall.plan();
        let last_day = plan.after_working_days(
            self.hall.business_date(self.now),
            plan.policy.voucher_working_days,
            Some(&service),
        );
        let valid_until = plan.at(last_day.succ_opt().unwrap_or(last_day), NaiveTime::MIN);
        Event::VoucherGiven {
            ticket,
            service,
            reason,
            valid_until,
            window,
        }
    }

    fn officer(&self) -> Result<&ActorId, Rejection> {
        match &self.command.actor {
            Actor::Officer(id) | Actor::Manager(id) => Ok(id),
            Actor::Citizen | Actor::Kiosk(_) | Actor::Usher(_) | Actor::Timer => Err(
                Rejection::not_found("值守人员", "officer behind this request"),
            ),
        }
    }

    /// The window's staffing, if this officer has it.
    fn staffed(&self, number: WindowNumber) -> Result<&Staffing, Rejection> {
        let window = self.window(number)?;
        let officer = self.officer()?;
        match &window.staffing {
            Some(staffing) if staffing.officer == *officer => Ok(staffing),
            Some(staffing) => Err(Rejection::NotYourWindow {
                window: number,
                officer: Some(staffing.officer.clone()),
            }),
            None if self.hall.day().is_some_and(|day| day.closed.is_some()) => {
                Err(Rejection::TooLate(Late::DayClosed))
            }
            None => Err(Rejection::NotYourWindow {
                window: number,
                officer: None,
            }),
        }
    }

    /// The same, and the window is not on a break.
    fn working(&self, number: WindowNumber) -> Result<&Staffing, Rejection> {
        let staffing = self.staffed(number)?;
        if staffing.pause.is_some() {
            Err(Rejection::WindowPaused { window: number })
        } else {
            Ok(staffing)
        }
    }

    /// The same, and the window has no ticket.
    fn idle(&self, number: WindowNumber) -> Result<&Staffing, Rejection> {
        let staffing = self.working(number)?;
        self.is_free(number, staffing)?;
        Ok(staffing)
    }

    fn is_free(&self, number: WindowNumber, staffing: &Staffing) -> Result<(), Rejection> {
        match staffing.current.and_then(|id| self.hall.ticket(id)) {
            Some(ticket) => Err(Rejection::WindowBusy {
                window: number,
                ticket: ticket.number.clone(),
            }),
            None => Ok(()),
        }
    }

    fn current(&self, number: WindowNumber) -> Result<&Ticket, Rejection> {
        let staffing = self.working(number)?;
        let ticket = staffing.current.and_then(|id| self.hall.ticket(id));
        ticket.ok_or(Rejection::NoTicket { window: number })
    }

    fn next_call(&self, number: WindowNumber) -> Option<Event> {
        let next = candidates(self.hall, number, self.now, 1);
        let ticket = self.hall.known_ticket(next.first()?.ticket);
        Some(Event::TicketCalled {
            ticket: ticket.id,
            window: number,
            reason: None,
            service: Some(ticket.service.clone()),
            counts_as: Some(counts_as(self.hall, number, Some(ticket), self.now)),
        })
    }

    fn started(&self, number: WindowNumber, ticket: &Ticket) -> Result<Event, Rejection> {
        let officer = self.staffed(number)?.officer.clone();
        Ok(Event::ServiceStarted {
            ticket: ticket.id,
            window: number,
            officer,
            service: Some(ticket.service.clone()),
        })
    }

    /// If the ticket was only called, finishing it also starts its service.
    fn finished(&self, number: WindowNumber, ticket: &Ticket, finish: &Finish) -> Ruling {
        let cases = finish.cases.unwrap_or(ticket.cases);
        within(cases, CASES_LARGEST, "/cases")?;
        let note = optional_words(finish.note.as_ref(), "/note")?;
        let mut events = Vec::new();
        if matches!(ticket.stage, Stage::Called { .. }) {
            events.push(self.started(number, ticket)?);
        }
        let (outcome, fees) = (finish.outcome, money(finish.fees)?);
        events.push(Event::ServiceFinished {
            ticket: ticket.id,
            window: number,
            outcome,
            fees,
            cases,
            note,
        });
        if outcome == VisitOutcome::DocumentsMissing {
            events.push(self.voucher(
                ticket.id,
                ticket.service.clone(),
                VoucherReason::DocumentsMissing,
                None,
            ));
        }
        Ok(events)
    }

    fn services_at(
        &self,
        number: WindowNumber,
        wanted: Option<&[ServiceId]>,
    ) -> Result<Vec<ServiceId>, Rejection> {
        let plan = self.hall.plan();
        let offers = |service: &ServiceId| {
            plan.window(number)
                .is_some_and(|window| window.offers(service))
        };
        let all = plan.services.iter().map(|service| service.id.clone());
        let all = all.filter(|id| offers(id));
        match wanted {
            None | Some([]) => Ok(all.collect()),
            Some(wanted) => match wanted.iter().find(|service| !offers(service)) {
                Some(service) => Err(not_offered(number, service)),
                None => Ok(all.filter(|service| wanted.contains(service)).collect()),
            },
        }
    }

    /// The first command of a date opens its day.
    pub(super) fn open_day_if_new(&self) -> Ruling {
        let date = self.hall.business_date(self.now);
        let day_off = || Rejection::NotOpen {
            reason: NotOpenReason::DayOff,
            phase: phase::of_hall(self.hall, self.now),
            opens_at: self
                .hall
                .plan()
                .services
                .iter()
                .filter_map(|s| self.hall.plan().next_issuing(&s.id, self.now))
                .min(),
        };
        match self.hall.day() {
            Some(day) if day.date == date && day.closed.is_none() => Ok(Vec::new()),
            Some(day) if day.date >= date => Err(Rejection::TooLate(Late::DayClosed)),
            Some(_) | None if self.hall.plan().span(date).is_none() => Err(day_off()),
            Some(_) | None => Ok(self.day_opened(date)),
        }
    }
}

fn not_offered(window: WindowNumber, service: &ServiceId) -> Rejection {
    let service = service.clone();
    Rejection::NotOffered { window, service }
}

fn takes(window: WindowNumber, by: &Staffing, service: &ServiceId) -> Result<(), Rejection> {
    match by.takes(service) {
        true => Ok(()),
        false => Err(not_offered(window, service)),
    }
}

fn money(amount: Decimal) -> Result<Decimal, Rejection> {
    let sensible = !amount.is_sign_negative()
        && amount <= Decimal::from(FEES_HIGHEST)
        && amount.normalize().scale() <= 2;
    if !sensible {
        return Err(Rejection::invalid(
            "/fees",
            "金额应为0至1000000,最多两位小数",
            "an amount from 0 to 1000000 with at most two decimal places",
        ));
    }
    let mut amount = amount;
    amount.rescale(2);
    Ok(amount)
}
