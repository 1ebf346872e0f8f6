//! A printer to look at slips with: listens, draws every paper as PNG, and says as JSON, a line each, what was on it.
//!
//! `cargo run --example virtual_printer -- --listen 127.0.0.1:9100 --width 58 --out papers` and then, for instance,
//! `paihao --printer 127.0.0.1:9100 --printer-width 58`. What is wrong with it is said on its standard input as JSON,
//! whole each time: `{"paper_end": true}`, `{"near_end": true}`, `{"silent": true}`, `{"speaks": ["gs-r"]}`,
//! `{"hang_ups": [{"after": 100}, "after_the_cut"]}`, `{"paper_left_mm": 40.0}`, `{}`.

#![expect(clippy::print_stdout, reason = "it talks to whoever started it")]
#![expect(
    clippy::unwrap_used,
    reason = "a tool of the tests stops at what it did not expect"
)]

#[path = "../tests/support/virtual_printer.rs"]
mod virtual_printer;

use clap::Parser;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use virtual_printer::{Faults, Sheet, VirtualPrinter};

#[derive(Parser, Debug)]
struct Options {
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Of the paper, in mm: 58 or 80
    #[arg(long, default_value_t = 80)]
    width: u16,
    /// A folder for the pictures
    #[arg(long)]
    out: Option<PathBuf>,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let mut printer = VirtualPrinter::unplugged(options.width, options.listen);
    printer.plug_in();
    println!("{}", json!({ "listening": printer.address.to_string() }));
    if let Some(out) = &options.out {
        std::fs::create_dir_all(out).unwrap();
    }
    let commands = commands();
    let mut told = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        for line in commands.try_iter() {
            obey(&printer, &line);
        }
        for sheet in printer.papers().iter().skip(told) {
            told += 1;
            tell(sheet, told, options.out.as_deref());
        }
    }
}

/// The lines of standard input, read by a thread of their own because reading them waits.
fn commands() -> Receiver<String> {
    let (tell, lines) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn obey(printer: &VirtualPrinter, line: &str) {
    match serde_json::from_str::<Faults>(line) {
        Ok(faults) => printer.faults(|now| *now = faults),
        Err(error) => println!("{}", json!({ "not_understood": error.to_string() })),
    }
}

fn tell(sheet: &Sheet, paper: usize, out: Option<&std::path::Path>) {
    let png = out.map(|folder| folder.join(format!("paper-{paper}.png")));
    if let Some(png) = &png {
        sheet.write_png(png).unwrap();
    }
    let line = json!({
        "paper": paper, "whole": sheet.whole, "millimetres": sheet.millimetres(), "bytes": sheet.bytes.len(),
        "lines": sheet.lines, "code": sheet.read_code(), "png": png,
    });
    println!("{line}");
}
