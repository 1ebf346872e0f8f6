//! One process at work: store, halls, clock and server, started and stopped in order.

use crate::access::decide::SETUP_TOKEN_LONGEST;
use crate::access::{Access, action, digest, fresh_token};
use crate::clock::HallClock;
use crate::config::{Mode, Settings};
use crate::guide;
use crate::halls::{Halls, genesis, moving};
use crate::notify::Notifier;
use crate::pages::Pages;
use crate::printing::Printers;
use crate::printing::place::PrinterPlace;
use crate::runtime::{AskError, Owner};
use crate::voice::Voices;

use crate::web::{App, Room, Server, routes};
use crate::words::Words;
use actix_web::web::Data;
use hall::id::HallId;
use hall_log::{Durability, Log, ServerClock, open_store};
use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// A process that serves.
pub struct Application {
    pub app: Data<App>,
    /// With it the first manager is made, while there is none.
    pub setup_token: Option<String>,
    server: Server,
    moves: tokio::task::JoinHandle<()>,
}

/// Why it could not start. Nothing is half done: the store is opened before the first byte is written to it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the store holds a demo's data; serve it with `paihao demo`, or name another store")]
    DemoStore,
    /// Something that was set cannot be, or the rules refuse it.
    #[error("{0}")]
    Refused(String),
    /// Something that the server needs did not work.
    #[error("{what}{source}")]
    Failed {
        what: &'static str,
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StartError {
    fn failed<E: Into<Box<dyn Error + Send + Sync>>>(what: &'static str) -> impl Fn(E) -> Self {
        move |source| StartError::Failed {
            what,
            source: source.into(),
        }
    }
}

impl fmt::Debug for Application {
    /// It may hold the token with which the first manager is made.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Application({})", self.address())
    }
}

