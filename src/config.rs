//! What can be set: by flag, else `PAIHAO_…` in the environment, else one TOML file, else a default.

use crate::clock::HallClock;
use crate::network::Network;
use crate::notify::Endpoint;
use crate::notify::endpoint::{EndpointArgs, EndpointOptions, InvalidEndpoint, endpoints};
use crate::printing::place::{InvalidPrinter, PrinterArgs, PrinterOptions, PrinterPlace, places};
use crate::printing::queue::Habits;
use crate::samples::sample_plans;
use crate::site::{NotASite, Proxies, PublicUrl};
use crate::voice::{VoiceOption, VoiceSettings};
use chrono::{DateTime, FixedOffset};
use clap::Args;
use hall::Plan;
use hall::plan::check::PlanError;
use hall_log::{LostTail, StoreOptions, StoreUrl};
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// Whether everybody may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On loopback only, with identities that need no secret.
    Demo,
    /// For real: nobody acts without an account or an enrolled device.
    Serve,
}

/// Where `serve` listens and keeps its data, and how.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServeOptions {
    /// sqlite:PATH or redis://HOST:PORT; TLS to a Redis is a tunnel's
    #[arg(long, env = "PAIHAO_STORE")]
    pub store: Option<String>,
    /// Address and port; put a reverse proxy with TLS before it
    #[arg(long, env = "PAIHAO_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// A hall's plan, adopted when the hall has none; may be given several times
    #[arg(long, env = "PAIHAO_PLAN", value_delimiter = ',')]
    pub plan: Vec<PathBuf>,
    /// A network of halls, made by `paihao network import`; each hall without a plan adopts its own
    #[arg(long, env = "PAIHAO_NETWORK", value_name = "FILE.toml")]
    pub network: Option<PathBuf>,
    /// Where this server keeps how far a Redis was, so that an older copy of it is noticed; if not said, a file with the
    /// Redis' address in its name, in $STATE_DIRECTORY or the working directory. SQLite has its own beside its file
    #[arg(long, env = "PAIHAO_MARK", value_name = "PATH")]
    pub mark: Option<PathBuf>,
    /// Replicas that must have a write before it is acknowledged (Redis, level R2)
    #[arg(long, env = "PAIHAO_REPLICAS")]
    pub replicas: Option<u32>,
    /// Address of a reverse proxy whose X-Forwarded-For, -Proto and -Host are believed; may be given several times
    #[arg(
        long,
        env = "PAIHAO_TRUSTED_PROXY",
        value_delimiter = ',',
        value_name = "ADDR"
    )]
    pub trusted_proxy: Vec<IpAddr>,
    /// The address that people know, such as `https://queue.example`: links begin with it, and forms must come from it
    #[arg(long, env = "PAIHAO_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Accept a store that may lose acknowledged writes, by its name: R0
    #[arg(long, env = "PAIHAO_ACCEPT_DURABILITY", value_name = "R0")]
    pub accept_durability: Option<String>,
    /// Serve a store that has lost what it had acknowledged, by the name that the refusal printed; for one start
    #[arg(long, value_name = "HALL:FROM-TO")]
    #[serde(skip)]
    pub accept_lost: Vec<LostTail>,
    /// Where to tell what happens; in the file only
    #[arg(skip)]
    pub webhooks: Vec<EndpointOptions>,
    #[command(flatten)]
    #[serde(skip)]
    pub webhook: EndpointArgs,
    /// A hall's own recordings for its boards; in the file
    #[arg(skip)]
    pub voices: Vec<VoiceOption>,
    /// As `--speech-engine`; in the file
    #[arg(skip)]
    pub speech_engine: Option<PathBuf>,
    /// As `--voice-folder`; in the file
    #[arg(skip)]
    pub voice_folder: Option<PathBuf>,
    #[command(flatten)]
    #[serde(skip)]
    pub voice: VoiceOptions,
    /// Where slips are printed; in the file only
    #[arg(skip)]
    pub printers: Vec<PrinterOptions>,
    #[command(flatten)]
    #[serde(skip)]
    pub printer: PrinterArgs,
    /// A file with these same options
    #[arg(long, env = "PAIHAO_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Run on a made-up clock; for tests only
    #[arg(long)]
    #[serde(skip)]
    pub demo_clock: bool,
    #[command(flatten)]
    #[serde(skip)]
    pub clock: ClockOptions,
}

