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

/// What stands before each link, who is signed in by it, and where it leads in a hall.
const PAGES: [(&str, Option<Role>, &str); 7] = [
    ("取号机 kiosk   ", Some(Role::Kiosk), "kiosk"),
    ("窗口   console ", Some(Role::Officer), "window"),
    ("大屏   board   ", None, "board"),
    ("导办   usher   ", Some(Role::Usher), "usher"),
    ("预约   book    ", None, "book"),
    ("负责人 overview", Some(Role::Manager), "overview"),
    ("统计   stats   ", Some(Role::Manager), "stats"),
];

/// Serves until it is stopped.
pub async fn run(options: DemoOptions) -> anyhow::Result<ExitCode> {
    let folder = ThrowAway::new()?;
    let simulates = options.simulate;
    let store = format!("sqlite:{}", folder.0.join("demo.db").display());
    let settings = options.settings(StoreUrl::parse(&store)?)?;
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
        for (words, role, page) in PAGES {
            let page = format!("/{hall}/{page}");
            let link = match role {
                Some(role) => {
                    let code = app.sign_ins.once_links.issue((role, page));
                    format!("/sign-in?once={code}")
                }
                None => page,
            };
            println!("    {words} {url}{link}");
        }
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