impl Application {
    /// Opens the store, every hall in it and those of the plans, and begins to listen.
    pub async fn start(settings: Settings) -> Result<Application, StartError> {
        let room = Room::of_process().map_err(StartError::failed(""))?;
        let clock = Arc::new(settings.clock);
        let mut store_options = settings.store_options;
        store_options.clock = server_clock(&clock);
        let log = open_store(&settings.store, &store_options).await;
        let log = log.map_err(StartError::failed(""))?;
        is_strong_enough(&*log, settings.accept_weak)?;
        let secret = secret_of(&*log).await?;
        let halls = Halls::open(log, clock).await;
        let halls = Arc::new(halls.map_err(StartError::failed(""))?);
        let setup_token = admit(&halls, settings.mode).await?;
        for plan in &settings.plans {
            let opened = halls.open_with_plan(plan).await;
            opened.map_err(StartError::failed(""))?;
        }
        if halls.all().is_empty() {
            let no_hall = "no hall: give at least one plan with --plan FILE.toml";
            return Err(StartError::Refused(no_hall.into()));
        }
        let voices = voices(settings.voices, &halls).await?;
        every_printer_has_a_hall(&halls, &settings.printing.places)?;
        if settings.mode == Mode::Demo {
            adopt_sample_guide(&halls).await?;
        }
        let moves = tokio::spawn(moving::keep_finishing(halls.clone()));
        let pages = Pages::load().map_err(StartError::failed("the pages cannot be loaded: "))?;
        let words = Words::load().map_err(StartError::failed("the pages cannot be loaded: "))?;
        let site = settings.proxies.public_url.as_ref();
        let site = site.map(|url| url.origin()).unwrap_or_default();
        // before the first command can come, so that nothing from then on is left untold
        let notifier = Notifier::start(halls.clone(), settings.webhooks, site, secret).await;
        let notifier = notifier.map_err(StartError::failed("the webhooks cannot begin: "))?;
        let app = App::new(halls, notifier, pages, settings.mode, secret, voices, room);
        let printing = settings.printing;
        let printers = Printers::start(printing.places, &Arc::new(words), printing.habits);
        let app = Data::new(app.behind(settings.proxies).printing_on(printers));
        let server = Server::start(app.clone(), settings.listen, routes::configure)
            .map_err(StartError::failed(""))?;
        Ok(Application {
            app,
            setup_token,
            server,
            moves,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// `http://127.0.0.1:8080`
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// Says goodbye to sockets, finishes what is under way, keeps snapshots.
    pub async fn stop(self) {
        self.app.say_goodbye();
        self.server.stop().await;
        self.moves.abort();
        self.app.printers.stop();
        self.app.notifier.stop().await;
        self.app.halls.stop().await;
    }
}

/// What a store may hold its own clock against. A made-up clock agrees with nobody's.
fn server_clock(clock: &Arc<HallClock>) -> Option<ServerClock> {
    let judged = Arc::clone(clock);
    (!clock.is_demo()).then(|| ServerClock::new(move |other| judged.ahead_of(other)))
}

/// A store that may lose acknowledged numbers serves only if that was accepted by name.
fn is_strong_enough(log: &dyn Log, accept_weak: bool) -> Result<(), StartError> {
    if log.durability() != Durability::R0 || accept_weak {
        return Ok(());
    }
    let findings = log.findings();
    let findings: Vec<&str> = findings.iter().map(|finding| &*finding.text).collect();
    Err(StartError::Refused(format!(
        "the store ({}) may lose acknowledged numbers (durability R0):\n  {}\nRepair that, or accept it by name with \
         --accept-durability R0",
        log.describe(),
        findings.join("\n  ")
    )))
}

/// The store's secret, drawn when it is new.
async fn secret_of(log: &dyn Log) -> Result<[u8; 32], StartError> {
    let unread = "the store's secret cannot be read: ";
    let mut fresh = [0; 32];
    let drawn = getrandom::fill(&mut fresh).map_err(|error| error.to_string());
    drawn.map_err(StartError::failed(unread))?;
    let secret = log.secret(fresh).await;
    secret.map_err(StartError::failed(unread))
}

/// Reads the halls' own packs; one that cannot be used is shown on the status page, and the hall speaks with the next best voice.
async fn voices(
    settings: crate::voice::VoiceSettings,
    halls: &Halls,
) -> Result<Arc<Voices>, StartError> {
    let voices = Arc::new(Voices::new(settings));
    if let Some(unknown) = voices.halls().find(|hall| halls.get(hall).is_none()) {
        return Err(StartError::Refused(format!(
            "a voice pack is named for {unknown}, but there is no such hall here"
        )));
    }
    let reading = voices.clone();
    let read = move || reading.halls().for_each(|hall| reading.refresh(hall));
    // a pack that makes its reader panic is like one that cannot be read
    tokio::task::spawn_blocking(read).await.ok();
    Ok(voices)
}

/// A printer in an unknown hall is a typing error that nobody would notice.
fn every_printer_has_a_hall(halls: &Halls, places: &[PrinterPlace]) -> Result<(), StartError> {
    let missing = Printers::halls(places).find(|hall| halls.get(hall).is_none());
    let Some(missing) = missing else {
        return Ok(());
    };
    let known: Vec<String> = halls.all().iter().map(|(id, _)| id.to_string()).collect();
    Err(StartError::Refused(format!(
        "printers.hall: there is no hall \"{missing}\"; there are: {}",
        known.join(", ")
    )))
}

/// Opens a demo to everybody. Anything else stays closed until there is a manager.
async fn admit(halls: &Halls, mode: Mode) -> Result<Option<String>, StartError> {
    let access = &halls.access;
    let (is_demo, has_manager) = access.read(|access| (access.is_demo(), access.has_manager()));
    match mode {
        Mode::Demo if is_demo => Ok(None),
        Mode::Demo => {
            ask(access, action::admit_demo(access.now())).await?;
            Ok(None)
        }
        Mode::Serve if is_demo => Err(StartError::DemoStore),
        Mode::Serve if has_manager => Ok(None),
        Mode::Serve => {
            let token = fresh_token();
            let now = access.now();
            let expires_at = now + SETUP_TOKEN_LONGEST;
            let issue = action::issue_setup_token(digest(&token), expires_at, now);
            ask(access, issue).await?;
            Ok(Some(token))
        }
    }
}

/// The model hall of a demo has its guide from the start, like its plan; one that was changed stays as it is.
async fn adopt_sample_guide(halls: &Halls) -> Result<(), StartError> {
    let hall = HallId::parse(guide::sample::HALL).expect("the constant is a hall's id");
    let owner = halls.get(&hall);
    let Some(owner) = owner.filter(|owner| owner.read(hall::Hall::has_plan)) else {
        return Ok(());
    };
    let (hall, services) = owner.read(guide::services_of_plan);
    let sample = guide::sample::guide();
    // a demo may have another plan under the model hall's name
    if sample.check(&services).is_err() {
        return Ok(());
    }
    let adopt = guide::guides::GuidesAction::AdoptGuide {
        hall: hall.clone(),
        guide: Arc::new(sample),
        services,
        expected_revision: None,
        first_only: true,
    };
    let adopted = halls.guides.ask(genesis("guide", &hall, adopt)).await;
    adopted.map(drop).map_err(|error| {
        StartError::Refused(format!("the sample guide was not adopted: {error:?}"))
    })
}

async fn ask(
    access: &Owner<Access>,
    command: hall::Command<action::Action>,
) -> Result<(), StartError> {
    match access.ask(command.into()).await {
        Ok(_) => Ok(()),
        Err(AskError::Rejected(rejection)) => Err(StartError::Refused(rejection.detail().en)),
        Err(error) => Err(StartError::Refused(error.to_string())),
    }
}
