//! One process at work: store, halls, clock and server, started and stopped in order.

use crate::access::decide::SETUP_TOKEN_LONGEST;
use crate::access::{action, digest, fresh_token};
use crate::config::{Mode, Settings};
use crate::guide;
use crate::log::{Durability, open_store};
use crate::notify::Notifier;
use crate::pages::{Pages, PagesError, Words};
use crate::printing::Printers;
use crate::printing::place::{InvalidPrinter, Place};
use crate::runtime::{AskError, Halls, OpenError, Owner, Wish, moving};
use crate::voice::Voices;
use crate::web::{App, ServeError, Server};
use actix_web::web::Data;
use hall::Actor;
use hall::id::{CommandId, Fingerprint, HallId};
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
    #[error("{0}")]
    Store(#[from] crate::log::OpenError),
    #[error(
        "the store ({store}) may lose acknowledged numbers (durability R0):\n  {findings}\nRepair that, or accept it by \
         name with --accept-durability R0"
    )]
    Weak { store: String, findings: String },
    #[error("{0}")]
    Halls(#[from] OpenError),
    #[error("the store's secret cannot be read: {0}")]
    Secret(#[source] crate::log::StoreError),
    #[error("{0}")]
    Access(String),
    #[error("the store holds a demo's data; serve it with `paihao demo`, or name another store")]
    DemoStore,
    #[error("no hall: give at least one plan with --plan FILE.toml")]
    NoHall,
    #[error("the sample guide was not adopted: {0}")]
    Guide(String),
    #[error("the webhooks cannot begin: {0}")]
    Webhooks(#[from] crate::notify::courier::CourierError),
    #[error("a voice pack is named for {0}, but there is no such hall here")]
    VoiceOfNoHall(hall::id::HallId),
    #[error(transparent)]
    Printer(#[from] InvalidPrinter),
    #[error("the pages cannot be loaded: {0}")]
    Pages(#[from] PagesError),
    #[error("{0}")]
    Serve(#[from] ServeError),
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
        let log = open_store(&settings.store, &settings.store_options).await?;
        if log.durability() == Durability::R0 && !settings.accept_weak {
            let findings: Vec<String> = log
                .findings()
                .iter()
                .map(|finding| finding.text.clone())
                .collect();
            return Err(StartError::Weak {
                store: log.describe(),
                findings: findings.join("\n  "),
            });
        }
        let mut fresh = [0; 32];
        getrandom::fill(&mut fresh)
            .map_err(|error| StartError::Secret(error.to_string().into()))?;
        let secret = log.secret(fresh).await.map_err(StartError::Secret)?;
        let halls = Arc::new(Halls::open(log, Arc::new(settings.clock)).await?);
        let setup_token = admit(&halls, settings.mode).await?;
        for plan in &settings.plans {
            halls.open_with_plan(plan).await?;
        }
        if halls.all().is_empty() {
            return Err(StartError::NoHall);
        }
        let voices = voices(settings.voices, &halls).await?;
        every_printer_has_a_hall(&halls, &settings.printing.places)?;
        if settings.mode == Mode::Demo {
            adopt_sample_guide(&halls).await?;
        }
        let moves = tokio::spawn(moving::keep_finishing(halls.clone()));
        let pages = Pages::load()?;
        let site = settings.proxies.public_url.as_ref();
        let site = site.map(|url| url.origin()).unwrap_or_default();
        // before the first command can come: nothing that happens from then on is left untold
        let notifier = Notifier::start(halls.clone(), settings.webhooks, site, secret).await?;
        let app = App::new(halls, notifier, pages, settings.mode, secret, voices);
        let words = Arc::new(Words::load()?);
        let printing = settings.printing;
        let printers = Printers::start(printing.places, &words, printing.habits);
        let app = Data::new(app.behind(settings.proxies).printing_on(printers));
        let server = Server::start(app.clone(), settings.listen)?;
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
        self.app.going_away.send_replace(true);
        self.server.stop().await;
        self.moves.abort();
        self.app.printers.stop();
        self.app.notifier.stop().await;
        self.app.halls.stop().await;
    }
}

/// Reads the halls' own packs; one that cannot be used is said on the status page, and the hall stands a rung lower.
async fn voices(
    settings: crate::voice::VoiceSettings,
    halls: &Halls,
) -> Result<Arc<Voices>, StartError> {
    let voices = Arc::new(Voices::new(settings));
    if let Some(unknown) = voices.halls().find(|hall| halls.get(hall).is_none()) {
        return Err(StartError::VoiceOfNoHall(unknown.clone()));
    }
    let reading = voices.clone();
    let read = move || reading.halls().for_each(|hall| reading.refresh(hall));
    // a pack that makes its reader panic is like one that cannot be read
    tokio::task::spawn_blocking(read).await.ok();
    Ok(voices)
}

/// A printer in a hall that is not there is a slip of the pen that nobody would notice.
fn every_printer_has_a_hall(halls: &Halls, places: &[Place]) -> Result<(), InvalidPrinter> {
    let missing = Printers::halls(places).find(|hall| halls.get(hall).is_none());
    let Some(missing) = missing else {
        return Ok(());
    };
    let known: Vec<String> = halls.all().iter().map(|(id, _)| id.to_string()).collect();
    Err(InvalidPrinter {
        field: "printers.hall".into(),
        reason: format!(
            "there is no hall \"{missing}\"; there are: {}",
            known.join(", ")
        ),
    })
}

/// Lets everybody into a demo, nobody into anything else until there is a manager.
async fn admit(halls: &Halls, mode: Mode) -> Result<Option<String>, StartError> {
    let access = &halls.access;
    let (is_demo, has_manager) = access.read(|access| (access.is_demo(), access.has_manager()));
    match mode {
        Mode::Demo if is_demo => Ok(None),
        Mode::Demo => ask(access, action::admit_demo(access.now()))
            .await
            .map(|()| None),
        Mode::Serve if is_demo => Err(StartError::DemoStore),
        Mode::Serve if has_manager => Ok(None),
        Mode::Serve => {
            let token = fresh_token();
            let now = access.now();
            ask(
                access,
                action::issue_setup_token(digest(&token), now + SETUP_TOKEN_LONGEST, now),
            )
            .await?;
            Ok(Some(token))
        }
    }
}

/// The model hall of a demo has its guide from the start, like its plan; one that was changed stays as it is.
async fn adopt_sample_guide(halls: &Halls) -> Result<(), StartError> {
    let hall = HallId::parse(guide::sample::HALL).expect("the constant is a hall's id");
    let Some(owner) = halls
        .get(&hall)
        .filter(|owner| owner.read(hall::Hall::has_plan))
    else {
        return Ok(());
    };
    let (hall, services) = owner.read(crate::web::services_of_plan);
    let sample = guide::sample::guide();
    // a demo may have another plan under the model hall's name
    if sample.check(&services).is_err() {
        return Ok(());
    }
    let wish = Wish {
        id: CommandId::parse(format!("genesis/guide/{hall}"))
            .expect("an id and letters make a command id"),
        fingerprint: Fingerprint::parse("0").expect("a digit is a fingerprint"),
        actor: Actor::Timer,
        action: guide::guides::Action::AdoptGuide {
            hall,
            guide: Arc::new(sample),
            services,
            expected_revision: None,
            first_only: true,
        },
    };
    let adopted = halls.guides.ask(wish).await;
    adopted
        .map(drop)
        .map_err(|error| StartError::Guide(format!("{error:?}")))
}

async fn ask(
    access: &Owner<crate::access::Access>,
    command: hall::Command<action::Action>,
) -> Result<(), StartError> {
    let hall::Command {
        id,
        fingerprint,
        actor,
        action,
        ..
    } = command;
    match access
        .ask(Wish {
            id,
            fingerprint,
            actor,
            action,
        })
        .await
    {
        Ok(_) => Ok(()),
        Err(AskError::Rejected(rejection)) => Err(StartError::Access(rejection.detail().en)),
        Err(error) => Err(StartError::Access(error.to_string())),
    }
}
