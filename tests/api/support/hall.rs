//! A hall of its own for each test: on a free port, with a clock that stands still until the test moves it.

use super::{
    Citizen, Holder, Kiosk, MONDAY, Manager, Officer, PASSWORD, PIN, Someone, Staff, Usher,
    Watcher, time, until,
};
use chrono::{DateTime, FixedOffset};
use hall_log::{LostTail, StoreOptions, StoreUrl};
use paihao::application::Application;
use paihao::clock::HallClock;
use paihao::config::{Mode, Printing, Settings};
use paihao::notify::Endpoint;
use paihao::samples::sample_plans;
use paihao::site::Proxies;
use paihao::voice::VoiceSettings;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Mutex;
use tempfile::TempDir;

/// A server at work.
pub struct TestHall {
    pub application: Application,
    pub url: String,
    date: Mutex<String>,
    client: reqwest::Client,
    folder: TempDir,
}

/// How it starts.
pub struct Start {
    pub mode: Mode,
    pub store: Option<String>,
    pub plans: Vec<hall::Plan>,
    pub date: &'static str,
    pub clock: &'static str,
    pub proxies: Proxies,
    pub webhooks: Vec<Endpoint>,
    /// Without a speech engine: most tests hear nothing.
    pub voices: VoiceSettings,
    pub printing: Printing,
    /// What the store has lost, accepted by name.
    pub accept_lost: Vec<LostTail>,
}

impl Default for Start {
    fn default() -> Start {
        Start {
            mode: Mode::Demo,
            store: None,
            plans: sample_plans(),
            date: MONDAY,
            clock: "08:00:00",
            proxies: Proxies::default(),
            webhooks: Vec::new(),
            voices: VoiceSettings::default(),
            printing: Printing::default(),
            accept_lost: Vec::new(),
        }
    }
}

impl TestHall {
    /// The sample halls, open to everybody, on a Monday at eight in the morning.
    pub async fn start() -> TestHall {
        TestHall::start_as(Start::default()).await
    }

    /// The sample halls at this time of that Monday.
    pub async fn start_at(clock: &'static str) -> TestHall {
        let hall = TestHall::start_as(Start {
            clock,
            ..Start::default()
        });
        hall.await
    }

    /// The sample halls as `paihao serve` has them: nobody acts who did not sign in.
    pub async fn serve() -> TestHall {
        let hall = TestHall::start_as(Start {
            mode: Mode::Serve,
            clock: "09:00:00",
            ..Start::default()
        });
        hall.await
    }

    pub async fn start_as(start: Start) -> TestHall {
        TestHall::start_in(tempfile::tempdir().unwrap(), start).await
    }

    /// On the store in this folder, if there is one.
    pub async fn start_in(folder: TempDir, start: Start) -> TestHall {
        let settings = start.settings(&folder).unwrap();
        let application = Application::start(settings).await.unwrap();
        TestHall {
            url: application.url(),
            application,
            date: Mutex::new(start.date.into()),
            client: reqwest::Client::new(),
            folder,
        }
    }

    /// Stops it and starts it again on the same store, at the time it had.
    pub async fn restart(self, start: Start) -> TestHall {
        TestHall::start_in(self.stop().await, start).await
    }

