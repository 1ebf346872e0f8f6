//! What a hall is at one version of its log. Only `apply` changes it.
//!
//! | | |
//! | --- | --- |
//! | [`hall`] | the whole state |
//! | [`ticket`], [`window`], [`voucher`] | a citizen's place; a counter; the right to be first in line later |
//! | [`appointment`], [`diary`] | a booked place; who has booked what |
//! | [`queue`] | who waits, in order |
//! | [`day`], [`phase`], [`closing`], [`day_report`] | the business day, its phases by name, its sums and figures |
//! | [`lease`], [`help`], [`complaint`] | numbers lent to a kiosk; calls for help; what could not be done, in writing |
//! | [`moving`] | giving up a place for one in another hall |

pub mod appointment;
pub mod closing;
pub mod complaint;
pub mod day;
pub mod day_report;
pub mod diary;
pub mod hall;
pub mod help;
pub mod lease;
pub mod moving;
pub mod phase;
pub mod queue;
pub mod ticket;
pub mod voucher;
pub mod window;
