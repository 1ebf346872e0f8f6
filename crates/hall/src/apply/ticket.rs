//! What happens to a ticket, and to the window that has it.

use super::Fold;
use crate::id::{ActorId, ServiceId, TicketId, WindowNumber};
use crate::record::event::{CountsAs, TicketTaken};
use crate::state::day::Day;
use crate::state::hall::{Applied, Call, Hall, Stored};
use crate::state::lease::Lease;
use crate::state::ticket::{PassedOn, PlaceInLine, Stage, Ticket, Visit, VisitEnding};
use crate::state::voucher::{Voucher, VoucherReason};
use crate::time::Time;

impl Fold<'_> {
    pub(super) fn ticket_taken(&mut self, taken: &TicketTaken) {
        let at = taken.taken_at.unwrap_or(self.at);
        let place = match taken.voucher {
            Some(_) => PlaceInLine::First,
            None => PlaceInLine::InLine,
        };
        self.hall.put_ticket(Ticket {
            id: taken.ticket,
            number: taken.number.clone(),
            token: taken.token.clone(),
            service: taken.service.clone(),
            class: taken.class,
            needs: taken.needs.clone(),
            party: taken.party,
            cases: taken.cases,
            also: taken.also.clone(),
            language: taken.language,
            person: taken.person.clone(),
            named: taken.named.clone(),
            appointment: taken.appointment,
            channel: taken.channel,
            ahead_when_taken: taken.ahead,
            taken_at: at,
            stage: Stage::Waiting { since: at, place },
            returns: 0,
            service_changed: false,
            reprints: 0,
            visits: Vec::new(),
            rating: None,
            complaint: None,
            leaving: None,
            moved_to: None,
            came_from: taken.came_from.clone(),
            passed_on: None,
            reported_late: taken.reported_late,
            changed: self.version,
        });
        let state = self.hall.state_mut();
        state.next_ticket = taken.ticket.0 + 1;
        if taken.reported_late {
            state.paper_reported_late(taken);
        } else if let Some(day) = &mut state.day {
            day.counts(taken, self.at);
        }
        if let Some(command) = &taken.instead_of {
            let applied = Applied {
                version: self.version,
                at: self.at,
                ticket: Some(taken.ticket),
            };
            state.applied.insert(command.clone(), applied);
        }
        let voucher = taken.voucher.as_ref();
        if let Some(voucher) = voucher.and_then(|token| state.vouchers.get_mut(token)) {
            voucher.used = Some(taken.ticket);
        }
    }

    pub(super) fn called(&mut self, id: TicketId, window: WindowNumber, counts_as: CountsAs) {
        let ticket = self.hall.known_ticket(id);
        let service = ticket.service.clone();
        let waited_since = match ticket.stage {
            Stage::Waiting { since, .. } => since,
            _ => self.at,
        };
        let stage = Stage::Called {
            window,
            called_at: self.at,
            announced_at: self.at,
            times: 1,
            waited_since,
        };
        self.set_stage(id, stage);
        let is_paused = self.hall.calling_paused().is_some();
        if let Some(day) = &mut self.hall.state_mut().day {
            if !is_paused {
                day.goes_on_at(self.at); // an interruption is over when somebody is called
            }
            let service = day.services.entry(service).or_default();
            service.calls += 1;
            match counts_as {
                CountsAs::Overtaking => service.row.called(self.version, true),
                CountsAs::InTurn => service.row.called(self.version, false),
                CountsAs::Apart => {}
            }
        }
        self.change_staffing(window, |staffing| staffing.current = Some(id));
        self.announce(id, window, 1);
    }

    pub(super) fn recalled(&mut self, id: TicketId, window: WindowNumber) {
        let (at, mut announced) = (self.at, 1);
        self.change_ticket(id, |ticket| {
            if let Stage::Called {
                announced_at,
                times,
                ..
            } = &mut ticket.stage
            {
                *announced_at = at;
                *times = times.saturating_add(1);
                announced = *times;
            }
        });
        self.touch(window);
        self.announce(id, window, announced);
    }

    pub(super) fn started(&mut self, id: TicketId, window: WindowNumber, officer: &ActorId) {
        let at = self.at;
        self.change_ticket(id, |ticket| {
            if let Stage::Called {
                called_at,
                waited_since,
                ..
            } = ticket.stage
            {
                ticket.stage = Stage::Serving {
                    window,
                    officer: officer.clone(),
                    called_at,
                    since: at,
                    waited_since: Some(waited_since),
                };
            }
        });
        self.touch(window);
    }

    pub(super) fn finished(
        &mut self,
        id: TicketId,
        window: WindowNumber,
        ending: VisitEnding,
        cases: u16,
    ) {
        self.learn(id, window);
        self.end_visit(id, ending);
        self.change_ticket(id, |ticket| ticket.cases = cases);
        self.set_stage(id, Stage::Served { at: self.at });
        self.change_staffing(window, |staffing| {
            staffing.current = None;
            staffing.last_finished = Some(id);
        });
    }

    /// Frees the window only if it has this ticket: a parked one may be missed while another is served there.
    pub(super) fn missed(&mut self, id: TicketId, window: WindowNumber) {
        let was_parked = matches!(self.hall.known_ticket(id).stage, Stage::Parked { .. });
        let at = self.at;
        let stage = Stage::Missed {
            window,
            at,
            was_parked,
        };
        self.set_stage(id, stage);
        let staffing = self.hall.staffing(window);
        if staffing.is_some_and(|staffing| staffing.current == Some(id)) {
            self.free(window);
        }
    }

    pub(super) fn parked(&mut self, id: TicketId, window: WindowNumber, note: Option<String>) {
        self.end_visit(id, VisitEnding::Interrupted);
        let since = self.at;
        let stage = Stage::Parked {
            window,
            since,
            note,
        };
        self.set_stage(id, stage);
        self.free(window);
    }

    pub(super) fn resumed(&mut self, id: TicketId, window: WindowNumber, officer: &ActorId) {
        let stage = Stage::Serving {
            window,
            officer: officer.clone(),
            called_at: self.at,
            since: self.at,
            waited_since: None,
        };
        self.set_stage(id, stage);
        self.change_staffing(window, |staffing| staffing.current = Some(id));
    }

    pub(super) fn transferred(
        &mut self,
        id: TicketId,
        service: &ServiceId,
        only_at: Option<WindowNumber>,
        passed_on: PassedOn,
    ) {
        let window = passed_on.from;
        self.end_visit(id, VisitEnding::Interrupted);
        self.change_ticket(id, |ticket| {
            ticket.service = service.clone();
            ticket.passed_on = Some(passed_on);
        });
        self.wait(id, only_at.map_or(PlaceInLine::InLine, PlaceInLine::OnlyAt));
        self.free(window);
    }

    pub(super) fn next_service_added(
        &mut self,
        id: TicketId,
        window: WindowNumber,
        service: &ServiceId,
    ) {
        self.change_ticket(id, |ticket| {
            ticket.service = service.clone();
            ticket.also.retain(|other| other != service);
        });
        self.wait(id, PlaceInLine::InLine);
        self.change_staffing(window, |staffing| staffing.last_finished = None);
    }

    /// The wrong service is corrected. A returned or deferred ticket counts the calls of its new service.
    pub(super) fn service_changed(
        &mut self,
        id: TicketId,
        service: &ServiceId,
        after_calls: Option<u64>,
    ) {
        self.change_ticket(id, |ticket| {
            ticket.service = service.clone();
            ticket.service_changed = true;
        });
        if let Some(calls) = after_calls {
            self.change_place(id, PlaceInLine::AfterCalls(calls));
        }
    }

    pub(super) fn voucher_given(
        &mut self,
        id: TicketId,
        service: &ServiceId,
        reason: VoucherReason,
        valid_until: Time,
    ) {
        self.change_ticket(id, |_| {}); // or a finish could be undone and leave its voucher
        let ticket = self.hall.known_ticket(id);
        let voucher = Voucher {
            token: ticket.token.clone(),
            ticket: ticket.id,
            number: ticket.number.clone(),
            service: service.clone(),
            reason,
            given_at: self.at,
            valid_until,
            used: None,
        };
        let vouchers = &mut self.hall.state_mut().vouchers;
        vouchers.insert(voucher.token.clone(), voucher);
    }

    /// Puts a ticket in line from now on.
    pub(super) fn wait(&mut self, id: TicketId, place: PlaceInLine) {
        let since = self.at;
        self.set_stage(id, Stage::Waiting { since, place });
    }

    /// Puts a waiting ticket elsewhere in line; the time since which it waits stays the same.
    pub(super) fn change_place(&mut self, id: TicketId, to: PlaceInLine) {
        self.change_ticket(id, |ticket| {
            if let Stage::Waiting { place, .. } = &mut ticket.stage {
                *place = to;
            }
        });
    }

    /// A ticket leaves the queue for good, and its window if one has it: no window points to a ticket that is over.
    pub(super) fn end(&mut self, id: TicketId, stage: Stage) {
        if let Some(window) = self.hall.known_ticket(id).stage.window() {
            self.end_visit(id, VisitEnding::Interrupted);
            self.free(window);
        }
        self.change_ticket(id, |ticket| {
            ticket.stage = stage;
            ticket.leaving = None;
        });
    }

    fn set_stage(&mut self, id: TicketId, stage: Stage) {
        self.change_ticket(id, |ticket| ticket.stage = stage);
    }

    fn announce(&mut self, ticket: TicketId, window: WindowNumber, times: u8) {
        let (version, at) = (self.version, self.at);
        let calls = &mut self.hall.state_mut().calls;
        calls.push_front(Call {
            version,
            ticket,
            window,
            times,
            at,
        });
        calls.truncate(Hall::CALLS_KEPT);
    }

    /// Remembers a service time for the estimate.
    fn learn(&mut self, id: TicketId, window: WindowNumber) {
        let ticket = self.hall.known_ticket(id);
        let Some(began) = self.service_began(ticket) else {
            return;
        };
        let service = ticket.service.clone();
        let seconds = (self.at - began).num_seconds().max(0) as u32;
        if let Some(day) = &mut self.hall.state_mut().day {
            let of_service = day.services.entry(service).or_default();
            of_service.learn(window, seconds);
        }
    }

    /// When the service at hand began. If only the record that ends it starts it, the officer did not press start; it
    /// then began with the call, because the window was busy from there on.
    fn service_began(&self, ticket: &Ticket) -> Option<Time> {
        match ticket.stage {
            Stage::Serving { called_at, .. } if ticket.changed == self.version => Some(called_at),
            Stage::Serving { since, .. } => Some(since),
            _ => None,
        }
    }

    /// Writes down the visit of a ticket that is called or being served.
    fn end_visit(&mut self, id: TicketId, ending: VisitEnding) {
        let ticket = self.hall.known_ticket(id);
        let (window, officer, called_at, waited_since) = match &ticket.stage {
            Stage::Serving {
                window,
                officer,
                called_at,
                waited_since,
                ..
            } => (*window, Some(officer), *called_at, *waited_since),
            Stage::Called {
                window,
                called_at,
                waited_since,
                ..
            } => {
                let staffing = self.hall.staffing(*window);
                let officer = staffing.map(|staffing| &staffing.officer);
                (*window, officer, *called_at, Some(*waited_since))
            }
            _ => return,
        };
        let Some(officer) = officer.cloned() else {
            return;
        };
        let visit = Visit {
            service: ticket.service.clone(),
            window,
            officer,
            waited_since,
            called_at,
            started_at: self.service_began(ticket).unwrap_or(self.at),
            finished_at: self.at,
            ending,
        };
        self.change_ticket(id, |ticket| ticket.visits.push(visit));
    }
}

