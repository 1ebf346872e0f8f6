//! The way back from an officer's last command: how things stood before it, and putting them so again.

use super::Fold;
use crate::id::{ServiceId, TicketId, WindowNumber};
use crate::record::Record;
use crate::record::command::Actor;
use crate::record::event::Event;
use crate::state::day::ServiceDay;
use crate::state::hall::Hall;
use crate::state::ticket::Ticket;
use crate::state::window::{Undo, UndoFigures};
use std::collections::BTreeSet;

impl Fold<'_> {
    /// How things stand before an officer's record, if it can be taken back.
    pub(super) fn undo_point(&self, record: &Record<Event>) -> Option<(WindowNumber, Undo)> {
        let hall = &*self.hall;
        let by_person = !matches!(record.actor, Actor::Timer);
        let number = record
            .events
            .iter()
            .find_map(|event| {
                let undoable_at = event.about().undoable_at;
                undoable_at.or_else(|| let_go_by(hall, record, event))
            })
            .filter(|_| by_person)?;
        let came_without_number = record.events.iter().any(|event| event.taken().is_some());
        if came_without_number {
            return None; // there is nothing that it was before
        }
        let window = hall.windows().get(&number)?;
        let abouts = record.events.iter().map(Event::about);
        let ids: BTreeSet<TicketId> = abouts.filter_map(|about| about.ticket).collect();
        let tickets: Vec<Ticket> = ids
            .iter()
            .filter_map(|id| hall.ticket(*id).cloned())
            .collect();
        let gives_voucher = |event: &Event| match event {
            Event::VoucherGiven { ticket, .. } => Some(*ticket),
            _ => None,
        };
        let vouchers: Vec<TicketId> = record.events.iter().filter_map(gives_voucher).collect();
        let replaced = tickets
            .iter()
            .filter(|ticket| vouchers.contains(&ticket.id))
            .filter_map(|ticket| hall.vouchers().get(&ticket.token).cloned());
        let undo = Undo {
            version: record.version,
            at: record.at,
            staffing: window.staffing.clone(),
            replaced: replaced.collect(),
            services: figures_of(hall, &tickets),
            tickets,
            vouchers,
        };
        Some((number, undo))
    }

    /// Keeps the way back, unless the record ended the officer's time at the window.
    pub(super) fn keep_undo(&mut self, window: WindowNumber, mut undo: Undo) {
        for figures in &mut undo.services {
            figures.after = service_day(self.hall, &figures.service);
        }
        self.change_window(window, |window| {
            window.undo = window.staffing.is_some().then_some(undo)
        });
    }

    pub(super) fn command_undone(&mut self, number: WindowNumber) {
        let window = self.hall.state_mut().windows.get_mut(&number);
        let Some(undo) = window.and_then(|window| window.undo.take()) else {
            return;
        };
        for mut before in undo.tickets {
            before.changed = self.version;
            if undo.vouchers.contains(&before.id) {
                self.hall.state_mut().vouchers.remove(&before.token);
            }
            self.hall.put_ticket(before);
        }
        let state = self.hall.state_mut();
        for voucher in undo.replaced {
            state.vouchers.insert(voucher.token.clone(), voucher);
        }
        if let Some(day) = &mut state.day {
            for figures in &undo.services {
                let service = day.services.entry(figures.service.clone()).or_default();
                service.take_back(undo.version, &figures.before, &figures.after);
            }
        }
        state.calls.retain(|call| call.version != undo.version);
        self.change_window(number, |window| window.staffing = undo.staffing);
    }
}

/// The window whose officer let a ticket go with a voucher, because no window was left to pass it on to.
fn let_go_by(hall: &Hall, record: &Record<Event>, event: &Event) -> Option<WindowNumber> {
    match (&record.actor, event) {
        (Actor::Officer(_), Event::TicketHandedOn { ticket, .. }) => {
            hall.ticket(*ticket)?.stage.window()
        }
        _ => None,
    }
}

fn figures_of(hall: &Hall, tickets: &[Ticket]) -> Vec<UndoFigures> {
    let services: BTreeSet<&ServiceId> = tickets.iter().map(|ticket| &ticket.service).collect();
    let figures = |service: &ServiceId| UndoFigures {
        service: service.clone(),
        before: service_day(hall, service),
        after: ServiceDay::default(), // filled in once the record is applied
    };
    services.into_iter().map(figures).collect()
}

fn service_day(hall: &Hall, service: &ServiceId) -> ServiceDay {
    hall.service_day(service).cloned().unwrap_or_default()
}
