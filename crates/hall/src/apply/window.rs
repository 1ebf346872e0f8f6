//! What happens to a window.

use super::Fold;
use crate::id::{ActorId, ServiceId, TicketId, WindowNumber};
use crate::state::ticket::{PlaceInLine, Stage};
use crate::state::window::Staffing;

impl Fold<'_> {
    pub(super) fn window_opened(
        &mut self,
        window: WindowNumber,
        officer: &ActorId,
        services: &[ServiceId],
    ) {
        let since = self.at;
        self.change_window(window, |window| {
            window.undo = None;
            window.staffing = Some(Staffing {
                officer: officer.clone(),
                since,
                services: services.to_vec(),
                current: None,
                last_finished: None,
                pause: None,
            });
        });
    }

    pub(super) fn window_taken_over(
        &mut self,
        window: WindowNumber,
        officer: &ActorId,
        services: &[ServiceId],
    ) {
        let (since, mut serving) = (self.at, None);
        self.change_window(window, |window| {
            window.undo = None;
            if let Some(staffing) = &mut window.staffing {
                staffing.officer = officer.clone();
                staffing.since = since;
                staffing.services = services.to_vec();
                staffing.pause = None;
                serving = staffing.current;
            }
        });
        if let Some(ticket) = serving {
            self.change_ticket(ticket, |ticket| {
                if let Stage::Serving { officer: by, .. } = &mut ticket.stage {
                    *by = officer.clone();
                }
            });
        }
    }

    /// Whoever was passed on to this window alone stands in line again, also when it opens later. The event does not name
    /// them: they follow from the state, without a plan or a policy, because no place points to a window that has closed.
    pub(super) fn window_closed(&mut self, number: WindowNumber) {
        self.change_window(number, |window| {
            window.staffing = None;
            window.undo = None;
        });
        let meant_for_it = Some(PlaceInLine::OnlyAt(number));
        let open = self.hall.open_tickets();
        let released = open.filter(|ticket| ticket.stage.place() == meant_for_it);
        let released: Vec<TicketId> = released.map(|ticket| ticket.id).collect();
        for id in released {
            self.change_place(id, PlaceInLine::InLine);
        }
    }
}
