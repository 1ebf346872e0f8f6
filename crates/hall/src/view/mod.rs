//! What people see: pure functions of the hall and the time.
//!
//! A view is always whole. It carries moments rather than durations, so that it changes only when something happened
//! and need not be sent every second. No view has a personal field.

pub mod announcement;
mod appointment;
mod board;
mod booking;
pub mod clip;
mod console;
mod family;
mod kiosk;
mod network;
mod opening;
mod overview;
mod reason;
pub mod sentence;
mod ticket;
mod usher;
mod waiting_room;

pub use appointment::{
    AppointmentView, ExpectedView, SlotView, TicketLink, TimeView, WishView, appointment, expected,
    next_free_slots, slots,
};
pub use board::{BoardView, board};
pub use booking::{
    BookDay, BookPlaces, BookSlot, ServiceOffer, book_days, book_services, book_slot, book_times,
    held_until, nearest_free_slots, next_free_slot, slots_to_move_to, slots_to_wait_for,
};
pub use console::{
    CandidateView, ConsoleTicket, ConsoleView, LeftBehind, SignOffView, console, explain, sign_off,
    to_rate,
};
pub use family::FamilyView;
pub use kiosk::{KioskView, ServiceView, kiosk};
pub use network::{NetworkLine, Trouble, network_line};
pub use opening::{check_in_from, numbers_from, offer_today, open_until};
pub use overview::{OverviewView, overview};
pub use reason::OvertakenBy;
pub use ticket::{TicketView, VoucherView, nearest, ticket};
pub use usher::{UsherLine, usher_lines};
pub use waiting_room::{Waiting, WindowState};