/// What boards speak with.
#[derive(Args, Clone, Debug, Default)]
pub struct VoiceOptions {
    /// A hall's own voice: a folder that `paihao voice render` made; may be given several times
    #[arg(long = "voice", value_name = "HALL=FOLDER")]
    pub voice: Vec<VoiceOption>,
    /// The program that speaks where a hall has no recordings; `none` for a chime alone
    #[arg(long, env = "PAIHAO_SPEECH_ENGINE", value_name = "espeak-ng|none")]
    pub speech_engine: Option<PathBuf>,
    /// Where its clips are kept; beside the store if not said
    #[arg(long, env = "PAIHAO_VOICE_FOLDER", value_name = "FOLDER")]
    pub voice_folder: Option<PathBuf>,
}

impl VoiceOptions {
    /// Complete: packs of the command line come before those of the file.
    fn settings(self, of_file: Vec<VoiceOption>, store: &StoreUrl) -> VoiceSettings {
        let engine = self.speech_engine.unwrap_or_else(|| "espeak-ng".into());
        VoiceSettings {
            packs: of_file.into_iter().chain(self.voice).collect(),
            engine: Some(engine).filter(|engine| engine != Path::new("none")),
            folder: self.voice_folder.unwrap_or_else(|| beside(store)),
        }
    }
}

/// Clips lie beside the store, or where it would be. Among the machine's temporary files anybody could replace them.
fn beside(store: &StoreUrl) -> PathBuf {
    let folder = match store {
        StoreUrl::Sqlite(path) => path.parent().unwrap_or(Path::new("")),
        StoreUrl::Redis(_) | StoreUrl::Memory => Path::new("data"),
    };
    folder.join("voice")
}

/// Where the mark of a Redis is kept: as named, else where a service manager says that state is kept, else here.
pub fn mark_of(store: &StoreUrl, named: Option<PathBuf>) -> Option<PathBuf> {
    let folders = std::env::var_os("STATE_DIRECTORY").unwrap_or_default();
    let folder = std::env::split_paths(&folders).next().unwrap_or_default();
    let own = store.mark_in(&folder);
    own.map(|own| named.unwrap_or(own))
}

/// A made-up clock.
#[derive(Args, Clone, Debug, Default)]
pub struct ClockOptions {
    /// The hall's clock starts there, such as 2026-11-23T08:49:30+08:00
    #[arg(long)]
    pub clock: Option<DateTime<FixedOffset>>,
    /// Seconds of hall time in a real one; 0 stands still
    #[arg(long)]
    pub speed: Option<f64>,
}

/// Where the demo listens and keeps its data.
#[derive(Args, Clone, Debug)]
pub struct DemoOptions {
    /// A store that several demo processes may share; a throw-away one if not said
    #[arg(long, env = "PAIHAO_STORE")]
    pub store: Option<String>,
    /// A loopback address and port; port 0 takes a free one
    #[arg(long, env = "PAIHAO_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where this process keeps how far a Redis was; if not said, a file with the Redis' address in its name, in
    /// $STATE_DIRECTORY or the working directory
    #[arg(long, env = "PAIHAO_MARK", value_name = "PATH")]
    pub mark: Option<PathBuf>,
    /// Plans instead of the sample halls
    #[arg(long, env = "PAIHAO_PLAN", value_delimiter = ',')]
    pub plan: Vec<PathBuf>,
    /// A network of halls instead of the sample halls
    #[arg(long, env = "PAIHAO_NETWORK", value_name = "FILE.toml")]
    pub network: Option<PathBuf>,
    /// Serve a store that has lost what it had acknowledged, by the name that the refusal printed; for one start
    #[arg(long, value_name = "HALL:FROM-TO")]
    pub accept_lost: Vec<LostTail>,
    /// Fill the hall with arriving citizens and working officers
    #[arg(long)]
    pub simulate: bool,
    #[command(flatten)]
    pub webhook: EndpointArgs,
    #[command(flatten)]
    pub voice: VoiceOptions,
    #[command(flatten)]
    pub printer: PrinterArgs,
    #[command(flatten)]
    pub clock: ClockOptions,
}

