//! The views that can be watched.

use hall::id::{Token, WindowNumber};
use hall::view::{BoardView, ConsoleView, FamilyView, KioskView, OverviewView, TicketView};
use hall::{Hall, Time, view};
use serde::Serialize;

/// What a socket watches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    Board,
    Kiosk,
    Overview,
    Window(WindowNumber),
    Ticket(Token),
    /// The ticket of this token, for those who may only look.
    Family(Token),
}

/// A view of one topic.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum View {
    Board(BoardView),
    Kiosk(KioskView),
    Overview(Box<OverviewView>),
    Console(Box<ConsoleView>),
    Ticket(Box<TicketView>),
    Family(Box<FamilyView>),
}

impl View {
    /// The view at this moment; `None` when the hall has no such window or ticket.
    pub fn of(topic: &Topic, hall: &Hall, now: Time) -> Option<View> {
        Some(match topic {
            Topic::Board => View::Board(view::board(hall, now)),
            Topic::Kiosk => View::Kiosk(view::kiosk(hall, now)),
            Topic::Overview => View::Overview(Box::new(view::overview(hall, now))),
            Topic::Window(number) => View::Console(Box::new(view::console(hall, *number, now)?)),
            Topic::Ticket(token) => View::Ticket(Box::new(view::ticket(
                hall,
                hall.ticket_by_token(token)?,
                now,
            ))),
            Topic::Family(token) => {
                let ticket = view::ticket(hall, hall.ticket_by_token(token)?, now);
                View::Family(Box::new(ticket.into()))
            }
        })
    }

    /// Whether it shows the same, whatever the time.
    pub fn shows_the_same(&self, other: &View) -> bool {
        let mut other = other.clone();
        *other.now_mut() = self.now();
        *self == other
    }

    fn now(&self) -> Time {
        match self {
            View::Board(view) => view.now,
            View::Kiosk(view) => view.now,
            View::Overview(view) => view.now,
            View::Console(view) => view.now,
            View::Ticket(view) => view.now,
            View::Family(view) => view.now,
        }
    }

    fn now_mut(&mut self) -> &mut Time {
        match self {
            View::Board(view) => &mut view.now,
            View::Kiosk(view) => &mut view.now,
            View::Overview(view) => &mut view.now,
            View::Console(view) => &mut view.now,
            View::Ticket(view) => &mut view.now,
            View::Family(view) => &mut view.now,
        }
    }
}
