//! `paihao demo`: the sample halls on this machine, open to everybody who sits at it.

use super::{simulate, stopping};
use crate::access::Role;
use crate::application::Application;
use crate::config::DemoOptions;
use anyhow::Context;
use hall_log::StoreUrl;
use std::path::PathBuf;
use std::process::ExitCode;

/// Halls whose links are printed; a network has more than fit on a screen.
const HALLS_PRINTED: usize = 3;

/// Serves until it is stopped.
pub async fn run(options: DemoOptions) -> anyhow::Result<ExitCode> {
    let folder = ThrowAway::new()?;
    let simulates = options.simulate;
    let settings = options.settings(StoreUrl::parse(&format!(
        "sqlite:{}",
        folder.0.join("demo.db").display()
    ))?)?;
    let stop = stopping::asked_to_stop();
    let application = Application::start(settings).await?;
    print_welcome(&application);
    let simulation = simulates.then(|| tokio::spawn(simulate::run(application.url())));
    stop.await;
    if let Some(simulation) = simulation {
        simulation.abort();
    }
    application.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// What to open where; each link with a code signs in once.
fn print_welcome(application: &Application) {
    let url = application.url();
    let app = &application.app;
    println!("paihao demo · 排号演示\n");
    println!("  {url}/   all halls / 全部大厅\n");
    let halls = app.halls.all();
    let more = halls.len().saturating_sub(HALLS_PRINTED);
    for (hall, owner) in halls.into_iter().take(HALLS_PRINTED) {
        let name = owner.read(|hall| hall.plan().name.clone());
        println!("  {} · {}", name.zh, name.en);
        let link = |role: Role, page: String| {
            format!(
                "{url}/sign-in?once={}",
                app.sign_ins.once_links.issue((role, page))
            )
        };
        println!(
            "    取号机 kiosk    {}",
            link(Role::Kiosk, format!("/{hall}/kiosk"))
        );
        println!(
            "    窗口   console  {}",
            link(Role::Officer, format!("/{hall}/window"))
        );
        println!("    大屏   board    {url}/{hall}/board");
        println!(
            "    导办   usher    {}",
            link(Role::Usher, format!("/{hall}/usher"))
        );
        println!("    预约   book     {url}/{hall}/book");
        println!(
            "    负责人 overview {}",
            link(Role::Manager, format!("/{hall}/overview"))
        );
        println!(
            "    统计   stats    {}",
            link(Role::Manager, format!("/{hall}/stats"))
        );
    }
    if more > 0 {
        println!("  … {more} more halls / 还有{more}个大厅");
    }
    let clock = &app.halls.clock;
    println!(
        "\n  clock {} × {}",
        clock.now().format("%A %Y-%m-%d %H:%M:%S %:z"),
        clock.speed()
    );
    println!(
        "  store {} (durability {:?})",
        app.halls.log.describe(),
        app.halls.log.durability()
    );
    println!("  stop with Ctrl-C");
}

/// A folder that goes when the demo goes.
struct ThrowAway(PathBuf);

impl ThrowAway {
    fn new() -> anyhow::Result<ThrowAway> {
        let folder = std::env::temp_dir().join(format!("paihao-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(ThrowAway(folder))
    }
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
