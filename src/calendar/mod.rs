//! Calendars: the official calendar is read, and citizens' calendar programs get bookings and opening hours.
//!
//! | module | |
//! | --- | --- |
//! | [`official`] | a year's holidays and make-up workdays, and what they mean for a hall |
//! | [`plan_file`] | writing them into a plan file without changing what a technician wrote there |
//! | [`opening`] | the hall's next days, as a page lists them |
//! | [`ics`], [`time_zone`] | a booking and the opening hours for any calendar program |
//! | [`json_ld`] | the opening hours for search engines and map services |
//!
//! Everything here is a function of a plan and a date: no clock, no store. The days themselves are data in the plan;
//! the rules read them there.

pub mod ics;
pub mod json_ld;
pub mod official;
pub mod opening;
pub mod plan_file;
pub mod time_zone;

#[cfg(test)]
mod sample;
