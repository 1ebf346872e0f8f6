//! Giving up a place for one in another hall: leaving, arriving, and how it ended.

use super::{Act, Ruling};
use crate::id::{CommandId, HallId, TicketId, Token};
use crate::record::command::Arrival;
use crate::record::command::MoveEnd;
use crate::record::event::Event;
use crate::record::rejection::{Late, Rejection};
use crate::state::moving::ARRIVES_WITHIN;
use crate::state::ticket::{PlaceInLine, Ticket};
use crate::text::Text;

impl Act<'_> {
    /// The holder wants to be served in another hall. The place here is kept until that is sure, but nobody calls it.
    pub(super) fn leave(
        &self,
        id: TicketId,
        hall: &HallId,
        arrival: &CommandId,
        token: &Token,
    ) -> Ruling {
        let ticket = self.ticket(id)?;
        self.is_not_leaving(ticket)?;
        if !matches!(
            ticket.stage.place(),
            Some(PlaceInLine::InLine | PlaceInLine::AfterCalls(_))
        ) {
            return Err(self.wrong_stage(ticket)); // a voucher's or a window's own place is better than any elsewhere
        }
        if ticket.appointment.is_some() {
            return Err(self.wrong_stage(ticket)); // it was booked here
        }
        self.is_of_the_open_day(ticket)?;
        if hall == self.hall.id() {
            return Err(Rejection::invalid(
                "/hall",
                "就是本大厅",
                "is this hall itself",
            ));
        }
        Ok(vec![Event::TicketLeaving {
            ticket: id,
            hall: hall.clone(),
            arrival: arrival.clone(),
            token: token.clone(),
        }])
    }

    /// Somebody gives up a place in another hall for one here. It gets a number or is declined, and either is recorded:
    /// so a command that is sent again, by anybody, learns what became of it and changes nothing.
    pub(super) fn arrive(&self, arrival: &Arrival) -> Vec<Event> {
        let taken = if self.now > arrival.since + ARRIVES_WITHIN {
            Err(Rejection::TooLate(Late::Arrival))
        } else {
            self.issue(&arrival.wish)
        };
        let declined = |why: Text| {
            vec![Event::ArrivalDeclined {
                from: arrival.from.clone(),
                why,
            }]
        };
        let mut events = match taken {
            Ok(events) => events,
            Err(rejection) => return declined(rejection.detail()),
        };
        for event in &mut events {
            if let Event::TicketTaken(taken) = event {
                taken.came_from = Some(arrival.from.clone());
                return events;
            }
        }
        declined(Text::new(
            "该大厅现在不再取号。",
            "That hall gives no numbers for this now.",
        ))
    }

    /// The other hall has decided. Told twice, it is as it was.
    pub(super) fn end_move(&self, id: TicketId, arrival: &CommandId, end: &MoveEnd) -> Ruling {
        let ticket = self.ticket(id)?;
        let leaving = ticket.leaving.as_ref();
        let Some(leaving) = leaving.filter(|leaving| leaving.arrival == *arrival) else {
            return Ok(Vec::new());
        };
        Ok(vec![match end {
            MoveEnd::Moved { number, token } => Event::TicketMoved {
                ticket: id,
                hall: leaving.hall.clone(),
                number: number.clone(),
                token: token.clone(),
            },
            MoveEnd::Stayed { why } => Event::TicketStayed {
                ticket: id,
                why: why.clone(),
            },
        }])
    }

    /// Until it is known where a ticket is, nothing else happens to it.
    pub(super) fn is_not_leaving(&self, ticket: &Ticket) -> Result<(), Rejection> {
        match &ticket.leaving {
            Some(_) => Err(Rejection::Leaving {
                ticket: ticket.number.clone(),
            }),
            None => Ok(()),
        }
    }
}
