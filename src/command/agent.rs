//! `paihao agent`: prints on the kiosk's own machine what the kiosk's page sends, also while the server is away.

use super::stopping;
use crate::printing::place::{NetworkPrinter, address_of, charset_of, dialect_of, width_of};
use crate::printing::queue::{Habits, PrintQueue};
use crate::site::PublicUrl;
use crate::web::Agent;
use crate::words::Words;
use anyhow::Context;
use clap::Args;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

/// Which printer, and which page may print.
#[derive(Args, Debug)]
pub struct Options {
    /// The printer, such as 192.168.1.50:9100
    #[arg(long, env = "PAIHAO_AGENT_PRINTER", value_name = "HOST:PORT")]
    printer: String,
    /// Where the kiosk's page finds the agent
    #[arg(long, env = "PAIHAO_AGENT_LISTEN", default_value = "127.0.0.1:9123")]
    listen: SocketAddr,
    /// The address under which the kiosk opens the hall's pages, such as http://hall:8080
    #[arg(long, env = "PAIHAO_AGENT_ALLOW_ORIGIN", value_name = "URL")]
    allow_origin: String,
    /// Width of the paper: 58 or 80
    #[arg(
        long,
        env = "PAIHAO_AGENT_WIDTH",
        default_value_t = 80,
        value_name = "MM"
    )]
    width: u16,
    /// How the printer is asked for its state: auto, dle-eot, gs-r, esc-v or none
    #[arg(long, env = "PAIHAO_AGENT_DIALECT", default_value = "auto")]
    dialect: String,
    /// What the printer can print: gb18030, gbk or gb2312
    #[arg(long, env = "PAIHAO_AGENT_CHARSET", default_value = "gb18030")]
    charset: String,
    /// Listen to other machines too: whoever reaches the port can then print
    #[arg(long)]
    beyond_this_machine: bool,
}

/// Prints until it is stopped.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let stop = stopping::asked_to_stop();
    let listen = options.listen;
    if !listen.ip().is_loopback() && !options.beyond_this_machine {
        anyhow::bail!(
            "--listen {listen}: whoever reaches the agent can print, so it listens on this machine only; use 127.0.0.1 or \
             [::1], or add --beyond-this-machine"
        );
    }
    let said = |flag: &'static str| move |reason: String| anyhow::anyhow!("{flag}: {reason}");
    let address = address_of(&options.printer).map_err(said("--printer"))?;
    let width = width_of(Some(options.width)).map_err(said("--width"))?;
    let dialect = dialect_of(Some(&options.dialect)).map_err(said("--dialect"))?;
    let charset = charset_of(Some(&options.charset)).map_err(said("--charset"))?;
    let origin = PublicUrl::parse(&options.allow_origin).context("--allow-origin")?;
    let words = Arc::new(Words::load()?);
    let device = NetworkPrinter {
        address,
        width,
        dialect,
        charset,
    };
    let queue = PrintQueue::start(device, words, Habits::default());
    let agent = Agent::start(queue, listen, &origin)
        .with_context(|| format!("cannot listen on {listen}"))?;
    println!(
        "paihao agent on http://{} prints for {} on {}",
        agent.address,
        origin.origin(),
        options.printer
    );
    stop.await;
    agent.stop().await;
    Ok(ExitCode::SUCCESS)
}