/// Everything a process needs to serve.
#[derive(Debug)]
pub struct Settings {
    pub mode: Mode,
    pub store: StoreUrl,
    pub store_options: StoreOptions,
    pub listen: SocketAddr,
    pub plans: Vec<Plan>,
    pub clock: HallClock,
    pub proxies: Proxies,
    pub webhooks: Vec<Endpoint>,
    pub voices: VoiceSettings,
    pub printing: Printing,
    /// Serve although the store may lose acknowledged writes.
    pub accept_weak: bool,
}

/// Where slips come out.
#[derive(Clone, Debug, Default)]
pub struct Printing {
    pub places: Vec<PrinterPlace>,
    pub habits: Habits,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("--store: {0}")]
    Store(#[from] hall_log::InvalidStoreUrl),
    #[error("--public-url: {0}")]
    PublicUrl(#[from] NotASite),
    #[error(transparent)]
    Webhook(#[from] InvalidEndpoint),
    #[error(transparent)]
    Printer(#[from] InvalidPrinter),
    #[error("--accept-durability: only R0 needs to be accepted by name, not \"{0}\"")]
    Durability(String),
    #[error(
        "--listen {0}: a demo lets everybody in, so it listens on this machine only; use 127.0.0.1 or [::1], or `paihao serve`"
    )]
    NotLoopback(SocketAddr),
    #[error(
        "--clock and --speed are for demos and tests; `serve` takes them only with --demo-clock"
    )]
    ClockInService,
    #[error("--speed {0}: must be between 0 and 100000")]
    Speed(f64),
}

impl ServeOptions {
    /// These options, with what they leave open taken from the file they name.
    pub fn with_file(self) -> Result<ServeOptions, ConfigError> {
        let Some(path) = self.config.clone() else {
            return Ok(self);
        };
        let file: ServeOptions = read_toml(&path, |text| toml::from_str(text))?;
        Ok(ServeOptions {
            store: self.store.or(file.store),
            listen: self.listen.or(file.listen),
            plan: if self.plan.is_empty() {
                file.plan
            } else {
                self.plan
            },
            network: self.network.or(file.network),
            mark: self.mark.or(file.mark),
            replicas: self.replicas.or(file.replicas),
            trusted_proxy: if self.trusted_proxy.is_empty() {
                file.trusted_proxy
            } else {
                self.trusted_proxy
            },
            public_url: self.public_url.or(file.public_url),
            accept_durability: self.accept_durability.or(file.accept_durability),
            webhooks: file.webhooks,
            voices: file.voices,
            voice: VoiceOptions {
                speech_engine: self.voice.speech_engine.or(file.speech_engine),
                voice_folder: self.voice.voice_folder.or(file.voice_folder),
                ..self.voice
            },
            printers: file.printers,
            ..self
        })
    }

    /// Checked and complete.
    pub fn settings(self) -> Result<Settings, ConfigError> {
        let options = self.with_file()?;
        let has_clock = options.clock.clock.is_some() || options.clock.speed.is_some();
        if has_clock && !options.demo_clock {
            return Err(ConfigError::ClockInService);
        }
        let accept_weak = match options.accept_durability.as_deref() {
            None => false,
            Some("R0" | "r0") => true,
            Some(other) => return Err(ConfigError::Durability(other.into())),
        };
        let public_url = options.public_url.as_deref().map(PublicUrl::parse);
        let proxies = Proxies {
            trusted: options.trusted_proxy,
            public_url: public_url.transpose()?,
        };
        let store = StoreUrl::parse(options.store.as_deref().unwrap_or("sqlite:data/paihao.db"))?;
        let mut store_options = StoreOptions {
            accept_lost: options.accept_lost,
            mark: mark_of(&store, options.mark),
            ..StoreOptions::default()
        };
        store_options.redis.replicas = options.replicas.unwrap_or(0);
        Ok(Settings {
            mode: Mode::Serve,
            voices: options.voice.settings(options.voices, &store),
            store,
            store_options,
            listen: options
                .listen
                .unwrap_or_else(|| ([127, 0, 0, 1], 8080).into()),
            plans: plans_of(&options.plan, options.network.as_deref())?,
            clock: options
                .clock
                .clock()?
                .map_or_else(HallClock::system, HallClock::in_service),
            proxies,
            webhooks: endpoints(&options.webhooks, &options.webhook)?,
            printing: Printing::on(places(&options.printers, &options.printer)?),
            accept_weak,
        })
    }
}

