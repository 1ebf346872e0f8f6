//! `paihao serve`: for real.

use super::stopping;
use crate::access::decide::SETUP_TOKEN_LONGEST;
use crate::application::Application;
use crate::config::ServeOptions;
use std::process::ExitCode;

/// Serves until it is stopped.
pub async fn run(options: ServeOptions) -> anyhow::Result<ExitCode> {
    let stop = stopping::asked_to_stop();
    let application = Application::start(options.settings()?).await?;
    let log = &application.app.halls.log;
    println!("paihao serves {} on {}", log.describe(), application.url());
    println!("durability {:?}", log.durability());
    for finding in log.findings() {
        println!("  {}", finding.text);
    }
    for (hall, owner) in application.app.halls.all() {
        println!(
            "hall {hall} at version {}",
            owner.read(|hall| hall.version())
        );
    }
    if let Some(token) = &application.setup_token {
        println!(
            "\nThere is no manager yet. Make one within {} minutes at\n  {}/setup?token={token}",
            SETUP_TOKEN_LONGEST.num_minutes(),
            application.url()
        );
    }
    stop.await;
    application.stop().await;
    Ok(ExitCode::SUCCESS)
}
