//! Appointments: free places, holding and booking one, the holder's page, and the list of a day.

pub mod api;
pub mod appointment;
pub mod day_list;
pub mod form;
pub mod page;
pub mod person;
pub mod verbs;