impl DemoOptions {
    /// Checked and complete; `throw_away` is the store if none was named.
    pub fn settings(self, throw_away: StoreUrl) -> Result<Settings, ConfigError> {
        if !self.listen.ip().is_loopback() {
            return Err(ConfigError::NotLoopback(self.listen));
        }
        let plans = match plans_of(&self.plan, self.network.as_deref())? {
            named if named.is_empty() => sample_plans(),
            named => named,
        };
        let store = match &self.store {
            Some(url) => StoreUrl::parse(url)?,
            None => throw_away,
        };
        let clock = match self.clock.clock()? {
            Some(clock) => clock,
            None => lively_clock(&plans, self.clock.speed.unwrap_or(1.0)),
        };
        let store_options = StoreOptions {
            accept_lost: self.accept_lost,
            mark: mark_of(&store, self.mark),
            ..StoreOptions::default()
        };
        Ok(Settings {
            mode: Mode::Demo,
            voices: self.voice.settings(Vec::new(), &store),
            store,
            store_options,
            listen: self.listen,
            plans,
            clock,
            proxies: Proxies::default(),
            webhooks: endpoints(&[], &self.webhook)?,
            printing: Printing::on(places(&[], &self.printer)?),
            accept_weak: true,
        })
    }
}

impl Printing {
    fn on(places: Vec<PrinterPlace>) -> Printing {
        Printing {
            places,
            habits: Habits::default(),
        }
    }
}

impl ClockOptions {
    fn clock(&self) -> Result<Option<HallClock>, ConfigError> {
        let speed = self.speed.unwrap_or(1.0);
        if !(0.0..=100_000.0).contains(&speed) {
            return Err(ConfigError::Speed(speed));
        }
        Ok(self.clock.map(|at| HallClock::demo(at, speed)))
    }
}

/// Reads plan files; every error of a file is said, with the field it is in.
pub fn read_plans(paths: &[PathBuf]) -> Result<Vec<Plan>, ConfigError> {
    let read = |path: &PathBuf| read_toml(path, |text| Plan::from_toml(text).map_err(in_lines));
    paths.iter().map(read).collect()
}

/// Reads one file; whatever is wrong with it is said with its path.
fn read_toml<T, E: ToString>(
    path: &Path,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, ConfigError> {
    let wrong = |reason: String| ConfigError::File {
        path: path.into(),
        reason,
    };
    let read_text = crate::files::read_text(path).map_err(|error| wrong(error.to_string()))?;
    if let Some(said) = crate::files::read_as(path, read_text.encoding) {
        tracing::warn!("{said}");
    }
    read(&read_text.text).map_err(|error| wrong(error.to_string()))
}

fn in_lines(errors: Vec<PlanError>) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n  ")
}

/// The plans of these files, then those of a network's halls.
fn plans_of(paths: &[PathBuf], network: Option<&Path>) -> Result<Vec<Plan>, ConfigError> {
    let mut plans = read_plans(paths)?;
    if let Some(path) = network {
        plans.extend(read_toml(path, |text| {
            let network = Network::from_toml(text);
            network
                .and_then(|network| network.plans())
                .map_err(in_lines)
        })?);
    }
    Ok(plans)
}

/// The clock of a demo for which none was set. It shows a hall at work: now if the first hall is open, else its next
/// working day half an hour after the doors open.
fn lively_clock(plans: &[Plan], speed: f64) -> HallClock {
    let now = HallClock::system().now();
    let Some(plan) = plans.first() else {
        return HallClock::demo(now, speed);
    };
    let services = || plan.services.iter().map(|service| &service.id);
    let walk_in = |date| services().any(|service| !plan.appointments_only(date, service));
    let today = plan.date(now);
    let mut sessions = services().flat_map(|service| plan.sessions(today, service));
    if walk_in(today) && sessions.any(|session| session.opens <= now && now < session.closes) {
        return HallClock::demo(now, speed);
    }
    let days = today.iter_days().skip(1).take(30);
    let mut working = days.filter(|date| walk_in(*date));
    let next = working.find_map(|date| plan.span(date));
    let start = next.map_or(now, |span| span.opens + chrono::Duration::minutes(30));
    HallClock::demo(start, speed)
}