impl Stored {
    /// The sums of its day are written down: only the block remembers the paper.
    fn paper_reported_late(&mut self, taken: &TicketTaken) {
        let Some(id) = taken.lease else { return };
        let of_day = self.day.as_ref().and_then(|day| day.leases.get(&id));
        let of_day = of_day
            .filter(|_| !self.lent_before.contains_key(&id))
            .cloned();
        self.lent_before.extend(of_day.map(|lease| (id, lease)));
        if let Some(lease) = self.lent_before.get_mut(&id) {
            lease.taken.insert(taken.number.ordinal());
        }
    }
}

impl Day {
    /// The number is on paper: one of the server's own, or of a block that it had lent.
    fn counts(&mut self, taken: &TicketTaken, at: Time) {
        let ordinal = taken.number.ordinal();
        match taken.lease.and_then(|lease| self.leases.get_mut(&lease)) {
            Some(lease) => {
                lease.taken.insert(ordinal);
            }
            None => {
                self.series.insert(taken.number.prefix().clone(), ordinal);
            }
        }
        let has_seen = |lease: &&mut Lease| taken.kiosk.as_ref() == Some(&lease.kiosk);
        for lease in self.leases.values_mut().filter(has_seen) {
            lease.seen = Some(at);
        }
        if taken.insisted {
            let redirects = self.redirects.entry(taken.service.clone());
            redirects.or_default().insisted += 1;
        }
    }
}