    /// Ends it in order; what it keeps stays until the folder is dropped.
    pub async fn stop(self) -> TempDir {
        self.application.stop().await;
        // the server's threads let go of the store a moment after they have served their last
        let files = || fs::read_dir(self.folder.path()).unwrap();
        let is_lock = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "lock");
        let is_free = |path: PathBuf| File::open(path).unwrap().try_lock().is_ok();
        until("the store is free", async || {
            let mut locks = files().map(|file| file.unwrap().path()).filter(is_lock);
            locks.all(is_free)
        })
        .await;
        self.folder
    }

    /// The name of the store in a test's folder, for commands.
    pub fn store_in(folder: &TempDir) -> String {
        format!("sqlite:{}", folder.path().join("paihao.db").display())
    }

    pub fn someone(&self) -> Someone {
        Someone {
            client: self.client.clone(),
            ..Someone::at(&self.url)
        }
    }

    /// Somebody with a demo identity.
    async fn demo(&self, role: &str) -> Someone {
        self.someone().signed_in_to_demo(role).await
    }

    /// Somebody with this bearer.
    pub fn bearing(&self, bearer: &str) -> Someone {
        Someone {
            bearer: Some(bearer.into()),
            ..self.someone()
        }
    }

    pub async fn kiosk(&self) -> Kiosk {
        Kiosk(self.demo("kiosk").await)
    }

    pub async fn officer(&self) -> Officer {
        Officer(self.demo("officer").await)
    }

    /// Somebody sits down at a window of another hall; whoever that is can do more there.
    pub async fn opens_in(&self, hall: &str, window: u16) -> Someone {
        let identity = json!({ "role": "officer", "hall": hall });
        let signed_in = self.someone().posts("/demo/sign-in", identity).await;
        let officer = self.bearing(signed_in.given(200)["bearer"].as_str().unwrap());
        let path = format!("/halls/{hall}/windows/{window}/open");
        officer.posts(&path, json!({})).await.given(200);
        officer
    }

    pub async fn usher(&self) -> Usher {
        Usher(self.demo("usher").await)
    }

    pub async fn manager(&self) -> Manager {
        Manager(self.demo("manager").await)
    }

    pub fn citizen(&self) -> Citizen {
        Citizen(self.someone())
    }

    pub fn holder(&self) -> Holder {
        Holder(self.someone())
    }

    /// The hall's clock shows this; what falls due by then has happened when this returns.
    pub async fn clock_to(&self, clock: &str) {
        let at = time(&self.date.lock().unwrap(), clock);
        self.clock_shows(at).await;
    }

    /// As [`TestHall::clock_to`], on another date that the test then stays on.
    pub async fn date_to(&self, date: &str, clock: &str) {
        *self.date.lock().unwrap() = date.into();
        self.clock_to(clock).await;
    }

    async fn clock_shows(&self, at: DateTime<FixedOffset>) {
        let app = &self.application.app;
        if app.is_demo() {
            let body = json!({ "at": at.to_rfc3339() });
            self.someone().posts("/demo/clock", body).await.given(200);
            return;
        }
        app.halls.clock.set_demo(at, None);
        for (_, owner) in app.halls.all() {
            owner.carry_out_due().await;
        }
    }

    /// A hall for real with its first people: a manager of everything, and an officer, an usher, a kiosk and a display
    /// of Zhuzhou.
    pub async fn set_up(&self) -> Staff {
        let token = self.application.setup_token.clone().unwrap();
        let first =
            json!({ "token": token, "account": "chief", "name": "周敏", "secret": PASSWORD });
        self.someone().posts("/setup", first).await.given(201);
        let manager = Manager(self.signs_in("chief", PASSWORD).await);
        manager.creates("1024", "officer", Some("zhuzhou")).await;
        manager.creates("2048", "usher", Some("zhuzhou")).await;
        Staff {
            officer: Officer(self.signs_in("1024", PIN).await),
            usher: Usher(self.signs_in("2048", PIN).await),
            kiosk: Kiosk(self.bearing(&manager.enrols("kiosk-1", "kiosk", "zhuzhou").await)),
            display: self.bearing(&manager.enrols("display-1", "display", "zhuzhou").await),
            manager,
        }
    }

    /// Signs in with the right secret.
    pub async fn signs_in(&self, account: &str, secret: &str) -> Someone {
        let body = json!({ "account": account, "secret": secret });
        let answer = self.someone().posts("/sign-in", body).await.given(200);
        self.bearing(answer["bearer"].as_str().unwrap())
    }

    /// What the store has of a hall, as a hash.
    pub fn state(&self, hall: &str) -> String {
        let id = hall::id::HallId::parse(hall).unwrap();
        let owner = self.application.app.halls.get(&id).unwrap();
        owner.read(hall::Hall::hash)
    }

    /// What everybody may see of the hall.
    pub async fn shows(&self) -> Value {
        self.someone().gets("/halls/zhuzhou").await.given(200)
    }

    /// Watches a socket.
    pub async fn watches(&self, path: &str) -> Watcher {
        self.someone().watches(path).await
    }

    pub async fn board(&self) -> Watcher {
        self.watches("/ws/halls/zhuzhou/board").await
    }
}

impl Start {
    pub fn settings(&self, folder: &TempDir) -> Result<Settings, hall_log::InvalidStoreUrl> {
        let store = match &self.store {
            Some(store) => StoreUrl::parse(store)?,
            None => StoreUrl::parse(&TestHall::store_in(folder))?,
        };
        let clock = HallClock::demo(time(self.date, self.clock), 0.0);
        let mark = store.mark_in(folder.path());
        Ok(Settings {
            mode: self.mode,
            store,
            store_options: StoreOptions {
                accept_lost: self.accept_lost.clone(),
                mark,
                ..StoreOptions::default()
            },
            listen: ([127, 0, 0, 1], 0).into(),
            plans: self.plans.clone(),
            clock: match self.mode {
                Mode::Serve => clock.in_service(),
                _ => clock,
            },
            proxies: self.proxies.clone(),
            webhooks: self.webhooks.clone(),
            voices: self.voices.clone(),
            printing: self.printing.clone(),
            accept_weak: true,
        })
    }
}
