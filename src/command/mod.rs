//! What the binary can do, one file each.

#![expect(
    clippy::print_stdout,
    reason = "commands talk to the person who typed them"
)]

pub mod agent;
pub mod calendar;
pub mod demo;
pub mod export;
pub mod guide;
pub mod import;
pub mod network;
pub mod replay;
pub mod serve;
pub mod verify;
pub mod voice;

mod export_file; // what `export` writes and `import` reads
mod simulate; // arriving citizens and working officers
mod stopping; // waiting for Ctrl-C or a service manager's signal
